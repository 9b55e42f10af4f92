"""Archives with the same content have the same bytes."""

import zipfile
from io import BytesIO

from g7tag.store import with_fixed_dates


def archive(year: int) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in (("b.xml", "<b/>"), ("a.xml", "<a/>")):
            made.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), text)
    return buffer.getvalue()


def test_only_the_dates_are_lost() -> None:
    assert archive(2024) != archive(2025)
    fixed = with_fixed_dates(archive(2024))
    assert fixed == with_fixed_dates(archive(2025)) == with_fixed_dates(fixed)
    with zipfile.ZipFile(BytesIO(fixed)) as made:
        assert {name: made.read(name) for name in made.namelist()} == {"b.xml": b"<b/>", "a.xml": b"<a/>"}
        assert made.namelist() == ["b.xml", "a.xml"]  # the order matters: Word expects [Content_Types].xml first
