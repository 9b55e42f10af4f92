"""Explain tags: the contributions of words and cues to the log-odds of each label."""

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from g7tag.frames import require_columns
from g7tag.tagger.decide import EXCLUDED, STRONG
from g7tag.tagger.features import ABOUT, COLUMNS, MOST_CONTEXT, CueFlags, finder_of
from g7tag.tagger.likeness import MORE
from g7tag.tagger.model import EXCLUSION, Mix, Tagger

BASE, REST = "(base)", "(all others)"
"""Feature names for the intercept, and for the sum of all features not listed."""
WORD, CUE, EARLIER, TOPIC = "word", "cue", "earlier cue", "topic"
"""Kinds of features: a word or word pair; a group of cues in the sentence, or earlier in its item; `ABOUT`."""
LIKENESS, ELSEWHERE, MEANING = "likeness", "elsewhere", "meaning"
"""Kinds of features of a tagger for few labels: likeness to a definition, what the borrowed tagger says, and the
numbers of the sentence's vector, which are never listed by themselves."""
ACTS_ELSEWHERE = "acts of other commitments"
"""Name of all that the borrowed tagger says of a sentence."""
KINDS = {"words": WORD, "meaning": MEANING, "likeness": LIKENESS, "lent": ELSEWHERE}
"""Kinds of the features of each block."""
MOST = 5
NEGATIONS = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "without", "neither", "nor", "cannot", "cant"}
)
"""Stop words that may be a reason."""
_EMPTY = ENGLISH_STOP_WORDS - NEGATIONS
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
        return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS_OF_WHY}).astype(
            {"contribution": "float64"}
        )
    return pd.concat(parts).sort_values(["row", "order"], kind="stable")[COLUMNS_OF_WHY].reset_index(drop=True)


def describe_tags(tags: pd.DataFrame, explanations: pd.DataFrame) -> pd.Series:
    """Return the features that support each tag as text, one per row of tags; "" if nothing is set."""
    rows = explanations[~explanations["feature"].isin([BASE, REST])].to_dict("records")
    by_tag: dict[tuple[str, str], list[dict[Hashable, Any]]] = {}
    for row in rows:
        by_tag.setdefault((row["sentence_id"], row["label"]), []).append(row)
    return pd.Series(
        [
            " | ".join(
                f"{shown}: {_supporting(by_tag.get((tag['sentence_id'], label), []), sign)}"
                for shown, label, sign in _labels_of(tag)
            )
            for tag in tags.to_dict("records")
        ],
        index=tags.index,
        dtype="str",
        name="why",
    )


