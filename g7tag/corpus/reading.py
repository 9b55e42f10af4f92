"""Read labelled corpus files, and check their form and what makes a tagger look better than it is."""

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import FrameError, InputError
from g7tag.frames.labels import coder_rules, label_rules
from g7tag.store import data_path, read_table
from g7tag.text import counted, listed

LABEL = ["dimensions", "strength", "act", "exclusion"]
"""Columns of a label."""
CODERS = ("c1", "c2")
REQUIRED = ("text", "dimensions", "strength")
"""Required columns of a corpus file. Other missing columns are filled with ""."""
COLUMNS = (
    "sentence_id", "item_id", "member", "position", "date", "text", "publisher", "source_type", "published", "url",
    "retrieved", "cluster", "part", "dimensions", "strength", "act", "exclusion", "contradicts",
    "c1_dimensions", "c1_strength", "c1_act", "c1_exclusion",
    "c2_dimensions", "c2_strength", "c2_act", "c2_exclusion", "note", "rules_version",
)  # fmt: skip
"""Columns of the bundled files."""
FIRST = "2024-apulia-19"
"""Id of the codebook that comes with the most labelled sentences."""
PARTS = ("train", "dev", "test")
NEAR = 0.85
"""Cosine similarity of character n-grams from which two sentences count as near-duplicates."""
BLOCK = 500
"""Rows that are compared at once."""
OPTIONAL = (
    "sentence_id", "item_id", "member", "position", "date", "act", "exclusion", "contradicts", "cluster", "part",
    "publisher", "published", "url", "note",
    *(f"{coder}_{label}" for coder in CODERS for label in LABEL),
)  # fmt: skip


def bundled_codebooks() -> dict[str, Path]:
    """Return the paths of the codebooks that come with g7tag, by id."""
    return {path.stem: path for path in sorted(data_path("codebooks").glob("*.toml"))}


def bundled_corpus(codebook_id: str = FIRST) -> list[Path]:
    """Return the paths of the labelled files that come with g7tag for a codebook; none if it has none."""
    return sorted(data_path(f"corpus/{codebook_id}").glob("*.csv"))


@cache
def bundled_collections() -> frozenset[str]:
    """Return the first parts of the item ids in the labelled files that come with g7tag, such as a commitment's id."""
    files = [path for codebook_id in bundled_codebooks() for path in bundled_corpus(codebook_id)]
    firsts = [next(csv.DictReader(path.read_text(encoding="utf-8").splitlines()[:2])) for path in files]
    return frozenset(first["item_id"].partition("/")[0] for first in firsts)


def is_bundled(codebook: Codebook) -> bool:
    """Whether labels and taggers that come with g7tag fit a codebook: one of its id comes with it, with its labels."""
    path = bundled_codebooks().get(codebook.id)
    if path is None:
        return False
    known = load_codebook(path)
    return (known.dimension_keys, known.exclusion_keys) == (codebook.dimension_keys, codebook.exclusion_keys)


def own_corpus(codebook: Codebook) -> list[Path]:
    """Return the paths of the labelled files that come with g7tag for a codebook; none if they do not fit it."""
    return bundled_corpus(codebook.id) if is_bundled(codebook) else []


def files_to_read(paths: Sequence[Path], codebook: Codebook) -> list[Path]:
    """Return labelled files or, if there are none, those that come with g7tag for the codebook."""
    files = list(paths) or own_corpus(codebook)
    if not files:
        msg = (
            f"codebook {codebook.id!r}: no labelled sentences come with g7tag for it. Name a file: --corpus FILE, or "
            "label some (g7tag desk) and use --with-labels RUN."
        )
        raise InputError(msg)
    return files


