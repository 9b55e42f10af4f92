"""Tag sentences: dimensions, strength, act, exclusion, and how likely they are right."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, REVERSED, Codebook
from g7tag.errors import FrameError
from g7tag.frames import build, require_columns, tags_model, validate
from g7tag.frames.labels import non_adjacent_rows
from g7tag.tagger.encoder import known_words
from g7tag.tagger.explain import describe_tags, explain_tags
from g7tag.tagger.model import EXCLUDED, STRONG, Tagger, decide, rescaled
from g7tag.tagger.words import ACT_CUES, finder_of, hardly_known
from g7tag.text import listed

MOST_CHARACTERS = 5000
"""Maximum length of a sentence; the longest in a report has about 700."""


def tag_sentences(
    sentences: pd.DataFrame, tagger: Tagger, codebook: Codebook, *, source: str = "sentences"
) -> pd.DataFrame:
    """Return the tags of sentences, one row each, in order.

    Parameters
    ----------
    sentences
        Columns sentence_id, item_id and text; other columns are ignored. The rows of an item must be in order and
        adjacent.
    tagger
        A tagger for this codebook.
    codebook
        Names the dimensions and exclusions.
    source
        Name of the source of the sentences, for messages.

    Returns
    -------
    pandas.DataFrame
        The tags frame. A tag needs review if p_right is below review_below, or for another review_reason: an act not
        done or reversed, or strong action in a sentence with a cue of the act planned, not done or reversed. A sentence
        is not tagged if it is empty (`empty`), has more than `MOST_CHARACTERS` (`too_long`), or has too few known
        words, for example in another language (`unknown_words`). It gets no dimension, strength or act, and needs
        review. Its p_right and margin are NaN; for `empty` and `too_long`, all its probabilities are NaN. Without
        sentences the frame is empty.

    Raises
    ------
    FrameError
        A column is missing, an id is a duplicate, or the rows of an item are not adjacent.
    """
    _check(sentences, source)
    if sentences.empty:
        return build(tags_model(codebook), [])
    rows = sentences[["sentence_id", "item_id", "text"]].fillna("").astype("str").reset_index(drop=True)
    status = _statuses(rows["text"])
    usable = (status == "ok").to_numpy()
    odds = tagger.odds(rows.assign(text=rows["text"].str.slice(stop=MOST_CHARACTERS)))
    decided = decide(odds, codebook, tagger.threshold)
    untagged = {"dimensions": "", "strength": "none", "act": "", "exclusion": ""}
    tags = decided.tags.assign(**{name: decided.tags[name].where(usable, value) for name, value in untagged.items()})
    right = pd.Series(rescaled(decided.right, tagger.right_scale))
    reason = _undone(tags, rows["text"], codebook)
    reason = reason.mask(right < tagger.review_limit, "unlikely").mask(~usable, status)
    kept = {f"p_{key}": decided.shares[key] for key in (*codebook.dimension_keys, STRONG, EXCLUDED, *ACTS)}
    columns = {
        "sentence_id": rows["sentence_id"],
        **{name: share.mask(status.isin(["empty", "too_long"])) for name, share in kept.items()},
        **tags,
        "p_right": right.where(usable),
        "review_below": tagger.review_limit,
        "margin": pd.Series(decided.margin).where(usable),
        "needs_review": reason != "",
        "review_reason": reason,
        "status": status,
        "tagger": tagger.model_id,
    }
    return validate(pd.DataFrame(columns), tags_model(codebook), source="tags")


def tag_table(
    table: pd.DataFrame, tagger: Tagger, codebook: Codebook, *, source: str = "table", explain: bool = False
) -> pd.DataFrame:
    """Tag a user's table of sentences."""
    require_columns(table, ["text"], source=source)
    ids = _filled(table, "sentence_id", pd.Series(range(1, len(table) + 1), index=table.index).astype("str"))
    items = _filled(table, "item_id", ids)
    text = table["text"].fillna("").astype("str")
    order = _reading_order(table, items, source)
    read = pd.DataFrame({"sentence_id": ids, "item_id": items, "text": text}).iloc[order]
    tags = tag_sentences(read, tagger, codebook, source=source)
    if explain:
        tags["why"] = describe_tags(tags, explain_tags(read, tagger))
    tags = tags.iloc[np.argsort(order)].reset_index(drop=True)
    tags.insert(1, "text", text.to_numpy())
    return tags


def _filled(table: pd.DataFrame, name: str, others: pd.Series) -> pd.Series:
    """Return a column as text; fill empty cells, or a missing column, from `others`."""
    if name not in table.columns:
        return others
    column = table[name].astype("object").fillna("").astype("str").str.strip()
    return column.mask(column == "", others)


def _reading_order(table: pd.DataFrame, items: pd.Series, source: str) -> npt.NDArray[np.int64]:
    """Return the row order that sorts each item by position; items keep their order."""
    if "position" not in table.columns:
        return np.arange(len(table))
    position = pd.to_numeric(table["position"], errors="coerce")
    if position.isna().any():
        wrong = table.loc[position.isna(), "position"].iloc[0]
        msg = f"{source}: column 'position' contains {wrong!r}. Expected a number in every row. Fix or remove it."
        raise FrameError(msg)
    block = items.ne(items.shift()).cumsum()
    return np.lexsort((position.to_numpy(), block.to_numpy()))


def _check(sentences: pd.DataFrame, source: str) -> None:
    require_columns(sentences, ("sentence_id", "item_id", "text"), source=source)
    duplicates = sentences.loc[sentences["sentence_id"].duplicated(), "sentence_id"]
    if len(duplicates):
        msg = f"{source}: sentence_id {listed(set(duplicates))} appears in several rows. Give each row a unique id."
        raise FrameError(msg)
    apart = sentences.loc[non_adjacent_rows(sentences["item_id"]), "item_id"]
    if len(apart):
        msg = f"{source}: rows of item {listed(set(apart))} are not adjacent. Sort the table by item."
        raise FrameError(msg)


def _undone(tags: pd.DataFrame, texts: pd.Series, codebook: Codebook) -> pd.Series:
    """Return why a person has to check each tag, however certain it is; "" if the act seems to be done."""
    own = {act.key: [cue for words in act.cues.values() for cue in words] for act in codebook.acts}
    cues = {f"{act}.any": own.get(act) or words for act, words in ACT_CUES.items()}
    finder = finder_of(cues)
    strong = (tags["strength"] == STRONG).to_numpy()
    acts = [group.partition(".")[0] for group in cues]
    groups = [finder.groups(text) if so else () for so, text in zip(strong, texts, strict=True)]
    worded = [f"{acts[min(found)]}_cue" if found else "" for found in groups]
    reasons = pd.Series(worded, index=tags.index, dtype="str")
    return reasons.mask(tags["act"].isin(["not_done", REVERSED]), tags["act"])


def _statuses(texts: pd.Series) -> pd.Series:
    """Return the reason why each sentence is not tagged, or "ok"."""
    unknown = list(hardly_known(texts.str.slice(stop=MOST_CHARACTERS), *known_words()))
    status = np.where(unknown, "unknown_words", "ok")
    status = np.where(texts.str.len() > MOST_CHARACTERS, "too_long", status)
    return pd.Series(np.where(texts.str.strip() == "", "empty", status), index=texts.index, dtype="str")
