"""Read the contents page and the summary tables of scores before a report's chapters."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from g7tag.codebook import Codebook
from g7tag.evidence.score_lines import plain_sign
from g7tag.evidence.score_rows import join_wrapped_names
from g7tag.sources.headings import AVERAGE, CHAPTER_HEADING, CONTENTS, DASHES, SCORE, SIGN
from g7tag.sources.members import member_names, plain_name

SCORES, BY_MEMBER, BY_COMMITMENT = "scores", "by_member", "by_commitment"
"""Tables: all scores, the members' averages, the commitments' averages."""
_BY = "Member|Country|Commitment|Issue"
_TITLE = re.compile(
    rf"Table [A-Z\d]+[.:]? .*?\bCompliance(?: Scores\b(?: by (?P<scores>{_BY}))?| by (?P<by>{_BY}))", re.IGNORECASE
)
_PAGE = re.compile(r"(?<![\s.…])[\s.…]+\d{1,4}$")
_VALUE = rf"{SIGN}?\d+(?:\.\d+)?"
_NONE = rf"(?:[nN]/?[aA]|[{DASHES}]+)"  # printed for a missing score
_AVERAGE = rf"(?P<average>{_VALUE})(?:\s+\(?(?P<percent>{_VALUE})\s*%\)?)?"
_RANKED = re.compile(rf"(?:\d{{1,3}}[.)]?\s+)?(?P<name>\S.*?)\s+{_AVERAGE}")
_OVERALL = re.compile(rf"{AVERAGE}|(?i:Issue Average|All|Total|All Members)")
_LONGEST_REST = 40  # characters of a table's head other than the members: commitment, average
_SHORT = 3  # letters of a name that may also be another word: US, JAP
_FEWEST_MEMBERS = 3  # in a table's head


class Cell(NamedTuple):
    """One printed number of a table: a score, or an average; "" and None if it is over all members or commitments."""

    table: str
    number: int | None
    title: str
    member: str
    value: float
    percent: float | None


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
    if 2 * sum(bool(_PAGE.search(entry)) for entry in entries) < len(entries):
        return list(lines)
    joined: list[str] = []
    for line in lines:
        waits = joined and CHAPTER_HEADING.fullmatch(joined[-1]) and not _PAGE.search(joined[-1])
        if waits and _PAGE.search(line) and not CHAPTER_HEADING.fullmatch(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def read_summary(front: Sequence[str], members: Mapping[str, Sequence[str]]) -> list[Cell]:
    """Return the printed numbers of a report's summary tables; empty without tables."""
    cells: list[Cell] = []
    table, head = "", [""]
    known = {plain_name(name) for names in members.values() for name in names}
    for text in join_wrapped_names(_join_heads(front, known), known):
        title = _TITLE.match(text)
        if title:
            by = (title["scores"] or title["by"] or "").lower()
            table = BY_MEMBER if by in {"member", "country"} else BY_COMMITMENT if by else SCORES
            head = []
        elif table == SCORES:
            named, rest = _members_in(text, members)
            head = named if len(named) >= _FEWEST_MEMBERS and len(rest) <= _LONGEST_REST else head
            cells += _read_scores(text, head)
        elif table:
            cells += _read_ranked(text, table, members)
    return cells


def summary_rows(
    front: Sequence[str], titles: Mapping[int, str], codebook: Codebook, id_of: Callable[[int], str]
) -> list[dict[str, Any]]:
    """Return the rows of the summary frame without the document; of duplicates, keep the first."""
    known = member_names()
    members = {member.name: [member.name, member.code, *known.get(member.code, ())] for member in codebook.members}
    codes = {member.code for member in codebook.members}
    members |= {
        names[0]: [name for name in names if len(name) > _SHORT] for code, names in known.items() if code not in codes
    }
    numbers = {title.casefold(): number for number, title in titles.items()}
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell in read_summary(front, members):
        number = cell.number or numbers.get(cell.title.casefold())
        commitment = id_of(number) if number else cell.title
        keys = {"table": cell.table, "commitment_id": commitment, "member": cell.member}
        rows.setdefault((*keys.values(),), {**keys, "value": cell.value, "percent": cell.percent})
    return list(rows.values())


