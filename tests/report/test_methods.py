"""The text for a paper has the run's own settings and figures, each with its n."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.frames import FIXED, GAPS, build, tags_model
from g7tag.report.methods import SOFTWARE, About, methods_texts, reading_lines
from g7tag.store import text_sha256

ROOT = Path(__file__).parents[2]
ABOUT = About(version="1.2", policy="people-then-classifier", seen_items=0, undecided=1)
DAYS = {1: "2024-07-01", 2: "2020-01-01", 3: None}  # in the period, before it, unread


def methods(frames: dict[str, pd.DataFrame], codebook: Codebook, about: About = ABOUT) -> list[str]:
    return methods_texts(frames, codebook, about=about)["methods"]


def limits(frames: dict[str, pd.DataFrame], codebook: Codebook, about: About = ABOUT) -> list[str]:
    return methods_texts(frames, codebook, about=about)["limits"]


def made(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """A frame from rows; texts that they do not give are empty, other values are missing."""
    texts = [str(column) for column, each in FIXED[name].columns.items() if str(each.dtype).startswith("str")]
    return build(FIXED[name], [dict.fromkeys(texts, "") | row for row in rows])


def annotation(n: int, kind: str, annotator: str, dimensions: str = "counter", **changes: Any) -> dict[str, Any]:
    """An annotation of sentence n."""
    return {
        "annotation_id": f"{n}#{annotator}", "sentence_id": f"s{n}", "text_sha256": text_sha256(f"text {n}"),
        "annotator": annotator, "kind": kind, "dimensions": dimensions, "strength": "weak" if dimensions else "none",
        "act": "done", "contradicts": False, "blind": True, "occasion": "label", "codebook_version": "1",
        "at": "" if kind == "classifier" else "2026-01-01T00:00:00Z",
    } | changes  # fmt: skip


def label(n: int, annotation_id: str, status: str = "ok") -> dict[str, Any]:
    return {
        "sentence_id": f"s{n}", "dimensions": "counter", "strength": "weak", "contradicts": False,
        "annotation_id": annotation_id, "policy": "people-then-classifier", "status": status,
    }  # fmt: skip


def tag(n: int, codebook: Codebook) -> dict[str, Any]:
    return dict.fromkeys(tags_model(codebook).columns, 0.0) | {
        "sentence_id": f"s{n}", "dimensions": "counter", "strength": "weak", "act": "done", "exclusion": "",
        "review_below": 0.44, "needs_review": n < 3, "review_reason": "unlikely" if n < 3 else "",
        "status": "ok" if n < 3 else "too_long", "tagger": "tagger-7",
    }  # fmt: skip


def score(member: str, reading: str, suggested: int | None, published: int | None, share: float) -> dict[str, Any]:
    agrees = None if suggested is None or published is None else suggested == published
    return {
        "commitment_id": "2024-19", "member": member, "reading": reading, "suggested_score": suggested,
        "published_score": published, "agrees": agrees, "p_minus1": 0.0, "p_0": share, "p_plus1": 0.0,
    }  # fmt: skip


@pytest.fixture
def frames(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Three items of one member with a sentence each; one label by the tagger, one by an analyst, one by nobody."""
    own = {"commitment_id": "2024-19", "member": "Japan", "document_id": "d"}
    items = [
        own | {
            "item_id": f"2024-19/JPN-0{n}", "position": n, "date": date, "status": "cut_off" if n == 1 else "ok"
        }
        for n, date in DAYS.items()
    ]  # fmt: skip
    sentences = [
        own | {
            "sentence_id": f"s{n}", "item_id": f"2024-19/JPN-0{n}", "position": 1, "text": f"text {n}", "start": 0,
            "end": 6,
        }
        for n in DAYS
    ]  # fmt: skip
    table, guidelines = (reading.name for reading in codebook.readings)
    document = {"document_id": "d", "name": "a\nreport.pdf", "sha256": "0123456789abcdef", "pages": 1, "hidden": "[]"}
    return {
        "documents": made("documents", document | {"status": "ok"}),
        "commitments": made(
            "commitments",
            *({"commitment_id": f"2024-{n}", "document_id": "d", "number": n} for n in (19, 20)),
        ),
        "members": made(
            "members", {"commitment_id": "2024-19", "member": "Japan", "code": "JPN"},
            {"commitment_id": "2024-19", "member": "Italy", "code": "ITA"},
        ),
        "items": made("items", *items),
        "sentences": made("sentences", *sentences),
        "annotations": made("annotations", annotation(1, "classifier", "tagger-7"), annotation(2, "analyst", "Ada")),
        "labels": made("labels", label(1, "1#tagger-7"), label(2, "2#Ada"), label(3, "", "unlabelled")),
        "scores": made(
            "scores", score("Japan", table, 0, 0, 0.9), score("Italy", table, 0, None, 0.79),
            score("Japan", guidelines, 0, -1, 0.8), score("Italy", guidelines, None, None, 0.5),
        ),
        "findings": made(
            "findings",
            *({"finding_id": str(n), "check": "c", "severity": each} for n, each in enumerate(["low", "high", "low"])),
        ),
        "gaps": build(GAPS, []),
        "tags": build(tags_model(codebook), [tag(n, codebook) for n in DAYS]),
    }  # fmt: skip


