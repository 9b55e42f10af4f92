"""Reports in layouts that are easy to misread: lists, soft line ends, layout tables, notes in odd places."""

import pytest
from word_package import cell, p, r, table, word

from g7tag.codebook import Codebook
from g7tag.evidence import Evidence, extract_evidence
from g7tag.sources import read_documents

FRONT = (
    "<html><body><h2>19. Migration and Refugees</h2><p>“We commit.”</p><h3>Assessment</h3><table><tr><td>Canada</td>"
    "<td>0</td></tr></table><h3>Canada: 0</h3><p>Canada has partially complied with its commitment to x.</p>"
)
END = "<p>Thus, Canada receives a score of 0.</p><p>Analyst: Nobody Real</p>"
NOTE = "<p><sup>7</sup> A law, Gazette (Rome) n.d. https://a.it</p>"
BREAK = "<w:br/>"


def sup(number: int) -> str:
    return r(str(number), '<w:vertAlign w:val="superscript"/>')


WORD_TABLE = p(r("19. Migration and Refugees")) + p(r("“We commit.”")) + p(r("Assessment")) + table(
    cell("Canada") + cell("0")
)  # fmt: skip
WORD_FRONT = WORD_TABLE + p(r("Canada: 0")) + p(r("Canada has partially complied with its commitment to x."))
WORD_END = p(r("Thus, Canada receives a score of 0.")) + p(r("Analyst: Nobody Real"))
WORD_NOTE = p(sup(7), r(" A law, Gazette (Rome) n.d. https://a.it"))


@pytest.fixture
def read(tmp_path, codebook: Codebook):
    def read(content: str | bytes) -> Evidence:
        path = tmp_path / "report"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = read_documents([path])
        return extract_evidence(found.documents, codebook, gaps=found.gaps)

    return read


def cited(evidence: Evidence) -> list[tuple[str, str]]:
    return list(evidence.items[["text", "citations"]].itertuples(index=False, name=None))


def test_a_list_within_an_item_is_its_text(read):
    listed = "<ul><li>prevent smuggling;</li><li>counter gangs.<sup>7</sup></li></ul>"
    item = f"<p>On 5 July 2024, Canada pledged to:</p>{listed}"
    text = "On 5 July 2024, Canada pledged to: prevent smuggling; counter gangs."
    assert cited(read(FRONT + item + END + NOTE)) == [(text, "7")]


@pytest.mark.parametrize(
    "lines",
    [
        ["On 5 July 2024, Canada pledged to:", "• prevent smuggling;", "• counter gangs."],
        ["On 5 July 2024, Canada raised the number of visas to", "15. The minister welcomed it."],
        ["On 5 July 2024, the minister told the assembly that", "Canada has fully complied with the protocol."],
        ["On 5 July 2024, after two years of talks,", "Canada joined Phase 1", "of Europe’s border project."],
    ],
    ids=["bullets", "number", "conclusion", "score"],
)
def test_a_soft_line_end_cuts_no_sentence(read, lines):
    runs = [run for place, line in enumerate(lines) for run in ([r(BREAK)] if place else []) + [r(line)]]
    evidence = read(word(WORD_FRONT + p(*runs, sup(7)) + WORD_END + WORD_NOTE))
    assert cited(evidence) == [(" ".join(lines), "7")]


def test_a_closing_sentence_of_two_lines_is_whole(read):
    closing = p(r("Thus, since it took weak action"), r(BREAK), r("Canada receives a score of 0."))
    evidence = read(word(WORD_FRONT + p(r("On 5 July 2024, Canada met.")) + closing + p(r("Analyst: Nobody Real"))))
    assert evidence.members["stated_score"].tolist() == [0]
    assert len(evidence.items) == 1


def test_a_row_of_members_with_scores_opens_no_sections(read):
    rows = table(cell("Canada: 0") + cell("Japan: +1"))
    item = p(r("Canada: 0")) + p(r("On 5 July 2024, Canada met."))
    assert read(word(WORD_TABLE + rows + item + WORD_END)).members["member"].tolist() == ["Canada"]


def test_notes_beside_their_items_in_a_table_are_notes(read):
    rows = "".join(
        f"<tr><td>On {day} July 2024, Canada met.<sup>{number}</sup></td>"
        f"<td><sup>{number}</sup> A law, Gazette (Rome) n.d. https://a.it/{number}</td></tr>"
        for number, day in ((1, 5), (2, 6))
    )
    evidence = read(f"{FRONT}<table>{rows}</table>{END}")
    assert [note for _, note in cited(evidence)] == ["1", "2"]
    assert evidence.citations["url"].tolist() == ["https://a.it/1", "https://a.it/2"]


def test_marks_that_lead_to_the_list_as_a_whole_hide_no_note(read):
    notes = "".join(f"<p><sup>{n}</sup> A law, Gazette (Rome) n.d. https://a.it/{n}</p>" for n in (1, 2))
    item = (
        "<p>On 5 July 2024, Canada met.<sup><a href='#notes'>1</a></sup> It left.<sup><a href='#notes'>2</a></sup></p>"
    )
    evidence = read(f"{FRONT}{item}{END}<div id='notes'><h3>Notes</h3>{notes}</div>")
    assert evidence.citations["url"].tolist() == ["https://a.it/1", "https://a.it/2"]


def test_cells_of_a_layout_table_are_parted(read):
    row = "<tr><td>On 5 July 2024, Canada met Atlantis.</td><td>In August 2024, Canada announced funds.</td></tr>"
    assert len(read(f"{FRONT}<table>{row}</table>{END}").items) == 2
    paragraphs = ("Canada: 0", "On 5 July 2024, Canada met.", "In August 2024, Canada announced funds.")
    assert len(read(word(WORD_TABLE + table(cell("Menu") + cell(*paragraphs)) + WORD_END)).items) == 2


def test_a_chapter_within_a_cell_is_one(read):
    front = "19. Migration and Refugees<br>Assessment<br>Canada 0<br>Average 0 (50%)"
    page = f"<html><body><table><tr><td>Menu</td><td>{front}</td></tr></table><h3>Canada: 0</h3>"
    evidence = read(f"{page}<p>On 5 July 2024, Canada met.</p>{END}")
    assert evidence.commitments["number"].tolist() == [19]


def test_the_day_of_access_behind_a_line_end_is_the_notes(read):
    note = "<p><sup>7</sup> A law, Gazette (Rome) 1 May 2024. https://a.it<br>Access Date: 5 July 2024.</p>"
    evidence = read(
        f"{FRONT}<p>On 5 July 2024, Canada met.<sup>7</sup></p>{note}<p>On 6 July 2024, Canada left.</p>{END}"
    )
    assert evidence.items["text"].tolist() == ["On 5 July 2024, Canada met.", "On 6 July 2024, Canada left."]
    assert evidence.citations["accessed"].dt.day.tolist() == [5]


def test_a_mark_within_a_quotation_ends_its_sentence(read):
    paragraphs = [
        "19. Migration and Refugees", "Assessment", "Canada: 0", "On 5 July 2024, Canada said “we met.⁷”",
        "⁷ A law, Gazette (Rome) n.d. https://a.it", "In August 2024, Canada left.",
        "Thus, Canada receives a score of 0.",
    ]  # fmt: skip
    assert len(read("\n\n".join(paragraphs)).items) == 2
