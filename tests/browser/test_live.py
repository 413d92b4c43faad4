"""The live figures compute in the browser what the package computes in Python, to six decimals."""

import numpy as np
import pandas as pd
import pytest

from nqpkit import Study, evaluate
from nqpkit import coupling as cpl
from nqpkit.scenario import standing, what_if

CLOSE = 1e-6
FIGURES = {"weights": "book/evaluation/weights.html", "playground": "book/live/playground.html",
           "scenario": "book/live/scenario.html", "compare": "book/live/compare.html", "map": "book/live/map.html"}


@pytest.fixture(scope="module")
def result():
    return evaluate(Study.load())


@pytest.fixture
def live(visit):
    """Open the page of a live figure and wait until it moves."""
    def open_figure(name, **options):
        seen = visit(FIGURES[name], **options)
        seen.page.locator(f"[data-live={name}][data-ready=true]").wait_for()
        return seen.page

    return open_figure


def move(page, figure, **values):
    """Set sliders, lists and boxes as a reader's hand would, with the events that follow."""
    for name, value in values.items():
        field = page.locator(f"[data-live={figure}] [name='{name.replace('__', '-')}']")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value)
        else:
            field.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }",
                           str(value))


def rows(page, figure, table=0):
    """A table behind a figure: first cell → the other cells, numbers in full."""
    cells = page.locator(f"[data-live={figure}] .nqp-behind table").nth(table).evaluate(
        "t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.dataset.value ?? c.textContent))")
    return {first: [number(cell) for cell in rest] for first, *rest in cells}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


@pytest.mark.parametrize("weights", [
    {}, {"w0": 9, "w1": 2, "w2": 0, "w5": 10}, {"w0": 0, "w1": 0, "w2": 1, "w3": 7, "w4": 0, "w6": 3, "w7": 0}])
def test_weights_give_the_scores_of_the_package(live, result, weights):
    page = live("weights")
    move(page, "weights", **weights)
    dimensions = list(result.framework.dimensions().index)
    given = {name: weights.get(f"w{place}", 5) for place, name in enumerate(dimensions)}
    size = result.weights.groupby("dimension").size()
    points = result.weights["dimension"].map(lambda name: given[name] / size[name])
    moved = evaluate(result.study, weights=points / points.groupby(result.weights["system"]).transform("sum") / 2)
    wanted = standing(moved.systems.xs(2023, level="year"), "modified")
    shown = rows(page, "weights")
    assert len(shown) == len(wanted)
    for code, row in wanted.iterrows():
        nqp, hqed, d, grade, rank, rank_equal = shown[result.study.regions.at[code, "name"]]
        assert np.allclose([nqp, hqed, d], row[["nqp", "hqed", "coordination"]].astype(float), atol=CLOSE)
        assert (grade, rank) == (row["grade"], row["rank_coordination"])
        assert rank_equal == result.coupling.at[(code, 2023), "rank_coordination"]


def test_no_weight_at_all_is_said_in_words(live):
    page = live("weights")
    move(page, "weights", w0=0, w1=0, w2=0)
    assert "at least one dimension" in page.locator("[data-live=weights] .nqp-says").inner_text()
    page.get_by_role("button", name="Back to the start").click()
    page.wait_for_function("document.querySelector('[data-live=weights] .nqp-says').textContent.includes('Gansu')")


@pytest.mark.parametrize(("x", "y"), [(0.62, 0.31), (0.05, 0.9), (0.0, 0.4), (1.0, 1.0)])
def test_two_scores_give_the_degrees_and_the_benchmark_of_the_package(live, x, y):
    page = live("playground")
    move(page, "playground", x=x, y=y)
    u = pd.DataFrame({"a": [x], "b": [y]})
    luck = cpl.random_benchmark(u["a"]).iloc[0]
    wanted = {"C, standard form": cpl.coupling_degree(u, "standard")[0], "C, modified form": cpl.coupling_degree(u)[0],
              "T, mean of the two": cpl.development(u)[0],
              "D, standard form": cpl.coordination_degree(u, form="standard")[0],
              "D, modified form": cpl.coordination_degree(u)[0],
              "D with a random second score, 5th percentile": luck["low"],
              "D with a random second score, median": luck["median"],
              "D with a random second score, 95th percentile": luck["high"]}
    shown = rows(page, "playground")
    assert {name: shown[name][0] for name in wanted} == pytest.approx(wanted, abs=CLOSE)
    assert shown["Grade of D, modified form"] == [cpl.coordination_grade(cpl.coordination_degree(u))[0]]


def test_a_region_of_the_list_puts_the_point_exactly_where_it_lies(live, result):
    page = live("playground")
    move(page, "playground", region="51")
    shown = rows(page, "playground")
    assert shown["D, modified form"][0] == pytest.approx(result.coupling.at[("51", 2023), "coordination"], abs=CLOSE)


@pytest.mark.parametrize(("code", "target", "shares", "feasible"), [
    ("62", "group:east", {"rd_intensity": 40, "undergraduates": 100}, False),
    ("54", "group:east", dict.fromkeys(("rd_staff", "contracts_sold", "hightech_revenue"), 75), True),
    ("61", "11", dict.fromkeys(("software_revenue", "ecommerce_sales", "net_migration", "rd_intensity"), 100), True)])
