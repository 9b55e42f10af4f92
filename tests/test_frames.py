"""Schemas of the frames: what they refuse, with which message, and round trips through files."""

from io import BytesIO

import pandas as pd
import pytest

from g7tag.errors import FrameError
from g7tag.frames import FIXED, ITEMS, LABELS, MEMBERS, build, tags_model, validate
from g7tag.store import parquet_bytes

JAPAN = {
    "commitment_id": "2024-19", "member": "Japan", "code": "JPN", "table_score": 0, "heading_score": 0,
    "stated_score": None, "published_score": 0,
}  # fmt: skip
ITALY = JAPAN | {"member": "Italy", "code": "ITA"}
ITEM = {
    "item_id": "2024-19/JPN-01", "document_id": "d", "commitment_id": "2024-19", "member": "Japan", "position": 1,
    "date": pd.Timestamp("2024-07-01"), "date_text": "1 July 2024", "text": "They met.", "citations": "", "pages": "",
    "status": "ok",
}  # fmt: skip
LABEL = {
    "sentence_id": "s.1", "dimensions": "", "strength": "none", "exclusion": "", "contradicts": False,
    "annotation_id": "", "policy": "p", "status": "ok",
}  # fmt: skip


def refusal(frame, model):
    """The causes in the message by which a frame is refused."""
    with pytest.raises(FrameError, match=rf"^x\.parquet: not a valid {model.name} frame\n") as raised:
        validate(frame, model, source="x.parquet")
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


@pytest.fixture
def members():
    return build(MEMBERS, [JAPAN, ITALY])


@pytest.fixture
def items():
    return build(ITEMS, [ITEM])


def test_columns_that_are_missing_unknown_twice_or_out_of_order_are_named(members):
    order = "commitment_id, member, code, table_score, heading_score, stated_score, published_score"
    for frame, cause in (
        (members.drop(columns="code"), "column 'code' is missing"),
        (members.drop(columns="member"), "column 'member' is missing"),  # part of the key
        (members.assign(colour="red"), "column 'colour' is unknown"),
        (pd.concat([members, members[["code"]]], axis=1), "column 'code' appears twice"),
        (members[members.columns[::-1]], f"columns are out of order, expected {order}"),
    ):
        assert refusal(frame, MEMBERS) == [cause]


@pytest.mark.parametrize(
    ("name", "values", "cause"),
    [
        ("members.published_score", ["0", "0"], "is str, expected Int64"),
        ("members.published_score", [0.0, 0.5], "is float64, expected Int64"),
        ("members.code", pd.Series(["JPN", 2], dtype="object"), "is object, expected str"),
        ("members.code", pd.Series(["JPN", None], dtype="str"), ", row 1: a value is missing (1 row)"),
        ("members.member", pd.Series([None, "Italy"], dtype="str"), ", row 0: a value is missing (1 row)"),
        (
            "members.published_score", pd.array([2, 3], "Int64"),
            ", row 0: '2' is not allowed, expected one of ([-1, 0, 1]) (2 rows)",
        ),
        ("items.date", ["2024-07-01"], "is str, expected datetime64[us]"),
        ("items.position", pd.array([0], "Int64"), ", row 0: '0' is not allowed, expected at least 1 (1 row)"),
        (
            "items.status", ["fine"],
            ", row 0: 'fine' is not allowed, expected one of (['ok', 'date_unread', 'cut_off']) (1 row)",
        ),
        ("labels.contradicts", ["no"], "is str, expected bool"),
    ],
)  # fmt: skip
def test_a_column_of_another_type_or_with_a_wrong_value_is_named(name, values, cause):
    frame, column = name.split(".")
    model, rows = {"members": (MEMBERS, [JAPAN, ITALY]), "items": (ITEMS, [ITEM]), "labels": (LABELS, [LABEL])}[frame]
    told = f"column '{column}'{cause}" if cause[0] == "," else f"column '{column}' {cause}"
    assert refusal(build(model, rows).assign(**{column: values}), model) == [told]


def test_all_causes_are_listed_at_once_and_one_of_each_column(members):
    frame = members.drop(columns="code").assign(
        colour="red", member="Japan", table_score=pd.array([2, 3], dtype="Int64"), stated_score="0"
    )
    assert sorted(refusal(frame, MEMBERS)) == [
        "column 'code' is missing", "column 'colour' is unknown", "column 'stated_score' is str, expected Int64",
        "column 'table_score', row 0: '2' is not allowed, expected one of ([-1, 0, 1]) (2 rows)",
        "key commitment_id+member appears twice: '2024-19 Japan' (1 row)",
    ]  # fmt: skip


def test_a_frame_that_was_valid_is_checked_again_after_any_change(members):
    frame = validate(members, MEMBERS)
    pd.testing.assert_frame_equal(validate(frame.copy(), MEMBERS), frame)
    with pytest.raises(FrameError, match="not a valid items frame"):
        validate(frame, ITEMS)
    frame.loc[0, "published_score"] = 7
    for _ in range(2):
        with pytest.raises(FrameError, match=r"'published_score', row 0: '7' is not allowed"):
            validate(frame, MEMBERS)


def test_equal_types_of_other_make_become_the_schemas_and_the_frame_stays_as_it_was(members, items):
    plain = members.astype({"code": "object", "table_score": "int64"})
    before = plain.copy()
    pd.testing.assert_frame_equal(validate(plain, MEMBERS), members)
    pd.testing.assert_frame_equal(plain, before)
    pd.testing.assert_frame_equal(validate(items.astype({"date": "datetime64[ns]"}), ITEMS), items)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        *((model, []) for model in FIXED.values()),
        (MEMBERS, [JAPAN, ITALY]), (ITEMS, [ITEM, ITEM | {"item_id": "2", "date": None}]), (LABELS, [LABEL]),
    ],
)  # fmt: skip
def test_rows_and_empty_frames_come_back_from_parquet_with_every_type(model, rows):
    frame = build(model, rows)
    assert list(frame.columns) == list(model.columns)
    back = pd.read_parquet(BytesIO(parquet_bytes(frame)))
    pd.testing.assert_frame_equal(validate(back, model), frame)


def test_the_tags_frame_follows_the_codebook(codebook):
    trees = codebook.model_copy(update={"dimensions": codebook.dimensions[2:], "exclusions": []})
    row = {
        "sentence_id": "s.1", **{f"p_{key}": 0.5 for key in codebook.dimension_keys}, "p_strong": 0.5,
        "p_excluded": 0.0, "dimensions": "", "strength": "none", "act": "", "exclusion": "border", "margin": 0.1,
        "review_below": 0.44, "needs_review": True, "review_reason": "unlikely", "status": "ok", "tagger": "t",
    }  # fmt: skip
    own, other = tags_model(codebook), tags_model(trees)
    assert list(other.columns)[:5] == ["sentence_id", "p_dismantle", "p_disrupt", "p_strong", "p_excluded"]
    validate(build(own, [row]), own)
    assert refusal(build(other, [row]), other) == [
        "column 'exclusion', row 0: 'border' is not allowed, expected one of (['']) (1 row)"
    ]
    assert refusal(build(own, [row | {"p_strong": 1.5}]), own) == [
        "column 'p_strong', row 0: '1.5' is not allowed, expected 0 to 1 (1 row)"
    ]
