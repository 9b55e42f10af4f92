"""Draft parts of a codebook from what a chapter lists, in its own words; what it leaves open is a question."""

import re
import textwrap
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from itertools import takewhile
from typing import Any, NamedTuple

from g7tag.codebook import RESERVED, Category, Member, Reading
from g7tag.evidence.guidelines import guideline_sentences, read_rules, sentences_of, stated_total, table_rows
from g7tag.evidence.summits import read_title, summits
from g7tag.sources.dates import DAY, read_date
from g7tag.sources.headings import CONTENTS, OTHER_PARTS, member_names, part_heading, plain_heading
from g7tag.text import sentence_case

TABLE, GUIDELINES = "scoring-table", "interpretive-guidelines"
"""Names of the readings of the scoring table and of the interpretive guidelines."""
STANDARD = {
    "strong": "Done or formally bound: a law, an agreement or a plan adopted or signed, money, staff or equipment "
    "given, a measure carried out.",
    "weak": "Talk without means: meetings, statements of support, intentions, studies, and plans not adopted yet.",
}
_PRINTED = {1: "+1", 0: "0", -1: "-1", None: "score not read"}
_FEATURES = "commitment features"
_COVER = 5_000  # characters searched for the period if there is no contents page
_LONGEST = 3_000  # characters of the last entry of a list
_MOST_LISTS = 20  # of one kind of marks that are read; a chapter has one or two
_LABEL = 80  # characters of a label
_RANGE = re.compile(rf"({DAY})\s*(?:to|until|through|[-–—])\s*({DAY})")
_FEWEST_DAYS, _MOST_DAYS = 60, 1_100  # of a period: a report covers a year, an interim report half of it
_MARKS = {
    r"\d{1,2}": [str(number) for number in range(1, 11)],
    "[a-h]": list("abcdefgh"),
    "[iv]{1,4}": ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"],
}
"""Marks of the entries of a list, by pattern."""
_NO_LIST = re.compile(r"\b(?:examples?|such as)\b[^.]*$", re.IGNORECASE)
_NO_DIMENSION = re.compile(r"\b(?:scores?|compliance|(?:strong|weak|no) actions?)\b", re.IGNORECASE)
_SMALL = re.compile(r"an?|and|or|of|the|to|in|on|for|by|with|from|at|as|their|its|our")
_EXCLUDED = re.compile(
    r"(\w+) (?:(?:is|are|will be) (?:\w+ )?excluded|(?:is|are) outside the scope|(?:do|does|will) not (?:be )?count)",
    re.IGNORECASE,
)


class _Entry(NamedTuple):
    """An entry of a list, its heading, and the description behind it, "" if it has none."""

    text: str
    head: str
    body: str


def draft_dimensions(
    text: str, guidelines: str, table: str, features: str, *, title: str
) -> tuple[list[Category], list[str]]:
    """Return the dimensions that a chapter lists, and questions on them; without a list, the whole commitment."""
    total = stated_total(f"{guidelines}\n{table}\n{features}")
    lists = [each for part in (guidelines, features, text) for each in _lists(part)]
    entries = next((each for each in lists if len(each) == total), lists[0] if lists else [])
    found: list[Category] = []
    for entry in entries:
        label = sentence_case(entry.head.lower() if entry.head.istitle() else entry.head)
        found.append(
            Category(
                key=_key(entry.head, text, [each.key for each in found]),
                label=textwrap.shorten(label, _LABEL, placeholder=" …"),
                definition=entry.body or sentence_case(entry.head),
                draft=True, taken_from=entry.text,
            )
        )  # fmt: skip
    asked = []
    if not entries:
        name = title.rpartition(":")[2].strip() or "Commitment"
        found = [Category(key=slug(name), label=name, definition=text, draft=True, taken_from=text)]
        asked = ["What are the dimensions? The chapter lists none, so the draft has one, the whole commitment."]
    elif total not in {None, len(found)}:
        asked = [f"What are the {total} dimensions? The chapter gives this number, but its list has {len(found)}."]
    bare = ", ".join(category.label for category, entry in zip(found, entries, strict=False) if not entry.body)
    if bare:
        asked.append(f"What belongs to these dimensions, and what does not? The chapter does not say: {bare}.")
    return found, asked


def draft_strengths(guidelines: str) -> list[Category]:
    """Return strong and weak action in standard words, followed by the guidelines' sentences on them."""
    found = []
    for key, standard in STANDARD.items():
        opens = re.compile(rf"(?:some )?(?:examples? of )?{key} actions?\b", re.IGNORECASE)
        words = " ".join(sentence for sentence in sentences_of(guidelines) if opens.match(sentence))
        definition = f"{standard} {words}".strip()
        found.append(Category(key=key, label=sentence_case(key), definition=definition, draft=True, taken_from=words))
    return found


def draft_exclusions(guidelines: str, taken: Collection[str]) -> list[Category]:
    """Return what the guidelines exclude from the commitment."""
    found: list[Category] = []
    for sentence in sentences_of(guidelines):
        match = _EXCLUDED.search(sentence)
        if match and not re.search(r"\b(?:strong|weak|scores?)\b", sentence, re.IGNORECASE):
            key = slug(match[1], [*taken, *(each.key for each in found)], fallback="left-out")
            label = sentence_case(key.replace("-", " "))
            found.append(Category(key=key, label=label, definition=sentence, draft=True, taken_from=sentence))
    return found


