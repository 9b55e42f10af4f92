"""While a tagger has few labels, the queue asks for those that help it most."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.corpus import read_corpus
from g7tag.jobs.labelling import Purpose, label_queue
from g7tag.report import wanted_lines
from g7tag.store import RunDirectory
from g7tag.tagger.few_labels import ENOUGH, ENOUGH_OF_EACH, train_few_labels

REPORT, LABELLED = (g7tag.example_path(f"harbours-{name}") for name in ("report.txt", "labelled.csv"))
MORE = "\n\nOn {} October 2030, {}"
SAID = [
    "the port of Arcadia dug a deeper channel and cleared the silt.", "Arcadia met guests from the hills.",
    "two lighthouses got new lamps.", "the ministry called for a fund for damage of harbours.",
    "a third ship began to dredge.", "a choir sang.", "the premium of the insurance was paid.",
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, harbours: Codebook, small_lenders: None) -> Path:
    """A run of a report with more items, tagged without light being wanted."""
    folder = tmp_path_factory.mktemp("wanted")
    text = REPORT.read_text(encoding="utf-8")
    more = "".join(MORE.format(day, said) for day, said in enumerate(SAID, start=1))
    place = "\n\nThus, Arcadia receives"
    assert place in text
    (folder / "report.txt").write_text(text.replace(place, f"{more}{place}"), encoding="utf-8")
    rows = read_corpus([LABELLED], harbours)
    tagger = train_few_labels(rows, harbours)
    g7tag.run_report([folder / "report.txt"], output=folder / "run", codebook=harbours, model=tagger)
    return folder / "run"


@pytest.fixture
def run(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "run"))


def test_a_run_remembers_what_its_tagger_wants(run: Path) -> None:
    wanted = jobs.wanted_setting(RunDirectory(run))
    assert wanted == {"dredge": ENOUGH_OF_EACH - 12, "light": ENOUGH_OF_EACH - 12, "insure": ENOUGH_OF_EACH - 9}


def test_a_run_of_a_tagger_that_wants_nothing_remembers_nothing(folder: Path, tmp_path: Path) -> None:
    assert jobs.wanted_setting(RunDirectory(folder)) == {}
    assert jobs.wanted_setting(RunDirectory(tmp_path / "new")) == {}


def frames_of(run: Path, harbours: Codebook) -> dict[str, pd.DataFrame]:
    return dict(jobs.frames_to_label(run, harbours))


def test_what_is_wanted_most_comes_first(run: Path, harbours: Codebook) -> None:
    frames = frames_of(run, harbours)
    shares = frames["tags"].set_index("sentence_id")
    for key in harbours.dimension_keys:
        queue = label_queue(frames, harbours, wanted={key: 7})
        expected = shares.loc[queue["sentence_id"], f"p_{key}"]
        assert expected.is_monotonic_decreasing
        assert len(queue) == len(shares)  # every tag needs review
    both = label_queue(frames, harbours, wanted={"dredge": 10, "light": 5})
    use = pd.concat([shares["p_dredge"], shares["p_light"] / 2], axis=1).max(axis=1)  # half as much wanted
    assert use.loc[both["sentence_id"]].is_monotonic_decreasing
    assert both["sentence_id"].tolist() != label_queue(frames, harbours, wanted={"light": 7})["sentence_id"].tolist()


def test_a_sentence_without_probabilities_comes_last(run: Path, harbours: Codebook) -> None:
    frames = frames_of(run, harbours)
    first = label_queue(frames, harbours, wanted={"light": 7})["sentence_id"].iloc[0]
    tags = frames["tags"]
    unread = tags["sentence_id"] == first
    tags = tags.assign(p_light=tags["p_light"].mask(unread), p_right=tags["p_right"].mask(unread))
    assert label_queue(frames | {"tags": tags}, harbours, wanted={"light": 7})["sentence_id"].iloc[-1] == first


def test_without_wanted_the_order_is_by_what_decides(run: Path, harbours: Codebook) -> None:
    frames = frames_of(run, harbours)
    queue = label_queue(frames, harbours)
    weights = queue["decides"].map({"score": 0, "level": 1, "": 2})
    assert weights.is_monotonic_increasing
    for _, its in queue.groupby("decides"):
        assert its["p_right"].is_monotonic_increasing
    pd.testing.assert_frame_equal(label_queue(frames, harbours, wanted={}), queue)


@pytest.mark.parametrize("select", ["all", "audit"])
def test_all_and_the_random_sample_are_as_they_were(select: str, run: Path, harbours: Codebook) -> None:
    frames = frames_of(run, harbours)
    purpose = Purpose(select=select, audit_share=0.9)
    queue = label_queue(frames, harbours, purpose)
    assert len(queue) > 5
    pd.testing.assert_frame_equal(label_queue(frames, harbours, purpose, {"light": 7}), queue)


def test_only_the_order_changes(run: Path, harbours: Codebook) -> None:
    frames = frames_of(run, harbours)
    for select in ("doubtful", "flips", "deciding", ("doubtful", "audit", "flips")):
        purpose = Purpose(select=select)
        before, after = (
            label_queue(frames, harbours, purpose, wanted).sort_values("sentence_id", ignore_index=True)
            for wanted in ({}, {"light": 7, "dredge": 2})
        )
        pd.testing.assert_frame_equal(after, before)


def test_the_sheet_has_the_same_order(run: Path, harbours: Codebook) -> None:
    wanted = jobs.wanted_setting(RunDirectory(run))
    expected = label_queue(frames_of(run, harbours), harbours, wanted=wanted)["sentence_id"].tolist()
    assert expected != label_queue(frames_of(run, harbours), harbours)["sentence_id"].tolist()
    assert g7tag.open_run(run).label_queue()["sentence_id"].tolist() == expected
    done = CliRunner().invoke(app, ["label", str(run), "--sheet", str(run / "q.csv")])
    assert done.exit_code == 0, (done.output, done.exception)
    assert pd.read_csv(run / "q.csv")["sentence_id"].tolist() == expected


def test_labels_of_a_run_are_enough_to_train_on(run: Path, tmp_path: Path, small_lenders: None) -> None:
    queue = g7tag.open_run(run).label_queue()
    rows = queue.head(3)[["sentence_id"]].assign(dimensions=["light", "", "dredge;light"], strength="weak", act="done")
    rows.loc[rows["dimensions"] == "", "strength"] = "none"
    jobs.record_labels(run, rows, annotator="Ada")
    done = CliRunner().invoke(app, ["train", "-o", str(tmp_path / "m.skops"), "--with-labels", str(run), "--quiet"])
    assert done.exit_code == 0, (done.output, done.exception)
    lines = done.stderr.splitlines()
    assert lines[0].endswith("trained on 3 sentences (run).")
    assert lines[1].startswith("Every tag needs review: ")
    assert lines[2] == (
        "Most useful: labelled sentences on Insure (40 more), Dredge (39 more) and Light (38 more). "
        "In all 197 more are wanted."
    )
    assert lines[3].startswith(f"Next: g7tag tag {run} --model {tmp_path / 'm.skops'}")
    tagged = CliRunner().invoke(app, ["tag", str(run), "--model", str(tmp_path / "m.skops"), "--force", "--quiet"])
    assert tagged.exit_code == 0, (tagged.output, tagged.exception)
    assert jobs.wanted_setting(RunDirectory(run)) == {"dredge": 39, "light": 38, "insure": 40}


def test_what_is_wanted_is_worded_for_each_case(harbours: Codebook) -> None:
    none = dict.fromkeys(harbours.dimension_keys, 0)
    assert wanted_lines({}, harbours) == []
    assert wanted_lines({"wanted": none, "wanted_sentences": 0}, harbours) == []
    assert wanted_lines({"wanted": none, "wanted_sentences": 1}, harbours)[1] == "Label 1 more sentence."
    assert wanted_lines({"wanted": none, "wanted_sentences": ENOUGH}, harbours)[1] == "Label 200 more sentences."
    one = wanted_lines({"wanted": none | {"light": 4}, "wanted_sentences": 0}, harbours)
    assert one[1] == "Most useful: labelled sentences on Light (4 more)."
    equal = wanted_lines({"wanted": dict.fromkeys(none, 40), "wanted_sentences": ENOUGH}, harbours)
    assert equal[1] == (
        "Most useful: labelled sentences on Dredge (40 more), Light (40 more) and Insure (40 more). "
        "In all 200 more are wanted."
    )
