"""Match two versions of a report: what is the same, edited, new or gone, and at which items scores move."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.comparison import IDS
from g7tag.audit.notes import noted_items
from g7tag.codebook import Codebook
from g7tag.frames import VERSION_ITEMS, VERSION_SCORES, VERSION_SENTENCES, VERSION_STEPS, Frames, build
from g7tag.scoring import LEVELS, item_levels, scores_of, signed, states_of, suggested_chances
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
_SOURCE = ["publisher", "title", "url"]
_SCORE = ["member", "reading"]
Cosines = Callable[[pd.Series, pd.Series], npt.NDArray[np.float64]]


def match_versions(old: Frames, new: Frames, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frames version_items and version_sentences: the new report in its order, then what is gone.

    Items are matched within a member, sentences within a matched item.
    """
    (old_items, old_sentences), (new_items, new_sentences) = (
        [run[name][run[name]["commitment_id"] == codebook.commitment.id] for name in ("items", "sentences")]
        for run in (old, new)
    )
    terms, idf = vocabulary_of(pd.concat([old_items["text"], new_items["text"]]))
    places = {term: place for place, term in enumerate(terms)}

    def cosines(one: pd.Series, other: pd.Series) -> npt.NDArray[np.float64]:
        matrices = [word_matrix(texts.tolist(), places, idf) for texts in (one, other)]
        return np.asarray((matrices[0] @ matrices[1].T).toarray()).clip(max=1)

    items = _matched(old_items, new_items, "item_id", within="member", least=ALIKE, cosines=cosines)
    now = {one: other or one + BEFORE for one, other in zip(items["old_id"], items["new_id"], strict=True)}
    old_sentences = old_sentences.assign(item_id=old_sentences["item_id"].map(now))
    sentences = _matched(
        old_sentences, new_sentences, "sentence_id", within="item_id", least=ALIKE_SENTENCES, cosines=cosines
    )
    for which, rows in (("old", old_sentences), ("new", new_sentences)):
        texts = dict(zip(rows["sentence_id"], rows["text"], strict=True))
        sentences[f"{which}_text"] = [texts.get(name, "") for name in sentences[f"{which}_id"]]
    items["changed"] = _changed(items, sentences, old, new)
    return build(VERSION_ITEMS, items.to_dict("records")), build(VERSION_SENTENCES, sentences.to_dict("records"))


def _matched(
    old: pd.DataFrame, new: pd.DataFrame, key: str, *, within: str, least: float, cosines: Cosines
) -> pd.DataFrame:
    """Pair the rows of a group one to one: equal texts in their order, then the most similar others."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - loads slowly

    old, new = (rows.assign(words=rows["text"].str.split().str.join(" ")) for rows in (old, new))
    same = _equal(old, new, [within, "words"], key)
    pairs: list[tuple[str, str, float]] = [(one, other, np.nan) for one, other in same.items()]
    left, right = old[~old[key].isin(same.keys())], new[~new[key].isin(same.values())]
    for group, ones in left.groupby(within):
        others = right[right[within] == group]
        found = cosines(ones["words"], others["words"])
        found[found < least] = 0
        for row, column in zip(*linear_sum_assignment(found, maximize=True), strict=True):
            if found[row, column]:
                pairs.append((ones[key].iloc[row], others[key].iloc[column], found[row, column]))
    ids = pd.DataFrame(pairs, columns=["old_id", "new_id", "similarity"])
    ids = ids.astype({"old_id": "str", "new_id": "str", "similarity": "float64"})  # also without rows
    about = list(dict.fromkeys(["member", within]))
    here = new[[key, *about]].rename(columns={key: "new_id"}).merge(ids, on="new_id", how="left")
    gone = old.loc[~old[key].isin(ids["old_id"]), [key, *about]].rename(columns={key: "old_id"})
    table = pd.concat([here, gone], ignore_index=True)
    states = [table["old_id"].isna(), table["new_id"].isna(), table["similarity"].notna()]
    return table.fillna({"old_id": "", "new_id": ""}).assign(status=np.select(states, [NEW, GONE, EDITED], SAME))


def _equal(old: pd.DataFrame, new: pd.DataFrame, by: list[str], key: str) -> dict[Any, Any]:
    """Return the id of the new row for the id of each old one that is equal, in their order."""
    one, other = (rows[[*by, key]].assign(place=rows.groupby(by).cumcount()) for rows in (old, new))
    found = one.merge(other, on=[*by, "place"], suffixes=("", "_new"))
    return dict(zip(found[key], found[f"{key}_new"], strict=True))


def _changed(items: pd.DataFrame, sentences: pd.DataFrame, old: Frames, new: Frames) -> list[str]:
    """Return what differs in each item that is in both reports; sources are compared whatever their numbers are."""
    edits = Counter(zip(sentences["item_id"], sentences["status"], strict=True))
    before, after = _dates_and_sources(old), _dates_and_sources(new)
    changed = []
    for one, other in zip(items["old_id"], items["new_id"], strict=True):
        differs = []
        if one and other:
            pairs = zip(("date", "sources"), before[one], after[other], strict=True)
            differs = [name for name, was, now in pairs if was != now]
            n = {status: edits[other, status] for status in (EDITED, NEW, GONE)}
            differs += [f"{counted(number, 'sentence')} {status}" for status, number in n.items() if number]
        changed.append("; ".join(differs))
    return changed


def _dates_and_sources(run: Frames) -> dict[str, tuple[str, list[list[str]]]]:
    notes = noted_items(run["items"], run["citations"])
    sources = {item: rows[_SOURCE].to_numpy().tolist() for item, rows in notes.groupby("item_id")}
    days = zip(run["items"]["item_id"], run["items"]["date"].astype("str"), strict=True)
    return {item: (day, sources.get(item, [])) for item, day in days}


def explain_scores(
    old: Frames, new: Frames, items: pd.DataFrame, codebook: Codebook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frames version_scores and version_steps.

    The changed items of the old run are replaced by those of the new run one after the other, in the order of `items`.
    """
    before, after = _counts(old, items["old_id"], codebook), _counts(new, items["new_id"], codebook)
    steps: list[dict[str, Any]] = []
    for member, rows in items.groupby("member", sort=False):
        delta = after[rows.index] - before[rows.index]
        then = before[rows.index].sum(axis=0) + delta.cumsum(axis=0)
        alone = after[rows.index].sum(axis=0) - delta
        changed = (rows["status"] != SAME) | (rows["changed"] != "") | (delta != 0).any(axis=(1, 2))
        for place in np.flatnonzero(changed):
            one, other, status = rows[["old_id", "new_id", "status"]].iloc[place]
            scores = [_scores(each, codebook) for each in (then[place] - delta[place], then[place], alone[place])]
            steps += [
                {"member": member, "reading": reading, "item_id": other or one, "status": status,
                 "before": was, "after": now, "moves": was != now, "alone": if_alone}
                for reading, was, now, if_alone in zip(scores[0], *(each.values() for each in scores), strict=True)
            ]  # fmt: skip
    found = build(VERSION_STEPS, steps)
    return _score_changes(old, new, found, codebook), found


