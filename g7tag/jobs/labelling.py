"""Label sentences: which need a person, sheets to fill in and to record, how far people agree, and what it proves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from g7tag import labels as people
from g7tag import report, store
from g7tag.codebook import REVERSED
from g7tag.errors import FrameError, InputError
from g7tag.frames import FIXED, build, label_words, tags_model
from g7tag.jobs.pages import sentences_behind
from g7tag.jobs.sharing import read_plan, who_opened_tabs
from g7tag.jobs.steps import labelled_sentences
from g7tag.llm import read_reviews
from g7tag.store import PEOPLE, open_sheet, read_labels
from g7tag.text import counted, listed

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

SUGGESTIONS = (
    "decides", "proposed_dimensions", "proposed_strength", "proposed_act", "proposed_exclusion",
    "proposed_contradicts", "p_right", "review_reason", "models",
)  # fmt: skip
"""Columns that say or follow from what machines say of a sentence."""
_PROPOSED = ("dimensions", "strength", "act", "exclusion", "contradicts")
_PLACES = {"score": 0, "level": 1, "": 2}
_UNTAGGED = dict.fromkeys(("dimensions", "act", "exclusion", "tagger"), "") | {
    "strength": "none", "status": "ok", "needs_review": True, "review_reason": "not_tagged",
}  # fmt: skip
_SCORED = ("annotations", "labels", "flips", "evidence_matrix")
_MOST_PROBLEMS = 20
_GIVEN = ("sentence_id", "member", "date", "item", "text", "source", "url", "why", *SUGGESTIONS, "analysts")


def label_queue(
    run: "Run", *, select: Sequence[str] | str | None = None, member: str = "", dimension: str = "",
    annotator: str = "", adjudicator: bool = False, force: bool = False, audit_share: float = 0.1,
    random_state: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return the sentences that need a person, with people's labels as they are now.

    Parameters
    ----------
    select
        Any of "doubtful" (default: doubtful and disputed ones that nobody has labelled), "flips" (sentences that
        decide a score), "deciding" (these, and those that scores are based on), "disagreements" (default for an
        adjudicator), "all", or "audit" (a random sample).
    member, dimension
        Only sentences of a member (name or code), or of a dimension.
    annotator
        Skip the sentences that this person has labelled, instead of those of all people. If there is a label plan,
        only this person's items.
    adjudicator
        Of any item, but not the disagreements to which the annotator is a party, unless with `force`.
    audit_share, random_state
        Share of the sentences in the random sample, in [0, 1], and its seed.

    Returns
    -------
    pandas.DataFrame
        sentence_id, member, text, why (it is selected), decides ("score" or "level" if it changes when the item loses
        its label), proposed_dimensions, proposed_strength, proposed_act, proposed_exclusion, proposed_contradicts (the
        tagger's), p_right, review_reason and, if there are any, models and analysts (the labels of each). Sentences
        that decide a score come first, then those that decide a level, the least certain first; a random sample is in
        random order.

    Raises
    ------
    InputError
        A name is unknown, a share is not in [0, 1], or the annotator is a party to all disagreements.
    """
    chosen = (select,) if isinstance(select, str) else select or ("disagreements" if adjudicator else "doubtful",)
    run = to_label(run)
    annotations, sentences, tags = run.annotations, run.sentences, open_tags(run)
    behind = sentences_behind(run.read("sentences", "items", "citations", "tags", *_SCORED), run.codebook)
    disputed = people.disputed_sentences(annotations, sentences)
    selected = people.select_sentences(
        tags, flips=run.flips, sentences=sentences, annotations=annotations, select=chosen,
        deciding=set(behind["sentence_id"]), annotator=annotator,
        audit_share=audit_share if people.AUDIT in chosen else 0.0, random_state=random_state,
    )  # fmt: skip
    kept = people.within(tags, sentences, run.codebook, member=member, dimension=dimension)
    if annotator:
        by_person = annotations[(annotations["annotator"] == annotator) & annotations["kind"].isin(PEOPLE)]
        done = set(people.current_annotations(by_person, sentences)["sentence_id"])
        kept -= done - set(disputed["sentence_id"] if "disagreements" in chosen else ())
    if annotator and not adjudicator:
        kept &= _planned(run, annotator)
    rows = selected[selected["sentence_id"].isin(kept)]
    if adjudicator and not force:
        own = rows["sentence_id"].isin(people.own_disagreements(annotator, annotations, sentences))
        if own.all():
            people.refuse_party(annotator, rows["sentence_id"].tolist())
        rows = rows[~own]
    rows = rows.merge(tags, on="sentence_id", validate="one_to_one")
    rows = rows.merge(sentences[["sentence_id", "member", "text"]], on="sentence_id", validate="one_to_one")
    first = behind["decides"].map(_PLACES).groupby(behind["sentence_id"]).min()
    place = rows["sentence_id"].map(first).fillna(_PLACES[""]).astype("int64")
    by_models = _model_labels(annotations)
    by_analysts = dict(zip(disputed["sentence_id"], disputed["said"], strict=True))
    rows = rows.assign(
        place=place, decides=place.map(dict(zip(_PLACES.values(), _PLACES, strict=True))),
        contradicts=rows["act"].map(lambda act: "yes" if act == REVERSED else ""),
        models=[by_models.get(each, "") for each in rows["sentence_id"]],
        analysts=[by_analysts.get(each, "") for each in rows["sentence_id"]],
    )  # fmt: skip
    if set(chosen) == {people.AUDIT}:  # the start of the sample is a random sample, too
        rows = rows.assign(place=[people.draw(each, random_state) for each in rows["sentence_id"]])
    if "all" not in chosen:
        rows = rows.sort_values(["place", "p_right"], kind="stable", na_position="first")
    columns = ["sentence_id", "member", "text", "why", "decides", *_PROPOSED, "p_right", "review_reason"]
    columns += ["models"] if (annotations["kind"] == "llm").any() else []
    columns += ["analysts"] if len(disputed) else []
    texts = dict.fromkeys([each for each in columns if each != "p_right"], "str")
    queue = rows[columns].astype(texts).rename(columns={name: f"proposed_{name}" for name in _PROPOSED})
    return queue.reset_index(drop=True)


