"""The Word document has one page per member, with the texts of the frames, and no text in it can do anything."""

import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest
from docx import Document
from docx.document import Document as Docx
from exports import HOSTILE, INERT, with_another_commitment

import g7tag
from g7tag.codebook import Codebook
from g7tag.jobs import Run
from g7tag.report import brief as module
from g7tag.report import member_reasons, run_brief


@pytest.fixture(scope="module")
def run(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = Path(shutil.copytree(invented_run, tmp_path_factory.mktemp("decided") / "run"))
    decided = g7tag.open_run(path)
    decided.audit()
    decided.decide("score:Canada", owner="Ada", note="looked at CAN-06", decision=1)
    return decided


def content(run: Run, **frames: pd.DataFrame) -> bytes:
    changed = run.frames | frames
    reasons = member_reasons(changed, run.codebook)
    return run_brief(changed, run.final_scores(), run.codebook, reasons=reasons)


def opened(made: bytes) -> Docx:
    return Document(BytesIO(made))


def texts(document: Docx) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def tables(document: Docx) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def links(made: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(made)) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    return re.findall(r'Target="([^"]*)" TargetMode="External"', relations)


def test_each_member_starts_a_page_with_real_styles_on_a4(run: Run) -> None:
    document = opened(content(run))
    members = [each for each in document.paragraphs if each.style.name == "Heading 1"]
    assert [each.text for each in members] == ["Canada (CAN)", "Japan (JPN)"]
    assert [bool(each.paragraph_format.page_break_before) for each in members] == [False, True]
    styles = {each.style.name for each in document.paragraphs}
    assert styles >= {"Title", "Heading 1", "Heading 2", "List Bullet", "List Bullet 2", "Normal"}
    assert {table.style.name for table in document.tables} == {"Table Grid"}
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 'w:instr="PAGE"' in section.footer._element.xml


def test_the_table_has_the_scores_and_who_decided(run: Run) -> None:
    heads = ["Published", "Suggested (table)", "Suggested (guidelines)", "Final", "Decided", "Why"]
    assert tables(opened(content(run))) == [
        [heads, ["+1", "0", "0", "+1", "Decided, Ada", "looked at CAN-06"]],
        [heads, ["0", "0", "0", "not decided", "Agrees, not decided", "strong action in one to three dimensions"]],
    ]


def test_levels_have_the_numbers_of_the_matrix_and_sourced_items(run: Run) -> None:
    made = content(run)
    shown = texts(opened(made))
    for dimension in run.codebook.dimensions:
        cell = run.evidence_matrix.set_index(["member", "dimension"]).loc[("Canada", dimension.key)]
        start = f"{dimension.label}: {cell['level']} ({cell['n_strong']} strong item"
        assert [line for line in shown if line.startswith(start)], start
    first = next(line for line in shown if line.startswith("CAN-03, 21 October 2024 (strong): "))
    assert run.sentences.set_index("sentence_id").loc["2024-19/CAN-03.1", "text"] in first
    assert first.endswith("[Prairie Post, note 103]")
    assert "https://prairie-post.example/103" in links(made)


def test_an_item_is_written_once_and_named_where_it_appears_again(run: Run) -> None:
    shown = [line for line in texts(opened(content(run))) if line.startswith("CAN-02, 3 September 2024")]
    assert [bool(re.search(": see [A-Z]", line)) for line in shown] == [False, True, True]  # in three dimensions


def test_reasons_and_findings_are_those_of_the_audit(run: Run) -> None:
    shown = texts(opened(content(run)))
    lines = member_reasons(run.frames, run.codebook)["Canada: suggested 0, published +1"]
    assert next(line for line in lines if line.startswith("Missing for +1")) in shown
    assert next(line for line in lines if line.startswith("Smallest flip")) in shown
    assert "Strong action in one to three dimensions, so 0." in shown
    assert "High: Scores differ (CAN): published +1, suggested 0." in shown
    low = run.findings[run.findings["severity"] == "low"]["message"]
    assert not [line for line in shown for message in low if message in line]
    assert [line for line in shown if line.startswith("Labels under the policy people-then-classifier: ")]


def test_what_does_not_fit_on_the_page_is_counted(run: Run, codebook: Codebook) -> None:
    one = run.findings[run.findings["member"] == "Canada"].head(1)
    many = pd.concat([one.assign(finding_id=f"f{n}", message=f"number {n}. " * 60) for n in range(40)])
    shown = texts(opened(content(run, findings=many)))
    listed = [line for line in shown if line.startswith("High: ")]
    rest = next(line for line in shown if line.startswith("And "))
    assert 0 < len(listed) < 12
    assert rest == f"And {40 - len(listed)} more findings in report.html ({40 - len(listed)} high)."
    assert all(line.endswith(" …") for line in listed)
    pages = module._page(run.frames | {"findings": many}, run.final_scores(), codebook, member="Canada", lines=[])
    assert sum(map(module._height, pages)) <= module._LINES


def test_hostile_text_is_inert_and_only_web_addresses_are_links(run: Run) -> None:
    urls = ["javascript:alert(1)", "https://a.example:99999/", "https://a.example/é {x}", "file:///etc/passwd", "x" * 9]
    citations = run.citations.assign(url=(urls * len(run.citations))[: len(run.citations)], publisher=HOSTILE)
    made = content(run, citations=citations, sentences=run.sentences.assign(text=HOSTILE))
    assert links(made) == []  # a port above 65535 and a space are not web addresses either
    assert [line for line in texts(opened(made)) if INERT in line]
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert b"<w:br/>" not in archive.read("word/document.xml")


def test_letters_and_brackets_in_an_address_are_encoded(run: Run) -> None:
    made = content(run, citations=run.citations.assign(url="https://a.example/é{x}%20?a=1&b=2"))
    assert set(links(made)) == {"https://a.example/%C3%A9%7Bx%7D%20?a=1&amp;b=2"}


def test_a_run_without_decisions_notes_or_a_published_score(invented_run: Path) -> None:
    run = g7tag.open_run(invented_run)
    none = pd.array([pd.NA] * len(run.scores), "Int64")
    scores = run.scores.assign(published_score=none, suggested_score=none)
    frames = run.frames | {
        "scores": scores, "citations": run.citations.head(0), "items": run.items.assign(citations=""),
        "findings": run.findings.head(0),
    }  # fmt: skip
    final = run.final_scores().assign(final_score=none[:2], basis="open", why="not decided")
    document = opened(run_brief(frames, final, run.codebook, reasons={}))
    assert tables(document)[0][1] == ["none", "none", "none", "not decided", "Open", "not decided"]
    assert "None." in texts(document)
    assert not [line for line in texts(document) if "note " in line and line.startswith("CAN-")]


def test_items_and_findings_of_another_commitment_are_left_out(run: Run) -> None:
    frames = with_another_commitment(run.frames)
    reasons = member_reasons(run.frames, run.codebook)
    made = [run_brief(each, run.final_scores(), run.codebook, reasons=reasons) for each in (frames, run.frames)]
    assert texts(opened(made[0])) == texts(opened(made[1]))


def test_the_subject_of_another_commitment_keeps_its_id(run: Run) -> None:
    finding = run.findings.head(1).assign(
        severity="high",
        member="",
        subject="2024-20/CAN-01",
        message="both.",
        proof="2024-20/CAN-01;2024-19/CAN-01",
    )
    shown = texts(opened(content(run, findings=finding)))
    assert [line for line in shown if line.endswith(" (2024-20/CAN-01): both.")]


def test_a_title_longer_than_a_word_property_is_cut(run: Run) -> None:
    title = "Preventing " * 40
    book = run.codebook.model_copy(update={"commitment": run.codebook.commitment.model_copy(update={"title": title})})
    document = opened(run_brief(run.frames, run.final_scores(), book, reasons={}))
    assert document.core_properties.title.endswith("Preventing …")
    assert len(document.core_properties.title) <= 255


def test_a_run_without_members_is_a_title(run: Run) -> None:
    made = content(run, scores=run.scores.head(0))
    assert texts(opened(made)) == ["Commitment 2024-19: no member has a score"]


def test_the_same_run_gives_the_same_bytes(run: Run) -> None:
    assert content(run) == content(run)
    with zipfile.ZipFile(BytesIO(content(run))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
def test_another_codebook_with_three_dimensions_works(tmp_path: Path) -> None:
    book = g7tag.open_codebook(g7tag.example_path("harbours.toml"))
    corpus = g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book)
    run = g7tag.run_report(
        g7tag.example_path("harbours-report.txt"), codebook=book, model=g7tag.train_tagger(corpus, book),
        output=tmp_path / "run",
    )  # fmt: skip
    shown = texts(opened(content(run)))
    for dimension in book.dimensions:
        assert len([line for line in shown if line.startswith(f"{dimension.label}: ")]) == len(
            set(run.scores["member"])
        )
    assert [line for line in shown if line in {f"{member.name} ({member.code})" for member in book.members}]


@pytest.fixture(scope="module")
def chapter_opened(chapter_run: Path) -> Run:
    return g7tag.open_run(chapter_run)


@pytest.mark.slow
@pytest.mark.chapter
def test_each_member_of_the_real_chapter_fits_on_a_page(chapter_opened: Run, tmp_path: Path) -> None:
    made = content(chapter_opened)
    shown = texts(opened(made))
    assert [line for line in shown if line.startswith("And ") and " more finding" in line]  # so there is more than fits
    program = shutil.which("soffice")
    (tmp_path / "brief.docx").write_bytes(made)
    if program is not None:
        subprocess.run(
            [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
             "brief.docx"],
            cwd=tmp_path, check=False, capture_output=True, timeout=240,
        )  # fmt: skip
    if not (tmp_path / "brief.pdf").exists():
        pytest.skip("LIBREOFFICE WRITER IS MISSING: install it to count the pages of the document")
    with pypdfium2.PdfDocument(tmp_path / "brief.pdf") as document:
        assert len(document) == len(set(chapter_opened.scores["member"]))
