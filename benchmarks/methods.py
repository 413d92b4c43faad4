"""Time and memory of the methods, beside the peers, in one run; prints the README's table in Markdown.

    pip install -r benchmarks/requirements.txt
    python benchmarks/methods.py

Times are processor time of one thread, the median of rounds in which every package takes its turn, so a busy machine
slows all alike and the ratios hold. The panels are made up (see synthetic.py); the draws use the built-in study.
"""

import json
import os
import platform
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from importlib.metadata import version

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402 (numerical libraries read the number of threads when they are imported)
import pandas as pd  # noqa: E402
import synthetic  # noqa: E402

from nqpkit import Study, evaluate  # noqa: E402
from nqpkit.coupling import coordination_degree, coordination_grade, coupling_degree, lag_type  # noqa: E402
from nqpkit.evaluation import dimension_scores, indicator_weights, system_scores  # noqa: E402
from nqpkit.scoring import entropy_weights, topsis, topsis_score, unit_scale  # noqa: E402
from nqpkit.uncertainty import random_weights, rank_intervals  # noqa: E402

DRAWS = 10_000
SIZES = (31, 100, 310, 1000, 2800)
PEERS = {"pymcdm": "pymcdm", "pymcdm, checks off": "pymcdm", "scikit-criteria": "scikit-criteria"}


def main() -> None:
    """Measure everything and print two tables."""
    warnings.simplefilter("ignore")
    peers = f"pymcdm {version('pymcdm')}, scikit-criteria {version('scikit-criteria')}"
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, pandas {version('pandas')}; {peers}; "
          "processor time of one thread.\n")
    print("| what | nqpkit | pymcdm | pymcdm, checks off | scikit-criteria | nqpkit against the fastest |")
    print("|---|---|---|---|---|---|")
    print(row("entropy weights and TOPSIS, 372 × 35", shared_part()))
    print(row("pooled normalising, entropy, scores, coupling and grades, 372 × 35", {"nqpkit": pipeline()}))
    print(row(f"{DRAWS:,} weight draws, scores and ranks of two systems, {len(Study.load().regions)} provinces; nqpkit "
              "also D, grades and all intervals", draws()))
    print("\n| units × 20 years × 35 indicators | rows | full evaluation | time a row | peak memory |")
    print("|---|---|---|---|---|")
    curve = [scale(size) for size in SIZES]
    for found in curve:
        print(f"| {found['units']:,} | {found['rows']:,} | {found['seconds']:.2f} s | "
              f"{1e6 * found['seconds'] / found['rows']:.0f} µs | {found['megabytes']:,.0f} MB |")
    (fixed, slope), rest = fitted_line(curve)
    print(f"\nA straight line through these: {fixed:.2f} s and {1e6 * slope:.0f} µs a row; the times lie within "
          f"{rest:.0%} of the largest one from it.")


def fitted_line(curve: list[dict]) -> tuple[tuple[float, float], float]:
    """Seconds as a + b · rows by least squares, and the farthest point's distance as a share of the longest time."""
    rows, seconds = (np.array([found[key] for found in curve], float) for key in ("rows", "seconds"))
    slope, fixed = np.polyfit(rows, seconds, 1)
    return (fixed, slope), float(np.abs(seconds - fixed - slope * rows).max() / seconds.max())


def shared_part() -> dict[str, float]:
    """Entropy weights, vector normalisation and TOPSIS of one panel: what all three packages do."""
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization
    from pymcdm.weights import entropy_weights as peer_entropy

    x = synthetic.panel(31, 12, 35)
    values, types, closeness = x.to_numpy(), np.ones(35, int), TOPSIS(vector_normalization)
    pipeline, matrix = skcriteria(values)
    found = {
        "nqpkit": lambda: topsis(x, entropy_weights(x)).to_numpy(),
        "pymcdm": lambda: closeness(values, peer_entropy(values), types),
        "pymcdm, checks off": lambda: closeness(values, peer_entropy(values), types, validation=False),
        "scikit-criteria": lambda: pipeline.evaluate(matrix).e_.similarity,
    }
    agree(found)
    return in_turns(found, rounds=60)


def pipeline() -> float:
    """The whole chain on labelled frames, from values to grades."""
    x = synthetic.panel(31, 12, 35)
    table = synthetic.owners(x.columns)

    def chain():
        z = unit_scale(x)
        weights = indicator_weights(z, table, "entropy")
        u = system_scores(z, dimension_scores(z, weights), weights, "geometric")
        d = coordination_degree(u)
        return coupling_degree(u), d, coordination_grade(d), lag_type(u)

    return in_turns({"nqpkit": chain}, rounds=60)["nqpkit"]


