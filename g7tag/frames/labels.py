"""Labels of sentences: validation rules, and functions for their dimensions."""

import pandas as pd

from g7tag.codebook import ACTS, NO_DIMENSION, Codebook
from g7tag.frames.schemas import STRENGTHS
from g7tag.text import listed


def label_rules(corpus: pd.DataFrame, codebook: Codebook) -> dict[str, pd.Series]:
    """Return, for each possible problem of labelled rows, which rows have it."""
    keys, exclusions = set(codebook.dimension_keys), {"", *codebook.exclusion_keys}
    named = corpus["dimensions"].map(lambda joined: set(joined.split(";")) - {""} <= keys).astype("bool")
    tagged = corpus["dimensions"] != ""
    act = corpus["act"] if "act" in corpus else pd.Series("", index=corpus.index)
    return {
        "text is empty": corpus["text"].str.strip() == "",
        "sentence_id appears twice": corpus["sentence_id"].duplicated(),
        "rows of an item are not adjacent": non_adjacent_rows(corpus["item_id"]),
        f"dimension is not one of {', '.join(codebook.dimension_keys)}": ~named,
        f"strength is not one of {', '.join(STRENGTHS)}": ~corpus["strength"].isin(STRENGTHS),
        f"exclusion is not one of {listed(codebook.exclusion_keys)}": ~corpus["exclusion"].isin(exclusions),
        "strength must be none exactly when there is no dimension": tagged == (corpus["strength"] == "none"),
        "a sentence with a dimension has an exclusion": tagged & (corpus["exclusion"] != ""),
        f"act is not one of {', '.join(ACTS)}": ~act.isin(["", *ACTS]),
        f"act is {', '.join(NO_DIMENSION[:-1])} or {NO_DIMENSION[-1]} and there is a dimension": tagged
        & act.isin(NO_DIMENSION),
        "act is planned and strength is strong": (act == "planned") & (corpus["strength"] == "strong"),
    }


def coder_rules(corpus: pd.DataFrame, coder: str, codebook: Codebook) -> dict[str, pd.Series]:
    """Return, for each possible problem of a coder's labels as first made, which rows have it."""
    names = ["dimensions", "strength", "act", "exclusion"]
    coded = corpus[[f"{coder}_{name}" for name in names]].set_axis(names, axis=1)
    rows = coded.assign(text=corpus["text"], sentence_id=corpus["sentence_id"], item_id="")
    kept = ("dimension", "strength", "exclusion", "a sentence", "act is not one of")
    return {problem: broken for problem, broken in label_rules(rows, codebook).items() if problem.startswith(kept)}


def non_adjacent_rows(item_ids: pd.Series) -> pd.Series:
    """Return which rows start an item that already started earlier: rows of an item must be adjacent."""
    starts = item_ids.ne(item_ids.shift())
    return starts & item_ids.where(starts).duplicated() & item_ids.duplicated()


def in_order(joined: str, codebook: Codebook) -> str:
    """Return dimensions joined by ";" in the codebook's order; no dimensions give ""."""
    return ";".join(key for key in codebook.dimension_keys if key in joined.split(";"))


def has_key(joined: pd.Series, key: str) -> pd.Series:
    """Return, for each row of keys joined by ";", whether `key` is one of them."""
    return (";" + joined + ";").str.contains(f";{key};", regex=False)


def label_of_act(labels: pd.DataFrame) -> pd.DataFrame:
    """Return labels with what follows from the act: no dimension for `NO_DIMENSION`, weak for a planned act."""
    none = labels["act"].isin(NO_DIMENSION)
    strength = labels["strength"].mask(none, "none")
    weak = (labels["act"] == "planned") & (strength == "strong")
    return labels.assign(dimensions=labels["dimensions"].mask(none, ""), strength=strength.mask(weak, "weak"))


def label_words(labels: pd.DataFrame) -> pd.Series:
    """Return each label as text, with its dimensions in the given order."""
    excluded = labels["exclusion"].map(lambda key: f" ({key})" if key else "")
    words = (labels["strength"] + " " + labels["dimensions"]).str.strip() + excluded
    if "act" in labels:
        words += labels["act"].map({"not_done": ", not done", "reversed": ", reversed"}).fillna("")
    return words + labels["contradicts"].map({True: ", contradicts", False: ""}) if "contradicts" in labels else words