def to_label(run: "Run") -> "Run":
    """Return a run with the labels of people and models as they are now, and empty frames for those it lacks."""
    if run.store is None:
        return run
    here = {name for name in ("tags", *_SCORED) if name in run.known or run.store.has(name)}
    run.read("sentences", "items", "citations", *here)  # they are kept by this run
    frames = {name: build(FIXED[name], []) for name in _SCORED if name not in here}
    if "tags" not in here:
        ids = labelled_sentences(run)["sentence_id"]
        frames["tags"] = build(tags_model(run.codebook), [_UNTAGGED | {"sentence_id": each} for each in ids])
    run = run.with_frames(**frames)
    path, known = run.saved.path, run.annotations
    now = [read_reviews(store.inside(path, store.REVIEWS_FILE)), read_labels(path, run.codebook)]
    others = known[~known["annotation_id"].isin({each for frame in now for each in frame["annotation_id"]})]
    return run.with_frames(annotations=pd.concat([others, *now], ignore_index=True))


def open_tags(run: "Run") -> pd.DataFrame:
    """Return the tags with what leaves them open: a reason for a review, or different labels."""
    states = run.labels.set_index("sentence_id")["status"].reindex(run.tags["sentence_id"]).to_numpy()
    reasons = run.tags["review_reason"].mask(states == "agreed", "")
    reasons = reasons.mask((states == "conflict") & (reasons == ""), "conflict")
    return run.tags.assign(review_reason=reasons, needs_review=reasons != "")


def _planned(run: "Run", annotator: str) -> set[str]:
    """Return the sentences of the items that the label plan gives an annotator; all without a plan."""
    plan = None if run.store is None else read_plan(run.store.path)
    items, ids = run.sentences["item_id"], run.sentences["sentence_id"]
    if plan is None:
        return set(ids)
    return set(ids[items.isin(people.assigned_items(items.unique().tolist(), plan, annotator))])


def _model_labels(annotations: pd.DataFrame) -> dict[str, str]:
    """Return the proposals of models for each sentence, as text for a person to check."""
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    rows = annotations[(annotations["kind"] == "llm") & ~superseded]
    words = label_words(rows) + " by " + rows["annotator"] + ": " + rows["note"]
    return {str(name): " | ".join(texts) for name, texts in words.groupby(rows["sentence_id"])}


def agreement(run: "Run") -> people.PeopleAgreement:
    """Return how far people agree on the sentences that two or more of them labelled.

    Frames: parts, pairs, repeats, annotators and by_party (decisions by a party to the disagreement).
    """
    return people.people_agreement(_by_people(run), run.sentences, run.codebook)


def _by_people(run: "Run") -> pd.DataFrame:
    return run.annotations if run.store is None else read_labels(run.store.path, run.codebook)


