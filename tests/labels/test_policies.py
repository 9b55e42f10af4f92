"""Which label counts under each policy, how likely it is, whose it is, and who disagrees."""

import pytest
from frame_rows import tags_of

import g7tag
from g7tag.codebook import ACTS
from g7tag.errors import InputError
from g7tag.labels import (
    classifier_annotations,
    disputed_sentences,
    label_authors,
    label_chances,
    own_disagreements,
    party_decisions,
)
from g7tag.report.models import labels_text
from g7tag.store import text_sha256

LATER = "2026-01-02T00:00:00.000+00:00"


def by(who, kind, dimensions, strength="weak", **changes):
    return {"annotator": who, "kind": kind, "dimensions": dimensions, "strength": strength, **changes}


TAG = by("tagger", "classifier", "counter")
SAME, OTHER, FINE = by("good", "llm", "counter"), by("good", "llm", "prevent", "strong"), by("fine", "llm", "counter")
UNTRIED = by("bad", "llm", "disrupt", "strong")
ADA, BO = by("Ada", "analyst", "prevent"), by("Bo", "analyst", "disrupt")
CY, DI = by("Cy", "adjudicator", "", "none"), by("Di", "adjudicator", "disrupt")
DEFAULT = "people-then-classifier"


@pytest.mark.parametrize(("given", "policy", "expected"), [
    ([], DEFAULT, ("", "", "unlabelled")),
    ([TAG], DEFAULT, ("counter", "a0", "ok")),
    ([TAG, OTHER], DEFAULT, ("counter", "a0", "ok")),  # a model does not count
    ([OTHER], DEFAULT, ("", "", "unlabelled")),
    ([TAG, ADA], DEFAULT, ("prevent", "a1", "ok")),
    ([TAG, ADA, BO | {"dimensions": "prevent"}], DEFAULT, ("prevent", "a2", "ok")),
    ([TAG, ADA, BO], DEFAULT, ("counter", "a0", "conflict")),
    ([ADA, BO], DEFAULT, ("", "", "conflict")),
    ([TAG, ADA, BO, DI], DEFAULT, ("disrupt", "a3", "ok")),
    ([TAG, CY, DI], DEFAULT, ("counter", "a0", "conflict")),
    ([ADA | {"text": "An older text."}], DEFAULT, ("", "", "unlabelled")),
    ([ADA, ADA | {"dimensions": "disrupt", "supersedes": "a0"}], DEFAULT, ("disrupt", "a1", "ok")),
    ([TAG], "agreement", ("counter", "a0", "ok")),
    ([OTHER], "agreement", ("", "", "unlabelled")),
    ([TAG, SAME], "agreement", ("counter", "a0", "agreed")),
    ([TAG, OTHER], "agreement", ("counter", "a0", "conflict")),
    ([TAG, UNTRIED], "agreement", ("counter", "a0", "ok")),
    ([TAG, OTHER, FINE], "agreement", ("counter", "a0", "conflict")),  # the second does not hide the first
    ([TAG, OTHER, SAME], "agreement", ("counter", "a0", "agreed")),  # the same model's last word
    ([TAG, SAME | {"contradicts": True}], "agreement", ("counter", "a0", "conflict")),
    ([TAG, OTHER, ADA], "agreement", ("prevent", "a2", "ok")),
    ([TAG, SAME, ADA, BO], "agreement", ("counter", "a0", "conflict")),
    ([TAG, OTHER], "llm-reviewed", ("prevent", "a1", "ok")),
    ([OTHER], "llm-reviewed", ("prevent", "a0", "ok")),
    ([TAG, UNTRIED], "llm-reviewed", ("counter", "a0", "ok")),
    ([TAG, OTHER, SAME], "llm-reviewed", ("counter", "a2", "ok")),
    ([TAG, OTHER, ADA], "llm-reviewed", ("prevent", "a2", "ok")),
    ([TAG, OTHER, ADA, BO], "llm-reviewed", ("counter", "a0", "conflict")),
    ([TAG, OTHER, ADA, BO, CY], "llm-reviewed", ("", "a4", "ok")),
    ([TAG, OTHER], "adjudicated", ("", "", "unlabelled")),
    ([TAG, DI], "adjudicated", ("disrupt", "a1", "ok")),
])  # fmt: skip
def test_the_label_that_counts(sentences, annotations, given, policy, expected):
    labels = g7tag.choose_labels(annotations(*given), sentences(["s0"]), policy=policy, trusted=["good", "fine"])
    assert tuple(labels.loc[0, ["dimensions", "annotation_id", "status"]]) == expected
    strengths = {f"a{place}": row["strength"] for place, row in enumerate(given)} | {"": "none"}
    assert labels.loc[0, ["strength", "policy"]].tolist() == [strengths[expected[1]], policy]


