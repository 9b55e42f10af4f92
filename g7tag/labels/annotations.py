"""Make annotations from the classifier's tags and from people's decisions."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, build
from g7tag.store import LONGEST_NAME, PEOPLE, label_id, text_sha256
from g7tag.text import listed

LABEL = ["dimensions", "strength", "act", "exclusion"]
COUNTED = ["dimensions", "strength", "exclusion", "contradicts"]
"""Parts of a label that count for scores; people disagree if one of these differs."""
CHECKED = ["source_check", "archived_url"]
"""What an annotation says of the source of its sentence, which is no part of the label."""
PersonKind: TypeAlias = Literal["analyst", "adjudicator"]
Occasion: TypeAlias = Literal["label", "repeat", "change"]
UNSURE = 0.5
"""Confidence of a label that its annotator marked as unsure."""


def classifier_annotations(tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the annotations frame with one row per tag and the tagger as annotator."""
    judged = tags[tags["status"] == "ok"].merge(
        sentences[["sentence_id", "text"]], on="sentence_id", how="left", validate="one_to_one"
    )
    rows = judged.assign(
        annotation_id=judged["sentence_id"] + "#classifier", text_sha256=judged["text"].map(text_sha256),
        annotator=judged["tagger"], kind="classifier", contradicts=False, confidence=judged["p_right"], note="",
        blind=False, occasion="label", codebook_version=codebook.version, at="", supersedes="",
    )  # fmt: skip
    return build(ANNOTATIONS, rows.to_dict("records"))


def people_annotations(
    decisions: pd.DataFrame,
    sentences: pd.DataFrame,
    codebook: Codebook,
    *,
    annotator: str,
    at: datetime,
    kind: PersonKind = "analyst",
    blind: bool = False,
    occasion: Occasion = "label",
    earlier: pd.DataFrame,
) -> pd.DataFrame:
    """Return one annotation for each decision that differs from the annotator's last one on the sentence.

    Decisions with a column `at` have times of their own.
    """
    name = require_annotator(annotator, earlier)
    if kind not in PEOPLE:
        msg = f"kind {kind!r}: expected one of {listed(PEOPLE)}."
        raise InputError(msg)
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    own = earlier[(earlier["annotator"] == name) & earlier["kind"].isin(PEOPLE)]
    last = _last_of(standing(own[own["kind"] == kind]))
    seen = set(own.loc[~own["blind"], "sentence_id"])  # also by a label that was taken back
    times = own.groupby("sentence_id")["at"].max().to_dict()
    made = []
    for row in decisions.to_dict("records"):
        sentence_id = row["sentence_id"]
        decided = {
            "text_sha256": text_sha256(texts[sentence_id]), "kind": kind,
            **{key: row[key] for key in (*LABEL, "contradicts", "note", *CHECKED)},
            "confidence": UNSURE if row["unsure"] else None,
        }  # fmt: skip
        before = last.get(sentence_id, {})
        if occasion != "repeat" and before and same_label_as(before, decided):
            continue  # already decided this way
        unseen = blind and sentence_id not in seen
        given = {"sentence_id": sentence_id, "blind": unseen, "occasion": occasion, **decided}
        if occasion != "repeat" and before and same_label_as(before, decided | {key: before[key] for key in CHECKED}):
            given |= {key: before[key] for key in ("blind", "occasion")}  # only the check of the source is new
        made.append(_person_row(given, name, row.get("at", at), codebook, before, after=times.get(sentence_id, "")))
    return build(ANNOTATIONS, made)