def feedback(run: "Run", annotator: str) -> people.Feedback:
    """Return where an adjudicator decided otherwise than an analyst, and which confusions return.

    Only the analyst's own labels are compared. A sentence that the desk shows again comes after the analyst has
    labelled it again. Frames: overruled (sentence_id, member, text, own, settled, reason) and confusions (part, own,
    settled, n).

    Raises
    ------
    InputError
        The analyst has no label in the run.
    """
    annotations = _by_people(run)
    analysts = set(annotations.loc[annotations["kind"] == "analyst", "annotator"])
    if annotator not in analysts:
        msg = f"annotator {annotator!r}: has no label in this run. Expected one of {listed(analysts, most=20)}."
        raise InputError(msg)
    return people.feedback(annotator, annotations, run.sentences)


def certify(run: "Run", *, target: float = 0.05, epsilon: float = 0.15, random_state: int = 0) -> people.Certificate:
    """Return what people's labels of the random sample prove about the tagger, and about models beside it.

    Only labels that were made without seeing those of machines or other people count. Frames: sample, errors, shares
    (corrected shares of strong action) and alternatives.

    Parameters
    ----------
    target, epsilon
        Greatest acceptable share of wrong labels, and how much worse than a person a machine may be, in [0, 1].
    random_state
        Seed of the sample, as in `label_queue`.

    Raises
    ------
    InputError
        The run is not saved, or nobody has labelled a sentence.
    RunError
        The run has no tags.
    """
    path, tags, sentences = run.saved.path, run.tags, labelled_sentences(run)
    by_people = read_labels(path, run.codebook)
    if by_people.empty:
        msg = f"{path}: has no labels of people. Label the random sample first: `g7tag label {path} --select audit`."
        raise InputError(msg)
    by_models = run.annotations[run.annotations["kind"] == "llm"]
    return people.certify(
        tags, sentences, pd.concat([by_models, by_people], ignore_index=True), run.codebook,
        target=target, epsilon=epsilon, random_state=random_state,
    )  # fmt: skip


class Recorded(NamedTuple):
    """Annotations that were added, and the problems of the rows that were not used, one line each."""

    annotations: pd.DataFrame
    problems: list[str]


def write_label_sheet(
    run: "Run", path: Path | str | None = None, *, show_suggestions: bool = False, **purpose: Any
) -> pd.DataFrame:
    """Write the label queue as a sheet to fill in with a spreadsheet program, and return it.

    Parameters
    ----------
    path
        A .xlsx or .csv file. If omitted, `queue NAME.xlsx` in the run directory, or `queue.xlsx` without an annotator.
        What is already filled in there is kept.
    show_suggestions, purpose
        Add the labels of the tagger and of models, which influence people. Other arguments are as for `label_queue`.

    Raises
    ------
    InputError
        The file has another ending, is not a label sheet, or cannot be written.
    """
    file = sheet_path(run, purpose.get("annotator", "")) if path is None else Path(path)
    store.check_output(file, force=True, types=(".xlsx", ".csv"))
    run = to_label(run)
    queue, to_fill = run.label_queue(**purpose), people.columns_to_fill(run.codebook)
    items = run.items.set_index("item_id")
    own = run.sentences.set_index("sentence_id")["item_id"].reindex(queue["sentence_id"])
    cited, limit = sources(run.read("items", "citations")).reindex(own), run.tags["review_below"].max()
    known = queue.assign(
        p_right=[report.right_text(share) for share in queue["p_right"]],
        review_reason=[report.reason_words(reason, limit) for reason in queue["review_reason"]],
        date=items["date_text"].reindex(own).to_numpy(),
        item=items["text"].reindex(own).to_numpy(),
        source=("note " + cited["note"] + ": ").where(cited["note"] != "", "").add(cited["title"]).to_numpy(),
        url=cited["url"].to_numpy(),
        **dict.fromkeys([*to_fill, *people.CHECKED], ""),
    )
    shown = ["why"] if purpose.get("dimension") else []  # the dimension is the tagger's: it was seen
    shown += SUGGESTIONS if show_suggestions else ()
    shown += ["analysts"] if queue["why"].str.contains("disagreements").any() else []
    columns = ["sentence_id", "member", "item", "text", *shown, *to_fill, "date", "source", "url", *people.CHECKED]
    sheet = known[[name for name in columns if name in known]].astype("str")
    if file.exists():
        sheet = _with_filled(sheet, file, run)
    is_workbook = file.suffix.lower() == ".xlsx"
    store.write_atomic(
        file, report.label_workbook(sheet, run.codebook) if is_workbook else store.table_bytes(sheet, ".csv")
    )
    return sheet


