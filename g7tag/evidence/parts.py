"""Read one document into the rows of the evidence frames."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.chapters import Chapter, Report, read_chapters
from g7tag.evidence.citations import notes_of_several_sources, read_citations
from g7tag.evidence.doubts import chapter_doubts, evidence_doubts, member_faults, reading_doubts
from g7tag.evidence.passage import clean_passage, split_sentences
from g7tag.evidence.sections import Item
from g7tag.evidence.summary import is_possible, read_contents, summary_rows
from g7tag.evidence.summits import Title, is_other_group, read_title
from g7tag.sources import Block, gap_row
from g7tag.sources.headings import member_codes

Row = dict[str, Any]
PART_FRAMES = ("commitments", "members", "summary", "conclusions", "items", "sentences", "citations")
"""Names of the frames that `read_part` fills."""


class Part(NamedTuple):
    """The result of reading one document: its documents row, the rows of the other frames by name, and its gaps."""

    document: Row
    rows: dict[str, list[Row]]
    gaps: list[Row]
    contents: dict[int, str]


class _Ids(NamedTuple):
    """Builds the ids of a document's commitments."""

    document_id: str
    title: Title
    codebook: Codebook

    def of(self, number: int) -> str:
        """Return the id of a commitment: year and number if both are known, otherwise document id and number."""
        commitment = self.codebook.commitment
        if not self.title.year or not number:
            return f"{self.document_id}-{number:02d}"
        if is_other_group(self.title.group, frozenset(self.codebook.codes)):
            return f"{self.title.group}-{self.title.year}-{number:02d}"
        own = (self.title.year, number) == (commitment.id.partition("-")[0], commitment.number)
        return commitment.id if own else f"{self.title.year}-{number:02d}"


def read_part(
    document: Row,
    blocks: Sequence[Block],
    codebook: Codebook,
    taken: Collection[str],
    *,
    numbers: Collection[int] = (),
    year: str = "",
) -> Part:
    """Return the rows of a document's evidence."""
    document_id = str(document["document_id"])
    _require_visible(document, blocks)
    report = read_chapters(blocks, codebook, number=next(iter(numbers)) if len(numbers) == 1 else 0)
    title = read_title(report.titles)
    printed, title = title, Title(title.group, year, "") if year else title
    ids = _Ids(document_id, title, codebook)
    rows: dict[str, list[Row]] = {name: [] for name in PART_FRAMES}
    wanted = _wanted(report, numbers)
    name = document["name"]
    gaps = reading_doubts(name, report, title, codebook, numbers)
    if year and printed.year not in {"", year}:
        reason = f"names the summit of {printed.year}, but was read as {year}, as requested."
        gaps.append(gap_row(name, "title", "assumed", reason))
    gaps += _add_commitments(rows, wanted, document, ids, codebook, taken)
    if not rows["commitments"]:
        raise SourceError(" ".join(gap["reason"] for gap in gaps if gap["part"].startswith("commitment ")))
    cited = {note for chapter in wanted for note in chapter.notes}
    citations = read_citations(document["text"], blocks, document_id=document_id)
    rows["citations"] = [row for row in citations if not numbers or row["note"] in cited]
    several = [note for note in notes_of_several_sources(blocks) if not numbers or note in cited]
    if several:
        reason = (
            f"notes with several URLs ({len(several)}, the first is {several[0]}): only their first source is kept."
        )
        gaps.append(gap_row(name, "notes", "unread", reason))
    gaps += evidence_doubts(name, rows, cited, recognized=document["status"] == "recognized")
    contents = read_contents(report.front)
    titles = contents | {chapter.number: chapter.title for chapter in report.chapters}
    printed_rows = summary_rows(report.front, titles, codebook, ids.of)
    rows["summary"] = [{"document_id": document_id, **row} for row in printed_rows if is_possible(row)]
    if len(rows["summary"]) < len(printed_rows):
        odd = len(printed_rows) - len(rows["summary"])
        reason = f"{odd} numbers of the tables before the chapters are no scores or percentages. Not used."
        gaps.append(gap_row(name, "summary", "unread", reason))
    return Part(document, rows, gaps, contents)


