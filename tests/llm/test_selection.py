"""Which sentences a model is asked about, why, and with which probability they were drawn."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from fault_server import serving

import g7tag
from g7tag import jobs, llm
from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, FLIPS, build
from g7tag.jobs import Run
from g7tag.labels import select_sentences
from g7tag.llm import Limits

pytestmark = pytest.mark.slow


@pytest.fixture
def select(invented_run: Any) -> Callable[..., pd.DataFrame]:
    run = g7tag.open_run(invented_run)

    def chosen(*reasons: str, run: Run = run, **options: Any) -> pd.DataFrame:
        return select_sentences(
            run.tags, flips=run.flips, sentences=run.sentences, annotations=run.annotations, select=reasons, **options
        )

    return chosen


def test_doubtful_and_deciding_sentences_are_selected_with_their_reasons(
    select: Callable[..., pd.DataFrame], invented_run: Any
) -> None:
    run = g7tag.open_run(invented_run)
    doubtful = set(run.tags.loc[run.tags["needs_review"], "sentence_id"])
    items = {item for joined in run.flips["item_ids"] for item in joined.split(";")}
    deciding = set(run.sentences.loc[run.sentences["item_id"].isin(items), "sentence_id"])
    both = select("doubtful", "flips").set_index("sentence_id")
    assert set(both.index) == doubtful | deciding
    assert set(both.index[both["why"] == "doubtful;flips"]) == doubtful & deciding
    assert set(both["probability"]) == {1.0}
    assert set(select("doubtful")["sentence_id"]) == doubtful
    assert len(select("all")) == len(run.tags)
    assert select().empty
    assert select("audit").empty


def test_what_people_labelled_is_not_asked_again_unless_all_is(
    select: Callable[..., pd.DataFrame], folder: Any
) -> None:
    first = select("doubtful", "flips")["sentence_id"].iloc[0]
    row = pd.DataFrame({"sentence_id": [first], "dimensions": [""], "strength": ["none"]})
    jobs.record_labels(folder, row, annotator="Ada")
    run = jobs.score_run(folder)
    assert first not in set(select("doubtful", "flips", run=run)["sentence_id"])
    assert first in set(select("all", run=run)["sentence_id"])
    other = replace(run, sentences=run.sentences.assign(text=run.sentences["text"] + " More."))
    assert first in set(select("doubtful", run=other)["sentence_id"])  # that label was on another text


def test_a_share_is_drawn_the_same_way_every_time_and_its_probability_kept(
    select: Callable[..., pd.DataFrame], invented_run: Any
) -> None:
    run = g7tag.open_run(invented_run)
    drawn = select(audit_share=0.4)
    assert set(drawn["why"]) == {"audit"}
    assert set(drawn["probability"]) == {0.4}
    pd.testing.assert_frame_equal(drawn, select(audit_share=0.4))
    fewer = replace(run, tags=run.tags.iloc[::2], sentences=run.sentences)
    kept = set(select(audit_share=0.4, run=fewer)["sentence_id"])
    assert kept == set(drawn["sentence_id"]) & set(fewer.tags["sentence_id"])  # no draw hangs on another
    assert not drawn.equals(select(audit_share=0.4, random_state=1))
    assert len(select(audit_share=1)) == len(run.tags)
    sure = select("doubtful", audit_share=0.4).set_index("sentence_id")
    assert set(sure.loc[sure["why"].str.contains("doubtful"), "probability"]) == {1.0}
    assert set(sure.loc[sure["why"] == "audit", "probability"]) == {0.4}


def test_shares_drawn_by_other_seeds_add_up(folder: Any, planned: Callable[..., Any]) -> None:
    with serving() as server:
        for seed in (0, 1, 1):
            plan = planned(server, select=["audit"], audit_share=0.3, random_state=seed)
            jobs.review_sentences(plan, limits=Limits(first_wait=0.01))
    shares = llm.read_proposals(folder / "reviews.sqlite")["probability"].round(9)
    assert set(shares) == {0.3, 0.51}  # 1 - 0.7 * 0.7 where both seeds drew it


def test_the_share_drawn_is_the_share_asked_for() -> None:
    n = 20_000
    ids = [f"s{number}" for number in range(n)]
    tags = pd.DataFrame({"sentence_id": ids, "status": "ok", "needs_review": False})
    sentences = pd.DataFrame({"sentence_id": ids, "item_id": ids, "text": "t"})
    nothing, no_flips = build(ANNOTATIONS, []), build(FLIPS, [])
    drawn = select_sentences(tags, flips=no_flips, sentences=sentences, annotations=nothing, select=(), audit_share=0.1)
    assert len(drawn) == pytest.approx(0.1 * n, abs=4 * (n * 0.1 * 0.9) ** 0.5)  # four standard deviations


@pytest.mark.parametrize(
    ("reasons", "options", "message"),
    [
        (
            ["some"],
            {},
            "select 'some': expected some of 'all', 'audit', 'deciding', 'disagreements', 'doubtful', 'flips'.",
        ),
        ([], {"audit_share": 1.5}, "audit share 1.5: expected a number from 0 to 1."),
        ([], {"audit_share": float("nan")}, "audit share nan: expected a number"),
    ],
)
def test_a_selection_that_is_none_is_refused(
    select: Callable[..., pd.DataFrame], reasons: list[str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match="expected") as caught:
        select(*reasons, **options)
    assert message in str(caught.value)
