"""The pipeline as a whole: published orders of size, hand calculations of single cells, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from nqpkit import InputError, evaluate
from nqpkit.scoring import AGGREGATES, WEIGHTS
from nqpkit.uncertainty import rank_intervals


def test_one_cell_from_figures_to_score_by_hand(study, result):
    """R&D intensity of Gansu 2023: winsorised at the pooled 2.5 and 97.5 percentiles, then min–max of what is left."""
    values = result.indicators["rd_intensity"]
    low, high = values.quantile(0.025), values.quantile(0.975)
    z = (np.clip(values[("62", 2023)], low, high) - low) / (high - low)
    assert result.normalised.loc[("62", 2023), "rd_intensity"] == pytest.approx(z)
    assert result.goalposts["rd_intensity"].tolist() == pytest.approx([low, high])


def test_logged_and_reversed_cell_by_hand(result):
    logged = np.log(result.indicators["electricity_intensity"])
    low, high = logged.quantile(0.025), logged.quantile(0.975)
    z = 1 - (np.clip(logged[("64", 2020)], low, high) - low) / (high - low)
    assert result.normalised.loc[("64", 2020), "electricity_intensity"] == pytest.approx(z)


def test_scores_by_hand(result):
    cell = ("62", 2023)
    z, d = result.normalised.loc[cell], result.dimensions.loc[cell]
    industry = ["hightech_revenue", "hightech_firms", "software_revenue", "ecommerce_sales", "knowledge_services_jobs"]
    assert d["industry"] == pytest.approx(z[industry].mean())
    nqp = (d["industry"] * d["technology"] * d["factors"]) ** (1 / 3)
    assert result.systems.loc[cell, "nqp"] == pytest.approx(nqp)
    hqed = np.prod(d[["innovation_yield", "coordination", "green", "openness", "sharing"]].to_numpy()) ** 0.2
    c = np.sqrt((1 - abs(nqp - hqed)) * min(nqp, hqed) / max(nqp, hqed))
    assert result.coupling.loc[cell, "coordination"] == pytest.approx(np.sqrt(c * (nqp + hqed) / 2))


def test_two_missing_cells_leave_the_dimension_to_its_other_indicators(result):
    z = result.normalised.loc[("54", 2016), ["rd_intensity", "invention_patents", "new_product_spending",
                                             "fiscal_science_share"]]
    assert result.dimensions.loc[("54", 2016), "technology"] == pytest.approx(z.mean())


def test_the_structure_that_a_first_review_found_still_stands(result):
    """Correlation of the two scores 0.945 in 2023, Beijing first, Tibet last of 31 on NQP, Qinghai on HQED."""
    year = result.systems.xs(2023, level="year")
    assert year.corr().iloc[0, 1] == pytest.approx(0.945, abs=0.005)
    table = result.table(2023).set_index("slug")
    assert table.loc["beijing", ["rank_nqp", "rank_hqed"]].tolist() == [1, 1]
    assert table.loc["tibet", "rank_nqp"] == 31 and table.loc["qinghai", "rank_hqed"] == 31


def test_ranks_are_permutations_and_shares_sum_to_one(result):
    for year in result.study.years:
        table = result.table(year)
        for column in ("rank_nqp", "rank_hqed", "rank_coordination"):
            assert sorted(table[column]) == list(range(1, 32))
    shares = result.dilemmas["share"].unstack()
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    gaps = result.dilemmas["gap"].unstack().sum(axis=1)
    assert np.isclose(gaps, 1).sum() + np.isclose(gaps, 0).sum() == len(gaps)


def test_dilemmas_sum_their_indicators(result):
    own = result.obstacles.xs(("62", 2023))
    talent = ["undergraduates", "rd_staff", "net_migration"]
    line = result.dilemmas.loc[("62", 2023, "high_level_talent")]
    assert line["share"] == pytest.approx(own.loc[talent, "share"].sum())
    assert line["relative"] == pytest.approx(own.loc[talent, "share"].sum() / (3 / 15))
    assert line["gap"] == pytest.approx(own.loc[talent, "gap"].sum() / own["gap"].sum())


def test_the_reference_group_is_the_east(result):
    assert result.reference_group == "east"
    z = result.normalised["rd_intensity"].xs(2023, level="year")
    east = result.study.regions.index[result.study.regions["group"] == "east"]
    assert result.reference(result.normalised).loc[("62", 2023), "rd_intensity"] == pytest.approx(z[east].median())


@pytest.mark.parametrize("weights", list(WEIGHTS))
@pytest.mark.parametrize("aggregate", list(AGGREGATES))
def test_every_named_option_scores_every_region(study, weights, aggregate):
    result = evaluate(study, weights=weights, aggregate=aggregate)
    assert result.systems.notna().all(axis=None) and ((result.systems >= 0) & (result.systems <= 1)).all(axis=None)
    sums = result.weights.groupby("system")["weight"].sum()
    assert sums.to_numpy() == pytest.approx(1)
    assert result.weights.groupby("dimension")["within"].sum().to_numpy() == pytest.approx(1)


def test_topsis_on_one_indicator_set_by_hand(study):
    result = evaluate(study, aggregate="topsis")
    z = result.normalised.loc[("11", 2023)][result.weights.index[result.weights["system"] == "nqp"]]
    best, worst = np.sqrt(((1 - z) ** 2).sum()), np.sqrt((z**2).sum())
    assert result.systems.loc[("11", 2023), "nqp"] == pytest.approx(worst / (best + worst))


def test_given_weights_are_used_by_label(study, result):
    names = list(result.weights.index)
    weights = pd.Series(1.0, index=names[::-1])
    weights["rd_intensity"] = 0
    scored = evaluate(study, weights=weights, aggregate="arithmetic")
    z = scored.normalised.loc[("62", 2023)][scored.weights.index[scored.weights["system"] == "nqp"]]
    assert scored.systems.loc[("62", 2023), "nqp"] == pytest.approx(z.drop("rd_intensity").mean())
    with pytest.raises(InputError, match="'hightech_revenue' is missing"):
        evaluate(study, weights={"rd_intensity": 1.0})


@pytest.mark.parametrize("variant", ["nqp_attributes", "nqp_factors"])
def test_alternative_sets(study, result, variant):
    """A first review put the rank correlations with the default at 0.973 and 0.985."""
    other = evaluate(study, indicators=variant)
    pd.testing.assert_frame_equal(other.systems, evaluate(study, framework=study.framework.variant(variant)).systems)
    ranks = [r.systems["nqp"].xs(2023, level="year").rank() for r in (result, other)]
    assert ranks[0].corr(ranks[1]) == pytest.approx({"nqp_attributes": 0.973, "nqp_factors": 0.985}[variant], abs=0.01)
    owner = {"nqp_attributes": ("green", "nqp"), "nqp_factors": ("labourers", "nqp")}[variant]
    assert other.framework.dimensions().loc[owner[0], "system"] == owner[1]


def test_weights_of_dimensions_are_carried_down_to_indicators(study, result):
    """Industry 0.5 over its five indicators is 0.1 each; the second system's, given as points, are 0.2 each."""
    second = [name for name in result.dimensions if name not in ("industry", "technology", "factors")]
    judged = {"industry": 0.5, "technology": 0.3, "factors": 0.2}
    scored = evaluate(study, weights=judged | dict.fromkeys(second, 0.2))
    own = scored.weights[scored.weights["dimension"] == "industry"]
    assert own["weight"].tolist() == pytest.approx([0.1] * 5)
    d = result.dimensions.loc[("62", 2023)]
    assert scored.systems.loc[("62", 2023), "nqp"] == pytest.approx(
        np.prod([d[name] ** weight for name, weight in judged.items()]))
    pd.testing.assert_series_equal(scored.systems["hqed"], result.systems["hqed"])


