"""Update the ledger of decisions: add new rows, keep what people wrote and mark rows with changed evidence as stale."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from g7tag.audit.findings import member_id, score_text
from g7tag.audit.notes import named_notes
from g7tag.frames import LEDGER
from g7tag.scoring import Receipt, score_row
from g7tag.store import Ledger, text_sha256

OPEN, SETTLED = "open", ("decided", "dismissed")
GONE = "no longer found. "
"""Prefix of the message of a row whose finding no longer exists."""


class Kept(NamedTuple):
    """An updated ledger: its cells, the stale ids and notes for the user."""

    cells: pd.DataFrame
    stale: frozenset[str]
    notes: list[str]


def ledger_rows(frames: Mapping[str, pd.DataFrame], receipts: Iterable[Receipt]) -> pd.DataFrame:
    """Return the rows of a ledger: one for the score of each member, then one for each finding."""
    rows = []
    for receipt in receipts:
        suggested = ", ".join(f"{score.reading} {score_text(score.suggested_score)}" for score in receipt.scores)
        message = (
            f"published {score_text(receipt.published_score)}; suggested {suggested}. To decide the final score, enter "
            "it in decision, your name in owner, the reason in note and decided in status."
        )
        rows.append((score_row(receipt), "", receipt.member, message, receipt.evidence_sha256))
    contents = _contents(frames)
    for finding in frames["findings"].to_dict("records"):
        proof = [contents.get(each, "") for each in finding["proof"].split(";")]
        named = [finding[name] for name in ("finding_id", "severity", "member", "message")]
        rows.append((*named, text_sha256("\n".join([finding["message"], *proof]))))
    table = pd.DataFrame(rows, columns=["finding_id", "severity", "member", "message", "evidence_sha256"], dtype="str")
    return table.assign(status=OPEN, owner="", note="", decision="")[list(LEDGER.columns)]


def keep_ledger(old: Ledger, rows: pd.DataFrame, *, before: Iterable[str] = ()) -> Kept:
    """Return a ledger with new rows added and everything that people wrote kept."""
    now = rows.set_index("finding_id")
    cells = old.cells.drop_duplicates("finding_id", keep="first").set_index("finding_id")
    columns = [*rows.columns, *(name for name in old.cells.columns if name not in rows.columns)]
    usable = set(old.rows["finding_id"])
    written = cells.to_dict("index")
    settled = set(old.rows.loc[old.rows["status"].isin(SETTLED), "finding_id"])
    merged, stale = [], set()
    for finding_id, row in now.to_dict("index").items():
        kept = written.get(finding_id, {})
        own = {name: value for name, value in kept.items() if name not in {"severity", "member", "message"}}
        sha256 = str(row["evidence_sha256"])
        if finding_id in settled and own["evidence_sha256"] not in {"", sha256}:
            stale.add(str(finding_id))
        elif not kept or finding_id in usable:
            own["evidence_sha256"] = sha256
        merged.append({"finding_id": finding_id, **row, **own})
    gone = cells[~cells.index.isin(now.index)].reset_index().to_dict("records")
    stale |= {str(row["finding_id"]) for row in gone if row["finding_id"] in settled}
    merged += [row | {"message": GONE + str(row["message"]).removeprefix(GONE)} for row in gone]
    doubled = old.cells[old.cells["finding_id"].duplicated()].to_dict("records")
    deleted = [each for each in before if len(old.cells) and each in now.index and each not in cells.index]
    notes = [*old.problems, *(f"row {each} was deleted and is restored as open." for each in deleted)]
    return Kept(pd.DataFrame([*merged, *doubled], columns=columns).fillna(""), frozenset(stale), notes)


def _contents(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The content of each id that a proof may contain: texts and labels, scores and claims of members, and notes."""
    sentences = frames["sentences"].merge(frames["labels"], on="sentence_id", how="left")
    lines = pd.Series(_lines(sentences[["text", "dimensions", "strength", "exclusion", "contradicts"]]), dtype="str")
    contents = dict(zip(sentences["sentence_id"], lines, strict=True))
    by_item = lines.groupby(sentences["item_id"].to_numpy()).agg("\n".join)
    items = frames["items"]
    for item, line in zip(items["item_id"], _lines(items[["date", "citations"]]), strict=True):
        contents[item] = "\n".join([line, by_item[item]]) if item in by_item else line
    for member in frames["members"].to_dict("records"):
        claims = frames["claims"][frames["claims"]["member"] == member["member"]]
        scores = [str(member[name]) for name in ("table_score", "heading_score", "stated_score", "published_score")]
        contents[member_id(member)] = "\n".join([*scores, *_lines(claims)])
    notes = named_notes(frames["citations"])
    return contents | dict(zip(notes["name"], _lines(notes), strict=True))


def _lines(frame: pd.DataFrame) -> list[str]:
    """Each row as a line of text."""
    return ["|".join(map(str, row)) for row in frame.itertuples(index=False, name=None)]
