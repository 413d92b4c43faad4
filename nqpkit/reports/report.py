"""One report: execute a notebook with parameters, tidy the result, put it in its place.

A report appears under its name complete or not at all. Whatever the clock or the machine left in it is taken out, so
that the same inputs give the same bytes. Making it and putting it in its place are two steps, because the first may
happen on another machine.
"""

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nqpkit.reports.freshness import content_hash, stamp_sentence
from nqpkit.storage import Place, quiet_papermill, read_text, remove, within, write_whole
from nqpkit.wording import safe

RESULTS = "application/vnd.nqp+json"
REGION = "province"
# One thread each: the reports run side by side, and sums come out the same on any number of cores.
THREADS = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
                         "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"], "1")
_PROCESS = re.compile(r"[^\s\"'<>()]{0,200}ipykernel_[0-9]+[\\/]+")


@dataclass(frozen=True)
class Job:
    """One report to make.

    Attributes
    ----------
    name : str
        File name without suffix.
    region : str
        Slug of the region, empty if the notebook has none.
    template : Path
    parameters : dict
        What papermill injects.
    key : dict
        From `freshness.report_key`.
    path, results : Path or str
        Where the notebook and its results go; a text is an address that papermill can write.
    time_limit : float or None
        Seconds for the whole notebook.
    log : Path or None
        Where the log of its execution goes.
    """

    name: str
    region: str
    template: Path
    parameters: dict = field(hash=False)
    key: dict = field(hash=False)
    path: Place
    results: Place
    time_limit: float | None = None
    log: Path | None = None

    @property
    def failed_path(self) -> Place:
        """Where a failed run of this report is kept."""
        folder = self.path.rsplit("/", 1)[0] if isinstance(self.path, str) else self.path.parent
        return within(folder, f"{self.name}.failed.ipynb")


