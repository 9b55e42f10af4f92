"""A session of the review desk: rules of a choice, what is hidden, undo, changes, errors, adjudication."""

import json
from collections.abc import Callable

import pandas as pd
import pytest
from desk_page import OfflineDesk

from g7tag.codebook import Codebook
from g7tag.desk import Decision, DeskSession
from g7tag.desk.session import Choice, decision_words, view_values
from g7tag.errors import RunError

SessionOf = Callable[..., DeskSession]
FIRST, SECOND, THIRD, FOURTH = (f"2024-19/CAN-{at:02}.1" for at in range(1, 5))
BACKGROUND = Decision("", "none", "background", "", False, False, "")
STRONG = Decision("counter", "strong", "done", "", False, False, "")


def press(session: DeskSession, keys: str) -> DeskSession:
    """Press keys, separated by spaces, as the page would."""
    actions = {
        "Enter": session.decide, "k": session.skip, "z": session.undo, "v": session.reveal, "h": session.show_names,
    }  # fmt: skip
    buttons = {
        option.key: (control.kind, "" if control.kind == "exclusion" else option.value)
        for control in session.controls
        for option in control.options
    }
    for key in keys.split():
        if key in actions:
            actions[key]()
        else:
            session.choose(*buttons[key])
    return session


def shown(session: DeskSession) -> str:
    card = session.view().card
    return card.sentence_id if card else ""


def sent(session: DeskSession) -> str:
    """Everything that the browser gets to see."""
    return json.dumps([view_values(session.view()), session.setup()])


# Rules of a choice ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "expected"), [
    ("b", BACKGROUND),
    ("2 s d", STRONG),
    ("s d 2", STRONG),
    ("4 1 w p c u", Decision("prevent;disrupt", "weak", "planned", "", True, True, "")),
    ("x d", Decision("", "none", "done", "border", False, False, "")),
    ("x x d", Decision("", "none", "done", "drugs", False, False, "")),
    ("x x x d", Decision("", "none", "done", "", False, False, "")),
    ("2 s d d n", Decision("", "none", "not_done", "", False, False, "")),
    ("2 s p", Decision("counter", "weak", "planned", "", False, False, "")),
    ("2 s p n p b d", STRONG),
    ("2 s d x x x", STRONG),
    ("1 s p 2 1 d", STRONG),
])  # fmt: skip
def test_keys_give_a_decision(session_of, recorded, keys, expected):
    press(session_of(), f"{keys} Enter")
    assert recorded.rows == [(FIRST, expected, True, "label")]


@pytest.mark.parametrize(("keys", "expected"), [
    ("", Choice()),  # nothing is preselected
    ("2 s p", Choice(("counter",), "weak", "planned")),
    ("2 s b", Choice(act="background")),
    ("2 s n", Choice(act="not_done")),
    ("2 s r", Choice(act="reversed")),
    ("b 2", Choice(("counter",))),
    ("d 2", Choice(("counter",), act="done")),
    ("2 s x", Choice(exclusion="border")),
    ("x 2", Choice(("counter",))),
    ("2 s 2", Choice()),
    ("2 s s", Choice(("counter",))),
    ("2 s w", Choice(("counter",), "weak")),
    ("3 1 2", Choice(("prevent", "counter", "dismantle"))),
    ("d p", Choice(act="planned")),
    ("c c u u d d", Choice()),
    ("2 s p p", Choice(("counter",), "strong")),
    ("2 s p w", Choice(("counter",), "", "planned")),
    ("2 s b b", Choice(("counter",), "strong")),
    ("2 s b 1", Choice(("prevent",))),
])  # fmt: skip
def test_rules_hold_while_choosing(session_of, keys, expected):
    assert press(session_of(), keys).view().choice == expected


@pytest.mark.parametrize(
    ("keys", "hint"),
    [("2 p s", "A planned act is weak"), ("b s", "only a dimension has a strength"), ("x w", "only a dimension has")],
)
def test_a_button_that_breaks_a_rule_does_nothing_and_says_why(session_of, keys, hint):
    session = session_of()
    before = press(session, keys[:-2]).view().choice
    after = press(session, keys[-1]).view()
    assert after.choice == before
    assert hint in after.message.text


