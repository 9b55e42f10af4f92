"""Small files that would need all memory or time: sheets, codebooks and encoders of strangers are refused by name."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import CodebookError, InputError, ModelError
from g7tag.store import data_path, file_sha256, open_sheet, sheets
from g7tag.tagger import default_model, encoder, load_tagger

XLSX = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
        Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
        <sheets><sheet name="labels" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships
        xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        Target="worksheets/sheet1.xml"/><Relationship Id="r2"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        Target="sharedStrings.xml"/></Relationships>""",
}
ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
    <table:table table:name="labels">{}</table:table></office:spreadsheet></office:body></office:document-content>"""
HEAD = '<row r="1"><c r="A1" t="str"><v>sentence_id</v></c>{}</row>'


def xlsx(path: Path, rows: str, strings: str = "") -> None:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in XLSX.items():
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", f"<sst {main}><si><t>{strings}</t></si></sst>")
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>")


def ods(path: Path, rows: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS.format(rows))


def cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="str"><v>{text}</v></c>'


def shared(path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000))
    xlsx(path, HEAD.format("") + rows, "a" * 90_000)


ODS_CELL = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
SHEETS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a cell in the last row and column": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format("") + f'<row r="1048576">{cell("XFD1048576")}</row>'),
        r"cannot be read: .*needs more than 1\.5 GB of memory",
    ),
    "one long text in each row": ("q.xlsx", shared, r"cannot be read: .*needs more than 1\.5 GB of memory"),
    "a million rows": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format("") + f'<row r="1048576">{cell("A1048576")}</row>'),
        r"sheet 'labels': has more than 200,000 rows",
    ),
    "16,384 columns": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format(cell("XFD1"))), r"sheet 'labels': has more than 1,000 columns"
    ),
    "a cell of 60 MB": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format(cell("B1", "a" * 60_000_000))), r"100,000 characters in a cell"
    ),
    "XML nested a million deep": (
        "q.xlsx", lambda path: xlsx(path, '<row r="1">' + "<c>" * 1_000_000), r"q\.xlsx: not a readable \.xlsx file"
    ),
    "four billion columns": (
        "q.ods",
        lambda path: ods(
            path, "<table:table-row>" + ODS_CELL.format(' table:number-columns-repeated="4000000000"')
            + "</table:table-row>",
        ),
        r"has more than 1,000 columns",
    ),
    "a billion cells": (
        "q.ods",
        lambda path: ods(
            path, '<table:table-row table:number-rows-repeated="1000000">'
            + ODS_CELL.format(' table:number-columns-repeated="1000000"') + "</table:table-row>",
        ),
        r"q\.ods: not a readable \.ods file \(Cell limit exceeded",
    ),
    "a million columns": ("q.csv", lambda path: path.write_text("," * 1_000_000), r"has more than 1,000 columns"),
    "a cell of 2 MB": ("q.csv", lambda path: path.write_text("a" * 2_000_000), r"field larger than field limit"),
}  # fmt: skip


@pytest.mark.parametrize("how", SHEETS)
def test_a_sheet_that_would_need_too_much_is_refused_by_name(tmp_path: Path, how: str) -> None:
    name, write, cause = SHEETS[how]
    write(tmp_path / name)
    with pytest.raises(InputError, match=cause) as raised:
        open_sheet(tmp_path / name, key="sentence_id")
    assert str(raised.value).startswith(str(tmp_path / name))


@pytest.mark.slow
def test_a_sheet_that_takes_too_long_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SECONDS", 0.5)
    xlsx(tmp_path / "q.xlsx", HEAD.format("") + "<row/>" * 20_000_000)
    with pytest.raises(InputError, match=r"q\.xlsx: cannot be read: takes more than 0\.5 s of processor time\. Copy"):
        open_sheet(tmp_path / "q.xlsx", key="sentence_id")


DIMENSION = '[[dimensions]]\nkey = "d{0}"\nlabel = "D{0}"\ndefinition = "D."\n'
CODEBOOKS = {
    "a dotted key": ("a" + ".a" * 50_000 + " = 1", "a key of more than 16 parts"),
    "a heading": ("[a" + " . a" * 25_000 + "]", "a key of more than 16 parts"),
    "a key in quotes": ("x = {" + '"a".' * 20_000 + "a = 1}", "a key of more than 16 parts"),
    "arrays": ("x = " + "[" * 100_000, "values within values, too deep"),
    "size": ("#" * 1_000_001, "more than 1,000,000 bytes"),
    "a number": ("x = " + "1" * 900_000, "Exceeds the limit"),
}


@pytest.mark.parametrize("how", CODEBOOKS)
def test_a_codebook_that_is_too_large_or_too_deep_is_refused(tmp_path: Path, how: str) -> None:
    content, cause = CODEBOOKS[how]
    (tmp_path / "a.toml").write_text(content)
    with pytest.raises(CodebookError, match=rf"a\.toml: not a TOML file \({cause}.*\)\. Expected a codebook such as"):
        load_codebook(tmp_path / "a.toml")


def test_a_codebook_with_too_many_dimensions_is_refused(tmp_path: Path) -> None:
    more = "".join(DIMENSION.format(n) for n in range(7))  # with the four of the bundled one
    bundled = data_path("codebooks/2024-apulia-19.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(bundled + "\n" + more, encoding="utf-8")
    with pytest.raises(CodebookError, match=r"a\.toml: has 11 dimensions\. Expected at most 10; join some of them"):
        load_codebook(tmp_path / "a.toml")


def field(number: int, value: int | str | bytes) -> bytes:
    """Return a field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def node(kind: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    own = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind)
    return own + (field(5, attribute) if attribute else b"")


