"""Characteristic industries: quotients by definition, figures with honest words, facts that follow the figures."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.text import Text

from nqpkit.chapters import clusters, gaps


def test_a_quotient_is_a_share_over_a_share(result):
    panel = result.study.panel().xs(2023, level="year")
    software, gdp = panel["software_revenue"], panel["gdp"]
    by_hand = software["52"] / software.sum() / (gdp["52"] / gdp.sum())
    assert clusters.location_quotients(result).loc["52", "Software"] == pytest.approx(by_hand)


def test_weighted_by_size_the_quotients_average_to_one(result):
    quotients = clusters.location_quotients(result)
    gdp = result.study.panel().xs(2023, level="year")["gdp"]
    for industry, column in quotients.drop(columns="Farming").items():
        known = column.dropna()
        assert (known * gdp[known.index]).sum() / gdp[known.index].sum() == pytest.approx(1), industry


def test_a_missing_figure_stays_missing_and_leaves_the_sums(result):
    year = clusters.location_quotients(result, 2021)
    assert pd.isna(year.loc["15", "Software"]) and year["Software"].notna().sum() == 30
    assert clusters.location_quotients(result, 2017)["High-tech making"].isna().all(), "no table for 2017"


@pytest.mark.parametrize("maker", ["quotient_map", "quotient_lines", "power_and_use"])
@pytest.mark.parametrize("region", ["guizhou", "inner-mongolia"])
def test_figures_carry_words_and_numbers(result, maker, region):
    figure = getattr(clusters, maker)(result, region)
    assert "Source: " in figure.caption and figure.caption.endswith("own computation.")
    assert "nan" not in figure.alt.lower() and len(figure.alt) > 100
    assert figure.png() == getattr(clusters, maker)(result, region).png()


def test_alt_text_names_the_true_extremes(result):
    figure = clusters.quotient_map(result, "guizhou")
    place, industry = figure.values.stack().idxmax()
    assert f"Highest: {industry.lower()} in {place}" in figure.alt
    assert "Guizhou" in figure.values.index and len(figure.values) == 12


def test_a_figure_that_falls_turns_the_sentence(result):
    study = result.study
    figures = study.figures.copy()
    cell = (figures["code"] == "52") & (figures["series"] == "software_revenue") & (figures["year"] == 2023)
    assert cell.sum() == 1 and clusters.facts(result)["guizhou_software_verb"] == "rose"
    figures.loc[cell, "value"] = 20.0
    turned = clusters.facts(replace(result, study=replace(study, figures=figures)))
    assert turned["guizhou_software_verb"] == "fell" and float(turned["guizhou_software"]) < 0.1


def test_names_beside_dots_cover_neither_each_other_nor_run_twice(result):
    drawing = clusters.power_and_use(result, "guizhou").drawing
    drawing.canvas.draw()
    texts = [t for t in drawing.axes[0].texts if t.get_text()]
    boxes = [Text.get_window_extent(t) for t in texts]  # without the hairlines
    assert len(texts) == 12
    clashes = [(a.get_text(), b.get_text()) for k, a in enumerate(texts) for m, b in enumerate(texts)
               if k < m and boxes[k].overlaps(boxes[m])]
    assert not clashes


def test_the_lever_table_says_who_decides_and_what_it_takes(result):
    html = gaps.lever_table(result, "guizhou", "innovation")
    assert html.count("<tr id=") == 4 and "provincial budget" in html and "billion yuan" in html
    assert "100 million" not in html, "no factor hides in a unit"
    reached = gaps.lever_table(result, "shaanxi", "innovation")
    assert "it stands there already" in reached, "Shaanxi sells more contracts than the eastern median"


def test_against_reference_reads_the_indicator(result):
    figure = gaps.against_reference(result, "rd_intensity", "guizhou")
    east = result.study.regions.index[result.study.regions["group"] == "east"]
    now = result.indicators["rd_intensity"].xs(2023, level="year")
    assert figure.values["reference"].iloc[0] == pytest.approx(now[east].median())
    assert figure.values.loc["Guizhou", "value"] == now["52"]
    assert figure.values["value"].is_monotonic_decreasing and "0 of 12" in figure.alt


def test_leaving_the_leader_out_of_both_sums(result):
    panel = result.study.panel().xs(2023, level="year").drop(index="11")
    by_hand = panel.loc["52", "software_revenue"] / panel["software_revenue"].sum() / (
        panel.loc["52", "gdp"] / panel["gdp"].sum())
    assert clusters.quotient_without(result, "guizhou", "beijing") == pytest.approx(by_hand)
