"""The tabs Scores and Findings of the review desk: when they open, and the rules of a decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal, Protocol

from g7tag.errors import G7TagError
from g7tag.text import counted

Tab = Literal["scores", "findings"]
SCORES = {"-1": -1, "0": 0, "+1": 1}
STATUSES = {"agree": "decided", "change": "decided", "decide": "decided", "dismiss": "dismissed", "reopen": "open"}
"""The status that each action gives a row."""
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "scores": ("agree", "change", "reopen"), "findings": ("decide", "dismiss", "reopen"),
}  # fmt: skip


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


class Decide(Protocol):
    """Writes a decision into the ledger; returns only when it is on the disk."""

    def __call__(self, row: Row, *, status: str, note: str, decision: int | None) -> None: ...


class Decisions:
    """The state of the two tabs, without their display.

    Both show labels of machines. So they open only if nothing is left to label, or on request; `opened` is true from
    then on, and labels that are given afterwards are not blind.

    Parameters
    ----------
    read
        Returns the rows of a tab as they are now.
    decide
        Writes a decision.
    note_opened
        Keeps on the disk that the annotator has opened the tabs.
    opened
        Whether the annotator has opened them before.
    """

    def __init__(
        self,
        read: Callable[[Tab], Sequence[Row]],
        decide: Decide,
        *,
        note_opened: Callable[[], None] = lambda: None,
        opened: bool = False,
    ) -> None:
        self.opened = opened
        self._read = read
        self._decide = decide
        self._note_opened = note_opened

    def answer(self, request: Mapping[str, Any], *, waiting: int) -> dict[str, Any]:
        """Do what a tab asks, and return its rows, with a message if something was not done.

        Parameters
        ----------
        request
            tab, and either confirmed or, for a decision, does (one of `ACTIONS`), row, version, note and score.
        waiting
            Number of sentences that are left to label.
        """
        tab: Any = request.get("tab")
        if tab not in ACTIONS:
            return {}
        if not self.opened and waiting and request.get("confirmed") is not True:
            return {"tab": tab, "asks": _warning(waiting)}
        message, is_error, saved = "", False, ""
        rows: Sequence[Row] = []
        try:
            if not self.opened:
                self._note_opened()
                self.opened = True
            rows = self._read(tab)
            if "does" in request:
                message = self._done(tab, rows, request)
                is_error, saved = bool(message), "" if message else str(request.get("row"))
                rows = rows if is_error else self._read(tab)
        except G7TagError as error:
            message, is_error = f"Not saved: {error}" if "does" in request else str(error), True
        shown = [asdict(row) | {"version": _version(row)} for row in rows]
        return {"tab": tab, "rows": shown, "saved": saved, "message": message, "is_error": is_error}

    def _done(self, tab: Tab, rows: Sequence[Row], request: Mapping[str, Any]) -> str:
        """Carry out a decision; if that is not possible, return why."""
        does, note = request["does"], str(request.get("note") or "").strip()
        row = next((row for row in rows if row.row_id == request.get("row")), None)
        if row is None or does not in ACTIONS[tab]:
            return "This row is no longer there. Nothing was saved."
        if request.get("version") != _version(row):
            return f"{row.title}: the row was changed meanwhile. Nothing was saved. Read it again, then decide."
        if does == "reopen":
            self._decide(row, status="open", note="", decision=None)
            return ""
        if not note:
            return "Give the reason."
        score = row.published if does == "agree" else request.get("score") if does == "change" else None
        if score is not None and score not in SCORES:
            return "Choose the final score: -1, 0 or +1." if does == "change" else "There is no published score. Use Change."
        self._decide(row, status=STATUSES[does], note=note, decision=None if score is None else SCORES[score])
        return ""


def _warning(waiting: int) -> str:
    return (
        f"You still have {counted(waiting, 'sentence')} to label. This tab shows what the tagger says of sentences. If "
        "you open it, the labels that you give afterwards are recorded as not blind."
    )


def _version(row: Row) -> str:
    """Return a hash of everything that is shown of a row."""
    return sha256(repr(row).encode()).hexdigest()[:16]
