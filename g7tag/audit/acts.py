"""Check acts that several items describe: uneven credit, inconsistent labels, wrong sources and double counting."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, day, finding, named, scores_text
from g7tag.audit.joint import ACT_DAYS
from g7tag.audit.notes import plain_url
from g7tag.codebook import Codebook
from g7tag.scoring import LEVELS, in_period, score_items, scores_of, states_of
from g7tag.text import counted

_NAME = r"[A-Z][\w'’-]+"
_KINDS = "Directive|Act|Regulation|Law|Bill|Plan|Agreement|Strategy|Pact|Treaty|Convention|Memorandum"
_INSTRUMENT = re.compile(rf"(?:{_NAME} ){{1,6}}(?:{_KINDS})\b")


MOST_CHANGED = 3
"""Maximum number of items of one member that are relabelled together; more would take too many trials."""
MOST_TRIALS = 20_000
"""Maximum number of relabellings tried for each number of items of one member."""
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
    """Return uneven credit, inconsistent labels and double counting in the acts of a report."""
    shared = joint[joint["members"].str.contains(";")]
    own = members[members["commitment_id"] == codebook.commitment.id]
    return [
        *inconsistent_findings(shared, items, levels, members, codebook),
        *(row for member in own.to_dict("records") for row in _not_credited(joint, member)),
        *(row for member in own.to_dict("records") for row in _without(shared, levels, member, codebook)),
        *_other_sources(shared, noted),
        *_repeated(pairs, shared, items, levels, codebook),
        *_carried_over(items, levels, codebook),
    ]


def _not_credited(joint: pd.DataFrame, member: Row) -> Iterator[Row]:
    """Acts that name a member but count only for others."""
    acts = joint[joint["commitment_id"] == member["commitment_id"]]
    acts = acts[[member["member"] in names.split(";") for names in acts["named_only"]]]
    if len(acts):
        shared = acts["members"].str.contains(";")
        first = [*acts[shared].to_dict("records"), *acts[~shared].to_dict("records")][:4]
        dates = "; ".join(f"{day(act['date'])} ({named(act['item_ids'].split(';'))})" for act in first)
        rest = f" and {len(acts) - 4} more" if len(acts) > 4 else ""
        message = (
            f"other members' items on {counted(len(acts), 'act')} mention it, but it has no matching item: "
            f"{dates}{rest}."
        )
        subject = f"{member['commitment_id']}/{member['code']}"
        proof = [item for ids in acts["item_ids"] for item in ids.split(";")]
        yield finding("joint_act_not_credited", LOW, subject, message, member=member["member"], proof=proof)


def _without(shared: pd.DataFrame, levels: pd.DataFrame, member: Row, codebook: Codebook) -> Iterator[Row]:
    """A member's score that depends on acts that also count for others."""
    own = levels[(levels["member"] == member["member"]) & levels["in_period"]]
    joint_ids = {item for ids in shared["item_ids"] for item in ids.split(";")} & set(own["item_id"])
    changed = _changes(own, joint_ids, codebook)
    if changed:
        subject = f"{member['commitment_id']}/{member['code']}"
        message = (
            f"its score depends on {counted(len(joint_ids), 'item')} about acts that also count for other members "
            f"({named(sorted(joint_ids))}). Without such items, the score changes {changed}."
        )
        where: dict[str, Any] = {"member": member["member"], "proof": sorted(joint_ids)}
        yield finding("depends_on_joint_acts", MEDIUM, subject, message, **where)


