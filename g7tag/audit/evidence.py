"""Check labelled evidence: excluded items, items without a dimension, single sources and errors in item texts."""

import re
from collections.abc import Iterator, Mapping, Sized
from re import Pattern
from typing import Any

import pandas as pd

from g7tag.audit.findings import LOW, MEDIUM, Row, finding, named, scores_text
from g7tag.codebook import REVERSED, Codebook
from g7tag.scoring import score_items
from g7tag.store import PEOPLE

_CLOSED = re.compile(r"[.!?…:;]['\"”’)\]]*$")
_DOUBLED = re.compile(r"(?P<words>\b\w+(?:[ ,]+\w+){0,6}?\b)[ ,]+(?P=words)\b", re.I)
_LEGITIMATE = {"had", "that"}  # valid when repeated
_STRAY = re.compile(r"(?<=[.!?] )[B-HJ-Z] (?=[A-Z])")
_ALL_MEMBERS = re.compile(r"\bG[78]\b")


_FEW = 2  # minimum number of items for a single-source finding


def text_findings(items: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return errors in the item texts of all commitments, and items that do not mention their member."""
    rows: list[Row] = []
    patterns = name_patterns(codebook)
    for item in items.to_dict("records"):
        rows += _text_errors(item)
        if item["commitment_id"] == codebook.commitment.id:
            rows += _attribution(item, patterns)
    return rows


def name_patterns(codebook: Codebook) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each member that matches its name and the other names in the codebook."""
    names = {member.name: [member.name, *member.names] for member in codebook.members}
    return {
        member: re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(words, key=len, reverse=True))})(?!\w)"
        )
        for member, words in names.items()
    }


