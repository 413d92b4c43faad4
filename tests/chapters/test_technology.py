"""Technological innovation: ratios by hand, flows as in the yearbook, words that turn when the figures do."""

from dataclasses import replace

import pytest

from nqpkit import evaluate
from nqpkit.chapters import technology
from nqpkit.errors import InputError


def changed(study, code, series, factor, years=(2021, 2022, 2023)):
    figures = study.figures.copy()
    cells = (figures["code"] == code) & figures["year"].isin(years) & (figures["series"] == series)
    assert cells.sum() == len(years)
    figures.loc[cells, "value"] *= factor
    return evaluate(replace(study, figures=figures))


def test_flows_are_three_year_means_of_the_published_sums(result):
    panel, flows = result.study.panel(), technology.contract_flows(result)
    sold = [panel.loc[("61", year), "tech_market_contract_value"] / panel.loc[("61", year), "gdp"] * 100
            for year in (2021, 2022, 2023)]
    assert flows.loc["61", "sold"] == pytest.approx(sum(sold) / 3)
    assert flows["bought"].tolist() == pytest.approx(
        result.indicators["contracts_absorbed"].xs(2023, level="year")[flows.index].tolist())


@pytest.mark.parametrize("lag", [0, 2, 3])
def test_patents_are_set_against_earlier_money(result, lag):
    own = result.study.panel().loc["62"]
    want = own.loc[2023, "patents_granted_invention"] / (own.loc[2023 - lag, "rd_expenditure"] / 1e4)
    assert technology.patent_yield(result, lag).loc["62", 2023] == pytest.approx(want)


def test_the_yield_of_a_group_is_that_of_its_sums(result):
    panel = result.study.panel().xs(2023, level="year").loc[["21", "22", "23"]].sum()
    figure = technology.yields(result, "tibet")
    assert figure.values.loc[2023, "Northeast"] == pytest.approx(
        panel["patents_granted_invention"] / (panel["rd_expenditure"] / 1e4))
    assert figure.values.loc[2023, "Tibet"] == pytest.approx(technology.patent_yield(result).loc["54", 2023])


def test_growth_hides_yield():
    """Simulated year by year: money grows by a fifth a year, every unit brings 5 patents three years later."""
    money = [1.2**year for year in range(10)]
    patents = 5 * money[9 - 3]
    assert technology.apparent_yield(5, 0.2, 3) == pytest.approx(patents / money[9])


@pytest.mark.parametrize("make", [technology.contracts, technology.yields, technology.lagged_yields])
def test_figures_speak(result, make):
    figure = make(result, "guangxi")
    assert "Guangxi" in figure.alt and "Source: own computation on" in figure.caption and figure.name
    assert figure.png() == make(result, "guangxi").png()


def test_labels_in_the_plane_do_not_cover_each_other(result):
    drawing = technology.contracts(result).drawing
    drawing.canvas.draw()
    boxes = [text.get_window_extent() for text in drawing.axes[0].texts]
    for n, one in enumerate(boxes):
        for other in boxes[n + 1:]:
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            high = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert wide <= 0 or high <= 2


def test_a_seller_that_stops_selling_leaves_the_sentence(study, result):
    before = technology.facts(result)
    after = technology.facts(changed(study, "51", "tech_market_contract_value", 0.5))
    assert "Sichuan" in before["sellers"] and "Sichuan" not in after["sellers"]
    assert (before["buyers"], after["buyers"]) == ("ten", "eleven")


def test_the_build_stops_when_a_sentence_no_longer_holds(study):
    figures = study.figures.copy()
    flipped = (figures["series"] == "industrial_enterprises_with_rd") & (figures["year"] == 2023)
    figures.loc[flipped, "value"] *= 2
    with pytest.raises(InputError, match="the count of firms with research fell"):
        technology.facts(evaluate(replace(study, figures=figures)))


def test_xian_and_the_rest_make_the_province(result):
    facts = technology.facts(result)
    assert float(facts["rest_rd"]) + technology.XIAN_RD / 10 == pytest.approx(float(facts["shaanxi_rd"]), abs=0.11)
    assert int(facts["xian_share"]) + int(facts["rest_share"]) == 100
