"""Run a notebook's cells again and again in one process, as ``NOTEBOOK SLUG…``.

Prints the seconds of each round, and those of the processor. The first round is cold. Outputs are made and thrown
away, as a kernel makes them and sends them.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
template, *slugs = sys.argv[1:]
notebook = nbformat.reads(Path(template).read_text(encoding="utf-8"), as_version=4)
shell = InteractiveShell.instance()
for slug in slugs:
    start, work = time.perf_counter(), time.process_time()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = cell.source + (f"\nprovince = {slug!r}" if "parameters" in cell.metadata.get("tags", []) else "")
            with capture_output() as said:
                assert shell.run_cell(source).success, source
    print(time.perf_counter() - start, time.process_time() - work, flush=True)
