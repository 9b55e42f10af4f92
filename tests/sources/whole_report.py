"""A whole report of many chapters, and codebooks with taggers for some of them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from layouts import repeated
from set_text import set_text

from g7tag.codebook import Codebook, codebook_toml
from g7tag.jobs import open_codebook
from g7tag.tagger import default_model, load_tagger
from g7tag.tagger.persist import save_tagger

CHAPTERS, WITH_CODEBOOK = 20, (2, 3, 5, 11, 13, 19)
TITLE = "Energy: Windmills"


def write_report(path: Path, n_chapters: int = CHAPTERS) -> Path:
    """Write a report of chapters that differ in their numbers and notes."""
    path.write_bytes(set_text(repeated("short", n_chapters)))
    return path


def book_on(number: int, **given: object) -> Codebook:
    """A codebook on a chapter, made from the one that comes with g7tag."""
    book = open_codebook()
    about = book.commitment.model_copy(update={"id": f"2024-{number:02d}", "number": number, "title": TITLE})
    return book.model_copy(update={"id": f"windmills-{number:02d}", "commitment": about, **given})


def write_codebooks(folder: Path, numbers: Iterable[int] = WITH_CODEBOOK, *, taggers: bool = True) -> Path:
    """Write a folder of codebooks, with their taggers beside them."""
    folder.mkdir(exist_ok=True)
    path, book = default_model(open_codebook()), open_codebook()
    tagger = replace(load_tagger(path, book), fast=load_tagger(path, book, fast=True)) if taggers else None
    for number in numbers:
        own = book_on(number)
        (folder / f"{own.id}.toml").write_bytes(codebook_toml(own))
        if tagger is not None and tagger.fast is not None:
            about = tagger.about | {"codebook": own.id}
            save_tagger(replace(tagger, about=about, fast=replace(tagger.fast, about=about)), folder / f"{own.id}.npz")
    return folder
