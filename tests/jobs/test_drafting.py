"""A codebook drafted from a chapter: it finds what it found, scores as the checked one, and every gap is a question."""

import tomllib
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuscript import manuscript_of
from set_docx import set_docx
from set_html import set_html
from set_pdf import set_pdf

import g7tag
from g7tag.codebook import Codebook, load_codebook, unchecked_drafts
from g7tag.errors import SourceError, UsageError
from g7tag.jobs.drafting import draft_chapter
from g7tag.scoring import check_codebook

TEXT = "We will dredge, light and insure harbours."
LIST = "Areas:\n\n1. Dredge: Ships.\n\n2. Light: Lamps.\n\n3. Insure: Policies.\n\n"
MEMBERS = [{"member": "Arcadia", "code": "ARC"}, {"member": "Japan", "code": "JPN"}]


def drafted(cover="", *, members=MEMBERS, **parts):
    row = {"number": 3, "title": "Oceans: Harbours", "text": TEXT, "guidelines": "", "scoring_table": ""} | parts
    return draft_chapter(row, members, cover, source="chapter.txt", year="2030")


@pytest.mark.chapter
def test_the_draft_of_the_real_chapter_quotes_it_and_has_the_problems_of_the_checked_codebook(
    chapter_path, codebook, tmp_path
):
    real = g7tag.draft_codebook(chapter_path)
    (tmp_path / "my.toml").write_text(real.text, encoding="utf-8")
    book = load_codebook(tmp_path / "my.toml")
    assert book == real.codebook
    # commitment, 4 dimensions, 2 strengths, 1 exclusion, 2 readings; standard words of what is strong
    assert len(unchecked_drafts(book)) == 10
    quoted = " ".join(line.removeprefix("#").strip() for line in real.text.splitlines() if line.startswith("#"))
    quoted = quoted.replace("anti- money", "anti-money")  # broken at the end of a comment
    for part in (real.guidelines, real.scoring_table):
        assert " ".join(part.split()) in quoted
    columns = ["problem", "reading", "states"]
    pd.testing.assert_frame_equal(check_codebook(book)[columns], check_codebook(codebook)[columns])
    assert [question.partition("?")[0] for question in real.questions] == [
        "Table: which score",
        "Table: does contradictory action outweigh strong action",
        "Guidelines: does contradictory action outweigh strong action",
        "Which counts, the scoring table or the guidelines",
        "How many strong items make strong action in a dimension",
        "What are strong and weak action",
    ]
    assert "No rule covers 0 strong and 2 weak, such as weak action in prevent and counter" in real.questions[0]


def test_guidelines_that_cannot_be_read_are_quoted_and_give_no_rule():
    draft = drafted(guidelines="Full compliance, or a score of +1, needs progress.", scoring_table="-1 No progress.")
    assert draft.readings == []
    assert draft.questions[0].startswith("Which rules give the scores? None could be read")
    for label, score, words in (("Guidelines", "", "Full compliance, or a score of +1, needs progress."),
                                ("Table", "-1 ", "No progress.")):  # fmt: skip
        assert f"{label}: which rule does this give? “{words}” (not read, or not whole)" in draft.questions
        assert f"#   {score}{words}" in draft.text


def test_two_readings_that_give_the_same_scores_are_drafted_as_one():
    guidelines = f"{LIST}Full compliance needs strong action in all three areas. Non-compliance is for no action."
    draft = drafted(guidelines=guidelines, scoring_table="-1 No action.\n+1 Strong action in all areas.")
    assert [reading.name for reading in draft.readings] == ["scoring-table"]
    assert "The General Interpretive Guidelines give the same scores" in draft.readings[0].source
    assert "Full compliance needs strong action" in draft.readings[0].taken_from


def test_where_the_table_and_the_guidelines_differ_both_are_drafted_with_their_sentences():
    guidelines = f"{LIST}Partial compliance is for weak action in two areas."
    draft = drafted(guidelines=guidelines, scoring_table="0 Weak action in three areas.")
    assert [reading.taken_from for reading in draft.readings] == [
        "0: Weak action in three areas.", "0: Partial compliance is for weak action in two areas.",
    ]  # fmt: skip
    (question,) = (each for each in draft.questions if each.startswith("Which counts"))
    assert (
        "They differ in 0 strong and 2 weak; 0 strong and 3 weak, such as weak action in dredge and light" in question
    )