INT64, FLOAT, BOOL = 7, 1, 9


def value(name: str, kind: int, dims: int) -> bytes:
    shape = b"".join(field(1, field(2, f"{name}{n}")) for n in range(dims))
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def numbers(name: str, *values: int, dims: int = 1) -> bytes:
    """Return a tensor of whole numbers."""
    return field(8, name) + field(1, len(values)) * dims + field(2, INT64) + b"".join(field(7, n) for n in values)


def graph(nodes: list[bytes], tensors: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    parts = ((1, nodes), (5, tensors), (11, inputs), (12, outputs))
    return field(2, "g") + b"".join(field(number, each) for number, part in parts for each in part)


def onnx(extra: list[bytes], tensors: list[bytes], n_labels: int) -> bytes:
    """Return a model that gives each word piece the number `extra` for every label."""
    nodes = [
        *extra,
        node("Unsqueeze", ["input_ids", "axis"], "wide"),
        node("Cast", ["wide"], "real", field(1, "to") + field(3, FLOAT) + field(20, 2)),
        node("Tile", ["real", "times"], "tiled"),
        node("Add", ["tiled", "extra"], "pieces"),
    ]
    tensors = [*tensors, numbers("axis", 2), numbers("times", 1, 1, n_labels)]
    inputs = [value("input_ids", INT64, 2), value("token_type_ids", INT64, 2)]
    main = graph(nodes, tensors, inputs, [value("pieces", FLOAT, 3)])
    return field(1, 8) + field(7, main) + field(8, field(1, "") + field(2, 17))


def elsewhere(n_labels: int) -> bytes:
    where = field(13, field(1, "location") + field(2, "secret.bin"))
    tensor = field(8, "extra") + field(1, n_labels) + field(2, FLOAT) + where + field(14, 1)
    return onnx([], [tensor], n_labels)


def sixteen_gigabytes(n_labels: int) -> bytes:
    nodes = [node("ConstantOfShape", ["size"], "many"), node("ReduceSum", ["many"], "extra")]
    return onnx(nodes, [numbers("size", 4_000_000_000)], n_labels)


def endless(n_labels: int) -> bytes:
    same = [node("Identity", ["go"], "again"), node("Identity", ["kept"], "result")]
    inputs = [value("turn", INT64, 0), value("go", BOOL, 0), value("kept", FLOAT, 0)]
    body = graph(same, [], inputs, [value("again", BOOL, 0), value("result", FLOAT, 0)])
    loop = node("Loop", ["turns", "yes", "start"], "extra", field(1, "body") + field(6, body) + field(20, 5))
    yes = field(8, "yes") + field(2, BOOL) + field(9, b"\1")
    start = field(8, "start") + field(2, FLOAT) + field(9, b"\0" * 4)
    return onnx([loop], [numbers("turns", 2**62, dims=0), yes, start], n_labels)


def harmless(n_labels: int) -> bytes:
    return onnx([], [field(8, "extra") + field(2, FLOAT) + field(9, b"\0" * 4)], n_labels)


@pytest.fixture
def save(tmp_path: Path, codebook: Codebook) -> Callable[[Callable[[int], bytes]], Path]:
    """Return a function that saves the bundled model with another encoder, which its manifest describes."""

    def save(made: Callable[[int], bytes]) -> Path:
        source = default_model(codebook)
        for file in source.parent.glob(f"{source.stem}.*"):
            shutil.copy(file, tmp_path / file.name)
        model, manifest = tmp_path / source.name, tmp_path / f"{source.name}.json"
        about = json.loads(manifest.read_text())
        content = made(len(about["encoder"]["labels"]))
        model.with_suffix(".onnx").write_bytes(content)
        about["encoder"] |= {"sha256": file_sha256(model.with_suffix(".onnx")), "bytes": len(content)}
        manifest.write_text(json.dumps(about))
        return model

    return save


Save = Callable[[Callable[[int], bytes]], Path]


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        (elsewhere, r"the encoder may refer to data in other files\. Do not use it"),
        (sixteen_gigabytes, r"the encoder cannot be used \(.* running ConstantOfShape node"),
        pytest.param(endless, r"the encoder cannot be used \(it takes more than 4 s", marks=pytest.mark.slow),
    ],
    ids=["data in another file", "16 GB", "a loop"],
)
def test_an_encoder_of_a_stranger_that_would_need_too_much_is_refused_by_name(
    save: Save, codebook: Codebook, monkeypatch: pytest.MonkeyPatch, made: Callable[[int], bytes], cause: str
) -> None:
    monkeypatch.setattr(encoder, "MOST_SECONDS", 4.0)
    model = save(made)
    monkeypatch.chdir(model.parent)
    Path("secret.bin").write_bytes(b"\0" * 400)
    with pytest.raises(ModelError, match=rf"\.onnx: {cause}"):
        load_tagger(model, codebook)


def test_the_encoder_that_the_bombs_are_made_from_can_be_used(save: Save, codebook: Codebook) -> None:
    assert load_tagger(save(harmless), codebook).encoder is not None
