"""What moves a share: growth and prices add up to the change, the toy turns out as the page says, groups are whole."""

from dataclasses import replace

import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.chapters import shares as chapter
from nqpkit.wording import Prose


def test_growth_and_price_add_up_to_the_published_change(result):
    table, panel = chapter.moved(result), result.study.panel()
    west = result.study.regions["group"] == "west"
    share = {year: 100 * panel["gdp_pre5ec"].xs(year, level="year")[west].sum()
             / panel["gdp_pre5ec"].xs(year, level="year").sum() for year in (2011, 2022)}
    assert list(table.index) == list(range(2012, 2023))
    assert table["change"].sum() == pytest.approx(share[2022] - share[2011])
    assert (table["quantity"] + table["price"]).to_numpy() == pytest.approx(table["change"].to_numpy())


def two_regions(result, real, prices):
    """The study with two regions only, of 20 and 80 in 2020, and one year of growth and price rises."""
    study = result.study
    rows = [(code, year, series, value, "nbs-gdp-first-published") for code, start, growth, price in
            (("62", 20, real[0], prices[0]), ("31", 80, real[1], prices[1]))
            for year, series, value in ((2020, "gdp_pre5ec", start), (2021, "gdp_index", 100 * growth),
                                        (2021, "gdp_pre5ec", start * growth * price))]
    figures = pd.DataFrame(rows, columns=["code", "year", "series", "value", "source"])
    return replace(result, study=replace(study, figures=figures, regions=study.regions.loc[["62", "31"]]))


def test_the_toy_of_the_page(result):
    found = chapter.moved(two_regions(result, (1.05, 1.06), (1.1, 1.0))).loc[2021]
    assert found.round(1).to_dict() == {"quantity": -0.2, "price": 1.6, "change": 1.4}


def test_without_price_changes_all_is_quantity(result):
    found = chapter.moved(two_regions(result, (1.08, 1.02), (1.0, 1.0))).loc[2021]
    assert found["price"] == pytest.approx(0, abs=1e-9) and found["quantity"] == pytest.approx(100 * 21.6 / 103.2 - 20)


def test_the_sentence_on_prices_flips(result):
    dear = two_regions(result, (1.01, 1.0), (1.2, 1.0))
    calm = two_regions(result, (1.2, 1.0), (1.001, 1.0))
    assert "more than growth does" in str(chapter.moved_words(dear))
    assert "less than growth does" in str(chapter.moved_words(calm))


def test_the_groups_are_whole(result):
    table = chapter.groups_table(result)
    assert table.loc["provinces"].sum() == 31 and table.loc["provinces", "West"] == 12
    for row in ("residents, % of all", "GDP, % of all"):
        assert table.loc[row].sum() == pytest.approx(100)
    assert (table.loc["lowest member"] <= table.loc["GDP per head, yuan"]).all()
    assert (table.loc["highest member"] >= table.loc["GDP per head, yuan"]).all()
    assert table.loc["real growth as published, %", "West"] == 5.5


def test_another_border(result):
    found, panel = chapter.border_facts(result), result.study.panel()
    now = panel["gdp"].xs(2023, level="year")
    ten = result.study.regions.index[(result.study.regions["group"] == "west")].drop(["15", "45"])
    assert len(ten) == 10 and found["older_share"] == f"{now[ten].sum() / now.sum():.1%}"
    scores = result.systems["nqp"].xs(2023, level="year")
    west = scores[result.study.regions["group"] == "west"]
    assert found["moved_focus"] == f"{west.drop(west.idxmax()).median():.2f}"


def test_the_figure_has_words_and_values(result, complete):
    figure = chapter.moved_figure(result)
    complete(figure)
    assert "price is largest in" in figure.alt and len(figure.values) == 11


def test_a_study_without_money_says_so(rivers):
    for name in ("moved_figure", "moved_words", "side_by_side", "members_words"):
        found = getattr(chapter, name)(rivers)
        assert isinstance(found, Prose) and "This study has no" in str(found)
    assert chapter.border_facts(rivers)["older_share"] == "–"


def test_income_is_named_only_where_every_region_has_it(study):
    gap = study.figures.eval("series == @chapter.INCOME and code == '62' and year == 2023")
    words = str(chapter.members_words(evaluate(replace(study, figures=study.figures[~gap]))))
    assert "households can spend" not in words and "times as much per head" in words
