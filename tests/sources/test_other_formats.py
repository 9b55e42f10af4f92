"""ODT, RTF and scans: the command that the message names makes a file that g7tag reads."""

import os
import shlex
import shutil
import subprocess
from collections import Counter
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from manuscript import manuscript_of
from PIL import Image
from same_evidence import evidence_of, said
from set_docx import set_docx
from set_pdf import set_pdf

import g7tag
from g7tag.errors import SourceError
from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents

REPORT = g7tag.example_path("invented-report.txt").read_text()


def run(program: str, *arguments: object) -> None:
    """Run a program, or skip the test if it is not installed (LibreOffice: fail, where it is required)."""
    if shutil.which(program) is None:
        message = f"{program.upper()} IS MISSING: install it to test the command that g7tag names"
        required = program == "soffice" and os.environ.get("G7TAG_LIBREOFFICE")
        pytest.fail(message) if required else pytest.skip(message)
    subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, timeout=300)


def run_named(path: Path, **names: str) -> None:
    """Run the command that the message on a file names, with other file names in it."""
    with pytest.raises(SourceError) as refused:
        read_documents([path])
    program, *words = shlex.split(str(refused.value).rpartition("it: ")[2])
    for old, new in names.items():
        words = [word.replace(old.replace("_", "."), new) for word in words]
    run(program, *words)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["odt", "rtf"])
def test_the_named_command_makes_a_file_with_the_evidence_of_the_text(tmp_path, monkeypatch, codebook, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # LibreOffice keeps its profile there
    Path("r.docx").write_bytes(set_docx(manuscript_of(REPORT)))
    run("soffice", "--headless", "--convert-to", name, "r.docx")
    Path("r.docx").unlink()
    run_named(Path(f"r.{name}"), FILE=f"r.{name}")
    (made,) = Path().glob("*.docx")
    found = extract_evidence(read_documents([made]), codebook)
    assert said(found) == said(evidence_of(REPORT, codebook))


def scanned(pdf: bytes) -> bytes:
    """The pages of a PDF as images, a little askew."""
    pages = [page.render(scale=300 / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]
    pages = [page.rotate(0.5, Image.Resampling.BICUBIC, fillcolor=255) for page in pages]
    file = BytesIO()
    pages[0].save(file, "PDF", resolution=300, save_all=True, append_images=pages[1:])
    return file.getvalue()


@pytest.mark.nightly
def test_the_named_command_makes_the_text_of_a_scan_readable(tmp_path, monkeypatch, codebook):
    monkeypatch.chdir(tmp_path)
    Path("scan.pdf").write_bytes(scanned(set_pdf(manuscript_of(REPORT))))
    run_named(Path("scan.pdf"), in_pdf="scan.pdf", out_pdf="read.pdf")
    found = read_documents([Path("read.pdf")])
    assert (found.documents["status"].tolist(), found.documents["hidden"].tolist()) == (["recognized"], ["[]"])
    assert found.gaps[["part", "kind"]].to_numpy().tolist() == [["scanned pages", "recognized"]]
    evidence, true = extract_evidence(found, codebook), evidence_of(REPORT, codebook)
    assert said(evidence)["members"] == said(true)["members"]
    assert set(evidence.items["date"]) <= set(true.items["date"])
    words, read = (Counter(" ".join(each.items["text"]).split()) for each in (true, evidence))
    assert (words & read).total() > 0.9 * words.total()
