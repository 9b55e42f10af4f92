"""The matrix, the scores and the sentences that they are based on, compared with counts by hand."""

import pandas as pd
import pytest

from g7tag.frames import EVIDENCE_MATRIX, build
from g7tag.scoring import averages, carrying_sentences, reconcile, score_members, threshold_scores

# Each line: item, date, and its sentences as (dimensions, strength).
ITALY = [
    ("ITA-01", "2024-07-01", [("counter;dismantle", "strong"), ("counter", "weak")]),
    ("ITA-02", "2024-08-01", [("counter", "strong")]),
    ("ITA-03", "2024-09-01", [("prevent", "weak"), ("", "none")]),
    ("ITA-04", "2023-01-01", [("dismantle", "strong")]),  # before the period
    ("ITA-05", None, [("prevent", "strong")]),            # date unread: counted
]  # fmt: skip


@pytest.fixture
def score(codebook, frames):
    def score(evidence=ITALY, *, contradicts="", least=None):
        made = frames(evidence, contradicts=contradicts)
        names = ("labels", "sentences", "items", "members")
        return score_members(**{name: made[name] for name in names}, codebook=codebook, min_strong_items=least)

    return score


def cell(scored, member, dimension):
    matrix = scored.evidence_matrix
    row = matrix[(matrix["member"] == member) & (matrix["dimension"] == dimension)].iloc[0]
    return [int(row["n_strong"]), int(row["n_weak"]), row["level"], row["item_ids"]]


def test_the_matrix_counts_items_in_the_period_or_of_unread_date_and_not_sentences(score):
    scored = score()
    assert cell(scored, "Italy", "counter") == [2, 0, "strong", "ITA-01;ITA-02"]
    assert cell(scored, "Italy", "disrupt") == [0, 0, "none", ""]
    assert cell(scored, "Italy", "dismantle") == [1, 0, "weak", "ITA-01"]
    assert cell(scored, "Italy", "prevent") == [1, 1, "weak", "ITA-03;ITA-05"]
    levels = [cell(score(least=least), "Italy", "counter")[2] for least in (1, 2, 3)]
    assert levels == ["strong", "strong", "weak"]
    evidence = [("ITA-01", "2024-07-01", [("counter", "weak")]), ("ITA-02", "2020-01-01", [("prevent", "weak")])]
    row = score(evidence).scores.iloc[1]  # by the text, two weak dimensions give 0 and one gives -1
    assert (row["suggested_score"], row["score_all_dates"]) == (-1, 0)


def test_a_member_without_items_has_no_level_and_the_score_of_no_action(score):
    scored = score()
    assert [cell(scored, "Japan", key)[2] for key in ("prevent", "counter", "dismantle", "disrupt")] == ["none"] * 4
    japan = scored.scores[scored.scores["member"] == "Japan"]
    assert japan["suggested_score"].tolist() == [-1, -1]
    assert japan["rule"].tolist() == ["no action"] * 2


def test_contradictory_action_is_shown_and_not_scored(score):
    evidence = [*ITALY, ("ITA-06", "2024-10-01", [("", "none")])]
    for contrary, first in (("ITA-02", -1), ("ITA-06", -1), ("ITA-04", 0)):  # the last is before the period
        row = score(evidence, contradicts=contrary).scores.iloc[0]
        assert (row["suggested_score"], row["score_if_contradicted"]) == (0, first)


def test_a_gap_in_the_table_is_no_score_and_its_agreement_unknown(score):
    evidence = [("ITA-01", "2024-07-01", [("counter", "weak"), ("prevent", "weak")])]
    scored = score(evidence)
    table, text = scored.scores[scored.scores["member"] == "Italy"].to_dict("records")
    assert pd.isna(table["suggested_score"])
    assert pd.isna(table["agrees"])
    assert (text["suggested_score"], text["agrees"]) == (0, True)
    assert reconcile(scored.scores)["verdict"].tolist() == ["no score", "differs"]


def test_the_chance_is_that_of_the_reading_under_which_the_score_is_least_likely(score):
    scores = score().scores  # 0 under both readings for Italy, -1 for Japan
    shares = [(0.1, 0.7, 0.2), (0.05, 0.9, 0.05), (0.6, 0.4, 0.0), (0.5, 0.1, 0.4)]
    changed = scores.assign(**dict(zip(["p_minus1", "p_0", "p_plus1"], zip(*shares, strict=True), strict=True)))
    assert reconcile(changed)["chance"].tolist() == [0.7, 0.5]
    assert reconcile(scores)["chance"].isna().all()
    agreeing = scores.assign(agrees=pd.array([True, False, False, False], dtype="boolean"))
    assert reconcile(agreeing)["verdict"].tolist() == ["depends on the reading", "differs"]


def test_published_and_suggested_scores_stand_side_by_side(score, codebook):
    scores = score().scores
    columns = ["commitment_id", "member", "published_score", *(reading.name for reading in codebook.readings)]
    table = reconcile(scores)
    assert table.columns.tolist() == [*columns, "verdict", "chance"]
    assert table.iloc[:, :6].to_numpy().tolist() == [
        ["2024-19", "Italy", 0, 0, 0, "agrees"], ["2024-19", "Japan", 0, -1, -1, "differs"],
    ]  # fmt: skip
    assert reconcile(scores.head(0)).columns.tolist() == [*columns[:3], "verdict", "chance"]
    assert reconcile(scores.head(0))["chance"].dtype == "float64"


