"""Check acts that are told of more than once: credited unevenly, labelled unlike, cited wrongly, or counted twice."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, counted, day, finding, named, scores_worded
from g7tag.audit.joint import ACT_DAYS
from g7tag.audit.notes import plain_url
from g7tag.codebook import Codebook
from g7tag.scoring import LEVELS, in_period, score_items, scores_of, states_of

_NAME = r"[A-Z][\w'’-]+"
_KINDS = "Directive|Act|Regulation|Law|Bill|Plan|Agreement|Strategy|Pact|Treaty|Convention|Memorandum"
_INSTRUMENT = re.compile(rf"(?:{_NAME} ){{1,6}}(?:{_KINDS})\b")


MOST_CHANGED = 3
"""Items of one member that are labelled anew together; beyond, the trials grow too many."""
MOST_TRIALS = 20_000
"""Ways to label items of one member anew that are tried for each number of items."""
Alternatives: TypeAlias = Mapping[str, list[str]]
Counts: TypeAlias = npt.NDArray[np.int64]


def act_findings(
    joint: pd.DataFrame,
    pairs: pd.DataFrame,
    items: pd.DataFrame,
    noted: pd.DataFrame,
    members: pd.DataFrame,
    levels: pd.DataFrame,
    codebook: Codebook,
) -> list[Row]:
    """Return what is uneven or doubled in the acts of a report.

    Parameters
    ----------
    joint, pairs
        What `joint_actions` and `pair_items` give.
    items, members
        Frames of one run.
    noted
        What `noted_items` gives.
    levels
        What `item_levels` gives.
    codebook
        Rules and members.
    """
    shared = joint[joint["members"].str.contains(";")]
    own = members[members["commitment_id"] == codebook.commitment.id]
    return [
        *unlike_findings(shared, items, levels, members, codebook),
        *(row for member in own.to_dict("records") for row in _not_credited(joint, member)),
        *(row for member in own.to_dict("records") for row in _without(shared, levels, member, codebook)),
        *_other_sources(shared, noted),
        *_repeated(pairs, shared, items, levels, codebook),
        *_carried_over(items, levels, codebook),
    ]


def _not_credited(joint: pd.DataFrame, member: Row) -> Iterator[Row]:
    """Acts that name a member and count for others alone."""
    its = joint[joint["commitment_id"] == member["commitment_id"]]
    its = its[[member["member"] in names.split(";") for names in its["named_only"]]]
    if len(its):
        shared = its["members"].str.contains(";")
        first = [*its[shared].to_dict("records"), *its[~shared].to_dict("records")][:4]
        said = "; ".join(f"{day(act['date'])} ({named(act['item_ids'].split(';'))})" for act in first)
        rest = f" and {len(its) - 4} more" if len(its) > 4 else ""
        told = f"items of others on {counted(len(its), 'act')} name it, and it has none on them: {said}{rest}."
        subject = f"{member['commitment_id']}/{member['code']}"
        proof = [item for ids in its["item_ids"] for item in ids.split(";")]
        yield finding("joint_act_not_credited", LOW, subject, told, member=member["member"], proof=proof)


def _without(shared: pd.DataFrame, levels: pd.DataFrame, member: Row, codebook: Codebook) -> Iterator[Row]:
    """Whether a member's score rests on acts that count for others too."""
    its = levels[(levels["member"] == member["member"]) & levels["in_period"]]
    joint_ids = {item for ids in shared["item_ids"] for item in ids.split(";")} & set(its["item_id"])
    changed = _changes(its, joint_ids, codebook)
    if changed:
        subject = f"{member['commitment_id']}/{member['code']}"
        told = (
            f"its score rests on {counted(len(joint_ids), 'item')} on acts that count for others too "
            f"({named(sorted(joint_ids))}): without them {changed}."
        )
        yield finding("depends_on_joint_acts", MEDIUM, subject, told, member=member["member"], proof=sorted(joint_ids))


