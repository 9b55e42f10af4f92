"""Proposals change labels only under a policy that counts them, and only if the model passed its trial."""

import re
import shutil
from pathlib import Path

import pytest
from fault_server import FAST, completion, label, near, sentence_of
from typer.testing import CliRunner

import g7tag
from g7tag import jobs, llm
from g7tag.cli import app
from g7tag.errors import G7TagError, InputError
from g7tag.llm import ATTACKS_VERSION, Price, annotator_name, counted_models
from g7tag.store import request_log

URL = "http://127.0.0.1:9"
CHANCES = {
    "prevent": [0.9, 0.01], "counter": [0.8, 0.02], "dismantle": [0.95, 0.03], "disrupt": [0.85, 0.04],
    "strength": [0.7, 0.1],
}  # fmt: skip
BARS = {"alpha": 0.7, "flips": 0, "answered": 0.95, "changed": 0.05}


def counting(body, _):
    """A model that labels all with "arrested", "ring" or "freezer" as strong dismantle, and the rest as nothing."""
    sentence = sentence_of(body)
    found = [word for word in ("arrested", "ring", "freezer") if word in sentence]
    if not found:
        return completion(label(sentence))
    return completion(label(sentence, dimensions=["dismantle"], strength="strong", quote=found[0]))


@pytest.fixture(scope="module")
def reviewed_once(invented_run, tmp_path_factory):
    """A run all of whose sentences a model labelled; not to be changed."""
    folder = Path(shutil.copytree(invented_run, tmp_path_factory.mktemp("reviewed") / "run"))
    run = g7tag.open_run(folder)
    plan = run.plan_review(g7tag.llm.open_endpoint("m", base_url=f"{URL}/v1"), price=Price(1.0, 2.0), select="all")
    with near(counting):
        run.review(plan, limits=FAST)
    return folder


@pytest.fixture
def reviewed(reviewed_once, tmp_path):
    """The same run, of a test's own."""
    return Path(shutil.copytree(reviewed_once, tmp_path / "run"))


def verdict(folder, *, into=None, **changes):
    """Write a verdict on the model of a reviewed folder; return the model's name."""
    prompt = llm.read_proposals(folder / "reviews.sqlite")["prompt_sha256"].iloc[0]
    name = annotator_name("m", prompt, {"temperature": 0}, URL)
    row = {
        "passed": True, "at": "2026-01-01", "reasons": [], "chances": CHANCES, "bars": BARS,
        "attacks_version": ATTACKS_VERSION,
    }  # fmt: skip
    with request_log((into or folder) / "reviews.sqlite") as log:
        log.add([("verdict", name, row | changes)])
    return name


def counted(folder):
    """The models whose proposals may count."""
    file = folder / "reviews.sqlite"
    return counted_models(llm.read_reviews(file), file, g7tag.open_codebook())


def score(folder, *words):
    return CliRunner().invoke(app, ["score", str(folder), *words])


def test_only_the_newest_verdict_on_todays_attacks_and_bars_counts(reviewed):
    old, other = {"bars": {"alpha": 0.7, "flips": 0}}, {"attacks_version": "attacks-1"}
    with pytest.raises(InputError, match=r"there is no trial of 'm at .*', so these proposals are shown but not count"):
        counted(reviewed)
    for at, change, why in (
        ("2026-01-01", {"passed": False}, "did not pass a trial"),
        ("2026-01-02", old, "used other attacks or bars than this version of g7tag"),
        ("2026-01-03", other, "used other attacks or bars than this version of g7tag"),
    ):
        verdict(reviewed, at=at, **change)
        with pytest.raises(InputError, match=why):
            counted(reviewed)
    name = verdict(reviewed, at="2026-01-04")
    assert counted(reviewed) == {name: CHANCES}
    book, file = g7tag.open_codebook(), reviewed / "reviews.sqlite"
    annotations = llm.read_reviews(file)
    with pytest.raises(InputError, match="were made with another codebook or prompt"):
        counted_models(annotations, file, book.model_copy(update={"notes": []}))
    lower = annotations.assign(annotator=annotations["annotator"].str.replace("temperature=0", "reasoning_effort=low"))
    with pytest.raises(InputError, match=r"there is no trial of 'm at .*, reasoning_effort=low', so"):
        counted_models(lower, file, book)
    verdict(reviewed, passed=False, at="2026-01-05")
    verdict(reviewed, at="2025-12-31")  # an older one changes nothing
    with pytest.raises(InputError, match="did not pass a trial"):
        counted(reviewed)


@pytest.mark.slow
def test_a_review_changes_no_label_and_labels_of_models_that_came_or_went_are_noticed(reviewed):
    unscored, file = "some recorded labels are not scored yet", reviewed / "reviews.sqlite"
    assert unscored in " ".join(repr(g7tag.open_run(reviewed)).split())
    assert "0 labels and 0 scores changed." in score(reviewed).stderr
    run = g7tag.Run.at(reviewed).rescore()
    assert unscored not in " ".join(repr(run).split())
    assert (run.annotations["kind"] == "llm").sum() == len(run.tags)
    assert set(run.labels["policy"]) == {"people-then-classifier"}
    states = llm.reviews_states(file)
    assert [state.split()[0] for state in states] == [str(n) for n in range(1, 25)]
    verdict(reviewed)  # a row that is no label
    assert llm.reviews_states(file) == states
    file.unlink()
    lost = score(reviewed).exception
    assert re.search("labels of models that this run was scored with are missing: found 0. .*24", str(lost))