def test_averages_are_not_made_of_some_of_the_members(score):
    gap = [("ITA-01", "2024-07-01", [("counter", "weak"), ("prevent", "weak")])]
    means = averages(score(gap).scores).set_index("scores")
    assert means.loc["published", ["n", "mean", "percent"]].tolist() == [2, 0.0, 50.0]
    assert pd.isna(means.loc["scoring-table", "mean"])
    assert means.loc["scoring-table", "n"] == 1
    assert means.loc["interpretive-guidelines", ["mean", "percent"]].tolist() == [-0.5, 25.0]  # (0 - 1) / 2


def test_nothing_gives_nothing(frames, codebook):
    made, names = frames(ITALY), ("labels", "sentences", "items", "members")
    empty = {name: made[name].iloc[:0] for name in names}
    scored = score_members(**empty, codebook=codebook)
    assert (len(scored.scores), len(scored.evidence_matrix)) == (0, 0)
    assert len(reconcile(scored.scores)) == len(threshold_scores(scored.evidence_matrix, codebook)) == 0
    means = averages(scored.scores)
    assert means["n"].tolist() == [0] * len(means)
    assert pd.isna(means["mean"]).all()


def deciding(frames, score, codebook, evidence):
    made = frames(evidence)
    its = {name: made[name] for name in ("labels", "sentences", "items")}
    rows = carrying_sentences(**its, evidence_matrix=score(evidence).evidence_matrix, codebook=codebook)
    return list(zip(rows["dimension"], rows["sentence_id"], rows["decides"], strict=True))


def test_the_sentences_that_carry_a_level_and_those_that_decide_it(frames, score, codebook):
    assert deciding(frames, score, codebook, ITALY) == [
        ("prevent", "ITA-03.1", ""),       # one strong item is left, so the level stays weak
        ("prevent", "ITA-05.1", ""),
        ("counter", "ITA-01.1", "level"),  # two strong items, and two are needed; three weak dimensions still give 0
        ("counter", "ITA-01.2", ""),       # weak: the item is strong without it
        ("counter", "ITA-02.1", "level"),
        ("dismantle", "ITA-01.1", "level"),  # the only item; counter stays strong, and with it the 0
    ]  # fmt: skip


@pytest.mark.parametrize("given", [
    [("counter", "strong")] * 2,  # one strong dimension gives 0; with one strong item left it is weak: -1
    [("counter", "weak"), ("prevent", "weak")],  # by the text two weak dimensions give 0 and one gives -1
    [("counter", "weak"), ("prevent", "weak"), ("disrupt", "weak")],  # by the table two give none; by the text 0
], ids=["strong", "weak", "one reading"])  # fmt: skip
def test_a_sentence_decides_the_score_where_the_rules_turn_on_it(frames, score, codebook, given):
    evidence = [(f"ITA-0{place}", "2024-07-01", [label]) for place, label in enumerate(given)]
    assert {row[2] for row in deciding(frames, score, codebook, evidence)} == {"score"}


def test_items_outside_the_period_carry_nothing_and_the_number_of_strong_items_is_the_codebooks(
    frames, score, codebook
):
    made, names = frames(ITALY), ("labels", "sentences", "items")
    matrix = score(least=1).evidence_matrix
    one = codebook.model_copy(update={"min_strong_items": 1})
    rows = carrying_sentences(**{name: made[name] for name in names}, evidence_matrix=matrix, codebook=one)
    assert "ITA-04.1" not in set(rows["sentence_id"])
    assert set(rows.loc[rows["dimension"] == "counter", "level"]) == {"strong"}
    assert set(rows.loc[rows["dimension"] == "counter", "decides"]) == {""}  # strong with one of two strong items, too


def by_number(codebook, n_strong):
    """Return score and `changes` by threshold, for a member with strong items in one dimension (scoring table)."""
    cells = [
        {
            "commitment_id": "2024-19", "member": "Italy", "dimension": key, "n_strong": n, "n_weak": 0,
            "level": "strong" if n >= codebook.min_strong_items else "weak" if n else "none", "item_ids": "",
        }
        for key, n in zip(codebook.dimension_keys, [n_strong, 0, 0, 0], strict=True)
    ]  # fmt: skip
    table = threshold_scores(build(EVIDENCE_MATRIX, cells), codebook)
    its = table[table["reading"] == "scoring-table"]
    return dict(zip(its["min_strong_items"], zip(its["suggested_score"], its["changes"], strict=True), strict=True))


def test_one_to_five_strong_items_are_tried(codebook):
    # one strong dimension gives 0, a weak one -1; the codebook asks for two items
    low, high = (-1, False), (0, True)
    assert by_number(codebook, 1) == {1: high, 2: low, 3: low, 4: low, 5: low}
    low, high = (-1, True), (0, False)
    assert by_number(codebook, 4) == {1: high, 2: high, 3: high, 4: high, 5: low}
    book = codebook.model_copy(update={"min_strong_items": 7})  # it is tried, too
    assert by_number(book, 7) == dict.fromkeys((1, 2, 3, 4, 5, 7), (0, False))
    assert by_number(book, 5)[7] == (-1, False)
    assert by_number(book, 5)[5] == (0, True)
