"""`g7tag codebook new`, `check` and `show`: exit code, stdout and stderr of drafts."""

import json
import re

import pytest

import g7tag
from g7tag.codebook import load_codebook

REPORT = g7tag.example_path("harbours-report.txt")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory, command):
    """A draft of the harbour report, and what was printed on stderr."""
    folder = tmp_path_factory.mktemp("drafted")
    code, out, err = command("codebook", "new", REPORT, "-o", "my.toml", cwd=folder)
    assert (code, out) == (0, "")
    return folder / "my.toml", err


def test_new_says_what_was_read_what_is_open_and_what_comes_next(drafted):
    lines = drafted[1].splitlines()
    assert lines[0] == (
        "my.toml: a draft for commitment 2030-03: 2 members, 3 dimensions, 0 exclusions and 4 rules in 1 reading."
    )
    assert [line for line in lines if line.startswith("  Open question: ")] == lines[1:-1]
    assert len(lines) == 5  # 3 questions
    assert lines[-1] == "Next: check each part in my.toml, then: g7tag codebook check my.toml"


def test_check_refuses_a_draft_and_lists_every_part_with_its_sentence(drafted, command):
    path, _ = drafted
    code, out, err = command("codebook", "check", path)
    lines = out.splitlines()
    parts = ("commitment (text and period)", "dimension 'light'", "strength 'weak'", "reading 'scoring-table' (rules)")
    assert (code, [part for part in parts if f"Draft: {part}" not in lines]) == (4, [])
    light = lines[lines.index("Draft: dimension 'light'") + 1]
    assert light.startswith("  taken from: Light: Such action may include building lighthouses")
    assert sum(line.startswith("Open question: ") for line in lines) == 3
    assert "delete its line `draft = true`" in lines[-1]
    assert err.splitlines()[-1] == "Not accepted: 7 unchecked drafts and 3 open questions. Scores depend on them."
    code, out, _ = command("codebook", "check", path, "--json")
    problems = [row["problem"] for row in json.loads(out)]
    assert (code, problems.count("unchecked draft"), problems.count("open question")) == (4, 7, 3)
    code, out, _ = command("codebook", "show", "--codebook", path)
    assert (code, "Unchecked drafts" in out, "Open questions" in out) == (0, True, True)
    assert "drafts and questions to check" in str(g7tag.show(load_codebook(path)).caption)


def test_check_accepts_a_draft_after_its_marks_and_questions_are_deleted(drafted, tmp_path, command):
    text = drafted[0].read_text(encoding="utf-8")
    assert "problems of the\n#    rules, such as gaps; these are refused only with --strict." in text
    answered = re.sub(r"questions = \[.*?^\]\n", "", text, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "my.toml").write_text(answered.replace("draft = true\n", ""), encoding="utf-8")
    code, out, err = command("codebook", "check", "my.toml", cwd=tmp_path)
    assert (code, "Draft:" in out) == (0, False)
    # contradictory action has no precedence
    assert err == "2030-harbours, version 1: 1 problem in the scoring rules.\n"
    assert command("codebook", "check", "my.toml", "--strict", cwd=tmp_path)[0] == 4
    assert load_codebook(tmp_path / "my.toml").dimensions[0].taken_from.startswith("Dredge: ")


@pytest.mark.slow
def test_run_and_score_warn_once_that_scores_rest_on_drafts(drafted, tmp_path, command):
    path, _ = drafted
    labelled = g7tag.example_path("harbours-labelled.csv")
    assert command("train", "-o", "m.npz", "--corpus", labelled, "--codebook", path, cwd=tmp_path)[0] == 0
    run = ("run", REPORT, "--codebook", path, "--model", "m.npz", "-o", "run")
    code, _, err = command(*run, cwd=tmp_path)
    warning = "is a draft: these scores rest on 7 unchecked drafts and 3 open questions. `g7tag codebook check "
    assert (code, err.count(warning)) == (0, 1)
    code, _, err = command("score", "run", cwd=tmp_path)
    assert (code, err.count(f"Codebook 2030-harbours {warning}run/codebook.toml` lists them.")) == (0, 1)


def test_a_chapter_without_guidelines_is_written_without_rules_and_exits_with_4(tmp_path, command):
    path = tmp_path / "my.toml"
    new = ("codebook", "new", g7tag.example_path("invented-report.txt"), "-o", "my.toml")
    code, out, err = command(*new, cwd=tmp_path)
    assert (code, out) == (4, "")
    assert "and no rules." in err
    assert "No scoring rule could be read. Write the readings in my.toml; it has an example in comments." in err
    code, _, err = command("codebook", "check", path)
    assert code == 3
    assert "readings: Field required (at least one reading, with the rules of the guidelines)" in err
    text = path.read_text(encoding="utf-8")
    example = re.search(r"^# \[\[readings\]\]\n(?:# .*\n)+", text, flags=re.MULTILINE)
    assert example is not None
    path.write_text(text + re.sub(r"^# ", "", example[0], flags=re.MULTILINE), encoding="utf-8")
    assert len(load_codebook(path).readings[0].rules) == 2  # the example is valid


def test_a_draft_replaces_an_existing_file_only_with_force_and_never_the_report(drafted, tmp_path, command):
    path, _ = drafted
    code, _, err = command("codebook", "new", REPORT, "-o", path)
    assert (code, "already exists. Choose another file, or replace it with --force." in err) == (3, True)
    assert command("codebook", "new", REPORT, "-o", path, "--force")[0] == 0
    code, _, err = command("codebook", "new", REPORT, "-o", tmp_path / "my.txt")
    assert (code, "Expected .toml" in err) == (3, True)
    text = REPORT.read_text(encoding="utf-8")
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    code, out, err = command("codebook", "new", "my.toml", "-o", "./my.toml", "--force", cwd=tmp_path)
    assert (code, out) == (3, "")
    assert err.endswith("my.toml: is the report itself. Choose another file for the codebook.\n")
    assert (tmp_path / "my.toml").read_text(encoding="utf-8") == text


@pytest.mark.chapter
def test_a_draft_for_a_bundled_codebook_says_that_labels_and_a_tagger_come_with_it(tmp_path, chapter_path, command):
    code, _, err = command("codebook", "new", chapter_path, "-o", "my.toml", cwd=tmp_path)
    assert code == 0
    assert "\ng7tag comes with labels and a tagger for 2024-apulia-19. They are used with this codebook too, " in err
