"""The review desk on a run: its cards, saving what is decided, and the rows of its tabs of scores and findings."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from g7tag import labels as people
from g7tag import report
from g7tag.audit import keep_ledger, ledger_rows, named_notes
from g7tag.codebook import Codebook
from g7tag.desk import COLUMNS, Decision, DeskSession, Record, decision_words
from g7tag.desk.decisions import Row, Tabs
from g7tag.errors import InputError
from g7tag.frames import STRENGTHS, Frames, value_word
from g7tag.jobs.audits import write_decision
from g7tag.jobs.labelling import agreement, feedback, sources, to_label
from g7tag.jobs.pages import final_under, mark_page
from g7tag.jobs.sharing import note_opened, read_cases, settle_case, who_opened_tabs
from g7tag.jobs.steps import labelled_sentences, receipts_of
from g7tag.scoring import CLEAR, Receipt, reconcile, score_row, signed
from g7tag.store import MANIFEST, PEOPLE, add_labels, labels_locked, ledger_path, read_labels, read_ledger

if TYPE_CHECKING:
    from g7tag.desk.widget import ReviewDesk
    from g7tag.jobs.run import Run


def review_desk(run: "Run", *, annotator: str, show_suggestions: bool = False, **purpose: Any) -> "ReviewDesk":
    """Return a desk to label the sentences of a saved run in Jupyter, one at a time, with the keyboard.

    Each decision is saved at once in `labels` of the run directory; run the cell again to continue. Labels of machines
    and other people are shown after you have decided. A run without tags shows all its sentences.

    Parameters
    ----------
    annotator, show_suggestions
        Your name, the same every time, and whether labels of others are shown from the start; yours are then not blind.
    purpose
        Which sentences, as for `Run.label_queue`. With `adjudicator=True`, you decide those on which analysts disagree.

    Raises
    ------
    InputError
        The run is not saved, the extra `notebook` is not installed, the name cannot be used, or the selection is
        invalid.
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
    run: "Run", *, annotator: str, adjudicator: bool = False, force: bool = False, show_suggestions: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC), **purpose: Any,
) -> DeskSession:  # fmt: skip
    """Return the session of a review desk without its display."""
    path, labels = run.saved.path, read_labels(run.saved.path, run.codebook)
    name = people.require_annotator(annotator, labels)
    tabs, run = desk_tabs(run, name), to_label(run)
    queue = run.label_queue(annotator=name, adjudicator=adjudicator, force=force, **purpose)
    is_sample = purpose.get("select") in (people.AUDIT, (people.AUDIT,), [people.AUDIT])
    share = 0.0 if adjudicator or is_sample else people.REPEATS
    order = people.repeats_among(queue["sentence_id"].tolist(), labels, name, share=share)
    settled = [note for note in read_cases(path) if note not in run.codebook.notes]
    session = DeskSession(
        _cards(order, run, name, adjudicating=adjudicator),
        run.codebook.model_copy(update={"notes": [*run.codebook.notes, *settled]}),
        annotator=name,
        record=_recorder(
            run, name, "adjudicator" if adjudicator else "analyst", labels,
            barred=people.own_disagreements(name, labels, run.sentences) if adjudicator and not force else set(),
            narrowed=bool(purpose.get("dimension")), now=now,
        ),
        show_suggestions=show_suggestions, adjudicating=adjudicator,
        agreement=lambda: report.agreement_rows(agreement(run)), feedback=_feedback(run, name),
        settle=lambda *case: settle_case(path, *case),
    )  # fmt: skip
    session.tabs = tabs
    session.is_new = not adjudicator and name not in set(labels.loc[labels["kind"].isin(PEOPLE), "annotator"])
    return session


def _feedback(run: "Run", annotator: str) -> Callable[[], list[list[dict[str, str]]]] | None:
    """Return what gives the tables of feedback; None if there is nothing to say."""
    is_analyst = annotator in set(run.annotations.loc[run.annotations["kind"] == "analyst", "annotator"])
    if is_analyst and len(feedback(run, annotator).overruled):
        return lambda: report.feedback_rows(feedback(run, annotator))
    return None


