"""Tag sentences: probabilities to dimensions, strength, exclusion, margin and a status."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, listed
from g7tag.frames import build, tags_model, validate
from g7tag.frames.labels import rows_apart
from g7tag.tagger.decide import EXCLUDED, STRONG, decided_tags, margins, right_shares
from g7tag.tagger.explain import explain_tags, why_tagged
from g7tag.tagger.features import hardly_known
from g7tag.tagger.model import Tagger, predict_shares

MOST_CHARACTERS = 5000
"""What a sentence may have; the longest in a report has some 700."""


def tag_sentences(
    sentences: pd.DataFrame, tagger: Tagger, codebook: Codebook, *, source: str = "sentences"
) -> pd.DataFrame:
    """Return the tags of sentences, one row each, in their order.

    Parameters
    ----------
    sentences
        Columns sentence_id, item_id and text, the rows of an item in order and adjacent; others are not looked at.
    tagger
        A tagger of this codebook.
    codebook
        Names the dimensions and exclusions.
    source
        Where the sentences came from, for messages.

    Returns
    -------
    pandas.DataFrame
        The tags frame. A sentence that is empty (`empty`), has more than `MOST_CHARACTERS` (`too_long`), or words that
        the tagger hardly knows, such as those of another language (`unknown_words`), gets no dimension, no strength and
        needs review; its p_right and margin are NaN, and all probabilities of the first two. No sentences give no rows.

    Raises
    ------
    FrameError
        A column is missing, an id stands twice, or an item's rows are apart.
    """
    _check(sentences, source)
    if sentences.empty:
        return build(tags_model(codebook), [])
    rows = sentences[["sentence_id", "item_id", "text"]].fillna("").astype("str").reset_index(drop=True)
    status = _statuses(rows["text"], tagger)
    usable = (status == "ok").to_numpy()
    shares = predict_shares(tagger, rows.assign(text=rows["text"].str.slice(stop=MOST_CHARACTERS)))
    right = right_shares(shares, tagger.thresholds)
    columns = {
        "sentence_id": rows["sentence_id"],
        **{f"p_{key}": shares[key] for key in (*codebook.dimension_keys, STRONG, EXCLUDED)},
        **decided_tags(shares, tagger.thresholds, codebook.exclusion_keys, usable),
        "p_right": right,
        "margin": margins(shares, tagger.thresholds),
        "needs_review": (right < tagger.review_below) | ~usable,
        "status": status,
        "tagger": tagger.model_id,
    }
    tags = pd.DataFrame(columns)
    unread = status.isin(["empty", "too_long"])
    unknown = {name: tags[name].mask(unread) for name in tags.columns if name.startswith("p_")}
    unknown |= {name: tags[name].mask(status != "ok") for name in ("p_right", "margin")}
    return validate(tags.assign(**unknown), tags_model(codebook), source="tags")


def tag_table(
    table: pd.DataFrame, tagger: Tagger, codebook: Codebook, *, source: str = "table", explain: bool = False
) -> pd.DataFrame:
    """Tag a user's table of sentences.

    Parameters
    ----------
    table
        A column `text`; by choice `sentence_id` (else the row's number), `item_id` (else every row is an item of its
        own and has no context) and `position` (a number; else the rows' order). The rows of an item must be adjacent.
    tagger, codebook
        What to tag with.
    source
        Name of the table, for messages.
    explain
        Add a column `why`, what spoke most for each tag.

    Returns
    -------
    pandas.DataFrame
        The tags frame with the text behind the id; rows in the table's order. No rows give no rows.

    Raises
    ------
    FrameError
        There is no column `text`, an id stands twice, or an item's rows are apart.
    """
    if list(table.columns).count("text") > 1:
        msg = f"{source}: column 'text' stands twice. Name the column of sentences 'text', and no other."
        raise FrameError(msg)
    if "text" not in table.columns:
        msg = f"{source}: column 'text' is missing, found {listed(table.columns)}. Name the column of sentences 'text'."
        raise FrameError(msg)
    numbers = pd.Series(range(1, len(table) + 1), index=table.index).astype("str")
    ids = _filled(table, "sentence_id", numbers)
    items = _filled(table, "item_id", ids)
    text = table["text"].fillna("").astype("str")
    sentences = pd.DataFrame({"sentence_id": ids, "item_id": items, "text": text})
    order = _reading_order(table, items, source)
    read = sentences.iloc[order]
    tags = tag_sentences(read, tagger, codebook, source=source)
    if explain:
        tags["why"] = why_tagged(tags, explain_tags(read, tagger))
    tags = tags.iloc[np.argsort(order)].reset_index(drop=True)
    tags.insert(1, "text", text.to_numpy())
    return tags


def _filled(table: pd.DataFrame, name: str, others: pd.Series) -> pd.Series:
    """A column as text, with others where a cell is empty or the column is missing."""
    if name not in table.columns:
        return others
    column = table[name].astype("object").fillna("").astype("str").str.strip()
    return column.mask(column == "", others)


def _reading_order(table: pd.DataFrame, items: pd.Series, source: str) -> npt.NDArray[np.int64]:
    """Places of the rows such that the rows of an item stand by position; items keep their order."""
    if "position" not in table.columns:
        return np.arange(len(table))
    position = pd.to_numeric(table["position"], errors="coerce")
    if position.isna().any():
        wrong = table.loc[position.isna(), "position"].iloc[0]
        msg = f"{source}: column 'position' holds {wrong!r}, expected a number in every row, or no such column."
        raise FrameError(msg)
    block = items.ne(items.shift()).cumsum()
    return np.lexsort((position.to_numpy(), block.to_numpy()))


def _check(sentences: pd.DataFrame, source: str) -> None:
    missing = [name for name in ("sentence_id", "item_id", "text") if name not in sentences.columns]
    if missing:
        msg = (
            f"{source}: column {missing[0]!r} is missing, found {listed(sentences.columns)}. "
            "Give each row an id, an item and a text."
        )
        raise FrameError(msg)
    twice = sentences.loc[sentences["sentence_id"].duplicated(), "sentence_id"]
    if len(twice):
        msg = f"{source}: {listed(set(twice))} stands in several rows. Give each sentence an id of its own."
        raise FrameError(msg)
    apart = sentences.loc[rows_apart(sentences["item_id"]), "item_id"]
    if len(apart):
        msg = f"{source}: rows of item {listed(set(apart))} are apart. Sort the table by item."
        raise FrameError(msg)


def _statuses(texts: pd.Series, tagger: Tagger) -> pd.Series:
    """Why each sentence is not judged, or "ok"."""
    words = tagger.features.named_transformers_["words"]
    unknown = hardly_known(words, texts.str.slice(stop=MOST_CHARACTERS).tolist())
    status = np.where(unknown, "unknown_words", "ok")
    status = np.where(texts.str.len() > MOST_CHARACTERS, "too_long", status)
    return pd.Series(np.where(texts.str.strip() == "", "empty", status), index=texts.index, dtype="str")
