"""A label sheet goes out with what people need, and comes back from spreadsheet programs without loss of a label."""

import os
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from people import command, record
from xlsxwriter import Workbook

import g7tag
from g7tag.errors import FrameError, InputError
from g7tag.report import label_workbook
from g7tag.store import open_sheet, read_table

OFFICE = shutil.which("soffice")
REPORT = g7tag.example_path("invented-report.txt")
TICKS = ["prevent", "counter", "dismantle", "disrupt"]


@pytest.mark.slow
def test_a_sheet_has_the_item_and_the_source_and_no_label_of_a_machine(folder):
    run = g7tag.open_run(folder)
    sheet = run.write_label_sheet(select="all")
    read = open_sheet(folder / "queue.xlsx", key="sentence_id")
    assert list(sheet) == [
        "sentence_id", "member", "item", "text", *TICKS, "strength", "act", "exclusion", "contradicts", "unsure",
        "note", "date", "source", "url", "source_check", "archived_url",
    ]  # fmt: skip
    assert read.name == "labels"
    assert read.rows["sentence_id"].tolist() == run.tags["sentence_id"].tolist()  # in reading order
    items = run.sentences.merge(run.items, on="item_id").set_index("sentence_id")["text_y"]
    assert read.rows["item"].tolist() == items[read.rows["sentence_id"]].str.strip().tolist()
    assert read.rows["url"].str.startswith("https://").any()
    assert (read.rows[[*TICKS, "strength", "act", "note"]] == "").all(axis=None)
    assert len(open_sheet(folder / "queue.xlsx", key="definition").rows) > 10  # the codebook
    assert record(folder, folder / "queue.xlsx", "Ada").annotations.empty  # nothing is filled in
    for purpose, who in (({}, "Ada"), ({"show_suggestions": True}, "Bo"), ({"dimension": "counter"}, "Cy")):
        file = folder.parent / f"{who}.csv"
        run.write_label_sheet(file, select="all", **purpose).assign(act="background").to_csv(file, index=False)
        assert set(record(folder, file, who).annotations["blind"]) == {not purpose}


@pytest.mark.slow
def test_no_cell_is_a_formula_or_a_foreign_link(folder, tmp_path):
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


@pytest.mark.slow
def test_what_is_filled_in_is_kept_and_comes_back_as_decisions(folder):
    run, file = g7tag.open_run(folder), folder / "queue.xlsx"
    sheet = run.write_label_sheet()
    first = file.read_bytes()
    run.write_label_sheet()
    assert file.read_bytes() == first
    filled = sheet.assign(mine="").astype("str")
    filled.loc[1, ["prevent", "strength", "act", "note", "mine"]] = ["x", "weak", "done", "=see page 3", "remark"]
    file.write_bytes(label_workbook(filled, run.codebook))
    again = run.write_label_sheet(select="all").set_index("sentence_id").loc[sheet["sentence_id"][1]]
    assert again[["strength", "note", "mine"]].tolist() == ["weak", "=see page 3", "remark"]
    recorded = run.record_labels(file, annotator="Ada").annotations
    assert recorded[["dimensions", "strength", "note"]].to_numpy().tolist() == [["prevent", "weak", "=see page 3"]]
    after = run.write_label_sheet(folder / "queue.xlsx")
    assert after["sentence_id"].iloc[-1] == sheet["sentence_id"][1]  # what is filled in stays, at the end
    run.write_label_sheet(folder / "queue.csv").assign(note="=1+1").to_csv(folder / "queue.csv", index=False)
    run.write_label_sheet(folder / "queue.csv")
    assert ",'=1+1," in (folder / "queue.csv").read_text(encoding="utf-8")  # no spreadsheet runs it
    cells = read_table(folder / "queue.csv")
    pd.concat([cells, cells.assign(note="again")]).to_csv(folder / "queue.csv", index=False)
    with pytest.raises(InputError, match="several filled-in rows for"):
        run.write_label_sheet(folder / "queue.csv")
    assert "again" in set(read_table(folder / "queue.csv")["note"])


