"""Two analysts label the same report blind in JupyterLab, and a third decides where they differ; scores change."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lab import MEASURE, jupyterlab, open_notebook, restart_kernel
from playwright.sync_api import Browser, Page, expect

import g7tag
from g7tag import jobs
from g7tag.jobs.desk import read_cases
from g7tag.store import read_labels

pytest.importorskip("anywidget")
pytestmark = [pytest.mark.slow, pytest.mark.browser]

N = 20
DIGITS = {key: str(place) for place, key in enumerate(("prevent", "counter", "dismantle", "disrupt"), start=1)}


def keys_of(decisions: pd.DataFrame, sentence_id: str) -> str:
    """The keys that give a sentence its label in the example; background if it has none."""
    if sentence_id not in decisions.index or not decisions.loc[sentence_id, "dimensions"]:
        return "b"
    dimensions, strength = decisions.loc[sentence_id, ["dimensions", "strength"]]
    return " ".join([*(DIGITS[key] for key in dimensions.split(";")), strength[0], "d"])


def open_desk(page: Page, address: str) -> None:
    if address:  # otherwise the cell is run again
        open_notebook(page, address)
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Control+Enter")
    page.locator(".g7tag-desk .controls button").first.wait_for(timeout=60_000)
    page.locator(".g7tag-desk .stage").focus()


def decide(page: Page, keys: str) -> int:
    """Press the keys of a label and Enter, wait for the next sentence, and return the number of keys."""
    before = page.locator(".sentence").inner_text()
    for key in [*keys.split(), "Enter"]:
        page.keyboard.press(key)
    expect(page.locator(".sentence")).not_to_have_text(before)
    return len(keys.split()) + 1


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the notebooks of desks are made."""
    (tmp_path / "private").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    return tmp_path / "private"


def desk_of(folder: Path, private: Path, **given: Any) -> str:
    """The path of a notebook in the folder that JupyterLab shows."""
    return jobs.write_desk_notebook(g7tag.Run.at(folder), **given).relative_to(private).as_posix()


@pytest.mark.nightly
def test_two_analysts_and_an_adjudicator(browser: Browser, folder: Path, tmp_path: Path, private: Path) -> None:
    desks = {name: desk_of(folder, private, annotator=name, select=["all"]) for name in ("Ada", "Bo")}
    decisions = pd.read_csv(g7tag.example_path("invented-decisions.csv"), keep_default_na=False)
    decisions = decisions.set_index("sentence_id")
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()[:N]
    differing = {"2024-19/CAN-06.1": "4 s d", "2024-19/CAN-06.2": "b", "2024-19/CAN-02.1": "2 w p"}
    assert set(differing) <= set(ids)
    waits: list[float] = []
    n_keys: list[int] = []
    with jupyterlab(private, tmp_path) as address:
        for name, notebook in desks.items():
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            open_desk(page, f"{address}/{notebook}")
            page.evaluate(MEASURE)
            for place, sentence_id in enumerate(ids):
                keys = keys_of(decisions, sentence_id)
                keys = differing.get(sentence_id, keys) if name == "Bo" else keys
                if name == "Ada" and place == 5:  # a slip, taken back
                    decide(page, "b")
                    page.keyboard.press("z")
                    expect(page.locator("header .count")).to_contain_text(f"{place} of ")
                    page.keyboard.press("b")  # the former choice is preselected
                if place == 10:
                    waits += page.evaluate("window.waits")
                    restart_kernel(page)
                    open_desk(page, "")
                if place == 15:
                    open_desk(page, f"{address}/{notebook}")
                    page.evaluate(MEASURE)
                expect(page.locator(".said:visible")).to_have_count(0)
                n_keys.append(decide(page, keys))
            waits += page.evaluate("window.waits")
            if name == "Bo":
                page.keyboard.press("g")
                expect(page.locator(".g7tag-desk table")).to_contain_text("strength")
            page.context.close()
        labels = read_labels(folder)
        assert labels["blind"].all()
        assert labels.groupby("annotator")["sentence_id"].nunique().to_dict() == {"Ada": N, "Bo": N}
        assert labels.loc[labels["annotator"] == "Ada", "occasion"].value_counts()["withdrawn"] == 1
        assert statistics.median(n_keys) <= 4
        assert statistics.median(waits) < 100
        before = jobs.Run.at(folder).rescore()
        assert set(before.label_queue(select="disagreements")["sentence_id"]) == set(differing)
        notebook = desk_of(folder, private, annotator="Cy", adjudicator=True)
        adjudicate(browser, folder, f"{address}/{notebook}", decisions, set(differing))
    run = jobs.Run.at(folder).rescore()
    assert g7tag.score_changes(before.scores, run.scores)["member"].unique().tolist() == ["Canada"]
    assert set(run.labels["status"]) == {"ok"}
    assert run.scores.loc[run.scores["member"] == "Canada", "suggested_score"].tolist() == [1, 1]


def adjudicate(browser: Browser, folder: Path, address: str, decisions: pd.DataFrame, disputed: set[str]) -> None:
    """Decide the disputed sentences as the example does."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    open_desk(page, address)
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
    page.context.close()


def test_the_notebook_of_a_desk_is_plain_and_each_has_a_folder_of_its_own(folder: Path, private: Path) -> None:
    given: dict[str, Any] = {"annotator": "Ada Lovelace", "select": ["all"], "member": "CAN", "audit_share": 0.1}
    first, second = (jobs.write_desk_notebook(g7tag.Run.at(folder), **given) for _ in range(2))
    assert first.parent.parent == second.parent.parent == private
    assert first.parent != second.parent
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text(encoding="utf-8")
    assert f"g7tag.Run.at('{folder}').review_desk(annotator='Ada Lovelace', select=['all'], member='CAN')" in text
