"""A label sheet goes out with what people need, and comes back from spreadsheet programs with all good rows."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.report import label_workbook
from g7tag.store import open_sheet

pytestmark = pytest.mark.slow

OFFICE = shutil.which("soffice")
TICKS = ["prevent", "counter", "dismantle", "disrupt"]


def test_a_sheet_has_the_item_and_the_source_and_no_label_of_a_machine(folder: Path) -> None:
    run = g7tag.open_run(folder)
    sheet = run.write_label_sheet(select="all")
    read = open_sheet(folder / "queue.xlsx", key="sentence_id")
    assert list(sheet) == [
        "sentence_id", "member", "item", "text", *TICKS, "strength", "act", "exclusion", "contradicts", "unsure",
        "note", "date", "source", "url",
    ]  # fmt: skip
    assert read.name == "labels"
    assert read.rows["sentence_id"].tolist() == run.tags["sentence_id"].tolist()  # in reading order
    items = run.items.set_index("item_id")["text"]
    own = run.sentences.set_index("sentence_id")["item_id"]
    for row in read.rows.to_dict("records"):
        assert row["item"] == items[own[row["sentence_id"]]].strip()
    assert read.rows["url"].str.startswith("https://").any()
    assert (read.rows[[*TICKS, "strength", "act", "note"]] == "").all(axis=None)
    assert len(open_sheet(folder / "queue.xlsx", key="definition").rows) > 10  # the codebook


def test_suggestions_are_shown_if_asked_for_and_the_labels_are_then_not_blind(folder: Path) -> None:
    run = g7tag.open_run(folder)
    for show, blind in ((False, True), (True, False)):
        sheet = run.write_label_sheet(folder / "queue.xlsx", show_suggestions=show)
        assert ("proposed_strength" in sheet) is show
        filled = sheet.assign(act="background", note=str(show))
        (folder / "queue.xlsx").write_bytes(label_workbook(filled, run.codebook))
        added = run.record_labels(folder / "queue.xlsx", annotator="Ada").annotations
        assert set(added["blind"]) == {blind}
        (folder / "queue.xlsx").unlink()


def test_no_cell_is_a_formula_or_a_foreign_link(folder: Path, tmp_path: Path) -> None:
    run = g7tag.open_run(folder)
    risky = run.write_label_sheet(tmp_path / "q.xlsx").assign(
        text="=HYPERLINK(1)", item="+1", url="file:///etc/passwd", note="@SUM(A1)"
    )
    (tmp_path / "q.xlsx").write_bytes(label_workbook(risky, run.codebook))
    with zipfile.ZipFile(tmp_path / "q.xlsx") as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in archive.namelist()
    assert "<f>" not in page
    assert open_sheet(tmp_path / "q.xlsx", key="sentence_id").rows["text"].iloc[0] == "=HYPERLINK(1)"


def test_the_same_sheet_has_the_same_bytes_and_what_is_filled_in_is_kept(folder: Path) -> None:
    run, file = g7tag.open_run(folder), folder / "queue.xlsx"
    sheet = run.write_label_sheet()
    first = file.read_bytes()
    run.write_label_sheet()
    assert file.read_bytes() == first
    filled = sheet.assign(mine="").astype("str")
    filled.loc[0, ["act", "note", "mine"]] = ["planned", "sure", "remark"]
    file.write_bytes(label_workbook(filled, run.codebook))
    run.write_label_sheet(select="all")
    kept = open_sheet(file, key="sentence_id").rows.set_index("sentence_id").loc[sheet["sentence_id"][0]]
    assert kept[["act", "note", "mine"]].tolist() == ["planned", "sure", "remark"]


def mistakes(sheet: pd.DataFrame) -> tuple[pd.DataFrame, int, list[tuple[int, str, str]]]:
    """A sheet filled in by a tired analyst, the number of good rows, and row, column and words of each mistake."""
    cells = sheet.copy()
    wrong: list[tuple[dict[str, str], str, str]] = [
        ({"counter": "x", "strength": "stong"}, "strength", "'stong' is not one of"),
        ({"counter": "x"}, "strength", "is empty, but there are dimensions (counter)"),
        ({"prevent": "??", "strength": "weak"}, "prevent", "'??' is not known. Enter x for yes"),
        ({"strength": "strong"}, "strength", "is 'strong', but no dimension is ticked"),
        ({"act": "dnoe"}, "act", "'dnoe' is not one of"),
        ({"counter": "x", "strength": "strong", "act": "planned"}, "strength", "the act is planned"),
        ({"exclusion": "seaside"}, "exclusion", "'seaside' is not one of"),
        ({"note": "see later"}, "note", "the row has no label"),
        ({"sentence_id": "2024-19/CAN-99.9", "act": "done"}, "sentence_id", "is not a sentence of this run's"),
        ({"text": "Typed over.", "act": "done"}, "text", "differs in this run"),
    ]
    expected = []
    for place, (change, column, words) in enumerate(wrong):
        for name, value in change.items():
            cells.loc[place, name] = value
        expected.append((place + 2, column, words))
    rows = [
        {"counter": "X", "dismantle": "x", "strength": "Strong", "act": "Done"}, {"act": "BACKGROUND"},
        {"prevent": "yes", "strength": " weak ", "unsure": "yes", "note": "= sure, «naïve»"},
        {"exclusion": "Border", "act": "done"},
    ]  # fmt: skip
    for place, change in enumerate(rows, start=len(wrong)):
        for name, value in change.items():
            cells.loc[place, name] = value
    expected += [(row, "act", "is empty") for row in (3, 5, 14)]
    return cells, len(rows) - 1, expected


SAVED = Path(__file__).parent / "saved-by-libreoffice"
SAVED_AS = {
    "xlsx": "xlsx", "ods": "ods", "semicolons.csv": "csv:Text - txt - csv (StarCalc):59,34,76",
    "windows.csv": "csv:Text - txt - csv (StarCalc):59,34,1",
}  # fmt: skip
"""Files in that folder, and the filter of LibreOffice that saved each."""


@pytest.mark.parametrize("saved", list(SAVED_AS))
def test_a_sheet_saved_by_libreoffice_gives_its_good_rows_and_names_its_mistakes(
    folder: Path, tmp_path: Path, saved: str
) -> None:
    run = g7tag.open_run(folder)
    _, n_good, expected = mistakes(run.write_label_sheet(tmp_path / "q.xlsx", select="all"))
    file = SAVED / f"sheet.{saved}"
    sheet = open_sheet(file, key="sentence_id")
    result = CliRunner().invoke(app, ["label", str(folder), str(file), "--annotator", "Ada"])
    assert result.exit_code == 4, result.stderr
    assert f"{n_good} new labels by Ada" in result.stderr
    assert "13 problems; the other rows were recorded:" in result.stderr
    for row, column, words in expected:
        (line,) = [each for each in result.stderr.splitlines() if f", {sheet.letters[column]}{row}: " in each]
        assert words in line
    assert ("is not UTF-8 and was read as Windows-1252" in result.stderr) is (saved == "windows.csv")
    assert "= sure, «naïve»" in set(sheet.rows["note"])


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is missing: the sheets that it saved before are tested alone")
@pytest.mark.parametrize("saved", list(SAVED_AS))
def test_libreoffice_saves_the_sheet_as_it_is_stored_here(folder: Path, tmp_path: Path, saved: str) -> None:
    run = g7tag.open_run(folder)
    cells, *_ = mistakes(run.write_label_sheet(tmp_path / "sheet.xlsx", select="all"))
    (tmp_path / "sheet.xlsx").write_bytes(label_workbook(cells, run.codebook))
    out = tmp_path / "saved"
    subprocess.run(
        [
            str(OFFICE), f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to",
            SAVED_AS[saved], "--outdir", str(out), str(tmp_path / "sheet.xlsx"),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    (made,) = out.iterdir()
    if os.environ.get("G7TAG_SAVE_SHEETS"):  # after a change of the sheet
        SAVED.mkdir(exist_ok=True)
        shutil.copy(made, SAVED / f"sheet.{saved}")
    now, stored = (open_sheet(path, key="sentence_id") for path in (made, SAVED / f"sheet.{saved}"))
    pd.testing.assert_frame_equal(now.rows, stored.rows)


def test_a_corrected_sheet_is_read_again_and_nothing_is_doubled(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "q.csv"
    cells, n_good, _ = mistakes(run.write_label_sheet(file, select="all"))
    cells.to_csv(file, index=False)
    first = run.record_labels(file, annotator="Ada")
    assert (len(first.annotations), len(first.problems)) == (n_good, 13)
    assert first.problems[0] == ("q.csv, I2: 'stong' is not one of strong, weak, none. Did you mean 'strong'?")
    cells.loc[0, ["strength", "act"]] = ["strong", "done"]
    cells.sample(frac=1, random_state=1)[cells.columns[::-1]].to_csv(file, index=False)  # sorted, columns moved
    again = run.record_labels(file, annotator="Ada")
    assert (len(again.annotations), len(again.problems)) == (1, 12)


@pytest.mark.parametrize(
    ("how", "match"),
    [
        ("all wrong", r"q\.csv: 24 problems; nothing was recorded"),
        ("other report", r"q\.csv: none of its 24 filled-in rows is of this run; it was made from another report"),
        ("no labels", r"q\.csv: no column for labels"),
    ],
)
def test_a_sheet_of_which_no_row_can_be_used_is_refused_and_nothing_is_recorded(
    folder: Path, tmp_path: Path, how: str, match: str
) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "q.csv"
    sheet = run.write_label_sheet(file, select="all")
    changed: dict[str, Any] = {
        "all wrong": sheet.assign(act="x"),
        "other report": sheet.assign(act="done", text="Another sentence."),
        "no labels": sheet[["sentence_id", "text"]],
    }
    changed[how].to_csv(file, index=False)
    with pytest.raises(InputError, match=match):
        run.record_labels(file, annotator="Ada")
    assert not list(folder.glob("labels/*.jsonl"))
    result = CliRunner().invoke(app, ["label", str(folder), str(file), "--annotator", "Ada"])
    assert isinstance(result.exception, InputError)  # exit code 3


def test_queues_by_purpose(folder: Path) -> None:
    run = g7tag.open_run(folder)
    everything = run.label_queue(select="all")
    assert everything["sentence_id"].tolist() == run.tags["sentence_id"].tolist()
    behind = run.sentences_behind()
    flips = set(run.label_queue(select="flips")["sentence_id"])
    assert flips
    assert set(run.label_queue(select="deciding")["sentence_id"]) == flips | set(behind["sentence_id"])
    member = run.label_queue(select="all", member="CAN")
    assert set(member["member"]) == {"Canada"}
    counter = run.label_queue(select="all", dimension="counter")
    assert 0 < len(counter) < len(everything)
    assert run.label_queue(select="disagreements").empty
    with pytest.raises(InputError, match=r"member 'Narnia': not in the codebook\. Expected one of 'Canada'"):
        run.label_queue(member="Narnia")
    with pytest.raises(InputError, match=r"dimension 'x': not in the codebook\. Expected one of 'counter'"):
        run.label_queue(dimension="x")


def test_a_random_sample_is_in_random_order_and_grows_at_its_end(folder: Path) -> None:
    run = g7tag.open_run(folder)
    half = run.label_queue(select="audit", audit_share=0.5)["sentence_id"].tolist()
    whole = run.label_queue(select="audit", audit_share=1.0)["sentence_id"].tolist()
    assert whole[: len(half)] == half
    assert sorted(whole) == sorted(run.tags["sentence_id"])
    assert whole != run.tags["sentence_id"].tolist()
    assert run.label_queue(select="audit", audit_share=1.0, random_state=1)["sentence_id"].tolist() != whole


def test_a_plan_gives_each_item_to_its_annotators_and_unknown_names_are_refused(folder: Path) -> None:
    result = CliRunner().invoke(
        app, ["label", str(folder), "--assign", "Ada", "--assign", "Bo", "--coders", "1", "--shared", "0.3"]
    )
    assert result.exit_code == 0, result.output
    assert "Ada, Bo: 30% of the items go to all, the others to 1." in result.stderr
    rows = {}
    for name in ("Ada", "Bo"):
        done = CliRunner().invoke(app, ["label", str(folder), "--annotator", name, "--select", "all"])
        assert done.exit_code == 0, done.output
        rows[name] = set(open_sheet(folder / f"queue {name}.xlsx", key="sentence_id").rows["sentence_id"])
        assert set(g7tag.open_run(folder).label_queue(select="all", annotator=name)["sentence_id"]) == rows[name]
    run = g7tag.open_run(folder)
    assert rows["Ada"] | rows["Bo"] == set(run.tags["sentence_id"])
    assert rows["Ada"] & rows["Bo"]
    assert rows["Ada"] != rows["Bo"]
    with pytest.raises(InputError, match=r"annotator 'Cy': not in the label plan\. Expected one of 'Ada', 'Bo'"):
        jobs.record_labels(folder, pd.DataFrame({"sentence_id": [], "act": []}), annotator="Cy")
    assert (
        len(jobs.record_labels(folder, pd.DataFrame({"sentence_id": [], "act": []}), annotator="Ada").annotations) == 0
    )
    twice = CliRunner().invoke(app, ["label", str(folder), "--assign", "Ada", "--assign", "Ada"])
    assert "a name appears twice" in str(twice.exception)


def test_a_sheet_that_was_read_before_does_not_undo_a_later_label(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "q.csv"
    sheet = run.write_label_sheet(file, select="all").head(2)
    sheet.assign(act="background").to_csv(file, index=False)
    assert len(run.record_labels(file, annotator="Ada").annotations) == 2
    later = sheet.head(1)[["sentence_id"]].assign(act="done", counter="x", strength="weak")
    run.record_labels(later, annotator="Ada")
    sheet.assign(act=["background", "done"]).to_csv(file, index=False)
    again = run.record_labels(file, annotator="Ada")
    assert again.annotations["sentence_id"].tolist() == [sheet["sentence_id"][1]]
    assert not again.annotations["blind"].any()  # what the tagger said was shown when the sheet was read
    (problem,) = again.problems
    assert "was recorded like this and changed on" in problem


def test_a_queue_narrowed_by_the_taggers_dimensions_is_not_blind(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "q.csv"
    sheet = run.write_label_sheet(file, select="all", dimension="counter")
    assert set(sheet["why"]) == {"all"}
    sheet.assign(act="background").to_csv(file, index=False)
    assert not run.record_labels(file, annotator="Ada").annotations["blind"].any()
