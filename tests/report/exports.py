"""What the tests of exported files share: the tables of a run, and hostile text in every text column."""

from pathlib import Path

import pandas as pd

import g7tag
from g7tag.report import run_tables
from g7tag.store import ledger_path, read_ledger

HOSTILE = "=1+1\x01 <w:br/> \u202e ]]> \uffff &amp; 'x"
INERT = (
    "=1+1? <w:br/> ? ]]> ? &amp; 'x"  # control characters, changes of direction and what XML forbids: question marks
)


def tables_of(path: Path) -> dict[str, pd.DataFrame]:
    """The tables of a run directory."""
    run = g7tag.open_run(path)
    return run_tables(
        run.frames, run.final_scores(), run.codebook,
        ledger=read_ledger(ledger_path(path)).rows, agreement=run.agreement(),
    )  # fmt: skip
