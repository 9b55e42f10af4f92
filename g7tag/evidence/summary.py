"""Read the contents page and the summary tables of scores before a report's chapters."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from g7tag.codebook import Codebook
from g7tag.evidence.score_lines import join_wrapped_names, plain_sign
from g7tag.sources.headings import AVERAGE, CHAPTER_HEADING, CONTENTS, DASHES, SCORE, SIGN, names_of, plain_name

SCORES, BY_MEMBER, BY_COMMITMENT = "scores", "by_member", "by_commitment"
"""Tables: all scores, the members' averages, the commitments' averages."""
_BY = "Member|Country|Commitment|Issue"
_TITLE = re.compile(
    rf"Table [A-Z\d]+[.:]? .*?\bCompliance(?: Scores\b| (?=by (?:{_BY})))(?: ?by (?P<by>{_BY}))?", re.IGNORECASE
)
_PAGE = re.compile(r"(?<![\s.…])[\s.…]+\d{1,4}$")
_VALUE = rf"{SIGN}?\d+(?:\.\d+)?"
_NONE = rf"(?:[nN]/?[aA]|[{DASHES}]+)"  # printed for a missing score
_OVERALL = re.compile(rf"(?:{AVERAGE}|(?i:Issue Average|All|Total|All Members))[ :*]*")
_LONGEST_REST = 40  # characters of a table's head other than the members: commitment, average
_FEWEST_MEMBERS = 3  # in a table's head


class Cell(NamedTuple):
    """One printed number of a table: a score, or an average; "" and None if it is over all members or commitments."""

    table: str
    number: int | None
    title: str
    member: str
    value: float
    percent: float | None = None


def read_contents(front: Sequence[str]) -> dict[int, str]:
    """Return the numbers and titles on the contents page; empty without a contents page."""
    start = next((place for place, text in enumerate(front) if CONTENTS.fullmatch(text.strip())), len(front))
    listed: dict[int, str] = {}
    for entry in filter(None, map(CHAPTER_HEADING.fullmatch, _join_entries(front[start:]))):
        number, title = (part for part in entry.groups() if part)
        if listed and int(number) <= max(listed):
            break  # the start of another list
        listed[int(number)] = _PAGE.sub("", title)
    return listed


def _join_entries(lines: Sequence[str]) -> list[str]:
    """Join entries of a contents page that wrap: their second line has the page, as half of the entries have."""
    entries = [line for line in lines if CHAPTER_HEADING.fullmatch(line)]
    have_pages = 2 * sum(bool(_PAGE.search(entry)) for entry in entries) >= len(entries)
    joined: list[str] = []
    for line in lines:
        waits = joined and CHAPTER_HEADING.fullmatch(joined[-1]) and not _PAGE.search(joined[-1])
        if have_pages and waits and _PAGE.search(line) and not CHAPTER_HEADING.fullmatch(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def read_summary(front: Sequence[str], names: Mapping[str, str]) -> list[Cell]:
    """Return the printed numbers of a report's summary tables; empty without tables."""
    known = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)")
    cells: list[Cell] = []
    table = ""
    head: list[str] = []
    for text in join_wrapped_names(front, names):
        if title := _TITLE.match(text):
            by = (title["by"] or "").lower()
            table = BY_MEMBER if by in {"member", "country"} else BY_COMMITMENT if by else SCORES
            head = []
        elif table:
            named = list(dict.fromkeys(names[name] for name in known.findall(plain_name(text))))
            rest = " ".join(known.sub("", plain_name(text)).split())
            if table == SCORES and len(named) >= _FEWEST_MEMBERS and len(rest) <= _LONGEST_REST:
                head = named
            cells += _read_row(text, table, head, named) if head or table != SCORES else ()
    return cells


def summary_rows(
    front: Sequence[str], titles: Mapping[int, str], codebook: Codebook, id_of: Callable[[int], str]
) -> list[dict[str, Any]]:
    """Return the rows of the summary frame without the document; of duplicates, keep the first."""
    numbers = {title.casefold(): number for number, title in titles.items()}
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell in read_summary(front, names_of(codebook)):
        number = cell.number or numbers.get(cell.title.casefold())
        commitment = id_of(number) if number else cell.title
        keys = {"table": cell.table, "commitment_id": commitment, "member": cell.member}
        rows.setdefault((*keys.values(),), {**keys, "value": cell.value, "percent": cell.percent})
    return list(rows.values())


def is_possible(row: Mapping[str, Any]) -> bool:
    """Return whether a row of the summary frame has a value from -1 to 1 and a percentage from 0 to 100, if any."""
    return abs(row["value"]) <= 1 and (row["percent"] is None or 0 <= row["percent"] <= 100)


def _read_row(text: str, table: str, head: Sequence[str], named: Sequence[str]) -> Iterator[Cell]:
    """Yield the scores of a row in the order of the table's head, and its average; or a row's average alone."""
    row = re.fullmatch(
        rf"(?:(?P<number>\d{{1,3}})[.)]?\s+)?(?P<name>\S.*?)(?P<scores>(?:\s+(?:{_VALUE}|{_NONE})){{{len(head)}}})"
        rf"(?:\s+(?P<average>{_VALUE})(?:\s+\(?(?P<percent>{_VALUE})\s*%\)?)?)?",
        text,
    )
    if not row:
        return
    number = int(row["number"]) if row["number"] and table == SCORES else None
    overall = _OVERALL.fullmatch(row["name"]) is not None and number is None
    scores = {
        member: score
        for member, score in zip(head, row["scores"].split(), strict=True)
        if not re.fullmatch(_NONE, score)
    }
    if table == SCORES and not overall and not all(re.fullmatch(SCORE, score) for score in scores.values()):
        return
    title = "" if overall or table == BY_MEMBER else row["name"]
    for member, score in scores.items():
        yield Cell(table, number, title, member, float(plain_sign(score)))
    whose = next(iter(named), None) if table == BY_MEMBER and not overall else ""
    is_average = row["average"] and (table == SCORES or row["percent"] or "." in row["average"])
    if is_average and whose is not None:
        percent = float(plain_sign(row["percent"])) if row["percent"] else None
        yield Cell(table, number, title, whose, float(plain_sign(row["average"])), percent)
