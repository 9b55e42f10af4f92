"""The labels of a sentence are decided together: only possible ones are set, and probabilities are those given that."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

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
    codebook = SimpleNamespace(dimension_keys=dimensions, exclusion_keys=exclusions)
    return decide(odds, codebook, threshold)


@settings(max_examples=50)
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


@settings(max_examples=50)
@given(cases(most=6))
def test_probabilities_are_those_of_the_heads_given_that_the_labels_are_possible(case):
    """All labels of a sentence are listed, impossible ones left out, and the rest weighed by the heads."""
    dimensions, exclusions, odds, threshold = case
    shares, tags, right, margin = decided_of(case)
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
        assert tag["dimensions"] or acts[ACTS.index(tag["act"])] == acts.max()
        out = each[len(dimensions) : len(names)]
        if tag["exclusion"]:
            assert out[exclusions.index(tag["exclusion"])] == out.max()
        assert (tag["exclusion"] != "") == (not tag["dimensions"] and shares.loc[row, "excluded"] >= 0.5)
        strong = each[len(names)]
        levels = {("done", "strong"): acts[0] * strong, ("done", "weak"): acts[0] * (1 - strong)}
        levels |= {("planned", "weak"): acts[1] * (1 - strong)}
        level = levels[tag["act"], tag["strength"]] / sum(levels.values()) if tag["dimensions"] else 1.0
        assert right[row] == pytest.approx(same / total * level)
        assert not tag["dimensions"] or level == max(levels.values()) / sum(levels.values())
        distances = [abs(shares.loc[row, key] - threshold) for key in dimensions]  # to another tag
        distances += [abs(levels["done", "strong"] / sum(levels.values()) - 0.5)] if tag["dimensions"] else []
        assert margin[row] == pytest.approx(min(distances))


def test_scaled_probabilities_keep_their_order_and_bounds():
    shares = np.array([0.0, 0.2, 0.5, 1.0])
    assert rescaled(shares, (2.0, 1.0))[2] == pytest.approx(expit(1.0))
    assert (np.diff(rescaled(shares, (0.5, -0.7))) > 0).all()
    assert np.isfinite(log_odds(shares)).all()