def test_weights_may_sum_to_one_in_each_system_or_over_all(study, result):
    w = result.weights["weight"]
    for given in (w, w / 2, w * 100):
        pd.testing.assert_frame_equal(evaluate(study, weights=given).systems, result.systems)


def test_pooled_ranks_and_z_scores_by_hand(study, result):
    """Gansu's R&D intensity in 2023: its place among all 248 cells, and Φ of its distance to their mean."""
    treated = result.treated["rd_intensity"]
    value = treated[("62", 2023)]
    place = ((treated < value).sum() + ((treated == value).sum() - 1) / 2) / 247
    assert evaluate(study, normalise="rank").normalised.loc[("62", 2023), "rd_intensity"] == pytest.approx(place)
    z = (value - treated.mean()) / treated.std()
    found = evaluate(study, normalise="zscore").normalised.loc[("62", 2023), "rd_intensity"]
    assert found == pytest.approx(norm.cdf(z))


@pytest.mark.parametrize("normalise", ["pooled", "year", "rank", "zscore"])
def test_direction_turns_a_scale_around(study, normalise):
    z = evaluate(study, normalise=normalise)
    treated = z.treated["electricity_intensity"].xs(2023, level="year")
    assert (z.normalised["electricity_intensity"].xs(2023, level="year").rank() == (-treated).rank()).all()


def test_obstacles_of_dimensions_are_the_sums_of_their_indicators(result):
    own = result.obstacles.xs(("62", 2023))
    found = result.dimension_obstacles.xs(("62", 2023))
    for name, rows in result.weights[result.weights["system"] == "nqp"].groupby("dimension"):
        assert found.loc[name, "share"] == pytest.approx(own.loc[rows.index, "share"].sum())
        assert found.loc[name, "relative"] == pytest.approx(own.loc[rows.index, "share"].sum() / rows["weight"].sum())
        assert found.loc[name, "gap"] == pytest.approx(own.loc[rows.index, "gap"].sum() / own["gap"].sum())


