"""Tables and texts on scores, doubts, reasons and an audit."""

import numpy as np
import pandas as pd
import pytest

import g7tag
from g7tag import report
from g7tag.batch import TaggedFile
from g7tag.labels import open_doubts
from g7tag.report import counts_text, doubtful_text, doubts_of, member_reasons, right_text, run_table, tagged_lines
from g7tag.scoring import check_codebook

FINDING = {"finding_id": "a:b", "check": "a", "member": "", "subject": "b", "message": "m.", "proof": "b"}


def test_the_score_table_has_a_row_a_member_and_the_averages(run):
    table = run_table(run.frames, run.codebook)
    assert table["Member"].tolist() == ["Canada", "Japan", "Average", "Compliance"]
    assert table["Published"].tolist() == ["+1", "0", "+0.50", "75%"]  # (1 + 0) / 2
    first = run.evidence_matrix.iloc[0]
    counts = f"{first['n_strong']}\u00a0strong, {first['n_weak']}\u00a0weak"
    assert table[first["dimension"]].iloc[0] == f"{first['level']}: {counts}"
    none = run.scores.assign(suggested_score=pd.array([pd.NA] * len(run.scores), "Int64"))
    unknown = run_table(run.frames | {"scores": none}, run.codebook)
    assert unknown[["Suggested (table)", "Suggested (guidelines)"]].tail(2).to_numpy().tolist() == [["none"] * 2] * 2


def test_the_ingested_table_counts_every_item_and_sentence(run):
    table = report.ingested_table(run.members, run.items, run.sentences)
    assert (table["items"].sum(), table["sentences"].sum()) == (len(run.items), len(run.sentences))
    assert len(report.ingested_table(run.members, run.items.head(0), run.sentences.head(0))) == len(run.members)


def test_each_member_whose_score_turns_on_one_item_is_named_with_the_doubts():
    rows = [("Italy", "x/ITA-01.1", "score", False), ("Italy", "x/ITA-02.3", "score", True)]
    rows += [("Japan", "x/JPN-01.1", "level", True)]
    behind = pd.DataFrame(rows, columns=["member", "sentence_id", "decides", "needs_review"])
    assert report.deciding_lines(behind) == [
        "Italy: any one of these items can change the suggested score: x/ITA-01, x/ITA-02 (doubtful)."
    ]


def test_the_counts_name_what_was_not_read_whole_and_leave_out_other_commitments(run):
    items = run.items.assign(status=["cut_off", "date_unread", *run.items["status"].iloc[2:]])
    words = counts_text(run.frames | {"items": items})
    assert words.startswith(f"{len(run.items)} items, {len(run.tags)} sentences tagged (")
    assert words.endswith("2024-19/CAN-01 cut off, 2024-19/CAN-02 date unread.")
    other = run.items.assign(commitment_id="2024-07", item_id=run.items["item_id"].str.replace("2024-19", "2024-07"))
    both = pd.concat([run.items, other.assign(status="cut_off")], ignore_index=True)
    assert str(run.with_frames(items=both)) == str(run)


def test_one_measurement_on_one_file_is_a_table_of_its_own(codebook):
    stored = g7tag.evaluation.stored_evaluation(codebook)
    where = {"scheme": "member left out", "tested_on": "public-pages.csv"}
    labels = report.evaluation_table("labels", stored["labels"], **where)
    assert labels["label"].tolist()[:4] == codebook.dimension_keys
    assert list(labels.columns)[-1] == "f1"
    confusion = report.evaluation_table("confusion", stored["confusion"], of="strength", **where)
    assert confusion["truth"].tolist() == ["strong", "weak", "none"]
    assert report.evaluation_table("labels", stored["labels"], scheme="none", tested_on="none").empty


def test_the_headline_counts_and_names_the_first():
    findings = pd.DataFrame([FINDING | {"severity": "high"}, FINDING | {"severity": "low", "subject": "c"}])
    assert report.headline(findings) == "2 findings (1 high, 1 low). Most severe: b: m."
    assert report.headline(findings.head(0)) == "No findings."
    assert list(report.findings_tables(findings)) == ["High: 1", "Low: 1"]


def test_findings_of_a_check_are_joined_only_if_they_are_as_severe_and_name_every_member():
    rows = [("high", "a", "DEU"), ("high", "b", ""), ("high", "a", "ITA"), ("medium", "a", "DEU"), ("low", "c", "JPN")]
    findings = pd.DataFrame(rows, columns=["severity", "check", "member"]).assign(subject="x/y", message="m.")
    assert report.first_findings(findings, most=2) == [
        "High: y: m. (a; 2 findings on DEU, ITA)", "High: y: m. (b)", "Not shown: 2 findings (1 medium, 1 low)."
    ]  # fmt: skip
    assert report.first_findings(findings.head(0)) == ["No finding is open."]
    on_codebook = findings.assign(check=["rubric_gap", "b", "rubric_gap", "a", "c"])
    assert [line[0] + line[-3:] for line in report.first_findings(on_codebook)] == ["H(b)", "HTA)", "M(a)", "L(c)"]


def test_the_proof_is_its_sentences_the_first_of_each_item_and_the_ids_of_the_rest(run):
    first, second, *_ = run.sentences["item_id"].unique()
    (other,) = run.sentences.loc[run.sentences["item_id"] == second, "sentence_id"].iloc[[1]]
    lines = report.proof_lines(FINDING | {"proof": f"b;{first};{other};note 7"}, run.sentences)
    assert [line.partition(":")[0] for line in lines] == [f"{first}.1", other, "see note 7"]
    every = report.proof_lines(FINDING | {"proof": ";".join(run.sentences["sentence_id"])}, run.sentences)
    assert (len(every), every[-1]) == (7, f"and {len(run.sentences) - 6} more sentences")
    assert report.proof_lines(FINDING, run.sentences) == []


