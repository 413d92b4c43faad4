"""Random weights and other choices: against the evaluation itself, closed forms and an exact decomposition."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit import evaluate
from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.sensitivity import CHOICES, rank_outputs, variance_shares
from nqpkit.uncertainty import grade_changes, random_weights, rank_intervals, revise, sobol_indices, variants

BASE = pd.DataFrame({"system": list("ssssst"), "dimension": list("aabbbc"), "within": [0.5, 0.5, 0.2, 0.8, 0, 1],
                     "weight": [0.3, 0.3, 0.08, 0.32, 0, 1]}, index=list("uvwxyz"))


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 100), st.integers(0, 2**32 - 1))
def test_random_weights_sum_to_one_in_every_system(concentration, seed):
    drawn = random_weights(BASE, 20, concentration, seed)
    assert (drawn >= 0).all().all()
    assert drawn[list("uvwxy")].sum(axis=1).to_numpy() == pytest.approx(1)
    assert drawn["z"].to_numpy() == pytest.approx(1)
    assert (drawn["y"] == 0).all()
    assert drawn.equals(random_weights(BASE, 20, concentration, seed))


def test_random_weights_lie_around_their_base():
    """Mean and variance of a Dirichlet share: E = v, Var = v(1 − v)/(cK + 1), here v = 0.6, K = 2, c = 3."""
    drawn = random_weights(BASE, 40_000, concentration=3)
    assert drawn.mean().to_dict() == pytest.approx(BASE["weight"].to_dict(), abs=0.005)
    share = drawn[["u", "v"]].sum(axis=1)
    assert share.var() == pytest.approx(0.6 * 0.4 / 7, rel=0.03)


@pytest.mark.parametrize(("options", "year"), [
    ({}, 2023), ({}, 2016), ({"aggregate": "arithmetic", "coupling": "standard"}, 2016),
    ({"aggregate": "harmonic", "coupling": "fan"}, 2020), ({"aggregate": "topsis", "weights": "entropy"}, 2016)])
def test_one_draw_is_the_evaluation_with_those_weights(study, options, year):
    """The fast path and the pipeline give the same scores, ranks and grades, also where a figure is missing."""
    result = evaluate(study, **options)
    drawn = random_weights(result.weights, 1, seed=7)
    table = rank_intervals(result, year, draws=1, seed=7)
    same = evaluate(study, **options | {"weights": drawn.iloc[0]})
    scores = same.scores.join(same.coupling).xs(year, level="year").loc[table.index]
    for name in ("nqp", "hqed", "coordination"):
        assert table[f"{name}_low"].to_numpy() == pytest.approx(scores[name].to_numpy(), abs=1e-12)
        assert (table[f"rank_{name}_high"] == scores[f"rank_{name}"]).all()
    assert (table["grade_low"] == scores["grade"]).all()


def test_intervals_of_a_mean_of_two_have_a_closed_form(study):
    """One weight uniform on 0…1 between two dimensions a and b: the score is uniform between them."""
    result = evaluate(study, aggregate="arithmetic")
    two = result.dimensions[["industry", "technology"]].set_axis(["first", "second"], axis=1)
    base = pd.DataFrame({"system": "nqp", "dimension": two.columns, "within": 1.0, "weight": 0.5}, index=two.columns)
    more = base.assign(system="hqed").set_axis(["third", "fourth"])
    more["dimension"] = more.index
    z = pd.concat([two, two.set_axis(more.index, axis=1)], axis=1)
    made = replace(result, normalised=z, weights=pd.concat([base, more]))
    table = rank_intervals(made, 2023, draws=50_000, level=0.8)
    low, high = (two.xs(2023, level="year").min(axis=1), two.xs(2023, level="year").max(axis=1))
    assert table["nqp_low"].to_numpy() == pytest.approx((low + 0.1 * (high - low)).to_numpy(), abs=0.005)
    assert table["nqp_high"].to_numpy() == pytest.approx((low + 0.9 * (high - low)).to_numpy(), abs=0.005)


def test_certain_weights_leave_no_interval(result):
    table = rank_intervals(result, draws=50, concentration=1e9)
    assert (table["rank_coordination_low"] == table["rank_coordination"]).all()
    assert (table["rank_coordination_high"] == table["rank_coordination"]).all()
    assert (table["grade_low"] == table["grade"]).all()
    assert (table["grade_kept"] == 1).all()


def test_intervals_are_ordered_seeded_and_wider_at_a_higher_level(result):
    # a copy of the result, so that nothing kept from the first call answers the second
    table, again = (rank_intervals(one, 2021, draws=800, seed=3) for one in (result, replace(result)))
    pd.testing.assert_frame_equal(table, again)
    wider = rank_intervals(result, 2021, draws=800, seed=3, level=0.99)
    for name in ("rank_nqp", "rank_hqed", "rank_coordination"):
        assert (table[f"{name}_low"] <= table[f"{name}_high"]).all()
        assert (wider[f"{name}_low"] <= table[f"{name}_low"]).all()
        assert table[f"{name}_low"].between(1, 31).all()
    assert (table["grade_low"] <= table["grade_high"]).all()
    assert list(table["grade"].cat.categories) == list(result.coupling["grade"].cat.categories)


def test_blocks_of_draws_give_the_same_table(result, monkeypatch):
    whole = rank_intervals(result, draws=300)
    monkeypatch.setattr("nqpkit.uncertainty.CELLS", 31 * 8 * 70)
    parts = rank_intervals(replace(result), draws=300)
    numbers = whole.select_dtypes("number").columns
    pd.testing.assert_frame_equal(whole[numbers], parts[numbers], rtol=1e-9)
    assert (whole["grade_low"] == parts["grade_low"]).all()


@pytest.mark.parametrize(("options", "says"), [
    ({"draws": 0}, "at least one draw"), ({"concentration": 0}, "concentration above zero"),
    ({"level": 1.5}, "between 0 and 1"), ({"year": 1999}, "1999")])
def test_bad_requests_are_named(result, options, says):
    with pytest.raises(InputError, match=says):
        rank_intervals(result, **options)


@pytest.mark.parametrize("choice", [{"aggregate": "arithmetic"}, {"weights": "critic"}, {"normalise": "year"},
                                    {"winsorise": 0.0}])
def test_a_revised_evaluation_is_an_evaluation_with_other_options(study, result, choice):
    one, other = revise(result, **choice), evaluate(study, **choice)
    pd.testing.assert_frame_equal(one.systems, other.systems)
    pd.testing.assert_frame_equal(one.goalposts, other.goalposts)
    assert one.options == other.options


def test_leaving_out_an_indicator_is_a_framework_without_it(study, result):
    systems = {s: parts | {"dimensions": {d: block | {"indicators": {n: e for n, e in block["indicators"].items()
                                                                     if n != "rd_intensity"}}
                                          for d, block in parts["dimensions"].items()}}
               for s, parts in study.framework.systems.items()}
    without = Framework(years=study.framework.years, breaks=study.framework.breaks, systems=systems)
    pd.testing.assert_frame_equal(revise(result, leave_out=["rd_intensity"]).systems,
                                  evaluate(study, framework=without).systems)


def test_what_cannot_be_left_out_is_named(result):
    with pytest.raises(InputError, match="no indicator 'beer'"):
        revise(result, leave_out=["beer"])
    first = result.weights.index[result.weights["system"] == "nqp"]
    with pytest.raises(InputError, match="system 'nqp' would have no indicators"):
        revise(result, leave_out=first)


@pytest.fixture(scope="module")
def table(result):
    return variants(result)


def test_variants_cover_every_choice_and_region(study, result, table):
    assert table.groupby(level=["choice", "option"]).size().eq(31).all()
    options = table.index.droplevel("code").unique()
    assert sum(choice == "leave out" for choice, _ in options) == len(result.weights)
    assert {option for choice, option in options if choice == "indicator set"} == set(study.framework.variants)
    for choice in ("weights", "aggregate", "coupling"):
        assert {o for c, o in options if c == choice} == set(CHOICES[choice]) - {getattr(result.options, choice)}


def test_a_variant_is_that_evaluation(study, table):
    other = evaluate(study, coupling="standard").table(2023).set_index("code")
    mine = table.loc[("coupling", "standard")]
    assert mine["coordination"].to_numpy() == pytest.approx(other["coordination"].reindex(mine.index).to_numpy())
    assert (mine["grade"] == other["grade"].astype(object).reindex(mine.index)).all()


def test_grade_changes_by_counting(result, table):
    found = grade_changes(table)
    gansu, before = table.xs("62", level="code"), result.table(2023).set_index("code").loc["62"]
    assert found.loc["62", "changed"] == (gansu["grade"] != before["grade"]).mean()
    assert found.loc["62", "rank_worst"] == gansu["rank_coordination"].max()
    choice, option = found.loc["62", "choice"].split(": ")
    assert abs(gansu.loc[(choice, option), "rank_change"]) == gansu["rank_change"].abs().max()


def test_sobol_indices_agree_with_the_exact_decomposition(result):
    """All combinations are known, so Var(E[Y | choice]) / Var(Y) and the total index can be had exactly."""
    pytest.importorskip("SALib")
    output = rank_outputs(result)
    found = sobol_indices(result, samples=1024)
    for choice in CHOICES:
        alone = output.groupby(level=choice).mean().var(ddof=0) / output.var(ddof=0)
        rest = [other for other in CHOICES if other != choice]
        total = output.groupby(level=rest).var(ddof=0).mean() / output.var(ddof=0)
        assert found.loc[choice, "first_order"] == pytest.approx(alone, abs=0.06)
        assert found.loc[choice, "total"] == pytest.approx(total, abs=0.06)


def test_a_combination_of_choices_is_that_evaluation(study, result):
    """The table of ranks behind the indices, row by row, for Gansu and some of its rows."""
    output = rank_outputs(result, "gansu", 2020)
    for row in [("equal", "geometric", "modified", "pooled", 0.025), ("entropy", "topsis", "fan", "year", 0.0),
                ("pca", "harmonic", "standard", "rank", "moments"), ("equal", "topsis", "fan", "zscore", 0.05),
                ("cv", "arithmetic", "modified", "year", 0.025)]:
        other = evaluate(study, **dict(zip(CHOICES, row, strict=True)))
        assert output[row] == other.coupling.loc[("62", 2020), "rank_coordination"]


def test_sobol_indices_of_a_function_with_a_closed_form(case):
    """Ishigami's function: sin x₁ + a sin² x₂ + b x₃⁴ sin x₁."""
    pytest.importorskip("SALib")
    known = case("ishigami_sobol")
    a, b, bounds = known["inputs"]["a"], known["inputs"]["b"], tuple(known["inputs"]["bounds"])
    found = variance_shares(lambda x: np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]),
                            dict.fromkeys("xyz", bounds), samples=8192)
    assert found["first_order"].tolist() == pytest.approx(known["expected"]["S1"], abs=known["tol"])
    assert found["total"].tolist() == pytest.approx(known["expected"]["ST"], abs=known["tol"])


def test_sobol_requests_are_checked(result):
    with pytest.raises(InputError, match="power of two"):
        sobol_indices(result, samples=1000)
    with pytest.raises(InputError, match="nothing to explain"):
        sobol_indices(result, region="beijing", year=2016)
