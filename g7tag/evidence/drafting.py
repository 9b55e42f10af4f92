"""Draft the parts of a codebook from a chapter: commitment, members, dimensions, strengths, exclusions and readings."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from g7tag.codebook import Category, Commitment, Member, Reading
from g7tag.evidence.claims import dimension_words
from g7tag.evidence.dimensions import (
    LISTED,
    NAMED,
    WHOLE,
    WORDED,
    Dimension,
    defined_concepts,
    propose_dimensions,
    slug,
)
from g7tag.evidence.guidelines import Rules, guideline_sentences, read_rules, sentences_of, table_rows
from g7tag.evidence.summits import read_title, summits
from g7tag.sources.dates import DAY, read_date
from g7tag.sources.headings import CONTENTS
from g7tag.sources.members import member_names
from g7tag.text import sentence_case

TABLE, GUIDELINES = "scoring-table", "interpretive-guidelines"
"""Names of the readings of the scoring table and of the interpretive guidelines."""
LABELS = {TABLE: "Table", GUIDELINES: "Guidelines"}
_SOURCES = {TABLE: "The Scoring Guidelines (the table).", GUIDELINES: "The General Interpretive Guidelines."}
STRONG_WORDS = (
    "Done or formally bound: a law, an agreement or a plan adopted or signed, money, staff or equipment given, a "
    "measure carried out."
)
WEAK_WORDS = "Talk without means: meetings, statements of support, intentions, studies, and plans not adopted yet."
_COVER = 5_000  # characters searched for the period if there is no contents page
_MOST = 50_000  # characters of guidelines or of a table that are read; a real one has 5,000
_RANGE = re.compile(rf"({DAY})\s*(?:to|until|through|[-–—])\s*({DAY})")
_FEWEST_DAYS, _MOST_DAYS = 60, 1_100  # of a period: a report covers a year, an interim report half of it
_EXAMPLES = re.compile(
    r"^(?:some )?(?:examples? of )?(?P<level>strong|weak) actions?"
    r"(?P<topic>(?: (?:to|in|on|for|towards?|that)\b.{1,200}?)?)"
    r" (?:(?:may|can|could|might|would|will|also) )*(?:includes?|involves?|means?|are|comprises?|refers? to):?"
    r" (?P<what>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_EXCLUDED = re.compile(
    r"^(?P<what>.{3,400}?) (?:(?:is|are|will be) (?:explicitly )?excluded|(?:is|are) outside the scope|"
    r"(?:do|does|will) not count|(?:is|are|will) not (?:be )?counted)\b",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(r"^(?:in order|to|for|as|because|since|although|while|however|note that|given)\b", re.IGNORECASE)
_SOURCE_QUESTIONS = {
    NAMED: "Are these the dimensions: {names}? The guidelines only name them, in: “{sentence}”",
    WORDED: "Are these the dimensions: {names}? The guidelines list none; they were taken from the commitment's words.",
    WHOLE: "What are the dimensions? The chapter lists none, so the draft has one, the whole commitment.",
}


class Parts(NamedTuple):
    """The drafted parts of a codebook, and the questions that the chapter leaves open."""

    id: str
    commitment: Commitment
    members: list[Member]
    dimensions: list[Category]
    strengths: list[Category]
    exclusions: list[Category]
    readings: list[Reading]
    rules: dict[str, Rules]
    questions: list[str]


def draft_parts(
    commitment: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    text: str,
    *,
    year: str,
    period: tuple[date | None, date | None] = (None, None),
) -> Parts:
    """Return the parts of a codebook that a chapter's own words give."""
    guidelines, table = commitment["guidelines"][:_MOST], commitment["scoring_table"][:_MOST]
    number = int(commitment["number"])
    title = commitment["title"].strip() or f"Commitment {number}"
    words = commitment["text"][:_MOST] or title
    concepts = defined_concepts(_front_of(text, guidelines))
    proposed = propose_dimensions(words, guidelines, table, concepts, title=title)
    dimensions = [
        Category(
            key=each.key, label=each.label, definition=each.definition, draft=True, taken_from=each.taken_from
        )
        for each in proposed.found
    ]  # fmt: skip
    keys = [each.key for each in dimensions]
    sentences = [sentence for paragraph in guidelines.split("\n\n") for sentence in sentences_of(paragraph)]
    dimensions, strengths, on_examples = _add_examples(dimensions, sentences)
    start, end, on_period = _period(text, period, year)
    readings, rules, on_rules = draft_readings(guidelines, table, keys)
    on_text = [] if commitment["text"] else ["What is the commitment's text? None was found in quotation marks."]
    return Parts(
        id=_codebook_id(text, title, year, number),
        commitment=Commitment(
            id=f"{year}-{number:02d}", number=number, title=title, text=words,
            period_start=start, period_end=end, draft=True, taken_from=words,
        ),
        members=[_member(row) for row in members],
        dimensions=dimensions, strengths=strengths, exclusions=_exclusions(sentences, keys),
        readings=readings, rules=rules,
        questions=[*on_rules, *on_text, *on_period, *_on_dimensions(proposed.found, proposed.source), *on_examples],
    )  # fmt: skip