def test_one_region_alone_scores_and_says_that_it_has_no_ranks(study):
    alone = small(study, study.regions.index == "62", study.years)
    result = evaluate(alone, aggregate="arithmetic")
    assert result.systems.notna().all(axis=None) and (result.scores["rank_nqp"] == 1).all()
    with pytest.raises(InputError, match="two regions with complete scores"):
        rank_intervals(result)


def test_one_year_scores_and_one_cell_is_refused(study):
    year = evaluate(small(study, study.regions.index > "", [2023]))
    assert year.table(2023)["coordination"].between(0, 1).all()
    with pytest.raises(InputError, match="has the same value everywhere: it cannot be normalised"):
        evaluate(small(study, study.regions.index == "62", [2023]))


def test_order_of_figures_and_regions_and_units_of_a_series_do_not_matter(study, result):
    """Rows shuffled, regions turned around, and software revenue counted in yuan."""
    figures = study.figures.sample(frac=1, random_state=4)
    figures = figures.assign(value=figures["value"].where(figures["series"] != "software_revenue",
                                                          figures["value"] * 1e8))
    other = evaluate(replace(study, figures=figures, regions=study.regions.iloc[::-1]))
    for frame in ("normalised", "systems"):
        one, two = getattr(result, frame), getattr(other, frame).reindex(getattr(result, frame).index)
        assert two.to_numpy() == pytest.approx(one.to_numpy(), abs=1e-9, nan_ok=True)
    assert (other.coupling["grade"].reindex(result.coupling.index) == result.coupling["grade"]).all()


def small(study, keep, years):
    """The study with some of its regions, scored in some of its years."""
    framework = replace(study.framework, years=(years[0], years[-1]))
    return replace(study, regions=study.regions[keep], framework=framework,
                   figures=study.figures[study.figures["code"].isin(study.regions.index[keep])])


def test_no_raw_series_stands_in_the_numerator_of_both_systems(study):
    formulas, table = study.framework.formulas(), study.framework.indicators()
    sides = [set().union(*(formulas[i].numerator for i in rows)) for _, rows in table.groupby("system").groups.items()]
    assert sides[0].isdisjoint(sides[1])


def test_peers_are_the_nearest_in_dimension_scores(result):
    frame = result.dimensions.xs(2023, level="year")
    distance = ((frame - frame.loc["62"]) ** 2).sum(axis=1).drop("62") ** 0.5
    assert list(result.peers("gansu").index) == list(distance.sort_values().index[:4])


@pytest.mark.parametrize(("call", "message"), [
    (lambda s, r: evaluate(s, weights="entropi"), "no weighting 'entropi'. Known: equal, entropy"),
    (lambda s, r: evaluate(s, aggregate="median"), "no aggregation 'median'. Known: geometric"),
    (lambda s, r: evaluate(s, coupling="usual"), "no form of coupling 'usual'. Known: modified"),
    (lambda s, r: evaluate(s, normalise="week"), "no range of normalisation 'week'"),
    (lambda s, r: evaluate(s, winsorise=0.5), "no way to winsorise '0.5'"),
    (lambda s, r: evaluate(s, winsorise="skew"), "no way to winsorise 'skew'. Give the share"),
    (lambda s, r: evaluate(s, indicators="nqp"), "no indicator set 'nqp'. Known: default, nqp_attributes"),
    (lambda s, r: evaluate(s, weights={"industry": 1}), "'technology' is missing"),
    (lambda s, r: evaluate(s, weights=r.weights["weight"] * 0.7), "sum to 0.7, not to 1"),
    (lambda s, r: evaluate(s, weights=r.weights["weight"].where(r.weights["system"] == "nqp", 0)), "sum to zero"),
    (lambda s, r: evaluate(s, weights=r.weights["weight"].rename({"rd_intensity": "beer"})), "'rd_intensity' is mis"),
    (lambda s, r: r.table(1999), "year 1999 is not scored.*2016 to 2023"),
    (lambda s, r: r.region("gunsu"), "no province 'gunsu'.*Did you mean 'gansu'.*Known: beijing"),
    (lambda s, r: s.framework.variant("x"), "no alternative indicator set 'x'"),
])
def test_bad_input_is_named(study, result, call, message):
    with pytest.raises(InputError, match=message):
        call(study, result)


def test_names_in_every_form_find_the_region(study):
    assert {study.resolve(name) for name in ("gansu", "Gansu", "甘肃", "甘肃省", "62", " 62 ")} == {"62"}
