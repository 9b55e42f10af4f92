"""PDFs written object by object, so that any part can be missing, wrong or too large."""

import zlib
from collections.abc import Mapping, Sequence

HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
"""Object 3; 1 is the catalogue, 2 the page tree, pages and their contents come from 1000 on."""


def stream(content: bytes | str, entries: str = "") -> bytes:
    content = content.encode("latin-1") if isinstance(content, str) else content
    return f"<< /Length {len(content)} {entries} >>\nstream\n".encode() + content + b"\nendstream"


def flate(content: bytes) -> bytes:
    return stream(zlib.compress(content, 9), "/Filter /FlateDecode")


def write_objects(objects: Mapping[int, bytes | str]) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    content, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(content)
        content += f"{number} 0 obj\n".encode() + (body.encode("latin-1") if isinstance(body, str) else body)
        content += b"\nendobj\n"
    start = len(content)
    content += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        content += f"{number} 1\n{place:010} 00000 n \n".encode()
    content += f"trailer\n<< /Size {max(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(content)


def text_at(text: str, x: float = 72, y: float = 700, size: float = 12) -> str:
    """Operators that show text."""
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"


def write_pages(
    *contents: bytes | str,
    resources: str = "",
    page: str = "/MediaBox [0 0 612 792]",
    extra: Mapping[int, bytes | str] | None = None,
    catalogue: str = "",
    fonts: str = "/F1 3 0 R",
) -> bytes:
    """A PDF with a page for each of the contents, which are operators or the bodies of stream objects."""
    objects: dict[int, bytes | str] = {1: f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>", 3: HELVETICA}
    numbers = range(1000, 1000 + 2 * len(contents), 2)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects[2] = f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>"
    for number, content in zip(numbers, contents, strict=True):
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R {page} /Contents {number + 1} 0 R "
            f"/Resources << /Font << {fonts} >> {resources} >> >>"
        )
        is_object = isinstance(content, bytes)
        objects[number + 1] = content if is_object else stream(content)
    return write_objects(objects | dict(extra or {}))


def write_tree(objects: Mapping[int, bytes | str], kids: Sequence[int] = (1000,), count: object = 1) -> bytes:
    """A PDF whose page tree and pages are given; object 1001 shows "Canada: 0"."""
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    return write_objects({
        1: "<< /Type /Catalog /Pages 2 0 R >>", 2: f"<< /Type /Pages /Kids [{listed}] /Count {count} >>",
        3: HELVETICA, 1001: stream(text_at("Canada: 0")), **objects,
    })  # fmt: skip
