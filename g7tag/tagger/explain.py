"""Explain tags: which words and cues carry each label, and marks of these words.

For the fast tagger, words and cues add up to the log-odds of a label. The encoder reads whole items, so nothing adds
up. There a word weighs as much as the log-odds fall if its sentence attends to everything but the word; one reading of
an item tells this of all its words. To explain a tag, the weightiest words are removed in turns, and each time the item
is read again.
"""

import re
from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from scipy.special import logit

from g7tag.frames import MARKS, build, require_columns
from g7tag.tagger.arrays import Floats
from g7tag.tagger.encoder import END, Item
from g7tag.tagger.meaning import Meaning
from g7tag.tagger.model import STRONG, Tagger
from g7tag.tagger.words import ABOUT, MOST_CONTEXT, STOP_WORDS, Words, finder_of

BASE, REST = "(base)", "(all others)"
"""Feature names for the level, and for the sum of all features not listed."""
WORD, CUE, EARLIER, TOPIC = "word", "cue", "earlier cue", "topic"
"""Kinds of features: a word or word pair; a group of cues in the sentence, or earlier in its item; `ABOUT`."""
MOST = 5
MOST_TRIED, MOST_MARKED = 3, 2
"""Words of a sentence that are removed in turns to explain a label, and words that are marked for a dimension."""
LEAST = 0.15
"""Minimum contribution to the log-odds of a marked word: about a sixth more odds."""
COLUMNS_OF_WHY = ["sentence_id", "label", "kind", "feature", "found", "contribution"]
_AT_ONCE = 200
"""Items whose words are weighed at a time; what they attend to takes 50 MB."""


Reason = tuple[str, str, str, str, str, float]  # a row of explanations, in the order of `COLUMNS_OF_WHY`


