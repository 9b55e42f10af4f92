"""What the review desk knows: the queue of cards, the rules of a choice, and what was decided."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal, NamedTuple, Protocol

import pandas as pd

from g7tag.codebook import NO_DIMENSION, Category, Codebook
from g7tag.desk.decisions import Tabs
from g7tag.errors import G7TagError
from g7tag.frames import is_address
from g7tag.text import counted, enumerated

ACT_KEYS = {"done": "d", "planned": "p", "not_done": "n", "reversed": "r", "background": "b"}
STRENGTH_KEYS = {"strong": "s", "weak": "w"}
FLAG_KEYS = {"contradicts": "c", "unsure": "u"}
CYCLE_KEYS = {"exclusion": "x", "source_check": "y"}
"""Keys that go through the values of a group; the last press chooses none."""
CHECKS = {"yes": "Supports it", "partly": "Partly", "no": "No", "not_found": "Not found"}
NEXT = ""
"""The value of `DeskSession.choose` that goes to the next value of a group in `CYCLE_KEYS`."""
COLUMNS = (
    "sentence_id", "item_id", "member", "date", "before", "text", "after", "note", "source", "url", "repeat", "labels",
)  # fmt: skip
_ASKED = [
    "1. Read the marked sentence in its item. What does it show about this commitment?",
    "2. Choose each dimension in which it shows action, or none; how strong the action is; what became of the act.",
    "3. Press Enter: the decision is saved. What the tagger and others said is shown only afterwards.",
]
_CHECKED = {
    "yes": "The source supports the whole sentence.", "partly": "The source supports a part of the sentence.",
    "no": "The source was read and does not support the sentence.",
    "not_found": "The source is not at its address, or cannot be read.",
}  # fmt: skip
_RECENT = 20  # decisions that the remaining time is estimated from
_KINDS = {"classifier": "Tagger", "llm": "Model", "analyst": "Analyst"}


class Decision(NamedTuple):
    """What an analyst decided about one sentence."""

    dimensions: str  # keys joined by ";", in the codebook's order; "" if none
    strength: str  # strong | weak | none
    act: str  # one of g7tag.codebook.ACTS
    exclusion: str  # "" or a key of the codebook's exclusions
    contradicts: bool
    unsure: bool
    note: str  # the comment
    source_check: str = ""  # "" or a key of `CHECKS`: whether the source supports the sentence
    archived_url: str = ""


class Record(Protocol):
    """Saves a decision; returns only when it is on the disk."""

    def __call__(self, sentence_id: str, decision: Decision | None, *, blind: bool, occasion: str) -> None: ...


class Choice(NamedTuple):
    """What is chosen so far; "" means not chosen."""

    dimensions: tuple[str, ...] = ()
    strength: str = ""
    act: str = ""
    exclusion: str = ""
    contradicts: bool = False
    unsure: bool = False
    note: str = ""
    source_check: str = ""
    archived_url: str = ""


class Option(NamedTuple):
    """A button: its value, its text, the key that presses it ("" if none), and an explanation."""

    value: str
    label: str
    key: str
    definition: str


class Control(NamedTuple):
    """A group of buttons that set one part of a choice."""

    kind: Literal["dimension", "strength", "act", "exclusion", "flag", "source_check"]
    title: str
    options: list[Option]


@dataclass(frozen=True)
class Message:
    """A line for the analyst; an error is announced at once."""

    text: str = ""
    is_error: bool = False


@dataclass(frozen=True)
class Card:
    """The part of a card that the browser may always have; it does not say what others said."""

    sentence_id: str
    member: str
    date: str
    before: str
    text: str
    after: str
    note: str
    source: str
    url: str


@dataclass(frozen=True)
class Said:
    """What a machine or a person said of a sentence, and how it compares with the analyst's own decision."""

    who: str
    kind: str
    label: str
    note: str
    compared: str


@dataclass(frozen=True)
class Progress:
    """Number of decided cards, of all cards, and the estimated time left in words ("" if unknown)."""

    done: int
    total: int
    time_left: str


@dataclass(frozen=True)
class View:
    """Everything that is displayed now. `step` changes whenever another card is shown."""

    step: int
    card: Card | None
    choice: Choice
    said: list[Said] | None
    progress: Progress
    message: Message
    reviewing: bool
    can_undo: bool
    can_reveal: bool
    names_shown: bool
    blind: bool  # as the next label is recorded
    proposed_case: tuple[str, str] | None
    summary: list[str]


