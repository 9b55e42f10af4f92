"""Parse the bytes of a web page into a tree, without fetching or expanding anything that it names."""

import codecs
import re
from functools import lru_cache
from typing import Any

from lxml import etree

from g7tag.errors import SourceError

Element = Any
"""An element of lxml, which has no types of its own."""
MOST_DEPTH = 2000
"""The parser drops, without a word, what stands behind a place nested 2,048 deep, even if asked for huge trees."""
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_FRONT = 4096  # bytes in which a page says how it is written; the standard asks for 1,024, old pages are wordier
_CHARSET = re.compile(
    rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml\b[^>]{0,100}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.I,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_READABLE = re.compile(
    r"utf-8|cp(?:125\d|866|874|949|932|950)|iso8859-\d+|koi8-[ru]|gbk|gb2312|gb18030|big5(?:hkscs)?|euc_(?:jp|kr)|"
    r"shift_jis|iso2022_jp|mac-(?:roman|cyrillic)"
)
"""Encodings that browsers read. Python knows others, which are slow, or no encodings of text."""
_AS_BROWSERS_DO = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}
_SUBSET = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<!DOCTYPE[^\[>]*(\[)", re.I | re.S)
_SUBSET_END = re.compile(r"\]\s*>")
_CLOSED_BY_BLOCKS = re.compile(r"<(/?)(big|strike|small|tt|[bisu])(?=[\s/>])", re.I)
_KEPT_OPEN = "x-"
_END_OF_PAGE = re.compile(r"</(html|body)(?=[\s/>])", re.I)


def parse_page(content: bytes) -> Element | None:
    """Return the root of a page's tree, None where the page holds neither a tag nor text.

    Comments and processing instructions are no part of the tree. `name_of` gives the names of its elements.

    Raises
    ------
    SourceError
        Elements are nested deeper than the parser can follow.
    """
    text = _without_subset(decode_page(content))
    # The parser ends <b> where a <p> begins, browsers do not: names that it does not know stay open.
    text = _CLOSED_BY_BLOCKS.sub(rf"<\1{_KEPT_OPEN}\2", text)
    # It also drops what stands behind </html>, which browsers show as if the tag were not there.
    text = _END_OF_PAGE.sub(rf"</{_KEPT_OPEN}\1", text)
    parser: Any = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root: Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # what it cannot start to read holds nothing
        return None
    if root is not None:
        _check_depth(root)
    return root


def decode_page(content: bytes) -> str:
    r"""Return the characters of a page: its byte-order mark tells how, else what it declares, else UTF-8 or Windows.

    Bytes that are wrong in the encoding become U+FFFD, as a browser shows them. Line ends become newlines.

    Examples
    --------
    >>> decode_page(b"caf\xe9")
    'café'
    """
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


def name_of(element: Element) -> str:
    """Return an element's name in lower case, without a namespace; "" for what is no element."""
    return _name(element.tag)


@lru_cache(maxsize=1000)  # pages repeat a few names without end
def _name(tag: object) -> str:
    return tag.rpartition("}")[2].lower().removeprefix(_KEPT_OPEN) if isinstance(tag, str) else ""


def _declared_encoding(content: bytes) -> str:
    """The encoding that a page's front names, "" where it names none that a browser reads."""
    for match in _CHARSET.finditer(_COMMENT.sub(b"", content[:_FRONT])):
        try:
            name = codecs.lookup((match[1] or match[2]).decode("ascii", "replace")).name
        except (LookupError, ValueError):
            continue
        if name.startswith("utf-16"):
            return "utf-8"  # whoever reads the word cannot be reading UTF-16: the standard says so too
        if _READABLE.fullmatch(_AS_BROWSERS_DO.get(name, name)):
            return _AS_BROWSERS_DO.get(name, name)
    return ""


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_subset(text: str) -> str:
    """A page without the declarations inside its DOCTYPE: an HTML parser takes their end for text."""
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
                f"nests elements more than {MOST_DEPTH:,} deep, so that its end cannot be read. Expected a page whose "
                "tags are closed; open it in a browser and save its text."
            )
            raise SourceError(msg)
