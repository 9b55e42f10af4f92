"""Exit codes of errors and of wrong usage, and lists of values in messages."""

import pytest

from g7tag import errors
from g7tag.errors import G7TagError
from g7tag.text import listed


def test_every_error_of_g7tag_is_caught_by_one_name_and_has_its_exit_code():
    raised = {name: value for name, value in vars(errors).items() if name.endswith("Error")}
    assert all(issubclass(error, G7TagError) for error in raised.values())
    assert {name: error.exit_code for name, error in raised.items()} == {
        "G7TagError": 1, "UsageError": 2, "InputError": 3, "SourceError": 3, "CodebookError": 3, "FrameError": 3,
        "ModelError": 3, "RunError": 3, "EndpointError": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "text"),
    [([], "nothing"), ("fbecda", "'a', 'b', 'c', 'd', 'e' and 1 more"), ([2, 1], "'1', '2'"), (["it's"], '"it\'s"')],
    ids=["none", "six", "numbers", "quotes"],
)
def test_values_are_listed_sorted_quoted_and_counted(values, text):
    assert listed(values) == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run --colour", "No such option: --colour"),
        ("ingest report.txt", "-o: missing. Give a run directory to write to, or --blocks"),
        ("ingest -o run", "Missing argument"),
        ("export run", "No such command 'export'"),
        ("tag t.csv --tagger slow", "'slow' is not one of 'encoder', 'fast'"),
        ("audit run --fail-on severe", "'severe' is not one of 'high', 'medium', 'low'"),
        ("score", "required without --verify. Give a run directory."),
        *(
            (f"tag . {option}", "--explain: apply to tables only, not to a run directory")
            for option in ("--explain", "-o t.csv", "--processes 2", "--scheduler local")
        ),
    ],
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(words, message, tmp_path, command):
    (tmp_path / "manifest.json").write_text("{}")
    code, out, err = command(*words.split(), cwd=tmp_path)
    assert (code, out) == (2, "")
    assert message in err
    assert "Usage: " in err
