"""Convergence and kernel density against published numbers, scipy and exact constructions."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nqpkit.analysis.convergence import (
    beta_convergence,
    kernel_bandwidth,
    kernel_density,
    panel_beta_convergence,
    sigma_convergence,
)
from nqpkit.errors import InputError

REGIONS = ["11", "31", "52", "62", "63", "65"]


def catching_up(beta, years=8):
    """Incomes that close in on 10 exactly as ln y_t − ln y_{t−1} = β (ln y_{t−1} − ln 10)."""
    logs = [np.log(np.array([9.0, 7, 2, 3, 4, 5]))]
    for _ in range(years):
        logs.append(logs[-1] + beta * (logs[-1] - np.log(10)))
    return pd.DataFrame(np.exp(logs).T, index=REGIONS, columns=range(2015, 2016 + years))


def test_sigma_of_the_published_case(case):
    libpysal = pytest.importorskip("libpysal")
    known = case("sigma_convergence_mexico")
    data = pd.read_csv(libpysal.examples.get_path("mexico.csv"))
    panel = pd.DataFrame({1940: data["pcgdp1940"], 2000: data["pcgdp2000"]})
    for ddof in (0, 1):
        assert sigma_convergence(panel, ddof=ddof).tolist() == pytest.approx(known["expected"][f"cv_ddof{ddof}"],
                                                                             abs=known["tol"])


def test_a_labelled_series_is_read_as_the_same_panel():
    panel = catching_up(-0.2)
    tidy = panel.rename_axis(index="code", columns="year").stack().sample(frac=1, random_state=3)
    assert sigma_convergence(tidy).tolist() == pytest.approx(sigma_convergence(panel).tolist())


def test_beta_recovers_the_speed_that_made_the_data():
    """Over T years the gap shrinks to (1 + b)^T, so β = ((1 + b)^T − 1) / T and the speed is −ln(1 + b)."""
    found = beta_convergence(catching_up(-0.05))
    assert found.beta == pytest.approx((0.95**8 - 1) / 8, abs=1e-12)
    assert found.speed == pytest.approx(-np.log(0.95), abs=1e-12)
    assert found.half_life == pytest.approx(np.log(2) / -np.log(0.95), abs=1e-9)
    assert (found.n, found.years, round(found.r2, 9)) == (6, 8, 1)


def test_beta_agrees_with_scipy():
    rng = np.random.default_rng(1)
    panel = pd.DataFrame(rng.uniform(1, 9, (20, 2)), columns=[2000, 2010])
    peer = stats.linregress(np.log(panel[2000]), np.log(panel[2010] / panel[2000]) / 10)
    found = beta_convergence(panel)
    assert [found.beta, found.table.loc["start", "std_error"], found.table.loc["start", "p"]] == pytest.approx(
        [peer.slope, peer.stderr, peer.pvalue], abs=1e-10)


def test_regions_drifting_apart_have_no_half_life():
    found = beta_convergence(catching_up(0.05))
    assert found.beta > 0 and found.speed < 0 and found.half_life is None


def test_controls_find_their_regions_by_label():
    panel = catching_up(-0.05)
    control = pd.DataFrame({"coast": [1.0, 3, 0, 2, 0, 1]}, index=REGIONS)
    one = beta_convergence(panel, control).table
    other = beta_convergence(panel, control.iloc[::-1]).table
    assert one["coefficient"].tolist() == pytest.approx(other["coefficient"].tolist())
    assert one.loc["coast", "coefficient"] == pytest.approx(0, abs=1e-9)


def test_the_panel_version_recovers_beta_and_skips_gaps():
    panel = catching_up(-0.3) * np.exp(np.random.default_rng(4).normal(0, 1e-4, (6, 9)))
    assert panel_beta_convergence(panel).table.loc["level", "coefficient"] == pytest.approx(-0.3, abs=0.01)
    assert panel_beta_convergence(panel.drop(columns=2019)).n == 6 * 6


def test_kernel_density_of_the_published_case(case):
    known = case("kde_R")
    x, want = known["inputs"]["x"], known["expected"]
    assert kernel_bandwidth(x) == pytest.approx(want["bw_nrd0"], abs=known["tol"])
    assert kernel_bandwidth(x, "nrd") == pytest.approx(want["bw_nrd"], abs=known["tol"])
    assert kernel_density(x, known["inputs"]["at"]).tolist() == pytest.approx(want["density"], abs=known["tol"])


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_kernel_density_agrees_with_scipy(case, rule):
    x, at = case("kde_R")["inputs"]["x"], [1, 4.5, 9]
    assert kernel_density(x, at, rule).tolist() == pytest.approx(stats.gaussian_kde(x, rule)(at).tolist(), abs=1e-12)


def test_the_density_has_area_one():
    density = kernel_density([1.0, 2, 4, 4, 9], bandwidth=0.7)
    assert np.trapezoid(density, density.index) == pytest.approx(1, abs=3e-3)


@pytest.mark.parametrize(("change", "says"), [
    (lambda p: p.drop(index="62").reindex(p.index), "missing for 62 in 2015"),
    (lambda p: p.mask(p > 8.99, np.inf), "infinite for 11 in 2015"),
    (lambda p: p - 5, "-3 for 52 in 2015"),
    (lambda p: p.iloc[:1], "one region"),
    (lambda p: p[[2015]], "two years"),
    (lambda p: p.add_prefix("gdp"), "must be years"),
    (lambda p: p * 0 + np.e, "value of 2015 is 1 everywhere"),
    (lambda p: p.iloc[:2], "more than 2 regions"),
])
def test_bad_panels_are_named(change, says):
    with pytest.raises(InputError, match=says):
        beta_convergence(change(catching_up(-0.1)))


def test_bad_bandwidths_are_named():
    with pytest.raises(InputError, match="Known: nrd0, nrd, scott, silverman"):
        kernel_density([1, 2, 3], bandwidth="sheather")
    with pytest.raises(InputError, match="above zero"):
        kernel_density([1, 2, 3], bandwidth=0)
    with pytest.raises(InputError, match="2 everywhere"):
        kernel_density([2, 2, 2])
