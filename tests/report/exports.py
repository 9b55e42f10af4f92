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


def with_another_commitment(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames of a report that also holds commitment 2024-20, with the same members, items and findings."""

    def other(frame: pd.DataFrame) -> pd.DataFrame:
        texts = frame.select_dtypes(["str", "object"]).columns
        return frame.assign(**{name: frame[name].str.replace("2024-19", "2024-20") for name in texts})

    names = ["commitments", "members", "conclusions", "claims", "items", "sentences", "findings"]
    more = {name: other(frames[name]) for name in names}
    more["findings"] = more["findings"][more["findings"]["finding_id"].str.contains("2024-20")]  # others are on none
    return {**frames, **{name: pd.concat([frames[name], more[name]], ignore_index=True) for name in names}}
