"""The Word document has one page per member, with the texts of the frames, and no text in it can do anything."""

import re
import shutil
import subprocess
import zipfile
from io import BytesIO

import pandas as pd
import pypdfium2
import pytest
from docx import Document
from exports import HOSTILE, INERT, with_another_commitment

import g7tag
from g7tag.jobs.pages import sentences_behind
from g7tag.report import run_brief
from g7tag.report.reasons import member_changes

pytestmark = pytest.mark.slow


def content(run, codebook=None, **changed):
    frames, final = run.frames | changed, changed.get("final", run.final_scores())
    return run_brief(frames, final, codebook or run.codebook, behind=sentences_behind(frames, run.codebook))


@pytest.fixture(scope="module")
def made(reviewed):
    return content(reviewed)


@pytest.fixture(scope="module")
def shown(made):
    return texts(made)


def texts(made):
    return [paragraph.text for paragraph in Document(BytesIO(made)).paragraphs]


def tables(made):
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in Document(BytesIO(made)).tables]


def links(made):
    with zipfile.ZipFile(BytesIO(made)) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    return re.findall(r'Target="([^"]*)" TargetMode="External"', relations)


def test_each_member_starts_a_page_with_the_styles_of_the_template(made):
    document = Document(BytesIO(made))
    members = [each for each in document.paragraphs if each.style.name == "Heading 1"]
    assert [each.text for each in members] == ["Canada (CAN)", "Japan (JPN)"]
    assert [bool(each.paragraph_format.page_break_before) for each in members] == [False, True]
    styles = {each.style.name for each in document.paragraphs}
    assert styles == {"Title", "Heading 1", "Heading 2", "List Bullet", "List Bullet 2", "Normal"}
    assert (round(document.sections[0].page_width.mm), round(document.sections[0].page_height.mm)) == (210, 297)
    assert 'w:instr="PAGE"' in document.sections[0].footer._element.xml


def test_the_table_has_the_scores_and_who_decided(made):
    heads = ["Published", "Suggested (table)", "Suggested (guidelines)", "Final", "Decided", "Why"]
    assert tables(made) == [
        [heads, ["+1", "0", "0", "+1", "Decided, Di", "read all of it"]],
        [heads, ["0", "0", "0", "not decided", "Agrees, not decided", "strong action in one to three dimensions"]],
    ]


def test_levels_have_the_numbers_of_the_matrix_and_sourced_items(reviewed, made, shown):
    for dimension in reviewed.codebook.dimensions:
        cell = reviewed.evidence_matrix.set_index(["member", "dimension"]).loc[("Canada", dimension.key)]
        start = f"{dimension.label}: {cell['level']} ({cell['n_strong']} strong item"
        assert [line for line in shown if line.startswith(start)], start
    first = next(line for line in shown if line.startswith("CAN-03, 21 October 2024 (strong): "))
    strong = reviewed.labels.loc[reviewed.labels["strength"] == "strong", "sentence_id"]
    sentences = reviewed.sentences[reviewed.sentences["item_id"] == "2024-19/CAN-03"].set_index("sentence_id")["text"]
    assert [text for text in sentences[sentences.index.isin(strong)] if text in first]
    assert first.endswith("[Prairie Post, note 103]")
    assert "https://prairie-post.example/103" in links(made)


def test_rules_changes_findings_and_labels_are_those_of_the_run(reviewed, shown):
    scores = reviewed.scores[reviewed.scores["member"] == "Canada"].iloc[0]
    assert [line for line in shown if line.startswith(f"Suggested (table): {scores['rule']}, so 0. ")]
    assert set(member_changes(reviewed.frames, reviewed.codebook)["Canada"]) <= set(shown)
    assert "High: Scores differ (CAN): published +1, suggested 0." in shown
    low = reviewed.findings[reviewed.findings["severity"] == "low"]["message"]
    assert not [line for line in shown for message in low if message in line]
    assert [line for line in shown if line.startswith("Labels under the policy people-then-classifier: ")]


def test_what_is_not_listed_is_counted(reviewed):
    one = reviewed.findings[reviewed.findings["member"] == "Canada"].head(1)
    many = pd.concat([one.assign(finding_id=f"f{n}", message=f"number {n}. " * 60) for n in range(40)])
    other = one.assign(severity="high", subject="2024-20/CAN-01", message="both.", proof="2024-20/CAN-01")
    shown = texts(content(reviewed, findings=pd.concat([other, many])))
    listed = [line for line in shown if line.startswith("High: ")]
    assert [line for line in shown if line.startswith("And ")] == ["And in report.html: 37 findings (37 high)."]
    assert listed[0].endswith(" (2024-20/CAN-01): both.")  # a subject of another commitment keeps its id
    assert [line.endswith(" …") for line in listed] == [False, True, True, True]


def test_hostile_text_is_inert_and_only_web_addresses_are_links(reviewed):
    # a port above 65535 and a space are not web addresses; letters and brackets of others are encoded
    urls = ["javascript:alert(1)", "https://a.example:99999/", "https://a.example/é{x}%20?a=1&b=2"]
    urls += ["https://a.example/é {x}", "file:///etc/passwd"]
    n = len(reviewed.citations)
    citations = reviewed.citations.assign(url=(urls * n)[:n], publisher=HOSTILE)
    made = content(reviewed, citations=citations, sentences=reviewed.sentences.assign(text=HOSTILE))
    assert set(links(made)) == {"https://a.example/%C3%A9%7Bx%7D%20?a=1&amp;b=2"}
    assert [line for line in texts(made) if INERT in line]
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert b"<w:br/>" not in archive.read("word/document.xml")


@pytest.mark.slow
def test_a_run_without_decisions_notes_or_scores(run):
    none = pd.array([pd.NA] * len(run.scores), "Int64")
    commitment = run.codebook.commitment.model_copy(update={"title": "Preventing " * 40})
    made = content(
        run, run.codebook.model_copy(update={"commitment": commitment}),
        scores=run.scores.assign(published_score=none, suggested_score=none), citations=run.citations.head(0),
        items=run.items.assign(citations=""), findings=run.findings.head(0),
        final=run.final_scores().assign(final_score=none[:2], basis="open", why="not decided"),
    )  # fmt: skip
    assert tables(made)[0][1] == ["none", "none", "none", "not decided", "Open", "not decided"]
    assert "None." in texts(made)
    assert not [line for line in texts(made) if "note " in line and line.startswith("CAN-")]
    title = Document(BytesIO(made)).core_properties.title
    assert title.endswith("Preventing …")
    assert len(title) <= 255
    assert texts(content(run, scores=run.scores.head(0))) == ["Commitment 2024-19: no member has a score"]


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes_and_another_commitment_adds_nothing(reviewed, made):
    assert content(reviewed, **with_another_commitment(reviewed.frames)) == made
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
@pytest.mark.chapter
def test_each_member_of_the_real_chapter_fits_on_a_page(chapter_run, tmp_path):
    run = g7tag.open_run(chapter_run)
    (tmp_path / "brief.docx").write_bytes(content(run))
    program = shutil.which("soffice")
    if program is not None:
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        words = [program, profile, "--headless", "--convert-to", "pdf", "brief.docx"]
        subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, timeout=240)
    if not (tmp_path / "brief.pdf").exists():
        pytest.skip("LIBREOFFICE WRITER IS MISSING: install it to count the pages of the document")
    with pypdfium2.PdfDocument(tmp_path / "brief.pdf") as document:
        assert len(document) == len(set(run.scores["member"]))