def is_possible(row: Mapping[str, Any]) -> bool:
    """Return whether a row of the summary frame has a value from -1 to 1 and a percentage from 0 to 100, if any."""
    return abs(row["value"]) <= 1 and (row["percent"] is None or 0 <= row["percent"] <= 100)


def _join_heads(lines: Sequence[str], known: Collection[str]) -> list[str]:
    """Join the two lines of a table's head in which names of members wrap: `United European`, `Kingdom Union`."""
    firsts = {name.partition(" ")[0] for name in known if " " in name}
    joined: list[str] = []
    for line in lines:
        ends, words = line.split(), joined[-1].split() if joined else []
        waiting = [place for place, word in enumerate(words) if plain_name(word) in firsts]
        if len(ends) == len(waiting) > 0 and all(
            plain_name(f"{words[place]} {end}") in known for place, end in zip(waiting, ends, strict=True)
        ):
            for place, end in zip(waiting, ends, strict=True):
                words[place] += f" {end}"
            joined[-1] = " ".join(words)
        else:
            joined.append(line)
    return joined


def _read_scores(text: str, head: Sequence[str]) -> Iterator[Cell]:
    """Yield a commitment's scores in the order of the table's head, and their average; or the row of averages."""
    if not head:
        return
    scores = rf"(?P<scores>(?:\s+(?:{_VALUE}|{_NONE})){{{len(head)}}})"
    row = re.fullmatch(rf"(?:(?P<number>\d{{1,3}})[.)]?\s+)?(?P<name>\S.*?){scores}(?:\s+{_AVERAGE})?", text)
    if not row:
        return
    printed = [None if re.fullmatch(_NONE, score) else score for score in row["scores"].split()]
    overall = _OVERALL.fullmatch(row["name"].rstrip(" :*")) is not None and not row["number"]
    if not overall and not all(re.fullmatch(SCORE, score) for score in printed if score):
        return
    number = int(row["number"]) if row["number"] else None
    name = "" if overall else row["name"]
    for member, score in zip(head, printed, strict=True):
        if score:
            yield Cell(SCORES, number, name, member, float(plain_sign(score)), None)
    if row["average"]:
        percent = float(plain_sign(row["percent"])) if row["percent"] else None
        yield Cell(SCORES, number, name, "", float(plain_sign(row["average"])), percent)


def _read_ranked(text: str, table: str, members: Mapping[str, Sequence[str]]) -> Iterator[Cell]:
    """Yield a member's or a commitment's average; skip lines without a percentage or decimal."""
    row = _RANKED.fullmatch(text)
    if not row or not (row["percent"] or "." in row["average"]):
        return
    percent = float(plain_sign(row["percent"])) if row["percent"] else None
    value = float(plain_sign(row["average"]))
    named, _ = _members_in(row["name"], members)
    if _OVERALL.fullmatch(row["name"].rstrip(" :*")):
        yield Cell(table, None, "", "", value, percent)
    elif table == BY_COMMITMENT:
        yield Cell(table, None, row["name"], "", value, percent)
    else:
        yield from (Cell(table, None, "", member, value, percent) for member in named[:1])


def _members_in(text: str, members: Mapping[str, Sequence[str]]) -> tuple[list[str], str]:
    """Return the members that a line names, in order, and the rest of the line."""
    known = {name.casefold(): member for member, names in members.items() for name in names}
    longest = sorted(map(re.escape, known), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)")
    found = pattern.findall(text.casefold()) if known else []
    rest = pattern.sub("", text.casefold()) if known else text
    return list(dict.fromkeys(known[name] for name in found)), " ".join(rest.split())
