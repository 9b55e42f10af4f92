"""Parse the bytes of an HTML page into a tree, without loading external resources or expanding entities."""

import codecs
import re
from itertools import groupby
from typing import Any

from lxml import etree

from g7tag.errors import SourceError

Element = Any
"""An element of lxml, which has no types."""
MOST_DEPTH = 2000
"""Limit of nesting; below 2,048 levels, the parser silently drops content, even for huge trees."""
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_FRONT = 4096  # bytes in which a page declares its encoding; the standard says 1,024, old pages need more
_CHARSET = re.compile(
    rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml\b[^>]{0,100}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.I,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_READABLE = re.compile(
    r"utf-8|cp(?:125\d|866|874|949|932|950)|iso8859-\d+|koi8-[ru]|gbk|gb2312|gb18030|big5(?:hkscs)?|euc_(?:jp|kr)|"
    r"shift_jis|iso2022_jp|mac-(?:roman|cyrillic)"
)
"""Encodings that browsers support. Python has others, which are slow or not text encodings."""
_AS_BROWSERS_DO = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}
_SUBSET = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<!DOCTYPE[^\[>]*(\[)", re.I | re.S)
_SUBSET_END = re.compile(r"\]\s*>")
_CLOSED_BY_BLOCKS = re.compile(r"<(/?)(big|strike|small|tt|[bisu])(?=[\s/>])", re.I)
_KEPT_OPEN = "x-"
_RENAMED = re.compile(rf"{_KEPT_OPEN}(big|strike|small|tt|[bisu])")
_END_OF_PAGE = re.compile(r"</(html|body)(?=[\s/>])", re.I)


def parse_page(content: bytes) -> Element | None:
    """Return the root of a page's tree, or None if the page has neither tags nor text."""
    text = _without_subset(decode_page(content))
    # The parser closes <b> at a <p>, but browsers do not; elements with unknown names stay open.
    text = _CLOSED_BY_BLOCKS.sub(rf"<\1{_KEPT_OPEN}\2", text)
    # It also drops everything after </html>, which browsers show.
    text = _END_OF_PAGE.sub(rf"</{_KEPT_OPEN}\1", text)
    parser: Any = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, default_doctype=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # there is nothing to parse
        return None
    if root is not None:
        _check_depth(root)
        _restore_names(root)
        _add_bodies(root)
    return root


def decode_page(content: bytes) -> str:
    """Decode a page by its byte-order mark, its declared encoding, UTF-8 or Windows-1252, in this order."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _with_newlines(content.removeprefix(mark).decode(encoding, "replace"))
    declared = _declared_encoding(content)
    if not declared:
        try:
            return _with_newlines(content.decode("utf-8"))
        except UnicodeDecodeError:
            declared = "cp1252"
    return _with_newlines(content.decode(declared, "replace"))


def _declared_encoding(content: bytes) -> str:
    """Return the encoding declared at the start of a page, or "" if browsers do not support it."""
    for match in _CHARSET.finditer(_COMMENT.sub(b"", content[:_FRONT])):
        try:
            name = codecs.lookup((match[1] or match[2]).decode("ascii", "replace")).name
        except (LookupError, ValueError):
            continue
        if name.startswith("utf-16"):
            return "utf-8"  # a readable declaration shows that the page is not UTF-16; same in the standard
        if _READABLE.fullmatch(_AS_BROWSERS_DO.get(name, name)):
            return _AS_BROWSERS_DO.get(name, name)
    return ""


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_subset(text: str) -> str:
    """Remove the declarations inside the DOCTYPE of a page; the HTML parser takes their end for text."""
    start = _SUBSET.match(text)
    end = _SUBSET_END.search(text, start.end()) if start else None
    return text[: start.start(1)] + ">" + text[end.end() :] if start and end else text


def _check_depth(root: Element) -> None:
    """Refuse a tree so deep that the parser may have dropped its end."""
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            msg = (
                f"nests elements more than {MOST_DEPTH:,} deep, so its end cannot be read. Expected a page with closed "
                "tags; open it in a browser and save its text."
            )
            raise SourceError(msg)


def _restore_names(root: Element) -> None:
    """Restore names, and write classes and ids in lower case in a page without a DOCTYPE, where case is ignored."""
    ignores_case = not root.getroottree().docinfo.doctype
    for element in root.iter(etree.Element):
        renamed = _RENAMED.fullmatch(element.tag)
        if renamed:
            element.tag = renamed[1]
        for key in ("class", "id") if ignores_case and element.attrib else ():
            if key in element.attrib:
                element.set(key, element.get(key).lower())


def _add_bodies(root: Element) -> None:
    """Put the rows of tables into table bodies, as browsers do; style sheets rely on it."""
    for table in list(root.iter("table")):
        for tag, children in groupby(list(table), lambda child: child.tag):
            rows = list(children)
            if tag == "tr":
                body = etree.Element("tbody")
                rows[0].addprevious(body)
                body.extend(rows)
