"""Check acts that are told of more than once: credited unevenly, labelled unlike, cited wrongly, or counted twice."""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, day, finding, named
from g7tag.audit.notes import plain_url
from g7tag.codebook import Codebook
from g7tag.scoring import score_items, signed

_NAME = r"[A-Z][\w'’-]+"
_KINDS = "Directive|Act|Regulation|Law|Bill|Plan|Agreement|Strategy|Pact|Treaty|Convention|Memorandum"
_INSTRUMENT = re.compile(rf"(?:{_NAME} ){{1,6}}(?:{_KINDS})\b")


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
    """  # fmt: skip
    shared = joint[joint["members"].str.contains(";")]
    own = members[members["commitment_id"] == codebook.commitment.id]
    return [
        *_labelled_unlike(shared[shared["commitment_id"] == codebook.commitment.id], items),
        *(row for member in own.to_dict("records") for row in _not_credited(joint, member)),
        *(row for member in own.to_dict("records") for row in _without(shared, levels, member, codebook)),
        *_other_sources(shared, noted),
        *_repeated(pairs, shared, items, levels, codebook),
        *_carried_over(items, levels),
    ]


def _labelled_unlike(shared: pd.DataFrame, items: pd.DataFrame) -> Iterator[Row]:
    for act in shared[~shared["alike"]].to_dict("records"):
        ids = act["item_ids"].split(";")
        groups: dict[str, list[str]] = {}
        for item, label in zip(ids, act["labels"].split(" | "), strict=True):
            groups.setdefault(label, []).append(item)
        said = "; ".join(f"{label} ({named(its)})" for label, its in groups.items())
        told = f"one act of {day(act['date'])}, labelled in {len(groups)} ways: {said}."
        yield finding("coded_unlike", MEDIUM, act["joint_id"], told, proof=ids)


def _not_credited(joint: pd.DataFrame, member: Row) -> Iterator[Row]:
    """Acts that name a member and count for others alone."""
    its = joint[joint["commitment_id"] == member["commitment_id"]]
    its = its[[member["member"] in names.split(";") for names in its["named_only"]]]
    if len(its):
        shared = its["members"].str.contains(";")
        first = [*its[shared].to_dict("records"), *its[~shared].to_dict("records")][:4]
        said = "; ".join(f"{day(act['date'])} ({named(act['item_ids'].split(';'))})" for act in first)
        rest = f" and {len(its) - 4} more" if len(its) > 4 else ""
        told = f"{len(its)} acts of others name it, and it has no item on them: {said}{rest}."
        subject = f"{member['commitment_id']}/{member['code']}"
        proof = [item for ids in its["item_ids"] for item in ids.split(";")]
        yield finding("not_credited", LOW, subject, told, member=member["member"], proof=proof)


def _without(shared: pd.DataFrame, levels: pd.DataFrame, member: Row, codebook: Codebook) -> Iterator[Row]:
    """Whether a member's score rests on acts that count for others too."""
    its = levels[(levels["member"] == member["member"]) & levels["in_period"]]
    joint_ids = {item for ids in shared["item_ids"] for item in ids.split(";")} & set(its["item_id"])
    changed = _changes(its, joint_ids, codebook)
    if changed:
        subject = f"{member['commitment_id']}/{member['code']}"
        told = f"its score rests on {len(joint_ids)} items on acts that count for others too: without them {changed}."
        yield finding("joint_decides", MEDIUM, subject, told, member=member["member"], proof=sorted(joint_ids))


def _other_sources(shared: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    """Items on a joint act whose source is that of another item of the member, on something else."""
    sources = noted.assign(address=noted["url"].map(plain_url)).drop_duplicates("item_id").set_index("item_id")
    for act in shared.to_dict("records"):
        ids = [item for item in act["item_ids"].split(";") if item in sources.index]
        addresses = sources.loc[ids, "address"]
        for item in ids:
            same = sources[(sources["address"] == addresses[item]) & (sources["address"] != "")]
            elsewhere = [
                other
                for other in same.index
                if other not in ids and same.loc[other, "member"] == sources.loc[item, "member"]
            ]
            if elsewhere and (addresses == addresses[item]).sum() == 1:
                told = (
                    f"tells of the act of {named(each for each in ids if each != item)}, and its source "
                    f"({sources.loc[item, 'name']}) is that of {named(elsewhere)}."
                )
                where: dict[str, Any] = {"member": sources.loc[item, "member"], "proof": [item, *elsewhere]}
                yield finding("other_source", MEDIUM, item, told, **where)


def _repeated(
    pairs: pd.DataFrame, shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook
) -> Iterator[Row]:
    """Pairs of one member's items that are one act: by themselves, or through what another member's item tells."""
    member_of = items.set_index("item_id")["member"]
    own = pairs[pairs["same_member"].astype(bool)]
    found = {(row["item_1"], row["item_2"]): row["act"] == "same" for row in own.to_dict("records")}
    for ids in shared["item_ids"].str.split(";"):
        for place, one in enumerate(ids):
            for other in ids[place + 1 :]:
                if member_of[one] == member_of[other]:
                    found.setdefault((one, other), False)
    for (one, other), sure in sorted(found.items()):
        its = levels[(levels["member"] == member_of[one]) & levels["in_period"]]
        changed = _changes(its, {other}, codebook)
        told = f"{named([one, other])} {'tell' if sure else 'may tell'} of one act"
        told += f"; counted once, {changed or 'the score is the same'}."
        severity = (HIGH if changed else MEDIUM) if sure else LOW
        subject = f"{one}+{other.rpartition('/')[2]}"
        yield finding("repeated_evidence", severity, subject, told, member=member_of[one], proof=[one, other])


def _carried_over(items: pd.DataFrame, levels: pd.DataFrame) -> Iterator[Row]:
    """A counted item that names the very law or plan that an item of its member outside the period tells of."""
    outside = set(levels.loc[~levels["in_period"], "item_id"])
    for before in items[items["item_id"].isin(outside)].to_dict("records"):
        acts = set(_INSTRUMENT.findall(before["text"]))
        rest = items[(items["member"] == before["member"]) & ~items["item_id"].isin(outside)]
        for after in rest[rest["commitment_id"] == before["commitment_id"]].to_dict("records") if acts else ():
            both = acts & set(_INSTRUMENT.findall(after["text"]))
            if both:
                told = (
                    f"{named([after['item_id']])} is counted and tells of the {sorted(both)[0]}, as does "
                    f"{named([before['item_id']])}, which is outside the period: is it a later step, or the same act?"
                )
                first, second = sorted([before["item_id"], after["item_id"]])
                subject = f"{first}+{second.rpartition('/')[2]}"
                where: dict[str, Any] = {"member": before["member"], "proof": [first, second]}
                yield finding("repeated_evidence", LOW, subject, told, **where)


def _changes(its: pd.DataFrame, left_out: set[str], codebook: Codebook) -> str:
    """How a member's scores change without some items, in words; "" where they do not."""
    before, after = score_items(its, codebook), score_items(its[~its["item_id"].isin(left_out)], codebook)
    moved = [
        f"{name} {signed(_known(before[name]))} becomes {signed(_known(after[name]))}"
        for name in before
        if before[name] != after[name]
    ]
    return ", ".join(moved)


def _known(score: int | None) -> Any:
    return pd.NA if score is None else score
