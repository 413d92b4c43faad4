"""The gain of a class: arithmetic by hand, and a class that learns nothing must not seem to learn."""

import numpy as np
import pandas as pd
import pytest

from nqpkit.classroom.gain import gain, gain_of_weakest, right
from nqpkit.classroom.quiz import read_quiz


def table(*rows, items=("q1", "q2")):
    return pd.DataFrame(rows, columns=items, index=list("abcdefgh")[:len(rows)])


def test_the_gain_is_the_change_of_the_mean():
    found = gain(table((0, 0), (0, 1), (1, 1)), table((1, 0), (1, 1), (1, 1)))
    assert found["before"] == pytest.approx(3 / 6) and found["after"] == pytest.approx(5 / 6)
    assert found["gain"] == pytest.approx(1 / 3)
    assert (found["up"], found["same"], found["down"]) == (2, 1, 0)
    assert found["items"].to_dict() == pytest.approx({"q1": 2 / 3, "q2": 0})
    assert found["low"] <= found["gain"] <= found["high"]


def test_only_pairs_count_whatever_their_order():
    before, after = table((0, 0), (0, 1), (1, 1)), table((1, 0), (1, 1), (1, 1))
    shuffled = pd.concat([after, pd.DataFrame({"q1": [1], "q2": [1]}, index=["late"])]).iloc[::-1][["q2", "q1"]]
    assert gain(before, shuffled)["gain"] == gain(before, after)["gain"]
    assert gain(before, shuffled)["left_out"] == 1


def test_the_interval_covers_the_true_gain_nine_times_in_ten(monkeypatch):
    """Two hundred classes of forty in which an answer is right with 0.4 before and 0.6 after."""
    monkeypatch.setattr("nqpkit.classroom.gain.DRAWS", 1000)
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        before, after = (pd.DataFrame(random.random((40, 15)) < chance).astype(int) for chance in (0.4, 0.6))
        found = gain(before, after)
        covered += found["low"] <= 0.2 <= found["high"]
    assert 165 <= covered <= 195


def test_the_weaker_half_of_a_class_of_coin_tossers_has_learned_nothing():
    random = np.random.default_rng(3)
    names = [f"q{number}" for number in range(14)]
    before, after = (pd.DataFrame(random.integers(0, 2, (400, 14)), columns=names) for _ in range(2))
    found = gain_of_weakest(before, after)
    assert abs(found["apart"]) < 0.03
    assert found["same"] > 0.1


@pytest.mark.parametrize(("before", "after", "says"), [
    (table((0, 1)), table((1, 1)), "two or more"),
    (table((0, 1), (1, 1)), table((0, 2), (1, 1)), "other values"),
    (table((0, 1), (1, 1)), table((0, 1), (1, 1), items=("q1", "q3")), "q2, q3"),
])
def test_what_cannot_be_read_is_refused(before, after, says):
    with pytest.raises(ValueError, match=says):
        gain(before, after)


@pytest.mark.parametrize("form", ["pre", "post"])
def test_a_sheet_filled_in_with_the_key_is_all_right_and_one_shifted_letter_is_not(form):
    key = read_quiz(form).key
    names = [f"q{number}" for number in range(1, len(key) + 1)]
    other = [("b" if key[0] == "a" else "a"), *key[1:]]
    sheets = pd.DataFrame([key, [letter.upper() for letter in key], other, [None] * len(key)], columns=names)
    assert right(sheets, key).sum(axis="columns").tolist() == [15, 15, 14, 0]
    with pytest.raises(ValueError, match="14 questions"):
        right(sheets.iloc[:, 1:], key)
