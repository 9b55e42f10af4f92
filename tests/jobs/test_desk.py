"""The desk shows what is left to label, blind, and saves each decision in the run at once."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner, Result

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.desk import Decision, DeskSession
from g7tag.errors import InputError, RunError
from g7tag.jobs.desk import read_cases, settle_case
from g7tag.labels import current_annotations
from g7tag.store import read_labels

pytestmark = pytest.mark.slow


def desk(folder: Path, annotator: str = "Ada", **given: Any) -> DeskSession:
    times = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(10_000))
    return jobs.desk_session(folder, annotator=annotator, now=lambda: next(times), **given)


def command(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    (tmp_path / "private").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    return tmp_path / "private"


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
    session = desk(folder, "Ada", adjudicator=True, force=True)
    assert len(session.view().said) == 2
    session.write_note("A reason.")
    decide(session, ("dimension", "dismantle"), ("strength", "strong"), ("act", "done"))
    session.undo()
    assert set(jobs.score_run(folder).label_queue(select="disagreements")["sentence_id"]) == {"2024-19/CAN-06.1"}


def test_a_party_to_a_disagreement_is_not_asked_to_settle_it(folder: Path) -> None:
    ids = ["2024-19/CAN-06.1", "2024-19/CAN-07.2", "2024-19/CAN-07.1"]
    rows = pd.DataFrame({"sentence_id": ids, "dimensions": "dismantle", "strength": "strong", "act": "done"})
    jobs.record_labels(folder, rows.head(2), annotator="Ada")
    jobs.record_labels(folder, rows.assign(strength="weak"), annotator="Bo")
    jobs.record_labels(folder, rows.tail(1), annotator="Cy")
    session = desk(folder, "Ada", adjudicator=True)
    assert [card.sentence_id for card in session._cards] == ids[2:]
    assert {card.sentence_id for card in desk(folder, "Di", adjudicator=True)._cards} == set(ids)
    assert {card.sentence_id for card in desk(folder, "Ada", adjudicator=True, force=True)._cards} == set(ids)
    with pytest.raises(
        InputError, match=r"'Bo': is a party to the disagreement on '2024-19/CAN-06\.1', '2024-19/CAN-07"
    ):
        desk(folder, "Bo", adjudicator=True)
    decision = Decision("dismantle", "strong", "done", "", contradicts=False, unsure=False, note="I said so.")
    with pytest.raises(InputError, match=r"'Ada': is a party to the disagreement on '2024-19/CAN-06\.1', so another"):
        session._record(ids[0], decision, blind=True, occasion="label")  # a card that is not in the queue
    assert "adjudicator" not in set(read_labels(folder)["kind"])


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


def test_who_is_not_in_the_plan_or_has_no_run_is_refused(folder: Path, tmp_path: Path, private: Path) -> None:
    jobs.write_plan(folder, ["Ada", "Bo"])
    with pytest.raises(InputError, match=r"annotator 'Cy': not in the label plan"):
        desk(folder, "Cy")
    with pytest.raises(RunError, match="none: no such directory"):
        desk(tmp_path / "none")
    result = command("desk", str(folder), "--annotator", "Cy", "--no-browser")
    assert isinstance(result.exception, InputError)
    assert not list(private.iterdir())


STATES = {
    "read": (),
    "tagged": ("tag",),
    "scored": ("tag", "score"),
    "audited": ("tag", "score", "audit"),
    "scored again after a label changed a score": ("tag", "score", "audit", "label", "score"),
}


@pytest.mark.parametrize("state", STATES)
def test_the_desk_opens_at_every_state_of_a_run(tmp_path: Path, state: str) -> None:
    run, name = tmp_path / "run", "2024-19/CAN-06.1"
    rows = pd.DataFrame({"sentence_id": [name], "dimensions": ["dismantle"], "strength": ["strong"]})
    assert command("ingest", str(g7tag.example_path("invented-report.txt")), "-o", str(run)).exit_code == 0
    for step in STATES[state]:
        if step == "label":
            jobs.record_labels(run, rows, annotator="Ada")
        else:
            assert command(step, str(run)).exit_code == 0
    assert (run / "findings.parquet").exists() == (state == "audited")
    jobs.record_labels(run, rows, annotator="Ada")
    jobs.record_labels(run, rows.assign(strength="weak"), annotator="Bo")
    for more in ((), ("--adjudicator",)):
        opened = command("desk", str(run), "--annotator", "Cy", "--no-browser", *more)
        assert opened.exit_code == 0, opened.exception
    assert desk(run, "Cy", adjudicator=True).view().card.sentence_id == name


def test_the_command_writes_a_notebook_into_a_private_folder_and_says_what_to_do(folder: Path, private: Path) -> None:
    before = sorted(folder.rglob("*"))
    result = command("desk", str(folder), "--annotator", "Ada", "--member", "CAN", "--no-browser")
    assert result.exit_code == 0, result.output
    notebook = Path(result.stdout.strip())
    assert notebook.parent.parent == private
    assert notebook.parent.stat().st_mode & 0o777 == 0o700
    assert list(notebook.parent.iterdir()) == [notebook]
    assert result.stderr == f"Next: jupyter lab {notebook}\n"
    assert sorted(folder.rglob("*")) == before


@pytest.mark.filterwarnings("default")  # Jupyter's own parts warn
def test_the_notebook_of_the_desk_shows_no_label_of_a_machine_however_much_of_it_is_run(
    folder: Path, private: Path
) -> None:
    assert command("desk", str(folder), "--annotator", "Ada", "--select", "all", "--no-browser").exit_code == 0
    (place,) = private.iterdir()
    notebook = nbformat.read(place / "desk.ipynb", as_version=4)
    ran = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": place}}).execute()
    (shown,) = [output for cell in ran.cells for output in cell.get("outputs", [])]
    assert set(shown.data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert shown.data["text/plain"].startswith("<g7tag.desk.widget.ReviewDesk object")
    decide(desk(folder, select="all"), BACKGROUND)
    assert read_labels(folder)["blind"].tolist() == [True]