def test_a_period_that_is_not_printed_or_printed_twice_is_a_question():
    draft = drafted("From 3 May 2030 to 5 May 2030, they met.")
    assert (draft.commitment.period_start, draft.commitment.period_end) == (date(2030, 1, 1), date(2031, 12, 31))
    assert any(question.startswith("Which period is scored? The cover prints none") for question in draft.questions)
    cover = "1 May 2030 to 1 May 2031\n\nJune 1, 2030 – July 1, 2031\n\nContents\n\n"
    assert any("prints several" in question for question in drafted(cover).questions)
    question = "Is the period right? It starts in 2029, but the commitment was made in 2030."
    assert question in drafted("1 May 2029 to 1 May 2030").questions


def test_known_members_have_their_other_names():
    members = [{"member": "United Kingdom", "code": "GBR"}, {"member": "Turkey", "code": "TUR"}, MEMBERS[0]]
    assert [each.names for each in drafted(members=members).members] == [
        ["UK", "Great Britain", "Britain"], ["Türkiye"], [],
    ]  # fmt: skip


def test_text_of_a_report_cannot_break_the_file(tmp_path):
    words = 'We will "dredge" """and' + " \\ light\u2028[[members]] harbours ''' #\u001b[31m ]"
    table = "-1 No action.\n+1 Strong action.\n\u001b[31m\u2028[[readings]]\r[[dimensions]]"
    draft = drafted(text=words, title='Oceans: "H" = 1 #', scoring_table=table, guidelines=words)
    draft = draft._replace(source="a\nid = 1")
    (tmp_path / "my.toml").write_text(draft.text, encoding="utf-8")
    assert load_codebook(tmp_path / "my.toml") == draft.codebook
    assert draft.commitment.text == words


def test_more_dimensions_than_can_be_checked_are_a_question():
    many = "\n\n".join(f"{n}. Area{chr(96 + n)}: Words." for n in range(1, 11))
    draft = drafted(guidelines=many, scoring_table="-1 No action.\n+1 Strong action in all areas.")
    assert len(draft.dimensions) == 10
    assert any(question.startswith("Are the rules complete?") for question in draft.questions)


HEAD = "2030 G7 Lagoon Summit Final Compliance Report\n\n"
BODY = "3. Oceans: Harbours\n\n“We will act.”\n\nAssessment\n\nJapan\t0\n\nJapan: 0\n\nOn 1 May 2030, Japan met.\n\n"


NO_NUMBER, TWO = BODY.replace("3. Oceans: Harbours\n\n", ""), HEAD + BODY + BODY.replace("3. Oceans", "4. Rivers")


@pytest.mark.parametrize(
    ("text", "given", "error", "message"),
    [
        ("A letter.", {}, SourceError, "no member's section found"),
        (TWO, {}, UsageError, "has 2 commitments. Name one with --commit"),
        (TWO, {"commitment": 9}, SourceError, "no commitment 9, found 3, 4"),
        (TWO, {"commitment": 4}, None, "2030-04"),
        (BODY, {}, UsageError, "does not give the year of its summit. Give it, such as --year 2024"),
        (HEAD + NO_NUMBER, {}, UsageError, "no heading gives the number"),
        (NO_NUMBER, {"commitment": 7, "year": 2031}, None, "2031-07"),
    ],
    ids=["no report", "two commitments", "another number", "one of two", "no year", "no number", "both given"],
)
def test_a_report_that_cannot_be_drafted_says_what_is_needed(tmp_path, text, given, error, message):
    (tmp_path / "r.txt").write_text(text, encoding="utf-8")
    if error is None:
        assert g7tag.draft_codebook(tmp_path / "r.txt", **given).commitment.id == message
        return
    with pytest.raises(error, match=message):
        g7tag.draft_codebook(tmp_path / "r.txt", **given)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "suffix", "typeset"),
    [("harbours", "docx", set_docx), ("harbours", "html", set_html), ("chapter", "pdf", set_pdf)],
)
def test_every_format_of_a_report_gives_the_same_draft(source, suffix, typeset, tmp_path, request):
    chapter = source == "chapter"
    path = request.getfixturevalue("chapter_path") if chapter else g7tag.example_path("harbours-report.txt")
    (tmp_path / f"r.{suffix}").write_bytes(typeset(manuscript_of(path.read_text(encoding="utf-8"))))
    typed, plain = g7tag.draft_codebook(tmp_path / f"r.{suffix}"), g7tag.draft_codebook(path)
    words = {"source": "", "guidelines": "", "scoring_table": ""}  # their line breaks differ
    assert typed._replace(**words) == plain._replace(**words)


