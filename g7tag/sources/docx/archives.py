"""Open a zip file that a stranger made, and read single members of it."""

import re
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from g7tag.errors import SourceError, listed

MOST_MEMBERS = 10_000
"""A Word document has some 20 members and one more for each picture."""
MOST_BYTES = 100_000_000
"""A member of this size is no report's: 700 pages have 3 MB of text, and Word's marks make 40 MB of that at most."""
MOST_RATIO = 200
"""Word's own XML shrinks to a tenth or a thirtieth; deflate itself cannot do better than a thousandth."""
FREE_BYTES = 10_000_000
"""A member up to this size may shrink as it likes."""

_BEGINNING, _ENTRY, _LOCAL = b"PK\x03\x04", b"PK\x01\x02", struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_LONGEST_SHOWN = 80  # characters; names may have 65,535
_OUTSIDE = re.compile(r"^[A-Za-z]:|^/|\\|\0|(?:^|/)\.\.(?:/|$)")
_AGAIN = "Expected a whole file; get it anew, or open it in the program that made it and save it again."
_BROKEN = (
    BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
    LookupError, OSError,
)  # fmt: skip
"""What zipfile, zlib and struct raise on bytes that are damaged or made to harm."""


class Archive(NamedTuple):
    """The bytes of a zip file, and its members by name; no member is unpacked yet."""

    content: bytes
    members: dict[str, ZipInfo]


def open_archive(content: bytes) -> Archive:
    """Return the members of a zip file, none of them unpacked and nothing written to disk.

    Parameters
    ----------
    content
        Bytes of the file.

    Returns
    -------
    Archive
        Members by name, in the file's order. A zip file of no members is broken.

    Raises
    ------
    SourceError
        The bytes are no zip file or not all of one; it has too many members, one that is encrypted, a link or named
        so that it would lie outside, or two of one name, capitals aside.
    """
    if not content.startswith(_BEGINNING):
        msg = f"is no zip file (it begins with {content[:4]!r}). Expected a Word document (.docx)."
        raise SourceError(msg)
    count = content.count(_ENTRY)  # zipfile would read them all first
    if count > MOST_MEMBERS:
        msg = f"holds {count:,} files. Expected at most {MOST_MEMBERS:,}; save the report alone as a Word document."
        raise SourceError(msg)
    try:
        with ZipFile(BytesIO(content)) as file:
            members = file.infolist()
    except _BROKEN as error:
        raise _broken_file(error) from error
    if not members:
        why = "it lists no files"
        raise _broken_file(why)
    _check_names([member.orig_filename for member in members])
    _check_kinds(members)
    return Archive(content, {member.orig_filename: member for member in members})


def read_member(archive: Archive, name: str) -> bytes:
    """Return the bytes of one member.

    Parameters
    ----------
    archive
        A zip file as `open_archive` gives it.
    name
        Name of a member of it.

    Raises
    ------
    SourceError
        The member is larger than a report's parts are, shrinks as no text does, is larger than its file says, is
        packed in a way that Word does not use, or is damaged.
    """
    member = archive.members[name]
    size, packed_size = member.file_size, member.compress_size
    if size > MOST_BYTES or size > max(FREE_BYTES, MOST_RATIO * packed_size):
        msg = (
            f"holds {shorten(name)!r}, which unpacks from {packed_size:,} to {size:,} bytes. Expected at most "
            f"{MOST_BYTES:,}, and above {FREE_BYTES:,} at most {MOST_RATIO} times the packed; save the report alone."
        )
        raise SourceError(msg)
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        msg = f"packs {shorten(name)!r} by method {member.compress_type}. Expected deflate; save it again in Word."
        raise SourceError(msg)
    try:
        content = _unpack(archive.content, member)
    except _BROKEN as error:
        raise _broken_file(error, name) from error
    if len(content) > size:
        msg = f"holds {shorten(name)!r}, which unpacks to more than the {size:,} bytes that the file says. {_AGAIN}"
        raise SourceError(msg)
    if len(content) < size or zlib.crc32(content) != member.CRC:
        why = "its checksum or size is another than the file says"
        raise _broken_file(why, name)
    return content


def shorten(text: str) -> str:
    """Return so much of a text that a stranger wrote as a message has room for.

    Examples
    --------
    >>> shorten("a" * 65_000) == "a" * 80 + "…", shorten("word/document.xml")
    (True, 'word/document.xml')
    """
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _shown(names: Iterable[str]) -> str:
    return listed(map(shorten, names))


def _broken_file(why: object, member: str = "") -> SourceError:
    place = f"{shorten(member)!r}: " if member else ""
    return SourceError(f"is cut off or broken ({place}{why}). {_AGAIN}")


def _check_names(names: list[str]) -> None:
    """Refuse names that would lie outside a folder, and names that some systems take for one."""
    outside = [name for name in names if _OUTSIDE.search(name)]
    if outside:
        msg = f"holds files named {_shown(outside)}. Expected plain names, as any harmless file has."
        raise SourceError(msg)
    twice = {name for name, count in Counter(names).items() if count > 1}
    if twice:
        msg = f"holds two files named {_shown(twice)}. Expected one of each name; save it again in Word."
        raise SourceError(msg)
    first: dict[str, str] = {}
    alike = {name for name in names if first.setdefault(name.casefold(), name) != name}
    if alike:
        pairs = {f"{shorten(first[name.casefold()])} and {shorten(name)}" for name in alike}
        msg = f"holds files whose names differ by capitals alone: {listed(pairs)}. Expected one; save it again in Word."
        raise SourceError(msg)


def _check_kinds(members: list[ZipInfo]) -> None:
    """Refuse members that are links or encrypted."""
    links = [member.orig_filename for member in members if stat.S_ISLNK(member.external_attr >> 16)]
    if links:
        msg = f"holds links to other files: {_shown(links)}. Expected files alone; save it again in Word."
        raise SourceError(msg)
    locked = [member.orig_filename for member in members if member.flag_bits & _ENCRYPTED]
    if locked:
        msg = f"is encrypted: {_shown(locked)}. Expected a file without a password; save it without one."
        raise SourceError(msg)


def _unpack(content: bytes, member: ZipInfo) -> bytes:
    """At most one byte more of a member than it says that it has: zipfile would cut such a lie short and not tell."""
    start = member.header_offset
    beginning, name_length, extra_length = _LOCAL.unpack(content[start : start + _LOCAL.size])
    start += _LOCAL.size + name_length + extra_length
    packed = content[start : start + member.compress_size]
    if beginning != _BEGINNING or len(packed) < member.compress_size:
        msg = "its bytes are not where the file says"
        raise EOFError(msg)
    if member.compress_type == ZIP_STORED:
        return packed
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = unpacker.decompress(packed, member.file_size + 1)
    if not unpacker.eof and len(unpacked) <= member.file_size:
        msg = "its bytes end early"
        raise EOFError(msg)
    return unpacked
