"""Make the PDFs in exports/, as LibreOffice exports Word documents. Run by hand where LibreOffice is installed.

python tests/sources/make_exports.py

`layouts.EXPORTS` names the documents and the reports in them. The PDFs are stored because few machines have
LibreOffice; make them again when an invented report changes.
"""

import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt
from layouts import EXPORTED, EXPORTS, report
from set_docx import W, saved

OPTIONS = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"false"}}'
"""The tags of a PDF are two thirds of its size, and g7tag does not read them."""
PAGE = f'<w:fldSimple {W} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (of, setter, page, footer) in EXPORTS.items():
            Path(folder, f"{name}.docx").write_bytes(printable(setter(report(of)), page=page, footer=footer))
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", OPTIONS]
        names = [f"{folder}/{name}.docx" for name in EXPORTS]
        subprocess.run([*command, "--outdir", str(EXPORTED), *names], check=True)


def printable(content: bytes, *, page: tuple[float, float], footer: float) -> bytes:
    """Return a Word document with a page size, a running head, and page numbers this far below the text (points)."""
    document = Document(BytesIO(content))
    for style in document.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH:
            style.font.name = "Times New Roman"
            for place in ("w:asciiTheme", "w:hAnsiTheme"):
                style.element.rPr.rFonts.attrib.pop(qn(place), None)
    for section in document.sections:
        section.page_width, section.page_height = map(Pt, page)
        section.bottom_margin, section.footer_distance = Pt(72), Pt(72 - footer)
        section.header.paragraphs[0].text = "2024 G7 Apulia Summit Final Compliance Report"
        section.footer.paragraphs[0]._p.append(parse_xml(PAGE))
    return saved(document)


if __name__ == "__main__":
    main()
