"""The scores and findings of a run as rows of the review desk, and writing what is decided into its ledger."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from g7tag.audit import keep_ledger, ledger_rows, named_notes
from g7tag.codebook import Codebook
from g7tag.desk.decisions import Row, Tabs
from g7tag.frames import Frames, value_word
from g7tag.jobs.audits import write_decision
from g7tag.jobs.pages import final_under, mark_page
from g7tag.jobs.sharing import note_opened, who_opened_tabs
from g7tag.jobs.steps import receipts_of
from g7tag.report import member_changes, own_frames, percent, reading_headings
from g7tag.scoring import CLEAR, Receipt, reconcile, score_row, signed
from g7tag.store import MANIFEST, labels_locked, ledger_path, read_ledger

if TYPE_CHECKING:
    from g7tag.jobs.run import Run


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
    own = own_frames(frames, run.codebook)
    rows: dict[str, list[dict[str, Any]]] = {
        "scores": _scores(own, receipts, run.codebook), "findings": _findings(own, run.codebook),
    }  # fmt: skip
    for row in (*rows["scores"], *rows["findings"]):
        row["evidence"] = evidence[row["row_id"]]
    return _Audited(run, receipts, ledger, rows)


def _scores(frames: Frames, receipts: list[Receipt], codebook: Codebook) -> list[dict[str, Any]]:
    """Return the row of each scored member without its decision: scores, chance, and what decides the score."""
    scores, changes, headings = frames["scores"], member_changes(frames, codebook), reading_headings(codebook)
    ids = {receipt.member: score_row(receipt) for receipt in receipts}
    rows = []
    for row in reconcile(scores).to_dict("records"):
        member, own = row["member"], scores[scores["member"] == row["member"]].to_dict("records")
        suggested = {headings[each["reading"]]: signed(each["suggested_score"]) for each in own}
        if len(set(suggested.values())) == 1:
            suggested = {"Suggested": next(iter(suggested.values()))}
        chance = "probability unknown" if pd.isna(row["chance"]) else f"{percent(row['chance'])} likely"
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
    if final is None or (status == "open" and not by):
        return (
            value_word("status", status, "ledger").name + by
            if final is None
            else value_word("basis", final["basis"]).name
        )
    if pd.isna(final["final_score"]):
        return str(final["why"])
    return f"Final score {signed(final['final_score'])}{by}"