def draft_readings(guidelines: str, table: str, labels: Mapping[str, str]) -> tuple[list[Reading], list[str]]:
    """Return the readings of the scoring table and of the guidelines, and a question for each sentence not read."""
    readings, asked = [], []
    for name, label, source, rows in (
        (TABLE, "Table", "The Scoring Guidelines (the table).", table_rows(table)),
        (GUIDELINES, "Guidelines", "The General Interpretive Guidelines.", guideline_sentences(guidelines)),
    ):
        rules, unread = read_rules(rows, labels)
        words = " ".join(f"{_PRINTED[row.score]}: {row.text}" for row in rows)
        if rules:
            readings.append(Reading(name=name, label=label, source=source, rules=rules, draft=True, taken_from=words))
        asked += [f"{label}: which rule does this give? “{text}” (not read, or not whole)" for text in unread]
    return readings, asked


def draft_member(row: Mapping[str, Any]) -> Member:
    """Return a member with the other names that are known for its code."""
    known = member_names().get(row["code"], ())
    names = [name for name in known if name != row["member"]] if row["member"] in known else []
    return Member(name=row["member"], code=row["code"], names=names)


def draft_period(text: str, *, year: str) -> tuple[date, date, list[str]]:
    """Return the period on a report's cover, or all days that could be meant, and questions on it."""
    printed = {
        (first, last)
        for match in _RANGE.finditer(_cover(text))
        for first, last in [(read_date(match[1]), read_date(match[2]))]
        if first and last and _FEWEST_DAYS <= (last - first).days <= _MOST_DAYS
    }
    if len(printed) != 1:
        first, last, why = date(int(year), 1, 1), date(int(year) + 1, 12, 31), "several" if printed else "none"
        wide = f"{first} to {last} is only so wide that no item is left out."
        return first, last, [f"Which period is scored? The cover prints {why}. {wide}"]
    ((first, last),) = printed
    other = f"Is the period right? It starts in {first.year}, but the commitment was made in {year}."
    return first, last, [] if first.year == int(year) else [other]


def draft_id(text: str, title: str, *, year: str, number: int) -> str:
    """Return the id of a codebook: year, place and number of a known summit; otherwise year and title."""
    group = read_title(_cover(text)).group
    places = [one.places[0] for one in summits() if one.year == year and one.group in {group, group or one.group}]
    if len(places) == 1:
        return f"{year}-{slug(places[0], fallback='summit')}-{number:02d}"
    return f"{year}-{slug(title.rpartition(':')[2], fallback=f'commitment-{number:02d}')}"


def read_features(text: str, *, before: str) -> str:
    """Return the text under the heading "Commitment Features" that stands last before the guidelines or the table."""
    first = re.search(r"\s+".join(map(re.escape, before.split()[:8])), text) if before else None  # lines may differ
    lines = text[: first.start()].splitlines() if first else []
    headings = [place for place, line in enumerate(lines) if plain_heading(line) == _FEATURES]
    below = lines[headings[-1] + 1 :] if headings else []
    return "\n".join(takewhile(lambda line: not part_heading(line) and plain_heading(line) not in OTHER_PARTS, below))


def slug(words: str, taken: Collection[str] = (), *, fallback: str = "dimension") -> str:
    """Return a key that no part has yet, from the first words of a heading."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    content = [word for word in re.findall(r"[a-z][a-z0-9]*", plain) if not _SMALL.fullmatch(word)][:3]
    first = "-".join(content) or fallback
    keys = [first, *(f"{first}-{number}" for number in range(2, len(taken) + 4))]
    return next(key for key in keys if key not in {*taken, *RESERVED})


def _key(head: str, commitment: str, taken: Collection[str]) -> str:
    """Return the key of a dimension, for which conclusions are searched: words of the commitment, if possible."""
    first = slug(head).partition("-")[0]
    own = re.search(rf"\b{first}\b", commitment, re.IGNORECASE) and head.lower() not in commitment.lower()
    return first if own and first not in {*taken, *RESERVED} else slug(head, taken)


def _lists(text: str) -> list[list[_Entry]]:
    """Return the numbered lists of a text (1. to n., a) to n) or (i) to (n)), without those of scores or examples."""
    lists = []
    for pattern, order in _MARKS.items():
        runs: list[list[re.Match[str]]] = [[]]
        for marker in re.finditer(rf"(?:(?<=\s)|^)(?:[-–•*·] )?\(?({pattern})[.)]\s", text):
            if len(runs[-1]) < len(order) and marker[1] == order[len(runs[-1])]:
                runs[-1].append(marker)
            elif marker[1] == order[0]:
                runs.append([marker])
        for run in [run for run in runs if len(run) > 1][:_MOST_LISTS]:
            if _NO_LIST.search(text[: run[0].start()][-200:]):
                continue
            ends = [*(marker.start() for marker in run[1:]), run[-1].end() + _LONGEST]
            entries = [_entry(text[marker.end() : end]) for marker, end in zip(run, ends, strict=True)]
            lists += [entries] if all(each.head and not _NO_DIMENSION.search(each.head) for each in entries) else []
    return lists


def _entry(words: str) -> _Entry:
    """Read an entry: "heading: description", or else sentences, of which the first is the heading."""
    text = " ".join(words.partition("\n\n")[0].split())
    text = re.sub(r"[\s,;]+(?:(?:and|or)[\s,;]*)?(?:[-–•*·]\s*)?$", "", text)
    if headed := re.fullmatch(r"([^:.;]{2,80}): (\S.*)", text):
        return _Entry(text, headed[1], headed[2])
    head, *rest = sentences_of(text) or [""]
    whole = bool(rest) and text.endswith(".")  # not where the words after the entry lead to the next one
    return _Entry(text, head.removeprefix("to ").strip(" .,;:"), text if whole else "")


def _cover(text: str) -> str:
    """Return the text before the contents page, or the start of the text."""
    return "\n".join(takewhile(lambda line: not CONTENTS.fullmatch(line.strip()), text[:_COVER].splitlines()))
