"""Tag a table of any size, to a file that appears when it is complete or to a folder that keeps finished parts."""

import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from io import BytesIO
from itertools import chain, count, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from g7tag.batch.rows import Row, partitions_of, read_rows
from g7tag.batch.work import STAMP, Job, Part, Task, each, make_part, tag_rows, tagger_of
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.store import (
    LOCK,
    check_output,
    file_sha256,
    locked,
    package_version,
    safe_cell,
    table_bytes,
    text_sha256,
    write_atomic,
)

REJECTED, SUCCESS = "_rejects.csv", "_SUCCESS"  # readers of Parquet folders ignore names with an underscore first
MOST_FIRST = 5  # rejects that are remembered to be shown
SHOWN_TEXT = 200  # characters that are written of a rejected row's text and id
_PART = re.compile(r"part-\d{5,}\.parquet")
_SCRATCH = re.compile(r"\.g7tag-.*\.part")  # of `write_atomic` in a killed process


class TaggedFile(NamedTuple):
    """Counts of a tagged table; its rows are either tagged or rejected, and `kept` parts were finished before."""

    rows: int
    tagged: int
    doubtful: int
    limit: float
    rejected: int
    rejects: Path | None
    first: list[Row]
    kept: int = 0


def tag_file(  # noqa: PLR0913 - all settings are keywords
    path: Path | str, output: Path | str | IO[bytes], codebook: Codebook, model: Path | str, *, processes: int = 1,
    scheduler: str = "", explain: bool = False, fast: bool = False, force: bool = False,
    announce: Announce = lambda step: None,
) -> TaggedFile:  # fmt: skip
    """Tag a table of any size; memory grows by at most 16 bytes per row, hashes of its id and item.

    Rows that cannot be used are rejected and the others are tagged. A row is rejected if its number of cells differs
    from the header, it is not valid UTF-8, it is not a JSON object with a `text`, its id is longer than 1,000
    characters or appears in an earlier row, its item has already ended, or its position is not a number. A row with an
    empty text is not rejected: its tags have the status `empty`.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file with a column `text` and optional columns sentence_id, item_id and position, or
        a folder of such Parquet files, which are read by name as one table.
    output
        A file with one of these suffixes, which appears when it is complete; an open binary file, for CSV; or a folder
        (a name without a suffix) of Parquet files, in which parts of the same rows and settings are kept, and a file
        `_SUCCESS` is written at the end. Rejected rows go to `OUT.rejects.csv`, in a folder to `_rejects.csv`.
    codebook, model, fast
        The codebook, and the path of a tagger file for it, or of the file whose fast tagger is used.
    processes, scheduler
        Number of tagging processes, or the address of a Dask scheduler (``tcp://HOST:8786``) whose workers have the
        same version of g7tag and the tagger file at the same path; ``local`` starts `processes` workers here. The
        output is the same. A script that uses several processes needs `if __name__ == "__main__":`.
    explain
        Add a column `why` with the main reasons for each tag (see `g7tag.explain_tags`); ten times slower.
    force
        Replace existing files, and the parts of a folder that were made from other rows or with other settings.
    announce
        Called with the name of each step and with the progress.

    Raises
    ------
    InputError, RunError, EndpointError
        A file cannot be used or exists; a folder has other parts or is in use, or a process died; no scheduler answers.
    """
    path, output = Path(path), Path(output) if isinstance(output, str) else output
    whole = output if isinstance(output, Path) else None
    is_folder = whole is not None and (whole.is_dir() or not whole.suffix)
    rejects = whole and (whole / REJECTED if is_folder else whole.with_name(f"{whole.stem}.rejects.csv"))
    for file in [whole, rejects] if whole and rejects else []:
        if file.resolve() in {path.resolve(), *path.resolve().parents}:
            msg = f"{file}: is the input table, or contains it. Choose another name."
            raise InputError(msg)
        if not is_folder:
            check_output(file, force=force)
    announce("reading the table")
    kind = ".parquet" if is_folder else whole.suffix.lower() if whole else ".csv"
    job = Job(Path(model).absolute() if scheduler else Path(model), codebook, explain, fast, kind, str(path))
    limit, rows = tagger_of(job).review_limit, read_rows(path)
    rows = chain(list(islice(rows, 1)), rows)  # a table or tagger that cannot be used makes no folder
    begun, made, done, first = time.monotonic(), 0, Counter[str](), list[Row]()
    try:
        with ExitStack() as opened:
            folder = _folder(whole, job, done, force=force) if whole and is_folder else None
            write, todo = opened.enter_context(folder or _table(output, job, force=force))
            refuse = opened.enter_context(_rejects(rejects, done, first))
            tasks = todo(partitions_of(rows, refuse, source=str(path)))
            parts = each(partial(make_part, job=job), tasks, processes=processes, scheduler=scheduler, source=str(path))
            with closing(parts):
                for part in parts:
                    write(part)
                    done.update(tagged=part.rows, doubtful=part.doubtful)
                    made += part.rows
                    announce(f"{made:,} rows done, {made / max(time.monotonic() - begun, 1e-9):,.0f} per second")
    except OSError as error:
        if whole is None:
            raise
        msg = f"{whole}: cannot write ({error.strerror}). Expected a writable folder with enough space."
        raise InputError(msg) from error
    n, tagged = done["rejected"], done["tagged"]
    return TaggedFile(tagged + n, tagged, done["doubtful"], limit, n, rejects if n else None, first, done["kept"])


