"""Explain tags: which words and cues carry each label, and marks of these words.

For the fast tagger, words and cues add up to the log-odds of a label. The encoder reads whole items, so nothing adds
up: a word counts as much as its removal lowers the log-odds. This is measured for the words that a label attends to
most.
"""

import re
from collections import deque
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.frames import MARKS, build, require_columns
from g7tag.tagger.encoder import END, Encoder, Item
from g7tag.tagger.meaning import Meaning
from g7tag.tagger.model import STRONG, Tagger
from g7tag.tagger.words import ABOUT, MOST_CONTEXT, STOP_WORDS, Words, finder_of

BASE, REST = "(base)", "(all others)"
"""Feature names for the level, and for the sum of all features not listed."""
WORD, CUE, EARLIER, TOPIC = "word", "cue", "earlier cue", "topic"
"""Kinds of features: a word or word pair; a group of cues in the sentence, or earlier in its item; `ABOUT`."""
MOST = 5
MOST_TRIED, TRIED_TO_MARK = 3, 1
"""Words of a sentence that are removed in turns for each label, to explain a tag and to mark words."""
LEAST = 0.15
"""Minimum contribution to the log-odds of a marked word: about a sixth more odds."""
COLUMNS_OF_WHY = ["sentence_id", "label", "kind", "feature", "found", "contribution"]
Floats = npt.NDArray[np.float64]


class _Word(NamedTuple):
    """A word of a sentence: its place in the text, and its word pieces in the item."""

    start: int
    end: int
    pieces: list[int]


class _Try(NamedTuple):
    """A sentence without a word: its row and place in the item, the word, what is left of the text, and the item."""

    row: int
    place: int
    word: str
    text: str
    item: Item


def explain_tags(
    sentences: pd.DataFrame, tagger: Tagger, *, most: int | None = MOST, labels: Collection[str] | None = None
) -> pd.DataFrame:
    """Return how much words and cues contribute to the log-odds of each label.

    Parameters
    ----------
    sentences
        Columns sentence_id, item_id and text. The rows of an item must be in order and adjacent.
    tagger
        The tagger that tagged the sentences.
    most
        Number of features to list for each sentence and label, largest contributions first. Stop words and numbers are
        not listed. None lists all features that were measured.
    labels
        The labels to explain; None explains all.

    Returns
    -------
    pandas.DataFrame
        Columns: sentence_id, label (a dimension, an exclusion, "strong" or an act), kind (`WORD`; for the fast tagger
        also `CUE`, `EARLIER`, `TOPIC`, and "" for `BASE` and `REST`), feature, found (the words of a cue, joined by
        ";") and contribution (to the log-odds; positive values support the label). For the fast tagger, the
        contributions to a label add up to its log-odds: `BASE` comes first and `REST` last. For the encoder, a
        contribution is how much the log-odds fall if the word is removed from the sentence; it is measured for the
        `MOST_TRIED` words that the label attends to most. Empty if there are no sentences.

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.store import data_path
    >>> from g7tag.tagger import default_model, load_tagger
    >>> book = load_codebook(data_path("codebooks/2024-apulia-19.toml"))
    >>> tagger = load_tagger(default_model(book), book, fast=True)
    >>> rows = pd.DataFrame({"sentence_id": ["s"], "item_id": ["i"], "text": ["Police arrested nine smugglers."]})
    >>> why = explain_tags(rows, tagger, most=None)
    >>> why[(why["label"] == "counter") & (why["feature"] == "counter.arrests")]["found"].tolist()
    ['arrested']
    """
    require_columns(sentences, ("sentence_id", "item_id", "text"), source="explain_tags")
    rows = sentences[["sentence_id", "item_id", "text"]].fillna("").astype("str").reset_index(drop=True)
    wanted = {label: place for place, label in enumerate(tagger.labels) if labels is None or label in labels}
    if isinstance(tagger.reader, Words):
        found = list(_added(rows, tagger, tagger.reader, wanted, most))
    else:
        asked = {row["sentence_id"]: list(wanted) for row in rows.to_dict("records")}
        found = list(_removed(rows, tagger, asked, most))
    why = pd.DataFrame(found, columns=COLUMNS_OF_WHY)
    return why.astype(dict.fromkeys(COLUMNS_OF_WHY[:-1], "str") | {"contribution": "float64"})


