"""The codebook of a commitment: its dimensions, strengths, exclusions and rules, read from a TOML file."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7tag.errors import CodebookError, InputError
from g7tag.text import listed

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]
LONGEST_CUE, MOST_WILDCARDS = 200, 3
"""Limits of a cue: the time to search for it grows fast with the number of its wildcards `*`."""


def _few_wildcards(cue: str) -> str:
    if cue.count("*") > MOST_WILDCARDS:
        msg = f"at most {MOST_WILDCARDS} wildcards in a cue"
        raise ValueError(msg)
    return cue


Cue = Annotated[str, Field(pattern=r"^[\w*?]", max_length=LONGEST_CUE), AfterValidator(_few_wildcards)]
ACTS = ("done", "planned", "not_done", "reversed", "background")
"""Keys of the acts: the status of the act that a sentence reports, as in event factuality (Saurí and Pustejovsky 2009).
They mean the same for every commitment; a codebook words them and adds examples and cues."""
REVERSED = "reversed"
NO_DIMENSION = ("not_done", REVERSED, "background")
"""Acts of sentences that carry no dimension."""
RESERVED = frozenset(
    {"strong", "weak", "none", "excluded", "exclusion", "commitment_id", "member", "published_score", "published"}
    | {"act", *ACTS}
    | {"verdict", "chance", "sentence_id", "item_id", "Member", "Published", "Verdict", "Chance"}
    | {"text", "item", "date", "source", "url", "why", "decides", "models", "analysts", "p_right", "review_reason"}
    | {"dimensions", "strength", "contradicts", "unsure", "note", "sentence", "comment", "comments", "notes", "status"}
)
"""Names of levels and columns, reserved: no dimension, exclusion or reading may have one."""
Count = Annotated[int, Field(ge=0)]
MOST_BYTES = 1_000_000
"""Maximum bytes of a TOML file; the largest codebook has 50,000."""
MOST_PARTS = 16
"""Maximum parts of a dotted key; a codebook's keys have one or two."""
MOST_DIMENSIONS = 10
"""Maximum dimensions of a codebook file; each makes the search for flips three times slower."""
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_TOO_DEEP = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MOST_PARTS}}}")
LATER = ("borrows", "questions", "draft", "taken_from")
"""Keys that codebooks did not have at first. Where they are empty, the hash leaves them out, so earlier hashes hold."""


