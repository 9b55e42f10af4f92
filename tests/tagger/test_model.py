"""The labels of a sentence are decided together: only possible ones are set, and probabilities are those given that."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from g7tag.codebook import ACTS, NO_DIMENSION
from g7tag.tagger.model import decide, log_odds, rescaled

Case = tuple[list[str], list[str], np.ndarray, float]


@st.composite
def cases(draw, most=90):
    """Dimensions, exclusions, log-odds and threshold."""
    dimensions = [f"d{place}" for place in range(draw(st.integers(1, 4)))]
    exclusions = [f"e{place}" for place in range(draw(st.integers(0, 2)))]
    n = len(dimensions) + len(exclusions) + 1 + len(ACTS)
    odds = draw(st.lists(st.lists(st.floats(-most, most), min_size=n, max_size=n), min_size=0, max_size=4))
    return dimensions, exclusions, np.array(odds).reshape(len(odds), n), draw(st.floats(0.05, 0.95))


def decided_of(case):
    dimensions, exclusions, odds, threshold = case
    return decide(odds, dimensions, exclusions, threshold)


@given(cases())
def test_tags_are_possible_labels_whatever_the_log_odds(case):
    dimensions, exclusions, odds, threshold = case
    shares, tags, right, margin = decided_of(case)
    assert len(shares) == len(tags) == len(right) == len(margin) == len(odds)
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    np.testing.assert_allclose(shares[list(ACTS)].sum(axis=1), 1.0)
    assert ((right >= 0) & (right <= 1 + 1e-9) & (margin >= 0)).all()
    for row, tag in enumerate(tags.to_dict("records")):
        reached = [key for key in dimensions if shares[key].iloc[row] >= threshold]
        assert tag["dimensions"].split(";") == (reached or [""])
        assert (tag["strength"] == "none") == (tag["dimensions"] == "")
        assert not tag["dimensions"] or (tag["act"] not in NO_DIMENSION and not tag["exclusion"])
        assert (tag["act"], tag["strength"]) != ("planned", "strong")
        assert tag["act"] in ACTS
        assert tag["exclusion"] in ("", *exclusions)


@given(cases(most=6))
def test_probabilities_are_those_of_the_heads_given_that_the_labels_are_possible(case):
    """All labels of a sentence are listed, impossible ones left out, and the rest weighed by the heads."""
    dimensions, exclusions, odds, _ = case
    shares, tags, right, _ = decided_of(case)
    for row, each in enumerate(expit(odds)):
        names = [*dimensions, *exclusions]
        acts = each[-len(ACTS) :] / each[-len(ACTS) :].sum()
        total, found, same = 0.0, dict.fromkeys([*dimensions, "excluded", *ACTS], 0.0), 0.0
        tag = tags.iloc[row]
        for flags, act in product(product([False, True], repeat=len(names)), range(len(ACTS))):
            is_set = dict(zip(names, flags, strict=True))
            out = [key for key in exclusions if is_set[key]]
            own = [key for key in dimensions if is_set[key]]
            if own and (out or ACTS[act] in NO_DIMENSION):
                continue
            weight = float(np.prod([p if flag else 1 - p for p, flag in zip(each, flags, strict=False)]) * acts[act])
            total += weight
            for key in (*own, *(["excluded"] if out else []), ACTS[act]):
                found[key] += weight
            named = tag["exclusion"] in out if tag["exclusion"] else not out
            same += weight * (";".join(own) == tag["dimensions"] and (bool(own) or ACTS[act] == tag["act"]) and named)
        np.testing.assert_allclose(shares.loc[row, list(found)].to_list(), [each / total for each in found.values()])
        strong = each[len(names)]
        levels = {("done", "strong"): acts[0] * strong, ("done", "weak"): acts[0] * (1 - strong)}
        levels |= {("planned", "weak"): acts[1] * (1 - strong)}
        level = levels[tag["act"], tag["strength"]] / sum(levels.values()) if tag["dimensions"] else 1.0
        assert right[row] == pytest.approx(same / total * level)
        assert not tag["dimensions"] or level == max(levels.values()) / sum(levels.values())


def told(a, b, strong, *acts, toys=0.01):
    """What is decided for probabilities of dimensions a and b, strong, and acts."""
    each = np.clip([[a, b, toys, strong, *acts]], 1e-6, 1 - 1e-6)
    return decide(logit(each), ["a", "b"], ["toys"], 0.4)


@pytest.mark.parametrize(
    ("found", "tag"),
    [
        (told(0.9, 0.2, 0.8, 0.9, 0.1, 0, 0, 0), ("a", "strong", "done", "")),
        (told(0.9, 0.9, 0.1, 0.9, 0.1, 0, 0, 0), ("a;b", "weak", "done", "")),
        (told(0.9, 0.1, 0.8, 0.1, 0.9, 0, 0, 0), ("a", "weak", "planned", "")),
        (told(0.6, 0.6, 0.9, 0.02, 0, 0.9, 0, 0), ("", "none", "not_done", "")),
        (told(0.9, 0.1, 0.9, 0.9, 0, 0, 0, 0.1, toys=0.99), ("", "none", "done", "toys")),
        (told(0.1, 0.1, 0.9, 0.9, 0, 0, 0, 0.1), ("", "none", "done", "")),
    ],
    ids=["strong", "two, weak", "planned", "refused", "excluded", "neither"],
)
def test_which_tag_is_set(found, tag):
    assert tuple(found.tags.iloc[0]) == tag


def test_the_margin_is_the_nearest_distance_to_another_tag():
    """The threshold is 0.4, and strength changes at 0.5; without a dimension it does not matter."""
    assert told(1, 0, 0.45, 1, 0, 0, 0, 0).margin[0] == pytest.approx(0.05, abs=1e-3)
    assert told(0.5, 0, 0.9, 1, 0, 0, 0, 0, toys=0).margin[0] == pytest.approx(0.1, abs=1e-3)
    assert told(0, 0, 0.5, 1, 0, 0, 0, 0).margin[0] == pytest.approx(0.4, abs=1e-3)


def test_scaled_probabilities_keep_their_order_and_bounds():
    shares = np.array([0.0, 0.2, 0.5, 1.0])
    assert rescaled(shares, (2.0, 1.0))[2] == pytest.approx(expit(1.0))
    assert (np.diff(rescaled(shares, (0.5, -0.7))) > 0).all()
    assert np.isfinite(log_odds(shares)).all()
