"""Items whose act was not done or was undone are reported, until a person has decided."""

import pandas as pd
import pytest

from g7tag.audit.evidence import act_status_findings
from g7tag.frames import ANNOTATIONS, LABELS, SENTENCES, build

SENTENCE = {
    "text": "x", "text_sha256": "x", "member": "Japan", "item_id": "2024-19/JPN-01", "start": 0, "end": 1,
}  # fmt: skip
LABEL = {"dimensions": "", "strength": "none", "exclusion": ""}


def found(*coded: tuple[str, str, str, bool]) -> dict[str, str]:
    """Return the message of each check for sentences of one item: dimensions, act, who gave the label, contradicts."""
    sentences, labels, annotations = [], [], []
    for number, (dimensions, act, kind, contradicts) in enumerate(coded, start=1):
        sentence_id = f"2024-19/JPN-01.{number}"
        label = LABEL | {"dimensions": dimensions, "strength": "strong" if dimensions else "none"}
        label |= {"contradicts": contradicts}
        by = {"classifier": act if kind == "classifier" else "reversed", kind: act}
        sentences.append(SENTENCE | {"sentence_id": sentence_id, "position": number})
        for each, its_act in by.items():
            annotations.append(
                label | {
                    "annotation_id": f"{sentence_id}#{each}", "sentence_id": sentence_id, "text_sha256": "x",
                    "annotator": each, "kind": each, "act": its_act, "confidence": None, "note": "",
                    "blind": False, "occasion": "label", "codebook_version": "1", "at": "", "supersedes": "",
                }
            )  # fmt: skip
        labels.append(
            label | {
                "sentence_id": sentence_id, "annotation_id": f"{sentence_id}#{kind}", "policy": "p", "status": "ok",
            }
        )  # fmt: skip
    frames = (build(LABELS, labels), build(ANNOTATIONS, annotations), build(SENTENCES, sentences))
    rows = pd.DataFrame(act_status_findings(*frames), columns=["check", "message"])
    return dict(zip(rows["check"], rows["message"], strict=True))


def test_an_act_not_done_is_not_counted_unless_the_item_counts_for_something_else() -> None:
    refused = ("", "not_done", "classifier", False)
    assert found(refused) == {"act_not_done": "is not counted: JPN-01.1 says that the act was not done."}
    assert found(refused, refused)["act_not_done"].endswith("JPN-01.1, JPN-01.2 say that the act was not done.")
    assert found(refused, ("counter", "done", "classifier", False)) == {}


@pytest.mark.parametrize("act", ["reversed", ""])
def test_a_person_settles_whether_an_undone_act_contradicts(act: str) -> None:
    assert found(("", "reversed", "classifier", False))["act_reversed"].startswith(
        "JPN-01.1 says that an earlier act was undone, which gives no dimension."
    )
    for contradicts in (True, False):
        assert found(("", act, "analyst", contradicts)) == {}


def test_an_act_that_a_person_left_empty_is_the_taggers() -> None:
    assert set(found(("", "", "llm", False))) == {"act_reversed"}
