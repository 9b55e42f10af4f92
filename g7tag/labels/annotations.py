"""Make annotations from the classifier's tags and from people's decisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError, counted, listed
from g7tag.frames import ANNOTATIONS, SENTENCES, build, in_order, label_rules, tags_model, validate
from g7tag.store import text_sha256

LABEL = ["dimensions", "strength", "act", "exclusion"]
PEOPLE = ("analyst", "adjudicator")
"""Kinds of annotators that are people."""
YES, NO = ("yes", "true", "1"), ("", "no", "false", "0")
"""Values allowed in `contradicts`."""


def classifier_annotations(tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the annotations frame with one row per tag and the tagger as annotator.

    Parameters
    ----------
    tags
        The tags frame. Tags with a status other than `ok` give no row.
    sentences
        The sentences frame of the same run.
    codebook
        Codebook whose version is stored in every row.

    Returns
    -------
    pandas.DataFrame
        The annotations frame. `confidence` is the probability that the tag is correct. No tags give no rows.
    """
    validate(tags, tags_model(codebook), source="tags")
    validate(sentences, SENTENCES, source="sentences")
    judged = tags[tags["status"] == "ok"].merge(
        sentences[["sentence_id", "text"]], on="sentence_id", how="left", validate="one_to_one"
    )
    rows = judged.assign(
        annotation_id=judged["sentence_id"] + "#classifier",
        text_sha256=judged["text"].map(text_sha256),
        annotator=judged["tagger"],
        kind="classifier",
        contradicts=False,
        confidence=judged["p_right"],
        note="",
        codebook_version=codebook.version,
        at="",
        supersedes="",
    )
    return build(ANNOTATIONS, rows.to_dict("records"))


def people_annotations(
    decisions: pd.DataFrame,
    sentences: pd.DataFrame,
    codebook: Codebook,
    *,
    annotator: str,
    at: datetime,
    kind: Literal["analyst", "adjudicator"] = "analyst",
    earlier: pd.DataFrame,
) -> pd.DataFrame:
    """Return one annotation for each decision that differs from the annotator's last one on the sentence.

    Parameters
    ----------
    decisions
        Columns sentence_id, dimensions (keys separated by ";" or ",", in any order) and strength. Optional columns:
        act, exclusion, contradicts (yes or no), note and text (must be the text of the sentence). Rows in which all of
        these except sentence_id and text are empty (or contradicts is no) are undecided and are skipped.
    sentences
        The sentences frame, with the sentences that may be labelled.
    codebook
        Codebook with the allowed labels; its version is stored in every row.
    annotator
        Name of the person who decides. Use the same name every time.
    at
        Time of the decision, with a time zone.
    kind
        An analyst's label counts if the analysts are unanimous. An adjudicator's label takes precedence.
    earlier
        Existing annotations. A new annotation supersedes the annotator's last one on the sentence.

    Returns
    -------
    pandas.DataFrame
        The annotations frame. No decisions give no rows.

    Raises
    ------
    InputError
        The annotator has no name, the kind is unknown, or the time has no time zone.
    FrameError
        A column is missing or appears twice, or a row has an unknown sentence, a text that differs from the sentence,
        or a label that breaks a rule. The message lists up to ten problems.
    """
    name = _require_who(annotator, kind, at)
    rows = _decided(decisions)
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    _require_rules(rows, texts, codebook)
    own = earlier[earlier["annotator"] == name].drop_duplicates("sentence_id", keep="last").set_index("sentence_id")
    last = own.to_dict("index")
    count = earlier.loc[earlier["annotator"] == name, "sentence_id"].value_counts()
    made = []
    for row in rows.to_dict("records"):
        sentence_id = row["sentence_id"]
        decided = {
            "text_sha256": text_sha256(texts[sentence_id]), "kind": kind,
            "dimensions": in_order(row["dimensions"], codebook), "strength": row["strength"], "act": row["act"],
            "exclusion": row["exclusion"], "contradicts": row["contradicts"] in YES, "note": row["note"],
        }  # fmt: skip
        before = last.get(sentence_id, {})
        if all(before.get(key) == value for key, value in decided.items()):
            continue  # already decided this way
        made.append(
            decided
            | {
                "annotation_id": f"{sentence_id}#{name}#{count.get(sentence_id, 0) + 1}", "sentence_id": sentence_id,
                "annotator": name, "confidence": None, "codebook_version": codebook.version,
                "at": at.isoformat(timespec="seconds"), "supersedes": before.get("annotation_id", ""),
            }
        )  # fmt: skip
    return build(ANNOTATIONS, made)


