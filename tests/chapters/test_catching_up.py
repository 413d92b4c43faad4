"""Catching up put to the test: the readings agree with regression packages, and made-up worlds are what they claim."""

import numpy as np
import pytest
from scipy import stats

from nqpkit.analysis.convergence import beta_convergence, panel_beta_convergence
from nqpkit.chapters import catching_up as chapter


@pytest.fixture(scope="module")
def head(result):
    panel = result.study.panel()
    return (panel["gdp"] / panel["population"]).unstack("year")[result.study.years]


def test_the_slopes_are_those_of_the_regressions(head):
    start, end, ratio, within = chapter.slopes(np.log(head))
    assert start == pytest.approx(beta_convergence(head).beta)
    growth = np.log(head[2023] / head[2016]) / 7
    assert end == pytest.approx(stats.linregress(np.log(head[2023]), growth).slope)
    assert ratio == pytest.approx(np.log(head[2023]).std() / np.log(head[2016]).std())
    assert within == pytest.approx(panel_beta_convergence(head).table.loc["level", "coefficient"])


def test_many_panels_are_read_like_one(head):
    logs = np.log(head.to_numpy())
    both = chapter.slopes(np.stack([logs, 2 * logs]))
    assert both[0] == pytest.approx(chapter.slopes(logs)) and both[1] == pytest.approx(both[0]), "scale plays no part"


def test_wobbling_worlds_do_not_shrink_and_still_slope(result):
    start, end, ratio, _ = chapter.worlds(result)[chapter.WOBBLE].mean(axis=0)
    years = len(result.study.years) - 1
    assert start == pytest.approx(-chapter.LUCK / years, abs=0.003), "Galton: minus the share of luck over the years"
    assert end == pytest.approx(chapter.LUCK / years, abs=0.003)
    assert ratio == pytest.approx(1, abs=0.03)


def test_drifting_worlds_slope_within_only(result):
    start, _, _, within = chapter.worlds(result)[chapter.DRIFT].mean(axis=0)
    years = len(result.study.years) - 1
    assert abs(start) < 0.002
    assert within == pytest.approx(-3 / (years + 1), abs=0.03), "Harris and Tzavalis (1999): -3/(T + 1) in the limit"


def test_worlds_are_drawn_alike_each_time(result):
    again = chapter.worlds.__wrapped__(result)
    assert (again[chapter.DRIFT] == chapter.worlds(result)[chapter.DRIFT]).all()


def test_power_is_how_often_a_simulated_test_rejects():
    rng, n, ratio = np.random.default_rng(1), 20, 2.0
    x = rng.normal(size=n)
    x = (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).sum())
    tests = [stats.linregress(x, ratio * x + rng.normal(size=n)).pvalue < 0.05 for _ in range(1500)]
    assert chapter._power(ratio, n - 2) == pytest.approx(np.mean(tests), abs=0.04)


def test_words_hold_for_both_studies(result, rivers):
    words = str(chapter.trial_words(result))
    assert "New quality productivity" in words and "GDP per head" in words
    assert "GDP per head" not in str(chapter.trial_words(rivers)) and "notice a gap" in str(chapter.power_words(rivers))
    assert chapter.trial(result).values.shape == (4, 4) and chapter.trial(rivers).values.shape == (3, 4)
