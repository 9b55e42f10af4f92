"""Read the members of a zip file, in memory and within limits of size."""

import struct
import zlib
from io import BytesIO
from lzma import LZMAError
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from g7tag.errors import SourceError

MOST_MEMBERS = 10_000
"""Limit of the members; a Word document has about 20 members and one more for each image."""
MOST_BYTES = 100_000_000
"""Limit of the size of all XML together; 700 pages have 3 MB of text, which is at most 40 MB of Word's XML."""

_XML = (".xml", ".rels")
_ENCRYPTED = 0x1
_LONGEST_SHOWN = 80  # characters; names may have 65,535
_AGAIN = "Expected a complete file; get it again, or open it in the program that created it and save it again."
_BROKEN = (
    BadZipFile, LZMAError, zlib.error, struct.error, EOFError, RuntimeError, ValueError, ArithmeticError, LookupError,
    OSError,
)  # fmt: skip
"""Errors of zipfile on damaged bytes."""


class Archive(NamedTuple):
    """A zip file, and its members by name."""

    file: ZipFile
    members: dict[str, ZipInfo]


def open_archive(content: bytes) -> Archive:
    """Open a zip file; its members are unpacked only when they are read."""
    try:
        file = ZipFile(BytesIO(content))
    except _BROKEN as error:
        raise _broken_file(error) from error
    members = {member.filename: member for member in file.infolist()}
    if not members:
        why = "it lists no files"
        raise _broken_file(why)
    if len(members) > MOST_MEMBERS:
        msg = f"contains {len(members):,} files. Expected at most {MOST_MEMBERS:,}; save only the report in Word."
        raise SourceError(msg)
    size = sum(member.file_size for name, member in members.items() if name.endswith(_XML))
    if size > MOST_BYTES:
        msg = f"unpacks to {size:,} bytes of XML. Expected at most {MOST_BYTES:,}; save only the report."
        raise SourceError(msg)
    return Archive(file, members)


def read_member(archive: Archive, name: str) -> bytes:
    """Return the bytes of one member, at most as many as it declares."""
    member = archive.members[name]
    if member.flag_bits & _ENCRYPTED:
        msg = f"is encrypted: {shorten(name)!r}. Expected a file without a password; save it without one."
        raise SourceError(msg)
    try:
        return archive.file.read(member)
    except _BROKEN as error:
        raise _broken_file(error, name) from error


def shorten(text: str) -> str:
    """Return the text cut to the length that fits in a message."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _broken_file(why: object, member: str = "") -> SourceError:
    place = f"{shorten(member)!r}: " if member else ""
    return SourceError(f"is truncated or broken ({place}{shorten(str(why))}). {_AGAIN}")
