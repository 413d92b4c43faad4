"""The mechanisms together: known worlds, regressions against dummies, variance parts that sum, words that turn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.analysis.association import partial_correlation
from nqpkit.analysis.panel import two_way_fixed_effects
from nqpkit.chapters import together
from nqpkit.chapters.together.years import held
from nqpkit.errors import InputError


@pytest.mark.parametrize(("world", "r", "given"), [
    ("forward", 0.9, (0.9 - 0.7 * 0.63) / np.sqrt((1 - 0.7**2) * (1 - 0.63**2))),
    ("backward", 0.9, (0.9 - 0.7 * 0.63) / np.sqrt((1 - 0.7**2) * (1 - 0.63**2))),
    ("income", 0.9, 0),
])
def test_worlds_are_what_they_say(world, r, given):
    """Correlations that the construction implies, met by a large sample."""
    frame = together.simulated(world, regions=200_000, seed=3)
    assert frame["nqp"].corr(frame["hqed"]) == pytest.approx(r, abs=0.01)
    assert partial_correlation(frame["nqp"], frame["hqed"], frame["income"]) == pytest.approx(given, abs=0.01)
    assert frame.std().tolist() == pytest.approx([1, 1, 1], abs=0.01)


def test_a_correlation_has_no_direction():
    table = together.worlds().values
    assert table.iloc[0].tolist() == pytest.approx(table.iloc[1].tolist())
    with pytest.raises(InputError, match="Known: forward, backward, income"):
        together.simulated("sideways")


def test_partial_correlation_is_that_of_residuals(result):
    now = together.quantities(result).xs(2023, level="year")
    rest = [now[name] - np.polyval(np.polyfit(now["income"], now[name], 1), now["income"]) for name in ("nqp", "hqed")]
    assert partial_correlation(now["nqp"], now["hqed"], now["income"]) == pytest.approx(rest[0].corr(rest[1]))
    assert np.isnan(partial_correlation(now["nqp"], now["hqed"], now["nqp"]))


def test_links_are_spearman(result):
    table, now = together.links(result).values, together.quantities(result).xs(2023, level="year")
    assert table.loc["research staff → patents", "Rank correlation"] == pytest.approx(
        now["rd_staff"].corr(now["invention_patents"], method="spearman"))
    assert table["Given GDP per head"].isna().sum() == 2 and len(table) == len(together.LINKS)


def test_variance_parts_are_an_analysis_of_variance(result):
    api = pytest.importorskip("statsmodels.formula.api")
    stats = pytest.importorskip("statsmodels.stats.anova")
    parts = together.variance_parts(result)
    assert parts.sum(axis=1).tolist() == pytest.approx([100] * len(parts))
    data = result.systems["hqed"].rename("y").reset_index()
    squares = stats.anova_lm(api.ols("y ~ C(code) + C(year)", data).fit())["sum_sq"]
    assert parts.loc["hqed"].tolist() == pytest.approx((squares / squares.sum() * 100).tolist())


def test_the_shuffled_coefficient_is_that_of_the_regression(result):
    real, slopes = together.shuffled(result, draws=50)
    fit = two_way_fixed_effects(result.systems, "hqed", "nqp", lags=1)
    assert real == pytest.approx(fit.table.loc["nqp", "coefficient"])
    assert abs(slopes.mean()) < 0.1 and np.array_equal(slopes, together.shuffled(result, draws=50)[1])


def test_shuffles_find_luck_where_there_is_only_luck(result):
    """With invented, unrelated scores the coefficient lies among the shuffles."""
    rng = np.random.default_rng(5)
    systems = pd.DataFrame(rng.uniform(0.2, 0.8, result.systems.shape), result.systems.index, result.systems.columns)
    real, slopes = together.shuffled(replace(result, systems=systems), draws=400)
    assert (np.abs(slopes) >= abs(real)).mean() > 0.02


def test_the_future_is_the_future(result):
    """Next year's NQP against this year's HQED, built by hand."""
    panel = result.systems.reset_index()
    later = panel[["code", "year", "nqp"]].assign(year=panel["year"] - 1).rename(columns={"nqp": "later"})
    merged = panel.merge(later, on=["code", "year"]).set_index(["code", "year"])
    want = two_way_fixed_effects(merged, "hqed", "later").table.loc["later"]
    fit, name = together.regressions(result)["next"]
    assert fit.table.loc[name, ["coefficient", "low"]].tolist() == pytest.approx(want[["coefficient", "low"]].tolist())
    assert fit.n == 31 * 7


def test_what_the_solution_of_the_placebo_exercise_says(result):
    """Same year overlaps with both; technology is clear, industry and factors hold nought more often."""
    panel = together.quantities(result)
    by = panel.groupby(level="code")

    def intervals(name):
        moved = panel.assign(before=by[name].shift(1), after=by[name].shift(-1))
        return [two_way_fixed_effects(moved, "hqed", x).table.iloc[0] for x in ("before", name, "after")]

    before, same, after = intervals("nqp")
    assert max(before["low"], same["low"], after["low"]) < min(before["high"], same["high"], after["high"])
    unclear = {name: sum(row["low"] < 0 < row["high"] for row in intervals(name))
               for name in ("technology", "industry", "factors")}
    assert unclear["technology"] < unclear["industry"] and unclear["technology"] < unclear["factors"]


@pytest.mark.parametrize("make", [together.graph, together.before_and_after, together.directions, together.carrying,
                                  together.by_chance])
def test_figures_speak(result, make):
    figure = make(result)
    assert "Source: own computation" in figure.caption and figure.name and len(figure.alt) > 100
    assert "nan" not in figure.alt.split() and figure.png() == make(result).png()


def test_no_sentence_of_the_page_names_a_cause(result):
    figures = [make(result) for make in (together.directions, together.by_chance)]
    said = " ".join([*(figure.alt + figure.caption for figure in figures),
                     together.regressions(result)["forward"][0].sentence()])
    for word in (" causes", "leads to", "drives", "because of"):
        assert word not in said


def test_the_build_stops_when_the_direction_turns(study):
    """If NQP were noise inside provinces, the page's sentences would be false, and the build says so."""
    figures, rng = study.figures.copy(), np.random.default_rng(0)
    scored = figures["series"].isin(["rd_expenditure", "rd_personnel_fte", "patents_in_force_invention",
                                     "software_revenue", "hightech_manufacturing_revenue"])
    figures.loc[scored, "value"] *= rng.uniform(0.3, 3, scored.sum())
    with pytest.raises(InputError, match="no longer bear out"):
        together.facts(evaluate(replace(study, figures=figures)))


def test_the_table_links_every_province_and_shows_residuals(result):
    page, left = together.table_of_all(result), together.given_income(result)
    assert page.count("../provinces/") == 31 and page.count("nqp-marked") == 12
    row = page.split('id="together-gansu"')[1].split("</tr>")[0]
    assert f"{left.loc['62', 'nqp']:+.2f}".replace("-", "−") in row
    assert "−0.00" not in page and "+0.00" not in page
    assert left.sum().abs().max() < 1e-9
    income = together.quantities(result).xs(2023, level="year")["income"]
    assert left.corrwith(income).abs().max() < 1e-9


@pytest.mark.parametrize(("names", "says"), [
    ([], "none keeps"), (["technology"], "only technology keeps"),
    (["industry", "factors"], "industry and factors keep"),
])
def test_the_sentence_on_the_three_agrees_in_number(names, says):
    assert held(names).startswith(says)
