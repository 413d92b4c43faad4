"""What is left of an association: residuals against numpy's lines, partial correlations, components against its SVD."""

import numpy as np
import pandas as pd
import pytest

from nqpkit.analysis.association import first_share, partial_correlation, residuals, shuffled_share


def test_residuals_are_those_of_a_fitted_line():
    rng = np.random.default_rng(1)
    values = pd.DataFrame(rng.normal(size=(20, 3)), columns=list("abc"), index=[f"r{n}" for n in range(20)])
    control = pd.Series(rng.normal(5, 2, 20), values.index)
    left = residuals(values, control[::-1])  # labels decide, not the order
    for name in values:
        line = np.polyval(np.polyfit(control, values[name], 1), control)
        assert left[name].tolist() == pytest.approx((values[name] - line).tolist())
    assert left.corrwith(control).abs().max() < 1e-12


def test_the_partial_correlation_is_that_of_the_residuals():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(30, 3)) @ rng.normal(size=(3, 3)), columns=["x", "y", "z"])
    left = residuals(frame[["x", "y"]], frame["z"])
    assert partial_correlation(frame["x"], frame["y"], frame["z"]) == pytest.approx(left["x"].corr(left["y"]))
    assert np.isnan(partial_correlation(frame["x"], frame["y"], frame["x"])), "nothing is left of x without x"


def test_the_first_share_is_that_of_the_singular_values():
    rng = np.random.default_rng(3)
    z = pd.DataFrame(rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5)), columns=list("abcde"))
    standard = (z - z.mean()) / z.std()
    singular = np.linalg.svd(standard.to_numpy(), compute_uv=False) ** 2
    assert first_share(z) == pytest.approx(singular[0] / singular.sum())
    assert first_share(pd.DataFrame(np.eye(4) * 1.0)) == pytest.approx(1 / 3), "three dimensions are left of four"


def test_shuffled_columns_do_not_pass_their_level():
    rng = np.random.default_rng(4)
    passed = []
    for _ in range(60):
        z = pd.DataFrame(rng.normal(size=(31, 6)))
        passed.append(first_share(z) > shuffled_share(z, draws=100))
    assert sum(passed) <= 10, "about one in twenty"