class _Strict(BaseModel):
    """A frozen model that rejects unknown keys and never converts values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Drafted(_Strict):
    """A part that `g7tag codebook new` may propose."""

    draft: bool = False
    taken_from: str = ""


class Commitment(_Drafted):
    """The commitment that is scored, and the period it is scored for (both ends included)."""

    id: Annotated[str, Field(pattern=r"^\d{4}-\d{2,}$")]
    number: Annotated[int, Field(ge=1)]
    title: Text
    text: Text
    period_start: date
    period_end: date


class Member(_Strict):
    """A G7 member: its name in reports, its code, and other names of it, its bodies or its people."""

    name: Text
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    names: list[Text] = []


class Category(_Drafted):
    """A possible label of a sentence; `cues` are named lists of words and phrases that point to it."""

    key: Key
    label: Text
    definition: Text
    examples: list[Text] = []
    cues: dict[Key, list[Cue]] = {}


STANDARD_ACTS = [
    Category(key=key, label=key.replace("_", " ").capitalize(), definition=definition)
    for key, definition in {
        "done": "It happened or is in force: carried out, adopted, signed, paid, set up, launched, sentenced.",
        "planned": "Intended, promised, proposed, called for, discussed or recommended; reports and studies.",
        "not_done": "Refused, rejected, failed, lapsed, withheld, or never taken.",
        "reversed": "An earlier act undone, cut, repealed, lifted, dissolved or quashed.",
        "background": "No act of a member: statistics, general truths, what criminals do, acts of others, off topic.",
    }.items()
]
"""The acts of a codebook that does not define them."""


class Setting(_Strict):
    """Named lists of words and phrases that point to no category."""

    topic: dict[Key, list[Cue]] = {}
    off_topic: dict[Key, list[Cue]] = {}
    background: dict[Key, list[Cue]] = {}
    actors: dict[Key, list[Cue]] = {}


class Rule(_Strict):
    """One row of the scoring guidelines: a condition and the score it gives."""

    name: Text
    score: Literal[-1, 0, 1]
    dimensions: list[Key] = []
    strong: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    weak: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    contradicted: bool = False


class Reading(_Drafted):
    """One reading of the printed guidelines; `label` is for its column heading, `source` names the text it follows."""

    name: Key
    label: Text
    source: Text
    rules: Annotated[list[Rule], Field(min_length=1)]


class Note(_Drafted):
    """A case that the guidelines leave open, and the decision."""

    case: Text
    decision: Text


class Codebook(_Strict):
    """Everything that tagging and scoring need to know about one commitment.

    Every list, table and plot uses the order of `dimensions`. `questions` lists what `g7tag codebook new` could not
    read and a person must answer. `borrows` has no effect; older codebooks have it.
    """

    id: Identifier
    version: Text
    min_strong_items: Annotated[int, Field(ge=1)]
    commitment: Commitment
    members: Annotated[list[Member], Field(min_length=1)]
    dimensions: Annotated[list[Category], Field(min_length=1)]
    strengths: Annotated[list[Category], Field(min_length=2, max_length=2)]
    exclusions: list[Category] = []
    acts: list[Category] = STANDARD_ACTS
    readings: Annotated[list[Reading], Field(min_length=1)]
    notes: list[Note] = []
    cues: Setting = Setting()
    borrows: list[Identifier] = []
    questions: list[Text] = []

    @property
    def sha256(self) -> str:
        """SHA-256 of the codebook's content in hexadecimal, independent of the file's comments and layout."""
        content = _without_empty(self.model_dump(mode="json"))
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()

    @property
    def dimension_keys(self) -> list[str]:
        """Keys of the dimensions, in the codebook's order."""
        return [dimension.key for dimension in self.dimensions]

    @property
    def exclusion_keys(self) -> list[str]:
        """Keys of the exclusions, in the codebook's order; may be empty."""
        return [exclusion.key for exclusion in self.exclusions]

    @property
    def labels(self) -> dict[str, str]:
        """Label of each dimension, strength, act and exclusion, by key."""
        parts = (*self.dimensions, *self.strengths, *self.acts, *self.exclusions)
        return {part.key: part.label for part in parts}

    @property
    def codes(self) -> dict[str, str]:
        """Three-letter code of each member name."""
        return {member.name: member.code for member in self.members}

    def member_named(self, given: str) -> str:
        """Return the name of a member that is given by its name or code, in capitals or not."""
        names = {each.casefold(): member.name for member in self.members for each in (member.name, member.code)}
        word = given.strip().casefold()
        if word not in names:
            near = get_close_matches(word, names, n=1, cutoff=0.65)
            hint = f" Did you mean {names[near[0]]!r}?" if near else ""
            expected = f"Expected one of {listed(self.codes, most=20)}, or a code.{hint}"
            msg = f"member {given!r}: not in the codebook. {expected}"
            raise InputError(msg)
        return names[word]

    @model_validator(mode="after")
    def _check(self) -> Self:
        it, levels, acts = self.commitment, *([each.key for each in part] for part in (self.strengths, self.acts))
        problems = [*_name_problems(self), *_rule_problems(self)]
        if levels != ["strong", "weak"]:
            found = ", ".join(map(repr, levels))
            problems.append(f"strengths: keys must be 'strong' and 'weak', in this order, found {found}")
        if acts != list(ACTS):
            problems.append(f"acts: keys must be {', '.join(ACTS)}, in this order, found {', '.join(acts) or 'none'}")
        if int(it.id.partition("-")[2]) != it.number:
            problems.append(f"commitment: id {it.id!r} does not end in its number {it.number}")
        if it.period_start > it.period_end:
            problems.append(f"commitment: period_start {it.period_start} is after period_end {it.period_end}")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Draft(NamedTuple):
    """An unchecked part of a codebook: its name, and the sentence that it was taken from ("" if from none)."""

    part: str
    taken_from: str


def unchecked_drafts(codebook: Codebook) -> list[Draft]:
    """Return the drafted parts that scores depend on and that no person has checked yet; empty if there are none."""
    parts: list[tuple[str, _Drafted]] = [
        ("commitment (text and period)", codebook.commitment),
        *((f"dimension {part.key!r}", part) for part in codebook.dimensions),
        *((f"strength {part.key!r}", part) for part in codebook.strengths),
        *((f"exclusion {part.key!r}", part) for part in codebook.exclusions),
        *((f"reading {part.name!r} (rules)", part) for part in codebook.readings),
    ]
    return [Draft(name, part.taken_from) for name, part in parts if part.draft]


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise ValueError beyond limits, which tomllib does not have."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        msg = f"more than {MOST_BYTES:,} bytes"
        raise ValueError(msg)
    text = content.decode("utf-8-sig")
    if _TOO_DEEP.search(text):
        msg = f"a key of more than {MOST_PARTS} parts"
        raise ValueError(msg)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        msg = "values within values, too deep"
        raise ValueError(msg) from error


