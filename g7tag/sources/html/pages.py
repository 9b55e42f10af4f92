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
_CHARSET = re.compile(rb"<(?:meta|\?xml)\b[^>]{0,500}?\b(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_READABLE = re.compile(
    r"utf-8|cp(?:125\d|866|874|949|932|950)|iso8859-\d+|koi8-[ru]|gbk|gb18030|big5(?:hkscs)?|euc_(?:jp|kr)|"
    r"shift_jis|iso2022_jp|mac-(?:roman|cyrillic)"
)
"""Encodings that browsers support. Python has others, which are slow or not text encodings."""
_AS_BROWSERS_DO = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk", "utf-16": "utf-8",
    "utf-16-le": "utf-8", "utf-16-be": "utf-8",
}  # fmt: skip
"""A declaration that can be read shows that the page is not UTF-16."""
_TOO_DEEP = (
    f"nests elements more than {MOST_DEPTH:,} deep, so its end cannot be read. Expected a page with closed tags; open "
    "it in a browser and save its text."
)
_CLOSED_BY_BLOCKS = re.compile(r"<(/?)(big|strike|small|tt|[bisu])(?=[\s/>])", re.I)
_KEPT_OPEN = "g7tag-"
_END_OF_PAGE = re.compile(r"</(html|body)(?=[\s/>])", re.I)


def parse_page(content: bytes) -> Element | None:
    """Return the root of a page's tree, or None if the page has neither tags nor text."""
    # The parser closes <b> at a <p>, but browsers do not; elements with unknown names stay open.
    text = _CLOSED_BY_BLOCKS.sub(rf"<\1{_KEPT_OPEN}\2", decode_page(content))
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
        _restore(root)
    return root


def ignores_case(root: Element) -> bool:
    """Return whether a page has no DOCTYPE; the case of classes and ids is ignored there."""
    return not root.getroottree().docinfo.doctype


def decode_page(content: bytes) -> str:
    """Decode a page by its byte-order mark, its declared encoding, UTF-8 or Windows-1252, in this order."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    encoding = _MARKS[mark] if mark else _declared_encoding(content) or _usual_encoding(content)
    return content.removeprefix(mark).decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _usual_encoding(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _declared_encoding(content: bytes) -> str:
    """Return the encoding declared at the start of a page, or "" if browsers do not support it."""
    for declared in _CHARSET.findall(_COMMENT.sub(b"", content[:_FRONT])):
        try:
            name = codecs.lookup(declared.decode("ascii", "replace")).name
        except (LookupError, ValueError):
            continue
        name = _AS_BROWSERS_DO.get(name, name)
        if _READABLE.fullmatch(name):
            return name
    return ""


def _restore(root: Element) -> None:
    """Make the tree as browsers do: names, lower case, rows in table bodies; refuse one that is too deep."""
    lowered = ("class", "id") if ignores_case(root) else ()
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:  # the parser may have dropped the end
            raise SourceError(_TOO_DEEP)
        if element.tag.startswith(_KEPT_OPEN):
            element.tag = element.tag.removeprefix(_KEPT_OPEN)
        for key in lowered:
            if key in element.attrib:
                element.set(key, element.get(key).lower())
    for table in list(root.iter("table")):
        for tag, children in groupby(list(table), lambda child: child.tag):
            rows = list(children)
            if tag == "tr":
                body = etree.Element("tbody")
                rows[0].addprevious(body)
                body.extend(rows)