class DeskSession:
    """The state of a review desk, without its display. With `is_new`, it shows first what is asked."""

    tabs: Tabs | None = None
    is_new = False

    def __init__(  # noqa: PLR0913 - all settings are keyword arguments
        self,
        cards: pd.DataFrame,
        codebook: Codebook,
        *,
        annotator: str,
        record: Record,
        show_suggestions: bool = False,
        adjudicating: bool = False,
        agreement: Callable[[], list[dict[str, str]]] | None = None,
        feedback: Callable[[], list[list[dict[str, str]]]] | None = None,
        settle: Callable[[str, str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.codebook = codebook
        self.annotator = annotator
        self.show_suggestions = show_suggestions
        self.adjudicating = adjudicating
        self.controls = _controls(codebook)
        self.cases = [(note.case, note.decision) for note in codebook.notes]
        self.step = 0
        self._record = record
        self._agreement = agreement
        self._feedback = feedback
        self._settle = settle
        self._clock = clock

        rows = cards.to_dict("records")
        self._cards = [_card(row) for row in rows]
        self._repeats = [bool(row["repeat"]) for row in rows]
        self._labels: list[list[dict[str, Any]]] = [list(row["labels"]) for row in rows]
        self._aliases = _aliases(self._labels) if adjudicating else {}

        self._queue = list(range(len(rows)))  # positions of undecided cards; the first is shown
        self._drafts: dict[int, Choice] = {}  # as pressed; what counts of it is `_counted`
        self._decided: dict[int, Decision] = {}
        self._history: list[int] = []  # cards in the order of decisions; a changed card appears again
        self._returned: set[int] = set()  # cards whose decision was withdrawn
        self._compared: set[int] = set()  # cards whose labels were shown after a decision
        self._settled: set[int] = set()
        self._reviewing: int | None = None
        self._names_shown = False
        self._seconds: list[float] = []
        self._shown_at = clock()
        self._message = Message()

    def view(self) -> View:
        """Return what is displayed now. It has no label of others that the analyst may not see yet."""
        at = self._current
        return View(
            step=self.step,
            card=None if at is None else self._cards[at],
            choice=Choice() if at is None else _counted(self._draft(at)),
            said=None if at is None else self._said(at),
            progress=Progress(len(self._decided), len(self._cards), self._time_left()),
            message=self._message,
            reviewing=self._reviewing is not None,
            can_undo=bool(self._history),
            can_reveal=self._reviewing is not None or self._revealable() is not None,
            names_shown=self._names_shown,
            blind=self._blind,
            proposed_case=self._proposed_case(),
            summary=[] if at is not None else self._summary(),
        )

    def setup(self) -> dict[str, Any]:
        """Return what is displayed all the time: the buttons, the codebook, and which parts this session has."""
        book = self.codebook
        parts = {
            "Dimensions": book.dimensions, "Strengths": book.strengths, "Acts": book.acts,
            "Exclusions": book.exclusions,
        }  # fmt: skip
        entries: dict[str, list[dict[str, Any]]] = {
            title: [{"label": each.label, "text": each.definition, "examples": each.examples} for each in categories]
            for title, categories in parts.items()
        }
        entries["Settled cases"] = [{"label": case, "text": text} for case, text in self.cases]
        return {
            "annotator": self.annotator,
            "adjudicating": self.adjudicating,
            "has_agreement": self._agreement is not None,
            "has_tabs": self.tabs is not None,
            "has_feedback": self._feedback is not None,
            "is_new": self.is_new and not self._history,
            "controls": [
                each._asdict() | {"options": [one._asdict() for one in each.options]} for each in self.controls
            ],
            **{
                name: [{"title": title, "entries": found} for title, found in chapters.items() if found]
                for name, chapters in {"welcome": self._welcome(), "codebook": entries}.items()
            },
        }

    def _welcome(self) -> dict[str, list[dict[str, Any]]]:
        """Return what a new analyst reads first: commitment, what is asked, two examples, and the labels in short."""
        book = self.codebook
        named = [(each.label, each) for each in book.dimensions][:1]
        named += [(f"{each.label}, no dimension", each) for each in book.acts if each.key in NO_DIMENSION][-1:]
        parts = {
            book.commitment.title: [("", book.commitment.text)],
            "What is asked": [("", line) for line in _ASKED],
            "Solved examples": [(label, each.examples[0]) for label, each in named if each.examples],
        }
        for title, found in {"Dimensions": book.dimensions, "Strength": book.strengths, "Act": book.acts}.items():
            parts[title] = [(each.label, re.split(r"[:;.](?:\s|$)", each.definition)[0]) for each in found]
        return {title: [{"label": label, "text": text} for label, text in found] for title, found in parts.items()}

    def choose(self, kind: str, value: str) -> None:
        """Press one of the buttons: choose a value, or take it back."""
        at = self._current
        known = {(control.kind, option.value) for control in self.controls for option in control.options}
        known |= {(control.kind, NEXT) for control in self.controls if control.kind in CYCLE_KEYS}
        if at is None or (kind, value) not in known:
            return
        choice, hint = _chosen(self._draft(at), kind, value, codebook=self.codebook)
        self._drafts[at] = choice
        self._message = Message(hint)

    def write(self, part: Literal["note", "archived_url"], text: str) -> None:
        """Set the comment of the card that is shown, or the address of an archived copy of its source."""
        at = self._current
        if at is not None:
            given: dict[str, Any] = {part: text.strip()}
            self._drafts[at] = self._draft(at)._replace(**given)

    def decide(self) -> None:
        """Save the choice and show the next card. If something is missing or nothing could be saved, say so."""
        at = self._current
        if at is None:
            return
        choice = _counted(self._draft(at))
        lacking = _lacking(choice, needs_reason=self.adjudicating)
        if lacking:
            self._message = Message(lacking)
            return
        decision = _decision(choice, self.codebook)
        if decision == self._decided.get(at):
            self._leave_review("Nothing was changed.")
            return
        occasion = "change" if at in self._compared else "repeat" if self._repeats[at] else "label"
        if not self._save(at, decision, occasion):
            return
        self._decided[at] = decision
        self._history.append(at)
        self._drafts.pop(at, None)
        text = f"Saved: {decision_words(decision, self.codebook)}."
        if self._reviewing is not None:
            self._leave_review(text)
            return
        self._seconds.append(self._clock() - self._shown_at)
        self._queue.remove(at)
        self._show(text)

    def skip(self) -> None:
        """Move the card to the end of the queue; nothing is saved."""
        if self._reviewing is not None:
            self._leave_review("Nothing was changed.")
        elif len(self._queue) > 1:
            self._queue.append(self._queue.pop(0))
            self._show("Skipped: the sentence comes back at the end.")
        elif self._queue:
            self._message = Message("This is the last sentence: there is no other one to show.")

    def undo(self) -> None:
        """Withdraw the last decision of this session and show its card again, with the former choice."""
        if not self._history:
            self._message = Message("There is nothing to undo.")
            return
        at = self._history[-1]
        if not self._save(at, None, "withdrawn"):
            return
        self._history = [each for each in self._history if each != at]
        decision = self._decided.pop(at)
        self._drafts[at] = _choice(decision)
        self._returned.add(at)
        self._settled.discard(at)
        self._reviewing = None
        self._queue.insert(0, at)
        self._show("The decision was withdrawn.")

    def reveal(self) -> None:
        """Show what machines and others said of the last decided sentence, or go back from there."""
        if self._reviewing is not None:
            self._leave_review("Nothing was changed.")
            return
        at = self._revealable()
        if at is None:
            self._message = Message("Decide first: what others said is shown only afterwards.")
            return
        self._compared.add(at)
        if at == self._current:
            self._message = Message("This is what others said of this sentence.")
            return
        self._reviewing = at
        self._drafts[at] = _choice(self._decided[at])
        self._show("You decided this sentence. Change your choice and press Enter, or press v to go back.")

    def show_names(self) -> None:
        """Show the names of analysts when adjudicating, or hide them again."""
        if self.adjudicating:
            self._names_shown = not self._names_shown
            self._message = Message("Names are shown." if self._names_shown else "Names are hidden.")

    def agreement(self) -> list[dict[str, str]]:
        """Return the rows of the table of agreement; empty if there is none, and then a message says why."""
        self._message = Message()
        try:
            rows = self._agreement() if self._agreement else []
        except G7TagError as error:
            self._message = Message(str(error), is_error=True)
            return []
        if not rows:
            self._message = Message("There is no agreement to show yet.")
        return rows

    def tab(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the tab Scores or Findings shows after a request; empty if this desk has none."""
        return self.tabs.answer(request, waiting=len(self._queue) if self._blind else 0) if self.tabs else {}

    def feedback(self) -> list[list[dict[str, str]]]:
        """Return the tables of feedback; who has seen the settled label of a sentence is no longer blind to it."""
        tables, self._message = [], Message()
        try:
            tables = self._feedback() if self._feedback else []
        except G7TagError as error:
            self._message = Message(str(error), is_error=True)
        seen = {row.get("sentence") for rows in tables for row in rows}
        self._compared |= {at for at, card in enumerate(self._cards) if card.sentence_id in seen}
        return tables

    def settle(self, case: str, decision: str) -> bool:
        """Add the last decision to the settled cases. Returns whether it was saved."""
        if self._settle is None or self._proposed_case() is None:
            self._message = Message("Decide first: then a case can be settled.")
            return False
        case, decision = case.strip(), decision.strip()
        if not case or not decision:
            self._message = Message("Give the case and its decision.")
            return False
        try:
            self._settle(case, decision)
        except G7TagError as error:
            self._message = Message(str(error), is_error=True)
            return False
        self.cases.append((case, decision))
        self._settled.add(self._history[-1])
        self._message = Message("Added to the settled cases.")
        return True

    @property
    def _current(self) -> int | None:
        """Position of the card that is shown; None at the end of the queue."""
        if self._reviewing is not None:
            return self._reviewing
        return self._queue[0] if self._queue else None

    def _draft(self, at: int) -> Choice:
        return self._drafts.get(at, Choice())

    def _show(self, text: str) -> None:
        """Go to the card that is now the current one."""
        self.step += 1
        self._shown_at = self._clock()
        self._message = Message(text)

    def _leave_review(self, text: str) -> None:
        if self._reviewing is not None:
            self._drafts.pop(self._reviewing, None)
            self._reviewing = None
        self._show(text)

    def _save(self, at: int, decision: Decision | None, occasion: str) -> bool:
        """Return whether the decision is on the disk; if not, the message is the error."""
        blind = self._blind and at not in self._compared
        try:
            self._record(self._cards[at].sentence_id, decision, blind=blind, occasion=occasion)
        except G7TagError as error:
            self._message = Message(f"Not saved: {error}", is_error=True)
            return False
        return True

    @property
    def _blind(self) -> bool:
        """Whether the annotator has seen no label of a machine, apart from those of compared sentences."""
        return not (self.show_suggestions or (self.tabs and self.tabs.opened))

    def _revealable(self) -> int | None:
        """Position of the card whose labels may be shown: the current one if it was decided before, or the last one."""
        if self._queue and self._queue[0] in self._returned:
            return self._queue[0]
        return self._history[-1] if self._history else None

    def _said(self, at: int) -> list[Said] | None:
        """Return what may be shown of others; None if that is nothing yet."""
        labels = self._labels[at]
        if not (self.show_suggestions or at in self._compared):
            if not self.adjudicating:
                return None
            labels = [label for label in labels if label["kind"] == "analyst"]
        own = self._decided.get(at)
        return [
            Said(
                who=self._who(label),
                kind=_KINDS.get(label["kind"], str(label["kind"])),
                label=str(label["label"]),
                note=_text(label["note"]),
                compared=_compared(own, label["decision"]),
            )
            for label in labels
        ]

    def _who(self, label: Mapping[str, Any]) -> str:
        alias = self._aliases.get(label["who"]) if label["kind"] == "analyst" else None
        if alias is None:
            return str(label["who"])
        return f"{alias}: {label['who']}" if self._names_shown else alias

    def _time_left(self) -> str:
        if not self._seconds or not self._queue:
            return ""
        minutes = median(self._seconds[-_RECENT:]) * len(self._queue) / 60
        if minutes < 1:
            return "less than a minute left"
        return f"about {minutes:.0f} min left" if minutes < 60 else f"about {minutes / 60:.1f} h left"

    def _proposed_case(self) -> tuple[str, str] | None:
        """Return the last decision as a case; None if it cannot be settled or already is."""
        if not self.adjudicating or self._settle is None or not self._history or self._history[-1] in self._settled:
            return None
        decision = self._decided[self._history[-1]]
        words = decision_words(decision._replace(note="", unsure=False, source_check=""), self.codebook)
        return self._cards[self._history[-1]].text, f"{words}: {decision.note}"

    def _summary(self) -> list[str]:
        if not self._cards:
            return ["There is no sentence to label."]
        counts = Counter(decision.act for decision in self._decided.values())
        with_dimension = sum(decision.dimensions != "" for decision in self._decided.values())
        labelled = f"{counted(len(self._decided), 'sentence')} labelled by {self.annotator}"
        lines = [
            f"{labelled}, {with_dimension} of them with a dimension.",
            "Acts: " + ", ".join(f"{act.label} {counts[act.key]}" for act in self.codebook.acts) + ".",
        ]
        unsure = sum(decision.unsure for decision in self._decided.values())
        if unsure:
            lines.append(f"Unsure: {unsure}.")
        if self._seconds:
            lines.append(f"Median time per sentence: {median(self._seconds):.0f} seconds.")
        return lines


def decision_words(decision: Decision, codebook: Codebook) -> str:
    """Return a decision in the codebook's words."""
    labels = codebook.labels
    named = [labels.get(key, key) for key in decision.dimensions.split(";") if key]
    parts = [
        " and ".join(named) or "no dimension",
        labels.get(decision.strength, "").lower(),
        labels.get(decision.act, decision.act).lower(),
        labels.get(decision.exclusion, decision.exclusion),
        "contradicts" if decision.contradicts else "",
        "unsure" if decision.unsure else "",
        f"source: {CHECKS[decision.source_check].lower()}" if decision.source_check else "",
    ]
    return ", ".join(filter(None, parts))


def view_values(view: View) -> dict[str, Any]:
    """Return a view as values of JSON."""
    return asdict(view) | {"choice": view.choice._asdict()}


def answer_to(request: dict[str, Any], session: DeskSession) -> dict[str, Any]:
    """Do what the page asks, and return its answer with the new view; a late request for another card does nothing."""
    return {"id": request.get("id"), **_done(request, session), "view": view_values(session.view())}


def _done(request: dict[str, Any], session: DeskSession) -> dict[str, Any]:
    """Do what the page asks, and return what it needs beside the view."""
    match request.get("action"):
        case "start":
            return {"setup": session.setup()}
        case "agreement" | "feedback" as table:
            return {table: getattr(session, table)()}
        case "tab":
            return {"tab": session.tab(request)}
        case _ if request.get("step") != session.step:
            return {}
        case "choose":
            session.choose(str(request.get("kind")), str(request.get("value")))
        case "note" | "archived_url" as part:
            session.write(part, str(request.get(part)))
        case "settle":
            if session.settle(str(request.get("case")), str(request.get("decision"))):
                return {"settled": True, "setup": session.setup()}
        case "decide" | "skip" | "undo" | "reveal" | "show_names" as action:
            getattr(session, action)()
    return {}


def _controls(codebook: Codebook) -> list[Control]:
    def options(categories: list[Category], keys: Mapping[str, str]) -> list[Option]:
        return [Option(each.key, each.label, keys.get(each.key, ""), each.definition) for each in categories]

    digits = {key: str(digit) for digit, key in enumerate(codebook.dimension_keys[:9], start=1)}
    flags = [
        Option("contradicts", "Contradicts", FLAG_KEYS["contradicts"], "The member acted against the commitment."),
        Option("unsure", "Unsure", FLAG_KEYS["unsure"], "You are not sure of this decision."),
    ]
    excluding = dict.fromkeys(codebook.exclusion_keys, CYCLE_KEYS["exclusion"])
    checks = [Option(key, label, CYCLE_KEYS["source_check"], _CHECKED[key]) for key, label in CHECKS.items()]
    controls = [
        Control("dimension", "Dimensions", options(codebook.dimensions, digits)),
        Control("strength", "Strength", options(codebook.strengths, STRENGTH_KEYS)),
        Control("act", "Act", options(codebook.acts, ACT_KEYS)),
        Control("exclusion", "Exclusion", options(codebook.exclusions, excluding)),
        Control("flag", "Flags", flags),
        Control("source_check", "Source", checks),
    ]
    return [control for control in controls if control.options]


def _card(row: Mapping[Any, Any]) -> Card:
    parts = {name: _text(row[name]) for name in Card.__dataclass_fields__}
    if not parts["url"].lower().startswith(("http://", "https://")):
        parts["url"] = ""  # a link such as javascript: must not reach the page
    return Card(**parts)


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124  NaN is unequal to itself


def _aliases(labels: list[list[dict[str, Any]]]) -> dict[str, str]:
    """Return "Annotator A" and so on for each analyst, in the order in which they appear."""
    names = dict.fromkeys(label["who"] for said in labels for label in said if label["kind"] == "analyst")
    return {name: f"Annotator {chr(ord('A') + n)}" for n, name in enumerate(names)}


def _chosen(choice: Choice, kind: str, value: str, *, codebook: Codebook) -> tuple[Choice, str]:
    """Return the choice after a button was pressed, and a hint if the button could not be pressed."""
    if kind == "dimension":
        return _with_dimension(choice, value, codebook), ""
    if kind == "strength":
        return _with_strength(choice, value)
    if kind == "act":
        return choice._replace(act="" if value == choice.act else value), ""
    if kind in CYCLE_KEYS:
        chosen = getattr(choice, kind)
        cycle = [*(codebook.exclusion_keys if kind == "exclusion" else CHECKS), ""]
        following = cycle[(cycle.index(chosen) + 1) % len(cycle)] if value == NEXT else value
        given: dict[str, Any] = {kind: "" if following == chosen else following}
        return choice._replace(**given), ""
    if value == "contradicts":
        return choice._replace(contradicts=not choice.contradicts), ""
    return choice._replace(unsure=not choice.unsure), ""


def _counted(choice: Choice) -> Choice:
    """Return what counts of a choice: without what its act or exclusion excludes, which comes back if they change."""
    if choice.act in NO_DIMENSION or choice.exclusion:
        return choice._replace(dimensions=(), strength="")
    if choice.act == "planned" and choice.strength == "strong":
        return choice._replace(strength="weak")
    return choice


def _with_dimension(choice: Choice, key: str, codebook: Codebook) -> Choice:
    """Toggle a dimension. It takes back an exclusion, and an act that carries no dimension."""
    if choice.act in NO_DIMENSION or choice.exclusion:
        act = "" if choice.act in NO_DIMENSION else choice.act
        choice = _counted(choice)._replace(act=act, exclusion="")
    chosen = {*choice.dimensions} ^ {key}
    return choice._replace(
        dimensions=tuple(each for each in codebook.dimension_keys if each in chosen),
        strength=choice.strength if chosen else "",
    )


def _with_strength(choice: Choice, key: str) -> tuple[Choice, str]:
    """Toggle a strength, if the act and the exclusion allow it."""
    if _counted(choice).strength == key:
        return choice._replace(strength=""), ""
    if choice.act in NO_DIMENSION or choice.exclusion:
        return choice, "Choose a dimension first: only a dimension has a strength."
    if choice.act == "planned" and key == "strong":
        return choice, "A planned act is weak: it cannot be strong."
    return choice._replace(strength=key), ""


def _lacking(choice: Choice, *, needs_reason: bool) -> str:
    """Return in one sentence what is missing before the choice can be saved; "" if nothing is."""
    if choice.strength and not choice.dimensions:
        return "A strength needs a dimension: choose a dimension, or press the strength again to clear it."
    if choice.archived_url and not is_address(choice.archived_url):
        return "The archived copy needs a web address (https:// or http://). Correct it (e), or empty it."
    parts = []
    if choice.dimensions and not choice.strength:
        parts.append("the strength (s or w)")
    if not choice.act:
        parts.append("the act (d, p, n, r or b)")
    if needs_reason and not choice.note:
        parts.append("the reason, as a comment (m)")
    return f"Missing: {enumerated(parts)}." if parts else ""


def _decision(choice: Choice, codebook: Codebook) -> Decision:
    chosen = ";".join(key for key in codebook.dimension_keys if key in choice.dimensions)
    strength = choice.strength if chosen else "none"
    return Decision(**choice._asdict() | {"dimensions": chosen, "strength": strength})


def _choice(decision: Decision) -> Choice:
    chosen = tuple(filter(None, decision.dimensions.split(";")))
    strength = "" if decision.strength == "none" else decision.strength
    return Choice(**decision._asdict() | {"dimensions": chosen, "strength": strength})


def _compared(own: Decision | None, other: Decision | None) -> str:
    """Return how another decision differs from one's own, in words; "" if there is nothing to compare."""
    if own is None or other is None:
        return ""
    parts = ("dimensions", "strength", "act", "exclusion", "contradicts")
    differing = [part for part in parts if getattr(own, part) != getattr(other, part)]
    return f"differs in {', '.join(differing)}" if differing else "same as yours"
