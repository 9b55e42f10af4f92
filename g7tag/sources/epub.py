"""Find the pages of an e-book (EPUB), which are web pages in a zip file, and their style sheets."""

import posixpath
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any
from urllib.parse import unquote

import tinycss2
from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.archives import Archive, open_archive, read_member, shorten
from g7tag.sources.html.document import SourcePage

MOST_BYTES = 50_000_000
"""Limit of the size of all pages and style sheets; the pages of a chapter have 300 kB."""
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30};)")
_XML_ENTITIES = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
_MOST_IMPORTS = 20  # style sheets that import each other
_EXPECTED = "Expected an e-book (EPUB) with its pages; get it again, or save the report as PDF, Word (DOCX) or HTML."


def pages_of_epub(content: bytes) -> list[SourcePage]:
    """Return the pages of an e-book in reading order as HTML in UTF-8, each with its style sheets."""
    archive = open_archive(content)
    package = _package_name(archive)
    root = _parse(archive, package)
    manifest = {each.get("id"): each for each in _named(root, "item")}
    listed = [manifest.get(each.get("idref")) for each in _named(root, "itemref")]
    names = [_path(package, each.get("href") or "") for each in listed if each is not None]
    if not names or None in listed:
        msg = f"lists no pages, or pages that it does not contain. {_EXPECTED}"
        raise SourceError(msg)
    _refuse_encrypted(archive, names)
    places = {name: place for place, name in enumerate(names)}
    sheets = _Sheets(archive)
    pages: list[SourcePage] = []
    size = 0
    for place, name in enumerate(names):
        page = _parse(archive, name)
        size += archive.members[name].file_size
        own = list(sheets.of_page(page, name))
        _check_size(size + sheets.size)
        pages.append(SourcePage(_as_html(page, place, name, places), own))
    return pages


