"""Figures and tables for print have the numbers of the frames, say what they are, and no text in them does anything."""

import re
import zipfile
from io import BytesIO, StringIO
from xml.etree import ElementTree

import pandas as pd
import pypdfium2
import pytest
from docx import Document
from exports import opened_sheets
from page_frames import PAYLOAD, rename
from PIL import Image

import g7tag
from g7tag.report import quality_table, run_exhibits

pytestmark = pytest.mark.slow

FORMULA = "=cmd|' /C calc'!A0"
NAMES = ["evidence", "scores", "timeline", "thresholds", "joint-acts", "agreement"]
MEASURED = pd.DataFrame(
    [{"tested_on": "new.csv", "scheme": "test part", "tagger": "g7tag", "macro_f1": 0.8, "macro_f1_low": 0.7,
      "macro_f1_high": 0.9, "dimensions": 0.85, "strength": 0.9, "n": 12}]
)  # fmt: skip


def made(run, **changed):
    act = {
        "joint_id": "a", "date": pd.Timestamp("2024-10-04"), "members": "Canada;Japan", "named_only": "Italy",
        "item_ids": "2024-19/CAN-01;2024-19/JPN-01", "alike": True,
    }  # fmt: skip
    frames = run.frames | {"joint_actions": pd.DataFrame([act])} | changed
    return run_exhibits(
        frames, run.final_scores(), run.codebook, agreement=run.agreement(), citation=["Cite <me>, 2026."],
        quality=quality_table(changed.get("measured", MEASURED)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(reviewed):
    return made(reviewed)


def hostile(run, words):
    """Exhibits of a run with words in every text that a report, a person or a codebook can set."""
    frames, book = rename(run, lambda kind: f"{words} {kind}", url="javascript:alert(1)")
    final = run.final_scores().assign(member=frames["scores"]["member"].unique())
    frames["tags"] = frames["tags"].assign(tagger=words)
    return run_exhibits(
        frames, final, book, agreement=run.agreement(), quality=quality_table(MEASURED.assign(tested_on=words)),
        citation=[words],
    )  # fmt: skip


def xml_parts(archive):
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist() if name.endswith((".xml", ".rels"))}


def test_figures_and_tables_are_numbered_and_say_what_they_are(reviewed, files):
    figures = [f"figure-{place}-{name}" for place, name in enumerate(NAMES, start=1)]
    kinds = ["scores", "evidence", "findings", "agreement", "tagger"]
    tables = [f"table-{place}-{name}" for place, name in enumerate(kinds, start=1)]
    pictures = [f"{name}.{kind}" for name in figures for kind in ("svg", "pdf", "png")]
    others = ["tables.xlsx", "exhibits.docx", "captions.md"]
    assert list(files) == [*pictures, *(f"{name}.csv" for name in tables), *others]
    captions = files["captions.md"].decode()
    shown = [paragraph.text for paragraph in Document(BytesIO(files["exhibits.docx"])).paragraphs]
    about = opened_sheets(files["tables.xlsx"])["Captions"].set_index("Exhibit")
    for name in (*figures, *tables):
        number = " ".join(name.split("-")[:2]).capitalize()
        caption, note = about.loc[number, ["Caption", "Note"]]
        assert f"**{number}. {caption}** ({name})" in captions
        assert f"{number}. {caption}" in shown
        assert f"Note. {note}" in shown
        assert f"Codebook {reviewed.codebook.id}, version {reviewed.codebook.version}; tagger 2024-" in note
        assert note.endswith(f"2 of {len(reviewed.labels)} labels by people.")  # one by Ada and Bo, one by Cy
    assert captions.endswith("## How to cite\n\nCite \\<me\\>, 2026.\n")
    assert shown[-1] == "Cite <me>, 2026."


def test_tables_have_the_numbers_of_the_frames_in_every_format(reviewed, files):
    sheets, document = opened_sheets(files["tables.xlsx"]), Document(BytesIO(files["exhibits.docx"]))
    names = [name for name in files if name.endswith(".csv")]
    tables = {name: pd.read_csv(StringIO(files[name].decode("utf-8-sig")), keep_default_na=False) for name in names}
    for place, (table, shown) in enumerate(zip(tables.values(), document.tables, strict=True), start=1):
        rows = [[str(cell).removesuffix(".0") for cell in row] for row in table.to_numpy().tolist()]
        read = sheets[f"Table {place}"].to_numpy().tolist()
        whole = [[int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row] for row in read]
        assert [[str(cell).removesuffix(".0") for cell in row] for row in whole] == rows
        cells = [[cell.text for cell in row.cells] for row in shown.rows]
        assert cells[0] == list(table)
        assert [[cell.removeprefix("+").removesuffix(".0") for cell in row] for row in cells[1:]] == rows
    scores, evidence = tables["table-1-scores.csv"].set_index("Member"), tables["table-2-evidence.csv"]
    assert scores.loc["Canada", ["Published", "Suggested (table)", "Final"]].tolist() == [1, 0, "1"]
    assert scores.loc["Japan", "Final"] == ""
    assert evidence["Strong items"].tolist() == reviewed.evidence_matrix["n_strong"].tolist()
    assert tables["table-3-findings.csv"]["Findings"].sum() == len(reviewed.findings)
    assert tables["table-5-tagger.csv"]["Macro-F1"].tolist() == ["0.80 [0.70, 0.90]"]


def test_figures_are_16_cm_wide_with_300_dpi_and_hold_no_date(reviewed, files):
    for name, content in files.items():
        if name.endswith(".png"):
            image = Image.open(BytesIO(content))
            assert (image.width, round(image.info["dpi"][0])) == (1890, 300)  # 6.3 inches
        elif name.endswith(".pdf"):
            page = pypdfium2.PdfDocument(content)[0]
            assert round(page.get_width()) == 454  # points: 6.3 inches
            if "joint" not in name and "agreement" not in name:
                assert "Canada" in page.get_textpage().get_text_bounded()
            assert b"CreationDate" not in content
        elif name.endswith(".svg"):
            assert b"<dc:date>" not in content
        elif zipfile.is_zipfile(BytesIO(content)):
            assert {part.date_time for part in zipfile.ZipFile(BytesIO(content)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert made(reviewed) == files


@pytest.mark.parametrize("words", [FORMULA, f"{PAYLOAD} $x^ [x](javascript:alert(1)) ![y](z) {'w' * 300}"])
def test_hostile_text_does_nothing_in_any_file(reviewed, words):
    for name, content in hostile(reviewed, words).items():
        if name.endswith(".svg"):
            root = ElementTree.fromstring(content)  # noqa: S314 - also fails for control characters
            tags = {each.tag.rpartition("}")[2] for each in root.iter()}
            assert tags <= {"svg", "g", "path", "use", "defs", "clipPath", "rect", "style", "metadata", "RDF", "Work"}
            assert not [key for each in root.iter() for key in each.attrib if key.startswith("on")]
        elif name.endswith(".pdf"):
            assert not re.search(rb"/(JavaScript|JS|Launch|URI|OpenAction)\b", content)
        elif name.endswith(".csv"):
            assert not re.search(r'^"?=|,"?=', content.decode("utf-8-sig"), flags=re.MULTILINE)
        elif name.endswith((".xlsx", ".docx")):
            parts = xml_parts(content)
            assert all(ElementTree.fromstring(each) is not None for each in parts.values())  # noqa: S314
            assert "<f>" not in "".join(parts.values())
            assert "TargetMode" not in "".join(each for part, each in parts.items() if part.endswith(".rels"))
            assert set(re.findall('w:instr="(.*?)"', "".join(parts.values()))) <= {"PAGE", "NUMPAGES"}
        elif name.endswith(".md"):
            text = content.decode()
            assert not re.search(r"(?<!\\)[<>\[\]&`|]", text)
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_what_has_no_rows_is_left_out_and_the_others_are_numbered_without_gaps(run):
    none = {name: run.frames[name].head(0) for name in ("thresholds", "joint_actions", "findings")}
    names = list(made(run, **none, measured=MEASURED.head(0)))
    assert [name for name in names if name.endswith((".svg", ".csv"))] == [
        "figure-1-evidence.svg", "figure-2-scores.svg", "figure-3-timeline.svg", "table-1-scores.csv",
        "table-2-evidence.csv",
    ]  # fmt: skip


@pytest.mark.chapter
def test_the_exhibits_of_the_real_chapter_name_the_quality_of_its_tagger(chapter_run, tmp_path):
    g7tag.open_run(chapter_run).write_exhibits(tmp_path / "exhibits")
    tagger = pd.read_csv(tmp_path / "exhibits/table-4-tagger.csv")
    assert tagger["Tested on"].tolist()[-1] == "all files"
