"""Scan a PDF: each page becomes an image without text, perhaps askew and with specks; and compare recognized words."""

import random
from io import BytesIO

import pypdfium2
from PIL import Image


def scanned(pdf: bytes, *, dpi: int = 300, skew: float = 0.0, specks: int = 0) -> bytes:
    """The pages of a PDF as images, turned by degrees, with black dots on each page."""
    rng = random.Random(0)
    pages: list[Image.Image] = []
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=dpi / 72).to_pil().convert("L")
        image = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255) if skew else image
        for _ in range(specks):
            place = rng.randrange(image.width - 3), rng.randrange(image.height - 3)
            image.paste(60, (*place, place[0] + 3, place[1] + 3))
        pages.append(image)
    file = BytesIO()
    pages[0].save(file, "PDF", resolution=dpi, save_all=True, append_images=pages[1:])
    return file.getvalue()


def same_words(text: str, other: str) -> bool:
    """Whether two texts have the same words, but for a single letter of each word."""
    pairs = text.split(), other.split()
    return len(pairs[0]) == len(pairs[1]) and all(map(_is_near, *pairs))


def _is_near(word: str, other: str) -> bool:
    """Whether two words differ by at most one letter that is another, missing or added."""
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) > 1:
        return False
    first = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[first + (len(short) == len(long)) :] == long[first + 1 :]
