"""Explain tags: the contributions of words and cues to the log-odds of each label, and marks of these words."""

import re
from collections import deque
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from g7tag.frames import MARKS, build, require_columns
from g7tag.tagger.features import ABOUT, COLUMNS, MOST_CONTEXT, finder_of
from g7tag.tagger.likeness import MORE
from g7tag.tagger.model import EXCLUDED, STRONG, Mix, Tagger, label_of

BASE, REST = "(base)", "(all others)"
"""Feature names for the intercept, and for the sum of all features not listed."""
WORD, CUE, EARLIER, TOPIC = "word", "cue", "earlier cue", "topic"
"""Kinds of features: a word or word pair; a group of cues in the sentence, or earlier in its item; `ABOUT`."""
LIKENESS, ELSEWHERE, MEANING = "likeness", "elsewhere", "meaning"
"""Kinds of features of a tagger for few labels: likeness to a definition, what the borrowed tagger says, and the
numbers of the sentence's vector, which are never listed by themselves."""
ACTS_ELSEWHERE = "acts of other commitments"
"""Name of all that the borrowed tagger says of a sentence."""
KINDS = {"words": WORD, "cues": CUE, "meaning": MEANING, "likeness": LIKENESS, "lent": ELSEWHERE}
"""Kinds of the features of each block, in the order of the blocks."""
MOST = 5
NEGATIONS = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "without", "neither", "nor", "cannot", "cant"}
)
"""Stop words that may be a reason."""
LEAST = 0.15
"""Minimum contribution to the log-odds of a marked word: about a sixth more odds."""
_EMPTY = ENGLISH_STOP_WORDS - NEGATIONS
_FEATURE = ["row", "kind", "feature"]
COLUMNS_OF_WHY = ["sentence_id", "label", "kind", "feature", "found", "contribution"]


def explain_tags(
    sentences: pd.DataFrame, tagger: Tagger, *, most: int | None = MOST, labels: Collection[str] | None = None
) -> pd.DataFrame:
    """Return the contributions of features to the log-odds of each label, which they add up to exactly.

    Parameters
    ----------
    sentences
        Columns sentence_id, item_id and text. The rows of an item must be in order and adjacent.
    tagger
        The tagger that tagged the sentences.
    most
        Number of features to list for each sentence and label, largest contributions first. Stop words and numbers are
        not listed. None lists all features.
    labels
        The labels to explain; None explains all.

    Returns
    -------
    pandas.DataFrame
        Columns: sentence_id, label (a dimension, an act, "strong" or, for any exclusion, "excluded"), kind (`WORD`,
        `CUE`, `EARLIER`, `TOPIC`, `LIKENESS`, `ELSEWHERE`, or "" for `BASE` and `REST`), feature, found (the words of a
        cue, or shared with a definition, in the sentence or in earlier ones, joined by ";") and contribution (to the
        log-odds; positive values support the label). For each sentence and label, `BASE` comes first, then the features
        by absolute contribution, then `REST` if any are omitted. A label with only one class in training has no rows.
        Empty if there are no sentences.

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.store import data_path
    >>> from g7tag.tagger import default_model, load_tagger
    >>> book = load_codebook(data_path("codebooks/2024-apulia-19.toml"))
    >>> tagger = load_tagger(default_model(book), book)
    >>> rows = pd.DataFrame({"sentence_id": ["s"], "item_id": ["i"], "text": ["Police arrested nine smugglers."]})
    >>> why = explain_tags(rows, tagger, most=None)
    >>> why[(why["label"] == "counter") & (why["feature"] == "counter.arrests")]["found"].tolist()
    ['arrested']
    """
    require_columns(sentences, ("sentence_id", *COLUMNS), source="explain_tags")
    rows = sentences[["sentence_id", *COLUMNS]].fillna("").astype("str").reset_index(drop=True)
    parts = list(_by_label(rows, tagger, most, labels)) if len(rows) else []
    if not parts:
        nothing = pd.DataFrame(columns=COLUMNS_OF_WHY, dtype="str")
        return nothing.astype({"contribution": "float64"})
    return pd.concat(parts).sort_values(["row", "order"], kind="stable")[COLUMNS_OF_WHY].reset_index(drop=True)


