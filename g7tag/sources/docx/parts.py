"""Find and parse the parts of a Word document that contain its text."""

import posixpath
from typing import NamedTuple

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.archives import Archive, open_archive, read_member, shorten
from g7tag.sources.docx.elements import Element, kind

MOST_DEEP = 256
"""Default nesting limit of libxml2; a table in a table in a table has 20 levels."""

_DOCUMENT = "word/document.xml"
_SAVE = "Expected a Word document (.docx)"
_AGAIN = f"{_SAVE} as Word writes it; open it in Word and save it again."
_FOLDERS = {"xl": "an Excel workbook", "ppt": "a PowerPoint presentation", "visio": "a Visio drawing"}
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": "an OpenDocument text (.odt)",
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
    b"application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation (.odp)",
    b"application/epub+zip": "an e-book (.epub)",
}
_LONGEST_MIMETYPE = 200  # bytes


class Parts(NamedTuple):
    """The root elements of a document's parts; None if the document does not have the part."""

    document: Element
    footnotes: Element | None = None
    endnotes: Element | None = None
    styles: Element | None = None
    numbering: Element | None = None
    settings: Element | None = None


def read_parts(content: bytes) -> Parts:
    """Read the parts of a Word document that contain its text; no other part is unpacked."""
    archive = open_archive(content)
    names = {name.casefold(): name for name in archive.members}
    main = _related(archive, names, "").get("officeDocument", _DOCUMENT)
    if main.casefold() not in names or main.partition("/")[0] in _FOLDERS:
        msg = f"is {_what_it_is(archive, main)}. {_SAVE}; save the report as one."
        raise SourceError(msg)
    related = _related(archive, names, main)
    found = {part: _parse_member(archive, names, related[part]) for part in Parts._fields[1:] if part in related}
    document = _parse_member(archive, names, main)
    if kind(document) != "w:document":
        msg = f"has a main part {shorten(main)!r} of type {shorten(etree.QName(document).localname)!r}. {_AGAIN}"
        raise SourceError(msg)
    return Parts(document, **found)


def parse_xml(content: bytes, *, part: str) -> Element:
    """Parse a part without a DTD, entities or external resources."""
    place = shorten(part)
    doctype = b"<!DOCTYPE" in content.replace(b"\0", b"")  # also in UTF-16, and before parsing
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = None if doctype else etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError, LookupError, AssertionError) as error:
        if "depth" in str(error):
            msg = f"nests elements in {place!r} more than {MOST_DEEP} deep. Expected a report; save only its text."
            raise SourceError(msg) from error
        why = shorten(" ".join(str(getattr(error, "msg", error)).split()))
        msg = f"has a broken part {place!r} ({why}). {_AGAIN}"
        raise SourceError(msg) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        msg = f"has a DOCTYPE in its part {place!r}, which may be an attack or load other files. {_AGAIN}"
        raise SourceError(msg)
    return root


def _related(archive: Archive, names: dict[str, str], source: str) -> dict[str, str]:
    """Map each type of relationship of a part, or of the whole package, to the name of its target part."""
    folder, name = posixpath.split(source)
    place = names.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
    found: dict[str, str] = {}
    for relation in parse_xml(read_member(archive, place), part=place) if place else ():
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
    return parse_xml(read_member(archive, place), part=place)


def _what_it_is(archive: Archive, main: str) -> str:
    """Describe a zip file that is not a Word document."""
    mimetype = archive.members.get("mimetype")
    if mimetype is not None and mimetype.file_size <= _LONGEST_MIMETYPE:
        content = read_member(archive, "mimetype").strip()
        return _MIMETYPES.get(content, f"a file of type {shorten(content.decode('utf-8', 'replace'))!r}")
    for folder, name in _FOLDERS.items():
        if main.startswith(f"{folder}/") or any(member.startswith(f"{folder}/") for member in archive.members):
            return name
    first = next(iter(archive.members))
    return (
        f"a zip file without {shorten(main)!r} (it contains {len(archive.members):,} files, "
        f"the first is {shorten(first)!r})"
    )