class _Output(NamedTuple):
    """Where tags go: what writes a part, and what chooses the partitions to tag."""

    write: Callable[[Part], object]
    todo: Callable[[Iterator[list[Row]]], Iterator[Task]]


@contextmanager
def _table(output: Path | IO[bytes], job: Job, *, force: bool) -> Iterator[_Output]:
    """Yield one table: an open file for CSV, or a file that appears when it is complete."""
    empty, todo = tag_rows([], job), partial(map, Task, count())
    with TemporaryFile(dir=output.parent) if isinstance(output, Path) else nullcontext(output) as file:
        if job.kind == ".parquet":
            schema = pa.Schema.from_pandas(empty, preserve_index=False)
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:  # each part becomes a row group
                yield _Output(lambda part: writer.write_table(pq.read_table(BytesIO(part.content))), todo)
        else:
            file.write(table_bytes(empty, job.kind) if job.kind == ".csv" else b"")
            yield _Output(lambda part: file.write(part.content), todo)
        if isinstance(output, Path):
            check_output(output, force=force)  # again: another process may have finished in the meantime
            file.seek(0)
            write_atomic(output, file)


@contextmanager
def _folder(path: Path, job: Job, done: Counter[str], *, force: bool) -> Iterator[_Output]:
    """Yield a folder of parts, which is locked; parts that are kept are counted as done."""
    path.mkdir(parents=True, exist_ok=True)
    with locked(path):
        found = {file.name: _kept_in(file) for file in sorted(path.iterdir())}
        left = [name for name in found if name == SUCCESS or _SCRATCH.fullmatch(name)]
        foreign = [name for name, part in found.items() if not part and name not in {LOCK, REJECTED, *left}]
        if foreign:
            msg = f"{path}: contains {foreign[0]!r}, which is no whole part of g7tag's. Remove it, or choose another."
            raise RunError(msg)
        for name in left:
            (path / name).unlink()
        parts = {name: part for name, part in found.items() if part}
        todo = partial(_unfinished, path=path, job=job, found=parts, done=done, force=force)
        yield _Output(lambda part: write_atomic(path / f"part-{part.number:05d}.parquet", part.content), todo)
        write_atomic(path / SUCCESS, b"")


def _kept_in(part: Path) -> tuple[str, Counter[str]] | None:
    """Return the stamp and the counts of a part; None for another file."""
    if not _PART.fullmatch(part.name):
        return None
    try:
        table = pq.read_table(part, columns=["needs_review"], use_threads=False)
        doubtful = table["needs_review"].to_pylist().count(True)
        return table.schema.metadata[STAMP].decode(), Counter(kept=1, tagged=len(table), doubtful=doubtful)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _unfinished(
    partitions: Iterator[list[Row]], *, path: Path, job: Job, found: dict[str, tuple[str, Counter[str]]],
    done: Counter[str], force: bool,
) -> Iterator[Task]:  # fmt: skip
    """Yield the partitions whose part is missing or was made otherwise; remove parts beyond the last."""
    refusal = RunError(
        f"{path}: has parts of another table, or made with another model, codebook, --tagger, --explain or version of "
        "g7tag. Choose another folder, or replace these parts with --force."
    )
    model = [file_sha256(file) for file in (job.model, job.model.with_name(f"{job.model.name}.json"))]
    settings = [*model, job.codebook.sha256, job.explain, job.fast, package_version()]
    for number, rows in enumerate(partitions):
        stamp = text_sha256(json.dumps([settings, [row[1:5] for row in rows]]))  # their cells
        made_of, counts = found.pop(f"part-{number:05d}.parquet", ("", Counter[str]()))
        if made_of == stamp:
            done.update(counts)
        elif made_of and not force:
            raise refusal
        else:
            yield Task(number, rows, stamp)
    if found and not force:
        raise refusal
    for name in found:
        (path / name).unlink()


@contextmanager
def _rejects(target: Path | None, done: Counter[str], first: list[Row]) -> Iterator[Callable[[list[Row]], None]]:
    """Yield what counts rejected rows, remembers the first ones, and writes all to a file if there are any."""
    folder = target.parent if target else None
    with TemporaryFile("w+", dir=folder, encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "sentence_id", "reason", "text"))

        def refuse(rows: list[Row]) -> None:
            done["rejected"] += len(rows)
            first.extend(rows[: MOST_FIRST - len(first)])
            cells = ((row.row, row.sentence_id[:SHOWN_TEXT], row.reason, row.text[:SHOWN_TEXT]) for row in rows)
            writer.writerows(map(safe_cell, row) for row in cells)

        yield refuse
        if target and done["rejected"]:
            file.seek(0)
            write_atomic(target, file.buffer)  # type: ignore[arg-type]
        elif target:
            target.unlink(missing_ok=True)
