"""The chapter 'are the three one?': the circle by algebra, components against numpy, words that flip."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.analysis.association import first_share
from nqpkit.analysis.audit import audit
from nqpkit.chapters import one
from nqpkit.chapters.one.returned import TOY_WEIGHTS
from nqpkit.errors import InputError

ORDER = ["industrial_momentum", "innovation_capability", "high_level_talent"]


def test_the_toy_ends_at_its_weights():
    table = one.toy()
    assert table.iloc[-1].tolist() == pytest.approx(list(TOY_WEIGHTS.values()))
    assert table.sum(axis=1).tolist() == pytest.approx([1] * len(table))
    assert table.iloc[0].idxmax() != table.iloc[-1].idxmax(), "the toy is there to show that the leader changes"
    hand = {"A": 0.5 * 0.1, "B": 0.3 * 0.5, "C": 0.2 * 0.9}
    assert table.iloc[0].to_dict() == pytest.approx({name: part / sum(hand.values()) for name, part in hand.items()})


def test_the_answer_of_the_second_exercise():
    from nqpkit.obstacles import obstacle_degree, relative_obstacle

    z, w = pd.DataFrame([[0.2, 0.1, 0.1]], columns=list("abc")), {"a": 0.6, "b": 0.2, "c": 0.2}
    assert obstacle_degree(z, w).round(3).iloc[0].tolist() == [0.571, 0.214, 0.214]
    assert relative_obstacle(z, w).round(2).iloc[0].tolist() == [0.95, 1.07, 1.07]


def test_income_is_taken_out(result):
    z = one.behind(result)
    rest = one.without_income(result, z)
    income = np.log(result.indicators["gdp_per_head"].xs(2023, level="year"))
    assert rest.corrwith(income).abs().max() < 1e-9
    name = "rd_intensity"
    slope, level = np.polyfit(income[z.index], z[name], 1)
    assert rest[name].tolist() == pytest.approx((z[name] - slope * income[z.index] - level).tolist())


def test_item_rest_correlations_agree_with_the_audit(result):
    """Industry and technology are dimensions too, so the audit has computed the same."""
    table, items = one.homes(result), audit(result, 2023).items
    for dilemma in ORDER[:2]:
        for name in one.members(result)[dilemma]:
            assert table.loc[name, dilemma] == pytest.approx(items.loc[name, "item_rest"], abs=0.06), name


def test_leaders_under_equal_weights_are_the_evaluation_s(result):
    found = one.leaders_under(result)
    own = result.dilemmas["share"].xs(2023, level="year").unstack("dilemma")[ORDER]
    assert found[("equal", "share")].equals(own.idxmax(axis=1).rename(("equal", "share")))
    other = evaluate(result.study, weights="entropy")
    assert found.loc["61", ("entropy", "gap")] == other.dilemmas.loc[("61", 2023), "gap"][ORDER].idxmax()


def test_random_leads(result):
    """Shares sum to one; a region that lacks nothing but one dilemma is led by it in every draw."""
    table = one.leading_draws(result)
    assert table.sum(axis=1).tolist() == pytest.approx([1] * 31)
    members = one.members(result)
    z = result.normalised.copy()
    z.loc[("62", 2023), :] = 1.0
    z.loc[("62", 2023), members["high_level_talent"]] = 0.0
    changed = dataclasses.replace(result, normalised=z)
    assert one.leading_draws(changed).loc["62"].tolist() == [0, 0, 1]


def test_weights_come_back_where_everything_is_far(result):
    table = one.weights_returned(result)
    assert table.sum().tolist() == pytest.approx([1, 1, 1])
    assert table["weight"].corr(table["focus"]) > table["weight"].corr(table["reference"])
    z = result.normalised * 0
    flat = dataclasses.replace(result, normalised=z, options=dataclasses.replace(result.options, weights="entropy"))
    again = one.weights_returned(flat, "entropy")
    assert again["focus"].tolist() == pytest.approx(again["weight"].tolist())


def test_what_the_page_says_in_plain_words_holds(result):
    """Sentences of the page that are not substitutions rest on these."""
    table = one.homes(result)
    assert table.loc["rd_staff", ORDER[1]] > table.loc["rd_staff", ORDER[2]], "research staff goes with innovation"
    own = {name: table.loc[name, table.loc[name, "own"]] for name in table.index}
    assert max(own["undergraduates"], own["net_migration"]) < 0.5, "students and movement go their own way"
    factors = one.factors(result)
    assert factors.loc["all", "without income"] < factors.loc["all", "as it is"], "income is part of the factor"
    found = one.facts(result)
    assert found["top_entropy"] != found["top_equal"]


FIGURES = ["circle", "circle_in_data", "readings", "weightings", "chance", "correlations", "one_factor", "at_home"]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_speak(result, name):
    figure = getattr(one, name)(result)
    assert "Source:" in figure.caption and len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt)
    assert figure.name and len(figure.values)


def test_a_frame_stands_around_every_leader(result):
    figure = one.readings(result)
    frames = [patch for ax in figure.drawing.axes for patch in ax.patches if not patch.get_fill()]
    assert len(frames) == 36, "twelve provinces in three readings"


def test_the_table_of_any_province(result):
    table = one.LeadersTable(result)
    html = table._repr_html_()
    assert len(table.values) == 31 and html.count("<tr") >= 31 and "Shaanxi" in html
    gap = result.dilemmas["gap"].xs(2023, level="year").groupby("code").sum()
    assert ((table.values["By gap to the East"] == "no gap") == (gap == 0)).all()
    assert table.values.loc["61", "By share"] == one.facts(result)["place_share"]


def test_words_flip_with_the_figures(result):
    """Industry and innovation made unlike, province by province: they are no longer called nearly one."""
    before = one.facts(result)
    assert before["closest_word"] == "nearly one" and before["talent_word"] == "hardly one thing"
    rng, z = np.random.default_rng(5), result.normalised.copy()
    for names in one.members(result).values():
        for name in names:
            z[name] = rng.permutation(z[name].to_numpy())
    unlike = dataclasses.replace(result, normalised=z)
    try:
        after = one.facts(unlike)
    except InputError as error:
        assert "no longer bear out" in str(error)
    else:
        assert after["closest_word"] == "two things" and float(after["first_all"].split()[0]) < 35
    assert one.dilemma_correlations(unlike).iloc[0, 1] < 0.7 and first_share(one.behind(unlike)) < 0.35


def test_facts_are_text(result):
    assert all(isinstance(value, str) and value and not re.search(r"\bnan\b", value)
               for value in one.facts(result).values())


def test_figures_of_the_twelve_are_drawn_for_a_reader_from_elsewhere(result):
    for draw in (one.readings, one.weightings, one.chance):
        assert "Gansu: " in draw(result, "gansu").alt and "Beijing: " not in draw(result, "beijing").alt
