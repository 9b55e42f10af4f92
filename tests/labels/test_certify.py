"""What people's blind labels of a random sample prove, on small frames that show their labels."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, build, tags_model
from g7tag.labels.certify import ENDS_DISPUTED, Certificate, certify, random_order
from g7tag.labels.selection import draw
from g7tag.report import certificate_lines
from g7tag.statistics import corrected_share, error_bound
from g7tag.store import text_sha256

STRONG, WEAK, NONE, EXCLUDED = ("counter", "strong"), ("counter", "weak"), ("", "none"), ("", "none", "border")


def sentences(n: int, members: tuple[str, ...] = ("Japan",)) -> pd.DataFrame:
    """Sentences s0, s1, ..., of the members in turn."""
    return build(
        SENTENCES,
        [
            {
                "sentence_id": f"s{i}", "item_id": f"i{i // 3}", "document_id": "d", "commitment_id": "c",
                "member": members[i % len(members)], "position": i + 1, "text": f"Text {i}.", "start": 0, "end": 7,
            }
            for i in range(n)
        ],
    )  # fmt: skip


def tag(codebook: Codebook, labels: list[tuple[str, ...]], *, acts: str = "done", **changes: Any) -> pd.DataFrame:
    """Accepted tags of s0, s1, ...: dimensions, strength and, optionally, exclusion."""
    shares = {f"p_{key}": 0.5 for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)}
    rows = [
        {
            "sentence_id": f"s{i}", **shares, "dimensions": label[0], "strength": label[1], "act": acts,
            "exclusion": (*label, "")[2], "p_right": 0.9, "review_below": 0.44, "margin": 0.4, "needs_review": False,
            "review_reason": "", "status": "ok",
            "tagger": "tagger-1",
        }
        for i, label in enumerate(labels)
    ]  # fmt: skip
    return build(tags_model(codebook), rows).assign(**changes)


def annotate(*given: dict[str, Any]) -> pd.DataFrame:
    """Annotations: sentence, who and label; others as in a blind label by an analyst."""
    rows = [
        {
            "annotation_id": f"a{number}", "sentence_id": row["sentence"],
            "text_sha256": text_sha256(row.get("text", f"Text {row['sentence'][1:]}.")), "annotator": row["who"],
            "kind": row.get("kind", "analyst"), "dimensions": row["label"][0], "strength": row["label"][1],
            "act": row.get("act", "done"), "exclusion": (*row["label"], "")[2], "contradicts": False,
            "confidence": row.get("confidence"), "note": "", "codebook_version": "1", "at": "", "supersedes": "",
            "blind": row.get("blind", True), "occasion": row.get("occasion", "label"),
        }
        for number, row in enumerate(given)
    ]  # fmt: skip
    last: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row["sentence_id"], row["annotator"])
        if row["occasion"] == "withdrawn":
            row["supersedes"] = last.get(key, "")
        last[key] = row["annotation_id"]
    return build(ANNOTATIONS, rows)


def by(who: str, labels: dict[str, tuple[str, ...]], **changes: Any) -> list[dict[str, Any]]:
    """Rows for `annotate`: one person's labels of several sentences."""
    return [{"sentence": sentence, "who": who, "label": label, **changes} for sentence, label in labels.items()]


def error_row(found: Certificate, what: str) -> pd.Series:
    return found.errors.set_index("what").loc[what]


# ---- the order and the sample


def test_the_order_is_that_of_the_draws_and_does_not_depend_on_the_input() -> None:
    ids = [f"s{i}" for i in range(50)]
    order = random_order(ids)
    assert [draw(each, 0) for each in order] == sorted(draw(each, 0) for each in ids)
    assert random_order(reversed(ids)) == order
    assert random_order(ids, 1) != order
    assert random_order(ids[:20]) == [each for each in order if each in ids[:20]]
    assert random_order([]) == []


