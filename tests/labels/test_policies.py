"""Which label counts under each policy, and its probability."""

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import label_chances
from g7tag.store import text_sha256

TRIAL = {
    "prevent": [0.9, 0.01], "counter": [0.8, 0.02], "dismantle": [0.95, 0.03], "disrupt": [0.85, 0.04],
    "strength": [0.7, 0.1],
}  # fmt: skip


def rows(*given: tuple[str, str, str, str]) -> pd.DataFrame:
    """Annotations of one sentence: annotator, kind, dimensions, strength."""
    return build(
        ANNOTATIONS,
        [
            {
                "annotation_id": f"a{number}", "sentence_id": "s", "text_sha256": text_sha256("It."), "annotator": who,
                "kind": kind, "dimensions": dimensions, "strength": strength, "act": "", "exclusion": "",
                "contradicts": False, "confidence": None, "note": "", "blind": False, "occasion": "label",
                "codebook_version": "1", "at": "",
                "supersedes": "",
            }
            for number, (who, kind, dimensions, strength) in enumerate(given)
        ],
    )  # fmt: skip


SENTENCE = build(
    SENTENCES,
    [
        {
            "sentence_id": "s", "item_id": "i", "document_id": "d", "commitment_id": "c", "member": "m", "position": 1,
            "text": "It.", "start": 0, "end": 3,
        }
    ],
)  # fmt: skip
TAG = ("tagger", "classifier", "counter", "weak")
SAME, OTHER = ("good", "llm", "counter", "weak"), ("good", "llm", "prevent", "strong")
FINE = ("fine", "llm", "counter", "weak")
UNTRIED = ("bad", "llm", "disrupt", "strong")
ADA, BO, CY = (
    ("Ada", "analyst", "prevent", "weak"),
    ("Bo", "analyst", "disrupt", "weak"),
    ("Cy", "adjudicator", "", "none"),
)


@pytest.mark.parametrize(
    ("given", "policy", "expected"),
    [
        ([TAG, OTHER], "people-then-classifier", ("counter", "a0", "ok")),
        ([OTHER], "people-then-classifier", ("", "", "unlabelled")),
        ([TAG, SAME], "agreement", ("counter", "a0", "agreed")),
        ([TAG, OTHER], "agreement", ("counter", "a0", "conflict")),
        ([TAG, UNTRIED], "agreement", ("counter", "a0", "ok")),
        ([TAG, OTHER, FINE], "agreement", ("counter", "a0", "conflict")),  # the second does not hide the first
        ([TAG, SAME, FINE], "agreement", ("counter", "a0", "agreed")),
        ([TAG, OTHER, SAME], "agreement", ("counter", "a0", "agreed")),  # the same model's last word
        ([TAG], "agreement", ("counter", "a0", "ok")),
        ([OTHER], "agreement", ("", "", "unlabelled")),
        ([TAG, OTHER, ADA], "agreement", ("prevent", "a2", "ok")),
        ([TAG, SAME, ADA, BO], "agreement", ("counter", "a0", "conflict")),
        ([TAG, OTHER], "llm-reviewed", ("prevent", "a1", "ok")),
        ([TAG, UNTRIED], "llm-reviewed", ("counter", "a0", "ok")),
        ([OTHER], "llm-reviewed", ("prevent", "a0", "ok")),
        ([TAG, OTHER, SAME], "llm-reviewed", ("counter", "a2", "ok")),
        ([TAG, OTHER, ADA], "llm-reviewed", ("prevent", "a2", "ok")),
        ([TAG, OTHER, ADA, BO], "llm-reviewed", ("counter", "a0", "conflict")),
        ([TAG, OTHER, ADA, BO, CY], "llm-reviewed", ("", "a4", "ok")),
        ([TAG, OTHER], "adjudicated", ("", "", "unlabelled")),
    ],
)
def test_whose_label_counts_is_for_the_policy(
    given: list[tuple[str, str, str, str]], policy: str, expected: tuple[str, str, str]
) -> None:
    labels = g7tag.choose_labels(rows(*given), SENTENCE, policy=policy, trusted=["good", "fine"])
    assert tuple(labels.loc[0, ["dimensions", "annotation_id", "status"]]) == expected
    assert labels.loc[0, "policy"] == policy


@pytest.mark.parametrize("change", [{"contradicts": True}, {"exclusion": "border"}], ids=str)
def test_a_model_that_differs_in_contradicts_or_exclusion_alone_does_not_agree(change: dict[str, object]) -> None:
    given = rows(("tagger", "classifier", "", "none"), ("good", "llm", "", "none"))
    labels = g7tag.choose_labels(given, SENTENCE, policy="agreement", trusted=["good"])
    assert labels.loc[0, ["annotation_id", "status"]].tolist() == ["a0", "agreed"]
    for name, value in change.items():
        given.loc[1, name] = value
    labels = g7tag.choose_labels(given, SENTENCE, policy="agreement", trusted=["good"])
    assert labels.loc[0, ["annotation_id", "status"]].tolist() == ["a0", "conflict"]


def test_a_models_label_is_as_likely_as_its_trial_found(codebook: Codebook) -> None:
    run = g7tag.run_report([g7tag.example_path("invented-report.txt")])
    one = run.sentences["sentence_id"].iloc[0]
    sentence = run.sentences[run.sentences["sentence_id"] == one]
    given = rows(("good", "llm", "counter", "strong")).assign(
        sentence_id=one, text_sha256=text_sha256(sentence["text"].iloc[0])
    )
    labels = g7tag.choose_labels(given, sentence, policy="llm-reviewed", trusted=["good"])
    chances = label_chances(labels, tags=run.tags, annotations=given, codebook=codebook, trials={"good": TRIAL})
    assert chances.iloc[0, 1:].round(9).tolist() == [0.01, 0.8, 0.03, 0.04, 0.7]
