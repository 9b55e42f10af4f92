"""Requests are exported to a batch file and answers imported, matched by custom_id and never by order."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import completion, good, label, sentence_of, serving
from typer.testing import CliRunner

import g7tag
from g7tag import jobs, llm
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.llm import request, request_key

pytestmark = pytest.mark.slow

N = 9


@pytest.fixture
def exported(folder: Path, tmp_path: Path) -> Path:
    """The requests of a review of the folder."""
    file = tmp_path / "batch.jsonl"
    result = CliRunner().invoke(app, ["review", str(folder), "--model", "gpt-5-mini", "--export-batch", str(file)])
    assert result.exit_code == 0, result.output
    assert f"{N} requests written to {file}." in result.stderr
    return file


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def answered(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The line of a batch's output for a request."""
    body = json.loads(completion(label(sentence_of(request["body"])), **changes).body)
    return {"custom_id": request["custom_id"], "error": None, "response": {"status_code": 200, "body": body}}


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    file = folder / name
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def test_a_batch_file_holds_whole_requests_and_no_key_is_needed(exported: Path, folder: Path) -> None:
    rows = lines(exported)
    assert {(row["method"], row["url"]) for row in rows} == {("POST", "/v1/chat/completions")}
    assert {row["body"]["model"] for row in rows} == {"gpt-5-mini"}
    assert all(row["body"]["response_format"]["json_schema"]["strict"] for row in rows)
    assert [row["custom_id"] for row in rows] == [request_key(row["body"]) for row in rows]
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    assert proposals["outcome"].tolist() == ["waiting"] * N


def test_answers_in_any_order_are_joined_by_custom_id(exported: Path, folder: Path, tmp_path: Path) -> None:
    rows = [answered(row) for row in lines(exported)]
    random.Random(1).shuffle(rows)
    result = CliRunner().invoke(
        app, ["review", str(folder), "--import-batch", str(written(tmp_path, "out.jsonl", rows))]
    )
    assert result.exit_code == 0, result.output
    assert "Answers: 9 new, 0 failed, 0 already known, 0 without a known request." in result.stderr
    assert f"{N} valid" in result.stdout
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    texts = g7tag.open_run(folder).sentences.set_index("sentence_id")["text"]
    assert all(texts[row["sentence_id"]].startswith(row["quote"]) for _, row in proposals.iterrows())
    assert proposals["cost"].isna().all()  # the batch's bill says what it was
    again = jobs.import_batch(folder, [tmp_path / "out.jsonl"])
    assert (again.taken, again.known) == (0, N)


def test_missing_failed_doubled_and_unknown_lines_are_counted(exported: Path, folder: Path, tmp_path: Path) -> None:
    requests = lines(exported)
    rows = [answered(row) for row in requests[:6]]
    expired = {"code": "batch_expired", "message": "This request could not be executed before the batch expired."}
    errors = [
        {"custom_id": requests[6]["custom_id"], "response": None, "error": expired},
        {"custom_id": requests[7]["custom_id"], "response": {"status_code": 500, "body": {"error": {"message": "x"}}}},
        {"custom_id": requests[8]["custom_id"], "response": {"status_code": 200, "body": None}},
    ]
    unknown = answered(requests[0]) | {"custom_id": "elsewhere"}
    out = written(tmp_path, "out.jsonl", [*rows, rows[0], unknown])
    err = written(tmp_path, "errors.jsonl", errors)
    result = CliRunner().invoke(app, ["review", str(folder), "--import-batch", str(out), "--import-batch", str(err)])
    assert result.exit_code == 4
    assert "Answers: 6 new, 3 failed, 1 already known, 1 without a known request." in result.stderr
    assert "3 requests without an answer." in result.stderr
    outcomes = llm.read_proposals(folder / "reviews.sqlite").set_index("request_key")
    assert outcomes["outcome"].value_counts().to_dict() == {"ok": 6, "failed": 3}
    assert "batch expired" in outcomes.loc[requests[6]["custom_id"], "problem"]
    rest = tmp_path / "rest.jsonl"
    CliRunner().invoke(app, ["review", str(folder), "--model", "gpt-5-mini", "--export-batch", str(rest)])
    assert [row["custom_id"] for row in lines(rest)] == [row["custom_id"] for row in requests[6:]]


def test_an_answer_counts_before_a_failure_in_whatever_order_they_come(
    exported: Path, folder: Path, tmp_path: Path
) -> None:
    requests = lines(exported)
    errors = [{"custom_id": row["custom_id"], "response": None, "error": {"message": "expired"}} for row in requests]
    files = [written(tmp_path, "e.jsonl", errors), written(tmp_path, "o.jsonl", [answered(row) for row in requests])]
    done = jobs.import_batch(folder, files)
    assert (done.taken, done.failed, done.known) == (N, 0, N)
    assert done.proposals["counted"].all()  # 1,000 tokens in and 50 out, as it says
    assert set(zip(done.proposals["tokens_in"], done.proposals["tokens_out"], strict=True)) == {(1000, 50)}