def read_corpus(paths: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return the labelled sentences of files, one row each, in order; column `file` has the file name.

    Parameters
    ----------
    paths
        CSV, Parquet or JSON Lines files with the columns text, dimensions (keys joined by ";", "" for none) and
        strength (strong, weak, none). Optional columns: sentence_id, item_id, member, position, date, act, exclusion,
        cluster, part, the source's publisher, published and url, and the labels of two coders (c1_dimensions,
        c1_strength, c1_act, c1_exclusion, and the same with c2). A sentence without item_id is its own item.
    codebook
        Defines the labels.

    Raises
    ------
    InputError
        A file cannot be read, or two files have the same name.
    FrameError
        A column is missing, a text is empty, an id is a duplicate, a label is not in the codebook, or a sentence has a
        strength without a dimension, a dimension without a strength, a dimension and an exclusion, a dimension although
        its act is not done, reversed or background, strong action although its act is planned, or an unknown part. The
        message lists all problems of a file, each with its first row.
    """
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{twice}: {names.count(twice)} files have this name. Give each file once, under a unique name."
        raise InputError(msg)
    frames = [_read_one(path, codebook).assign(file=path.name) for path in paths]
    corpus = pd.concat(frames, ignore_index=True)
    duplicates = corpus.loc[corpus["sentence_id"].duplicated(), "sentence_id"]
    if len(duplicates):
        msg = f"corpus: sentence_id {listed(duplicates)} appears in two files. Give each sentence one row."
        raise FrameError(msg)
    return corpus


def without_members(corpus: pd.DataFrame, members: Sequence[str]) -> pd.DataFrame:
    """Return the corpus without the rows of some members and without rows that share a cluster with them."""
    unknown = set(members) - set(corpus["member"])
    if unknown:
        msg = f"corpus: no sentences of {listed(unknown)}. Members are {', '.join(sorted(set(corpus['member'])))}."
        raise FrameError(msg)
    return without_rows(corpus, corpus["member"].isin(members))


def without_rows(corpus: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """Return the corpus without chosen rows and without rows that share a cluster with them."""
    clusters = set(corpus.loc[chosen, "cluster"]) - {""}
    return corpus[~chosen & ~corpus["cluster"].isin(clusters)]


def _read_one(path: Path, codebook: Codebook) -> pd.DataFrame:
    table = read_table(path)
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing or table.empty:
        found = listed(table.columns) if missing else "no rows"
        msg = f"{path}: not a corpus, found {found}. Expected rows with the columns {', '.join(REQUIRED)}."
        raise FrameError(msg)
    filled = table.reindex(columns=[*REQUIRED, *OPTIONAL], fill_value="").fillna("").astype("str")
    corpus = filled.reset_index(drop=True)
    numbered = pd.Series([f"{path.stem}/{row}" for row in range(1, len(corpus) + 1)], dtype="str")
    corpus["sentence_id"] = corpus["sentence_id"].mask(corpus["sentence_id"] == "", numbered)
    corpus["item_id"] = corpus["item_id"].mask(corpus["item_id"] == "", corpus["sentence_id"])
    rules = label_rules(corpus, codebook)
    rules[f"part is not one of {', '.join(PARTS)}"] = ~corpus["part"].isin(["", *PARTS])
    causes = []
    for coder in CODERS:
        needed = [f"{coder}_{name}" for name in ("dimensions", "strength", "exclusion")]
        absent = [name for name in needed if name not in table.columns]
        if absent and len(absent) < len(needed):
            causes.append(f"column {absent[0]!r} is missing. Expected {', '.join(needed)}, or none of them")
        else:
            coded = (corpus[needed] != "").any(axis=1)
            own = coder_rules(corpus, coder, codebook)
            rules |= {f"{coder}: {rule}": broken & coded for rule, broken in own.items()}
    causes += [
        f"row {int(np.flatnonzero(broken)[0]) + 1}: {rule} ({counted(int(broken.sum()), 'row')})"
        for rule, broken in rules.items()
        if broken.any()
    ]
    if causes:
        lines = "\n".join(f"  {line}" for line in causes)
        msg = f"{path}: not a valid corpus of codebook {codebook.id!r}\n{lines}\nFix these rows and run again."
        raise FrameError(msg)
    return corpus


def weaknesses(corpus: pd.DataFrame) -> list[str]:
    """Return a line for each duplicate, each cluster in several parts, and each near-duplicate in another part."""
    lines, rows = list[str](), corpus.to_dict("records")
    plain = corpus["text"].str.lower().str.replace(r"\W+", " ", regex=True).str.strip()
    duplicated = plain.duplicated().to_numpy()
    for row in corpus[duplicated].to_dict("records"):
        lines.append(f"{row['file']}: {row['sentence_id']} is a duplicate. Remove one of the two.")
    parts = corpus.groupby("cluster")["part"].nunique()
    for name in parts.index[(parts > 1) & (parts.index != "")]:
        lines.append(f"cluster {name} is in several parts. Put all its rows into one part.")
    for place, other in _near_pairs(corpus["text"]):
        row, twin = rows[place], rows[other]
        together = row["part"] == twin["part"] or row["cluster"] == twin["cluster"] != ""
        if not duplicated[place] and not together:
            problem = f"is a near-duplicate of {twin['sentence_id']}, which is in another part"
            lines.append(f"{row['file']}: {row['sentence_id']} {problem}. Give both one cluster and part.")
    return lines


def _near_pairs(texts: pd.Series) -> Iterator[tuple[int, int]]:
    """Yield the places of texts whose cosine is at least `NEAR`, the later first."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - needed for this check alone

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32).fit_transform(texts)
    for start in range(0, vectors.shape[0], BLOCK):
        cosines = (vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T).tocoo()
        near = (cosines.data >= NEAR) & (cosines.col < cosines.row + start)
        yield from sorted(zip((cosines.row[near] + start).tolist(), cosines.col[near].tolist(), strict=True))
