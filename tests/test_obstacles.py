"""Obstacle degrees: a peer's numbers, and sums by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nqpkit.errors import InputError
from nqpkit.obstacles import obstacle_degree, reference_gap, relative_obstacle, sum_by


def test_peer_case(case):
    known = case("obstacle_share")
    shares = obstacle_degree(pd.DataFrame(known["inputs"]["X"]), known["inputs"]["weights"])
    assert shares.to_numpy() == pytest.approx(pd.DataFrame(known["expected"]["O"]).to_numpy(), abs=known["tol"])


def test_far_from_the_frontier_the_degree_returns_the_weights():
    z = pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})
    weights = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    assert obstacle_degree(z, weights).iloc[0].tolist() == pytest.approx(weights.tolist())
    assert relative_obstacle(z, weights).iloc[0].tolist() == pytest.approx([1, 1, 1])


def test_not_shared_best_everywhere_and_missing():
    z = pd.DataFrame({"a": [0.2, 1.0, None], "b": [0.7, 1.0, 0.5]})
    weights = {"a": 1, "b": 3}
    assert obstacle_degree(z, weights, share=False).iloc[0].tolist() == pytest.approx([0.2, 0.225])
    assert obstacle_degree(z, weights).iloc[1].tolist() == [0, 0]
    assert obstacle_degree(z, weights).iloc[2].tolist() == [0, 1]
    with pytest.raises(InputError, match="'b' is 1.4 in row 0: values for an obstacle degree must lie in 0…1"):
        obstacle_degree(z * 2, weights)
    with pytest.raises(InputError, match="The weights sum to 1.3, not to 1 .'a' 0.5, 'b' 0.8."):
        obstacle_degree(z, {"a": 0.5, "b": 0.8})


def test_gap_and_sums_by_hand():
    z = pd.DataFrame({"a": [0.2], "b": [0.9], "c": [0.4]})
    reference = pd.Series({"a": 0.5, "b": 0.5, "c": 0.5})
    assert reference_gap(z, reference).iloc[0].tolist() == pytest.approx([0.3, 0, 0.1])
    with pytest.raises(InputError, match="'c' is missing"):
        reference_gap(z, reference.drop("c"))
    with pytest.raises(InputError, match="same rows in the same order"):
        reference_gap(z, z.set_axis(["other"]))
    weights = pd.Series({"a": 0.5, "b": 0.25, "c": 0.25})
    parts = sum_by(obstacle_degree(z, weights), weights, {"one": ["a", "b"], "two": ["c"]})
    # w(1 − z) = 0.4, 0.025, 0.15 of 0.575
    assert parts["share"].iloc[0].tolist() == pytest.approx([0.425 / 0.575, 0.15 / 0.575])
    assert parts["relative"].iloc[0].tolist() == pytest.approx([0.425 / 0.575 / 0.75, 0.15 / 0.575 / 0.25])


@given(arrays(float, (3, 4), elements=st.floats(0, 0.99)), arrays(float, 4, elements=st.floats(0.01, 1)))
@settings(max_examples=100, deadline=None)
def test_shares_sum_to_one(z, weights):
    shares = obstacle_degree(pd.DataFrame(z), weights / weights.sum())
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert (shares >= 0).all().all()
