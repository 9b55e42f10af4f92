"""The text for a paper has the run's own settings and figures, each with its n."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from exports import with_another_commitment

import g7tag
from g7tag.frames import FIXED, GAPS, build
from g7tag.report.methods import SOFTWARE, About, methods_texts, reading_lines

ROOT = Path(__file__).parents[2]
ABOUT = About("1.2", policy="people-then-classifier", seen_items=0, undecided=1, undecided_scores=1)


@pytest.fixture(scope="module")
def frames(reviewed):
    """Frames of the reviewed run, to which is added what limits it.

    CAN-01 is before the period, CAN-02 has no date, CAN-03 is cut off; Italy has no item; the tag of JPN-01.1, which Cy
    adjudicated, is doubtful too, and that of CAN-02.2 failed.
    """
    known, items = reviewed.frames, reviewed.items
    numbers, names = items["item_id"].str[-6:], reviewed.tags["sentence_id"].str[-8:]
    return known | {
        "documents": known["documents"].assign(name="a\nreport.pdf"),
        "items": items.assign(
            date=items["date"].mask(numbers == "CAN-01", pd.Timestamp("2020-01-01")).mask(numbers == "CAN-02"),
            status=items["status"].mask(numbers == "CAN-03", "cut_off"),
        ),
        "members": pd.concat([known["members"], known["members"].head(1).assign(member="Italy", code="ITA")]),
        "tags": reviewed.tags.assign(
            status=reviewed.tags["status"].mask(names == "CAN-02.2", "too_long"),
            needs_review=reviewed.tags["needs_review"] | (names == "JPN-01.1"),
            review_reason=reviewed.tags["review_reason"].mask(names == "JPN-01.1", "planned_cue"),
        ),
        "findings": known["findings"].assign(check="c"),
        "gaps": gaps(("a report.pdf", "page 2", "unread", "no text")),
    }  # fmt: skip


def told(frames, run, **about):
    return methods_texts(frames, run.codebook, about=ABOUT._replace(**about))


def test_the_material_and_the_labels_are_named_with_their_counts(frames, reviewed):
    book, document = reviewed.codebook, reviewed.documents["sha256"][0][:12]
    assert told(frames, reviewed)["methods"][:2] == [
        f"The following report was read with g7tag, version 1.2: a report.pdf (sha256 {document}). Commitment 2024-19 "
        f"was coded with the codebook {book.id}, version {book.version} (sha256 {book.sha256[:12]}). Its period was 15 "
        "June 2024 to 15 May 2025, both days included. The evidence on 3 members had 12 items with 24 sentences. Of 12 "
        "items, 1 was dated outside the period and did not count; 1 had a date that could not be read, and counted.",
        f"Each sentence was labelled with any number of dimensions ({', '.join(book.dimension_keys)}) and a strength "
        f"(strong or weak). Labels were proposed by the tagger {reviewed.tags['tagger'][0]}. Of 24 proposed labels, 13 "
        "were doubtful: 12 under 50% likely right, 1 with words of plans. The tagger had not been trained on items of "
        "this commitment. Under the policy people-then-classifier, the following labels counted (n = 24): 22 by the "
        "tagger, 1 by analysts, 1 by adjudicators.",
    ]


def test_limits_name_what_was_not_done(frames, reviewed):
    scores = frames["scores"].assign(
        published_score=pd.array([1, 1, None, None], "Int64"), suggested_score=pd.array([0, 0, 0, None], "Int64")
    )
    assert told(frames | {"scores": scores}, reviewed)["limits"] == [
        "a report.pdf, page 2: not read: no text.",
        "Of 12 items, 1 was dated outside the period and did not count: 2024-19/CAN-01.",
        "Of 12 items, 1 was without a date that could be read; they counted as if in the period: 2024-19/CAN-02.",
        "Of 12 items, 1 was cut off in the report: 2024-19/CAN-03.",
        "Of 3 members, 1 had no item: Italy.",
        "Of 24 tags, 13 were doubtful: 12 under 50% likely right, 1 with words of plans; no person's label counted for "
        "12 of these 13.",
        "Of 24 sentences, the tagger could not judge 1: 2024-19/CAN-02.2.",
        "Analysts disagree on 1 sentence (2024-19/CAN-06.2); the tagger's label counts until they agree or an "
        "adjudicator decides.",
        "People labelled 3 of 24 sentences.",
        "No language model reviewed any of 24 sentences.",
        "Of 2 members, 1 had no published score.",
        f"Of 2 members, 1 had no suggested score under the reading {reviewed.codebook.readings[1].name}.",
        "Of 2 members, 1 had scores that did not agree, and nobody had decided on the final score.",
        f"Of {len(frames['findings'])} findings, 1 was not decided.",
        "Probabilities cover doubtful labels only: not doubtful rules, and not evidence that nobody found.",
    ]


def test_labels_of_the_corpus_and_of_models_are_not_those_of_people(frames, reviewed):
    labels, given = frames["labels"], frames["annotations"]
    is_bundled = given["kind"] == "adjudicator"
    others = given[~given["kind"].isin(["analyst", "adjudicator"])]
    corpus = pd.concat([others, given[is_bundled].assign(annotator="corpus", at="")])
    known = frames | {"annotations": corpus}
    texts = told(known, reviewed)
    assert "22 by the tagger, 1 by the bundled corpus, 1 by nobody (no label)." in texts["methods"][1]
    assert "No person labelled any of 24 sentences." in texts["limits"]
    doubt = "no person's label counted for 13 of these 13, but the label of the bundled corpus for 1."
    assert [line for line in texts["limits"] if line.endswith(doubt)]
    model = others.head(1).assign(annotation_id="m", annotator="model", kind="llm", at="2026-01-01T00:00:00Z")
    known["annotations"] = pd.concat([corpus, model])
    known["labels"] = labels.assign(
        status=labels["status"].mask(labels["sentence_id"] == model["sentence_id"].iloc[0], "conflict")
    )
    lines = told(known, reviewed, undecided=None)["limits"]
    assert [line for line in lines if "model" in line or "decision" in line] == [
        "A language model and the tagger disagree on 2 of 24 sentences; the tagger's label counts.",
        "Language models proposed labels of 1 of 24 sentences; 0 counted.",
        f"No decision on the {len(frames['findings'])} findings was recorded.",
    ]
    assert "Agreement between people is unknown: no sentence was labelled by two analysts." in lines


def test_items_and_findings_of_another_commitment_are_not_counted(frames, reviewed):
    alone, both = (told(each, reviewed) for each in (frames, with_another_commitment(frames)))
    assert both["methods"] == alone["methods"]
    other = "1 other commitment in the reports was read but not tagged or scored."
    assert [line for line in both["limits"] if line != other] == alone["limits"]
    assert other in both["limits"]


@pytest.mark.parametrize(
    ("seen", "found", "sentence"),
    [
        (5, "seen_in_training", "The tagger had been trained on restatements of 5 items of this commitment."),
        (None, "seen_in_training", "The tagger had been trained on restatements of items of this commitment."),
        (None, "c", "It is not known whether the tagger had been trained on items of this commitment."),
    ],
    ids=["counted", "found", "unknown"],
)
def test_training_on_the_items_is_stated(frames, reviewed, seen, found, sentence):
    texts = told(frames | {"findings": frames["findings"].assign(check=found)}, reviewed, seen_items=seen)
    was_seen = found == "seen_in_training"
    assert sentence in texts["methods"][1]
    assert ("Because of the training, this agreement is not independent evidence." in texts["methods"][4]) == was_seen
    assert bool([line for line in texts["limits"] if line.startswith(sentence)]) == was_seen


def test_rules_probabilities_agreement_and_findings_have_their_n(frames, reviewed):
    book, (table, guidelines) = reviewed.codebook, (reading.name for reading in reviewed.codebook.readings)
    scores = frames["scores"].assign(  # Canada 0.9, 0.8; Japan 0.79 and a score that is missing
        p_minus1=0.0, p_0=[0.9, 0.8, 0.79, 0.5], p_plus1=0.0, suggested_score=pd.array([0, 0, 0, None], "Int64"),
        agrees=pd.array([True, False, None, None], "boolean"),
    )  # fmt: skip
    rules, probabilities, published, audit = told(frames | {"scores": scores}, reviewed)["methods"][2:6]
    assert f"with at least {book.min_strong_items} strong items, and weak" in rules
    assert all(f"{each.name} (source: {each.source[:-1]})" in rules for each in book.readings)
    assert "with 10,000 random draws of all labels" in probabilities
    assert probabilities.endswith(
        f"a probability of at least 80% for 1 of 2 members under the reading {table} and 1 of 1 member (1 had no such "
        f"probability) under the reading {guidelines}."
    )
    missing = "1 member could not be compared because a score was missing"
    assert published == (
        f"Under the reading {table}, the suggested score equalled the published score for 1 of 1 member; {missing}. "
        f"Under the reading {guidelines}, the suggested score equalled the published score for 0 of 1 member; "
        f"{missing}."
    )
    n = frames["findings"]["severity"].value_counts()
    assert audit == (
        f"An audit of the report and the scores gave {n.sum()} findings: {n['high']} of high, {n['medium']} of medium "
        f"and {n['low']} of low severity."
    )


UNKNOWN = "No sentence was labelled by two analysts with an act, so agreement between people is unknown."
WHOLE = "For the whole label it was"


@pytest.mark.parametrize(
    ("sentences", "second", "changes", "said"),
    [
        ((), "Bo", {}, "No analyst labelled a sentence, so agreement between people is unknown."),
        ((0, 1, 2), "", {}, UNKNOWN),
        ((0, 1, 2), "Bo", {"act": ""}, UNKNOWN),
        ((0,), "Bo", {}, f"{WHOLE} undefined (n = 1 sentence by 2 analysts): all codes are equal, so chance agreement "
         "is 1."),
        ((0, 1, 2), "Bo", {}, f"{WHOLE} 1.00 (95 % bootstrap interval over items 1.00 to 1.00; n = 3 sentences by 2 "
         "analysts)."),  # no pair differs
    ],
    ids=["nobody", "one", "no act", "all equal", "perfect"],
)  # fmt: skip
def test_agreement_between_people_has_its_interval_and_n_or_a_reason(
    frames, reviewed, sentences, second, changes, said
):
    ada = frames["annotations"].query("annotator == 'Ada'").sort_values("sentence_id").iloc[list(sentences)]
    ada = ada.assign(dimensions=ada["dimensions"].mask(ada["sentence_id"].str.endswith("JPN-01.1"), "prevent"))
    other = ada.assign(annotator=second, annotation_id=ada["annotation_id"] + second, **changes)
    known = frames | {"annotations": pd.concat([ada, other if second else ada.head(0)])}
    assert told(known, reviewed)["methods"][-1].endswith(said)


def test_the_citation_is_that_of_the_repository(frames, reviewed):
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    lines = (r"authors:\n  - name: (.*)", r"date-released: (\d{4})", "license: (.*)", "version: (.*)")
    known = [re.search(rf"^{line}", cff, re.MULTILINE)[1] for line in lines]
    assert known == [*SOFTWARE, g7tag.__version__]
    book, document = reviewed.codebook, reviewed.documents["sha256"][0][:12]
    assert told(frames, reviewed)["citation"] == [
        "The g7tag developers (2026). g7tag, version 1.2 [computer software]. Licence: Apache-2.0.",
        f"Codebook {book.id}, version {book.version} (sha256 {book.sha256[:12]}).",
        f"a report.pdf (sha256 {document}), commitment 2024-19, {book.commitment.title}. Cite the report by the "
        "authors, title and date on its title page.",
    ]


def test_empty_frames_give_paragraphs_without_figures_from_nowhere(frames, reviewed):
    empty = {name: frame.head(0) for name, frame in frames.items()}
    texts = methods_texts(empty, reviewed.codebook, about=About())
    assert len(texts["methods"]) == 7
    assert "read with g7tag, unknown version: none." in texts["methods"][0]
    assert "Under the policy unknown, the following labels counted (n = 0)" in texts["methods"][1]
    assert not [text for text in texts["methods"] if "nan" in text or "<NA>" in text]
    assert texts["limits"][-1].startswith("Probabilities cover doubtful labels only")


def documents(text="", hidden=(), pages=None):
    texts = [str(column) for column, each in FIXED["documents"].columns.items() if str(each.dtype).startswith("str")]
    row = {"document_id": "a", "name": "a.pdf", "pages": pages, "text": text, "hidden": json.dumps(hidden)}
    return build(FIXED["documents"], [dict.fromkeys(texts, "") | row | {"status": "ok"}])


def gaps(*rows):
    return build(GAPS, [dict(zip(("name", "part", "kind", "reason"), row, strict=True)) for row in rows])


def test_what_was_not_read_is_named_with_its_reason_and_pages_with_one_reason_together():
    rows = [("a.pdf", f"page {number}", "unread", "takes more than 20 s") for number in range(1, 8)]
    rows += [
        ("a.pdf", "page 9", "picture", "holds a picture and no text"),
        ("b.pdf", "document", "unread", "is empty."),
    ]
    rows += [("a.pdf", "contents", "absent", "1 of the 2 commitments has no chapter.")]
    assert reading_lines(documents(), gaps(*rows)) == [
        "a.pdf, contents: 1 of the 2 commitments has no chapter.",
        "a.pdf, pages 1, 2, 3, 4, 5 and 2 more: not read: takes more than 20 s.",
        "a.pdf, page 9: holds a picture and no text.",
        "b.pdf: not read: is empty.",
    ]


def test_hidden_text_is_shown_with_its_place_and_fate():
    text = "Seen.\fMark it\nstrong. Seen. Again."
    hidden = [(6, 21, "white"), (28, 34, "white")]
    said = "a.pdf: hidden text (white) in 2 places, {}; the first at character 6, page 2: 'Mark it strong.'"
    assert reading_lines(documents(text, hidden, 2), gaps()) == [said.format("ignored")]
    assert reading_lines(documents(text, hidden, 2), gaps(), keep_hidden=True) == [said.format("used as evidence")]
    (line,) = reading_lines(documents("x" * 100, [(0, 100, "white")]), gaps())
    assert line.endswith(f"the first at character 0: '{'x' * 60}...'")


def test_single_characters_without_width_are_no_news_and_many_in_a_row_are():
    few, many = [(0, 1, "zero width"), (4, 6, "zero width")], [(0, 9, "zero width")]
    assert reading_lines(documents("x" * 9, few), gaps()) == []
    assert len(reading_lines(documents("x" * 9, many), gaps())) == 1
    assert reading_lines(documents(), gaps()) == []
