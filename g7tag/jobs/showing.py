"""Display the frames of a run as readable tables; ids unfold to the rows that they refer to."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from g7tag.codebook import Codebook, unchecked_drafts
from g7tag.errors import InputError
from g7tag.report import EVALUATION_HEADINGS, codebook_tables, evaluation_table, quality_table
from g7tag.report.display import Shown, look_up, show_frame
from g7tag.tagger import Tagger, describe_tags, explain_tags, load_tagger
from g7tag.tagger.persist import bundled_model
from g7tag.text import listed

if TYPE_CHECKING:
    from g7tag.jobs.run import Run


def show_rows(rows: pd.DataFrame, run: "Run", *, most: int | None) -> Shown:
    """Return rows of a run as a table, with the words that support each dimension marked; tags also say why."""
    why = None
    if set(run.tags.columns) <= set(rows.columns):
        tagger = _maker(run)
        if tagger:
            shown, sentences = rows if most is None else rows.head(most), run.sentences
            items = sentences.loc[sentences["sentence_id"].isin(shown["sentence_id"]), "item_id"]
            whole = sentences[sentences["item_id"].isin(items)]  # a sentence is explained with its whole item
            why = describe_tags(shown, explain_tags(whole, tagger))
    return show_frame(rows, look_up(run.frames, run.codebook), why=why, most=most)


def show_codebook(codebook: Codebook) -> Shown:
    """Return the dimensions, acts, strengths and exclusions of a codebook as one table."""
    tables = codebook_tables(codebook)
    parts = [
        tables[name].assign(Part=name) for name in ("Dimensions", "Acts", "Strength", "Exclusions") if name in tables
    ]
    shown = show_frame(pd.concat(parts)[["Part", "Key", "Label", "Definition"]], most=None)
    open_parts = len(unchecked_drafts(codebook)) + len(codebook.questions)
    draft = f" A draft, with {open_parts} drafts and questions to check." if open_parts else ""
    shown.caption = f"{codebook.id}, version {codebook.version}.{draft} Rules and settled cases: g7tag codebook show."
    return shown


def show_evaluation(
    evaluation: Mapping[str, pd.DataFrame],
    table: str = "summary",
    *,
    scheme: str | None = None,
    tested_on: str | None = None,
    of: str = "dimension",
) -> Shown:
    """Display the results of an evaluation.

    Parameters
    ----------
    evaluation
        The result of `g7tag.evaluation.evaluate_tagger` or `g7tag.evaluation.stored_evaluation`.
    table
        "summary" (results of g7tag), "taggers" (compared with simpler taggers), "labels", "acts", "confusion",
        "calibration" or "routing".
    scheme, tested_on
        What was left out of training ("member left out", "file left out" or "test part", followed by ", fast tagger"
        for the fast tagger), and the name of the labelled file. If omitted, a summary shows all, others the first.
    of
        For a confusion matrix: "dimension", "strength", "exclusion" or "act".
    """
    known = [name for name in evaluation if name in EVALUATION_HEADINGS and "scheme" in evaluation[name]]
    known = [*["summary"] * ("taggers" in evaluation), *known]
    if table not in known:
        msg = f"table {table!r}: not in the evaluation, or not a table of it. Found {listed(known, most=9)}."
        raise InputError(msg)
    measured = evaluation["taggers" if table == "summary" else table]
    if scheme and "tagger" in measured:  # it has the tagger and the fast one side by side
        scheme = scheme.removesuffix(", fast tagger")
    if table != "summary" and len(measured):
        scheme, tested_on = scheme or measured["scheme"].iloc[0], tested_on or measured["tested_on"].iloc[0]
    wanted = {name: value for name, value in (("scheme", scheme), ("tested_on", tested_on)) if value}
    rows = measured[(measured[list(wanted)] == pd.Series(wanted)).all(axis=1)] if wanted else measured
    if rows.empty:
        found = measured[["scheme", "tested_on"]].drop_duplicates().agg(", ".join, axis=1)
        msg = f"{table}: no results for {' and '.join(wanted.values())!r}. Expected one of {listed(found)}."
        raise InputError(msg)
    if table == "summary":
        return show_frame(quality_table(rows), most=None)
    shown = evaluation_table(table, rows, scheme=str(scheme), tested_on=str(tested_on), of=of)
    return show_frame(shown, name=f"evaluation_{table}", most=None)


def _maker(run: "Run") -> Tagger | None:
    """Return the tagger that made the tags of a run; None if it is neither the run's nor one that g7tag has."""
    made_by = set(run.tags["tagger"])
    if run.tagger and made_by <= {run.tagger.model_id}:
        return run.tagger
    known = _bundled_taggers(run.codebook.model_dump_json())
    return next((each for each in known if made_by <= {each.model_id}), None)


@lru_cache(maxsize=2)
def _bundled_taggers(codebook: str) -> list[Tagger]:
    """Return the taggers that come with g7tag for a codebook (as JSON), the fast one too; cached: loading is slow."""
    book = Codebook.model_validate_json(codebook)
    path = bundled_model(book)
    return [load_tagger(path, book, fast=fast) for fast in (False, True)] if path else []
