"""The command compare shows two runs side by side, as tables, as JSON and as a page; neither run changes."""

import json
import re

import pytest
from people import command, files

import g7tag
from g7tag import jobs
from g7tag.errors import InputError, RunError


@pytest.fixture(scope="module")
def found(invented_run, decided_run):
    return g7tag.compare_runs(invented_run, decided_run)


@pytest.mark.slow
def test_tables_show_scores_labels_and_why_and_neither_run_changes(found, invented_run, decided_run):
    before = files(invented_run), files(decided_run)
    done = command("compare", invented_run, decided_run)
    assert done.stderr == ""
    assert (files(invented_run), files(decided_run)) == before
    n = len(g7tag.label_changes(g7tag.open_run(invented_run).labels, g7tag.open_run(decided_run).labels))
    for text in (done.stdout, repr(found)):
        assert re.search(r"Canada +scoring-table +\+1 +0 / \+1 +open / +", text)
        assert "not decided" in text
        assert re.search(r"is weak in the first run and strong in the second \(\d+ sentences? labelled diff", text)
        assert f"{n} of 24 matched sentences labelled differently (dimensions in " in text
        assert "strong Prevent (Ada)" in text
        assert re.search(r"labels by analysts +0 +13", text)
        for dimension in found.codebook.dimensions:
            assert re.search(rf"^ *{dimension.label} ", text.partition("Agreement of the labels")[2], re.MULTILINE)
    values = json.loads(command("compare", invented_run, decided_run, "--json").stdout)
    assert values["runs"] == [str(invented_run), str(decided_run)]
    assert list(values)[1:] == list(found.frames._fields)
    assert (len(values["labels"]), sum(row["differs"] != "" for row in values["labels"])) == (24, n)
    (canada,) = (row for row in values["scores"] if (row["member"], row["reading"]) == ("Canada", "scoring-table"))
    assert (canada["first_suggested"], canada["second_suggested"], canada["first_final"]) == (0, 1, None)


@pytest.mark.slow
def test_decisions_of_a_ledger_are_compared_and_a_score_that_nobody_decided_is_not_called_final(invented_run, decided):
    g7tag.Run.at(decided).decide("score:2024-19/CAN", owner="Ada", note="read again", decision=1)
    row = g7tag.compare_runs(invented_run, decided).frames.scores.set_index(["member", "reading"]).iloc[0]
    assert (row["second_final"], row["first_basis"], row["second_basis"]) == (1, "open", "decided")
    assert "final" in row["differs"]
    ledger = decided / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace(",open,", ",opne,", 1), encoding="utf-8")
    (note,) = g7tag.compare_runs(invented_run, decided).notes
    assert note.startswith("Second run: ")
    assert "opne" in note


@pytest.mark.slow
def test_a_run_that_is_not_saved_equals_its_copy(invented_run):
    saved = g7tag.open_run(invented_run)
    found = g7tag.compare_runs(jobs.Run(saved.codebook, known=saved.frames), invented_run)
    text = repr(found)
    assert text.startswith(f"Runs\nfirst: unsaved run\nsecond: {invented_run}\n")
    assert "No level differs." in text
    assert "0 of 24 matched sentences labelled differently." in text


def test_runs_of_other_commitments_or_codebooks_and_other_folders_are_refused(invented_run, tmp_path):
    saved = g7tag.open_run(invented_run)
    other = saved.codebook.model_copy(update={"min_strong_items": 4})
    with pytest.raises(InputError, match=r"cannot be compared; the codebook of the first run is .* Expected one code"):
        g7tag.compare_runs(saved, jobs.Run(other, known=saved.frames))
    commitment = saved.codebook.commitment.model_copy(update={"id": "2023-19"})
    other = saved.codebook.model_copy(update={"commitment": commitment})
    with pytest.raises(InputError, match="the commitment of the first run is 2024-19, that of the second 2023-19"):
        g7tag.compare_runs(saved, jobs.Run(other, known=saved.frames))
    with pytest.raises(RunError, match="it is not a run directory"):
        g7tag.compare_runs(invented_run, tmp_path)
    command("compare", invented_run, tmp_path / "nothing", code=3)


HOSTILE = "<script>alert(1)</script>\"'\x1b[31m{{ 7 * 7 }} javascript:alert(1)"


@pytest.mark.slow
def test_the_page_has_every_part_and_texts_of_reports_and_names_stay_inert(invented_run, tmp_path):
    run = g7tag.open_run(invented_run)
    frames = dict(run.frames)
    for name, columns in {
        "sentences": ["text"], "documents": ["name"], "findings": ["message", "subject"],
        "annotations": ["annotator"], "tags": ["tagger"],
    }.items():  # fmt: skip
        frames[name] = frames[name].assign(**{column: frames[name][column] + HOSTILE for column in columns})
    frames["labels"] = frames["labels"].assign(strength="none", dimensions="", exclusion="")
    given = g7tag.compare_runs(run, jobs.Run(run.codebook, known=frames))
    named = jobs.ComparedRuns(given.frames, (HOSTILE, HOSTILE), (HOSTILE,), given.codebook)
    page = named.write_page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1  # the page's own
    assert not re.search(r"<[^>]*\s(style|on\w+)\s*=", page)
    assert re.findall("<h2>(.*)</h2>", page) == ["Runs", "Scores", "Levels", "Labels", "Findings"]
    assert "\x1b" not in page + repr(named)
    assert "?[31m49" not in page  # no template in a text is filled in
    assert page.count("{{ 7 * 7 }}") > 10


@pytest.mark.slow
def test_no_file_is_replaced_and_the_same_runs_give_the_same_page(found, invented_run, decided_run, tmp_path):
    file = tmp_path / "page.html"
    words = ("compare", invented_run, decided_run, "-o", file)
    done = command(*words)
    assert (done.stdout, done.stderr) == ("", f"Saved in {file}. Read it in a browser.\n")
    page = file.read_bytes()
    assert "already exists" in str(command(*words, code=3).exception)
    assert "Expected .html" in str(command(*words[:-1], tmp_path / "page.pdf", code=3).exception)
    assert found.write_page(file, force=True).read_bytes() == page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_and_its_script_is_allowed(found, tmp_path, width, require_fits):
    require_fits(found.write_page(tmp_path / "page.html"), width)
