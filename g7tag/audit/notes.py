"""Check the notes: URLs, publishers, dates and the items that cite them."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pandas as pd

from g7tag.audit.findings import LOW, MEDIUM, Row, finding, named
from g7tag.sources import superscript
from g7tag.text import counted

_DAYS = {"publication": "published", "access": "accessed"}
_SETTLED = 3  # minimum number of notes of a publisher at its own host


def named_notes(citations: pd.DataFrame) -> pd.DataFrame:
    """Return citations with a column `name`: "note 4443", after the document id if there are several documents."""
    names = "note " + citations["note"].astype("str")
    several = len(set(citations["document_id"])) > 1
    return citations.assign(name=citations["document_id"] + " " + names if several else names)


def noted_items(items: pd.DataFrame, citations: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each item and note that it cites: the item's ids, date and member, and the note's columns."""
    split = items.assign(note=items["citations"].str.split(";")).explode("note")
    split = split[split["note"].fillna("") != ""]
    split = split.assign(note=pd.to_numeric(split["note"]).astype("Int64"))
    columns = ["item_id", "document_id", "commitment_id", "member", "date", "note"]
    return split[columns].merge(citations, on=["document_id", "note"], how="inner").reset_index(drop=True)


def note_findings(
    documents: pd.DataFrame, items: pd.DataFrame, citations: pd.DataFrame, noted: pd.DataFrame
) -> list[Row]:
    """Return errors in the notes of all commitments of the report."""
    return [
        *_urls(citations),
        *_dates(citations, noted),
        *_shared_urls(citations),
        *_hosts(citations),
        *_cited(documents, citations, noted),
        *_unsourced_items(items, citations),
    ]


def plain_url(url: str) -> str:
    """Return a URL without scheme, www., capitals in the host and final slash, for comparison."""
    parts = _split(url)
    return f"{parts[0]}{parts[1]}".rstrip("/")


def title_words(title: str) -> str:
    """Return the words of a title in lower case, separated by spaces."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", url
    return host, parts.path + (f"?{parts.query}" if parts.query else "")


def _urls(citations: pd.DataFrame) -> Iterator[Row]:
    for note in citations[citations["url_status"].isin(["broken", "none"])].to_dict("records"):
        if note["url_status"] == "none":
            yield finding("note_without_url", LOW, note["name"], "has no URL.")
        else:
            yield finding("broken_url", LOW, note["name"], f"has a URL that is broken in print: {note['url'][:120]!r}.")


def _dates(citations: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    """Cited notes without a date that other notes have; reference pages in the background often have none."""
    cited = citations[citations["name"].isin(noted["name"])]
    printed = {name: column for name, column in _DAYS.items() if cited[column].notna().any()}
    for note in cited[cited[list(printed.values())].isna().any(axis=1)].to_dict("records"):
        lacking = [name for name, column in printed.items() if pd.isna(note[column])]
        yield finding("note_without_date", LOW, note["name"], f"has no date of {' and no date of '.join(lacking)}.")


def _shared_urls(citations: pd.DataFrame) -> Iterator[Row]:
    """Notes with one URL but different titles; the most common title, or the first, is probably right."""
    notes: dict[str, dict[str, str]] = {}
    for name, url, title in citations[["name", "url", "title"]].itertuples(index=False):
        if plain_url(url) and title_words(title):
            notes.setdefault(plain_url(url), {})[name] = title_words(title)
    for titles in notes.values():
        usual = Counter(titles.values()).most_common(1)[0][0]  # in a tie, the first one
        others = [name for name, title in titles.items() if title == usual]
        for name in [name for name, title in titles.items() if title != usual]:
            message = f"has the same URL as {', '.join(others)} but a different title."
            yield finding("shared_url", MEDIUM, name, message, proof=titles)


def _hosts(citations: pd.DataFrame) -> Iterator[Row]:
    """Notes of a publisher that has its own host, at the host of a different publisher."""
    notes = citations.assign(host=[_split(url)[0] for url in citations["url"]])
    notes = notes[(notes["host"] != "") & (notes["publisher"] != "")]
    counts = Counter(zip(notes["publisher"], notes["host"], strict=True))
    home: dict[str, str] = {}
    owners: dict[str, list[str]] = {}
    for (publisher, host), n in sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1])):
        if n >= _SETTLED and publisher not in home:
            home[publisher] = host
            owners.setdefault(host, []).append(publisher)
    for note in notes.to_dict("records"):
        publisher, host = note["publisher"], note["host"]
        others = [owner for owner in owners.get(host, ()) if owner != publisher]
        if home.get(publisher, host) != host and others and counts[publisher, host] < _SETTLED:
            message = f"names {publisher} as publisher, but its URL is at {host}, which belongs to {others[0]}."
            yield finding("url_host_mismatch", LOW, note["name"], message)


def _cited(documents: pd.DataFrame, citations: pd.DataFrame, noted: pd.DataFrame) -> Iterator[Row]:
    for name, ids in noted.groupby("name", sort=False)["item_id"]:
        if len(ids) > 1:
            message = f"is cited by {len(ids)} items: {named(ids)}."
            yield finding("note_cited_twice", LOW, str(name), message, proof=[str(name), *ids])
    texts = documents.set_index("document_id")["text"]
    for note in citations[~citations["name"].isin(noted["name"])].to_dict("records"):
        text, number = str(texts[note["document_id"]]), str(note["note"])
        if text.count(superscript(number)) + text.count(number) < 2:  # once in the note itself
            yield finding("uncited_note", LOW, note["name"], "is never cited.")


def _unsourced_items(items: pd.DataFrame, citations: pd.DataFrame) -> Iterator[Row]:
    known = set(zip(citations["document_id"], citations["note"].astype("str"), strict=True))
    for item in items.to_dict("records"):
        cited = [note for note in item["citations"].split(";") if note]
        lost = [note for note in cited if (item["document_id"], note) not in known]
        if not cited:
            yield finding("item_without_note", MEDIUM, item["item_id"], "cites no source.", member=item["member"])
        if lost:
            message = f"cites {counted(len(lost), 'note')} missing from the report: {', '.join(lost)}."
            yield finding("missing_note", MEDIUM, item["item_id"], message, member=item["member"])
