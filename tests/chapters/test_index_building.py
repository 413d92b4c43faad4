"""The chapter that builds the index: steps, weights and means agree with the evaluation and with closed forms."""


import numpy as np
import pytest

from nqpkit import evaluate
from nqpkit.chapters import index_building as chapter

FIGURES = ["steps", "weights_compared", "without_leader", "compensation"]


@pytest.mark.parametrize("study_name", ["result", "rivers"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_words_and_values(request, study_name, name, complete):
    complete(getattr(chapter, name)(request.getfixturevalue(study_name)))


def test_facts_hold_for_another_study(rivers):
    found = chapter.facts(rivers)
    assert found["all_count"] == 6 and found["negative"] == 0 and found["five"].count(",") == 4


def test_the_walk_adds_up_to_the_dimension_scores(result):
    added = chapter.walk(result).values["adds"].groupby(level="dimension").sum()
    for name in result.mechanisms:
        label = result.framework.dimensions().loc[name, "label"]
        assert added[label] == pytest.approx(result.dimensions.loc[("62", 2023), name])


def test_steps_end_in_the_score(result):
    table = chapter.steps_table(result)
    name = chapter.step_indicator(result)
    assert table["score"].to_numpy() == pytest.approx(result.normalised[name].xs(2023, level="year").to_numpy())
    assert np.exp(table["scaled"]).to_numpy() == pytest.approx(table["raw"].to_numpy())


def test_five_by_hand_contains_the_region_followed_and_both_ends(result):
    places = chapter.practice_regions(result)
    order = result.systems["nqp"].xs(2023, level="year").sort_values().index
    assert len(places) == 5 and "62" in places and {order[0], order[-1]} <= set(places)
    scores = chapter.five_by_hand(result)["score"]
    assert scores.min().tolist() == [0, 0, 0] and scores.max().tolist() == [1, 1, 1]
    raw = chapter.five_by_hand(result)["value"]
    turned = raw.columns[-1]
    assert raw[turned].idxmin() == scores[turned].idxmax(), "on the last indicator less is better"


def test_weights_are_those_of_an_evaluation(study, result):
    table = chapter.weights_table(result)
    own = evaluate(study, weights="critic").weights
    assert table["critic"].to_numpy() == pytest.approx(own.loc[table.index, "weight"].to_numpy())
    assert table.sum().to_numpy() == pytest.approx(1)


def test_without_the_leader_raw_weights_move_more_than_treated_ones(result):
    pairs = chapter.entropy_with_and_without_leader(result)
    assert chapter.leader(result) == "11"
    for table in pairs.values():
        assert table.sum().to_numpy() == pytest.approx(1)
    moved = {key: (table["without"] - table["all"]).abs().sum() / 2 for key, table in pairs.items()}
    assert moved["raw"] > moved["treated"] > 0


def test_a_geometric_mean_never_exceeds_an_arithmetic_one(result, rivers):
    for study in (result, rivers):
        assert (chapter.compensation_table(study)["lost"] > -1e-9).all()
    # by hand for one region
    dimensions = ["innovation_yield", "coordination", "green", "openness", "sharing"]
    own = result.dimensions.loc[("63", 2023), dimensions]
    assert chapter.compensation_table(result).loc["Qinghai", "lost"] == pytest.approx(
        1 - np.exp(np.log(own).mean()) / own.mean())


def test_growth_rates_of_the_exercise():
    found = chapter._growth(start=1, end=4, years=2)
    assert (found["growth_simple"], found["growth_compound"], found["growth_check"]) == ("150.0%", "100.0%", "6.25")


def test_the_opening_names_the_change_that_does_most(result, rivers):
    found, words = chapter.other_orders(result), str(chapter.order_words(result))
    assert len(found) == 4 and min(found, key=found.get) in words.split("The largest change")[1]
    assert "hardly move the order" in words
    assert len(chapter.other_orders(rivers)) == 2