def members_named(text: str, patterns: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Return the members that a text mentions, in the codebook's order. G7 means all members."""
    if _ALL_MEMBERS.search(text):
        return list(patterns)
    return [member for member, pattern in patterns.items() if pattern.search(text)]


def _text_errors(item: Row) -> Iterator[Row]:
    text, where = str(item["text"]), {"member": item["member"]}
    if item["status"] == "cut_off":
        yield finding("cut_off", MEDIUM, item["item_id"], f"stops in mid-sentence: {_end(text)}.", **where)
    elif not _CLOSED.search(text):
        yield finding("no_full_stop", LOW, item["item_id"], f"ends without a full stop: {_end(text)}.", **where)
    if item["status"] == "date_unread":
        yield finding(
            "date_unread", LOW, item["item_id"], "its date cannot be read, so the item always counts.", **where
        )
    doubled = [match for match in _DOUBLED.finditer(text) if _doubles(match["words"])]
    if doubled:
        yield finding("repeated_words", LOW, item["item_id"], f"repeats words: {doubled[0][0][:60]!r}.", **where)
    stray = _STRAY.search(text)
    if stray:
        around = text[max(stray.start() - 20, 0) : stray.end() + 20]
        yield finding("stray_letter", LOW, item["item_id"], f"has a stray letter in {around!r}.", **where)


def _doubles(words: str) -> bool:
    """Whether repeated words are an error; the digit groups of a number are not."""
    return any(sign.isalpha() for sign in words) and words.lower() not in _LEGITIMATE


def _attribution(item: Row, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[Row]:
    others = members_named(str(item["text"]), patterns)
    if item["member"] not in others:
        message = (
            f"counts for {item['member']} but does not mention it. It mentions {', '.join(others) or 'no member'}."
        )
        yield finding("member_not_named", LOW, item["item_id"], message, member=item["member"])


def _end(text: str) -> str:
    return repr(text[-40:])


def evidence_findings(
    labels: pd.DataFrame,
    sentences: pd.DataFrame,
    members: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    levels: pd.DataFrame,
    noted: pd.DataFrame,
    codebook: Codebook,
) -> list[Row]:
    """Return excluded items."""
    own = members[members["commitment_id"] == codebook.commitment.id]
    joined = sentences[["sentence_id", "item_id", "member"]].merge(labels, on="sentence_id")
    rows = list(_excluded(joined, levels, codebook))
    for member in own.to_dict("records"):
        rows += _empty(joined[joined["member"] == member["member"]], member)
        cells = evidence_matrix[evidence_matrix["member"] == member["member"]]
        rows += _sources(cells, levels, noted, member, name_patterns(codebook))
    return rows


def _excluded(joined: pd.DataFrame, levels: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Items in the report's evidence that are fully or partly excluded."""
    names = {exclusion.key: exclusion.label for exclusion in codebook.exclusions}
    touched = joined["item_id"].isin(joined.loc[joined["exclusion"] != "", "item_id"])
    for item_id, rows in joined[touched].groupby("item_id"):
        key = next(filter(None, rows["exclusion"]))
        counted = rows[rows["dimensions"] != ""]
        member, severity = rows["member"].iloc[0], LOW
        message = f"shows only excluded action ({names.get(key, key)}) but is listed as evidence. It is not counted."
        if len(counted):
            own = levels[(levels["member"] == member) & levels["in_period"]]
            rest = score_items(own[own["item_id"] != item_id], codebook)
            changed = scores_text(rest, before=score_items(own, codebook))
            given = ";".join(counted["dimensions"]).split(";")
            keys = [each for each in codebook.dimension_keys if each in given]
            severity = MEDIUM if changed else LOW
            message = (
                f"is partly excluded ({names.get(key, key)}); the rest counts in {', '.join(keys)}. Without the item, "
                f"the score {f'changes {changed}' if changed else 'stays the same'}."
            )
        yield finding(f"{key}_evidence", severity, str(item_id), message, member=member)


def act_status_findings(labels: pd.DataFrame, annotations: pd.DataFrame, sentences: pd.DataFrame) -> list[Row]:
    """Return the items that do not count because the act was not done, and those in which an act was reversed."""
    given = annotations.set_index("annotation_id")
    tagged = annotations[annotations["kind"] == "classifier"].drop_duplicates("sentence_id", keep="last")
    joined = sentences[["sentence_id", "item_id", "member"]].merge(labels, on="sentence_id")
    act = joined["annotation_id"].map(given["act"]).fillna("")
    by_tagger = joined["sentence_id"].map(tagged.set_index("sentence_id")["act"]).fillna("")
    joined["act"] = act.where(act != "", by_tagger)
    joined["decided"] = joined["annotation_id"].map(given["kind"]).isin(PEOPLE)
    rows: list[Row] = []
    for item_id, own in joined.groupby("item_id", sort=False):
        where = {"member": own["member"].iloc[0]}
        counted = (own["dimensions"] != "").any()
        refused = own.loc[own["act"] == "not_done", "sentence_id"]
        if len(refused) and not counted:
            message = f"is not counted: {named(refused)} {_say(refused)} that the act was not done."
            rows.append(finding("act_not_done", LOW, str(item_id), message, proof=refused, **where))
        undone = own.loc[(own["act"] == REVERSED) & ~own["decided"] & ~own["contradicts"], "sentence_id"]
        if len(undone):
            message = (
                f"{named(undone)} {_say(undone)} that an earlier act was undone, which gives no dimension. If the "
                "member undid it against the commitment's aim, label it as contradicting."
            )
            rows.append(finding("act_reversed", MEDIUM, str(item_id), message, proof=undone, **where))
    return rows


def _say(subjects: Sized) -> str:
    return "says" if len(subjects) == 1 else "say"


def _empty(joined: pd.DataFrame, member: Row) -> Iterator[Row]:
    """Items of a member with neither a dimension nor an exclusion."""
    bare = joined.groupby("item_id", sort=False).agg(
        dimensions=("dimensions", "".join), exclusion=("exclusion", "".join)
    )
    ids = bare[(bare["dimensions"] == "") & (bare["exclusion"] == "")].index.tolist()
    if ids:
        subject = f"{member['commitment_id']}/{member['code']}"
        message = (
            f"{len(ids)} of {len(bare)} items show neither action in a dimension nor excluded action: {named(ids)}."
        )
        yield finding("items_without_dimension", LOW, subject, message, member=member["member"], proof=ids)


def _sources(
    cells: pd.DataFrame, levels: pd.DataFrame, noted: pd.DataFrame, member: Row, patterns: Mapping[str, Pattern[str]]
) -> Iterator[Row]:
    """Dimensions whose strong items all come from one publisher or all from the member's own bodies."""
    strong = levels[(levels["member"] == member["member"]) & levels["strong"] & levels["in_period"]]
    for cell in cells[cells["level"] == "strong"].to_dict("records"):
        ids = strong.loc[strong["dimension"] == cell["dimension"], "item_id"]
        sourced = noted[noted["item_id"].isin(ids) & (noted["publisher"] != "")]
        sources = sourced["publisher"]
        if len(ids) < _FEW or len(set(sourced["item_id"])) < len(ids):
            continue
        where: dict[str, Any] = {"member": member["member"], "proof": ids}
        subject = f"{member['commitment_id']}/{member['code']}/{cell['dimension']}"
        own = sources.map(lambda publisher: bool(patterns[member["member"]].search(publisher)))
        if len(set(sources)) == 1:
            message = f"all {len(ids)} strong items in {cell['dimension']} come from one publisher, {sources.iloc[0]}."
            yield finding("single_source", LOW, subject, message, **where)
        elif own.all():
            message = f"all {len(ids)} strong items in {cell['dimension']} come from the member's own bodies."
            yield finding("single_source", LOW, subject, message, **where)
