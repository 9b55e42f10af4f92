"""Match two versions of a report: what is the same, edited, new or gone, and at which items scores move."""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.audit.comparison import IDS
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.scoring import item_levels, scores_of, signed, suggested_chances
from g7tag.scoring.rules import reached_level
from g7tag.tagger.words import vocabulary_of, word_matrix
from g7tag.text import counted

SAME, EDITED, NEW, GONE = "same", "edited", "new", "gone"
ALIKE = 0.4
"""Minimum cosine of two versions of an item. In the evidence that comes with g7tag, two items of one member have at
most 0.35, and an item in which three words of ten are replaced by words of others has at least 0.48 with itself."""
ALIKE_SENTENCES = 0.3
"""Minimum cosine of two versions of a sentence in an item that is in both reports."""
BEFORE = " (before)"
"""Ends the name of an item, sentence or note that is not in the new report."""
_NOTE = re.compile(r"\bnote (\d+)")
_NOTED = ["publisher", "title", "url"]
_MEMBERS = ["commitment_id", "member"]
Counts = Mapping[str, bool]
"""The dimensions of an item that counts, and whether it is strong in each."""


class Versions(NamedTuple):
    """What differs between a run on a report and a run on a newer version of it.

    Attributes
    ----------
    changes
        All items, in reading order: old_id, new_id ("" if not in that report), member, status (same, edited, new,
        gone), similarity (cosine of the words of an edited item, otherwise NaN) and changed (what differs: date,
        sources, sentences).
    sentences
        All sentences: old_id, new_id, member, status, similarity, old_text, new_text.
    score_changes
        Each member under each reading: old_score, new_score, old_chance, new_chance (probability of each, NaN if
        unknown), item_ids (the items at which the score moves; of the old report if they are gone), and why.
    steps
        Each changed item of a member under each reading, in reading order: item_id, status, before and after (the score
        without and with this change, after all earlier ones), moves, and alone (the new score if this item alone were
        as before).
    """

    changes: pd.DataFrame
    sentences: pd.DataFrame
    score_changes: pd.DataFrame
    steps: pd.DataFrame


