"""Two-way fixed effects against a published example and a regression with dummies."""

import numpy as np
import pandas as pd
import pytest

from nqpkit.analysis.panel import two_way_fixed_effects
from nqpkit.errors import InputError

api = pytest.importorskip("statsmodels.api")
pytest.importorskip("linearmodels")


@pytest.fixture(scope="module")
def firms():
    data = api.datasets.grunfeld.load_pandas().data
    return data[data["firm"] != "American Steel"].astype({"year": int}).set_index(["firm", "year"])


def with_dummies(data, y, x):
    """The same regression with a dummy for every firm and year, by statsmodels."""
    firm, year = (data.index.get_level_values(side) for side in (0, 1))
    dummies = [pd.get_dummies(pd.Series(labels, index=data.index), drop_first=True, dtype=float, prefix=str(side))
               for side, labels in enumerate((firm, year))]
    terms = api.add_constant(pd.concat([data[x], *dummies], axis=1))
    return api.OLS(data[y], terms), pd.factorize(firm)[0]


def test_the_published_example(case, firms):
    known = case("grunfeld_two_way")
    found = two_way_fixed_effects(firms, "invest", ["value", "capital"], cluster="none")
    for name, want in known["expected"]["coefficients"].items():
        assert found.table.loc[name, ["coefficient", "std_error"]].tolist() == pytest.approx(want, abs=known["tol"])
    assert found.r2_within == pytest.approx(known["expected"]["r2"], abs=6e-6)
    assert (found.n, found.regions, found.years, found.left_out) == (200, 10, 20, 0)


def test_clustered_errors_agree_with_dummies(firms):
    """Coefficients are equal; the errors differ by the small-sample factor alone."""
    x = ["value", "capital"]
    found = two_way_fixed_effects(firms, "invest", x).table
    model, groups = with_dummies(firms, "invest", x)
    plain = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    assert found["coefficient"].tolist() == pytest.approx(plain.params[x].tolist(), abs=1e-10)
    ratio = (found["std_error"] / plain.bse[x]) ** 2
    assert ratio["value"] == pytest.approx(ratio["capital"], abs=1e-9)
    assert 1 < ratio["value"] < 1.3


def test_lags_use_the_calendar_year_before(firms):
    found = two_way_fixed_effects(firms, "invest", "value", lags=1, cluster="none")
    before = firms["value"].groupby(level=0).shift(1).rename("value")
    model, _ = with_dummies(firms[["invest"]].join(before).dropna(), "invest", ["value"])
    fit = model.fit()
    assert found.table.loc["value", ["coefficient", "std_error"]].tolist() == pytest.approx(
        [fit.params["value"], fit.bse["value"]], abs=1e-9)
    assert (found.n, found.left_out) == (190, 10)
    gap = firms.drop(1940, level=1)
    assert two_way_fixed_effects(gap, "invest", "value", lags=1).n == 170


def test_row_order_does_not_matter(firms):
    one = two_way_fixed_effects(firms, "invest", "value", lags=1).table
    other = two_way_fixed_effects(firms.sample(frac=1, random_state=1), "invest", "value", lags=1).table
    assert one["coefficient"].tolist() == pytest.approx(other["coefficient"].tolist())
    assert one["std_error"].tolist() == pytest.approx(other["std_error"].tolist())


def test_missing_rows_are_counted(firms):
    holes = firms.copy()
    holes.loc[("IBM", 1940), "value"] = np.nan
    assert two_way_fixed_effects(holes, "invest", "value").left_out == 1


def test_the_sentence_speaks_of_association(firms):
    sure = two_way_fixed_effects(firms, "invest", "value").sentence()
    assert "goes with 0.1" in sure and "more of invest in the same year" in sure and "This is an association" in sure
    noise = firms.assign(noise=np.random.default_rng(0).normal(size=len(firms)))
    unsure = two_way_fixed_effects(noise, "invest", "noise", lags=1).sentence()
    assert "no clear association with invest a year later" in unsure
    for cause in ("cause", "effect of", "leads to", "drives", "because"):
        assert cause not in sure + unsure


@pytest.mark.parametrize(("change", "options", "says"), [
    (lambda d: d, {"x": "wages"}, "no column 'wages'. Known: invest"),
    (lambda d: d, {"cluster": "firm"}, "Known: entity, time, both, none"),
    (lambda d: d, {"lags": 2}, "0 or 1, not 2"),
    (lambda d: d.replace({"value": {d["value"].iloc[0]: np.inf}}), {}, "infinite for General Motors in 1935"),
    (lambda d: d.assign(value=1.0), {}, "'value' does not change inside any region"),
    (lambda d: d.assign(value=d.index.get_level_values(1)), {}, "same for all regions"),
    (lambda d: d.loc[["IBM"]], {}, "two regions"),
    (lambda d: d.xs(1940, level=1, drop_level=False), {}, "two years"),
    (lambda d: d.assign(twice=d["value"] * 2), {"x": ["value", "twice"]}, "cannot be told apart"),
    (lambda d: d.reset_index(), {}, "indexed by region and year"),
    (lambda d: pd.concat([d, d.iloc[:1]]), {}, "two rows for General Motors in 1935"),
    (lambda d: d.groupby(level=1).head(2).iloc[:6], {"x": ["value", "capital"]}, "use up|cannot be told apart|two"),
])
def test_bad_input_is_named(firms, change, options, says):
    with pytest.raises(InputError, match=says):
        two_way_fixed_effects(change(firms), **({"y": "invest", "x": "value"} | options))
