"""A run is written for readers as a page, a workbook, CSV files and a brief, or refused before anything is written."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from people import command, files, label

import g7tag
from g7tag import report
from g7tag.errors import InputError
from g7tag.jobs import Run, pages
from g7tag.store import file_sha256


def targets(folder):
    """One file of each kind in a folder."""
    names = {"page": "p.html", "xlsx": "x.xlsx", "csv": "tables", "docx": "b.docx"}
    return {kind: folder / name for kind, name in names.items()}


@pytest.mark.slow
def test_every_kind_of_file_is_written_and_named_and_the_same_run_gives_the_same_bytes(folder, tmp_path):
    made = {}
    for name, run in (("one", Run.at(folder)), ("two", g7tag.open_run(folder))):
        (tmp_path / name).mkdir()
        announced = []
        written = run.write_report(**targets(tmp_path / name), announce=announced.append)
        made[name] = files(tmp_path / name)
        assert {str(path.relative_to(tmp_path / name)) for path in written} == set(made[name])
        assert announced == ["writing the page", "writing the tables", "writing the brief"]
    assert made["one"] == made["two"]
    assert (folder / "report.html").read_bytes() == made["one"]["p.html"]
    assert made["one"]["p.html"].startswith(b"<!doctype html>")
    assert [path.name for path in written if zipfile.is_zipfile(path)] == ["x.xlsx", "b.docx"]
    assert {path.suffix for path in written if path.parent.name == "tables"} == {".csv"}
    for name, what in (("p.html", "a file"), ("x.xlsx", "a file"), ("b.docx", "a file"), ("tables", "a folder")):
        put(tmp_path / "one" / name, what)
    unsaved = replace(run, store=None)
    again = unsaved.write_report(**targets(tmp_path / "one"), force=True)
    assert [path for path in again if path.read_bytes() == b"mine"] == []
    assert (tmp_path / "one/tables/notes.txt").read_text(encoding="utf-8") == "mine"
    assert 'id="CAN-01"' in again[0].read_text(encoding="utf-8")
    assert unsaved.write_report() == []


MINE = {"a file": "", "a folder": "/notes.txt", "nothing": None}
REFUSED = {
    "page": ("p.html", "a file", r"p\.html: already exists\. Choose another file, or .* --force\."),
    "csv, filled": ("tables", "a folder", r"tables: is not empty\. Choose another folder, or repl.* --force\."),
    "csv, file": ("tables", "a file", r"tables: is a file\. Expected a folder\."),
    "xlsx": ("x.xls", "nothing", r"x\.xls: cannot write a '\.xls' file\. Expected \.xlsx\."),
    "docx": ("none/b.docx", "nothing", r"b\.docx: the folder .*none does not exist\. Create it, or"),
    "csv, no place": ("none/tables", "nothing", r"tables: the folder .*none does not exist\. Create it, or"),
    "csv, twice": ("x.xlsx", "nothing", r"x\.xlsx: is named for two results\."),
}


def put(path, what):
    """Put a file or a folder of the user in a place."""
    if MINE[what] is not None:
        file = Path(f"{path}{MINE[what]}")
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine", encoding="utf-8")


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_target_is_refused_before_anything_is_written(folder, tmp_path, case):
    kind, (name, found, match) = case.partition(",")[0], REFUSED[case]
    put(tmp_path / name, found)
    given = targets(tmp_path) | {kind: tmp_path / name}
    Run.at(folder).record_labels(label(), annotator="Ada")  # there is something to score again
    before = files(tmp_path)
    with pytest.raises(InputError, match=match):
        Run.at(folder).write_report(**given)
    if kind != "page":
        words = [word for option, path in given.items() if option != "page" for word in (f"--{option}", path)]
        assert command("report", folder, *words, code=3).stdout == ""
    assert files(tmp_path) == before


@pytest.mark.slow
def test_labels_recorded_after_scoring_and_decisions_are_on_the_page_and_in_the_tables(folder, tmp_path):
    row = label(sentence_id="2024-19/CAN-04.2", dimensions="prevent", note="as I read it")
    Run.at(folder).record_labels(row, annotator="Ada Lovelace")
    page = folder / "report.html"
    assert "Ada Lovelace" not in page.read_text(encoding="utf-8")
    done = command("report", folder, "--csv", tmp_path / "tables", "--docx", tmp_path / "b.docx", "--quiet")
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == str(page)
    assert set(done.stdout.splitlines()[1:]) == {str(tmp_path / "b.docx"), *map(str, (tmp_path / "tables").iterdir())}
    assert "by Ada Lovelace (analyst)" in page.read_text(encoding="utf-8")
    assert "as I read it" in page.read_text(encoding="utf-8")
    Run.at(folder).decide("score:Canada", owner="Di", note="read all of it", decision=1)
    assert "read all of it" in page.read_text(encoding="utf-8")
    Run.at(folder).write_report(csv=tmp_path / "tables", force=True)
    tables = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "tables").iterdir())
    assert "Ada Lovelace" in tables
    assert "read all of it" in tables
    ledger = folder / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("decided,Di", "banana,Di"), encoding="utf-8")
    said = command("report", folder).stderr
    assert "(score:2024-19/CAN): " in said
    assert "banana" in said
    assert "banana" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("writes", "old"), [(2, False), (2, True), (12, True)], ids=["new", "making", "moving"])
def test_a_write_that_is_ended_leaves_no_folder_that_looks_whole(folder, tmp_path, monkeypatch, writes, old):
    target, count = tmp_path / "exhibits", iter(range(99))
    for name in ("captions.md", "figure-9-a.svg", "notes.txt") if old else ():
        target.mkdir(exist_ok=True)
        (target / name).write_text("old", encoding="utf-8")

    def ended(write):
        def write_or_end(*given):
            if next(count) == writes:
                raise KeyboardInterrupt
            return write(*given)

        return write_or_end

    made = {f"figure-{n}-a.svg": b"new" for n in range(4)} | {"captions.md": b"new"}
    monkeypatch.setattr(report, "run_exhibits", lambda *_, **__: made)
    monkeypatch.setattr(pages, "write_atomic", ended(pages.write_atomic))
    monkeypatch.setattr(Path, "replace", ended(Path.replace))
    with pytest.raises(KeyboardInterrupt):
        g7tag.open_run(folder).write_exhibits(target, force=old)
    left = sorted(path.name for path in target.iterdir()) if target.exists() else []
    if writes == 2:  # nothing of the old exhibits is touched before the new ones are complete
        assert left == (["captions.md", "figure-9-a.svg", "notes.txt"] if old else [])
    else:
        assert left == ["figure-0-a.svg", "figure-1-a.svg", "notes.txt"]


@pytest.mark.slow
def test_exhibits_are_written_by_a_command_and_replaced_only_with_force(folder, tmp_path):
    done = command("exhibit", folder, "-o", tmp_path / "ex", "--quiet")
    names = [path.name for path in (tmp_path / "ex").iterdir()]
    assert sorted(done.stdout.split()) == sorted(str(tmp_path / "ex" / name) for name in names)
    captions = (tmp_path / "ex/captions.md").read_text(encoding="utf-8")
    assert f"Run: manifest.json with sha256 {file_sha256(folder / 'manifest.json')[:12]}." in captions
    assert "doi" not in captions.casefold()
    for name in ("figure-9-old.svg", "notes.txt"):
        (tmp_path / "ex" / name).write_text("mine", encoding="utf-8")
    refused = command("exhibit", folder, "-o", tmp_path / "ex", code=3)
    assert "ex: is not empty. Choose another folder, or replace its files with --force." in str(refused.exception)
    assert command("exhibit", folder, "-o", tmp_path / "ex", "--force").stdout == done.stdout
    assert {path.name for path in (tmp_path / "ex").iterdir()} == {*names, "notes.txt"}
    assert {path.name for path in tmp_path.iterdir()} == {"ex", "run"}  # no temporary folder
