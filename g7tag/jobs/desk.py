"""The review desk on a run: its cards, saving what is decided, and settled cases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag.desk import COLUMNS, Decision, DeskSession, Record, decision_words
from g7tag.errors import InputError
from g7tag.frames import STRENGTHS
from g7tag.jobs.deciding import desk_tabs
from g7tag.jobs.labelling import agreement, feedback, labelled_sentences, to_label
from g7tag.jobs.sharing import read_cases, settle_case
from g7tag.jobs.sheets import sources
from g7tag.labels import (
    AUDIT,
    REPEATS,
    PersonKind,
    current_annotations,
    own_disagreements,
    people_annotations,
    refuse_party,
    repeats_among,
    require_annotator,
    standing,
    with_checks,
    withdrawal,
)
from g7tag.report import agreement_rows, feedback_rows, reason_words, right_text
from g7tag.store import PEOPLE, add_labels, read_labels

if TYPE_CHECKING:
    from g7tag.desk.widget import ReviewDesk
    from g7tag.jobs.run import Run


def review_desk(run: "Run", *, annotator: str, show_suggestions: bool = False, **purpose: Any) -> "ReviewDesk":
    """Return a desk to label the sentences of a saved run in Jupyter, one at a time, with the keyboard.

    Each decision is saved at once in `labels` of the run directory; run the cell again to continue. Labels of machines
    and other people are shown after you have decided. A run without tags shows all its sentences.

    Parameters
    ----------
    annotator
        Your name, the same every time.
    show_suggestions
        Show the labels of machines and other people from the start; your labels are then not blind.
    purpose
        Which sentences, as for `Run.label_queue`. With `adjudicator=True`, you decide those on which analysts disagree.
    """
    session = desk_session(run, annotator=annotator, show_suggestions=show_suggestions, **purpose)
    try:
        from g7tag.desk.widget import ReviewDesk  # noqa: PLC0415 - needs the extra notebook
    except ModuleNotFoundError as error:
        msg = f"the review desk in Jupyter needs {error.name!r}. Install it: pip install 'g7tag[notebook]'. In a "
        msg += "terminal, `g7tag desk` needs nothing more."
        raise InputError(msg) from error
    return ReviewDesk(session)


def desk_session(
    run: "Run",
    *,
    annotator: str,
    adjudicator: bool = False,
    force: bool = False,
    show_suggestions: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    **purpose: Any,
) -> DeskSession:
    """Return the session of a review desk without its display."""
    path, labels = run.saved.path, read_labels(run.saved.path, run.codebook)
    name = require_annotator(annotator, labels)
    tabs, run = desk_tabs(run, name), to_label(run)
    queue = run.label_queue(annotator=name, adjudicator=adjudicator, force=force, **purpose)
    share = 0.0 if adjudicator or purpose.get("select") in (AUDIT, (AUDIT,), [AUDIT]) else REPEATS
    order = repeats_among(queue["sentence_id"].tolist(), labels, name, share=share)
    settled = [note for note in read_cases(path) if note not in run.codebook.notes]
    session = DeskSession(
        _cards(order, run, name, adjudicating=adjudicator),
        run.codebook.model_copy(update={"notes": [*run.codebook.notes, *settled]}),
        annotator=name,
        record=_recorder(
            run, name, "adjudicator" if adjudicator else "analyst", labels,
            barred=own_disagreements(name, labels, run.sentences) if adjudicator and not force else set(),
            narrowed=bool(purpose.get("dimension")), now=now,
        ),
        show_suggestions=show_suggestions, adjudicating=adjudicator,
        agreement=lambda: agreement_rows(agreement(run)), feedback=_feedback(run, name),
        settle=lambda *case: settle_case(path, *case),
    )  # fmt: skip
    session.tabs = tabs
    session.is_new = not adjudicator and name not in set(labels.loc[labels["kind"].isin(PEOPLE), "annotator"])
    return session


def _feedback(run: "Run", annotator: str) -> Callable[[], list[list[dict[str, str]]]] | None:
    """Return what gives the tables of feedback; None if there is nothing to say."""
    if annotator not in set(run.annotations.loc[run.annotations["kind"] == "analyst", "annotator"]):
        return None
    return (lambda: feedback_rows(feedback(run, annotator))) if len(feedback(run, annotator).overruled) else None


def _recorder(
    run: "Run", annotator: str, kind: PersonKind, labels: pd.DataFrame, *, barred: set[str], narrowed: bool,
    now: Callable[[], datetime],
) -> Record:  # fmt: skip
    """Return what saves a decision, or the withdrawal of the last one; it returns once the label is on the disk."""
    earlier = labels[(labels["annotator"] == annotator) & labels["kind"].isin(PEOPLE)]
    sentences = labelled_sentences(run)

    def record(sentence_id: str, decision: Decision | None, *, blind: bool, occasion: Any) -> None:
        nonlocal earlier
        given: dict[str, Any] = {"annotator": annotator, "at": now(), "earlier": earlier, "kind": kind}
        if decision is None:
            added = withdrawal(sentence_id, run.codebook, blind=blind, **given)
        else:
            refuse_party(annotator, barred & {sentence_id})
            is_change = occasion == "change"
            if occasion == "label" and kind == "analyst" and sentence_id in set(standing(earlier)["sentence_id"]):
                occasion = "change"  # a disagreement that the analyst decides again
            blind = blind and occasion == "label" and not narrowed  # else the analyst may have seen a label
            row = pd.DataFrame([{"sentence_id": sentence_id, **decision._asdict()}])
            if not is_change:  # what was checked before is not on the card
                row = with_checks(row, earlier[earlier["kind"] == kind], sentences)
            added = people_annotations(row, sentences, run.codebook, blind=blind, occasion=occasion, **given)
        if len(added):
            add_labels(run.saved.path, added)
            earlier = pd.concat([earlier, added], ignore_index=True)

    return record


def _cards(order: list[tuple[str, bool]], run: "Run", annotator: str, *, adjudicating: bool) -> pd.DataFrame:
    """Return a card for each sentence of a queue, with what machines and other people said of it."""
    sentences, items = run.sentences, run.items.set_index("item_id")
    cited, said = sources(run.read("items", "citations")), _said(run, annotator, adjudicating=adjudicating)
    of_item = {item: rows.sort_values("position") for item, rows in sentences.groupby("item_id")}
    item_of = dict(zip(sentences["sentence_id"], sentences["item_id"], strict=True))
    cards = []
    for sentence_id, repeat in order:
        item = item_of[sentence_id]
        ids, texts = (of_item[item][name].tolist() for name in ("sentence_id", "text"))
        place = ids.index(sentence_id)
        card = {
            "sentence_id": sentence_id, "item_id": item, "member": items.loc[item, "member"],
            "date": items.loc[item, "date_text"], "before": " ".join(texts[:place]), "text": texts[place],
            "after": " ".join(texts[place + 1 :]), "note": cited.loc[item, "note"],
            "source": cited.loc[item, "title"], "url": cited.loc[item, "url"], "repeat": repeat,
            "labels": said.get(sentence_id, []),
        }  # fmt: skip
        cards.append(card)
    return pd.DataFrame(cards, columns=list(COLUMNS))


def _said(run: "Run", annotator: str, *, adjudicating: bool) -> dict[str, list[dict[str, Any]]]:
    """Return what others say of each sentence, without adjudicators; who adjudicates sees the own label, too."""
    rows = current_annotations(run.annotations, run.sentences)
    rows = rows[((rows["annotator"] != annotator) | adjudicating) & (rows["kind"] != "adjudicator")]
    tags = run.tags.set_index("sentence_id")
    said: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        decision = Decision(
            row["dimensions"], row["strength"] if row["strength"] in STRENGTHS else "none", row["act"],
            row["exclusion"], bool(row["contradicts"]), False, row["note"], row["source_check"], row["archived_url"],
        )  # fmt: skip
        note = row["note"]
        if row["kind"] == "classifier":
            tag = tags.loc[row["sentence_id"]]
            reason = reason_words(tag["review_reason"], tag["review_below"])
            note = f"{right_text(tag['p_right'])} likely right" + (f"; doubtful: {reason}" if reason else "")
        entry = {"who": row["annotator"], "kind": row["kind"], "decision": decision, "note": note}
        said.setdefault(row["sentence_id"], []).append(entry | {"label": decision_words(decision, run.codebook)})
    return said
