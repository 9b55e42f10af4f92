"""Malicious and broken zip files."""

import stat
import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest
from word_package import zipped

from g7tag.errors import SourceError
from g7tag.sources import archives
from g7tag.sources.archives import open_archive, read_member

pytestmark = pytest.mark.slow

ENTRY, LOCAL = b"PK\x01\x02", b"PK\x03\x04"


def patched(content, before, place, pattern, *values):
    """Replace numbers some bytes after the last occurrence of a signature."""
    changed = bytearray(content)
    struct.pack_into(pattern, changed, content.rindex(before) + place, *values)
    return bytes(changed)


def renamed(content, before, after):
    """Replace a name by another of the same length."""
    return content.replace(before, after)


def test_members_are_read_by_name():
    archive = open_archive(zipped({"a.txt": "first", "b/c.txt": "second"}))
    assert list(archive.members) == ["a.txt", "b/c.txt"]
    assert read_member(archive, "b/c.txt") == b"second"


def test_a_member_that_is_only_stored_is_read():
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "as it is")
    assert read_member(open_archive(file.getvalue()), "a.txt") == b"as it is"


def test_an_empty_member_is_read():
    assert read_member(open_archive(zipped({"a.txt": ""})), "a.txt") == b""


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"Canada: 0", b"PK\x05\x06" + bytes(18)], ids=["empty", "two", "text", "none"]
)
def test_what_is_no_zip_file_is_refused(content):
    with pytest.raises(SourceError, match=r"^is not a zip file \(it begins with b'.*'\)\. Expected a Word document"):
        open_archive(content)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99], ids=str)
def test_a_file_that_is_cut_off_is_refused(share):
    content = zipped({f"{number}.txt": "text " * number for number in range(50)})
    with pytest.raises(SourceError, match=r"^is truncated or broken \(.*\)\. Expected a complete file; get it again"):
        open_archive(content[: int(len(content) * share)])


def test_a_file_without_its_beginning_is_refused():
    content = zipped({"a.txt": bytes(range(256)) * 40, "b.txt": "b"})
    with pytest.raises(
        SourceError, match=r"^is truncated or broken \('a.txt': its bytes are not at the declared position\)"
    ):
        read_member(open_archive(LOCAL + content[100:]), "a.txt")


def test_too_many_members_are_refused_before_they_are_read():
    content = zipped({f"{number}": "" for number in range(20_000)})
    with pytest.raises(SourceError, match=r"^contains 20,000 files\. Expected at most 10,000; save only the report"):
        open_archive(content)


@pytest.mark.parametrize(
    "name",
    ["../evil.xml", "word/../../x", "/etc/passwd", "C:/x.xml", "word\\x.xml", ".."],
    ids=["up", "up within", "absolute", "drive", "backslash", "only up"],
)
def test_names_that_lead_outside_are_refused(name):
    content = zipped({"a.xml": "", "#" * len(name): ""}).replace(b"#" * len(name), name.encode())
    with pytest.raises(SourceError, match=r"^contains files with unsafe names: '.*'\. Expected plain names"):
        open_archive(content)


def test_a_name_with_a_nul_in_it_is_refused():
    with pytest.raises(SourceError, match=r"^contains files with unsafe names: 'a\\x00xml'\. Expected plain names"):
        open_archive(zipped({"a#xml": ""}).replace(b"a#xml", b"a\0xml"))


def test_a_name_as_long_as_may_be_is_shortened():
    with pytest.raises(SourceError, match=r"^contains files with unsafe names: '/a{79}…'\. Expected plain names"):
        open_archive(zipped({"#" + "a" * 60_000: ""}).replace(b"#", b"/"))


def test_two_members_of_one_name_are_refused():
    with pytest.raises(SourceError, match=r"^contains duplicate files: 'a\.xml'\. Expected unique names"):
        open_archive(zipped({"a.xml": "", "b.xml": ""}).replace(b"b.xml", b"a.xml"))


def test_names_that_differ_by_capitals_are_refused():
    with pytest.raises(SourceError, match=r"^contains files whose names differ only in case: 'a\.xml and A\.XML'"):
        open_archive(zipped({"a.xml": "", "A.XML": ""}))