def sheet_path(run: "Run", annotator: str, *, first: str = "queue") -> Path:
    """Return where the sheet of an annotator is, if no other place is named."""
    return run.saved.path / f"{' '.join([first, *annotator.split()]).replace('/', '_')}.xlsx"


def sources(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the first source of each item, by item_id: note (its number as text), title, url and others."""
    items = frames["items"]
    first = pd.to_numeric(items["citations"].str.partition(";")[0]).astype("Int64")
    own = items[["item_id", "document_id"]].assign(note=first)
    cited = own.merge(frames["citations"], on=["document_id", "note"], how="left")
    cited = cited.fillna({"publisher": "", "title": "", "url": ""})
    titles = (cited["publisher"] + ", " + cited["title"]).str.strip(", ")
    cited = cited.assign(note=cited["note"].astype("str").fillna(""), title=titles)
    return cited.set_index("item_id")[["note", "title", "publisher", "published", "url"]]


def _with_filled(sheet: pd.DataFrame, file: Path, run: "Run") -> pd.DataFrame:
    """Return a sheet with the filled-in cells of a file; at the end, its filled-in rows that the sheet lacks."""
    key, to_fill = ["sentence_id", "text"], [*people.columns_to_fill(run.codebook), *people.CHECKED]
    written = open_sheet(file, key="sentence_id", ids=run.sentences["sentence_id"]).rows
    missing = [name for name in ("text", *to_fill) if name not in {*written, *people.CHECKED}]
    if missing:
        msg = f"{file}: is not a label sheet: column {missing[0]!r} is missing. Name another file, or move this one."
        raise InputError(msg)
    own = [name for name in written if name in to_fill or name not in _GIVEN]
    filled = written[(written[own] != "").any(axis=1)]
    duplicates = filled.loc[filled.duplicated(key), "sentence_id"]
    if len(duplicates):
        msg = f"{file}: several filled-in rows for {listed(set(duplicates))}. Keep one row per sentence."
        raise InputError(msg)
    merged = sheet.drop(columns=to_fill).merge(filled[[*key, *own]], on=key, how="left")
    others = filled[~pd.MultiIndex.from_frame(filled[key]).isin(pd.MultiIndex.from_frame(sheet[key]))]
    columns = [*sheet.columns, *(name for name in own if name not in to_fill)]
    return pd.concat([merged, others], ignore_index=True).reindex(columns=columns).fillna("").astype("str")


def record_labels(
    run: "Run", labels: pd.DataFrame | Path | str, *, annotator: str, kind: people.PersonKind = "analyst",
    blind: bool = False, force: bool = False, at: datetime | None = None,
) -> Recorded:  # fmt: skip
    """Save a person's labels in the run directory; earlier labels are superseded, never overwritten.

    Call `rescore` to apply them.

    Parameters
    ----------
    labels
        A frame, or a file (.xlsx, .ods or .csv): sentence_id, a column for each dimension (ticked) or one column
        dimensions, strength and, optionally, act, exclusion, contradicts, unsure, note, and text, which must then be
        the sentence's. A file without the one column dimensions is a sheet that `write_label_sheet` wrote: it must have
        all its columns to fill in, and an act in each row. Rows in which nothing is filled in are skipped.
    annotator, kind
        Name of the person, the same every time. An adjudicator's label takes precedence over those of analysts.
    blind
        True if the person had seen no label of a machine or another person; for a sheet, its columns say so.
    force
        Also let an adjudicator decide disagreements that this person is a party to; they are shown as such.
    at
        Time of the decision; None is now.

    Returns
    -------
    Recorded
        The annotations that were added, and the problems of the rows of a sheet that were not used.

    Raises
    ------
    InputError
        An adjudicator is a party to a disagreement, or a label in a frame is invalid: then no label is saved, and the
        message lists the invalid ones. For a sheet, only if no row can be used.
    """
    path, sentences = run.saved.path, labelled_sentences(run)
    earlier, plan = read_labels(path, run.codebook), read_plan(path)
    name = people.require_annotator(annotator, earlier)
    if plan is not None and kind == "analyst":
        people.assigned_items([], plan, name)  # refused if the plan does not have this name
    own = earlier[earlier["annotator"] == name]
    before, seen = people.standing(own[own["kind"] == kind]), set[str]()
    if isinstance(labels, pd.DataFrame):
        rows, found = people.read_decisions(labels.reset_index(drop=True), sentences, run.codebook)
        rows = people.with_checks(rows, before, sentences)
        problems = [f"row {row}{f', column {column!r}' if column else ''}: {cause}" for row, column, cause in found]
    else:
        sheet = open_sheet(Path(labels), key="sentence_id", ids=sentences["sentence_id"])
        try:
            rows, found = people.read_decisions(sheet.rows, sentences, run.codebook, is_file=True)
        except InputError as error:
            msg = f"{labels}: {error}"
            raise InputError(msg) from error
        rows = people.with_checks(rows, before, sentences)
        outdated = outdated_rows(rows, sentences, before)
        rows = rows.drop(index=[each.row for each in outdated])
        problems = [f"{sheet.cell(int(row), column)}: {cause}" for row, column, cause in [*found, *outdated]]
        shown = {column for column in sheet.rows if (sheet.rows[column] != "").any()}
        blind = "text" in sheet.rows and not shown & {*SUGGESTIONS, "why", *(["analysts"] if kind == "analyst" else [])}
        seen = set(own["sentence_id"])  # what the tagger said is printed when a sheet is read
    blind = blind and name not in who_opened_tabs(path)
    if problems and (rows.empty or isinstance(labels, pd.DataFrame)):
        source = "labels" if isinstance(labels, pd.DataFrame) else labels
        first = f"{source}: {counted(len(problems), 'problem')}; nothing was recorded."
        raise FrameError("\n".join([first, *problem_lines(problems)]))
    added = save_decisions(
        run, rows, earlier, annotator=name, kind=kind, blind=blind, seen=seen, force=force, at=at or datetime.now(UTC)
    )
    return Recorded(added, problems)


def save_decisions(
    run: "Run", rows: pd.DataFrame, earlier: pd.DataFrame, *, annotator: str, kind: people.PersonKind, at: datetime,
    blind: bool = False, seen: Collection[str] = (), force: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Save the decisions of a person, after `earlier` labels, and return the annotations that are new."""
    sentences = labelled_sentences(run)
    if kind == "adjudicator" and not force:
        own = people.own_disagreements(annotator, earlier, sentences)
        people.refuse_party(annotator, own & set(rows["sentence_id"]))
    again = rows["sentence_id"].isin(
        _labelled_by_others_too(annotator, earlier, sentences) if kind == "analyst" else []
    )
    unseen = ~again & ~rows["sentence_id"].isin(seen) & blind
    made = [
        people.people_annotations(
            part, sentences, run.codebook, annotator=annotator, kind=kind, at=at, earlier=earlier,
            blind=bool(is_blind), occasion="change" if is_change else "label",
        )
        for (is_blind, is_change), part in rows.groupby([unseen, again], sort=False)
    ]  # fmt: skip
    added = pd.concat([earlier.head(0), *made], ignore_index=True)
    if len(added):
        store.add_labels(run.saved.path, added)
    return added


def problem_lines(problems: list[str]) -> list[str]:
    """Return the first problems as lines, and how many more there are."""
    more = len(problems) - _MOST_PROBLEMS
    return [f"  {line}" for line in problems[:_MOST_PROBLEMS]] + ([f"  and {more} more"] if more > 0 else [])


def outdated_rows(rows: pd.DataFrame, sentences: pd.DataFrame, own: pd.DataFrame) -> list[people.Problem]:
    """Return a problem for each row of a sheet that says what its annotator said before, and has changed since."""
    texts = sentences.set_index("sentence_id")["text"].map(store.text_sha256)
    fresh = own[own["text_sha256"] == own["sentence_id"].map(texts)].assign(unsure=own["confidence"] == people.UNSURE)
    parts, before = ["sentence_id", *people.DECIDED], fresh["annotation_id"].isin(fresh["supersedes"])
    said, last = (set(fresh.loc[which, parts].itertuples(index=False, name=None)) for which in (before, ~before))
    days = dict(zip(fresh["sentence_id"], fresh["at"].str[:10], strict=True))
    cause = "{!r} was recorded like this and changed on {}. To record it again, change its note."
    return [
        people.Problem(place, "sentence_id", cause.format(row[0], days[row[0]]))
        for place, *row in rows[parts].itertuples(name=None)
        if tuple(row) in said - last
    ]


def _labelled_by_others_too(annotator: str, earlier: pd.DataFrame, sentences: pd.DataFrame) -> set[str]:
    """Return the sentences that an analyst and another analyst have labelled."""
    current = people.current_annotations(earlier[earlier["kind"] == "analyst"], sentences)
    is_own = current["annotator"] == annotator
    return set(current.loc[is_own, "sentence_id"]) & set(current.loc[~is_own, "sentence_id"])
