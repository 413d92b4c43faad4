"""Verdicts on answers of every shape, right, partly right and wrong."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nqpkit.classroom.checking import Item, Mistake, Place, decimals, judge
from nqpkit.errors import InputError


@pytest.fixture(scope="module")
def place(result):
    return Place(result, "gansu", 2023)


def item(truth, *mistakes, **more):
    known = tuple(Mistake(name, f"You {name}.", lambda place, wrong=wrong: wrong) for name, wrong in mistakes)
    return Item("E0.9", 3, "the form", lambda place: truth, known, **more)


PARTS = {"share": 21.5349, "lowest": "northeast", "firms": {"gansu": 3, "tibet": None}}


@pytest.mark.parametrize("answer", [
    PARTS, {**PARTS, "share": "21.53 %", "lowest": "东北"}, list(PARTS.values()), tuple(PARTS.items()),
    {"Share": 21.53, "LOWEST": "Northeast", "firms": pd.Series({"62": 3.0, "西藏": np.nan})},
    {"share": 21.53, "lowest": "northeast", "firms": {"Gansu": 3, "Xizang": "no figure"}, "note": "more"},
])
def test_equal_answers_are_right(answer, place):
    verdict = judge(item(PARTS), answer, place)
    assert verdict.right and verdict.points == 3 and len(verdict.parts) == 4


def test_rows_and_columns_may_be_exchanged(place):
    frame = pd.DataFrame({"C": [0.1, 0.2], "D": [0.3, 0.4]}, index=["gansu", "tibet"])
    for answer in (frame, frame.T, frame.to_dict(), frame.stack(), frame.to_numpy().T, frame.rename({"gansu": "甘肃"})):
        assert judge(item(frame.to_dict()), answer, place).right


@pytest.mark.parametrize(("answer", "right"), [
    (21.53, True), (21.54, True), (21.530, True), (21.5, False), (21.55, False), ("21.53", True), ([21.53], True),
    (np.array(21.53), True), (pd.Series({"gansu": 21.53}), True), (None, False), (True, False), ("about 21.53", False)])
def test_numbers_are_right_to_the_decimals_asked_for(answer, right, place):
    assert judge(item(21.535, tolerance=decimals(2)), answer, place).right == right


def test_a_rounding_that_came_too_soon_is_said(place):
    assert "rounding" in judge(item(21.5349), 21.5, place).message


@pytest.mark.parametrize("answer", [["tibet", "Gansu"], {"gansu", "tibet"}, "Gansu, 西藏", {"gansu": 1, "tibet": 2},
                                    pd.Index(["62", "54"]), np.array([62, 54])])
def test_sets_have_no_order(answer, place):
    assert judge(item({"gansu", "tibet"}), answer, place).right


@pytest.mark.parametrize("answer", [[], "none", None, set(), "无"])
def test_nothing_is_an_answer_where_nothing_belongs(answer, place):
    assert judge(item(set()), answer, place).right and judge(item([]), answer, place).right
    assert judge(item({"above": set(), "yours": 1}), {"above": answer, "yours": 1}, place).right


def test_a_set_marks_what_is_given_and_counts_what_is_missing(place):
    verdict = judge(item({"gansu", "tibet", "yunnan"}), ["gansu", "hunan"], place)
    assert verdict.parts == {"gansu": True, "hunan": False, "missing 1": False, "missing 2": False}
    assert verdict.points == 0.75 and "yunnan" not in str(verdict)
    assert judge(item(set()), [], place).right and not judge(item(set()), ["gansu"], place).right


def test_lists_have_an_order(place):
    assert judge(item(["gansu", "tibet"]), pd.Series({"Gansu": 3, "Tibet": 1}), place).right
    verdict = judge(item(["gansu", "tibet", "yunnan"], ("turned it round", ["yunnan", "tibet", "gansu"])),
                    ["yunnan", "tibet", "gansu"], place)
    assert verdict.points == 1 and verdict.mistake == "turned it round"


def test_a_mistake_is_recognised_by_the_parts_that_are_wrong(place):
    known = item({"a": 1.0, "b": 2.0, "c": 3.0}, ("forgot a", {"a": 10.0}), ("lost two", {"a": 10.0, "b": 20.0}))
    assert judge(known, {"a": 10, "b": 2, "c": 3}, place).mistake == "forgot a"
    assert judge(known, {"a": 10, "b": 20, "c": 3}, place).mistake == "lost two"
    assert judge(known, {"a": 10, "b": 7, "c": 9}, place).mistake == "forgot a"
    assert judge(known, {"a": 11, "b": 7, "c": 9}, place).mistake == ""
    message = judge(known, {"a": 10, "b": 2, "c": 3}, place).message
    assert message == "2 of 3 parts are right. You forgot a."


def test_of_two_mistakes_that_explain_as_much_the_one_that_spoils_less(place):
    known = item({"a": 1.0, "b": 2.0, "c": 3.0}, ("exchanged", {"a": 2.0, "b": 1.0}), ("took a", {"b": 1.0, "c": 9.0}))
    assert judge(known, {"a": 1, "b": 1, "c": 7}, place).mistake == "took a"
    assert judge(known, {"a": 2, "b": 1, "c": 3}, place).mistake == "exchanged"


def test_names_in_a_part_are_counted_not_named(place):
    message = judge(item({"a": {"gansu", "tibet"}, "b": 1}), {"a": "Gansu, Hunan", "b": 1}, place).message
    assert message == "1 of 2 parts are right. Of 2 names in 'a' 1 belong there, of 2."


def test_truth_wins_over_a_mistake_that_comes_to_the_same(place):
    assert judge(item(3, ("guessed", 3)), 3, place).right


@pytest.mark.parametrize(("answer", "slip"), [(0.2153, "a factor of 100"), (215_349, "a factor of ten thousand"),
                                              (-21.53, "the sign")])
def test_common_slips_need_no_mistake_of_their_own(answer, slip, place):
    assert judge(item(21.5349), answer, place).mistake == slip


@pytest.mark.parametrize("answer", [3, [1, 2], {"x": 1}, None, print, "text", [], {}, pd.DataFrame(),
                                    [{"a": 1}, 2, 3, 4, 5]])
def test_a_wrong_shape_is_told_what_is_expected(answer, place):
    verdict = judge(item(PARTS), answer, place)
    assert not verdict.right and verdict.points == 0 and "Expected: the form" in verdict.message


def test_no_message_gives_the_answer_away(place):
    hard = item({"share": 77.125, "lowest": "northeast"}, ("guessed", {"share": 3}))
    for answer in (5, {"share": 3}, {"share": 77, "lowest": "west"}, {"lowest": "northeast"}, {"share": 0.77125}):
        message = judge(hard, answer, place).message
        assert "77.1" not in message and "northeast" not in message


def test_a_written_answer_is_left_to_a_reader(place):
    written = Item("E0.9", 2, "three sentences")
    assert judge(written, "Gansu rose.", place).right is None
    assert judge(written, " ", place).right is False and judge(written, 3, place).right is False
    assert judge(written, ..., place).right is False


def test_a_study_without_the_series_is_said(place):
    with pytest.raises(InputError, match="E0.9 cannot be checked on this study"):
        judge(Item("E0.9", 1, "", lambda place: {}["gdp"]), 3, place)
    with pytest.raises(InputError, match="lacks what it asks for"):
        judge(Item("E0.9", 1, "", lambda place: pd.Series(dtype=float).idxmax()), 3, place)


def test_yes_and_no_are_no_numbers(place):
    assert judge(item(True), "Yes", place).right and judge(item(False), "否", place).right
    assert not judge(item(True), 1, place).right and not judge(item(1), True, place).right


SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(
    ["gansu", "share", "62", "21.53 %", "a", "..."])
ANYTHING = st.recursive(SINGLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    SINGLE.filter(lambda key: key == key), inner, max_size=4), max_leaves=12)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=ANYTHING)
def test_whatever_is_answered_gets_a_verdict(answer, place):
    truths = 21.5349, "gansu", ["gansu", 2, 3.5], {"gansu", "tibet"}, True, {"share": 1.5, "firms": {"a": [1, 2]}}
    for truth in truths:
        asked = item(truth, ("guessed", truth if isinstance(truth, bool) else 0))
        verdict = judge(asked, answer, place)
        assert isinstance(verdict.right, bool) and 0 <= verdict.points <= asked.points and verdict.message
        assert verdict.right == (verdict.points == asked.points)
