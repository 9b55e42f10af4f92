"""Check labelled evidence: excluded items, items without a dimension, single sources and errors in item texts."""

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, member_id, named
from g7tag.audit.tally import Tally
from g7tag.codebook import REVERSED, Codebook
from g7tag.store import PEOPLE

_CLOSED = re.compile(r"[.!?…:;]['\"”’)\]]*$")
_DOUBLED = re.compile(r"(?P<words>\b\w+(?:[ ,]+\w+){0,6}?\b)[ ,]+(?P=words)\b", re.I)
_LEGITIMATE = {"had", "that"}  # valid when repeated
_STRAY = re.compile(r"(?<=[.!?] )[B-HJ-Z] (?=[A-Z])")
_ALL_MEMBERS = re.compile(r"\bG[78]\b")
_FEW = 2  # minimum number of items for a single-source finding


def text_findings(items: pd.DataFrame, mentioned: Mapping[str, Sequence[str]], codebook: Codebook) -> list[Row]:
    """Return errors in the item texts of all commitments, and items that do not mention their member."""
    rows: list[Row] = []
    for item in items.to_dict("records"):
        found, others = _text_errors(item["text"], item["status"]), mentioned[item["item_id"]]
        if item["commitment_id"] == codebook.commitment.id and item["member"] not in others:
            shown = ", ".join(others) or "no member"
            found["member_not_named"] = f"counts for {item['member']} but does not mention it. It mentions {shown}."
        for check, message in found.items():
            severity = MEDIUM if check == "cut_off" else LOW
            rows.append(finding(check, severity, item["item_id"], message, member=item["member"]))
    return rows


def mentioned_members(items: pd.DataFrame, codebook: Codebook) -> dict[str, list[str]]:
    """Return the members that each item mentions, in the codebook's order. G7 means all members."""
    patterns = name_patterns(codebook)
    return {
        item: [name for name, names in patterns.items() if names.search(text) or _ALL_MEMBERS.search(text)]
        for item, text in zip(items["item_id"], items["text"], strict=True)
    }


def name_patterns(codebook: Codebook) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each member that matches its name and the other names in the codebook."""
    names = {member.name: [member.name, *member.names] for member in codebook.members}
    return {
        member: re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(words, key=len, reverse=True))})(?!\w)"
        )
        for member, words in names.items()
    }


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


def labelled_items(labels: pd.DataFrame, annotations: pd.DataFrame, sentences: pd.DataFrame) -> dict[str, list[Row]]:
    """Return the labels of the sentences of each item, each with its act and whether a person gave it."""
    given = annotations.set_index("annotation_id")
    tagged = annotations[annotations["kind"] == "classifier"].drop_duplicates("sentence_id", keep="last")
    joined = sentences[["sentence_id", "item_id", "member"]].merge(labels, on="sentence_id")
    act = joined["annotation_id"].map(given["act"]).fillna("")
    by_tagger = joined["sentence_id"].map(tagged.set_index("sentence_id")["act"]).fillna("")
    decided = joined["annotation_id"].map(given["kind"]).isin(PEOPLE)
    found: dict[str, list[Row]] = {}
    for row in joined.assign(act=act.where(act != "", by_tagger), decided=decided).to_dict("records"):
        found.setdefault(row["item_id"], []).append(row)
    return found


def evidence_findings(
    labelled: Mapping[str, list[Row]], members: pd.DataFrame, noted: pd.DataFrame, tally: Tally, codebook: Codebook
) -> list[Row]:
    """Return excluded items, items without a dimension, strong action from one source, and acts not done or undone."""
    rows = list(_excluded(labelled, tally, codebook))
    patterns = name_patterns(codebook)
    for member in members.to_dict("records"):
        rows += _empty(labelled, member)
        rows += _sources(noted, member, tally, patterns[member["member"]])
    return [*rows, *_acts(labelled)]


def _excluded(labelled: Mapping[str, list[Row]], tally: Tally, codebook: Codebook) -> Iterator[Row]:
    """Items in the report's evidence that are fully or partly excluded."""
    names = {exclusion.key: exclusion.label for exclusion in codebook.exclusions}
    for item, rows in sorted(labelled.items()):
        key = next((row["exclusion"] for row in rows if row["exclusion"]), "")
        given = {each for row in rows for each in row["dimensions"].split(";")}
        keys = [each for each in codebook.dimension_keys if each in given]
        member, severity = rows[0]["member"], LOW
        message = f"shows only excluded action ({names.get(key, key)}) but is listed as evidence. It is not counted."
        if keys:
            changed = tally.change_without(member, [item])
            severity = MEDIUM if changed else LOW
            message = (
                f"is partly excluded ({names.get(key, key)}); the rest counts in {', '.join(keys)}. Without the item, "
                f"the score {f'changes {changed}' if changed else 'stays the same'}."
            )
        if key:
            yield finding(f"{key}_evidence", severity, item, message, member=member)


