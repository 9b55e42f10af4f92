"""The command line: exit code, stdout and stderr of every command."""

import csv
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from typer.testing import CliRunner

from g7tag.cli import app, main
from g7tag.corpus import bundled_corpus

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
COMMANDS = [
    "init",
    "run",
    "ingest",
    "tag",
    "train",
    "evaluate",
    "score",
    "report",
    "compare",
    "label",
    "desk",
    "merge",
    "agreement",
    "certify",
    "corpus add",
    "review",
    "trial",
    "audit",
    "codebook new",
    "codebook show",
    "doctor",
    "codebook check",
]
MEMBERS = ["Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union"]
HEADING = "Commitment 2024-19, Migration and Refugees: Preventing Migrant Smuggling and Trafficking: "
SAMPLE = f"{HEADING}the whole chapter, restated in our own words"
DONE = re.compile(
    r"\d+ items, \d+ sentences tagged \(\d+ doubtful: \d+ under 44% likely right, [^)]*\), \d+ findings\.\n"
)
SOME_DOUBTFUL = r"[0-2] of them doubtful \(under 44% likely right, or another review_reason\)\."
TAG_COLUMNS = (
    "sentence_id,text,p_prevent,p_counter,p_dismantle,p_disrupt,p_strong,p_excluded,"
    "p_done,p_planned,p_not_done,p_reversed,p_background,dimensions,strength,act,exclusion,"
    "p_right,review_below,margin,needs_review,review_reason,status,tagger"
)
SENTENCES = 'sentence_id,text\nb,"Police arrested nine smugglers, then left."\na,=1+1\n'
REPORT = """2024 G7 Apulia Summit Final Compliance Report

19. Migration: Smuggling

Assessment

Canada	0
Japan	−1

Canada: 0

Canada has partially complied with its commitment on smugglers.

On 1 July 2024, police arrested nine smugglers.¹⁰ A court convicted their leader.¹⁰

Japan: −1

On 3 July 2024, ministers discussed trafficking.¹¹

¹⁰ Nine arrested, Paper (Ottawa) 1 July 2024. Access Date: 2 July 2024. https://a.example/1
¹¹ Talks, Paper (Tokyo) 3 July 2024. Access Date: 4 July 2024. https://a.example/2
"""