def test_the_sample_is_the_start_of_the_order_that_is_labelled(codebook: Codebook) -> None:
    order = random_order([f"s{i}" for i in range(10)])
    labelled = dict.fromkeys([*order[:4], *order[5:7]], NONE)  # the fifth is missing
    found = certify(tag(codebook, [NONE] * 10), sentences(10), annotate(*by("Ada", labelled)), codebook)
    row = found.sample.loc[0]
    assert (row["n_sentences"], row["n"], row["n_if_adjudicated"], row["reason"]) == (10, 4, 4, "")
    assert row["next_ids"].split(";") == [order[4], *order[7:]]
    assert row["disputed_ids"] == ""


def test_empty_sentences_are_not_in_the_order(codebook: Codebook) -> None:
    order = random_order([f"s{i}" for i in range(10)])
    tags = tag(codebook, [NONE] * 10)
    tags.loc[tags["sentence_id"] == order[1], "status"] = "empty"
    labelled = dict.fromkeys([order[0], order[2]], NONE)
    found = certify(tags, sentences(10), annotate(*by("Ada", labelled)), codebook)
    assert found.sample.loc[0, ["n_sentences", "n"]].tolist() == [9, 2]


FIRST = random_order(["s0", "s1", "s2"])[0]
SECOND = random_order(["s0", "s1", "s2"])[1]


@pytest.mark.parametrize(
    ("rows", "n", "wrong"),
    [
        (by("Ada", {FIRST: WEAK}), 1, 0),
        (by("Ada", {FIRST: NONE}), 1, 1),
        (by("Ada", {FIRST: NONE}, blind=False), 0, 0),
        (by("Ada", {FIRST: NONE}, kind="llm"), 0, 0),
        (by("Ada", {FIRST: NONE}, text="Another text."), 0, 0),
        (by("Ada", {FIRST: NONE}) + by("Ada", {FIRST: WEAK}), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Ada", {FIRST: NONE}, blind=False, occasion="change"), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Ada", {FIRST: NONE}, occasion="repeat"), 1, 1),
        (by("Ada", {FIRST: WEAK}) + by("Ada", {FIRST: NONE}, occasion="withdrawn"), 0, 0),
        (by("Ada", {FIRST: NONE}) + by("Ada", {FIRST: NONE}, occasion="withdrawn") + by("Ada", {FIRST: WEAK}), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: NONE}, occasion="withdrawn"), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: WEAK}), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: NONE}), 0, 0),
        (by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: NONE}, blind=False), 1, 0),
        (by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: NONE}) + by("Cy", {FIRST: NONE}, kind="adjudicator"), 1, 1),
        (
            by("Ada", {FIRST: WEAK}) + by("Bo", {FIRST: NONE})
            + by("Cy", {FIRST: WEAK}, kind="adjudicator", blind=False), 0, 0,
        ),
        (by("Ada", {FIRST: WEAK}) + by("Cy", {FIRST: NONE}, kind="adjudicator"), 1, 1),
        (by("Cy", {FIRST: NONE}, kind="adjudicator", blind=False), 0, 0),
        (by("Cy", {FIRST: NONE}, kind="adjudicator"), 1, 1),
    ],
    ids=[
        "right", "wrong", "not-blind", "model", "stale", "last-counts", "change-after-seeing", "repeat", "withdrawn",
        "labelled-again", "other-withdrew", "unanimous", "disputed", "dispute-with-a-label-not-blind", "adjudicated",
        "adjudicator-saw-the-tagger", "adjudicator-overrules", "adjudicator-alone-not-blind",
        "adjudicator-alone-blind",
    ],
)  # fmt: skip
def test_which_label_is_the_reference(codebook: Codebook, rows: list[dict[str, Any]], n: int, wrong: int) -> None:
    found = certify(tag(codebook, [WEAK] * 3), sentences(3), annotate(*rows), codebook)
    assert found.sample.loc[0, "n"] == n
    assert error_row(found, "label")["wrong"] == wrong