def _empty(labelled: Mapping[str, list[Row]], member: Row) -> Iterator[Row]:
    """Items of a member with neither a dimension nor an exclusion."""
    own = {item: rows for item, rows in labelled.items() if rows[0]["member"] == member["member"]}
    ids = [item for item, rows in own.items() if not any(row["dimensions"] or row["exclusion"] for row in rows)]
    if ids:
        message = (
            f"{len(ids)} of {len(own)} items show neither action in a dimension nor excluded action: {named(ids)}."
        )
        yield finding("items_without_dimension", LOW, member_id(member), message, member=member["member"], proof=ids)


def _sources(noted: pd.DataFrame, member: Row, tally: Tally, names: re.Pattern[str]) -> Iterator[Row]:
    """Dimensions whose strong items all come from one publisher or all from the member's own bodies."""
    name = member["member"]
    for place, key in enumerate(tally.keys):
        ids = [item for item in tally.of.get(name, ()) if tally.counts[item][0, place]]
        sourced = noted[noted["item_id"].isin(ids) & (noted["publisher"] != "")]
        sources = list(sourced["publisher"])
        if len(ids) < max(tally.least, _FEW) or len(set(sourced["item_id"])) < len(ids):
            continue
        if len(set(sources)) == 1 or all(map(names.search, sources)):
            where = "one publisher, " + sources[0] if len(set(sources)) == 1 else "the member's own bodies"
            message = f"all {len(ids)} strong items in {key} come from {where}."
            yield finding("single_source", LOW, f"{member_id(member)}/{key}", message, member=name, proof=ids)


def _acts(labelled: Mapping[str, list[Row]]) -> Iterator[Row]:
    """Items that do not count because the act was not done, and those in which an act was undone."""
    for item, rows in labelled.items():
        member = rows[0]["member"]
        refused = [row["sentence_id"] for row in rows if row["act"] == "not_done"]
        if refused and not any(row["dimensions"] for row in rows):
            message = f"is not counted: {named(refused)} {_say(refused)} that the act was not done."
            yield finding("act_not_done", LOW, item, message, member=member, proof=refused)
        undone = [row for row in rows if row["act"] == REVERSED and not row["decided"] and not row["contradicts"]]
        ids = [row["sentence_id"] for row in undone]
        if ids:
            message = (
                f"{named(ids)} {_say(ids)} that an earlier act was undone, which gives no dimension. If the "
                "member undid it against the commitment's aim, label it as contradicting."
            )
            yield finding("act_reversed", MEDIUM, item, message, member=member, proof=ids)


def source_findings(
    checks: pd.DataFrame, labelled: Mapping[str, list[Row]], noted: pd.DataFrame, items: pd.DataFrame
) -> Iterator[Row]:
    """Strong action that counts, although a person found that its source does not support it, or no source."""
    found = checks.set_index("sentence_id").to_dict("index")
    first = noted.drop_duplicates("item_id").set_index("item_id").to_dict("index")
    for item in items["item_id"]:
        note = first.get(item, {"name": "it has no note", "publisher": ""})
        source = f"its source ({', '.join(filter(None, [note['name'], note['publisher']]))})"
        for row in labelled.get(item, []):
            check = found.get(row["sentence_id"], {"source_check": ""})
            if row["strength"] != "strong" or check["source_check"] not in ("no", "not_found"):
                continue
            is_no, keys = check["source_check"] == "no", row["dimensions"].replace(";", " and ")
            message = (
                f"counts as strong in {keys}, but {check['annotator']} "
                f"{f'found that {source} does not support it' if is_no else f'did not find {source}'}."
                f"{' Other people found otherwise.' if check['differ'] else ''}"
            )
            severity = HIGH if is_no else MEDIUM
            yield finding("unsupported_source", severity, row["sentence_id"], message, member=row["member"])


def _say(sentences: list[str]) -> str:
    return "says" if len(sentences) == 1 else "say"
