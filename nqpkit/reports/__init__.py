"""Reports: a notebook's parameters, the run that makes a report for each set of them, and when an old one may stay.

`parameters` reads what a notebook wants, `runner` plans the run and says what happened, `workers` (or `cluster`) make
the reports side by side, `report` makes one of them through papermill with `engine`, on kernels that `warm_kernels`
keeps ready; `freshness` knows which reports are still true.
"""
