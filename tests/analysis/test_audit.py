"""The audit: the Handbook's reliability table, partial correlations by residuals, and what the study must hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nqpkit.analysis.audit import (
    against_random,
    association_without,
    audit,
    leave_one_out,
    reliability,
    shared_numerators,
)
from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.sensitivity import revise


@pytest.fixture(scope="module")
def found(result):
    return audit(result, 2023)


def test_reliability_of_the_published_table(case):
    x = pd.DataFrame({k: v for k, v in case("tai_raw")["inputs"].items() if k != "countries"})
    known = case("tai_table11_cronbach")
    whole, items = reliability(x, pd.Series("achievement", index=x.columns))
    assert whole.loc["achievement", "alpha"] == pytest.approx(known["expected"]["alpha"], abs=known["tol"])
    assert items["alpha_without"].tolist() == pytest.approx(known["expected"]["alpha_if_deleted"], abs=known["tol"])
    assert items["item_rest"].tolist() == pytest.approx(known["expected"]["item_rest_correlation"], abs=known["tol"])
    assert whole.loc["achievement", "weakest"] == "exports"


def test_alpha_by_hand():
    """Three indicators with correlations 1, 0, 0: mean 1/3, so alpha = 3 · 1/3 / (1 + 2/3) = 0.6."""
    z = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 0, 1, 1], "c": [0, 1, 0, 1]}, dtype=float)
    whole, items = reliability(z, pd.Series("one", index=z.columns))
    assert whole.loc["one", "alpha"] == pytest.approx(0.6)
    assert items.loc["c", ["item_rest", "alpha_without"]].tolist() == pytest.approx([0, 1])
    alone, item = reliability(z[["a"]], pd.Series({"a": "one"}))
    assert alone["alpha"].isna().all() and item["item_rest"].isna().all()


def test_a_dimension_whose_indicators_run_against_each_other_is_not_hidden():
    z = pd.DataFrame({"a": [0, 0.5, 1], "b": [1, 0.4, 0]})
    assert reliability(z, pd.Series("one", index=z.columns))[0].loc["one", "alpha"] < 0


def test_no_raw_series_is_counted_in_both_systems(study):
    assert shared_numerators(study.framework).empty


def test_a_series_counted_twice_is_found(study):
    systems = dict(study.framework.systems)
    block = systems["hqed"]["dimensions"]["green"]
    twice = study.framework.indicators().loc["rd_intensity"]
    entry = {"label": "R&D again", "unit": "%", "direction": 1, "formula": twice["formula"]}
    green = block | {"indicators": block["indicators"] | {"again": entry}}
    systems["hqed"] = systems["hqed"] | {"dimensions": systems["hqed"]["dimensions"] | {"green": green}}
    shared = shared_numerators(Framework(years=study.framework.years, breaks={}, systems=systems))
    assert shared.loc["rd_expenditure", "indicators"] == ["rd_intensity", "again"]


def test_the_built_in_dimensions_hold_together(found):
    """Alphas that a first review put at 0.88, 0.92, 0.70 and, without hospital beds, 0.65."""
    alpha = found.dimensions["alpha"]
    assert alpha[["industry", "technology", "factors", "sharing"]].tolist() == pytest.approx([0.88, 0.92, 0.70, 0.65],
                                                                                             abs=0.02)
    assert (found.items["item_rest"] > 0).all()
    assert found.dimensions.loc["factors", "weakest"] == "net_migration"


def test_association_before_and_after_income(found, result):
    """0.945 and 0.80 in a first review; and by residuals of two regressions on ln GDP per head."""
    got = found.association
    assert (got.r, got.partial) == pytest.approx((0.945, 0.80), abs=0.01)
    panel = result.study.panel().xs(2023, level="year")
    income = np.log(panel["gdp"] / panel["population"])
    now = result.systems.xs(2023, level="year")
    rest = {}
    for name in now:
        line = stats.linregress(income, now[name].reindex(income.index))
        rest[name] = now[name].reindex(income.index) - line.intercept - line.slope * income
    assert got.partial == pytest.approx(np.corrcoef(rest["nqp"], rest["hqed"])[0, 1], abs=1e-9)
    assert got.n == 31


def test_leave_one_out_is_the_evaluation_without_it(found, result):
    own = found.leave_one_out.loc["62"]
    for end in ("low", "high"):
        without = revise(result, leave_out=[own[f"{end}_without"]])
        assert without.coupling.loc[("62", 2023), "coordination"] == pytest.approx(own[end])
    assert own["rank_best"] <= own["rank"] <= own["rank_worst"]


def test_random_partners_are_those_of_the_evaluation(found, result):
    now = result.coupling.xs(2023, level="year")
    assert found.random["high"].tolist() == pytest.approx(now["random_high"].tolist())
    assert (found.random["place"] == "above").sum() == (now["coordination"] > now["random_high"]).sum()
    assert set(against_random(result, 2016)["place"]) <= {"below", "inside", "above"}


def test_a_study_without_the_control_has_no_association(result):
    study = result.study
    lacking = replace(study, figures=study.figures[study.figures["series"] != "population"])
    with pytest.raises(InputError, match="no series 'population' in figures.csv"):
        association_without(replace(result, study=lacking))


@pytest.mark.parametrize(("call", "message"), [
    (lambda r: association_without(r, control="gdp -"), "cannot be read"),
    (lambda r: association_without(r, control="gdp * 0 - 1"), "'gdp . 0 - 1' is -1 for region 11"),
    (lambda r: association_without(r, control="gdp * 0 + 1"), "'control' has the same value everywhere"),
    (lambda r: association_without(r, 1999), "1999 is not scored"),
    (lambda r: leave_one_out(r, 1999), "1999 is not scored"),
    (lambda r: reliability(pd.DataFrame({"a": [1, 2], "b": [1, 1]}), pd.Series("x", index=["a", "b"])), "'b' has the"),
    (lambda r: reliability(pd.DataFrame({"a": [1, 2], "b": [1, 3]}), pd.Series({"a": "x"})), "'b' has no dimension"),
    (lambda r: reliability(pd.DataFrame({"a": [1, None]}), pd.Series({"a": "x"})), "'a' is missing in row 1"),
])
def test_bad_requests_are_named(result, call, message):
    with pytest.raises(InputError, match=message):
        call(result)
