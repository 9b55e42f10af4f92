"""The codebook: a commitment's dimensions, strengths, exclusions and rules, read from TOML into a strict model."""

import hashlib
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7tag.errors import CodebookError, listed

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]
Cue = Annotated[str, Field(pattern=r"^[\w*?]")]
RESERVED = frozenset(
    {"strong", "weak", "none", "excluded", "exclusion", "commitment_id", "member", "published_score", "published"}
    | {"verdict", "chance", "sentence_id", "item_id", "Member", "Published", "Verdict", "Chance"}
)
"""Names of levels and columns that no dimension, exclusion or reading may take."""
Count = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    """A frozen model that refuses unknown keys and never converts a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Commitment(_Strict):
    """The promise that is scored, and the days it is scored for (both ends count)."""

    id: Annotated[str, Field(pattern=r"^\d{4}-\d{2,}$")]
    number: Annotated[int, Field(ge=1)]
    title: Text
    text: Text
    period_start: date
    period_end: date


class Member(_Strict):
    """A G7 member by the name that a report prints, its code, and other words that name it, its bodies or people."""

    name: Text
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    names: list[Text] = []


class Category(_Strict):
    """Something a sentence can be labelled with; `cues` are named lists of words and phrases that point to it."""

    key: Key
    label: Text
    definition: Text
    examples: list[Text] = []
    cues: dict[Key, list[Cue]] = {}


class Setting(_Strict):
    """Named lists of words and phrases that point to no category.

    `topic` is what the commitment is about, `off_topic` what resembles it and is not: a sentence with a cue of the
    second, in an item that has said none of the first so far, is off the topic. `background` is what is no action of a
    member, `actors` who acts.
    """

    topic: dict[Key, list[Cue]] = {}
    off_topic: dict[Key, list[Cue]] = {}
    background: dict[Key, list[Cue]] = {}
    actors: dict[Key, list[Cue]] = {}


class Rule(_Strict):
    """One row of the scoring guidelines: when it holds, and the score it gives.

    `strong` and `weak` are the least and the greatest number of `dimensions` at that level (None: any number; no
    dimensions: all of them). A rule with `contradicted` holds where action ran contrary to the commitment.
    """

    name: Text
    score: Literal[-1, 0, 1]
    dimensions: list[Key] = []
    strong: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    weak: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    contradicted: bool = False


class Reading(_Strict):
    """One way to read the printed guidelines; `label` heads its column, `source` says which text it follows."""

    name: Key
    label: Text
    source: Text
    rules: Annotated[list[Rule], Field(min_length=1)]


class Note(_Strict):
    """A case that the guidelines leave open, and how it was settled."""

    case: Text
    decision: Text


class Codebook(_Strict):
    """All that tagging and scoring need to know about one commitment.

    The order of `dimensions` is the order of every list, table and plot.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    version: Text
    min_strong_items: Annotated[int, Field(ge=1)]
    commitment: Commitment
    members: Annotated[list[Member], Field(min_length=1)]
    dimensions: Annotated[list[Category], Field(min_length=1)]
    strengths: Annotated[list[Category], Field(min_length=2, max_length=2)]
    exclusions: list[Category] = []
    readings: Annotated[list[Reading], Field(min_length=1)]
    notes: list[Note] = []
    cues: Setting = Setting()

    @property
    def sha256(self) -> str:
        """SHA-256 of all that the codebook says, in hexadecimal; its file's comments and layout do not count."""
        return hashlib.sha256(self.model_dump_json().encode("utf-8")).hexdigest()

    @property
    def dimension_keys(self) -> list[str]:
        """Keys of the dimensions, in the codebook's order."""
        return [dimension.key for dimension in self.dimensions]

    @property
    def exclusion_keys(self) -> list[str]:
        """Keys of the exclusions, in the codebook's order; often one, possibly none."""
        return [exclusion.key for exclusion in self.exclusions]

    @property
    def codes(self) -> dict[str, str]:
        """Three-letter code of each member name."""
        return {member.name: member.code for member in self.members}

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*_repeated_names(self), *_rule_problems(self)]
        levels = [level.key for level in self.strengths]
        if levels != ["strong", "weak"]:
            problems.append(
                f"strengths: keys must be 'strong' and 'weak', in this order, found {', '.join(map(repr, levels))}"
            )
        if int(self.commitment.id.partition("-")[2]) != self.commitment.number:
            problems.append(
                f"commitment: id {self.commitment.id!r} does not end in its number {self.commitment.number}"
            )
        start, end = self.commitment.period_start, self.commitment.period_end
        if start > end:
            problems.append(f"commitment: period_start {start} is after period_end {end}")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load_codebook(path: Path) -> Codebook:
    """Read a codebook file.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    CodebookError
        The file is missing, is not TOML, has an unknown or missing key, a value of the wrong type, a repeated name, or
        a rule that names an unknown dimension. All problems of values are listed; without one, all between the parts.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot read the codebook ({error.strerror}). Expected a TOML file; check the path."
        raise CodebookError(msg) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        msg = f"{path}: not a TOML file ({error}). Expected a codebook such as the one `g7tag codebook show` describes."
        raise CodebookError(msg) from error
    try:
        return Codebook.model_validate(values)
    except ValidationError as error:
        causes = "\n".join(f"  {line}" for line in _causes(error))
        msg = f"{path}: not a valid codebook\n{causes}\nMend these places and run again."
        raise CodebookError(msg) from error


def codebook_toml(codebook: Codebook) -> bytes:
    """Return a codebook as a TOML file that `load_codebook` reads back as the same; comments are not kept."""
    return tomli_w.dumps(codebook.model_dump(exclude_none=True), multiline_strings=True).encode("utf-8")


def _causes(error: ValidationError) -> list[str]:
    """One line for each cause: where, what was found, what was expected."""
    lines = []
    for cause in error.errors(include_url=False):
        place = ".".join(str(part) for part in cause["loc"]) or "file"
        text = cause["msg"].removeprefix("Value error, ")
        if cause["type"] == "extra_forbidden":
            text = "unknown key; the codebook has no such entry"
        elif cause["type"] != "missing" and not isinstance(cause["input"], dict | list):
            text += f"; found {str(cause['input'])[:60]!r}"
        lines += [f"{place}: {part}" for part in text.split("; ")] if place == "file" else [f"{place}: {text}"]
    return lines


def _repeated_names(book: Codebook) -> list[str]:
    """Names that must be unique and are not."""
    groups = {
        "members": [member.name for member in book.members],
        "members' codes": [member.code for member in book.members],
        "dimensions": book.dimension_keys,
        "exclusions": book.exclusion_keys,
        "readings": [reading.name for reading in book.readings],
        "readings' labels": [reading.label for reading in book.readings],
    }
    repeated = {group: {name for name in names if names.count(name) > 1} for group, names in groups.items()}
    keys, exclusions = set(book.dimension_keys), set(book.exclusion_keys)
    taken = {
        "dimensions": keys & (RESERVED | exclusions),
        "exclusions": exclusions & RESERVED,
        "readings": {reading.name for reading in book.readings} & (RESERVED | keys),
        "readings' labels": {reading.label for reading in book.readings} & (RESERVED | keys),
    }
    return [
        *(f"{group}: {listed(names)} stands twice" for group, names in repeated.items() if names),
        *(
            f"{group}: {listed(names)} names something else already, choose another"
            for group, names in taken.items()
            if names
        ),
    ]


def _rule_problems(book: Codebook) -> list[str]:
    """Rules that name a dimension the codebook lacks, count more dimensions than there are, or could never hold."""
    problems = []
    for reading in book.readings:
        for rule in reading.rules:
            where = f"readings {reading.name!r}, rule {rule.name!r}"
            unknown = set(rule.dimensions) - set(book.dimension_keys)
            if unknown:
                known = listed(book.dimension_keys)
                problems.append(f"{where}: unknown dimension {listed(unknown)}, the codebook has {known}")
            most = len(rule.dimensions or book.dimension_keys)
            for level, bounds in (("strong", rule.strong), ("weak", rule.weak)):
                if bounds and not bounds[0] <= bounds[1] <= most:
                    problems.append(f"{where}: {level} = {bounds} must be [least, greatest] with at most {most}")
            if rule.strong is None and rule.weak is None and not rule.contradicted:
                problems.append(f"{where}: no condition, give strong, weak or contradicted")
    return problems