def test_a_disputed_sentence_ends_the_sample_and_is_named(codebook: Codebook) -> None:
    order = random_order([f"s{i}" for i in range(6)])
    rows = by("Ada", dict.fromkeys(order[:5], NONE)) + by("Bo", {order[0]: NONE, order[2]: WEAK, order[4]: STRONG})
    row = certify(tag(codebook, [NONE] * 6), sentences(6), annotate(*rows), codebook).sample.loc[0]
    assert (row["n"], row["n_if_adjudicated"], row["disputed_ids"]) == (2, 5, f"{order[2]};{order[4]}")
    assert (row["next_ids"], row["reason"]) == (order[5], ENDS_DISPUTED)
    rows += by("Cy", {order[2]: WEAK, order[4]: NONE}, kind="adjudicator")
    row = certify(tag(codebook, [NONE] * 6), sentences(6), annotate(*rows), codebook).sample.loc[0]
    assert (row["n"], row["n_adjudicated"], row["disputed_ids"], row["party_ids"], row["reason"]) == (5, 2, "", "", "")


def test_a_sentence_that_a_party_to_the_disagreement_decided_is_named(codebook: Codebook) -> None:
    order = random_order([f"s{i}" for i in range(3)])
    rows = by("Ada", {order[0]: NONE, order[1]: NONE}) + by("Bo", {order[0]: WEAK, order[1]: NONE})
    rows += by("Ada", {order[0]: NONE, order[1]: NONE}, kind="adjudicator")
    made = annotate(*rows).assign(at="2026-01-01T00:00:00.000+00:00")
    found = certify(tag(codebook, [NONE] * 3), sentences(3), made, codebook)
    assert found.sample.loc[0, ["n", "party_ids"]].tolist() == [2, order[0]]
    said = f"Note: 1 of these labels was decided by a party to the disagreement ({order[0]})."
    assert said in certificate_lines(found, target=0.05)


def test_unsure_labels_are_counted(codebook: Codebook) -> None:
    rows = by("Ada", {FIRST: NONE}, confidence=0.5) + by("Bo", {FIRST: NONE}) + by("Ada", {SECOND: NONE})
    assert certify(tag(codebook, [NONE] * 3), sentences(3), annotate(*rows), codebook).sample.loc[0, "n_unsure"] == 1


def test_a_label_is_unsure_if_one_of_those_who_gave_it_was(codebook: Codebook) -> None:
    rows = [*by("Ada", {"s0": NONE}, confidence=1.0), *by("Bo", {"s0": NONE}, confidence=0.5)]
    assert certify(tag(codebook, [NONE]), sentences(1), annotate(*rows), codebook).sample.loc[0, "n_unsure"] == 1


# ---- errors


def test_errors_are_counted_for_each_part_of_the_label(codebook: Codebook) -> None:
    # s0: right; s1: strong, not weak; s2: one dimension more; s3: excluded, tagged without exclusion
    tags = tag(codebook, [WEAK, WEAK, ("prevent;counter", "weak"), NONE])
    people = {"s0": WEAK, "s1": STRONG, "s2": WEAK, "s3": EXCLUDED}
    found = certify(tags, sentences(4), annotate(*by("Ada", people)), codebook)
    wrong = found.errors.set_index("what")["wrong"].to_dict()
    assert wrong == {
        "label": 3, "prevent": 1, "counter": 0, "dismantle": 0, "disrupt": 0, "strength": 1, "act": 0, "exclusion": 1,
    }  # fmt: skip
    assert error_row(found, "label")[["share", "low", "high", "at_most"]].tolist() == [0.75] * 4  # all are labelled


def test_only_accepted_labels_count(codebook: Codebook) -> None:
    tags = tag(codebook, [WEAK] * 4, needs_review=[True, False, False, False], status=["ok", "too_long", "ok", "ok"])
    found = certify(tags, sentences(4), annotate(*by("Ada", {f"s{i}": NONE for i in range(4)})), codebook)
    assert error_row(found, "label")[["population", "n", "wrong"]].tolist() == [2, 2, 2]
    assert found.sample.loc[0, "n"] == 4


