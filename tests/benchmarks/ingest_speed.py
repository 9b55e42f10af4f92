"""Time and memory of ingesting a whole report as PDF by its size, beside pypdf's own text of its pages. Run by hand.

python tests/benchmarks/ingest_speed.py [--commitments 5 10 20] [--items-each 200]

Each size is read by a process of its own, and the text of the same pages taken by another. Seconds are of the clock,
and in brackets of the processor: where others share the machine, these are the ones to compare.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SETTING = Path(__file__).parent.parent / "sources"
EACH_SAMPLE = 0.02
"""Seconds between two looks at the memory of the process that reads a document."""


def main() -> None:
    """Print a row for each size: what g7tag takes, and how much more a page than in the smallest report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--commitments", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--items-each", type=int, default=200)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)  # what a process of its own does
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        json.dump(STEPS[chosen.step](chosen), sys.stdout)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for commitments in chosen.commitments:
            path = Path(folder) / f"{commitments}.pdf"
            size = ["--commitments", str(commitments), "--items-each", str(chosen.items_each), "--path", str(path)]
            rows.append(
                {"commitments": commitments} | run_step("set", size) | run_step("read", size) | run_step("pypdf", size)
            )
    Console(width=170).print(table_of(rows))


def table_of(rows: list[Mapping[str, Any]]) -> Table:
    """A row for each size; "x first" is the processor's time a page, of that in the first row: 1.00 is linear."""
    table = Table(title="Ingesting a report of so many commitments")
    for heading in (
        "commitments", "pages", "items", "read s (processor)", "pages/s", "x first", "extract s (processor)", "x first",
        "peak MB (worker)", "pypdf s (processor)", "x first", "peak MB", "read : pypdf",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for row in rows:
        first = rows[0]
        ratios = {
            step: row[f"{step}_processor"] / row["pages"] / (first[f"{step}_processor"] / first["pages"])
            for step in ("read", "extract", "pypdf")
        }
        seconds = {step: f"{row[f'{step}_clock']:.1f} ({row[f'{step}_processor']:.1f})" for step in ratios}
        table.add_row(
            str(row["commitments"]), str(row["pages"]), str(row["items"]), seconds["read"],
            f"{row['pages'] / row['read_clock']:.0f}", f"{ratios['read']:.2f}", seconds["extract"],
            f"{ratios['extract']:.2f}", f"{row['peak']:.0f} ({row['worker_peak']:.0f})", seconds["pypdf"],
            f"{ratios['pypdf']:.2f}", f"{row['pypdf_peak']:.0f}",
            f"{row['read_processor'] / row['pypdf_processor']:.2f}",
        )  # fmt: skip
    return table


def run_step(step: str, arguments: list[str]) -> dict[str, Any]:
    """Run one step in a process of its own: its peak of memory is of nothing else."""
    command = [sys.executable, __file__, "--step", step, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def set_report(chosen: argparse.Namespace) -> dict[str, Any]:
    """Write the report."""
    sys.path.insert(0, str(SETTING))
    from set_pdf import set_pdf  # noqa: PLC0415 - measured processes load nothing of it
    from whole_report import whole_report  # noqa: PLC0415

    commitments = chosen.commitments[0]
    chosen.path.write_bytes(set_pdf(whole_report(commitments=commitments, items=commitments * chosen.items_each)))
    return {}


def read_report(chosen: argparse.Namespace) -> dict[str, Any]:
    """Read documents and extract evidence, the clock on each."""
    from g7tag import open_codebook  # noqa: PLC0415
    from g7tag.evidence import extract_evidence  # noqa: PLC0415
    from g7tag.sources import read_documents  # noqa: PLC0415

    codebook = open_codebook()
    ended = threading.Event()
    worker_peak = [0.0]
    watch = threading.Thread(target=watch_children, args=(ended, worker_peak))
    watch.start()
    found, read = timed("read", lambda: read_documents([chosen.path]))
    ended.set()
    watch.join()
    evidence, extracted = timed("extract", lambda: extract_evidence(found.documents, codebook))
    counts = {"pages": int(found.documents["pages"].iloc[0]), "items": len(evidence.items)}
    return counts | read | extracted | {"peak": peak_of("self"), "worker_peak": worker_peak[0]}


def take_text(chosen: argparse.Namespace) -> dict[str, Any]:
    """Take the text of all pages with pypdf alone."""
    from pypdf import PdfReader  # noqa: PLC0415

    _, taken = timed("pypdf", lambda: [page.extract_text() for page in PdfReader(chosen.path).pages])
    return taken | {"pypdf_peak": peak_of("self")}


def timed(step: str, work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What work gives, and its seconds, those of the processes that it waited for among them."""
    began, used = time.perf_counter(), processor_time()
    result = work()
    return result, {f"{step}_clock": time.perf_counter() - began, f"{step}_processor": processor_time() - used}


def processor_time() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_of(process: str) -> float:
    """The most memory that a process has had, in MB; 0 where the system does not say, or it has ended.

    Not from `getrusage`: a new process starts there with the peak of the one that started it.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def watch_children(ended: threading.Event, peak: list[float]) -> None:
    """Keep the highest peak of the processes that this one starts."""
    while not ended.wait(EACH_SAMPLE):
        for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            peak[0] = max([peak[0], *(peak_of(child) for child in children.read_text().split())])


STEPS = {"set": set_report, "read": read_report, "pypdf": take_text}

if __name__ == "__main__":
    main()
