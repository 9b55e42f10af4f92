"""Three runs of invented chapters on different commitments."""

from collections.abc import Callable
from pathlib import Path

import pytest

import g7tag


@pytest.fixture(scope="session")
def panel_runs(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A folder with three runs, made with fast taggers; not to be changed."""

    def make(folder: Path) -> None:
        for name, codebook in (("border", "2024-apulia-18"), ("food", "2024-apulia-09"), ("invented", None)):
            report = g7tag.example_path(f"{name}-report.txt")
            g7tag.run_report(report, output=folder / name, codebook=codebook, fast=True)

    return made_once("panel-runs", make)
