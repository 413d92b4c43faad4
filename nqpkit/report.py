"""One report: execute a notebook with parameters, tidy the result, put it in its place.

A report appears under its name complete or not at all: it is written beside its place and moved there. Whatever
the clock or the machine left in it is taken out, so that the same inputs give the same bytes.
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

from nqpkit.freshness import content_hash, stamp_sentence

RESULTS = "application/vnd.nqp+json"
REGION = "province"
# One thread each: the reports run side by side, and sums come out the same on any number of cores.
THREADS = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
                         "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"], "1")
_PROCESS = re.compile(r"[^\s\"'<>()]*ipykernel_[0-9]+[\\/]+")


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
    path, results : Path
        Where the notebook and its results go.
    time_limit : float or None
        Seconds for the whole notebook.
    """

    name: str
    region: str
    template: Path
    parameters: dict = field(hash=False)
    key: dict = field(hash=False)
    path: Path
    results: Path
    time_limit: float | None = None

    @property
    def failed_path(self) -> Path:
        """Where a failed run of this report is kept."""
        return self.path.with_name(f"{self.name}.failed.ipynb")


@dataclass(frozen=True)
class Outcome:
    """What became of a job: state ``done`` or ``failed``, seconds, and the reason of a failure."""

    state: str
    seconds: float
    reason: str = ""
    path: Path | None = None


def make_report(job: Job) -> Outcome:
    """Execute a job's notebook and write the report and its results.

    Nothing that the notebook or the disk does raises here: a fault gives an outcome with the state ``failed``, the
    cell in the reason, and the notebook kept as ``<name>.failed.ipynb`` where the disk allows.
    """
    start = time.perf_counter()
    try:
        reason, path = _execute(job)
    except Exception as error:  # whatever a template, a kernel or a disk can do must not stop the other reports
        reason, path = f"{type(error).__name__}: {error}", None
    return Outcome("failed" if reason else "done", time.perf_counter() - start, reason, path or job.path)


def read_report(path: Path) -> dict | None:
    """The JSON of a report, None if there is none or it cannot be read."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
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


def write_whole(path: Path, text: str) -> None:
    """Write a file so that its name never shows a half: beside its place first, then moved there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


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


def _execute(job: Job) -> tuple[str, Path | None]:
    """The reason of a failure (empty if there is none) and where the notebook is."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from nqpkit.engine import ReportEngine

    job.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nqpkit-", ignore_cleanup_errors=True) as folder:
        draft = Path(folder) / "draft.ipynb"
        (work := Path(folder) / "work").mkdir()
        try:
            with _quiet_papermill():
                notebook = papermill.execute_notebook(
                    _plain(job.template), _plain(draft), job.parameters, engine_name=ReportEngine.name,
                    request_save_on_cell_execute=False, progress_bar=False, kernel_env=kernel_environment(),
                    kernel_cwd=str(work), time_limit=job.time_limit)
        except PapermillExecutionError as error:
            failed = _tidy(nbformat.read(draft, as_version=4), job)
            with contextlib.suppress(OSError):  # the error itself matters more than its copy on a full disk
                write_whole(job.failed_path, nbformat.writes(failed) + "\n")
            return _reason(error), job.failed_path
    notebook = _tidy(notebook, job)
    _fill_in(notebook, job)
    notebook.metadata["nqpkit"] = dict(job.key)
    report = json.loads(nbformat.writes(notebook))
    report["metadata"]["nqpkit"]["content"] = content_hash(report)
    results = results_text(report)
    if results is not None:
        write_whole(job.results, results)
    write_whole(job.path, json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    job.failed_path.unlink(missing_ok=True)
    return "", job.path


def _tidy(notebook, job: Job):
    """Take out what the clock and this machine wrote; hide the injected cell from pages."""
    run = notebook.metadata.pop("papermill", {})
    notebook.metadata["papermill"] = {"parameters": run.get("parameters", {})}
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
            output.text = _PROCESS.sub("cell-", output.text)
        elif output.output_type == "error":
            output.evalue = _PROCESS.sub("cell-", output.evalue)
            output.traceback = [_PROCESS.sub("cell-", line) for line in output.traceback]


def _fill_in(notebook, job: Job) -> None:
    """Write the stamp into the cell tagged ``stamp`` and the title from the results into the one tagged ``title``."""
    results = json.loads(results_text(notebook) or "{}")
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", []) if cell.cell_type == "markdown" else []
        if "stamp" in tags:
            cell.source = stamp_sentence(job.key)
        if "title" in tags and results.get("title"):
            cell.source = f"# {results['title']}"


def _reason(error) -> str:
    where = f"cell {error.cell_index + 1}" + (f" (In [{error.exec_count}])" if error.exec_count else "")
    first = re.sub(r"\s+", " ", f"{error.ename}: {error.evalue}").strip()
    return f"{where}: {first[:500]}"


def _plain(path: Path) -> str:
    """A path that papermill leaves alone: it fills in what stands between braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextlib.contextmanager
def _quiet_papermill():
    """papermill warns about parameters written ``int | None``, which it does not see; they were checked already."""
    import logging

    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
