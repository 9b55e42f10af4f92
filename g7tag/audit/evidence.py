"""Check labelled evidence: excluded items, items without a dimension, single sources and errors in item texts."""

import re
from collections.abc import Iterator, Mapping
from re import Pattern

import pandas as pd

from g7tag.audit.findings import LOW, MEDIUM, Row, change_without, finding, member_id, named
from g7tag.codebook import REVERSED, Codebook
from g7tag.store import PEOPLE

_CLOSED = re.compile(r"[.!?…:;]['\"”’)\]]*$")
_DOUBLED = re.compile(r"(?P<words>\b\w+(?:[ ,]+\w+){0,6}?\b)[ ,]+(?P=words)\b", re.I)
_LEGITIMATE = {"had", "that"}  # valid when repeated
_STRAY = re.compile(r"(?<=[.!?] )[B-HJ-Z] (?=[A-Z])")
_ALL_MEMBERS = re.compile(r"\bG[78]\b")
_FEW = 2  # minimum number of items for a single-source finding


def text_findings(items: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return errors in the item texts of all commitments, and items that do not mention their member."""
    patterns = name_patterns(codebook)
    rows: list[Row] = []
    for item in items.to_dict("records"):
        found = _text_errors(str(item["text"]), str(item["status"]))
        others = members_named(str(item["text"]), patterns)
        if item["commitment_id"] == codebook.commitment.id and item["member"] not in others:
            mentioned = ", ".join(others) or "no member"
            found["member_not_named"] = f"counts for {item['member']} but does not mention it. It mentions {mentioned}."
        for check, message in found.items():
            severity = MEDIUM if check == "cut_off" else LOW
            rows.append(finding(check, severity, item["item_id"], message, member=item["member"]))
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


def _text_errors(text: str, status: str) -> dict[str, str]:
    """Messages by check."""
    found = {}
    if status == "cut_off":
        found["cut_off"] = f"stops in mid-sentence: {text[-40:]!r}."
    elif not _CLOSED.search(text):
        found["no_full_stop"] = f"ends without a full stop: {text[-40:]!r}."
    if status == "date_unread":
        found["date_unread"] = "its date cannot be read, so the item always counts."
    for match in _DOUBLED.finditer(text):
        words = match["words"].lower()  # the digit groups of a number may be equal
        if any(sign.isalpha() for sign in words) and words not in _LEGITIMATE:
            found.setdefault("repeated_words", f"repeats words: {match[0][:60]!r}.")
    stray = _STRAY.search(text)
    if stray:
        found["stray_letter"] = f"has a stray letter in {text[max(stray.start() - 20, 0) : stray.end() + 20]!r}."
    return found


def evidence_findings(
    labels: pd.DataFrame,
    sentences: pd.DataFrame,
    members: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    levels: pd.DataFrame,
    noted: pd.DataFrame,
    codebook: Codebook,
) -> list[Row]:
    """Return excluded items, items without a dimension, and strong action that rests on one source."""
    joined = sentences[["sentence_id", "item_id", "member"]].merge(labels, on="sentence_id")
    rows = list(_excluded(joined, levels, codebook))
    patterns = name_patterns(codebook)
    for member in members.to_dict("records"):
        rows += _empty(joined[joined["member"] == member["member"]], member)
        cells = evidence_matrix[evidence_matrix["member"] == member["member"]]
        rows += _sources(cells, levels, noted, member, patterns)
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
            changed = change_without(levels, member, [str(item_id)], codebook)
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
            say = "says" if len(refused) == 1 else "say"
            message = f"is not counted: {named(refused)} {say} that the act was not done."
            rows.append(finding("act_not_done", LOW, str(item_id), message, proof=refused, **where))
        undone = own.loc[(own["act"] == REVERSED) & ~own["decided"] & ~own["contradicts"], "sentence_id"]
        if len(undone):
            say = "says" if len(undone) == 1 else "say"
            message = (
                f"{named(undone)} {say} that an earlier act was undone, which gives no dimension. If the "
                "member undid it against the commitment's aim, label it as contradicting."
            )
            rows.append(finding("act_reversed", MEDIUM, str(item_id), message, proof=undone, **where))
    return rows


def _empty(joined: pd.DataFrame, member: Row) -> Iterator[Row]:
    """Items of a member with neither a dimension nor an exclusion."""
    bare = joined.groupby("item_id", sort=False).agg(
        dimensions=("dimensions", "".join), exclusion=("exclusion", "".join)
    )
    ids = bare[(bare["dimensions"] == "") & (bare["exclusion"] == "")].index.tolist()
    if ids:
        message = (
            f"{len(ids)} of {len(bare)} items show neither action in a dimension nor excluded action: {named(ids)}."
        )
        yield finding("items_without_dimension", LOW, member_id(member), message, member=member["member"], proof=ids)


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
        own = sources.map(lambda publisher: bool(patterns[member["member"]].search(publisher)))
        where = "one publisher, " + sources.iloc[0] if len(set(sources)) == 1 else "the member's own bodies"
        if len(set(sources)) == 1 or own.all():
            subject = f"{member_id(member)}/{cell['dimension']}"
            message = f"all {len(ids)} strong items in {cell['dimension']} come from {where}."
            yield finding("single_source", LOW, subject, message, member=member["member"], proof=ids)
