"""Which annotation counts: people before the classifier, the present text before an older one."""

import pandas as pd
import pytest

from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.scoring import choose_labels
from g7tag.store import text_sha256

TEXT = "They signed a treaty."


def sentences(*ids: str) -> pd.DataFrame:
    keys = {"item_id": "i", "document_id": "d", "commitment_id": "2030-01", "member": "Italy", "text": TEXT}
    rows = [{"sentence_id": each, "position": place, "start": 0, "end": 1, **keys} for place, each in enumerate(ids, 1)]
    return build(SENTENCES, rows)


def annotation(
    kind: str, dimensions: str, *, name: str = "", text: str = TEXT, supersedes: str = ""
) -> dict[str, object]:
    return {
        "annotation_id": name or f"{kind}-{dimensions}", "sentence_id": "s1", "text_sha256": text_sha256(text),
        "annotator": "someone", "kind": kind, "dimensions": dimensions, "strength": "strong", "exclusion": "",
        "contradicts": False, "confidence": 0.5, "note": "", "codebook_version": "1", "at": "",
        "supersedes": supersedes,
    }  # fmt: skip


CLASSIFIER, LLM = annotation("classifier", "prevent"), annotation("llm", "counter")
ANALYST, COLLEAGUE = annotation("analyst", "counter"), annotation("analyst", "disrupt")


@pytest.mark.parametrize(
    ("annotations", "dimensions", "status"),
    [
        ([CLASSIFIER], "prevent", "ok"),
        ([CLASSIFIER, LLM], "prevent", "ok"),
        ([CLASSIFIER, ANALYST], "counter", "ok"),
        ([CLASSIFIER, ANALYST, annotation("analyst", "counter", name="second")], "counter", "ok"),
        ([CLASSIFIER, ANALYST, COLLEAGUE], "prevent", "conflict"),
        ([ANALYST, COLLEAGUE], "", "conflict"),
        ([CLASSIFIER, ANALYST, COLLEAGUE, annotation("adjudicator", "disrupt")], "disrupt", "ok"),
        ([LLM], "", "unlabelled"),
        ([], "", "unlabelled"),
        ([annotation("analyst", "counter", text="An older text.")], "", "unlabelled"),
        ([ANALYST, annotation("analyst", "disrupt", name="new", supersedes="analyst-counter")], "disrupt", "ok"),
    ],
    ids=[
        "classifier", "an-llm-does-not-count", "analyst-first", "analysts-agree", "analysts-disagree",
        "analysts-disagree-alone", "adjudicator-first", "llm-alone", "nobody", "stale", "superseded",
    ],
)  # fmt: skip
def test_the_label_that_counts(annotations: list[dict[str, object]], dimensions: str, status: str) -> None:
    labels = choose_labels(build(ANNOTATIONS, annotations), sentences("s1"))
    assert labels[["dimensions", "status"]].to_numpy().tolist() == [[dimensions, status]]
    assert labels["strength"].tolist() == ["strong" if dimensions else "none"]


def test_every_sentence_has_one_label_in_the_sentences_order() -> None:
    labels = choose_labels(build(ANNOTATIONS, [CLASSIFIER]), sentences("s2", "s1", "s3"))
    assert labels["sentence_id"].tolist() == ["s2", "s1", "s3"]
    assert labels["status"].tolist() == ["unlabelled", "ok", "unlabelled"]


def test_no_sentences_give_no_labels() -> None:
    assert len(choose_labels(build(ANNOTATIONS, []), sentences())) == 0


def test_an_unknown_policy_is_refused() -> None:
    known = "'adjudicated', 'agreement', 'llm-reviewed', 'people-then-classifier'"
    with pytest.raises(InputError, match=f"policy 'llm-first' is unknown, expected one of {known}"):
        choose_labels(build(ANNOTATIONS, []), sentences(), policy="llm-first")