def test_a_batch_under_way_is_told_of_before_the_same_is_asked(exported: Path, folder: Path) -> None:
    result = CliRunner().invoke(app, ["review", str(folder), "--model", "gpt-5-mini", "--dry-run"])
    assert f"{N} of them are in an exported batch file." in result.stderr
    assert exported.is_file()


@pytest.mark.parametrize("name", ["reviews.sqlite", "ledger.csv", "manifest.json"])
def test_no_file_of_a_run_is_replaced_by_a_batch(folder: Path, name: str) -> None:
    (folder / name).touch()
    before = (folder / name).read_bytes()
    words = ["review", str(folder), "--model", "gpt-5-mini", "--export-batch", str(folder / name), "--force"]
    assert isinstance(CliRunner().invoke(app, words).exception, InputError)
    assert (folder / name).read_bytes() == before


def test_a_batch_file_that_is_there_is_replaced_by_force_alone(exported: Path, folder: Path) -> None:
    words = ["review", str(folder), "--model", "gpt-5-mini", "--export-batch", str(exported)]
    assert isinstance(CliRunner().invoke(app, words).exception, InputError)
    assert CliRunner().invoke(app, [*words, "--force"]).exit_code == 0


def test_one_thing_is_done_at_a_time(exported: Path, folder: Path, tmp_path: Path) -> None:
    words = ["review", str(folder), "--model", "gpt-5-mini", "--dry-run", "--export-batch", str(tmp_path / "b.jsonl")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "exclude each other. Give one of them." in result.stderr
    assert not (tmp_path / "b.jsonl").exists()


def test_the_first_of_two_answers_to_one_request_counts(exported: Path, folder: Path, tmp_path: Path) -> None:
    first = lines(exported)[0]
    twice = [answered(first, model="one"), answered(first, model="two")]
    jobs.import_batch(folder, [written(tmp_path, "out.jsonl", twice)])
    assert llm.read_proposals(folder / "reviews.sqlite")["model_returned"].tolist()[0] == "one"


def test_recorded_answers_are_replayed_with_their_requests(
    exported: Path, folder: Path, tmp_path: Path, invented_run: Path
) -> None:
    stranger = lines(exported)[0]["body"]
    user = json.loads(stranger["messages"][1]["content"]) | {"sentence": "Nobody wrote this."}
    stranger["messages"][1]["content"] = json.dumps(user)
    other = {"custom_id": request_key(stranger), "body": stranger}
    rows = [*lines(exported), other]
    requests, out = (
        written(tmp_path, "requests.jsonl", rows),
        written(tmp_path, "out.jsonl", [answered(row) for row in rows]),
    )
    fresh = tmp_path / "fresh"
    g7tag.run_report([g7tag.example_path("invented-report.txt")], output=fresh)
    done = jobs.import_batch(fresh, [out], requests=requests)
    assert (done.taken, done.unknown) == (N, 1)
    assert sorted(done.proposals["sentence_id"]) == sorted(
        llm.read_proposals(folder / "reviews.sqlite")["sentence_id"]
    )  # the stranger's sentence is none of the run's
    assert set(done.proposals["why"]) == {"recorded"}
    assert (jobs.score_run(fresh).annotations["kind"] == "llm").sum() == N


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no JSON\n", "is not a JSON Lines file"),
        ("[1]\n", "line 1: is not a JSON object"),
        ('\n{"response": {}}\n', "line 2: custom_id is missing"),
        ('{"custom_id": 3}\n', "line 1: custom_id is missing"),
        ("[" * 100_000, "is not a JSON Lines file"),
    ],
)
def test_a_file_that_is_no_batch_is_named_and_nothing_taken_in(
    folder: Path, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"out\.jsonl") as caught:
        jobs.import_batch(folder, [file])
    assert message in str(caught.value)
    with pytest.raises(InputError, match=r"none\.jsonl: cannot read the file"):
        jobs.import_batch(folder, [tmp_path / "none.jsonl"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row["body"].update(model="other"), "was changed since it was exported"),
        (lambda row: row["body"].pop("messages"), "is not a request of g7tag"),
        (lambda row: row["body"]["messages"][1].update(content="{}"), "is not a request of g7tag"),
        (lambda row: row.pop("body"), "is not a request. Expected custom_id and body"),
    ],
    ids=["model", "messages", "user", "body"],
)
def test_a_request_that_was_altered_is_refused(
    exported: Path, folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    rows = lines(exported)
    out = written(tmp_path, "out.jsonl", [answered(row) for row in rows])
    change(rows[3])
    before = len(llm.read_proposals(folder / "reviews.sqlite"))
    with pytest.raises(InputError, match=message):
        jobs.import_batch(folder, [out], requests=written(tmp_path, "requests.jsonl", rows))
    assert len(llm.read_proposals(folder / "reviews.sqlite")) == before


def test_a_batch_that_is_too_large_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: Callable[..., Any]
) -> None:
    monkeypatch.setattr(request, "MOST_REQUESTS", 8)
    with serving(good) as server:
        plan = planned(server)
    with pytest.raises(InputError, match=r"found 9 requests and [\d,]+ bytes, expected at most 8 .*Select fewer"):
        jobs.export_batch(plan, tmp_path / "batch.jsonl")
    assert not (tmp_path / "batch.jsonl").exists()
