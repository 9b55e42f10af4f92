"""The ledger is read with its problems, and the text that people wrote is preserved."""

import pandas as pd
import pytest

from g7tag.errors import InputError, RunError
from g7tag.store import ledger_path, read_ledger, write_ledger
from g7tag.store.cells import Dialect, dialect_of
from g7tag.store.ledger import COLUMNS

ROWS = "score:2024-19/CAN,,Canada,m,decided,Ada,why,+1,h\ncut_off:x,low,,m,open,,,,h\n"


@pytest.fixture
def path(tmp_path):
    """A ledger of two rows."""
    (tmp_path / "ledger.csv").write_text(f"{','.join(COLUMNS)}\n{ROWS}", encoding="utf-8")
    return tmp_path / "ledger.csv"


def row(**cells):
    return dict.fromkeys(COLUMNS, "") | {"finding_id": "a", "status": "open"} | cells


def add(path, *lines):
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")


def test_rows_are_read_as_people_write_them_and_a_missing_file_is_empty(path):
    add(path, "a,low,,m, Decided ,Ada,,−1,", " inconsistent_coding:J-1 ,high,,m,DISMISSED,Ada,the same act, -1 ,")
    ledger = read_ledger(path)
    assert ledger.problems == []
    assert ledger.rows["decision"].fillna(99).tolist() == [1, 99, -1, -1]
    assert ledger.rows["status"].tolist() == ["decided", "open", "decided", "dismissed"]
    assert ledger.rows["finding_id"].iloc[3] == "inconsistent_coding:J-1"
    missing = read_ledger(path.with_name("none.csv"))
    assert (len(missing.cells), len(missing.rows), missing.problems) == (0, 0, [])


def test_a_row_that_cannot_be_used_is_named_and_its_cells_are_kept(path):
    add(
        path, "a,low,,m,done,,,,", "b,low,,m,decided,,,2,", "cut_off:x,low,,m,open,,,,",
        "c,low,,m,dismissed, ,why,,", ",low,,m,open,,,,",
    )  # fmt: skip
    ledger = read_ledger(path)
    assert ledger.problems == [
        "ledger.csv, row 3 (cut_off:x): its finding_id appears twice; not used.",
        "ledger.csv, row 4 (a): status 'done' is unknown, expected one of 'decided', 'dismissed', 'open'; not used.",
        "ledger.csv, row 5 (b): decision '2' is not a score, expected -1, 0, +1 or nothing; not used.",
        "ledger.csv, row 6 (cut_off:x): its finding_id appears twice; not used.",
        "ledger.csv, row 7 (c): status 'dismissed' without an owner, expected the name of the person who decided; "
        "not used.",
        "ledger.csv, row 8 (no id): finding_id is missing; not used.",
    ]
    assert len(ledger.cells) == 7
    assert ledger.rows["finding_id"].tolist() == ["score:2024-19/CAN"]


@pytest.mark.parametrize(("content", "match"), [
    ("finding_id,status\n", r"column 'severity' is missing, found 'finding_id', 'status'\. Restore the column"),
    (f"My ledger\n{','.join(COLUMNS)}\n{ROWS}", r"has text above its headings .* Move it away"),
    ("\0", r"no column 'finding_id'"),
], ids=["no column", "a title", "no table"])  # fmt: skip
def test_a_ledger_of_which_something_would_be_lost_is_refused(path, content, match):
    path.write_text(content)
    with pytest.raises(InputError, match=rf"ledger\.csv: {match}"):
        read_ledger(path)


def test_what_people_wrote_comes_back_as_it_was_and_no_cell_is_a_formula(path):
    notes = ["=1+1", "'=1+1", "-5 items", "plain", "a, b", 'she said "no"', "@x", "two\nlines", "'tis", "€"]
    cells = pd.DataFrame([row(finding_id=f"f{at}", note=note, decision="-1") for at, note in enumerate(notes)])
    write_ledger(path, cells.assign(mine="my own", column_k="without a heading"))
    text = path.read_text(encoding="utf-8")
    assert "'=1+1" in text
    assert ",=1+1" not in text
    path.write_text(text.replace("column_k", ""), encoding="utf-8")
    write_ledger(path, read_ledger(path).cells)
    assert path.read_text(encoding="utf-8") == text
    assert read_ledger(path).cells["note"].tolist() == notes
    path.write_bytes(f'{",".join(COLUMNS)}\na,low,,m,open,,"one\rtwo",,\n'.encode())
    assert read_ledger(path).cells["note"].tolist() == ["one\ntwo"]  # a lone carriage return does not part the row


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (";", "utf-8-sig")])
def test_a_ledger_keeps_the_delimiter_that_a_spreadsheet_gave_it(path, delimiter, encoding):
    cells = pd.DataFrame([row(status="decided", owner="Zoë", decision="1")])
    path.write_bytes(cells.to_csv(index=False, sep=delimiter).encode(encoding))
    ledger = read_ledger(path)
    assert (ledger.problems, ledger.rows["owner"].tolist(), ledger.rows["decision"].tolist()) == ([], ["Zoë"], [1])
    write_ledger(path, ledger.cells)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert dialect_of(path) == Dialect("utf-8-sig", delimiter)
    assert read_ledger(path).rows["owner"].tolist() == ["Zoë"]


def test_a_workbook_is_read_and_written_as_a_csv_file_is(path):
    cells = read_ledger(path).cells
    book = path.with_name("ledger.xlsx")
    write_ledger(book, cells.assign(mine=["a remark", ""]))
    before = book.read_bytes()
    ledger = read_ledger(book)
    assert ledger.rows["decision"].fillna(99).tolist() == [1, 99]
    assert ledger.cells["mine"].tolist() == ["a remark", ""]
    write_ledger(book, ledger.cells)
    assert book.read_bytes() == before
    write_ledger(book, cells.assign(status="done"))
    assert read_ledger(book).problems[1].startswith("ledger.xlsx, sheet 'ledger', row 3 (cut_off:x): status 'done' is")


def test_one_ledger_is_used_two_are_refused_and_links_are_not_followed(tmp_path):
    assert ledger_path(tmp_path) == tmp_path / "ledger.csv"
    (tmp_path / "ledger.xlsx").touch()
    assert ledger_path(tmp_path) == tmp_path / "ledger.xlsx"
    (tmp_path / "ledger.csv").touch()
    with pytest.raises(InputError, match=r"ledger\.csv and ledger\.xlsx: both exist\. Keep the ledger that you edited"):
        ledger_path(tmp_path)
    (tmp_path / "ledger.xlsx").unlink()
    (tmp_path / "ledger.xlsx").symlink_to(tmp_path / "ledger.csv")
    with pytest.raises(RunError, match=r"ledger\.xlsx: is a link\. Expected a file or folder of the run directory"):
        ledger_path(tmp_path)
    (tmp_path / "link.csv").symlink_to(tmp_path / "ledger.csv")
    write_ledger(tmp_path / "link.csv", pd.DataFrame([row()]))
    assert (tmp_path / "ledger.csv").read_bytes() == b""