def test_reasons_name_the_rule_the_strong_items_and_other_thresholds(run):
    lines = member_reasons(run.frames, run.codebook)["Canada: suggested 0, published +1"]
    cell = run.evidence_matrix.set_index(["member", "dimension"]).loc[("Canada", "prevent")]
    assert f"prevent ({cell['n_strong']} strong items, {cell['n_weak']} weak items; strong: CAN-03" in lines[0]
    assert lines[1] == "Rule: strong action in one to three dimensions, so 0."
    assert "Score by the threshold of strong items (2 in the codebook): +1 with 1; 0 with 2, 3, 4, 5." in lines


def test_readings_that_differ_are_told_apart_and_no_flip_is_said(run):
    scores = run.scores.assign(suggested_score=[1, 0] * 2, rule=["one", "other"] * 2)
    flips = run.flips.assign(size=None, n_sets=0, item_ids="", sentence_ids="", change="", to_score=None)
    reasons = member_reasons(run.frames | {"scores": scores, "flips": flips}, run.codebook)
    lines = reasons["Canada: suggested +1 (scoring-table), 0 (interpretive-guidelines), published +1"]
    assert lines[1:3] == ["Rule: one, so +1 (scoring-table).", "Rule: other, so 0 (interpretive-guidelines)."]
    assert "Smallest flip: none. No change of its items' labels changes the score." in lines


def test_thresholds_stand_by_member_with_a_star_where_the_score_is_another(run):
    table = report.run_thresholds(run.frames, run.codebook).set_index("Member")
    assert table.columns.tolist() == ["1 item", "2 items", "3 items", "4 items", "5 items"]
    assert table.loc["Canada"].tolist() == ["+1*", "0", "0", "0", "0"]
    assert table.loc["Japan"].tolist() == ["0", "0", *["no score* or 0"] * 3]
    assert table.loc["Published scores matched (table)", "2 items"] == "1 of 2"


def test_the_ledger_is_told_of_in_a_line():
    rows = pd.DataFrame({"status": ["open", "open", "decided"]})
    assert report.ledger_text(rows, rows, frozenset()) == "Ledger: 3 rows, 2 open, 1 decided, 0 dismissed."
    assert report.ledger_text(rows, rows, frozenset({"b", "a"})).endswith("; stale because the evidence changed: a, b.")


def test_the_linters_problems_take_three_lines_each(codebook):
    found = check_codebook(codebook)
    lines = report.rubric_lines(found)
    assert len(lines) == 3 * len(found)
    assert lines[:2] == ["scoring-table: no rule covers the state", "  in 6 of 81 states: 0 strong and 2 weak"]


@pytest.mark.parametrize("limit", [0.44, 0.57, 0.8])
def test_what_is_shown_is_under_the_limit_if_and_only_if_the_number_is(limit):
    shares = np.concatenate([np.linspace(0.01, 0.995, 5000), [limit, np.nextafter(limit, 0)]])
    shown = [int(right_text(share).rstrip("%")) for share in shares]
    assert [each < round(100 * limit) for each in shown[:-1]] == (shares[:-1] < limit).tolist()


def test_every_reason_has_words_and_the_limit_is_one_of_them():
    reasons = ["unlikely", "unlikely", "planned_cue", "", "reversed"]
    tags = pd.DataFrame({"sentence_id": list("abcde"), "review_reason": reasons, "review_below": 0.44})
    assert doubts_of(tags).to_dict() == {
        "a": "under 44% likely right", "b": "under 44% likely right", "c": "with words of plans", "d": "",
        "e": "tagged as reversed",
    }  # fmt: skip
    assert doubtful_text(tags) == "4 doubtful: 2 under 44% likely right, 1 with words of plans, 1 tagged as reversed"
    assert doubtful_text(tags[tags["review_reason"] == ""]) == "0 doubtful: 0 under 44% likely right"


def test_wherever_doubt_is_counted_the_limit_is_said(run, invented_run):
    words = doubtful_text(run.tags)
    assert f"under {run.tags['review_below'].max():.0%} likely right" in words
    assert f"tagged ({words})" in counts_text(run.frames)
    page = (invented_run / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert page.count(words.replace(" doubtful", " were doubtful")) == 2  # methods and limits
    lines = tagged_lines(TaggedFile(9, 9, 2, 0.44, 0, None, []))
    assert lines[-1] == "9 sentences tagged, 2 of them doubtful (under 44% likely right, or another review_reason)."


def test_a_doubt_is_closed_where_the_label_that_counts_is_not_the_taggers(run):
    doubtful = run.tags.loc[run.tags["needs_review"], "sentence_id"].tolist()
    first = run.labels["sentence_id"] == doubtful[0]
    agreed = run.labels.assign(status=run.labels["status"].mask(first, "agreed"))
    assert open_doubts(run.tags, run.labels, run.annotations).equals(run.tags)
    left = open_doubts(run.tags, agreed, run.annotations)
    assert left.loc[left["needs_review"], "sentence_id"].tolist() == doubtful[1:]
    assert (left["needs_review"] == (left["review_reason"] != "")).all()
