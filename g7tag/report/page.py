"""One plain HTML page of a run: what was found, as tables, readable with no network and no script."""

from html import escape

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring import signed

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: #f4f6f8; }}
.scroll {{ overflow-x: auto; }} .note {{ color: #555; }}
</style>
</head>
<body>
"""


def report_page(
    *,
    title: str,
    scores: pd.DataFrame,
    rules: pd.DataFrame,
    findings: pd.DataFrame,
    tagged: pd.DataFrame,
    codebook: Codebook,
) -> str:
    """Return the page as HTML; all text of the report in it is escaped.

    Parameters
    ----------
    title
        What the run is of.
    scores
        The table that `score_table` makes.
    rules
        The scores frame: which rule gave each suggested score.
    findings
        The findings frame.
    tagged
        Sentences with their tags: columns sentence_id, text, dimensions, strength, exclusion, needs_review.
    codebook
        Named at the foot, with its version.
    """
    readings = ", ".join(f"{reading.label} ({reading.name})" for reading in codebook.readings)
    why = rules.assign(suggested=rules["suggested_score"].map(signed))[["member", "reading", "suggested", "rule"]]
    parts = [
        _HEAD.format(title=escape(title)),
        f"<h1>{escape(title)}</h1>",
        "<p class='note'>Scores are suggested by rules from tags that a classifier proposed; people decide. Under "
        f"{escape(readings)} stands the score that this reading of the guidelines gives. "
        "<em>strong 5+2</em> means five items with strong action and two with weak.</p>",
        _section("Suggested and published scores", scores),
        _section("Why: the rule behind each suggested score", why),
        _section("What in the report does not fit", findings[["severity", "check", "subject", "message"]]),
        _section(
            "Sentences and their tags", tagged.assign(needs_review=tagged["needs_review"].map({True: "yes", False: ""}))
        ),
        f"<p class='note'>Codebook {escape(codebook.id)}, version {escape(codebook.version)}.</p>",
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _section(heading: str, table: pd.DataFrame) -> str:
    body = table.to_html(index=False, escape=True, border=0, na_rep="none") if len(table) else "<p>Nothing.</p>"
    return f"<h2>{escape(heading)}</h2>\n<div class='scroll'>{body}</div>"
