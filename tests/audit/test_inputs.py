"""Labels and annotations that match no sentence, and missing parts of the report."""

import pandas as pd

from g7tag.audit.inputs import input_findings


def found(report, scored, **changes):
    rows = input_findings(scored | changes, report.codebook)
    return {row["finding_id"]: (row["severity"], row["message"]) for row in rows}


def test_labels_and_annotations_without_their_sentence_are_named(report, scored):
    assert found(report, scored) == {}
    labels, annotations = scored["labels"], scored["annotations"]
    labels = labels.assign(sentence_id=["gone.1", *labels["sentence_id"].iloc[1:]])
    labels = labels.assign(dimensions=["", "prevent;praise", "", ""])
    annotations = annotations.assign(
        sentence_id=["gone.1", *annotations["sentence_id"].iloc[1:]],
        text_sha256=[*annotations["text_sha256"].iloc[:3], "0"],
    )
    assert found(report, scored, labels=labels, annotations=annotations) == {
        "unknown_sentence:labels": ("high", "skipped 1 label for sentences that do not exist: gone.1."),
        "unknown_sentence:annotations": (
            "medium", "skipped 1 annotation for sentences that do not exist: ITA-01.1#t.",
        ),
        "stale_annotation:annotations": (
            "medium", "skipped 1 annotation made on a different text of the sentence: JPN-02.1#t.",
        ),
        "unknown_label:labels": (
            "high", "skipped dimensions outside the codebook (praise) in 1 label: ITA-02.1.",
        ),
    }  # fmt: skip


def test_analysts_who_disagree_are_named_and_severe_where_the_item_decides_a_score(report, scored):
    first = scored["annotations"].head(1).assign(kind="analyst", codebook_version="1")
    said = {"Ada": "prevent", "Bo": "counter"}
    each = [first.assign(annotation_id=name, annotator=name, dimensions=key) for name, key in said.items()]
    analysts = pd.concat(each, ignore_index=True)
    flips = scored["flips"]
    assert "2024-19/ITA-01" in flips["candidate_ids"].iloc[0]
    assert found(report, scored, annotations=analysts)["analysts_disagree:2024-19/ITA-01.1"][0] == "high"
    rows = found(report, scored, annotations=analysts, flips=flips.assign(size=2))
    assert rows["analysts_disagree:2024-19/ITA-01.1"][0] == "medium"


def test_what_is_missing_is_named(report, scored):
    changes = {name: scored[name].query("member == 'Italy'") for name in ("items", "claims")}
    changes["conclusions"] = scored["conclusions"].head(0)
    assert found(report, scored, **changes, citations=scored["citations"].head(0)) == {
        "no_citations:2024-19": ("medium", "the report has no notes, so no sources were checked."),
        "no_items:2024-19/JPN": ("high", "has no items, so it gets the score for no action."),
        "no_conclusion:2024-19/JPN": ("low", "has no conclusion, so no claims were compared with its evidence."),
    }
