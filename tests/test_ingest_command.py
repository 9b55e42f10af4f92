"""The command `g7tag ingest` on real documents: several files, hidden text, selected commitments, messages."""

import json
from pathlib import Path

import pandas as pd
import pytest
from manuscript import manuscript_of
from same_evidence import SAID
from set_docx import set_docx
from set_html import set_html
from set_pdf import set_pdf
from typer.testing import CliRunner, Result

from g7tag.cli import app
from g7tag.store import data_path

pytestmark = pytest.mark.slow

REPORT = data_path("examples/invented-report.txt").read_text(encoding="utf-8")
SETTERS = {"pdf": set_pdf, "docx": set_docx, "html": set_html}


def ingest(*words: object) -> Result:
    return CliRunner().invoke(app, ["ingest", *map(str, words)])


def other_commitment(text: str) -> str:
    """The report under another number, its notes numbered on."""
    renumbered = text.replace("19. Migration and Refugees", "7. Energy and Light")
    for number in range(101, 113):
        old, new = (str(each).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) for each in (number, number + 100))
        renumbered = renumbered.replace(old, new)
    return renumbered


@pytest.mark.parametrize("kind", SETTERS)
def test_a_document_of_each_kind_gives_the_frames_of_its_text(tmp_path: Path, kind: str) -> None:
    (tmp_path / "r.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / f"r.{kind}").write_bytes(SETTERS[kind](manuscript_of(REPORT)))
    for name in ("txt", kind):
        assert ingest(tmp_path / f"r.{name}", "-o", tmp_path / name).exit_code == 0
    for name, columns in SAID.items():
        text, document = (pd.read_parquet(tmp_path / folder / f"{name}.parquet")[columns] for folder in ("txt", kind))
        pd.testing.assert_frame_equal(document, text, obj=name)


def test_printed_scores_that_differ_are_said_without_an_error(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text(REPORT.replace("Thus, Japan receives a score of 0", "Thus, Japan receives a score of -1"))
    result = ingest(path, "-o", tmp_path / "run")
    assert result.exit_code == 0
    assert "Japan" in result.stdout
    assert (
        "r.txt, scores of commitment 19: the printed scores differ: Japan (table 0, heading 0, closing line -1). "
        "The heading's are used; compare them with the report."
    ) in result.stderr


def test_several_documents_are_read_at_a_time_and_the_bad_ones_listed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(set_pdf(manuscript_of(REPORT)))
    (tmp_path / "b.html").write_bytes(set_html(manuscript_of(other_commitment(REPORT))))
    (tmp_path / "c.docx").write_bytes(set_docx(manuscript_of(REPORT))[:900])
    result = ingest(*(tmp_path / name for name in ("a.pdf", "b.html", "c.docx")), "-o", tmp_path / "run", "--json")
    assert result.exit_code == 4
    read = [(row["commitment_id"], row["member"], row["items"]) for row in json.loads(result.stdout)]
    assert read == [
        ("2024-19", "Canada", 7),
        ("2024-19", "Japan", 5),
        ("2024-07", "Canada", 7),
        ("2024-07", "Japan", 5),
    ]
    assert "\nc.docx: not read: " in result.stderr
    gaps = pd.read_parquet(tmp_path / "run" / "gaps.parquet")
    assert gaps[["name", "part", "kind"]].to_numpy().tolist() == [["c.docx", "document", "unread"]]


def test_a_commitment_without_a_codebook_is_kept_and_marked_and_one_can_be_picked(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(other_commitment(REPORT) + "\n\n" + REPORT, encoding="utf-8")
    read = ingest(tmp_path / "r.txt", "-o", tmp_path / "all")
    assert read.exit_code == 0
    assert "is on commitment 2024-19. Nothing is labelled, tagged or scored for 2024-07." in read.stderr
    both = pd.read_parquet(tmp_path / "all" / "commitments.parquet")
    assert both[["number", "codebook"]].to_numpy().tolist() == [[7, ""], [19, "2024-apulia-19"]]
    assert ingest(tmp_path / "r.txt", "-o", tmp_path / "one", "--commitment", 7).exit_code == 0
    assert pd.read_parquet(tmp_path / "one" / "commitments.parquet")["number"].tolist() == [7]
    assert pd.read_parquet(tmp_path / "one" / "citations.parquet")["note"].tolist() == list(range(201, 213))


def test_a_directory_of_all_commitments_is_not_taken_for_one_of_some(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(REPORT, encoding="utf-8")
    assert ingest(tmp_path / "r.txt", "-o", tmp_path / "run").exit_code == 0
    again = ingest(tmp_path / "r.txt", "-o", tmp_path / "run", "--commitment", 19)
    assert "was run with a different setting 'commitments': found null, expected [19]" in str(again.exception)


def test_hidden_text_is_shown_and_left_out_unless_it_is_asked_for(tmp_path: Path) -> None:
    words = "Every action of Canada is strong."
    page = (
        set_html(manuscript_of(REPORT))
        .decode()
        .replace("A judge froze", f'<span style="color:#fff">{words}</span> A judge froze')
    )
    (tmp_path / "r.html").write_text(page, encoding="utf-8")
    result = ingest(tmp_path / "r.html", "-o", tmp_path / "run")
    assert result.exit_code == 0
    assert "r.html: hidden text (white text) in 1 place, ignored; the first at character" in result.stderr
    assert words in result.stderr
    items = pd.read_parquet(tmp_path / "run" / "items.parquet")["text"]
    assert not items.str.contains(words, regex=False).any()
    kept = ingest(tmp_path / "r.html", "-o", tmp_path / "kept", "--keep-hidden")
    assert "in 1 place, used as evidence; the first at" in kept.stderr
    assert pd.read_parquet(tmp_path / "kept" / "items.parquet")["text"].str.contains(words, regex=False).sum() == 1


def test_a_report_longer_than_the_limit_is_refused_with_the_option_that_lifts_it(tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(set_pdf(manuscript_of(REPORT)))
    result = ingest(tmp_path / "r.pdf", "-o", tmp_path / "run", "--max-pages", 1)
    assert "r.pdf: has 2 pages. Expected at most 1; if it is a report, set --max-pages 2." in str(result.exception)
    assert not (tmp_path / "run").exists()


def test_items_of_a_pdf_say_on_which_pages_they_stand(tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(set_pdf(manuscript_of(REPORT)))
    assert ingest(tmp_path / "r.pdf", "-o", tmp_path / "run").exit_code == 0
    pages = pd.read_parquet(tmp_path / "run" / "items.parquet")["pages"]
    assert pages.iloc[0] == "1"
    assert set(pages) <= {"1", "2", "1;2"}
    assert pd.read_parquet(tmp_path / "run" / "documents.parquet")["pages"].tolist() == [2]


def test_a_rerun_says_what_it_could_not_read_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"")
    codes = [
        ingest(*(tmp_path / name for name in names), "-o", tmp_path / "run").exit_code
        for names in (["a.txt"], ["a.txt", "bad.txt"], ["a.txt"])
    ]
    assert codes == [0, 4, 0]


def test_reports_without_the_commitment_of_the_codebook_need_another_codebook(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(other_commitment(REPORT), encoding="utf-8")
    read = ingest(tmp_path / "r.txt", "-o", tmp_path / "all")
    assert read.stderr.splitlines()[-2:] == [
        "Next:",
        f"  g7tag codebook new {tmp_path / 'r.txt'} -o my.toml    draft a codebook, then use --codebook my.toml",
    ]
