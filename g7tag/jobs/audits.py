"""Jobs on a scored run: score it again, audit it, decide scores and findings in its ledger, and verify receipts."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from g7tag.audit import keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.frames import SCORES
from g7tag.jobs.pages import decisions_of, final_under, write_page
from g7tag.jobs.sharing import gone_notes
from g7tag.jobs.steps import find_findings, receipts_of, refuse_lost_labels, reviews_state, score
from g7tag.scoring import SCORE_ROW, read_receipt, receipt_differences
from g7tag.store import Ledger, ledger_path, locked, read_ledger, write_ledger
from g7tag.text import listed

if TYPE_CHECKING:
    from g7tag.jobs.run import Run


class Checked(NamedTuple):
    """An audited run, its current ledger, the ids of stale decisions, and notes on the ledger and on labels."""

    run: "Run"
    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def rescore(run: "Run", *, announce: Announce = lambda _: None) -> "Run":
    """Score and audit the run directory with its current labels, and return the new run."""
    return _announced(score(run.reopened(), announce=announce), announce)


def audit(run: "Run", *, announce: Announce = lambda _: None) -> pd.DataFrame:
    """Audit the run directory, update its ledger and its page, and return the findings, most severe first."""
    return _announced(run.reopened(), announce).findings


def _announced(run: "Run", announce: Announce) -> "Run":
    checked = audit_run(run, announce=announce)
    for note in checked.notes + stale_notes(checked.stale):
        announce(note)
    return checked.run


def audit_run(run: "Run", *, announce: Announce = lambda _: None) -> Checked:
    """Audit a scored run directory, and update its ledger and its page."""
    before = findings_before(run)
    run = find_findings(run, announce)
    ledger, stale, notes = update_ledger(run, before)
    write_page(run)
    notes = [*notes, *unscored_notes(run), *gone_notes(run)]
    return Checked(run, ledger, stale, notes)


def findings_before(run: "Run") -> list[str]:
    """Return the ids of the findings of the previous audit; empty if there is no ledger or no previous audit."""
    path = ledger_path(run.saved.path)
    if not path.exists():
        return []
    read_ledger(path)
    with suppress(RunError):
        return list(run.findings["finding_id"])
    return []


def update_ledger(run: "Run", before: Sequence[str]) -> tuple[Ledger, frozenset[str], list[str]]:
    """Update the ledger file of a run directory; return it, the ids of stale decisions, and notes."""
    path = ledger_path(run.saved.path)
    rows = ledger_rows(run.frames, receipts_of(run))
    with locked(run.saved.path):
        kept = keep_ledger(read_ledger(path), rows, before=before)
        write_ledger(path, kept.cells)
        return read_ledger(path), kept.stale, kept.notes


def decide(
    run: "Run", finding_id: str, *, owner: str, note: str, decision: int | None = None, dismissed: bool = False
) -> pd.DataFrame:
    """Write one decision into the ledger, and return the final scores.

    Parameters
    ----------
    finding_id
        Row of the ledger: the id of a finding, or "score:" and a member or its code ("score:Germany").
    owner, note
        Who decides, and why.
    decision
        The final score, -1, 0 or 1, in a row of a score; None in others.
    dismissed
        True if the finding is not a problem.
    """
    run = run.reopened()
    row_id = _row_id(finding_id, run.codebook)
    if not owner.strip():
        msg = f"owner {owner!r}: the name is empty. Give the name of the person who decides."
        raise InputError(msg)
    is_score = isinstance(decision, Integral) and not isinstance(decision, bool) and decision in SCORES
    if decision is not None and not (is_score and row_id.startswith(SCORE_ROW)):
        msg = f"decision {decision!r} of {row_id!r}: expected -1, 0 or 1 in a row of a score, and None in other rows."
        raise InputError(msg)
    evidence = ledger_rows(run.frames, receipts_of(run)).set_index("finding_id")["evidence_sha256"]
    write_decision(
        run, row_id, status="dismissed" if dismissed else "decided", owner=owner, note=note,
        decision="" if decision is None else f"{decision:d}", evidence_sha256=str(evidence.get(row_id, "")),
    )  # fmt: skip
    write_page(run)
    return decisions_of(run).final


def write_decision(run: "Run", row_id: str, **changes: str) -> None:
    """Write cells of one row into the ledger of a run, which is made if it is missing; the page is not written."""
    path = ledger_path(run.saved.path)
    if not path.exists():
        update_ledger(run, [])
    with locked(run.saved.path):
        cells = read_ledger(path).cells
        row = cells["finding_id"] == row_id
        if row.sum() != 1:
            found, ids = f"{row.sum()} rows" if row.any() else "no row", listed(cells["finding_id"])
            msg = f"{path}: {found} with id {row_id!r}. Expected one row of {ids}. Audit the run, and name one row."
            raise InputError(msg)
        write_ledger(path, cells.assign(**{name: cells[name].mask(row, value) for name, value in changes.items()}))


def _row_id(finding_id: str, codebook: Codebook) -> str:
    """Return the id of a ledger row; "score:Germany" and "score:DEU" are also accepted."""
    name = finding_id.strip().removeprefix(SCORE_ROW)
    if name == finding_id.strip() or "/" in name:
        return finding_id.strip()
    return f"{SCORE_ROW}{codebook.commitment.id}/{codebook.codes[codebook.member_named(name)]}"


def final_scores(run: "Run") -> pd.DataFrame:
    """Return the final scores, with the decisions of the ledger, who decided, and why."""
    run = run.reopened()
    receipts = receipts_of(run)
    return final_under(read_ledger(ledger_path(run.saved.path)), run, receipts)


def ledger_notes(run: "Run") -> list[str]:
    """Return the problems of the ledger of a run directory, its stale decisions, and a note on unscored labels."""
    stale = decisions_of(run).stale if run.saved.has("findings") else ()
    return [*read_ledger(ledger_path(run.saved.path)).problems, *stale_notes(stale), *unscored_notes(run)]


def stale_notes(stale: Iterable[str]) -> list[str]:
    """Return one line for each decision whose evidence changed."""
    return [f"{each}: the decision is stale because its evidence changed. Decide again." for each in sorted(stale)]


def unscored_notes(run: "Run") -> list[str]:
    """Return a note if labels were recorded in the run directory after scoring."""
    store = run.saved
    refuse_lost_labels(store)
    if all(state == store.setting("review", name, "") for name, state in reviews_state(store).items()):
        return []
    return [f"some recorded labels are not scored yet: run `g7tag score {store.path}`, then audit again."]


def verify_receipt(path: Path, run: "Run | None" = None) -> list[str]:
    """Return how a receipt file differs from the result of its labels and rules and, if given, from a run."""
    try:
        receipt = read_receipt(path.read_bytes(), name=str(path))
    except OSError as error:
        msg = f"{path}: cannot read the receipt ({error.strerror}). Expected a file in DIR/receipts; check the path."
        raise InputError(msg) from error
    if run is None:
        return receipt_differences(receipt)
    for own in receipts_of(run):
        if (own.commitment_id, own.code) == (receipt.commitment_id, receipt.code):
            return receipt_differences(receipt, own)
    msg = f"{path}: is the receipt of {receipt.commitment_id}/{receipt.code}, which {run.directory} does not score."
    raise InputError(msg)
