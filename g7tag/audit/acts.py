"""Check acts that several items describe: uneven credit, inconsistent labels, wrong sources and double counting."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations, islice, product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, change_without, day, finding, member_id, named, scores_text
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
Counts: TypeAlias = npt.NDArray[np.int64]
"""Numbers of strong items and of all items, by dimension."""
Scores: TypeAlias = Mapping[str, int | None]


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
    return [
        *_inconsistent(shared, items, levels, members, codebook),
        *_not_credited(joint, members),
        *_without(shared, levels, members, codebook),
        *_other_sources(shared, noted),
        *_repeated(pairs, shared, items, levels, codebook),
        *_carried_over(items, levels, codebook),
    ]


def _not_credited(joint: pd.DataFrame, members: pd.DataFrame) -> Iterator[Row]:
    """Acts that name a member but count only for others."""
    for member in members.to_dict("records"):
        acts = joint[joint["commitment_id"] == member["commitment_id"]]
        acts = acts[[member["member"] in names.split(";") for names in acts["named_only"]]]
        if len(acts):
            shared = acts["members"].str.contains(";")
            first = pd.concat([acts[shared], acts[~shared]]).head(4).to_dict("records")
            dates = "; ".join(f"{day(act['date'])} ({named(act['item_ids'].split(';'))})" for act in first)
            rest = f" and {len(acts) - 4} more" if len(acts) > 4 else ""
            message = (
                f"other members' items on {counted(len(acts), 'act')} mention it, but it has no matching item: "
                f"{dates}{rest}."
            )
            proof = ";".join(acts["item_ids"]).split(";")
            where = {"member": member["member"], "proof": proof}
            yield finding("joint_act_not_credited", LOW, member_id(member), message, **where)


def _without(shared: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Scores that depend on acts that also count for other members."""
    in_acts = set(shared["item_ids"].str.split(";").explode())
    for member in members.to_dict("records"):
        own = levels[(levels["member"] == member["member"]) & levels["in_period"]]
        ids = sorted(in_acts & set(own["item_id"]))
        changed = change_without(levels, member["member"], ids, codebook)
        if changed:
            message = (
                f"its score depends on {counted(len(ids), 'item')} about acts that also count for other members "
                f"({named(ids)}). Without such items, the score changes {changed}."
            )
            where = {"member": member["member"], "proof": ids}
            yield finding("depends_on_joint_acts", MEDIUM, member_id(member), message, **where)


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
                where = {"member": source["member"], "proof": [item, *others]}
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
        own_levels = levels[(levels["member"] == row["member"]) & levels["in_period"]]
        changed = _merged(own_levels, one, other, codebook) if row["commitment_id"] == codebook.commitment.id else ""
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
                changed = change_without(levels, before["member"], [after["item_id"]], codebook)
                message = (
                    f"{named([after['item_id']])} is counted and mentions the {sorted(both)[0]}. "
                    f"{named([before['item_id']])}, which is outside the period, mentions it too. If both describe the "
                    f"same act, the score {f'changes {changed}' if changed else 'stays the same'}."
                )
                first, second = sorted([before["item_id"], after["item_id"]])
                subject = f"{first}+{second.rpartition('/')[2]}"
                where = {"member": before["member"], "proof": [first, second]}
                yield finding("duplicate_evidence", MEDIUM if changed else LOW, subject, message, **where)


def _inconsistent(
    shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook
) -> Iterator[Row]:
    """Acts that are labelled inconsistently, and the scores that would change with other items' labels."""
    counts, scored = _counts(levels, codebook), _scorer(codebook)
    counted_items = items[in_period(items, codebook)].groupby("member")["item_id"].agg(set).to_dict()
    others: dict[str, list[str]] = {}
    changed_by_one: set[str] = set()

    def changes(member: str, ids: Iterable[str], sizes: Iterable[int]) -> Iterator[str]:
        own = counted_items.get(member, set())
        total = sum((counts[item] for item in own), np.zeros((2, len(codebook.dimensions)), dtype=np.int64))
        return _score_changes(total, {item: others[item] for item in ids if item in own}, counts, scored, sizes)

    for act in shared[(shared["commitment_id"] == codebook.commitment.id) & ~shared["alike"]].to_dict("records"):
        ids = act["item_ids"].split(";")
        groups: dict[str, list[str]] = {}
        for item, label in zip(ids, act["labels"].split(" | "), strict=True):
            groups.setdefault(label, []).append(item)
        for label, group in groups.items():
            firsts = [its[0] for other, its in groups.items() if other != label]
            others |= dict.fromkeys(group, firsts)
        effects = {
            f"{member} {text}": member for member in act["members"].split(";") for text in changes(member, ids, [1])
        }
        changed_by_one |= set(effects.values())
        labels = "; ".join(f"{label} ({named(group)})" for label, group in groups.items())
        effect = f"the score of {'; '.join(effects)}" if effects else "no score"
        message = (
            f"{len(ids)} items seem to describe the same act of {day(act['date'])} but are labelled in {len(groups)} "
            f"ways: {labels}. Labelling one item like another would change {effect}."
        )
        yield finding("inconsistent_coding", HIGH if effects else MEDIUM, act["joint_id"], message, proof=ids)
    for member in members.to_dict("records"):
        name = member["member"]
        first = None if name in changed_by_one else next(changes(name, others, range(2, MOST_CHANGED + 1)), None)
        if first:
            message = (
                "labelling its items on several acts like other members' items on the same acts would change the score "
                f"{first}."
            )
            yield finding("inconsistent_coding", MEDIUM, member_id(member), message, member=name)


def _score_changes(
    total: Counts,
    others: Mapping[str, list[str]],
    counts: Mapping[str, Counts],
    scored: Callable[[Counts], Scores],
    sizes: Iterable[int],
) -> Iterator[str]:
    """Changes of a member's score if the fewest of its items take the label of another item."""
    moves = {item: [(other, counts[other] - counts[item]) for other in others[item]] for item in sorted(others)}
    before = scored(total)
    for size in sizes:
        trials = (
            zip(items, taken, strict=True)
            for items in combinations(moves, size)
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


def _scorer(codebook: Codebook) -> Callable[[Counts], Scores]:
    """A function that scores the numbers of items; each set of levels is scored once."""

    @cache
    def of_states(*states: int) -> Scores:
        levels = dict(zip(codebook.dimension_keys, (LEVELS[state] for state in states), strict=True))
        return scores_of(levels, codebook.readings)

    return lambda counts: of_states(*states_of(counts[0], counts[1], codebook.min_strong_items).tolist())


def _counts(levels: pd.DataFrame, codebook: Codebook) -> Mapping[str, Counts]:
    """What each item adds to the numbers of items; nothing if it has no level."""
    column = {key: place for place, key in enumerate(codebook.dimension_keys)}
    counts: dict[str, Counts] = defaultdict(lambda: np.zeros((2, len(column)), dtype=np.int64))
    for item, key, strong in zip(levels["item_id"], levels["dimension"], levels["strong"], strict=True):
        counts[item][:, column[key]] += (int(strong), 1)
    return counts