def _recorder(
    run: "Run", annotator: str, kind: people.PersonKind, labels: pd.DataFrame, *, barred: set[str], narrowed: bool,
    now: Callable[[], datetime],
) -> Record:  # fmt: skip
    """Return what saves a decision, or the withdrawal of the last one; it returns once the label is on the disk."""
    earlier = labels[(labels["annotator"] == annotator) & labels["kind"].isin(PEOPLE)]
    sentences = labelled_sentences(run)

    def record(sentence_id: str, decision: Decision | None, *, blind: bool, occasion: Any) -> None:
        nonlocal earlier
        given: dict[str, Any] = {"annotator": annotator, "at": now(), "earlier": earlier, "kind": kind}
        if decision is None:
            added = people.withdrawal(sentence_id, run.codebook, blind=blind, **given)
        else:
            people.refuse_party(annotator, barred & {sentence_id})
            is_change = occasion == "change"
            own = set(people.standing(earlier)["sentence_id"]) if kind == "analyst" else ()
            if occasion == "label" and sentence_id in own:
                occasion = "change"  # a disagreement that the analyst decides again
            blind = blind and occasion == "label" and not narrowed  # else the analyst may have seen a label
            row = pd.DataFrame([{"sentence_id": sentence_id, **decision._asdict()}])
            if not is_change:  # what was checked before is not on the card
                row = people.with_checks(row, earlier[earlier["kind"] == kind], sentences)
            added = people.people_annotations(row, sentences, run.codebook, blind=blind, occasion=occasion, **given)
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
        cards.append({
            "sentence_id": sentence_id, "item_id": item, "member": items.loc[item, "member"],
            "date": items.loc[item, "date_text"], "before": " ".join(texts[:place]), "text": texts[place],
            "after": " ".join(texts[place + 1 :]), "note": cited.loc[item, "note"],
            "source": cited.loc[item, "title"], "url": cited.loc[item, "url"], "repeat": repeat,
            "labels": said.get(sentence_id, []),
        })  # fmt: skip
    return pd.DataFrame(cards, columns=list(COLUMNS))


def _said(run: "Run", annotator: str, *, adjudicating: bool) -> dict[str, list[dict[str, Any]]]:
    """Return what others say of each sentence, without adjudicators; who adjudicates sees the own label, too."""
    rows = people.current_annotations(run.annotations, run.sentences)
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
            reason = report.reason_words(tag["review_reason"], tag["review_below"])
            note = f"{report.right_text(tag['p_right'])} likely right" + (f"; doubtful: {reason}" if reason else "")
        entry = {"who": row["annotator"], "kind": row["kind"], "decision": decision, "note": note}
        said.setdefault(row["sentence_id"], []).append(entry | {"label": decision_words(decision, run.codebook)})
    return said


class _Audited(NamedTuple):
    """A run as it was audited: what does not depend on its ledger."""

    run: "Run"
    receipts: list[Receipt]
    ledger: pd.DataFrame
    rows: dict[str, list[dict[str, Any]]]


def desk_tabs(run: "Run", annotator: str) -> Tabs | None:
    """Return the tabs of scores and findings of a run; None if it is not scored."""
    if not run.saved.has("scores"):
        return None
    path, manifest = run.saved.path, run.saved.path / MANIFEST

    @lru_cache(maxsize=1)
    def audited(_manifest: bytes) -> _Audited:
        return _audited(run.reopened())

    def read(tab: str) -> list[Row]:
        run.reopened()  # an error says what is wrong with the directory
        return _rows(audited(manifest.read_bytes()), tab)

    def decide(row: Row, status: str, note: str, decision: int | None) -> None:
        now = audited(manifest.read_bytes()).run
        mark_page(now)
        write_decision(
            now, row.row_id, status=status, owner="" if status == "open" else annotator, note=note,
            decision="" if decision is None else str(decision), evidence_sha256=row.evidence,
        )  # fmt: skip

    def opened() -> None:
        with labels_locked(path):
            note_opened(path, [annotator])

    return Tabs(read, decide, note_opened=opened, opened=annotator in who_opened_tabs(path))


def _audited(run: "Run") -> _Audited:
    frames, receipts = run.frames, receipts_of(run)
    ledger = ledger_rows(frames, receipts)
    evidence = dict(zip(ledger["finding_id"], ledger["evidence_sha256"], strict=True))
    own = report.own_frames(frames, run.codebook)
    rows: dict[str, list[dict[str, Any]]] = {
        "scores": _scores(own, receipts, run.codebook), "findings": _findings(own, run.codebook),
    }  # fmt: skip
    for row in (*rows["scores"], *rows["findings"]):
        row["evidence"] = evidence[row["row_id"]]
    return _Audited(run, receipts, ledger, rows)


