"""Tag a table of any size: to a file that appears whole or not at all, or to a folder whose finished parts are kept."""

import errno
import glob
import os
import re
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

import psutil

from g7tag.batch.folders import REJECTED, tag_folder
from g7tag.batch.partitions import Partition
from g7tag.batch.parts import TaggedFile, open_table, part_bytes, parts_writer
from g7tag.batch.rejects import RejectFile, move_whole, rejects_path
from g7tag.batch.work import Job, each_in_order, tag_partition
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.store import check_output, unreadable

_PID = re.compile(r"[0-9]{1,9}")


def tag_file(  # noqa: PLR0913 - a job with its settings, all of them named
    path: Path | str,
    output: Path | str | IO[bytes],
    codebook: Codebook,
    model: Path | str,
    *,
    rejects: Path | str | None = None,
    processes: int = 1,
    scheduler: str = "",
    explain: bool = False,
    force: bool = False,
    announce: Announce = lambda step: None,
) -> TaggedFile:
    """Tag a table of any size; memory does not grow with it, apart from at most 16 bytes a row.

    These are two 64-bit hashes, of the row's id and of its item, to find duplicate ids and items whose rows are apart.
    A row that cannot be used is rejected and the rest is tagged: one with another number of cells than the header,
    bytes that are not UTF-8, a line that is no JSON object with a `text`, an id that stands in an earlier row, a row of
    an item that ended before, a position that is not a number. An empty text is no reject: its tags have the status
    `empty`.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file with the columns that `tag_table` reads, or a folder of such Parquet files
        with a `sentence_id` in each row, no two alike, and all rows of an item in one file.
    output
        A file, whose suffix says of which of these types: it appears when it is whole. Or a folder (a name without a
        suffix): a Parquet file for each part of the table, or for each file of the folder. Parts that are finished are
        kept and skipped when the job is run again; an empty file `_SUCCESS` says that all are. Or an open binary file,
        for CSV.
    codebook, model
        What to tag with: a codebook and the path of a model of it.
    rejects
        CSV file for the rejected rows, by default `OUT.rejects.csv` beside `output`, none for an open file; a folder
        holds them as `_rejects.csv`. It is written only where a row is rejected.
    processes
        Processes that tag; each loads the model itself. A few parts are tagged in this process. The output does not
        depend on their number. A script that asks for more than one needs `if __name__ == "__main__":`.
    scheduler
        Tag a folder by the workers of this Dask scheduler (``tcp://HOST:8786``), which see the same files, or by
        `processes` workers started here (``local``). The output is the same.
    explain
        Add a column `why`: what spoke most for each tag (see `g7tag.explain_tags`); ten times slower.
    force
        Replace files that are there, and begin anew a folder that was begun with other settings.
    announce
        Told the name of each step as it begins, and how far it is.

    Raises
    ------
    InputError
        The table cannot be read as a whole, or a file cannot be written or is there already.
    FrameError
        There is no column `text`, a column stands twice, or an item has more rows than a paragraph has sentences.
    RunError
        A folder was begun with other settings, another process is at work there, or a process that tags has died.
    ModelError
        The model cannot be used.
    EndpointError
        No scheduler answers.
    """
    path, output = Path(path), Path(output) if isinstance(output, str) else output
    job = Job(Path(model), codebook, explain)
    target = None if rejects is None else Path(rejects)
    if not path.exists():
        raise unreadable(path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    announce("reading the table")
    if isinstance(output, Path) and (output.is_dir() or not output.suffix):
        if target is not None:
            msg = f"{target}: rows that a folder's tags lack are named in {output / REJECTED}. Leave out --rejects."
            raise InputError(msg)
        return tag_folder(path, output, job, processes=processes, scheduler=scheduler, force=force, announce=announce)
    if scheduler or path.is_dir():
        msg = (
            f"{path}: expected a folder of Parquet files, and with -o a folder for their tags (a name without suffix)."
        )
        raise InputError(msg)
    if isinstance(output, Path) and target is None:
        target = rejects_path(output)
    named = [file.resolve() for file in (path, output, target) if isinstance(file, Path)]
    if len(set(named)) < len(named):
        taken = target if target and target.resolve() in named[:-1] else output
        msg = f"{taken}: is the table itself, or named twice. Name another file."
        raise InputError(msg)
    if isinstance(output, Path) and target is not None:
        return _tag_to_file(path, output, target, job, processes, force=force, announce=announce)
    return _tag_to_stream(path, cast("IO[bytes]", output), target, job, processes, force=force, announce=announce)


class _Part(NamedTuple):
    """Tags of a partition as bytes of a file; `read` is how many rows had been read when it was full."""

    content: bytes
    rows: int
    doubtful: int
    read: int


def _tag_to_file(
    path: Path, output: Path, target: Path, job: Job, processes: int, *, force: bool, announce: Announce
) -> TaggedFile:
    check_output(output, force=force)
    check_output(target, force=force, types=[".csv"])
    made = _scratch(output)
    try:
        with made.open("wb") as file, RejectFile(_scratch(target)) as rejected:
            counts = _tag_to(file, output.suffix.lower(), path, job, rejected, processes, announce)
            file.flush()
            os.fsync(file.fileno())
            check_output(output, force=force)  # again: another process may have finished meanwhile
            rejected.place(target)
            move_whole(made, output)
    except OSError as error:
        msg = f"{output}: cannot write ({error.strerror}). Make room and run again; nothing was written."
        raise InputError(msg) from error
    finally:
        made.unlink(missing_ok=True)
    return _counted(counts, rejected, target)


def _tag_to_stream(
    path: Path, output: IO[bytes], target: Path | None, job: Job, processes: int, *, force: bool, announce: Announce
) -> TaggedFile:
    if target is not None:
        check_output(target, force=force, types=[".csv"])
    with RejectFile(None if target is None else _scratch(target)) as rejected:
        counts = _tag_to(output, ".csv", path, job, rejected, processes, announce)
        output.flush()
        if target is not None:
            rejected.place(target)
    return _counted(counts, rejected, target)


def _tag_to(
    file: IO[bytes], kind: str, path: Path, job: Job, rejected: RejectFile, processes: int, announce: Announce
) -> tuple[int, int, int]:
    """Write the tags of a table; return the rows read, tagged and doubtful."""
    tagged = doubtful = 0
    with open_table(path, job, rejected.add) as table, parts_writer(file, kind, table.empty) as write:
        make = partial(_make_part, job=job, kind=kind, source=str(path))
        with closing(each_in_order(make, table.partitions, processes=processes, source=str(path))) as made:
            for part in made:
                write(part.content)
                tagged, doubtful = tagged + part.rows, doubtful + part.doubtful
                announce(table.progress(part.read))
        return table.partitions.rows, tagged, doubtful


def _make_part(partition: Partition, *, job: Job, kind: str, source: str) -> _Part:
    tags = tag_partition(partition.sentences, job, source=source)
    return _Part(part_bytes(tags, kind), len(tags), int(tags["needs_review"].sum()), partition.rows)


def _counted(counts: tuple[int, int, int], rejected: RejectFile, target: Path | None) -> TaggedFile:
    return TaggedFile(*counts, rejected.count, target if rejected.count else None, rejected.first)


def _scratch(target: Path) -> Path:
    """A name beside a file for it while it is made; what a process that was killed has left there is removed."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        pid = left.name.split(".")[-2]
        if _PID.fullmatch(pid) and not psutil.pid_exists(int(pid)):
            left.unlink(missing_ok=True)
    return target.with_name(f".{target.name}.{os.getpid()}.part")
