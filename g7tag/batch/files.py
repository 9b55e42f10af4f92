"""Tag a table of any size, to a file that appears when it is complete or to a folder that keeps finished parts."""

import errno
import glob
import os
import re
from contextlib import nullcontext
from pathlib import Path
from typing import IO, cast

import psutil

from g7tag.batch.folders import REJECTED, tag_folder
from g7tag.batch.partitions import TaggedFile, write_tags
from g7tag.batch.rejects import RejectFile, move_whole
from g7tag.batch.work import Job, review_limit
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.store import check_output, unreadable

_PID = re.compile(r"[0-9]{1,9}")


def tag_file(  # noqa: PLR0913 - all settings are keywords
    path: Path | str,
    output: Path | str | IO[bytes],
    codebook: Codebook,
    model: Path | str,
    *,
    rejects: Path | str | None = None,
    processes: int = 1,
    scheduler: str = "",
    explain: bool = False,
    fast: bool = False,
    force: bool = False,
    announce: Announce = lambda step: None,
) -> TaggedFile:
    """Tag a table of any size; memory grows by at most 16 bytes per row.

    These are two 64-bit hashes, of the row's id and of its item, used to find duplicate ids and items whose rows are
    not consecutive. Rows that cannot be used are rejected and the others are tagged. A row is rejected if its number of
    cells differs from the header, it is not valid UTF-8, it is not a JSON object with a `text`, its id appears in an
    earlier row, its item has already ended, or its position is not a number. A row with an empty text is not rejected:
    its tags have the status `empty`.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file with the columns of `tag_table`, or a folder of such Parquet files. In a folder,
        each row needs a unique `sentence_id`, and all rows of an item must be in one file.
    output
        A file with one of these suffixes, which appears when it is complete; or a folder (a name without a suffix)
        with a Parquet file for each part of the table, or for each file of the input folder; or an open binary file,
        for CSV. In a folder, finished parts are kept and skipped when the job is run again, and an empty file
        `_SUCCESS` is written when all parts are finished.
    codebook, model
        The codebook, and the path of a tagger file for it.
    rejects
        CSV file for the rejected rows, written only if there are any. Default: `OUT.rejects.csv` next to `output`, no
        file if `output` is an open file. For a folder, it is always `_rejects.csv` in the folder.
    processes
        Number of tagging processes; each loads the tagger. A few parts are tagged in this process. The output does not
        depend on the number. A script that uses more than one process needs `if __name__ == "__main__":`.
    scheduler
        Address of a Dask scheduler (``tcp://HOST:8786``) whose workers tag a folder and can read the same files, or
        ``local`` to start `processes` workers here. The output is the same.
    explain
        Add a column `why` with the main reasons for each tag (see `g7tag.explain_tags`); ten times slower.
    fast
        Use the fast tagger of the model, which reads words and cues alone.
    force
        Replace existing files, and start over in a folder that was started with other settings.
    announce
        Called with the name of each step and with the progress.

    Raises
    ------
    InputError
        The table cannot be read, or a file cannot be written or already exists.
    FrameError
        There is no column `text`, a column appears twice, or an item has too many rows for a paragraph.
    RunError
        A folder was started with other settings or is in use by another process, or a tagging process died.
    ModelError
        The tagger file cannot be used.
    EndpointError
        The scheduler does not answer.
    """
    path, output = Path(path), Path(output) if isinstance(output, str) else output
    job = Job(Path(model), codebook, explain, fast)
    target = None if rejects is None else Path(rejects)
    if not path.exists():
        raise unreadable(path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    announce("reading the table")
    if isinstance(output, Path) and (output.is_dir() or not output.suffix):
        if target is not None:
            msg = f"{target}: rejects of a folder are written to {output / REJECTED}. Leave out --rejects."
            raise InputError(msg)
        return tag_folder(path, output, job, processes=processes, scheduler=scheduler, force=force, announce=announce)
    if scheduler or path.is_dir():
        msg = f"{path}: expected a folder of Parquet files, and a folder for their tags (-o NAME without a suffix)."
        raise InputError(msg)
    if isinstance(output, Path) and target is None:
        target = output.with_name(f"{output.stem}.rejects.csv")
    named = [file.resolve() for file in (path, output, target) if isinstance(file, Path)]
    if len(set(named)) < len(named):
        taken = target if target and target.resolve() in named[:-1] else output
        msg = f"{taken}: is the input table, or is used twice. Choose another file."
        raise InputError(msg)
    return _tag_to(path, output, target, job, processes, force=force, announce=announce)


def _tag_to(
    path: Path, output: Path | IO[bytes], target: Path | None, job: Job, processes: int, *, force: bool,
    announce: Announce,
) -> TaggedFile:  # fmt: skip
    """Tag a table to a file, which appears when it is complete, or as CSV to an open file."""
    whole = output if isinstance(output, Path) else None
    if whole is not None:
        check_output(whole, force=force)
    if target is not None:
        check_output(target, force=force, types=[".csv"])
    made = None if whole is None else _scratch(whole)
    try:
        with (
            nullcontext(cast("IO[bytes]", output)) if made is None else made.open("wb") as file,
            RejectFile(None if target is None else _scratch(target)) as rejected,
        ):
            kind = ".csv" if whole is None else whole.suffix.lower()
            counts = write_tags(file, kind, path, job, rejected.add, processes=processes, announce=announce)
            file.flush()
            if whole is not None:
                os.fsync(file.fileno())
                check_output(whole, force=force)  # again: another process may have finished in the meantime
            placed = None if target is None else rejected.place(target)
            if made is not None and whole is not None:
                move_whole(made, whole)
    except OSError as error:
        if whole is None:
            raise
        msg = f"{whole}: cannot write ({error.strerror}). Free some space and run again; nothing was written."
        raise InputError(msg) from error
    finally:
        if made is not None:
            made.unlink(missing_ok=True)
    return TaggedFile(*counts, review_limit(job), rejected.count, placed, rejected.first)


def _scratch(target: Path) -> Path:
    """Return a temporary name next to a file; temporary files of killed processes are removed."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        pid = left.name.split(".")[-2]
        if _PID.fullmatch(pid) and not psutil.pid_exists(int(pid)):
            left.unlink(missing_ok=True)
    return target.with_name(f".{target.name}.{os.getpid()}.part")
