"""Draft a codebook from a report's own chapter, and ask what its rules leave open."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import BaseModel

from g7tag.codebook import LATER, Category, Codebook, Commitment, Member, Note, Reading
from g7tag.errors import Announce, UsageError
from g7tag.evidence import Evidence, drafting
from g7tag.jobs.exchange import code_dimensions
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.reports import FIRST_YEAR, LAST_YEAR, read_reports
from g7tag.report import draft_toml
from g7tag.scoring import MOST_DIMENSIONS, check_codebook
from g7tag.text import counted, enumerated

MIN_STRONG_ITEMS = 2
"""Strong items that make a level strong in a draft; chapters give no number, so a draft always asks."""
_MOST = 50_000  # characters of guidelines or of a table that are read; a real one has 5,000
_ON_ITEMS = (
    "How many strong items make strong action in a dimension? The chapter gives no number; "
    f"min_strong_items = {MIN_STRONG_ITEMS} is only the usual value."
)
_ON_STRENGTHS = (
    "What are strong and weak action? The draft has standard words, followed by the guidelines' own sentences, if any."
)
_NO_RULES = "Which rules give the scores? None could be read from interpretive guidelines or a scoring table."
_ON_CODES = (
    "Are these the dimensions, and which rules give the scores? The dimensions are the codes of {}, without rules."
)
_OPEN = {
    "gap": "{reading}: which score? No rule covers {states}, such as {example}.",
    "overlap": "{reading}: which score? Rules with different scores cover {states}, such as {example}.",
    "less for more": "{reading}: is this meant? More action scores lower in {states}, such as {example}.",
    "readings disagree": "Which counts, the scoring table or the guidelines? They differ in {states}, such as "
    "{example}. Both are drafted as readings, with their sentences; delete one to decide.",
    "contrary": "{reading}: does contradictory action outweigh strong action? The chapter gives a score for it, and "
    "does not say which rule comes first. Scores are suggested without it, and shown both ways.",
}


class DraftedCodebook(NamedTuple):
    """A draft of a codebook, with everything that a person must still answer.

    `questions` are in the order in which they should be answered. `source`, `guidelines` and `scoring_table` are the
    name of the report, and its interpretive guidelines and scoring table. All others are parts of the codebook: there
    are no readings if no rule could be read, and only a model proposes notes.
    """

    questions: list[str]
    id: str
    version: str
    min_strong_items: int
    commitment: Commitment
    members: list[Member]
    dimensions: list[Category]
    strengths: list[Category]
    exclusions: list[Category]
    notes: list[Note]
    readings: list[Reading]
    source: str
    guidelines: str
    scoring_table: str

    @property
    def codebook(self) -> Codebook | None:
        """The draft as a codebook; None without readings."""
        return Codebook.model_validate(self._content()) if self.readings else None

    @property
    def text(self) -> str:
        """The draft as a TOML file with comments."""
        return draft_toml(self._content(), self.source, {"dimensions": self.guidelines, "readings": self.scoring_table})

    def _content(self) -> dict[str, Any]:
        """Return the values of the file in their order, without those that are empty."""
        return {
            name: _plain(value) for name, value in self._asdict().items() if value and name in Codebook.model_fields
        }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):  # what marks a draft comes last
        return dict(sorted(value.model_dump(exclude_defaults=True).items(), key=lambda pair: pair[0] in LATER))
    return [_plain(each) for each in value] if isinstance(value, list) else value


def draft_codebook(
    report: Path | str, *, commitment: int | None = None, year: int | None = None, keep_hidden: bool = False,
    codes: Path | str | None = None, announce: Announce = lambda _: None,
) -> DraftedCodebook:  # fmt: skip
    """Draft a codebook from the chapter of a report: its commitment, members, dimensions and scoring rules.

    Dimensions, scores, period and members are taken from lists and tables. Every drafted part is marked `draft` and
    keeps the words that it was taken from. The rest is a question, never a guess. Nothing is sent anywhere.

    Parameters
    ----------
    report, year, keep_hidden, announce
        As for `read_reports`. The report has at least one member's section.
    commitment
        Number of the commitment, if the report has several or prints none.
    codes
        Codebook file of a QDA program (.qdc) whose codes are the dimensions; the rules are then a question. None takes
        both from the chapter.

    Raises
    ------
    SourceError
        The report cannot be read, has no member's section, or no commitment with this number.
    UsageError
        The report has several commitments, or its number or the year of its summit is unknown, and none was given.

    Examples
    --------
    >>> from g7tag import example_path
    >>> draft = draft_codebook(example_path("harbours-report.txt"))
    >>> [dimension.key for dimension in draft.dimensions], len(draft.readings)
    (['dredge', 'light', 'insure'], 1)
    """
    evidence = read_reports(
        report, on_no_report(), commitments=[commitment] if commitment else [], year=year, keep_hidden=keep_hidden,
        announce=announce,
    )  # fmt: skip
    announce("drafting the codebook")
    draft = draft_of(evidence, evidence.commitments, year=year)
    if codes is None:
        return draft
    dimensions = code_dimensions(codes, [each.key for each in draft.exclusions])
    return draft._replace(dimensions=dimensions, readings=[], questions=[_ON_CODES.format(codes), *draft.questions])


def on_no_report() -> Codebook:
    """Return a codebook that no report is on, so that every chapter is read in the same way."""
    book = open_codebook()
    return book.model_copy(update={"commitment": book.commitment.model_copy(update={"id": "0000-999", "number": 999})})


def draft_of(evidence: Evidence, commitments: pd.DataFrame, *, year: int | None) -> DraftedCodebook:
    """Draft a codebook from the evidence of reports, on the only one of these commitments of a report."""
    documents = evidence.documents[evidence.documents["document_id"] == commitments["document_id"].iloc[0]]
    name, text = documents[["name", "text"]].iloc[0]
    row = _one(commitments, name)
    found_year = _year(row, evidence.gaps[evidence.gaps["name"] == name], name, year)
    members = evidence.members[evidence.members["commitment_id"] == row["commitment_id"]]
    of_members = [dict(each) for each in members.to_dict("records")]
    return draft_chapter(row, of_members, text, source=name, year=found_year)


def draft_chapter(
    row: Mapping[str, Any], members: Sequence[Mapping[str, Any]], text: str, *, source: str, year: str
) -> DraftedCodebook:
    """Draft a codebook from a chapter: its row of the commitments, its members, and the text of its report."""
    guidelines, table = row["guidelines"][:_MOST], row["scoring_table"][:_MOST]
    number, title = int(row["number"]), row["title"].strip() or f"Commitment {row['number']}"
    words = row["text"][:_MOST] or title
    on_text = [] if row["text"] else ["What is the commitment's text? None was found in quotation marks."]
    start, end, on_period = drafting.draft_period(text, year=year)
    features = drafting.read_features(text, before=guidelines or table)
    dimensions, on_dimensions = drafting.draft_dimensions(words, guidelines, table, features, title=title)
    strengths = drafting.draft_strengths(guidelines)
    readings, on_rules = drafting.draft_readings(guidelines, table, {each.key: each.label for each in dimensions})
    book_id = drafting.draft_id(text, title, year=year, number=number)
    draft = DraftedCodebook(
        questions=[_ON_ITEMS, *on_rules, *on_text, *on_period, *on_dimensions, _ON_STRENGTHS],
        id=book_id, version="1", min_strong_items=MIN_STRONG_ITEMS,
        commitment=Commitment(
            id=f"{year}-{number:02d}", number=number, title=title, text=words,
            period_start=start, period_end=end, draft=True, taken_from=words,
        ),
        members=[drafting.draft_member(each) for each in members], dimensions=dimensions, strengths=strengths,
        exclusions=drafting.draft_exclusions(guidelines, [each.key for each in dimensions]), notes=[],
        readings=readings, source=source, guidelines=guidelines, scoring_table=table,
    )  # fmt: skip
    readings, on_states = _settle(draft)
    return draft._replace(readings=readings, questions=[*on_states, *draft.questions])


def _one(commitments: pd.DataFrame, name: str) -> dict[str, Any]:
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
    found = re.fullmatch(r"(?:G\d+-)?(\d{4})-\d{2,}", row["commitment_id"])
    if given or (found and "title" not in set(gaps["part"]) and FIRST_YEAR <= int(found[1]) <= LAST_YEAR):
        return str(given or (found and found[1]))
    msg = f"{name}: its title does not give the year of its summit. Give it, such as --year 2024."
    raise UsageError(msg)


def _settle(draft: DraftedCodebook) -> tuple[list[Reading], list[str]]:
    """Return the readings, as one if they give the same scores, and questions on what their rules leave open."""
    if draft.codebook is None:
        return [], [_NO_RULES]
    if len(draft.dimensions) > MOST_DIMENSIONS:
        limit = f"With more than {MOST_DIMENSIONS} dimensions ({len(draft.dimensions)}) they were not checked."
        return draft.readings, [f"Are the rules complete? {limit}"]
    found = check_codebook(draft.codebook)
    readings = draft.readings
    on_contrary = {frozenset(rule.score for rule in each.rules if rule.contradicted) for each in readings}
    if len(readings) == 2 and "readings disagree" not in set(found["problem"]) and len(on_contrary) == 1:
        table, text = readings
        source = f"{table.source} The General Interpretive Guidelines give the same scores, as far as they were read."
        both = {"source": source, "taken_from": f"{table.taken_from} {text.taken_from}"}
        readings = [table.model_copy(update=both)]
        found = found[found["reading"] != text.name]
    labels = {each.name: each.label for each in readings}
    return readings, [
        _OPEN["contrary" if "contradictory action" in row["states"] else row["problem"]].format(
            reading=labels.get(row["reading"]), states=row["states"], example=row["witness"].partition(":")[0]
        )
        for row in found.to_dict("records")
    ]


def draft_summary(draft: DraftedCodebook) -> str:
    """Return what was drafted, in numbers."""
    n_rules = sum(len(each.rules) for each in draft.readings)
    rules = f"{counted(n_rules, 'rule')} in {counted(len(draft.readings), 'reading')}" if n_rules else "no rules"
    counts = {"member": len(draft.members), "dimension": len(draft.dimensions), "exclusion": len(draft.exclusions)}
    return f"commitment {draft.commitment.id}: {enumerated([*(counted(n, noun) for noun, n in counts.items()), rules])}"
