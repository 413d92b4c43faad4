"""Coupling against published cases, closed forms and hand calculations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.coupling import (
    FORMS,
    GRADES,
    GRADES_ZH,
    coordination_degree,
    coordination_grade,
    coupling_degree,
    development,
    lag_type,
    random_benchmark,
    relative_development,
    wrong_forms,
)
from nqpkit.errors import InputError

FORM = {"standard": "standard", "wang2021": "modified"}
unit = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize("name", ["ccd_std_3sys", "ccd_wang_3sys", "ccd_std_4sys"])
def test_published_cases(case, name):
    known = case(name)
    u, form = pd.DataFrame(known["inputs"]["U"]), FORM[known["inputs"]["form"]]
    weights = known["inputs"]["weights"]
    assert coupling_degree(u, form).to_numpy() == pytest.approx(known["expected"]["C"], abs=known["tol"])
    assert coordination_degree(u, weights, form).to_numpy() == pytest.approx(known["expected"]["D"], abs=known["tol"])
    if "T" in known["expected"]:
        assert development(u, weights).to_numpy() == pytest.approx(known["expected"]["T"], abs=known["tol"])


def test_two_systems_by_hand():
    """(0.9, 0.3): standard C = 2√0.27/1.2, modified C = √(0.4 · 1/3), fan C = 0.4; T = 0.6."""
    u = pd.DataFrame({"nqp": [0.9, 0.1], "hqed": [0.3, 0.1]})
    assert coupling_degree(u, "standard").tolist() == pytest.approx([2 * 0.27**0.5 / 1.2, 1])
    assert coupling_degree(u).tolist() == pytest.approx([(0.4 / 3) ** 0.5, 1])
    assert coupling_degree(u, "fan").tolist() == pytest.approx([0.4, 1])
    assert coordination_degree(u, form="standard").tolist() == pytest.approx([(0.6 * 0.75**0.5) ** 0.5, 0.1**0.5])


def test_grades_published(case):
    known = case("ccd_grades_left_closed")
    grades = coordination_grade(pd.Series(known["inputs"]["D"]))
    assert (grades.cat.codes + 1).tolist() == known["expected"]["grade"]
    assert known["expected"]["labels_en"] == GRADES
    assert known["expected"]["labels_zh"] == GRADES_ZH


def test_grades_closed_on_the_right_and_binary_fractions():
    d = pd.Series([0.0, 0.1, 0.1 * 3, 0.3, 1.0])
    assert (coordination_grade(d, closed="right").cat.codes + 1).tolist() == [1, 1, 3, 3, 10]
    assert (coordination_grade(d).cat.codes + 1).tolist() == [1, 2, 4, 4, 10]
    assert coordination_grade(pd.Series([np.nan])).isna().all()


def test_relative_development_and_lag():
    u = pd.DataFrame({"nqp": [0.4, 0.2, 0.9, 0.4, 0.3], "hqed": [0.5, 0.5, 0.5, 0.0, np.nan]})
    assert relative_development(u).tolist()[:3] == pytest.approx([0.8, 0.4, 1.8])
    assert lag_type(u).tolist()[:4] == ["in step", "nqp lags", "hqed lags", "hqed lags"]
    assert lag_type(u).isna().tolist() == [False] * 4 + [True]


@given(st.floats(0.01, 1))
@settings(max_examples=30, deadline=None)
def test_random_benchmark_meets_its_closed_form(score):
    """Standard form: D = (u·v)^(1/4) rises with v, so its quantiles are (u·q)^(1/4)."""
    found = random_benchmark(pd.Series([score]), form="standard")
    assert found.iloc[0].tolist() == pytest.approx([(score * q) ** 0.25 for q in (0.05, 0.5, 0.95)], abs=2e-3)


def test_random_benchmark_of_the_fan_form():
    """u = 1: C = v, T = (1 + v)/2, so D = √(v(1 + v)/2), rising with v."""
    found = random_benchmark(pd.Series([1.0], index=["x"]), form="fan").loc["x"]
    assert found.tolist() == pytest.approx([(q * (1 + q) / 2) ** 0.5 for q in (0.05, 0.5, 0.95)], abs=2e-3)


def test_wrong_forms_have_the_ceilings_they_are_known_for():
    u = pd.DataFrame({"a": [1.0, 0.6], "b": [1.0, 0.6]})
    found = wrong_forms(u)
    assert found["factor lost"].tolist() == pytest.approx([0.5, 0.5])
    assert found["square lost"].iloc[0] == pytest.approx(0.5**0.5)
    one = wrong_forms(pd.DataFrame({"a": [0.9], "b": [0.4]})).iloc[0]
    assert one["factor lost"] == pytest.approx(0.36**0.5 / 1.3)
    assert one["square lost"] == pytest.approx((0.36 / 1.3) ** 0.5)
    assert one["root lost"] == pytest.approx(4 * 0.36 / 1.3**2)
    assert one["cube root of C·T"] == pytest.approx((one["right C"] * 0.65) ** (1 / 3))
    assert found["right C"].tolist() == pytest.approx([1, 1])


def test_zeros_have_no_coupling():
    u = pd.DataFrame({"a": [0.0, 0.0], "b": [0.0, 0.5]})
    assert wrong_forms(u).notna().all(axis=None)
    assert coupling_degree(u, "standard").tolist() == [0, 0]
    assert coupling_degree(u, "modified").tolist() == [0, 0]


@pytest.mark.parametrize(("call", "message"), [
    (lambda u: coupling_degree(u, "usual"), "no form of coupling 'usual'. Known: modified, standard, fan"),
    (lambda u: coupling_degree(u * 2), "'b' is 1.2 in row 0: scores must lie"),
    (lambda u: coupling_degree(u[["a"]]), "two or more systems"),
    (lambda u: coordination_degree(u, {"a": 1, "c": 1}), "'b' is missing"),
    (lambda u: coordination_degree(u, [0.4, 0.4]), "sum to 0.8, not to 1"),
    (lambda u: random_benchmark(u["a"] + 1), "1.3 in row 0: scores must lie"),
    (lambda u: random_benchmark(u["a"], systems=1), "two or more systems"),
    (lambda u: random_benchmark(u["a"], form="usual"), "no form of coupling 'usual'"),
    (lambda u: wrong_forms(u.assign(c=0.5)), "two systems; there are 3"),
    (lambda u: relative_development(u.assign(c=0.5)), "two systems; there are 3"),
    (lambda u: coordination_grade(u["a"], closed="both"), "'left' or on the 'right'"),
    (lambda u: coordination_grade(u["a"] + 1), "outside"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call(pd.DataFrame({"a": [0.3], "b": [0.6]}))


@given(st.lists(unit, min_size=2, max_size=5))
@settings(max_examples=200, deadline=None)
def test_degrees_stay_in_bounds_and_do_not_depend_on_order(scores):
    u = pd.DataFrame([scores])
    for form in FORMS:
        c, d = coupling_degree(u, form).item(), coordination_degree(u, form=form).item()
        assert -1e-9 <= c <= 1 + 1e-9 and -1e-9 <= d <= 1 + 1e-9
        assert coupling_degree(u[u.columns[::-1]], form).item() == pytest.approx(c, abs=1e-9)