def test_every_sentence_has_one_label_in_the_sentences_order(sentences, annotations):
    labels = g7tag.choose_labels(annotations(TAG), sentences(["s2", "s0", "s1"]))
    assert labels["sentence_id"].tolist() == ["s2", "s0", "s1"]
    assert labels["status"].tolist() == ["unlabelled", "ok", "unlabelled"]
    assert labels.loc[0, ["dimensions", "strength", "exclusion", "contradicts"]].tolist() == ["", "none", "", False]
    nothing = g7tag.choose_labels(annotations(), sentences([]))
    assert len(nothing) == len(label_authors(nothing, annotations())) == 0


def test_an_unknown_policy_is_refused(sentences, annotations):
    known = "'adjudicated', 'agreement', 'llm-reviewed', 'people-then-classifier'"
    with pytest.raises(InputError, match=f"policy 'llm-first' is unknown, expected one of {known}"):
        g7tag.choose_labels(annotations(), sentences([]), policy="llm-first")


@pytest.mark.parametrize(("rows", "said"), [
    ([ADA, BO], "Ada: weak prevent; Bo: weak disrupt"),
    ([ADA, ADA | {"annotator": "Bo", "strength": "strong"}], "Ada: weak prevent; Bo: strong prevent"),
    ([ADA, ADA | {"annotator": "Bo", "contradicts": True}], "Ada: weak prevent; Bo: weak prevent, contradicts"),
    ([CY, CY | {"annotator": "Di", "exclusion": "border"}], "Cy: none; Di: none (border)"),
    ([ADA, BO, CY], ""),
    ([ADA, ADA | {"annotator": "Bo"}], ""),
    ([ADA, ADA | {"annotator": "Bo", "act": "planned"}], ""),
    ([ADA, BO | {"text": "An older text."}], ""),
    ([ADA, ADA | {"dimensions": "disrupt", "supersedes": "a0"}], ""),
    ([TAG, OTHER], ""),
], ids=str)  # fmt: skip
def test_people_who_differ_in_a_part_that_counts_disagree_until_it_is_decided(sentences, annotations, rows, said):
    found = disputed_sentences(annotations(*rows), sentences(["s1", "s0"]))
    assert found.to_numpy().tolist() == ([["s0", said]] if said else [])
    labels = g7tag.choose_labels(annotations(*rows), sentences(["s0"]))
    assert (labels.loc[0, "status"] == "conflict") == bool(said)


def test_disputed_sentences_are_named_in_the_sentences_order(sentences, annotations):
    rows = [row | {"sentence_id": name} for name in ("s0", "s1") for row in (TAG, ADA, BO)]
    found = disputed_sentences(annotations(*rows), sentences(["s1", "s2", "s0"]))
    assert found["sentence_id"].tolist() == ["s1", "s0"]


@pytest.mark.parametrize(("rows", "signed"), [
    ([by(who, "analyst", "counter") for who in ("Cyd", "Ada", "Bo")], "Ada, Bo and Cyd"),
    ([ADA, ADA | {"annotator": "Bo"}, BO | {"occasion": "withdrawn"}], "Ada"),
    ([ADA, ADA | {"annotator": "Bo", "text": "Another text."}], "Ada"),
    ([by("corpus", "adjudicator", "prevent", at=""), ADA, by("Cyd", "adjudicator", "prevent")], "Cyd"),
    ([by("corpus", "adjudicator", "prevent", at="")], "corpus"),  # it is not a person
    ([], ""),
], ids=["in order", "withdrawn", "another text", "adjudicator", "corpus", "nobody"])  # fmt: skip
def test_only_those_whose_label_counts_sign_it(sentences, annotations, rows, signed):
    given = annotations(*rows)
    labels = g7tag.choose_labels(given, sentences(["s0", "s1"]))
    assert label_authors(labels, given).to_dict() == {"s0": signed, "s1": ""}
    assert not signed or f"1 by {signed}, 1 unlabelled" in labels_text(labels, given)