def _added(
    rows: pd.DataFrame, tagger: Tagger, reader: Words, wanted: Mapping[str, int], most: int | None
) -> Iterator[dict[str, Any]]:
    """Yield what words and cues add to each label of the fast tagger."""
    named = [(WORD, term) for term in reader.terms]
    named += [(kind, group) for kind in (CUE, EARLIER) for group in reader.cues] + [(TOPIC, name) for name in ABOUT]
    matrix = reader.read(rows)[0].tocsr()
    cues = list(_cues_found(rows, reader))
    for row, sentence_id in enumerate(rows["sentence_id"]):
        places, values = (each[matrix.indptr[row] : matrix.indptr[row + 1]] for each in (matrix.indices, matrix.data))
        for label, column in wanted.items():
            added = values * tagger.heads.weights[places, column]
            order = np.argsort(-abs(added), kind="stable")
            listed = [place for place in order if added[place] and (most is None or _means(*named[places[place]]))][
                :most
            ]
            level = float(tagger.heads.level[column])
            head = {"sentence_id": sentence_id, "label": label, "kind": "", "found": ""}
            yield head | {"feature": BASE, "contribution": level}
            for place in listed:
                kind, feature = named[places[place]]
                words = cues[row].get((kind, feature), "")
                yield head | {"kind": kind, "feature": feature, "found": words, "contribution": float(added[place])}
            if len(listed) < np.count_nonzero(added):
                yield head | {"feature": REST, "contribution": float(added.sum() - added[listed].sum())}


def _cues_found(rows: pd.DataFrame, reader: Words) -> Iterator[dict[tuple[str, str], str]]:
    """Yield, for each sentence, the words of its cues and of earlier cues, by kind and group."""
    finder, groups, item = finder_of(reader.cues), list(reader.cues), None
    context: deque[dict[str, list[str]]] = deque(maxlen=MOST_CONTEXT)
    for item_id, text in zip(rows["item_id"], rows["text"], strict=True):
        if item_id != item:
            context.clear()
        item, lowered = item_id, text.lower()
        own: dict[str, list[str]] = {}
        for cue in finder.find(text):
            own.setdefault(groups[cue.group], []).append(lowered[cue.start : cue.end])
        words = {(CUE, group): its for group, its in own.items()}
        for earlier in context:
            for group, its in earlier.items():
                words.setdefault((EARLIER, group), []).extend(its)
        yield {key: ";".join(dict.fromkeys(its)) for key, its in words.items()}
        context.append(own)


def _means(kind: str, feature: str) -> bool:
    """Whether a feature may be shown as a reason."""
    return kind != WORD or not all(word in STOP_WORDS or word.isdigit() or len(word) < 2 for word in feature.split())


def _removed(
    rows: pd.DataFrame, tagger: Tagger, asked: Mapping[str, Collection[str]], most: int | None, tried: int = MOST_TRIED
) -> Iterator[dict[str, Any]]:
    """Yield how much the log-odds of labels fall without a word, for the labels that are asked of each sentence."""
    reader = tagger.reader
    if not isinstance(reader, Meaning) or rows.empty:
        return
    tries = list(_tries(rows, tagger, reader.encoder, asked, tried))
    read = reader.encoder.read_all([each.item for each in tries])
    vectors = np.array([vectors[each.place] for vectors, each in zip(read, tries, strict=True)], dtype=np.float64)
    shorter = reader.judge(vectors.reshape(len(tries), reader.n_features), [each.text for each in tries])
    fallen = tagger.odds(rows)[[each.row for each in tries]] - tagger.heads.odds(*shorter)
    of_row: dict[int, list[int]] = {}
    for number, each in enumerate(tries):
        of_row.setdefault(each.row, []).append(number)
    columns = {label: place for place, label in enumerate(tagger.labels)}
    for row, sentence_id in enumerate(rows["sentence_id"]):
        for label in asked.get(sentence_id, ()):
            measured = [(float(fallen[number, columns[label]]), tries[number].word) for number in of_row.get(row, ())]
            for contribution, word in sorted(measured, key=lambda pair: -abs(pair[0]))[:most]:
                yield dict(zip(COLUMNS_OF_WHY, (sentence_id, label, WORD, word, "", contribution), strict=True))


def _tries(
    rows: pd.DataFrame, tagger: Tagger, encoder: Encoder, asked: Mapping[str, Collection[str]], tried: int
) -> Iterator[_Try]:
    """Yield items without one word of a sentence, for the words that each label attends to most."""
    first, texts, columns = 0, rows["text"].tolist(), {label: place for place, label in enumerate(tagger.labels)}
    for item in encoder.items(texts, rows["item_id"].tolist()):
        own, first = range(first, first + len(item.spans)), first + len(item.spans)
        wanted = [[columns[label] for label in asked.get(rows["sentence_id"].iloc[row], ())] for row in own]
        if not any(wanted):
            continue
        attention, values = encoder.attended(item)
        by_head = values.reshape(len(item.ids), attention.shape[2], -1)
        for place, row in enumerate(own):
            words = _words_of(item, place, texts[row])
            chosen: dict[int, None] = {}
            for column in wanted[place]:
                weights = tagger.heads.weights[:, column].reshape(by_head.shape[1:])
                said = (by_head * weights).sum(axis=2) if weights.any() else np.ones(by_head.shape[:2])
                carried = (attention[place] * said).sum(axis=1)
                scores = [abs(float(carried[word.pieces].sum())) for word in words]
                chosen |= dict.fromkeys(np.argsort(scores)[::-1][:tried].tolist())
            for word in (words[number] for number in chosen):
                text = texts[row]
                shorter, removed = text[: word.start] + text[word.end :], text[word.start : word.end].lower()
                yield _Try(row, place, removed, shorter, _without(item, word.pieces))


