"""Frames that do not match are reported, and the rest is audited."""

from typing import Any

import pytest

from g7tag.audit import INPUTS, audit_evidence
from g7tag.errors import FrameError


def test_labels_of_sentences_that_do_not_exist_are_left_out_and_named(report: Any) -> None:
    labels = report.frames()["labels"]
    lost = labels.assign(sentence_id=["gone.1", *labels["sentence_id"].iloc[1:]])
    found = report.found("unknown_sentence", labels=lost)
    assert found == {"unknown_sentence:labels": "skipped 1 label for sentences that do not exist: gone.1."}
    assert "depends_on_one_item" in set(report.audited(labels=lost).findings["check"])  # the rest is audited


def test_labels_outside_the_codebook_do_not_count_and_are_named(report: Any) -> None:
    labels = report.frames()["labels"]
    odd = labels.assign(dimensions=["prevent;praise", *labels["dimensions"].iloc[1:]])
    (message,) = report.found("unknown_label", labels=odd).values()
    assert message == "skipped dimensions outside the codebook (praise) in 1 label: ITA-01.1."


def test_annotations_of_sentences_that_are_gone_or_were_reworded_are_named(report: Any) -> None:
    annotations = report.frames()["annotations"]
    changed = annotations.assign(
        sentence_id=["gone.1", *annotations["sentence_id"].iloc[1:]],
        text_sha256=[*annotations["text_sha256"].iloc[:3], "0"],
    )
    found = report.found("unknown_sentence", "stale_annotation", annotations=changed)
    assert sorted(found) == ["stale_annotation:annotations", "unknown_sentence:annotations"]
    assert found["stale_annotation:annotations"].startswith("skipped 1 annotation made on a different text")


def test_a_member_without_items_is_grave(report: Any) -> None:
    report.items = report.items[:2]
    findings = report.audited().findings.set_index("finding_id")
    assert findings.loc["no_items:2024-19/JPN", ["severity", "message"]].tolist() == [
        "high", "has no items, so it gets the score for no action.",
    ]  # fmt: skip


def test_a_report_of_nothing_gives_findings_and_no_error(report: Any) -> None:
    report.items, report.citations, report.claims = [], [], []
    assert {"no_items", "no_citations", "no_conclusion"} <= set(report.audited().findings["check"])


def test_no_members_at_all_give_the_rubric_alone(report: Any) -> None:
    report.items, report.citations, report.claims, report.members = [], [], [], []
    checks = set(report.audited().findings["check"])
    assert checks == {"no_citations", "rubric_gap", "rubric_overlap", "rubric_readings_differ"}


def test_a_frame_that_breaks_its_schema_is_refused_by_name(report: Any) -> None:
    frames = report.frames()
    broken = {name: frames[name] for name in INPUTS} | {"items": frames["items"].drop(columns="date")}
    with pytest.raises(FrameError, match="audit: not a valid items frame\n  column 'date' is missing"):
        audit_evidence(broken, report.codebook)
