"""What must not change by accident: frames, scores, findings, receipts and printed tables of five runs.

`python tests/test_golden.py` renews `golden.txt` on purpose, and prints the difference.
"""

import difflib
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from hashlib import sha256
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pandas as pd
import pytest

import g7tag
from g7tag.cli import main
from g7tag.frames import FRAME_WORDS

GOLDEN = Path(__file__).with_name("golden.txt")
CHAPTER = Path(__file__).resolve().parents[1].parent / "shared/reports/2024-apulia-commitment-19.txt"
CASES = {
    "bundled": [],
    "invented": [str(g7tag.example_path("invented-report.txt"))],
    "food": [str(g7tag.example_path("food-report.txt")), "--codebook", "2024-apulia-09"],
    "border": [str(g7tag.example_path("border-report.txt")), "--codebook", "2024-apulia-18"],
    "chapter": [str(CHAPTER)],  # its text is not part of the project: lines are kept as hashes
}
DEFAULT = {f"{case}, default tagger": case for case in ("bundled", "chapter")}
TAG = ["sentence_id", "dimensions", "strength", "act", "exclusion"]
COLUMNS = 120


@pytest.mark.parametrize(
    "case", ["border", *(pytest.param(case, marks=pytest.mark.slow) for case in (*CASES, *DEFAULT) if case != "border")]
)
def test_results_are_those_of_the_golden_file(case, tmp_path):
    if "chapter" in case and not CHAPTER.is_file():
        pytest.skip(f"THE REAL CHAPTER IS MISSING: put it at {CHAPTER} to compare its results")
    golden = [line for line in GOLDEN.read_text("utf-8").splitlines() if line.startswith(f"{case} | ")]
    assert difference(golden, list(lines_of(case, tmp_path))) == ""


def lines_of(case, folder):
    """Lines of the golden file on a case."""
    if case in DEFAULT:
        tags = g7tag.run_report(CASES[DEFAULT[case]]).tags
        yield from (f"{case} | tags.{name} {digest(tags[name].tolist())}" for name in TAG)
        return
    shown = digest if case == "chapter" else str
    directory = folder / "run"
    printed = printed_by("run", *CASES[case], "-o", directory, "--tagger", "fast", "--quiet")
    run = g7tag.open_run(directory)
    for name in filter(FRAME_WORDS.__contains__, run.frames):
        frame = run.frames[name]
        yield f"{case} | {name}: {len(frame)} rows"
        for column in sorted(frame):
            yield f"{case} | {name}.{column} {digest([rounded(cell) for cell in frame[column]])}"
    for row in run.scores.astype("str").itertuples(index=False):
        yield f"{case} | score {row.member}, {row.reading}: {row.suggested_score}, published {row.published_score}"
    for row in run.findings.itertuples(index=False):
        yield f"{case} | finding {row.severity} {row.finding_id}: {shown(row.message)}"
    for file in sorted((directory / "receipts").iterdir()):
        yield f"{case} | receipt {file.stem} {digest(rounded(json.loads(file.read_text('utf-8'))))}"
    audited = printed_by("audit", directory, "--all", "--quiet")
    summary = "\n".join(" ".join(each.split()) for each in str(run).split("\n\n"))  # without the wraps
    texts = {"run": printed, "audit": audited, "show": f"{summary}\n{run.show()}"}
    for name, text in texts.items():
        for line in text.replace(str(directory), "run").splitlines():
            yield f"{case} | {name}: {shown(line.rstrip())}"


def printed_by(*words):
    """What a command prints on stdout."""
    out = TextIOWrapper(BytesIO(), encoding="utf-8")
    arguments = ["g7tag", *map(str, words)]
    wide = {"COLUMNS": str(COLUMNS)}
    with patch("sys.argv", arguments), patch.dict(os.environ, wide), redirect_stdout(out), redirect_stderr(StringIO()):
        with pytest.raises(SystemExit) as ended:
            main()
        out.flush()
    assert ended.value.code in (0, 4)
    return out.buffer.getvalue().decode()


def rounded(value):
    """A value with numbers to three digits, so that another processor gives the same."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items() if key not in ("g7tag", "sha256")}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return f"{value:.3f}".replace("-0.000", "0.000")
    return None if value is pd.NA or value is pd.NaT else value


def digest(value):
    return sha256(json.dumps(value, default=str).encode()).hexdigest()[:12]


def difference(before, after):
    return "\n".join(difflib.unified_diff(before, after, "golden", "now", lineterm="", n=0))


def renew():
    before = GOLDEN.read_text("utf-8").splitlines() if GOLDEN.exists() else []
    after = []
    if not CHAPTER.is_file():
        sys.exit(f"The real chapter is missing: put it at {CHAPTER}.")
    for case in (*CASES, *DEFAULT):
        with TemporaryDirectory() as folder:
            after += lines_of(case, Path(folder))
    print(difference(before, after) or "No difference.")
    GOLDEN.write_text("\n".join([*after, ""]), "utf-8")


if __name__ == "__main__":
    renew()
