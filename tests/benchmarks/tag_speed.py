"""Speed and memory of `g7tag tag FILE` on a large table, beside other classifiers on the same rows. Run by hand."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from g7tag.tagging.peers import MINILM, find_peers, load_minilm

CORPUS = sorted((Path(__file__).parents[2] / "data" / "corpus").glob("*.csv"))
PEER_ROWS = 8_192
"""Rows that a peer reads and writes at a time, as g7tag does."""
LABELS = ["prevent", "counter", "dismantle", "disrupt", "border"]


class Measured(NamedTuple):
    """Wall time in seconds, and the greatest memory of a process and its children in MB."""

    seconds: float
    megabytes: float


def make_table(path: Path, rows: int) -> None:
    """Write sentences drawn from the corpus, with ids, in items of one to four; a running number makes each its own."""
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
    """Run a command to its end."""
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
    """A process and all below it."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        return [pid]
    return [pid, *(member for child in children for member in _family(child))]


def _megabytes(pid: int) -> float:
    """Memory that is the process's own, and its share of what several use."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def train(name: str, model: Path) -> None:
    """Train a peer on the corpus: a logistic regression for each label, on TF-IDF of words and pairs or on MiniLM."""
    corpus = pd.concat([pd.read_csv(file, dtype="str", keep_default_na=False) for file in CORPUS])
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(corpus["text"]) if name == "tfidf" else None
    matrix = features_by(vectorizer)(corpus["text"])
    keys = (corpus["dimensions"] + ";" + corpus["exclusion"]).str.split(";")
    heads = {
        key: LogisticRegression(C=10.0, max_iter=500).fit(matrix, [key in held for held in keys]) for key in LABELS
    }
    joblib.dump((vectorizer, heads), model)


def features_by(vectorizer: TfidfVectorizer | None) -> Callable[[pd.Series], Any]:
    """What makes features of texts: the vectorizer, or where there is none all-MiniLM-L6-v2."""
    if vectorizer is not None:
        return vectorizer.transform
    return load_minilm()


def tag_by_peer(model: str, source: str, target: str) -> None:
    """Tag by a trained peer, from Parquet to Parquet."""
    vectorizer, heads = joblib.load(model)
    features, writer = features_by(vectorizer), None
    for batch in pq.ParquetFile(source).iter_batches(PEER_ROWS, columns=["sentence_id", "text"]):
        frame = batch.to_pandas()
        matrix = features(frame["text"])
        shares = {f"p_{key}": head.predict_proba(matrix)[:, 1] for key, head in heads.items()}
        table = pa.Table.from_pandas(frame.assign(**shares), preserve_index=False)
        writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
        writer.write_table(table)
    writer.close()


def compare(g7tag: str, folder: Path, rows: int, minilm_rows: int) -> None:
    """Print a row for each command and number of rows; the last column is how many times as fast g7tag is.

    The peers are trained beforehand, in no one's time, and know no context, strength or doubt: they do less.
    """
    sizes = [rows // 10, rows // 2, rows]
    for size in {*sizes, minilm_rows}:
        make_table(folder / f"{size}.parquet", size)
    jobs = [("g7tag tag", [g7tag, "tag", *_files(folder, size, "tags")], size) for size in sizes]
    jobs.append(("TF-IDF + logistic regressions", _peer_command("tfidf", folder, rows), rows))
    missing = find_peers().missing.get(MINILM)
    if missing is None:
        jobs.append(("MiniLM + logistic regressions", _peer_command("minilm", folder, minilm_rows), minilm_rows))
    else:
        print(f"MiniLM: not measured: pip install {' '.join(missing)}")
    print(f"{'command':30} {'rows':>10} {'seconds':>9} {'rows a second':>14} {'peak MB':>8} {'g7tag is':>9}")
    ours = 0.0
    for name, command, size in jobs:
        found = measure(command)
        speed = size / found.seconds
        ours, ratio = (speed, "") if command[0] == g7tag else (ours, f"{ours / speed:.2f}x")
        print(
            f"{name:30} {size:10,} {found.seconds:9.1f} {speed:14,.0f} {found.megabytes:8,.0f} {ratio:>9}", flush=True
        )


def _files(folder: Path, rows: int, name: str) -> list[str]:
    return [str(folder / f"{rows}.parquet"), "-o", str(folder / f"{rows}.{name}.parquet"), "--force", "--quiet"]


def _peer_command(name: str, folder: Path, rows: int) -> list[str]:
    model = folder / f"{name}.joblib"
    train(name, model)
    return [sys.executable, __file__, "--peer", *map(str, (model, folder / f"{rows}.parquet", folder / "peer.parquet"))]


def kill(g7tag: str, folder: Path, rows: int, at: int) -> None:
    """Kill the command once it has done about so many rows, run it again, and compare bytes with a whole run's."""
    make_table(folder / f"{rows}.parquet", rows)
    whole, killed = (_files(folder, rows, name) for name in ("whole", "killed"))
    seconds = measure([g7tag, "tag", *whole]).seconds
    shards = Path(f"{killed[2]}.unfinished")
    with subprocess.Popen([g7tag, "tag", *killed], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and sum(int(file.name.split("-")[1]) for file in shards.glob("*.shard")) < at:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    done = sum(int(file.name.split("-")[1]) for file in shards.glob("*.shard"))
    again = measure([g7tag, "tag", *killed]).seconds
    same = Path(whole[2]).read_bytes() == Path(killed[2]).read_bytes()
    print(f"killed after {done:,} of {rows:,} rows; run again in {again:.1f} s (a whole run: {seconds:.1f} s)")
    print(f"the same bytes as a whole run: {'yes' if same else 'NO'}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table")
    parser.add_argument("--minilm-rows", type=int, default=2_000, help="rows for MiniLM, which is slow without a GPU")
    parser.add_argument(
        "--g7tag",
        default=str(Path(sys.executable).with_name("g7tag")),
        help="the command to measure; one without torch beside it needs less memory, since skops imports torch",
    )
    parser.add_argument("--kill-at", type=int, help="instead kill the command after so many rows, and run it again")
    parser.add_argument("--peer", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        tag_by_peer(*options.peer)
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.kill_at is not None:
            kill(options.g7tag, Path(folder), options.rows, options.kill_at)
        else:
            compare(options.g7tag, Path(folder), options.rows, options.minilm_rows)


if __name__ == "__main__":
    main()
