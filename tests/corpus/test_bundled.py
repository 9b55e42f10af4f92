"""The bundled evidence works like the evidence of any run."""

import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import BUNDLED_NAME, bundled_evidence
from g7tag.errors import SourceError
from g7tag.frames import FIXED, validate


def test_sentences_equal_their_span_of_the_document(codebook: Codebook) -> None:
    evidence = bundled_evidence(codebook)
    text = evidence.documents["text"].iloc[0]
    spans = zip(evidence.sentences["start"], evidence.sentences["end"], strict=True)
    assert [text[start:end] for start, end in spans] == evidence.sentences["text"].tolist()


def test_all_frames_keep_their_schemas_and_the_name_says_sample(codebook: Codebook) -> None:
    evidence = bundled_evidence(codebook)
    for name, frame in evidence._asdict().items():
        validate(frame, FIXED[name])
    assert evidence.documents["name"].tolist() == [BUNDLED_NAME] == ["the whole chapter, restated in our own words"]


def test_every_item_points_to_a_citation(codebook: Codebook) -> None:
    evidence = bundled_evidence(codebook)
    assert set(evidence.items["citations"].astype("int64")) == set(evidence.citations["note"])
    assert (evidence.citations["url"].str.startswith("http") == (evidence.citations["url_status"] == "ok")).all()


def test_published_scores_are_those_of_the_chapter(codebook: Codebook) -> None:
    members = bundled_evidence(codebook).members
    assert dict(zip(members["code"], members["published_score"], strict=True)) == {
        "CAN": 0, "FRA": 0, "DEU": 0, "ITA": 0, "JPN": 0, "GBR": 1, "USA": 1, "EUU": 1,
    }  # fmt: skip


def test_a_codebook_without_bundled_evidence_is_told_so(codebook: Codebook) -> None:
    other = codebook.model_copy(update={"id": "2030-elsewhere-1"})
    with pytest.raises(SourceError, match="g7tag has no bundled evidence for it"):
        bundled_evidence(other)
