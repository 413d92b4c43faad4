"""The adapter to pymcdm: published numbers of two methods, labels and directions kept, refusals in words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nqpkit.errors import InputError
from nqpkit.mcdm import mcdm_ranking, mcdm_weights, ranking_names, weighting_names
from nqpkit.scoring import critic_weights, entropy_weights, normalise, topsis

pytest.importorskip("pymcdm")
positive = arrays(float, st.tuples(st.integers(4, 10), st.integers(2, 5)),
                  elements=st.floats(0.5, 9, width=32)).map(pd.DataFrame).filter(
                      lambda x: (x.max() - x.min() > 0.1).all())


def test_vikor_of_two_papers(case):
    """Yang and Wu (2020), and the mountain climb of Opricovic and Tzeng (2004) with a cost."""
    for name in ("vikor_yang2020", "vikor_opricovic2004"):
        known = case(name)
        found = mcdm_ranking(pd.DataFrame(known["inputs"]["X"]), known["inputs"]["weights"], "vikor",
                             known["inputs"]["direction"])
        assert found["score"].tolist() == pytest.approx(known["expected"]["Q"], abs=known["tol"])
        assert found["rank"].tolist() == pd.Series(known["expected"]["Q"]).round(9).rank().tolist(), "lowest Q is best"


def test_weights_of_a_paper(case):
    """CRITIC through the adapter gives the published weights, as ours does."""
    known = case("critic_diakoulaki1995")
    x = pd.DataFrame(known["inputs"]["X"], columns=["profit", "share", "productivity"])
    weights = mcdm_weights(x, "critic")
    assert weights.to_numpy() == pytest.approx(known["expected"]["w"], abs=known["tol"])
    assert list(weights.index) == list(x.columns)


@given(positive)
@settings(max_examples=30, deadline=None)
def test_the_adapter_agrees_with_what_is_written_here(x):
    assert mcdm_weights(x, "entropy").to_numpy() == pytest.approx(entropy_weights(x).to_numpy(), abs=1e-6)
    if np.linalg.matrix_rank(np.nan_to_num(x.corr())) > 1:
        assert mcdm_weights(x, "critic").to_numpy() == pytest.approx(critic_weights(normalise(x)).to_numpy(), abs=1e-6)
    signs = [-1] + [1] * (x.shape[1] - 1)
    weights = np.full(x.shape[1], 1 / x.shape[1])
    assert mcdm_ranking(x, weights, "TOPSIS", signs)["score"].to_numpy() == pytest.approx(
        topsis(x, weights, signs, normalisation="minmax").to_numpy(), abs=1e-9)


@given(positive, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_order_of_rows_and_columns_does_not_matter(x, random):
    x = x.rename(columns="i{}".format, index="r{}".format)
    directions = {name: -1 if name == "i0" else 1 for name in x}
    given_weights = {name: place + 1 for place, name in enumerate(x)}
    rows, columns = list(x.index), list(x.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    one = mcdm_ranking(x, given_weights, "mabac", directions)["score"]
    other = mcdm_ranking(x.loc[rows, columns], given_weights, "mabac", directions)["score"]
    assert list(other.index) == rows
    assert other[x.index].to_numpy() == pytest.approx(one.to_numpy(), abs=1e-9)


def test_methods_that_need_options_take_them():
    x = pd.DataFrame({"a": [1.0, 2, 4], "b": [3.0, 1, 6]})
    found = mcdm_ranking(x, [0.5, 0.5], "spotis", bounds=np.array([[0, 5], [0, 7]]))
    assert found["rank"].tolist() == [2, 3, 1]
    assert {"merec", "gini", "idocriw"} <= set(weighting_names())
    assert {"vikor", "promethee_ii", "edas"} <= set(ranking_names())


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: mcdm_weights(x, "guess"), "no weighting 'guess'. Known: angle, cilos, critic"),
    (lambda x: mcdm_ranking(x, [1, 1], "guess"), "no ranking 'guess'. Known: aras"),
    (lambda x: mcdm_ranking(x, [1, 1], "spotis"), "spotis.*bounds.*Its options: bounds, esp"),
    (lambda x: mcdm_ranking(x, [1, 1], "vikor", w=3), "vikor.*Its options: .*v"),
    (lambda x: mcdm_ranking(x, {"a": 1, "c": 1}, "vikor"), "'b' is missing"),
    (lambda x: mcdm_weights(x * [1, 0], "merec"), "'merec' of pymcdm refuses"),
    (lambda x: mcdm_ranking(x * [1, 0], [1, 1], "probid"), "'probid' of pymcdm gives 'x' no score"),
    (lambda x: mcdm_weights(x.replace(2, np.nan), "gini"), "'a' is missing in row y"),
    (lambda x: mcdm_weights(x.replace(2, np.inf), "gini"), "'a' is infinite in row y"),
    (lambda x: mcdm_weights(x, "merec", direction=[1, 3]), "direction of 'b' is 3"),
])
def test_refusals_are_sentences(call, message):
    with pytest.raises(InputError, match=message):
        call(pd.DataFrame({"a": [1.0, 2, 4], "b": [3.0, 1, 6]}, index=["x", "y", "z"]))


def test_a_missing_package_is_a_sentence(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr("nqpkit.mcdm.import_module", absent)
    with pytest.raises(InputError, match=r'pip install "nqpkit\[mcdm\]"'):
        mcdm_weights(pd.DataFrame({"a": [1.0, 2], "b": [2.0, 1]}), "gini")
