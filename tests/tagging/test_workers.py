"""Processes that tag: in order, a bounded number of batches ahead, and none when one is enough."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import ModelError
from g7tag.store import Batch
from g7tag.tagging import Tagger, default_model, load_tagger
from g7tag.tagging.workers import Task, Workers, tag_batch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def task(codebook: Codebook) -> Task:
    return Task(default_model(codebook), codebook, ".csv", "t.csv", explain=False)


@pytest.fixture(scope="module")
def tagger(task: Task) -> Tagger:
    return load_tagger(task.model, task.codebook)


def batch(number: int) -> Batch:
    sentences = pd.DataFrame({"sentence_id": [str(number)], "text": [f"Police arrested {number} smugglers."]})
    return Batch(number, sentences.astype("str"), number + 1)


def children() -> list[multiprocessing.Process]:
    return multiprocessing.active_children()


def test_batches_come_back_in_order_with_the_bytes_of_one_process(task: Task, tagger: Tagger) -> None:
    read = 0

    def counted() -> Iterator[Batch]:
        nonlocal read
        for number in range(9):
            read += 1
            yield batch(number)

    with Workers(2, task, tagger) as workers:
        for number, (tagged, shard) in enumerate(workers.tag(counted())):
            assert tagged.number == number
            assert shard == tag_batch(batch(number).sentences, tagger, task)
            assert read <= number + 4  # one handed out, two under way, one read ahead
            assert len(children()) == 2
    assert (number, children()) == (8, [])


def test_one_process_is_this_one(task: Task, tagger: Tagger) -> None:
    with Workers(1, task, tagger) as workers:
        ((_, shard),) = workers.tag(iter([batch(0)]))
        assert children() == []
    assert shard == tag_batch(batch(0).sentences, tagger, task)


def test_an_error_that_a_user_can_mend_comes_back_as_it_is(task: Task, tagger: Tagger) -> None:
    gone = task._replace(model=Path("gone.skops"))
    with Workers(5, gone, tagger) as workers:
        with pytest.raises(ModelError, match=r"gone\.skops: no such file\. Expected"):
            list(workers.tag(iter([batch(0), batch(1)])))
        assert len(workers._started) == 2  # no more than there are batches
