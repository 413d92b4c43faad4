"""Optional analyses beside the scores: inequality, convergence, neighbours and panel regressions.

`inequality` needs nothing extra. The others call PySAL, statsmodels and linearmodels where those do the job: install
them with ``pip install "nqpkit[analysis]"``.
"""

from nqpkit.analysis import convergence, inequality, panel, space

__all__ = ["convergence", "inequality", "panel", "space"]
