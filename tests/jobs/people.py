"""What tests of people's labels share: a label of one sentence, a command, and the files of a folder."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from typer.testing import CliRunner, Result

import g7tag
from g7tag.cli import app
from g7tag.errors import G7TagError
from g7tag.jobs import Recorded

AT = datetime(2026, 1, 2, tzinfo=UTC)
NAME = "2024-19/CAN-06.1"


def label(**given: object) -> pd.DataFrame:
    """A label of one sentence: strong dismantle, if nothing else is given."""
    return pd.DataFrame([{"sentence_id": NAME, "dimensions": "dismantle", "strength": "strong", "act": "done"} | given])


def record(run: Path, labels: pd.DataFrame | Path, annotator: str = "Ada", **given: Any) -> Recorded:
    """Save labels of a person in a run directory."""
    return g7tag.Run.at(run).record_labels(labels, annotator=annotator, **given)


def command(*words: object, code: int = 0) -> Result:
    """A command that ends with an exit code, as `main` gives it."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    error = result.exception
    assert (error.exit_code if isinstance(error, G7TagError) else result.exit_code) == code, (result.output, error)
    return result


def files(folder: Path) -> dict[str, bytes]:
    """The content of all files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
