"""Asking an endpoint: response format and cost, and that each answer is stored once with the right outcome."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from asked import FAST, Ended, N, no_usage, on, outcomes
from fault_server import Reply, completion, error, good, label, sentence_of, serving

from g7tag import jobs, llm
from g7tag.jobs import Review

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("refuses", "rungs"),
    [
        ([], ["json_schema"]),
        (["json_schema"], ["json_schema", "json_object"]),
        (["json_schema", "json_object"], ["json_schema", "json_object", None]),
    ],
    ids=["schema", "object", "text"],
)
@pytest.mark.parametrize("status", [400, 422, 500, 501])
def test_the_form_is_asked_for_as_the_endpoint_can_take_it_and_that_is_kept(
    asked: Callable[..., Review], refuses: list[str], rungs: list[str | None], status: int
) -> None:
    def picky(body: dict[str, Any], number: int) -> Reply:
        form = body.get("response_format", {}).get("type")
        return error(status) if form in refuses else good(body, number)

    with serving(picky) as server:
        assert asked(server, select=["doubtful"]).asked.answered == 4
        forms = [body.get("response_format", {}).get("type") for body in server.bodies]
        tries = 2 if status >= 500 else 1
        assert forms == [form for form in rungs[:-1] for _ in range(tries)] + rungs[-1:] * 4
        assert asked(server).asked.answered == 5  # the rest: without looking again how
        assert len(server.bodies) == len(forms) + 5


def test_a_sentence_that_an_endpoint_blocks_does_not_block_the_others(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving() as server:
        command(server, "--max-requests", 1)
        smallest = sentence_of(server.bodies[0])
    (folder / "reviews.sqlite").unlink()
    with serving(on(smallest, error(400, "filtered"))) as server:
        assert command(server).code == 4
        assert outcomes(folder) == {"ok": N - 1, "failed": 1}
        assert len(server.bodies) == 3 + 1 + (N - 2) + 1  # each way, another request, the others, the blocked one again


def test_a_server_that_takes_no_schema_any_longer_is_asked_in_another_way_next_time(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving() as server:
        assert command(server, "--max-requests", 2, "--concurrency", 1).code == 5
        server.answer = lambda b, n: error(400) if "response_format" in b else good(b, n)
        assert command(server, "--concurrency", 1).code == 6
        assert command(server).code == 0
        assert outcomes(folder) == {"ok": N}


def test_what_one_way_answered_is_not_asked_again_by_another(folder: Path, planned: Callable[..., Any]) -> None:
    with serving() as first, serving(lambda b, n: error(500) if "response_format" in b else good(b, n)) as second:
        jobs.review_sentences(planned(first), limits=FAST._replace(max_requests=N - 1))
        plan = planned(second)
        assert plan.quote.n_waiting == 1
        done = jobs.review_sentences(plan, limits=FAST)
        assert (done.asked.answered, done.asked.left, len(second.bodies)) == (1, 0, 2 + 2 + 1)
    assert outcomes(folder) == {"ok": N}


def test_an_answer_that_was_cut_off_is_asked_again_alone_where_more_tokens_are_allowed(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving(lambda b, n: completion(label(sentence_of(b)), finish="length" if n == 3 else "stop")) as server:
        assert command(server).code == 0
        assert outcomes(folder) == {"ok": N - 1, "truncated": 1}
        assert command(server).code == 0
        assert len(server.bodies) == N
        assert command(server, "--parameter", "max_tokens=900").code == 0
        assert (len(server.bodies), server.bodies[-1]["max_tokens"]) == (N + 1, 900)
        assert outcomes(folder) == {"ok": N}


def test_one_answer_with_halves_of_characters_spoils_no_other(command: Callable[..., Ended], folder: Path) -> None:
    def odd(body: dict[str, Any], number: int) -> Reply:
        if number == 4:
            return Reply(completion(label(sentence_of(body))).body.replace(b'"m"', b'"\\ud800"'))
        return error(400, "bad \ud800") if number == 6 else good(body, number)

    with serving(odd) as server:
        assert command(server).code == 4
        assert outcomes(folder) == {"ok": N - 1, "failed": 1}
        assert command(server).code == 0
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    assert sorted(proposals["model_returned"]) == ["?", *["m"] * (N - 1)]
    assert (jobs.score_run(folder).annotations["kind"] == "llm").sum() == N


def test_the_last_failure_is_the_one_that_is_shown(command: Callable[..., Ended], folder: Path) -> None:
    with serving(on("freezer", error(413, "first"))) as server:
        assert command(server).code == 4
        server.answer = on("freezer", error(413, "second"))
        assert command(server).code == 4
    proposals = llm.read_proposals(folder / "reviews.sqlite").set_index("outcome")
    assert proposals.loc["failed", "problem"] == "HTTP 413: second"


def test_bad_answers_are_outcomes_and_are_not_asked_again(command: Callable[..., Ended], folder: Path) -> None:
    replies = [
        lambda s: completion(label(s, dimensions=["counter"], strength="strong")),
        lambda s: completion("I'd rather not."),
        lambda s: completion(label(s), finish="length"),
        lambda s: completion(label(s), finish="content_filter"),
        lambda s: completion(label(s, dimensions=["praise"], strength="weak")),
        lambda s: completion("{}", choices=[]),
    ]  # fmt: skip
    with serving(lambda body, number: replies[(number - 1) % 6](sentence_of(body))) as server:
        ended = command(server)
        assert (ended.code, len(server.bodies)) == (0, N)
        assert outcomes(folder) == {"ok": 2, "invalid": 4, "truncated": 2, "refused": 1}
        assert "4 invalid, 2 cut off, 2 valid, 1 refused" in ended.out
        llm = jobs.score_run(folder).annotations.query("kind == 'llm'")
        assert llm["dimensions"].tolist() == ["counter", "counter"]
        assert command(server).code == 0
        assert len(server.bodies) == N


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": 10**12, "completion_tokens": 1}, "much"],
    ids=["missing", "negative", "huge", "text"],
)
def test_without_a_usable_count_of_tokens_the_budget_holds_by_our_estimate(
    asked: Callable[..., Review], planned: Callable[..., Any], usage: object
) -> None:
    with serving(no_usage(usage)) as server:
        each = planned(server).quote.most_cost / N
        done = asked(server, FAST._replace(max_cost=4.5 * each, concurrency=1))
        assert (done.asked.stopped, len(server.bodies)) == ("budget", 4)
        assert done.asked.cost == pytest.approx(4 * each, rel=0.1)
        ok = done.proposals.query("outcome == 'ok'")
        assert not ok["counted"].any()
        assert (done.proposals["outcome"] == "waiting").sum() == N - 4


@pytest.mark.parametrize(
    ("words", "calls"), [(("--max-requests", 0), 0), (("--max-cost", 0), 0), (("--max-requests", 3), 3)]
)
def test_a_budget_ends_the_asking_and_a_rerun_goes_on(
    command: Callable[..., Ended], folder: Path, words: tuple[object, ...], calls: int
) -> None:
    with serving() as server:
        ended = command(server, *words)
        assert (ended.code, len(server.bodies)) == (5, calls)
        assert "Stopped at the budget; run again to continue." in ended.err
        assert command(server).code == 0
        assert len(server.bodies) == N
        assert outcomes(folder) == {"ok": N}


def test_a_budget_is_overshot_by_no_more_than_the_calls_under_way(
    asked: Callable[..., Review], planned: Callable[..., Any]
) -> None:
    dear = {"prompt_tokens": 9000, "completion_tokens": 600}  # more than estimated, and possible
    with serving(no_usage(dear)) as server:
        each = planned(server).quote.most_cost / N
        done = asked(server, FAST._replace(max_cost=5 * each))
        assert done.asked.stopped == "budget"
        paid = len(server.bodies) * (9000 * 1.0 + 600 * 2.0) / 1e6
        assert done.asked.cost == pytest.approx(paid)
        assert paid <= 5 * each + 4 * (9000 + 1200) / 1e6


def test_a_model_that_answers_under_another_name_is_recorded_and_shown(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving(lambda b, n: completion(label(sentence_of(b)), model="cheaper" if n == 5 else "m")) as server:
        ended = command(server)
        assert ended.code == 0
        assert "Answered by" in ended.out
        assert "cheaper" in ended.out
        proposals = llm.read_proposals(folder / "reviews.sqlite")
        assert sorted(proposals["model_returned"]) == ["cheaper", *["m"] * (N - 1)]
        assert set(proposals["model"]) == {"m"}


def test_the_order_in_which_answers_come_changes_nothing(folder: Path, asked: Callable[..., Review]) -> None:
    dice = random.Random(3)

    def late(body: dict[str, Any], _: int) -> Reply:
        words = sentence_of(body).split()
        return completion(label(" ".join(words), quote=" ".join(words[1:4]), confidence=len(words) / 100))._replace(
            delay=dice.random() / 10
        )

    frames = []
    untouched = shutil.copytree(folder, folder.with_name("untouched"))
    for concurrency in (1, 8):
        shutil.rmtree(folder)
        shutil.copytree(untouched, folder)
        with serving(late) as server:
            done = asked(server, FAST._replace(concurrency=concurrency))
        llm = jobs.score_run(folder).annotations.query("kind == 'llm'")
        frames.append(
            (done.proposals.drop(columns=["seconds", "at", "endpoint"]), llm.drop(columns=["at", "annotator"]))
        )
    pd.testing.assert_frame_equal(frames[0][0], frames[1][0])
    pd.testing.assert_frame_equal(frames[0][1], frames[1][1])


def test_another_model_prompt_or_sentence_is_asked_anew_and_nothing_else(
    planned: Callable[..., Any], folder: Path
) -> None:
    with serving() as server:
        plan = planned(server)
        jobs.review_sentences(plan, limits=FAST)
        assert len(server.bodies) == N
        other = plan.questions[0].prompt._replace(user=plan.questions[0].prompt.user.replace("ring", "gang"))
        changed = [plan.questions[0]._replace(prompt=other), *plan.questions[1:]]
        jobs.review_sentences(plan._replace(questions=changed), limits=FAST)
        assert len(server.bodies) == N + 1
        jobs.review_sentences(planned(server, model="n"), limits=FAST)
        assert len(server.bodies) == 2 * N + 1


def test_a_budget_that_calls_under_way_hold_is_waited_for(planned: Callable[..., Any], folder: Path) -> None:
    """Each call is estimated at 600 tokens of an answer and costs 50: all can be asked, but not at once."""
    with serving() as server:
        plan = planned(server)
        dearest = plan.quote.most_cost / plan.quote.n_waiting
        limits = FAST._replace(concurrency=8, max_cost=2.5 * dearest + 0.0011 * N)
        done = jobs.review_sentences(plan, limits=limits)
    assert (done.asked.answered, done.asked.stopped) == (N, "")
    assert done.asked.cost <= limits.max_cost
