"""Schemas of the frames: what they refuse, with which message, and round trips through files."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import FrameError
from g7tag.frames import FIXED, ITEMS, LABELS, MEMBERS, build, tags_model, validate
from g7tag.store import parquet_bytes, read_frame

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


def refusal(frame: pd.DataFrame, model: pa.DataFrameSchema) -> list[str]:
    """The causes in the message by which a frame is refused."""
    with pytest.raises(FrameError, match=rf"^x\.parquet: not a valid {model.name} frame\n") as raised:
        validate(frame, model, source="x.parquet")
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


@pytest.fixture
def members() -> pd.DataFrame:
    return build(MEMBERS, [JAPAN, ITALY])


@pytest.fixture
def items() -> pd.DataFrame:
    return build(ITEMS, [ITEM])


@pytest.mark.parametrize("column", ["code", "member"], ids=["value", "part of the key"])
def test_a_missing_column_is_named(members: pd.DataFrame, column: str) -> None:
    assert refusal(members.drop(columns=column), MEMBERS) == [f"column '{column}' is missing"]


def test_an_unknown_column_is_named(members: pd.DataFrame) -> None:
    assert refusal(members.assign(colour="red"), MEMBERS) == ["column 'colour' is unknown"]


def test_columns_out_of_order_are_named_in_the_right_order(members: pd.DataFrame) -> None:
    order = "commitment_id, member, code, table_score, heading_score, stated_score, published_score"
    assert refusal(members[list(reversed(members.columns))], MEMBERS) == [f"columns are out of order, expected {order}"]


def test_a_column_that_stands_twice_is_named(members: pd.DataFrame) -> None:
    causes = refusal(pd.concat([members, members[["code"]]], axis=1), MEMBERS)
    assert [cause for cause in causes if "'code'" in cause]


@pytest.mark.parametrize(
    ("column", "values", "cause"),
    [
        ("published_score", ["0", "0"], "column 'published_score' is str, expected Int64"),
        ("published_score", [0.0, 0.5], "column 'published_score' is float64, expected Int64"),
        ("code", [1, 2], "column 'code' is int64, expected str"),
        ("code", pd.Series(["JPN", 2], dtype="object"), "column 'code' is object, expected str"),
    ],
    ids=["text for a number", "halves for wholes", "numbers for text", "text and a number"],
)
def test_a_column_of_another_type_is_named_with_both(
    members: pd.DataFrame, column: str, values: list[object], cause: str
) -> None:
    assert refusal(members.assign(**{column: values}), MEMBERS) == [cause]


def test_a_day_written_as_text_is_refused(items: pd.DataFrame) -> None:
    assert refusal(items.assign(date="2024-07-01"), ITEMS) == ["column 'date' is str, expected datetime64[us]"]


def test_a_word_is_no_flag() -> None:
    frame = build(LABELS, [LABEL]).assign(contradicts="no")
    assert refusal(frame, LABELS) == ["column 'contradicts' is str, expected bool"]


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [("code", ["JPN", None], 1), ("member", [None, "Italy"], 0)],
    ids=["value", "part of the key"],
)
def test_a_missing_value_is_named_with_its_row(
    members: pd.DataFrame, column: str, values: list[str | None], row: int
) -> None:
    frame = members.assign(**{column: pd.Series(values, dtype="str")})
    assert refusal(frame, MEMBERS) == [f"column '{column}', row {row}: a value is missing (1 row)"]


@pytest.mark.parametrize(
    ("column", "value", "cause"),
    [
        ("status", "fine", "'fine' is not allowed, expected one of (['ok', 'date_unread', 'cut_off']) (1 row)"),
        ("position", 0, "'0' is not allowed, expected at least 1 (1 row)"),
    ],
    ids=["word", "number"],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(
    items: pd.DataFrame, column: str, value: object, cause: str
) -> None:
    frame = items.assign(**{column: pd.Series([value], dtype=items[column].dtype)})
    assert refusal(frame, ITEMS) == [f"column '{column}', row 0: {cause}"]


def test_a_share_above_one_is_named_with_its_row(codebook: Codebook) -> None:
    model = tags_model(codebook)
    frame = build(model, [tags_row(codebook) | {"p_strong": 1.5}])
    assert refusal(frame, model) == ["column 'p_strong', row 0: '1.5' is not allowed, expected 0 to 1 (1 row)"]


def test_a_key_that_stands_twice_is_named_and_counted() -> None:
    frame = build(MEMBERS, [JAPAN, ITALY, JAPAN, JAPAN])
    assert refusal(frame, MEMBERS) == ["key commitment_id+member appears twice: '2024-19 Japan' (2 rows)"]


def test_all_causes_are_listed_at_once_and_one_of_each_column(members: pd.DataFrame) -> None:
    frame = members.drop(columns="code").assign(
        colour="red", member="Japan", table_score=pd.array([2, 3], dtype="Int64"), stated_score="0"
    )
    assert sorted(refusal(frame, MEMBERS)) == [
        "column 'code' is missing",
        "column 'colour' is unknown",
        "column 'stated_score' is str, expected Int64",
        "column 'table_score', row 0: '2' is not allowed, expected one of ([-1, 0, 1]) (2 rows)",
        "key commitment_id+member appears twice: '2024-19 Japan' (1 row)",
    ]


def test_a_table_of_something_else_lacks_every_column() -> None:
    causes = refusal(pd.DataFrame({"a": [1]}), MEMBERS)
    assert sorted(causes) == ["column 'a' is unknown", *(f"column '{name}' is missing" for name in sorted(JAPAN))]


def test_without_a_source_the_message_names_the_frame(members: pd.DataFrame) -> None:
    with pytest.raises(FrameError, match=r"^members: not a valid members frame\n  column 'code' is missing$"):
        validate(members.drop(columns="code"), MEMBERS)


def test_validating_leaves_the_frame_unchanged(members: pd.DataFrame) -> None:
    plain = members.astype({"code": "object", "table_score": "int64"})
    before = plain.copy()
    validate(plain, MEMBERS)
    pd.testing.assert_frame_equal(plain, before)


def test_equal_types_of_other_make_become_the_schemas(members: pd.DataFrame, items: pd.DataFrame) -> None:
    plain = members.astype({"code": "object", "table_score": "int64"})
    pd.testing.assert_frame_equal(validate(plain, MEMBERS), members)
    pd.testing.assert_frame_equal(validate(items.astype({"date": "datetime64[ns]"}), ITEMS), items)


@pytest.mark.parametrize("model", FIXED.values(), ids=FIXED)
def test_a_frame_of_no_rows_is_valid_and_keeps_its_types(model: pa.DataFrameSchema) -> None:
    empty = build(model, [])
    pd.testing.assert_frame_equal(validate(empty, model), empty)
    assert list(empty.columns) == list(model.columns)


@pytest.mark.parametrize("model", FIXED.values(), ids=FIXED)
def test_an_empty_frame_comes_back_from_parquet_with_every_type(model: pa.DataFrameSchema, tmp_path: Path) -> None:
    empty = build(model, [])
    (tmp_path / "a.parquet").write_bytes(parquet_bytes(empty))
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.parquet", model), empty)


@pytest.mark.parametrize(
    ("model", "rows"),
    [(MEMBERS, [JAPAN, ITALY]), (ITEMS, [ITEM, ITEM | {"item_id": "2", "date": None}]), (LABELS, [LABEL])],
    ids=["whole numbers", "days", "flags"],
)
def test_rows_come_back_from_parquet_with_every_type(model: pa.DataFrameSchema, rows: list[dict[str, object]]) -> None:
    frame = build(model, rows)
    back = pd.read_parquet(BytesIO(parquet_bytes(frame)))
    pd.testing.assert_frame_equal(validate(back, model), frame)


def test_built_columns_have_the_types_that_design_promises() -> None:
    assert build(ITEMS, [ITEM]).dtypes[["text", "position", "date"]].astype("str").tolist() == [
        "str",
        "Int64",
        "datetime64[us]",
    ]
    assert str(build(LABELS, [LABEL])["contradicts"].dtype) == "bool"
    assert str(build(FIXED["commitments"], [])["printed_average"].dtype) == "float64"


def tags_row(codebook: Codebook) -> dict[str, object]:
    shares = {f"p_{key}": 0.5 for key in codebook.dimension_keys}
    return {
        "sentence_id": "s.1", **shares, "p_strong": 0.5, "p_excluded": 0.0, "dimensions": "", "strength": "none",
        "act": "", "exclusion": "", "margin": 0.1, "review_below": 0.44, "needs_review": True,
        "review_reason": "unlikely", "status": "ok", "tagger": "t",
    }  # fmt: skip


def test_the_tags_frame_follows_the_codebook(codebook: Codebook) -> None:
    trees = codebook.model_copy(update={"dimensions": codebook.dimensions[2:], "exclusions": []})
    assert list(tags_model(trees).columns)[:5] == ["sentence_id", "p_dismantle", "p_disrupt", "p_strong", "p_excluded"]
    validate(build(tags_model(trees), [tags_row(trees)]), tags_model(trees))


def test_tags_may_hold_no_exclusion_of_another_codebook(codebook: Codebook) -> None:
    trees = codebook.model_copy(update={"exclusions": []})
    frame = build(tags_model(trees), [tags_row(trees) | {"exclusion": "border"}])
    validate(frame, tags_model(codebook))
    (cause,) = refusal(frame, tags_model(trees))
    assert cause == "column 'exclusion', row 0: 'border' is not allowed, expected one of (['']) (1 row)"