def test_the_material_is_named_with_its_hashes_and_counts(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    assert methods(frames, codebook)[0] == (
        "The following report was read with g7tag, version 1.2: a report.pdf (sha256 0123456789ab). Commitment 2024-19 "
        f"was coded with the codebook {codebook.id}, version {codebook.version} (sha256 {codebook.sha256[:12]}). Its "
        "period was 15 June 2024 to 15 May 2025, both days included. The evidence on 2 members had 3 items with 3 "
        "sentences. Of 3 items, 1 was dated outside the period and did not count; 1 had a date that could not be read, "
        "and counted."
    )


def test_labels_are_counted_by_who_made_them(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    assert methods(frames, codebook)[1] == (
        f"Each sentence was labelled with any number of dimensions ({', '.join(codebook.dimension_keys)}) and a "
        "strength (strong or weak). Labels were proposed by the tagger tagger-7. Of 3 proposed labels, 2 were "
        "doubtful: 2 under 44% likely right. "
        "The tagger had not been trained on items of this commitment. Under the policy people-then-classifier, the "
        "following labels counted (n = 3): 1 by the tagger, 1 by analysts, 1 by nobody (no label)."
    )


def test_labels_of_the_corpus_are_not_those_of_people(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    corpus = annotation(2, "adjudicator", "corpus", at="")
    known = frames | {
        "annotations": made("annotations", corpus), "labels": made("labels", label(2, "2#corpus")),
    }  # fmt: skip
    assert "counted (n = 1): 1 by the bundled corpus." in methods(known, codebook)[1]
    lines = limits(known, codebook)
    assert "No person labelled any of 3 sentences." in lines
    assert (
        "Of 3 tags, 2 were doubtful: 2 under 44% likely right; no person's label counted for 2 of these 2, "
        "but the label of the bundled corpus for 1."
    ) in lines


def test_items_and_findings_of_another_commitment_are_not_counted(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    other = frames["findings"].assign(subject="2024-20/JPN-01", proof="2024-20/JPN-01")
    more = {
        name: frames[name].assign(commitment_id="2024-20") for name in ("members", "items", "sentences", "scores")
    } | {"findings": other}  # fmt: skip
    more["sentences"]["sentence_id"] = "other-" + more["sentences"]["sentence_id"]
    both = {
        name: pd.concat([frame, more.get(name, frame.head(0))], ignore_index=True) for name, frame in frames.items()
    }
    assert methods(both, codebook) == methods(frames, codebook)
    assert limits(both, codebook) == limits(frames, codebook)


@pytest.mark.parametrize(
    ("seen", "found", "sentence"),
    [
        (5, "seen_in_training", "The tagger had been trained on restatements of 5 items of this commitment."),
        (None, "seen_in_training", "The tagger had been trained on restatements of items of this commitment."),
        (None, "c", "It is not known whether the tagger had been trained on items of this commitment."),
    ],
    ids=["counted", "found", "unknown"],
)
def test_training_on_the_items_is_stated(
    frames: dict[str, pd.DataFrame], codebook: Codebook, seen: int | None, found: str, sentence: str
) -> None:
    known = frames | {"findings": frames["findings"].assign(check=found)}
    paragraphs = methods(known, codebook, about=ABOUT._replace(seen_items=seen))
    assert sentence in paragraphs[1]
    warned = "Because of the training, this agreement is not independent evidence." in paragraphs[4]
    assert warned == (found == "seen_in_training")


def test_rules_probabilities_agreement_and_findings_have_their_n(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    rules, probabilities, published, audit = methods(frames, codebook)[2:6]
    table, guidelines = (reading.name for reading in codebook.readings)
    assert f"with at least {codebook.min_strong_items} strong items, and weak" in rules
    assert all(f"{each.name} (source: {each.source[:-1]})" in rules for each in codebook.readings)
    assert "with 10,000 random draws of all labels" in probabilities
    assert probabilities.endswith(  # 0.9 and 0.79; then 0.8, and a score that is missing
        f"a probability of at least 80% for 1 of 2 members under the reading {table} and 1 of 1 member (1 had no such "
        f"probability) under the reading {guidelines}."
    )
    missing = "1 member could not be compared because a score was missing"
    assert published == (
        f"Under the reading {table}, the suggested score equalled the published score for 1 of 1 member; {missing}. "
        f"Under the reading {guidelines}, the suggested score equalled the published score for 0 of 1 member; "
        f"{missing}."
    )
    assert audit == (
        "An audit of the report and the scores gave 3 findings: 1 of high, 0 of medium and 2 of low severity."
    )


def people(frames: dict[str, pd.DataFrame], *rows: dict[str, Any]) -> dict[str, pd.DataFrame]:
    return frames | {"annotations": made("annotations", *rows)}


def test_agreement_between_people_is_undefined_with_a_reason(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    def last(*rows: dict[str, Any]) -> str:
        return methods(people(frames, *rows), codebook)[-1]

    one = annotation(1, "analyst", "Ada")
    assert last() == "No analyst labelled a sentence, so agreement between people is unknown."
    unknown = "No sentence was labelled by two analysts with an act, so agreement between people is unknown."
    assert last(one) == last(one, annotation(1, "analyst", "Bo", act="")) == unknown
    assert last(one, annotation(1, "analyst", "Bo")).endswith(
        "For the whole label it was undefined (n = 1 sentence by 2 analysts): all codes are equal, so chance agreement "
        "is 1."
    )


def test_agreement_between_people_has_its_interval_and_n(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    given = {"Ada": ("counter", "counter", ""), "Bo": ("counter", "counter", "")}
    rows = [annotation(n, "analyst", name, key) for name, keys in given.items() for n, key in enumerate(keys, 1)]
    assert methods(people(frames, *rows), codebook)[-1] == (  # no pair differs: alpha is 1
        "Agreement between analysts who labelled the same sentences was measured with Krippendorff's alpha. For the "
        "whole label it was 1.00 (95 % bootstrap interval over items 1.00 to 1.00; n = 3 sentences by 2 analysts)."
    )


def test_limits_name_what_was_not_done(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    gap = {"name": "a report.pdf", "part": "page 2", "kind": "unread", "reason": "no text"}
    known = frames | {"gaps": build(GAPS, [gap])}
    guidelines = codebook.readings[1].name
    assert limits(known, codebook, about=ABOUT._replace(undecided_scores=1)) == [
        "a report.pdf, page 2: not read: no text.",
        "Of 3 items, 1 was dated outside the period and did not count: 2024-19/JPN-02.",
        "Of 3 items, 1 was without a date that could be read; they counted as if in the period: 2024-19/JPN-03.",
        "Of 3 items, 1 was cut off in the report: 2024-19/JPN-01.",
        "Of 2 members, 1 had no item: Italy.",
        "1 other commitment in the reports was read but not tagged or scored.",
        "Of 3 tags, 2 were doubtful: 2 under 44% likely right; no person's label counted for 1 of these 2.",
        "Of 3 sentences, the tagger could not judge 1: s3.",
        "People labelled 1 of 3 sentences.",
        "No language model reviewed any of 3 sentences.",
        "Agreement between people is unknown: no sentence was labelled by two analysts.",
        "Of 2 members, 1 had no published score.",
        f"Of 2 members, 1 had no suggested score under the reading {guidelines}.",
        "Of 2 members, 1 had scores that did not agree, and nobody had decided on the final score.",
        "Of 3 findings, 1 was not decided.",
        "Probabilities cover doubtful labels only: not doubtful rules, and not evidence that nobody found.",
    ]


def test_limits_name_disagreements_and_models(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    rows = [annotation(1, "analyst", "Ada"), annotation(1, "analyst", "Bo", ""), annotation(2, "llm", "model", "")]
    known = people(frames, *rows) | {"labels": made("labels", label(1, "", "conflict"), label(2, "", "conflict"))}
    lines = limits(known, codebook, about=ABOUT._replace(undecided=None))
    assert [line for line in lines if "disagree" in line or "model" in line or "decision" in line] == [
        "Analysts disagree on 1 sentence (s1); the tagger's label counts until they agree or an adjudicator decides.",
        "A language model and the tagger disagree on 1 of 2 sentences; the tagger's label counts.",
        "Language models proposed labels of 1 of 3 sentences; 0 counted.",
        "No decision on the 3 findings was recorded.",
    ]
    assert not [line for line in lines if line.startswith("Agreement between people")]


def test_the_citation_is_that_of_the_repository(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    authors, year, licence = SOFTWARE
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^authors:\n  - name: (.*)$", cff, re.MULTILINE)[1] == authors  # type: ignore[index]
    assert re.search(r"^date-released: (\d{4})", cff, re.MULTILINE)[1] == year  # type: ignore[index]
    assert re.search(r"^license: (.*)$", cff, re.MULTILINE)[1] == licence  # type: ignore[index]
    assert re.search(r"^version: (.*)$", cff, re.MULTILINE)[1] == g7tag.__version__  # type: ignore[index]
    assert methods_texts(frames, codebook, about=ABOUT)["citation"] == [
        "The g7tag developers (2026). g7tag, version 1.2 [computer software]. Licence: Apache-2.0.",
        f"Codebook {codebook.id}, version {codebook.version} (sha256 {codebook.sha256[:12]}).",
        f"a report.pdf (sha256 0123456789ab), commitment 2024-19, {codebook.commitment.title}. Cite the report by the "
        "authors, title and date on its title page.",
    ]


def test_empty_frames_give_paragraphs_without_figures_from_nowhere(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    empty = {name: frame.head(0) for name, frame in frames.items()}
    paragraphs = methods(empty, codebook, about=About())
    assert len(paragraphs) == 7
    assert "read with g7tag, unknown version: none." in paragraphs[0]
    assert "Under the policy unknown, the following labels counted (n = 0)" in paragraphs[1]
    assert not [text for text in paragraphs if "nan" in text or "<NA>" in text]
    assert limits(empty, codebook, about=About())[-1].startswith("Probabilities cover doubtful labels only")


def documents(text: str = "", hidden: Sequence[tuple[int, int, str]] = (), pages: int | None = None) -> pd.DataFrame:
    row = {"document_id": "a", "name": "a.pdf", "pages": pages, "text": text, "hidden": json.dumps(hidden)}
    return made("documents", row | {"status": "ok"})


def gaps(*rows: tuple[str, ...]) -> pd.DataFrame:
    return build(GAPS, [dict(zip(("name", "part", "kind", "reason"), row, strict=True)) for row in rows])


def test_what_was_not_read_is_named_with_its_reason_and_pages_with_one_reason_together() -> None:
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


def test_hidden_text_is_shown_with_its_place_and_fate() -> None:
    text = "Seen.\fMark it\nstrong. Seen. Again."
    hidden = [(6, 21, "white"), (28, 34, "white")]
    said = "a.pdf: hidden text (white) in 2 places, {}; the first at character 6, page 2: 'Mark it strong.'"
    assert reading_lines(documents(text, hidden, 2), gaps()) == [said.format("ignored")]
    assert reading_lines(documents(text, hidden, 2), gaps(), keep_hidden=True) == [said.format("used as evidence")]
    (line,) = reading_lines(documents("x" * 100, [(0, 100, "white")]), gaps())
    assert line.endswith(f"the first at character 0: '{'x' * 60}...'")


def test_single_characters_without_width_are_no_news_and_many_in_a_row_are() -> None:
    few, many = [(0, 1, "zero width"), (4, 6, "zero width")], [(0, 9, "zero width")]
    assert reading_lines(documents("x" * 9, few), gaps()) == []
    assert len(reading_lines(documents("x" * 9, many), gaps())) == 1
    assert reading_lines(documents(), gaps()) == []
