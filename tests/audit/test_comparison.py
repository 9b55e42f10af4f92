"""Two runs side by side: labels of two people, two codebooks, two versions of a report, two commitments."""

from copy import deepcopy
from datetime import date
from typing import Any

import pandas as pd
import pytest

from g7tag.audit import Comparison, compare_frames
from g7tag.audit.comparison import differently_labelled
from g7tag.audit.comparison.matching import Part, match_texts
from g7tag.audit.comparison.scores import pair_readings
from g7tag.codebook import Codebook
from g7tag.frames import FINDINGS, build

ONE, TWO, THREE = (f"2024-19/ITA-0{place}" for place in (1, 2, 3))


def frames(report: Any, *findings: tuple[str, str], **changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the frames of a report with findings (subject, message)."""
    blank = {"check": "cut_off", "severity": "low", "member": "Italy"}
    rows = [
        blank | {"finding_id": f"cut_off:{subject}", "subject": subject, "message": message, "proof": subject}
        for subject, message in findings
    ]
    return report.frames() | {"findings": build(FINDINGS, rows)} | changes


def compared(first: Any, second: Any, book: Codebook | None = None, other: Codebook | None = None) -> Comparison:
    """Compare two reports, or frames with their codebooks, and check that the numbers add up."""
    runs = [each if isinstance(each, dict) else frames(each) for each in (first, second)]
    books = book or first.codebook, other or book or second.codebook
    found = compare_frames(*runs, codebooks=books)
    counts = found.counts
    assert (counts["matched"] + counts["only_first"] == counts["first"]).all()
    assert (counts["matched"] + counts["only_second"] == counts["second"]).all()
    return found


def numbers(found: Comparison, unit: str) -> list[int]:
    """Return first, second, matched, only_first, only_second, differ of items, sentences, members or findings."""
    return found.counts.set_index("unit").loc[unit].tolist()


def three_items(report: Any, strengths: str) -> Any:
    """Italy with strong, weak or no action to prevent in its items 1 to 3."""
    words = {"s": ("prevent", "strong"), "w": ("prevent", "weak"), "n": ("", "none")}
    if THREE not in report.labels:
        report.add("ITA-03", "2024-09-01", "On 1 September 2024, Italy met with mayors.", "", "none")
    report.labels |= {item: words[letter] for item, letter in zip((ONE, TWO, THREE), strengths, strict=True)}
    return report


def italys(found: Comparison, frame: str) -> Any:
    """Return the row of Italy's score by the table, or of its level in prevent."""
    rows = getattr(found, frame)
    return rows[rows["code"] == "ITA"].iloc[0]


def test_a_run_compared_with_itself_has_no_difference(report: Any) -> None:
    run = frames(report, (ONE, "stops."))
    found = compared(run, run, report.codebook)
    assert found.counts["differ"].tolist() == [0, 0, 0, 0]
    assert found.counts["matched"].tolist() == [2, 4, 4, 1]
    for frame in (found.scores, found.levels, found.labels, found.findings):
        assert set(frame["differs"]) == {""}
    assert not found.about["differs"].any()
    assert found.only.empty
    assert set(found.scores["why"]) == {""}
    assert found.notes["note"].tolist() == ["Both runs read the same report.", "Both runs have the same codebook."]
    assert found.members.to_numpy().tolist() == [["ITA", "Italy", 2, 2, 2, 2, 1, 1], ["JPN", "Japan", 2, 2, 2, 2, 1, 1]]


def test_labels_of_two_taggers_are_compared_sentence_by_sentence(report: Any) -> None:
    other = deepcopy(report)
    other.labels[TWO] = ("counter", "weak")
    found = compared(report, other)
    (row,) = found.labels[found.labels["differs"] != ""].to_dict("records")
    assert (row["sentence_id"], row["first_label"], row["second_label"], row["differs"], row["first_by"]) == (
        f"{TWO}.1", "strong prevent", "weak counter", "dimensions;strength", "tagger t",
    )  # fmt: skip
    assert numbers(found, "sentences") == [4, 4, 4, 0, 0, 1]
    agreement = found.agreement.set_index("part")
    assert agreement.loc["whole label", ["n", "percent"]].tolist() == [4, 75]
    assert agreement.loc["border", ["percent", "reason"]].tolist() == [
        100, "all codes are equal, so chance agreement is 1",
    ]  # fmt: skip
    assert pd.isna(agreement.loc["border", "alpha"])


@pytest.mark.slow
def test_a_label_that_differs_only_in_its_status_is_none_but_a_missing_one_is(report: Any) -> None:
    run = frames(report)
    status = run["labels"].assign(status=["conflict", "ok", "ok", "ok"])
    found = compared(run, run | {"labels": status}, report.codebook)
    assert found.labels["differs"].tolist() == ["status", "", "", ""]
    assert not differently_labelled(found.labels).any()
    found = compared(run, run | {"labels": run["labels"].iloc[1:]}, report.codebook)
    assert found.labels.loc[0, ["second_label", "second_by", "differs"]].tolist() == ["unlabelled", "", "status"]
    assert differently_labelled(found.labels).tolist() == [True, False, False, False]
    assert found.agreement.set_index("part").loc["whole label", "n"] == 3


def test_a_label_that_differs_in_its_act_names_the_act(report: Any) -> None:
    other = deepcopy(report)
    report.labels |= {ONE: ("counter", "weak", "", "done"), TWO: ("", "none", "", "not_done")}
    other.labels |= {ONE: ("counter", "weak", "", "planned"), TWO: ("", "none", "", "background")}
    labels = compared(report, other).labels.head(2)
    assert labels["differs"].tolist() == ["act", "act"]
    assert labels["first_label"].tolist() == ["weak counter, done", "none, not done"]
    assert labels["second_label"].tolist() == ["weak counter, planned", "none, background"]


def test_a_different_score_names_the_level_and_the_sentences_that_make_it(report: Any) -> None:
    # two strong items make strong action; strong action in one dimension gives 0, weak action in one gives -1
    found = compared(three_items(report, "ssn"), three_items(deepcopy(report), "snw"))
    row, level = italys(found, "scores"), italys(found, "levels")
    assert (row["first_suggested"], row["second_suggested"], row["differs"]) == (0, -1, "suggested")
    assert (row["dimensions"], row["enough"], row["sentence_ids"]) == ("prevent", "prevent", f"{TWO}.1;{THREE}.1")
    assert row["why"] == (
        "strong in the first run and weak in the second: prevent (2 sentences labelled differently: ITA-02.1, ITA-03.1)"
    )
    counts = level[["first_strong", "first_weak", "second_strong", "second_weak"]].tolist()
    assert (level["differs"], counts) == ("level", [2, 0, 1, 1])
    assert level["changes"] == "ITA-02: strong / none; ITA-03: none / weak"
    assert numbers(found, "members") == [2, 2, 2, 0, 0, 1]


@pytest.mark.slow
def test_a_level_that_stays_the_same_with_other_items_changes_numbers_only(report: Any) -> None:
    found = compared(three_items(report, "sss"), three_items(deepcopy(report), "ssn"))
    level = italys(found, "levels")
    assert (level["differs"], level["item_ids"], level["why"]) == (
        "numbers", THREE, "1 sentence labelled differently: ITA-03.1",
    )  # fmt: skip
    assert set(found.scores["differs"]) == {""}


@pytest.mark.slow
def test_another_threshold_explains_the_levels_and_the_score(report: Any) -> None:
    other = deepcopy(three_items(report, "snn"))
    other.codebook = report.codebook.model_copy(update={"min_strong_items": 1})
    found = compared(report, other)
    row = italys(found, "scores")
    assert (row["first_suggested"], row["second_suggested"], row["sentence_ids"]) == (-1, 0, "")
    assert row["why"] == (
        "weak in the first run and strong in the second: prevent "
        "(2 strong items make it strong in the first run, 1 in the second)"
    )
    assert found.notes["note"].iloc[1].startswith("The codebooks differ. Compared dimensions: Prevent")
    assert (found.labels["differs"] == "").all()


@pytest.mark.slow
def test_items_outside_the_period_of_one_codebook_are_named(report: Any) -> None:
    other = deepcopy(three_items(report, "ssn"))
    values = report.codebook.model_dump()
    values["commitment"] |= {"period_start": date(2024, 8, 1)}  # ITA-01 is of 1 July 2024
    other.codebook = Codebook.model_validate(values)
    level = italys(compared(report, other), "levels")
    assert level["changes"] == "ITA-01: strong / outside the period"
    assert level["why"] == "1 item outside the period of the second run: ITA-01"


def without(book: Codebook, key: str, **readings: str) -> Codebook:
    """The codebook without a dimension, and with other names of readings."""
    values = book.model_dump()
    values["dimensions"] = [each for each in values["dimensions"] if each["key"] != key]
    for reading in values["readings"]:
        reading["name"] = readings.get(reading["name"], reading["name"])
        reading["rules"] = [{"name": "any", "score": -1, "strong": [0, 3]}]
    return Codebook.model_validate(values)


@pytest.mark.slow
def test_two_codebooks_are_compared_in_the_dimensions_that_both_have(report: Any) -> None:
    other = deepcopy(report)
    other.codebook = without(report.codebook, "disrupt")
    report.labels[ONE] = ("prevent;disrupt", "strong")
    found = compared(report, other)
    assert (found.labels["differs"] == "").all()  # labels in disrupt are not compared
    only = found.levels[found.levels["dimension"] == "disrupt"]
    assert (set(only["differs"]), set(only["second_level"])) == ({"only first"}, {""})
    assert only["second_strong"].isna().all()
    assert found.only[["unit", "run", "id", "reason"]].to_numpy().tolist() == [
        ["dimension", "first", "disrupt", "not in the second codebook"]
    ]
    assert "disrupt" not in set(found.agreement["part"])
    note = "Only the first codebook has Disrupt business models; labels in it are shown but not compared."
    assert note in found.notes["note"].tolist()
    assert italys(found, "scores")["why"] == "only the first codebook has disrupt"


def test_readings_pair_by_name_or_else_the_first_of_each(report: Any) -> None:
    book, other = report.codebook, deepcopy(report)
    assert [pair.first.name for pair in pair_readings(book, book)] == [reading.name for reading in book.readings]
    half = without(book, "disrupt", **{"scoring-table": "mine"})
    assert [pair.second.name for pair in pair_readings(book, half)] == ["interpretive-guidelines"]
    renamed = [each.model_copy(update={"name": f"new-{each.name}"}) for each in book.readings]
    other.codebook = book.model_copy(update={"readings": renamed})
    found = compared(report, other)
    assert set(found.scores["reading"] + found.scores["second_reading"]) == {"scoring-tablenew-scoring-table"}
    assert found.only["id"].tolist() == ["interpretive-guidelines", "new-interpretive-guidelines"]
    assert found.notes["note"].str.contains("No reading has the same name in both codebooks").any()


def test_rules_that_differ_explain_a_score_of_the_same_levels(report: Any) -> None:
    other = deepcopy(report)
    readings = [
        reading.model_copy(update={"rules": [rule.model_copy(update={"score": -1}) for rule in reading.rules]})
        for reading in report.codebook.readings
    ]
    other.codebook = report.codebook.model_copy(update={"readings": readings})
    row = italys(compared(report, other), "scores")
    assert (row["first_suggested"], row["second_suggested"], row["enough"]) == (0, -1, "")
    assert row["why"] == "the levels are the same, but the rules differ"


def test_the_smallest_changes_of_levels_that_give_the_score_are_named(report: Any) -> None:
    # strong in all four dimensions gives +1, in one to three 0: either of two lost levels is enough
    every = ("prevent;counter;dismantle;disrupt", "strong")
    report.labels |= {ONE: every, TWO: every}
    other = deepcopy(report)
    other.labels[TWO] = ("prevent;counter", "strong")
    nothing = deepcopy(report)
    nothing.labels |= dict.fromkeys((ONE, TWO), ("", "none"))
    assert italys(compared(nothing, report), "scores")["enough"] == "prevent+counter+dismantle+disrupt"  # -1 to +1
    row = italys(compared(report, other), "scores")
    assert (row["first_suggested"], row["second_suggested"]) == (1, 0)
    assert (row["dimensions"], row["enough"]) == ("dismantle;disrupt", "dismantle;disrupt")
    assert row["why"].startswith(
        "these changes would be enough: dismantle or disrupt; strong in the first run and weak"
    )


def test_a_version_with_an_added_item_matches_by_text_although_ids_shift(report: Any) -> None:
    other = deepcopy(report)
    other.add("ITA-03", "2024-08-05", report.items[1]["text"], "prevent", "strong")
    other.items[1]["text"] = "Mayors of seven towns wrote letters."  # a new second item
    other.citations[0]["note"] = 7  # the first note has another number
    first = frames(report, (TWO, "like ITA-02, see note 1."), (ONE, "stops."))
    second = frames(other, (THREE, "like ITA-03, see note 7."), (ONE, "stops there."), (TWO, "new."))
    for swapped in (False, True):
        runs = (second, first) if swapped else (first, second)
        found = compared(*runs, report.codebook)
        assert numbers(found, "items") == ([5, 4, 4, 1, 0, 0] if swapped else [4, 5, 4, 0, 1, 0])
    found = compared(first, second, report.codebook)
    assert dict(zip(found.labels["sentence_id"], found.labels["second_id"], strict=True))[f"{TWO}.1"] == f"{THREE}.1"
    assert found.only[["unit", "run", "id"]].to_numpy().tolist() == [
        ["item", "second", TWO], ["sentence", "second", f"{TWO}.1"],
    ]  # fmt: skip
    # the new second item does not take the finding of the item that had its id
    assert found.findings[["finding_id", "second_id", "differs"]].to_numpy().tolist() == [
        [f"cut_off:{TWO}", f"cut_off:{THREE}", ""], [f"cut_off:{ONE}", f"cut_off:{ONE}", "message"],
        ["", f"cut_off:{TWO}", "only second"],
    ]  # fmt: skip
    assert italys(found, "levels")["why"] == "1 item only in the second run: ITA-02"


@pytest.mark.slow
def test_of_two_notes_with_one_source_only_the_first_is_the_other_runs_note(report: Any) -> None:
    other = deepcopy(report)
    other.citations.append(report.citations[0] | {"note": 9})
    runs = frames(report, ("note 1", "m")), frames(other, ("note 1", "m"), ("note 9", "m"))
    found = compared(*runs, report.codebook).findings[["finding_id", "second_id", "differs"]]
    assert found.to_numpy().tolist() == [
        ["cut_off:note 1", "cut_off:note 1", ""], ["", "cut_off:note 9", "only second"],
    ]  # fmt: skip


def test_a_changed_text_is_named_and_left_out_of_the_agreement(report: Any) -> None:
    other = deepcopy(report)
    other.items[1]["text"] = report.items[1]["text"].replace("opened", "closed")
    other.documents[0]["sha256"] = "1"
    found = compared(report, other)
    assert found.labels.loc[1, "match"] == "changed text"
    assert ("opened" in found.labels.loc[1, "text"], "closed" in found.labels.loc[1, "second_text"]) == (True, True)
    assert found.agreement["n"].max() == 3
    start = "The runs read different files. There are 1 sentence with a changed text. Items match if member, day and"
    assert found.notes["note"].iloc[0].startswith(start)
    for row in other.items:
        row["text"] += " Again."
    found = compared(report, other)
    assert set(found.labels["match"]) == {"changed text"}
    assert found.agreement.empty


def test_two_commitments_compare_levels_and_scores_but_no_labels(report: Any) -> None:
    other = deepcopy(report)
    values = report.codebook.model_dump()
    values["commitment"] |= {"id": "2023-19"}
    other.codebook = Codebook.model_validate(values)
    other.labels[ONE] = ("prevent", "weak")
    for rows in (other.items, other.members, other.claims, other.commitments):
        for row in rows:
            row["commitment_id"] = "2023-19"
    found = compared(report, other)
    assert found.labels.empty
    assert found.agreement.empty
    assert numbers(found, "sentences") == [4, 4, 0, 4, 4, 0]
    assert set(found.only["reason"]) == {"the runs are on two commitments"}
    assert "labels cannot be compared" in found.notes["note"].iloc[0]
    level = italys(found, "levels")
    assert (level["differs"], level["item_ids"], level["why"]) == ("level", "", "the runs are on two commitments")
    averages = found.averages.set_index("measure")
    assert averages.loc["items", ["first", "second", "difference", "reason"]].tolist() == [4, 4, 0, ""]
    assert averages.loc["suggested average, scoring-table", "difference"] == -0.5  # Italy: 0, then -1


def test_a_member_of_one_run_is_listed(report: Any) -> None:
    other = deepcopy(report)
    other.members, other.items = other.members[:1], other.items[:2]
    found = compared(report, other)
    rows = found.scores[found.scores["code"] == "JPN"]
    assert set(rows["differs"]) == {"only first"}
    assert set(rows["why"]) == {"the second run does not have this member"}
    assert rows["second_suggested"].isna().all()
    assert ["member", "first", "Japan"] in found.only[["unit", "run", "id"]].to_numpy().tolist()
    assert found.members.set_index("code").loc["JPN", ["first_items", "first_sentences"]].tolist() == [2, 2]
    assert pd.isna(found.members.set_index("code").loc["JPN", "second_items"])


def test_runs_without_sentences_have_undefined_shares(report: Any) -> None:
    report.items, report.claims = [], []
    found = compared(report, report)
    share = found.averages.set_index("measure").loc["share strong"]
    assert (pd.isna(share["first"]), share["reason"]) == (True, "there is no sentence")
    assert found.agreement.empty
    assert found.members["first_strong"].isna().all()


@pytest.mark.slow
def test_items_of_other_commitments_are_left_out(report: Any) -> None:
    other = deepcopy(report)
    other.items.append(report.items[0] | {"item_id": "2024-07/ITA-01", "commitment_id": "2024-07"})
    other.labels["2024-07/ITA-01"] = ("", "none")
    found = compared(report, other)
    assert found.counts["differ"].tolist() == [0, 0, 0, 0]
    assert found.only.empty


def test_equal_texts_match_in_order_and_similar_ones_only_once() -> None:
    twice = [Part("a", 1, "Police met."), Part("b", 1, "Police met.")]
    pairs = match_texts(twice, [Part("c", 1, "Police  met."), Part("d", 1, "Police met.")])
    assert [(pair.first_id, pair.second_id) for pair in pairs] == [("a", "c"), ("b", "d")]
    # 2 * 4 / (5 + 5) = 0.8 is similar enough on another day; 2 * 3 / (5 + 5) = 0.6 only on the same day
    first = [Part("a", 1, "one two three four five")]
    assert match_texts(first, [Part("b", 2, "one two three four six")])[0].match == "changed text"
    assert [pair.match for pair in match_texts(first, [Part("b", 2, "one two three six seven")])] == [
        "only first", "only second",
    ]  # fmt: skip
    assert match_texts(first, [Part("b", 1, "one two three six seven")])[0].similarity == pytest.approx(0.6)
    assert match_texts([], []) == []