@dataclass(frozen=True)
class Product:
    """What the execution of a notebook gave: its text, that of its results, and the reason if it failed."""

    notebook: str | None
    results: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: state ``done``, ``failed`` or ``cancelled``, seconds, and the reason of a failure."""

    state: str
    seconds: float
    reason: str = ""
    path: Place | None = None


def make_report(job: Job) -> Outcome:
    """Execute a job's notebook and write the report and its results.

    Nothing that the notebook or the disk does raises here: a fault gives an outcome with the state ``failed``, the
    cell in the reason, and the notebook kept as ``<name>.failed.ipynb`` where the disk allows.
    """
    start = time.perf_counter()
    return deliver(job, execute(job), time.perf_counter() - start)


def execute(job: Job) -> Product:
    """Execute a job's notebook; whatever a template, a kernel or a disk does wrong is in the product's reason."""
    try:
        return _execute(job)
    except Exception as error:  # one report must not stop the others
        return Product(None, reason=_sentence(error))


def deliver(job: Job, product: Product, seconds: float = 0.0) -> Outcome:
    """Put what an execution gave in its place. A report that was there before stays until the new one is complete."""
    start = time.perf_counter()
    path, reason = job.path, product.reason
    try:
        if reason and product.notebook is not None:
            write_whole(job.failed_path, product.notebook)
            path = job.failed_path
        elif not reason:
            if product.results is not None:
                write_whole(job.results, product.results)
            write_whole(job.path, product.notebook)
            remove(job.failed_path)
    except Exception as error:  # a full disk, a lost connection: the fault of the notebook matters more
        reason = reason or f"the report could not be written: {_sentence(error)}"
    state = "failed" if reason else "done"
    return Outcome(state, seconds + time.perf_counter() - start, reason, path)


def read_report(path: Place) -> dict | None:
    """The JSON of a report, None if there is none or it cannot be read."""
    text = read_text(path)
    try:
        report = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return report if isinstance(report, dict) and {"cells", "metadata"} <= set(report) else None


def results_text(report: Mapping) -> str | None:
    """The results that a report shows as ``application/vnd.nqp+json``, as the text of a file; None if it has none."""
    bundles = [output["data"][RESULTS] for cell in report["cells"] for output in cell.get("outputs", [])
               if RESULTS in output.get("data", {})]
    if not bundles:
        return None
    bundle = bundles[-1]
    if isinstance(bundle, str | list):
        with contextlib.suppress(ValueError):
            bundle = json.loads("".join(bundle) if isinstance(bundle, list) else bundle)
    return json.dumps(bundle, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def kernel_environment() -> dict[str, str]:
    """The environment of a report's kernel: as the user's, less what would make two machines differ.

    One thread for numerical libraries, UTF-8, a fixed hash seed, no IPython profile and no matplotlib settings of
    the user's. matplotlib's folder is a cache of its own, so that the list of fonts is made once.
    """
    personal = {"MATPLOTLIBRC", "MPLBACKEND", "PYTHONSTARTUP"}
    environment = {name: value for name, value in os.environ.items() if name not in personal}
    cache = _cache_folder()
    return environment | THREADS | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "IPYTHONDIR": str(cache / "ipython"),
                                    "MPLCONFIGDIR": str(cache / "matplotlib"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    cache = user_cache_path("nqpkit")
    try:
        for name in ("ipython", "matplotlib"):
            (cache / name).mkdir(parents=True, exist_ok=True)
        if os.access(cache / "matplotlib", os.W_OK):
            return cache
    except OSError:
        pass
    cache = Path(tempfile.gettempdir()) / f"nqpkit-{getattr(os, 'getuid', lambda: 'user')()}"
    for name in ("ipython", "matplotlib"):
        (cache / name).mkdir(parents=True, exist_ok=True)
    return cache


def _execute(job: Job) -> Product:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from nqpkit.reports.engine import ReportEngine

    with tempfile.TemporaryDirectory(prefix="nqpkit-", ignore_cleanup_errors=True) as folder:
        draft = Path(folder) / "draft.ipynb"
        (work := Path(folder) / "work").mkdir()
        try:
            with quiet_papermill():
                notebook = papermill.execute_notebook(
                    _plain(job.template), _plain(draft), job.parameters, engine_name=ReportEngine.name,
                    request_save_on_cell_execute=False, progress_bar=False, kernel_env=kernel_environment(),
                    kernel_cwd=str(work), time_limit=job.time_limit, log_path=job.log)
        except PapermillExecutionError as error:
            kept = None
            with contextlib.suppress(OSError, ValueError):  # no room for the draft either
                kept = nbformat.writes(_tidy(nbformat.read(draft, as_version=4), job)) + "\n"
            return Product(kept, reason=_reason(error))
    notebook = _tidy(notebook, job)
    _fill_in(notebook, job)
    notebook.metadata["nqpkit"] = dict(job.key)
    report = json.loads(nbformat.writes(notebook))
    report["metadata"]["nqpkit"]["content"] = content_hash(report)
    return Product(json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n", results_text(report))


def _tidy(notebook, job: Job):
    """Take out what the clock and this machine wrote; hide the injected cell from pages."""
    run = notebook.metadata.pop("papermill", {})
    notebook.metadata["papermill"] = {"notebook": job.template.name, "parameters": run.get("parameters", {})}
    for index, cell in enumerate(notebook.cells):
        _forget_process(cell)
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
            cell.metadata["tags"] = sorted({*tags, "remove-input", "remove-cell"})
        elif "papermill-error-cell-tag" in tags:
            cell["id"] = f"error-{index}"
    return notebook


def _forget_process(cell) -> None:
    """Warnings and tracebacks name a cell by a file in a folder of its process: ``/tmp/ipykernel_4711/123.py``."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            output.text = _without_process(output.text)
        elif output.output_type == "error":
            output.evalue = _without_process(output.evalue)
            output.traceback = [_without_process(line) for line in output.traceback]


def _without_process(text: str) -> str:
    """Only lines that name such a file are searched: a long line without a space would take its length squared."""
    if "ipykernel_" not in text:
        return text
    return "".join(_PROCESS.sub("cell-", line) if "ipykernel_" in line else line
                   for line in text.splitlines(keepends=True))


def _fill_in(notebook, job: Job) -> None:
    """Write the stamp into the cell tagged ``stamp`` and the title from the results into the one tagged ``title``."""
    results = json.loads(results_text(notebook) or "{}")
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", []) if cell.cell_type == "markdown" else []
        if "stamp" in tags:
            cell.source = stamp_sentence(job.key)
        if "title" in tags and results.get("title"):
            cell.source = f"# {safe(results['title'])}"


def _reason(error) -> str:
    where = f"cell {error.cell_index + 1}" + (f" (In [{error.exec_count}])" if error.exec_count else "")
    first = re.sub(r"\s+", " ", f"{error.ename}: {error.evalue}").strip()
    return f"{where}: {first[:500]}"


def _plain(path: Path) -> str:
    """A path that papermill leaves alone: it fills in what stands between braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
