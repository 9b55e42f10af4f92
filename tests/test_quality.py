"""The code follows its rules: lint, format, types, import order, and no text copied from a report."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OWN_WORDS = ROOT.parent / "shared" / "tools" / "check_own_words.py"


@pytest.mark.parametrize(
    "words",
    [
        "ruff check .",
        "ruff format --check .",
        pytest.param("mypy", marks=pytest.mark.slow),
        pytest.param("lint-imports --no-logo", marks=pytest.mark.slow),
    ],
)
def test_the_code_keeps_its_rules(words):
    program, *rest = words.split()
    check(str(Path(sys.executable).with_name(program)), *rest)


@pytest.mark.slow
def test_no_sentence_is_copied_from_a_report():
    if not OWN_WORDS.is_file():
        pytest.skip(f"NOT CHECKED: {OWN_WORDS} is missing, so copied text cannot be found")
    if not (ROOT / ".git").exists():
        pytest.skip("NOT CHECKED: not a git checkout, so the project's files cannot be listed")
    check(sys.executable, str(OWN_WORDS), str(ROOT))


def check(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
