"""The chapter on the region: shares, heads and speeds from the figures, left out in words where there are none."""

from dataclasses import replace

import pytest

from nqpkit import evaluate
from nqpkit.chapters import region as chapter
from nqpkit.wording import Prose

FIGURES = ["dashboard", "share_figure", "head_figure", "speed_figure"]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_words_and_values(result, name, complete):
    complete(getattr(chapter, name)(result))


def test_a_study_without_money_says_so_and_keeps_the_rest(rivers):
    assert chapter.dashboard(rivers).values.shape == (3, 4)
    for name in ("share_figure", "head_figure", "speed_figure", "denominators", "head_words", "share_words",
                 "speed_words"):
        found = getattr(chapter, name)(rivers)
        assert isinstance(found, Prose) and "This study has no" in str(found)
    assert str(chapter.case_words(rivers)).endswith("by water.")
    found = chapter.facts(rivers)
    assert found["share_sum"] == found["head_ratio"] == "–" and found["focus_count"] == 3


def test_the_published_shares(result):
    found = chapter.facts(result)
    assert (found["share_sum"], found["share_nation"]) == ("21.53%", "21.37%")
    assert (found["head_ratio"], found["head_lowest"]) == ("0.612", "Northeast")
    totals = chapter.denominator_table(result)["numerator"]
    assert totals.iloc[0] == 269_325, "as the communiqué gives it"
    assert "The paper's figure fits" in str(chapter.share_words(result))


def test_speed_is_the_growth_of_the_sum_at_constant_prices(result):
    panel, table = result.study.panel(), chapter.speeds(result)
    west = result.study.regions.index[result.study.regions["group"] == "west"]
    before = panel["gdp_pre5ec"].xs(2020, level="year")[west]
    after = before * panel["gdp_index"].xs(2021, level="year")[west] / 100
    assert table.loc[2021, "west"] == pytest.approx(100 * (after.sum() / before.sum() - 1))
    assert "West is ahead, by 0.1 points" in str(chapter.speed_words(result))


def test_the_sentence_on_speed_flips_with_the_published_rate(result):
    claims = dict(result.study.claims)
    claims["claims"] = [claim if claim["id"] != "S35" else claim | {"published": claim["published"] | {"west": 5.1}}
                        for claim in claims["claims"]]
    words = str(chapter.speed_words(replace(result, study=replace(result.study, claims=claims))))
    assert "West is behind, by 0.3 points" in words


def test_the_sentence_on_the_gap_flips_with_the_figures(study):
    def turned(figures):
        east = figures["code"].isin(study.regions.index[study.regions["group"] == "east"])
        last = figures["year"] == figures.loc[figures["series"] == "gdp", "year"].max()
        return figures.assign(value=figures["value"].where(~(east & last & (figures["series"] == "gdp")),
                                                           figures["value"] * 3))
    assert "has narrowed" in str(chapter.head_words(evaluate(study)))
    assert "has widened" in str(chapter.head_words(evaluate(replace(study, figures=turned(study.figures)))))


def test_groups_are_compared_by_their_medians(result):
    medians = result.dimensions.xs(2023, level="year").groupby(result.study.regions["group"]).median()
    lowest = [name for name in medians if (medians.loc["west", name] <= medians[name]).all()]
    assert chapter.lowest_dimensions(result) == lowest
