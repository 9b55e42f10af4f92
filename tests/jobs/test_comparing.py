"""The command compare shows two runs side by side, as tables, as JSON and as a page; neither run changes."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import InputError, RunError
from g7tag.report import comparison_page

pytestmark = pytest.mark.slow
DECISIONS = g7tag.example_path("invented-decisions.csv")


@pytest.fixture(scope="module")
def relabelled(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented run with Ada's 13 decisions, which make Canada's score +1 instead of 0."""
    path = tmp_path_factory.mktemp("other") / "run"
    shutil.copytree(invented_run, path)
    jobs.record_labels(path, DECISIONS, annotator="Ada")
    jobs.score_run(path)
    return path


def invoke(*arguments: Path | str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_tables_show_scores_labels_and_why(invented_run: Path, relabelled: Path) -> None:
    code, out, err = invoke(invented_run, relabelled)
    assert (code, err) == (0, "")
    assert re.search(r"Canada +scoring-table +\+1 +0 / \+1 +open / +", out)
    assert "not decided" in out
    assert "weak in the first run and strong in the second: Prevent (2 sentences labelled differently: " in out
    assert "6 of 24 matched sentences labelled differently (dimensions in 6, strength in 4)." in out
    assert "strong Prevent (Ada)" in out
    assert re.search(r"labels by analysts +0 +13", out)
    assert re.search(r"sentences +24 +24 +24 +0 +0 +6", out)


def test_dimensions_have_the_labels_of_the_codebook(invented_run: Path, relabelled: Path) -> None:
    found = g7tag.compare_runs(invented_run, relabelled)
    text, book = repr(found), g7tag.open_run(invented_run).codebook
    assert "strong Prevent (Ada)" in text
    assert "weak in the first run and strong in the second: Prevent (2 sentences labelled differently: " in text
    lines = text.splitlines()
    heading = next(line for line in lines[lines.index("Levels") + 1 :] if line.strip())
    assert all(
        heading.split()[1 + place].startswith(each.label.split()[0]) for place, each in enumerate(book.dimensions)
    )
    agreement = text.partition("Agreement of the labels")[2].partition("Findings")[0]
    page = comparison_page(found.frames, names=found.names, labels=found.labels)
    table = page.partition("Agreement of the labels of both runs")[2].partition("</table>")[0]
    for dimension in book.dimensions:
        assert re.search(rf"^ *{dimension.label} ", agreement, re.MULTILINE)
        assert f'<th scope="row">{dimension.label}</th>' in table


def test_a_score_that_nobody_decided_is_not_called_final(relabelled: Path, tmp_path: Path) -> None:
    decided = shutil.copytree(relabelled, tmp_path / "decided")
    jobs.decide(decided, "score:2024-19/CAN", owner="Ada", note="read again", decision=1)
    why = g7tag.compare_runs(decided, relabelled).frames.scores["why"]
    assert why.str.contains(
        "the final score is +1 (decided) in the first run and agrees, not decided in the second", regex=False
    ).any()


def test_a_run_and_itself_have_no_difference_and_exit_code_0(invented_run: Path) -> None:
    code, out, err = invoke(invented_run, invented_run)
    assert (code, err) == (0, "")
    assert "No score and no level differs." in out
    assert "0 of 24 matched sentences labelled differently." in out
    assert "How the runs were made" not in out


def test_json_has_all_rows_of_all_frames(invented_run: Path, relabelled: Path) -> None:
    code, out, err = invoke(invented_run, relabelled, "--json")
    assert (code, err) == (0, "")
    values = json.loads(out)
    assert values["runs"] == [str(invented_run), str(relabelled)]
    assert list(values)[1:] == list(g7tag.compare_runs(invented_run, invented_run).frames._fields)
    assert len(values["labels"]) == 24
    assert sum(row["differs"] != "" for row in values["labels"]) == 6
    scores = {(row["code"], row["reading"]): row for row in values["scores"]}
    canada = scores["CAN", "scoring-table"]
    assert (canada["first_suggested"], canada["second_suggested"], canada["first_final"]) == (0, 1, None)


def test_neither_run_changes(invented_run: Path, relabelled: Path) -> None:
    before = [
        {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} for path in (invented_run, relabelled)
    ]
    invoke(invented_run, relabelled)
    after = [
        {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} for path in (invented_run, relabelled)
    ]
    assert before == after


def test_decisions_of_a_ledger_are_compared(invented_run: Path, folder: Path) -> None:
    jobs.decide(folder, "score:Canada", owner="Ada", note="counts as full", decision=1)
    found = g7tag.compare_runs(invented_run, folder).frames
    row = found.scores.set_index(["code", "reading"]).loc[("CAN", "scoring-table")]
    assert (row["differs"], row["second_final"], row["second_basis"]) == ("final", 1, "decided")
    assert row["why"] == "the final score is open in the first run and +1 (decided) in the second"


def test_a_directory_that_is_no_run_is_named_with_exit_code_3(invented_run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="it is not a run directory"):
        g7tag.compare_runs(invented_run, tmp_path)
    result = CliRunner().invoke(app, ["compare", str(invented_run), str(tmp_path / "nothing")])
    assert isinstance(result.exception, RunError)
    assert result.exception.exit_code == 3


def test_runs_that_are_not_saved_are_compared_too(invented_run: Path) -> None:
    run = g7tag.run_report([g7tag.example_path("invented-report.txt")], fast=True)
    found = g7tag.compare_runs(run, invented_run)
    assert found.names == ("unsaved run", str(invented_run))
    text = repr(found)
    assert text.startswith(f"Two runs\nfirst: unsaved run\nsecond: {invented_run}\n")
    assert "\nScores\n" in text
    assert "<table" in found._repr_html_()
    assert found.show("labels").caption.endswith("more are equal in both runs.")
    with pytest.raises(InputError, match=r"frame 'tables': not in the comparison\. Expected one of 'about'"):
        found.show("tables")


def test_an_unreadable_ledger_row_is_a_note(invented_run: Path, folder: Path) -> None:
    jobs.audit_run(folder)
    ledger = folder / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace(",open,", ",opne,", 1), encoding="utf-8")
    notes = g7tag.compare_runs(invented_run, folder).frames.notes["note"].tolist()
    assert any(note.startswith("Second run: ") and "opne" in note for note in notes)