def g7tag(*words: object, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the installed command, run in a folder."""
    command = [str(G7TAG), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def g7tag_inside(*words: object, cwd: Path) -> tuple[int, str, str]:
    """The same without a process of its own, which costs two seconds less."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    handler = signal.getsignal(signal.SIGINT)
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch("sys.argv", ["g7tag", *map(str, words)]):
        with pytest.raises(SystemExit, match=r"^\d$") as ended:
            main()
        out.flush(), err.flush()
    signal.signal(signal.SIGINT, handler)
    return ended.value.code, out.buffer.getvalue().decode("utf-8"), err.buffer.getvalue().decode("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table of two sentences and a report of two members."""
    (tmp_path / "sentences.csv").write_text(SENTENCES, encoding="utf-8")
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A run directory of the sample evidence, with what the run printed on stdout and on stderr."""
    path = tmp_path_factory.mktemp("sample")
    code, out, err = g7tag("run", "-o", "run", cwd=path)
    assert code == 0, err
    return path / "run", out, err


def members_of(table: str) -> list[str]:
    """Members that a printed table has rows of, in order."""
    return [name for line in table.splitlines() for name in MEMBERS if re.match(rf" ?{name} +[+-]?\d", line)]


def test_run_prints_the_members_beside_their_published_scores(sample: tuple[Path, str, str]) -> None:
    _, out, _ = sample
    assert out.startswith(f"{SAMPLE}\n")
    assert members_of(out) == MEMBERS * 3  # scores, items, and scores by the number of strong items
    published = dict(
        re.findall(r"^ ?([A-Z]\w+(?: \w+)?) +([+-]?\d) +[+-]?\d +[+-]?\d +>?\d+%", out, flags=re.MULTILINE)
    )
    assert published == dict.fromkeys(MEMBERS[:5], "0") | dict.fromkeys(MEMBERS[5:], "+1")
    assert re.search(r"^ ?Average +\+0\.38 ", out, flags=re.MULTILINE)  # 3 / 8
    assert re.search(r"^ ?Compliance +69% ", out, flags=re.MULTILINE)  # 50 * (3 / 8 + 1)


def test_run_counts_on_stderr_and_says_where_the_frames_are(sample: tuple[Path, str, str]) -> None:
    run, _, err = sample
    assert err.startswith("200 items, 422 sentences tagged (")  # the chapter alone, not the earlier actions
    assert "\nSaved in run. Read run/report.html in a browser.\nNext: `g7tag audit run`" in err
    assert {file.name for file in run.iterdir()} >= {"manifest.json", "report.html", "scores.parquet", "tags.parquet"}


def test_run_without_o_writes_nothing_and_as_json_prints_json_alone(tmp_path: Path) -> None:
    code, out, err = g7tag_inside("run", "--json", cwd=tmp_path)
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert DONE.match(err)
    printed = json.loads(out)
    assert printed["heading"] == SAMPLE
    scores = {(row["member"], row["reading"]): row["published_score"] for row in printed["scores"]}
    assert len(printed["scores"]) == len(scores) == 16
    assert [scores[member, "scoring-table"] for member in MEMBERS] == [0, 0, 0, 0, 0, 1, 1, 1]
    (published,) = [row for row in printed["averages"] if row["scores"] == "published"]
    assert (published["mean"], published["percent"]) == (0.375, 68.75)


def test_ingest_prints_what_was_read_of_each_member(folder: Path) -> None:
    code, out, err = g7tag("ingest", "report.txt", "-o", "run", cwd=folder)
    assert code == 0
    assert err == "Next:\n  g7tag tag run; g7tag score run    tag and score its sentences\n"
    rows = [line.split() for line in out.splitlines() if line.startswith(" 2024-19")]
    assert rows == [["2024-19", "Canada", "0", "1", "0", "2"], ["2024-19", "Japan", "-1", "1", "0", "1"]]
    assert not (folder / "run" / "tags.parquet").exists()
    code, out, err = g7tag_inside("ingest", "report.txt", "-o", "run", "--json", cwd=folder)
    assert code == 0
    assert err == ""
    assert [list(row.values()) for row in json.loads(out)] == [
        ["2024-19", "Canada", 0, 1, 0, 2],
        ["2024-19", "Japan", -1, 1, 0, 1],
    ]


def test_tag_prints_csv_in_the_order_and_with_the_ids_of_the_table(folder: Path) -> None:
    code, out, err = g7tag("tag", "sentences.csv", cwd=folder)
    assert code == 0
    assert re.fullmatch(rf"2 rows: 2 tagged, 0 rejected\.\n2 sentences tagged, {SOME_DOUBTFUL}\n", err)
    assert out.splitlines()[0] == TAG_COLUMNS
    rows = list(csv.DictReader(StringIO(out)))
    assert [row["sentence_id"] for row in rows] == ["b", "a"]
    assert [row["text"] for row in rows] == ["Police arrested nine smugglers, then left.", "'=1+1"]
    assert "counter" in rows[0]["dimensions"]
    assert sorted(file.name for file in folder.iterdir()) == ["report.txt", "sentences.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_tag_writes_the_type_that_the_name_of_the_file_says(folder: Path, suffix: str) -> None:
    code, out, err = g7tag_inside("tag", "sentences.csv", "-o", f"tags{suffix}", cwd=folder)
    assert (code, out) == (0, "")
    assert re.fullmatch(rf"2 rows: 2 tagged, 0 rejected\.\n2 sentences tagged, {SOME_DOUBTFUL}\n", err)
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    file = folder / f"tags{suffix}"
    tags = readers[suffix](file) if suffix in readers else pd.DataFrame(map(json.loads, file.read_text().splitlines()))
    assert ",".join(tags.columns) == TAG_COLUMNS
    assert tags["text"].tolist()[1] == ("'=1+1" if suffix == ".csv" else "=1+1")


ROWS = 'sentence_id,text\nb,"Police arrested nine smugglers, then left."\na,=1+1,2\nc,\n'


def test_tag_goes_on_past_a_row_that_it_cannot_read_and_exits_with_4(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    code, out, err = g7tag_inside("tag", "rows.csv", "-o", "tags.jsonl", cwd=tmp_path)
    assert (code, out) == (4, "")
    assert re.fullmatch(
        r"3 rows: 2 tagged, 1 rejected; see tags\.rejects\.csv\. "
        r"The first is row 2: the row has 3 cells, the header has 2\.\n"
        rf"2 sentences tagged, {SOME_DOUBTFUL}\n",
        err,
    )
    assert (tmp_path / "tags.rejects.csv").read_text() == (
        'row,sentence_id,reason,text\n2,,"the row has 3 cells, the header has 2","a,=1+1,2"\n'
    )
    tags = [json.loads(line) for line in (tmp_path / "tags.jsonl").read_text().splitlines()]
    assert [(row["sentence_id"], row["status"]) for row in tags] == [("b", "ok"), ("c", "empty")]
    message = "g7tag: tags.rejects.csv: already exists. Choose another file, or replace it with --force.\n"
    (tmp_path / "tags.jsonl").unlink()
    assert g7tag_inside("tag", "rows.csv", "-o", "tags.jsonl", cwd=tmp_path) == (3, "", message)


def test_tag_to_stdout_names_the_first_five_rows_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text\n" + "One, two.\n" * 6 + "Three.\n", encoding="utf-8")
    code, out, err = g7tag_inside("tag", "rows.csv", cwd=tmp_path)
    assert code == 4
    assert [row["text"] for row in csv.DictReader(StringIO(out))] == ["Three."]
    counts, *named, closing = err.splitlines()
    assert counts == "7 rows: 1 tagged, 6 rejected. The first:"
    assert named == [f"  row {row}: the row has 2 cells, the header has 1." for row in range(1, 6)]
    assert re.fullmatch(rf"1 sentence tagged, {SOME_DOUBTFUL}", closing)
    code, _, err = g7tag_inside("tag", "rows.csv", "--rejects", "r.csv", cwd=tmp_path)
    assert (code, err.splitlines()[0]) == (
        4,
        "7 rows: 1 tagged, 6 rejected; see r.csv. The first is row 1: the row has 2 cells, the header has 1.",
    )
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 7


@pytest.mark.parametrize(
    "option",
    [["-o", "t.csv"], ["--rejects", "r.csv"], ["--processes", "2"], ["--scheduler", "local"]],
    ids=lambda option: option[0],
)
def test_options_of_a_table_are_refused_for_a_run_directory(tmp_path: Path, option: list[str]) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    code, out, err = g7tag_inside("tag", ".", *option, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert "-o, --rejects, --processes, --scheduler and --explain apply to tables only" in err


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = g7tag_inside("tag", "empty", "-o", "tags", cwd=tmp_path)
    assert (code, out) == (3, "")
    assert "g7tag: empty: contains no .parquet file. Expected tables with a column `text`, or a single table." in err


def test_tag_and_score_of_a_run_directory_print_counts_and_the_table(
    sample: tuple[Path, str, str], tmp_path: Path
) -> None:
    run, table, _ = sample
    shutil.copytree(run, tmp_path / "run")
    code, out, err = g7tag_inside("tag", "run", cwd=tmp_path)
    assert (code, out) == (0, "")
    assert re.fullmatch(
        r"\d+ sentences tagged, \d+ doubtful: \d+ under 44% likely right, .*\.\nNext: g7tag score run\n", err
    )
    unchanged = "0 labels and 0 scores changed.\n"
    assert g7tag_inside("score", "run", cwd=tmp_path) == (0, table, unchanged)
    code, out, err = g7tag_inside("score", "run", "--json", cwd=tmp_path)
    assert (code, err) == (0, unchanged)
    assert len(json.loads(out)["scores"]) == 16


def test_train_leaves_a_member_out_and_writes_a_model_that_tags(folder: Path) -> None:
    code, out, err = g7tag_inside("train", "-o", "m.skops", "--exclude-member", "Japan", cwd=folder)
    assert (code, out) == (0, "")
    corpus = pd.concat([pd.read_csv(path) for path in bundled_corpus()])
    joint = corpus.loc[corpus["member"] == "Japan", "cluster"]  # acts of Japan's stand under other members too
    left = (~corpus["cluster"].isin(joint) & (corpus["part"] != "test")).sum()
    assert re.fullmatch(
        rf"m\.skops: tagger 2024-apulia-19-[0-9a-f]{{12}}, "
        rf"trained on {left} sentences \(.*without Japan\)\.\nNext: g7tag run .*\n",
        err,
    )
    assert json.loads((folder / "m.skops.json").read_text())["about"]["corpus"].endswith(", without Japan")
    code, out, _ = g7tag_inside("tag", "sentences.csv", "--model", "m.skops", cwd=folder)
    assert code == 0
    assert {row["tagger"] for row in csv.DictReader(StringIO(out))} == {err.split()[2].rstrip(",")}


def test_codebook_show_prints_every_dimension_and_reading(tmp_path: Path) -> None:
    code, out, err = g7tag("codebook", "show", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith("2024-apulia-19, version ")
    assert "Period 2024-06-15 to 2025-05-15; threshold: 2 strong items for a strong level." in out
    for key in ("prevent", "counter", "dismantle", "disrupt", "border", "scoring-table", "interpretive-guidelines"):
        assert key in out


def test_codebook_show_as_json_prints_json_alone(tmp_path: Path) -> None:
    code, out, err = g7tag_inside("codebook", "show", "--json", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert [dimension["key"] for dimension in json.loads(out)["dimensions"]] == [
        "prevent", "counter", "dismantle", "disrupt",
    ]  # fmt: skip


@pytest.mark.parametrize(("option", "watched"), [([], True), (["--quiet"], False)], ids=["loud", "quiet"])
def test_progress_is_shown_on_a_terminal_unless_quiet(folder: Path, option: list[str], watched: bool) -> None:
    ours, theirs = pty.openpty()
    command = [str(G7TAG), "tag", "sentences.csv", *option]
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, cwd=folder, env=environment, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode("utf-8")
    os.close(ours)
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, TAG_COLUMNS)
    assert ("reading the table" in shown or "tagging 2 sentences" in shown) is watched
    assert "2 sentences tagged" in shown


def test_version_is_printed_on_stdout(tmp_path: Path) -> None:
    code, out, err = g7tag("--version", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"g7tag \d+\.\d+\.\d+\n", out)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")
    assert f"Example: g7tag {command}" in result.stdout


def test_help_lists_every_command_that_exists_and_no_other() -> None:
    result = CliRunner().invoke(app, ["--help"])
    listed = re.findall(r"^  (\w+) ", result.stdout.partition("Start a project:")[2], flags=re.MULTILINE)
    groups = ["codebook", "corpus"]
    own = {command for command in COMMANDS if " " not in command}
    assert (result.exit_code, result.stderr, sorted(listed)) == (0, "", sorted({*own, *groups}))


def test_the_readme_names_every_command() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"g7tag {command.split()[0]}" not in readme] == []