def draft_readings(
    guidelines: str, table: str, keys: Sequence[str], *, alone: bool = True
) -> tuple[list[Reading], dict[str, Rules], list[str]]:
    """Return the readings of the scoring table and of the guidelines, their rules as read, and open questions."""
    read = {
        TABLE: read_rules(table_rows(table), keys, alone=alone),
        GUIDELINES: read_rules(guideline_sentences(guidelines), keys, alone=alone),
    }
    readings = [
        Reading(
            name=name, label=LABELS[name], source=_SOURCES[name], rules=rules.rules, draft=True,
            taken_from=" ".join(f"{_printed(each.score)}: {each.text}" for each in rules.sentences),
        )
        for name, rules in read.items()
        if rules.rules
    ]  # fmt: skip
    questions = [
        f"{LABELS[name]}: which rule does this give? “{sentence}” (not read, or not whole: {reason})"
        for name, rules in read.items()
        for sentence, reason in rules.unread
    ]
    return readings, read, questions


def _printed(score: int | None) -> str:
    return f"{score:+d}" if score else "0"


def _member(row: Mapping[str, Any]) -> Member:
    """Return a member with the other names that are known for its code."""
    known = member_names().get(row["code"], ())
    names = [name for name in known if name != row["member"]] if row["member"] in known else []
    return Member(name=row["member"], code=row["code"], names=names)


def _codebook_id(text: str, title: str, year: str, number: int) -> str:
    """Return an id: year, place and number of a known summit; otherwise year and title."""
    group = read_title(_cover(text)).group
    places = [one.places[0] for one in summits() if one.year == year and one.group in {group, group or one.group}]
    if len(places) == 1:
        return f"{year}-{slug(places[0], fallback='summit')}-{number:02d}"
    return f"{year}-{slug(title.rpartition(':')[2], fallback=f'commitment-{number:02d}')}"


def _cover(text: str) -> str:
    """Return the text before the contents page, or the start of the text."""
    lines: list[str] = []
    for line in text[:_COVER].splitlines():
        if CONTENTS.fullmatch(line.strip()):
            break
        lines.append(line)
    return "\n".join(lines)


def _period(text: str, given: tuple[date | None, date | None], year: str) -> tuple[date, date, list[str]]:
    """Return the period and open questions on it. If it is not printed, it is wide enough for every item."""
    printed = {
        (first, last)
        for match in _RANGE.finditer(_cover(text))
        for first, last in [(read_date(match[1]), read_date(match[2]))]
        if first and last and _FEWEST_DAYS <= (last - first).days <= _MOST_DAYS
    }
    wide = (date(int(year), 1, 1), date(int(year) + 1, 12, 31))
    found = next(iter(printed)) if len(printed) == 1 else wide
    start, end = given[0] or found[0], given[1] or found[1]
    asked = []
    if start.year != int(year) and not given[0]:
        asked = [f"Is the period right? It starts in {start.year}, but the commitment was made in {year}."]
    if len(printed) == 1 or all(given):
        return start, end, asked
    why = "prints several" if printed else "prints none"
    wider = f"Which period is scored? The cover {why}. {start} to {end} is only so wide that no item is left out."
    return start, end, [wider, *asked]