class Structure(HTMLParser):
    """Ids, addresses in the page, and elements that must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.styled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.styled |= "style" in values or any(name.startswith("on") for name in values)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []


def structure(page: str) -> Structure:
    found = Structure()
    found.feed(page)
    return found


def test_the_page_has_every_part_and_its_links_have_targets(
    invented_run: Path, relabelled: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    code, out, err = invoke(invented_run, relabelled, "-o", file)
    assert (code, out, err) == (0, "", f"Saved in {file}. Read it in a browser.\n")
    page = file.read_text(encoding="utf-8")
    found = structure(page)
    assert {"scores", "levels", "labels", "findings", "numbers", "unmatched", "made", "CAN.prevent"} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert "#CAN-05.1" in found.links
    assert not found.styled
    again = invoke(invented_run, relabelled, "-o", file, "--force")
    assert again[0] == 0
    assert file.read_text(encoding="utf-8") == page


def test_an_existing_file_and_another_ending_are_refused(invented_run: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("mine")
    for name, message in (("page.html", "already exists"), ("page.pdf", r"Expected \.html")):
        result = CliRunner().invoke(app, ["compare", str(invented_run), str(invented_run), "-o", str(tmp_path / name)])
        assert isinstance(result.exception, InputError)
        assert re.search(message, str(result.exception))
    assert (tmp_path / "page.html").read_text() == "mine"


HOSTILE = "<script>alert(1)</script>\"'\x1b[31m{{ 7 * 7 }} javascript:alert(1)"


def test_text_of_reports_and_names_stays_inert(invented_run: Path, tmp_path: Path) -> None:
    run = g7tag.open_run(invented_run)
    frames = dict(run.frames)
    for name, columns in {
        "sentences": ["text"], "items": ["text"], "documents": ["name"], "findings": ["message", "subject"],
        "annotations": ["annotator"], "tags": ["tagger"],
    }.items():  # fmt: skip
        frames[name] = frames[name].assign(**{column: frames[name][column] + HOSTILE for column in columns})
    frames["labels"] = frames["labels"].assign(strength="none", dimensions="", exclusion="")
    hostile = jobs.Run.of(frames, run.codebook)
    found = g7tag.compare_runs(run, hostile)
    named = jobs.ComparedRuns((HOSTILE, HOSTILE), found.frames, found.labels)
    page = named.write_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert structure(page).tags.count("script") == 1  # the page's own
    assert not structure(page).styled
    assert "\x1b" not in page + repr(named) + named._repr_html_()
    assert "?[31m49" not in page  # no template in a text is filled in
    assert page.count("{{ 7 * 7 }}") > 10


def test_the_frames_are_the_same_for_the_same_runs(invented_run: Path, relabelled: Path) -> None:
    first, second = (g7tag.compare_runs(invented_run, relabelled).frames for _ in range(2))
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_and_its_script_is_allowed(
    browser: object, invented_run: Path, relabelled: Path, tmp_path: Path, width: int
) -> None:
    file = g7tag.compare_runs(invented_run, relabelled).write_page(tmp_path / "page.html")
    page = browser.new_page(viewport={"width": width, "height": 900})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert [each["id"] for each in axe.run(page).response["violations"]] == []
    page.close()
