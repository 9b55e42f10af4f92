"""Check the notes: addresses, publishers, days, and which items cite them."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pandas as pd

from g7tag.audit.findings import LOW, MEDIUM, Row, counted, finding, named
from g7tag.sources import superscript

_DAYS = {"publication": "published", "access": "accessed"}
_SETTLED = 3  # notes of one publisher at one host, from which on the host is known to be its own


def named_notes(citations: pd.DataFrame) -> pd.DataFrame:
    """Return citations with a column `name`: "note 4443", after its document's id where there are several documents."""
    names = "note " + citations["note"].astype("str")
    several = len(set(citations["document_id"])) > 1
    return citations.assign(name=citations["document_id"] + " " + names if several else names)


def noted_items(items: pd.DataFrame, citations: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each item and note that it cites: the item's ids, day and member, and the note's columns."""
    split = items.assign(note=items["citations"].str.split(";")).explode("note")
    split = split[split["note"].fillna("") != ""]
    split = split.assign(note=pd.to_numeric(split["note"]).astype("Int64"))
    columns = ["item_id", "document_id", "commitment_id", "member", "date", "note"]
    return split[columns].merge(citations, on=["document_id", "note"], how="inner").reset_index(drop=True)


def note_findings(
    documents: pd.DataFrame, items: pd.DataFrame, citations: pd.DataFrame, noted: pd.DataFrame
) -> list[Row]:
    """Return what is wrong with the notes of the report, of every commitment."""
    return [
        *_addresses(citations),
        *_days(citations, noted),
        *_shared_addresses(citations),
        *_hosts(citations),
        *_cited(documents, citations, noted),
        *_unsourced_items(items, citations),
    ]


def plain_url(url: str) -> str:
    """Return an address without what does not tell it from others: scheme, www., capitals of the host, a last slash.

    Examples
    --------
    >>> plain_url("https://www.A.ca/b/"), plain_url("")
    ('a.ca/b', '')
    """
    parts = _split(url)
    return f"{parts[0]}{parts[1]}".rstrip("/")


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", url
    return host, parts.path + (f"?{parts.query}" if parts.query else "")


def _addresses(citations: pd.DataFrame) -> Iterator[Row]:
    for note in citations[citations["url_status"].isin(["broken", "none"])].to_dict("records"):
        if note["url_status"] == "none":
            yield finding("note_without_url", LOW, note["name"], "has no address.")
        else:
            yield finding("broken_url", LOW, note["name"], f"its address is broken in print: {note['url'][:120]!r}.")


def _days(citations: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    """Notes of items that lack a day which others have: pages of reference in the background often have none."""
    its = citations[citations["name"].isin(noted["name"])]
    printed = {name: column for name, column in _DAYS.items() if its[column].notna().any()}
    for note in its[its[list(printed.values())].isna().any(axis=1)].to_dict("records"):
        lacking = [name for name, column in printed.items() if pd.isna(note[column])]
        yield finding("note_without_date", LOW, note["name"], f"has no date of {' and none of '.join(lacking)}.")


def _shared_addresses(citations: pd.DataFrame) -> Iterator[Row]:
    """One address under different titles: those of the commonest title, or of the first, are likely right."""
    its = citations.assign(address=citations["url"].map(plain_url), words=citations["title"].map(_title_words))
    its = its[(its["address"] != "") & (its["words"] != "")]
    for _, group in its.groupby("address", sort=False):
        usual = Counter(group["words"]).most_common(1)[0][0]  # of equal numbers, the first that was met
        others = group.loc[group["words"] == usual, "name"]
        for name in group.loc[group["words"] != usual, "name"]:
            told = f"its address is that of {', '.join(others)}, under another title."
            yield finding("shared_url", MEDIUM, name, told, proof=group["name"])


def _hosts(citations: pd.DataFrame) -> Iterator[Row]:
    """Notes of a publisher with a host of its own, at the host of another."""
    its = citations.assign(host=[_split(url)[0] for url in citations["url"]])
    its = its[(its["host"] != "") & (its["publisher"] != "")]
    counts = Counter(zip(its["host"], its["publisher"], strict=True))
    home = {}
    for publisher, hosts in its.groupby("publisher")["host"]:
        host, most = Counter(hosts).most_common(1)[0]
        if most >= _SETTLED:
            home[str(publisher)] = host
    for note in its.to_dict("records"):
        own, host = home.get(note["publisher"]), str(note["host"])
        owners = [publisher for publisher, where in home.items() if where == host and publisher != note["publisher"]]
        if own and host != own and owners and counts[host, note["publisher"]] < _SETTLED:
            told = f"names {note['publisher']} as publisher; its address is at {note['host']}, which is {owners[0]}'s."
            yield finding("url_host_mismatch", LOW, note["name"], told)


def _cited(documents: pd.DataFrame, citations: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    for name, its in noted.groupby("name", sort=False)["item_id"]:
        if len(its) > 1:
            told = f"is cited by {len(its)} items: {named(its)}."
            yield finding("note_cited_twice", LOW, str(name), told, proof=[str(name), *its])
    texts = documents.set_index("document_id")["text"]
    for note in citations[~citations["name"].isin(noted["name"])].to_dict("records"):
        text, number = str(texts[note["document_id"]]), str(note["note"])
        if text.count(superscript(number)) + text.count(number) < 2:  # once where it stands itself
            yield finding("uncited_note", LOW, note["name"], "is cited nowhere.")


def _unsourced_items(items: pd.DataFrame, citations: pd.DataFrame) -> Iterator[Row]:
    known = set(zip(citations["document_id"], citations["note"].astype("str"), strict=True))
    for item in items.to_dict("records"):
        cited = [note for note in item["citations"].split(";") if note]
        lost = [note for note in cited if (item["document_id"], note) not in known]
        if not cited:
            yield finding("item_without_note", MEDIUM, item["item_id"], "cites no source.", member=item["member"])
        if lost:
            told = f"cites {counted(len(lost), 'note')} that the report does not have: {', '.join(lost)}."
            yield finding("missing_note", MEDIUM, item["item_id"], told, member=item["member"])


def _title_words(title: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())
