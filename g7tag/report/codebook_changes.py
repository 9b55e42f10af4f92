"""What differs between two codebooks, and what follows for a run, as tables for a terminal."""

import pandas as pd

from g7tag.audit import CodebookChanges
from g7tag.report.cells import one_line, snippet
from g7tag.report.comparison import MOST, Part
from g7tag.scoring import signed
from g7tag.text import counted

_LONGEST, _WHOLE = 60, 400  # characters of a sentence, and of a part of a codebook, in a table


def codebook_change_parts(found: CodebookChanges, *, has_run: bool) -> list[Part]:
    """Return what differs, and, with a run, the labels that may be outdated and the scores that change."""
    shown = found.parts.map(lambda text: snippet(text, _WHOLE)).set_axis(["Part", "Old", "New"], axis=1)
    parts = [Part("Codebooks", [f"{counted(len(shown), 'difference')}."], shown)]
    if not has_run:
        return parts
    labels, scores = found.labels, found.scores
    same = (scores["old_score"] == scores["new_score"]).fillna(value=False)
    moved = scores[~(same | (scores["old_score"].isna() & scores["new_score"].isna()))]
    rows = pd.DataFrame(
        {
            "Sentence": labels["sentence_id"], "Annotator": labels["annotator"].map(one_line), "Label": labels["label"],
            "Why": labels["reason"], "Text": labels["text"].map(lambda text: snippet(text, _LONGEST)),
        }
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "Member": moved["member"], "Reading": moved["reading"], "Old": moved["old_score"].map(signed),
            "New": moved["new_score"].map(signed), "Rule": moved["new_rule"].fillna(""),
        }
    )  # fmt: skip
    cut = [f"The first {MOST} of {len(rows)}; --json has all."] if len(rows) > MOST else []
    return [
        *parts,
        Part("Labels of people", [f"{counted(len(rows), 'label')} may be outdated.", *cut], rows[:MOST]),
        Part("Scores", [f"{len(moved)} of {counted(len(scores), 'score')} would change with the same labels."], table),
    ]
