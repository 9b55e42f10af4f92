"""What the tests of the page of a run share: a reviewed run, hostile text in every text of a page, and its elements."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from lxml import html

import g7tag
from g7tag import jobs
from g7tag.codebook import Codebook
from g7tag.jobs import Run
from g7tag.jobs.pages import about_of, decisions_of, page_of, sentences_behind
from g7tag.report import run_page

PAYLOAD = (
    "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    '<svg onload="document.title=\'ran\'"></details></td></table></p><iframe src="javascript:alert(1)"></iframe>'
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; ' onclick='x' $5 \x1b[31m\u202e"
)
INERT = PAYLOAD.replace("\x1b", "?").replace("\u202e", "?")
"""The same text without control characters and changes of direction, as it may be shown."""
COLUMNS = [
    ("documents", "name"), ("sentences", "text"), ("conclusions", "text"), ("conclusions", "analysts"),
    ("claims", "quote"), ("citations", "publisher"), ("citations", "title"), ("findings", "message"),
    ("annotations", "annotator"), ("annotations", "note"),
]  # fmt: skip
"""Text columns of frames that a page shows."""
AT = datetime(2026, 1, 2, tzinfo=UTC)


def label_sentences(path: Path, annotator: str, *sentences: str, kind: str = "analyst", **label: object) -> None:
    """Record one person's label of some sentences of a run directory."""
    given = {"dimensions": "counter", "strength": "strong", "act": "done", "note": f"by {annotator}"} | label
    rows = pd.DataFrame([{"sentence_id": f"2024-19/{each}", **given} for each in sentences])
    g7tag.Run.at(path).record_labels(rows, annotator=annotator, kind=kind, at=AT)


def review(path: Path) -> Run:
    """Label, settle and decide in a run directory of the invented report.

    Ada and Bo agree on CAN-06.1, disagree on CAN-06.2 and on JPN-01.1, which Cy adjudicates. Canada's score and one
    finding are decided.
    """
    label_sentences(path, "Ada", "CAN-06.1", "CAN-06.2", "JPN-01.1")
    label_sentences(path, "Bo", "CAN-06.1")
    label_sentences(path, "Bo", "CAN-06.2", "JPN-01.1", dimensions="", strength="none", note="by Bo: no act")
    label_sentences(path, "Cy", "JPN-01.1", kind="adjudicator", strength="weak", note="by Cy: only a seminar")
    run = jobs.Run.at(path).rescore()
    run.decide("score:Canada", owner="Di", note="read all of it", decision=1)
    run.decide("score_differs:2024-19/CAN", owner="Di", note="looked into", dismissed=True)
    return jobs.open_run(path)


def rename(run: Run, words: Callable[[str], str], *, url: str) -> tuple[dict[str, pd.DataFrame], Codebook]:
    """Frames and codebook of a run with other words, by kind, in text columns, names, the title and the dimensions."""
    frames = dict(run.frames)
    for name, column in COLUMNS:
        frames[name] = frames[name].assign(**{column: words(f"{name}.{column}")})
    frames["citations"] = frames["citations"].assign(url=url)
    named = {member.name: words(f"member {member.code}") for member in run.codebook.members}
    for name, frame in frames.items():
        if "member" in frame:
            frames[name] = frame.assign(member=frame["member"].replace(named))
    book = run.codebook
    other = {
        "members": [each.model_copy(update={"name": named[each.name]}) for each in book.members],
        "dimensions": [each.model_copy(update={"label": words(f"dimension {each.key}")}) for each in book.dimensions],
        "commitment": book.commitment.model_copy(update={"title": words("title")}),
    }
    return frames, book.model_copy(update=other)


def unsaved_page(frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> str:
    """The page of a run that is not saved, with these frames."""
    return page_of(Run(codebook, known=dict(frames)))


def renamed_page(run: Run, words: Callable[[str], str], *, url: str) -> str:
    """The page of a reviewed run with other words in every text that a report or a person can set."""
    frames, book = rename(run, words, url=url)
    decided = decisions_of(run)
    final = decided.final.assign(
        member=[words(f"member {each.code}") for each in book.members if each.code in set(run.members["code"])],
        decided_by=words("final.decided_by"), why=words("final.why"),
    )  # fmt: skip
    ledger = decided.ledger.assign(owner=words("ledger.owner"), note=words("ledger.note"))
    return run_page(
        frames, book, behind=sentences_behind(frames, book), decided=decided._replace(final=final, ledger=ledger),
        about=about_of(replace(run, codebook=book, known=frames), decided),
    )  # fmt: skip


def tree(page: str) -> html.HtmlElement:
    """The elements of a page."""
    return html.document_fromstring(page)


def words_of(element: html.HtmlElement) -> str:
    """The text of an element, with single spaces."""
    return " ".join(element.text_content().split())


def by_class(element: html.HtmlElement, name: str) -> list[html.HtmlElement]:
    """The elements of a class, in order."""
    return element.xpath(f".//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]")
