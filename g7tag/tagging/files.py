"""Tag and train from files to files."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.store import check_output, read_table, table_bytes, write_atomic
from g7tag.tagging.corpus import bundled_corpus, read_corpus, without_members
from g7tag.tagging.model import Tagger, train_tagger
from g7tag.tagging.persist import check_model_name, save_tagger
from g7tag.tagging.predict import tag_table

Announce = Callable[[str], None]
"""Told the name of each step as it begins."""


def tag_file(
    path: Path, output: Path | None, codebook: Codebook, tagger: Tagger, announce: Announce, *, force: bool
) -> pd.DataFrame:
    """Tag a table file; write the tags to `output` where one is named, by its suffix, and return them.

    Raises
    ------
    InputError
        A file cannot be read or written, or `output` exists and `force` is not set.
    """
    if output is not None:
        check_output(output, force=force)
    announce("reading the table")
    sentences = read_table(path)
    announce(f"tagging {len(sentences)} sentences")
    tags = tag_table(sentences, tagger, codebook, source=str(path))
    if output is not None:
        write_atomic(output, table_bytes(tags, output.suffix.lower()))
    return tags


def train_file(
    output: Path,
    codebook: Codebook,
    corpus: Sequence[Path],
    without: Sequence[str],
    announce: Announce,
    *,
    force: bool,
) -> Tagger:
    """Train a tagger on labelled files (none: those that come with g7tag) without some members, and write it."""
    check_model_name(output, force=force)
    announce("reading the corpus")
    paths = list(corpus) or bundled_corpus()
    labelled = without_members(read_corpus(paths, codebook), without)
    announce(f"training on {len(labelled)} sentences")
    names = ", ".join(path.name for path in paths) + "".join(f", without {name}" for name in without)
    tagger = train_tagger(labelled, codebook, corpus_name=names)
    save_tagger(tagger, output)
    return tagger
