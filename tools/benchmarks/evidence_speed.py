"""Measure whether the time to read evidence grows linearly with the text, for pieces of many kinds.

Run by hand: `python tools/benchmarks/evidence_speed.py`. It prints the processor time for n, 2n and 4n pieces, and each
divided by the time that is proportional to the largest (1.00 is linear); then the time and memory for 49 MB of text.
"""

import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/evidence"))

from test_linear_time import HEAD, ITEM, NOTE, PIECES, seconds

import g7tag
from g7tag.errors import SourceError
from g7tag.sources import read_documents

SIZES = {"spaces": 4_000_000, "zero-width spaces": 1_000_000, "numbers": 100_000}


def main() -> None:
    """Print a row for each kind of piece."""
    codebook = g7tag.open_codebook()
    for name, (piece, small) in PIECES.items():
        n = SIZES.get(name, 5 * small)
        texts = [f"{HEAD}{ITEM}a{piece * (times * n)}b\n\n{NOTE}" for times in (1, 2, 4)]
        taken = [min(seconds(text, codebook) for _ in range(3)) for text in texts]
        shares = [each / (taken[-1] * len(text) / len(texts[-1])) for each, text in zip(taken, texts, strict=True)]
        print(f"{name:20}", *(f"{each:8.2f} s" for each in taken), *(f"{share:6.2f}" for share in shares), flush=True)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "large.txt"
        for name, size in (("49 MB", 49_000_000), ("9.9 MB", 9_900_000)):
            line = "Police arrested nine people in the town of Lyon on that day.\n\n"
            file.write_text(f"{HEAD}{ITEM}{line * (size // len(line))}{NOTE}", encoding="utf-8")
            began = time.monotonic()
            try:
                read_documents([file])
                g7tag.read_reports([file])
                result = "read"
            except SourceError as error:
                result = str(error)
            used = max(getrusage(RUSAGE_SELF).ru_maxrss, getrusage(RUSAGE_CHILDREN).ru_maxrss) / 1e6
            print(f"{name}: {time.monotonic() - began:.1f} s, at most {used:.2f} GB in a process: {result}", flush=True)


if __name__ == "__main__":
    main()
