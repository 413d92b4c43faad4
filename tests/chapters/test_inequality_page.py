"""The chapter on inequality: figures for any study, facts that agree with the methods, words that flip."""

from dataclasses import replace

import numpy as np
import pytest

from nqpkit.chapters import inequality as chapter
from nqpkit.wording import Prose

FIGURES = ["sigma_figure", "beta_figure", "density_figure", "dagum_figure", "markov_figure", "moran_figure"]


@pytest.mark.parametrize("study_name", ["result", "rivers"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_words_and_values(request, study_name, name, complete):
    found = getattr(chapter, name)(request.getfixturevalue(study_name))
    if (study_name, name) == ("rivers", "moran_figure"):
        assert isinstance(found, Prose) and "borders" in str(found)
        return
    complete(found)


def test_facts_are_those_of_the_scores(result):
    found, scores = chapter.facts(result), result.systems["nqp"].unstack("year")
    assert found["sd_last"] == f"{scores[2023].std():.2f}" and found["case_rank_last"] == result.scores.loc[
        ("62", 2023), "rank_nqp"]
    assert found["cv_last"] == f"{scores[2023].std() / scores[2023].mean():.2f}"
    gini = np.abs(np.subtract.outer(scores[2023].to_numpy(), scores[2023].to_numpy())).mean() / scores[2023].mean() / 2
    assert found["gini_last"] == f"{gini:.3f}"
    parts = chapter.dagum_parts(result)
    assert parts[["within", "net_between", "transvariation"]].sum(axis=1).to_numpy() == pytest.approx(
        parts["total"].to_numpy())


def test_facts_hold_for_another_study(rivers):
    found = chapter.facts(rivers)
    assert "no GDP per head" in found["money"] and found["of"] == 9
    assert "no GDP" not in str(chapter.beta_words(rivers)) and "slope" in str(chapter.beta_words(rivers))


def test_words_flip_when_the_years_are_turned_round(result):
    assert chapter.facts(result)["cv_verb"] == "falls"
    years = result.study.years
    turned = result.systems.rename(index=dict(zip(years, reversed(years), strict=True)), level="year").sort_index()
    found = chapter.facts(replace(result, systems=turned))
    assert found["cv_verb"] == found["gini_verb"] == "rises"


def test_moves_are_counted_once_each(result):
    grades = result.coupling["grade"].cat.codes.unstack("year").to_numpy()
    step = np.diff(grades, axis=1)
    words = str(chapter.markov_words(result))
    assert f"{(step == 0).sum()} keep the grade; {(step > 0).sum()} lead up, {(step < 0).sum()} down" in words


def test_morans_i_is_the_slope_of_the_cloud(result):
    values = chapter.moran_figure(result).values
    slope = (values["z"] * values["neighbours"]).sum() / (values["z"] ** 2).sum()
    assert f"Moran's I is {slope:.2f}" in str(chapter.moran_words(result))
