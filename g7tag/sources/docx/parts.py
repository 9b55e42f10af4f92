"""Find, parse and clean the parts of a Word document that contain its text, and read the values of their elements."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.archives import Archive, open_archive, read_member, shorten

Element: TypeAlias = etree._Element

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
"""Prefixes of the namespaces in paths."""
W, M, A = (f"{{{NAMES[prefix]}}}" for prefix in "wma")
P, T = f"{W}p", f"{W}t"
_DRAWN = tuple(f"{W}{name}" for name in ("drawing", "pict", "object", "txbxContent"))
_NOT_SHOWN = etree.XPath(
    "//w:del[not(parent::w:rPr)] | //w:moveFrom[not(parent::w:rPr)] | //w:tr[w:trPr/w:del] | //w:tc[w:tcPr/w:cellDel]"
    " | //mc:AlternateContent[mc:Fallback//w:t]/mc:Choice",
    namespaces=NAMES,
)
"""Deleted text, and what newer programs show in place of a text. Insertions and moves are treated as accepted."""
ON = {"1", "true", "on"}
_OFF = {"0", "false", "off"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_MOST_DEEP = 256
"""Default nesting limit of libxml2; a table in a table in a table has 20 levels."""

_DOCUMENT = "word/document.xml"
_SAVE = "Expected a Word document (.docx)"
_AGAIN = f"{_SAVE} as Word writes it; open it in Word and save it again."
_FOREIGN = ("altChunk", "subDoc")
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(main|math)\b")
"""A namespace of a "Strict Open XML document", which Word can write."""
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"


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
    has_pictures: bool


def read_parts(content: bytes) -> Parts:
    """Read the parts of a Word document that contain its text; no other part is unpacked."""
    archive = open_archive(content)
    names = {name.casefold(): name for name in archive.members}
    main = _related(archive, names, "").get("officeDocument", _DOCUMENT)
    if main.casefold() not in names:
        count, first = len(archive.members), shorten(next(iter(archive.members)))
        msg = (
            f"is a zip file without {shorten(main)!r} (it contains {count:,} files, the first is {first!r}). {_SAVE}; "
            "save the report as one."
        )
        raise SourceError(msg)
    related = _related(archive, names, main)
    document = _parse_member(archive, names, main)
    if document.tag != f"{W}document":
        what = shorten(etree.QName(document).localname)
        msg = f"has a main part {shorten(main)!r} of type {what!r}. {_SAVE}; save the report as one."
        raise SourceError(msg)
    for name in _FOREIGN:
        if child(document, f".//w:{name}") is not None:
            msg = (
                f"includes text from another file (w:{name}). Expected all text in the document itself; open it in "
                "Word and save it again."
            )
            raise SourceError(msg)

    def part(name: str) -> Element:
        return _parse_member(archive, names, related[name]) if name in related else etree.Element("missing")

    texts = document, part("footnotes"), part("endnotes")
    has_pictures = next(document.iter(*_DRAWN), None) is not None
    drawn = [text for each in texts for text in _remove_unshown(each)]
    return Parts(*texts, part("styles"), part("numbering"), part("settings"), drawn, has_pictures)


def child(element: Element | None, path: str) -> Element | None:
    """Return the first element on a path, or None."""
    return None if element is None else element.find(path, NAMES)


def value(element: Element | None, name: str = "val") -> str:
    """Return a Word attribute, or "" if the element or the attribute is missing."""
    return "" if element is None else element.get(f"{W}{name}", "").strip()


def number(text: str, default: int) -> int:
    """Return the integer in an attribute, or the default if it is not an integer."""
    return int(text) if _NUMBER.fullmatch(text) else default


def is_on(element: Element | None) -> bool:
    """Return whether a property is on: it exists, and its value does not turn it off."""
    return element is not None and value(element).lower() not in _OFF


def within(element: Element, *names: str) -> Iterator[Element]:
    """Yield the outermost elements with some of Word's names, at any depth."""
    walk = etree.iterwalk(element, events=("start",), tag=[f"{W}{name}" for name in names])
    for _, each in walk:
        yield each
        walk.skip_subtree()


def _related(archive: Archive, names: dict[str, str], source: str) -> dict[str, str]:
    """Map each type of relationship of a part, or of the whole package, to the name of its target part."""
    folder, name = posixpath.split(source)
    place = names.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
    found: dict[str, str] = {}
    for relation in _parse_xml(read_member(archive, place), place) if place else ():
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found.setdefault(relation.get("Type", "").rpartition("/")[2], target)
    return found


def _parse_member(archive: Archive, names: dict[str, str], name: str) -> Element:
    """Parse a required part."""
    place = names.get(name.casefold())
    if place is None:
        msg = f"is missing its part {shorten(name)!r}. {_AGAIN}"
        raise SourceError(msg)
    return _parse_xml(read_member(archive, place), place)


def _parse_xml(content: bytes, part: str) -> Element:
    """Parse a part without a DTD, entities or external resources."""
    place = shorten(part)
    doctype = b"<!DOCTYPE" in content.replace(b"\0", b"")  # also in UTF-16, and before parsing
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = None if doctype else etree.fromstring(_STRICT.sub(_USUAL, content), parser)
    except (etree.LxmlError, ValueError, LookupError, AssertionError) as error:
        if "depth" in str(error):
            msg = f"nests elements in {place!r} more than {_MOST_DEEP} deep. Expected a report; save only its text."
            raise SourceError(msg) from error
        why = shorten(" ".join(str(getattr(error, "msg", error)).split()))
        msg = f"has a broken part {place!r} ({why}). {_AGAIN}"
        raise SourceError(msg) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        msg = f"has a DOCTYPE in its part {place!r}, which may be an attack or load other files. {_AGAIN}"
        raise SourceError(msg)
    return root


def _remove_unshown(root: Element) -> list[str]:
    """Remove deleted text, codes of fields and all that is drawn from a part; return the texts of what is drawn."""
    _remove(_NOT_SHOWN(root))
    _remove(_field_codes(root))
    drawn: list[str] = []
    for each in reversed(list(root.iter(*_DRAWN))):  # the innermost first, so that each text is found once
        drawn.append("".join(each.itertext(T, f"{A}t", with_tail=False)).strip())
        _remove([each])
    return list(filter(None, reversed(drawn)))


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
        else:
            return []
    return [] if fields else codes