def test_a_link_is_refused():
    link = ZipInfo("link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SourceError, match=r"^contains links to other files: 'link\.xml'\. Expected only files"):
        open_archive(file.getvalue())


def test_an_encrypted_member_is_refused():
    content = patched(zipped({"a.xml": "secret"}), ENTRY, 8, "<H", 1)  # bit 0 of the entry's flags
    with pytest.raises(SourceError, match=r"^is encrypted: 'a\.xml'\. Expected a file without a password"):
        open_archive(content)


def test_a_member_that_shrinks_as_no_text_does_is_refused():
    archive = open_archive(zipped({"a.xml": bytes(10_000_001)}))
    message = (
        r"^contains 'a\.xml', which unpacks from 9,\d\d\d to 10,000,001 bytes\. Expected at most 100,000,000, and above"
    )
    with pytest.raises(SourceError, match=message):
        read_member(archive, "a.xml")


def test_a_small_member_may_shrink_as_it_likes():
    assert len(read_member(open_archive(zipped({"a.xml": bytes(9_000_000)})), "a.xml")) == 9_000_000


def test_a_member_that_is_too_large_is_refused_by_what_it_says_alone():
    content = patched(zipped({"a.xml": "small"}), ENTRY, 20, "<II", 90_000_000, 100_000_001)
    with pytest.raises(SourceError, match=r"^contains 'a\.xml', which unpacks from 90,000,000 to 100,000,001 bytes"):
        read_member(open_archive(content), "a.xml")


def test_a_member_larger_than_it_says_is_refused():
    content = patched(zipped({"a.xml": "x" * 5000}), ENTRY, 24, "<I", 50)
    message = r"^contains 'a\.xml', which unpacks to more than the declared 50 bytes"
    with pytest.raises(SourceError, match=message):
        read_member(open_archive(content), "a.xml")


def test_a_bomb_that_says_it_is_small_is_not_unpacked():
    content = patched(zipped({"a.xml": bytes(120_000_000)}), ENTRY, 24, "<I", 1000)
    with pytest.raises(SourceError, match=r"^contains 'a\.xml', which unpacks to more than the declared 1,000 bytes"):
        read_member(open_archive(content), "a.xml")


def test_a_member_smaller_than_it_says_is_broken():
    content = patched(zipped({"a.xml": "x" * 5000}), ENTRY, 24, "<I", 6000)
    with pytest.raises(SourceError, match=r"^is truncated or broken \('a\.xml': its checksum or size differs from"):
        read_member(open_archive(content), "a.xml")


def test_a_member_whose_bytes_were_changed_is_broken():
    content = zipped({"a.xml": "They met."})
    changed = content.replace(content[35:40], b"\xff\xff\xff\xff\xff", 1)
    with pytest.raises(SourceError, match=r"^is truncated or broken \('a\.xml': .*\)\. Expected a complete file"):
        read_member(open_archive(changed), "a.xml")


def test_a_member_whose_packed_bytes_end_early_is_broken():
    content = patched(zipped({"a.xml": bytes(range(256)) * 40, "b.xml": "b"}), ENTRY, 0, "<I", 0x02014B50)
    short = bytearray(content)
    struct.pack_into("<I", short, content.index(ENTRY) + 20, 60)
    with pytest.raises(SourceError, match=r"^is truncated or broken \('a\.xml': its bytes end early\)"):
        read_member(open_archive(bytes(short)), "a.xml")


def test_a_member_packed_in_another_way_is_refused():
    file = BytesIO()
    with ZipFile(file, "w", ZIP_LZMA) as archive:
        archive.writestr("a.xml", "text")
    with pytest.raises(
        SourceError, match=r"^compresses 'a\.xml' with method 14\. Expected deflate; save it again in Word"
    ):
        read_member(open_archive(file.getvalue()), "a.xml")


def test_a_file_at_the_limits_is_read(monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    monkeypatch.setattr(archives, "MOST_BYTES", 9)
    archive = open_archive(zipped({"a": "", "b": "", "c": "They met."}))
    assert read_member(archive, "c") == b"They met."


def test_an_archive_is_not_unpacked_as_a_whole():
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bomb.bin", bytes(120_000_000))
        archive.writestr("a.xml", "They met.")
    assert read_member(open_archive(file.getvalue()), "a.xml") == b"They met."
