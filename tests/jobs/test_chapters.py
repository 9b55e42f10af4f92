"""Whole reports: each chapter with a codebook has a run directory of its own, whatever happens to the others."""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from people import command, files
from started import finished, starting
from whole_report import CHAPTERS, TITLE, WITH_CODEBOOK, book_on, write_codebooks, write_report

import g7tag
from g7tag.codebook import codebook_toml, load_codebook
from g7tag.errors import InputError, SourceError
from g7tag.frames import CHAPTERS as SCHEMA
from g7tag.frames import validate
from g7tag.jobs import chapters
from g7tag.sources import Documents

Made = Callable[[str, Callable[[Path], object]], Path]
FEW = 3


@pytest.fixture(scope="session")
def whole(made_once: Made) -> Path:
    """A report of twenty chapters, codebooks of six, and their runs; not to be changed."""

    def make(folder: Path) -> None:
        folder.mkdir()
        report, books = write_report(folder / "whole.txt"), write_codebooks(folder / "books")
        found = g7tag.run_chapters(report, books, output=folder / "project", fast=True)
        (folder / "found.json").write_text(found.to_json(orient="records"), encoding="utf-8")

    return made_once("whole-report", make)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder with a report of three chapters, and a codebook on the second, without a tagger."""
    write_report(tmp_path / "few.txt", FEW)
    write_codebooks(tmp_path / "books", [2], taggers=False)
    return tmp_path


def run_few(folder: Path, **given: Any) -> pd.DataFrame:
    """The result on the report of three chapters, by commitment, or by the name of what is not a chapter."""
    found = g7tag.run_chapters(folder / "few.txt", folder / "books", output=folder / "project", **given)
    names = found["commitment_id"].where(found["commitment_id"] != "", found["codebook"] + found["title"])
    return validate(found, SCHEMA).set_index(names)


def whole_files(folder: Path) -> dict[str, bytes]:
    """The files of a folder, without what a killed write left beside them."""
    return {name: content for name, content in files(folder).items() if "/.g7tag-" not in name}


@pytest.mark.slow
def test_each_chapter_with_a_codebook_is_run_as_if_alone_and_the_others_are_named(whole: Path, tmp_path: Path) -> None:
    found = pd.DataFrame(json.loads((whole / "found.json").read_text(encoding="utf-8")))
    assert found["commitment_id"].tolist() == [f"2024-{number:02d}" for number in range(1, CHAPTERS + 1)]
    read = found["status"] == "read"
    assert found.loc[read, "codebook"].tolist() == [f"windmills-{number:02d}" for number in WITH_CODEBOOK]
    assert set(found.loc[~read, "status"]) == {"no_codebook"}
    assert (set(found["title"]), set(found["reason"])) == ({TITLE}, {""})
    assert (found[["n_items", "n_sentences"]] > 0).all(axis=None)
    assert sorted(path.name for path in (whole / "project").iterdir()) == found.loc[read, "codebook"].tolist()
    book = whole / "books/windmills-11.toml"
    alone = g7tag.run_report(
        whole / "whole.txt", output=tmp_path / "alone", codebook=book, model=book.with_suffix(".npz"), fast=True,
        commitments=[11],
    )  # fmt: skip
    assert files(tmp_path / "alone") == files(whole / "project/windmills-11")
    assert len(alone.items) == found["n_items"][10]


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.nightly)])
def test_a_command_killed_at_any_moment_ends_with_the_same_bytes(whole: Path, tmp_path: Path, kills: int) -> None:
    words = ["run", whole / "whole.txt", "--codebooks", whole / "books", "-o", tmp_path / "project", "--tagger", "fast"]
    dice, n_files = random.Random(38), len(files(whole / "project"))
    for kill in range(kills):  # at a random moment after a part of the files is written
        least = n_files * kill // kills
        with starting(*words) as job:
            while job.poll() is None and len(list(tmp_path.rglob("*.*"))) < least:
                time.sleep(0.002)
            time.sleep(dice.random() * 0.3)
            assert job.poll() is None, job.communicate(1)
    done = finished(*words)
    assert done.returncode == 0, done.stderr
    assert whole_files(tmp_path / "project") == files(whole / "project")


def test_a_report_is_read_once(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_codebooks(few / "books", [1, 3], taggers=False)
    read: list[Path] = []
    original = chapters.read_documents

    def reading(paths: Iterable[Path], **given: Any) -> Documents:
        read.extend(own := list(paths))
        return original(own, **given)

    monkeypatch.setattr(chapters, "read_documents", reading)
    assert run_few(few)["status"].tolist() == ["no_tagger"] * FEW
    assert read == [few / "few.txt"]


@pytest.mark.slow
def test_without_a_tagger_the_sentences_are_read_and_the_reason_trains_one(few: Path) -> None:
    row = run_few(few).loc["2024-02"]
    assert (row["status"], row["directory"]) == ("no_tagger", str(few / "project/windmills-02"))
    assert f"g7tag train -o {few}/books/windmills-02.npz --codebook {few}/books/windmills-02.toml" in row["reason"]
    assert len(pd.read_parquet(few / "project/windmills-02/sentences.parquet")) == row["n_sentences"] > 0
    write_codebooks(few / "books", [2])
    assert run_few(few, fast=True).loc["2024-02", "status"] == "read"
    assert (few / "project/windmills-02/report.html").is_file()


def test_what_cannot_be_used_is_a_row_with_its_reason_and_the_others_are_run(few: Path) -> None:
    books = few / "books"
    (books / "broken.toml").write_text("id = 3", encoding="utf-8")
    (books / "later.toml").write_bytes(codebook_toml(book_on(40)))
    (books / ".hidden.toml").write_text("?", encoding="utf-8")
    alone = book_on(3, members=book_on(3).members[1:])  # without a member that the chapter has
    (books / "three.toml").write_bytes(codebook_toml(alone))
    (books / "one.toml").write_bytes(codebook_toml(book_on(1, questions=["How many items?", "Which rules?"])))
    found = run_few(few)
    assert found["status"].to_dict() == {
        "2024-01": "draft", "2024-02": "no_tagger", "2024-03": "failed", "2024-40": "no_chapter",
        "broken.toml": "failed",
    }  # fmt: skip
    reasons = found["reason"]
    assert f"Answer and delete the questions in {books}/one.toml" in reasons["2024-01"]
    assert "sections headed 'Canada'. Expected members of codebook 'windmills-03'" in reasons["2024-03"]
    assert "no report has a chapter on it; found 2024-01, 2024-02, 2024-03." in reasons["2024-40"]
    assert "broken.toml: not a valid codebook id: Input should be a valid string" in reasons["broken.toml"]
    assert sorted(path.name for path in (few / "project").iterdir()) == ["windmills-02"]
    assert command("run", few / "few.txt", "--codebooks", books, "-o", few / "project", code=4).exit_code == 4


def test_a_chapter_without_a_section_does_not_stop_the_others(few: Path) -> None:
    write_codebooks(few / "books", [1, 3], taggers=False)
    before, heading, rest = (few / "few.txt").read_text(encoding="utf-8").rpartition(f"2. {TITLE}\n")
    sections, _, after = rest.partition(f"3. {TITLE}\n")
    front = sections[: sections.index("Canada: +1\n\nCanada has")]
    (few / "few.txt").write_text(f"{before}{heading}{front}3. {TITLE}\n{after}", encoding="utf-8")
    found = run_few(few)
    assert found["status"].to_dict() == {
        "2024-01": "no_tagger", "2024-03": "no_tagger", "2024-02": "no_chapter", "few.txt": "failed"
    }  # fmt: skip
    assert found.loc["few.txt", "reason"] == "commitment 2 has a heading but no member's section."
    assert found["n_items"].isna().tolist() == [False, False, True, True]


def test_some_chapters_are_chosen_by_number(few: Path) -> None:
    write_codebooks(few / "books", [1, 3], taggers=False)
    assert run_few(few, commitments=[3])["status"].to_dict() == {"2024-03": "no_tagger"}
    with pytest.raises(SourceError, match=r"^few\.txt: no commitment 7, found 1, 2, 3\. Give one of these numbers\."):
        run_few(few, commitments=[7])


def test_drafts_are_those_of_codebook_new_no_file_is_replaced_and_the_same_call_gives_the_same(few: Path) -> None:
    before = run_few(few)
    (few / "books/2024-apulia-03.toml").write_text("mine", encoding="utf-8")
    first = run_few(few, draft=True)
    assert first["status"].to_dict() == {
        "2024-01": "draft", "2024-02": "no_tagger", "2024-03": "no_codebook", "2024-apulia-03.toml": "failed"
    }  # fmt: skip
    assert "2024-apulia-03.toml: exists, and is not replaced" in first.loc["2024-03", "reason"]
    assert (few / "books/2024-apulia-03.toml").read_text(encoding="utf-8") == "mine"
    drafted = (few / "books/2024-apulia-01.toml").read_text(encoding="utf-8")
    assert drafted == g7tag.draft_codebook(few / "few.txt", commitment=1).text
    now = files(few)
    pd.testing.assert_frame_equal(run_few(few, draft=True), first)
    assert files(few) == now
    assert before["n_items"].tolist() == first["n_items"].tolist()[:FEW]


def test_drafts_of_a_new_folder_and_of_a_report_without_a_year(few: Path) -> None:
    shutil.rmtree(few / "books")
    assert set(run_few(few, draft=True)["status"]) == {"draft"}
    assert len(list((few / "books").iterdir())) == FEW
    text = (few / "few.txt").read_text(encoding="utf-8").replace("2024 G7 Apulia", "G7")
    (few / "few.txt").write_text(text, encoding="utf-8")
    shutil.rmtree(few / "books")
    assert run_few(few, draft=True)["reason"].str.contains("Give it, such as --year 2024").all()
    found = run_few(few, draft=True, year=2024)  # the chapters have one title, and the place of the summit is unknown
    assert found["status"].tolist() == ["draft", "no_codebook", "no_codebook"]
    assert [path.name for path in (few / "books").iterdir()] == ["2024-windmills.toml"]


def test_a_second_report_that_cannot_be_read_or_repeats_a_chapter_is_named(few: Path) -> None:
    shutil.copy(few / "few.txt", few / "again.txt")
    reports = [few / "few.txt", few / "again.txt", few / "none.pdf"]
    found = g7tag.run_chapters(reports, few / "books", output=few / "project")
    assert found["status"].tolist() == ["no_codebook", "no_tagger", "no_codebook", "failed", "failed"]
    again = found.loc[found["title"] == "again.txt", "reason"].iloc[0]
    assert again.count("was already read from another report or chapter. Give each commitment once.") == FEW
    assert "cannot be read (No such file" in found.loc[found["title"] == "none.pdf", "reason"].iloc[0]
    with pytest.raises(SourceError, match="cannot be read"):
        g7tag.run_chapters(few / "none.pdf", few / "books", output=few / "project")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "two on a commitment": (
        lambda folder: (folder / "books/b.toml").write_bytes(codebook_toml(book_on(2, id="other"))),
        r"books/b\.toml and .*windmills-02\.toml: both have the commitment 2024-02",
    ),
    "two with an id": (
        lambda folder: (folder / "books/b.toml").write_bytes(codebook_toml(book_on(3, id="windmills-02"))),
        r"books/b\.toml and .*windmills-02\.toml: both have the id windmills-02",
    ),
    "no_codebook": (lambda folder: (folder / "books/windmills-02.toml").unlink(), r"books: no codebook \(\.toml\)"),
    "no folder": (lambda folder: shutil.rmtree(folder / "books"), r"books: no codebook .* with --draft"),
    "a run": (
        lambda folder: ((folder / "project").mkdir(), (folder / "project/manifest.json").touch()),
        "project: is a run directory. Expected a folder for several",
    ),
    "a file": (lambda folder: (folder / "project").touch(), r"project: is a file\. Expected a folder"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_ambiguous_is_refused_and_nothing_is_written(few: Path, case: str) -> None:
    spoil, match = REFUSED[case]
    spoil(few)
    before = files(few)
    with pytest.raises(InputError, match=match):
        run_few(few)
    assert files(few) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--codebooks", "books"], "Give a project folder"), (["--draft"], "needs --codebooks"),
        (["--codebooks", "books", "-o", "p", "--codebook", "x.toml"], "are for one chapter"),
        (["--codebooks", "books", "-o", "p", "--model", "x.npz"], "are for one chapter"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused_with_the_reason(words: list[str], message: str) -> None:
    assert message in " ".join(command("run", "r.txt", *words, code=2).output.replace("│", " ").split())


def test_no_report_is_refused(few: Path) -> None:
    with pytest.raises(InputError, match="no report is given"):
        g7tag.run_chapters([], few / "books", output=few / "project")
    assert "Give the report" in command("run", "--codebooks", few / "books", "-o", few / "project", code=2).output


def test_the_command_prints_chapters_and_what_comes_next(few: Path) -> None:
    words = ["run", few / "few.txt", "--codebooks", few / "books", "-o", few / "project"]
    result = command(*words, code=4)
    assert [name for name in ("2024-01", "No codebook", "No tagger", "g7tag status") if name not in result.output] == []
    rows = json.loads(command(*words, "--json", code=4).stdout)
    assert [row["status"] for row in rows] == ["no_codebook", "no_tagger", "no_codebook"]
    assert load_codebook(few / "project/windmills-02/codebook.toml") == book_on(2)
