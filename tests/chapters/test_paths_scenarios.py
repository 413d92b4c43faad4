"""Scenarios: the group's shortcut equals the package's scenario, bills by hand, paces by hand, a story that holds."""

import re
from dataclasses import replace

import numpy as np
import pytest

from nqpkit import evaluate
from nqpkit.chapters import scenarios
from nqpkit.errors import InputError
from nqpkit.scenario import compare_paths, fastest_pace, what_if
from nqpkit.wording import number


@pytest.mark.parametrize("slug", ["guizhou", "tibet", "qinghai", "shaanxi"])
def test_the_whole_group_at_once_equals_one_by_one(result, slug):
    code, table = result.study.resolve(slug), compare_paths(result, slug)
    for path in table.index:
        after = scenarios.raised(result, path).loc[code]
        change = after["coordination"] - result.coupling.loc[(code, 2023), "coordination"]
        assert change == pytest.approx(table.loc[path, "coordination_change"], abs=1e-12)
        assert after["grade"] == table.loc[path, "grade"]
        assert scenarios.grade_changes(result, path)[code] == table.loc[path, "grade_steps"]


def test_the_bill_is_the_gap_times_gdp(result):
    bill, panel = scenarios.rd_bill(result), result.study.panel().xs(2023, level="year")
    asked = what_if(result, "gansu", levers="rd_intensity").levers.loc["rd_intensity", "amount"]
    assert bill.loc["62", "extra"] == pytest.approx(asked / 10_000)
    assert bill["now"].sum() == pytest.approx(panel.loc[bill.index, "rd_expenditure"].sum() / 10_000)
    assert (bill["extra"] > 0).all() and (bill["nqp"] > 0).all()


def test_years_are_the_gap_over_the_pace(result):
    years, pace = scenarios.years_needed(result), fastest_pace(result)
    east = result.study.regions.index[result.study.regions["group"] == "east"]
    now = result.indicators.xs(2023, level="year")
    gap = now.loc[east, "rd_intensity"].median() - now.loc["52", "rd_intensity"]
    assert years.loc["52", "rd_intensity"] == pytest.approx(gap / pace.loc["rd_intensity", "pace"] * 5)
    ratio = now.loc[east, "software_revenue"].median() / now.loc["62", "software_revenue"]
    growth = pace.loc["software_revenue", "pace"] ** (1 / 5)
    assert growth ** years.loc["62", "software_revenue"] == pytest.approx(ratio)
    assert years.loc["50", "hightech_revenue"] == 0, "Chongqing is there already"


def test_the_waterfall_ends_where_the_scenario_ends(result):
    table = scenarios.steps(result, "guizhou")
    end = what_if(result, "guizhou").after
    assert table["nqp"].iloc[-1] == pytest.approx(end["nqp"]) and table["rank_nqp"].iloc[-1] == end["rank_nqp"]
    assert table["step"].sum() == pytest.approx(end["nqp"] - result.systems.loc[("52", 2023), "nqp"])
    assert table["hqed"].nunique() == 1, "no indicator of HQED has a lever"


def test_facts_agree_with_scenarios(result):
    found, table = scenarios.facts(result), scenarios.steps(result, "guizhou")
    assert found["all_rank"] == str(table["rank_nqp"].iloc[-1]) and found["rank"] == str(table["rank_nqp"].iloc[0])
    d = table["coordination"].astype(float)
    assert found["peak_d"] == f"{d.max():.3f}" and found["peak_lever"] == scenarios.SHORT[d.idxmax()]
    usual = compare_paths(evaluate(result.study, coupling="standard"), "guizhou")
    assert found["usual_gain"] == number(usual.loc["all", "coordination_change"], "+.3f")
    assert found["bill"] == f"{scenarios.rd_bill(result)['extra'].sum() / 10:.0f}"


def test_a_record_from_a_marked_figure_is_named(result):
    marked, pace = scenarios.doubtful_paces(result), fastest_pace(result)
    assert "ecommerce_sales" in marked and pace.loc["ecommerce_sales", "code"] == "63"
    assert "rd_intensity" not in marked
    table = scenarios.pace_table(result, "guizhou").values
    assert (table["marked figure in it"] == "yes").sum() == len(marked)
    assert "not known" in table.loc["migration"].tolist()
    bare = replace(result, study=replace(result.study, marks=result.study.marks.iloc[:0]))
    assert scenarios.doubtful_paces(bare) == []


@pytest.mark.parametrize("maker", ["waterfall", "rd_bars", "everybody", "pace_map"])
@pytest.mark.parametrize("region", ["guizhou", "tibet"])
def test_figures_carry_words_and_numbers(result, maker, region):
    figure = getattr(scenarios, maker)(result, region)
    assert "Source: " in figure.caption and figure.name and len(figure.alt) > 150
    assert not re.search(r"\bnan\b", figure.alt)
    assert figure.png() == getattr(scenarios, maker)(result, region).png()


def test_alt_text_names_who_rises_and_who_falls(result):
    figure = scenarios.everybody(result, "guizhou")
    steps = figure.values["steps"]
    for name in steps.index[steps != 0]:
        assert name in figure.alt
    assert np.isclose(figure.values["best single path"], [scenarios.raised(result, path)["coordination"].rename(
        index=result.study.regions["name"])[name] for name, path in figure.values["path"].items()]).all()


def test_the_standard_form_turns_the_story(result):
    with pytest.raises(InputError, match="All paths together"):
        scenarios.facts(evaluate(result.study, coupling="standard"))


@pytest.mark.parametrize("slug", ["guizhou", "beijing"])
def test_the_peak_is_the_highest_of_the_steps(result, slug):
    found, steps = scenarios.peak(result, slug), scenarios.steps(result, slug)
    assert found["coordination"] == pytest.approx(steps["coordination"].astype(float).max(), abs=1e-12)
    best = steps["coordination"].astype(float).idxmax()
    assert found["lever"] == ("none" if best == "now" else best)


def test_marks_are_scenarios_of_the_package(result):
    table = scenarios.aims(result, "guizhou").values
    east = what_if(result, "guizhou", target="east")
    assert table.loc["East median", "D"] == east.after["coordination"]
    assert table.loc["East median", "levers moved"] == 11 and table["NQP"].is_monotonic_increasing
    best = result.systems["nqp"].xs(2023, level="year").idxmax()
    assert table.index[-1] == result.study.regions.loc[best, "name"]


def test_weightings_are_evaluations_of_their_own(result):
    table = scenarios.weightings(result, "guizhou").values
    assert table.loc["equal", "change in D"] == pytest.approx(what_if(result, "guizhou").change["coordination"])
    entropy = what_if(evaluate(result.study, weights="entropy"), "guizhou").change
    assert table.loc["entropy"].tolist() == pytest.approx([entropy["nqp"], entropy["coordination"]])
