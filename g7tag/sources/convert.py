"""Convert documents that g7tag does not read itself (ODT, RTF) to Word, with LibreOffice."""

import shutil
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.archives import check_sizes, open_archive
from g7tag.sources.kinds import CONVERTED, ODT, RTF
from g7tag.sources.programs import new_folder, run_program, version_of

SECONDS = 300.0
"""Maximum time of a conversion; a report of 700 pages takes a tenth of it."""
_PROGRAMS = ("soffice", "libreoffice")
_SUFFIXES = {ODT: "odt", RTF: "rtf"}
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice runs no macros and loads nothing from other files."""


class Converted(NamedTuple):
    """A document as Word file, and the program that made it, with its version."""

    content: bytes
    program: str


def find_converter() -> str | None:
    """Return the path of LibreOffice, or None if it is not installed."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def convert_document(content: bytes, kind: str) -> Converted:
    """Convert an ODT or RTF document to Word (DOCX)."""
    program = find_converter()
    if program is None:
        msg = (
            f"{CONVERTED[kind]}. LibreOffice, which converts it, is not installed (for example apt-get install "
            "libreoffice-writer). Install it, or save the report as PDF, Word (DOCX), HTML or text."
        )
        raise SourceError(msg)
    if kind == ODT:
        check_sizes(open_archive(content))
    with new_folder("convert") as name:
        folder = Path(name)
        source = folder / f"report.{_SUFFIXES[kind]}"
        source.write_bytes(content)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
        ended = run_program(
            [*command, "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder), str(source)], folder,
            seconds=SECONDS, name="LibreOffice",
        )  # fmt: skip
        made = folder / "report.docx"
        if not made.exists():
            why = ended.last or f"exit code {ended.code}"
            msg = (
                f"{CONVERTED[kind]} that LibreOffice cannot convert ({why}). Open it in the program that created it, "
                "and save it as Word (DOCX) or PDF."
            )
            raise SourceError(msg)
        return Converted(made.read_bytes(), f"LibreOffice {version_of(command, folder)}".strip())
