"""The desk shows what is left to label, blind, and saves each decision in the run at once."""

import shutil
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from people import NAME, command, label, record

import g7tag
from g7tag import jobs
from g7tag.desk import Decision
from g7tag.errors import InputError, RunError
from g7tag.jobs.sharing import read_cases, settle_case
from g7tag.labels import current_annotations
from g7tag.store import read_labels

BACKGROUND = ("act", "background")
COUNTER = (("dimension", "counter"), ("strength", "strong"), ("act", "done"))
STRONG = (("dimension", "dismantle"), ("strength", "strong"), ("act", "done"))


def desk(folder, annotator="Ada", **given):
    times = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(10_000))
    given = {"select": "all"} | given if not given.get("adjudicator") else given
    return jobs.desk_session(g7tag.Run.at(folder), annotator=annotator, now=lambda: next(times), **given)


def decide(session, *pressed):
    card = session.view().card
    assert card is not None
    for kind, value in pressed:
        session.choose(kind, value)
    session.decide()
    return card.sentence_id


def recorded(folder, *columns):
    return read_labels(folder)[list(columns)].to_numpy().tolist()


def test_a_decision_is_on_the_disk_at_once_and_the_desk_goes_on_where_it_was(folder):
    session = desk(folder)
    first, second = decide(session, BACKGROUND), decide(session, *COUNTER)
    assert recorded(folder, "sentence_id", "dimensions", "strength", "act", "blind", "occasion") == [
        [first, "", "none", "background", True, "label"], [second, "counter", "strong", "done", True, "label"],
    ]  # fmt: skip
    again = desk(folder)
    total = len(g7tag.open_run(folder).tags)
    assert again.view().card.sentence_id not in {first, second}
    assert len({card.sentence_id for card in again._cards}) == total - 2


@pytest.mark.slow
def test_a_card_has_the_item_the_source_and_no_label_before_the_decision(folder):
    session = desk(folder)
    view, run = session.view(), g7tag.open_run(folder)
    item = run.items.set_index("item_id").loc[view.card.sentence_id.rpartition(".")[0]]
    assert f"{view.card.before} {view.card.text} {view.card.after}".split() == item["text"].split()
    assert (view.card.note, view.card.url) == ("101", "https://aurel-herald.example/101")
    assert view.said is None
    decide(session, BACKGROUND)
    session.reveal()
    assert [said.kind for said in session.view().said] == ["Tagger"]


@pytest.mark.slow
def test_a_change_after_seeing_others_and_an_undo_are_kept_with_their_occasion(folder):
    session = desk(folder)
    name = decide(session, BACKGROUND)
    session.reveal()
    decide(session, *COUNTER)
    session.undo()
    labels = read_labels(folder)
    assert recorded(folder, "sentence_id", "occasion", "blind") == [
        [name, "label", True], [name, "change", False], [name, "withdrawn", False],
    ]  # fmt: skip
    assert labels["supersedes"].tolist()[2] == labels["annotation_id"].tolist()[1]
    current = current_annotations(labels, g7tag.open_run(folder).sentences)
    assert current["annotation_id"].tolist() == labels["annotation_id"].tolist()[:1]  # the first label counts again
    session = desk(folder)
    name = decide(session, BACKGROUND)
    session.reveal()
    session.undo()
    assert decide(desk(folder), *COUNTER) == name  # not blind, even after a restart
    labels = read_labels(folder)
    assert labels.loc[labels["sentence_id"] == name, "blind"].tolist() == [True, False, False]


@pytest.mark.slow
def test_some_sentences_come_back_unannounced_and_are_never_blind(folder, tmp_path):
    for given in ({"dimension": "counter"}, {"show_suggestions": True}):  # what follows from the tagger is not, either
        run = shutil.copytree(folder, tmp_path / next(iter(given)))
        session = desk(run, **given)
        assert (session.view().said is not None) == ("show_suggestions" in given)
        decide(session, BACKGROUND)
        assert read_labels(run)["blind"].tolist() == [False]
    run = g7tag.open_run(folder)
    assert len(desk(folder, select="audit", audit_share=1.0)._cards) == len(run.tags)  # the random sample has none
    session = desk(folder)
    while session.view().card is not None:
        decide(session, BACKGROUND)
    labels = read_labels(folder)
    repeats = labels[labels["occasion"] == "repeat"]
    assert len(labels) == len(run.tags) + len(repeats)
    assert not repeats["blind"].any()
    for row in repeats.to_dict("records"):
        first, again = labels.index[labels["sentence_id"] == row["sentence_id"]]
        assert again - first >= 20
    if labels["occasion"].iloc[-1] == "repeat":
        session.undo()  # leaves the first label
        current = current_annotations(read_labels(folder), run.sentences).set_index("sentence_id")
        assert current.loc[labels["sentence_id"].iloc[-1], ["occasion", "blind"]].tolist() == ["label", True]