def _other_sources(shared: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    """Items on a joint act that cite the source of another item of the same member on a different act."""
    sources = noted.assign(plain_url=noted["url"].map(plain_url)).drop_duplicates("item_id").set_index("item_id")
    keys = ["plain_url", "member", "commitment_id"]
    for act in shared.to_dict("records"):
        ids = [item for item in act["item_ids"].split(";") if item in sources.index]
        for item in ids:
            source = sources.loc[item]
            alone = (sources.loc[ids, "plain_url"] == source["plain_url"]).sum() == 1
            same = (sources[keys] == source[keys]).all(axis=1) & ~sources.index.isin(ids)
            others = list(sources.index[same]) if alone and source["plain_url"] else []
            if others:
                message = (
                    f"describes the same act as {named(each for each in ids if each != item)}, but its source "
                    f"({source['name']}) is the source of {named(others)}. The note may be wrong."
                )
                where: dict[str, Any] = {"member": source["member"], "proof": [item, *others]}
                yield finding("wrong_source", MEDIUM, item, message, **where)


def _repeated(
    pairs: pd.DataFrame, shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook
) -> Iterator[Row]:
    """Pairs of one member's items that describe one act, directly or through another member's item."""
    by_id = items.set_index("item_id")[["member", "commitment_id", "date"]]
    own = pairs[pairs["same_member"].astype(bool)]
    found = {(row["item_1"], row["item_2"]): row["act"] == "same" for row in own.to_dict("records")}
    for ids in shared["item_ids"].str.split(";"):
        for _, group in by_id.loc[ids].groupby("member", sort=False):
            for one, other in combinations(group.index, 2):
                if abs((group.loc[one, "date"] - group.loc[other, "date"]).days) <= ACT_DAYS:
                    found.setdefault((one, other), False)
    for (one, other), sure in sorted(found.items()):
        row = by_id.loc[one]
        counted_levels = levels[(levels["member"] == row["member"]) & levels["in_period"]]
        changed = (
            _merged(counted_levels, one, other, codebook) if row["commitment_id"] == codebook.commitment.id else ""
        )
        message = f"{named([one, other])} {'describe' if sure else 'may describe'} the same act. "
        message += (
            f"If it is counted once, the score changes {changed}."
            if changed
            else "Counting it once does not change the score."
        )
        severity = (HIGH if changed else MEDIUM) if sure else LOW
        subject = f"{one}+{other.rpartition('/')[2]}"
        yield finding("duplicate_evidence", severity, subject, message, member=row["member"], proof=[one, other])


def _merged(levels: pd.DataFrame, one: str, other: str, codebook: Codebook) -> str:
    """How a member's scores change if two items count as one item with the labels of both; "" if they do not."""
    both = levels["item_id"].isin([one, other])
    joined = levels[both].groupby("dimension", sort=False, as_index=False).agg({"strong": "any"}).assign(item_id=one)
    after = pd.concat([levels[~both], joined], ignore_index=True).astype({"strong": "bool"})
    return scores_text(score_items(after, codebook), before=score_items(levels, codebook))


def _carried_over(items: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Counted items that mention the same law or plan as an item of their member outside the period."""
    outside = set(levels.loc[~levels["in_period"], "item_id"])
    for before in items[items["item_id"].isin(outside)].to_dict("records"):
        acts = set(_INSTRUMENT.findall(before["text"]))
        rest = items[(items["member"] == before["member"]) & ~items["item_id"].isin(outside)]
        for after in rest[rest["commitment_id"] == before["commitment_id"]].to_dict("records") if acts else ():
            both = acts & set(_INSTRUMENT.findall(after["text"]))
            if both:
                own = levels[(levels["member"] == before["member"]) & levels["in_period"]]
                changed = _changes(own, {after["item_id"]}, codebook)
                message = (
                    f"{named([after['item_id']])} is counted and mentions the {sorted(both)[0]}. "
                    f"{named([before['item_id']])}, which is outside the period, mentions it too. If both describe the "
                    f"same act, the score {f'changes {changed}' if changed else 'stays the same'}."
                )
                first, second = sorted([before["item_id"], after["item_id"]])
                subject = f"{first}+{second.rpartition('/')[2]}"
                where: dict[str, Any] = {"member": before["member"], "proof": [first, second]}
                yield finding("duplicate_evidence", MEDIUM if changed else LOW, subject, message, **where)


def _changes(levels: pd.DataFrame, excluded: set[str], codebook: Codebook) -> str:
    """How a member's scores change without some items; "" if they do not."""
    after = levels[~levels["item_id"].isin(excluded)]
    return scores_text(score_items(after, codebook), before=score_items(levels, codebook))


def inconsistent_findings(
    shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook
) -> list[Row]:
    """Return acts that are labelled inconsistently and how this affects scores."""
    counted = items[in_period(items, codebook)].groupby("member")["item_id"].agg(set).to_dict()
    own = shared[(shared["commitment_id"] == codebook.commitment.id) & ~shared["alike"]]
    rows: list[Row] = []
    others: dict[str, list[str]] = {}
    single: set[str] = set()
    for act in own.to_dict("records"):
        groups = _groups(act)
        firsts = {label: ids[0] for label, ids in groups.items()}
        for label, ids in groups.items():
            others |= {item: [first for name, first in firsts.items() if name != label] for item in ids}
        effects: dict[str, str] = {}
        for member in act["members"].split(";"):
            own_items = {
                item: others[item] for ids in groups.values() for item in ids if item in counted.get(member, ())
            }
            effects |= {
                f"{member} {change}": member
                for change in _score_changes(levels, member, own_items, codebook, sizes=(1,))
            }
        single |= set(effects.values())
        labels = "; ".join(f"{label} ({named(ids)})" for label, ids in groups.items())
        ids = act["item_ids"].split(";")
        effect = f"the score of {'; '.join(effects)}" if effects else "no score"
        message = (
            f"{len(ids)} items seem to describe the same act of {day(act['date'])} but are labelled in {len(groups)} "
            f"ways: {labels}. Labelling one item like another would change {effect}."
        )
        severity = HIGH if effects else MEDIUM
        rows.append(finding("inconsistent_coding", severity, act["joint_id"], message, proof=ids))
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        if member["member"] not in single:
            own_items = {item: given for item, given in others.items() if item in counted.get(member["member"], ())}
            rows += _several(member, levels, own_items, codebook)
    return rows


def _groups(act: Mapping[Any, Any]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item, label in zip(act["item_ids"].split(";"), act["labels"].split(" | "), strict=True):
        groups.setdefault(label, []).append(item)
    return groups


def _several(member: Row, levels: pd.DataFrame, others: Alternatives, codebook: Codebook) -> Iterator[Row]:
    """The fewest items on several acts that change a member's score if labelled like other members' items."""
    changes = list(_score_changes(levels, member["member"], others, codebook, sizes=range(2, MOST_CHANGED + 1)))
    if changes:
        subject = f"{member['commitment_id']}/{member['code']}"
        message = (
            "labelling its items on several acts like other members' items on the same acts would change the score "
            f"{changes[0]}."
        )
        yield finding("inconsistent_coding", MEDIUM, subject, message, member=member["member"])


def _score_changes(
    levels: pd.DataFrame, member: str, others: Alternatives, codebook: Codebook, *, sizes: Iterable[int]
) -> Iterator[str]:
    """Changes of a member's score if the fewest of its items take another item's label."""
    own = levels[(levels["member"] == member) & levels["in_period"]]
    own_ids = sorted(others)
    ids = [*own_ids, *(each for item in own_ids for each in others[item])]
    counts = _counts(levels[levels["item_id"].isin(ids)], codebook)
    zero = _zero(codebook)
    total = _counts(own.assign(item_id=""), codebook).get("", zero)
    moves = {
        item: [(other, counts.get(other, zero) - counts.get(item, zero)) for other in others[item]] for item in own_ids
    }
    scored = _Scorer(codebook)
    before = scored(total)
    for size in sizes:
        trials = (
            zip(items, taken, strict=True)
            for items in combinations(own_ids, size)
            for taken in product(*(moves[each] for each in items))
        )
        found: dict[str, str] = {}
        for trial in islice(trials, MOST_TRIALS):
            pairs = list(trial)
            worded = scores_text(scored(sum((delta for _, (_, delta) in pairs), total)), before=before)
            if worded and worded not in found:
                named_pairs = ", ".join(f"{named([item])} as {named([other])}" for item, (other, _) in pairs)
                found[worded] = f"{worded} ({named_pairs})"
        if found:
            yield from found.values()
            return


class _Scorer:
    """Scores from the numbers of strong items and of all items by dimension; each set of levels is scored once."""

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


def _zero(codebook: Codebook) -> Counts:
    return np.zeros((2, len(codebook.dimensions)), dtype=np.int64)


def _counts(levels: pd.DataFrame, codebook: Codebook) -> dict[str, Counts]:
    """Numbers of strong items and of all items by dimension, for each item_id."""
    column = {key: at for at, key in enumerate(codebook.dimension_keys)}
    by_item: dict[str, Counts] = {}
    for item, key, strong in zip(levels["item_id"], levels["dimension"], levels["strong"], strict=True):
        counts = by_item.setdefault(item, _zero(codebook))
        counts[:, column[key]] += (int(strong), 1)
    return by_item
