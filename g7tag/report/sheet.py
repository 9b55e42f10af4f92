"""The label sheet as an Excel workbook: cells to fill in with lists to choose from, and the codebook."""

from collections.abc import Mapping, Sequence

import pandas as pd

from g7tag.codebook import Category, Codebook
from g7tag.frames import STRENGTHS
from g7tag.store import Choice, Page, workbook_bytes

_WIDTHS = {"sentence_id": 17, "item": 48, "text": 48, "source": 40, "url": 40, "analysts": 40, "models": 40, "note": 36}
_BOOK_WIDTHS = {"label": 40, "definition": 80, "examples": 60}


def label_workbook(sheet: pd.DataFrame, codebook: Codebook) -> bytes:
    """Return a label sheet as an .xlsx workbook."""
    labels = Page("labels", sheet, choices=_choices(codebook), to_fill=["note"], widths=_WIDTHS, links=["url"])
    book = Page("codebook", codebook_rows(codebook), widths=_BOOK_WIDTHS)
    return workbook_bytes([labels, book])


def codebook_rows(codebook: Codebook) -> pd.DataFrame:
    """Return the labels of a codebook as rows, then its settled cases: kind, key, label, definition, examples."""
    parts: Mapping[str, Sequence[Category]] = {
        "dimension": codebook.dimensions, "strength": codebook.strengths, "act": codebook.acts,
        "exclusion": codebook.exclusions,
    }  # fmt: skip
    labels = [
        (kind, each.key, each.label, each.definition, "\n".join(each.examples))
        for kind, categories in parts.items()
        for each in categories
    ]
    cases = [("settled case", "", note.case, note.decision, "") for note in codebook.notes]
    return pd.DataFrame([*labels, *cases], columns=["kind", "key", "label", "definition", "examples"], dtype="str")


def _choices(codebook: Codebook) -> dict[str, Choice]:
    """Return the values of each column to fill in."""
    ticks = {
        each.key: Choice(["x"], each.label, f"x if the sentence is about this. {each.definition}")
        for each in codebook.dimensions
    }
    exclusion = Choice(codebook.exclusion_keys, "Exclusion", _hint(codebook.exclusions))
    return {
        **ticks,
        "strength": Choice(STRENGTHS, "Strength", _hint(codebook.strengths)),
        "act": Choice([each.key for each in codebook.acts], "Act", _hint(codebook.acts)),
        **({"exclusion": exclusion} if codebook.exclusions else {}),
        "contradicts": Choice(["yes"], "Contradicts", "yes if the act is contrary to the commitment."),
        "unsure": Choice(["yes"], "Unsure", "yes if another person should look at this."),
    }


def _hint(categories: Sequence[Category]) -> str:
    return " ".join(f"{each.key}: {each.definition.partition(':')[0].partition(';')[0]}." for each in categories)
