"""Show frames as tables to read, with what stands behind their ids."""

from functools import lru_cache

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.jobs.opening import Run, codebook_of
from g7tag.report import legend, member_reasons, preface, run_table
from g7tag.report.display import IDS, KEYS, MOST, Shown, look_up, show_frame, show_lists, show_notes
from g7tag.store import data_path
from g7tag.tagger import Tagger, explain_tags, load_tagger, why_tagged


def show(
    frame: pd.DataFrame,
    run: Run | None = None,
    *,
    tagger: Tagger | None = None,
    codebook: Codebook | None = None,
    most: int | None = MOST,
) -> Shown:
    """Return any frame as a table to read: HTML in a notebook, plain text in a terminal; all text in it is inert.

    Parameters
    ----------
    frame
        Any frame, or some of its rows. Long text is folded, and web addresses are links.
    run
        The run that the frame is of. With it, sentences and items get their text with the words marked that carried
        each dimension, their day and their sources; ids that prove a finding, or carry a level or a score, unfold to
        what they stand for.
    tagger
        What the run was tagged with; None takes the one that comes with g7tag, if it was that: else nothing is marked.
    codebook
        The run's; None takes the one that comes with g7tag.
    most
        Rows that are shown, from the top; None shows all.

    Returns
    -------
    Shown
        Its text is `repr`; a notebook shows its HTML. No rows give a table of headings.

    Raises
    ------
    InputError
        The run is of another codebook.

    Examples
    --------
    >>> show(pd.DataFrame({"member": ["Japan"], "score": [0]}))
     member score
     ─────────────
     Japan  0
    <BLANKLINE>
    1 row.
    """
    if run is None:
        return show_frame(frame, most=most)
    book = codebook_of(run, codebook)
    rows = frame if most is None else frame.head(most)
    used = tagger or _own_tagger(run, book)
    if used is None:
        return show_frame(frame, look_up(run._asdict(), None, book), most=most)
    sentences = run.sentences[run.sentences["item_id"].isin(_items(rows, run))]
    explanations = explain_tags(sentences, used)
    why = why_tagged(rows, explanations) if set(run.tags.columns) <= set(rows.columns) else None
    return show_frame(frame, look_up(run._asdict(), explanations, book), why=why, most=most)


def show_scores(run: Run, codebook: Codebook | None = None) -> Shown:
    """Return the score table that `g7tag run` prints: published and suggested scores, with the levels behind them.

    Parameters
    ----------
    run, codebook
        A run, and its codebook (None: the one that comes with g7tag).
    """
    book = codebook_of(run, codebook)
    shown = show_frame(run_table(run._asdict(), book), most=None)
    shown.caption = legend(book)
    return shown


def show_preface(run: Run, codebook: Codebook | None = None) -> Shown:
    """Return what to know before reading scores: whether they agree, who labelled, and how a score follows.

    The lines are those with which `g7tag audit` begins.

    Parameters
    ----------
    run, codebook
        A run, and its codebook (None: the one that comes with g7tag).
    """
    return show_notes(preface(run._asdict(), codebook_of(run, codebook)))


def show_reasons(run: Run, codebook: Codebook | None = None) -> Shown:
    """Return why each member's score is what it is and what would change it, folded under its scores.

    The lines are those that `g7tag audit` prints.

    Parameters
    ----------
    run, codebook
        A run, and its codebook (None: the one that comes with g7tag).
    """
    book = codebook_of(run, codebook)
    reasons = member_reasons(run._asdict(), book)
    return show_lists(reasons, caption="Click on a member to read why, and what would change its score.")


def _items(rows: pd.DataFrame, run: Run) -> set[str]:
    """The items that rows are of or name: of whole items alone it can be told what spoke for a tag."""
    named = [rows[name].dropna().astype("str").str.split(";").explode() for name in (*KEYS, *IDS) if name in rows]
    ids = set(pd.concat(named)) if named else set()
    items = dict(zip(run.sentences["sentence_id"], run.sentences["item_id"], strict=True))
    return {items.get(each, each) for each in ids}


def _own_tagger(run: Run, codebook: Codebook) -> Tagger | None:
    """The tagger that comes with g7tag, if the run was tagged with it."""
    tagger = _bundled_tagger(codebook.model_dump_json())
    return tagger if tagger and set(run.tags["tagger"]) <= {tagger.model_id} else None


@lru_cache(maxsize=2)
def _bundled_tagger(codebook: str) -> Tagger | None:
    """The tagger that comes with g7tag for a codebook, given as JSON; kept, since loading takes a second."""
    book = Codebook.model_validate_json(codebook)
    path = data_path(f"models/{book.id}.skops")
    return load_tagger(path, book) if path.exists() else None
