"""scikit-criteria beside our functions on random panels. It is not part of the environment, because it brings a solver:

pip install -r benchmarks/requirements.txt
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nqpkit.scoring import critic_weights, entropy_weights, normalise, topsis

skcriteria = pytest.importorskip("skcriteria", reason="pip install -r benchmarks/requirements.txt")
panels = arrays(float, st.tuples(st.integers(4, 12), st.integers(2, 5)),
                elements=st.floats(0.5, 9, width=32)).map(pd.DataFrame).filter(
                    lambda x: (x.max() - x.min() > 0.1).all())


@given(panels)
@settings(max_examples=25, deadline=None)
def test_weights_agree(x):
    from skcriteria.preprocessing import weighters

    for weigh, peer in ((entropy_weights, weighters.entropy_weights), (lambda t: critic_weights(normalise(t)), critic)):
        if weigh is entropy_weights or np.linalg.matrix_rank(np.nan_to_num(x.corr())) > 1:
            assert weigh(x).to_numpy() == pytest.approx(peer(x.to_numpy()), abs=1e-6)


def critic(values):
    """The peer's CRITIC on values that more is better of."""
    from skcriteria.preprocessing.weighters import CRITIC

    return CRITIC().transform(skcriteria.mkdm(values, [max] * values.shape[1])).weights.to_numpy()


@pytest.mark.filterwarnings("ignore:Although TOPSIS can operate")
@given(panels, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_topsis_agrees_with_costs(x, random):
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.preprocessing.scalers import VectorScaler

    signs = [random.choice([1, -1]) for _ in range(x.shape[1])]
    weights = np.arange(1, x.shape[1] + 1) / sum(range(1, x.shape[1] + 1))
    matrix = skcriteria.mkdm(x.to_numpy(), signs, weights=weights)
    peer = TOPSIS().evaluate(VectorScaler(target="matrix").transform(matrix)).e_.similarity
    assert topsis(x, weights, signs).to_numpy() == pytest.approx(peer, abs=1e-9)
