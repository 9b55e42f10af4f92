"""The command panel shows members over the commitments of several runs; no run changes."""

import json
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from people import command, files
from whole_report import WITH_CODEBOOK, write_codebooks, write_report

import g7tag
from g7tag.errors import FrameError, InputError
from g7tag.jobs import Panel
from g7tag.report.panel import ordinal


@pytest.fixture(scope="module")
def runs(panel_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two scored runs."""
    folder = tmp_path_factory.mktemp("panel")
    for name in ("food", "invented"):
        shutil.copytree(panel_runs / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def panel(runs: Path) -> Panel:
    return g7tag.open_panel(runs, ambition={"2024-19": 1, "2024-09": "2.5"})


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "weights.csv"
    file.write_text("commitment_id,ambition\n2024-19,1\n2024-09,2.5\n2023-01,1\n", encoding="utf-8")
    return file


@pytest.mark.slow
def test_tables_json_and_python_say_the_same_and_no_run_changes(panel: Panel, runs: Path, weights: Path) -> None:
    before = files(runs)
    done = command("panel", runs, "--ambition", weights)
    assert done.stderr == ""
    assert files(runs) == before
    for text in (done.stdout, repr(panel)):
        assert re.findall(r"^(?:Scores|Averages.*|Consis.*|Acts.*)$", text, re.MULTILINE) == [
            "Scores", "Averages and ranks", "Consistency of the chapters", "Acts in two chapters",
        ]  # fmt: skip
        assert re.search(r"Canada +\+1 / ", text)
        assert re.search(r"Canada +Published +2 +\d+% .*1st", text)
        assert "under all weightings between equal weights and weights by ambition" in text
    values = json.loads(command("panel", runs, "--ambition", weights, "--json").stdout)
    assert list(values) == ["runs", "notes", *panel.frames._fields]
    assert values["runs"] == [str(runs / "food"), str(runs / "invented")] == list(panel.names)
    assert [row["best"] for row in values["standings"]] == panel.frames.standings["best"].astype("float64").tolist()
    assert {row["ambition"] for row in values["consistency"]} == {1.0, 2.5}


def test_decisions_are_shown_and_a_run_alone_is_a_panel(runs: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(runs / "invented", tmp_path / "run"))
    g7tag.Run.at(folder).decide("score:2024-19/CAN", owner="Ada", note="read again", decision=0)
    found = g7tag.open_panel(folder)
    row = found.frames.scores.set_index(["member", "reading"]).loc[("Canada", "scoring-table")]
    assert (row["final_score"], row["basis"]) == (0, "decided")
    assert ", d 0" in repr(found)
    assert "with equal weights" in repr(found)
    assert set(found.frames.standings["reason"]) == {"only 1 commitment"}
    assert found.frames.shared_acts.empty


def test_folders_and_weights_that_cannot_be_used_are_refused(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "invented", tmp_path / "again")
    empty = tmp_path / "empty"
    empty.mkdir()
    table = tmp_path / "weights.csv"
    table.write_text("commitment,ambition\n2024-19,1\n", encoding="utf-8")
    for given, error, message in (
        (
            [runs, tmp_path / "again"],
            InputError,
            r"both are on commitment 2024-19\. Expected one run for each commitment",
        ),
        (
            empty,
            InputError,
            r"empty: no scored run directory\. Expected a run directory, or a folder of some\. Make one",
        ),
        (tmp_path / "nowhere", InputError, r"nowhere: no such folder"),
        ([], InputError, "no folder was given"),
    ):
        with pytest.raises(error, match=message):
            g7tag.open_panel(given)
    with pytest.raises(FrameError, match=r"weights\.csv: column 'commitment_id' is missing, found 'ambition', 'commit"):
        g7tag.open_panel(runs, ambition=table)
    with pytest.raises(InputError, match="has no ambition for '2024-09'; found '2024-19'"):
        g7tag.open_panel(runs, ambition={"2024-19": 1})
    assert "no such folder" in str(command("panel", tmp_path / "nowhere", code=3).exception)
    assert len(g7tag.open_panel([runs / "invented", runs / "invented"]).names) == 1  # named twice


@pytest.mark.slow
def test_a_run_of_a_folder_that_is_not_scored_is_left_out_and_named(runs: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(runs, tmp_path / "runs"))
    new = folder / "border"
    report = g7tag.example_path("border-report.txt")
    command("ingest", report, "-o", new, "--codebook", "2024-apulia-18")
    found = g7tag.open_panel(folder)
    assert found.notes == (f"{new}: left out, because it is not scored. Next: g7tag run, or g7tag score {new}.",)
    assert found.notes[0] in repr(found)
    only = tmp_path / "only"
    shutil.copytree(new, only / "border")
    with pytest.raises(InputError, match=r"only: no scored run directory\. Expected"):
        g7tag.open_panel(only)


HOSTILE = "<script>alert(1)</script>\"'\x1b[31m{{ 7 * 7 }}"


@pytest.mark.slow
def test_the_page_has_every_part_and_a_plot_and_names_stay_inert(panel: Panel, tmp_path: Path) -> None:
    names = {"member": {"Canada": HOSTILE}}
    frames = panel.frames._replace(
        scores=panel.frames.scores.replace(names), standings=panel.frames.standings.replace(names),
        consistency=panel.frames.consistency.assign(title=HOSTILE, policy=HOSTILE),
    )  # fmt: skip
    named = Panel(frames, panel.names, (HOSTILE,))
    page = named.write_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1  # the page's own
    assert not re.search(r"<[^>]*\s(style|on\w+)\s*=", page)
    assert len(re.findall("<h2>(.*)</h2>", page)) == 4
    assert page.count("<figure") == 1
    assert "\x1b" not in page + repr(named)
    with pytest.raises(InputError, match="already exists"):
        named.write_page(tmp_path / "page.html")
    with pytest.raises(InputError, match=r"Expected \.html"):
        named.write_page(tmp_path / "page.pdf")


@pytest.mark.slow
def test_the_same_runs_give_the_same_page_and_none_is_replaced(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    words = ("panel", runs, "-o", file)
    done = command(*words)
    assert (done.stdout, done.stderr) == ("", f"Saved in {file}. Read it in a browser.\n")
    page = file.read_bytes()
    assert "already exists" in str(command(*words, code=3).exception)
    command(*words, "--force")
    assert file.read_bytes() == page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_and_its_script_is_allowed(
    panel: Panel, tmp_path: Path, width: int, require_fits: Callable[[Path, int], None]
) -> None:
    require_fits(panel.write_page(tmp_path / "page.html"), width)


def test_frames_are_shown_and_ranks_are_drawn(panel: Panel) -> None:
    for name in panel.frames._fields:
        assert panel.show(name).columns
    shown = panel.show()
    assert "over resamples of commitments" in shown._repr_html_()
    numbers = [cell.text for name in ("percent", "low", "high") for cell in shown.columns[name]]
    assert [text for text in numbers if not re.fullmatch(r"\d+%|", text)] == []
    with pytest.raises(InputError, match=r"frame 'rank': not in the panel\. Expected one of scores, standings, consis"):
        panel.show("rank")
    bars = panel.plot_ranks().patches
    plt.close("all")
    known = panel.frames.standings[panel.frames.standings["best"].notna()]
    assert [bar.get_width() for bar in bars] == (known["worst"] - known["best"] + 0.5).tolist()
    assert [bar.get_x() + 0.25 for bar in bars] == known["best"].tolist()


@pytest.mark.nightly
def test_six_chapters_of_a_whole_report_are_one_panel_with_ranks_of_all_weightings(tmp_path: Path) -> None:
    books = write_codebooks(tmp_path / "books")
    g7tag.run_chapters(write_report(tmp_path / "whole.txt"), books, output=tmp_path / "project", fast=True)
    commitments = [f"2024-{number:02d}" for number in WITH_CODEBOOK]
    weights = tmp_path / "weights.csv"
    ambition = dict(zip(commitments, (1, 3, 2, 8, 5, 1), strict=True))
    weights.write_text("commitment_id,ambition\n" + "".join(f"{name},{each}\n" for name, each in ambition.items()))
    values = json.loads(command("panel", tmp_path / "project", "--ambition", weights, "--json").stdout)
    assert [row["commitment_id"] for row in values["consistency"]] == commitments
    assert {row["differs"] for row in values["consistency"]} == {""}
    published = [row for row in values["scores"] if row["averaged"] and row["published_score"] is not None]
    scores: dict[str, dict[str, int]] = {}
    for row in published:
        scores.setdefault(row["member"], {})[row["commitment_id"]] = row["published_score"]
    best, worst = dict.fromkeys(scores, len(scores)), dict.fromkeys(scores, 1)
    for step in range(1_001):
        heights = {member: _average(own, ambition, Fraction(step, 1_000)) for member, own in scores.items()}
        for member, height in heights.items():
            best[member] = min(best[member], 1 + sum(each > height for each in heights.values()))
            worst[member] = max(worst[member], sum(each >= height for each in heights.values()))
    ranks = {row["member"]: row for row in values["standings"] if row["scores"] == "published"}
    assert {member: (row["best"], row["worst"]) for member, row in ranks.items()} == {
        member: (best[member], worst[member]) for member in scores
    }


def _average(scores: dict[str, int], ambition: dict[str, int], t: Fraction) -> Fraction:
    """The mean score under one weighting."""
    total = sum(ambition[name] for name in scores)
    return sum(
        (
            (1 - t) * Fraction(score, len(scores)) + t * Fraction(ambition[name] * score, total)
            for name, score in scores.items()
        ),
        Fraction(0),
    )


def test_numbers_of_places_are_words() -> None:
    assert list(map(ordinal, (1, 2, 3, 4, 11, 12, 13, 21, 102, 113))) == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "113th",
    ]  # fmt: skip
