"""Two runs side by side: labels of two people or taggers, and two versions of a report."""

from copy import deepcopy

import pytest

from g7tag.audit import compare_frames
from g7tag.frames import FINDINGS, LEDGER, build
from g7tag.scoring import final_scores

ONE, TWO, THREE = (f"2024-19/ITA-0{place}" for place in (1, 2, 3))


def frames(report, *findings):
    """Return the frames of a report with findings (subject, message); nobody has decided a score."""
    blank = {"check": "cut_off", "severity": "low", "member": "Italy"}
    rows = [
        blank | {"finding_id": f"cut_off:{subject}", "subject": subject, "message": message, "proof": subject}
        for subject, message in findings
    ]
    own = report.frames()
    final = final_scores(own["scores"], own["members"], build(LEDGER, []), evidence={})
    return own | {"findings": build(FINDINGS, rows), "final": final}


def compared(first, second):
    """Compare two reports, and check that no row of either is lost or doubled."""
    runs = [frames(each) for each in (first, second)]
    found = compare_frames(*runs, first.codebook)
    keys = {"scores": ["member", "reading"], "levels": ["member", "dimension"], "labels": ["sentence_id"]}
    for (name, key), given in zip(keys.items(), ("scores", "evidence_matrix", "sentences"), strict=True):
        table = getattr(found, name)
        assert not table.duplicated(key).any()
        for place, other in enumerate(("only second", "only first")):
            assert (table["differs"] != other).sum() == len(runs[place][given])
    return found


def with_third_item(report, strengths):
    """Italy with strong, weak or no action to prevent in its items 1 to 3."""
    words = {"s": ("prevent", "strong"), "w": ("prevent", "weak"), "n": ("", "none")}
    if THREE not in report.labels:
        report.add("ITA-03", "2024-09-01", "On 1 September 2024, Italy met with mayors.", "", "none")
    report.labels |= {item: words[letter] for item, letter in zip((ONE, TWO, THREE), strengths, strict=True)}
    return report


def italy(found, frame):
    """Return Italy's first score, or its level in prevent."""
    rows = getattr(found, frame)
    return rows[rows["member"] == "Italy"].iloc[0].to_dict()


def test_a_run_compared_with_itself_has_no_difference(report):
    run = frames(report, (ONE, "stops."))
    found = compare_frames(run, run, report.codebook)
    for frame in (found.scores, found.levels, found.labels, found.findings):
        assert set(frame["differs"]) == {""}
    assert not found.about["differs"].any()
    assert set(found.scores["why"]) == set(found.levels["why"]) == {""}
    assert found.agreement.set_index("part").loc["whole label", ["n", "percent"]].tolist() == [4, 100]


@pytest.mark.parametrize(("label", "other", "differs", "words", "others"), [
    (("prevent", "strong"), ("counter", "weak"), "dimensions;strength", "strong {prevent}", "weak {counter}"),
    (("counter", "weak", "", "done"), ("counter", "weak", "", "planned"), "act", "weak {counter}, done",
     "weak {counter}, planned"),
    (("", "none", "border"), ("", "none"), "exclusion", "none ({border})", "none"),
], ids=["dimensions", "act", "exclusion"])  # fmt: skip
def test_a_label_that_differs_names_its_parts(report, label, other, differs, words, others):
    second = deepcopy(report)
    report.labels[TWO], second.labels[TWO] = label, other
    (row,) = compared(report, second).labels.query("differs != ''").to_dict("records")
    assert (row["sentence_id"], row["differs"], row["first_by"]) == (f"{TWO}.1", differs, "tagger t")
    names = report.codebook.labels
    assert (row["first_label"], row["second_label"]) == (words.format(**names), others.format(**names))


def test_a_missing_label_differs_and_an_unknown_act_does_not(report):
    run = frames(report)
    found = compare_frames(run, run | {"labels": run["labels"].iloc[1:]}, report.codebook)
    first = found.labels.iloc[0]
    assert (first["second_label"], first["second_by"], first["differs"]) == ("unlabelled", "", "dimensions;strength")
    assert found.agreement.set_index("part").loc["whole label", "n"] == 3
    unknown = run["annotations"].assign(act="")
    assert set(compare_frames(run, run | {"annotations": unknown}, report.codebook).labels["differs"]) == {""}