def _labels_of(tag: Mapping[Hashable, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield each part of a tag, the label with its log-odds, and the sign of the log-odds that supports it."""
    for key in filter(None, tag["dimensions"].split(";")):
        yield key, key, 1.0
    if tag["dimensions"]:
        yield tag["strength"], STRONG, 1.0 if tag["strength"] == STRONG else -1.0
    if tag.get("act") and tag["act"] != "done":
        yield tag["act"], tag["act"], 1.0
    if tag["exclusion"]:
        yield tag["exclusion"], EXCLUDED, 1.0


def _supporting(rows: Iterable[Mapping[Hashable, Any]], sign: float) -> str:
    """Return the features that support a label (sign 1) or its opposite (sign -1)."""
    return ", ".join(
        f"{_named(row)} {sign * row['contribution']:+.2f}" for row in rows if sign * row["contribution"] > 0
    )


def _named(row: Mapping[Hashable, Any]) -> str:
    if row["kind"] == WORD:
        return f'"{row["feature"]}"'
    name = f"earlier {row['feature']}" if row["kind"] == EARLIER else str(row["feature"])
    return f"{name} ({row['found']})" if row["found"] else name


def _by_label(
    rows: pd.DataFrame, tagger: Tagger, most: int | None, labels: Collection[str] | None
) -> Iterator[pd.DataFrame]:
    """Yield the rows of each label, with `row` and `order` as sort keys."""
    names, kinds = _features(tagger)
    typical = _typical(tagger, len(names))
    matrix = _centred(sparse.csr_matrix(tagger.features.transform(rows[COLUMNS])), typical)
    found = _found(rows, tagger)
    read = _encoder_words(rows, tagger)
    for order, (head_name, head) in enumerate(tagger.heads.items()):
        if getattr(head, "coef_", np.empty((0, 0))).shape[0] != 1:
            continue  # one class, or more than two: there is no single log-odds
        label = EXCLUDED if head_name == EXCLUSION else head_name
        if labels is not None and label not in labels:
            continue
        mix = tagger.mix.get(label, Mix(1.0, 0.0, 0.0))
        added = matrix.multiply(head.coef_[0]).tocoo()
        each = pd.DataFrame({"row": added.row, "contribution": mix.classifiers * added.data})
        each = each.assign(kind=kinds[added.col], feature=names[added.col])
        if typical.any():  # features with one name are one reason
            each = each.groupby(["row", "kind", "feature"], as_index=False, sort=False).sum()
        if label in tagger.mix:
            each = _with_words(each, read, label, mix.encoder)
        each = each.iloc[np.lexsort((-each["contribution"].abs().to_numpy(), each["row"].to_numpy()))]
        telling = each[_means_something(each["feature"], each["kind"])]
        listed = each if most is None else telling[telling.groupby("row").cumcount() < most]
        rest = each.drop(listed.index).groupby("row", as_index=False)["contribution"].sum()
        level = float(head.intercept_[0] + head.coef_[0] @ typical)
        intercept = mix.classifiers * level + mix.base
        base = pd.DataFrame({"row": range(len(rows)), "contribution": intercept})
        whole = pd.concat([base.assign(kind="", feature=BASE), listed, rest.assign(kind="", feature=REST)])
        keys = zip(whole["row"], whole["kind"], whole["feature"], strict=True)
        yield whole.assign(
            sentence_id=rows["sentence_id"].to_numpy()[whole["row"]],
            label=label,
            found=[found[row].get((kind, name), "") for row, kind, name in keys],
            order=order,
        )


def _typical(tagger: Tagger, width: int) -> npt.NDArray[np.float64]:
    """Return the typical values of likeness and of what is lent, which count in the base; 0 for other features."""
    typical = np.zeros(width)
    for name, block in tagger.features.named_transformers_.items():
        if hasattr(block, "typical_"):
            typical[tagger.features.output_indices_[name]] = block.typical_
    return typical


def _centred(matrix: sparse.csr_matrix, typical: npt.NDArray[np.float64]) -> sparse.csr_matrix:
    """Return features less their typical values."""
    if not typical.any():
        return matrix
    first = int(np.flatnonzero(typical)[0])
    last = sparse.csr_matrix(matrix[:, first:].toarray() - typical[first:])
    return sparse.hstack([matrix[:, :first], last], "csr")


def _encoder_words(rows: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that the encoder read: row, kind, feature (the word) and its share of each label's log-odds."""
    if tagger.encoder is None:
        return pd.DataFrame(columns=["row", "kind", "feature"])
    words = [
        (row, WORD, text[word.start : word.end].lower(), *map(float, word.shares))
        for row, (text, read) in enumerate(zip(rows["text"], tagger.encoder.words(rows), strict=True))
        for word in read
    ]
    return pd.DataFrame(words, columns=["row", "kind", "feature", *tagger.encoder.labels])


def _with_words(each: pd.DataFrame, read: pd.DataFrame, label: str, weight: float) -> pd.DataFrame:
    """Return the contributions of the classifiers' features and of the encoder's words; those of one word are added."""
    if read.empty:  # no text has a word
        return each
    words = read[["row", "kind", "feature"]].assign(contribution=weight * read[label])
    return pd.concat([each, words]).groupby(["row", "kind", "feature"], as_index=False, sort=False).sum()


def _features(tagger: Tagger) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return the name and kind of each feature; features that are one reason have one name."""
    blocks = tagger.features.named_transformers_
    if "likeness" in blocks:
        named = {block: blocks[block].get_feature_names_out() for block in KINDS}
        named["likeness"] = np.asarray([name.removesuffix(MORE) for name in named["likeness"]], dtype=object)
        named["lent"] = np.asarray([ACTS_ELSEWHERE] * len(named["lent"]), dtype=object)
        each = [np.repeat(np.asarray(KINDS[block], dtype=object), len(names)) for block, names in named.items()]
        return np.concatenate([*named.values()]), np.concatenate(each)
    words = blocks["words"].get_feature_names_out()
    groups = list(_flags(tagger).cues) if "cues" in blocks else []
    about = ABOUT if groups else ()
    kinds = [WORD] * len(words) + [CUE] * len(groups) + [EARLIER] * len(groups) + [TOPIC] * len(about)
    return np.asarray([*words, *groups, *groups, *about], dtype=object), np.asarray(kinds, dtype=object)


def _means_something(names: pd.Series, kinds: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which features may be shown as a reason."""
    empty = [name for name in names.unique() if all(map(_is_empty, str(name).split()))]
    return np.asarray((kinds != MEANING) & ((kinds != WORD) | ~names.isin(empty)), dtype=bool)


def _is_empty(word: str) -> bool:
    return word in _EMPTY or word.isdigit() or len(word) < 2


def _found(rows: pd.DataFrame, tagger: Tagger) -> list[dict[tuple[str, str], str]]:
    """Return, for each sentence, the words of its cues and of earlier cues, by kind and group."""
    blocks = tagger.features.named_transformers_
    if "likeness" in blocks:
        words = blocks["likeness"].words_of(rows["text"])
        return [{(LIKENESS, name): ";".join(each) for name, each in by_name.items()} for by_name in words]
    if "cues" not in blocks:
        return [{} for _ in range(len(rows))]
    cues = _flags(tagger).cues
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
        before: dict[str, list[str]] = {}
        for earlier in context:
            for group, words in earlier.items():
                before.setdefault(group, []).extend(words)
        kinds = ((CUE, own), (EARLIER, before))
        found.append({(kind, key): ";".join(dict.fromkeys(words)) for kind, by in kinds for key, words in by.items()})
        context.append(own)
    return found


def _flags(tagger: Tagger) -> CueFlags:
    flags: CueFlags = tagger.features.named_transformers_["cues"].named_steps["flags"]
    return flags
