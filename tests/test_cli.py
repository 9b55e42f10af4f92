"""The command line: exit code, stdout and stderr of commands. `test_golden` has the tables that `run` prints."""

import csv
import json
import os
import pty
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import g7tag

G7TAG = Path(sys.executable).with_name("g7tag")
INVENTED = g7tag.example_path("invented-report.txt")
FAST = ("--tagger", "fast")
SOME_DOUBTFUL = r"[0-2] of them doubtful \(under \d+% likely right, or another review_reason\)\."
TAG_COLUMNS = (
    "sentence_id,text,p_prevent,p_counter,p_dismantle,p_disrupt,p_strong,p_excluded,"
    "p_done,p_planned,p_not_done,p_reversed,p_background,dimensions,strength,act,exclusion,"
    "p_right,review_below,margin,needs_review,review_reason,status,tagger"
)
SENTENCES = 'sentence_id,text\nb,"Police arrested nine smugglers, then left."\na,=1+1\n'


@pytest.fixture
def work(tmp_path):
    """A folder with a table of two sentences."""
    (tmp_path / "sentences.csv").write_text(SENTENCES, encoding="utf-8")
    return tmp_path


def test_run_counts_on_stderr_and_says_where_the_frames_are(tmp_path, command):
    code, out, err = command("run", INVENTED, "-o", "run", *FAST, cwd=tmp_path)
    assert (code, "Canada" in out) == (0, True)
    assert err.startswith("12 items, 24 sentences tagged (")
    assert "\nSaved in run. Read run/report.html in a browser.\nNext: `g7tag audit run`" in err
    written = {file.name for file in (tmp_path / "run").iterdir()}
    assert written >= {"manifest.json", "report.html", "scores.parquet", "tags.parquet"}
    assert command("score", "run", cwd=tmp_path) == (0, out, "0 labels and 0 scores changed.\n")


@pytest.mark.slow
def test_run_without_o_writes_nothing_and_as_json_prints_json_alone(tmp_path, command):
    code, out, err = command("run", INVENTED, "--json", *FAST, cwd=tmp_path)
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert err.startswith("12 items, 24 sentences tagged (")
    printed = json.loads(out)
    scores = {(row["member"], row["reading"]): row["published_score"] for row in printed["scores"]}
    assert len(printed["scores"]) == len(scores) == 4
    assert [scores[member, "scoring-table"] for member in ("Canada", "Japan")] == [1, 0]
    (published,) = [row for row in printed["averages"] if row["scores"] == "published"]
    assert (published["mean"], published["percent"]) == (0.5, 75.0)  # 1 / 2; 50 * (1 / 2 + 1)


def test_ingest_prints_what_was_read_of_each_member(tmp_path, command):
    code, out, err = command("ingest", INVENTED, "-o", "run", cwd=tmp_path)
    assert code == 0
    assert "Next:\n  g7tag tag run; g7tag score run    tag and score its sentences\n" in err
    rows = [line.split()[:4] for line in out.splitlines() if line.startswith(" 2024-19")]
    assert rows == [["2024-19", "Canada", "+1", "7"], ["2024-19", "Japan", "0", "5"]]
    assert not (tmp_path / "run" / "tags.parquet").exists()
    code, out, err = command("ingest", INVENTED, "-o", "run", "--json", cwd=tmp_path)
    assert (code, "Next:" in err) == (0, False)
    assert [row["items"] for row in json.loads(out)] == [7, 5]
    code, out, err = command("tag", "run", *FAST, cwd=tmp_path)
    assert (code, out) == (0, "")
    assert re.search(r"^24 sentences tagged, \d+ (of them )?doubtful.*\.\nNext: g7tag score run\n$", err)


