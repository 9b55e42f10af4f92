"""Tables saved by spreadsheets of different countries are read the same way."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag.batch.rows import open_rows
from g7tag.store import dialect_note, read_ledger, read_table, write_ledger
from g7tag.store.dialects import Dialect, dialect_of
from g7tag.store.ledger import COLUMNS

ROWS = [["a", "Polizei räumt „Lager“; zwei Täter, drei Opfer."], ["b", "Die Behörde – sie prüft."]]


def csv_of(delimiter: str) -> str:
    lines = [["sentence_id", "text"], *ROWS]
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in lines) + "\r\n"


SAVED = {
    "comma, UTF-8": (csv_of(",").encode(), Dialect("utf-8-sig", ",")),
    "comma, UTF-8 with a mark": (csv_of(",").encode("utf-8-sig"), Dialect("utf-8-sig", ",")),
    "semicolon, UTF-8": (csv_of(";").encode(), Dialect("utf-8-sig", ";")),
    "semicolon, Windows": (csv_of(";").encode("cp1252"), Dialect("cp1252", ";")),
    "comma, Windows": (csv_of(",").encode("cp1252"), Dialect("cp1252", ",")),
    "tab, UTF-16": (csv_of("\t").encode("utf-16"), Dialect("utf-16", "\t")),
    "tab, UTF-16 without a mark": (csv_of("\t").encode("utf-16-le"), Dialect("utf-16-le", "\t")),
    "tab, UTF-16 from the other end": (csv_of("\t").encode("utf-16-be"), Dialect("utf-16-be", "\t")),
    "named in the first line": (("sep=;\r\n" + csv_of(";")).encode(), Dialect("utf-8-sig", ";", named=True)),
}


@pytest.mark.parametrize("how", SAVED)
def test_a_table_is_read_however_a_spreadsheet_saved_it(tmp_path: Path, how: str) -> None:
    content, dialect = SAVED[how]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert dialect_of(path) == dialect
    assert read_table(path).to_numpy().tolist() == ROWS
    with open_rows(path, size=10) as rows:
        assert [list(row[1:3]) for chunk in rows.chunks for row in chunk] == ROWS
    said = dialect_note(path)
    assert (said == "") == (dialect.encoding == "utf-8-sig")
    assert not said or said.startswith(f"{path}: is not UTF-8 and was read as ")


@pytest.mark.parametrize(
    "content", [b"text\ncaf\xff\x81\n", "text\nä\n".encode() + b"caf\xe9s\n", b"text\n\xff\n"],
    ids=["no letter of Windows", "UTF-8 beside it", "no word"],
)  # fmt: skip
def test_damaged_utf8_is_not_taken_for_another_encoding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    assert dialect_of(tmp_path / "t.csv").encoding == "utf-8-sig"


@pytest.mark.parametrize("text", ["5 € were paid", "ÉTATS-UNIS", "À la fin", "Art. 3 º", "£ 5"])
def test_other_signs_of_windows_are_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_bytes(f"text\n{text}\n".encode("cp1252"))
    assert read_table(tmp_path / "t.csv")["text"].tolist() == [text]


def test_a_file_of_an_old_macintosh_is_not_taken_for_windows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("text\nZürich, café\n".encode("mac_roman"))
    assert dialect_of(tmp_path / "t.csv").encoding == "utf-8-sig"


def test_commas_within_quotes_part_no_cells(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id;"text, with, commas, in it";x\n1;a;b\n')
    assert read_table(tmp_path / "t.csv").columns.tolist() == ["id", "text, with, commas, in it", "x"]


def test_utf16_of_other_scripts_is_known_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("text\n警察は逮捕した\n".encode("utf-16-le"))
    assert read_table(tmp_path / "t.csv")["text"].tolist() == ["警察は逮捕した"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_ledger_keeps_the_delimiter_that_a_spreadsheet_gave_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    row = dict.fromkeys(COLUMNS, "") | {"finding_id": "score:x", "status": "decided", "owner": "Zoë", "decision": "1"}
    path = tmp_path / "ledger.csv"
    path.write_bytes(pd.DataFrame([row]).to_csv(index=False, sep=delimiter).encode(encoding))
    ledger = read_ledger(path)
    assert (ledger.problems, ledger.rows["owner"].tolist(), ledger.rows["decision"].tolist()) == ([], ["Zoë"], [1])
    write_ledger(path, ledger.cells)
    assert dialect_of(path) == Dialect("utf-8-sig", delimiter)
    assert read_ledger(path).rows["owner"].tolist() == ["Zoë"]