def with_checks(decisions: pd.DataFrame, own: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return decisions with a person's own earlier checks of sources where they have none."""
    rows = fresh(own, text_hashes(sentences))
    last = rows.drop_duplicates("sentence_id", keep="last").set_index("sentence_id")[CHECKED]
    known = last.reindex(decisions["sentence_id"]).set_axis(decisions.index).fillna("")
    return decisions.assign(**{key: decisions[key].where(decisions[key] != "", known[key]) for key in CHECKED})


def parties(annotations: pd.DataFrame, texts: pd.Series) -> set[tuple[str, str]]:
    """Return the sentences on which analysts disagreed, each with the plain name of a party to the disagreement."""
    is_fresh = annotations["text_sha256"] == annotations["sentence_id"].map(texts)
    own = annotations[is_fresh & (annotations["kind"] == "analyst") & (annotations["occasion"] != "withdrawn")]
    said = own[["sentence_id", *COUNTED]].assign(who=own["annotator"].map(plain_name))
    pairs = said.merge(said, on="sentence_id", suffixes=("", "_other"))
    other = pairs[[f"{name}_other" for name in COUNTED]].set_axis(COUNTED, axis=1)
    found = pairs[(pairs["who"] != pairs["who_other"]) & (pairs[COUNTED] != other).any(axis=1)]
    return set(zip(found["sentence_id"], found["who"], strict=True))


def own_disagreements(annotator: str, annotations: pd.DataFrame, sentences: pd.DataFrame) -> set[str]:
    """Return the sentences on which an annotator is a party to the disagreement."""
    who = plain_name(annotator)
    return {sentence_id for sentence_id, party in parties(annotations, text_hashes(sentences)) if party == who}


def refuse_party(annotator: str, sentence_ids: Collection[str]) -> None:
    """Raise an InputError if there are sentences that an annotator may not adjudicate."""
    if sentence_ids:
        msg = (
            f"annotator {annotator!r}: is a party to the disagreement on {listed(sentence_ids)}, so another person "
            "decides. Nothing was recorded. With --force (Python: force=True), the decision is saved and shown as one "
            "by a party."
        )
        raise InputError(msg)


def text_hashes(sentences: pd.DataFrame) -> pd.Series:
    """Return the hash of the text of each sentence, by sentence_id."""
    return pd.Series(sentences["text"].map(text_sha256).to_numpy(), index=sentences["sentence_id"])


def withdrawal(
    sentence_id: str,
    codebook: Codebook,
    *,
    annotator: str,
    at: datetime,
    kind: PersonKind = "analyst",
    blind: bool = True,
    earlier: pd.DataFrame,
) -> pd.DataFrame:
    """Return the annotation that takes an annotator's last label of a sentence back; no row if there is none."""
    own = standing(earlier[(earlier["annotator"] == annotator.strip()) & (earlier["kind"] == kind)])
    before = _last_of(own).get(sentence_id)
    if before is None:
        return build(ANNOTATIONS, [])
    nothing = dict.fromkeys(LABEL, "") | {"strength": "none", "contradicts": False, "confidence": None, "note": ""}
    kept = {name: before[name] for name in ("sentence_id", "text_sha256", "kind")}
    seen = {"blind": blind and bool(before["blind"]), "occasion": "withdrawn"}
    row = _person_row(kept | nothing | seen, annotator.strip(), at, codebook, before, after=str(before["at"]))
    return build(ANNOTATIONS, [row])


def standing(annotations: pd.DataFrame) -> pd.DataFrame:
    """Return the annotations without those that were withdrawn, and without the withdrawals."""
    withdrawals = annotations["occasion"] == "withdrawn"
    taken_back = annotations["annotation_id"].isin(annotations.loc[withdrawals, "supersedes"])
    return annotations[~withdrawals & ~taken_back]


def fresh(annotations: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    """Return the standing annotations that were made on texts with these hashes (by sentence_id)."""
    rows = standing(annotations)
    return rows[rows["text_sha256"] == rows["sentence_id"].map(texts)]


def require_annotator(annotator: object, earlier: pd.DataFrame) -> str:
    """Return an annotator's name without surrounding spaces."""
    name = unicodedata.normalize("NFC", " ".join(annotator.split())) if isinstance(annotator, str) else ""
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        msg = f"annotator {annotator!r}: not a name. Give the name of the person who decides, the same every time."
        raise InputError(msg)
    known = set(earlier.loc[earlier["kind"].isin(PEOPLE), "annotator"])
    similar = sorted(other for other in known - {name} if plain_name(other) == plain_name(name))
    if similar and name not in known:
        msg = f"annotator {name!r}: labels by {similar[0]!r} exist. Use that name, or one that differs more."
        raise InputError(msg)
    return name


def plain_name(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def differing(rows: pd.DataFrame, parts: Sequence[str] = COUNTED) -> set[str]:
    """Return the sentences whose rows differ in one of these parts of the label."""
    given = rows[["sentence_id", *parts]].drop_duplicates()
    return set(given.loc[given["sentence_id"].duplicated(), "sentence_id"])


def _last_of(own: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """Return the last label of each sentence."""
    last = own.drop_duplicates("sentence_id", keep="last")
    return {str(row["sentence_id"]): row for row in last.to_dict("records")}


def same_label_as(before: Mapping[Any, Any], decided: Mapping[str, Any]) -> bool:
    """Return whether a decision says what an earlier annotation says, on the same text and in the same role."""
    unsure = (before["confidence"] == UNSURE) == (decided["confidence"] == UNSURE)
    return unsure and all(before[key] == value for key, value in decided.items() if key != "confidence")


def _person_row(
    given: Mapping[str, Any], name: str, at: datetime, codebook: Codebook, before: Mapping[Any, Any], *, after: str
) -> dict[str, Any]:
    """Return a row that supersedes `before`, later than the time `after` ("" for any)."""
    if at.tzinfo is None:
        msg = f"at {at.isoformat()}: has no time zone. Add one, such as datetime.UTC."
        raise InputError(msg)
    moment = at.astimezone(UTC)
    if after:  # a clock that was set back does not change the order of a person's labels
        moment = max(moment, datetime.fromisoformat(after) + timedelta(milliseconds=1))
    row = {
        **given, "annotator": name, "codebook_version": codebook.version, "supersedes": before.get("annotation_id", ""),
        "at": moment.isoformat(timespec="milliseconds"),
    }  # fmt: skip
    return {"annotation_id": label_id(row), **row}
