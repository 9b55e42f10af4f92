"""Jobs of people on sentences: what to read first, and decisions that are kept and scored."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, listed
from g7tag.frames import label_words
from g7tag.jobs.audits import audit_run, sentences_behind, write_receipts
from g7tag.jobs.opening import Run, open_codebook, read_run
from g7tag.jobs.steps import score
from g7tag.labels import PEOPLE, disputed_sentences, people_annotations
from g7tag.store import (
    REVIEWS_FILE,
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

_TO_FILL = ("dimensions", "strength", "exclusion", "contradicts", "note")
_GIVEN = (
    "sentence_id", "member", "text", "decides", "proposed_dimensions", "proposed_strength", "proposed_exclusion",
    "p_right", "models", "analysts",
)  # fmt: skip
_WEIGHT = {"score": 0, "level": 1, "": 2}


def review_queue(run: Run, codebook: Codebook | None = None) -> pd.DataFrame:
    """Return the doubtful sentences that no person has labelled yet or on which analysts disagree.

    Those come first that matter most.

    Parameters
    ----------
    run, codebook
        A run, and its codebook (None: the one that comes with g7tag).

    Returns
    -------
    pandas.DataFrame
        sentence_id, member, text, decides ("score" where the suggested score turns on the sentence's item, "level"
        where a level does), proposed_dimensions, proposed_strength, proposed_exclusion (the classifier's), p_right and,
        where models were asked, models: what they propose, in words; where analysts disagree, analysts: the label that
        each gave. Their sentences are in the queue until they agree or an adjudicator decides. By decides, then from
        the least sure. Under the
        policy `agreement` sentences wait on which classifier and model disagree, and those do not on which they agree.
        No rows where nothing is doubtful.
    """
    behind = sentences_behind(run, codebook)
    weight = behind["decides"].map(_WEIGHT).groupby(behind["sentence_id"]).min()
    by_people = run.annotations[run.annotations["kind"].isin(PEOPLE)]
    texts = dict(zip(run.sentences["sentence_id"], run.sentences["text"].map(text_sha256), strict=True))
    fresh = by_people["text_sha256"] == by_people["sentence_id"].map(texts)
    states = run.labels.set_index("sentence_id")["status"].reindex(run.tags["sentence_id"]).to_numpy()
    waits = (run.tags["needs_review"] & (states != "agreed")) | (states == "conflict")
    disputed = disputed_sentences(run.annotations, run.sentences)
    settled = set(by_people.loc[fresh, "sentence_id"]) - set(disputed["sentence_id"])
    doubtful = run.tags[waits & ~run.tags["sentence_id"].isin(settled)]
    rows = doubtful.merge(run.sentences[["sentence_id", "member", "text"]], on="sentence_id", validate="one_to_one")
    decides = rows["sentence_id"].map(weight).fillna(_WEIGHT[""]).astype("int64")
    proposed = {name: f"proposed_{name}" for name in ("dimensions", "strength", "exclusion")}
    rows = rows.assign(order=decides, decides=decides.map({place: word for word, place in _WEIGHT.items()}))
    ordered = rows.sort_values(["order", "p_right"], kind="stable", na_position="first").rename(columns=proposed)
    said = _models_say(run.annotations)
    ordered = ordered.assign(models=[said.get(sentence_id, "") for sentence_id in ordered["sentence_id"]])
    by_analysts = dict(zip(disputed["sentence_id"], disputed["said"], strict=True))
    ordered = ordered.assign(analysts=[by_analysts.get(sentence_id, "") for sentence_id in ordered["sentence_id"]])
    columns = ["sentence_id", "member", "text", "decides", *proposed.values(), "p_right"]
    columns += ["models"] if (run.annotations["kind"] == "llm").any() else []
    columns += ["analysts"] if len(disputed) else []
    queue: pd.DataFrame = ordered[columns].reset_index(drop=True)
    return queue


def _models_say(annotations: pd.DataFrame) -> dict[str, str]:
    """What models propose for each sentence, in words: for a person to read, never to be taken over unread."""
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    rows = annotations[(annotations["kind"] == "llm") & ~superseded]
    words = label_words(rows) + " by " + rows["annotator"] + ": " + rows["note"]
    return {str(name): " | ".join(said) for name, said in words.groupby(rows["sentence_id"])}


def write_review_sheet(run: Run, path: Path | str, codebook: Codebook | None = None) -> pd.DataFrame:
    """Write the review queue as a CSV file to fill in, and return it; what is filled in already stays.

    Parameters
    ----------
    run, codebook
        A run, and its codebook (None: the one that comes with g7tag).
    path
        Ends in .csv. `record_labels` reads it when dimensions, strength and, where they apply, exclusion, contradicts
        and note are filled in; a spreadsheet runs no cell of it. If the file is there, what is filled in is kept, other
        columns too: rows that are no longer in the queue, or of a text that changed, stand at the end.

    Raises
    ------
    InputError
        The name does not end in .csv, or the file is there and is no such sheet, has two rows of one sentence that are
        filled in, or cannot be read or written.
    """
    file = Path(path)
    check_output(file, force=True, types=[".csv"])
    queue = review_queue(run, codebook)
    shares = ["" if pd.isna(share) else f"{share:.3f}" for share in queue["p_right"]]
    sheet = queue.assign(p_right=shares, **dict.fromkeys(_TO_FILL, "")).astype("str")
    if file.exists():
        sheet = _with_filled(sheet, _filled(file))
    write_atomic(file, table_bytes(sheet, ".csv"))
    return sheet


def _filled(file: Path) -> pd.DataFrame:
    """The rows of a sheet in which something is filled in."""
    written = read_sheet(file)
    missing = [name for name in ("sentence_id", "text", *_TO_FILL) if name not in written]
    if missing:
        msg = f"{file}: is no review sheet: column {missing[0]!r} is missing. Name another file, or move it away."
        raise InputError(msg)
    given = [name for name in written if name in _TO_FILL or name not in _GIVEN]
    filled = written[(written[given] != "").any(axis=1)]
    twice = filled.loc[filled.duplicated(["sentence_id", "text"]), "sentence_id"]
    if len(twice):
        msg = f"{file}: {listed(set(twice))} stand twice with something filled in. Leave one row of each sentence."
        raise InputError(msg)
    return filled


def _with_filled(sheet: pd.DataFrame, filled: pd.DataFrame) -> pd.DataFrame:
    """The sheet with what is filled in already, and the filled rows that it lacks at its end."""
    key = ["sentence_id", "text"]
    own = [name for name in filled if name in _TO_FILL or name not in _GIVEN]
    merged = sheet.drop(columns=list(_TO_FILL)).merge(filled[[*key, *own]], on=key, how="left")
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
    """Keep what a person decided of sentences in a run directory; nothing earlier is overwritten, only superseded.

    Scores follow when the directory is scored again: see `score_run`, or `g7tag score DIR`.

    Parameters
    ----------
    directory
        A run directory.
    decisions
        A frame, or a CSV file such as `write_review_sheet` writes: sentence_id, dimensions (";" between), strength,
        and by choice exclusion, contradicts (yes or no), note, and text, which must then be the sentence's. Rows in
        which nothing is filled in are left out, and so is what the annotator decided so already.
    annotator
        Who decides: a name, the same every time.
    kind
        An adjudicator's label counts before the analysts'.
    codebook
        The run's; None takes the one that comes with g7tag.
    at
        When it was decided; None is now.

    Returns
    -------
    pandas.DataFrame
        The annotations that were added.

    Raises
    ------
    RunError
        The directory holds no run.
    InputError
        A decision cannot be used: none is recorded, and each is named with what is wrong.
    """
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


def score_run(directory: Path | str, codebook: Codebook | None = None, *, announce: Announce = lambda _: None) -> Run:
    """Score and audit a run directory by the labels that it has now, and return the run.

    Parameters
    ----------
    directory
        A run directory that was tagged.
    codebook
        The run's; None takes the one that comes with g7tag.
    announce
        Called with the name of each step as it begins, then with what there is to say of the ledger.

    Raises
    ------
    RunError
        The directory holds no tagged run, or one of its files was changed since.
    """
    book = codebook or open_codebook(directory=directory)
    run_directory = RunDirectory(Path(directory))
    frames = read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], book)
    frames |= score(frames, run_directory, book, announce)
    write_receipts(frames, run_directory, book)
    checked = audit_run(directory, book, announce=announce)
    for note in checked.notes:
        announce(note)
    return Run(**checked.frames)
