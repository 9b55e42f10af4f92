"""Asking an endpoint: response format and budget, and that each answer is stored once with the right outcome."""

import asyncio
import os
import random
import signal
import threading
import time

import pandas as pd
import pytest
from fault_server import FAST, N, completion, error, good, label, near, on, outcomes, sentence_of, serving

from g7tag.llm import Price


@pytest.mark.parametrize(("refuses", "status", "forms"), [
    pytest.param([], 400, ["json_schema"], marks=pytest.mark.slow),
    (["json_schema", "json_object"], 422, ["json_schema", "json_object", None]),
    pytest.param(["json_schema"], 500, [*["json_schema"] * 3, "json_object"], marks=pytest.mark.slow),
], ids=["schema", "text", "broken"])  # fmt: skip
def test_the_form_is_asked_for_as_the_endpoint_can_take_it_and_that_is_kept(asked, refuses, status, forms):
    def picky(body, number):
        form = body.get("response_format", {}).get("type")
        return error(status) if form in refuses else good(body, number)

    with serving(picky) as server:
        first = asked(server, FAST._replace(max_requests=len(forms) + 3, concurrency=1))
        assert (first.asked.answered, first.asked.stopped) == (4, "budget")
        assert asked(server).asked.answered == N - 4  # the rest: without looking again how
        found = [body.get("response_format", {}).get("type") for body in server.bodies]
        assert found == forms + forms[-1:] * (N - 1)


@pytest.mark.slow
def test_a_sentence_that_an_endpoint_blocks_does_not_block_the_others(asked, plan, run):
    smallest = min(plan.prompts, key=lambda one: len(one.user)).sentence
    with serving(on(smallest, error(400, "filtered"))) as server:
        assert asked(server).asked.failed == 1
        assert outcomes(run) == {"ok": N - 1, "failed": 1}
        assert len(server.bodies) == 3 + 1 + (N - 2) + 1  # each form, another request, the others, the blocked one
        assert asked(server).asked.failed == 1
        assert len(server.bodies) == 3 + 1 + (N - 2) + 1 + 1


def test_an_answered_question_is_asked_again_for_another_model_prompt_or_sentence_alone(asked, planned, run):
    with near() as model:
        asked(model, FAST._replace(max_requests=N - 1))
        asked(model, base_url="http://127.0.0.1:10/v1")  # what another server answered is known
        assert len(model.bodies) == N
        plan = planned(model)
        changed = plan.prompts[0]._replace(user=plan.prompts[0].user.replace("ring", "gang"))
        run.review(plan._replace(prompts=[changed, *plan.prompts[1:]]), limits=FAST)
        assert len(model.bodies) == N + 1
        asked(model, model="n")
        assert len(model.bodies) == 2 * N + 1


def test_an_answer_that_was_cut_off_is_asked_again_alone_where_more_tokens_are_allowed(asked, run):
    with near(lambda b, n: completion(label(sentence_of(b)), finish="length" if n == 3 else "stop")) as model:
        for _ in range(2):
            asked(model)
            assert (len(model.bodies), outcomes(run)) == (N, {"ok": N - 1, "truncated": 1})
        asked(model, parameters={"max_tokens": 900})
        assert (len(model.bodies), model.bodies[-1]["max_tokens"]) == (N + 1, 900)
    assert outcomes(run) == {"ok": N}


def test_a_model_that_is_free_is_asked_with_a_budget_of_nothing(planned, run):
    with near() as model:
        free = planned(model)._replace(price=Price(0.0, 0.0))
        assert run.review(free, limits=FAST._replace(max_cost=0.0)).asked.answered == N


def test_without_a_usable_count_of_tokens_the_budget_holds_by_our_estimate(asked, plan):
    each = plan.quote.most_cost / N
    with near(lambda body, n: completion(label(sentence_of(body)), usage=None)) as model:
        done = asked(model, FAST._replace(max_cost=4.5 * each, concurrency=1))
    assert (done.asked.stopped, len(model.bodies)) == ("budget", 4)
    assert done.asked.cost == pytest.approx(4 * each, rel=0.1)
    assert not done.proposals.query("outcome == 'ok'")["counted"].any()
    assert (done.proposals["outcome"] == "waiting").sum() == N - 4


