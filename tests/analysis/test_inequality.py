"""Gini, Theil and Dagum against published numbers, PySAL and closed forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.analysis.inequality import dagum, gini, theil
from nqpkit.errors import InputError

people = st.lists(st.tuples(st.floats(0.01, 1000), st.sampled_from("abc"), st.floats(0.1, 100)), min_size=2,
                  max_size=25).filter(lambda rows: len({group for _, group, _ in rows}) > 1)


def columns(rows):
    y, group, weight = zip(*rows, strict=True)
    return pd.Series(y), pd.Series(group), pd.Series(weight)


def mexico():
    libpysal = pytest.importorskip("libpysal")
    return pd.read_csv(libpysal.examples.get_path("mexico.csv")).set_index("State")


def test_gini_of_the_published_case(case):
    known = case("gini_individual")
    assert gini(known["inputs"]["y"]) == pytest.approx(known["expected"]["gini"], abs=known["tol"])


def test_gini_with_populations_equals_the_gini_of_the_people():
    """Two regions, one person at 1 and three at 5: G = 2·(1·3)·4 / (2·16·4) = 24/128."""
    assert gini([1, 5], weights=[1, 3]) == pytest.approx(24 / 128, abs=1e-12)
    assert gini([1, 5, 5, 5]) == pytest.approx(24 / 128, abs=1e-12)


def test_theil_of_the_published_case(case):
    known = case("theil_T_decomposition")
    parts = theil(known["inputs"]["y"], known["inputs"]["group"])
    want = known["expected"]
    assert [parts.total, parts.between, parts.within] == pytest.approx([want["T"], want["Tb"], want["Tw"]],
                                                                       abs=known["tol"])
    assert parts.groups["theil"].to_dict() == pytest.approx(want["group_T"], abs=known["tol"])
    shares = parts.groups["contribution"] / parts.total
    assert shares.to_dict() == pytest.approx({g: want["share"][g] for g in "AB"}, abs=2e-7)


def test_theil_of_crossed_groups_adds_up_where_a_peer_does_not(case):
    known = case("theil_cross_bug")
    i, want = known["inputs"], known["expected"]
    head = pd.Series(i["y"])
    parts = theil(head, [i["g1"], i["g2"]], weights=i["pop"])
    assert parts.total == pytest.approx(want["correct_T"], abs=known["tol"])
    assert parts.between == pytest.approx(want["Tb"], abs=known["tol"])
    assert parts.levels.sum() == pytest.approx(want["correct_T"], abs=known["tol"])
    assert abs(parts.total - want["peer_printed_T"]) > 1e-3


def test_theil_and_gini_agree_with_pysal():
    peer = pytest.importorskip("inequality")
    data = mexico()
    y, regions = data["pcgdp1990"], data["hanson98"]
    assert gini(y) == pytest.approx(peer.gini.Gini(y.to_numpy()).g, abs=1e-12)
    split = peer.theil.TheilD(y.to_numpy(), regions.to_numpy())
    parts = theil(y, regions)
    assert [parts.total, parts.between, parts.within] == pytest.approx(
        [float(np.ravel(split.T)[0]), float(np.ravel(split.bg)[0]), float(np.ravel(split.wg)[0])], abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(people)
def test_random_people_agree_with_pysal(rows):
    peer = pytest.importorskip("inequality")
    y, group, _ = columns(rows)
    assert gini(y) == pytest.approx(peer.gini.Gini(y.to_numpy()).g, abs=1e-9)
    split = peer.theil.TheilD(y.to_numpy(), group.to_numpy())
    assert theil(y, group).between == pytest.approx(float(np.ravel(split.bg)[0]), abs=1e-9)


def test_dagum_of_the_peer_case(case):
    known = case("dagum_18people")
    parts = dagum(known["inputs"]["y"], known["inputs"]["group"])
    want = known["expected"]
    assert [parts.total, parts.within, parts.net_between, parts.transvariation] == pytest.approx(
        [want["G"], want["Gw"], want["Gnb"], want["Gt"]], abs=known["tol"])


def test_dagum_pairs_hold_the_published_sums_of_differences(case):
    """Σ|x_i − x_k| inside and across regions, rebuilt from the Gini index of every group and pair."""
    known, data = case("pysal_gini_spatial"), mexico()
    parts = dagum(data["pcgdp1940"], data["hanson98"])
    g, n = parts.groups, len(data)
    inside = (g["gini"] * 2 * g["mean"] * (g["population_share"] * n) ** 2).sum()
    across = sum(2 * row["gini"] * (g.loc[j, "mean"] + g.loc[h, "mean"]) * g.loc[j, "population_share"]
                 * g.loc[h, "population_share"] * n**2 for (j, h), row in parts.pairs.iterrows())
    assert [inside, across] == pytest.approx([known["expected"]["wg"], known["expected"]["wcg"]], abs=1e-4)


def test_dagum_by_hand():
    """West 1, 3 and east 2, 6: means 2 and 4, Δ = (1 + 5 + 1 + 3)/4 = 2.5, G = 2.5/6, D = 2/2.5."""
    parts = dagum([1, 3, 2, 6], ["west", "west", "east", "east"])
    pair = parts.pairs.loc[("east", "west")]
    weight = 0.5 * 1 / 3 + 0.5 * 2 / 3
    assert pair["gini"] == pytest.approx(2.5 / 6)
    assert pair["affluence"] == pytest.approx(0.8)
    assert pair["transvariation"] == pytest.approx(2.5 / 6 * weight * 0.2)
    assert parts.groups["gini"].to_dict() == pytest.approx({"east": 0.25, "west": 0.25})


def test_groups_apart_have_no_transvariation():
    parts = dagum([1, 2, 10, 20], list("aabb"))
    assert parts.transvariation == pytest.approx(0, abs=1e-15)
    assert parts.pairs["affluence"].tolist() == [1]


@settings(deadline=None, max_examples=60)
@given(people)
def test_parts_sum_and_are_not_negative(rows):
    y, group, weight = columns(rows)
    d, t = dagum(y, group, weight), theil(y, group, weight)
    assert d.total == pytest.approx(gini(y, weight), abs=1e-9)
    assert min(d.within, d.net_between, d.transvariation) >= -1e-12
    assert d.pairs["affluence"].between(0, 1).all()
    assert t.between + t.within == pytest.approx(t.total, abs=1e-9)
    assert min(t.between, t.within) >= 0


@settings(deadline=None, max_examples=40)
@given(people, st.floats(0.1, 50), st.randoms(use_true_random=False))
def test_order_and_unit_do_not_matter(rows, unit, random):
    y, group, weight = columns(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    for one, other in ((dagum(y, group, weight), dagum(y.iloc[order] * unit, group, weight * 3)),
                       (theil(y, group, weight), theil(y.iloc[order] * unit, group, weight * 3))):
        assert one.total == pytest.approx(other.total, abs=1e-9)
        assert one.within == pytest.approx(other.within, abs=1e-9)


def test_nested_groups_add_level_by_level():
    y = pd.Series([4.0, 6, 9, 11, 1, 3, 2, 2], index=list("ABCDEFGH"))
    groups = pd.DataFrame({"side": list("eeeewwww"), "region": list("nnssnnss")}, index=y.index)
    levels = theil(y, groups).levels
    fine = theil(y, groups["side"] + groups["region"])
    assert list(levels.index) == ["between side", "between region", "within"]
    assert levels["within"] == pytest.approx(fine.within)
    assert levels["between side"] + levels["between region"] == pytest.approx(fine.between)
    assert levels["between side"] == pytest.approx(theil(y, groups["side"]).between)


def test_groups_find_their_regions_by_label():
    y = pd.Series([1.0, 2, 10], index=["a", "b", "c"])
    groups = pd.Series(["east", "west", "west"], index=["c", "a", "b"])
    assert theil(y, groups).groups["theil"]["east"] == 0


@pytest.mark.parametrize(("y", "groups", "weights", "says"), [
    ([1, -2], None, None, "-2 for 1"),
    ([1, np.nan], None, None, "missing for 1"),
    ([1, np.inf], None, None, "infinite for 1"),
    ([3], None, None, "at least 2"),
    ([0, 0], None, None, "zero everywhere"),
    (["a", "b"], None, None, "numbers"),
    ([1, 2], ["a", "a"], None, "one group, a"),
    ([1, 2], ["a", None], None, "1 has no group"),
    ([1, 2], ["a"], None, "2 values but 1 groups"),
    ([1, 2], pd.Series(["a", "b"], index=[0, 7]), None, "1 has no entry in the groups"),
    ([1, 2], ["a", "b"], [1, 0], "weight of 1 is 0"),
    ([1, 2], ["a", "b"], pd.Series([1, 1, 1]), "2 is only in the weights"),
    (pd.Series([1, 2], index=["x", "x"]), None, None, "two values for x"),
])
def test_bad_input_is_named(y, groups, weights, says):
    with pytest.raises(InputError, match=says):
        theil(y, groups, weights)


def test_dagum_refuses_missing_and_nested_groups():
    for groups in (None, [list("aabb"), list("abab")]):
        with pytest.raises(InputError, match="one column of groups"):
            dagum([1, 2, 3, 4], groups)
