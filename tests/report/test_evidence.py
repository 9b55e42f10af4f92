"""The notes of an item, and the rows of a run that are on the codebook's commitment."""

import pandas as pd

from g7tag.report.evidence import MISSING, item_notes, own_findings, own_frames

CITATION = {
    "title": "Boats", "publisher": "Post", "published": pd.Timestamp("2024-07-01"), "accessed": pd.NaT,
    "url": "https://a.example", "url_status": "ok",
}  # fmt: skip


def test_notes_come_in_the_order_of_the_item_and_missing_ones_say_so():
    citations = pd.DataFrame([CITATION | {"document_id": "d", "note": note} for note in (1, 2)])
    items = pd.DataFrame({"item_id": ["a", "b"], "document_id": "d", "citations": ["2;9;1", ""]})
    notes = item_notes(items, citations)
    assert [(note.number, note.status) for note in notes["a"]] == [(2, "ok"), (9, MISSING), (1, "ok")]
    assert notes["a"][0] == ("note 2", 2, "Post", "Boats", "1 July 2024", "", "https://a.example", "ok")
    assert notes["a"][1][2:7] == ("", "", "", "", "")
    assert notes["b"] == []


def test_the_same_number_in_two_documents_is_two_notes():
    citations = pd.DataFrame([CITATION | {"document_id": name, "note": 1, "title": name} for name in ("d", "e")])
    items = pd.DataFrame({"item_id": ["a"], "document_id": ["e"], "citations": ["1"]})
    (note,) = item_notes(items, citations)["a"]
    assert (note.name, note.title) == ("e note 1", "e")


def test_findings_of_another_commitment_are_left_out_and_those_of_none_are_kept():
    named = {
        "2024-19/CAN-01": "", "2024-20/CAN-01": "2024-20/CAN-01", "note 3": "note 3", "2024-20": "2024-20",
        "2024-20/CAN-02": "2024-20/CAN-02;2024-19/CAN-02", "note 4": "note 4;2024-20/CAN-03",
    }  # fmt: skip
    findings = pd.DataFrame({"subject": list(named), "proof": list(named.values())})
    kept = own_findings(findings, "2024-19", commitments={"2024-19", "2024-20"})
    assert kept["subject"].tolist() == ["2024-19/CAN-01", "note 3", "2024-20/CAN-02"]
    assert own_findings(findings.head(0), "2024-19", commitments=set()).empty


def test_labels_of_another_commitment_are_left_out_and_commitments_are_kept(codebook):
    ids = ["2024-19", "2024-20"]
    frames = {
        "commitments": pd.DataFrame({"commitment_id": ids}),
        "sentences": pd.DataFrame({"sentence_id": ["a", "b"], "commitment_id": ids}),
        "labels": pd.DataFrame({"sentence_id": ["b", "a"]}),
        "documents": pd.DataFrame({"document_id": ["d"]}),
    }
    own = own_frames(frames, codebook)
    assert {name: len(frame) for name, frame in own.items()} == {
        "commitments": 2, "sentences": 1, "labels": 1, "documents": 1,
    }  # fmt: skip
    assert own["labels"]["sentence_id"].tolist() == ["a"]
