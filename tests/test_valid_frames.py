"""A frame that was already checked is recognized by its content only."""

import pandas as pd
import pytest

from g7tag.errors import FrameError
from g7tag.frames import ITEMS, MEMBERS, build, validate

ROW = {"commitment_id": "2024-19", "member": "Japan", "code": "JPN"} | dict.fromkeys(
    ("table_score", "heading_score", "stated_score", "published_score"), 0
)


def test_a_frame_that_is_changed_in_place_is_checked_again():
    frame = validate(build(MEMBERS, [ROW]), MEMBERS)
    frame.loc[0, "published_score"] = 7
    with pytest.raises(FrameError, match=r"'published_score', row 0: '7' is not allowed"):
        validate(frame, MEMBERS)


def test_a_frame_is_checked_by_each_schema():
    frame = validate(build(MEMBERS, [ROW]), MEMBERS)
    with pytest.raises(FrameError, match="not a valid items frame"):
        validate(frame, ITEMS)


def test_columns_in_another_order_are_another_frame():
    frame = validate(build(MEMBERS, [ROW]), MEMBERS)
    with pytest.raises(FrameError, match="columns are out of order"):
        validate(frame[frame.columns[::-1]], MEMBERS)


def test_a_frame_of_another_type_is_another_frame():
    frame = validate(build(MEMBERS, [ROW]), MEMBERS)
    with pytest.raises(FrameError, match="column 'table_score' is float64, expected Int64"):
        validate(frame.astype({"table_score": "float64"}), MEMBERS)


def test_a_frame_that_was_refused_is_refused_again():
    frame = build(MEMBERS, [ROW, ROW])
    for _ in range(2):
        with pytest.raises(FrameError, match="appears twice"):
            validate(frame, MEMBERS)


def test_equal_frames_come_back_equal():
    first, second = (validate(build(MEMBERS, [ROW]), MEMBERS) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
