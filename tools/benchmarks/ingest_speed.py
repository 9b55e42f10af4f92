"""Measure time and memory of ingesting a whole report by its size and format, next to plain pypdf. Run by hand.

python tools/benchmarks/ingest_speed.py [--commitments 100 200 400] [--format pdf docx html txt]

What was read is compared with what was written: items with their notes, members with their scores, notes with URLs.
"As written" counts those that are equal.

Each report is read in its own process, and pypdf extracts the text of the same pages in another one. Seconds are wall
time, with processor time in parentheses; compare processor times if the machine is shared.
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
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/sources"))
SETTERS = {"pdf": "pdf", "docx": "docx", "html": "html", "txt": "text"}
"""Format -> the module that sets a report in it."""
EACH_SAMPLE = 0.02
"""Seconds between two measurements of the memory of the process that reads a document."""


def main() -> None:
    """Print a row for each size: time and memory, and the time per page relative to the first report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--commitments", type=int, nargs="+", default=[100, 200, 400])
    parser.add_argument("--format", nargs="+", choices=SETTERS, default=["pdf"])
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)  # a step that runs in its own process
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        json.dump(STEPS[chosen.step](chosen), sys.stdout)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, commitments in product(chosen.format, chosen.commitments):
            size = ["--commitments", str(commitments), "--format", kind]
            size += ["--path", f"{folder}/{commitments}.{kind}"]
            row: dict[str, Any] = {"commitments": commitments, "format": kind}
            for step in STEPS if kind == "pdf" else ("set", "read"):
                row |= run_step(step, size)
            rows.append(row)
    Console(width=170).print(table_of(rows))


def table_of(rows: list[Mapping[str, Any]]) -> Table:
    """Return a row for each size; "x first" is the processor time per page (or item) relative to the first row."""
    table = Table(title="Ingesting a report by number of commitments")
    for heading in (
        "format", "commitments", "pages", "items", "as written", "read s (processor)", "pages/s", "x first",
        "extract s (processor)", "x first", "peak MB (worker)", "pypdf s (processor)", "x first", "peak MB",
        "read : pypdf",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for row in rows:
        first = next(each for each in rows if each["format"] == row["format"])
        steps = ("read", "extract", "pypdf") if row["format"] == "pdf" else ("read", "extract")
        each = {step: row[f"{step}_processor"] / row["items"] for step in steps}
        ratios = {step: each[step] / (first[f"{step}_processor"] / first["items"]) for step in steps}
        seconds = {step: f"{row[f'{step}_clock']:.1f} ({row[f'{step}_processor']:.1f})" for step in steps}
        rate = f"{row['pages'] / row['read_clock']:.0f}" if row["pages"] else ""
        cells = [
            row["format"], str(row["commitments"]), str(row["pages"] or ""), str(row["items"]), row["as_written"],
            seconds["read"], rate, f"{ratios['read']:.2f}", seconds["extract"], f"{ratios['extract']:.2f}",
            f"{row['peak']:.0f} ({row['worker_peak']:.0f})",
        ]  # fmt: skip
        if row["format"] == "pdf":
            cells += [seconds["pypdf"], f"{ratios['pypdf']:.2f}", f"{row['pypdf_peak']:.0f}"]
            cells.append(f"{row['read_processor'] / row['pypdf_processor']:.2f}")
        table.add_row(*cells)
    return table


def run_step(step: str, arguments: list[str]) -> dict[str, Any]:
    """Run one step in its own process, so that its memory peak includes nothing else."""
    command = [sys.executable, __file__, "--step", step, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def manuscript_of(chosen: argparse.Namespace) -> Any:
    """Return the report as it was written."""
    from layouts import repeated  # noqa: PLC0415 - measured processes load it after measuring

    return repeated("short", chosen.commitments[0])


def set_report(chosen: argparse.Namespace) -> dict[str, Any]:
    """Write the report."""
    module = import_module(f"set_{SETTERS[chosen.format[0]]}")
    content = getattr(module, module.__name__)(manuscript_of(chosen))
    chosen.path.write_bytes(content)
    return {}


def read_report(chosen: argparse.Namespace) -> dict[str, Any]:
    """Read documents and extract evidence, and time both."""
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
    evidence, extracted = timed("extract", lambda: extract_evidence(found, codebook))
    peaks = {"peak": peak_of("self"), "worker_peak": worker_peak[0]}
    pages = found.documents["pages"].fillna(0)
    counts = {"pages": int(pages.iloc[0]), "items": len(evidence.items)}
    return counts | read | extracted | peaks | {"as_written": as_written(evidence, manuscript_of(chosen))}


def as_written(evidence: Any, manuscript: Any) -> str:
    """Return how many facts were read as they were written, of how many; surplus facts and gaps if there are any."""
    from same_evidence import counted, written  # noqa: PLC0415 - see above

    read, true = counted(evidence), written(manuscript)
    equal = sum(one == other for name in true for one, other in zip(read[name], true[name], strict=False))
    surplus = sum(max(0, len(read[name]) - len(true[name])) for name in true)
    others = {"more": surplus, "gaps": len(evidence.gaps)}
    return ", ".join(
        [f"{equal} of {sum(map(len, true.values()))}", *(f"{n} {what}" for what, n in others.items() if n)]
    )


def take_text(chosen: argparse.Namespace) -> dict[str, Any]:
    """Extract the text of all pages with pypdf only."""
    from pypdf import PdfReader  # noqa: PLC0415

    _, taken = timed("pypdf", lambda: [page.extract_text() for page in PdfReader(chosen.path).pages])
    return taken | {"pypdf_peak": peak_of("self")}


def timed(step: str, work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return the result of work and its seconds, including those of the processes that it waited for."""
    began, used = time.perf_counter(), processor_time()
    result = work()
    return result, {f"{step}_clock": time.perf_counter() - began, f"{step}_processor": processor_time() - used}


def processor_time() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_of(process: str) -> float:
    """Return the peak memory of a process in MB; 0 if it has ended or the system does not report it.

    `getrusage` is not used because a new process starts there with the peak of its parent.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def watch_children(ended: threading.Event, peak: list[float]) -> None:
    """Store the highest peak of the child processes."""
    while not ended.wait(EACH_SAMPLE):
        for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            peak[0] = max([peak[0], *(peak_of(child) for child in children.read_text().split())])


STEPS = {"set": set_report, "read": read_report, "pypdf": take_text}

if __name__ == "__main__":
    main()
