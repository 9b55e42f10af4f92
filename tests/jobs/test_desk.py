"""The desk shows what is left to label, blind, and saves each decision in the run at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.desk import DeskSession
from g7tag.errors import InputError, RunError
from g7tag.jobs.desk import read_cases, settle_case
from g7tag.labels import current_annotations
from g7tag.store import read_labels

pytestmark = pytest.mark.slow


def desk(folder: Path, annotator: str = "Ada", **given: Any) -> DeskSession:
    times = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(10_000))
    return jobs.desk_session(folder, annotator=annotator, now=lambda: next(times), **given)


def decide(session: DeskSession, *pressed: tuple[str, str]) -> str:
    card = session.view().card
    assert card is not None
    for kind, value in pressed:
        session.choose(kind, value)
    session.decide()
    return card.sentence_id


BACKGROUND = ("act", "background")
COUNTER = (("dimension", "counter"), ("strength", "strong"), ("act", "done"))


def test_a_decision_is_on_the_disk_at_once_and_the_desk_goes_on_where_it_was(folder: Path) -> None:
    session = desk(folder, select="all")
    first = decide(session, BACKGROUND)
    second = decide(session, *COUNTER)
    labels = read_labels(folder)
    assert labels[["sentence_id", "dimensions", "strength", "act", "blind", "occasion"]].to_numpy().tolist() == [
        [first, "", "none", "background", True, "label"], [second, "counter", "strong", "done", True, "label"],
    ]  # fmt: skip
    again = desk(folder, select="all")
    total = len(g7tag.open_run(folder).tags)
    assert again.view().card.sentence_id not in {first, second}
    assert len({card.sentence_id for card in again._cards}) == total - 2


def test_a_card_has_the_item_the_source_and_no_label_before_the_decision(folder: Path) -> None:
    session = desk(folder, select="all")
    view = session.view()
    run = g7tag.open_run(folder)
    item = run.items.set_index("item_id").loc[view.card.sentence_id.rpartition(".")[0]]
    assert f"{view.card.before} {view.card.text} {view.card.after}".split() == item["text"].split()
    assert (view.card.note, view.card.url) == ("101", "https://aurel-herald.example/101")
    assert view.said is None
    decide(session, BACKGROUND)
    session.reveal()
    assert [said.kind for said in session.view().said] == ["Tagger"]


def test_a_change_after_seeing_others_and_an_undo_are_kept_with_their_occasion(folder: Path) -> None:
    session = desk(folder, select="all")
    name = decide(session, BACKGROUND)
    session.reveal()
    decide(session, *COUNTER)
    session.undo()
    labels = read_labels(folder)
    assert labels["sentence_id"].unique().tolist() == [name]
    assert labels[["occasion", "blind"]].to_numpy().tolist() == [
        ["label", True],
        ["change", False],
        ["withdrawn", False],
    ]
    assert labels["supersedes"].tolist()[2] == labels["annotation_id"].tolist()[1]
    run = jobs.score_run(folder)  # the first label counts again
    assert name not in set(run.label_queue(select="all", annotator="Ada")["sentence_id"])
    assert run.labels.set_index("sentence_id").loc[name, "dimensions"] == ""
    assert run.labels.set_index("sentence_id").loc[name, "annotation_id"] == labels["annotation_id"].tolist()[0]


def test_a_label_after_the_tagger_was_seen_and_undone_is_not_blind_even_after_a_restart(folder: Path) -> None:
    session = desk(folder, select="all")
    name = decide(session, BACKGROUND)
    session.reveal()
    session.undo()
    again = desk(folder, select="all")
    assert decide(again, *COUNTER) == name
    assert read_labels(folder)["blind"].tolist() == [True, False, False]


def test_an_undone_repeat_leaves_the_first_label(folder: Path) -> None:
    session = desk(folder, select="all")
    while session.view().card is not None and "repeat" not in set(read_labels(folder)["occasion"]):
        decide(session, BACKGROUND)
    repeated = read_labels(folder)["sentence_id"].tolist()[-1]
    session.undo()
    labels = current_annotations(read_labels(folder), g7tag.open_run(folder).sentences)
    assert labels.set_index("sentence_id").loc[repeated, ["occasion", "blind"]].tolist() == ["label", True]


def test_a_queue_chosen_by_the_taggers_dimensions_gives_no_blind_labels(folder: Path) -> None:
    decide(desk(folder, select="all", dimension="counter"), BACKGROUND)
    assert read_labels(folder)["blind"].tolist() == [False]


def test_the_random_sample_has_no_repeats(folder: Path) -> None:
    session = desk(folder, select="audit", audit_share=1.0)
    assert len(session._cards) == len(g7tag.open_run(folder).tags)


def test_who_adjudicates_sees_the_own_label_and_keeps_it(folder: Path) -> None:
    rows = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, rows, annotator="Ada")
    jobs.record_labels(folder, rows.assign(strength="weak"), annotator="Bo")
    session = desk(folder, "Ada", adjudicator=True)
    assert len(session.view().said) == 2
    session.write_note("A reason.")
    decide(session, ("dimension", "dismantle"), ("strength", "strong"), ("act", "done"))
    session.undo()
    assert set(jobs.score_run(folder).label_queue(select="disagreements")["sentence_id"]) == {"2024-19/CAN-06.1"}


def test_suggestions_that_are_shown_are_recorded(folder: Path) -> None:
    session = desk(folder, select="all", show_suggestions=True)
    assert session.view().said is not None
    decide(session, BACKGROUND)
    assert read_labels(folder)["blind"].tolist() == [False]


def test_some_sentences_come_back_unannounced_and_are_never_blind(folder: Path) -> None:
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    session = desk(folder, select="all")
    while session.view().card is not None:
        decide(session, BACKGROUND)
    labels = read_labels(folder)
    repeats = labels[labels["occasion"] == "repeat"]
    assert len(labels) == len(ids) + len(repeats)
    assert not repeats["blind"].any()
    for row in repeats.to_dict("records"):
        first, again = labels.index[labels["sentence_id"] == row["sentence_id"]]
        assert again - first >= 20


def test_an_adjudicator_decides_what_is_disputed_and_cases_can_be_settled(folder: Path) -> None:
    rows = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, rows.assign(note="gone"), annotator="Ada")
    jobs.record_labels(folder, rows.assign(strength="weak"), annotator="Bo")
    session = desk(folder, "Cy", adjudicator=True)
    view = session.view()
    assert [(said.who, said.note) for said in view.said] == [("Annotator A", "gone"), ("Annotator B", "")]
    session.write_note("The ring no longer exists.")
    decide(session, ("dimension", "dismantle"), ("strength", "strong"), ("act", "done"))
    assert session.settle("A network is said to be gone", "Dismantle, strong")
    assert "adjudicator" in set(read_labels(folder)["kind"])
    assert [note.case for note in read_cases(folder)] == ["A network is said to be gone"]
    assert desk(folder, select="all").cases[-1] == ("A network is said to be gone", "Dismantle, strong")
    assert desk(folder, "Cy", adjudicator=True).view().card is None
    settle_case(folder, "A network is said to be gone", "Dismantle, strong")
    assert len(read_cases(folder)) == 1
    (folder / "labels/settled-cases.toml").write_text("notes = 3", encoding="utf-8")
    with pytest.raises(RunError, match=r"settled-cases\.toml: cannot be read as settled cases"):
        desk(folder, select="all")


def test_who_is_not_in_the_plan_or_has_no_run_is_refused(folder: Path, tmp_path: Path) -> None:
    jobs.write_plan(folder, ["Ada", "Bo"])
    with pytest.raises(InputError, match=r"annotator 'Cy': not in the label plan"):
        desk(folder, "Cy")
    with pytest.raises(RunError, match="none: no such directory"):
        desk(tmp_path / "none")
    result = CliRunner().invoke(app, ["desk", str(folder), "--annotator", "Cy", "--no-browser"])
    assert isinstance(result.exception, InputError)
    assert not list(folder.glob("labels/*.ipynb"))


def test_the_command_writes_a_notebook_and_says_what_to_do(folder: Path) -> None:
    result = CliRunner().invoke(app, ["desk", str(folder), "--annotator", "Ada", "--member", "CAN", "--no-browser"])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder / 'labels/Ada.ipynb'}\n"
    assert result.stderr.startswith("Next: jupyter lab ")
