"""Cards, a record that keeps what it was given, and sessions on them."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from g7tag.codebook import Category, Codebook
from g7tag.desk import Decision, DeskSession
from g7tag.errors import RunError


class Recorded:
    """A record in memory; it refuses while `failing` is a message."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Decision | None, bool, str]] = []
        self.failing = ""

    def __call__(self, sentence_id: str, decision: Decision | None, *, blind: bool, occasion: str) -> None:
        if self.failing:
            raise RunError(self.failing)
        self.rows.append((sentence_id, decision, blind, occasion))


def label(who: str, kind: str, words: str, decision: Decision | None = None, note: str = "") -> dict[str, Any]:
    return {"who": who, "kind": kind, "label": words, "decision": decision, "note": note}


def cards_of(n: int = 4, *, repeat: bool = False) -> pd.DataFrame:
    """Cards with three labels each: of the tagger, and of two analysts."""
    theirs = Decision("counter", "weak", "done", "", False, False, "")
    said = [
        label("tagger 1.0", "classifier", "SECRET-MACHINE counter, weak", theirs),
        label("Ms First", "analyst", "SECRET-A counter, weak", theirs, "I am sure."),
        label("Mr Second", "analyst", "SECRET-B nothing", None, "Off topic."),
    ]
    rows = [
        {
            "sentence_id": f"2024-19/CAN-{at:02}.1", "item_id": f"2024-19/CAN-{at:02}", "member": "Canada",
            "date": f"{at} July 2024", "before": f"Before {at}.", "text": f"Police arrested smuggler {at}.",
            "after": f"After {at}.", "note": str(at), "source": f"The Paper, Arrest {at}",
            "url": f"https://example.org/{at}", "repeat": repeat, "labels": said,
        }
        for at in range(1, n + 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def make_cards() -> Callable[..., pd.DataFrame]:
    return cards_of


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture(scope="session")
def two_exclusions(codebook: Codebook) -> Codebook:
    """The codebook with a second exclusion."""
    other = Category(key="drugs", label="Drugs", definition="Only about drugs.")
    return codebook.model_copy(update={"exclusions": [*codebook.exclusions, other]})


@pytest.fixture
def ticks() -> Iterator[float]:
    """Seconds of a clock that can be read often."""
    return iter(range(0, 100_000, 10))


@pytest.fixture
def session_of(two_exclusions: Codebook, recorded: Recorded, ticks: Iterator[float]) -> Callable[..., DeskSession]:
    """Make a session whose clock goes ten seconds on whenever it is read."""

    def made(cards: pd.DataFrame | None = None, **options: Any) -> DeskSession:
        return DeskSession(
            cards_of() if cards is None else cards,
            two_exclusions,
            annotator="Ada",
            record=recorded,
            clock=lambda: next(ticks),
            **options,
        )

    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network, in which a failing script is an error."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:")), lambda route: route.abort())
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield page
    page.close()
    assert found == []
