"""Acts of several members are found, credited, labelled consistently, cited correctly and counted once."""

import pandas as pd
import pytest

ACT = "Italy and Japan signed a pact on radio spots that warn young people of false offers of work."


@pytest.fixture
def joint(report):
    """A report in which ITA-01 and JPN-01 describe one act in the same words."""
    for place in (0, 2):
        report.items[place] |= {"date": pd.Timestamp("2024-07-01"), "text": f"On 1 July 2024, {ACT}"}
        report.citations[place]["published"] = pd.Timestamp("2024-07-01")
    return report


def pairs(report):
    return [tuple(row) for row in report.pairs()[0][["item_1", "item_2", "act"]].to_numpy().tolist()]


def found(report, check):
    """Return severity and message of a check's findings, by what they are about."""
    return {name.removeprefix(f"{check}:"): row for name, row in report.found("acts").items() if check in name}


def test_one_act_of_two_members_is_found_with_its_labels(joint):
    assert pairs(joint) == [("2024-19/ITA-01", "2024-19/JPN-01", "same")]
    (row,) = joint.pairs()[1].to_dict("records")
    assert (row["joint_id"], row["members"], row["item_ids"]) == (
        "2024-19/ITA-01", "Italy;Japan", "2024-19/ITA-01;2024-19/JPN-01",
    )  # fmt: skip
    assert (row["alike"], row["labels"], row["named_only"]) == (True, "prevent strong | prevent strong", "")


@pytest.mark.parametrize(("same", "most"), [("text", 1), ("url", 10)], ids=["wording", "source"])
def test_alike_wording_means_one_act_within_a_day_and_one_source_within_ten(report, same, most):
    assert pairs(report) == []
    for days in (most, most + 1):
        report.items[2]["date"] = report.items[0]["date"] + pd.Timedelta(days=days)
        for rows in (report.items, report.citations):
            rows[2] |= {same: rows[0][same]} if same in rows[0] else {}
        assert bool(pairs(report)) is (days == most)


BOTH = "the score of Italy from 0 to -1 (ITA-01 as JPN-01); Japan from -1 to 0 (JPN-01 as ITA-01)."


@pytest.mark.parametrize(("label", "shown", "effect", "severity"), [
    (("prevent", "weak"), "prevent weak", BOTH, "high"),
    (("", "none"), "none", BOTH, "high"),
    (("prevent;counter", "strong"), "counter strong, prevent strong", "no score.", "medium"),  # too few to counter
], ids=["weak", "none", "more"])  # fmt: skip
def test_an_act_labelled_unlike_is_shown_label_by_label_and_graver_where_a_score_rests_on_it(
    joint, label, shown, effect, severity
):
    joint.change({"labels.JPN-01": label})
    assert found(joint, "inconsistent_coding") == {"ITA-01": (
        severity, "2 items seem to describe the same act of 1 July 2024 but are labelled in 2 ways: prevent strong "
        f"(ITA-01); {shown} (JPN-01). Labelling one item like another would change {effect}",
    )}  # fmt: skip


def test_a_member_that_an_act_names_and_that_has_no_item_on_it_is_named(report):
    report.change({"items.0": "On 1 July 2024, Italy signed an agreement with Japan."})
    message = "other members' items on 1 act mention it, but it has no matching item: 1 July 2024 (ITA-01)."
    assert found(report, "joint_act_not_credited") == {"JPN": ("low", message)}
    report.change({"items.0": "On 1 July 2024, Italy praised Japan."})  # not together
    assert found(report, "joint_act_not_credited") == {}


def test_a_score_that_rests_on_joint_acts_says_what_it_is_without_them(joint):
    message = (
        "its score depends on 1 item about acts that also count for other members (ITA-01). Without such items, the "
        "score changes from 0 to -1."
    )
    assert found(joint, "depends_on_joint_acts")["ITA"] == ("medium", message)