def test_a_page_can_choose_only_what_the_desk_offers(session_of):
    session = session_of()
    for kind, value in (("dimension", "praise"), ("act", "sang"), ("flag", "note"), ("flag", "act"), ("x", "y")):
        session.choose(kind, value)
        assert session.view().choice == Choice()
    for exclusion in ("drugs", ""):  # an exclusion can also be clicked by name
        session.choose("exclusion", "drugs")
        assert session.view().choice.exclusion == exclusion


@pytest.mark.parametrize(("keys", "missing"), [
    ("", "Missing: the act (d, p, n, r or b)."),
    ("2", "Missing: the strength (s or w) and the act (d, p, n, r or b)."),
    ("2 d", "Missing: the strength (s or w)."),
    ("s d", "A strength needs a dimension: choose a dimension, or press the strength again to clear it."),
])  # fmt: skip
def test_an_early_enter_says_in_a_sentence_what_is_missing(session_of, recorded, keys, missing):
    session = press(session_of(), f"{keys} Enter")
    assert session.view().message.text == missing
    assert not session.view().message.is_error
    assert (recorded.rows, shown(session)) == ([], FIRST)


def test_a_comment_is_saved_without_outer_spaces(session_of, recorded):
    session = session_of()
    session.write("note", "  two acts \n")
    press(session, "b Enter")
    assert recorded.rows[0][1] == BACKGROUND._replace(note="two acts")


# Blind first ----------------------------------------------------------------------------------------------------------


def test_nothing_of_others_is_sent_before_the_decision(session_of):
    session = session_of()
    assert press(session, "v").view().message.text.startswith("Decide first")
    for _ in range(4):
        assert "SECRET" not in sent(session)
        press(session, "v")
        if session.view().reviewing:
            assert "SECRET-MACHINE" in sent(session)
            press(session, "v")
        assert "SECRET" not in sent(session)
        press(session, "b Enter")
    assert "SECRET" not in sent(session)


def test_v_shows_the_labels_of_the_sentence_just_decided(session_of):
    view = press(session_of(), "2 s d Enter v").view()
    assert view.reviewing
    assert view.card.sentence_id == FIRST
    assert view.choice == Choice(("counter",), "strong", "done")
    assert [(said.who, said.compared) for said in view.said] == [
        ("tagger 1.0", "differs in strength"), ("Ms First", "differs in strength"), ("Mr Second", ""),
    ]  # fmt: skip


def test_a_change_after_seeing_is_recorded_as_one_and_the_next_sentence_stays_blind(session_of, recorded):
    session = press(session_of(), "2 s d Enter v w Enter")
    assert recorded.rows == [(FIRST, STRONG, True, "label"), (FIRST, STRONG._replace(strength="weak"), False, "change")]
    assert (shown(session), session.view().progress.done) == (SECOND, 1)
    press(session, "b Enter")
    assert recorded.rows[-1] == (SECOND, BACKGROUND, True, "label")


def test_going_back_without_a_change_records_nothing_and_keeps_the_next_choice(session_of, recorded):
    session = press(session_of(), "b Enter 3 w v Enter")
    assert (len(recorded.rows), shown(session)) == (1, SECOND)
    assert session.view().choice == Choice(("dismantle",), "weak")
    press(session, "v d v")  # changed there, but not saved
    assert (len(recorded.rows), session.view().progress.done) == (1, 1)
    assert session.view().choice == Choice(("dismantle",), "weak")


def test_suggestions_are_shown_from_the_start_if_asked_for(session_of, recorded):
    session = session_of(show_suggestions=True)
    assert [said.kind for said in session.view().said] == ["Tagger", "Analyst", "Analyst"]
    assert session.view().choice == Choice()  # still nothing preselected
    press(session, "b Enter")
    assert recorded.rows == [(FIRST, BACKGROUND, False, "label")]


