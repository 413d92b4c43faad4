"""Scoring against numbers that others published or computed, and the properties it must keep."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nqpkit.errors import InputError
from nqpkit.scoring import (
    aggregate,
    ahp_weights,
    combine_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    goalposts,
    normalise,
    pca_weights,
    topsis,
    topsis_score,
    unit_scale,
    winsorise,
)

panels = arrays(float, st.tuples(st.integers(4, 12), st.integers(2, 5)),
                elements=st.floats(0, 1, allow_nan=False, width=32)).map(pd.DataFrame).filter(
                    lambda x: (x.max() - x.min() > 0.01).all())


@pytest.mark.parametrize("name", ["entropy_elsayed2017", "entropy_2x2", "entropy_zeros_0ln0"])
def test_entropy_weights_published(case, name):
    known = case(name)
    weights = entropy_weights(pd.DataFrame(known["inputs"]["X"]))
    assert weights.to_numpy() == pytest.approx(known["expected"]["w"], abs=known["tol"])


def test_entropy_weights_after_rescaled_minmax(case):
    known = case("entropy_minmax_shift_mathmodels")
    low, high = known["inputs"]["rescale"]
    z = low + normalise(pd.DataFrame(known["inputs"]["X"]), [1, -1]) * (high - low)
    weights = entropy_weights(z)
    assert weights.to_numpy() == pytest.approx(known["expected"]["w"], abs=known["tol"])
    assert 100 * aggregate(z, weights).to_numpy() == pytest.approx(known["expected"]["score_x100"], abs=1e-4)


def test_entropy_weights_ignore_direction_unless_normalised(case):
    known = case("entropy_cost_criterion_conventions")
    weights = entropy_weights(pd.DataFrame(known["inputs"]["X"]))
    assert weights.to_numpy() == pytest.approx(known["expected"]["pymcdm_and_skcriteria_ignore_direction"], abs=2e-9)


def test_entropy_counts_rows_not_years():
    """By hand: four rows, columns 1,1,1,1 and 0,0,0,4 have entropies 1 and 0, so all weight is on the second."""
    with pytest.warns(UserWarning, match="flat does not vary"):
        weights = entropy_weights(pd.DataFrame({"flat": [1.0] * 4, "peaked": [0, 0, 0, 4.0]}))
    assert weights.to_dict() == {"flat": 0.0, "peaked": 1.0}


def test_entropy_zeros_by_shift():
    """0.0001 on p = (0, 1) of two rows: e = −Σp ln p / ln 2 with p = 1/10002 and 10001/10002."""
    p = np.array([1, 10001]) / 10002
    e = -(p * np.log(p)).sum() / np.log(2)
    z = pd.DataFrame({"a": [0.0, 1], "b": [1.0, 3]})
    q = np.array([10001, 30001]) / 40002
    f = -(q * np.log(q)).sum() / np.log(2)
    assert entropy_weights(z, zeros=1e-4)["a"] == pytest.approx((1 - e) / (2 - e - f), abs=1e-12)
    assert entropy_weights(z, zeros="shift").equals(entropy_weights(z, zeros=1e-4))


def test_critic_weights_published(case):
    known = case("critic_diakoulaki1995")
    weights = critic_weights(normalise(pd.DataFrame(known["inputs"]["X"])))
    assert weights.to_numpy() == pytest.approx(known["expected"]["w"], abs=known["tol"])


def test_ahp_weights_published(case):
    known = case("ahp_5x5")
    judged = ahp_weights(pd.DataFrame(known["inputs"]["A"]))
    assert judged.weights.to_numpy() == pytest.approx(known["expected"]["w"], abs=1e-6)
    assert judged.largest_eigenvalue == pytest.approx(known["expected"]["lambda_max"], abs=1e-6)
    assert judged.consistency_index == pytest.approx(known["expected"]["CI"], abs=1e-6)
    assert judged.consistency_ratio == pytest.approx(known["expected"]["CR"], abs=1e-6)


def test_ahp_two_levels(case):
    known = case("ahp_two_level")
    upper = ahp_weights(pd.DataFrame(known["inputs"]["A"])).weights
    lower = pd.DataFrame({k: ahp_weights(pd.DataFrame(b)).weights for k, b in enumerate(known["inputs"]["B"])})
    assert lower[0].to_numpy() == pytest.approx(known["expected"]["W2_first_column"], abs=5e-7)
    assert (lower @ upper).to_numpy() == pytest.approx(known["expected"]["final"], abs=5e-7)


def test_ahp_rows_find_their_columns_by_label():
    judged = pd.DataFrame([[1, 2], [0.5, 1]], index=["a", "b"], columns=["a", "b"])
    assert ahp_weights(judged.loc[["b", "a"]]).weights.to_dict() == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    with pytest.raises(InputError, match="same labels; look at 'b'"):
        ahp_weights(judged.rename(index={"b": "c"}))


def test_combined_weights_of_a_peer(case):
    known = case("combine_weights")
    one, two = known["inputs"]["w_subj"], known["inputs"]["w_obj"]
    for method, key, share in [("linear", "linear_0_6", 0.6), ("multiplicative", "multiplicative", 0.5),
                               ("geometric", "geometric", 0.5)]:
        assert combine_weights(one, two, method, share).tolist() == pytest.approx(known["expected"][key],
                                                                                  abs=known["tol"])
    assert combine_weights({"a": 1, "b": 0}, pd.Series({"b": 0.5, "a": 0.5})).to_dict() == {"a": 0.75, "b": 0.25}


def test_ahp_says_when_judgements_contradict():
    with pytest.warns(UserWarning, match="contradict"):
        ahp_weights(pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]))
    with pytest.raises(InputError, match="not reciprocal.*'a' against 'b'"):
        ahp_weights(pd.DataFrame([[1, 2], [2, 1]], index=["a", "b"], columns=["a", "b"]))


def test_cv_weights_by_hand():
    """Means 2 and 2, standard deviations (n − 1) 1 and 0.5: weights 2/3 and 1/3."""
    assert cv_weights(pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2, 2.5]})).tolist() == pytest.approx([2 / 3, 1 / 3])


def test_pca_eigenvalues_and_weights(case):
    """The eigenvalues are the published ones; with the first component alone the weights are its squared loadings."""
    x = pd.DataFrame({k: v for k, v in case("tai_raw")["inputs"].items() if k != "countries"})
    known = case("tai_table7_eigen")
    values = np.linalg.eigvalsh(x.corr())[::-1]
    assert 100 * values / values.sum() == pytest.approx(known["expected"]["pct"], abs=0.15)
    one = pca_weights(x, share=known["expected"]["pct"][0] / 100 - 0.002)
    first = np.linalg.eigh(x.corr())[1][:, -1] ** 2
    assert one.to_numpy() == pytest.approx(first)


def test_topsis_published(case):
    known = case("topsis_tzeng2011_vector")
    x = pd.DataFrame(known["inputs"]["X"])
    closeness = topsis(x, known["inputs"]["weights"])
    assert closeness.to_numpy() == pytest.approx(known["expected"]["closeness"], abs=known["tol"])
    assert closeness.rank(ascending=False).tolist() == known["expected"]["rank"]
    with_minmax = topsis(x, known["inputs"]["weights"], normalisation="minmax")
    assert with_minmax.iloc[0] == pytest.approx(0.4853, abs=5e-5)  # methods differ: stated in the peer's documentation
    assert topsis_score(normalise(x), known["inputs"]["weights"]).to_numpy() == pytest.approx(with_minmax.to_numpy())


def test_normalise_published_table(case):
    x = pd.DataFrame({"schooling": case("tai_raw")["inputs"]["schooling"]})
    known = case("tai_table15_normalise")
    for method, key in [("zscore", "z"), ("minmax", "minmax"), ("mean", "ratio_mean"), ("best", "ratio_best")]:
        assert normalise(x, method=method)["schooling"].to_numpy() == pytest.approx(
            known["expected"][key], abs=known["tol"]), method
    assert normalise(x, method="rank")["schooling"].tolist() == known["expected"]["rank_ascending_min"]


def test_normalise_goalposts_capped(case):
    raw, known = case("tai_raw")["inputs"], case("tai_goalposts_linear_rank")
    x = pd.DataFrame({k: v for k, v in raw.items() if k != "countries"}, index=raw["countries"])
    posts = {k.replace("_log10_of", ""): np.log10(v) if "_log10_of" in k else v
             for k, v in known["inputs"]["goalposts"].items()}
    z = normalise(x, goalposts=pd.DataFrame(posts, index=["low", "high"]))
    assert z.max().max() == 1
    assert normalise(x, method="goalposts", goalposts={k: tuple(v) for k, v in posts.items()}).equals(z)
    scores = aggregate(z)
    assert scores.rank(ascending=False).to_dict() == known["expected"]["rank"]
    for country, score in known["expected"]["score_2dp_UNDP"].items():
        assert scores[country] == pytest.approx(score, abs=known["tol"]["score"])


def test_normalise_cost_columns(case):
    known = case("minmax_pymcdm_cost")
    z = normalise(pd.DataFrame(known["inputs"]["X"]), known["inputs"]["types"])
    assert z.to_numpy() == pytest.approx(np.array(known["expected"]["minmax"]), abs=1e-8)


def test_normalise_target_and_interval(case):
    known = case("normalise_middle_interval_water")
    x = pd.DataFrame({"ph": known["inputs"]["PH"], "nutrient": known["inputs"]["nutrient"]})
    target = normalise(x[["ph"]], method="target", target=known["inputs"]["PH_best"])
    inside = normalise(x[["nutrient"]], method="interval", interval=tuple(known["inputs"]["interval"]))
    assert target["ph"].to_numpy() == pytest.approx(known["expected"]["PH_3sig"], abs=known["tol"])
    assert inside["nutrient"].to_numpy() == pytest.approx(known["expected"]["nutrient_3sig"], abs=known["tol"])


def test_normalise_by_year_uses_the_extremes_of_each_year():
    index = pd.MultiIndex.from_product([["a", "b"], [2022, 2023]], names=["code", "year"])
    x = pd.DataFrame({"v": [1.0, 10, 3, 30]}, index=index)
    assert normalise(x, by="year")["v"].tolist() == [0, 0, 1, 1]
    assert normalise(x)["v"].tolist() == pytest.approx([0, 9 / 29, 2 / 29, 1])


def test_means_published(case):
    known = case("means_handbook")
    x = pd.DataFrame([known["inputs"][k] for k in ("a", "b", "a_plus", "b_plus")], dtype=float)
    geometric = aggregate(x, method="geometric")
    assert aggregate(x).iloc[:2].tolist() == known["expected"]["arith"]
    published = known["expected"]["geo"] + known["expected"]["geo_plus"]
    assert geometric.tolist() == pytest.approx(published, abs=known["tol"])
    known = case("means_coinr")
    row = pd.DataFrame([known["inputs"]["x"]], dtype=float)
    for method, weights, key in [("geometric", [1, 1, 1], "gmean_equal"), ("geometric", [1, 1, 2], "gmean_w112"),
                                 ("harmonic", [2, 1, 1], "hmean_w211")]:
        assert aggregate(row, weights, method).item() == pytest.approx(known["expected"][key], abs=1e-9)


def test_aggregate_leaves_a_missing_cell_out_and_floors():
    z = pd.DataFrame({"a": [0.2, 0.0], "b": [np.nan, 0.5], "c": [0.6, 0.5]})
    assert aggregate(z, {"a": 2, "b": 5, "c": 1}).tolist() == pytest.approx([(2 * 0.2 + 0.6) / 3, 3 / 8])
    assert aggregate(z, method="geometric", floor=0.01).iloc[1] == pytest.approx((0.01 * 0.5 * 0.5) ** (1 / 3))
    with pytest.raises(InputError, match="geometric mean needs values above zero; 'a' is 0"):
        aggregate(z, method="geometric")


def test_winsorise_by_percentile_and_by_moments():
    x = pd.DataFrame({"a": [*range(40), 10_000.0]})
    assert winsorise(x, 0.025)["a"].max() == pytest.approx(x["a"].quantile(0.975))
    treated = winsorise(x, method="moments")["a"]
    assert treated.max() == 39 and (treated.iloc[:-1] == x["a"].iloc[:-1]).all()
    assert winsorise(x.iloc[:-1], method="moments").equals(x.iloc[:-1].astype(float))


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: normalise(x.assign(b=1)), "'b' has the same value everywhere"),
    (lambda x: normalise(x.assign(b=np.inf)), "'b' is infinite in row 0"),
    (lambda x: normalise(x.assign(b=np.nan)), "'b' has no values at all"),
    (lambda x: normalise(x, direction={"a": 1}), "'b' is missing"),
    (lambda x: normalise(x, direction={"a": 1, "b": 2}), "direction of 'b' is 2"),
    (lambda x: normalise(x, method="best"), "'b' is -1 in row 0: a ratio to the best needs values above zero"),
    (lambda x: normalise(x, method="worst"), "no normalisation 'worst'. Known: minmax"),
    (lambda x: entropy_weights(x), "'b' is -1 in row 0: entropy weights need values of zero or more"),
    (lambda x: entropy_weights(x[["a"]].iloc[:1]), "One row does not tell"),
    (lambda x: critic_weights(x * 0), "No indicator varies"),
    (lambda x: critic_weights(x[["a"]].assign(c=2 * x["a"])), "All indicators move together"),
    (lambda x: aggregate(x, {"a": 1, "c": 1}), "'b' is missing"),
    (lambda x: aggregate(x, {"a": 1, "b": -1}), "weight of 'b' is -1"),
    (lambda x: aggregate(x, [0, 0]), "sum to zero"),
    (lambda x: aggregate(x, {"a": 0.5, "b": 0.7}), "sum to 1.2, not to 1 .'a' 0.5, 'b' 0.7."),
    (lambda x: aggregate(x, [1, 1, 1]), "3 values were given for 2 columns"),
    (lambda x: aggregate(x, pd.Series([1, 1, 1], index=["a", "b", "a"])), "label 'a' stands twice"),
    (lambda x: aggregate(x.set_axis(["a", "a"], axis=1)), "two columns 'a'"),
    (lambda x: normalise(x.astype(object).replace(2.0, "n.a.")), "'a' is 'n.a.' in row 1: this must be a number"),
    (lambda x: normalise(x, by="year"), "no level 'year' to normalise within"),
    (lambda x: normalise(x.assign(b=[1.0, 1, 2]).set_index(pd.Index([1, 1, 2], name="year")), by="year"),
     "year 1: 'b' has the same value everywhere"),
    (lambda x: normalise(x.iloc[:1]), "'a' has the same value everywhere"),
    (lambda x: normalise(x * 0 + 1, method="zscore", ddof=0), "'a' has the same value everywhere"),
    (lambda x: normalise(x, method="goalposts"), "needs goalposts"),
    (lambda x: normalise(x, goalposts={"a": (0, 1)}), "'b' is missing"),
    (lambda x: normalise(x, goalposts={"a": (0, 1), "b": (2, 2)}), "'b' has goalposts of which"),
    (lambda x: normalise(x, method="target"), "needs target"),
    (lambda x: entropy_weights(x.abs(), zeros="epsilon"), "no way with zeros called 'epsilon'. Known: limit, shift"),
    (lambda x: entropy_weights(x.abs(), zeros=-1), "zero or more; it is -1"),
    (lambda x: cv_weights(x - x.mean()), "'a' has a mean of zero"),
    (lambda x: pca_weights(x.assign(b=1)), "'b' has the same value everywhere"),
    (lambda x: pca_weights(x, share=0), "up to 1; it is 0"),
    (lambda x: critic_weights(x.replace(2, np.nan)), "'a' is missing in row 1"),
    (lambda x: equal_weights([]), "no indicator to weigh"),
    (lambda x: combine_weights([1, 0], [0, 1], "geometric"), "in both sets"),
    (lambda x: combine_weights([1, 0], [0, 1], "sum"), "Known: linear, multiplicative, geometric"),
    (lambda x: aggregate(x, method="geometric"), "needs values above zero; 'b' is -1"),
    (lambda x: topsis(x * 0 + 1, [1, 1]), "All cases are alike"),
    (lambda x: topsis(x, [0.3, 0.3]), "sum to 0.6, not to 1"),
    (lambda x: topsis_score(x, [1, 1]), "'b' is -1 in row 0: values for a TOPSIS score must lie in 0…1"),
    (lambda x: aggregate(x, method="median"), "no aggregation 'median'. Known: arithmetic"),
    (lambda x: topsis(x, [1, 1], normalisation="sum"), "Known: vector, minmax"),
    (lambda x: unit_scale(x, scale="week"), "no range of normalisation 'week'. Known: pooled, year, rank, zscore"),
    (lambda x: unit_scale(x.assign(b=1), scale="rank"), "'b' has the same value everywhere"),
    (lambda x: winsorise(x, 0.7), r"must lie in \[0, 0.5\)"),
])
def test_bad_input_is_named(call, message):
    x = pd.DataFrame({"a": [1.0, 2, 4], "b": [-1.0, 0, 3]})
    with pytest.raises(InputError, match=message):
        call(x)


@given(panels, st.randoms())
@settings(max_examples=60, deadline=None)
def test_weights_sum_to_one_and_survive_relabelling(z, random):
    together = (z.corr() > 1 - 1e-9).all(axis=None)
    for method in (equal_weights, entropy_weights, pca_weights, *([] if together else [critic_weights])):
        weights = method(z)
        assert weights.sum() == pytest.approx(1) and (weights >= 0).all()
        rows, columns = list(z.index), list(z.columns)
        random.shuffle(rows)
        random.shuffle(columns)
        shuffled = method(z.loc[rows, columns])
        assert shuffled[z.columns].to_numpy() == pytest.approx(weights.to_numpy(), abs=1e-6)


@given(panels, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_rows_and_columns_does_not_matter(z, random):
    z = z.rename(columns="i{}".format, index="r{}".format)
    weights = pd.Series(np.arange(1, z.shape[1] + 1) / sum(range(1, z.shape[1] + 1)), index=z.columns)
    direction = {name: random.choice([1, -1]) for name in z}
    rows, columns = list(z.index), list(z.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    moved = z.loc[rows, columns]
    for call in (lambda x: normalise(x, direction), lambda x: normalise(x, direction, method="zscore"),
                 lambda x: normalise(x, direction, method="rank"), lambda x: unit_scale(x, direction, "rank"),
                 lambda x: winsorise(x, 0.1), lambda x: aggregate(x, weights),
                 lambda x: aggregate(x, weights, "geometric", floor=0.01), lambda x: topsis(x + 1, weights, direction),
                 lambda x: topsis_score(x, weights)):
        one, other = call(z), call(moved)
        assert list(other.index) == rows
        if isinstance(one, pd.DataFrame):
            assert list(other.columns) == columns
            other = other[z.columns]
        assert other.loc[z.index].to_numpy() == pytest.approx(one.to_numpy(), abs=1e-9)


@given(panels)
@settings(max_examples=40, deadline=None)
def test_unit_scales_stay_in_bounds_keep_the_order_and_know_their_own_cases(z):
    z = z.round(6)  # differences that rounding errors swallow are no order
    for scale in ("pooled", "rank", "zscore"):
        found = unit_scale(z, scale=scale)
        assert ((found >= 0) & (found <= 1)).all(axis=None)
        assert all(found[name].corr(z[name], method="spearman") > 1 - 1e-9 for name in z)
        assert unit_scale(z.iloc[[0]], scale=scale, among=z).to_numpy() == pytest.approx(found.iloc[[0]].to_numpy())
        assert (1 - unit_scale(z, -1, scale)).to_numpy() == pytest.approx(found.to_numpy())


@given(panels, st.floats(0.1, 1000), st.floats(-5, 5))
@settings(max_examples=60, deadline=None)
def test_scaling_a_series_does_not_change_its_minmax(z, factor, shift):
    moved = z.assign(**{}) * factor + shift
    assert normalise(moved).to_numpy() == pytest.approx(normalise(z).to_numpy(), abs=1e-6)
    assert goalposts(moved).loc["high"].to_numpy() == pytest.approx(moved.max().to_numpy())


@pytest.mark.filterwarnings("ignore:Alternatives with indices")  # the peer's word on dominated rows
@given(panels)
@settings(max_examples=40, deadline=None)
def test_peers_agree_on_random_panels(z):
    """pymcdm computes the same entropy (without zeros), CRITIC and TOPSIS."""
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization
    from pymcdm.weights import critic_weights as peer_critic
    from pymcdm.weights import entropy_weights as peer_entropy
    positive = z + 0.5
    assert entropy_weights(positive).to_numpy() == pytest.approx(peer_entropy(positive.to_numpy()), abs=1e-6)
    if np.linalg.matrix_rank(np.nan_to_num(z.corr())) > 1:
        assert critic_weights(normalise(z)).to_numpy() == pytest.approx(peer_critic(z.to_numpy()), abs=1e-6)
    weights, types = np.full(z.shape[1], 1 / z.shape[1]), np.ones(z.shape[1])
    peer = TOPSIS(vector_normalization)(positive.to_numpy(), weights, types)
    assert topsis(positive, weights).to_numpy() == pytest.approx(peer, abs=1e-6)