def _require_visible(document: Row, blocks: Sequence[Block]) -> None:
    """Raise an error if all text is hidden."""
    if not any(clean_passage(block).text for block in blocks):
        reasons = dict.fromkeys(why for _, _, why in json.loads(document["hidden"]))
        msg = (
            f"all of its text is hidden ({', '.join(reasons)}). Expected text that is visible on the page. If the page "
            "shows this text, use --keep-hidden."
        )
        raise SourceError(msg)


def _wanted(report: Report, numbers: Collection[int]) -> list[Chapter]:
    chapters = [chapter for chapter in report.chapters if not numbers or chapter.number in numbers]
    if not chapters:
        found = ", ".join(str(chapter.number) for chapter in report.chapters)
        msg = f"no commitment {' or '.join(map(str, sorted(numbers)))}, found {found}. Give one of these numbers."
        raise SourceError(msg)
    return chapters


def _add_commitments(
    rows: dict[str, list[Row]], chapters: Sequence[Chapter], document: Row, ids: _Ids, codebook: Codebook,
    taken: Collection[str],
) -> list[Row]:  # fmt: skip
    """Add the rows of chapters; return gaps for chapters that cannot be used."""
    gaps: list[Row] = []
    breaks = [match.start() for match in re.finditer("\f", document["text"])] if document["pages"] else None
    for chapter in chapters:
        commitment_id = ids.of(chapter.number)
        used = codebook.id if commitment_id == codebook.commitment.id else ""
        fault = next(member_faults(chapter, codebook, own=bool(used)), "")
        if commitment_id in {*taken, *(row["commitment_id"] for row in rows["commitments"])}:
            fault = f"commitment {commitment_id} was already read from another report or chapter. "
            fault += "Give each commitment once."
        if fault:
            gaps.append(gap_row(document["name"], f"commitment {chapter.number}", "unread", fault))
            continue
        gaps += chapter_doubts(document["name"], chapter)
        document_id = str(document["document_id"])
        rows["commitments"].append({
            "commitment_id": commitment_id, "document_id": document_id, "number": chapter.number or None,
            "title": chapter.title, "text": chapter.text, "guidelines": chapter.guidelines,
            "scoring_table": chapter.scoring_table, "printed_average": chapter.average,
            "printed_percent": chapter.percent, "codebook": used,
        })  # fmt: skip
        _add_sections(rows, chapter, document_id, commitment_id, codebook, breaks)
    return gaps


def _add_sections(
    rows: dict[str, list[Row]], chapter: Chapter, document_id: str, commitment_id: str, codebook: Codebook,
    breaks: Sequence[int] | None,
) -> None:  # fmt: skip
    """Add the rows of a chapter's members."""
    codes = member_codes([section.member for section in chapter.sections], codebook)
    for section in chapter.sections:
        keys = {"commitment_id": commitment_id, "member": section.member}
        rows["members"].append({
            **keys, "code": codes[section.member], "table_score": chapter.table.get(section.member),
            "heading_score": section.heading_score, "stated_score": section.stated_score,
            "published_score": section.heading_score,
        })  # fmt: skip
        rows["conclusions"] += [
            {**keys, "position": position, "text": text, "place": place, "analysts": ";".join(section.analysts)}
            for position, (text, place) in enumerate(section.conclusions, start=1)
        ]
        for position, item in enumerate(section.items, start=1):
            item_id = f"{commitment_id}/{codes[section.member]}-{position:02d}"
            item_keys = {"item_id": item_id, "document_id": document_id, **keys, "position": position}
            rows["items"].append({
                **item_keys, "date": item.date, "date_text": item.date_text, "text": item.text.text,
                "citations": ";".join(map(str, item.text.notes)), "pages": _pages_of(item, breaks),
                "status": item.status,
            })  # fmt: skip
            rows["sentences"] += [
                {
                    **item_keys, "sentence_id": f"{item_id}.{place}", "position": place, "text": sentence.text,
                    "start": sentence.start, "end": sentence.end,
                }
                for place, sentence in enumerate(split_sentences(item.text), start=1)
            ]  # fmt: skip


def _pages_of(item: Item, breaks: Sequence[int] | None) -> str:
    """Pages of an item's text, from 1, joined by ";"; "" if the document has no pages."""
    if breaks is None:
        return ""
    return ";".join(map(str, np.unique(np.searchsorted(breaks, item.text.places, side="right") + 1).tolist()))
