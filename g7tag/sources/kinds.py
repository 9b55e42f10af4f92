"""Detect the format of a document from its content; the file name is ignored."""

import re

from g7tag.errors import SourceError

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
TEXT = "text/plain"
MAX_PAGES = 5_000
"""Default limit of the pages of a PDF; the longest report has about 900."""
OCR = "ocrmypdf in.pdf out.pdf"
"""The command that recognizes the text of a scan."""
_OFFICE = "soffice --headless --convert-to docx FILE"
CONVERTED = {
    b"{\\rtf": ("is a rich text file (RTF)", _OFFICE),
    b"mimetypeapplication/vnd.oasis.opendocument.text": ("is an OpenDocument text (ODT)", _OFFICE),
    b"mimetypeapplication/epub+zip": ("is an e-book (EPUB)", "pandoc FILE -o FILE.docx"),
}
"""First bytes of files that another program converts to Word (or the first name in a zip file), and its command."""
OTHERS = {
    b"\xd0\xcf\x11\xe0": "is an old Word file (DOC) or a password-protected Word file",
    b"\x89PNG": "is an image (PNG)",
    b"\xff\xd8\xff": "is an image (JPEG)",
    b"II*\x00": "is an image (TIFF)",
    b"MM\x00*": "is an image (TIFF)",
    b"\x1f\x8b": "is a compressed file (gzip)",
    b"7z\xbc\xaf": "is a compressed file (7-Zip)",
    b"Rar!": "is a compressed file (RAR)",
    b"%!PS": "is a PostScript file",
}
"""First bytes of unsupported files, and what the files are."""
_EXPECTED = "Expected a report as PDF, Word (DOCX), HTML or text"
_NAME = 30  # place of the first member's name in a zip file
_LEAD = 1024  # bytes within which a PDF header must appear
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_WIDE_MARKUP = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """Return the media type of a document: PDF, Word (any zip file), HTML or plain text; refuse other formats."""
    for signature, (found, command) in CONVERTED.items():
        if content.startswith(signature, _NAME if content.startswith(b"PK") else 0):
            msg = f"{found}. {_EXPECTED}; convert it: {command}"
            raise SourceError(msg)
    for signature, found in OTHERS.items():
        if content.startswith(signature):
            msg = f"{found}. {_EXPECTED}; save it in one of these formats."
            raise SourceError(msg)
    if b"%PDF-" in content[:_LEAD]:
        return PDF
    if content.startswith(b"PK"):
        return DOCX
    order = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2])
    wide = order is not None and _WIDE_MARKUP.match(content[2:4000].decode(order, "replace"))
    return HTML if wide or _MARKUP.match(content[:4000]) else TEXT