def _other_sources(shared: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    """Items on a joint act whose source is that of another item of the member, on something else."""
    sources = noted.assign(address=noted["url"].map(plain_url)).drop_duplicates("item_id").set_index("item_id")
    alike = ["address", "member", "commitment_id"]
    for act in shared.to_dict("records"):
        ids = [item for item in act["item_ids"].split(";") if item in sources.index]
        for item in ids:
            source = sources.loc[item]
            alone = (sources.loc[ids, "address"] == source["address"]).sum() == 1
            same = (sources[alike] == source[alike]).all(axis=1) & ~sources.index.isin(ids)
            elsewhere = list(sources.index[same]) if alone and source["address"] else []
            if elsewhere:
                told = (
                    f"tells of the act of {named(each for each in ids if each != item)}, and its source "
                    f"({source['name']}) is that of {named(elsewhere)}: the note may be the wrong one."
                )
                where: dict[str, Any] = {"member": source["member"], "proof": [item, *elsewhere]}
                yield finding("wrong_source", MEDIUM, item, told, **where)


def _repeated(
    pairs: pd.DataFrame, shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook
) -> Iterator[Row]:
    """Pairs of one member's items that are one act: by themselves, or through what another member's item tells."""
    by_id = items.set_index("item_id")[["member", "commitment_id", "date"]]
    own = pairs[pairs["same_member"].astype(bool)]
    found = {(row["item_1"], row["item_2"]): row["act"] == "same" for row in own.to_dict("records")}
    for ids in shared["item_ids"].str.split(";"):
        for _, its in by_id.loc[ids].groupby("member", sort=False):
            for one, other in combinations(its.index, 2):
                if abs((its.loc[one, "date"] - its.loc[other, "date"]).days) <= ACT_DAYS:
                    found.setdefault((one, other), False)
    for (one, other), sure in sorted(found.items()):
        row = by_id.loc[one]
        its = levels[(levels["member"] == row["member"]) & levels["in_period"]]
        changed = _merged(its, one, other, codebook) if row["commitment_id"] == codebook.commitment.id else ""
        told = f"{named([one, other])} {'tell' if sure else 'may tell'} of one act"
        told += f"; counted once, {changed}." if changed else ", and the score does not rest on counting it twice."
        severity = (HIGH if changed else MEDIUM) if sure else LOW
        subject = f"{one}+{other.rpartition('/')[2]}"
        yield finding("duplicate_evidence", severity, subject, told, member=row["member"], proof=[one, other])


def _merged(its: pd.DataFrame, one: str, other: str, codebook: Codebook) -> str:
    """How a member's scores change where two items count as one that shows what either shows, in words."""
    both = its["item_id"].isin([one, other])
    joined = its[both].groupby("dimension", sort=False, as_index=False).agg({"strong": "any"}).assign(item_id=one)
    after = pd.concat([its[~both], joined], ignore_index=True).astype({"strong": "bool"})
    return scores_worded(score_items(after, codebook), before=score_items(its, codebook))


def _carried_over(items: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """A counted item that names the very law or plan that an item of its member outside the period tells of."""
    outside = set(levels.loc[~levels["in_period"], "item_id"])
    for before in items[items["item_id"].isin(outside)].to_dict("records"):
        acts = set(_INSTRUMENT.findall(before["text"]))
        rest = items[(items["member"] == before["member"]) & ~items["item_id"].isin(outside)]
        for after in rest[rest["commitment_id"] == before["commitment_id"]].to_dict("records") if acts else ():
            both = acts & set(_INSTRUMENT.findall(after["text"]))
            if both:
                its = levels[(levels["member"] == before["member"]) & levels["in_period"]]
                changed = _changes(its, {after["item_id"]}, codebook)
                told = (
                    f"{named([after['item_id']])} is counted and tells of the {sorted(both)[0]}, as does "
                    f"{named([before['item_id']])}, which is outside the period; were it the same act, "
                    f"{changed or 'the score would be the same'}."
                )
                first, second = sorted([before["item_id"], after["item_id"]])
                subject = f"{first}+{second.rpartition('/')[2]}"
                where: dict[str, Any] = {"member": before["member"], "proof": [first, second]}
                yield finding("duplicate_evidence", MEDIUM if changed else LOW, subject, told, **where)


def _changes(its: pd.DataFrame, left_out: set[str], codebook: Codebook) -> str:
    """How a member's scores change without some items, in words; "" where they do not."""
    after = its[~its["item_id"].isin(left_out)]
    return scores_worded(score_items(after, codebook), before=score_items(its, codebook))


def unlike_findings(
    shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook
) -> list[Row]:
    """Return acts labelled unlike, each with what it does to a score, and members whose score rests on several.

    Parameters
    ----------
    shared
        Rows of `joint_actions` on acts of several members.
    levels
        What `item_levels` gives.
    items, members
        Frames of one run; items outside the period are not labelled anew, since they do not count.
    codebook
        Dimensions, period and rules.
    """
    counted = items[in_period(items, codebook)].groupby("member")["item_id"].agg(set).to_dict()
    own = shared[(shared["commitment_id"] == codebook.commitment.id) & ~shared["alike"]]
    rows: list[Row] = []
    others: dict[str, list[str]] = {}
    alone: set[str] = set()
    for act in own.to_dict("records"):
        groups = _groups(act)
        firsts = {label: its[0] for label, its in groups.items()}
        for label, its in groups.items():
            others |= {item: [first for name, first in firsts.items() if name != label] for item in its}
        effects: dict[str, str] = {}
        for member in act["members"].split(";"):
            mine = {item: others[item] for its in groups.values() for item in its if item in counted.get(member, ())}
            effects |= {
                f"{member} {told}": member for told in _score_changes(levels, member, mine, codebook, sizes=(1,))
            }
        alone |= set(effects.values())
        said = "; ".join(f"{label} ({named(its)})" for label, its in groups.items())
        ids = act["item_ids"].split(";")
        told = (
            f"{len(ids)} items seem to tell of one act of {day(act['date'])} and are labelled in {len(groups)} ways: "
            f"{said}. One item labelled as another is, {'; '.join(effects) or 'no score changes'}."
        )
        severity = HIGH if effects else MEDIUM
        rows.append(finding("inconsistent_coding", severity, act["joint_id"], told, proof=ids))
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        if member["member"] not in alone:
            mine = {item: given for item, given in others.items() if item in counted.get(member["member"], ())}
            rows += _several(member, levels, mine, codebook)
    return rows


def _groups(act: Mapping[Any, Any]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item, label in zip(act["item_ids"].split(";"), act["labels"].split(" | "), strict=True):
        groups.setdefault(label, []).append(item)
    return groups


def _several(member: Row, levels: pd.DataFrame, others: Alternatives, codebook: Codebook) -> Iterator[Row]:
    """The fewest items on several acts that, labelled as others are, change a member's score."""
    told = list(_score_changes(levels, member["member"], others, codebook, sizes=range(2, MOST_CHANGED + 1)))
    if told:
        subject = f"{member['commitment_id']}/{member['code']}"
        message = f"items on several acts labelled as those of others on the same acts: {told[0]}."
        yield finding("inconsistent_coding", MEDIUM, subject, message, member=member["member"])


def _score_changes(
    levels: pd.DataFrame, member: str, others: Alternatives, codebook: Codebook, *, sizes: Iterable[int]
) -> Iterator[str]:
    """Changes of a member's score where some of its items take another item's label: those of the least size."""
    its = levels[(levels["member"] == member) & levels["in_period"]]
    mine = sorted(others)
    shows = _shown(levels[levels["item_id"].isin([*mine, *(each for item in mine for each in others[item])])], codebook)
    nothing = _nothing(codebook)
    total = _shown(its.assign(item_id=""), codebook).get("", nothing)
    moves = {
        item: [(other, shows.get(other, nothing) - shows.get(item, nothing)) for other in others[item]] for item in mine
    }
    scored = _Scorer(codebook)
    before = scored(total)
    for size in sizes:
        trials = (
            zip(items, taken, strict=True)
            for items in combinations(mine, size)
            for taken in product(*(moves[each] for each in items))
        )
        found: dict[str, str] = {}
        for trial in islice(trials, MOST_TRIALS):
            pairs = list(trial)
            worded = scores_worded(scored(sum((delta for _, (_, delta) in pairs), total)), before=before)
            if worded and worded not in found:
                named_pairs = ", ".join(f"{named([item])} as {named([other])}" for item, (other, _) in pairs)
                found[worded] = f"{worded} ({named_pairs})"
        if found:
            yield from found.values()
            return


class _Scorer:
    """Scores from counts of strong and of all items by dimension; each row of levels is scored once."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.known: dict[bytes, dict[str, int | None]] = {}

    def __call__(self, counts: Counts) -> dict[str, int | None]:
        states = states_of(counts[0], counts[1], self.codebook.min_strong_items)
        key = states.tobytes()
        if key not in self.known:
            levels = dict(zip(self.codebook.dimension_keys, (LEVELS[state] for state in states), strict=True))
            self.known[key] = scores_of(levels, self.codebook.readings)
        return self.known[key]


def _nothing(codebook: Codebook) -> Counts:
    return np.zeros((2, len(codebook.dimensions)), dtype=np.int64)


def _shown(levels: pd.DataFrame, codebook: Codebook) -> dict[str, Counts]:
    """Numbers of strong items, and of items, by dimension, for each item_id."""
    place = {key: at for at, key in enumerate(codebook.dimension_keys)}
    shown: dict[str, Counts] = {}
    for item, key, strong in zip(levels["item_id"], levels["dimension"], levels["strong"], strict=True):
        counts = shown.setdefault(item, _nothing(codebook))
        counts[:, place[key]] += (int(strong), 1)
    return shown