def test_ingest_prints_the_blocks_of_a_report_and_writes_nothing(tmp_path, command):
    page = (
        "<h1>Results</h1><table><tr><td>Canada</td><td>0</td></tr></table><p>It met.<sup>7</sup><span hidden>No.</span>"
        "</p><p><sup>7</sup> A law, Gazette (Rome) n.d. https://a.example</p>"
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    code, out, err = command("ingest", "page.html", "--blocks", cwd=tmp_path)
    assert code == 0
    name, *lines = out.splitlines()
    assert name == "page.html"
    assert [line.partition(": ")[2] for line in lines] == [
        "Results", "Canada | 0", "It met.[7]", "A law, Gazette (Rome) n.d. https://a.example",
    ]  # fmt: skip
    assert lines[3].startswith("note 7: ")
    assert "hidden" in err
    code, out, _ = command("ingest", "page.html", "--blocks", "--json", "--keep-hidden", cwd=tmp_path)
    assert (code, [block["text"] for block in json.loads(out)][2]) == (0, "It met.[7]No.")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    code, _, err = command("ingest", "page.html", cwd=tmp_path)
    assert (code, "--blocks" in err) == (2, True)


def test_tag_prints_csv_in_the_order_and_with_the_ids_of_the_table(work, command):
    code, out, err = command("tag", "sentences.csv", cwd=work)
    assert code == 0
    assert re.fullmatch(rf"2 rows: 2 tagged, 0 rejected\.\n2 sentences tagged, {SOME_DOUBTFUL}\n", err)
    assert out.splitlines()[0] == TAG_COLUMNS
    rows = list(csv.DictReader(StringIO(out)))
    assert [row["sentence_id"] for row in rows] == ["b", "a"]
    assert [row["text"] for row in rows] == ["Police arrested nine smugglers, then left.", "'=1+1"]
    assert "counter" in rows[0]["dimensions"]
    assert [file.name for file in work.iterdir()] == ["sentences.csv"]


def test_tag_goes_on_past_a_row_that_it_cannot_read_and_exits_with_4(tmp_path, command):
    rows = 'sentence_id,text\nb,"Police arrested nine smugglers, then left."\na,=1+1,2\nc,\n'
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    code, out, err = command("tag", "rows.csv", "-o", "tags.jsonl", *FAST, cwd=tmp_path)
    assert (code, out) == (4, "")
    assert err.startswith(
        "3 rows: 2 tagged, 1 rejected; see tags.rejects.csv. "
        "The first is row 2: the row has 3 cells, the header has 2.\n2 sentences tagged, "
    )
    assert (tmp_path / "tags.rejects.csv").read_text() == (
        'row,sentence_id,reason,text\n2,,"the row has 3 cells, the header has 2","a,=1+1,2"\n'
    )
    tags = [json.loads(line) for line in (tmp_path / "tags.jsonl").read_text().splitlines()]
    assert [(row["sentence_id"], row["status"]) for row in tags] == [("b", "ok"), ("c", "empty")]
    message = "g7tag: tags.rejects.csv: already exists. Choose another file, or replace it with --force.\n"
    (tmp_path / "tags.jsonl").unlink()
    assert command("tag", "rows.csv", "-o", "tags.jsonl", *FAST, cwd=tmp_path) == (3, "", message)


def test_tag_to_stdout_names_the_first_five_rows_that_it_cannot_read(tmp_path, command):
    (tmp_path / "rows.csv").write_text("text\n" + "One, two.\n" * 6 + "Three.\n", encoding="utf-8")
    code, out, err = command("tag", "rows.csv", *FAST, cwd=tmp_path)
    assert (code, [row["text"] for row in csv.DictReader(StringIO(out))]) == (4, ["Three."])
    counts, *named, _ = err.splitlines()
    assert counts == "7 rows: 1 tagged, 6 rejected. The first:"
    assert named == [f"  row {row}: the row has 2 cells, the header has 1." for row in range(1, 6)]


def test_train_leaves_a_member_out_with_its_acts_under_other_members(tmp_path, command):
    corpus = pd.read_csv(g7tag.example_path("harbours-labelled.csv"))
    boreas = corpus["member"] == "Boreas"
    joint = corpus["sentence_id"].mask(corpus["sentence_id"] == "ARC-01.1", corpus.loc[boreas, "sentence_id"].iloc[0])
    corpus.assign(cluster=joint).to_csv(tmp_path / "c.csv", index=False)  # an act of Boreas is also under Arcadia
    train = ("train", "-o", "m.npz", "--exclude-member", "Boreas", "--corpus", "c.csv")
    code, out, err = command(*train, "--codebook", g7tag.example_path("harbours.toml"), cwd=tmp_path)
    assert (code, out) == (0, "")
    assert re.match(rf"m\.npz: tagger \S+, trained on {(~boreas).sum() - 1} sentences \(.*, without Boreas\)\.\n", err)


def test_codebook_show_prints_every_dimension_and_reading(tmp_path, command):
    code, out, err = command("codebook", "show", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith("2024-apulia-19, version ")
    assert "Period 2024-06-15 to 2025-05-15; threshold: 2 strong items for a strong level." in out
    keys = ["prevent", "counter", "dismantle", "disrupt"]
    assert [word for word in (*keys, "border", "scoring-table", "interpretive-guidelines") if word not in out] == []
    code, out, err = command("codebook", "show", "--json", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert [dimension["key"] for dimension in json.loads(out)["dimensions"]] == keys


@pytest.mark.slow
@pytest.mark.parametrize(("option", "watched"), [([], True), (["--quiet"], False)], ids=["loud", "quiet"])
def test_progress_is_shown_on_a_terminal_unless_quiet(work, option, watched):
    ours, theirs = pty.openpty()
    words = [str(G7TAG), "tag", "sentences.csv", *option]
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"}
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, cwd=work, env=environment, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode("utf-8")
    os.close(ours)
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, TAG_COLUMNS)
    assert ("reading the table" in shown or "tagging 2 sentences" in shown) is watched
    assert "2 sentences tagged" in shown


@pytest.mark.slow
def test_the_installed_command_prints_its_version_on_stdout():
    done = subprocess.run([str(G7TAG), "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"g7tag \d+\.\d+\.\d+\n", done.stdout)
