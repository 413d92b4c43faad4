"""Indicators of the built-in study against published figures, and the policy on missing cells."""

import numpy as np
import pandas as pd
import pytest

from nqpkit.errors import InputError
from nqpkit.indicators import Indicators, bridge, compute_indicators


def test_bridging_fills_single_gaps_only():
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, np.nan, np.nan, 6.0, np.nan]}, index=range(2015, 2022))
    assert bridge(frame)["a"].tolist() == pytest.approx([1, 2, 3, np.nan, np.nan, 6, np.nan], nan_ok=True)


def test_national_r_and_d_intensity_is_the_published_one(study):
    """Sum of provincial R&D over the sum of provincial GDP: 2.58 % in 2023 after the census revision (R&D bulletin)."""
    year = study.panel().xs(2023, level="year")
    assert year["rd_expenditure"].sum() / year["gdp"].sum() * 0.01 == pytest.approx(2.58, abs=0.03)


def test_intensity_equals_the_bulletins_after_the_census(study, result):
    """The bulletin of 2024 prints intensities for 2023 on the revised GDP; ours must round to them."""
    published = study.panel()["rd_intensity_after_5th_census"].xs(2023, level="year")
    ours = result.indicators["rd_intensity"].xs(2023, level="year")
    assert (ours - published).abs().max() < 0.006


def test_urbanisation_and_income_pass_through(study, result):
    panel = study.panel()
    rate = panel.loc[("62", 2023), "urbanization_rate"]
    assert result.indicators.loc[("62", 2023), "urbanisation"] == rate
    by_hand = panel.loc[("62", 2023), "gdp"] / panel.loc[("62", 2023), "population"] * 10000
    assert result.indicators.loc[("62", 2023), "gdp_per_head"] == pytest.approx(by_hand)


def test_net_migration_by_hand(study, result):
    p = study.panel().loc["62"]
    rates = [(p.loc[y, "population"] / p.loc[y - 1, "population"] - 1) * 1000
             - p.loc[y, "natural_population_growth_rate"] for y in (2021, 2022, 2023)]
    assert result.indicators.loc[("62", 2023), "net_migration"] == pytest.approx(np.mean(rates))


def test_bridged_partial_and_missing_cells_are_the_stated_ones(study, result):
    bridged, partial, missing = result.raw.bridged, result.raw.partial, result.indicators.isna()
    assert bridged["hightech_revenue"].sum() == 31
    assert set(bridged.index[bridged["hightech_revenue"]].get_level_values("year")) == {2017}
    assert list(bridged.index[bridged["software_revenue"]]) == [("15", 2021)]
    assert list(missing.index[missing["contracts_sold"]]) == [("54", 2016), ("54", 2017)]
    assert missing.to_numpy().sum() == 2
    assert list(partial.index[partial["contracts_sold"]]) == [("54", 2018)]


def test_companions_keep_their_years(study):
    companions = compute_indicators(study, companions=True).values
    firms = companions["certified_hightech_firms"].dropna()
    assert set(firms.index.get_level_values("year")) == {2020, 2021, 2022, 2023}
    west = study.regions.index[study.regions["group"] == "west"]
    people = study.panel()["population"].xs(2021, level="year")[west]
    mean = (firms.xs(2021, level="year")[west] * people).sum() / people.sum()
    assert mean == pytest.approx(0.946, abs=0.01)  # the paper prints 0.9 for 2021


def test_a_logarithm_of_zero_names_the_cell():
    index = pd.MultiIndex.from_tuples([("62", 2020), ("62", 2021)], names=["code", "year"])
    frame = pd.DataFrame({"x": [1.0, 0.0]}, index=index)
    with pytest.raises(InputError, match="'x' scores a logarithm, but is 0 for region 62 in 2021"):
        Indicators(frame, frame > 9, frame > 9).logged(pd.Series({"x": "log"}))
