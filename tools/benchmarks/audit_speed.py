"""Measure the time of an audit by number of items, in one commitment and in 20. Run by hand.

python tools/benchmarks/audit_speed.py [--items 4000] [--commitments 20]
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import g7tag
from g7tag.codebook import Codebook

MEMBERS = ("Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union")


def synthetic_report(codebook: Codebook, commitments: int, items: int) -> str:
    """Return a report in the layout of the real ones, with items drawn from the bundled sentences."""
    rng = np.random.default_rng(0)
    texts = g7tag.corpus.read_corpus(g7tag.corpus.bundled_corpus(), codebook)["text"].tolist()
    days = np.datetime64("2024-06-15") + np.arange(334)
    lines = ["2024 G7 Apulia Summit Final Compliance Report", ""]
    number, left = 1, items
    for place in range(commitments):
        own = codebook.commitment.number if place == 0 else 100 + place
        each = left // (commitments - place)
        left -= each
        table = [f"{member}\t\t0" for member in MEMBERS]
        lines += [f"{own}. Theme: Title {own}", "", '"We will act."', "", "Assessment", "", "\n".join(table), ""]
        for at, member in enumerate(MEMBERS):
            mine = each // len(MEMBERS) + (at < each % len(MEMBERS))
            lines += [f"{member}: 0", "", f"{member} has partially complied with its commitment to act.", ""]
            notes = []
            for day in sorted(rng.choice(days, mine)):
                date = day.astype(object)
                words = " ".join(rng.choice(texts, 2))
                lines += [f"On {date.day} {date:%B %Y}, {words}{superscript(number)}", ""]
                notes.append(
                    f"{superscript(number)} Source {number}, Paper (Rome) {date.day} {date:%B %Y}. "
                    f"Access Date: 1 June 2025. https://paper.example/{number}"
                )
                number += 1
            lines += [f"Thus, {member} receives a score of 0.", "", "Analyst: A B", "", *notes, ""]
    return "\n".join(lines)


def superscript(number: int) -> str:
    return str(number + 1000).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def main() -> None:
    """Print the seconds of each step for growing numbers of items."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=4000)
    parser.add_argument("--commitments", type=int, default=20)
    chosen = parser.parse_args()
    codebook = g7tag.open_codebook()
    sizes = [(1, chosen.items // 20), (chosen.commitments, chosen.items), (1, chosen.items // 4), (1, chosen.items)]
    for commitments, items in sizes:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.txt"
            report.write_text(synthetic_report(codebook, commitments, items), encoding="utf-8")
            began = time.perf_counter()
            run = g7tag.run_report([report], output=Path(folder) / "run")
            done = time.perf_counter()
            # time the audit alone: its step is forced, the results of the other steps are read
            findings = run.reopened(force=True).audit()
            audited = time.perf_counter() - done
            print(
                f"{commitments:3} commitments, {len(run.items):5} items: whole run {done - began:6.1f} s, "
                f"audit alone {audited:6.1f} s, {len(findings)} findings, "
                f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
            )


if __name__ == "__main__":
    main()
