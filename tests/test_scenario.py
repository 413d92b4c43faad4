"""Scenarios against a calculation by hand on three regions, and on the built-in study."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nqpkit import Study, evaluate
from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.scenario import compare_paths, fastest_pace, what_if

YEARS = range(2016, 2022)


def indicator(formula, **more):
    return {"label": formula, "label_zh": "", "unit": "%", "direction": 1, "formula": formula} | more


def small_study(cleaning=None, **framework):
    """Three regions, six years; x = 10·made/people runs 0…50, y 1…5 (less is better), z 0…10."""
    series = {
        "made": {"1": [50] * 6, "2": [0, 4, 8, 12, 16, 20], "3": [30] * 6},
        "people": {"1": [10] * 6, "2": [10] * 6, "3": [10] * 6},
        "waste": {"1": [1] * 6, "2": [5, 5, 5, 5, 5, 4], "3": [3] * 6},
        "wealth": {"1": [10] * 6, "2": [2.5] * 6, "3": [0] * 6},
    }
    figures = pd.DataFrame([(code, year, name, float(value), "book") for name, regions in series.items()
                            for code, values in regions.items() for year, value in zip(YEARS, values, strict=True)],
                           columns=["code", "year", "series", "value", "source"])
    content = {
        "years": [2016, 2021],
        "systems": {
            "new": {"label": "New", "dimensions": {
                "making": {"label": "Making", "indicators": {"x": indicator(
                    "made / people * 10", lever={"path": "make", "controlled_by": "firms", "cost": "plants"})}},
                "cleaning": {"label": "Cleaning", "indicators": {"y": indicator(
                    "waste", direction=-1, lever={"path": "clean", "note": "slower"}, **(cleaning or {}))}}}},
            "good": {"label": "Good", "dimensions": {
                "living": {"label": "Living", "indicators": {"z": indicator("wealth")}}}}},
        "paths": {"make": {"label": "Make more", "levers": ["x"]}, "clean": {"label": "Waste less", "levers": ["y"]}},
    } | framework
    regions = pd.DataFrame({"slug": ["alpha", "beta", "gamma"], "name": ["Alpha", "Beta", "Gamma"],
                            "group": ["east", "west", "west"]}, index=pd.Index(["1", "2", "3"], name="code"))
    names = pd.DataFrame({"name": ["Goods made", "People", "Waste", "Wealth"],
                          "unit": ["10 thousand tonnes", "persons", "tonnes", "CNY"]}, index=list(series))
    return Study(folder=Path(), settings={"unit": {"one": "region", "many": "regions"}, "options": {"winsorise": 0}},
                 regions=regions, figures=figures, series=names, sources=pd.DataFrame(), marks=pd.DataFrame(),
                 neighbours=pd.DataFrame(), framework=Framework.read(content))


def by_hand(new, good):
    """D of two scores: C = √{(1 − |a − b|)·min/max}, T = their mean."""
    c = math.sqrt((1 - abs(new - good)) * min(new, good) / max(new, good))
    return math.sqrt(c * (new + good) / 2)


@pytest.fixture(scope="module")
def small():
    return evaluate(small_study())


def test_one_lever_by_hand(small):
    """Beta 2021: x = 20 of 0…50, y = 4 of 5…1, z = 2.5 of 0…10: new = √(0.4·0.25), good = 0.25. x to 50: √(1·0.25)."""
    found = what_if(small, "beta", levers="x", target="alpha")
    assert found.before["new"] == pytest.approx(math.sqrt(0.4 * 0.25))
    assert found.after["new"] == pytest.approx(0.5)
    assert found.before["coordination"] == pytest.approx(by_hand(math.sqrt(0.1), 0.25))
    assert found.after["coordination"] == pytest.approx(by_hand(0.5, 0.25))
    assert found.change["coordination"] == pytest.approx(by_hand(0.5, 0.25) - by_hand(math.sqrt(0.1), 0.25))
    assert found.change["good"] == 0


def test_what_it_takes_by_hand(small):
    """x from 20 to 50 with people unchanged: goods from 20 to 50, 30 times ten thousand tonnes more."""
    row = what_if(small, "beta", levers="x", target=50).levers.loc["x"]
    assert (row["amount"], row["amount_unit"]) == (pytest.approx(30), "10 thousand tonnes")
    assert "300,000 tonnes more, all else equal (Goods made)" in row["line"]
    assert "Who decides: firms. Cost: plants." in row["line"]
    assert "Side effect: slower." in what_if(small, "beta", levers="y").levers.loc["y", "line"]


def test_all_levers_by_hand(small):
    """Both to Alpha: new = 1. Alone, y from 4 to 1 gives √(0.4·1)."""
    found = what_if(small, "beta", target="east")
    assert found.after["new"] == pytest.approx(1)
    assert found.levers["new_change"].to_dict() == pytest.approx(
        {"x": 0.5 - math.sqrt(0.1), "y": math.sqrt(0.4) - math.sqrt(0.1)})
    assert found.levers.loc["y", "coordination_change"] == pytest.approx(
        by_hand(math.sqrt(0.4), 0.25) - by_hand(math.sqrt(0.1), 0.25))
    assert (found.before["rank_new"], found.after["rank_new"], found.change["rank_new"]) == (3, 1, 2)


def test_the_feasible_pace_by_hand(small):
    """Fastest five years: x +20 and y −1, both by Beta. From 20 and 4: x = 40 → 0.8, y = 3 → 0.5."""
    pace = fastest_pace(small)
    assert pace["pace"].to_dict() == {"x": 20, "y": -1, "z": 0}
    assert pace.loc["x", ["code", "first", "last"]].tolist() == ["2", 2016, 2021]
    found = what_if(small, "beta", target="east", feasible=True)
    assert found.levers["reached"].to_dict() == {"x": 40, "y": 3}
    assert found.after["new"] == pytest.approx(math.sqrt(0.8 * 0.5))


def test_a_near_target_is_reached_before_the_pace_ends(small):
    assert what_if(small, "beta", levers="x", target=25, feasible=True).levers.loc["x", "reached"] == 25


def test_a_logarithm_moves_by_a_ratio():
    """With the logarithm scored the pace is a ratio: waste of Beta 5 → 4 is 0.8, so 4 → 3.2."""
    result = evaluate(small_study(cleaning={"transform": "log"}))
    found = what_if(result, "beta", levers="y", feasible=True)
    assert found.levers.loc["y", "reached"] == pytest.approx(3.2)
    z = (math.log(5) - math.log(3.2)) / math.log(5)
    assert found.after["new"] == pytest.approx(math.sqrt(0.4 * z))


def test_a_break_leaves_no_pace():
    result = evaluate(small_study(breaks={"made": [2018]}))
    assert np.isnan(fastest_pace(result).loc["x", "pace"])
    found = what_if(result, "beta", levers="x", feasible=True)
    assert found.levers.loc["x", "reached"] == 20 and found.change["new"] == 0
    assert "no pace is known" in found.levers.loc["x", "line"]


def test_levers_only_rise(small):
    found = what_if(small, "alpha", target="west")
    assert (found.levers["reached"] == found.levers["value"]).all()
    assert found.levers["line"].str.contains("already at or beyond").all()
    assert found.change.drop("grade").abs().max() == 0


def test_the_note_says_through_which_system_and_when_coupling_falls(small, result):
    note = what_if(small, "beta", target="east").note
    assert "No indicator of Good has a lever, so coordination moves through New only." in note
    assert by_hand(1, 0.25) < by_hand(math.sqrt(0.1), 0.25)
    assert "Coordination does not rise with it" in note
    rising = what_if(result, "gansu", levers="rd_intensity", target=3.0)
    assert rising.change["coordination"] > 0 and "does not rise" not in rising.note


@pytest.mark.parametrize(("options", "says"), [
    ({"levers": "z"}, "no lever 'z'. Known: all; the paths make, clean; the levers x, y"),
    ({"levers": []}, "No lever was chosen"),
    ({"target": "north"}, r"no target 'north'. Give a group \(east, west\)"),
    ({"target": 3}, "for one lever; there are 2"),
    ({"target": {"x": 3}}, "look at 'y'"),
    ({"levers": "x", "target": float("nan")}, "target of 'x' has no figure"),
    ({"region": "delta"}, "no region 'delta'"),
    ({"year": 2030}, "2030"),
])
def test_bad_requests_are_named(small, options, says):
    with pytest.raises(InputError, match=says):
        what_if(small, **({"region": "beta"} | options))


def test_a_named_peer_is_caught_up_with(result):
    """With every indicator of the first system at least as good as the peer's, its score is too."""
    levers = [n for n, lever in result.framework.indicators()["lever"].items() if isinstance(lever, dict)]
    found = what_if(result, "gansu", levers=levers, target="shaanxi")
    values, signs = result.indicators.xs(2023, level="year"), result.framework.indicators()["direction"]
    assert ((found.levers["reached"] - values.loc["61", levers]) * signs[levers] >= -1e-9).all()


