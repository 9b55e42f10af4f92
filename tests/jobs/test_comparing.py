"""The command compare shows two runs side by side, as tables, as JSON and as a page; neither run changes."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from people import command, files

import g7tag
from g7tag import jobs
from g7tag.errors import InputError, RunError
from g7tag.jobs import ComparedRuns


@pytest.fixture(scope="module")
def found(invented_run: Path, decided_run: Path) -> ComparedRuns:
    return g7tag.compare_runs(invented_run, decided_run)


def n_changed(first: Path, second: Path) -> int:
    """The number of sentences with another label in the second run."""
    return len(g7tag.label_changes(g7tag.open_run(first).labels, g7tag.open_run(second).labels))


@pytest.mark.slow
def test_tables_show_scores_labels_and_why_and_neither_run_changes(invented_run: Path, decided_run: Path) -> None:
    before = files(invented_run), files(decided_run)
    done = command("compare", invented_run, decided_run)
    out = done.stdout
    assert done.stderr == ""
    assert (files(invented_run), files(decided_run)) == before
    assert re.search(r"Canada +scoring-table +\+1 +0 / \+1 +open / +", out)
    assert "not decided" in out
    n = n_changed(invented_run, decided_run)
    assert re.search(r"weak in the first run and strong in the second: .* sentences? labelled differently: ", out)
    assert f"{n} of 24 matched sentences labelled differently (dimensions in " in out
    assert "strong Prevent (Ada)" in out
    assert re.search(r"labels by analysts +0 +13", out)
    assert re.search(rf"sentences +24 +24 +24 +0 +0 +{n}", out)


@pytest.mark.slow
def test_dimensions_have_the_labels_of_the_codebook(found: ComparedRuns, tmp_path: Path) -> None:
    text, dimensions = repr(found), g7tag.open_codebook().dimensions
    lines = text.splitlines()
    heading = next(line for line in lines[lines.index("Levels") + 1 :] if line.strip())
    assert heading.split()[1:5] == [each.label.split()[0] for each in dimensions]
    agreement = text.partition("Agreement of the labels")[2].partition("Findings")[0]
    page = found.write_page(tmp_path / "page.html").read_text(encoding="utf-8")
    table = page.partition("Agreement of the labels of both runs")[2].partition("</table>")[0]
    for dimension in dimensions:
        assert re.search(rf"^ *{dimension.label} ", agreement, re.MULTILINE)
        assert f'<th scope="row">{dimension.label}</th>' in table


@pytest.mark.slow
def test_decisions_of_a_ledger_are_compared_and_a_score_that_nobody_decided_is_not_called_final(
    invented_run: Path, decided: Path
) -> None:
    g7tag.Run.at(decided).decide("score:2024-19/CAN", owner="Ada", note="read again", decision=1)
    scores = g7tag.compare_runs(invented_run, decided).frames.scores.set_index(["code", "reading"])
    row = scores.loc[("CAN", "scoring-table")]
    assert (row["second_final"], row["second_basis"]) == (1, "decided")
    assert "the final score is open in the first run and +1 (decided) in the second" in row["why"]
    ledger = decided / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace(",open,", ",opne,", 1), encoding="utf-8")
    notes = g7tag.compare_runs(invented_run, decided).frames.notes["note"]
    assert any(note.startswith("Second run: ") and "opne" in note for note in notes)


@pytest.mark.slow
def test_a_run_and_itself_have_no_difference(invented_run: Path) -> None:
    done = command("compare", invented_run, invented_run)
    assert done.stderr == ""
    assert "No score and no level differs." in done.stdout
    assert "0 of 24 matched sentences labelled differently." in done.stdout
    assert "How the runs were made" not in done.stdout


@pytest.mark.slow
def test_json_has_all_rows_of_all_frames(found: ComparedRuns, invented_run: Path, decided_run: Path) -> None:
    values = json.loads(command("compare", invented_run, decided_run, "--json").stdout)
    assert values["runs"] == [str(invented_run), str(decided_run)]
    assert list(values)[1:] == list(found.frames._fields)
    assert len(values["labels"]) == 24
    assert sum(row["differs"] != "" for row in values["labels"]) == n_changed(invented_run, decided_run)
    (canada,) = (row for row in values["scores"] if (row["code"], row["reading"]) == ("CAN", "scoring-table"))
    assert (canada["first_suggested"], canada["second_suggested"], canada["first_final"]) == (0, 1, None)


def test_a_directory_that_is_no_run_is_named_with_exit_code_3(invented_run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="it is not a run directory"):
        g7tag.compare_runs(invented_run, tmp_path)
    command("compare", invented_run, tmp_path / "nothing", code=3)


@pytest.mark.slow
def test_runs_that_are_not_saved_are_compared_too(invented_run: Path) -> None:
    saved = g7tag.open_run(invented_run)
    found = g7tag.compare_runs(jobs.Run(saved.codebook, known=saved.frames), invented_run)
    assert found.names == ("unsaved run", str(invented_run))
    text = repr(found)
    assert text.startswith(f"Two runs\nfirst: unsaved run\nsecond: {invented_run}\n")
    assert "\nScores\n" in text
    assert "<table" in found._repr_html_()
    assert found.show("labels").caption.endswith("more are equal in both runs.")
    with pytest.raises(InputError, match=r"frame 'tables': not in the comparison\. Expected one of 'about'"):
        found.show("tables")


class Structure(HTMLParser):
    """Ids, addresses in the page, and elements that must not be there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.styled = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.styled |= "style" in values or any(name.startswith("on") for name in values)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []


@pytest.mark.slow
def test_the_page_has_every_part_its_links_have_targets_and_no_file_is_replaced(
    invented_run: Path, decided_run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    words = ("compare", invented_run, decided_run, "-o", file)
    done = command(*words)
    assert (done.stdout, done.stderr) == ("", f"Saved in {file}. Read it in a browser.\n")
    page = file.read_text(encoding="utf-8")
    found = Structure(page)
    assert {"scores", "levels", "labels", "findings", "numbers", "unmatched", "made", "CAN.prevent"} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert "#CAN-05.1" in found.links
    assert not found.styled
    assert "already exists" in str(command(*words, code=3).exception)
    assert "Expected .html" in str(command(*words[:-1], tmp_path / "page.pdf", code=3).exception)
    command(*words, "--force")
    assert file.read_text(encoding="utf-8") == page


HOSTILE = "<script>alert(1)</script>\"'\x1b[31m{{ 7 * 7 }} javascript:alert(1)"


@pytest.mark.slow
def test_text_of_reports_and_names_stays_inert(invented_run: Path, tmp_path: Path) -> None:
    run = g7tag.open_run(invented_run)
    frames = dict(run.frames)
    for name, columns in {
        "sentences": ["text"], "items": ["text"], "documents": ["name"], "findings": ["message", "subject"],
        "annotations": ["annotator"], "tags": ["tagger"],
    }.items():  # fmt: skip
        frames[name] = frames[name].assign(**{column: frames[name][column] + HOSTILE for column in columns})
    frames["labels"] = frames["labels"].assign(strength="none", dimensions="", exclusion="")
    found = g7tag.compare_runs(run, jobs.Run(run.codebook, known=frames))
    named = jobs.ComparedRuns((HOSTILE, HOSTILE), found.frames, found.labels)
    page = named.write_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert Structure(page).tags.count("script") == 1  # the page's own
    assert not Structure(page).styled
    assert "\x1b" not in page + repr(named) + named._repr_html_()
    assert "?[31m49" not in page  # no template in a text is filled in
    assert page.count("{{ 7 * 7 }}") > 10


@pytest.mark.slow
def test_the_frames_are_the_same_for_the_same_runs(found: ComparedRuns, invented_run: Path, decided_run: Path) -> None:
    for one, other in zip(found.frames, g7tag.compare_runs(invented_run, decided_run).frames, strict=True):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_and_its_script_is_allowed(
    browser: object, found: ComparedRuns, tmp_path: Path, width: int
) -> None:
    file = found.write_page(tmp_path / "page.html")
    page = browser.new_page(viewport={"width": width, "height": 900})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert [each["id"] for each in axe.run(page).response["violations"]] == []
    page.close()
