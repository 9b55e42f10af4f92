"""Proposals change labels only under a policy that counts them, and only if the model passed its trial."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import Reply, completion, label, sentence_of, serving
from typer.testing import CliRunner

import g7tag
from g7tag import jobs, llm
from g7tag.cli import app
from g7tag.errors import G7TagError, InputError
from g7tag.jobs import Review
from g7tag.llm import ATTACKS_VERSION, annotator_name
from g7tag.store import data_path, request_log
from g7tag.tagger import save_tagger

pytestmark = pytest.mark.slow

CHANCES = {
    "prevent": [0.9, 0.01], "counter": [0.8, 0.02], "dismantle": [0.95, 0.03], "disrupt": [0.85, 0.04],
    "strength": [0.7, 0.1],
}  # fmt: skip


def counting(body: dict[str, Any], _: int) -> Reply:
    """A model that labels all with "arrested", "ring" or "freezer" as strong dismantle, and the rest as nothing."""
    sentence = sentence_of(body)
    found = [word for word in ("arrested", "ring", "freezer") if word in sentence]
    if not found:
        return completion(label(sentence))
    return completion(label(sentence, dimensions=["dismantle"], strength="strong", quote=found[0]))


@pytest.fixture
def reviewed(folder: Path, asked: Callable[..., Review]) -> Path:
    """The folder after a review."""
    with serving(counting) as server:
        asked(server, select=["all"])
    return folder


BARS = {"alpha": 0.7, "flips": 0, "answered": 0.95, "changed": 0.05}


def judge(
    folder: Path, *, passed: bool, at: str = "2026-01-01", version: str = ATTACKS_VERSION, bars: dict[str, float] = BARS
) -> None:
    """Write a verdict on the model of the review into a folder."""
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    name = annotator_name("m", proposals["prompt_sha256"].iloc[0], {"temperature": 0}, proposals["endpoint"].iloc[0])
    with request_log(folder / "reviews.sqlite") as log:
        log.add(
            [
                (
                    "verdict",
                    name,
                    {
                        "passed": passed,
                        "at": at,
                        "reasons": [],
                        "chances": CHANCES,
                        "bars": bars,
                        "attacks_version": version,
                    },
                )
            ]
        )


def score(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["score", str(folder), *words])


def test_other_parameters_need_a_trial_of_their_own(folder: Path, planned: Callable[..., Any]) -> None:
    with serving(counting) as server:
        plan = planned(server, select=["all"])
        endpoint = g7tag.llm.open_endpoint("m", base_url=server.url, parameters={"reasoning_effort": "low"})
        jobs.review_sentences(plan._replace(endpoint=endpoint))
    judge(folder, passed=True)  # with temperature 0 alone
    jobs.score_run(folder)
    result = score(folder, "--policy", "llm-reviewed", "--force")
    assert re.search(r"there is no trial of 'm at .*, reasoning_effort=low, temperature=0', so", str(result.exception))


def test_a_review_changes_no_label_and_score_says_so(reviewed: Path) -> None:
    result = score(reviewed)
    assert result.exit_code == 0, result.output
    assert "0 labels and 0 scores changed." in result.stderr
    run = jobs.score_run(reviewed)
    assert (run.annotations["kind"] == "llm").sum() == len(run.tags)
    assert set(run.labels["policy"]) == {"people-then-classifier"}


@pytest.mark.parametrize("policy", ["agreement", "llm-reviewed"])
@pytest.mark.parametrize(
    ("verdict", "said"),
    [(None, "there is no trial of"), (False, "did not pass a trial")],
    ids=["untried", "failed"],
)
def test_a_policy_that_would_count_a_model_refuses_without_a_passed_trial(
    reviewed: Path, policy: str, verdict: bool | None, said: str
) -> None:
    if verdict is not None:
        judge(reviewed, passed=verdict)
    before = {file.name: file.read_bytes() for file in reviewed.glob("*.parquet")}
    result = score(reviewed, "--policy", policy, "--force")
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)
    assert "shown but not counted" in str(result.exception)
    assert {file.name: file.read_bytes() for file in reviewed.glob("*.parquet")} == before


def test_a_passed_trial_lets_the_policy_count_and_the_changes_are_said(reviewed: Path) -> None:
    judge(reviewed, passed=True)
    before = g7tag.open_run(reviewed)
    result = score(reviewed, "--policy", "llm-reviewed", "--force")
    assert result.exit_code == 0, result.output
    after = jobs.score_run(reviewed)
    changed = g7tag.label_changes(before.labels, after.labels)
    scores = g7tag.score_changes(before.scores, after.scores)
    assert len(changed) > 5
    assert f"{len(changed)} labels and {len(scores)} scores changed." in result.stderr
    for row in scores.to_dict("records"):
        assert f"  {row['member']}, {row['reading']}: {row['before']:+d} before".replace("+0", "0") in result.stderr
    assert set(after.labels["policy"]) == {"llm-reviewed"}
    kinds = after.annotations.set_index("annotation_id")["kind"]
    assert set(kinds[after.labels["annotation_id"]]) == {"llm"}
    assert score(reviewed).exit_code == 0  # the policy stays as it was
    assert set(g7tag.open_run(reviewed).labels["policy"]) == {"llm-reviewed"}


def test_a_verdict_from_before_the_bars_of_silence_counts_no_more(reviewed: Path) -> None:
    judge(reviewed, passed=True, bars={"alpha": 0.7, "flips": 0})
    result = score(reviewed, "--policy", "llm-reviewed", "--force")
    assert "used other attacks or bars than this version of g7tag" in str(result.exception)


def test_the_table_and_the_page_say_whose_labels_count(reviewed: Path) -> None:
    judge(reviewed, passed=True)
    result = score(reviewed, "--policy", "llm-reviewed", "--force")
    told = (
        r"labels under the policy llm-reviewed: 24 by m at http://127.0.0.1:[0-9]+, prompt [0-9a-f]{8}, temperature=0\."
    )
    assert re.search(f"Based on {told}", result.stdout)
    bars = r"Model labels counted: m at \S+, prompt \w{8}, temperature=0: passed its trial on 2026-01-01 \(bars: alpha"
    assert re.search(bars, result.stderr)
    report = g7tag.example_path("invented-report.txt")
    again = CliRunner().invoke(app, ["run", str(report), "-o", str(reviewed), "--policy", "llm-reviewed"])
    assert again.exit_code == 0, again.output
    assert re.search(told, (reviewed / "report.html").read_text(encoding="utf-8"))


def test_what_was_proposed_with_another_codebook_does_not_count(reviewed: Path, tmp_path: Path) -> None:
    judge(reviewed, passed=True)
    text = data_path("codebooks/2024-apulia-19.toml").read_text(encoding="utf-8")
    mine, model = tmp_path / "mine.toml", tmp_path / "m.skops"
    mine.write_text(text.replace("Lowers the appeal", "Reduces the appeal"), encoding="utf-8")
    book = g7tag.open_codebook(mine)
    save_tagger(g7tag.train_tagger(g7tag.corpus.read_corpus(g7tag.corpus.bundled_corpus(), book), book), model)
    words = ["-o", str(reviewed), "--codebook", str(mine), "--model", str(model), "--policy", "llm-reviewed", "--force"]
    result = CliRunner().invoke(app, ["run", str(g7tag.example_path("invented-report.txt")), *words])
    assert isinstance(result.exception, InputError), result.output
    assert "were made with another codebook or prompt" in str(result.exception)


def test_a_verdict_that_turns_takes_the_model_out_again(reviewed: Path) -> None:
    judge(reviewed, passed=True)
    assert score(reviewed, "--policy", "llm-reviewed", "--force").exit_code == 0
    judge(reviewed, passed=False, at="2026-01-02")
    judge(reviewed, passed=True, at="2025-12-31")  # an older one changes nothing
    result = score(reviewed)
    assert isinstance(result.exception, InputError)
    assert "did not pass a trial" in str(result.exception)


def test_under_agreement_the_contested_sentences_wait_and_the_agreed_do_not(reviewed: Path) -> None:
    judge(reviewed, passed=True)
    assert score(reviewed, "--policy", "agreement", "--force").exit_code == 0
    run = jobs.score_run(reviewed)
    states = run.labels.set_index("sentence_id")["status"]
    assert {"agreed", "conflict"} == set(states)
    queue = run.label_queue()
    assert set(queue["sentence_id"]) == set(states.index[states == "conflict"])
    assert g7tag.label_changes(g7tag.open_run(reviewed).labels, run.labels).empty  # the classifier's labels stay
    assert (
        queue["models"]
        .str.contains(r"by m at http://127.0.0.1:[0-9]+, prompt [0-9a-f]{8}, temperature=0: It says so\.")
        .all()
    )


def test_proposals_stand_in_the_sheet_and_are_never_filled_in(reviewed: Path, tmp_path: Path) -> None:
    judge(reviewed, passed=True)
    run, file = jobs.score_run(reviewed), tmp_path / "doubtful.csv"
    assert not {"models", "p_right", "proposed_strength"} & set(run.write_label_sheet(file))
    sheet = run.write_label_sheet(file, show_suggestions=True)
    assert (sheet[["dismantle", "strength", "exclusion", "note"]] == "").all(axis=None)
    assert sheet["models"].str.contains("strong dismantle by m at http://127").any()
    assert len(jobs.record_labels(reviewed, file, annotator="Ada").annotations) == 0


def test_verdicts_are_taken_over_from_a_trials_directory(reviewed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"contains no verdict\. Run a trial there first"):
        jobs.take_verdicts(tmp_path, reviewed)
    trial = tmp_path / "trial"
    trial.mkdir()
    proposals = llm.read_proposals(reviewed / "reviews.sqlite")
    name = annotator_name("m", proposals["prompt_sha256"].iloc[0], {"temperature": 0}, proposals["endpoint"].iloc[0])
    with request_log(trial / "reviews.sqlite") as log:
        log.add(
            [
                (
                    "verdict",
                    name,
                    {
                        "passed": True,
                        "at": "2026-01-01",
                        "attacks_version": ATTACKS_VERSION,
                        "reasons": [],
                        "chances": CHANCES,
                        "bars": BARS,
                    },
                )
            ]
        )
    result = CliRunner().invoke(app, ["review", str(reviewed), "--trial", str(trial)])
    assert result.exit_code == 0, result.output
    assert result.stderr == f"{name}: passed, 2026-01-01.\n"
    assert score(reviewed, "--policy", "agreement", "--force").exit_code == 0


def test_a_policy_that_counts_models_needs_proposals_and_a_directory(folder: Path) -> None:
    result = score(folder, "--policy", "agreement", "--force")
    assert "contains no proposals. Ask a model first: `g7tag review" in str(result.exception)
    with pytest.raises(G7TagError, match="needs a run directory"):
        g7tag.run_report([g7tag.example_path("invented-report.txt")], policy="agreement")
    assert "expected one of 'adjudicated', 'agreement', 'llm-reviewed'" in str(
        score(folder, "--policy", "mine", "--force").exception
    )
