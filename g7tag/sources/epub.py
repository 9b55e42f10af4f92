"""Find the pages of an e-book (EPUB), which are web pages in a zip file."""

import posixpath
import re
from html.entities import html5
from typing import Any
from urllib.parse import unquote

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.archives import Archive, open_archive, read_member, shorten

MOST_BYTES = 50_000_000
"""Limit of the size of all pages; the pages of a chapter have 300 kB."""
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30};)")
_XML_ENTITIES = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
_EXPECTED = "Expected an e-book (EPUB) with its pages; get it again, or save the report as PDF, Word (DOCX) or HTML."


def pages_of_epub(content: bytes) -> list[bytes]:
    """Return the pages of an e-book in reading order as HTML in UTF-8; their style sheets are not read."""
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
    pages: list[bytes] = []
    size = 0
    for place, name in enumerate(names):
        page = _parse(archive, name)
        size += archive.members[name].file_size
        _check_size(size)
        pages.append(_as_html(page, place, name, places))
    return pages


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
    has_style = any(_named(page, each) for each in ("style", "link"))
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
    sheet = "<link rel=stylesheet>" if has_style else ""  # a gap says that it is not read
    return f"<!DOCTYPE html>{sheet}{html.replace(' data-epub-type=', ' epub:type=')}".encode("utf-8-sig")