@pytest.mark.slow
def test_a_party_to_a_disagreement_is_not_asked_to_settle_it(folder):
    ids = [NAME, "2024-19/CAN-07.2", "2024-19/CAN-07.1"]
    rows = pd.concat([label(sentence_id=name) for name in ids], ignore_index=True)
    record(folder, rows.head(2), "Ada")
    record(folder, rows.assign(strength="weak"), "Bo")
    record(folder, rows.tail(1), "Cy")
    session = desk(folder, "Ada", adjudicator=True)
    assert [card.sentence_id for card in session._cards] == ids[2:]
    assert {card.sentence_id for card in desk(folder, "Di", adjudicator=True)._cards} == set(ids)
    with pytest.raises(InputError, match=rf"'Bo': is a party to the disagreement on '{NAME}', '2024-19/CAN-07"):
        desk(folder, "Bo", adjudicator=True)
    decision = Decision("dismantle", "strong", "done", "", contradicts=False, unsure=False, note="I said so.")
    with pytest.raises(InputError, match=rf"'Ada': is a party to the disagreement on '{NAME}', so another"):
        session._record(NAME, decision, blind=True, occasion="label")  # a card that is not in the queue
    assert "adjudicator" not in set(read_labels(folder)["kind"])
    forced = desk(folder, "Ada", adjudicator=True, force=True)
    assert {card.sentence_id for card in forced._cards} == set(ids)
    assert len(forced.view().said) == 2  # also the own label
    forced.write("note", "A reason.")
    decide(forced, *STRONG)
    forced.undo()
    assert {card.sentence_id for card in desk(folder, "Di", adjudicator=True)._cards} == set(ids)


@pytest.mark.slow
def test_an_adjudicator_decides_what_is_disputed_and_cases_can_be_settled(folder):
    record(folder, label(note="gone"), "Ada")
    record(folder, label(strength="weak"), "Bo")
    session = desk(folder, "Cy", adjudicator=True)
    assert [(said.who, said.note) for said in session.view().said] == [("Annotator A", "gone"), ("Annotator B", "")]
    session.write("note", "The ring no longer exists.")
    decide(session, *STRONG)
    case = ("A network is said to be gone", "Dismantle, strong")
    assert session.settle(*case)
    settle_case(folder, *case)
    assert "adjudicator" in set(read_labels(folder)["kind"])
    assert [(note.case, note.decision) for note in read_cases(folder)] == [case]
    assert desk(folder).cases[-1] == case
    assert desk(folder, "Cy", adjudicator=True).view().card is None
    g7tag.Run.at(folder).write_label_plan(["Ada", "Bo"])
    refused = command("desk", folder, "--annotator", "Ed", "--no-browser", code=3)
    assert str(refused.exception).startswith("annotator 'Ed': not in the label plan")
    with pytest.raises(RunError, match="none: no such directory"):
        desk(folder / "none")
    (folder / "labels/settled-cases.toml").write_text("notes = 3", encoding="utf-8")
    with pytest.raises(RunError, match=r"settled-cases\.toml: cannot be read as settled cases"):
        desk(folder)


@pytest.mark.slow
def test_the_desk_opens_at_every_state_of_a_run(tmp_path):
    run, other = tmp_path / "run", tmp_path / "other"
    command("ingest", g7tag.example_path("invented-report.txt"), "-o", run)
    shutil.copytree(run, other)
    record(run, label(), "Ada")
    record(other, label(strength="weak"), "Bo")
    assert command("merge", run, other).stderr.startswith("Bo: 1 new label.\nAnalysts disagree on 1 sentence")
    for step in (["ingest"], ["tag", run, "--tagger", "fast"], ["score", run], ["audit", run]):
        if step != ["ingest"]:
            command(*step)
        command("desk", run, "--annotator", "Cy", "--no-browser")
        assert desk(run, "Cy", adjudicator=True).view().card.sentence_id == NAME
    record(run, label(strength="weak"), "Ada")  # ends the disagreement, and changes a score
    command("score", run)
    assert not (run / "findings.parquet").exists()
    assert len(desk(run, "Cy")._cards) > 20
