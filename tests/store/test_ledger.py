"""The ledger is read with its problems, and the text that people wrote is preserved."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag.errors import InputError, RunError
from g7tag.store import ledger_path, read_ledger, write_ledger
from g7tag.store.ledger import RENAMED_CHECKS

HEAD = "finding_id,severity,member,message,status,owner,note,decision,evidence_sha256"
ROWS = "score:2024-19/CAN,,Canada,m,decided,Ada,why,+1,h\ncut_off:x,low,,m,open,,,,h\n"


def written(tmp_path: Path, rows: str, *, head: str = HEAD) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(f"{head}\n{rows}", encoding="utf-8")
    return path


def test_a_missing_file_is_an_empty_ledger(tmp_path: Path) -> None:
    ledger = read_ledger(tmp_path / "ledger.csv")
    assert (len(ledger.cells), len(ledger.rows), ledger.problems) == (0, 0, [])


def test_rows_are_read_with_their_decisions_as_numbers(tmp_path: Path) -> None:
    rows = read_ledger(written(tmp_path, ROWS)).rows
    assert rows["decision"].fillna(99).tolist() == [1, 99]
    assert rows["status"].tolist() == ["decided", "open"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,low,,m,done,,,,", "status 'done' is unknown, expected one of 'decided', 'dismissed', 'open'; not used."),
        ("a,low,,m,decided,,,2,", "decision '2' is not a score, expected -1, 0, +1 or nothing; not used."),
        ("cut_off:x,low,,m,open,,,,", "its finding_id appears twice; not used."),
        (
            "a,low,,m,dismissed, ,why,,",
            "status 'dismissed' without an owner, expected the name of the person who decided; not used.",
        ),
        (",low,,m,open,,,,", "ledger.csv, row 4 (no id): finding_id is missing; not used."),
    ],
    ids=["status", "decision", "twice", "no owner", "no id"],
)
def test_a_row_that_cannot_be_used_is_named_and_its_cells_are_kept(tmp_path: Path, row: str, problem: str) -> None:
    ledger = read_ledger(written(tmp_path, f"{ROWS}{row}\n"))
    assert ledger.problems[-1].endswith(problem)
    assert len(ledger.cells) == 3
    assert ledger.rows["finding_id"].iloc[0] == "score:2024-19/CAN"


@pytest.mark.parametrize(("status", "decision"), [(" Decided ", "−1"), ("DECIDED", " -1 ")])
def test_spaces_capitals_and_a_true_minus_are_understood(tmp_path: Path, status: str, decision: str) -> None:
    rows = read_ledger(written(tmp_path, f"a,low,,m,{status},Ada,,{decision},\n")).rows
    assert rows[["status", "decision"]].to_numpy().tolist() == [["decided", -1]]


def test_a_ledger_without_a_column_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "", head="finding_id,status")
    with pytest.raises(
        InputError, match=r"column 'severity' is missing, found 'finding_id', 'status'\. Restore the column"
    ):
        read_ledger(path)


def test_a_ledger_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"ledger\.csv"):
        read_ledger(path)


@pytest.mark.parametrize(
    "note", ["=1+1", "'=1+1", "-5 items", "plain", "a, b", 'she said "no"', "@x", "two\nlines", "'tis", "€"]
)
def test_a_note_comes_back_as_it_was_however_often_it_is_written(tmp_path: Path, note: str) -> None:
    path = tmp_path / "ledger.csv"
    row = dict.fromkeys(HEAD.split(","), "") | {"finding_id": "a", "status": "open", "note": note, "decision": "-1"}
    write_ledger(path, pd.DataFrame([row]))
    for _ in range(2):
        write_ledger(path, read_ledger(path).cells)
    assert read_ledger(path).cells.loc[0, ["note", "decision"]].tolist() == [note, "-1"]


def test_no_cell_of_text_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    row = dict.fromkeys(HEAD.split(","), "") | {"finding_id": "a", "status": "open", "message": "=HYPERLINK(1)"}
    write_ledger(path, pd.DataFrame([row]))
    assert "'=HYPERLINK(1)" in path.read_text(encoding="utf-8")


def test_a_lone_carriage_return_in_a_note_does_not_part_its_row(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(f'{HEAD}\na,low,,m,open,,"one\rtwo",,\n'.encode())
    for _ in range(2):
        write_ledger(path, read_ledger(path).cells)
    assert read_ledger(path).cells["note"].tolist() == ["one\ntwo"]


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.xlsx"])
def test_a_ledger_that_is_a_link_is_refused_and_what_it_leads_to_is_left(tmp_path: Path, name: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "run" / name).symlink_to(tmp_path / "precious")
    with pytest.raises(RunError, match=rf"{name}: is a link\. Expected a file or folder of the run directory itself"):
        ledger_path(tmp_path / "run")
    write_ledger(tmp_path / "run/ledger.csv", read_ledger(written(tmp_path, ROWS)).cells)
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"


def test_a_row_with_the_former_name_of_a_check_keeps_what_people_wrote(tmp_path: Path) -> None:
    path = written(tmp_path, "coded_unlike:2024-19/J-1,high,,m,dismissed,Ada,the same act,,")
    ledger = read_ledger(path)
    assert ledger.rows[["finding_id", "status", "owner"]].to_numpy().tolist() == [
        ["inconsistent_coding:2024-19/J-1", "dismissed", "Ada"]
    ]


def test_no_former_name_is_a_current_one() -> None:
    assert not set(RENAMED_CHECKS) & set(RENAMED_CHECKS.values())


def test_a_workbook_is_read_and_written_as_a_csv_file_is(tmp_path: Path) -> None:
    cells = read_ledger(written(tmp_path, ROWS)).cells
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, cells.assign(mine=["a remark", ""]))
    before = path.read_bytes()
    ledger = read_ledger(path)
    assert ledger.rows["decision"].fillna(99).tolist() == [1, 99]
    assert ledger.cells["mine"].tolist() == ["a remark", ""]
    write_ledger(path, ledger.cells)
    assert path.read_bytes() == before
    write_ledger(path, cells.assign(status="done"))
    assert read_ledger(path).problems[1] == (
        "ledger.xlsx, sheet 'ledger', row 3 (cut_off:x): status 'done' is unknown, expected one of 'decided', "
        "'dismissed', 'open'; not used."
    )


def test_a_ledger_that_exists_twice_is_refused(tmp_path: Path) -> None:
    assert ledger_path(tmp_path) == tmp_path / "ledger.csv"
    (tmp_path / "ledger.xlsx").touch()
    assert ledger_path(tmp_path) == tmp_path / "ledger.xlsx"
    (tmp_path / "ledger.csv").touch()
    with pytest.raises(InputError, match=r"ledger\.csv and ledger\.xlsx: both exist\. Keep the ledger that you edited"):
        ledger_path(tmp_path)