def _scores(frames: Frames, receipts: list[Receipt], codebook: Codebook) -> list[dict[str, Any]]:
    """Return the row of each scored member without its decision: scores, chance, and what decides the score."""
    scores, changes, headings = (
        frames["scores"],
        report.member_changes(frames, codebook),
        report.reading_headings(codebook),
    )
    ids = {receipt.member: score_row(receipt) for receipt in receipts}
    rows = []
    for row in reconcile(scores).to_dict("records"):
        member, own = row["member"], scores[scores["member"] == row["member"]].to_dict("records")
        suggested = {headings[each["reading"]]: signed(each["suggested_score"]) for each in own}
        if len(set(suggested.values())) == 1:
            suggested = {"Suggested": next(iter(suggested.values()))}
        chance = "probability unknown" if pd.isna(row["chance"]) else f"{report.percent(row['chance'])} likely"
        facts = [
            f"Published {signed(row['published_score'])}", ", ".join(map(" ".join, suggested.items())),
            f"{chance}, too close to call" if row["chance"] < CLEAR else chance,
        ]  # fmt: skip
        rules = {each["rule"]: headings[each["reading"]] for each in reversed(own)}
        text = "; ".join(rule if len(rules) == 1 else f"{under}: {rule}" for rule, under in reversed(rules.items()))
        published = "" if pd.isna(row["published_score"]) else signed(row["published_score"])
        rows.append(
            {
                "row_id": ids[member], "title": member, "severity": "", "facts": facts,
                "text": f"{text[:1].upper()}{text[1:]}. {changes[member][0]}", "published": published,
                "proof": [("", line) for line in changes[member][1:]],
            }
        )  # fmt: skip
    return rows


def _findings(frames: Frames, codebook: Codebook) -> list[dict[str, Any]]:
    """Return the row of each finding without its decision: message, and sentences and notes that prove it."""
    contents, items = _contents(frames, codebook), frames["sentences"].groupby("item_id")["sentence_id"].agg(list)
    rows = []
    for finding in frames["findings"].to_dict("records"):
        proof = finding["proof"].split(";")
        named = [each for name in proof for each in (items.get(name, [name]) if name not in contents else [name])]
        rows.append(
            {
                "row_id": finding["finding_id"], "facts": [],
                "title": value_word("check", finding["check"], labels=codebook.labels).name,
                "severity": value_word("severity", finding["severity"]).name,
                "text": f"{finding['subject'].rpartition('/')[2]}: {finding['message']}",
                "proof": [(name, contents[name]) for name in dict.fromkeys(named) if name in contents], "published": "",
            }
        )  # fmt: skip
    return rows


def _contents(frames: Frames, codebook: Codebook) -> dict[str, str]:
    """Return the text of each sentence with the label that counts, and of each note with its source."""
    joined = frames["sentences"].merge(frames["labels"], on="sentence_id", how="left").fillna("")
    names = codebook.labels
    found = {}
    for row in joined.to_dict("records"):
        keys = [*filter(None, row["dimensions"].split(";")), *filter(None, [row["strength"].replace("none", "")])]
        label = ", ".join(names.get(key, key) for key in keys) or "no dimension"
        found[row["sentence_id"]] = f"{row['text']} [{label}]"
    for note in named_notes(frames["citations"]).to_dict("records"):
        parts = [str(note[name]) for name in ("publisher", "title", "url") if note[name]]
        found[note["name"]] = ", ".join(parts)
    return found


def _rows(audited: _Audited, tab: str) -> list[Row]:
    """Return the rows of a tab with what the ledger says of them now."""
    ledger = read_ledger(ledger_path(audited.run.saved.path))
    stale, usable = keep_ledger(ledger, audited.ledger).stale, ledger.rows.set_index("finding_id").to_dict("index")
    final = final_under(ledger, audited.run, audited.receipts).set_index("member").to_dict("index")
    rows = []
    for row in audited.rows[tab]:
        name = row["row_id"]
        said = usable.get(name, {"status": "open", "owner": "", "note": ""})
        problem = next((each for each in ledger.problems if f"({name})" in each), "")
        status = "unusable" if problem else "stale" if name in stale else str(said["status"])
        words = problem or _words(said, status, final[row["title"]] if tab == "scores" else None)
        rows.append(Row(**row, status=status, decision=words))
    return rows


def _words(said: Mapping[Any, Any], status: str, final: Mapping[Any, Any] | None) -> str:
    """Return what was decided, by whom and why."""
    by = f" by {said['owner']}: {said['note']}" if said["owner"] else ""
    if status == "stale":
        return f"{value_word('basis', 'stale').name}: decided{by}"
    if final is None:
        return value_word("status", status, "ledger").name + by
    if status == "open" and not by:
        return value_word("basis", final["basis"]).name
    return str(final["why"]) if pd.isna(final["final_score"]) else f"Final score {signed(final['final_score'])}{by}"
