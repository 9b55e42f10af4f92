"""Draft a codebook from a report's own chapter, and check its rules."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Category, Codebook, Commitment, Member, Note, Reading
from g7tag.corpus import FIRST, bundled_codebooks
from g7tag.errors import Announce, InputError, UsageError
from g7tag.evidence.drafting import GUIDELINES, TABLE, draft_parts, draft_readings
from g7tag.evidence.guidelines import Rules
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.reports import FIRST_YEAR, LAST_YEAR, read_reports
from g7tag.report import draft_toml
from g7tag.scoring import MOST_DIMENSIONS, NO_RULE, check_codebook
from g7tag.sources import MAX_PAGES
from g7tag.text import counted, enumerated

MIN_STRONG_ITEMS = 2
"""Strong items that make a level strong in a draft; chapters give no number, so a draft always asks."""
_CONTRARY = "with contradictory action: "
_ON_ITEMS = (
    "How many strong items make strong action in a dimension? The chapter gives no number; "
    f"min_strong_items = {MIN_STRONG_ITEMS} is only the usual value."
)
_NO_RULES = (
    "Which rules give the scores? The chapter has neither General Interpretive Guidelines nor Scoring Guidelines."
)
_UNREAD_RULES = "Which rules give the scores? None could be read from the guidelines and the scoring table."
_OPEN = {
    "gap": "{reading}: which score? No rule covers {states} ({witness})",
    "overlap": "{reading}: which score? Rules with different scores cover {states} ({witness})",
    "less for more": "{reading}: is this meant? More action scores lower in {states} ({witness})",
}


class DraftedCodebook(NamedTuple):
    """A draft of a codebook, with everything that a person must still answer.

    Attributes
    ----------
    id
        Id of the codebook.
    commitment, members, dimensions, strengths, exclusions, readings, notes
        Its parts. Without a readable rule, `readings` is empty and there is no codebook. Only a model proposes notes.
    questions
        What the chapter leaves open, in the order in which it should be answered.
    source, guidelines
        Name of the report, and its interpretive guidelines.
    """

    id: str
    commitment: Commitment
    members: list[Member]
    dimensions: list[Category]
    strengths: list[Category]
    exclusions: list[Category]
    readings: list[Reading]
    notes: list[Note]
    questions: list[str]
    source: str
    guidelines: str

    @property
    def codebook(self) -> Codebook | None:
        """The draft as a codebook; None without readings."""
        return self._with(self.readings) if self.readings else None

    def _with(self, readings: list[Reading]) -> Codebook:
        return Codebook(
            id=self.id, version="1", min_strong_items=MIN_STRONG_ITEMS, commitment=self.commitment,
            members=self.members, dimensions=self.dimensions, strengths=self.strengths, exclusions=self.exclusions,
            readings=readings, notes=self.notes, borrows=_borrowed(self.id), questions=self.questions,
        )  # fmt: skip

    @property
    def text(self) -> str:
        """The draft as a TOML file with comments."""
        borrows = _borrowed(self.id)
        return draft_toml(self._asdict(), source=self.source, min_strong_items=MIN_STRONG_ITEMS, borrows=borrows)


def draft_codebook(
    report: Path | str,
    *,
    commitment: int | None = None,
    year: int | None = None,
    period_start: date | None = None,
    period_end: date | None = None,
    keep_hidden: bool = False,
    max_pages: int = MAX_PAGES,
    announce: Announce = lambda _: None,
) -> DraftedCodebook:
    """Draft a codebook from the chapter of a report: its commitment, members, dimensions and scoring rules.

    Every drafted part is marked `draft` and keeps the sentence that it was taken from. What cannot be read is a
    question, never a guess. Nothing is sent anywhere.

    Parameters
    ----------
    report
        A PDF, Word (DOCX), HTML or text file with at least one member's section.
    commitment
        Number of the commitment; needed if the report has several, or if no heading gives it.
    year
        Year of the summit; None reads it from the title.
    period_start, period_end
        First and last day of the period; None reads them from the cover.
    keep_hidden, max_pages
        As for `read_reports`.
    announce
        Called with the name of each step when it starts.

    Raises
    ------
    SourceError
        The report cannot be read, has no member's section, or no commitment with this number.
    UsageError
        The report has several commitments, or its number or the year of its summit is unknown, and none was given.
    InputError
        The period ends before it starts.

    Examples
    --------
    >>> from g7tag import example_path
    >>> draft = draft_codebook(example_path("harbours-report.txt"))
    >>> [dimension.key for dimension in draft.dimensions], len(draft.readings)
    (['dredge', 'light', 'insure'], 1)
    """
    name = Path(report).name
    book = open_codebook()  # made into one that no report is on, so that every chapter is read in the same way
    nothing = book.commitment.model_copy(update={"id": "0000-999", "number": 999})
    evidence = read_reports(
        report, book.model_copy(update={"commitment": nothing}), commitments=[commitment] if commitment else [],
        year=year, keep_hidden=keep_hidden, max_pages=max_pages, announce=announce,
    )  # fmt: skip
    row = _one(evidence.commitments, name)
    found_year = _year(row, evidence.gaps, name, year)
    members = evidence.members[evidence.members["commitment_id"] == row["commitment_id"]]
    announce("drafting the codebook")
    return draft_chapter(
        row, [dict(each) for each in members.to_dict("records")], str(evidence.documents["text"].iloc[0]),
        source=name, year=found_year, period=(period_start, period_end),
    )  # fmt: skip


def draft_chapter(
    commitment: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    text: str,
    *,
    source: str,
    year: str,
    period: tuple[date | None, date | None] = (None, None),
) -> DraftedCodebook:
    """Draft a codebook from a chapter that was read: its parts, and questions on what its rules leave open."""
    parts = draft_parts(commitment, members, text, year=year, period=period)
    start, end = parts.commitment.period_start, parts.commitment.period_end
    if start > end:
        msg = f"period {start} to {end}: ends before it starts. Give both dates: --period-start and --period-end."
        raise InputError(msg)
    draft = DraftedCodebook(
        id=parts.id, commitment=parts.commitment, members=parts.members, dimensions=parts.dimensions,
        strengths=parts.strengths, exclusions=parts.exclusions, readings=parts.readings, notes=[],
        questions=parts.questions, source=source, guidelines=commitment["guidelines"],
    )  # fmt: skip
    readings, on_rules = _settle(draft, parts.rules, commitment)
    return draft._replace(readings=readings, questions=[*on_rules, _ON_ITEMS, *parts.questions])


def _one(commitments: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return the only commitment of a report."""
    if len(commitments) > 1:
        found = "; ".join(f"{row['number']}: {row['title']}" for row in commitments.to_dict("records")[:25])
        msg = f"{name}: has {len(commitments)} commitments. Name one with --commitment NUMBER. Found {found}."
        raise UsageError(msg)
    row = {str(key): value for key, value in commitments.iloc[0].items()}
    if pd.isna(row["number"]) or not row["number"]:
        msg = f"{name}: no heading gives the number of its commitment. Give it, such as --commitment 3."
        raise UsageError(msg)
    return row


