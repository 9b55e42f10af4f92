"""What people's blind labels of a random sample prove, on small frames that show their labels."""

import numpy as np
import pandas as pd
import pytest
from frame_rows import tags_of

from g7tag.labels.certificate import ENDS_DISPUTED, certify, random_order
from g7tag.labels.selection import draw
from g7tag.report import certificate_lines
from g7tag.statistics import corrected_share, error_bound

STRONG, WEAK, NONE, EXCLUDED = ("counter", "strong"), ("counter", "weak"), ("", "none"), ("", "none", "border")


def ids(n):
    return [f"s{i}" for i in range(n)]


def by(who, labels, **changes):
    """One person's labels of several sentences."""
    return [{"sentence_id": each, "annotator": who, **parts(label), **changes} for each, label in labels.items()]


def parts(label):
    return dict(zip(("dimensions", "strength", "exclusion"), label, strict=False))


@pytest.fixture
def tag(codebook):
    """Return accepted tags of s0, s1, ... with these labels; changes replace columns."""

    def tag(labels, **changes):
        rows = [{"sentence_id": f"s{i}", **parts(label)} for i, label in enumerate(labels)]
        return tags_of(codebook, rows, act="done", tagger="tagger-1").assign(**changes)

    return tag


@pytest.fixture
def certified(codebook, tag, sentences, annotations):
    """Return the certificate of tags (or of tags with these labels) that people labelled."""

    def certified(tags, *rows, members=("Japan",)):
        tags = tag(tags) if isinstance(tags, list) else tags
        return certify(tags, sentences(ids(len(tags)), members), annotations(*rows), codebook)

    return certified


def error_row(found, what):
    return found.errors.set_index("what").loc[what]


def test_the_order_is_that_of_the_draws_and_does_not_depend_on_the_input():
    order = random_order(ids(50))
    assert [draw(each, 0) for each in order] == sorted(draw(each, 0) for each in ids(50))
    assert random_order(reversed(ids(50))) == order != random_order(ids(50), 1)
    assert random_order(ids(20)) == [each for each in order if each in ids(20)]


def test_the_sample_is_the_start_of_the_order_that_is_labelled(certified, tag):
    order = random_order(ids(11))
    empty = order.pop(1)  # is not in the order
    labelled = dict.fromkeys([*order[:4], *order[5:7]], NONE)  # the fifth is missing
    tags = tag([NONE] * 11)
    tags.loc[tags["sentence_id"] == empty, "status"] = "empty"
    row = certified(tags, *by("Ada", labelled)).sample.loc[0]
    assert (row["n_sentences"], row["n"], row["n_if_adjudicated"], row["reason"]) == (10, 4, 4, "")
    assert row["next_ids"].split(";") == [order[4], *order[7:]]


FIRST = random_order(ids(3))[0]


def one(who, label, **changes):
    return by(who, {FIRST: label}, **changes)[0]


@pytest.mark.parametrize(("rows", "n", "wrong"), [
    ([one("Ada", WEAK)], 1, 0),
    ([one("Ada", NONE)], 1, 1),
    ([one("Ada", NONE, blind=False)], 0, 0),
    ([one("Ada", NONE, kind="llm")], 0, 0),
    ([one("Ada", NONE, text="Another text.")], 0, 0),
    ([one("Ada", NONE), one("Ada", WEAK)], 1, 0),
    ([one("Ada", WEAK), one("Ada", NONE, blind=False, occasion="change")], 1, 0),
    ([one("Ada", WEAK), one("Ada", NONE, occasion="withdrawn")], 0, 0),
    ([one("Ada", NONE), one("Ada", NONE, occasion="withdrawn"), one("Ada", WEAK)], 1, 0),
    ([one("Ada", WEAK), one("Bo", NONE, occasion="withdrawn")], 1, 0),
    ([one("Ada", WEAK), one("Bo", WEAK)], 1, 0),
    ([one("Ada", WEAK), one("Bo", NONE)], 0, 0),
    ([one("Ada", WEAK), one("Bo", WEAK, contradicts=True)], 0, 0),
    ([one("Ada", WEAK), one("Bo", NONE, blind=False)], 1, 0),
    ([one("Ada", WEAK), one("Bo", NONE), one("Cy", NONE, kind="adjudicator")], 1, 1),
    ([one("Ada", WEAK), one("Bo", NONE), one("Cy", WEAK, kind="adjudicator", blind=False)], 0, 0),
    ([one("Ada", WEAK), one("Cy", NONE, kind="adjudicator")], 1, 1),
    ([one("Cy", NONE, kind="adjudicator"), one("Di", WEAK, kind="adjudicator")], 0, 0),
], ids=["right", "wrong", "not-blind", "model", "stale", "last-counts", "change-after-seeing", "withdrawn",
    "labelled-again", "other-withdrew", "unanimous", "disputed", "disputed-contradicts",
    "dispute-with-a-label-not-blind", "adjudicated", "adjudicator-saw-the-tagger", "adjudicator-overrules",
    "adjudicators-differ"])  # fmt: skip
