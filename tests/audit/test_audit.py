"""An audit runs every check, the most severe findings first; frames that do not match are reported."""

import pytest

from g7tag.audit import INPUTS, audit_evidence
from g7tag.audit.audit import merged_findings
from g7tag.audit.findings import finding
from g7tag.errors import FrameError


def audited(report, scored, **changes):
    """Return the findings of a scored report with some frames replaced."""
    frames = scored | changes
    return audit_evidence({name: frames[name] for name in INPUTS}, report.codebook).findings


def test_every_group_of_checks_is_part_of_the_audit(report):
    report.members[0] |= {"stated_score": -1}
    report.summary.append(
        {"document_id": "d", "table": "scores", "commitment_id": "2024-19", "member": "Italy", "value": 1.0}
        | {"percent": None}
    )
    report.claims[0]["claimed"] = "not"
    report.items[1] |= {"text": report.items[0]["text"].replace(".", ""), "date": report.items[0]["date"]}
    report.citations[1] |= {"url": report.citations[0]["url"], "title": "Title 1", "accessed": None}
    report.items[2]["date"] = report.items[2]["date"].replace(year=2023)
    report.items[3]["text"] = "On 2 October 2024, Italy and Japan signed a pact with Canada."
    report.labels["2024-19/JPN-02"] = ("", "none", "border", "not_done")
    found = report.audited(seen=200).findings
    expected = {
        "printed_scores", "summary_score", "evidence_without_claim", "duplicate_evidence", "note_without_date",
        "likely_year_misprint", "outside_period", "joint_act_not_credited", "border_evidence", "act_not_done",
        "no_full_stop", "seen_in_training", "rubric_gap", "rubric_overlap", "rubric_readings_differ",
        "depends_on_one_item",
    }  # fmt: skip
    assert expected - set(found["check"]) == set()
    assert found["check"].iloc[0] == "printed_scores"  # it leads the findings
    assert found["severity"].tolist() == sorted(found["severity"], key=["high", "medium", "low"].index)
    assert found["finding_id"].is_unique


def test_a_consistent_report_has_no_findings_but_of_its_rules_and_what_its_scores_rest_on(report, scored):
    assert set(audited(report, scored)["check"]) == {
        "rubric_gap", "rubric_overlap", "rubric_readings_differ", "depends_on_one_item", "depends_on_threshold",
    }  # fmt: skip


def test_a_report_of_nothing_gives_findings_and_no_error(report):
    report.items, report.citations, report.claims, report.members = [], [], [], []
    checks = set(report.audited().findings["check"])
    assert checks == {"no_citations", "rubric_gap", "rubric_overlap", "rubric_readings_differ"}


def test_labels_outside_the_codebook_and_of_unknown_sentences_do_not_count_and_are_named(report, scored):
    labels = scored["labels"]
    odd = labels.assign(
        sentence_id=["gone.1", *labels["sentence_id"].iloc[1:]],
        dimensions=["prevent", "prevent;praise"] + ["prevent"] * 2,
    )
    found = audited(report, scored, labels=odd)
    assert {"unknown_sentence:labels", "unknown_label:labels"} <= set(found["finding_id"])
    assert "depends_on_one_item" in set(found["check"])  # the rest is audited


def test_hidden_text_is_not_held_against_the_report(report, scored):
    start = len(report.documents[0]["text"])
    report.documents[0]["text"] += "\nAt the 2022 Apulia Summit, leaders met."
    shown = audited(report, scored, documents=report.tables()["documents"])
    report.documents[0]["hidden"] = f'[[{start}, {len(report.documents[0]["text"])}, "white"]]'
    hidden = audited(report, scored, documents=report.tables()["documents"])
    assert set(shown["check"]) - set(hidden["check"]) == {"wrong_summit_year"}


def test_findings_of_one_id_are_one_with_the_highest_severity_and_all_proof(report, scored):
    rows = [finding("c", severity, "s", "m", proof=[proof]) for severity, proof in (("low", "a"), ("high", "b"))]
    (row,) = merged_findings([*rows, finding("c", "medium", "s", "n", proof=["a"])])
    assert (row["severity"], row["message"], row["proof"]) == ("high", "m n", "a;b")
    report.members[0]["published_score"] = 1
    report.claims += [row | {"position": 2} for row in report.claims if row["member"] == "Italy"]
    found = audited(report, scored, **{name: report.tables()[name] for name in ("members", "claims")}).set_index(
        "check"
    )
    assert found.loc["claims_contradict_score", "message"] == " ".join(
        f"the claims of conclusion {place} do not lead to the published +1 under any reading." for place in (1, 2)
    )


def test_a_frame_that_breaks_its_schema_is_refused_by_name(report, scored):
    broken = {name: scored[name] for name in INPUTS} | {"items": scored["items"].drop(columns="date")}
    with pytest.raises(FrameError, match="audit: not a valid items frame\n  column 'date' is missing"):
        audit_evidence(broken, report.codebook)
