"""Open an untrusted zip file, and read single members of it."""

import re
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from g7tag.errors import SourceError
from g7tag.text import listed

MOST_MEMBERS = 10_000
"""Limit of the members; a Word document has about 20 members and one more for each image."""
MOST_BYTES = 100_000_000
"""Limit of a member's size; 700 pages have 3 MB of text, which is at most 40 MB of Word's XML."""
MOST_RATIO = 200
"""Limit of the compression ratio; Word's XML compresses 10 to 30 times, deflate at most about 1,000 times."""
FREE_BYTES = 10_000_000
"""Members up to this size may have any compression ratio."""

_BEGINNING, _ENTRY, _LOCAL = b"PK\x03\x04", b"PK\x01\x02", struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_LONGEST_SHOWN = 80  # characters; names may have 65,535
_OUTSIDE = re.compile(r"^[A-Za-z]:|^/|\\|\0|(?:^|/)\.\.(?:/|$)")
_AGAIN = "Expected a complete file; get it again, or open it in the program that created it and save it again."
_BROKEN = (
    BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
    LookupError, OSError,
)  # fmt: skip
"""Errors of zipfile, zlib and struct on damaged or malicious bytes."""


class Archive(NamedTuple):
    """The bytes of a zip file, and its members by name; no member is unpacked."""

    content: bytes
    members: dict[str, ZipInfo]


def open_archive(content: bytes) -> Archive:
    """Open a zip file without unpacking its members or writing to disk."""
    if not content.startswith(_BEGINNING):
        msg = f"is not a zip file (it begins with {content[:4]!r}). Expected a Word document (.docx)."
        raise SourceError(msg)
    count = content.count(_ENTRY)  # before zipfile reads them all
    if count > MOST_MEMBERS:
        msg = f"contains {count:,} files. Expected at most {MOST_MEMBERS:,}; save only the report as a Word document."
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


def _check_size(member: ZipInfo, name: str) -> None:
    size, packed_size = member.file_size, member.compress_size
    if size > MOST_BYTES or size > max(FREE_BYTES, MOST_RATIO * packed_size):
        msg = (
            f"contains {shorten(name)!r}, which unpacks from {packed_size:,} to {size:,} bytes. Expected at most "
            f"{MOST_BYTES:,}, and above {FREE_BYTES:,} at most {MOST_RATIO} times the packed size; "
            "save only the report."
        )
        raise SourceError(msg)


def read_member(archive: Archive, name: str) -> bytes:
    """Return the bytes of one member."""
    member = archive.members[name]
    size = member.file_size
    _check_size(member, name)
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        msg = (
            f"compresses {shorten(name)!r} with method {member.compress_type}. Expected deflate; save it again in Word."
        )
        raise SourceError(msg)
    try:
        content = _unpack(archive.content, member)
    except _BROKEN as error:
        raise _broken_file(error, name) from error
    if len(content) > size:
        msg = f"contains {shorten(name)!r}, which unpacks to more than the declared {size:,} bytes. {_AGAIN}"
        raise SourceError(msg)
    if len(content) < size or zlib.crc32(content) != member.CRC:
        why = "its checksum or size differs from the declared one"
        raise _broken_file(why, name)
    return content


def shorten(text: str) -> str:
    """Return the text cut to the length that fits in a message."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _shown(names: Iterable[str]) -> str:
    return listed(map(shorten, names))


def _broken_file(why: object, member: str = "") -> SourceError:
    place = f"{shorten(member)!r}: " if member else ""
    return SourceError(f"is truncated or broken ({place}{why}). {_AGAIN}")


def _check_names(names: list[str]) -> None:
    """Refuse names that lead outside the archive, and names that are equal on some systems."""
    outside = [name for name in names if _OUTSIDE.search(name)]
    if outside:
        msg = f"contains files with unsafe names: {_shown(outside)}. Expected plain names; save it again in Word."
        raise SourceError(msg)
    twice = {name for name, count in Counter(names).items() if count > 1}
    if twice:
        msg = f"contains duplicate files: {_shown(twice)}. Expected unique names; save it again in Word."
        raise SourceError(msg)
    first: dict[str, str] = {}
    same = {name for name in names if first.setdefault(name.casefold(), name) != name}
    if same:
        pairs = {f"{shorten(first[name.casefold()])} and {shorten(name)}" for name in same}
        msg = f"contains files whose names differ only in case: {listed(pairs)}. Expected one; save it again in Word."
        raise SourceError(msg)


def _check_kinds(members: list[ZipInfo]) -> None:
    """Refuse members that are links or encrypted."""
    links = [member.orig_filename for member in members if stat.S_ISLNK(member.external_attr >> 16)]
    if links:
        msg = f"contains links to other files: {_shown(links)}. Expected only files; save it again in Word."
        raise SourceError(msg)
    locked = [member.orig_filename for member in members if member.flag_bits & _ENCRYPTED]
    if locked:
        msg = f"is encrypted: {_shown(locked)}. Expected a file without a password; save it without one."
        raise SourceError(msg)


def _unpack(content: bytes, member: ZipInfo) -> bytes:
    """Unpack at most one byte more than the declared size; zipfile would silently cut a larger member."""
    start = member.header_offset
    beginning, name_length, extra_length = _LOCAL.unpack(content[start : start + _LOCAL.size])
    start += _LOCAL.size + name_length + extra_length
    packed = content[start : start + member.compress_size]
    if beginning != _BEGINNING or len(packed) < member.compress_size:
        msg = "its bytes are not at the declared position"
        raise EOFError(msg)
    if member.compress_type == ZIP_STORED:
        return packed
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = unpacker.decompress(packed, member.file_size + 1)
    if not unpacker.eof and len(unpacked) <= member.file_size:
        msg = "its bytes end early"
        raise EOFError(msg)
    return unpacked
