"""The command certify says what labels of the random sample prove, and refuses what they do not."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.labels import random_order

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chapter_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "run"
    g7tag.run_report(output=path, fast=True)
    return path


def label_sample(path: Path, n: int, *, wrong: int = 0, annotator: str = "Ada") -> None:
    """Label the first n sentences of the random sample as the tagger does; for `wrong` of them, differently."""
    tags = g7tag.open_run(path).tags.set_index("sentence_id")
    ids = random_order(tags.index)[:n]
    rows = tags.loc[ids, ["dimensions", "strength", "exclusion"]].assign(act=tags.loc[ids, "act"]).reset_index()
    sure = [name for name in ids if not tags.loc[name, "needs_review"] and tags.loc[name, "dimensions"]]
    changed = rows["sentence_id"].isin(random.Random(1).sample(sure, wrong))
    rows.loc[changed, ["dimensions", "strength", "exclusion", "act"]] = ["", "none", "", "background"]
    jobs.record_labels(path, rows, annotator=annotator, blind=True)


def test_the_sample_bounds_the_errors_and_says_how_many_more_to_label(chapter_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    g7tag.open_run(chapter_run).copy(path)
    with pytest.raises(InputError, match=r"has no labels of people\. Label the random sample first: `g7tag label "):
        jobs.certify_run(path, g7tag.open_codebook())
    label_sample(path, 100, wrong=2)
    found = jobs.certify_run(path, g7tag.open_codebook())
    assert found.sample["n"].tolist() == [100]
    whole = found.errors.iloc[0]
    assert whole["wrong"] == 2
    assert 0 < whole["share"] < whole["at_most"] < 0.15
    assert whole["more_needed"] > 0
    result = CliRunner().invoke(app, ["certify", str(path)])
    assert result.exit_code == 0, result.output
    assert (
        "Random sample: the first 100 sentences of 422 in random order have a blind label by people." in result.stdout
    )
    assert (
        f"at most {whole['at_most']:.1%} are wrong in any part (95% confidence); 2 of {whole['n']} were."
        in result.stdout
    )
    assert f"To show at most 5%, label {whole['more_needed']} more sentences" in result.stdout
    values = json.loads(CliRunner().invoke(app, ["certify", str(path), "--json"]).stdout)
    assert set(values) == {"sample", "errors", "shares", "alternatives"}
    assert values["errors"][0]["wrong"] == 2


def test_labels_that_are_not_blind_or_not_of_the_sample_prove_nothing(folder: Path) -> None:
    run = g7tag.open_run(folder)
    rows = run.label_queue(select="all")[["sentence_id"]].assign(act="background")
    jobs.record_labels(folder, rows, annotator="Ada")
    assert jobs.certify_run(folder, run.codebook).sample["n"].tolist() == [0]
    jobs.record_labels(
        folder, rows[rows["sentence_id"] != random_order(rows["sentence_id"])[0]], annotator="Bo", blind=True
    )
    found = jobs.certify_run(folder, run.codebook)
    assert found.sample["n"].tolist() == [0]
    result = CliRunner().invoke(app, ["certify", str(folder)])
    assert result.exit_code == 0, result.output
    assert "Errors of the tagger: unknown (no label is in the sample)." in result.stdout


def test_a_disputed_sentence_ends_the_sample_until_it_is_adjudicated(folder: Path) -> None:
    run = g7tag.open_run(folder)
    ids = random_order(run.tags["sentence_id"])
    rows = pd.DataFrame({"sentence_id": ids, "act": "background"})
    jobs.record_labels(folder, rows, annotator="Ada", blind=True)
    jobs.record_labels(
        folder, rows.iloc[3:4].assign(dimensions="counter", strength="weak", act="done"), annotator="Bo", blind=True
    )
    out = CliRunner().invoke(app, ["certify", str(folder)]).stdout
    assert "the first 3 sentences of 24" in out
    assert f"difficult sentences are missing: adjudicate them first ({ids[3]})." in out
    jobs.record_labels(folder, rows.iloc[3:4], annotator="Cy", kind="adjudicator", blind=True)
    assert "the first 24 sentences of 24" in CliRunner().invoke(app, ["certify", str(folder)]).stdout
