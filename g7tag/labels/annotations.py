"""Write down who says what of a sentence, as annotations: the classifier's tags, and people's decisions."""

from datetime import datetime
from typing import Literal

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError, listed
from g7tag.frames import ANNOTATIONS, SENTENCES, build, in_order, label_rules, tags_model, validate
from g7tag.store import text_sha256

LABEL = ["dimensions", "strength", "exclusion"]
PEOPLE = ("analyst", "adjudicator")
"""Kinds of annotators that are people."""
YES, NO = ("yes", "true", "1"), ("", "no", "false", "0")
"""What may stand under `contradicts`."""


def classifier_annotations(tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the annotations frame: one row a tag, with the tagger as annotator.

    Parameters
    ----------
    tags
        The tags frame. Tags with a status other than `ok` are no judgement and give no row.
    sentences
        The sentences frame of the same run.
    codebook
        Its version is stamped on every row.

    Returns
    -------
    pandas.DataFrame
        `confidence` is the probability that the tag is right. No tags give no rows.
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
    """Return one annotation for each decision that is new: another than the annotator's last one on the sentence.

    Parameters
    ----------
    decisions
        Columns sentence_id, dimensions (keys, ";" between, in any order) and strength; by choice exclusion, contradicts
        (yes or no), note, and text: what was read, which must be the sentence's. Rows whose strength is empty are not
        decided yet and are left out, if all else in them is empty too.
    sentences
        The sentences frame, of those that may be labelled.
    codebook
        Owns the labels; its version is stamped on every row.
    annotator
        Who decides: a name, the same every time.
    at
        When, with its time zone.
    kind
        An analyst's word counts where the analysts are of one mind, an adjudicator's before theirs.
    earlier
        Annotations so far: the annotator's last one on a sentence is superseded.

    Returns
    -------
    pandas.DataFrame
        The annotations frame; no decisions give no rows.

    Raises
    ------
    InputError
        The annotator has no name, the kind is unknown, or the time has no zone.
    FrameError
        A column is missing or stands twice, or a row names an unknown sentence, has another text than its sentence, or
        breaks a rule of labels; all such rows are named.
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
            "dimensions": in_order(row["dimensions"], codebook), "strength": row["strength"],
            "exclusion": row["exclusion"], "contradicts": row["contradicts"] in YES, "note": row["note"],
        }  # fmt: skip
        before = last.get(sentence_id, {})
        if all(before.get(key) == value for key, value in decided.items()):
            continue  # decided so already
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
    """The annotator's name without spaces around it, if all of who decides and when can be kept."""
    if not isinstance(annotator, str) or not annotator.strip():
        msg = f"annotator {annotator!r}: is no name. Say who decides, with the same name every time."
        raise InputError(msg)
    if kind not in PEOPLE:
        msg = f"kind {kind!r}: expected one of {listed(PEOPLE)}."
        raise InputError(msg)
    if at.tzinfo is None:
        msg = f"at {at.isoformat()}: has no time zone. Give it one, such as datetime.UTC."
        raise InputError(msg)
    return annotator.strip()


def _decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """The rows that decide something, as text."""
    missing = [name for name in ("sentence_id", "dimensions", "strength") if name not in decisions]
    if missing:
        msg = f"decisions: column {missing[0]!r} is missing, found {listed(decisions.columns)}. Add it."
        raise FrameError(msg)
    if decisions.columns.duplicated().any():
        msg = f"decisions: column {decisions.columns[decisions.columns.duplicated()][0]!r} stands twice. Leave one."
        raise FrameError(msg)
    columns = ["sentence_id", *LABEL, "contradicts", "note", "text"]
    rows = decisions.reindex(columns=columns).astype("object").fillna("").astype("str").map(str.strip)
    keys = rows["dimensions"].str.split(";").map(lambda parts: ";".join(key.strip() for key in parts if key.strip()))
    lowered = {name: rows[name].str.lower() for name in ("strength", "contradicts")}
    rows = rows.assign(dimensions=keys, **lowered)
    return rows[(rows[[*LABEL, "note"]] != "").any(axis=1) | ~rows["contradicts"].isin(NO)].reset_index(drop=True)


def _require_rules(rows: pd.DataFrame, texts: dict[str, str], codebook: Codebook) -> None:
    unlike = [
        bool(text) and sentence_id in texts and text.split() != texts[sentence_id].split()
        for sentence_id, text in zip(rows["sentence_id"], rows["text"], strict=True)
    ]
    broken = {
        "is no sentence of this run's commitment": ~rows["sentence_id"].isin(set(texts)),
        "its text is not the sentence's, which may have changed since": pd.Series(
            unlike, index=rows.index, dtype="bool"
        ),
        f"contradicts is none of {listed(YES + NO[1:], most=9)}": ~rows["contradicts"].isin([*YES, *NO]),
    } | label_rules(rows.assign(item_id=rows["sentence_id"], text="known"), codebook)
    causes = [
        f"{sentence_id or 'a row without sentence_id'}: {rule}"
        for rule, wrong in broken.items()
        for sentence_id in rows.loc[wrong, "sentence_id"]
    ]
    if causes:
        shown = "\n".join(f"  {cause}" for cause in causes[:10])
        more = f"\n  and {len(causes) - 10} more" if len(causes) > 10 else ""
        msg = f"decisions: {len(causes)} cannot be used; nothing was recorded.\n{shown}{more}"
        raise FrameError(msg)