def load_codebook(path: Path) -> Codebook:
    """Read a codebook file."""
    try:
        values = read_toml(path)
    except OSError as error:
        msg = f"{path}: cannot read the codebook ({error.strerror}). Expected a TOML file; check the path."
        raise CodebookError(msg) from error
    except ValueError as error:
        msg = f"{path}: not a TOML file ({error}). Expected a codebook such as the one `g7tag codebook show` describes."
        raise CodebookError(msg) from error
    try:
        book = Codebook.model_validate(values)
    except ValidationError as error:
        causes = "\n".join(f"  {line}" for line in _causes(error))
        msg = f"{path}: not a valid codebook\n{causes}\nFix these places and run again."
        raise CodebookError(msg) from error
    if len(book.dimensions) > MOST_DIMENSIONS:
        msg = f"{path}: has {len(book.dimensions)} dimensions. Expected at most {MOST_DIMENSIONS}; join some of them."
        raise CodebookError(msg)
    return book


def codebook_toml(codebook: Codebook) -> bytes:
    """Return a codebook as a TOML file. `load_codebook` reads the same codebook from it; comments are lost."""
    content = _without_empty(codebook.model_dump(exclude_none=True))
    return tomli_w.dumps(content, multiline_strings=True).encode("utf-8")


def _without_empty(value: Any) -> Any:
    """Return a codebook's content without the keys of `LATER` that are empty."""
    if isinstance(value, dict):
        return {key: _without_empty(each) for key, each in value.items() if each or key not in LATER}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


def _causes(error: ValidationError) -> list[str]:
    """Return one line per cause: where, what was found, what was expected."""
    lines = []
    for cause in error.errors(include_url=False):
        place = ".".join(str(part) for part in cause["loc"]) or "file"
        text = cause["msg"].removeprefix("Value error, ")
        if cause["type"] == "extra_forbidden":
            text = "unknown key; the codebook has no such entry"
        elif place == "readings" and cause["type"] == "missing":
            text = "Field required (at least one reading, with the rules of the guidelines)"
        elif cause["type"] != "missing" and not isinstance(cause["input"], dict | list):
            text += f"; found {str(cause['input'])[:60]!r}"
        lines += [f"{place}: {part}" for part in text.split("; ")] if place == "file" else [f"{place}: {text}"]
    return lines


def _name_problems(book: Codebook) -> Iterator[str]:
    """Yield problems with names: duplicates, and names that are already taken."""
    dimensions, exclusions = set(book.dimension_keys), set(book.exclusion_keys)
    groups: dict[str, tuple[list[str], set[str] | frozenset[str]]] = {
        "members": ([member.name for member in book.members], set()),
        "members' codes": ([member.code for member in book.members], set()),
        "dimensions": (book.dimension_keys, RESERVED | exclusions),
        "exclusions": (book.exclusion_keys, RESERVED),
        "readings": ([reading.name for reading in book.readings], RESERVED | dimensions),
        "readings' labels": ([reading.label for reading in book.readings], RESERVED | dimensions),
    }
    for group, (names, taken) in groups.items():
        if twice := {name for name in names if names.count(name) > 1}:
            yield f"{group}: {listed(twice)} appears twice"
        if other := taken & set(names):
            yield f"{group}: {listed(other)} is already the name of something else, choose another"


def _rule_problems(book: Codebook) -> Iterator[str]:
    """Yield problems with rules: unknown dimensions, impossible counts, and missing conditions."""
    for reading in book.readings:
        for rule in reading.rules:
            where = f"readings {reading.name!r}, rule {rule.name!r}"
            if unknown := set(rule.dimensions) - set(book.dimension_keys):
                known = listed(book.dimension_keys)
                yield f"{where}: unknown dimension {listed(unknown)}, the codebook has {known}"
            most = len(rule.dimensions or book.dimension_keys)
            for level, bounds in (("strong", rule.strong), ("weak", rule.weak)):
                if bounds and not bounds[0] <= bounds[1] <= most:
                    yield f"{where}: {level} = {bounds} must be [minimum, maximum] with at most {most}"
            if rule.strong is None and rule.weak is None and not rule.contradicted:
                yield f"{where}: no condition, give strong, weak or contradicted"