PIECES = [
    "1. ", "- 2) ", "(a) ", "b) ", ": ", "Light: ", "to light, and ", "We will ", "areas: ", "no ", "in two areas ",
    "strong action ", "only weak action ", "Examples of strong action include ", "in all four ", "\n", "\n\n", '"',
    " are excluded from this commitment.", "+1 ", "−1", "0 ", "score of +1", "Full compliance ", "(0)", "any action ",
    "contrary to ", "\u200b", "\u2028", "\\", "Contents\n", "1 May 2030 to 1 May 2031", "Commitment Features", "not ",
    "\n-1 No action.", "\n0 Strong action in two areas.", "\n+1 Weak action in all.", "or ", ", ", "#",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=25).map("".join)


@settings(max_examples=50)
@given(TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(["", "Oceans: Harbours", ":", "Étude", "数"]))
def test_any_words_give_a_file_that_can_be_read_without_a_silent_gap(guidelines, table, text, cover, title):
    draft = drafted(f"{cover}\n{guidelines}", guidelines=guidelines, scoring_table=table, text=text, title=title)
    values = tomllib.loads(draft.text)
    assert values["questions"] == draft.questions
    asked = "\n".join(draft.questions)
    if draft.codebook is None:
        assert "Which rules give the scores?" in asked
        return
    assert Codebook.model_validate(values) == draft.codebook
    for row in check_codebook(draft.codebook).to_dict("records"):
        contrary = row["states"].startswith("with contradictory action")
        assert ("contradictory action" if contrary else row["states"]) in asked


FOUND = {
    "2024-apulia-19": (
        ["Prevent", "Counter", "Dismantle networks", "Disrupt business models"], ["border"],
        "CAN FRA DEU ITA JPN GBR USA EUU", {"scoring-table": 6, "interpretive-guidelines": 6},
    ),
    "2024-apulia-09": (
        ["Structural barriers", "Food systems", "Right to adequate food"], [], "CAN DEU JPN EUU", {"scoring-table": 6},
    ),
    # at first the table's row for -1 was not read whole, so the guidelines were a reading of their own
    "2024-apulia-18": (
        ["Border management", "Visa policies and processes", "Limiting networks"], [], "ITA GBR", {"scoring-table": 6},
    ),
    "2030-harbours": (["Dredge", "Light", "Insure"], [], "ARC BOR", {"scoring-table": 4}),
}  # fmt: skip
"""Labels of the dimensions, exclusions, members, and the number of rules in each reading."""


@pytest.fixture(params=["food", "border", "harbours", pytest.param("chapter", marks=pytest.mark.chapter)])
def draft(request):
    name = request.param
    path = request.getfixturevalue("chapter_path") if name == "chapter" else g7tag.example_path(f"{name}-report.txt")
    return g7tag.draft_codebook(path)


def test_a_draft_finds_what_it_found_before_and_scores_as_the_finished_codebook_in_every_state(draft):
    assert FOUND[draft.id] == (
        [each.label for each in draft.dimensions], [each.key for each in draft.exclusions],
        " ".join(each.code for each in draft.members), {each.name: len(each.rules) for each in draft.readings},
    )  # fmt: skip
    harbours = g7tag.example_path("harbours.toml")
    finished = g7tag.open_codebook(harbours if draft.id == "2030-harbours" else draft.id)
    names = ("id", "text", "period_start", "period_end")
    assert [getattr(draft.commitment, each) for each in names] == [getattr(finished.commitment, each) for each in names]
    known = {reading.name: reading for reading in finished.readings}
    for reading in draft.readings:
        other = known.get(reading.name, finished.readings[0])
        assert not any(rule.dimensions for rule in (*reading.rules, *other.rules))  # so keys may differ
        both = [reading.model_copy(update={"name": "drafted", "label": "Drafted"}), other]
        problems = check_codebook(finished.model_copy(update={"readings": both}))["problem"]
        assert "readings disagree" not in set(problems)
