"""Regions side by side: what is firm, what is too close to call, and what stands against comparing at all."""

from dataclasses import replace

import numpy as np
import pytest

from nqpkit import comparison, evaluate
from nqpkit.errors import InputError
from nqpkit.reports.parameters import read_notebook, read_parameters
from nqpkit.uncertainty import rank_intervals, share_ahead

THREE = ["gansu", "guizhou", "shaanxi"]


def test_shares_of_a_pair_add_up_to_one(result):
    ahead = share_ahead(result, THREE, draws=400)
    assert np.allclose(ahead + ahead.T, 1)
    assert np.allclose(np.diag(ahead), 0.5)


def test_shares_do_not_depend_on_who_else_is_compared(result):
    few, many = share_ahead(result, THREE[:2], draws=300), share_ahead(result, THREE, draws=300)
    assert np.allclose(many.loc[few.index, few.columns], few)


def test_the_better_interval_is_ahead_in_most_draws(result):
    """A region whose whole interval lies above another's is ahead in nine of ten draws at the least."""
    table = rank_intervals(result, draws=2000)
    best, worst = table["rank_coordination_high"].idxmin(), table["rank_coordination_low"].idxmax()
    assert table.loc[best, "rank_coordination_high"] < table.loc[worst, "rank_coordination_low"]
    assert share_ahead(result, [best, worst], draws=2000).loc[best, worst] > 0.9


@pytest.mark.parametrize(("regions", "said"), [
    (["gansu"], "1 provinces were named: name 2 to 6"),
    (["gansu", "62"], "'Gansu' is named twice"),
    (["gansu", "atlantis"], "There is no province 'atlantis'"),
    (["11", "12", "13", "14", "15", "21", "22"], "7 provinces were named"),
])
def test_a_choice_that_cannot_be_compared_is_refused(result, regions, said):
    with pytest.raises(InputError, match=said):
        comparison.chosen(result, regions)


def test_the_sentence_follows_the_figures(study, result):
    before = str(comparison.summary(result, THREE))
    assert before.index("Shaanxi") < before.index("Gansu")
    figures = study.figures.copy()
    own = figures["code"] == "61"
    weak = figures[figures["code"] == "62"].set_index(["year", "series"])["value"]
    keys = list(zip(figures.loc[own, "year"], figures.loc[own, "series"], strict=True))
    figures.loc[own, "value"] = [weak.get(key, np.nan) * (0.5 if "population" not in key[1] else 1) for key in keys]
    after = str(comparison.summary(evaluate(replace(study, figures=figures.dropna(subset=["value"]))), THREE))
    assert after != before and after.index("Gansu") < after.index("Shaanxi")


def test_limits_name_size_and_groups(result):
    text = str(comparison.limits(result, ["tibet", "guangdong"]))
    assert "**Size.** Guangdong has 35 times as many people as Tibet" in text  # 127.06 and 3.65 million
    assert "**Groups.** They belong to West and East" in text
    assert "**Groups.**" not in str(comparison.limits(result, THREE))


def test_a_region_without_a_score_is_said_to_have_none(study):
    gone = study.figures[(study.figures["code"] != "54") | (study.figures["series"] == "population")]
    result = evaluate(replace(study, figures=gone))
    assert "Without a score in 2023: Tibet." in str(comparison.summary(result, ["tibet", "gansu", "guizhou"]))
    assert "Tibet has no figure for" in str(comparison.limits(result, ["tibet", "gansu"]))
    table = comparison.standing_table(result, ["tibet", "gansu"]).frame
    assert table.loc["54", "D"] == "–" and table.loc["62", "D"] != "–"
    assert comparison.dimension_chart(result, ["tibet", "gansu"]).alt


def test_tables_and_charts_say_what_they_show(result):
    chart = comparison.dimension_chart(result, THREE)
    assert chart.values.shape == (3, result.dimensions.shape[1])
    high = chart.values.stack().max()
    assert f"{high:.2f}" in chart.alt
    course = comparison.course_chart(result, THREE)
    assert all(f"{value:.2f}" in course.alt for value in course.values[2023])
    assert len(comparison.indicators_table(result, THREE).frame) == len(result.weights)


def test_the_notebook_declares_typed_parameters():
    from nqpkit.kit_files import kit_root

    path = kit_root() / "notebooks" / "compare_provinces.ipynb"
    declared = read_parameters(read_notebook(path), path.name)
    assert declared["provinces"].types == (list,) and declared["year"].types == (int,)
    assert all(parameter.help for parameter in declared.values())
