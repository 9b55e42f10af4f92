"""The levels of two runs side by side, and the items that make the difference."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit.comparison.matching import TWO_COMMITMENTS, Pairs
from g7tag.audit.findings import named
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.scoring import in_period, item_levels
from g7tag.scoring.scores import label_facts
from g7tag.text import counted

Cell = Mapping[Any, Any]
OUTSIDE, ABSENT, NONE = "outside the period", "not in the run", "none"
"""How an item counts that is neither strong nor weak in a dimension."""
LEVELS = [
    "code", "member", "dimension", "first_level", "second_level", "first_strong", "first_weak", "second_strong",
    "second_weak", "differs", "item_ids", "changes", "sentence_ids", "why",
]  # fmt: skip
_ORDINALS = ("first", "second")
_IDS = ("first_id", "second_id")


class Changed(NamedTuple):
    """An item that counts differently: its id, how it counts in each run, and its sentences that count differently."""

    id: str
    states: tuple[str, str]
    sentence_ids: tuple[str, ...]


def compare_levels(
    first: Frames, second: Frames, pairs: Pairs, *, codebooks: tuple[Codebook, Codebook], comparable: bool
) -> pd.DataFrame:
    """Return the level of each member in each dimension in two runs."""
    cells = [_cells(run) for run in (first, second)]
    names = _names(first["members"]) | _names(second["members"]) | _names(first["members"])
    keys = dict.fromkeys([*codebooks[0].dimension_keys, *codebooks[1].dimension_keys])
    changed = _changed_items((first, second), pairs, codebooks) if comparable else {}
    rows = []
    for code, dimension in ((code, key) for code in names for key in keys):
        one, other = (each.get((code, dimension)) for each in cells)
        if one is None and other is None:
            continue
        differs = _difference(one, other)
        items = changed.get((code, dimension), [])
        rows.append(
            {
                "code": code, "member": names[code], "dimension": dimension,
                **_numbers(one, "first"), **_numbers(other, "second"), "differs": differs,
                "item_ids": ";".join(item.id for item in items),
                "changes": "; ".join(f"{named([item.id])}: {' / '.join(item.states)}" for item in items),
                "sentence_ids": ";".join(each for item in items for each in item.sentence_ids),
                "why": _why(differs, items, codebooks, comparable=comparable),
            }
        )  # fmt: skip
    numbers = dict.fromkeys(("first_strong", "first_weak", "second_strong", "second_weak"), "Int64")
    return pd.DataFrame(rows, columns=LEVELS).astype({name: numbers.get(name, "str") for name in LEVELS})


def _names(members: pd.DataFrame) -> dict[str, str]:
    return dict(zip(members["code"], members["member"], strict=True))


def _cells(run: Frames) -> dict[tuple[str, str], Cell]:
    codes = dict(zip(run["members"]["member"], run["members"]["code"], strict=True))
    return {(codes[row["member"]], row["dimension"]): row for row in run["evidence_matrix"].to_dict("records")}


def _numbers(cell: Cell | None, run: str) -> dict[str, Any]:
    names = {"level": "level", "strong": "n_strong", "weak": "n_weak"}
    return {
        f"{run}_{name}": cell[column] if cell else "" if name == "level" else pd.NA for name, column in names.items()
    }


def _difference(one: Cell | None, other: Cell | None) -> str:
    if one is None or other is None:
        return "only second" if one is None else "only first"
    if one["level"] != other["level"]:
        return "level"
    same = one["n_strong"] == other["n_strong"] and one["n_weak"] == other["n_weak"]
    return "" if same else "numbers"


def _changed_items(
    runs: tuple[Frames, Frames], pairs: Pairs, codebooks: tuple[Codebook, Codebook]
) -> dict[tuple[str, str], list[Changed]]:
    """Return the items that count differently, by the code of the member and the dimension."""
    sides = [_Side.of(run, book) for run, book in zip(runs, codebooks, strict=True)]
    one_of, other_of = (_by_item(pairs.sentences, key, side.item_of) for key, side in zip(_IDS, sides, strict=True))
    shared = [key for key in codebooks[0].dimension_keys if key in codebooks[1].dimension_keys]
    changed: dict[tuple[str, str], list[Changed]] = {}
    for one, other in _ids(pairs.items):
        code = sides[0].codes.get(one) or sides[1].codes[other]
        sentences = dict.fromkeys([*one_of.get(one, []), *other_of.get(other, [])])
        for key in shared:
            states = sides[0].state(one, key), sides[1].state(other, key)
            if _counted(states[0]) != _counted(states[1]):
                ids = (a or b for a, b in sentences if sides[0].strength(a, key) != sides[1].strength(b, key))
                changed.setdefault((code, key), []).append(Changed(one or other, states, tuple(ids)))
    return changed


class _Side(NamedTuple):
    """What counts in one run: strengths by dimension of items and sentences, and items outside the period."""

    items: Mapping[tuple[str, str], str]
    sentences: Mapping[tuple[str, str], str]
    item_of: Mapping[str, str]
    codes: Mapping[str, str]
    outside: frozenset[str]

    @classmethod
    def of(cls, run: Frames, codebook: Codebook) -> "_Side":
        """Return what counts in a run."""
        texts = {name: run[name] for name in ("sentences", "items")}
        levels = item_levels(run["labels"], **texts, codebook=codebook)
        facts = label_facts(run["labels"], run["sentences"])
        strengths = levels["strong"].map({True: "strong", False: "weak"})
        return cls(
            _by_keys(levels["item_id"], levels["dimension"], strengths),
            _by_keys(facts["sentence_id"], facts["dimension"], facts["strength"]),
            dict(zip(run["sentences"]["sentence_id"], run["sentences"]["item_id"], strict=True)),
            dict(zip(run["items"]["item_id"], run["items"]["code"], strict=True)),
            frozenset(run["items"].loc[~in_period(run["items"], codebook), "item_id"]),
        )

    def state(self, item: str, dimension: str) -> str:
        """Return how an item counts in a dimension; "" is an item that the run does not have."""
        if not item:
            return ABSENT
        return OUTSIDE if item in self.outside else self.items.get((item, dimension), NONE)

    def strength(self, sentence: str, dimension: str) -> str:
        """Return the strength of a sentence in a dimension."""
        return self.sentences.get((sentence, dimension), NONE)


def _by_keys(ids: pd.Series, keys: pd.Series, values: pd.Series) -> dict[tuple[str, str], str]:
    return dict(zip(zip(ids, keys, strict=True), values, strict=True))


def _ids(pairs: pd.DataFrame) -> Iterable[tuple[str, str]]:
    return zip(pairs["first_id"], pairs["second_id"], strict=True)


def _by_item(sentences: pd.DataFrame, key: str, item_of: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Return the pairs of sentences of each item of one run."""
    found: dict[str, list[tuple[str, str]]] = {}
    for own, pair in zip(sentences[key], _ids(sentences), strict=True):
        if own:
            found.setdefault(item_of[own], []).append(pair)
    return found