@pytest.mark.parametrize(("earlier", "is_party"), [
    ([("Ada", "weak"), ("Bo", "strong")], True),
    ([("ada", "weak"), ("Bo", "strong")], True),  # the same person on another machine
    ([("Ada", "strong"), ("Bo", "strong")], False),
    ([("Ada", "weak")], False),
    ([("Ada", "weak"), ("Ada", "strong")], False),  # changed her own mind
    ([("Bo", "weak"), ("Cyd", "strong")], False),
    ([("Ada", "weak"), ("Bo", "strong"), ("Ada", "strong")], True),  # gave in, then decided
    ([("Ada", "weak"), ("Bo", "strong"), ("Ada", "")], True),  # withdrew, then decided
], ids=str)  # fmt: skip
def test_a_party_to_the_disagreement_signs_as_such(sentences, annotations, earlier, *, is_party):
    rows = [
        by(who, "analyst", "counter", strength or "none", occasion="label" if strength else "withdrawn")
        for who, strength in earlier
    ]
    given, texts = annotations(*rows, by("Ada", "adjudicator", "counter", at=LATER)), sentences(["s0"])
    expected = ["s0"] if is_party else []
    assert party_decisions(given, texts)["sentence_id"].tolist() == expected
    assert own_disagreements("Ada", given, texts) == set(expected)
    signed = label_authors(g7tag.choose_labels(given, texts), given)["s0"]
    assert signed == ("Ada, a party to the disagreement" if is_party else "Ada")


@pytest.fixture
def tags(codebook):
    shares = {f"p_{key}": 0.5 for key in (*codebook.dimension_keys, "strong")} | {f"p_{act}": 0.1 for act in ACTS}
    own = {"p_excluded": 0.2, "p_prevent": 0.9, "dimensions": "counter", "strength": "weak", "act": "done"}
    rows = [{"sentence_id": "s0"}, {"sentence_id": "s1", "status": "unknown_words"}]
    return tags_of(codebook, rows, **shares | own, p_right=0.75, tagger="tagger")


def test_each_tag_with_a_judgement_is_an_annotation_of_the_present_text(codebook, sentences, tags):
    (row,) = classifier_annotations(tags, sentences(["s0", "s1"]), codebook).to_dict("records")
    assert (row["annotation_id"], row["text_sha256"]) == ("s0#classifier", text_sha256("Text of s0."))
    assert (row["annotator"], row["kind"], row["codebook_version"]) == ("tagger", "classifier", codebook.version)
    assert (row["dimensions"], row["strength"], row["act"], row["confidence"]) == ("counter", "weak", "done", 0.75)
    assert classifier_annotations(tags.head(0), sentences([]), codebook).empty


@pytest.mark.parametrize(("row", "expected"), [
    # 0.9 is cut to 1 - 3 * 0.1: three of the acts have no dimension
    (TAG, [0.7, 0.5, 0.5, 0.5, 0.5]),
    (by("good", "llm", "counter", "strong"), [0.01, 0.8, 0.03, 0.04, 0.7]),
    (by("good", "llm", "", "none"), [0.01, 0.02, 0.03, 0.04, 0.0]),
    (by("fine", "llm", "counter", "strong"), [0, 1, 0, 0, 1]),
    (by("Ada", "analyst", "prevent;counter", "weak"), [1, 1, 0, 0, 0]),
], ids=["tagger", "trial", "trial, none", "no trial", "person"])  # fmt: skip
def test_a_label_is_as_likely_as_its_tagger_or_trial_found_and_certain_by_people(
    codebook, sentences, annotations, tags, row, expected
):
    given = annotations(row)
    labels = g7tag.choose_labels(given, sentences(["s0"]), policy="llm-reviewed", trusted=["good", "fine"])
    trial = dict(zip(codebook.dimension_keys, ([0.9, 0.01], [0.8, 0.02], [0.95, 0.03], [0.85, 0.04]), strict=True))
    trials = {"good": trial | {"strength": [0.7, 0.1]}}
    chances = label_chances(labels, tags=tags, annotations=given, codebook=codebook, trials=trials)
    assert chances.iloc[0, 1:].astype("float64").round(9).tolist() == expected
