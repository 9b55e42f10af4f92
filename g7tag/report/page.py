"""The HTML page of a run and its tables; the page needs no network and no scripts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from g7tag.audit import score_text
from g7tag.codebook import Codebook
from g7tag.errors import counted
from g7tag.report.models import labels_text
from g7tag.report.reasons import member_reasons
from g7tag.report.tables import heading, legend, narrow_tables, reading_headings, score_table
from g7tag.scoring import averages, reconcile, threshold_table
from g7tag.sources import ZERO_WIDTH

_BEHIND = ["member", "dimension", "level", "strength", "decides", "doubtful", "sentence_id", "text", "note", "url"]
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 92rem; padding: 0 1rem; color: #222; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: #f4f6f8; }}
.scroll {{ overflow-x: auto; }} .note {{ color: #555; }}
.behind td:nth-last-child(4) {{ white-space: nowrap; }}
.behind td:nth-last-child(3) {{ min-width: 18rem; }}
.behind td:last-child {{ min-width: 10rem; overflow-wrap: anywhere; font-size: .85em; }}
</style>
</head>
<body>
"""


Frames = Mapping[str, pd.DataFrame]
_MOST_PAGES = 5  # of one document to list
_LEAST_HIDDEN = 4  # consecutive zero-width characters that may hide text; single ones are common on web pages
_LONGEST = 60  # characters of hidden text to show