@pytest.mark.slow
def test_a_policy_that_would_count_a_model_refuses_without_a_passed_trial(reviewed, invented_run):
    verdict(reviewed, passed=False)
    before = {file.name: file.read_bytes() for file in reviewed.glob("*.parquet")}
    for directory, policy, why in (
        (reviewed, "agreement", "did not pass a trial, so these proposals are shown but not counted"),
        (reviewed, "llm-reviewed", "did not pass a trial, so these proposals are shown but not counted"),
        (invented_run, "agreement", "contains no proposals. Ask a model first: `g7tag review"),
        (invented_run, "mine", "expected one of 'adjudicated', 'agreement', 'llm-reviewed'"),
    ):
        assert why in str(score(directory, "--policy", policy, "--force").exception)
    assert {file.name: file.read_bytes() for file in reviewed.glob("*.parquet")} == before
    with pytest.raises(G7TagError, match="needs a run directory"):
        g7tag.run_report([g7tag.example_path("invented-report.txt")], policy="agreement")


@pytest.mark.slow
def test_a_passed_trial_lets_the_policy_count_and_the_changes_and_authors_are_said(reviewed):
    verdict(reviewed)
    before = g7tag.open_run(reviewed)
    result = score(reviewed, "--policy", "llm-reviewed", "--force")
    after = g7tag.Run.at(reviewed).rescore()
    changed, scores = g7tag.label_changes(before.labels, after.labels), g7tag.score_changes(before.scores, after.scores)
    assert (result.exit_code, len(changed) > 5) == (0, True)
    assert f"{len(changed)} labels and {len(scores)} scores changed." in result.stderr
    for row in scores.to_dict("records"):
        assert f"  {row['member']}, {row['reading']}: {row['before']:+d} before".replace("+0", "0") in result.stderr
    kinds = after.annotations.set_index("annotation_id")["kind"]
    assert set(kinds[after.labels["annotation_id"]]) == {"llm"}
    said = r"labels under the policy llm-reviewed: 24 by m at http://127.0.0.1:9, prompt [0-9a-f]{8}, temperature=0\."
    assert re.search(f"Based on {said}", result.stdout)
    bars = r"Model labels counted: m at \S+, prompt \w{8}, temperature=0: passed its trial on 2026-01-01 \(bars: alpha"
    assert re.search(bars, result.stderr)
    assert score(reviewed).exit_code == 0  # the policy stays as it was
    assert set(g7tag.open_run(reviewed).labels["policy"]) == {"llm-reviewed"}
    words = ["run", str(g7tag.example_path("invented-report.txt")), "-o", str(reviewed), "--tagger", "fast"]
    assert CliRunner().invoke(app, [*words, "--policy", "llm-reviewed"]).exit_code == 0
    assert re.search(said, (reviewed / "report.html").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_under_agreement_the_contested_sentences_wait_and_the_agreed_do_not(reviewed, tmp_path):
    trial = tmp_path / "trial"
    trial.mkdir()
    with pytest.raises(InputError, match=r"contains no verdict\. Run a trial there first"):
        g7tag.open_run(reviewed).take_verdicts(trial)
    name = verdict(reviewed, into=trial)
    taken = CliRunner().invoke(app, ["review", str(reviewed), "--trial", str(trial)])
    assert (taken.exit_code, taken.stderr) == (0, f"{name}: passed, 2026-01-01.\n")
    assert score(reviewed, "--policy", "agreement", "--force").exit_code == 0
    run = g7tag.Run.at(reviewed).rescore()
    states = run.labels.set_index("sentence_id")["status"]
    assert {"agreed", "conflict"} == set(states)
    queue = run.label_queue()
    assert set(queue["sentence_id"]) == set(states.index[states == "conflict"])
    assert queue["models"].str.contains(f"by {name}: It says so.", regex=False).all()


@pytest.mark.slow
def test_proposals_stand_in_the_sheet_and_are_never_filled_in(reviewed, tmp_path):
    run, file = g7tag.Run.at(reviewed).rescore(), tmp_path / "doubtful.csv"
    assert not {"models", "p_right", "proposed_strength"} & set(run.write_label_sheet(file))
    sheet = run.write_label_sheet(file, show_suggestions=True)
    assert (sheet[["dismantle", "strength", "exclusion", "note"]] == "").all(axis=None)
    assert sheet["models"].str.contains("strong dismantle by m at http://127").any()
    assert len(run.record_labels(file, annotator="Ada").annotations) == 0


@pytest.mark.slow
def test_only_proposals_of_a_model_that_passed_its_trial_can_train_a_tagger(reviewed, tmp_path):
    verdict(reviewed, passed=False)
    words = ["train", "-o", str(tmp_path / "m.npz"), "--with-proposals", str(reviewed)]
    refused = CliRunner().invoke(app, words)
    assert "did not pass a trial, so these proposals are shown but not counted" in str(refused.exception)
    assert not (tmp_path / "m.npz").exists()
    verdict(reviewed)
    rows = jobs.proposals_corpus(reviewed, g7tag.open_codebook()).set_index("sentence_id")
    assert len(rows) == 24
    weights = rows["weight"].astype("float64")
    # by the trial: dismantle (0.95) and strong (0.7) are right if proposed, the other dimensions are absent
    assert weights[rows["dimensions"] == "dismantle"].iloc[0] == pytest.approx(
        (0.95 + 0.99 + 0.98 + 0.96 + 0.7) / 5, abs=5e-4
    )
    assert weights[rows["dimensions"] == ""].iloc[0] == pytest.approx((0.99 + 0.98 + 0.97 + 0.96) / 4, abs=5e-4)
