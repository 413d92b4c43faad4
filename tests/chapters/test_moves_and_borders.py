"""Relative classes move with the mean, intervals are Wilson's, shuffled maps agree with PySAL, borders fall away."""

import re
from dataclasses import replace

import numpy as np
import pytest

from nqpkit.analysis.space import moran, neighbour_weights
from nqpkit.chapters import borders, moves
from nqpkit.drawing import Figure
from nqpkit.wording import Prose


def test_a_rise_of_all_moves_nobody(result):
    factors = {year: 1 + 0.03 * (year - 2016) for year in result.study.years}
    years = result.systems.index.get_level_values("year")
    raised = replace(result, systems=result.systems.mul(years.map(factors), axis=0))
    assert moves.relative_classes(raised).equals(moves.relative_classes(result))


def test_relative_moves_are_counted_by_hand(result):
    scores = result.systems["nqp"].unstack("year")
    kind = np.digitize(scores / scores.mean(), moves.CUTS)
    step = np.diff(kind, axis=1)
    words = str(moves.moves_words(result))
    assert f"{(step > 0).sum()} of {step.size} steps lead up and {(step < 0).sum()} down" in words
    table = moves.relative_moves(result).values
    assert table["cases"].sum() == step.size and table.loc["low", "fall"].startswith("0%")


def test_the_interval_is_wilsons():
    low, high = moves.interval(15, 50)
    assert (low, high) == pytest.approx((0.1910, 0.4375), abs=5e-4), "15 of 50: Wilson (1927), by his formula"


def test_likeness_is_morans_i_of_pysal(result):
    score = result.systems["nqp"].xs(2023, level="year")
    weights = neighbour_weights(result.study.neighbours, score.index)
    found = moran(score, weights, permutations=999)
    made = borders.shuffled(result)
    assert borders.likeness(score, weights) == pytest.approx(found.i)
    assert made.mean() == pytest.approx(found.expected, abs=0.02)
    assert made.var() == pytest.approx(found.variance, rel=0.15)
    assert ((made >= found.i).sum() + 1) / 1000 == pytest.approx(found.p_permutation, abs=0.01)


def test_one_border_less_is_that_map(result):
    less, study = borders.one_border_less(result), result.study
    pair = less.idxmin()
    rest = study.neighbours[~study.neighbours.apply(lambda row: {row["code"], row["neighbour"]} == set(pair), axis=1)]
    score = result.systems["nqp"].xs(2023, level="year")
    assert less.min() == pytest.approx(moran(score, neighbour_weights(rest, score.index)).i)
    assert ("44", "46") not in less.index, "it would leave an island without a neighbour"
    assert f"{less.min():.2f} (without {study.regions.loc[pair[0], 'name']}" in str(borders.border_words(result))


def test_figures_and_words_for_both_studies(result, rivers, complete):
    figure = borders.shuffle_figure(result)
    complete(figure)
    assert isinstance(figure, Figure) and "shuffled maps" in figure.alt and len(figure.values) == borders.SHUFFLES
    assert "has a Moran's I of" in str(borders.border_words(result))
    assert isinstance(borders.shuffle_figure(rivers), Prose) and "borders" in str(borders.border_words(rivers))
    assert not re.search(r"\bnan\b", str(moves.moves_words(rivers)))