def draws() -> dict[str, float]:
    """Ten thousand weightings of both systems in one year, TOPSIS on values of 0…1; peers draw by draw."""
    from pymcdm.methods import TOPSIS
    from skcriteria import mkdm
    from skcriteria.agg.topsis import TOPSIS as Peer

    result = evaluate(Study.load(), normalise="year", aggregate="topsis")
    z, weights = result.normalised.xs(result.year(), level="year"), random_weights(result.weights, DRAWS)
    systems = [list(rows.index) for _, rows in result.weights.groupby("system", sort=False)]
    tables = [(z[names].to_numpy(), weights[names].to_numpy(), np.ones(len(names), int)) for names in systems]
    matrices = [mkdm(values, [max] * values.shape[1]) for values, _, _ in tables]
    closeness, peer = TOPSIS(), Peer()

    def loop(count, validation):
        for draw in range(count):
            for values, drawn, types in tables:
                closeness.rank(closeness(values, drawn[draw], types, validation=validation))

    def other(count):
        for draw in range(count):
            for matrix, (_, drawn, _) in zip(matrices, tables, strict=True):
                peer.evaluate(matrix.replace(weights=drawn[draw]))

    values, drawn, types = tables[0]
    agree({"nqpkit": lambda: topsis_score(z[systems[0]], weights[systems[0]].iloc[0]).to_numpy(),
           "pymcdm": lambda: closeness(values, drawn[0], types),
           "scikit-criteria": lambda: peer.evaluate(matrices[0].replace(weights=drawn[0])).e_.similarity})
    once = in_turns({"nqpkit": lambda: rank_intervals(replace(result), draws=DRAWS),
                     "pymcdm": lambda: loop(500, True), "pymcdm, checks off": lambda: loop(1000, False),
                     "scikit-criteria": lambda: other(50)}, rounds=5)
    parts = {"nqpkit": 1, "pymcdm": DRAWS / 500, "pymcdm, checks off": DRAWS / 1000, "scikit-criteria": DRAWS / 50}
    return {name: seconds * parts[name] for name, seconds in once.items()}


def scale(units: int) -> dict[str, float]:
    """A full evaluation of a study of that many units, in a process of its own, so that memory is its own."""
    out = subprocess.run([sys.executable, __file__, "--units", str(units)], capture_output=True, check=True,
                         encoding="utf-8")
    return json.loads(out.stdout)


def full_evaluation(units: int) -> dict[str, float]:
    """Figures → indicators → entropy weights → scores, ranks → coupling, benchmark, grades → obstacles, all levels."""
    import resource

    _ = evaluate(Study.load(), weights="entropy").coupling  # imports and first calls are not counted
    study = synthetic.study(units, 20, 35)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        result = evaluate(replace(study), weights="entropy")
        for part in ("scores", "coupling", "obstacles", "dimension_obstacles"):
            getattr(result, part)
        seconds.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {"units": units, "rows": len(result.systems), "seconds": float(np.median(seconds)), "megabytes": peak}


def skcriteria(values: np.ndarray):
    """scikit-criteria's pipeline for the shared part, and its decision matrix."""
    from skcriteria import mkdm
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.scalers import VectorScaler
    from skcriteria.preprocessing.weighters import EntropyWeighter

    pipeline = mkpipe(EntropyWeighter(), VectorScaler(target="matrix"), TOPSIS())
    return pipeline, mkdm(values, [max] * values.shape[1])


def agree(found: dict) -> None:
    """Stop unless all give the same numbers: what is not the same work is not compared."""
    first, *others = (np.asarray(call(), float) for call in found.values())
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-9)


def in_turns(found: dict, rounds: int) -> dict[str, float]:
    """Median processor seconds of each, one call of each in every round."""
    seconds = {name: [] for name in found}
    for _ in range(rounds + 1):
        for name, call in found.items():
            start = time.process_time()
            call()
            seconds[name].append(time.process_time() - start)
    return pd.DataFrame(seconds).iloc[1:].median().to_dict()  # the first round warms up


def row(what: str, found: dict[str, float]) -> str:
    """One line of the first table."""
    others = {name: seconds for name, seconds in found.items() if name != "nqpkit"}
    best = f"{min(others.values()) / found['nqpkit']:.1f} times as fast" if others else ""
    cells = [length(found[name]) if name in found else "" for name in ("nqpkit", *PEERS)]
    return f"| {what} | {' | '.join(cells)} | {best} |"


def length(seconds: float) -> str:
    """Seconds in a fitting unit."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2f} ms"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--units"]:
        print(json.dumps(full_evaluation(int(sys.argv[2]))))
    else:
        main()