def test_whether_a_card_is_a_repeat_is_recorded_but_not_shown(session_of, recorded, make_cards):
    session = session_of(make_cards(repeat=True))
    assert "repeat" not in json.dumps(view_values(session.view()))
    press(session, "b Enter v d Enter")
    assert [(row[2], row[3]) for row in recorded.rows] == [(True, "repeat"), (False, "change")]


# Skip and undo --------------------------------------------------------------------------------------------------------


def test_a_skipped_card_comes_back_at_the_end(session_of, recorded):
    session = press(session_of(), "k b Enter b Enter b Enter")
    assert [row[0] for row in recorded.rows] == [SECOND, THIRD, FOURTH]
    assert shown(session) == FIRST
    assert "last sentence" in press(session, "k").view().message.text
    assert shown(session) == FIRST


def test_undo_withdraws_and_returns_with_the_former_choice(session_of, recorded):
    session = press(session_of(), "2 s d u Enter z")
    assert recorded.rows[-1] == (FIRST, None, True, "withdrawn")
    assert (shown(session), session.view().said) == (FIRST, None)
    assert session.view().choice == Choice(("counter",), "strong", "done", unsure=True)
    press(session, "w u Enter")
    assert recorded.rows[-1] == (FIRST, STRONG._replace(strength="weak"), True, "label")


def test_undo_can_be_pressed_several_times(session_of, recorded):
    session = press(session_of(), "b Enter d Enter p Enter z z z")
    assert [row[0] for row in recorded.rows[3:]] == [THIRD, SECOND, FIRST]
    assert shown(session) == FIRST
    assert press(session, "z").view().message.text == "There is nothing to undo."
    assert not session.view().can_undo
    press(session, "Enter Enter Enter")  # the former choices are still there
    assert [row[1].act for row in recorded.rows[6:]] == ["background", "done", "planned"]


def test_a_card_seen_before_undo_is_no_longer_blind_and_is_withdrawn_once(session_of, recorded):
    session = press(session_of(), "b Enter b Enter v d Enter z")
    assert recorded.rows[-1] == (SECOND, None, False, "withdrawn")
    assert session.view().said is not None
    press(session, "z")
    assert recorded.rows[-1] == (FIRST, None, True, "withdrawn")
    assert session.view().progress.done == 0
    view = press(session, "v").view()  # shows the labels of the card that came back
    assert (view.card.sentence_id, view.reviewing, len(view.said)) == (FIRST, False, 3)
    press(session, "d Enter")
    assert recorded.rows[-1][2:] == (False, "change")
    assert shown(press(session, "v z")) == FIRST  # undo while looking back
    assert not session.view().reviewing


# Errors of the record -------------------------------------------------------------------------------------------------


def test_an_error_is_shown_and_nothing_changes(session_of, recorded):
    recorded.failing = "annotations.csv: the disk is full. Free some space."
    session = press(session_of(), "2 s d Enter")
    view = session.view()
    assert view.message.is_error
    assert view.message.text == "Not saved: annotations.csv: the disk is full. Free some space."
    assert view.choice == Choice(("counter",), "strong", "done")
    assert (view.card.sentence_id, view.progress.done, view.can_undo) == (FIRST, 0, False)
    recorded.failing = ""
    assert press(session, "Enter").view().card.sentence_id == SECOND
    recorded.failing = "locked"
    view = press(session, "z").view()  # an undo
    assert (view.message.is_error, view.card.sentence_id, view.progress.done) == (True, SECOND, 1)
    assert press(session, "v w Enter").view().reviewing  # a change
    assert [row[1] for row in recorded.rows] == [STRONG]


def test_other_exceptions_are_not_hidden(two_exclusions, make_cards):
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    session = DeskSession(make_cards(), two_exclusions, annotator="Ada", record=broken)
    with pytest.raises(ZeroDivisionError):
        press(session, "b Enter")


# Adjudication ---------------------------------------------------------------------------------------------------------