def _require_who(annotator: str, kind: str, at: datetime) -> str:
    """The annotator's name without surrounding spaces, after checking annotator, kind and time."""
    if not isinstance(annotator, str) or not annotator.strip():
        msg = f"annotator {annotator!r}: not a name. Give the name of the person who decides, the same every time."
        raise InputError(msg)
    if kind not in PEOPLE:
        msg = f"kind {kind!r}: expected one of {listed(PEOPLE)}."
        raise InputError(msg)
    if at.tzinfo is None:
        msg = f"at {at.isoformat()}: has no time zone. Add one, such as datetime.UTC."
        raise InputError(msg)
    return annotator.strip()


def _decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """The rows with a decision, as text."""
    missing = [name for name in ("sentence_id", "dimensions", "strength") if name not in decisions]
    if missing:
        msg = f"decisions: column {missing[0]!r} is missing, found {listed(decisions.columns)}. Add it."
        raise FrameError(msg)
    if decisions.columns.duplicated().any():
        msg = f"decisions: column {decisions.columns[decisions.columns.duplicated()][0]!r} appears twice. Remove one."
        raise FrameError(msg)
    columns = ["sentence_id", *LABEL, "contradicts", "note", "text"]
    rows = decisions.reindex(columns=columns).astype("object").fillna("").astype("str").map(str.strip)
    keys = rows["dimensions"].str.split("[;,]").map(lambda parts: ";".join(filter(None, map(str.strip, parts))))
    lowered = {name: rows[name].str.lower() for name in ("strength", "act", "exclusion", "contradicts")}
    rows = rows.assign(dimensions=keys.str.lower(), **lowered)
    return rows[(rows[[*LABEL, "note"]] != "").any(axis=1) | ~rows["contradicts"].isin(NO)].reset_index(drop=True)


def _require_rules(rows: pd.DataFrame, texts: dict[str, str], codebook: Codebook) -> None:
    differs = [
        bool(text) and sentence_id in texts and text.split() != texts[sentence_id].split()
        for sentence_id, text in zip(rows["sentence_id"], rows["text"], strict=True)
    ]
    broken = {
        "is not a sentence of this run's commitment": ~rows["sentence_id"].isin(set(texts)),
        "text differs from the sentence, which may have changed since": pd.Series(
            differs, index=rows.index, dtype="bool"
        ),
        f"contradicts is not one of {listed(YES + NO[1:], most=9)}": ~rows["contradicts"].isin([*YES, *NO]),
    } | label_rules(rows.assign(item_id=rows["sentence_id"], text="known"), codebook)
    causes = [
        f"{row['sentence_id'] or 'a row without sentence_id'}: {rule}{_found(rule, row)}"
        for rule, wrong in broken.items()
        for row in rows[wrong].to_dict("records")
    ]
    if causes:
        shown = "\n".join(f"  {cause}" for cause in causes[:10])
        more = f"\n  and {len(causes) - 10} more" if len(causes) > 10 else ""
        msg = f"labels: {counted(len(causes), 'problem')}; nothing was recorded.\n{shown}{more}"
        raise FrameError(msg)


def _found(rule: str, row: Mapping[Any, str]) -> str:
    """What the row has where a rule is broken, as the end of a message."""
    if rule.startswith("is not a sentence"):
        return "; expected an id such as 2024-19/DEU-16.2"
    cells = {
        "dimension ": "dimensions",
        "strength ": "strength",
        "act ": "act",
        "exclusion ": "exclusion",
        "contradicts ": "contradicts",
    }
    column = next((name for start, name in cells.items() if rule.startswith(start)), "")
    return f", found {row[column]!r}" if column else ""