def test_the_certificate_says_the_limit_of_accepted_labels(codebook: Codebook) -> None:
    people = annotate(*by("Ada", dict.fromkeys([f"s{i}" for i in range(4)], WEAK)))
    found = certify(tag(codebook, [WEAK] * 4), sentences(4), people, codebook)
    assert found.sample.loc[0, "review_below"] == 0.44
    assert certificate_lines(found, target=0.05)[1].startswith(
        "Labels without doubt (at least 44% likely right, and no other reason for a review): at most 0.0% are wrong"
    )


def test_the_bound_is_that_of_the_accepted_labels(codebook: Codebook) -> None:
    order = random_order([f"s{i}" for i in range(200)])
    tags = tag(codebook, [WEAK] * 200, needs_review=[i % 4 == 0 for i in range(200)])
    accepted = set(tags.loc[~tags["needs_review"], "sentence_id"])
    sampled = [each for each in order[:80] if each in accepted]
    people = dict.fromkeys(order[:80], WEAK) | dict.fromkeys(sampled[:2], STRONG)
    row = error_row(certify(tags, sentences(200), annotate(*by("Ada", people)), codebook), "strength")
    expected = error_bound(2, len(sampled), population=150)
    assert row[["wrong", "n", "population"]].tolist() == [2, len(sampled), 150]
    assert row[["share", "low", "high", "at_most"]].tolist() == list(expected[2:6])
    # the further sentences hold the accepted labels that bring the bound down: with one fewer they would be too few
    more = int(row["more_needed"])
    in_all = [len([each for each in order[: 80 + n] if each in accepted]) for n in (more - 1, more)]
    expected_wrong = [-(-2 * n // len(sampled)) for n in in_all]
    bounds = [error_bound(wrong, n, population=150).at_most for wrong, n in zip(expected_wrong, in_all, strict=True)]
    assert bounds[0] > 0.05 >= bounds[1]
    assert row["reason"] == ""


def test_a_target_out_of_reach_has_a_reason(codebook: Codebook) -> None:
    people = dict.fromkeys(random_order([f"s{i}" for i in range(30)])[:10], NONE)
    row = error_row(certify(tag(codebook, [WEAK] * 30), sentences(30), annotate(*by("Ada", people)), codebook), "label")
    assert pd.isna(row["more_needed"])
    assert row["reason"] == "the share of errors is 100.0%, above the target of 5.0%"


def test_unknown_acts_are_not_errors(codebook: Codebook) -> None:
    people = {"s0": WEAK, "s1": WEAK}
    tags = tag(codebook, [WEAK] * 2)
    rows = by("Ada", people, act="planned")
    assert error_row(certify(tags, sentences(2), annotate(*rows), codebook), "act")["wrong"] == 2
    row = error_row(certify(tags, sentences(2), annotate(*by("Ada", people, act="")), codebook), "act")
    assert np.isnan(row["share"])
    assert row["reason"] == "people gave no act, or different acts, for 2 of 2"
    rows += by("Bo", {"s0": WEAK}, act="done")
    found = certify(tags, sentences(2), annotate(*rows), codebook)
    assert error_row(found, "act")["reason"] == "people gave no act, or different acts, for 1 of 2"
    assert found.sample.loc[0, "n"] == 2  # the act alone does not make a dispute, as in the policies
    row = error_row(certify(tag(codebook, [WEAK] * 2, acts=""), sentences(2), annotate(*rows), codebook), "act")
    assert row["reason"] == "the tagger gives no act"


# ---- shares


def test_shares_are_corrected_for_all_and_for_each_member(codebook: Codebook) -> None:
    texts = sentences(120, ("Japan", "Italy"))
    tagged = [STRONG if i < 60 else NONE for i in range(120)]
    true = {f"s{i}": STRONG if i < 50 else NONE for i in range(120)}
    order = random_order(true)
    people = {each: true[each] for each in order[:60]}
    found = certify(tag(codebook, tagged), texts, annotate(*by("Ada", people)), codebook)
    assert found.shares["member"].unique().tolist() == ["", "Japan", "Italy"]
    row = found.shares.set_index(["member", "dimension"]).loc[("", "counter")]
    places = [int(each[1:]) for each in order]
    expected = corrected_share([i < 60 for i in places], [n < 60 for n in range(120)], [i < 50 for i in places])
    assert row[["raw", "share", "low", "high", "n"]].tolist() == [0.5, *expected[1:5]]
    assert row["low"] < 50 / 120 < row["high"]
    japan = found.shares.set_index(["member", "dimension"]).loc[("Japan", "counter")]
    assert (japan["n_sentences"], japan["raw"]) == (60, 0.5)
    assert japan["n"] == sum(i % 2 == 0 for i in places[:60])
    assert found.shares.set_index(["member", "dimension"]).loc[("", "prevent"), "share"] == 0


def test_a_weak_label_is_not_strong_action(codebook: Codebook) -> None:
    found = certify(tag(codebook, [STRONG] * 4), sentences(4), annotate(*by("Ada", {f"s{i}": WEAK for i in range(4)})),
                    codebook)  # fmt: skip
    row = found.shares.set_index(["member", "dimension"]).loc[("", "counter")]
    assert row[["raw", "share", "low", "high"]].tolist() == [1, 0, 0, 0]  # all are labelled


def test_small_samples_give_no_share(codebook: Codebook) -> None:
    people = dict.fromkeys(random_order([f"s{i}" for i in range(30)])[:19], WEAK)
    found = certify(tag(codebook, [STRONG] * 30), sentences(30), annotate(*by("Ada", people)), codebook)
    assert found.shares["share"].isna().all()
    assert found.shares["reason"].unique().tolist() == ["19 sampled, at least 20 needed"]
    assert found.shares["ppi_reason"].unique().tolist() == ["19 sampled, at least 30 needed"]


# ---- alternatives


def test_the_tagger_and_each_model_are_tested(codebook: Codebook) -> None:
    # Ada and Bo always say weak counter, and so does the tagger; the model always says none
    ids = [f"s{i}" for i in range(40)]
    rows = by("Ada", dict.fromkeys(ids, WEAK)) + by("Bo", dict.fromkeys(ids, WEAK))
    rows += by("some-model", dict.fromkeys(ids, NONE), kind="llm", blind=False)
    found = certify(tag(codebook, [WEAK] * 40), sentences(40), annotate(*rows), codebook).alternatives
    assert found[["machine", "kind", "on"]].to_numpy().tolist() == [
        ["tagger-1", "classifier", "label"], ["tagger-1", "classifier", "dimensions"],
        ["some-model", "llm", "label"], ["some-model", "llm", "dimensions"],
    ]  # fmt: skip
    assert found["annotators"].unique().tolist() == ["Ada;Bo"]
    assert found["n_items"].tolist() == [40] * 4
    assert found["winning_rate"].tolist() == [1, 1, 0, 0]
    assert found["advantage"].tolist() == [1, 1, 0, 0]
    assert found["passed"].tolist() == [True, True, False, False]
    assert found["reason"].unique().tolist() == ["2 annotators, the authors ask for 3"]


def test_strength_counts_for_the_label_but_not_for_the_dimensions(codebook: Codebook) -> None:
    ids = [f"s{i}" for i in range(40)]
    rows = by("Ada", dict.fromkeys(ids, WEAK)) + by("Bo", dict.fromkeys(ids, WEAK))
    found = certify(tag(codebook, [STRONG] * 40), sentences(40), annotate(*rows), codebook).alternatives
    assert found["passed"].tolist() == [False, True]


def test_disputed_sentences_count_with_the_labels_before_others_were_seen(codebook: Codebook) -> None:
    # Ada and Bo differ on all of 40: without these items there would be nothing to compare
    ids = [f"s{i}" for i in range(40)]
    rows = by("Ada", dict.fromkeys(ids, WEAK)) + by("Bo", dict.fromkeys(ids, NONE))
    rows += by("Bo", dict.fromkeys(ids, WEAK), occasion="change", blind=False)
    found = certify(tag(codebook, [WEAK] * 40), sentences(40), annotate(*rows), codebook)
    # against Ada (reference Bo): nobody agrees with Bo, all equal: 1; against Bo (reference Ada): the tagger agrees: 1
    assert found.sample.loc[0, "n"] == 0
    assert found.alternatives[["n_items", "advantage"]].to_numpy().tolist() == [[40, 1], [40, 1]]


def test_one_annotator_gives_no_verdict(codebook: Codebook) -> None:
    rows = by("Ada", {f"s{i}": WEAK for i in range(40)})
    found = certify(tag(codebook, [WEAK] * 40), sentences(40), annotate(*rows), codebook).alternatives
    assert found["passed"].isna().all()
    assert found["reason"].unique().tolist() == ["fewer than two annotators have 30 items"]


# ---- frames


def test_empty_frames_prove_nothing(codebook: Codebook) -> None:
    found = certify(tag(codebook, []), sentences(0), annotate(), codebook)
    assert found.sample.loc[0].tolist()[:-1] == [0, 0, 0, 0, 0, "", "", "", ""]
    assert np.isnan(found.sample.loc[0, "review_below"])
    assert found.errors["share"].isna().all()
    known = found.errors[found.errors["what"] != "act"]
    assert known["reason"].unique().tolist() == ["no label is in the sample"]
    assert found.shares["share"].isna().all()
    assert found.shares["member"].unique().tolist() == [""]
    assert found.alternatives.empty


def test_without_people_nothing_is_proved(codebook: Codebook) -> None:
    found = certify(tag(codebook, [WEAK] * 30), sentences(30), annotate(), codebook)
    assert found.sample.loc[0, ["n_sentences", "n"]].tolist() == [30, 0]
    assert found.sample.loc[0, "next_ids"].split(";") == random_order([f"s{i}" for i in range(30)])[:20]
    assert found.errors["more_needed"].isna().all()
    assert found.alternatives["passed"].isna().all()


def test_the_frames_are_not_changed_and_their_order_does_not_matter(codebook: Codebook) -> None:
    ids = [f"s{i}" for i in range(60)]
    rows = annotate(*by("Ada", dict.fromkeys(ids, WEAK)), *by("Bo", dict.fromkeys(ids[:40], WEAK)))
    tags, texts = tag(codebook, [WEAK, NONE, STRONG] * 20), sentences(60)
    before = [frame.copy() for frame in (tags, texts, rows)]
    found = certify(tags, texts, rows, codebook)
    for frame, copy in zip((tags, texts, rows), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    shuffled = certify(tags[::-1], texts[::-1], rows[::-1], codebook)
    for one, other in zip(found, shuffled, strict=True):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.slow
def test_certified_bounds_cover_the_truth(codebook: Codebook) -> None:
    # 300 sentences, 24 of them (8%) tagged wrongly; every seed draws another sample of 60
    truth = {f"s{i}": WEAK for i in range(300)}
    tags, texts = tag(codebook, [STRONG if i < 24 else WEAK for i in range(300)]), sentences(300)
    covered = []
    for seed in range(60):
        people = dict.fromkeys(random_order(truth, seed)[:60], WEAK)
        found = certify(tags, texts, annotate(*by("Ada", people)), codebook, random_state=seed)
        covered.append(error_row(found, "label")["at_most"] >= 0.08)
        assert found.sample.loc[0, "n"] == 60
    assert np.mean(covered) >= 0.87  # 95%, less three standard errors of 60 runs
