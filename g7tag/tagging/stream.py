"""Tag a table file of any size: batch by batch, in several processes, and on from where it was ended."""

import os
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.store import (
    REJECTS,
    WHOLE,
    Assembly,
    Batch,
    Batches,
    Reject,
    RejectFile,
    Rows,
    Shard,
    Unfinished,
    check_output,
    move_whole,
    open_rows,
    rejects_path,
    was_placing,
)
from g7tag.tagging.model import Tagger
from g7tag.tagging.persist import load_tagger
from g7tag.tagging.predict import MOST_CHARACTERS, tag_table
from g7tag.tagging.workers import Task, Workers, task_settings

BATCH_ROWS = 8_192
"""Rows that are read and tagged together: enough to be quick, few enough that a handful of batches fits any memory."""
ALONE = 3
"""Batches that one process tags sooner than others have started."""


class TaggedFile(NamedTuple):
    """Counts of a file that was tagged: its rows are those tagged and those rejected.

    `rejects` is the file of the rejected rows, None where there is none; `first` are the first of them.
    """

    rows: int
    tagged: int
    doubtful: int
    rejected: int
    rejects: Path | None
    first: list[Reject]


_Counts = tuple[int, int, int]
"""Rows read, tagged, doubtful."""


class _Job(NamedTuple):
    """What is tagged, with what, and how."""

    rows: Rows
    empty: pd.DataFrame
    task: Task
    tagger: Tagger
    processes: int
    announce: Announce


def tag_file(
    path: Path | str,
    output: Path | str | IO[bytes],
    codebook: Codebook,
    model: Path | str,
    *,
    rejects: Path | str | None = None,
    processes: int = 1,
    explain: bool = False,
    force: bool = False,
    announce: Announce = lambda step: None,
) -> TaggedFile:
    """Tag a table file of any size; memory does not grow with it, apart from at most 16 bytes a row.

    These are two 64-bit hashes, of the row's id and of its item, to find ids that stand twice and items whose rows are
    apart. A row that cannot be used is rejected and the rest is tagged: one with another number of cells than the
    header, bytes that are not UTF-8, a line that is no JSON object with a `text`, an id that stands in an earlier row,
    a row of an item that ended before, a position that is not a number. An empty text is no reject: its tags have the
    status `empty`.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file with the columns that `tag_table` reads.
    output
        A file, whose suffix says of which of these types. Finished batches are kept in a folder `OUT.unfinished` beside
        it: after a job was ended, the next continues it, to the same bytes. Or an open binary file, for CSV.
    codebook, model
        What to tag with: a codebook and the path of a model of it.
    rejects
        CSV file for the rejected rows, by default `OUT.rejects.csv` beside `output`, none for an open file. It is
        written only where a row is rejected.
    processes
        Processes that tag; each loads the model itself. A few batches are tagged in this process. The output does not
        depend on their number. A script that asks for more than one needs `if __name__ == "__main__":`.
    explain
        Add a column `why`: what spoke most for each tag (see `g7tag.explain_tags`); ten times slower.
    force
        Replace files that are there, and begin anew what was begun with other settings.
    announce
        Told the name of each step as it begins, and how far it is.

    Raises
    ------
    InputError
        The file cannot be read as a whole, or a file cannot be written or is there already.
    FrameError
        There is no column `text`, a column stands twice, or an item has more rows than a paragraph has sentences.
    RunError
        What was begun has other settings, another process is at work on `output`, or a process that tags has died.
    ModelError
        The model cannot be used.
    """
    path, output = Path(path), Path(output) if isinstance(output, str) else output
    target = None if rejects is None else Path(rejects)
    if isinstance(output, Path):
        target = target or rejects_path(output)
        _check_free(output, target, force=force)
    elif target is not None:
        check_output(target, force=force, types=[".csv"])
    if target is not None and target.resolve() in [file.resolve() for file in (path, output) if isinstance(file, Path)]:
        msg = f"{target}: is the table itself. Name another file for the rejected rows."
        raise InputError(msg)
    announce("reading the table")
    kind = output.suffix.lower() if isinstance(output, Path) else ".csv"
    task = Task(Path(model), codebook, kind, str(path), explain)
    tagger = load_tagger(model, codebook)
    with open_rows(path, size=BATCH_ROWS) as rows:
        header = pd.DataFrame(columns=rows.columns)  # without a `text` refused here, before anything is written
        empty = tag_table(header, tagger, codebook, source=str(path), explain=explain).astype({"text": "str"})
        job = _Job(rows, empty, task, tagger, processes, announce)
        if isinstance(output, Path):
            return _tag_to_file(job, output, target or rejects_path(output), force=force)
        return _tag_to_stream(job, output, target)