def test_an_adjudicator_sees_analysts_without_names_until_asked_for_and_no_machine(session_of):
    session = session_of(adjudicating=True)
    assert [(said.who, said.note) for said in session.view().said] == [
        ("Annotator A", "I am sure."), ("Annotator B", "Off topic."),
    ]  # fmt: skip
    assert [name for name in ("Ms First", "Mr Second", "SECRET-MACHINE") if name in sent(session)] == []
    assert [said.who for said in press(session, "h").view().said] == ["Annotator A: Ms First", "Annotator B: Mr Second"]
    assert [said.who for said in press(session, "h").view().said] == ["Annotator A", "Annotator B"]
    assert not press(session_of(), "h").view().names_shown  # h does nothing for an analyst


def test_an_adjudicator_gives_a_reason(session_of, recorded):
    session = press(session_of(adjudicating=True), "b Enter")
    assert session.view().message.text == "Missing: the reason, as a comment (m)."
    session.write("note", "A statistic.")
    press(session, "Enter")
    assert recorded.rows == [(FIRST, BACKGROUND._replace(note="A statistic."), True, "label")]
    assert [said.who for said in press(session, "v").view().said] == ["tagger 1.0", "Annotator A", "Annotator B"]


def test_a_decision_becomes_a_settled_case(session_of):
    saved: list[tuple[str, str]] = []
    session = session_of(adjudicating=True, settle=lambda case, decision: saved.append((case, decision)))
    assert session.view().proposed_case is None
    session.write("note", "An arrest.")
    press(session, "2 s d Enter")
    case, decision = session.view().proposed_case
    assert (case, decision) == ("Police arrested smuggler 1.", "Counter, strong, done: An arrest.")
    assert session.settle(f" {case} ", decision)
    assert saved == [(case, decision)]
    assert session.view().proposed_case is None  # once
    assert not session.settle(case, decision)
    assert session.setup()["codebook"][-1]["entries"][-1]["label"] == case
    press(session, "z 3 Enter")  # a decision made again can be settled again
    assert session.view().proposed_case == (case, "Counter and Dismantle, strong, done: An arrest.")


def test_a_case_that_cannot_be_saved_is_proposed_again(session_of):
    def refuse(_case: str, _decision: str) -> None:
        message = "codebook.toml: cannot be written."
        raise RunError(message)

    session = session_of(adjudicating=True, settle=refuse)
    session.write("note", "An arrest.")
    press(session, "2 s d Enter")
    assert not session.settle("", "counter")
    assert session.view().message.text == "Give the case and its decision."
    assert not session.settle("Arrests", "counter")
    assert session.view().message.is_error
    assert session.view().proposed_case is not None
    analyst = press(session_of(settle=refuse), "b Enter")  # only an adjudicator settles
    assert analyst.view().proposed_case is None
    assert not analyst.settle("Arrests", "counter")


# Progress, summary, agreement -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "expected"), [(4, "less than a minute left"), (13, "about 2 min left"), (721, "about 2.0 h left")]
)
def test_time_left_is_estimated_from_the_median(session_of, n, expected, make_cards):
    session = session_of(make_cards(n))
    assert session.view().progress.time_left == ""
    progress = press(session, "b Enter").view().progress  # 10 seconds by the clock of the test
    assert (progress.done, progress.total, progress.time_left) == (1, n, expected)


def test_the_end_has_a_summary_and_undo_still_works(session_of, make_cards):
    session = press(session_of(), "2 s d Enter b u Enter b Enter p Enter")
    view = session.view()
    assert view.card is None
    assert view.summary == [
        "4 sentences labelled by Ada, 1 of them with a dimension.",
        "Acts: Done 1, Planned 1, Not done 0, Reversed 0, Background 2.",
        "Unsure: 1.",
        "Median time per sentence: 10 seconds.",
    ]
    press(session, "2 Enter k")  # nothing to choose, decide or skip
    assert press(session, "v").view().card.sentence_id == FOURTH
    assert press(session, "v").view().card is None
    assert shown(press(session, "z")) == FOURTH
    assert session_of(make_cards(1).head(0)).view().summary == ["There is no sentence to label."]


