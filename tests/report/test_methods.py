"""The text for a paper has the run's own settings and figures, each with its n."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.frames import FIXED, GAPS, build, tags_model
from g7tag.report.methods import SOFTWARE, About, citation_lines, limits_lines, methods_paragraphs
from g7tag.store import text_sha256

ROOT = Path(__file__).parents[2]
NAMES = (
    "documents", "commitments", "members", "items", "sentences", "annotations", "labels", "scores", "findings",
)  # fmt: skip
ABOUT = About(version="1.2", policy="people-then-classifier", seen_items=0, undecided=1)
DAYS = {1: "2024-07-01", 2: "2020-01-01", 3: None}  # in the period, before it, unread


def annotation(n: int, kind: str, annotator: str, dimensions: str = "counter", **changes: Any) -> dict[str, Any]:
    """An annotation of sentence n."""
    at = "" if kind == "classifier" else "2026-01-01T00:00:00Z"
    strength = "weak" if dimensions else "none"
    return {
        "annotation_id": f"{n}#{annotator}", "sentence_id": f"s{n}", "text_sha256": text_sha256(f"text {n}"),
        "annotator": annotator, "kind": kind, "dimensions": dimensions, "strength": strength, "act": "done",
        "exclusion": "", "contradicts": False, "confidence": None, "note": "", "blind": True, "occasion": "label",
        "codebook_version": "1", "at": at, "supersedes": "",
    } | changes  # fmt: skip


def label(n: int, annotation_id: str, status: str = "ok") -> dict[str, Any]:
    return {
        "sentence_id": f"s{n}", "dimensions": "counter", "strength": "weak", "exclusion": "", "contradicts": False,
        "annotation_id": annotation_id, "policy": "people-then-classifier", "status": status,
    }  # fmt: skip


def tag(n: int, codebook: Codebook, *, needs_review: bool, status: str = "ok") -> dict[str, Any]:
    return dict.fromkeys(tags_model(codebook).columns, 0.0) | {
        "sentence_id": f"s{n}", "dimensions": "counter", "strength": "weak", "act": "done", "exclusion": "",
        "review_below": 0.44, "needs_review": needs_review, "review_reason": "unlikely" if needs_review else "",
        "status": status, "tagger": "tagger-7",
    }  # fmt: skip


def score(member: str, reading: str, suggested: int | None, published: int | None, share: float) -> dict[str, Any]:
    agrees = None if suggested is None or published is None else suggested == published
    return {
        "commitment_id": "2024-19", "member": member, "reading": reading, "suggested_score": suggested, "rule": "",
        "published_score": published, "agrees": agrees, "score_all_dates": None, "score_if_contradicted": None,
        "p_minus1": 0.0, "p_0": share, "p_plus1": 0.0,
    }  # fmt: skip


@pytest.fixture
def frames(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Three items of one member with a sentence each; one label by the tagger, one by an analyst, one by nobody."""
    own = {"commitment_id": "2024-19", "member": "Japan"}
    items = [
        {
            "item_id": f"2024-19/JPN-0{n}", "document_id": "d", "position": n, "date": date, "date_text": "",
            "text": "", "citations": "", "pages": "", "status": "cut_off" if n == 1 else "ok",
        } | own
        for n, date in DAYS.items()
    ]  # fmt: skip
    sentences = [
        {
            "sentence_id": f"s{n}", "item_id": f"2024-19/JPN-0{n}", "document_id": "d", "position": 1,
            "text": f"text {n}", "start": 0, "end": 6,
        } | own
        for n in DAYS
    ]  # fmt: skip
    table, guidelines = (reading.name for reading in codebook.readings)
    rows: dict[str, list[dict[str, Any]]] = {
        "documents": [
            {
                "document_id": "d", "name": "a\nreport.pdf", "media_type": "", "sha256": "0123456789abcdef", "pages": 1,
                "text": "", "hidden": "[]", "status": "ok",
            }
        ],
        "commitments": [
            {
                "commitment_id": f"2024-{number}", "document_id": "d", "number": number, "title": "", "text": "",
                "guidelines": "", "scoring_table": "", "printed_average": None, "printed_percent": None, "codebook": "",
            }
            for number in (19, 20)
        ],
        "members": [
            {"commitment_id": "2024-19", "member": name, "code": code} | dict.fromkeys(
                ["table_score", "heading_score", "stated_score", "published_score"]
            )
            for name, code in (("Japan", "JPN"), ("Italy", "ITA"))
        ],
        "items": items,
        "sentences": sentences,
        "annotations": [annotation(1, "classifier", "tagger-7"), annotation(2, "analyst", "Ada")],
        "labels": [label(1, "1#tagger-7"), label(2, "2#Ada"), label(3, "", "unlabelled")],
        "scores": [
            score("Japan", table, 0, 0, 0.9), score("Italy", table, 0, None, 0.79),
            score("Japan", guidelines, 0, -1, 0.8), score("Italy", guidelines, None, None, 0.5),
        ],
        "findings": [
            {"finding_id": f"{n}", "check": "c", "severity": severity}
            | dict.fromkeys(["member", "subject", "message", "proof"], "")
            for n, severity in enumerate(["low", "high", "low"])
        ],
    }  # fmt: skip
    tags = [tag(n, codebook, needs_review=n < 3, status="ok" if n < 3 else "too_long") for n in DAYS]
    built = {name: build(FIXED[name], rows[name]) for name in NAMES}
    return built | {"gaps": build(GAPS, []), "tags": build(tags_model(codebook), tags)}