def match_versions(old: Frames, new: Frames, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frames changes and sentences of `Versions`, which need no labels."""
    sides = [_own(run, codebook) for run in (old, new)]
    terms, idf = vocabulary_of(text for side in sides for text in side["items"]["text"])
    places = {term: place for place, term in enumerate(terms)}

    def cosines(one: Sequence[str], other: Sequence[str]) -> Any:
        return (word_matrix(one, places, idf) @ word_matrix(other, places, idf).T).toarray()

    parts, within = (
        [{key: rows.to_dict("records") for key, rows in side[name].groupby(by, sort=False)} for side in sides]
        for name, by in (("items", _MEMBERS), ("sentences", "item_id"))
    )
    cited = [_cited(side) for side in sides]
    items: list[dict[str, Any]] = []
    sentences: list[dict[str, Any]] = []
    for key in dict.fromkeys([*parts[1], *parts[0]]):
        ends = [part.get(key, []) for part in parts]
        for one, other, similarity in _paired(ends[0], ends[1], cosines, least=ALIKE):
            pair = one or {}, other or {}
            ids = [each.get("item_id", "") for each in pair]
            found = [side.get(name, []) for side, name in zip(within, ids, strict=True)]
            own = [
                _row(*matched, key="sentence_id")
                | {f"{which}_text": (each or {}).get("text", "") for which, each in _sides(*matched[:2])}
                for matched in _paired(found[0], found[1], cosines, least=ALIKE_SENTENCES)
            ]
            row, differs = _row(one, other, similarity, key="item_id"), []
            if one and other:
                differs = ["date"] * (str(one["date"]) != str(other["date"]))
                differs += ["sources"] * (cited[0][ids[0]] != cited[1][ids[1]])
                number = Counter(each["status"] for each in own if each["status"] != SAME)
                differs += [f"{counted(n, 'sentence')} {status}" for status, n in number.items()]
            items.append(row | {"changed": "; ".join(differs)})
            sentences += own
    columns = ["old_id", "new_id", "member", "status", "similarity"]
    types = {"similarity": "float64"}
    texts = ["old_text", "new_text"]
    return (
        pd.DataFrame(items, columns=[*columns, "changed"]).astype(types),
        pd.DataFrame(sentences, columns=[*columns, *texts]).astype(types),
    )


def _own(run: Frames, codebook: Codebook) -> Frames:
    """The items and sentences of the commitment, in reading order, with what `_cited` needs."""
    own = {name: run[name][run[name]["commitment_id"] == codebook.commitment.id] for name in ("items", "sentences")}
    return own | {"citations": run["citations"]}


def _cited(side: Frames) -> dict[str, list[tuple[str, ...]]]:
    """The sources that each item cites, whatever their numbers are."""
    notes = side["citations"]
    keys = zip(notes["document_id"], notes["note"].astype("str"), strict=True)
    known = dict(zip(keys, notes[_NOTED].itertuples(index=False, name=None), strict=True))
    return {
        item: [known.get((document, note), (note,)) for note in filter(None, joined.split(";"))]
        for item, document, joined in side["items"][["item_id", "document_id", "citations"]].itertuples(index=False)
    }


Side = dict[Any, Any] | None


def _sides(one: Side, other: Side) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("old", one), ("new", other)


def _row(one: Side, other: Side, similarity: float, *, key: str) -> dict[str, Any]:
    """The ids and the status of an item or a sentence in the two reports."""
    status = NEW if one is None else GONE if other is None else SAME if similarity == 1 else EDITED
    return {
        **{f"{which}_id": (each or {}).get(key, "") for which, each in _sides(one, other)},
        "member": (one or other or {})["member"], "status": status,
        "similarity": similarity if status == EDITED else np.nan,
    }  # fmt: skip


def _paired(
    old: Sequence[dict[Any, Any]], new: Sequence[dict[Any, Any]], cosines: Callable[..., Any], *, least: float
) -> list[tuple[Side, Side, float]]:
    """Pair rows of equal text in their order, then the most similar others, one to one; 1.0 is equal text.

    In the order of the new rows; rows that are gone follow the row that they followed.
    """
    texts = [[" ".join(each["text"].split()) for each in side] for side in (old, new)]
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for place, text in enumerate(texts[1]):
        waiting[text].append(place)
    pairs = {place: (waiting[text].popleft(), 1.0) for place, text in enumerate(texts[0]) if waiting[text]}
    taken = {place for place, _ in pairs.values()}
    left = [place for place in range(len(old)) if place not in pairs]
    right = [place for place in range(len(new)) if place not in taken]
    if left and right:
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - loads slowly

        found = cosines([texts[0][each] for each in left], [texts[1][each] for each in right])
        found = np.where(found >= least, found, 0.0)
        for row, column in zip(*linear_sum_assignment(found, maximize=True), strict=True):
            if found[row, column]:
                pairs[left[row]] = right[column], min(float(found[row, column]), 1 - 1e-9)
    of_new = {place: (one, similarity) for one, (place, similarity) in pairs.items()}
    after = -1
    rows: list[tuple[tuple[int, int, int], tuple[Side, Side, float]]] = []
    for place, each in enumerate(old):
        after = pairs[place][0] if place in pairs else after
        rows += [] if place in pairs else [((after, 1, place), (each, None, 0.0))]
    for place, each in enumerate(new):
        one, similarity = of_new.get(place, (None, 0.0))
        rows.append(((place, 0, 0), (None if one is None else old[one], each, similarity)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def explain_scores(
    old: Frames, new: Frames, changes: pd.DataFrame, codebook: Codebook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frames score_changes and steps of `Versions`.

    The changed items of the old run are replaced by those of the new run one after the other, in reading order.
    """
    levels = [_counts(run, codebook) for run in (old, new)]
    steps: list[dict[str, Any]] = []
    for member, rows in changes.groupby("member", sort=False):
        pairs = [
            (row, levels[0].get(row["old_id"], {}), levels[1].get(row["new_id"], {})) for row in rows.to_dict("records")
        ]
        now, last, done = [before for _, before, _ in pairs], [after for *_, after in pairs], []
        for place, (row, before, after) in enumerate(pairs):
            if row["status"] == SAME and before == after and not row["changed"]:
                continue
            was = _scores(now, codebook)
            now[place] = after
            item = {"item_id": row["new_id"] or row["old_id"], "member": member, "status": row["status"]}
            as_before = [*last[:place], before, *last[place + 1 :]]
            done.append((item, was, _scores(now, codebook), _scores(as_before, codebook)))
        steps += [
            {**item, "reading": reading.name, "before": was[reading.name], "after": then[reading.name],
             "moves": was[reading.name] != then[reading.name], "alone": alone[reading.name]}
            for reading in codebook.readings
            for item, was, then, alone in done
        ]  # fmt: skip
    columns = ["member", "reading", "item_id", "status", "before", "after", "moves", "alone"]
    types = {"before": "Int64", "after": "Int64", "moves": "bool", "alone": "Int64"}
    found = pd.DataFrame(steps, columns=columns).astype(types)
    return _score_changes(old, new, found, codebook), found


def _counts(run: Frames, codebook: Codebook) -> dict[str, Counts]:
    """The dimensions of each item in the period, and whether the item is strong in each."""
    levels = item_levels(run["labels"], sentences=run["sentences"], items=run["items"], codebook=codebook)
    counted_ones = levels[levels["in_period"]]
    return {
        str(item): dict(zip(rows["dimension"], rows["strong"], strict=True))
        for item, rows in counted_ones.groupby("item_id")
    }


def _scores(items: Iterable[Counts], codebook: Codebook) -> dict[str, int | None]:
    """The score of these items under each reading."""
    strong: Counter[str] = Counter()
    weak: Counter[str] = Counter()
    for item in items:
        for dimension, is_strong in item.items():
            (strong if is_strong else weak)[dimension] += 1
    least = codebook.min_strong_items
    levels = {key: reached_level(strong[key], weak[key], min_strong_items=least) for key in codebook.dimension_keys}
    return scores_of(levels, codebook.readings)


def _score_changes(old: Frames, new: Frames, steps: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The scores of both runs, and the changed items at which they move."""
    keys = ["member", "reading"]
    sides = []
    for name, run in (("old", old), ("new", new)):
        own = run["scores"][run["scores"]["commitment_id"] == codebook.commitment.id]
        own = own.assign(**{f"{name}_score": own["suggested_score"], f"{name}_chance": suggested_chances(own)})
        sides.append(own[[*keys, f"{name}_score", f"{name}_chance"]])
    order = pd.concat([sides[1][keys], sides[0][keys]]).drop_duplicates()
    table = order.merge(sides[0], on=keys, how="left").merge(sides[1], on=keys, how="left")
    moving: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in steps[steps["moves"]].to_dict("records"):
        move = f"({row['status']}): {signed(row['before'])} to {signed(row['after'])}"
        step = row["item_id"], f"{row['item_id'].rpartition('/')[2]} {move}"
        moving[row["member"], row["reading"]].append(step)
    found = [moving[key] for key in table[keys].itertuples(index=False, name=None)]
    for place, (name, sign) in enumerate((("item_ids", ";"), ("why", "; "))):
        table[name] = pd.Series([sign.join(step[place] for step in own) for own in found], table.index, dtype="str")
    return table[[*keys, "old_score", "new_score", "old_chance", "new_chance", "item_ids", "why"]]


def renamed(
    old: Frames, new: Frames, changes: pd.DataFrame, sentences: pd.DataFrame
) -> tuple[Frames, Callable[[str], str]]:
    """Return the old run with the names of items, sentences, notes and the document as the new run has them.

    Also what gives a text with these names. What the new report lacks ends in `BEFORE`.
    """
    known = pd.concat([changes, sentences])[["old_id", "new_id"]]
    ids = {one: other or f"{one}{BEFORE}" for one, other in known.itertuples(index=False, name=None) if one}
    ids |= {each.rpartition("/")[2]: name.rpartition("/")[2] for each, name in ids.items()}
    alone = all(len(set(run["documents"]["document_id"])) == 1 for run in (old, new))
    notes = _same_notes(old["citations"], new["citations"]) if alone else {}
    documents = {old["documents"]["document_id"].iloc[0]: new["documents"]["document_id"].iloc[0]} if alone else {}

    def name(text: str) -> str:
        text = IDS.sub(lambda found: ids.get(found[0], found[0]), text)
        return _NOTE.sub(lambda found: f"note {notes.get(found[1], found[1])}", text)

    def columns(frame: pd.DataFrame) -> pd.DataFrame:
        named = ("item_id", "sentence_id", "finding_id", "subject", "message", "proof")
        changed = {each: frame[each].map(name) for each in named if each in frame}
        if "document_id" in frame:
            changed["document_id"] = frame["document_id"].map(lambda each: documents.get(each, each))
        if "citations" in frame:
            changed["citations"] = frame["citations"].map(
                lambda joined: ";".join(notes.get(note, note) for note in joined.split(";"))
            )
        if "note" in frame and "accessed" in frame:
            changed["note"] = frame["note"].astype("str").map(lambda note: notes.get(note, note))
        return frame.assign(**changed)

    return {each: columns(frame) for each, frame in old.items()}, name


def _same_notes(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, str]:
    """The number in the new report of each note of the old one with the same source, in order."""
    waiting: dict[tuple[str, ...], deque[str]] = defaultdict(deque)
    for note, *source in new[["note", *_NOTED]].itertuples(index=False, name=None):
        waiting[tuple(source)].append(str(note))
    found = {}
    for note, *source in old[["note", *_NOTED]].itertuples(index=False, name=None):
        same = waiting[tuple(source)]
        found[str(note)] = same.popleft() if same else f"{note}{BEFORE}"
    return found