def test_a_different_score_names_the_level_and_the_sentences_that_make_it(report):
    # two strong items make strong action; strong action in one dimension gives 0, weak action in one gives -1
    found = compared(with_third_item(report, "ssn"), with_third_item(deepcopy(report), "snw"))
    score, level = italy(found, "scores"), italy(found, "levels")
    assert (score["first_suggested"], score["second_suggested"], score["differs"]) == (0, -1, "suggested")
    why = "2 sentences labelled differently: ITA-02.1, ITA-03.1"
    prevent = report.codebook.labels["prevent"]
    assert score["why"] == f"{prevent} is strong in the first run and weak in the second ({why})"
    assert [level[f"{run}_{name}"] for run in ("first", "second") for name in ("strong", "weak")] == [2, 0, 1, 1]
    assert (level["differs"], level["why"]) == ("level;strong;weak", why)
    assert level["changes"] == "ITA-02: strong / none; ITA-03: none / weak"
    found = compared(with_third_item(report, "sss"), with_third_item(deepcopy(report), "ssn"))
    level = italy(found, "levels")  # it stays the same with other items
    assert (level["differs"], level["why"]) == ("strong", "1 sentence labelled differently: ITA-03.1")
    assert set(found.scores["differs"]) == set(found.scores["why"]) == {""}


def test_a_version_with_an_added_item_matches_by_text_although_ids_shift(report):
    other = deepcopy(report)
    other.add("ITA-03", "2024-08-05", report.items[1]["text"].replace(" ", "  "), "prevent", "strong")
    other.items[1]["text"] = "Mayors of seven towns wrote letters."  # a new second item
    first = frames(report, (TWO, "like ITA-02."), (ONE, "stops."))
    second = frames(other, (THREE, "like ITA-03."), (ONE, "stops there."), (TWO, "new."))
    found = compare_frames(first, second, report.codebook)
    new = f"{TWO} (second run)"
    labels = found.labels.set_index("sentence_id")["differs"]
    assert labels[labels != ""].to_dict() == {f"{TWO}.1 (second run)": "only second"}
    # the new second item does not take the finding of the item that had its id
    assert found.findings[["finding_id", "differs"]].to_numpy().tolist() == [
        [f"cut_off:{TWO}", ""], [f"cut_off:{ONE}", "message"], [f"cut_off:{new}", "only second"],
    ]  # fmt: skip
    assert italy(found, "levels")["why"] == "1 item only in the second run: ITA-02 (second run)"
    again = compare_frames(second, first, report.codebook)
    assert again.labels["differs"].value_counts().to_dict() == {"": 4, "only first": 1}


def test_a_changed_text_is_in_one_run_only_and_equal_texts_match_in_order(report):
    other = deepcopy(report)
    other.items[1]["text"] = report.items[1]["text"].replace("opened", "closed")
    found = compared(report, other)
    assert found.labels["differs"].tolist() == ["", "only first", "", "", "only second"]
    assert found.agreement["n"].max() == 3
    for each in (report, other):
        each.items[1] |= {"text": each.items[0]["text"], "date": each.items[0]["date"]}
    other.labels[TWO] = ("prevent", "weak")
    assert compared(report, other).labels["differs"].tolist() == ["", "strength", "", ""]


def test_a_member_of_one_run_and_runs_without_sentences_are_compared(report):
    other = deepcopy(report)
    other.members, other.items = other.members[:1], other.items[:2]
    found = compared(report, other)
    rows = found.scores[found.scores["member"] == "Japan"]
    assert set(rows["differs"]) == {"only first"}
    assert rows["second_suggested"].isna().all()
    report.items, report.claims = [], []
    assert compared(report, report).agreement.empty


def test_items_of_other_commitments_are_left_out(report):
    other = deepcopy(report)
    other.items.append(report.items[0] | {"item_id": "2024-07/ITA-01", "commitment_id": "2024-07"})
    other.labels["2024-07/ITA-01"] = ("", "none")
    found = compare_frames(frames(report), frames(other), report.codebook)
    assert set(found.labels["differs"]) == set(found.levels["differs"]) == {""}
