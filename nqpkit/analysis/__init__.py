"""Optional analyses beside the scores: inequality, convergence, neighbours, panel regressions, and an audit.

`inequality`, `association` and `audit` need nothing extra. The others call PySAL, statsmodels and linearmodels where
those do the job: install them with ``pip install "nqpkit[analysis]"``.
"""

from nqpkit.analysis import association, audit, convergence, inequality, panel, space

__all__ = ["association", "audit", "convergence", "inequality", "panel", "space"]
