"""What a document's text shows without saying it: paragraphs that continue, and note marks that are only typed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from g7tag.sources.blocks import NOTE, PARAGRAPH, Block, HiddenSpan, Run, blank_spans
from g7tag.sources.headings import CHAPTER_HEADING, ITEM_START, part_heading
from g7tag.sources.marks import SUPERSCRIPTS, superscript_number
from g7tag.sources.text import BULLET, Lines, is_separate_line, looks_like_url, read_lines
from g7tag.text import counted, listed

_FINISHED = re.compile(r"[.!?…:;]['\"”’)\]]*$")
_WITHIN_NUMBER = r"(?<!\d[,:])(?!(?<=\d\.)\d{1,3}(?!\d))"  # no marks in 15,200 or 10:30 or 3.2
_MARK = re.compile(rf"[{SUPERSCRIPTS}]+|(?<=[.,;:!?\"”’')\]]){_WITHIN_NUMBER}\d{{1,5}}(?!\d)")
_RAISED = re.compile(rf"(?<=[.,;:!?\"”’')\]])[{SUPERSCRIPTS}]+|(?<=\S)[{SUPERSCRIPTS}]{{2,}}")
"""A mark in a document whose other marks are known: not CO² or 10³."""
_LEAST_ALONE = 3  # superscript digits that are a mark even if the text has no notes; fewer may be a power
_MOST_DIGITS = 200  # in the joined marks of several notes; more digits are not a mark
_UNIT = re.compile(r"(?:^|\W|\d)(?:[kcm]?m|ft|mi)$")  # a square or cubic unit if ² or ³ follows
_BETWEEN_MARKS = re.compile(r"[,;]?\s*")


class Found(NamedTuple):
    """The blocks of a document, pieces of URLs that match no note, and gaps (part, kind, reason)."""

    blocks: list[Block]
    strays: list[str]
    doubts: list[tuple[str, str, str]]


def find_blocks(text: str, hidden: Iterable[HiddenSpan], blocks: Sequence[Block] | None) -> Found:
    """Return the blocks of a document; those of its reader are used, unless its notes are only typed."""
    shown = blank_spans(text, [(start, end) for start, end, _ in hidden])
    has_notes = blocks is not None and any(block.kind == NOTE for block in blocks)
    lines = Lines([], [], []) if has_notes else read_lines(shown, pages=blocks is None)
    if blocks is not None and not any(block.kind == NOTE for block in lines.blocks):
        kept, repeated = _without_repeated(blocks)
        lines = Lines(*_with_urls(kept), repeated)
    reason = (
        f"two different notes have the same number: {listed(map(str, lines.repeated))}. Text that cites these "
        "numbers is linked to the first note. Expected numbers that continue through the report; split it by "
        "commitment."
    )
    doubts = [("notes", "unread", reason)] if lines.repeated else []
    if lines.strays:
        pieces = listed((" ".join(piece.split())[:80] for piece in lines.strays), most=3)
        n = counted(len(lines.strays), "line")
        reason = (
            f"{n} with a URL or a part of one: left out, because no single note fits ({pieces}). Check the notes there."
        )
        doubts.append(("URLs", "unread", reason))
    return Found(complete(shown, lines.blocks), lines.strays, doubts)


def _without_repeated(blocks: Sequence[Block]) -> tuple[list[Block], list[int]]:
    """Return the blocks without notes whose number another note had before, and these numbers if the notes differ."""
    first: dict[int, list[str]] = {}
    kept: list[Block] = []
    repeated: set[int] = set()
    for block in blocks:
        words = "".join(block.pieces()).split()
        if block.kind != NOTE or block.note not in first:
            kept.append(block)
        elif words != first[block.note]:
            repeated.add(block.note)
        if block.kind == NOTE:
            first.setdefault(block.note, words)
    return kept, sorted(repeated)


def _with_urls(blocks: Sequence[Block]) -> tuple[list[Block], list[str]]:
    """Give URLs at the top of a page to the notes that lack one, if they are as many; return those left."""
    apart: list[Block] = []
    rest: list[Block] = []
    for block in blocks:
        content = "".join(block.pieces())
        is_url = block.kind == PARAGRAPH and content.startswith("\f") and looks_like_url(content.strip())
        (apart if is_url else rest).append(block)
    lacking = [block for block in rest if block.kind == NOTE and "://" not in "".join(block.pieces())]
    if len(apart) != len(lacking):
        return rest, ["".join(block.pieces()) for block in apart]
    found = {
        note.note: note._replace(runs=note.runs + url.runs, sure=len(apart) == 1)
        for note, url in zip(lacking, apart, strict=True)
    }
    return [found.get(block.note, block) if block.kind == NOTE else block for block in rest], []


def complete(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Return the body of a text, then its notes: paragraphs are joined, bullets before dates cut, typed marks found."""
    notes = [block for block in blocks if block.kind == NOTE]
    numbers = frozenset(block.note for block in notes)
    pattern = _RAISED if any(run.notes for block in blocks for run in block.runs) else _MARK
    body, parts = list[Block](), list[list[Run]]()  # joining the runs of a paragraph one by one would be quadratic
    last, head, interrupted = 0, "", False  # the paragraph that may continue, its last line, whether notes follow it
    for block in blocks:
        lines = block.pieces()
        if block.kind == NOTE:
            interrupted = True
        elif not "".join(lines).strip():  # hidden
            body.append(block)
            parts.append(list(block.runs))
        else:
            interrupted |= block.interrupted
            runs = tuple(_marked(text, _without_bullet(block.runs), numbers, pattern))
            if head and block.kind == PARAGRAPH and _continues(head, lines[0], interrupted=interrupted):
                parts[last] += runs
            else:
                last = len(body)
                body.append(block._replace(interrupted=interrupted))
                parts.append(list(runs))
            head, interrupted = lines[-1] if block.kind == PARAGRAPH else "", False
    return [block._replace(runs=tuple(runs)) for block, runs in zip(body, parts, strict=True)] + notes