def report_page(
    *,
    title: str,
    scores: pd.DataFrame,
    reasons: Mapping[str, Sequence[str]],
    behind: pd.DataFrame,
    findings: pd.DataFrame,
    tagged: pd.DataFrame,
    labelled: str,
    codebook: Codebook,
    gaps: Sequence[str] = (),
) -> str:
    """Return the page as HTML; all text from the report is escaped.

    Parameters
    ----------
    title
        Title of the page.
    scores
        The result of `score_table`.
    reasons
        For each member, lines that explain its score and what would change it.
    behind
        Sentences that determine the levels, with their sources.
    findings
        The findings frame.
    tagged
        Sentences with their tags: columns sentence_id, text, dimensions, strength, exclusion, needs_review.
    labelled
        Whose labels count, under which policy.
    codebook
        Its id and version are given at the end of the page.
    gaps
        Lines on parts of the reports that were not read or were assumed; shown above all tables.
    """
    first = behind.sort_values("decides", key=lambda column: column.map({"score": 0, "level": 1, "": 2}), kind="stable")
    doubtful = first["needs_review"].map({True: "yes", False: ""})
    shown = first.assign(doubtful=doubtful, url=first["url"].fillna(""))[_BEHIND]
    parts = [
        _HEAD.format(title=escape(title)),
        f"<h1>{escape(title)}</h1>",
        f"<p class='note'>Scores are suggested by rules, from {escape(labelled)}. {escape(legend(codebook))}</p>",
        *(f"<p class='note'>{escape(line)}</p>" for line in gaps),
        *(
            _section(name, table)
            for name, table in zip(
                ("Suggested and published scores", "Items behind each level, by strength"),
                narrow_tables(scores, codebook),
                strict=True,
            )
        ),
        "<h2>Reasons for each score, and what would change it</h2>",
        *(_reason(member, lines) for member, lines in reasons.items()),
        "<h2>Sentences that determine the levels</h2>",
        "<p class='note'>The column <em>decides</em> shows what changes if the item of the sentence does not have this "
        "label: <em>score</em>, the suggested score; <em>level</em>, only the level of this dimension. These sentences "
        "are listed first. Check the doubtful ones before the others.</p>",
        _table(shown, kind="scroll behind"),
        _section("Findings", findings[["severity", "check", "subject", "message"]]),
        _section(
            "Sentences and their tags", tagged.assign(needs_review=tagged["needs_review"].map({True: "yes", False: ""}))
        ),
        f"<p class='note'>Codebook {escape(codebook.id)}, version {escape(codebook.version)}.</p>",
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _reason(member: str, lines: Sequence[str]) -> str:
    """Return the reasons of a member, folded under its score."""
    items = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
    return f"<details><summary>{escape(member)}</summary><ul>{items}</ul></details>"


def _section(heading: str, table: pd.DataFrame) -> str:
    return f"<h2>{escape(heading)}</h2>\n{_table(table)}"


def _table(table: pd.DataFrame, *, kind: str = "scroll") -> str:
    body = table.to_html(index=False, escape=True, border=0, na_rep="none") if len(table) else "<p>Nothing.</p>"
    return f"<div class='{kind}'>{body}</div>"


def run_table(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the score table of a run as text."""
    scores = frames["scores"]
    return score_table(reconcile(scores), averages(scores), frames["evidence_matrix"], codebook)


def run_thresholds(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score by the number of strong items required for a strong level, as text.

    A star marks a score that differs from the one with the codebook's number. The last rows count the published scores
    that are suggested under each reading.
    """
    thresholds = frames["thresholds"]
    if thresholds.empty:
        return pd.DataFrame({"Member": pd.Series(dtype="str")})
    shown = thresholds.assign(
        cell=thresholds["suggested_score"].map(score_text) + thresholds["changes"].map({True: "*", False: ""})
    )
    cells = shown.groupby(["member", "min_strong_items"], sort=False)["cell"].agg(
        lambda each: " or ".join(dict.fromkeys(each))
    )
    table = cells.unstack().reindex(thresholds["member"].drop_duplicates())
    counts = threshold_table(thresholds, frames["members"]).set_index("min_strong_items")
    for name, label in reading_headings(codebook, before="Published scores matched").items():
        agreeing = counts[name].astype("str") + " of " + counts["n"].astype("str")
        table.loc[label] = agreeing.reindex(table.columns)
    named = {least: counted(int(least), "item") for least in table.columns}
    return table.rename(columns=named).rename_axis(index="Member", columns=None).reset_index()


def run_values(frames: Frames, codebook: Codebook) -> dict[str, Any]:
    """Return the score table as JSON values: numbers as numbers, null if there is no score."""
    parts = {name: frames[name] for name in ("scores", "evidence_matrix")} | {"averages": averages(frames["scores"])}
    records = {name: json.loads(part.to_json(orient="records")) for name, part in parts.items()}
    return {"heading": heading(frames["documents"], codebook), **records}


def run_page(frames: Frames, behind: pd.DataFrame, codebook: Codebook) -> str:
    """Return the page of a run as HTML; `behind` has the sentences that determine the levels, with their sources."""
    columns = ["sentence_id", "text", "dimensions", "strength", "act", "exclusion", "needs_review"]
    sentences = frames["sentences"][["sentence_id", "text"]]
    return report_page(
        title=heading(frames["documents"], codebook),
        scores=run_table(frames, codebook),
        reasons=member_reasons(frames, codebook),
        behind=behind,
        findings=frames["findings"],
        tagged=sentences.merge(frames["tags"], on="sentence_id", validate="one_to_one")[columns],
        labelled=labels_text(frames["labels"], frames["annotations"]),
        codebook=codebook,
        gaps=reading_lines(frames["documents"].head(0), frames["gaps"]),
    )


def reading_lines(documents: pd.DataFrame, gaps: pd.DataFrame, *, keep_hidden: bool = False) -> list[str]:
    """Return lines on unread parts and hidden text of reports; empty if everything was read and nothing is hidden.

    Parameters
    ----------
    documents, gaps
        The frames of those names.
    keep_hidden
        Whether hidden text was used as evidence.
    """
    lines = [line for name, rows in gaps.groupby("name", sort=False) for line in _gap_words(str(name), rows)]
    return lines + [line for row in documents.to_dict("records") for line in _hidden_words(row, keep_hidden)]


def _gap_words(name: str, gaps: pd.DataFrame) -> Iterator[str]:
    pages = gaps[gaps["part"].str.startswith("page ")]
    for gap in gaps.drop(pages.index).to_dict("records"):
        reason = f"not read: {gap['reason']}" if gap["kind"] == "unread" else gap["reason"]
        part = "" if gap["part"] == "document" else f", {gap['part']}"
        yield f"{name}{part}: {reason}"
    for (kind, reason), rows in pages.groupby(["kind", "reason"], sort=False):
        numbers = [part.removeprefix("page ") for part in rows["part"]]
        more = f" and {len(numbers) - _MOST_PAGES} more" if len(numbers) > _MOST_PAGES else ""
        named = f"page{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_MOST_PAGES])}{more}"
        yield f"{name}, {named}: {'not read: ' if kind == 'unread' else ''}{reason}."


def _hidden_words(document: Mapping[Any, Any], keep_hidden: bool) -> Iterator[str]:
    text, spans = str(document["text"]), json.loads(str(document["hidden"]))
    for why in dict.fromkeys(why for _, _, why in spans):
        places = [(start, end) for start, end, reason in spans if reason == why]
        if why == ZERO_WIDTH and max(end - start for start, end in places) < _LEAST_HIDDEN:
            continue
        start, end = places[0]
        page = f", page {text.count(chr(12), 0, start) + 1}" if document["pages"] else ""
        shown = " ".join(text[start:end].split())
        shown = repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
        used = "used as evidence" if keep_hidden else "ignored"
        first = f"the first at character {start}{page}: {shown}"
        yield f"{document['name']}: hidden text ({why}) in {counted(len(places), 'place')}, {used}; {first}"
