"""The formula language: what it computes, by hand, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.errors import InputError
from nqpkit.formula import compute, parse

NAN = np.nan


def wide(**series):
    return {name: pd.DataFrame({"a": values}, index=range(2018, 2018 + len(values)))
            for name, values in series.items()}


def run(text, breaks=None, **series):
    values, partial = compute(parse(text), wide(**series), breaks or {})
    return values["a"].tolist(), partial


def test_arithmetic_and_precedence():
    assert run("(a + b) * 2 - a / b", a=[2.0], b=[4.0])[0] == [11.5]
    assert run("-a + 10", a=[4.0])[0] == [6]
    assert run("a * 0.01", a=[250.0])[0] == [2.5]


def test_a_missing_operand_or_a_zero_divisor_gives_missing():
    assert np.isnan(run("a / b", a=[1.0, 1.0], b=[0.0, NAN])[0]).all()
    assert np.isnan(run("a / 0", a=[1.0])[0]).all()


def test_growth_by_hand():
    values, _ = run("growth(a) * 100", a=[100.0, 110.0, NAN, 121.0, 0.0, 5.0])
    assert values == pytest.approx([NAN, 10, NAN, NAN, -100, NAN], nan_ok=True)


def test_no_growth_across_a_break():
    values, _ = run("growth(a)", {"a": [2019]}, a=[100.0, 500.0, 550.0])
    assert values == pytest.approx([NAN, NAN, 0.1], nan_ok=True)


def test_mean3_by_hand():
    values, partial = run("mean3(a / b)", a=[2.0, 4.0, NAN, 8.0, NAN, NAN, 1.0], b=[2.0] * 7)
    assert values == pytest.approx([NAN, 1.5, NAN, 3.0, NAN, NAN, NAN], nan_ok=True)
    assert partial["a"].tolist() == [False, True, False, True, False, False, False]


def test_mean3_of_growth_reaches_back():
    values, partial = run("mean3(growth(a) * 1000 - b)", a=[100.0, 101.0, 102.01, 103.0301], b=[1.0] * 4)
    assert values[-1] == pytest.approx(9) and not partial["a"].iloc[-1]


def test_series_and_numerators_are_known():
    formula = parse("(x + y) / (z * w) * 100")
    assert formula.series == {"x", "y", "z", "w"}
    assert formula.numerator == {"x", "y"}
    assert parse("mean3(x / z)").numerator == {"x"}


@pytest.mark.parametrize("text", [
    "__import__('os').system('true')", "a.b", "a[0]", "a ** 2", "a if b else c", "lambda: 1", "[a]", "'text'", "True",
    "a // b", "a @ b", "growth(a / b)", "growth(a, b)", "mean3(x=a)", "mean3(1)", "open(a)", "a == b", "a; b", "",
    "a +",
    "f'{a}'", "(a := 1)", "~a", "1j * a", "x" * 501, "(" * 200 + "a" + ")" * 200 + "]",
])
def test_what_is_not_in_the_language_is_refused(text):
    with pytest.raises(InputError):
        parse(text)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_in_plain_words(text):
    try:
        parse(text)
    except InputError as error:
        assert str(error)
