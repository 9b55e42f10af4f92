"""Two analysts label the same report blind at the desk, and a third decides where they differ, and what it means."""

import statistics
from pathlib import Path

import pandas as pd
import pytest
from desk_page import served_desk
from playwright.sync_api import Page, expect

import g7tag
from g7tag import jobs
from g7tag.jobs.sharing import read_cases
from g7tag.store import read_labels, read_ledger

pytestmark = [pytest.mark.slow, pytest.mark.browser]

N = 20
KILLS = 5
MEASURE = """
window.waits = [];
document.addEventListener('keydown', (event) => { if (event.key === 'Enter') window.since = performance.now(); }, true);
new MutationObserver(() => {
  if (window.since) window.waits.push(performance.now() - window.since);
  window.since = 0;
}).observe(document.querySelector('.g7tag-desk .sentence'), {childList: true, characterData: true, subtree: true});
0"""
"""Script that measures the milliseconds from Enter to the next sentence of a desk, in `window.waits`."""
DIGITS = {key: str(place) for place, key in enumerate(("prevent", "counter", "dismantle", "disrupt"), start=1)}


def keys_of(decisions: pd.DataFrame, sentence_id: str) -> str:
    """The keys that give a sentence its label in the example; background if it has none."""
    if sentence_id not in decisions.index or not decisions.loc[sentence_id, "dimensions"]:
        return "b"
    dimensions, strength = decisions.loc[sentence_id, ["dimensions", "strength"]]
    return " ".join([*(DIGITS[key] for key in dimensions.split(";")), strength[0], "d"])


def press(page: Page, keys: str) -> None:
    """Press the keys of a label and Enter."""
    for key in [*keys.split(), "Enter"]:
        page.keyboard.press(key)


def decide(page: Page, keys: str) -> None:
    """Press the keys of a label and Enter, and wait until the desk has saved it and shows the next sentence."""
    before = page.locator(".meta .id").inner_text()
    press(page, keys)
    expect(page.locator(".meta .id")).not_to_have_text(before)


def label_through_kills(page: Page, folder: Path, name: str, keys: dict[str, str]) -> list[float]:
    """Label N sentences while the desk is killed five times, and return the waits for the next sentence."""
    confirmed: set[str] = set()
    waits: list[float] = []
    for kills in range(KILLS + 1):
        with served_desk(folder, "--annotator", name, "--select", "all") as (address, process):
            page.goto(address)
            page.locator(".g7tag-desk .controls button").first.wait_for()
            if kills == 0:
                page.keyboard.press("Enter")  # what is asked of a new analyst
            page.evaluate(MEASURE)
            saved = set(read_labels(folder).query("annotator == @name")["sentence_id"])
            assert confirmed <= saved
            confirmed = saved
            for _ in range(2 if kills < KILLS else N - len(confirmed)):
                shown = page.locator(".meta .id").inner_text()
                assert shown not in confirmed
                expect(page.locator(".said:visible")).to_have_count(0)
                decide(page, keys[shown])
                if not confirmed:  # taken back; the choice is still there
                    page.keyboard.press("z")
                    expect(page.locator(".meta .id")).to_have_text(shown)
                    decide(page, "")
                confirmed.add(shown)
            waits += page.evaluate("window.waits")
            if kills < KILLS:
                press(page, keys[page.locator(".meta .id").inner_text()])  # perhaps saved, perhaps not
                process.kill()
            elif name == "Bo":
                page.keyboard.press("g")
                expect(page.locator(".g7tag-desk table")).to_contain_text("strength")
    return waits


@pytest.mark.nightly
def test_two_analysts_and_an_adjudicator_lose_nothing_in_ten_kills(page: Page, folder: Path) -> None:
    decisions = pd.read_csv(g7tag.example_path("invented-decisions.csv"), keep_default_na=False)
    decisions = decisions.set_index("sentence_id")
    keys = {name: keys_of(decisions, name) for name in g7tag.open_run(folder).tags["sentence_id"]}
    differing = {"2024-19/CAN-06.1": "4 s d", "2024-19/CAN-06.2": "b", "2024-19/CAN-02.1": "2 w p"}
    waits = label_through_kills(page, folder, "Ada", keys)
    waits += label_through_kills(page, folder, "Bo", keys | differing)
    labels = read_labels(folder)
    assert labels["blind"].all()
    first = set(list(keys)[:N])
    assert labels.groupby("annotator")["sentence_id"].agg(set).to_dict() == {"Ada": first, "Bo": first}
    assert labels["occasion"].value_counts().to_dict() == {"label": 2 * N + 2, "withdrawn": 2}
    assert statistics.median(len(keys[name].split()) + 1 for name in first) <= 4
    assert statistics.median(waits) < 100
    before = jobs.Run.at(folder).rescore()
    assert set(before.label_queue(select="disagreements")["sentence_id"]) == set(differing)
    with served_desk(folder, "--annotator", "Cy", "--adjudicator") as (address, process):
        page.goto(address)
        adjudicate(page, folder, decisions, set(differing))
        run = jobs.Run.at(folder).rescore()
        rule(page, "Scores", [("a", "decided"), ("c ArrowRight Tab", "decided")])
        rule(page, "Findings", [("x", "dismissed"), ("d", "decided"), ("x", "dismissed")])
        process.kill()
    ledger = read_ledger(folder / "ledger.csv").rows.query("status != 'open'")
    assert ledger["status"].tolist() == ["decided", "decided", "dismissed", "decided", "dismissed"]
    assert ledger["decision"].tolist()[:2] == [1, 0]
    assert set(ledger["note"]) == {"By the evidence."}
    assert set(ledger["owner"]) == {"Cy"}
    assert set(before.labels.loc[before.labels["status"] == "conflict", "sentence_id"]) == set(differing)
    assert set(run.labels["status"]) == {"ok"}
    assert run.scores.loc[run.scores["member"] == "Canada", "suggested_score"].tolist() == [1, 1]


def rule(page: Page, tab: str, rulings: list[tuple[str, str]]) -> None:
    """Decide rows of a tab one after the other; each is on the disk when the desk says so."""
    page.get_by_role("tab", name=tab).click()
    expect(page.locator(".case:focus")).to_have_count(1)
    for keys, status in rulings:
        row = page.locator(".case:focus").get_attribute("data-row")
        for key in keys.split():
            page.keyboard.press(key)
        page.keyboard.type("By the evidence.")
        page.keyboard.press("Enter")
        expect(page.locator(f".case.{status}[data-row='{row}']")).to_have_count(1)
        expect(page.locator(".case:focus")).to_have_count(1)


def adjudicate(page: Page, folder: Path, decisions: pd.DataFrame, disputed: set[str]) -> None:
    """Decide the disputed sentences as the example does."""
    expect(page.locator("header .count")).to_contain_text(f"0 of {len(disputed)}")
    expect(page.locator(".said li")).to_contain_text(["Annotator A", "Annotator B"])
    assert "Ada" not in page.locator(".said").inner_text()
    texts = dict(zip(*(g7tag.open_run(folder).sentences[name] for name in ("text", "sentence_id")), strict=True))
    for place in range(len(disputed)):
        sentence_id = texts[page.locator(".sentence").inner_text()]
        for key in keys_of(decisions, sentence_id).split():
            page.keyboard.press(key)
        page.keyboard.press("m")
        page.keyboard.type("By the codebook.")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator("header .count")).to_contain_text(f"{place + 1} of {len(disputed)}")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Add to settled cases", exact=True).last.click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert [note.decision for note in read_cases(folder)] == ["Counter and Dismantle, strong, done: By the codebook."]
