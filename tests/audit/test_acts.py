"""Acts of several members are found, credited, labelled consistently, cited correctly and counted once."""

from typing import Any

import pandas as pd
import pytest

from g7tag.audit.acts import act_findings
from g7tag.audit.evidence import mentioned_members
from g7tag.audit.joint import item_labels, joint_actions, pair_items

ACT = "Italy and Japan signed a pact on radio spots that warn young people of false offers of work."


@pytest.fixture
def joint(report: Any) -> Any:
    """A report in which ITA-01 and JPN-01 describe one act in the same words."""
    for place in (0, 2):
        report.items[place] |= {"date": pd.Timestamp("2024-07-01"), "text": f"On 1 July 2024, {ACT}"}
        report.citations[place]["published"] = pd.Timestamp("2024-07-01")
    return report


def compared(report: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pairs of items, and the acts of several members."""
    frames = report.frames()
    items, mentioned = frames["items"], mentioned_members(frames["items"], report.codebook)
    found = pair_items(items, report.noted(), mentioned)
    labels = item_labels(frames["sentences"], frames["labels"])
    return found, joint_actions(found, items, labels, mentioned, report.codebook)


def pairs(report: Any) -> list[tuple[str, str, str]]:
    found, _ = compared(report)
    return [tuple(row) for row in found[["item_1", "item_2", "act"]].to_numpy().tolist()]


def findings(report: Any) -> pd.DataFrame:
    frames, (found, joint) = report.frames(), compared(report)
    items, members = frames["items"], frames["members"]
    rows = act_findings(joint, found, items, report.noted(), members, report.tally(), report.codebook)
    return pd.DataFrame(rows).set_index("finding_id") if rows else pd.DataFrame(columns=["check", "message"])


def found(report: Any, check: str) -> dict[str, str]:
    table = findings(report)
    return table.loc[table["check"] == check, "message"].to_dict()


def test_one_act_of_two_members_is_found_with_its_labels(joint: Any) -> None:
    assert pairs(joint) == [("2024-19/ITA-01", "2024-19/JPN-01", "same")]
    (row,) = compared(joint)[1].to_dict("records")
    assert (row["joint_id"], row["members"], row["item_ids"]) == (
        "2024-19/ITA-01", "Italy;Japan", "2024-19/ITA-01;2024-19/JPN-01",
    )  # fmt: skip
    assert (row["alike"], row["labels"], row["named_only"]) == (True, "prevent strong | prevent strong", "")


@pytest.mark.parametrize(("same", "most"), [("text", 1), ("url", 10)], ids=["wording", "source"])
def test_alike_wording_means_one_act_within_a_day_and_one_source_within_ten(report: Any, same: str, most: int) -> None:
    assert pairs(report) == []
    for days in (most, most + 1):
        report.items[2]["date"] = report.items[0]["date"] + pd.Timedelta(days=days)
        for rows in (report.items, report.citations):
            rows[2] |= {same: rows[0][same]} if same in rows[0] else {}
        assert bool(pairs(report)) is (days == most)


def test_an_act_labelled_unlike_is_shown_label_by_label_and_graver_where_a_score_rests_on_it(joint: Any) -> None:
    joint.labels["2024-19/JPN-01"] = ("prevent", "weak", "")
    rows = findings(joint).set_index("check")
    assert rows.loc["inconsistent_coding", ["subject", "severity", "message"]].tolist() == [
        "2024-19/ITA-01", "high",
        "2 items seem to describe the same act of 1 July 2024 but are labelled in 2 ways: prevent strong (ITA-01); "
        "prevent weak (JPN-01). Labelling one item like another would change the score of Italy from 0 to -1 (ITA-01 "
        "as JPN-01); Japan from -1 to 0 (JPN-01 as ITA-01).",
    ]  # fmt: skip
    joint.labels["2024-19/JPN-01"] = ("", "none", "")
    message = findings(joint).loc["inconsistent_coding:2024-19/ITA-01", "message"]
    assert "prevent strong (ITA-01); none (JPN-01)." in message
    assert "Japan from -1 to 0 (JPN-01 as ITA-01)" in message
    joint.labels["2024-19/JPN-01"] = ("prevent;counter", "strong", "")  # one strong item to counter changes nothing
    rows = findings(joint).set_index("check")
    assert rows.loc["inconsistent_coding", "severity"] == "medium"
    assert rows.loc["inconsistent_coding", "message"].endswith("Labelling one item like another would change no score.")


def test_a_member_that_an_act_names_and_that_has_no_item_on_it_is_named(report: Any) -> None:
    report.items[0]["text"] = "On 1 July 2024, Italy signed an agreement with Japan."
    assert found(report, "joint_act_not_credited") == {
        "joint_act_not_credited:2024-19/JPN": "other members' items on 1 act mention it, but it has no matching item: "
        "1 July 2024 (ITA-01)."
    }
    report.items[0]["text"] = "On 1 July 2024, Italy praised Japan."  # not together
    assert found(report, "joint_act_not_credited") == {}


def test_a_score_that_rests_on_joint_acts_says_what_it_is_without_them(joint: Any) -> None:
    assert found(joint, "depends_on_joint_acts")["depends_on_joint_acts:2024-19/ITA"] == (
        "its score depends on 1 item about acts that also count for other members (ITA-01). Without such items, the "
        "score changes from 0 to -1."
    )


def test_a_source_that_is_another_items_of_the_commitment_is_named(joint: Any) -> None:
    other = joint.items[1] | {"item_id": "2024-20/ITA-01", "commitment_id": "2024-20", "citations": "1"}
    joint.items.append(other)
    joint.labels["2024-20/ITA-01"] = ("", "none", "")
    assert found(joint, "wrong_source") == {}
    joint.citations[0]["url"] = joint.citations[1]["url"]
    assert found(joint, "wrong_source") == {
        "wrong_source:2024-19/ITA-01": "describes the same act as JPN-01, but its source (note 1) is the source "
        "of ITA-02. The note may be wrong."
    }


@pytest.fixture
def twice(report: Any) -> Any:
    """A report in which ITA-01 and ITA-02 describe one act."""
    report.items[1] |= {"date": report.items[0]["date"], "text": report.items[0]["text"]}
    report.citations[1] |= {"url": report.citations[0]["url"], "published": report.items[0]["date"]}
    return report


def test_an_act_of_one_member_counted_twice_is_grave_where_the_score_rests_on_it(twice: Any) -> None:
    rows = findings(twice).set_index("check")
    assert rows.loc["duplicate_evidence", ["subject", "severity", "message"]].tolist() == [
        "2024-19/ITA-01+ITA-02", "high",
        "ITA-01, ITA-02 describe the same act. If it is counted once, the score changes from 0 to -1.",
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "acts"), [(0, ["perhaps"]), (1, [])])
def test_like_items_of_one_member_and_day_may_describe_one_act(report: Any, days: int, acts: list[str]) -> None:
    day = report.items[0]["date"] + pd.Timedelta(days=days)
    report.items[1] |= {"date": day, "text": report.items[0]["text"]}
    assert [act for *_, act in pairs(report)] == acts
    rows = findings(report)
    severities = rows.loc[rows["check"] == "duplicate_evidence", "severity"].tolist() if acts else []
    assert severities == ["low"] * len(acts)


@pytest.mark.parametrize(("days", "named"), [(1, True), (2, False)])
def test_items_of_one_member_on_another_members_act_may_be_one_within_a_day(
    report: Any, days: int, named: bool
) -> None:
    for place in (0, 1, 2):  # one source for both of Italy's items and one of Japan's
        report.citations[place]["url"] = "https://a.example/pact"
        report.items[place]["date"] = pd.Timestamp("2024-07-01")
    report.items[1]["date"] += pd.Timedelta(days=days)
    assert pairs(report) == [
        ("2024-19/ITA-01", "2024-19/JPN-01", "same"), ("2024-19/ITA-02", "2024-19/JPN-01", "same"),
    ]  # fmt: skip
    assert list(found(report, "duplicate_evidence")) == (["duplicate_evidence:2024-19/ITA-01+ITA-02"] if named else [])


def test_a_law_that_an_item_outside_the_period_tells_of_too_is_named(report: Any) -> None:
    for place in (0, 1):
        report.items[place]["text"] = "On this day, Italy passed the Safe Shelters Act."
    report.items[0]["date"] = report.citations[0]["published"] = pd.Timestamp("2024-05-01")
    assert found(report, "duplicate_evidence") == {
        "duplicate_evidence:2024-19/ITA-01+ITA-02": "ITA-02 is counted and mentions the Safe Shelters Act. "
        "ITA-01, which is outside the period, mentions it too. If both describe the same act, the score stays the same."
    }


def test_two_items_on_one_act_count_once_with_what_either_shows(twice: Any) -> None:
    twice.add("ITA-03", "2025-05-09", "On 9 May 2025, Italy lit lamps.", "prevent", "strong")
    strong, nothing = ("prevent", "strong", ""), ("", "none", "")
    for labels in ((nothing, strong), (strong, nothing)):  # whichever of the two shows it, one strong item stays
        twice.labels |= dict(zip(("2024-19/ITA-01", "2024-19/ITA-02"), labels, strict=True))
        assert found(twice, "duplicate_evidence") == {
            "duplicate_evidence:2024-19/ITA-01+ITA-02": "ITA-01, ITA-02 describe the same act. Counting it once does "
            "not change the score."
        }


def test_items_on_several_acts_are_labelled_anew_together(joint: Any) -> None:
    joint.codebook = joint.codebook.model_copy(update={"min_strong_items": 1})
    for place in (1, 3):  # a second act, in the same words
        text = "On 5 August 2024, Italy and Japan opened the harbour school for those who were freed."
        joint.items[place] |= {"date": pd.Timestamp("2024-08-05"), "text": text}
        joint.citations[place]["published"] = pd.Timestamp("2024-08-05")
    joint.labels |= {"2024-19/JPN-01": ("prevent", "weak", ""), "2024-19/JPN-02": ("prevent", "weak", "")}
    rows = findings(joint)
    # Italy keeps its score with either of its two strong items, and loses it with neither
    assert rows.loc["inconsistent_coding:2024-19/ITA", ["severity", "message"]].tolist() == [
        "medium",
        "labelling its items on several acts like other members' items on the same acts would change the score from 0 "
        "to -1 (ITA-01 as JPN-01, ITA-02 as JPN-02).",
    ]
    assert rows.loc["inconsistent_coding:2024-19/ITA-01", "severity"] == "high"  # Japan's score rises with either