def test_which_label_is_the_reference(certified, rows, n, wrong):
    found = certified([WEAK] * 3, *rows)
    assert found.sample.loc[0, "n"] == n
    assert error_row(found, "label")["wrong"] == wrong


def test_a_disputed_sentence_ends_the_sample_and_is_named(certified):
    order = random_order(ids(6))
    rows = by("Ada", dict.fromkeys(order[:5], NONE)) + by("Bo", {order[0]: NONE, order[2]: WEAK, order[4]: STRONG})
    row = certified([NONE] * 6, *rows).sample.loc[0]
    assert (row["n"], row["n_if_adjudicated"], row["disputed_ids"]) == (2, 5, f"{order[2]};{order[4]}")
    assert (row["next_ids"], row["reason"]) == (order[5], ENDS_DISPUTED)
    rows += by("Cy", {order[2]: WEAK, order[4]: NONE}, kind="adjudicator")
    row = certified([NONE] * 6, *rows).sample.loc[0]
    assert (row["n"], row["n_adjudicated"], row["disputed_ids"], row["party_ids"], row["reason"]) == (5, 2, "", "", "")


def test_a_sentence_that_a_party_to_the_disagreement_decided_is_named(certified):
    order = random_order(ids(3))
    rows = by("Ada", {order[0]: NONE, order[1]: NONE}) + by("Bo", {order[0]: WEAK, order[1]: NONE})
    found = certified([NONE] * 3, *rows, *by("Ada", {order[0]: NONE, order[1]: NONE}, kind="adjudicator"))
    assert found.sample.loc[0, ["n", "party_ids"]].tolist() == [2, order[0]]
    said = f"Note: 1 of these labels was decided by a party to the disagreement ({order[0]})."
    assert said in certificate_lines(found, target=0.05)


def test_errors_are_counted_for_each_part_of_the_label(certified):
    # s0: right; s1: strong, not weak; s2: one dimension more; s3: excluded, tagged without exclusion
    people = {"s0": WEAK, "s1": STRONG, "s2": WEAK, "s3": EXCLUDED}
    found = certified([WEAK, WEAK, ("prevent;counter", "weak"), NONE], *by("Ada", people))
    wrong = found.errors.set_index("what")["wrong"].to_dict()
    assert wrong == {
        "label": 3, "prevent": 1, "counter": 0, "dismantle": 0, "disrupt": 0, "strength": 1, "act": 0, "exclusion": 1,
    }  # fmt: skip
    assert error_row(found, "label")[["share", "low", "high", "at_most"]].tolist() == [0.75] * 4  # all are labelled


def test_only_accepted_labels_count_and_the_certificate_says_their_limit(certified, tag):
    tags = tag([WEAK] * 4, needs_review=[True, False, False, False], status=["ok", "too_long", "ok", "ok"])
    found = certified(tags, *by("Ada", dict.fromkeys(ids(4), NONE)))
    assert error_row(found, "label")[["population", "n", "wrong"]].tolist() == [2, 2, 2]
    assert found.sample.loc[0, ["n", "review_below"]].tolist() == [4, 0.44]
    assert certificate_lines(found, target=0.05)[1].startswith(
        "Labels without doubt (at least 44% likely right, and no other reason for a review): at most 100.0% are wrong"
    )


def test_the_bound_is_that_of_the_accepted_labels(certified, tag):
    order = random_order(ids(200))
    tags = tag([WEAK] * 200, needs_review=[i % 4 == 0 for i in range(200)])
    accepted = set(tags.loc[~tags["needs_review"], "sentence_id"])
    sampled = [each for each in order[:80] if each in accepted]
    people = dict.fromkeys(order[:80], WEAK) | dict.fromkeys(sampled[:2], STRONG)
    row = error_row(certified(tags, *by("Ada", people)), "strength")
    expected = error_bound(2, len(sampled), population=150)
    assert row[["wrong", "n", "population", "reason"]].tolist() == [2, len(sampled), 150, ""]
    assert row[["share", "low", "high", "at_most"]].tolist() == list(expected[:4])
    # the further sentences hold the accepted labels that bring the bound down: with one fewer they would be too few
    more = int(row["more_needed"])
    in_all = [len([each for each in order[: 80 + n] if each in accepted]) for n in (more - 1, more)]
    assert in_all == [len(sampled) + expected.more_needed - 1, len(sampled) + expected.more_needed]


def test_unknown_acts_are_not_errors(certified, tag):
    people = {"s0": WEAK, "s1": WEAK}
    planned = by("Ada", people, act="planned")
    assert error_row(certified([WEAK] * 2, *planned), "act")["wrong"] == 2
    both = [*planned, *by("Bo", {"s0": WEAK}, act="done")]
    for tags, rows, reason in (
        ([WEAK] * 2, by("Ada", people, act=""), "people gave no act, or different acts, for 2 of 2"),
        ([WEAK] * 2, both, "people gave no act, or different acts, for 1 of 2"),
        (tag([WEAK] * 2, act=""), both, "the tagger gives no act"),
    ):
        found = certified(tags, *rows)
        assert np.isnan(error_row(found, "act")["share"])
        assert error_row(found, "act")["reason"] == reason
        assert found.sample.loc[0, "n"] == 2  # the act alone does not make a dispute, as in the policies