@pytest.mark.parametrize("options", [{"aggregate": "arithmetic"}, {"aggregate": "topsis"}, {"weights": "entropy"},
                                     {"normalise": "year"}, {"coupling": "standard"}])
def test_setting_a_lever_to_its_present_value_changes_nothing(study, options):
    """The path from a value to a score is the evaluation's own under every option."""
    result = evaluate(study, **options)
    now = result.indicators.loc[("62", 2020)]
    tiny = {name: now[name] + 1e-9 * abs(now[name]) for name in ("rd_intensity", "hightech_firms", "net_migration")}
    found = what_if(result, "gansu", levers=list(tiny), target=tiny, year=2020)
    assert (found.levers["reached"] > found.levers["value"]).all()
    assert found.change["nqp"] == pytest.approx(0, abs=1e-7)


def test_a_value_beyond_the_goalpost_scores_no_more(result):
    far, farther = (what_if(result, "gansu", levers="rd_intensity", target=t).after["nqp"] for t in (50, 500))
    assert far == farther


def test_paths_side_by_side(result):
    table = compare_paths(result, "gansu", feasible=True)
    assert list(table.index) == ["industries", "innovation", "talent", "all"]
    assert table.loc["all", "nqp_change"] > table["nqp_change"].drop("all").max()
    assert (table["hqed_change"] == 0).all()
    one = what_if(result, "62", levers="innovation", feasible=True)
    assert table.loc["innovation", "coordination_change"] == one.change["coordination"]


def test_a_region_without_scores_is_named(result):
    gone = replace(result, systems=result.systems.drop(index="54", level="code"))
    with pytest.raises(InputError, match="Tibet has no complete scores in 2023"):
        what_if(gone, "tibet")
