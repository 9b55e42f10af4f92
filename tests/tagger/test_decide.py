"""From probabilities to tags."""

import pandas as pd
import pytest

from g7tag.tagger.decide import margins, right_shares, set_dimensions

THRESHOLDS = {"a": 0.4, "b": 0.5}


def shares(a: float, b: float, strong: float = 0.5, excluded: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame({"a": [a], "b": [b], "strong": [strong], "excluded": [excluded]})


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (shares(0.4, 0.49), [True, False]),
        (shares(0.39, 0.5), [False, True]),
        (shares(0.6, 0.6, excluded=0.6), [True, True]),
        (shares(0.6, 0.5, excluded=0.61), [False, False]),
        (shares(0.4, 0.1, excluded=0.49), [True, False]),
    ],
    ids=["at the threshold", "each its own", "exclusion not likelier", "exclusion likelier", "exclusion not likely"],
)
def test_which_dimensions_are_set(row: pd.DataFrame, found: list[bool]) -> None:
    assert set_dimensions(row, THRESHOLDS).iloc[0].tolist() == found


def test_a_tag_is_right_with_the_product_of_what_it_says() -> None:
    assert right_shares(shares(0.8, 0.1, strong=0.3), THRESHOLDS)[0] == pytest.approx(0.8 * 0.9 * 0.7)
    assert right_shares(shares(0.2, 0.1, strong=0.3), THRESHOLDS)[0] == pytest.approx(0.8 * 0.9)  # no strength is said
    assert right_shares(shares(0.6, 0.1, excluded=0.9), THRESHOLDS)[0] == pytest.approx(0.4 * 0.9)  # none is set


def test_the_margin_is_the_nearest_distance_to_another_tag() -> None:
    assert margins(shares(0.8, 0.1, strong=0.45), THRESHOLDS)[0] == pytest.approx(0.05)
    assert margins(shares(0.1, 0.1, strong=0.5), THRESHOLDS)[0] == pytest.approx(0.3)