def test_levers_give_the_scenario_of_the_package(live, result, code, target, shares, feasible):
    page = live("scenario")
    move(page, "scenario", region=code, target=target, feasible=feasible,
         **{f"lever__{name}": share for name, share in shares.items()})
    values = result.indicators.xs(2023, level="year")
    east = result.study.regions["group"].reindex(values.index) == "east"
    goal = values[east].median() if target.startswith("group") else values.loc[target]
    now = values.loc[code]
    aim = {name: now[name] + share / 100 * (goal[name] - now[name]) for name, share in shares.items()}
    found = what_if(result, code, list(shares), aim, 2023, feasible)
    outcome, levers = rows(page, "scenario"), rows(page, "scenario", 1)
    assert outcome["NQP"] == pytest.approx([found.before["nqp"], found.after["nqp"], found.change["nqp"]], abs=CLOSE)
    assert outcome["Coordination degree D"][:2] == pytest.approx(
        [found.before["coordination"], found.after["coordination"]], abs=CLOSE)
    assert outcome["Rank of D"] == [found.before["rank_coordination"], found.after["rank_coordination"],
                                    found.change["rank_coordination"]]
    assert outcome["Grade of D"][:2] == [found.before["grade"], found.after["grade"]]
    for name, row in found.levers.iterrows():
        _, value, reached, unit, nqp, d, line = levers[row["label"]]
        assert [value, reached] == pytest.approx([row["value"], row["reached"]], rel=CLOSE)
        assert [nqp, d] == pytest.approx([row["nqp_change"], row["coordination_change"]], abs=CLOSE)
        assert unit == row["unit"]
        if row["reached"] != row["value"]:
            assert line == row["line"], name


def test_a_path_moves_all_its_levers(live, result):
    page = live("scenario")
    move(page, "scenario", path__innovation=100)
    found = what_if(result, "gansu", "innovation")
    assert rows(page, "scenario")["NQP"][1] == pytest.approx(found.after["nqp"], abs=CLOSE)


def test_regions_side_by_side_show_the_scores_of_the_package(live, result):
    page = live("compare")
    move(page, "compare", a="62", b="31", c="54", d="", measure="nqp", year=2019)
    shown = rows(page, "compare")
    for name, label in result.framework.dimensions()["label"].items():
        wanted = [result.dimensions.at[(code, 2019), name] for code in ("62", "31", "54")]
        assert shown[label] == pytest.approx(wanted, abs=CLOSE)
    ranks = [result.coupling.at[(code, 2019), "rank_coordination"] for code in ("62", "31", "54")]
    assert shown["Rank: Coordination degree D"] == ranks
    heads = page.locator("[data-live=compare] .nqp-behind thead th").all_text_contents()
    assert heads == ["Measure", "Gansu", "Shanghai", "Tibet"]


@pytest.mark.parametrize(("measure", "year"), [("rd_intensity", 2017), ("electricity_intensity", 2022), ("D", 2016)])
def test_the_map_shows_values_and_ranks_of_the_package(live, result, measure, year):
    page = live("map")
    move(page, "map", measure=measure, year=year)
    column = result.coupling["coordination"] if measure == "D" else result.indicators[measure]
    column = column.xs(year, level="year")
    about = result.framework.indicators()
    sign = 1 if measure == "D" else about.at[measure, "direction"]
    ranks = (sign * column).rank(ascending=False, method="min")
    shown = rows(page, "map")
    for code, value in column.items():
        name = result.study.regions.at[code, "name"]
        assert shown[name][0] == pytest.approx(value, rel=CLOSE)
        assert shown[name][2] == ranks[code]
        tile = page.locator(f".nqp-tile[data-code='{code}']")
        assert f"rank {ranks[code]:.0f} of" in tile.get_attribute("aria-label")


@pytest.mark.parametrize("name", FIGURES)
def test_without_javascript_there_is_a_still_figure_with_sentence_and_table(visit, name):
    page = visit(FIGURES[name], java_script_enabled=False).page
    figure = page.locator(f"[data-live={name}]")
    assert not figure.locator(".nqp-controls").is_visible()
    assert figure.locator(".nqp-says").inner_text()
    if name == "map":
        assert figure.locator(".nqp-tile small").first.inner_text()
    else:
        assert all(len(svg.get_attribute("aria-label")) > 40 for svg in figure.locator(".nqp-still svg").all())
        assert figure.locator(".nqp-still svg").first.is_visible()
    figure.locator(".nqp-behind summary").click()
    assert figure.locator(".nqp-behind tbody tr").count() > 3
    assert figure.locator(".nqp-noscript").is_visible()


@pytest.mark.parametrize("name", FIGURES)
def test_the_keyboard_reaches_every_control_and_moves_it(live, name):
    page = live(name)
    figure = page.locator(f"[data-live={name}]")
    fields = figure.locator("input:visible, select:visible, button:visible")
    fields.first.focus()
    reached = []
    for _ in range(fields.count() + 3):
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
        page.keyboard.press("Tab")
    assert set(fields.evaluate_all("all => all.map(e => e.name || e.tagName)")) <= set(reached)
    sliders = figure.locator("input[type=range]:visible")
    before = figure.locator(".nqp-slider output").first.inner_text()
    sliders.first.focus()
    page.keyboard.press("ArrowLeft" if name in ("compare", "map") else "ArrowRight")
    assert figure.locator(".nqp-slider output").first.inner_text() != before


def test_the_status_sentence_follows_and_the_drawing_with_it(live):
    page = live("weights")
    figure = page.locator("[data-live=weights]")
    drawn = figure.locator(".nqp-drawn svg").inner_html()
    move(page, "weights", w0=10, w1=0, region="54")
    assert figure.locator(".nqp-says").inner_text().startswith("Tibet")
    page.wait_for_function("before => document.querySelector('.nqp-drawn svg').innerHTML !== before", arg=drawn)
