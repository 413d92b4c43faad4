"""The innovation system: bills by hand, balances by hand, and sentences that stand only while they are true."""

import re
from dataclasses import replace

import pytest

from nqpkit.chapters import gaps, innovation_system
from nqpkit.errors import InputError
from nqpkit.scenario import what_if


@pytest.mark.parametrize("slug", innovation_system.EXAMPLES)
def test_the_bill_is_what_the_scenario_asks_for(result, slug):
    code = result.study.resolve(slug)
    asked = what_if(result, slug, levers="fiscal_science_share").levers.loc["fiscal_science_share", "amount"]
    assert innovation_system.science_bill(result).loc[code, "extra"] == pytest.approx(asked)


def test_the_bill_in_per_cent_of_schools(result):
    now = result.study.panel().xs(2023, level="year")
    bill = innovation_system.science_bill(result)
    schools = now.loc["52", "local_fiscal_education_expenditure"]
    assert bill.loc["52", "of_education"] == pytest.approx(bill.loc["52", "extra"] / schools * 100)
    assert bill.loc["52", "of_budget"] == pytest.approx(
        float(innovation_system.facts(result)["east"]) - result.indicators.loc[("52", 2023), "fiscal_science_share"],
        abs=0.01)


def test_a_province_beyond_the_median_pays_nothing(result):
    values = result.raw.values.copy()
    values.loc[("51", 2023), "fiscal_science_share"] = 9.0
    moved = replace(result, raw=replace(result.raw, values=values))
    assert innovation_system.science_bill(moved).loc["51", "extra"] == 0
    with pytest.raises(InputError, match="No western province"):
        innovation_system.facts(moved)


def test_after_growing_the_share_is_the_median(result):
    way, now = innovation_system.growing_way(result), result.study.panel().xs(2023, level="year")
    science, total = (now.loc[way.index, name] for name in (innovation_system.OUTLAYS[0], innovation_system.OUTLAYS[2]))
    grown = way["needed"] / 100 * total
    share = result.indicators["fiscal_science_share"].xs(2023, level="year")
    median = share[result.study.regions["group"].reindex(share.index) == "east"].median()
    assert ((science + grown) / (total + grown) * 100).to_numpy() == pytest.approx(median)
    grew = (1 + way["a_year"] / 100) ** way["years"]
    assert grew.to_numpy() == pytest.approx((1 + way["needed"] / 100).to_numpy())


def test_changes_are_last_less_first(result):
    own, line = innovation_system.moved_together(result), result.indicators.xs("52", level="code")
    assert own.loc["52", "research"] == pytest.approx(line["rd_intensity"][2023] - line["rd_intensity"][2016])
    assert f"{own.corr(method='spearman').iloc[0, 1]:.2f}" == innovation_system.facts(result)["rho_moved"]


def test_a_balance_is_sold_minus_bought(result):
    own = innovation_system.contract_balance(result)
    now = result.indicators.xs(2023, level="year")
    assert own["balance"].equals(now["contracts_sold"] - now["contracts_absorbed"])
    figure = innovation_system.contract_chart(result, "guizhou")
    sellers = figure.values.index[figure.values["balance"] > 0]
    assert f"{len(sellers)} sell more" in figure.alt and all(name in figure.alt for name in sellers)


def test_facts_agree_with_the_figures(result):
    found = innovation_system.facts(result)
    lines = gaps.indicator_lines(result, "fiscal_science_share", "guizhou").values
    assert found["now"] == f"{lines['Guizhou'].iloc[-1]:.2f}" and found["peak_year"] == lines["Guizhou"].idxmax()
    assert found["central"] == f"{lines['Central median'].iloc[-1]:.2f}"
    bars = innovation_system.bill_bars(result, "guizhou")
    assert f"{found['bill_all']} beside {found['spent_all']}" in bars.alt
    assert found["heaviest"] == bars.values["of_education"].idxmax()


@pytest.mark.parametrize("maker", ["bill_bars", "contract_chart", "share_and_research"])
def test_figures_carry_words(result, maker):
    figure = getattr(innovation_system, maker)(result, "tibet")
    assert figure.caption.endswith("own computation.") and not re.search(r"\bnan\b", figure.alt.lower())
    assert figure.png() == getattr(innovation_system, maker)(result, "tibet").png()


def test_a_story_that_turns_stops_the_build(result):
    figures = result.study.figures.copy()
    cell = (figures["code"] == "52") & (figures["year"] == 2023) & (figures["series"] == innovation_system.OUTLAYS[0])
    figures.loc[cell, "value"] = 300.0
    turned = replace(result, study=replace(result.study, figures=figures))
    with pytest.raises(InputError, match="Guizhou turned the lever back"):
        innovation_system.facts(turned)
