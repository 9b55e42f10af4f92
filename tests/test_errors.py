"""Exit codes of errors, and lists of values in messages."""

import pytest
from typer.testing import CliRunner

from g7tag import errors
from g7tag.cli import app
from g7tag.errors import G7TagError, InputError
from g7tag.text import listed


@pytest.mark.parametrize("name", ["SourceError", "CodebookError", "FrameError", "ModelError", "RunError"])
def test_what_cannot_be_used_as_it_is_exits_with_3(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, InputError)
    assert error.exit_code == InputError.exit_code == 3


def test_a_missing_choice_exits_with_2_as_other_errors_of_usage() -> None:
    assert errors.UsageError.exit_code == 2


def test_every_error_of_g7tag_is_caught_by_one_name() -> None:
    raised = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(raised) == 9
    assert all(issubclass(error, G7TagError) for error in raised)


def test_the_message_of_an_error_is_what_it_was_given() -> None:
    with pytest.raises(G7TagError, match=r"^report\.txt: is empty\.$"):
        raise InputError("report.txt: is empty.")  # noqa: EM101


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "nothing"),
        (["b", "a"], "'a', 'b'"),
        ("edcba", "'a', 'b', 'c', 'd', 'e'"),
        ("fedcba", "'a', 'b', 'c', 'd', 'e' and 1 more"),
        ([2, 1], "'1', '2'"),
        (["it's"], '"it\'s"'),
    ],
    ids=["none", "sorted", "five", "six", "numbers", "quotes"],
)
def test_values_are_listed_sorted_quoted_and_counted(values: list[object] | str, text: str) -> None:
    assert listed(values) == text


def test_how_many_values_are_shown_can_be_chosen() -> None:
    assert listed("abc", most=1) == "'a' and 2 more"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "--colour"], "No such option: --colour"),
        (["ingest", "report.txt"], "Missing option '-o'"),
        (["ingest", "-o", "run"], "Missing argument"),
        (["train"], "Missing option '-o'"),
        (["export", "run"], "No such command 'export'"),
        (["audit", "run", "--fail-on", "severe"], "'severe' is not a severity. Expected one of high, medium, low."),
        (["score"], "required without --verify. Give a run directory."),
        (
            ["tag", ".", "--explain"],
            "-o, --rejects, --processes, --scheduler and --explain apply to tables only, not to a run",
        ),
    ],
    ids=[
        "option",
        "no directory",
        "no report",
        "no model",
        "no such command",
        "severity",
        "no run",
        "tags of a directory",
    ],
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(words: list[str], message: str) -> None:
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Usage: " in result.stderr
