"""Check the dates of items against the period and against their sources."""

import re
from datetime import date

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, day, finding
from g7tag.codebook import Codebook
from g7tag.scoring import in_period, signed
from g7tag.sources import read_days
from g7tag.text import counted

LATE = 7
"""Maximum number of days between an item and a later source before the item's date is in doubt."""
_SAME_MATTER = 60
"""Number of days before an item within which a date in its source's title is probably the date of the same act."""
_DAYS_IN_URL = re.compile(
    r"/(?P<year>20\d\d)/(?P<month>\d{1,2}|[a-z]{3})/(?P<day>\d{1,2})(?=/)|[-/](?P<iso>20\d\d-\d\d-\d\d)(?=[/_.]|$)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def period_findings(items: pd.DataFrame, scores: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return the items dated outside the period, which are not counted, and the effect of counting them."""
    start, end = codebook.commitment.period_start, codebook.commitment.period_end
    own = items[items["commitment_id"] == codebook.commitment.id]
    rows = []
    for item in own[~in_period(own, codebook)].to_dict("records"):
        own_scores = scores[scores["member"] == item["member"]]
        same = own_scores["suggested_score"].equals(own_scores["score_all_dates"])
        effect = "Counting such items would not change the member's suggested score."
        if not same:
            changes = own_scores[["reading", "suggested_score", "score_all_dates"]].itertuples(index=False)
            worded = ", ".join(f"{name} from {signed(before)} to {signed(after)}" for name, before, after in changes)
            effect = f"Counting such items would change the member's suggested score: {worded}."
        message = (
            f"is dated {item['date']:%d %B %Y}, outside the period {start:%d %B %Y} to {end:%d %B %Y}, so it is "
            f"not counted. {effect}"
        )
        rows.append(finding("outside_period", LOW if same else HIGH, item["item_id"], message, member=item["member"]))
    return rows


def date_findings(noted: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return items whose date contradicts their source, and notes whose dates contradict each other."""
    rows: list[Row] = []
    for row in noted.to_dict("records"):
        rows += [*_item_and_source(row, codebook), *_within_note(row)]
    return rows


def _item_and_source(row: Row, codebook: Codebook) -> list[Row]:
    item, published, accessed = row["date"], row["published"], row["accessed"]
    if pd.isna(item):
        return []
    found: list[tuple[str, str, str]] = []
    source, misprinted = f"its source ({row['name']})", _misprinted(item, published, codebook)
    later = 0 if pd.isna(published) else (item - published).days
    if misprinted:
        text = f"but {source} is dated {day(published)}. The year is probably misprinted."
        found.append(("likely_year_misprint", MEDIUM, text))
    elif later > 0:
        found.append(("later_than_source", MEDIUM, f"{counted(later, 'day')} after {source} was published."))
    elif later < -LATE:
        found.append(("earlier_than_source", LOW, f"{counted(-later, 'day')} before {source} was published."))
    if not misprinted and accessed < item:
        found.append(("accessed_before_item", MEDIUM, f"but {source} was accessed earlier, on {day(accessed)}."))
    titled = [pd.Timestamp(each) for each in read_days(row["title"])]
    if titled and all(0 < (item - each).days < _SAME_MATTER for each in titled):
        found.append(("date_in_title", LOW, f"but the title of {source} mentions {day(titled[0])}."))
    where = {"member": row["member"], "proof": [row["item_id"], row["name"]]}
    return [
        finding(check, severity, row["item_id"], f"is dated {day(item)}, {text}", **where)
        for check, severity, text in found
    ]


def _within_note(row: Row) -> list[Row]:
    published, accessed, subject = row["published"], row["accessed"], row["name"]
    where = {"member": row["member"], "proof": [subject, row["item_id"]]}
    found = []
    if accessed < published:  # False if one is unread
        message = f"was accessed on {day(accessed)}, before it was published on {day(published)}."
        found.append(finding("accessed_before_published", LOW, subject, message, **where))
    in_url = day_in_url(row["url"])
    if in_url and not pd.isna(published) and pd.Timestamp(in_url) != published:
        other = day(pd.Timestamp(in_url))
        message = f"was published on {day(published)} according to the note, but on {other} according to its URL."
        found.append(finding("date_in_url", LOW, subject, message, **where))
    return found


def day_in_url(url: str) -> date | None:
    """Return the date in a URL, or None if it has no valid date."""
    match = _DAYS_IN_URL.search(url.lower())
    if not match:
        return None
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        month = _MONTHS.index(match["month"]) + 1 if match["month"].isalpha() else int(match["month"])
        return date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None


def _misprinted(item: pd.Timestamp, published: pd.Timestamp, codebook: Codebook) -> bool:
    """Whether an item outside the period has nearly the same day as its source, in a different year."""
    start, end = (pd.Timestamp(each) for each in (codebook.commitment.period_start, codebook.commitment.period_end))
    if pd.isna(published) or start <= item <= end or not start <= published <= end or item.year == published.year:
        return False
    return abs((item + pd.DateOffset(years=published.year - item.year) - published).days) <= LATE
