"""Find, parse and clean the parts of a Word document that contain its text, and read the values of their elements."""

import posixpath
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from lzma import LZMAError
from typing import NamedTuple, TypeAlias
from zipfile import BadZipFile, ZipFile

from lxml import etree

from g7tag.errors import SourceError
from g7tag.text import listed

Element: TypeAlias = etree._Element

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
"""Prefixes of the namespaces in paths."""
W, M, A, MC = (f"{{{NAMES[prefix]}}}" for prefix in ("w", "m", "a", "mc"))
P, T = f"{W}p", f"{W}t"
ON = {"1", "true", "on"}

_NOT_SHOWN = etree.XPath(
    "//w:del[not(parent::w:rPr)] | //w:moveFrom[not(parent::w:rPr)] | //w:tr[w:trPr/w:del] | //w:tc[w:tcPr/w:cellDel]"
    " | //mc:AlternateContent[mc:Fallback//w:t]/mc:Choice",
    namespaces=NAMES,
)
"""Deleted text, and what newer programs show in place of a text. Insertions and moves are treated as accepted."""
_JOINED = etree.XPath("//w:p[w:pPr/w:rPr[w:del or w:moveFrom]][following-sibling::*[1][self::w:p]]", namespaces=NAMES)
"""Paragraphs that go on with the next one, as their end was deleted."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(main|math)\b")  # "Strict Open XML" of Word
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
BROKEN = (
    BadZipFile, LZMAError, zlib.error, struct.error, etree.LxmlError, EOFError, RuntimeError, ValueError,
    ArithmeticError, LookupError, AssertionError, OSError,
)  # fmt: skip
"""Errors of zipfile and lxml on damaged bytes."""
_LONGEST = 80  # characters in a message; names may have 65,535
_AGAIN = "Expected a complete Word document (.docx); get it again, or open it in Word and save it again."


class Parts(NamedTuple):
    """The root elements of a document's parts, first the three with text; a missing part is an empty element.

    What the page does not show was removed, and text boxes and drawings: `drawn` are their texts.
    """

    document: Element
    footnotes: Element
    endnotes: Element
    styles: Element
    numbering: Element
    settings: Element
    drawn: list[str]


def read_parts(content: bytes) -> Parts:
    """Read the parts of a Word document that contain its text; no other part is unpacked."""
    package = _Package(content)
    main = package.related("").get("officeDocument", "word/document.xml")
    document = package.read(main) if main in package else etree.Element("missing")
    if document.tag != f"{W}document":
        names = listed(name[:_LONGEST] for name in package.members.values())
        msg = f"is a zip file but no Word document (it contains {names}). Expected a .docx; save the report as one."
        raise SourceError(msg)
    if next(document.iter(f"{W}altChunk", f"{W}subDoc"), None) is not None:
        msg = "includes text from another file. Expected all text in the document; open it in Word and save it again."
        raise SourceError(msg)
    related = package.related(main)
    others = {
        kind: package.read(related[kind]) if kind in related else etree.Element("missing")
        for kind in ("footnotes", "endnotes", "styles", "numbering", "settings")
    }
    texts = (document, others["footnotes"], others["endnotes"])
    return Parts(document, **others, drawn=[text for each in texts for text in _remove_unshown(each)])


def child(element: Element | None, path: str) -> Element | None:
    """Return the first element on a path, or None."""
    return None if element is None else element.find(path, NAMES)


def value(element: Element | None, name: str = "val") -> str:
    """Return a Word attribute, or "" if the element or the attribute is missing."""
    return "" if element is None else element.get(f"{W}{name}", "").strip()


def number(text: str, default: int) -> int:
    """Return the integer in an attribute, or the default if it is not an integer."""
    return int(text) if _NUMBER.fullmatch(text) else default


def within(element: Element, *names: str) -> Iterator[Element]:
    """Yield the outermost elements with some of Word's names, at any depth."""
    walk = etree.iterwalk(element, events=("start",), tag=[f"{W}{name}" for name in names])
    for _, each in walk:
        yield each
        walk.skip_subtree()


class _Package:
    """The zip file of a Word document; a part is unpacked when it is read, and its name ignores case."""

    def __init__(self, content: bytes) -> None:
        try:
            self._file = ZipFile(BytesIO(content))
        except BROKEN as error:
            msg = f"is truncated or broken ({str(error)[:_LONGEST]}). {_AGAIN}"
            raise SourceError(msg) from error
        self.members = {name.casefold(): name for name in self._file.namelist()}

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self.members

    def related(self, source: str) -> dict[str, str]:
        """Map each type of relationship of a part, or of the whole package, to the name of its target part."""
        folder, name = posixpath.split(source)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, str] = {}
        for relation in self.read(place) if place in self else ():
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found.setdefault(relation.get("Type", "").rpartition("/")[2], target)
        return found

    def read(self, name: str) -> Element:
        """Parse a part, without external resources; a document type is refused, as its entities could be an attack."""
        if name not in self:
            msg = f"is missing its part {name[:_LONGEST]!r}. {_AGAIN}"
            raise SourceError(msg)
        parser = etree.XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(_STRICT.sub(_USUAL, self._file.read(self.members[name.casefold()])), parser)
            why = "it has a DOCTYPE" if root.getroottree().docinfo.internalDTD is not None else ""
        except BROKEN as error:
            why = " ".join(str(error).split()) or "it ends early"
        if why:
            msg = f"has a broken part {name[:_LONGEST]!r} ({why[:_LONGEST]}). {_AGAIN}"
            raise SourceError(msg)
        return root


def _remove_unshown(root: Element) -> list[str]:
    """Remove deleted text, codes of fields and all that is drawn from a part; return the texts of what is drawn."""
    _remove(_NOT_SHOWN(root))
    etree.strip_tags(root, f"{MC}AlternateContent", f"{MC}Choice", f"{MC}Fallback")
    _remove(_field_codes(root))
    for each in _JOINED(root):
        following = each.getnext()
        start = 0 if child(following, "w:pPr") is None else 1
        following[start:start] = [inner for inner in each if inner.tag != f"{W}pPr"]
        _remove([each])
    drawn = list(within(root, "drawing", "pict", "object", "txbxContent"))
    _remove(drawn)
    texts = ("".join(each.itertext(T, f"{A}t", with_tail=False)).strip() for each in drawn)
    return [text for text in texts if text]


def _remove(elements: Iterable[Element]) -> None:
    for each in elements:
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)


def _field_codes(root: Element) -> list[Element]:
    """Return the texts in the codes of fields, or none if a field has no end, as it would swallow the rest."""
    codes: list[Element] = []
    fields: list[str] = []  # "begin" or "separate" for each open field
    for each in root.iter(T, f"{W}fldChar"):
        turn = value(each, "fldCharType")
        if each.tag == T:
            codes += [each] if "begin" in fields else []
        elif turn == "begin":
            fields.append(turn)
        elif fields:
            fields[-1:] = [turn] if turn == "separate" else []
    return [] if fields else codes