def test_the_material_is_named_with_its_hashes_and_counts(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    assert methods_paragraphs(frames, codebook, about=ABOUT)[0] == (
        "The following report was read with g7tag, version 1.2: a report.pdf (sha256 0123456789ab). Commitment 2024-19 "
        f"was coded with the codebook {codebook.id}, version {codebook.version} (sha256 {codebook.sha256[:12]}). Its "
        "period was 15 June 2024 to 15 May 2025, both days included. The evidence on 2 members had 3 items with 3 "
        "sentences. Of 3 items, 1 was dated outside the period and did not count; 1 had a date that could not be read, "
        "and counted."
    )


def test_labels_are_counted_by_who_made_them(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    assert methods_paragraphs(frames, codebook, about=ABOUT)[1] == (
        f"Each sentence was labelled with any number of dimensions ({', '.join(codebook.dimension_keys)}) and a "
        "strength (strong or weak). Labels were proposed by the tagger tagger-7. Of 3 proposed labels, 2 were "
        "doubtful: 2 under 44% likely right. "
        "The tagger had not been trained on items of this commitment. Under the policy people-then-classifier, the "
        "following labels counted (n = 3): 1 by the tagger, 1 by analysts, 1 by nobody (no label)."
    )


def test_counts_of_zero_that_say_nothing_are_left_out(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    known = frames | {
        "items": frames["items"].assign(date=pd.Timestamp("2024-07-01")),
        "annotations": build(FIXED["annotations"], [annotation(n, "classifier", "tagger-7") for n in DAYS]),
        "labels": build(FIXED["labels"], [label(n, f"{n}#tagger-7") for n in DAYS]),
    }
    material, labels = methods_paragraphs(known, codebook, about=ABOUT)[:2]
    assert material.endswith("had 3 items with 3 sentences.")
    assert labels.endswith("counted (n = 3): 3 by the tagger.")
    known["items"].loc[0, "date"] = pd.NaT
    assert methods_paragraphs(known, codebook, about=ABOUT)[0].endswith(
        "Of 3 items, 1 had a date that could not be read, and counted."
    )


def test_labels_of_the_corpus_are_not_those_of_people(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    corpus = annotation(2, "adjudicator", "corpus", at="")
    known = frames | {
        "annotations": build(FIXED["annotations"], [corpus]), "labels": build(FIXED["labels"], [label(2, "2#corpus")]),
    }  # fmt: skip
    assert "counted (n = 1): 1 by the bundled corpus." in methods_paragraphs(known, codebook, about=ABOUT)[1]
    lines = limits_lines(known, codebook, about=ABOUT)
    assert "No person labelled any of 3 sentences." in lines
    assert (
        "Of 3 tags, 2 were doubtful: 2 under 44% likely right; no person's label counted for 2 of these 2, "
        "but the label of the bundled corpus for 1."
    ) in lines


def test_scores_that_differ_and_that_nobody_decided_have_a_line(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    line = "Of 2 members, 1 had scores that did not agree, and nobody had decided on the final score."
    assert line in limits_lines(frames, codebook, about=ABOUT._replace(undecided_scores=1))
    for n in (0, None):
        assert not [
            each for each in limits_lines(frames, codebook, about=ABOUT._replace(undecided_scores=n)) if "final" in each
        ]


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
    assert methods_paragraphs(both, codebook, about=ABOUT) == methods_paragraphs(frames, codebook, about=ABOUT)
    assert limits_lines(both, codebook, about=ABOUT) == limits_lines(frames, codebook, about=ABOUT)


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
    paragraphs = methods_paragraphs(known, codebook, about=ABOUT._replace(seen_items=seen))
    assert sentence in paragraphs[1]
    warned = "Because of the training, this agreement is not independent evidence." in paragraphs[4]
    assert warned == (found == "seen_in_training")


def test_rules_and_probabilities_are_those_of_the_codebook(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    rules, probabilities = methods_paragraphs(frames, codebook, about=ABOUT)[2:4]
    assert f"with at least {codebook.min_strong_items} strong items, and weak" in rules
    assert all(f"{each.name} (source: {each.source[:-1]})" in rules for each in codebook.readings)
    assert "with 10,000 random draws of all labels" in probabilities
    table, guidelines = (reading.name for reading in codebook.readings)
    assert probabilities.endswith(  # 0.9 and 0.79; then 0.8, and a score that is missing
        f"a probability of at least 80% for 1 of 2 members under the reading {table} and 1 of 1 member (1 had no such "
        f"probability) under the reading {guidelines}."
    )


def test_agreement_with_published_scores_and_findings_have_their_n(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    published, audit = methods_paragraphs(frames, codebook, about=ABOUT)[4:6]
    table, guidelines = (reading.name for reading in codebook.readings)
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
    return frames | {"annotations": build(FIXED["annotations"], rows)}


def test_agreement_between_people_is_undefined_with_a_reason(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    def last(*rows: dict[str, Any]) -> str:
        return methods_paragraphs(people(frames, *rows), codebook, about=ABOUT)[-1]

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
    assert methods_paragraphs(people(frames, *rows), codebook, about=ABOUT)[-1] == (  # no pair differs: alpha is 1
        "Agreement between analysts who labelled the same sentences was measured with Krippendorff's alpha. For the "
        "whole label it was 1.00 (95 % bootstrap interval over items 1.00 to 1.00; n = 3 sentences by 2 analysts)."
    )


def test_limits_name_what_was_not_done(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    gap = {"name": "a report.pdf", "part": "page 2", "kind": "unread", "reason": "no text"}
    known = frames | {"gaps": build(GAPS, [gap])}
    guidelines = codebook.readings[1].name
    assert limits_lines(known, codebook, about=ABOUT) == [
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
        "Of 3 findings, 1 was not decided.",
        "Probabilities cover doubtful labels only: not doubtful rules, and not evidence that nobody found.",
    ]


def test_limits_name_disagreements_and_models(frames: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    rows = [annotation(1, "analyst", "Ada"), annotation(1, "analyst", "Bo", ""), annotation(2, "llm", "model", "")]
    known = people(frames, *rows) | {
        "labels": build(FIXED["labels"], [label(1, "", "conflict"), label(2, "", "conflict")])
    }
    lines = limits_lines(known, codebook, about=ABOUT._replace(undecided=None))
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
    assert citation_lines(frames, codebook, about=ABOUT) == [
        "The g7tag developers (2026). g7tag, version 1.2 [computer software]. Licence: Apache-2.0.",
        f"Codebook {codebook.id}, version {codebook.version} (sha256 {codebook.sha256[:12]}).",
        f"a report.pdf (sha256 0123456789ab), commitment 2024-19, {codebook.commitment.title}. Cite the report by the "
        "authors, title and date on its title page.",
    ]


def test_empty_frames_give_paragraphs_without_figures_from_nowhere(
    frames: dict[str, pd.DataFrame], codebook: Codebook
) -> None:
    empty = {name: frame.head(0) for name, frame in frames.items()}
    paragraphs = methods_paragraphs(empty, codebook, about=About())
    assert len(paragraphs) == 7
    assert "read with g7tag, unknown version: none." in paragraphs[0]
    assert "Under the policy unknown, the following labels counted (n = 0)" in paragraphs[1]
    assert not [text for text in paragraphs if "nan" in text or "<NA>" in text]
    assert limits_lines(empty, codebook, about=About())[-1].startswith("Probabilities cover doubtful labels only")
