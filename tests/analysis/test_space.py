"""Neighbours, Moran's I and Markov chains against PySAL, R's spdep and hand calculations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.analysis.space import local_moran, markov, moran, neighbour_weights, spatial_markov
from nqpkit.errors import InputError

libpysal = pytest.importorskip("libpysal")


@pytest.fixture(scope="module")
def mexico():
    return pd.read_csv(libpysal.examples.get_path("mexico.csv"))


@pytest.fixture(scope="module")
def borders(case):
    pairs = case("moran_mexico")["inputs"]["neighbors"].items()
    return pd.DataFrame([(int(code), other) for code, others in pairs for other in others],
                        columns=["code", "neighbour"])


@pytest.fixture(scope="module")
def states():
    income = pd.read_csv(libpysal.examples.get_path("usjoin.csv")).set_index("Name")
    income = income[[str(year) for year in range(1929, 2010)]]
    full = libpysal.io.open(libpysal.examples.get_path("states48.gal")).read().full()[0]
    return income / income.mean(), pd.DataFrame(full, index=income.index, columns=income.index)


def test_global_moran_of_two_peers(case, mexico, borders):
    known = case("moran_mexico")
    want, weights = known["expected"], neighbour_weights(borders, mexico)
    for year in (1940, 2000):
        found = moran(mexico[f"pcgdp{year}"], weights)
        assert [found.i, found.expected, found.variance, found.z] == pytest.approx(
            [want[f"I{year}"], want["EI"], want[f"var_rand_{year}"], want[f"z_rand_{year}"]], abs=known["tol"])


def test_weights_in_another_order_than_the_values_change_nothing(case, mexico, borders):
    known = case("moran_misaligned_negative")
    order = known["inputs"]["id_order"]
    peer = libpysal.weights.W({code: list(rows["neighbour"]) for code, rows in borders.groupby("code")},
                              id_order=order)
    for weights in (peer, neighbour_weights(borders, order)):
        for year in (1940, 2000):
            found = moran(mexico[f"pcgdp{year}"], weights).i
            assert found == pytest.approx(known["expected"][f"correct_I{year}"], abs=known["tol"])
            assert abs(found - known["expected"][f"wrong_I{year}"]) > 1e-3


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(32)))
def test_moran_does_not_depend_on_order_or_names(mexico, borders, order):
    y, weights = mexico["pcgdp1940"], neighbour_weights(borders, mexico)
    names = {code: f"r{code * 7}" for code in range(32)}
    renamed = weights.rename(index=names, columns=names)
    moved = y.iloc[list(order)].rename(names) * 2 + 5
    assert moran(moved, renamed).i == pytest.approx(moran(y, weights).i, abs=1e-12)


def test_local_moran_scales(mexico, borders):
    """The mean of local I is the global I in spdep's scale; esda's is smaller by (n − 1)/n."""
    y, weights = mexico["pcgdp1940"], neighbour_weights(borders, mexico)
    spdep, esda = local_moran(y, weights, scale="spdep"), local_moran(y, weights)
    assert spdep["local_i"].mean() == pytest.approx(moran(y, weights).i, abs=1e-12)
    assert (esda["local_i"] / spdep["local_i"]).to_numpy() == pytest.approx(31 / 32)
    high = y > y.mean()
    assert (spdep["quadrant"].str.startswith("high") == high).all()


def test_local_moran_by_hand():
    """Values 4, 3, 1, 0 in a chain: z = 2, 1, −1, −2, neighbours' means 1, ½, −½, −1, Σz² = 10."""
    chain = pd.DataFrame({"code": ["a", "b", "c"], "neighbour": ["b", "c", "d"]})
    y = pd.Series({"d": 0.0, "b": 3, "c": 1, "a": 4})
    local = local_moran(y, neighbour_weights(chain, list("abcd")), scale="spdep")["local_i"]
    assert local[list("abcd")].tolist() == pytest.approx([0.8, 0.2, 0.2, 0.8])


def test_permutations_are_seeded_and_leave_the_global_generator_alone(mexico, borders):
    weights = neighbour_weights(borders, mexico)
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    first = moran(mexico["pcgdp1940"], weights, permutations=99, seed=3)
    assert np.random.random() == expected
    assert first == moran(mexico["pcgdp1940"], weights, permutations=99, seed=3)
    assert 0 < first.p_permutation <= 0.5


@pytest.mark.slow
def test_local_permutations(mexico, borders):
    weights = neighbour_weights(borders, mexico)
    p = local_moran(mexico["pcgdp1940"], weights, permutations=99)["p_permutation"]
    assert p.between(0.01, 0.51).all()


@pytest.mark.parametrize(("rows", "says"), [
    ([("a", "b"), ("b", "x")], "x in column 'neighbour', row 1"),
    ([("a", "b")], "c has no neighbour"),
    ([("a", "b"), ("c", "c")], "c stands as its own neighbour"),
])
def test_bad_neighbours_are_named(rows, says):
    with pytest.raises(InputError, match=says):
        neighbour_weights(pd.DataFrame(rows, columns=["code", "neighbour"]), ["a", "b", "c"])


