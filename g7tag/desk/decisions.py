"""The tabs Scores and Findings of the review desk: when they open, and the rules of a decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from g7tag.errors import G7TagError
from g7tag.text import counted

SCORES = {"-1": -1, "0": 0, "+1": 1}
ACTIONS: Mapping[str, dict[str, str]] = {
    "scores": {"agree": "decided", "change": "decided", "reopen": "open"},
    "findings": {"decide": "decided", "dismiss": "dismissed", "reopen": "open"},
}
"""The actions of each tab, and the status that they give a row of the ledger."""
_WARNING = (
    "You still have {} to label. This tab shows what the tagger says of sentences. If you open it, the labels that you "
    "give afterwards are recorded as not blind."
)


@dataclass(frozen=True)
class Row:
    """A score or a finding, with what the ledger says of it."""

    row_id: str
    title: str
    severity: str  # of a finding
    facts: list[str]  # short, in the same order in each row of a tab
    text: str
    proof: list[tuple[str, str]]  # names and texts that are folded
    status: str  # open | decided | dismissed | stale | unusable
    decision: str  # in words: what was decided, by whom and why
    published: str  # the published score: -1, 0, +1; "" if there is none, and for a finding
    evidence: str  # hash of the evidence that a decision is based on


@dataclass
class Tabs:
    """The state of the two tabs, without their display.

    Both show labels of machines. So they open only if nothing is left to label, or on request: `opened` is true from
    then on, and labels that are given afterwards are not blind. `read` returns the rows of a tab as they are now;
    `decide` writes status, note and score of a row into the ledger; `note_opened` keeps on the disk that the tabs were
    opened. Each of them returns only when it is done, or raises a `G7TagError`.
    """

    read: Callable[[str], Sequence[Row]]
    decide: Callable[[Row, str, str, int | None], None]
    note_opened: Callable[[], None] = lambda: None
    opened: bool = False

    def answer(self, request: Mapping[str, Any], *, waiting: int) -> dict[str, Any]:
        """Do what a tab asks, and return its rows, with a message if something was not done.

        A request has the name of the tab, and `confirmed` or, for a decision, `does` (one of `ACTIONS`), `row`,
        `version`, `note` and `score`. `waiting` is the number of sentences that are left to label.
        """
        tab = str(request.get("tab"))
        if tab not in ACTIONS:
            return {}
        if not self.opened and waiting and request.get("confirmed") is not True:
            return {"tab": tab, "asks": _WARNING.format(counted(waiting, "sentence"))}
        message, saved, rows, does = "", False, [], request.get("does")
        try:
            if not self.opened:
                self.note_opened()
                self.opened = True
            rows = list(self.read(tab))
            if does is not None:
                message = self._done(ACTIONS[tab].get(str(does)), rows, request)
                saved = not message
                rows = list(self.read(tab))
        except G7TagError as error:
            message = f"{'Saved, but: ' if saved else '' if does is None else 'Not saved: '}{error}"
        shown = [asdict(row) | {"version": _version(row)} for row in rows]
        return {"tab": tab, "rows": shown, "saved": saved, "message": message}

    def _done(self, status: str | None, rows: Sequence[Row], request: Mapping[str, Any]) -> str:
        """Carry out a decision; if that is not possible, return why."""
        does, note = request["does"], "" if status == "open" else str(request.get("note") or "").strip()
        row = next((row for row in rows if row.row_id == request.get("row")), None)
        if row is None or status is None or request.get("version") != _version(row):
            return "Not saved: the row was changed meanwhile. Read it again, then decide."
        score = row.published if does == "agree" else str(request.get("score")) if does == "change" else ""
        if does in ("agree", "change") and score not in SCORES:
            return "Choose the final score: -1, 0 or +1."
        if status != "open" and not note:
            return "Give the reason."
        self.decide(row, status, note, SCORES.get(score))
        return ""


def _version(row: Row) -> str:
    """Return a hash of everything that is shown of a row."""
    return sha256(repr(row).encode()).hexdigest()[:16]
