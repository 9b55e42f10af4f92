"""Compare two codebooks: what differs, which labels of a run may be outdated by it, and which scores it changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import CODEBOOK_PARTS, CODEBOOK_SCORES, OUTDATED_LABELS, Frames, build, label_words
from g7tag.jobs.labelling import to_label
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.run import Run, open_run
from g7tag.labels import current_annotations
from g7tag.scoring import score_members
from g7tag.store import PEOPLE

_NAMES = ("key", "name", "code", "case")
"""Keys that name an entry of a list; the first that it has does."""
_UNUSED = ("draft", "taken_from", "borrows")
_DEFINED = {"dimensions": "dimensions", "strengths": "strength", "exclusions": "exclusion", "acts": "act"}
"""Parts of a codebook with definitions, and the columns of labels that name them."""


class CodebookChanges(NamedTuple):
    """What differs between two codebooks, and what follows for a run.

    Attributes
    ----------
    parts
        What differs: codebook_parts. Of lists of words, what only one codebook has.
    labels
        Labels of people that may be outdated: outdated_labels. No rows without a run.
    scores
        The scores of the run's labels under both codebooks: codebook_scores. No rows without a run.
    """

    parts: pd.DataFrame
    labels: pd.DataFrame
    scores: pd.DataFrame


def compare_codebooks(
    old: Codebook | Path | str, new: Codebook | Path | str, run: Run | Path | str | None = None
) -> CodebookChanges:
    """Return what differs between two codebooks and, for a run, which labels and scores it concerns.

    Nothing is written. Scores are those of the rules, periods and thresholds of the two codebooks with the labels that
    the run was scored with. A label of a person may be outdated if the new codebook defines a dimension, strength,
    exclusion or act that it uses in other words, or lacks it.

    Parameters
    ----------
    old, new
        Codebooks, their files, or ids of codebooks that come with g7tag.
    run
        A scored run, or its directory, on the commitment of both codebooks.

    Returns
    -------
    CodebookChanges
        Frames parts, labels and scores; without a run, the last two have no rows.

    Raises
    ------
    InputError
        A codebook is on another commitment than the run.

    Examples
    --------
    >>> book = open_codebook()
    >>> compare_codebooks(book, book.model_copy(update={"min_strong_items": 3})).parts.values.tolist()
    [['min_strong_items', '2', '3']]
    """
    books = open_codebook(old), open_codebook(new)
    parts = _differing(*books)
    if run is None:
        return CodebookChanges(parts, build(OUTDATED_LABELS, []), build(CODEBOOK_SCORES, []))
    opened = run if isinstance(run, Run) else open_run(run)
    own = opened.codebook.commitment.id
    for book in books:
        if book.commitment.id != own:
            msg = f"codebook {book.id!r}: is on commitment {book.commitment.id}, the run on {own}. Name one of {own}."
            raise InputError(msg)
    frames = to_label(opened).read("sentences", "items", "members", "labels", "annotations")
    return CodebookChanges(parts, _outdated(*books, frames), _scores(*books, frames))


def _differing(old: Codebook, new: Codebook) -> pd.DataFrame:
    one, other = (dict(_parts(book.model_dump(mode="json"))) for book in (old, new))
    rows = []
    for part in one | other:
        before, after = one.get(part, ""), other.get(part, "")
        if isinstance(before or after, list):
            pairs = ((before, after), (after, before))
            before, after = ("; ".join(each for each in own if each not in others) for own, others in pairs)
        if before != after:
            rows.append({"part": part, "old": before, "new": after})
    return build(CODEBOOK_PARTS, rows)


def _parts(value: Any, path: str = "") -> Iterator[tuple[str, str | list[str]]]:
    """Yield the places of a codebook with what is there: a text, or a list of words."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _UNUSED:
                yield from _parts(each, f"{path} {key}".strip())
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for each in value:
            key = next(key for key in _NAMES if key in each)
            yield from _parts({name: part for name, part in each.items() if name != key}, f"{path} {each[key]!r}")
    elif isinstance(value, list) and value and isinstance(value[0], int):
        yield path, " to ".join(map(str, value))
    elif value not in (None, [], ""):
        yield path, value if isinstance(value, list) else str(value)


def _outdated(old: Codebook, new: Codebook, run: Frames) -> pd.DataFrame:
    """Return the labels of people that use a part whose definition changed, or that the new codebook lacks."""
    reasons: dict[tuple[str, str], str] = {}
    for group, column in _DEFINED.items():
        known = {part.key: (part.definition, part.label) for part in getattr(new, group)}
        for part in getattr(old, group):
            if part.key not in known:
                reasons[column, part.key] = f"{part.key} is gone"
            elif known[part.key] != (part.definition, part.label):
                reasons[column, part.key] = f"the definition of {part.key} changed"
    rows = current_annotations(run["annotations"], run["sentences"])
    rows = rows[rows["kind"].isin(PEOPLE)].merge(run["sentences"][["sentence_id", "text"]], on="sentence_id")
    uses = [
        [(name, key) for name in _DEFINED.values() for key in row[name].split(";")] for row in rows.to_dict("records")
    ]
    why = ["; ".join(reasons[use] for use in own if use in reasons) for own in uses]
    rows = rows.assign(label=label_words(rows), reason=why)
    return build(OUTDATED_LABELS, rows[rows["reason"] != ""].to_dict("records"))


def _scores(old: Codebook, new: Codebook, run: Frames) -> pd.DataFrame:
    """Return the scores of the labels of a run under both codebooks."""
    about: dict[str, Any] = {name: run[name] for name in ("sentences", "items", "members")}
    one, other = (
        score_members(run["labels"], **about, codebook=book).scores.set_index(["member", "reading"])
        for book in (old, new)
    )
    columns = {"old_score": one["suggested_score"], "new_score": other["suggested_score"], "new_rule": other["rule"]}
    return build(CODEBOOK_SCORES, pd.DataFrame(columns).fillna({"new_rule": ""}).reset_index().to_dict("records"))