def _front_of(text: str, guidelines: str) -> str:
    """Return the text of the chapter before its guidelines, where terms are defined."""
    first = guidelines[:60]
    end = text.find(first) if first else -1
    return text[max(end - 60_000, 0) : end] if end > 0 else ""


def _add_examples(
    dimensions: Sequence[Category], sentences: Sequence[str]
) -> tuple[list[Category], list[Category], list[str]]:
    """Return dimensions and strengths with the guidelines' examples of strong and weak action, and open questions."""
    found = [match for sentence in sentences for match in [_EXAMPLES.match(sentence)] if match]
    own: dict[str, list[str]] = {each.key: [] for each in dimensions}
    general: dict[str, list[re.Match[str]]] = {"strong": [], "weak": []}
    questions = []
    for match in found:
        level, topic = match["level"].lower(), match["topic"]
        named = [each.key for each in dimensions if dimension_words(each.key).search(topic)]
        if level == "strong" and len(named) == 1:
            own[named[0]].append(sentence_case(match["what"]))
            continue
        general[level].append(match)
        if topic.strip() and level == "strong":
            questions.append(f"Which dimensions do these examples belong to? They are under 'strong' now: “{match[0]}”")
    with_examples = [each.model_copy(update={"examples": own[each.key]}) for each in dimensions]
    strengths = [_strength("strong", STRONG_WORDS, general["strong"]), _strength("weak", WEAK_WORDS, general["weak"])]
    standard = [each.label.lower() for each in strengths if each.definition in {STRONG_WORDS, WEAK_WORDS}]
    if standard:
        which = " and ".join(standard)
        questions.append(f"What is {which} action? The chapter does not say; the draft has standard wording.")
    return with_examples, strengths, questions


def _strength(key: str, standard: str, examples: Sequence[re.Match[str]]) -> Category:
    general = [sentence_case(match["what"]) for match in examples if not match["topic"].strip()]
    special = [sentence_case(match["what"]) for match in examples if match["topic"].strip()]
    return Category(
        key=key, label=sentence_case(key), definition=" ".join(general) or standard, examples=special, draft=True,
        taken_from=" ".join(match[0] for match in examples),
    )  # fmt: skip


def _exclusions(sentences: Sequence[str], keys: Sequence[str]) -> list[Category]:
    """Return what the guidelines exclude from the commitment."""
    found: list[Category] = []
    for sentence in sentences:
        match = _EXCLUDED.match(sentence)
        if match:
            what = re.sub(r"\([^)]*\)", "", match["what"]) if _OPENING.match(sentence) else match["what"]
            what = " ".join((what.partition(", ")[2] or what if _OPENING.match(sentence) else what).split())
            taken = [*keys, *(each.key for each in found)]
            words = [slug(word, fallback="left-out") for word in reversed(what.split())]
            key = next((word for word in words if word not in taken and len(word) > 3), slug("left out", taken))
            label = sentence_case(key.replace("-", " "))
            found.append(
                Category(key=key, label=label, definition=sentence_case(what), draft=True, taken_from=sentence)
            )
    return found


def _on_dimensions(found: Sequence[Dimension], source: str) -> list[str]:
    names = ", ".join(each.label for each in found)
    questions = []
    if source != LISTED:
        questions.append(_SOURCE_QUESTIONS[source].format(names=names, sentence=found[0].taken_from))
    bare = ", ".join(each.label for each in found if not each.described)
    if bare:
        questions.append(f"What belongs to these dimensions, and what does not? The chapter does not say: {bare}.")
    return questions
