"""Which annotation counts: people before the classifier, the current text before an older one."""

import pandas as pd
import pytest

from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import choose_labels, disputed_sentences
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
        "annotator": "someone", "kind": kind, "dimensions": dimensions, "strength": "strong", "act": "",
        "exclusion": "", "contradicts": False, "confidence": 0.5, "note": "", "blind": False, "occasion": "label",
        "codebook_version": "1", "at": "", "supersedes": supersedes,
    }  # fmt: skip


CLASSIFIER, LLM = annotation("classifier", "prevent"), annotation("llm", "counter")
AS_ANALYST = annotation("analyst", "counter", name="other") | {"annotator": "Bo"}
ANALYST, COLLEAGUE = annotation("analyst", "counter"), annotation("analyst", "disrupt") | {"annotator": "Bo"}


@pytest.mark.parametrize(
    ("annotations", "dimensions", "status"),
    [
        ([CLASSIFIER], "prevent", "ok"),
        ([CLASSIFIER, LLM], "prevent", "ok"),
        ([CLASSIFIER, ANALYST], "counter", "ok"),
        ([CLASSIFIER, ANALYST, annotation("analyst", "counter", name="second") | {"annotator": "Bo"}], "counter", "ok"),
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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"contradicts": True}, "Ada: strong counter; Bo: strong counter, contradicts"),
        ({"strength": "weak"}, "Ada: strong counter; Bo: weak counter"),
        ({"dimensions": "counter;disrupt"}, "Ada: strong counter; Bo: strong counter;disrupt"),
    ],
    ids=["contradicts", "strength", "dimensions"],
)
def test_analysts_who_differ_in_any_part_of_a_label_disagree(change: dict[str, object], said: str) -> None:
    rows = [CLASSIFIER, ANALYST | {"annotator": "Ada"}, AS_ANALYST | {"annotator": "Bo"} | change]
    labels = choose_labels(build(ANNOTATIONS, rows), sentences("s1"))
    assert labels[["dimensions", "status"]].to_numpy().tolist() == [["prevent", "conflict"]]
    assert disputed_sentences(build(ANNOTATIONS, rows), sentences("s1")).to_numpy().tolist() == [["s1", said]]
    settled = build(ANNOTATIONS, [*rows, annotation("adjudicator", "disrupt")])
    assert choose_labels(settled, sentences("s1"))["status"].tolist() == ["ok"]
    assert disputed_sentences(settled, sentences("s1")).empty


def test_analysts_who_exclude_for_different_reasons_disagree() -> None:
    none = {"dimensions": "", "strength": "none"}
    rows = [CLASSIFIER, ANALYST | none, AS_ANALYST | none | {"exclusion": "border"}]
    assert choose_labels(build(ANNOTATIONS, rows), sentences("s1"))["status"].tolist() == ["conflict"]


def test_disputed_sentences_are_named_in_the_sentences_order() -> None:
    rows = [
        each | {"sentence_id": name, "annotation_id": f"{name}-{each['annotation_id']}"}
        for name in ("s1", "s2")
        for each in (CLASSIFIER, ANALYST, COLLEAGUE)
    ]
    disputed = disputed_sentences(build(ANNOTATIONS, rows), sentences("s2", "s3", "s1"))
    said = "someone: strong counter; Bo: strong disrupt"
    assert disputed.to_numpy().tolist() == [["s2", said], ["s1", said]]


def test_nobody_disagrees_where_labels_are_alike_old_or_superseded() -> None:
    alike = [ANALYST, AS_ANALYST]
    stale = [ANALYST, annotation("analyst", "disrupt", text="An older text.")]
    superseded = [ANALYST, annotation("analyst", "disrupt", name="new", supersedes="analyst-counter")]
    for rows in (alike, stale, superseded, [CLASSIFIER, LLM], []):
        assert disputed_sentences(build(ANNOTATIONS, rows), sentences("s1")).to_numpy().tolist() == []


def test_every_sentence_has_one_label_in_the_sentences_order() -> None:
    labels = choose_labels(build(ANNOTATIONS, [CLASSIFIER]), sentences("s2", "s1", "s3"))
    assert labels["sentence_id"].tolist() == ["s2", "s1", "s3"]
    assert labels["status"].tolist() == ["unlabelled", "ok", "unlabelled"]


def test_a_sentence_without_a_label_has_nothing_of_one() -> None:
    (row,) = choose_labels(build(ANNOTATIONS, []), sentences("s1")).to_dict("records")
    assert row == {
        "sentence_id": "s1", "dimensions": "", "strength": "none", "exclusion": "", "contradicts": False,
        "annotation_id": "", "policy": "people-then-classifier", "status": "unlabelled",
    }  # fmt: skip


def test_no_sentences_give_no_labels() -> None:
    assert len(choose_labels(build(ANNOTATIONS, []), sentences())) == 0


def test_an_unknown_policy_is_refused() -> None:
    known = "'adjudicated', 'agreement', 'llm-reviewed', 'people-then-classifier'"
    with pytest.raises(InputError, match=f"policy 'llm-first' is unknown, expected one of {known}"):
        choose_labels(build(ANNOTATIONS, []), sentences(), policy="llm-first")
