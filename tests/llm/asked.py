"""Helpers for tests of asking: short waits, results of commands, and endpoints that fail in one way."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from fault_server import Answer, Reply, completion, good, label, sentence_of

from g7tag import llm
from g7tag.llm import Limits

FAST = Limits(concurrency=4, deadline=5.0, tries=3, first_wait=0.01)
N = 9  # sentences of the invented report that are doubtful or part of a flip


class Ended(NamedTuple):
    """Exit code, stdout and all that was said on stderr."""

    code: int
    out: str
    err: str


def outcomes(folder: Path) -> dict[str, int]:
    """How many sentences have which outcome; each sentence once."""
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    assert not proposals["sentence_id"].duplicated().any()
    return dict(Counter(proposals["outcome"]))


def on(bad: str, fault: Reply, otherwise: Answer = good) -> Answer:
    """An endpoint that fails for the sentences with a word."""
    return lambda body, number: fault if bad in sentence_of(body) else otherwise(body, number)


def always(reply: Reply) -> Answer:
    return lambda body, number: reply


def no_usage(usage: object) -> Answer:
    return lambda body, number: completion(label(sentence_of(body)), usage=usage)