class _Word(NamedTuple):
    """A word of a sentence, the text without it, its word pieces in the item, and the row and place of the sentence."""

    word: str
    shorter: str
    pieces: list[int]
    row: int
    place: int
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
        Features listed for each sentence and label, largest contributions first, without stop words and numbers. None
        lists all that were measured.
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
        `MOST_TRIED` words that weigh most for the label. Empty if there are no sentences.

    Examples
    --------
    >>> from g7tag import load_tagger, open_codebook
    >>> from g7tag.tagger import default_model
    >>> tagger = load_tagger(default_model(open_codebook()), open_codebook(), fast=True)
    >>> rows = pd.DataFrame({"sentence_id": ["s"], "item_id": ["i"], "text": ["Police arrested nine smugglers."]})
    >>> explain_tags(rows, tagger, most=None, labels=["counter"]).set_index("feature").loc["counter.arrests", "found"]
    'arrested'
    """
    require_columns(sentences, ("sentence_id", "item_id", "text"), source="explain_tags")
    wanted = {label: place for place, label in enumerate(tagger.labels) if labels is None or label in labels}
    find = _added if isinstance(tagger.reader, Words) else _removed
    return _why(find(_texts_of(sentences), tagger, wanted, most))


def _texts_of(sentences: pd.DataFrame) -> pd.DataFrame:
    return sentences[["sentence_id", "item_id", "text"]].fillna("").astype("str").reset_index(drop=True)


def _why(found: Iterable[Reason]) -> pd.DataFrame:
    types = dict.fromkeys(COLUMNS_OF_WHY[:-1], "str") | {"contribution": "float64"}
    return pd.DataFrame(list(found), columns=COLUMNS_OF_WHY).astype(types)


def _added(
    rows: pd.DataFrame, tagger: Tagger, wanted: Mapping[str, int], most: int | None, least: float = -np.inf
) -> Iterator[Reason]:
    """Yield what words and cues add to each label of the fast tagger that has log-odds of `least`."""
    reader = cast("Words", tagger.reader)
    named = [(WORD, term) for term in reader.terms]
    named += [(kind, group) for kind in (CUE, EARLIER) for group in reader.cues] + [(TOPIC, name) for name in ABOUT]
    matrix, odds = reader.read(rows)[0].tocsr(), tagger.odds(rows)
    for row, cues in enumerate(_cues_found(rows, reader)):
        own = slice(*matrix.indptr[row : row + 2])
        places, values, sentence_id = matrix.indices[own], matrix.data[own], rows["sentence_id"].iloc[row]
        for label, column in ((label, column) for label, column in wanted.items() if odds[row, column] >= least):
            added = values * tagger.heads.weights[places, column]
            order = [place for place in np.argsort(-abs(added), kind="stable") if added[place]]
            shown = list(islice((each for each in order if most is None or _means(*named[places[each]])), most))
            yield sentence_id, label, "", BASE, "", float(tagger.heads.level[column])
            for place in shown:
                feature = named[places[place]]
                yield sentence_id, label, *feature, cues.get(feature, ""), float(added[place])
            if len(shown) < len(order):
                yield sentence_id, label, "", REST, "", float(added.sum() - added[shown].sum())


def _cues_found(rows: pd.DataFrame, reader: Words) -> Iterator[dict[tuple[str, str], str]]:
    """Yield, for each sentence, the words of its cues and of earlier cues, by kind and group."""
    finder, groups = finder_of(reader.cues), list(reader.cues)
    for _, texts in groupby(zip(rows["item_id"], rows["text"], strict=True), key=lambda pair: pair[0]):
        context: deque[list[tuple[str, str]]] = deque(maxlen=MOST_CONTEXT)
        for _, text in texts:
            own = [(groups[cue.group], text.lower()[cue.start : cue.end]) for cue in finder.find(text)]
            words: dict[tuple[str, str], dict[str, None]] = {}
            for kind, found in ((CUE, own), *((EARLIER, each) for each in context)):
                for group, word in found:
                    words.setdefault((kind, group), {})[word] = None
            yield {key: ";".join(its) for key, its in words.items()}
            context.append(own)


def _means(kind: str, feature: str) -> bool:
    """Whether a feature may be shown as a reason."""
    return kind != WORD or not all(word in STOP_WORDS or word.isdigit() or len(word) < 2 for word in feature.split())


def _removed(rows: pd.DataFrame, tagger: Tagger, wanted: Mapping[str, int], most: int | None) -> Iterator[Reason]:
    """Yield how much the log-odds of labels fall if one of the weightiest words is removed from the item."""
    tries: list[_Word] = []
    for words, falls in _weighed(rows, tagger):
        best = np.argsort(-falls[:, list(wanted.values())], axis=0, kind="stable")[:MOST_TRIED]
        tries += [words[number] for number in dict.fromkeys(best.T.ravel().tolist())]
    if not tries:
        return
    reader = cast("Meaning", tagger.reader)
    read = reader.encoder.read_all([_without(word.item, word.pieces) for word in tries])
    vectors = np.array([vectors[word.place] for vectors, word in zip(read, tries, strict=True)], dtype=np.float64)
    odds = tagger.heads.odds(vectors, reader.judge(vectors, [word.shorter for word in tries]))
    fallen = tagger.odds(rows)[[word.row for word in tries]] - odds
    for row, group in groupby(zip(tries, fallen, strict=True), key=lambda pair: pair[0].row):
        own = list(group)
        for label, column in wanted.items():
            measured = [(float(fall[column]), word.word) for word, fall in own]
            for contribution, word in sorted(measured, key=lambda pair: -abs(pair[0]))[:most]:
                yield rows["sentence_id"].iloc[row], label, WORD, word, "", contribution


def _weighed(rows: pd.DataFrame, tagger: Tagger, least: float = -np.inf) -> Iterator[tuple[list[_Word], Floats]]:
    """Yield the words of each sentence, and how much the log-odds of each label fall if nothing attends to the word.

    A sentence is left out if no dimension has log-odds of `least`. Its vector is taken to change by as much as the sum
    of what it attends to does; the layer above adds little to this sum.
    """
    reader, texts, first = cast("Meaning", tagger.reader), rows["text"].tolist(), 0
    items = list(reader.encoder.items(texts, rows["item_id"].tolist()))
    for some in (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE)):
        attended = reader.encoder.attend_all(some)
        sentences = [
            (item, place, *seen) for item, seen in zip(some, attended, strict=True) for place in range(len(item.spans))
        ]
        features, start = reader.read(rows.iloc[first : first + len(sentences)])
        odds = tagger.heads.odds(features, start)
        likely = (odds[:, : len(tagger.about["dimensions"])] >= least).any(axis=1)
        words, changes = list[list[_Word]](), list[Floats]()
        for row in np.flatnonzero(likely).tolist():
            item, place, weights, values = sentences[row]
            if its := _words_of(item, place, first + row, texts[first + row]):
                words.append(its)
                changes.append(_changes(weights[place], values, its))
        if words:
            every = [word for its in words for word in its]
            own = [word.row - first for word in every]
            vectors = features[own] + np.concatenate(changes)
            falls = odds[own] - tagger.heads.odds(vectors, reader.judge(vectors, [word.shorter for word in every]))
            yield from zip(words, np.split(falls, np.cumsum([len(its) for its in words])[:-1]), strict=True)
        first += len(sentences)


def _changes(attention: Floats, values: Floats, words: Sequence[_Word]) -> Floats:
    """Return how the sum of what a sentence attends to changes without each word, (n_words, n_heads * size)."""
    said = attention[:, :, None] * values.reshape(*attention.shape, -1)
    lost = np.stack([said[word.pieces].sum(axis=0) for word in words])
    share = np.stack([attention[word.pieces].sum(axis=0) for word in words])[:, :, None]
    change = (share * said.sum(axis=0) - lost) / np.maximum(1 - share, 1e-6)  # the rest is attended to as much more
    return np.asarray(change).reshape(len(words), -1)


def _words_of(item: Item, place: int, row: int, text: str) -> list[_Word]:
    """Return the words of a sentence that may be a reason, with their pieces in the item."""
    spans: list[tuple[int, int, list[int]]] = []
    for piece, (start, end) in enumerate(item.offsets[place], item.spans[place][0]):
        if spans and spans[-1][1] == start and text[start - 1 : start + 1].isalnum():
            spans[-1] = (spans[-1][0], end, [*spans[-1][2], piece])
        else:
            spans.append((start, end, [piece]))
    words = (
        _Word(text[start:end].lower(), text[:start] + text[end:], pieces, row, place, item)
        for start, end, pieces in spans
    )
    return [word for word in words if _means(WORD, word.word)]


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
    reasons: dict[tuple[str, str, bool], list[str]] = {}
    named = explanations[(explanations["kind"] != "") & (explanations["contribution"] != 0)]
    for sentence_id, label, kind, feature, found, contribution in named[COLUMNS_OF_WHY].itertuples(index=False):
        name = f'"{feature}"' if kind == WORD else f"earlier {feature}" if kind == EARLIER else feature
        words = f" ({found})" if found else ""
        own = reasons.setdefault((sentence_id, label, contribution > 0), [])
        own.append(f"{name}{words} {abs(contribution):+.2f}")
    why = [
        " | ".join(
            f"{shown}: {', '.join(reasons.get((tag['sentence_id'], label, supports), []))}"
            for shown, label, supports in _labels_of(tag)
        )
        for tag in tags.to_dict("records")
    ]
    return pd.Series(why, index=tags.index, dtype="str", name="why")


def _labels_of(tag: Mapping[Hashable, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield each part of a tag, the label with its log-odds, and whether positive log-odds support it."""
    act = tag["act"] if tag["act"] != "done" else ""
    yield from ((key, key, True) for key in tag["dimensions"].split(";") if key)
    if tag["dimensions"]:
        yield tag["strength"], STRONG, tag["strength"] == STRONG
    yield from ((key, key, True) for key in (act, tag["exclusion"]) if key)


