"""The chapter on coupling: its facts hold against closed forms and flip with the figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nqpkit.chapters import coupling as chapter

FIGURES = ["plane", "saturation", "misprints", "against_chance"]


@pytest.mark.parametrize("study_name", ["result", "rivers"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_words_and_values(request, study_name, name, complete):
    complete(getattr(chapter, name)(request.getfixturevalue(study_name)))


def test_chance_is_what_geometry_says():
    chance = chapter.chance_pairs()
    assert chance.mean().tolist() == pytest.approx([0.5, 0.5], abs=1e-3)
    shares = {form: (chapter.cpl.coupling_degree(chance, form) >= chapter.HIGH).mean() for form in chapter.cpl.FORMS}
    # standard: neither score over four times the other; fan: the scores within 0.2
    assert shares["standard"] == pytest.approx(3 / 4, abs=0.01)
    assert shares["fan"] == pytest.approx(1 - 0.8**2, abs=0.01)
    assert shares["modified"] < shares["fan"] < shares["standard"]


def test_facts_speak_of_the_region_followed_and_of_all(result):
    found = chapter.facts(result)
    now = result.coupling.xs(2023, level="year")
    assert found["d_modified"] == f"{now.loc['62', 'coordination']:.2f}"
    assert found["above"] + found["inside"] + found["below"] == found["of"] == 31
    assert found["above"] == (now["coordination"] > now["random_high"]).sum()
    assert (found["toy_apart_c_standard"], found["toy_apart_d_modified"]) == ("0.866", "0.468")
    assert abs(float(found["level_mean_one"]) - float(found["level_mean_other"])) <= chapter.ALIKE
    assert float(found["level_d_one"]) > float(found["level_d_other"])


def test_another_study_gets_its_own_words(rivers):
    found = chapter.facts(rivers)
    assert found["level_one"] in set(rivers.study.regions["name"]) and found["of"] == 9
    assert "water lags" in found["lags"] or "life lags" in found["lags"] or "in step" in found["lags"]
    assert "no GDP per head" in str(chapter.income_words(rivers))


def test_the_sentence_on_chance_flips_with_the_scores(result):
    for scores, word in (((0.6, 0.6), "above"), ((0.6, 0.4), "inside"), ((0.6, 0.001), "below")):
        systems = result.systems.copy()
        systems.loc[("62", 2023)] = scores
        assert chapter.facts(replace(result, systems=systems))["case_chance"] == word


def test_what_income_leaves_is_the_partial_correlation(result):
    found = chapter.income(result)
    data = chapter.pair(result).assign(size=np.log(result.indicators["gdp_per_head"].xs(2023, level="year")))
    r = data.corr().to_numpy()
    partial = (r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    assert found["left"] == pytest.approx(partial, abs=1e-9) and found["raw"] == pytest.approx(r[0, 1])
    assert f"{partial:.2f} is left" in str(chapter.income_words(result))


def test_an_indicator_in_both_systems_by_hand(result):
    found = chapter.shared_indicator(result)
    z = result.normalised.loc[("62", 2023)]
    labels = result.framework.indicators()["label"]
    (name,) = labels.index[labels.str.lower() == found["label"].lower()]
    home = result.weights.index[result.weights["dimension"] == "innovation_yield"]
    dimensions = result.dimensions.loc[("62", 2023)].copy()
    dimensions["innovation_yield"] = z[[*home, name]].mean()
    second = np.exp(np.log(dimensions[["innovation_yield", "coordination", "green", "openness", "sharing"]]).mean())
    u = pd.DataFrame({"nqp": [result.systems.loc[("62", 2023), "nqp"]], "hqed": [second]})
    assert found["d_after"] == f"{chapter.cpl.coordination_degree(u).item():.3f}"


