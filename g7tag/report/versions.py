"""A run on a new version of a report beside the run before it, as tables for a terminal."""

import pandas as pd

from g7tag.audit import Versions
from g7tag.report.cells import one_line, snippet
from g7tag.report.comparison import MOST, Part
from g7tag.report.tables import percent
from g7tag.scoring import signed
from g7tag.text import counted

_LONGEST = 60  # characters of a text in a table


def version_parts(found: Versions, labels: pd.DataFrame) -> list[Part]:
    """Return what changed, which scores moved and why, and what became of people's labels."""
    items, scores = found.changes, found.score_changes
    changed = items[(items["status"] != "same") | (items["changed"] != "")]
    rows = pd.DataFrame(
        {
            "Item": changed["new_id"].mask(changed["new_id"] == "", changed["old_id"]), "Before": changed["old_id"],
            "Status": changed["status"], "What differs": changed["changed"],
        }
    )  # fmt: skip
    moved = scores[(scores["why"] != "") | ~_equal(scores["old_score"], scores["new_score"])]
    scored = pd.DataFrame(
        {
            "Member": moved["member"], "Reading": moved["reading"],
            "Before": _with_chance(moved, "old"), "Now": _with_chance(moved, "new"),
            "Items at which it moves": moved["why"],
        }
    )  # fmt: skip
    fates = labels["fate"].value_counts()
    parts = [f"{fates.get(name, 0)} {name}" for name in ("carried", "to confirm", "gone")]
    gone = labels[(labels["fate"] == "gone") & labels["current"]]
    lost = pd.DataFrame(
        {
            "Sentence": gone["sentence_id"], "Annotator": gone["annotator"].map(one_line), "Label": gone["label"],
            "Text": gone["old_text"].map(lambda text: snippet(text, _LONGEST)),
        }
    )  # fmt: skip
    status = items["status"].value_counts()
    named = ", ".join(f"{status.get(name, 0)} {name}" for name in ("same", "edited", "new", "gone"))
    n_scores = int((~_equal(scores["old_score"], scores["new_score"])).sum())
    return [
        Part("Items", [f"{named}.", *_cut(rows)], rows[:MOST]),
        Part("Scores", [f"{n_scores} of {counted(len(scores), 'score')} changed."], scored),
        Part("Labels of people", [f"{counted(len(labels), 'label')}: {', '.join(parts)}."], lost.iloc[:0]),
        *([Part("Labels of sentences that are gone", _cut(lost), lost[:MOST])] if len(lost) else []),
    ]


def _cut(rows: pd.DataFrame) -> list[str]:
    return [f"The first {MOST} of {len(rows)}; --json has all."] if len(rows) > MOST else []


def _equal(one: pd.Series, other: pd.Series) -> pd.Series:
    return ((one == other).fillna(value=False) | (one.isna() & other.isna())).astype("bool")


def _with_chance(scores: pd.DataFrame, which: str) -> list[str]:
    """Return scores with their probabilities as text."""
    pairs = zip(scores[f"{which}_score"], scores[f"{which}_chance"], strict=True)
    return [signed(score) + ("" if pd.isna(chance) else f" ({percent(chance)})") for score, chance in pairs]
