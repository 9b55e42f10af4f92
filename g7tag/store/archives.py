"""Archives (.zip and formats built on it) whose bytes depend on their content alone."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def with_fixed_dates(archive: bytes) -> bytes:
    """Return a zip archive with the same files in the same order, but without the times at which they were written."""
    buffer = BytesIO()
    with ZipFile(BytesIO(archive)) as given, ZipFile(buffer, "w") as fixed:
        for part in given.infolist():
            entry = ZipInfo(part.filename)
            entry.create_system = 3  # otherwise it depends on the operating system
            fixed.writestr(entry, given.read(part), compress_type=ZIP_DEFLATED)
    return buffer.getvalue()
