"""Word documents written part by part, so that each test shows its XML."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx.oxml.ns import nsdecls
from manuscript import Manuscript
from reading import blocks
from set_docx import set_docx

NAMESPACES = f'{nsdecls("w", "m", "a", "w14")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
GOOD = set_docx(
    Manuscript(
        ["19. Migration", "\tNo\tFull", "Canada\t0\t", "Canada: 0", "On 9 July 2024, they met.¹⁰¹ They left.¹⁰²"],
        {101: "A law, Aurel Herald (Port Aurel) 9 July 2024. https://a.example", 102: "Another, Herald (Aurel) n.d."},
    )
)
"""A document with a heading, a table and two notes."""


def relations(targets: dict[str, str]) -> str:
    """The relationships of a part: kind -> target."""
    rows = (f'<Relationship Id="r{kind}" Type="{RELATION}/{kind}" Target="{at}"/>' for kind, at in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{"".join(rows)}</Relationships>'


def parts_of(body: str, **parts: str) -> dict[str, str | bytes]:
    """The members of a document of some body; other parts are given by the content of their roots."""
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations({"officeDocument": "word/document.xml"}),
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations({kind: f"{kind}.xml" for kind in parts}),
        **{f"word/{kind}.xml": f"<w:{kind} {NAMESPACES}>{inner}</w:{kind}>" for kind, inner in parts.items()},
    }


def zipped(members: dict[str, str | bytes], packing: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def word(body: str, **parts: str) -> bytes:
    return zipped(parts_of(body, **parts))


def read(body: str, **parts: str) -> list[str]:
    """The text of each block of a document of some body."""
    return blocks(word(body, **parts))


def element(name: str, inner: str, properties: str) -> str:
    return f"<w:{name}>{f'<w:{name}Pr>{properties}</w:{name}Pr>' if properties else ''}{inner}</w:{name}>"


def p(*runs: str, properties: str = "") -> str:
    return element("p", "".join(runs), properties)


def r(text: str, properties: str = "") -> str:
    """A run; content that starts with "<" is XML, other content is text."""
    return element("r", text if text.startswith("<") else f'<w:t xml:space="preserve">{text}</w:t>', properties)


def cell(*paragraphs: str, properties: str = "") -> str:
    """A table cell; plain text becomes a paragraph."""
    return element("tc", "".join(each if each.startswith("<") else p(r(each)) for each in paragraphs), properties)


def table(*rows: str, properties: str = "") -> str:
    """A table of rows, each the XML of its cells."""
    return element("tbl", "".join(f"<w:tr>{row}</w:tr>" for row in rows), properties)