@pytest.mark.parametrize(
    ("limit", "calls"), [({"max_requests": 0}, 0), ({"max_cost": 0}, 0), ({"max_requests": 3}, 3)], ids=str
)
def test_a_budget_ends_the_asking_and_a_rerun_goes_on(asked, run, limit, calls):
    with near() as model:
        assert asked(model, FAST._replace(**limit)).asked.stopped == "budget"
        assert len(model.bodies) == calls
        assert asked(model).asked.answered == N - calls
        assert len(model.bodies) == N
    assert outcomes(run) == {"ok": N}


def test_a_budget_is_overshot_by_no_more_than_the_calls_under_way(asked, plan):
    dear = {"prompt_tokens": 9000, "completion_tokens": 600}  # more than estimated, and possible
    each = plan.quote.most_cost / N
    with serving(lambda body, n: completion(label(sentence_of(body)), usage=dear)) as server:
        done = asked(server, FAST._replace(max_cost=5 * each))
        paid = len(server.bodies) * (9000 * 1.0 + 600 * 2.0) / 1e6
    assert done.asked.stopped == "budget"
    assert done.asked.cost == pytest.approx(paid)
    assert paid <= 5 * each + 4 * (9000 + 1200) / 1e6


@pytest.mark.slow
def test_a_budget_that_calls_under_way_hold_is_waited_for(asked, plan):
    """Each call is estimated at 600 tokens of an answer and costs 50: all can be asked, but not at once."""
    limits = FAST._replace(concurrency=8, max_cost=2.5 * plan.quote.most_cost / N + 0.0011 * N)
    with serving(lambda body, n: good(body, n)._replace(delay=0.1)) as server:
        done = asked(server, limits)
        assert 1 < server.most < limits.concurrency
    assert (done.asked.answered, done.asked.stopped) == (N, "")
    assert done.asked.cost <= limits.max_cost


@pytest.mark.slow
def test_no_more_calls_are_under_way_than_asked_for_and_their_order_changes_nothing(asked, run):
    dice, three = random.Random(3), threading.Event()

    def late(body, number):
        if number == 4:  # the first is asked alone
            three.set()
        words = sentence_of(body).split()
        given = label(" ".join(words), quote=" ".join(words[1:4]), confidence=len(words) / 100)
        assert number == 1 or server.alone or three.wait(60)
        return completion(given)._replace(delay=dice.random() / 20)

    frames = []
    with serving(late) as server:
        for concurrency in (3, 1):
            server.alone = concurrency == 1
            frames.append(asked(server, FAST._replace(concurrency=concurrency)).proposals)
            (run.saved.path / "reviews.sqlite").unlink()
        assert server.most == 3
    pd.testing.assert_frame_equal(*(frame.drop(columns=["seconds", "at"]) for frame in frames))


@pytest.mark.slow
def test_in_a_loop_that_runs_a_review_is_awaited_or_waited_for(planned, run):
    async def cell():
        plan = planned(server)
        first = await run.areview(plan, limits=FAST._replace(max_requests=4))
        second = run.review(plan, limits=FAST)  # as a cell of a notebook would
        return first.asked.answered, second.asked.answered

    with serving() as server:
        assert asyncio.run(cell()) == (4, N - 4)


@pytest.mark.slow
def test_an_interrupt_in_a_notebook_is_heard_at_once(planned, run):
    async def cell(plan):
        return run.review(plan, limits=FAST)  # waits in this very loop, as a cell does

    def answer(body, n):
        if n == 3:  # an interrupt once some are answered, however busy the machine is
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        return good(body, n) if n < 3 else error(429, headers={"Retry-After": "60"})

    with serving(answer) as server:
        began = time.monotonic()
        loop = asyncio.new_event_loop()  # without the handlers of asyncio.run, as in Jupyter
        done = loop.run_until_complete(cell(planned(server)))
        loop.close()
        assert time.monotonic() - began < 10
        assert done.asked.stopped == "interrupted"
        assert done.asked.answered >= 1


@pytest.mark.slow
def test_a_cancelled_review_keeps_what_was_under_way(planned, run):
    async def cell(plan):
        task = asyncio.ensure_future(run.areview(plan, limits=FAST))
        while len(server.bodies) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(lambda b, n: good(b, n)._replace(delay=0.2)) as server:
        asyncio.run(cell(planned(server)))
        found = outcomes(run)
        assert 0 < found["ok"] == len(server.bodies) < N
        assert found["waiting"] == N - found["ok"]
