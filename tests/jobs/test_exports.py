"""A run is written for readers as a page, a workbook, CSV files and a brief, or refused before anything is written."""

import signal
import zipfile
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

import g7tag
from g7tag import jobs
from g7tag.cli import main
from g7tag.errors import InputError, RunError
from g7tag.jobs import Targets, report_run

pytestmark = pytest.mark.slow

LABEL = {
    "sentence_id": ["2024-19/CAN-04.2"],
    "dimensions": ["prevent"],
    "strength": ["strong"],
    "note": ["as I read it"],
}
AT = datetime(2026, 1, 2, tzinfo=UTC)


def targets(folder: Path) -> Targets:
    """One file of each kind in a folder."""
    return Targets(page=folder / "p.html", xlsx=folder / "x.xlsx", csv=folder / "tables", docx=folder / "b.docx")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def invoke(*words: Path | str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `g7tag report`."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    handler = signal.getsignal(signal.SIGINT)
    given = ["g7tag", "report", *map(str, words)]
    with redirect_stdout(out), redirect_stderr(err), patch("sys.argv", given), pytest.raises(SystemExit) as ended:
        main()
    signal.signal(signal.SIGINT, handler)
    out.flush(), err.flush()
    return int(ended.value.code or 0), *(each.buffer.getvalue().decode("utf-8") for each in (out, err))


def test_every_kind_of_file_is_written_and_named(folder: Path, tmp_path: Path) -> None:
    announced: list[str] = []
    written = report_run(folder, targets(tmp_path), announce=announced.append).files
    assert [path.relative_to(tmp_path).as_posix() for path in written[:3]] == ["run/report.html", "p.html", "x.xlsx"]
    assert [path.parent for path in written[3:-1]] == [tmp_path / "tables"] * (len(written) - 4)
    assert {path.suffix for path in written[3:-1]} == {".csv"}
    assert written[-1] == tmp_path / "b.docx"
    assert all(path.is_file() for path in written)
    assert written[0].read_bytes() == written[1].read_bytes()
    assert written[1].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert zipfile.is_zipfile(written[2])
    assert zipfile.is_zipfile(written[-1])
    assert announced[-3:] == ["writing the page", "writing the tables", "writing the brief"]


def test_without_other_files_only_the_page_of_the_directory_is_written(folder: Path, tmp_path: Path) -> None:
    before = set(files(tmp_path))
    assert report_run(folder, Targets()) == ([folder / "report.html"], [])
    assert set(files(tmp_path)) - before == {"run/ledger.csv"}  # the run is audited again


def test_the_same_run_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        report_run(folder, targets(tmp_path / name))
    assert files(tmp_path / "one") == files(tmp_path / "two")


def existing(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")


def filled(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("mine", encoding="utf-8")


def nothing(path: Path) -> None:
    """Leave the path free."""


REFUSED = {
    "page exists": ("page", "p.html", existing, r"p\.html: already exists\. Choose another file, or .* --force\."),
    "xlsx exists": ("xlsx", "x.xlsx", existing, r"x\.xlsx: already exists"),
    "docx exists": ("docx", "b.docx", existing, r"b\.docx: already exists"),
    "csv not empty": (
        "csv",
        "tables",
        filled,
        r"tables: is not empty\. Choose another folder, or replace .* --force\.",
    ),
    "csv is a file": ("csv", "tables", existing, r"tables: is a file\. Expected a folder for the CSV files\."),
    "page ending": ("page", "p.pdf", nothing, r"p\.pdf: cannot write a '\.pdf' file\. Expected \.html\."),
    "xlsx ending": ("xlsx", "x.xls", nothing, r"x\.xls: cannot write a '\.xls' file\. Expected \.xlsx\."),
    "docx ending": ("docx", "b.doc", nothing, r"b\.doc: cannot write a '\.doc' file\. Expected \.docx\."),
    "no ending": ("docx", "brief", nothing, r"brief: cannot write a 'nameless' file\. Expected \.docx\."),
    "no folder": ("xlsx", "none/x.xlsx", nothing, r"x\.xlsx: the folder .*none does not exist\. Create it, or"),
    "no folder of csv": ("csv", "none/tables", nothing, r"tables: the folder .*none does not exist\. Create it, or"),
}


@pytest.mark.parametrize(("kind", "name", "prepare", "match"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_target_is_refused_before_anything_is_written(
    folder: Path, tmp_path: Path, kind: str, name: str, prepare: Callable[[Path], None], match: str
) -> None:
    prepare(tmp_path / name)
    jobs.record_labels(folder, pd.DataFrame(LABEL), annotator="Ada", at=AT)  # there is something to score again
    before = files(tmp_path)
    with pytest.raises(InputError, match=match):
        report_run(folder, targets(tmp_path)._replace(**{kind: tmp_path / name}))
    assert files(tmp_path) == before


def test_force_replaces_files_and_leaves_others(folder: Path, tmp_path: Path) -> None:
    for name in ("p.html", "x.xlsx", "b.docx"):
        existing(tmp_path / name)
    filled(tmp_path / "tables")
    written = report_run(folder, targets(tmp_path), force=True).files
    assert [path for path in written if path.read_bytes() == b"mine"] == []
    assert (tmp_path / "tables/notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder_even_with_force(folder: Path, tmp_path: Path) -> None:
    existing(tmp_path / "tables")
    with pytest.raises(InputError, match="Expected a folder for the CSV files"):
        report_run(folder, Targets(csv=tmp_path / "tables"), force=True)


def test_a_directory_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="it is not a run directory"):
        report_run(tmp_path, Targets(xlsx=tmp_path / "x.xlsx"))
    assert files(tmp_path) == {}


def test_labels_recorded_after_scoring_are_on_the_page_and_in_the_tables(folder: Path, tmp_path: Path) -> None:
    jobs.record_labels(folder, pd.DataFrame(LABEL), annotator="Ada Lovelace", at=AT)
    assert "Ada Lovelace" not in (folder / "report.html").read_text(encoding="utf-8")
    code, out, _ = invoke(folder, "--csv", tmp_path / "tables")
    assert (code, out.splitlines()[0]) == (0, str(folder / "report.html"))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "by Ada Lovelace (analyst)" in page
    assert "as I read it" in page
    assert [path.name for path in (tmp_path / "tables").iterdir() if "Ada Lovelace" in path.read_text(encoding="utf-8")]
    assert g7tag.open_run(folder).labels.set_index("sentence_id").loc["2024-19/CAN-04.2", "dimensions"] == "prevent"


def test_decisions_are_on_the_page_and_in_the_files(folder: Path, tmp_path: Path) -> None:
    jobs.decide(folder, "score:Canada", owner="Di", note="read all of it", decision=1)
    written = report_run(folder, Targets(csv=tmp_path / "tables")).files
    assert "read all of it" in written[0].read_text(encoding="utf-8")
    assert [path.name for path in written[1:] if "read all of it" in path.read_text(encoding="utf-8")]


def test_a_row_of_the_ledger_that_cannot_be_used_is_named(folder: Path) -> None:
    jobs.decide(folder, "score:Canada", owner="Di", note="read all of it", decision=1)
    ledger = folder / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("decided,Di", "banana,Di"), encoding="utf-8")
    code, _, err = invoke(folder)
    assert code == 0
    assert "(score:2024-19/CAN): " in err
    assert "banana" in err
    assert "banana" in (folder / "report.html").read_text(encoding="utf-8")


def test_one_file_for_two_results_is_refused(folder: Path, tmp_path: Path) -> None:
    before = files(tmp_path)
    with pytest.raises(InputError, match="is named for two results"):
        report_run(folder, Targets(xlsx=tmp_path / "a.xlsx", csv=tmp_path / "a.xlsx"))
    assert files(tmp_path) == before


def test_a_run_that_is_not_saved_is_written_too(invented_run: Path, tmp_path: Path) -> None:
    run = replace(g7tag.open_run(invented_run), directory=None)
    written = run.write_report(page=str(tmp_path / "p.html"), csv=tmp_path / "tables")
    assert written[0] == tmp_path / "p.html"
    assert set(written) == {path for path in tmp_path.rglob("*") if path.is_file()}
    assert 'id="CAN-01"' in written[0].read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"p\.html: already exists"):
        run.write_report(page=tmp_path / "p.html")
    assert run.write_report(page=tmp_path / "p.html", force=True) == [tmp_path / "p.html"]
    assert run.write_report() == []


def test_the_command_lists_its_files_and_exits_with_0(folder: Path, tmp_path: Path) -> None:
    code, out, err = invoke(folder, "--xlsx", tmp_path / "x.xlsx", "--docx", tmp_path / "b.docx", "--quiet")
    assert (code, err) == (0, "")
    assert out.splitlines() == [str(folder / "report.html"), str(tmp_path / "x.xlsx"), str(tmp_path / "b.docx")]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run", "--xlsx", "x.csv"], 3, "x.csv: cannot write a '.csv' file. Expected .xlsx."),
        (["run", "--docx", "taken.docx"], 3, "taken.docx: already exists."),
        (["none"], 3, "none: "),
        (["run", "--pdf", "x.pdf"], 2, "No such option: --pdf"),
        ([], 2, "Missing argument"),
    ],
    ids=["ending", "exists", "no run", "option", "nothing"],
)
def test_the_command_says_what_is_wrong(
    folder: Path, tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    existing(tmp_path / "taken.docx")
    before = files(tmp_path)
    with chdir(tmp_path):
        found, out, err = invoke(*words)
    assert (found, out) == (code, "")
    assert message in " ".join(err.split())
    assert files(tmp_path) == before
