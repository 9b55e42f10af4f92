"""Read projects (.qdpx) and codebooks (.qdc) of QDA programs, in the format REFI-QDA 1.0, in a process with limits.

Nothing is unpacked to a disk, and nothing outside of the file is read.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.docx.parts import BROKEN, Element
from g7tag.sources.limits import MOST_CHARACTERS
from g7tag.text import listed

_MOST_BYTES = 100_000_000  # of a part; the largest of a project with 2,000 labels has 2 MB
_ONE_LINE_END = ("ATLAS", "QUALCODER")
"""Programs that count a line end as one character, also where their file has two (carriage return, line feed)."""
_AGAIN = "Expected a project (.qdpx) or codebook (.qdc) of a QDA program; export it again."


def read_project(_: bytes, file: str) -> Iterator[dict[str, Any]]:
    """Yield the names of users and codes by guid, then each text with its name, codings and problems.

    A line of a text ends in a line feed. A coding is start, end, user, time, note and code.
    """
    with _refused_if_broken(), ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".qde") and "/" not in name]
        if len(names) != 1:
            found = listed(name[:80] for name in archive.namelist())
            msg = f"has {len(names)} project files (.qde), among {found}. {_AGAIN}"
            raise SourceError(msg)
        root = _root(_part(archive, names[0]))
        yield {
            "users": {_guid(each, "guid"): each.get("name") or "" for each in root.iterfind("{*}Users/{*}User")},
            "codes": {_guid(each, "guid"): each.get("name") or "" for each in root.iter("{*}Code")},
        }
        notes = {
            _guid(each, "guid"): (each.findtext("{*}PlainTextContent") or "").strip()
            for each in root.iterfind("{*}Notes/{*}Note")
        }
        counts_one = any(name in (root.get("origin") or "").upper() for name in _ONE_LINE_END)
        for source in root.iter("{*}TextSource", "{*}Representation"):
            yield _text_of(archive, source, notes, counts_one=counts_one)


def read_codes(_: bytes, file: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the description of each code of a codebook (.qdc), without groups of codes."""
    with _refused_if_broken(), Path(file).open("rb") as opened:
        for each in _root(opened.read(_MOST_BYTES)).iter("{*}Code"):
            if each.get("isCodable") != "false" and each.find("{*}Code") is None:
                yield each.get("name") or "", (each.findtext("{*}Description") or "").strip()


@contextmanager
def _refused_if_broken() -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        why = (error.strerror if isinstance(error, OSError) else "") or " ".join(str(error).split()) or "it ends early"
        msg = f"cannot be read ({why[:80]}). {_AGAIN}"
        raise SourceError(msg) from error


def _text_of(archive: ZipFile, source: Element, notes: Mapping[str, str], *, counts_one: bool) -> dict[str, Any]:
    parent, place = source.getparent(), source.get("plainTextPath") or ""
    name = source.get("name") or ("" if parent is None else parent.get("name") or "")
    wanted = f"sources/{place.removeprefix('internal://').lstrip('/')}".lower()
    members = [each for each in archive.namelist() if place.startswith("internal://") and each.lower() == wanted]
    raw = _part(archive, members[0]).decode("utf-8-sig", "replace") if members else ""
    raw = raw or source.findtext("{*}PlainTextContent") or ""
    if len(raw) > MOST_CHARACTERS:
        msg = f"its text {name[:80]!r} has more than {MOST_CHARACTERS:,} characters. Export a smaller project."
        raise SourceError(msg)
    double = [] if counts_one else [found.start() for found in re.finditer("\r\n", raw)]
    codings, problems = [], [] if raw else [f"its plain text is not in the project ({place[:80]!r})"]
    for selection in source.iterfind("{*}PlainTextSelection") if raw else ():
        where = [selection.get(each) or "" for each in ("startPosition", "endPosition")]
        coded = list(selection.iterfind("{*}Coding/{*}CodeRef"))
        if not coded or not all(re.fullmatch(r"\d{1,9}", each) for each in where):
            problems.append(f"the selection from {where[0][:20]!r} to {where[1][:20]!r} has no code or no place")
            continue
        span = [int(each) - bisect_left(double, int(each)) for each in where]
        own = [(selection.findtext("{*}Description") or "").strip()]
        own += [notes.get(_guid(each, "targetGUID"), "") for each in selection.iter("{*}NoteRef")]
        note = "\n".join(dict.fromkeys(filter(None, own)))  # some programs write it twice
        for code in coded:
            whose = [each for each in (code.getparent(), selection) if each is not None]
            users = [_guid(each, f"{does}User") for does in ("creating", "modifying") for each in whose]
            times = [each.get("creationDateTime") or "" for each in whose]
            said = [next(filter(None, given), "")[:40] for given in (users, times)]
            codings.append((*span, *said, note, _guid(code, "targetGUID")))
    return {"name": name, "text": re.sub("\r\n?", "\n", raw), "codings": codings, "problems": problems}


def _guid(element: Element, name: str) -> str:
    return (element.get(name) or "").strip().strip("{}").lower()


def _part(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        msg = f"its part {name[:80]!r} has more than {_MOST_BYTES:,} bytes. Export a smaller project."
        raise SourceError(msg)
    return content


def _root(content: bytes) -> Element:
    """Parse XML without external resources; a document type is refused, as its entities could be an attack."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(content, parser)
    has_type = root.getroottree().docinfo.internalDTD is not None
    if has_type or not str(root.tag).startswith("{urn:QDA-XML:"):
        found = "a DOCTYPE, which can be an attack" if has_type else f"the XML element {str(root.tag)[:80]!r}"
        msg = f"has {found}. {_AGAIN}"
        raise SourceError(msg)
    return root
