"""Label sentences: the label queue, label sheets, recording labels, and scoring again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from g7tag.codebook import REVERSED, Codebook
from g7tag.errors import Announce, InputError, listed
from g7tag.frames import label_words
from g7tag.jobs.audits import audit_run, sentences_behind, stale_notes, write_receipts
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.jobs.steps import score
from g7tag.labels import PEOPLE, disputed_sentences, people_annotations
from g7tag.store import (
    REVIEWS_FILE,
    Frames,
    RunDirectory,
    add_reviews,
    check_output,
    inside,
    read_reviews,
    read_sheet,
    table_bytes,
    text_sha256,
    write_atomic,
)

LABEL_SHEET = "doubtful.csv"
"""Name of the sheet in a run directory."""
_TO_FILL = ("dimensions", "strength", "act", "exclusion", "contradicts", "note")
_GIVEN = (
    "sentence_id", "member", "text", "decides", "proposed_dimensions", "proposed_strength", "proposed_act",
    "proposed_exclusion", "proposed_contradicts", "p_right", "models", "analysts",
)  # fmt: skip
_OPTIONAL = ("act",)
"""Columns that sheets of an older g7tag lack."""
_WEIGHT = {"score": 0, "level": 1, "": 2}


def label_queue(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences that need a person; see `Run.label_queue`.

    Under the policy `agreement`, sentences on which tagger and model disagree are in the queue; those on which they
    agree are not.
    """
    annotations, sentences, tags = frames["annotations"], frames["sentences"], frames["tags"]
    behind = sentences_behind(frames, codebook)
    weight = behind["decides"].map(_WEIGHT).groupby(behind["sentence_id"]).min()
    by_people = annotations[annotations["kind"].isin(PEOPLE)]
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    fresh = by_people["text_sha256"] == by_people["sentence_id"].map(texts)
    states = frames["labels"].set_index("sentence_id")["status"].reindex(tags["sentence_id"]).to_numpy()
    waits = (tags["needs_review"] & (states != "agreed")) | (states == "conflict")
    disputed = disputed_sentences(annotations, sentences)
    settled = set(by_people.loc[fresh, "sentence_id"]) - set(disputed["sentence_id"])
    doubtful = tags[waits & ~tags["sentence_id"].isin(settled)]
    rows = doubtful.merge(sentences[["sentence_id", "member", "text"]], on="sentence_id", validate="one_to_one")
    decides = rows["sentence_id"].map(weight).fillna(_WEIGHT[""]).astype("int64")
    proposed = {name: f"proposed_{name}" for name in ("dimensions", "strength", "act", "exclusion", "contradicts")}
    contrary = rows["act"].map(lambda act: "yes" if act == REVERSED else "").astype("str")
    rows = rows.assign(
        contradicts=contrary, order=decides, decides=decides.map({place: word for word, place in _WEIGHT.items()})
    )
    ordered = rows.sort_values(["order", "p_right"], kind="stable", na_position="first").rename(columns=proposed)
    by_models = _model_labels(annotations)
    by_analysts = dict(zip(disputed["sentence_id"], disputed["said"], strict=True))
    ids = ordered["sentence_id"]
    ordered = ordered.assign(
        models=[by_models.get(each, "") for each in ids], analysts=[by_analysts.get(each, "") for each in ids]
    )
    columns = ["sentence_id", "member", "text", "decides", *proposed.values(), "p_right"]
    columns += ["models"] if (annotations["kind"] == "llm").any() else []
    columns += ["analysts"] if len(disputed) else []
    queue: pd.DataFrame = ordered[columns].reset_index(drop=True)
    return queue


def _model_labels(annotations: pd.DataFrame) -> dict[str, str]:
    """Return the proposals of models for each sentence, as text for a person to check."""
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    rows = annotations[(annotations["kind"] == "llm") & ~superseded]
    words = label_words(rows) + " by " + rows["annotator"] + ": " + rows["note"]
    return {str(name): " | ".join(texts) for name, texts in words.groupby(rows["sentence_id"])}