def _check_free(output: Path, rejects: Path, *, force: bool) -> None:
    """Refuse names that are taken, unless by files that an earlier run was moving there when it was ended."""
    ours = was_placing(output)
    check_output(output, force=force or ours)
    check_output(rejects, force=force or ours, types=[".csv"])


def _tag_to_stream(job: _Job, output: IO[bytes], target: Path | None) -> TaggedFile:
    scratch = None if target is None else target.with_name(f".{target.name}.{os.getpid()}.part")
    with RejectFile(scratch) as rejects:
        counts = _assemble(job, output, rejects, None)
        output.flush()
        if target is not None:
            rejects.place(target)
        return _counted(counts, rejects, target)


def _tag_to_file(job: _Job, output: Path, target: Path, *, force: bool) -> TaggedFile:
    settings = task_settings(job.task) | {"batch size": BATCH_ROWS}
    try:
        with Unfinished(output, settings, force=force) as folder, RejectFile(folder.path / REJECTS) as rejects:
            try:
                _check_free(output, target, force=force)  # again: another process may have been about to finish
            except InputError:
                folder.remove()
                raise
            with (folder.path / WHOLE).open("wb") as whole:
                counts = _assemble(job, whole, rejects, folder)
                whole.flush()
                os.fsync(whole.fileno())
            folder.begin_placing()
            rejects.place(target)
            move_whole(folder.path / WHOLE, output)
            folder.remove()
            return _counted(counts, rejects, target)
    except OSError as error:
        msg = f"{output}: cannot write ({error.strerror}). Make room and run again: it continues."
        raise InputError(msg) from error


def _counted(counts: _Counts, rejects: RejectFile, target: Path | None) -> TaggedFile:
    return TaggedFile(*counts, rejects.count, target if rejects.count else None, rejects.first)


def _assemble(job: _Job, output: IO[bytes], rejects: RejectFile, folder: Unfinished | None) -> _Counts:
    """Write the tags batch by batch, and keep each in the folder as it is done."""
    batches = Batches(
        job.rows, size=BATCH_ROWS, refuse=rejects.add, source=job.task.source,
        most_characters=MOST_CHARACTERS + 1,  # one more shows that it is too long
    )  # fmt: skip
    table = Assembly(output, job.task.kind, job.empty)
    tagged = doubtful = 0
    with closing(_tagged(job, _read(batches, folder), folder)) as results:
        for _, shard in results:
            table.add(shard.content)
            tagged, doubtful = tagged + shard.rows, doubtful + shard.doubtful
    table.close()
    return batches.rows, tagged, doubtful


def _read(batches: Batches, folder: Unfinished | None) -> Iterator[Batch]:
    """The batches; where the file turns out to be unusable, what was begun is of no use either."""
    try:
        yield from batches
    except InputError:
        if folder is not None:
            folder.remove()
        raise


def _tagged(job: _Job, batches: Iterator[Batch], folder: Unfinished | None) -> Generator[tuple[Batch, Shard]]:
    """Each batch with its tags, in order: first those that the folder has, then the others."""
    for batch in batches:
        shard = None if folder is None else folder.get(batch.number, len(batch.sentences))
        if shard is None:
            yield from _computed(job, chain([batch], batches), folder)
            return
        yield batch, shard


def _computed(job: _Job, batches: Iterator[Batch], folder: Unfinished | None) -> Iterator[tuple[Batch, Shard]]:
    """Each batch with its tags, computed and kept."""
    started, done = time.monotonic(), 0
    first = list(islice(batches, ALONE + 1))
    with Workers(job.processes if len(first) > ALONE else 1, job.task, job.tagger) as workers:
        for batch, shard in workers.tag(chain(first, batches)):
            if folder is not None:
                folder.put(batch.number, shard)
            done += shard.rows
            total = f" of {job.rows.total:,}" if job.rows.total is not None else ""
            speed = done / max(time.monotonic() - started, 1e-9)
            job.announce(f"{batch.rows:,}{total} rows done, {speed:,.0f} a second")
            yield batch, shard