def _counts(run: Frames, ids: pd.Series, codebook: Codebook) -> npt.NDArray[np.int64]:
    """Return 0 or 1 of shape (n_ids, n_dimensions, 2): whether the item counts as strong, and as weak; 0 of id ""."""
    levels = item_levels(run["labels"], sentences=run["sentences"], items=run["items"], codebook=codebook)
    strong = levels[levels["in_period"]].pivot(index="item_id", columns="dimension", values="strong")
    strong = strong.reindex(index=ids, columns=codebook.dimension_keys)
    return np.stack([strong == each for each in (True, False)], axis=2).astype("int64")


def _scores(counts: npt.NDArray[np.int64], codebook: Codebook) -> dict[str, int | None]:
    """Return the score of each reading, of numbers of strong and weak items of shape (n_dimensions, 2)."""
    states = states_of(counts[:, 0], counts.sum(axis=1), codebook.min_strong_items)
    levels = {key: LEVELS[state] for key, state in zip(codebook.dimension_keys, states, strict=True)}
    return scores_of(levels, codebook.readings)


def _score_changes(old: Frames, new: Frames, steps: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the scores of both runs, and the changed items at which they move."""
    sides = []
    for which, run in (("new", new), ("old", old)):
        own = run["scores"][run["scores"]["commitment_id"] == codebook.commitment.id]
        own = own.assign(chance=suggested_chances(own)).rename(columns={"suggested_score": "score"})
        sides.append(own.set_index(_SCORE)[["score", "chance"]].add_prefix(f"{which}_"))
    moves = []
    for row in steps[steps["moves"]].to_dict("records"):
        why = (
            f"{row['item_id'].rpartition('/')[2]} ({row['status']}): {signed(row['before'])} to {signed(row['after'])}"
        )
        moves.append((row["member"], row["reading"], row["item_id"], why))
    moving = pd.DataFrame(moves, columns=[*_SCORE, "item_ids", "why"], dtype="str").groupby(_SCORE)
    table = pd.concat([*sides, moving["item_ids"].agg(";".join), moving["why"].agg("; ".join)], axis=1)
    return build(VERSION_SCORES, table.fillna({"item_ids": "", "why": ""}).reset_index().to_dict("records"))


def renamed(old: Frames, new: Frames, ids: dict[str, str]) -> tuple[Frames, Callable[[str], str]]:
    """Return the old run with the names of items, sentences, notes and the document as the new run has them.

    Also what gives a text with these names. What the new report lacks ends in `BEFORE`. Notes of several documents keep
    their numbers.
    """
    ids = {one: other or one + BEFORE for one, other in ids.items()}
    ids |= {one.rpartition("/")[2]: other.rpartition("/")[2] for one, other in ids.items()}
    notes, documents = dict[str, str](), dict[str, str]()
    if len(old["documents"]) == len(new["documents"]) == 1:
        documents = dict(zip(old["documents"]["document_id"], new["documents"]["document_id"], strict=True))
        known = _equal(old["citations"], new["citations"], _SOURCE, "note")
        notes = {str(note): str(known.get(note, f"{note}{BEFORE}")) for note in old["citations"]["note"]}

    def name(text: str) -> str:
        text = IDS.sub(lambda found: ids.get(found[0], found[0]), text)
        return re.sub(r"(?<=\bnote )\d+", lambda found: notes.get(found[0], found[0]), text)

    names: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(("item_id", "sentence_id", "finding_id", "subject", "message", "proof"), name),
        "document_id": lambda document: documents.get(document, document),
        "citations": lambda joined: ";".join(notes.get(note, note) for note in joined.split(";")),
    }
    frames = {
        each: frame.assign(**{column: frame[column].map(to) for column, to in names.items() if column in frame})
        for each, frame in old.items()
    }
    numbers = old["citations"]["note"].astype("str").map(lambda note: notes.get(note, note))
    return frames | {"citations": frames["citations"].assign(note=numbers)}, name