class _Sheets:
    """The style sheets of an e-book; `size` is that of all that were read, in bytes."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.size = 0
        self._read: dict[str, list[str]] = {}  # a sheet after those that it imports, by its name

    def of_page(self, page: Any, name: str) -> Iterator[tuple[str, str]]:
        """Yield the style sheets that a page has or links to, in its order, with their media."""
        preferred = ""  # of several sheets with titles, the first is used
        for each in page.iter(etree.Element):
            kind, media = etree.QName(each).localname, each.get("media") or ""
            if kind == "style":
                yield from ((sheet, media) for sheet in self._imported("".join(each.itertext()), name, ()))
            words = (each.get("rel") or "").lower().split() if kind == "link" else []
            if "stylesheet" not in words or "alternate" in words:
                continue
            preferred = preferred or each.get("title") or ""
            if each.get("title") in {None, "", preferred}:
                yield from ((sheet, media) for sheet in self._named(_path(name, each.get("href") or ""), ()))

    def _named(self, name: str, outer: tuple[str, ...]) -> list[str]:
        """Return a sheet of the e-book after those that it imports."""
        if name not in self.archive.members or name in outer or len(outer) > _MOST_IMPORTS:
            return []
        if name not in self._read:
            self.size += self.archive.members[name].file_size
            _check_size(self.size)
            text = read_member(self.archive, name).decode("utf-8", "replace")
            self._read[name] = self._imported(text, name, (*outer, name))
        return self._read[name]

    def _imported(self, text: str, source: str, outer: tuple[str, ...]) -> list[str]:
        """Return a sheet after those that it imports; these are in a rule with the media of the import."""
        sheets: list[str] = []
        for node in tinycss2.parse_stylesheet(text, skip_comments=True) if "@import" in text.lower() else ():
            if node.type != "at-rule" or node.lower_at_keyword != "import":
                continue
            link, *media = [token for token in node.prelude if token.type != "whitespace"] or [None]
            target = _link_of(link)
            condition = tinycss2.serialize(node.prelude[node.prelude.index(link) + 1 :]).strip() if media else ""
            for sheet in self._named(_path(source, target), outer) if target else ():
                sheets.append(f"@media {condition} {{{sheet}}}" if condition else sheet)
                self.size += len(sheet)
                _check_size(self.size)
        return [*sheets, text]


def _link_of(token: Any) -> str:
    """Return the link in the first token of an import, or "" if it is none."""
    if token is not None and token.type == "function" and token.lower_name == "url":
        token = next((each for each in token.arguments if each.type == "string"), None)
    return str(token.value) if token is not None and token.type in {"string", "url"} else ""


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        msg = f"has pages of more than {MOST_BYTES:,} bytes. Expected a smaller report; split it."
        raise SourceError(msg)


def _package_name(archive: Archive) -> str:
    """Return the name of the file that lists the pages."""
    roots = [each.get("full-path") or "" for each in _named(_parse(archive, _CONTAINER), "rootfile")]
    if not roots:
        msg = f"does not name its list of pages. {_EXPECTED}"
        raise SourceError(msg)
    return roots[0]


def _refuse_encrypted(archive: Archive, names: list[str]) -> None:
    if _ENCRYPTION not in archive.members:
        return
    locked = {each.get("URI") or "" for each in _named(_parse(archive, _ENCRYPTION), "CipherReference")}
    if locked & set(names):
        msg = "is an encrypted e-book. Expected an e-book without copy protection."
        raise SourceError(msg)


def _parse(archive: Archive, name: str) -> Any:
    """Parse a member, without a DTD or external resources; named characters such as &nbsp; are replaced."""
    if name not in archive.members:
        msg = f"does not contain its file {shorten(name)!r}. {_EXPECTED}"
        raise SourceError(msg)
    text = _ENTITY.sub(_character, read_member(archive, name))
    parser: Any = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.LxmlError, ValueError) as error:
        msg = f"has a broken file {shorten(name)!r}. {_EXPECTED}"
        raise SourceError(msg) from error
    problems = [each.message for each in parser.error_log]
    if root is None or problems:
        why = f" ({shorten(problems[0])})" if problems else ""
        msg = f"has a broken file {shorten(name)!r}{why}. {_EXPECTED}"
        raise SourceError(msg)
    return root


def _character(found: re.Match[bytes]) -> bytes:
    name = found[1].decode("ascii")
    known = html5.get(name, "") if name not in _XML_ENTITIES else ""
    return "".join(f"&#{ord(each)};" for each in known).encode() or found[0]


def _named(root: Any, name: str) -> list[Any]:
    """Return the elements with a name, in any namespace."""
    return [each for each in root.iter(etree.Element) if etree.QName(each).localname == name]


def _path(source: str, link: str) -> str:
    """Return the name of the member to which a link in another member leads."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(link.partition("#")[0])))


def _as_html(page: Any, place: int, name: str, places: dict[str, int]) -> bytes:
    """Return a page as HTML, with the number of the page in the names of places and in links to them."""
    for each in [each for name in ("head", "script", "style") for each in _named(page, name)]:
        each[:], each.text = [], None  # in HTML, a part of their text may end them
    for each in page.iter(etree.Element):
        each.tag = etree.QName(each).localname
        own = each.get("id") or each.get("name")
        if own:
            each.set("name", f"p{place}-{own}")
        link, mark, target = (each.get("href") or "").partition("#")
        if mark and (not link or _path(name, link) in places):
            at = places[_path(name, link)] if link else place
            each.set("href", f"#p{at}-{target}")
        kind = each.attrib.pop(_EPUB_TYPE, None)
        if kind:
            each.set("data-epub-type", kind)
    etree.cleanup_namespaces(page)
    html: str = etree.tostring(page, method="html", encoding="unicode", with_tail=False)
    return f"<!DOCTYPE html>{html.replace(' data-epub-type=', ' epub:type=')}".encode("utf-8-sig")
