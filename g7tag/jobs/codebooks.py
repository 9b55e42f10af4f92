"""Compare two versions of a codebook, and what their differences mean for a run."""

from pathlib import Path

from g7tag.audit import CodebookChanges, codebook_changes
from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.jobs.labelling import to_label
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.run import Run, open_run


def compare_codebooks(
    old: Codebook | Path | str, new: Codebook | Path | str, run: Run | Path | str | None = None
) -> CodebookChanges:
    """Return what differs between two codebooks and, for a run, which labels and scores it concerns.

    Nothing is written. Scores are those of the rules, periods and thresholds of the two codebooks with the labels that
    the run was scored with. A label of a person may be outdated if the new codebook defines a dimension, strength,
    exclusion or act that it uses in other words, or lacks it.

    Parameters
    ----------
    old, new
        Codebooks, their files, or ids of codebooks that come with g7tag.
    run
        A scored run, or its directory, on the commitment of both codebooks.

    Returns
    -------
    CodebookChanges
        Frames parts, labels and scores; without a run, the last two have no rows.

    Raises
    ------
    InputError
        A codebook is on another commitment than the run.

    Examples
    --------
    >>> book = open_codebook()
    >>> compare_codebooks(book, book.model_copy(update={"min_strong_items": 3})).parts.values.tolist()
    [['min_strong_items', '2', '3']]
    """
    books = open_codebook(old), open_codebook(new)
    if run is None:
        return codebook_changes(*books)
    opened = run if isinstance(run, Run) else open_run(run)
    own = opened.codebook.commitment.id
    for book in books:
        if book.commitment.id != own:
            msg = f"codebook {book.id!r}: is on commitment {book.commitment.id}, the run on {own}. Name one of {own}."
            raise InputError(msg)
    labelled = to_label(opened)
    names = ("sentences", "items", "members", "labels", "annotations")
    return codebook_changes(*books, labelled.read(*names))
