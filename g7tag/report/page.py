"""One plain HTML page of a run: what was found, as tables, readable with no network and no script."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.report.tables import legend

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
    """Return the page as HTML; all text of the report in it is escaped.

    Parameters
    ----------
    title
        What the run is of.
    scores
        The table that `score_table` makes.
    reasons
        Of each member, in lines: why its score is what it is and what would change it.
    behind
        Sentences that carry the levels, with their sources.
    findings
        The findings frame.
    tagged
        Sentences with their tags: columns sentence_id, text, dimensions, strength, exclusion, needs_review.
    labelled
        Whose labels counted, by which policy.
    codebook
        Named at the foot, with its version.
    gaps
        What of the reports was not read, or was taken as given, in lines; it stands above all tables.
    """
    first = behind.sort_values("decides", key=lambda column: column.map({"score": 0, "level": 1, "": 2}), kind="stable")
    doubtful = first["needs_review"].map({True: "yes", False: ""})
    shown = first.assign(doubtful=doubtful, url=first["url"].fillna(""))[_BEHIND]
    parts = [
        _HEAD.format(title=escape(title)),
        f"<h1>{escape(title)}</h1>",
        f"<p class='note'>Scores are suggested by rules from {escape(labelled)}. {escape(legend(codebook))}</p>",
        *(f"<p class='note'>{escape(line)}</p>" for line in gaps),
        _section("Suggested and published scores", scores),
        "<h2>Why each score is what it is, and what would change it</h2>",
        *(_reason(member, lines) for member, lines in reasons.items()),
        "<h2>Sentences that carry the levels</h2>",
        "<p class='note'>Were a sentence's item not coded so, what would change? <em>score</em>: the suggested score; "
        "<em>level</em>: the level of this dimension alone. Those stand first; read the doubtful ones before all.</p>",
        _table(shown, kind="scroll behind"),
        _section("What in the report does not fit", findings[["severity", "check", "subject", "message"]]),
        _section(
            "Sentences and their tags", tagged.assign(needs_review=tagged["needs_review"].map({True: "yes", False: ""}))
        ),
        f"<p class='note'>Codebook {escape(codebook.id)}, version {escape(codebook.version)}.</p>",
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _reason(member: str, lines: Sequence[str]) -> str:
    """A member's reasons, folded under its score."""
    items = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
    return f"<details><summary>{escape(member)}</summary><ul>{items}</ul></details>"


def _section(heading: str, table: pd.DataFrame) -> str:
    return f"<h2>{escape(heading)}</h2>\n{_table(table)}"


def _table(table: pd.DataFrame, *, kind: str = "scroll") -> str:
    body = table.to_html(index=False, escape=True, border=0, na_rep="none") if len(table) else "<p>Nothing.</p>"
    return f"<div class='{kind}'>{body}</div>"
