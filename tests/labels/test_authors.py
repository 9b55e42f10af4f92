"""Who gave each label that counts: only people whose label was not withdrawn and is on the current text."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import (
    choose_labels,
    label_authors,
    own_disagreements,
    party_decisions,
    people_annotations,
    withdrawal,
)
from g7tag.report.models import labels_text

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = {"dimensions": "counter", "strength": "weak", "act": "", "exclusion": "", "contradicts": False, "note": ""}


def sentences(text: str = "It.") -> pd.DataFrame:
    own = {"item_id": "i", "document_id": "d", "commitment_id": "c", "member": "m", "start": 0, "end": 3}
    rows = [own | {"sentence_id": f"s{n}", "position": n, "text": text} for n in (1, 2)]
    return build(SENTENCES, rows)


def labelled_by(book: Codebook, *people: tuple[str, str, str]) -> pd.DataFrame:
    """Labels of the first sentence: name, kind, and text that the person read."""
    made = build(ANNOTATIONS, [])
    for name, kind, text in people:
        rows = people_annotations(
            pd.DataFrame([LABEL | {"sentence_id": "s1", "unsure": False}]), sentences(text), book,
            annotator=name, at=EARLY + timedelta(minutes=len(made)), kind=kind, earlier=made,
        )  # fmt: skip
        made = pd.concat([made, rows], ignore_index=True)
    return made


def test_several_people_sign_in_alphabetical_order_and_nobody_signs_an_unlabelled_sentence(codebook: Codebook) -> None:
    rows = labelled_by(codebook, *((name, "analyst", "It.") for name in ("Cyd", "Ada", "Bo")))
    signed = label_authors(choose_labels(rows, sentences()), rows)
    assert signed.to_dict() == {"s1": "Ada, Bo and Cyd", "s2": ""}


def test_a_withdrawn_label_is_not_signed(codebook: Codebook) -> None:
    rows = labelled_by(codebook, ("Ada", "analyst", "It."), ("Bo", "analyst", "It."))
    gone = withdrawal("s1", codebook, annotator="Bo", at=EARLY + timedelta(hours=1), earlier=rows)
    rows = pd.concat([rows, gone], ignore_index=True)
    labels = choose_labels(rows, sentences())
    assert label_authors(labels, rows)["s1"] == "Ada"
    assert "1 by Ada, 1 unlabelled" in labels_text(labels, rows)


def test_a_label_of_another_text_is_not_signed(codebook: Codebook) -> None:
    rows = labelled_by(codebook, ("Ada", "analyst", "It."), ("Bo", "analyst", "It was."))
    assert label_authors(choose_labels(rows, sentences()), rows)["s1"] == "Ada"


def test_an_adjudicator_signs_alone_and_not_with_the_bundled_corpus(codebook: Codebook) -> None:
    rows = labelled_by(
        codebook, ("corpus", "adjudicator", "It."), ("Ada", "analyst", "It."), ("Cyd", "adjudicator", "It.")
    )
    rows = rows.assign(at=rows["at"].mask(rows["annotator"] == "corpus", ""))
    assert label_authors(choose_labels(rows, sentences()), rows)["s1"] == "Cyd"
    alone = rows[rows["annotator"] == "corpus"]
    assert label_authors(choose_labels(alone, sentences()), alone)["s1"] == "corpus"


@pytest.mark.parametrize(
    ("earlier", "is_party"),
    [
        ([("Ada", "weak"), ("Bo", "strong")], True),
        ([("ada", "weak"), ("Bo", "strong")], True),  # the same person on another machine
        ([("Ada", "strong"), ("Bo", "strong")], False),
        ([("Ada", "weak")], False),
        ([("Bo", "weak"), ("Cyd", "strong")], False),
        ([("Ada", "weak"), ("Bo", "strong"), ("Ada", "strong")], True),  # gave in, then decided
        ([("Ada", "weak"), ("Bo", "strong"), ("Ada", "")], True),  # withdrew, then decided
    ],
    ids=str,
)
def test_a_party_to_the_disagreement_signs_as_such(
    codebook: Codebook, earlier: list[tuple[str, str]], *, is_party: bool
) -> None:
    rows = build(ANNOTATIONS, [])
    for place, (name, strength) in enumerate([*earlier, ("Ada", "judged")]):
        kind = "adjudicator" if strength == "judged" else "analyst"
        decision = LABEL | {"sentence_id": "s1", "unsure": False, "strength": "weak" if kind != "analyst" else strength}
        given = {"annotator": name, "at": EARLY + timedelta(minutes=place)}
        own = rows[rows["annotator"] == name]
        added = (
            people_annotations(pd.DataFrame([decision]), sentences(), codebook, kind=kind, earlier=own, **given)
            if strength
            else withdrawal("s1", codebook, earlier=own, **given)
        )
        rows = pd.concat([rows, added], ignore_index=True)
    expected = ["s1"] if is_party else []
    assert party_decisions(rows, sentences())["sentence_id"].tolist() == expected
    assert own_disagreements("Ada", rows, sentences()) == set(expected)
    signed = label_authors(choose_labels(rows, sentences()), rows)["s1"]
    assert signed == ("Ada, a party to the disagreement" if is_party else "Ada")


def test_no_labels_give_no_names() -> None:
    nothing = build(ANNOTATIONS, [])
    assert label_authors(choose_labels(nothing, sentences().head(0)), nothing).empty