def test_agreement_is_computed_when_asked_for(session_of):
    def refuse() -> list[dict[str, str]]:
        message = "annotations.csv: changed while it was read."
        raise RunError(message)

    rows = [{"dimension": "Counter", "alpha": "0.81"}]
    assert session_of(agreement=lambda: rows).agreement() == rows
    session, failing = session_of(), session_of(agreement=refuse)
    assert session.agreement() == failing.agreement() == []
    assert session.view().message.text == "There is no agreement to show yet."
    assert failing.view().message.is_error


# What is displayed ----------------------------------------------------------------------------------------------------


def test_a_step_belongs_to_one_card(session_of):
    session = session_of()
    steps = [session.step, *(press(session, keys).step for keys in ("2", "Enter", "s d Enter", "k", "v", "v", "z"))]
    assert steps == [0, 0, 0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", float("nan")])
def test_only_web_addresses_become_links(session_of, url, make_cards):
    assert session_of(make_cards(1).assign(url=[url])).view().card.url == ""


def test_missing_values_are_shown_as_nothing(session_of, make_cards):
    cards = make_cards(1).assign(date=[pd.NA], before=[None], note=[float("nan")])
    card = session_of(cards).view().card
    assert (card.date, card.before, card.note) == ("", "", "")


def test_every_key_is_on_one_button_only_and_a_tenth_dimension_has_none(
    session_of, two_exclusions, recorded, make_cards
):
    session = session_of()
    once = [control for control in session.controls if control.kind not in ("exclusion", "source_check")]
    keys = [option.key for control in once for option in control.options] + list("xyemkzvahgf/?")
    assert len(keys) == len(set(keys))
    one = two_exclusions.dimensions[0]
    dimensions = [one.model_copy(update={"key": f"d{n}"}) for n in range(10)]
    many = two_exclusions.model_copy(update={"dimensions": dimensions, "exclusions": []})
    session = DeskSession(make_cards(), many, annotator="Ada", record=recorded)
    assert [option.key for option in session.controls[0].options] == [*"123456789", ""]
    assert "exclusion" not in {control.kind for control in session.controls}


def test_words_of_a_decision(codebook: Codebook):
    decision = Decision("counter;disrupt", "strong", "done", "", True, True, "ignored")
    words = "Counter and Disrupt business models, strong, done, contradicts, unsure"
    assert decision_words(decision, codebook) == words
    excluded = BACKGROUND._replace(exclusion="border")
    assert decision_words(excluded, codebook) == "no dimension, background, Border enforcement"


# Messages of the page -------------------------------------------------------------------------------------------------


def test_a_late_request_for_another_card_is_not_carried_out(session_of, recorded):
    desk = OfflineDesk(session_of())
    for action in ({"action": "choose", "kind": "act", "value": "background"}, {"action": "decide"}):
        desk._answer(desk, {"id": "1", "step": 0} | action, [])
    desk._answer(desk, {"id": "2", "step": 0, "action": "choose", "kind": "act", "value": "done"}, [])
    desk._answer(desk, {"id": "3", "step": 0, "action": "decide"}, [])
    assert len(recorded.rows) == 1
    assert desk.outbox[-1]["view"]["choice"]["act"] == ""


def test_a_bug_is_reported_and_not_hidden_and_what_is_no_request_is_ignored(session_of):
    desk = OfflineDesk(session_of())
    for message in (None, 3, "decide", ["decide"]):
        desk._answer(desk, message, [])
    assert desk.outbox == []
    desk.session.decide = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        desk._answer(desk, {"id": "1", "step": 0, "action": "decide"}, [])
    assert desk.outbox == [{"id": "1", "failed": True}]


def test_the_state_that_a_notebook_saves_has_no_card(session_of):
    desk = OfflineDesk(session_of(show_suggestions=True))
    state = {name: value for name, value in desk.get_state().items() if name not in ("_esm", "_css")}
    assert "SECRET" not in str(state)
    assert "smuggler" not in str(state)
