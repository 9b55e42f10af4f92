"""`g7tag codebook new`, `check` and `show`: exit code, stdout and stderr of drafts."""

import json
import re
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.codebook import load_codebook

REPORT = g7tag.example_path("harbours-report.txt")


def called(*words: object, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command; errors print their message."""
    with chdir(cwd):
        result = CliRunner().invoke(app, [str(word) for word in words])
    message = "" if result.exception is None or isinstance(result.exception, SystemExit) else str(result.exception)
    code = getattr(result.exception, "exit_code", result.exit_code)
    return code, result.stdout, result.stderr + message


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A draft of the harbour report, and what was printed on stderr."""
    folder = tmp_path_factory.mktemp("drafted")
    code, out, err = called("codebook", "new", REPORT, "-o", "my.toml", cwd=folder)
    assert (code, out) == (0, "")
    return folder / "my.toml", err


def accepted(text: str) -> str:
    """A draft after a person has checked every part and answered every question."""
    text = re.sub(r"questions = \[.*?^\]\n", "", text, flags=re.DOTALL | re.MULTILINE)
    return text.replace("draft = true\n", "")


def test_new_says_what_was_read_what_is_open_and_what_comes_next(drafted: tuple[Path, str]) -> None:
    _, err = drafted
    lines = err.splitlines()
    assert lines[0] == (
        "my.toml: a draft for commitment 2030-03: 2 members, 3 dimensions, 0 exclusions and 4 rules in 1 reading."
    )
    assert [line for line in lines if line.startswith("  Open question: ")] == lines[1:-1]
    assert len(lines) == 5  # 3 questions
    assert lines[-1] == "Next: check each part in my.toml, then: g7tag codebook check my.toml"


def test_check_refuses_a_draft_and_lists_every_part_with_its_sentence(drafted: tuple[Path, str]) -> None:
    path, _ = drafted
    code, out, err = called("codebook", "check", path, cwd=path.parent)
    assert code == 4
    lines = out.splitlines()
    for part in (
        "commitment (text and period)",
        "dimension 'light'",
        "strength 'weak'",
        "reading 'scoring-table' (rules)",
    ):
        assert f"Draft: {part}" in lines
    light = lines[lines.index("Draft: dimension 'light'") + 1]
    assert light.startswith("  taken from: Light: Such action may include building lighthouses")
    assert sum(line.startswith("Open question: ") for line in lines) == 3
    assert "delete its line `draft = true`" in lines[-1]
    assert err.splitlines()[-1] == "Not accepted: 7 unchecked drafts and 3 open questions. Scores depend on them."


def test_check_as_json_lists_drafts_and_questions_as_rows(drafted: tuple[Path, str]) -> None:
    path, _ = drafted
    code, out, _ = called("codebook", "check", path, "--json", cwd=path.parent)
    rows = json.loads(out)
    assert code == 4
    assert [row["problem"] for row in rows].count("unchecked draft") == 7
    assert [row["problem"] for row in rows].count("open question") == 3


def test_check_accepts_a_draft_after_its_marks_and_questions_are_deleted(
    drafted: tuple[Path, str], tmp_path: Path
) -> None:
    path, _ = drafted
    (tmp_path / "my.toml").write_text(accepted(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, out, err = called("codebook", "check", "my.toml", cwd=tmp_path)
    assert code == 0
    assert "Draft:" not in out
    assert (
        err == "2030-harbours, version 1: 1 problem in the scoring rules.\n"
    )  # contradictory action has no precedence
    assert "problems of the\n#    rules, such as gaps; these are refused only with --strict." in path.read_text(
        encoding="utf-8"
    )
    assert called("codebook", "check", "my.toml", "--strict", cwd=tmp_path)[0] == 4
    assert load_codebook(tmp_path / "my.toml").dimensions[0].taken_from.startswith("Dredge: ")


def test_show_lists_drafts_and_questions(drafted: tuple[Path, str]) -> None:
    path, _ = drafted
    code, out, _ = called("codebook", "show", "--codebook", path, cwd=path.parent)
    assert code == 0
    assert "Unchecked drafts" in out
    assert "Open questions" in out
    assert "drafts and questions to check" in str(g7tag.show(load_codebook(path)).caption)


@pytest.mark.slow
def test_run_and_score_warn_once_that_scores_rest_on_drafts(drafted: tuple[Path, str], tmp_path: Path) -> None:
    path, _ = drafted
    labelled, model = g7tag.example_path("harbours-labelled.csv"), tmp_path / "m.skops"
    assert called("train", "-o", model, "--corpus", labelled, "--codebook", path, cwd=tmp_path)[0] == 0
    code, _, err = called("run", REPORT, "--codebook", path, "--model", model, "-o", "run", cwd=tmp_path)
    warning = "is a draft: these scores rest on 7 unchecked drafts and 3 open questions. `g7tag codebook check "
    assert (code, err.count(warning)) == (0, 1)
    code, _, err = called("score", "run", cwd=tmp_path)
    assert (code, err.count(f"Codebook 2030-harbours {warning}run/codebook.toml` lists them.")) == (0, 1)


def test_a_chapter_without_guidelines_is_written_without_rules_and_exits_with_4(tmp_path: Path) -> None:
    code, out, err = called("codebook", "new", g7tag.example_path("invented-report.txt"), "-o", "my.toml", cwd=tmp_path)
    assert (code, out) == (4, "")
    assert "and no rules." in err
    assert "No scoring rule could be read. Write the readings in my.toml; it has an example in comments." in err
    code, _, err = called("codebook", "check", "my.toml", cwd=tmp_path)
    assert code == 3
    assert "readings: Field required (at least one reading, with the rules of the guidelines)" in err
    text = (tmp_path / "my.toml").read_text(encoding="utf-8")
    example = re.search(r"^# \[\[readings\]\]\n(?:# .*\n)+", text, flags=re.MULTILINE)
    assert example is not None
    (tmp_path / "my.toml").write_text(text + re.sub(r"^# ", "", example[0], flags=re.MULTILINE), encoding="utf-8")
    assert len(load_codebook(tmp_path / "my.toml").readings[0].rules) == 3  # the example is valid


def test_an_existing_file_is_replaced_only_with_force(drafted: tuple[Path, str]) -> None:
    path, _ = drafted
    code, _, err = called("codebook", "new", REPORT, "-o", path, cwd=path.parent)
    assert code == 3
    assert "already exists. Choose another file, or replace it with --force." in err
    assert called("codebook", "new", REPORT, "-o", path, "--force", cwd=path.parent)[0] == 0
    code, _, err = called("codebook", "new", REPORT, "-o", "my.txt", cwd=path.parent)
    assert (code, "Expected .toml" in err) == (3, True)


def test_the_period_can_be_given(tmp_path: Path) -> None:
    days = ("--period-start", "2030-02-01", "--period-end", "2030-03-31")
    assert called("codebook", "new", REPORT, "-o", "my.toml", *days, cwd=tmp_path)[0] == 0
    commitment = load_codebook(tmp_path / "my.toml").commitment
    assert (str(commitment.period_start), str(commitment.period_end)) == days[1::2]
    code, _, err = called("codebook", "new", REPORT, "-o", "a.toml", "--period-start", "1 May", cwd=tmp_path)
    assert (code, "--period-start" in err) == (2, True)


def test_a_report_with_two_commitments_needs_a_number(tmp_path: Path) -> None:
    text = REPORT.read_text(encoding="utf-8")
    (tmp_path / "two.txt").write_text(text + "\n" + text[text.index("3. Oceans") :].replace("3. Oceans", "4. Seas"))
    code, _, err = called("codebook", "new", "two.txt", "-o", "my.toml", cwd=tmp_path)
    assert (code, "two.txt: has 2 commitments. Name one with --commitment NUMBER. Found 3: Oceans" in err) == (2, True)
    assert called("codebook", "new", "two.txt", "-o", "my.toml", "--commitment", "4", cwd=tmp_path)[0] == 0
    assert load_codebook(tmp_path / "my.toml").commitment.id == "2030-04"
    code, _, err = called("codebook", "new", "two.txt", "-o", "b.toml", "--commitment", "9", cwd=tmp_path)
    assert (code, "no commitment 9, found 3, 4" in err) == (3, True)


def test_a_draft_never_replaces_the_report_that_it_is_made_from(tmp_path: Path) -> None:
    text = REPORT.read_text(encoding="utf-8")
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    code, out, err = called("codebook", "new", "my.toml", "-o", "./my.toml", "--force", cwd=tmp_path)
    assert (code, out) == (3, "")
    assert err.endswith("my.toml: is the report itself. Choose another file for the codebook.")
    assert (tmp_path / "my.toml").read_text(encoding="utf-8") == text


@pytest.mark.chapter
def test_a_draft_for_a_bundled_codebook_says_that_labels_and_a_tagger_come_with_it(
    tmp_path: Path, chapter_path: Path
) -> None:
    code, _, err = called("codebook", "new", chapter_path, "-o", "my.toml", cwd=tmp_path)
    assert code == 0
    assert "\ng7tag comes with labels and a tagger for 2024-apulia-19. They are used with this codebook too, " in err