def _year(row: dict[str, Any], gaps: pd.DataFrame, name: str, given: int | None) -> str:
    """Return the year of the summit."""
    found = re.fullmatch(r"(?:G\d+-)?(\d{4})-\d{2,}", row["commitment_id"])
    if given or (found and "title" not in set(gaps["part"]) and FIRST_YEAR <= int(found[1]) <= LAST_YEAR):
        return str(given or (found and found[1]))
    msg = f"{name}: its title does not give the year of its summit. Give it, such as --year 2024."
    raise UsageError(msg)


def _borrowed(own: str) -> list[str]:
    """Return the ids of the codebooks that come with g7tag, except the draft's own."""
    return [name for name in dict.fromkeys([FIRST, *bundled_codebooks()]) if name != own or name == FIRST]


def _settle(
    draft: DraftedCodebook, rules: Mapping[str, Rules], row: Mapping[str, Any]
) -> tuple[list[Reading], list[str]]:
    """Return the readings, and questions on what their rules leave open."""
    keys = [each.key for each in draft.dimensions]
    if not draft.readings:
        return [], [_UNREAD_RULES if row["guidelines"] or row["scoring_table"] else _NO_RULES]
    if len(keys) > MOST_DIMENSIONS:
        limit = f"With more than {MOST_DIMENSIONS} dimensions ({len(keys)}) they were not checked."
        return draft.readings, [f"Are the rules complete? {limit}"]
    wider, _, _ = draft_readings(row["guidelines"], row["scoring_table"], keys, alone=False)
    others = {each.name: each for each in wider}
    settled = [_narrow_or_wide(draft, reading, others[reading.name]) for reading in draft.readings]
    readings = [chosen for chosen, _ in settled]
    questions = [question for _, asked in settled for question in asked]
    found = check_codebook(draft._with(readings))
    differ = found[found["problem"] == "readings disagree"]
    on_contrary = {frozenset(rule.score for rule in each.rules if rule.contradicted) for each in readings}
    if len(readings) == 2 and differ.empty and len(on_contrary) == 1:
        table, text = readings
        whole = not any(each.unread for each in rules.values())
        limit = "" if whole else ", as far as both could be read"
        source = f"{table.source} The General Interpretive Guidelines give the same scores{limit}."
        both = {"source": source, "taken_from": f"{table.taken_from} {text.taken_from}"}
        readings = [table.model_copy(update=both)]
        found = found[found["reading"] != text.name]
    questions += [_on_difference(states, rules) for states in differ["states"]]
    return readings, [*questions, *_on_problems(found, readings)]