def _words_of(item: Item, place: int, text: str) -> list[_Word]:
    """Return the words of a sentence that may be a reason, with their pieces in the item."""
    words: list[_Word] = []
    for piece, (start, end) in enumerate(item.offsets[place], item.spans[place][0]):
        if words and words[-1].end == start and text[start - 1 : start + 1].isalnum():
            words[-1] = _Word(words[-1].start, end, [*words[-1].pieces, piece])
        else:
            words.append(_Word(start, end, [piece]))
    return [word for word in words if _means(WORD, text[word.start : word.end].lower())]


def _without(item: Item, pieces: list[int]) -> Item:
    """Return an item without the pieces of one word; a sentence of this word alone becomes an empty one."""
    ids, first, end = item.ids.copy(), pieces[0], pieces[-1] + 1
    if (first, end) in item.spans:
        ids[first], first = END, first + 1
    n = end - first
    spans = [(start - n * (start >= end), last - n * (last >= end)) for start, last in item.spans]
    return Item(np.delete(ids, slice(first, end)), spans, item.offsets)


def describe_tags(tags: pd.DataFrame, explanations: pd.DataFrame) -> pd.Series:
    """Return the features that support each tag as text, one per row of tags; "" if nothing is set."""
    named = ~explanations["feature"].isin([BASE, REST]) & (explanations["contribution"] != 0)
    reasons: dict[tuple[str, str, bool], list[str]] = {}
    for row in explanations[named].to_dict("records"):
        key = (row["sentence_id"], row["label"], row["contribution"] > 0)
        reasons.setdefault(key, []).append(f"{_named(row)} {abs(row['contribution']):+.2f}")
    why = [
        " | ".join(
            f"{shown}: {', '.join(reasons.get((tag['sentence_id'], label, supports), []))}"
            for shown, label, supports in _labels_of(tag)
        )
        for tag in tags.to_dict("records")
    ]
    return pd.Series(why, index=tags.index, dtype="str", name="why")


def _named(row: Mapping[Hashable, Any]) -> str:
    if row["kind"] == WORD:
        return f'"{row["feature"]}"'
    name = f"earlier {row['feature']}" if row["kind"] == EARLIER else str(row["feature"])
    return f"{name} ({row['found']})" if row["found"] else name


def _labels_of(tag: Mapping[Hashable, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield each part of a tag, the label with its log-odds, and whether positive log-odds support it."""
    for key in filter(None, tag["dimensions"].split(";")):
        yield key, key, True
    if tag["dimensions"]:
        yield tag["strength"], STRONG, tag["strength"] == STRONG
    if tag["act"] not in ("", "done"):
        yield tag["act"], tag["act"], True
    if tag["exclusion"]:
        yield tag["exclusion"], tag["exclusion"], True


def mark_words(sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that most support each dimension of each tag."""
    tagged = tags[tags["dimensions"] != ""].to_dict("records")
    keys = {row["sentence_id"]: row["dimensions"].split(";") for row in tagged}
    items = sentences.loc[sentences["sentence_id"].isin(keys), "item_id"]
    whole = sentences[sentences["item_id"].isin(items)].reset_index(drop=True)
    if isinstance(tagger.reader, Words):
        explained = explain_tags(whole, tagger, labels={key for each in keys.values() for key in each})
    else:
        explained = pd.DataFrame(_removed(whole, tagger, keys, MOST, TRIED_TO_MARK), columns=COLUMNS_OF_WHY)
    explained = explained[(explained["contribution"] >= LEAST) & explained["kind"].isin([CUE, WORD])]
    texts = dict(zip(whole["sentence_id"], whole["text"], strict=True))
    rows = [
        {"sentence_id": sentence_id, "dimension": label, **mark}
        for (sentence_id, label), features in explained.groupby(["sentence_id", "label"], sort=False)
        if label in keys.get(sentence_id, ())
        for mark in _marks(str(texts[sentence_id]), features)
    ]
    return build(MARKS, rows)


def _marks(text: str, features: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the places of features in a text; overlapping ones are one mark with the greatest contribution."""
    merged: list[tuple[int, int, float]] = []
    for start, end, contribution in sorted(
        (*place.span(), float(feature["contribution"]))
        for feature in features.to_dict("records")
        for pattern in _patterns(feature)
        for place in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
    ):
        if merged and start < merged[-1][1]:
            first, last, most = merged.pop()
            merged.append((first, max(last, end), max(most, contribution)))
        else:
            merged.append((start, end, contribution))
    for start, end, contribution in merged:
        yield {"start": start, "end": end, "words": text[start:end], "contribution": contribution}


def _patterns(feature: dict[Hashable, Any]) -> list[str]:
    """Return patterns of the words of a feature; like the tagger, a word pair skips a one-letter word in between."""
    if feature["kind"] == WORD:
        return [r"\W+(?:\w\W+)?".join(map(re.escape, feature["feature"].split()))]
    return [re.escape(words) for words in feature["found"].split(";") if words]