@pytest.mark.parametrize(("y", "says"), [
    (pd.Series(1.0, index=range(32)), "1 everywhere"),
    (pd.Series(range(31)), "is only in the weights|31 is only"),
    (pd.Series(range(33)), "32 has no entry in the weights"),
    (pd.Series(range(32)).astype(float).replace(4, np.nan), "missing for 4"),
    (pd.Series([1.0, 2]), "at least 4"),
    (list(range(32)), "labelled by region"),
])
def test_bad_values_are_named(mexico, borders, y, says):
    with pytest.raises(InputError, match=says):
        moran(y, neighbour_weights(borders, mexico))


def test_markov_of_the_published_cases(case):
    known = case("markov_giddy")
    want = known["expected"]
    chain = markov(pd.DataFrame(known["inputs"]["sequences"]))
    assert chain.counts.to_numpy().tolist() == want["transitions"]
    assert chain.probabilities.to_numpy() == pytest.approx(np.array(want["P"]), abs=known["tol"])
    assert chain.steady_state.tolist() == pytest.approx(want["steady"], abs=known["tol"])
    assert chain.first_passage.to_numpy() == pytest.approx(np.array(want["mfpt"]), abs=1e-8)


def test_markov_of_one_sequence(case):
    known = case("markov_weather")
    want, inputs = known["expected"], known["inputs"]
    order = [state[0] for state in inputs["states"]]
    kind = pd.CategoricalDtype(order, ordered=True)
    chain = markov(pd.DataFrame([inputs["seq"]]).astype(kind))
    p = chain.probabilities.to_numpy()
    assert list(chain.counts.index) == order
    assert p == pytest.approx(np.array(want["P"]), abs=known["tol"])
    assert chain.steady_state.tolist() == pytest.approx(want["stationary"], abs=known["tol"])
    start = np.eye(3)[order.index(inputs["start"][0])]
    assert [start @ np.linalg.matrix_power(p, n) for n in (1, 2, 3)] == pytest.approx(
        np.array(want["forecast"]), abs=known["tol"])


def test_sojourn_of_the_published_case(case):
    """Ten regions whose moves in one year have exactly the published probabilities: 2 1 1 / 1 0 1 / 1 1 2."""
    known = case("sojourn_giddy")
    chain = markov(pd.DataFrame({2022: list("aaaabbcccc"), 2023: list("aabcacabcc")}))
    assert chain.probabilities.to_numpy() == pytest.approx(np.array(known["inputs"]["P"]))
    assert chain.sojourn.tolist() == pytest.approx(known["expected"]["sojourn"], abs=known["tol"])


def test_empty_rows_follow_the_stated_policy():
    classes = pd.DataFrame({2021: ["a", "a"], 2022: ["a", "b"]})
    rows = {empty: markov(classes, empty=empty).probabilities.loc["b"].tolist()
            for empty in ("zero", "stay", "uniform")}
    assert rows == {"zero": [0, 0], "stay": [0, 1], "uniform": [0.5, 0.5]}
    with pytest.raises(InputError, match="class b"):
        _ = markov(classes).steady_state
    with pytest.raises(InputError, match="Known: zero, stay, uniform"):
        markov(classes, empty="drop")


def test_a_chain_in_two_parts_has_no_steady_state():
    chain = markov(pd.DataFrame({2021: ["a", "b"], 2022: ["a", "b"]}))
    with pytest.raises(InputError, match="never meet"):
        _ = chain.steady_state
    assert np.isinf(chain.sojourn).all()


def test_years_of_a_chain_are_evenly_spaced():
    with pytest.raises(InputError, match="between 2022 and 2024"):
        markov(pd.DataFrame({2021: ["a"], 2022: ["b"], 2024: ["a"]}))
    with pytest.raises(InputError, match="missing for 0 in 2022"):
        markov(pd.DataFrame({2021: ["a"], 2022: [None]}))
    with pytest.raises(InputError, match="two years"):
        markov(pd.DataFrame({2021: ["a"]}))


def test_spatial_markov_of_the_published_case(case, states):
    known = case("spatial_markov_usjoin")
    want, (income, weights) = known["expected"], states
    found = spatial_markov(income.sample(frac=1, random_state=2), weights, k=known["inputs"]["k"])
    poor, rich = found.by_neighbours[0], found.by_neighbours[4]
    assert poor.probabilities.iloc[0].tolist() == pytest.approx(want["poor_neighbours_first_row"], abs=known["tol"])
    assert rich.probabilities.iloc[-1].tolist() == pytest.approx(want["rich_neighbours_last_row"], abs=known["tol"])
    assert poor.steady_state.tolist() == pytest.approx(want["poor_neighbours_steady"], abs=known["tol"])
    assert poor.first_passage.iloc[0].tolist() == pytest.approx(want["first_passage_first_row"], abs=1e-8)
    assert found.q == pytest.approx(want["Q"], abs=5e-4)


def test_spatial_chains_add_up_to_the_overall_one(states):
    income, weights = states
    found = spatial_markov(income, weights, cuts=[0.8, 1, 1.2], empty="stay")
    assert sum(chain.counts for chain in found.by_neighbours.values()).equals(found.overall.counts)
    assert found.overall.counts.to_numpy().sum() == 48 * 80
    assert all(np.allclose(c.probabilities.sum(axis=1), 1) for c in found.by_neighbours.values())
    with pytest.raises(InputError, match="is only in the weights"):
        spatial_markov(income.iloc[1:], weights)
