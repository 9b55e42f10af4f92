"""Measure speed and memory of `g7tag tag FILE` on a large table. Run by hand."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

CORPUS = sorted((Path(__file__).parents[2] / "data" / "corpus").glob("2024-apulia-19/*.csv"))
STARTING = 2.0
"""Seconds until the command has finished its first part."""


class Measured(NamedTuple):
    """Wall time in seconds, and peak memory of a process and its children in MB."""

    seconds: float
    megabytes: float


def make_table(path: Path, rows: int) -> None:
    """Write sentences drawn from the corpus in items of one to four; a running number makes each text unique."""
    rng = np.random.default_rng(20240613)
    texts = pd.concat([pd.read_csv(file, usecols=["text"], dtype="str") for file in CORPUS])["text"].to_numpy()
    items = np.repeat(np.arange(rows), rng.integers(1, 5, rows))[:rows]
    table = pd.DataFrame(
        {
            "sentence_id": [f"i{item}.{row}" for row, item in enumerate(items)],
            "item_id": [f"i{item}" for item in items],
            "text": [f"{text} {row}" for row, text in enumerate(rng.choice(texts, rows))],
        }
    )
    table.to_parquet(path, index=False)


def measure(command: Sequence[str]) -> Measured:
    """Run a command until it ends, and return its time and memory."""
    start, most = time.monotonic(), 0.0
    with (
        tempfile.TemporaryFile() as err,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err) as process,
    ):
        while process.poll() is None:
            most = max(most, sum(map(_megabytes, _family(process.pid))))
            time.sleep(0.1)
        if process.returncode:
            err.seek(0)
            sys.exit(f"{' '.join(command)}\n{err.read().decode()}")
    return Measured(time.monotonic() - start, most)


def _family(pid: int) -> list[int]:
    """The ids of a process and its descendants."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return [pid]
    return [pid, *(member for child in children for member in _family(child))]


def _megabytes(pid: int) -> float:
    """Proportional memory (PSS) of a process in MB: its own, and its share of shared memory."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def grow(g7tag: str, folder: Path, rows: int) -> None:
    """Print a row for a tenth, a half and all of the rows."""
    print(f"{'rows':>10} {'seconds':>9} {'rows per second':>15} {'peak MB':>8}")
    for size in (rows // 10, rows // 2, rows):
        make_table(folder / f"{size}.parquet", size)
        output = folder / f"{size}.tags.parquet"
        found = measure([g7tag, "tag", str(folder / f"{size}.parquet"), "-o", str(output), "--force", "--quiet"])
        print(f"{size:10,} {found.seconds:9.1f} {size / found.seconds:15,.0f} {found.megabytes:8,.0f}", flush=True)


def kill(g7tag: str, folder: Path, rows: int, times: int) -> None:
    """Kill the command at random times, let it finish, and compare with a run that was not killed.

    The output is a folder; parts that were finished when the command was killed must not be written again.
    """
    make_table(folder / f"{rows}.parquet", rows)
    whole, killed = folder / "whole", folder / "killed"
    command = [g7tag, "tag", str(folder / f"{rows}.parquet"), "--quiet", "-o"]
    seconds = measure([*command, str(whole)]).seconds
    rng = np.random.default_rng(20240613)
    ended, again, kept = 0, 0, dict[str, int]()
    for moment in rng.uniform(STARTING, STARTING + 2 * seconds / times, times):
        with subprocess.Popen([*command, str(killed)], stderr=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                process.kill()
                ended += 1
        now = {part.name: part.stat().st_mtime_ns for part in killed.glob("*.parquet")}
        again += sum(now.get(name) != made for name, made in kept.items())
        kept = now
    measure([*command, str(killed)])
    parts = sorted(part.name for part in whole.glob("*.parquet"))
    same = all((whole / name).read_bytes() == (killed / name).read_bytes() for name in parts)
    print(f"killed {ended} times; {len(kept)} of {len(parts)} parts were finished by then, {again} were written again")
    print(f"same bytes as a run that was not killed: {'yes' if same else 'NO'}")


def by_dask(g7tag: str, folder: Path, rows: int, files: int) -> None:
    """Tag a folder of files with joblib and with two Dask workers, and compare times and bytes."""
    make_table(folder / "whole.parquet", rows)
    (folder / "tables").mkdir()
    table = pd.read_parquet(folder / "whole.parquet")
    part = table["item_id"].str[1:].astype(int) * files // rows
    for number, rows_of_file in table.groupby(part.clip(upper=files - 1)):
        rows_of_file.to_parquet(folder / "tables" / f"{number:02d}.parquet", index=False)
    for name, options in {"joblib": [], "dask": ["--scheduler", "local"]}.items():
        out = [str(folder / "tables"), "-o", str(folder / name), "--processes", "2", "--quiet"]
        found = measure([g7tag, "tag", *out, *options])
        print(f"{name}: {rows:,} rows in {files} files: {found.seconds:.1f} s, {found.megabytes:,.0f} MB")
    parts = sorted(file.name for file in (folder / "joblib").glob("*.parquet"))
    same = all((folder / "joblib" / name).read_bytes() == (folder / "dask" / name).read_bytes() for name in parts)
    print(f"same bytes: {'yes' if same else 'NO'}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of rows of the table")
    parser.add_argument("--g7tag", default=str(Path(sys.executable).with_name("g7tag")), help="command to measure")
    parser.add_argument("--kill", type=int, metavar="TIMES", help="kill it this many times instead, and let it finish")
    parser.add_argument("--dask", type=int, metavar="FILES", help="tag this many files with joblib and Dask instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.kill is not None:
            kill(options.g7tag, Path(folder), options.rows, options.kill)
        elif options.dask is not None:
            by_dask(options.g7tag, Path(folder), options.rows, options.dask)
        else:
            grow(options.g7tag, Path(folder), options.rows)


if __name__ == "__main__":
    main()
