"""Requests are exported to a batch file and answers imported, matched by custom_id and never by order."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import N, completion, label, sentence_of
from typer.testing import CliRunner

import g7tag
from g7tag import jobs, llm
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.llm import request, request_key

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported_once(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run and the requests of its review; not to be changed."""
    place = tmp_path_factory.mktemp("exported")
    folder, file = Path(shutil.copytree(invented_run, place / "run")), place / "batch.jsonl"
    result = CliRunner().invoke(app, ["review", str(folder), "--model", "gpt-5-mini", "--export-batch", str(file)])
    assert result.exit_code == 0, result.output
    assert f"{N} requests written to {file}." in result.stderr
    return place


@pytest.fixture
def run(exported_once: Path, tmp_path: Path) -> Path:
    """A run whose requests were exported."""
    return Path(shutil.copytree(exported_once / "run", tmp_path / "run"))


@pytest.fixture
def requests(exported_once: Path) -> list[dict[str, Any]]:
    return lines(exported_once / "batch.jsonl")


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def answered(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The line of a batch's output for a request."""
    body = json.loads(completion(label(sentence_of(request["body"])), **changes).body)
    return {"custom_id": request["custom_id"], "error": None, "response": {"status_code": 200, "body": body}}


def written(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def test_a_batch_file_holds_whole_requests_and_no_key_is_needed(run: Path, requests: list[dict[str, Any]]) -> None:
    assert {(row["method"], row["url"]) for row in requests} == {("POST", "/v1/chat/completions")}
    assert {row["body"]["model"] for row in requests} == {"gpt-5-mini"}
    assert [row["custom_id"] for row in requests] == [request_key(row["body"]) for row in requests]
    assert llm.read_proposals(run / "reviews.sqlite")["outcome"].tolist() == ["waiting"] * N
    result = CliRunner().invoke(app, ["review", str(run), "--model", "gpt-5-mini", "--dry-run"])
    assert f"{N} of them are in an exported batch file." in result.stderr


def test_answers_in_any_order_are_joined_by_custom_id(
    run: Path, requests: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = [answered(row) for row in requests]
    random.Random(1).shuffle(rows)
    result = CliRunner().invoke(app, ["review", str(run), "--import-batch", str(written(tmp_path / "o.jsonl", rows))])
    assert result.exit_code == 0, result.output
    assert f"Answers: {N} new, 0 failed, 0 already known, 0 without a known request." in result.stderr
    proposals = llm.read_proposals(run / "reviews.sqlite")
    texts = g7tag.open_run(run).sentences.set_index("sentence_id")["text"]
    assert all(texts[row["sentence_id"]].startswith(row["quote"]) for _, row in proposals.iterrows())
    assert proposals["cost"].isna().all()  # the batch's bill says what it was
    again = jobs.import_batch(run, [tmp_path / "o.jsonl"])
    assert (again.taken, again.known) == (0, N)


def test_missing_failed_doubled_and_unknown_lines_are_counted(
    run: Path, requests: list[dict[str, Any]], tmp_path: Path
) -> None:
    rows = [answered(row, model="one") for row in requests[:6]]
    expired = {"code": "batch_expired", "message": "This request could not be executed before the batch expired."}
    errors = [
        {"custom_id": requests[0]["custom_id"], "response": None, "error": expired},  # its answer counts
        {"custom_id": requests[6]["custom_id"], "response": None, "error": expired},
        {"custom_id": requests[7]["custom_id"], "response": {"status_code": 500, "body": {"error": {"message": "x"}}}},
        {"custom_id": requests[8]["custom_id"], "response": {"status_code": 200, "body": None}},
    ]
    twice, unknown = answered(requests[0], model="two"), answered(requests[0]) | {"custom_id": "elsewhere"}
    files = [written(tmp_path / "e.jsonl", errors), written(tmp_path / "o.jsonl", [*rows, twice, unknown])]
    result = CliRunner().invoke(app, ["review", str(run), *(f"--import-batch={file}" for file in files)])
    assert result.exit_code == 4
    assert "Answers: 6 new, 3 failed, 2 already known, 1 without a known request." in result.stderr
    assert f"{N - 6} requests without an answer." in result.stderr
    found = llm.read_proposals(run / "reviews.sqlite").set_index("request_key")
    assert found["outcome"].value_counts().to_dict() == {"ok": 6, "failed": 3, "waiting": N - 9}
    assert set(found.loc[found["outcome"] == "ok", "model_returned"]) == {"one"}
    assert "batch expired" in found.loc[requests[6]["custom_id"], "problem"]
    rest = tmp_path / "rest.jsonl"
    CliRunner().invoke(app, ["review", str(run), "--model", "gpt-5-mini", "--export-batch", str(rest)])
    assert [row["custom_id"] for row in lines(rest)] == [row["custom_id"] for row in requests[6:]]


@pytest.mark.parametrize("name", ["reviews.sqlite", "manifest.json"])
def test_no_file_of_a_run_is_replaced_by_a_batch(run: Path, name: str) -> None:
    before = (run / name).read_bytes()
    words = ["review", str(run), "--model", "gpt-5-mini", "--export-batch", str(run / name), "--force"]
    assert isinstance(CliRunner().invoke(app, words).exception, InputError)
    assert (run / name).read_bytes() == before


def test_recorded_answers_are_replayed_with_their_requests(
    folder: Path, requests: list[dict[str, Any]], tmp_path: Path
) -> None:
    stranger = json.loads(json.dumps(requests[0]["body"]))
    user = json.loads(stranger["messages"][1]["content"]) | {"sentence": "Nobody wrote this."}
    stranger["messages"][1]["content"] = json.dumps(user)
    rows = [*requests, {"custom_id": request_key(stranger), "body": stranger}]
    out = written(tmp_path / "out.jsonl", [answered(row) for row in rows])
    done = jobs.import_batch(folder, [out], requests=written(tmp_path / "requests.jsonl", rows))
    assert (done.taken, done.unknown) == (N, 1)  # the stranger's sentence is none of the run's
    assert set(done.proposals["why"]) == {"recorded"}
    assert len(done.proposals) == N


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no JSON\n", "is not a JSON Lines file"),
        ("[1]\n", "line 1: is not a JSON object"),
        ('\n{"response": {}}\n', "line 2: custom_id is missing"),
    ],
)
def test_a_file_that_is_no_batch_is_named_and_nothing_taken_in(
    run: Path, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"out\.jsonl.*{message}"):
        jobs.import_batch(run, [file])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row["body"].update(model="other"), "was changed since it was exported"),
        (lambda row: row["body"].pop("messages"), "is not a request of g7tag"),
        (lambda row: row.pop("body"), "is not a request. Expected custom_id and body"),
    ],
    ids=["model", "messages", "body"],
)
def test_a_request_that_was_altered_is_refused(
    run: Path, requests: list[dict[str, Any]], tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    out = written(tmp_path / "out.jsonl", [answered(row) for row in requests])
    change(requests[3])
    with pytest.raises(InputError, match=message):
        jobs.import_batch(run, [out], requests=written(tmp_path / "requests.jsonl", requests))
    assert set(llm.read_proposals(run / "reviews.sqlite")["outcome"]) == {"waiting"}


def test_a_batch_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: Any) -> None:
    monkeypatch.setattr(request, "MOST_REQUESTS", 8)
    with pytest.raises(InputError, match=rf"found {N} requests and [\d,]+ bytes, expected at most 8 .*Select fewer"):
        jobs.export_batch(plan._replace(directory=tmp_path), tmp_path / "batch.jsonl")
    assert not (tmp_path / "batch.jsonl").exists()