def test_shares_are_corrected_for_all_and_for_each_member(certified):
    true = {f"s{i}": STRONG if i < 50 else NONE for i in range(120)}
    order = random_order(true)
    people = by("Ada", {each: true[each] for each in order[:60]})
    found = certified([STRONG if i < 60 else NONE for i in range(120)], *people, members=("Japan", "Italy")).shares
    assert found["member"].unique().tolist() == ["", "Japan", "Italy"]
    shares = found.set_index(["member", "dimension"])
    row, japan = shares.loc[("", "counter")], shares.loc[("Japan", "counter")]
    places = [int(each[1:]) for each in order]
    expected = corrected_share([i < 60 for i in places], [n < 60 for n in range(120)], [i < 50 for i in places])
    assert row[["raw", "share", "low", "high", "n"]].tolist() == [0.5, *expected[1:5]]
    assert row["low"] < 50 / 120 < row["high"]
    assert (japan["n_sentences"], japan["raw"]) == (60, 0.5)
    assert japan["n"] == sum(i % 2 == 0 for i in places[:60])
    assert shares.loc[("", "prevent"), "share"] == 0


def test_a_weak_label_is_not_strong_action_and_small_samples_give_no_share(certified):
    shares = certified([STRONG] * 4, *by("Ada", dict.fromkeys(ids(4), WEAK))).shares.set_index("dimension")
    row = shares[shares["member"] == ""].loc["counter"]
    assert row[["raw", "share", "low", "high"]].tolist() == [1, 0, 0, 0]  # all are labelled
    found = certified([STRONG] * 30, *by("Ada", dict.fromkeys(random_order(ids(30))[:19], WEAK)))
    assert found.shares["share"].isna().all()
    assert found.shares["reason"].unique().tolist() == ["19 sampled, at least 20 needed"]


ALL_WEAK = dict.fromkeys(ids(40), WEAK)


def test_the_tagger_and_each_model_are_tested(certified):
    # Ada and Bo always say weak counter, and so does the tagger; the model always says none
    rows = by("Ada", ALL_WEAK) + by("Bo", ALL_WEAK)
    rows += by("some-model", dict.fromkeys(ids(40), NONE), kind="llm", blind=False)
    found = certified([WEAK] * 40, *rows).alternatives
    few = "2 annotators, the authors ask for 3"
    assert found.to_numpy().tolist() == [
        ["tagger-1", "classifier", "Ada;Bo", 40, 1, 1, True, few],
        ["some-model", "llm", "Ada;Bo", 40, 0, 0, False, few],
    ]  # fmt: skip
    assert not certified([STRONG] * 40, *rows).alternatives["passed"].iloc[0]  # strength counts too


def test_disputed_sentences_count_with_the_labels_before_others_were_seen(certified):
    # Ada and Bo differ on all of 40: without these items there would be nothing to compare
    rows = by("Ada", ALL_WEAK) + by("Bo", dict.fromkeys(ids(40), NONE))
    found = certified([WEAK] * 40, *rows, *by("Bo", ALL_WEAK, occasion="change", blind=False))
    # against Ada (reference Bo): nobody agrees with Bo, all equal: 1; against Bo (reference Ada): the tagger agrees: 1
    assert found.sample.loc[0, "n"] == 0
    assert found.alternatives[["n_items", "advantage"]].to_numpy().tolist() == [[40, 1]]


def test_without_people_or_sentences_nothing_is_proved(certified):
    found = certified([])
    assert found.sample.loc[0].tolist()[:-1] == [0, 0, 0, 0, "", "", "", ""]
    known = found.errors[found.errors["what"] != "act"]
    assert known["reason"].unique().tolist() == ["no label is in the sample"]
    assert found.shares["member"].unique().tolist() == [""]
    assert found.alternatives.empty
    found = certified([WEAK] * 30)
    assert found.sample.loc[0, ["n_sentences", "n"]].tolist() == [30, 0]
    assert found.sample.loc[0, "next_ids"].split(";") == random_order(ids(30))[:20]
    assert found.errors["more_needed"].isna().all()
    assert found.alternatives["passed"].isna().all()


def test_the_frames_are_not_changed_and_their_order_does_not_matter(codebook, tag, sentences, annotations):
    rows = annotations(*by("Ada", dict.fromkeys(ids(60), WEAK)), *by("Bo", ALL_WEAK))
    given = (tag([WEAK, NONE, STRONG] * 20), sentences(ids(60)), rows)
    before = [frame.copy() for frame in given]
    found = certify(*given, codebook)
    for frame, copy in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    for first, other in zip(found, certify(*(frame[::-1] for frame in given), codebook), strict=True):
        pd.testing.assert_frame_equal(first, other)
