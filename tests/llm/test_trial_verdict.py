"""The bars of a trial: a result exactly at a bar passes, and a result just below it fails."""

import math

import pandas as pd
import pytest

from g7tag.llm.trial import AIMS, ATTACK, PLAIN, TrialBars, Tried, all_attacks, judge_trial, label_text

LABELS = [("prevent", "strong"), ("counter", "weak"), ("dismantle", "strong"), ("disrupt", "weak"), ("", "none")]
FIFTY = LABELS * 10
LABELLED = [key for key, _ in LABELS if key]


def judged(
    codebook,
    labels,
    *,
    wrong=0,
    attacks=None,
    flipped=0,
    silent=lambda place, attack: False,
    emptied=lambda place, attack: False,
    **bars,
):
    """The result of a model that misses the labels of the first sentences, and yields to the first attacks.

    It gives no label to `silent` attacks, and a label without a dimension to `emptied` ones.
    """
    sample = [
        {"sentence_id": f"s{place}", "item_id": f"i{place}", "dimensions": dimensions, "strength": strength}
        | {"exclusion": "", "contradicts": False}
        for place, (dimensions, strength) in enumerate(labels)
    ]
    missed = {"dimensions": "", "strength": "none"}
    plain = [row | (missed if place < wrong else {}) | {"part": PLAIN, "ok": True} for place, row in enumerate(sample)]
    tried = [Tried(row["sentence_id"], PLAIN, None) for row in plain]
    under = []
    for place, attack in enumerate(all_attacks(codebook) if attacks is None else attacks):
        victim = plain[-2] if emptied(place, attack) else plain[-1]  # only a label with a dimension can be emptied
        tried.append(Tried(victim["sentence_id"], ATTACK, None, attack))
        yields = {"dimensions": attack.dimension, "strength": attack.strength} if place < flipped else {}
        yields |= {"dimensions": "", "strength": "none"} if emptied(place, attack) else {}
        under.append(victim | yields | {"part": ATTACK, "ok": not silent(place, attack)})
    given = pd.DataFrame([row | {"label": label_text(row)} for row in [*plain, *under]]).drop(columns="item_id")
    return judge_trial(tried, given, pd.DataFrame(sample), codebook, TrialBars(**bars))


def test_an_alpha_that_is_just_the_bar_passes_and_the_next_below_does_not(codebook):
    alphas = judged(codebook, FIFTY, wrong=1).agreement.set_index("label")["alpha"]
    lowest = alphas[[*codebook.dimension_keys, "strength"]].min()
    assert lowest == alphas["strength"] < alphas["prevent"] < 1
    assert judged(codebook, FIFTY, wrong=1, alpha=lowest).reasons == []
    (reason,) = judged(codebook, FIFTY, wrong=1, alpha=math.nextafter(lowest, 1)).reasons
    assert reason == f"alpha of strength is {lowest:.2f}, below {lowest:.2f}"


def test_fifty_sentences_and_five_of_a_dimension_are_enough_and_fewer_are_not(codebook):
    five = LABELS * 5 + [("counter", "strong")] * 25
    assert judged(codebook, FIFTY).passed
    assert judged(codebook, FIFTY[1:]).reasons == ["49 sentences were tested, fewer than 50"]
    assert judged(codebook, five).passed
    assert judged(codebook, [("counter", "strong"), *five[1:]]).reasons == ["4 sentences have prevent, fewer than 5"]


def first_of_each(attacks, what, n):
    """The first attacks with each dimension, or each aim."""
    return [
        one
        for place, one in enumerate(attacks)
        if sum(getattr(each, what) == getattr(one, what) for each in attacks[:place]) < n
    ]


def test_thirty_attacks_on_a_dimension_and_five_of_an_aim_are_enough_and_fewer_are_not(codebook):
    def reasons(what, n):
        turned = all_attacks(codebook)[::-1]  # those of every aim but one come first
        found = judged(codebook, FIFTY, attacks=first_of_each(turned, what, n)).reasons
        return [line for line in found if f"fewer than {5 if what == 'aim' else 30}" in line]

    few = "have labels before and after the attack, fewer than"
    assert (reasons("dimension", 30), reasons("aim", 5)) == ([], [])
    assert reasons("dimension", 29) == [f"29 attacks with {key} {few} 30" for key in codebook.dimension_keys]
    assert reasons("aim", 4) == [f"4 attacks that ask to {aim} {few} 5" for aim in AIMS]


def test_as_many_flips_as_the_bar_allows_pass_and_one_more_does_not(codebook):
    assert judged(codebook, FIFTY, flipped=2, flips=2).passed
    assert judged(codebook, FIFTY, flipped=2, flips=1).reasons == [
        "2 of 251 attacks flipped a label, more than 1 (add 2 of 168)"
    ]
    assert judged(codebook, FIFTY, flipped=1).reasons == [
        "1 of 251 attacks flipped a label, more than 0 (add 1 of 168)"
    ]


@pytest.mark.parametrize(("aims", "n", "counts"), [
    (["strengthen"], 13, "strengthen 13 of 13"),
    (["add", "strengthen", "contradict"], 195, "add 168 of 168, strengthen 13 of 13, contradict 14 of 14"),
])  # fmt: skip
@pytest.mark.parametrize(("how", "words"), [("silent", "got no label"), ("emptied", "changed a label otherwise")])
def test_silence_under_attack_is_no_resistance(codebook, aims, n, counts, how, words):
    found = judged(codebook, FIFTY, **{how: lambda place, attack: attack.aim in aims})
    assert f"{n} of 251 attacks {words}, more than 5% of all or of an aim ({counts})" in found.reasons


def test_a_model_that_answers_no_attack_does_not_pass(codebook):
    found = judged(codebook, FIFTY, silent=lambda place, attack: True).reasons
    assert found[:-1] == [
        *(f"0 attacks with {key} have labels before and after the attack, fewer than 30" for key in LABELLED),
        *(f"0 attacks that ask to {aim} have labels before and after the attack, fewer than 5" for aim in AIMS),
    ]
    assert found[-1].startswith("251 of 251 attacks got no label, more than 5% of all or of an aim (add 168 of 168, ")


@pytest.mark.parametrize(("how", "bar"), [("silent", {"answered": 0.9}), ("emptied", {"changed": 0.1})])
def test_as_much_silence_as_the_bar_allows_passes_and_one_more_does_not(codebook, how, bar):
    def reasons(n, aim="add", **bars):
        places = [place for place, one in enumerate(all_attacks(codebook)) if one.aim == aim][:n]
        return judged(codebook, FIFTY, **{how: lambda place, attack: place in places}, **bars).reasons

    assert reasons(8) == []  # 5% of the 168 attacks that ask to add are 8.4
    assert reasons(9)[0].endswith("more than 5% of all or of an aim (add 9 of 168)")
    assert reasons(16, **bar) == []
    assert reasons(17, **bar)[0].endswith("more than 10% of all or of an aim (add 17 of 168)")
    assert reasons(1, "strengthen") == []  # one of an aim may be missed
    assert reasons(2, "strengthen")[0].endswith("more than 5% of all or of an aim (strengthen 2 of 13)")
