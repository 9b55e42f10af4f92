"""Record the answers of a model on the invented report as batch files, which notebook 03 replays.

`python tools/record_review.py MODEL BASE_URL` needs a running endpoint; tests/llm/test_local_llm.py says how to start
one on this machine. Run it again after the prompt, the codebook or the corpus changed.
"""

import json
import sys
from pathlib import Path

import g7tag
from g7tag import jobs
from g7tag.llm import Limits, Price, batch_bytes, known_rung, requests_of
from g7tag.store import read_requests

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"


def main(model: str, base_url: str) -> None:
    """Ask the model, and write both files."""
    folder = g7tag.temporary_directory() / "run"
    g7tag.run_report([g7tag.example_path("invented-report.txt")], output=folder)
    endpoint = g7tag.llm.open_endpoint(model, base_url=base_url)
    plan = jobs.plan_review(folder, endpoint, price=Price(0.0, 0.0))
    done = jobs.review_sentences(plan, limits=Limits(concurrency=1, deadline=300.0), announce=print)
    log = folder / "reviews.sqlite"
    rung = known_rung(log, endpoint)
    assert rung is not None
    requests = requests_of(plan.questions, endpoint, rung)
    answers = {key: row["raw"] for key, row in read_requests(log, "answer") if row["outcome"] != "failed"}
    lines = [
        json.dumps({"custom_id": one.key, "response": {"status_code": 200, "body": json.loads(answers[one.key])}})
        for one in requests
    ]
    (EXAMPLES / "recorded-requests.jsonl").write_bytes(batch_bytes(requests))
    (EXAMPLES / "recorded-answers.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(done.proposals["outcome"].value_counts().to_dict())


if __name__ == "__main__":
    main(*sys.argv[1:])