def test_a_source_that_is_another_items_of_the_commitment_is_named(joint):
    joint.items.append(joint.items[1] | {"item_id": "2024-20/ITA-01", "commitment_id": "2024-20", "citations": "1"})
    joint.labels["2024-20/ITA-01"] = ("", "none", "")
    assert found(joint, "wrong_source") == {}
    joint.change({"citations.0.url": joint.citations[1]["url"]})
    message = (
        "describes the same act as JPN-01, but its source (note 1) is the source of ITA-02. The note may be wrong."
    )
    assert found(joint, "wrong_source") == {"ITA-01": ("medium", message)}


TWICE = "ITA-01, ITA-02 describe the same act. "


def twice(report, *, days=0):
    """Let ITA-02 tell what ITA-01 tells, some days later."""
    report.items[1] |= {"date": report.items[0]["date"] + pd.Timedelta(days=days), "text": report.items[0]["text"]}


def test_an_act_of_one_member_counted_twice_is_grave_where_the_score_rests_on_it(report):
    twice(report)
    report.citations[1] |= {"url": report.citations[0]["url"], "published": report.items[0]["date"]}
    message = f"{TWICE}If it is counted once, the score changes from 0 to -1."
    assert found(report, "duplicate_evidence") == {"ITA-01+ITA-02": ("high", message)}
    report.add("ITA-03", "2025-05-09", "On 9 May 2025, Italy lit lamps.", "prevent", "strong")
    message = f"{TWICE}Counting it once does not change the score."
    for first, second in (("", "prevent"), ("prevent", "")):  # whichever of the two shows it, one strong item stays
        report.change({"labels.ITA-01": (first, "strong" if first else "none")})
        report.change({"labels.ITA-02": (second, "strong" if second else "none")})
        assert found(report, "duplicate_evidence") == {"ITA-01+ITA-02": ("medium", message)}


@pytest.mark.parametrize(("days", "acts"), [(0, ["perhaps"]), (1, [])])
def test_like_items_of_one_member_and_day_may_describe_one_act(report, days, acts):
    twice(report, days=days)
    assert [act for *_, act in pairs(report)] == acts
    assert [severity for severity, _ in found(report, "duplicate_evidence").values()] == ["low"] * len(acts)


@pytest.mark.parametrize(("days", "named"), [(1, ["ITA-01+ITA-02"]), (2, [])])
def test_items_of_one_member_on_another_members_act_may_be_one_within_a_day(report, days, named):
    for place in (0, 1, 2):  # one source for both of Italy's items and one of Japan's
        report.change({f"citations.{place}.url": "https://a.example/pact"})
        report.change({f"items.{place}.date": pd.Timestamp("2024-07-01") + pd.Timedelta(days=days * (place == 1))})
    assert pairs(report) == [(f"2024-19/ITA-0{place}", "2024-19/JPN-01", "same") for place in (1, 2)]
    assert list(found(report, "duplicate_evidence")) == named


def test_a_law_that_an_item_outside_the_period_tells_of_too_is_named(report):
    law = "On this day, Italy passed the Safe Shelters Act."
    report.change({"items.0": law, "items.1": law})
    report.change(dict.fromkeys(("items.0.date", "citations.0.published"), "2024-05-01"))
    assert found(report, "duplicate_evidence")["ITA-01+ITA-02"][1] == (
        "ITA-02 is counted and mentions the Safe Shelters Act. ITA-01, which is outside the period, mentions it too. "
        "If both describe the same act, the score stays the same."
    )


def test_items_on_several_acts_are_labelled_anew_together(joint):
    joint.codebook = joint.codebook.model_copy(update={"min_strong_items": 1})
    text, day = "On 5 August 2024, Italy and Japan opened the harbour school for those who were freed.", "2024-08-05"
    for place in (1, 3):  # a second act, in the same words
        joint.change({f"items.{place}": text, f"items.{place}.date": day, f"citations.{place}.published": day})
    joint.change(dict.fromkeys(("labels.JPN-01", "labels.JPN-02"), ("prevent", "weak")))
    # Italy keeps its score with either of its two strong items, and loses it with neither
    rows = found(joint, "inconsistent_coding")
    assert rows["ITA"] == (
        "medium",
        "labelling its items on several acts like other members' items on the same acts would change the score from 0 "
        "to -1 (ITA-01 as JPN-01, ITA-02 as JPN-02).",
    )
    assert rows["ITA-01"][0] == "high"  # Japan's score rises with either