def _narrow_or_wide(draft: DraftedCodebook, narrow: Reading, wide: Reading) -> tuple[Reading, list[str]]:
    """Return a reading in which weak action means no strong action, or leaves it open, whichever has fewer problems."""
    other = wide.model_copy(update={"name": f"{wide.name}-wide", "label": f"{wide.label} wide"})
    found = check_codebook(draft._with([narrow, other]))
    plain = found[~found["states"].str.startswith(_CONTRARY)]
    n_narrow, n_wide = (plain.loc[plain["reading"] == each.name, "n_states"].sum() for each in (narrow, other))
    differ = found[found["problem"] == "readings disagree"]
    if n_narrow == n_wide and not differ.empty:
        question = (
            f"{narrow.label}: does weak action count only where there is no strong action? The draft says so. "
            f"It matters in {differ['states'].iloc[0]}."
        )
        return narrow, [question]
    return (narrow if n_narrow <= n_wide else wide), []


def _on_difference(states: str, rules: Mapping[str, Rules]) -> str:
    """Return the question which of two readings counts, with the sentences that differ."""
    said = []
    for name, words, nothing in (
        (TABLE, "The table says", "The table gives no rule for this"),
        (GUIDELINES, "The guidelines say", "The guidelines give no rule for this"),
    ):
        other = GUIDELINES if name == TABLE else TABLE
        own = {score: _conditions(rules[name], score) for score in (1, 0, -1)}
        differing = [score for score, rule in own.items() if rule != _conditions(rules[other], score)]
        texts = [each.text for each in rules[name].sentences if each.score in differing]
        n_unread = len({text for text, _ in rules[name].unread} - {each.text for each in rules[name].sentences})
        unread = f"; {counted(n_unread, 'sentence')} could not be read" if n_unread else ""
        said.append(f"{words}: “{' '.join(texts)}”" if texts else f"{nothing}{unread}.")
    return (
        f"Which counts, the scoring table or the guidelines? They differ in {states}. {' '.join(said)} "
        "Both are drafted as readings; delete one to decide."
    )


def _conditions(rules: Rules, score: int) -> set[str]:
    return {rule.model_dump_json(exclude={"name"}) for rule in rules.rules if rule.score == score}


def _on_problems(found: pd.DataFrame, readings: Sequence[Reading]) -> list[str]:
    """Return a question for each problem of the rules."""
    labels = {each.name: each.label for each in readings}
    questions = []
    contrary = found[(found["problem"] == "overlap") & found["states"].str.startswith(_CONTRARY)]
    for each in found.drop(contrary.index).to_dict("records"):
        if each["problem"] in _OPEN:
            witness = each["witness"].removesuffix(f": {NO_RULE}")
            words = _OPEN[each["problem"]].format(
                reading=labels[each["reading"]], states=each["states"], witness=witness
            )
            questions.append(f"{words}.")
    if len(contrary):
        names = enumerated([labels[name] for name in contrary["reading"]])
        questions.append(
            f"Does contradictory action outweigh strong action? ({names}) The chapter gives a score for it, and does "
            "not say which rule comes first. Scores are suggested without it, and shown both ways."
        )
    return questions


def draft_summary(draft: DraftedCodebook) -> str:
    """Return what was drafted, in numbers."""
    n_rules = sum(len(each.rules) for each in draft.readings)
    rules = f"{counted(n_rules, 'rule')} in {counted(len(draft.readings), 'reading')}" if n_rules else "no rules"
    counts = {"member": len(draft.members), "dimension": len(draft.dimensions), "exclusion": len(draft.exclusions)}
    return f"commitment {draft.commitment.id}: {enumerated([*(counted(n, noun) for noun, n in counts.items()), rules])}"
