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
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,500}?\b(?:charset|encoding)\s*=\s*[\"']?\s*(utf-?8|(?:windows-|cp)125[0-8]|"
    rb"iso-?8859-(?:[1-9]|1[013-6])|latin-?1|(?:us-)?ascii|koi8-[ru]|gbk|gb2312|gb18030|big5(?:-hkscs)?|euc-(?:jp|kr)|shift[-_]jis|"
    rb"iso-2022-jp|macintosh)(?![\w-])",
    re.I,
)
"""A declaration of an encoding that browsers support. Python has others, which are slow or not text encodings."""
_AS_BROWSERS_DO = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}
_TOO_DEEP = (
    f"nests elements more than {MOST_DEPTH:,} deep, so its end cannot be read. Expected a page with closed tags; open "
    "it in a browser and save its text."
)
_CLOSED_BY_BLOCKS = re.compile(r"<(/?)(big|strike|small|tt|[bisu])(?=[\s/>])", re.I)
_KEPT_OPEN = "g7tag-"
_END_OF_PAGE = re.compile(r"</(html|body)(?=[\s/>])", re.I)


def parse_page(content: bytes) -> Element:
    """Return the root of a page's tree."""
    # The parser closes <b> at a <p>, but browsers do not; elements with unknown names stay open.
    text = _CLOSED_BY_BLOCKS.sub(rf"<\1{_KEPT_OPEN}\2", _decode(content))
    # It also drops everything after </html>, which browsers show.
    text = _END_OF_PAGE.sub(rf"</{_KEPT_OPEN}\1", text)
    parser: Any = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, default_doctype=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # there is nothing to parse
        root = None
    root = etree.Element("html") if root is None else root
    _restore(root)
    return root


def _decode(content: bytes) -> str:
    """Decode a page by its byte-order mark, its declared encoding, UTF-8 or Windows-1252, in this order."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    declared = _CHARSET.search(_COMMENT.sub(b"", content[:_FRONT]))
    if mark:
        encoding = _MARKS[mark]
    elif declared:
        name = codecs.lookup(declared[1].decode()).name
        encoding = _AS_BROWSERS_DO.get(name, name)
    else:
        is_valid = content.decode("utf-8", "ignore").encode("utf-8") == content
        encoding = "utf-8" if is_valid else "cp1252"
    return content.removeprefix(mark).decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _restore(root: Element) -> None:
    """Make the tree as browsers do, with their names and rows in table bodies; refuse one that is too deep."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:  # the parser may have dropped the end
            raise SourceError(_TOO_DEEP)
        element.tag = element.tag.removeprefix(_KEPT_OPEN)
    for table in list(root.iter("table")):
        for tag, children in groupby(list(table), lambda child: child.tag):
            rows = list(children)
            if tag == "tr":
                body = etree.Element("tbody")
                rows[0].addprevious(body)
                body.extend(rows)
