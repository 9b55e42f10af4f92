"""Check acts that several items describe: uneven credit, inconsistent labels, wrong sources and double counting."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product

import numpy as np
import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, day, finding, member_id, named
from g7tag.audit.joint import ACT_DAYS
from g7tag.audit.notes import plain_url
from g7tag.audit.tally import Tally
from g7tag.codebook import Codebook
from g7tag.text import counted

_NAME = r"[A-Z][\w'’-]+"
_KINDS = "Directive|Act|Regulation|Law|Bill|Plan|Agreement|Strategy|Pact|Treaty|Convention|Memorandum"
_INSTRUMENT = re.compile(rf"(?:{_NAME} ){{1,6}}(?:{_KINDS})\b")
MOST_CHANGED = 3
"""Maximum number of items of one member that are relabelled together; more would take too many trials."""
MOST_TRIALS = 20_000
"""Maximum number of relabellings tried for each number of items of one member."""


def act_findings(
    joint: pd.DataFrame,
    pairs: pd.DataFrame,
    items: pd.DataFrame,
    noted: pd.DataFrame,
    members: pd.DataFrame,
    tally: Tally,
    codebook: Codebook,
) -> list[Row]:
    """Return uneven credit, inconsistent labels and double counting in the acts of a report."""
    acts = [act | {"ids": act["item_ids"].split(";")} for act in joint.to_dict("records")]
    shared = [act for act in acts if ";" in act["members"]]
    item_of = {item["item_id"]: item for item in items.to_dict("records")}
    own = members.to_dict("records")
    return [
        *_inconsistent([act for act in shared if act["commitment_id"] == codebook.commitment.id], own, tally),
        *_not_credited(acts, own),
        *_without(shared, own, tally),
        *_other_sources(shared, noted),
        *_repeated(pairs, shared, item_of, tally, codebook),
        *_carried_over(item_of, tally),
    ]


def _not_credited(acts: list[Row], members: list[Row]) -> Iterator[Row]:
    """Acts that name a member but count only for others; those that count for several come first."""
    for member in members:
        name = member["member"]
        its = [act for act in acts if act["commitment_id"] == member["commitment_id"]]
        its = [act for act in its if name in act["named_only"].split(";")]
        if its:
            first = sorted(its, key=lambda act: ";" not in act["members"])[:4]
            dates = "; ".join(f"{day(act['date'])} ({named(act['ids'])})" for act in first)
            rest = f" and {len(its) - 4} more" if len(its) > 4 else ""
            message = (
                f"other members' items on {counted(len(its), 'act')} mention it, but it has no matching item: "
                f"{dates}{rest}."
            )
            proof = [item for act in its for item in act["ids"]]
            yield finding("joint_act_not_credited", LOW, member_id(member), message, member=name, proof=proof)


def _without(shared: list[Row], members: list[Row], tally: Tally) -> Iterator[Row]:
    """Scores that depend on acts that also count for other members."""
    in_acts = {item for act in shared for item in act["ids"]}
    for member in members:
        name = member["member"]
        ids = sorted(item for item in tally.of.get(name, ()) if item in in_acts and tally.counts[item].any())
        changed = tally.change_without(name, ids)
        if changed:
            message = (
                f"its score depends on {counted(len(ids), 'item')} about acts that also count for other members "
                f"({named(ids)}). Without such items, the score changes {changed}."
            )
            yield finding("depends_on_joint_acts", MEDIUM, member_id(member), message, member=name, proof=ids)


def _other_sources(shared: list[Row], noted: pd.DataFrame) -> Iterator[Row]:
    """Items on a joint act that cite the source of another item of the same member on a different act."""
    first = noted.drop_duplicates("item_id")
    first = first.assign(url=first["url"].map(plain_url))
    keys = list(zip(first["url"], first["member"], first["commitment_id"], strict=True))
    sources = dict(zip(first["item_id"], zip(keys, first["name"], strict=True), strict=True))
    citing: dict[tuple[str, str, str], list[str]] = {}
    for item, (key, _) in sources.items():
        citing.setdefault(key, []).append(item)
    for act in shared:
        ids = [item for item in act["ids"] if item in sources]
        urls = Counter(sources[item][0][0] for item in ids)
        for item in ids:
            key, name = sources[item]
            others = [other for other in citing[key] if other != item] if key[0] and urls[key[0]] == 1 else []
            if others:
                message = (
                    f"describes the same act as {named(each for each in ids if each != item)}, but its source "
                    f"({name}) is the source of {named(others)}. The note may be wrong."
                )
                yield finding("wrong_source", MEDIUM, item, message, member=key[1], proof=[item, *others])


def _repeated(
    pairs: pd.DataFrame, shared: list[Row], item_of: Mapping[str, Row], tally: Tally, codebook: Codebook
) -> Iterator[Row]:
    """Pairs of one member's items that describe one act, directly or through another member's item."""
    own = pairs[pairs["same_member"].astype(bool)]
    ends = zip(own["item_1"], own["item_2"], strict=True)
    found = dict(zip(ends, own["act"] == "same", strict=True))
    place = {item: place for place, item in enumerate(item_of)}
    for act in shared:
        of_member: dict[str, list[str]] = {}
        for item in sorted(act["ids"], key=lambda item: item_of[item]["date"]):
            of_member.setdefault(item_of[item]["member"], []).append(item)
        for ids in of_member.values():
            for at, one in enumerate(ids):
                for other in islice(ids, at + 1, None):
                    if (item_of[other]["date"] - item_of[one]["date"]).days > ACT_DAYS:
                        break
                    first, second = sorted((one, other), key=place.__getitem__)
                    found.setdefault((first, second), False)
    for (one, other), sure in sorted(found.items()):
        row = item_of[one]
        counts = row["commitment_id"] == codebook.commitment.id
        changed = tally.change_as_one(row["member"], one, other) if counts else ""
        message = f"{named([one, other])} {'describe' if sure else 'may describe'} the same act. "
        message += (
            f"If it is counted once, the score changes {changed}."
            if changed
            else "Counting it once does not change the score."
        )
        severity = (HIGH if changed else MEDIUM) if sure else LOW
        subject = f"{one}+{other.rpartition('/')[2]}"
        yield finding("duplicate_evidence", severity, subject, message, member=row["member"], proof=[one, other])


def _carried_over(item_of: Mapping[str, Row], tally: Tally) -> Iterator[Row]:
    """Counted items that mention the same law or plan as a labelled item of their member outside the period."""
    for before in (item for item in item_of if item in tally.outside and tally.counts[item].any()):
        member = item_of[before]["member"]
        acts = set(_INSTRUMENT.findall(item_of[before]["text"]))
        for after in tally.of.get(member, ()) if acts else ():
            both = acts & set(_INSTRUMENT.findall(item_of[after]["text"]))
            if both:
                changed = tally.change_without(member, [after])
                message = (
                    f"{named([after])} is counted and mentions the {sorted(both)[0]}. {named([before])}, which is "
                    "outside the period, mentions it too. If both describe the same act, the score "
                    f"{f'changes {changed}' if changed else 'stays the same'}."
                )
                subject = f"{before}+{after.rpartition('/')[2]}"
                severity = MEDIUM if changed else LOW
                yield finding("duplicate_evidence", severity, subject, message, member=member, proof=[before, after])


def _inconsistent(acts: list[Row], members: list[Row], tally: Tally) -> Iterator[Row]:
    """Acts that are labelled inconsistently, and the scores that would change with other items' labels."""
    others: dict[str, list[str]] = {}
    changed_by_one: set[str] = set()
    for act in (act for act in acts if not act["alike"]):
        groups: dict[str, list[str]] = {}
        for item, label in zip(act["ids"], act["labels"].split(" | "), strict=True):
            groups.setdefault(label, []).append(item)
        for label, group in groups.items():
            firsts = [its[0] for other, its in groups.items() if other != label]
            others |= dict.fromkeys(group, firsts)
        its = {item: others[item] for item in act["ids"]}
        effects = {
            f"{member} {text}": member
            for member in act["members"].split(";")
            for text in _changes(member, its, [1], tally)
        }
        changed_by_one |= set(effects.values())
        labels = "; ".join(f"{label} ({named(group)})" for label, group in groups.items())
        effect = f"the score of {'; '.join(effects)}" if effects else "no score"
        message = (
            f"{len(act['ids'])} items seem to describe the same act of {day(act['date'])} but are labelled in "
            f"{len(groups)} ways: {labels}. Labelling one item like another would change {effect}."
        )
        severity = HIGH if effects else MEDIUM
        yield finding("inconsistent_coding", severity, act["joint_id"], message, proof=act["ids"])
    for member in members:
        name = member["member"]
        several = range(2, MOST_CHANGED + 1)
        first = None if name in changed_by_one else next(_changes(name, others, several, tally), None)
        if first:
            message = (
                "labelling its items on several acts like other members' items on the same acts would change the score "
                f"{first}."
            )
            yield finding("inconsistent_coding", MEDIUM, member_id(member), message, member=name)


def _changes(member: str, others: Mapping[str, list[str]], sizes: Iterable[int], tally: Tally) -> Iterator[str]:
    """Changes of a member's score if the fewest of its items take the label of another item."""
    moves = [(item, other) for item in sorted(others.keys() & tally.of.get(member, ())) for other in others[item]]
    places: dict[str, list[int]] = {}
    for place, (item, _) in enumerate(moves):
        places.setdefault(item, []).append(place)
    for size in sizes:
        trials = (moved for items in combinations(places.values(), size) for moved in product(*items))
        chosen = list(islice(trials, MOST_TRIALS))
        if not chosen:
            return
        deltas = np.array([tally.counts[other] - tally.counts[item] for item, other in moves])
        states = tally.states(tally.total[member] + deltas[np.array(chosen)].sum(axis=1))
        found: dict[str, str] = {}
        for first in np.sort(np.unique(states, axis=0, return_index=True)[1]):
            worded = tally.change(member, states[first])
            if worded and worded not in found:
                pairs = (moves[place] for place in chosen[first])
                found[worded] = (
                    f"{worded} ({', '.join(f'{named([item])} as {named([other])}' for item, other in pairs)})"
                )
        if found:
            yield from found.values()
            return
