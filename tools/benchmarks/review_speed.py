"""Measure the overhead of a review: 10,000 sentences and an endpoint that answers immediately.

Run by hand: `python tools/benchmarks/review_speed.py` (Linux, macOS; `--sentences N` asks fewer). For comparison, the
same requests are then sent by a bare HTTP client that stores nothing.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd

import g7tag
from g7tag.jobs import ReviewPlan
from g7tag.llm import Limits, Price, contexts_of, labelled_examples, make_prompts, quote_price, requests_of

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/llm"))
CONCURRENCY = 16


def serve(port: Any) -> None:
    """Run an endpoint in its own process, so that its work is not counted."""
    from fault_server import FaultServer, good  # noqa: PLC0415

    with FaultServer(good) as server:
        server.bodies = Forgetful()
        server.headers, server.times = Forgetful(), Forgetful()
        port.send(server.url)
        server.serve_forever()


class Forgetful(list[Any]):
    """A list that stores nothing."""

    def append(self, value: object) -> None:
        """Do nothing."""


def plan(folder: Path, url: str, n: int) -> ReviewPlan:
    """Return the plan of a review of n sentences, two per item, each with labelled examples from the corpus."""
    book = g7tag.open_codebook()
    corpus = g7tag.corpus.read_corpus(g7tag.corpus.bundled_corpus(), book)
    texts = [f"{corpus['text'].iloc[number % len(corpus)]} ({number})" for number in range(n)]
    sentences = pd.DataFrame(
        {
            "sentence_id": [f"s{number}" for number in range(n)], "item_id": [f"i{number // 2}" for number in range(n)],
            "position": [number % 2 + 1 for number in range(n)], "text": texts,
        }
    )  # fmt: skip
    endpoint = g7tag.llm.open_endpoint("m", base_url=url)
    prompts = make_prompts(contexts_of(list(sentences["sentence_id"]), sentences, labelled_examples([], book)), book)
    price = Price(0.0, 0.0)
    selected = sentences[["sentence_id"]].assign(why="all", probability=1.0)
    quote = quote_price(prompts, endpoint, price, folder / "reviews.sqlite")
    return ReviewPlan(endpoint, price, selected, prompts, quote)


async def bare(url: str, bodies: list[bytes]) -> None:
    """Send the same requests with the same concurrency, and store nothing."""
    waiting = iter(bodies)

    async def worker(client: httpx2.AsyncClient) -> None:
        for body in waiting:
            (await client.post(f"{url}/chat/completions", content=body)).json()

    async with httpx2.AsyncClient(trust_env=False, headers={"Content-Type": "application/json"}) as client:
        await asyncio.gather(*(worker(client) for _ in range(CONCURRENCY)))


def peak_mb() -> float:
    """Return the peak memory of this process in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=10_000)
    n = parser.parse_args().sentences
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        planned = plan(Path(folder), url, n)
        made = time.perf_counter() - began
        before = peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        done = g7tag.Run.at(folder).review(planned, limits=Limits(concurrency=CONCURRENCY))
        wall, busy = time.perf_counter() - began, time.process_time() - cpu
        most = peak_mb()
        size = (Path(folder) / "reviews.sqlite").stat().st_size
    assert done.asked.answered == done.asked.calls == n, done.asked
    requests = requests_of(planned.prompts, planned.endpoint)
    bodies = [json.dumps(one.body("json_schema")).encode() for one in requests]
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(bare(url, bodies))
    bare_wall, bare_busy = time.perf_counter() - began, time.process_time() - cpu
    server.kill()
    print(f"{n:,} sentences, {CONCURRENCY} at a time, endpoint on the same machine.")
    print(f"prompts made in {made:.1f} s ({1000 * made / n:.2f} ms per sentence)")
    print(f"g7tag: {wall:.1f} s, {1000 * busy / n:.2f} ms of processor time per sentence, {size / 1e6:.0f} MB of log")
    print(f"bare client: {bare_wall:.1f} s, {1000 * bare_busy / n:.2f} ms of processor time per sentence")
    print(
        f"overhead: {1000 * (busy - bare_busy) / n:.2f} ms per sentence, {wall / bare_wall:.1f} times the bare client"
    )
    print(f"peak memory: {most:.0f} MB, {before:.0f} MB of it before the first request")


if __name__ == "__main__":
    main()