def mistakes(sheet):
    """A sheet filled in by a tired analyst, the number of good rows, and row, column and words of each mistake."""
    cells = sheet.copy()
    wrong = [
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
    good = [
        {"counter": "X", "dismantle": "x", "strength": "Strong", "act": "Done"}, {"act": "BACKGROUND"},
        {"prevent": "yes", "strength": " weak ", "unsure": "yes", "note": "= sure, «naïve»"},
        {"exclusion": "Border", "act": "done"},
    ]  # fmt: skip
    for place, change in enumerate([*(change for change, _, _ in wrong), *good]):
        cells.loc[place, list(change)] = list(change.values())
    expected = [(place, column, words) for place, (_, column, words) in enumerate(wrong, start=2)]
    return cells, len(good) - 1, [*expected, *((row, "act", "is empty") for row in (3, 5, 14))]


SAVED = Path(__file__).parent / "saved-by-libreoffice"
SAVED_AS = {
    "xlsx": "xlsx", "ods": "ods", "semicolons.csv": "csv:Text - txt - csv (StarCalc):59,34,76",
    "windows.csv": "csv:Text - txt - csv (StarCalc):59,34,1",
}  # fmt: skip
"""Files in that folder, and the filter of LibreOffice that saved each."""


@pytest.mark.slow
@pytest.mark.parametrize("saved", list(SAVED_AS))
def test_a_sheet_saved_by_libreoffice_gives_its_good_rows_and_names_its_mistakes(folder, tmp_path, saved):
    run, file = g7tag.open_run(folder), SAVED / f"sheet.{saved}"
    _, n_good, expected = mistakes(run.write_label_sheet(tmp_path / "q.xlsx", select="all"))
    sheet = open_sheet(file, key="sentence_id")
    assert "= sure, «naïve»" in set(sheet.rows["note"])
    if saved == "windows.csv":
        said = command("label", folder, file, "--annotator", "Ada", code=4).stderr
        assert f"{n_good} new labels by Ada" in said
        assert "13 problems; the other rows were recorded:" in said
        assert "is not UTF-8 and was read as Windows-1252" in said
    recorded = run.record_labels(file, annotator="Bo")
    assert (len(recorded.annotations), len(recorded.problems)) == (n_good, 13)
    for row, column, words in expected:
        (line,) = [each for each in recorded.problems if f", {sheet.letters[column]}{row}: " in each]
        assert words in line


@pytest.mark.nightly
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is missing: the sheets that it saved before are tested alone")
@pytest.mark.parametrize("saved", list(SAVED_AS))
def test_libreoffice_saves_the_sheet_as_it_is_stored_here(folder, tmp_path, saved):
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
        shutil.copy(made, SAVED / f"sheet.{saved}")
    now, stored = (open_sheet(path, key="sentence_id") for path in (made, SAVED / f"sheet.{saved}"))
    pd.testing.assert_frame_equal(now.rows, stored.rows)


def test_a_corrected_sheet_is_read_again_and_nothing_is_doubled(folder, tmp_path):
    run, file = g7tag.open_run(folder), tmp_path / "q.csv"
    cells, n_good, _ = mistakes(run.write_label_sheet(file, select="all"))
    cells.to_csv(file, index=False)
    first = run.record_labels(file, annotator="Ada")
    assert (len(first.annotations), len(first.problems)) == (n_good, 13)
    assert first.problems[0] == "q.csv, I2: 'stong' is not one of strong, weak, none. Did you mean 'strong'?"
    cells.loc[0, ["strength", "act"]] = ["strong", "done"]
    cells.sample(frac=1, random_state=1)[cells.columns[::-1]].to_csv(file, index=False)  # sorted, columns moved
    again = run.record_labels(file, annotator="Ada")
    assert (len(again.annotations), len(again.problems)) == (1, 12)


@pytest.mark.slow
def test_a_sheet_that_was_read_before_does_not_undo_a_later_label(folder, tmp_path):
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


@pytest.mark.slow
def test_a_sheet_of_another_text_is_refused_and_its_rows_wait_at_the_end(folder, tmp_path):
    file, changed = tmp_path / "doubtful.csv", tmp_path / "changed.txt"
    cells = g7tag.open_run(folder).write_label_sheet(file).assign(mine="a remark")
    cells.loc[cells["sentence_id"] == "2024-19/CAN-06.2", ["dismantle", "strength"]] = ["x", "strong"]
    cells.to_csv(file, index=False)
    text = REPORT.read_text(encoding="utf-8")
    changed.write_text(text.replace("On 9 July 2024", "On 1 July 2024, it rained.\n\nOn 9 July 2024"), encoding="utf-8")
    run = g7tag.run_report([changed], output=folder, force=True)  # every item of Canada has another number now
    found = r"1 problem; nothing was recorded\.\n  doubtful\.csv, D4: the text of '2024-19/CAN-06\.2' differs"
    with pytest.raises(FrameError, match=found):
        run.record_labels(file, annotator="Ada")
    sheet = run.write_label_sheet(file)
    kept = sheet[sheet["dismantle"] == "x"]
    assert kept["text"].str.contains("its telephones are silent").tolist() == [True]
    assert not sheet.drop(index=kept.index)["text"].isin(kept["text"]).all()


@pytest.mark.slow
def test_a_plan_gives_each_item_to_its_annotators_and_unknown_names_are_refused(folder):
    said = command("label", folder, "--assign", "Ada", "--assign", "Bo").stderr
    assert "Ada, Bo: 10% of the items go to all, the others to 1." in said
    run = g7tag.open_run(folder)
    run.write_label_plan(["Ada", "Bo"], shared=0.3)
    ada, bo = (set(run.label_queue(select="all", annotator=name)["sentence_id"]) for name in ("Ada", "Bo"))
    assert ada | bo == set(run.tags["sentence_id"])
    assert ada & bo
    assert ada != bo
    command("label", folder, "--annotator", "Ada", "--select", "all")
    assert set(open_sheet(folder / "queue Ada.xlsx", key="sentence_id").rows["sentence_id"]) == ada
    nothing = pd.DataFrame({"sentence_id": [], "act": []})
    with pytest.raises(InputError, match=r"annotator 'Cy': not in the label plan\. Expected one of 'Ada', 'Bo'"):
        record(folder, nothing, "Cy")
    assert record(folder, nothing, "Ada").annotations.empty
    twice = command("label", folder, "--assign", "Ada", "--assign", "Ada", code=3)
    assert "a name appears twice" in str(twice.exception)


FILLED = pd.DataFrame(
    {
        "counter": ["x", "", ""], "dismantle": ["x", "", ""], "prevent": ["", "", "x"],
        "strength": ["strong", "", "weak"], "act": ["done", "background", "planned"],
    }
)  # fmt: skip


def xlsx(path, merged="", **sheets):
    buffer = BytesIO()
    with Workbook(buffer, {"strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate([list(rows), *rows.to_numpy().tolist()]):
                page.write_row(at, 0, row)
            if merged:
                page.merge_range(merged, "x")
    path.write_bytes(buffer.getvalue())


def ods(path):
    """Write the sheet that LibreOffice saved, with a cell that is merged with another one."""
    with zipfile.ZipFile(SAVED / "sheet.ods") as saved, zipfile.ZipFile(path, "w") as changed:
        for name in saved.namelist():
            end, covered = b"</table:table-row>", b"<table:covered-table-cell/>"
            changed.writestr(name, saved.read(name).replace(end, covered + end, 1))


def headed(rows):
    """The rows below the first one, which become headings."""
    return rows.iloc[1:].set_axis(rows.iloc[0], axis="columns")


CHANGES = {
    "no row fits": (
        "q.csv", lambda path, rows: rows.assign(text="Another sentence.").to_csv(path, index=False),
        r"(?s)q\.csv: 3 problems; nothing was recorded.*the sheet may be of another report",
    ),
    "no ids": (
        "q.csv", lambda path, rows: rows[["text", "act"]].to_csv(path, index=False),
        r"no column 'sentence_id', .*Use a sheet that g7tag wrote",
    ),
    "rows are on a second sheet": (
        "q.xlsx", lambda path, rows: xlsx(path, labels=rows[:1], more=rows[1:]),
        r"sheet 'more', row 1: has 'sentence_id', but only the rows below row 1 of sheet 'labels' are read",
    ),
    "rows are on a second sheet without headings": (
        "q.xlsx", lambda path, rows: xlsx(path, labels=rows[:1], more=headed(rows)), r"'more', row 1: has '2024-19/",
    ),
    "rows were sorted above the headings": (
        "q.csv",
        lambda path, rows: pd.DataFrame([*rows.to_numpy(), list(rows)]).to_csv(path, index=False, header=False),
        r"q\.csv, row 1: has '2024-19/",
    ),
    "cells are merged": (
        "q.xlsx", lambda path, rows: xlsx(path, "F2:F4", labels=rows),
        r"sheet 'labels': has merged cells \('F2'\), of which one alone has a value\. Unmerge them",
    ),
    "cells are merged in LibreOffice": ("q.ods", lambda path, _: ods(path), r"sheet 'labels': has merged cells"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("how", CHANGES)
def test_a_sheet_that_would_lose_or_bend_a_label_is_refused_and_left(folder, tmp_path, how):
    run, (name, change, cause) = g7tag.open_run(folder), CHANGES[how]
    file, blank = tmp_path / name, run.write_label_sheet(tmp_path / "new.csv", select="all").head(3)
    change(file, blank.assign(**FILLED))
    before = file.read_bytes()
    with pytest.raises(InputError, match=cause):
        run.record_labels(file, annotator="Ada")
    assert not list(folder.glob("labels/*.jsonl"))
    if how != "no row fits":  # those wait at its end
        with pytest.raises(InputError):
            run.write_label_sheet(file)
        assert file.read_bytes() == before