def _by_label(
    rows: pd.DataFrame, tagger: Tagger, most: int | None, labels: Collection[str] | None
) -> Iterator[pd.DataFrame]:
    """Yield the rows of each label, with `row` and `order` as sort keys."""
    kinds, names = _features(tagger)
    matrix, typical = _centred(rows, tagger, len(names))
    found, read = _found(rows, tagger), _encoder_words(rows, tagger)
    for order, (head_name, head) in enumerate(tagger.heads.items()):
        label = label_of(head_name)
        if len(getattr(head, "coef_", ())) != 1 or (labels is not None and label not in labels):
            continue  # with one class, or more than two, there is no single log-odds
        mix = tagger.mix.get(label, Mix(1.0, 0.0, 0.0))
        added = matrix.multiply(head.coef_[0]).tocoo()
        each = pd.DataFrame({"row": added.row, "kind": kinds[added.col], "feature": names[added.col]})
        each = each.assign(contribution=mix.classifiers * added.data)
        if label in tagger.mix and len(read):
            each = pd.concat([each, read[_FEATURE].assign(contribution=mix.encoder * read[label])])
        each = each.groupby(_FEATURE, as_index=False, sort=False).sum()  # features with one name are one reason
        each = each.iloc[np.lexsort((-each["contribution"].abs().to_numpy(), each["row"].to_numpy()))]
        telling = each[_means_something(each["feature"], each["kind"])]
        listed = each if most is None else telling[telling.groupby("row").cumcount() < most]
        rest = each.drop(listed.index).groupby("row", as_index=False)["contribution"].sum()
        level = float(head.intercept_[0] + head.coef_[0] @ typical)
        base = pd.DataFrame({"row": range(len(rows)), "contribution": mix.classifiers * level + mix.base})
        whole = pd.concat([base.assign(kind="", feature=BASE), listed, rest.assign(kind="", feature=REST)])
        keys = zip(whole["row"], whole["kind"], whole["feature"], strict=True)
        yield whole.assign(
            sentence_id=rows["sentence_id"].to_numpy()[whole["row"]],
            label=label,
            found=[found[row].get((kind, name), "") for row, kind, name in keys],
            order=order,
        )


def _features(tagger: Tagger) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return the kind and name of each feature; features that are one reason have one name."""
    blocks = tagger.features.named_transformers_
    named: list[tuple[str, str]] = []
    for block, kind in KINDS.items():
        if block == "cues" and block in blocks:
            groups = list(blocks[block].named_steps["flags"].cues)
            named += [(each, group) for each in (CUE, EARLIER) for group in groups]
            named += [(TOPIC, name) for name in ABOUT]
        elif block in blocks:
            names = blocks[block].get_feature_names_out()
            named += [(kind, ACTS_ELSEWHERE if kind == ELSEWHERE else name.removesuffix(MORE)) for name in names]
    kinds, features = zip(*named, strict=True)
    return np.asarray(kinds, dtype=object), np.asarray(features, dtype=object)


def _centred(rows: pd.DataFrame, tagger: Tagger, width: int) -> tuple[sparse.csr_matrix, npt.NDArray[np.float64]]:
    """Return features less their typical values, which count in the base, and these values."""
    typical = np.zeros(width)
    for name, block in tagger.features.named_transformers_.items():
        if hasattr(block, "typical_"):  # likeness, and what is lent
            typical[tagger.features.output_indices_[name]] = block.typical_
    matrix = sparse.csr_matrix(tagger.features.transform(rows[COLUMNS]))
    if not typical.any():
        return matrix, typical
    first = int(np.flatnonzero(typical)[0])
    last = sparse.csr_matrix(matrix[:, first:].toarray() - typical[first:])
    return sparse.hstack([matrix[:, :first], last], "csr"), typical


def _encoder_words(rows: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that the encoder read: row, kind, feature (the word) and its share of each label's log-odds."""
    if tagger.encoder is None:
        return pd.DataFrame()
    words = [
        (row, WORD, text[word.start : word.end].lower(), *map(float, word.shares))
        for row, (text, read) in enumerate(zip(rows["text"], tagger.encoder.words(rows), strict=True))
        for word in read
    ]
    return pd.DataFrame(words, columns=[*_FEATURE, *tagger.encoder.labels])


def _means_something(names: pd.Series, kinds: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which features may be shown as a reason."""
    empty = [
        name
        for name in names.unique()
        if all(word in _EMPTY or word.isdigit() or len(word) < 2 for word in str(name).split())
    ]
    return np.asarray((kinds != MEANING) & ((kinds != WORD) | ~names.isin(empty)), dtype=bool)


def _found(rows: pd.DataFrame, tagger: Tagger) -> list[dict[tuple[str, str], str]]:
    """Return, for each sentence, the words of its cues and of earlier cues, by kind and group."""
    blocks = tagger.features.named_transformers_
    if "likeness" in blocks:
        words_of = blocks["likeness"].words_of(rows["text"])
        return [{(LIKENESS, name): ";".join(words) for name, words in by_name.items()} for by_name in words_of]
    cues = blocks["cues"].named_steps["flags"].cues if "cues" in blocks else {}
    finder, groups = finder_of(cues), list(cues)
    found, item = [], None
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
        found.append({key: ";".join(dict.fromkeys(its)) for key, its in words.items()})
        context.append(own)
    return found


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
        yield tag["exclusion"], EXCLUDED, True


def mark_words(sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that most support each dimension of each tag."""
    keys = tags.loc[tags["dimensions"] != "", ["sentence_id", "dimensions"]]
    keys = keys.assign(label=keys["dimensions"].str.split(";")).explode("label")
    items = sentences.loc[sentences["sentence_id"].isin(keys["sentence_id"]), "item_id"]
    whole = sentences[sentences["item_id"].isin(items)]
    explained = explain_tags(whole, tagger, labels=set(keys["label"]))
    telling = (explained["contribution"] >= LEAST) & explained["kind"].isin([CUE, WORD, LIKENESS])
    kept = explained[telling].merge(keys[["sentence_id", "label"]])
    texts = dict(zip(whole["sentence_id"], whole["text"], strict=True))
    rows = [
        {"sentence_id": sentence_id, "dimension": label, **mark}
        for (sentence_id, label), features in kept.groupby(["sentence_id", "label"], sort=False)
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
