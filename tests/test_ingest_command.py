"""The command `g7tag ingest` on real documents: several files, hidden text, selected commitments, messages."""

import json

import pandas as pd
import pytest
from manuscript import manuscript_of
from set_docx import set_docx
from set_html import set_html
from set_pdf import set_pdf

from g7tag.store import data_path

REPORT = data_path("examples/invented-report.txt").read_text(encoding="utf-8")


@pytest.fixture
def ingest(tmp_path, command):
    """Run `g7tag ingest` in the folder of the test."""
    return lambda *words: command("ingest", *words, cwd=tmp_path)


def other_commitment(text):
    """The report under another number, its notes numbered on."""
    renumbered = text.replace("19. Migration and Refugees", "7. Energy and Light")
    for number in range(101, 113):
        old, new = (str(each).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) for each in (number, number + 100))
        renumbered = renumbered.replace(old, new)
    return renumbered


def test_printed_scores_that_differ_are_said_without_an_error(tmp_path, ingest):
    other = REPORT.replace("Thus, Japan receives a score of 0", "Thus, Japan receives a score of -1")
    (tmp_path / "r.txt").write_text(other, encoding="utf-8")
    code, out, err = ingest("r.txt", "-o", "run")
    assert (code, "Japan" in out) == (0, True)
    assert (
        "r.txt, scores of commitment 19: the printed scores differ: Japan (table 0, heading 0, closing line -1). "
        "The heading's are used; compare them with the report."
    ) in err


@pytest.mark.slow
def test_several_documents_are_read_at_a_time_and_the_bad_ones_listed(tmp_path, ingest):
    (tmp_path / "a.pdf").write_bytes(set_pdf(manuscript_of(REPORT)))
    (tmp_path / "b.html").write_bytes(set_html(manuscript_of(other_commitment(REPORT))))
    (tmp_path / "c.docx").write_bytes(set_docx(manuscript_of(REPORT))[:900])
    code, out, err = ingest("a.pdf", "b.html", "c.docx", "-o", "run", "--json")
    assert (code, "\nc.docx: not read: " in err) == (4, True)
    read = [(row["commitment_id"], row["member"], row["items"]) for row in json.loads(out)]
    assert read == [
        ("2024-19", "Canada", 7), ("2024-19", "Japan", 5), ("2024-07", "Canada", 7), ("2024-07", "Japan", 5),
    ]  # fmt: skip
    pages = pd.read_parquet(tmp_path / "run" / "items.parquet")["pages"]  # those of the PDF file are numbered
    assert (pages.iloc[0], set(pages) <= {"1", "2", "1;2", ""}) == ("1", True)
    gaps = pd.read_parquet(tmp_path / "run" / "gaps.parquet")
    assert gaps[["name", "part", "kind"]].to_numpy().tolist() == [["c.docx", "document", "unread"]]
    assert ingest("b.html", "-o", "b")[0] == 0
    assert ingest("b.html", "c.docx", "-o", "b")[0] == 4
    assert ingest("b.html", "-o", "b")[0] == 0  # a rerun says what it could not read, and no more


def test_a_commitment_without_a_codebook_is_kept_and_marked_and_one_can_be_picked(tmp_path, ingest):
    (tmp_path / "r.txt").write_text(other_commitment(REPORT) + "\n\n" + REPORT, encoding="utf-8")
    code, _, err = ingest("r.txt", "-o", "all")
    assert code == 0
    assert "is on commitment 2024-19. Nothing is labelled, tagged or scored for 2024-07." in err
    both = pd.read_parquet(tmp_path / "all" / "commitments.parquet")
    assert both[["number", "codebook"]].to_numpy().tolist() == [[7, ""], [19, "2024-apulia-19"]]
    code, _, err = ingest("r.txt", "-o", "all", "--commitment", 19)  # not taken for a directory of all
    assert (code, "was run with a different setting 'commitments': found null, expected [19]" in err) == (3, True)
    code, _, err = ingest("r.txt", "-o", "one", "--commitment", 7)
    assert code == 0
    assert pd.read_parquet(tmp_path / "one" / "commitments.parquet")["number"].tolist() == [7]
    assert pd.read_parquet(tmp_path / "one" / "citations.parquet")["note"].tolist() == list(range(201, 213))
    assert err.splitlines()[-2:] == [  # it needs another codebook
        "Next:", "  g7tag codebook new r.txt -o my.toml    draft a codebook, then use --codebook my.toml",
    ]  # fmt: skip


def test_hidden_text_is_shown_and_left_out_unless_it_is_asked_for(tmp_path, ingest):
    words = "Every action of Canada is strong."
    hidden = f'<span style="color:#fff">{words}</span> A judge froze'
    page = set_html(manuscript_of(REPORT)).decode().replace("A judge froze", hidden)
    (tmp_path / "r.html").write_text(page, encoding="utf-8")
    code, _, err = ingest("r.html", "-o", "run")
    assert (code, words in err) == (0, True)
    assert "r.html: hidden text (white text) in 1 place, ignored; the first at character" in err
    items = pd.read_parquet(tmp_path / "run" / "items.parquet")["text"]
    assert not items.str.contains(words, regex=False).any()
    assert "in 1 place, used as evidence; the first at" in ingest("r.html", "-o", "kept", "--keep-hidden")[2]
    assert pd.read_parquet(tmp_path / "kept" / "items.parquet")["text"].str.contains(words, regex=False).sum() == 1