def supporting_words(sentences: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that most support each dimension of each sentence that may be tagged with it.

    For the encoder, this reads each item once; to tag the sentences afterwards, it is not read again.
    """
    rows = _texts_of(sentences)
    least = float(logit(tagger.threshold))  # a tag's probabilities are never above those of the heads
    wanted = {key: column for column, key in enumerate(tagger.about["dimensions"])}
    if isinstance(tagger.reader, Words):
        return _why(_added(rows, tagger, wanted, MOST, least))
    return _why(
        (rows["sentence_id"].iloc[words[0].row], key, WORD, words[number].word, "", float(falls[number, column]))
        for words, falls in _weighed(rows, tagger, least)
        for key, column in wanted.items()
        for number in np.argsort(-falls[:, column], kind="stable")[:MOST_MARKED]
    )


def mark_words(sentences: pd.DataFrame, tags: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Return the places of the words (of `supporting_words`) that support each dimension of each tag."""
    keys = dict(zip(tags["sentence_id"], tags["dimensions"].str.split(";"), strict=True))
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    features: dict[tuple[str, str], list[Mapping[Hashable, Any]]] = {}
    for row in words[(words["contribution"] >= LEAST) & words["kind"].isin([CUE, WORD])].to_dict("records"):
        if row["label"] in keys[row["sentence_id"]]:
            features.setdefault((row["sentence_id"], row["label"]), []).append(row)
    rows = [
        {"sentence_id": sentence_id, "dimension": key, **mark}
        for (sentence_id, key), its in features.items()
        for mark in _marks(str(texts[sentence_id]), its)
    ]
    return build(MARKS, rows)


def _marks(text: str, features: Iterable[Mapping[Hashable, Any]]) -> Iterator[dict[str, object]]:
    """Yield the places of features in a text; overlapping ones are one mark with the greatest contribution."""
    merged: list[tuple[int, int, float]] = []
    for start, end, contribution in sorted(
        (*place.span(), float(feature["contribution"]))
        for feature in features
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


def _patterns(feature: Mapping[Hashable, Any]) -> list[str]:
    """Return patterns of the words of a feature; like the tagger, a word pair skips a one-letter word in between."""
    if feature["kind"] == WORD:
        return [r"\W+(?:\w\W+)?".join(map(re.escape, feature["feature"].split()))]
    return [re.escape(words) for words in feature["found"].split(";") if words]