def _counted(state: str) -> str:
    return state if state in {"strong", "weak"} else NONE


def _why(differs: str, items: Sequence[Changed], codebooks: tuple[Codebook, Codebook], *, comparable: bool) -> str:
    """Return why a level or its numbers differ; "" if they do not."""
    if differs in {"", "only first", "only second"}:
        return ""
    if not comparable:
        return TWO_COMMITMENTS
    causes = []
    least = tuple(book.min_strong_items for book in codebooks)
    if least[0] != least[1] and differs == "level":
        causes.append(f"{least[0]} strong items make it strong in the first run, {least[1]} in the second")
    for place, run in enumerate(_ORDINALS):
        absent = [item.id for item in items if item.states[1 - place] == ABSENT]
        outside = [item.id for item in items if item.states[place] == OUTSIDE and item.states[1 - place] != ABSENT]
        if absent:
            causes.append(f"{counted(len(absent), 'item')} only in the {run} run: {named(absent)}")
        if outside:
            causes.append(f"{counted(len(outside), 'item')} outside the period of the {run} run: {named(outside)}")
    relabelled = [item for item in items if not {ABSENT, OUTSIDE} & {*item.states}]
    ids = [each for item in relabelled for each in item.sentence_ids]
    if ids:
        causes.append(f"{counted(len(ids), 'sentence')} labelled differently: {named(ids)}")
    return "; ".join(causes)