def write_label_sheet(frames: Frames, path: Path | str, codebook: Codebook) -> pd.DataFrame:
    """Write the label queue as a CSV file to fill in, and return it; see `Run.write_label_sheet`.

    Cells that are already filled in and additional columns are kept. Filled-in rows that are no longer in the queue, or
    whose text changed, are moved to the end. No cell is run as a formula in a spreadsheet.
    """
    file = Path(path)
    check_output(file, force=True, types=[".csv"])
    queue = label_queue(frames, codebook)
    shares = ["" if pd.isna(share) else f"{share:.3f}" for share in queue["p_right"]]
    sheet = queue.assign(p_right=shares, **dict.fromkeys(_TO_FILL, "")).astype("str")
    if file.exists():
        sheet = _with_filled(sheet, _filled(file))
    write_atomic(file, table_bytes(sheet, ".csv"))
    return sheet


def _filled(file: Path) -> pd.DataFrame:
    """Return the rows of a sheet in which any cell is filled in."""
    written = read_sheet(file)
    missing = [name for name in ("sentence_id", "text", *_TO_FILL) if name not in (*written, *_OPTIONAL)]
    if missing:
        msg = f"{file}: is not a label sheet: column {missing[0]!r} is missing. Name another file, or move this one."
        raise InputError(msg)
    given = [name for name in written if name in _TO_FILL or name not in _GIVEN]
    filled = written[(written[given] != "").any(axis=1)]
    duplicates = filled.loc[filled.duplicated(["sentence_id", "text"]), "sentence_id"]
    if len(duplicates):
        msg = f"{file}: several filled-in rows for {listed(set(duplicates))}. Keep one row per sentence."
        raise InputError(msg)
    return filled


def _with_filled(sheet: pd.DataFrame, filled: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet with the filled-in cells, and at the end the filled-in rows that are not in the sheet."""
    key = ["sentence_id", "text"]
    own = [name for name in filled if name in _TO_FILL or name not in _GIVEN]
    merged = sheet.drop(columns=[name for name in _TO_FILL if name in own]).merge(
        filled[[*key, *own]], on=key, how="left"
    )
    others = filled[~pd.MultiIndex.from_frame(filled[key]).isin(pd.MultiIndex.from_frame(sheet[key]))]
    return pd.concat([merged, others], ignore_index=True).reindex(columns=merged.columns).fillna("").astype("str")


def record_labels(
    directory: Path | str,
    decisions: pd.DataFrame | Path | str,
    *,
    annotator: str,
    kind: Literal["analyst", "adjudicator"] = "analyst",
    codebook: Codebook | None = None,
    at: datetime | None = None,
) -> pd.DataFrame:
    """Save a person's labels in a run directory, and return the new annotations; see `Run.record_labels`."""
    book = codebook or open_codebook(directory=directory)
    run_directory = RunDirectory(Path(directory))
    sentences = read_run(run_directory, ["sentences"], book)["sentences"]
    sentences = sentences[sentences["commitment_id"] == book.commitment.id]
    rows = decisions if isinstance(decisions, pd.DataFrame) else read_sheet(Path(decisions))
    file = inside(run_directory.path, REVIEWS_FILE)
    added = people_annotations(
        rows, sentences, book,
        annotator=annotator, kind=kind, at=at or datetime.now(UTC), earlier=read_reviews(file),
    )  # fmt: skip
    if len(added):
        add_reviews(file, added)
    return added


def rescore(directory: Path | str, codebook: Codebook, *, announce: Announce = lambda _: None) -> Frames:
    """Score and audit a run directory with its current labels, and return its frames; see `score_run`."""
    run_directory = RunDirectory(Path(directory))
    frames = read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], codebook)
    frames |= score(frames, run_directory, codebook, announce)
    write_receipts(frames, run_directory, codebook)
    checked = audit_run(directory, codebook, announce=announce)
    for note in checked.notes + stale_notes(checked.stale):
        announce(note)
    return checked.frames
