"""The chapter on data: flags are those of the evaluation, stocks are rebuilt by hand, the planted error is found."""


import pytest

from nqpkit.chapters import data_traps as chapter
from nqpkit.wording import Prose


def test_figures_have_words_and_values(result, rivers, complete):
    for figure in (chapter.gaps_map(result), chapter.jumps(result), chapter.gaps_map(rivers)):
        complete(figure)


def test_flags_are_those_of_the_evaluation(result):
    tidy = chapter.flagged(result)
    assert len(tidy) == result.indicators.size
    assert tidy["bridged"].sum() == result.bridged.to_numpy().sum()
    assert tidy["missing"].sum() == result.indicators.isna().to_numpy().sum() == 2
    mark = chapter.scored_marks(result).query("series == 'software_revenue'").iloc[0]
    assert tidy.loc[(mark["code"], mark["year"], "software_revenue"), "marked"]
    found = chapter.facts(result)
    assert found["bridged"] == tidy["bridged"].sum() and found["marked"] == tidy["marked"].sum()


def test_a_study_without_marks_or_money_says_so(rivers):
    found = chapter.facts(rivers)
    assert (found["bridged"], found["marked"], found["most_marked"]) == (1, 0, "none")
    assert found["certified_focus"] == found["planted_name"] == found["basic_first"] == "–"
    for name in ("jumps", "marks_table", "certified", "basic_research"):
        assert isinstance(getattr(chapter, name)(rivers), Prose)


def test_the_stock_is_three_flows_over_residents(result):
    panel = result.study.panel()
    west = result.study.regions.index[result.study.regions["group"] == "west"]
    flows = panel["hightech_enterprises_recognised"].unstack("year").loc[west, [2019, 2020, 2021]].to_numpy().sum()
    people = panel["population"].xs(2021, level="year")[west].sum()
    table = chapter.certified_table(result)
    assert table.loc["West", "per 10,000 residents"] == pytest.approx(flows / people)
    assert chapter.facts(result)["certified_focus"] == "0.95" and chapter.facts(result)["certified_all"] == "2.38"


def test_the_planted_error_is_found_by_the_way_of_the_solution(result):
    study = result.study
    total = chapter._total(study)
    spoiled = chapter.with_error(study).panel()[total["series"]].xs(total["year"], level="year")
    own = spoiled[study.regions["group"] == total["group"]]
    excess = own.sum() - total["value"]
    found = (own / 10 - excess / 9).abs().idxmin()
    assert found == chapter.planted_code(study)
    assert study.regions.loc[found, "name"] == chapter.facts(result)["planted_name"]


def test_who_leads_in_basic_research_is_named_with_the_money(result):
    table, found = chapter.basic_table(result), chapter.facts(result)
    assert table.iloc[0, 0] == table.iloc[:, 0].max() and found["basic_first"] == table.index[0]
    assert found["basic_rank"] == (table.iloc[:, 1] > table.iloc[0, 1]).sum() + 1