def _continues(head: str, tail: str, *, interrupted: bool) -> bool:
    """Whether a line continues the paragraph before it, which notes or a page end split."""
    if is_separate_line(tail) or is_separate_line(head, item=False):
        return False
    if part_heading(tail) or CHAPTER_HEADING.fullmatch(tail) or looks_like_url(tail):
        return False
    finished = _FINISHED.search(re.sub(rf"[{SUPERSCRIPTS}]+|(?<=[.\"”])\d+$", "", head).rstrip())
    return tail.lstrip()[:1].islower() if finished or not interrupted else True


def _without_bullet(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the runs of a block without a bullet before a date."""
    place, first = next((each for each in enumerate(runs) if not each[1].hidden), (0, Run("")))
    bullet = BULLET.match(first.text)
    if not bullet or not ITEM_START.match(first.text, bullet.end()):
        return runs
    cut = first._replace(text=first.text[bullet.end() :], start=first.start + bullet.end())
    return (*runs[:place], cut, *runs[place + 1 :])


def _marked(text: str, runs: Sequence[Run], notes: frozenset[int], pattern: re.Pattern[str]) -> Iterator[Run]:
    """Yield runs in parts: the marks in them with the commas between them, and the text between the marks."""
    for run in runs:
        start = run.start
        for first, end, numbers in [] if run.notes or run.hidden else _marks(text, run, notes, pattern):
            if start < first:
                yield run._replace(text=text[start:first], start=start)
            yield run._replace(text=text[first:end], start=first, notes=tuple(numbers))
            start = end
        if start == run.start:
            yield run
        elif start < run.end:
            yield run._replace(text=text[start : run.end], start=start)


def _marks(text: str, run: Run, notes: frozenset[int], pattern: re.Pattern[str]) -> list[tuple[int, int, list[int]]]:
    """Return start, end and numbers of the marks of a run; marks in a list are one."""
    found: list[tuple[int, int, list[int]]] = []
    for mark in pattern.finditer(text, run.start, run.end):
        squared = mark[0] in "²³" and _UNIT.search(text, max(mark.start() - 4, 0), mark.start())
        numbers = [] if squared else _note_numbers(mark[0], notes)
        power = notes and not notes.issuperset(numbers) and text[mark.start() - 1 : mark.start()].isdecimal()
        if numbers and not power:  # 10¹² is a power if there is no note 12
            if found and _BETWEEN_MARKS.fullmatch(text, found[-1][1], mark.start()):
                start, _, before = found.pop()
                before += numbers
                found.append((start, mark.end(), before))
            else:
                found.append((mark.start(), mark.end(), numbers))
    return found


def _note_numbers(mark: str, notes: frozenset[int]) -> list[int]:
    """Return the note numbers in a mark: one, several written together, or none (a power or another number)."""
    superscript = mark[0] in SUPERSCRIPTS
    if len(mark) > _MOST_DIGITS:
        return []
    number = superscript_number(mark)
    if number in notes or (superscript and not notes and len(mark) >= _LEAST_ALONE):
        return [number]
    width = len(str(max(notes))) if notes else 0
    if not superscript or not width:
        return []
    if width > 1 and len(mark) % width == 0:
        numbers = [superscript_number(mark[place : place + width]) for place in range(0, len(mark), width)]
        if notes.issuperset(numbers):
            return numbers
    return [number] if len(mark) > 1 and len(mark) - width in {0, 1} else []  # a mark whose note is missing
