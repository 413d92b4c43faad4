"""Many reports from one notebook: plan them, skip what is fresh, make the rest side by side, say what happened."""

import itertools
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.freshness import report_key, shared_key, why_stale
from nqpkit.kit_files import checkout_root, kit_root
from nqpkit.parameters import check_names, check_value, read_notebook, read_parameters
from nqpkit.report import REGION, Job, Outcome, read_report, results_text, write_whole
from nqpkit.workers import KERNELS, make_reports

DEFAULT_NOTEBOOK = "province_report"


@dataclass(frozen=True)
class ReportRow:
    """One line of a run's summary. ``state`` is running, done, fresh, failed or cancelled."""

    report: str
    region: str
    state: str
    seconds: float = 0.0
    reason: str = ""
    path: Path | None = None


@dataclass
class RunSummary:
    """What a run did: its rows in the order of the plan, and the seconds it took."""

    rows: list[ReportRow] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every report is there, made now or still fresh."""
        return all(row.state in {"done", "fresh"} for row in self.rows)

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C or a SIGTERM ended a run. Finished reports stay; ``summary`` says which they are."""

    def __init__(self, summary: RunSummary, signum: int):
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.summary = summary
        self.signum = signum


def run_reports(
    study: str | Path | None = None,
    regions: Iterable[str] | None = None,
    group: str | None = None,
    notebook: str | Path = DEFAULT_NOTEBOOK,
    parameters: Mapping[str, list] | None = None,
    jobs: int | None = None,
    out: str | Path | None = None,
    results: str | Path | None = None,
    force: bool = False,
    progress: Callable[[ReportRow, int, int], None] | None = None,
    timeout: float | None = 600,
    kernels: str = "warm",
) -> RunSummary:
    """Execute a parameterised notebook once for each region, and for each combination of parameter values.

    Parameters
    ----------
    study : path, optional
        Folder of a study; the built-in one by default.
    regions : iterable of str, optional
        Names, slugs or codes; all regions of the study, or of ``group``, by default.
    group : str, optional
        A group of the study's regions, such as ``west``.
    notebook : path or str
        A notebook, or the name of one of the kit's.
    parameters : mapping, optional
        Name → list of values. Several values make a grid. A value that is not the notebook's default stands in the
        report's file name, so that the plain report is never overwritten.
    jobs : int, optional
        How many reports at a time; as many as there are cores by default.
    out, results : path, optional
        Where reports and their results go. By default ``book/provinces`` and ``results`` for the plain reports of
        the built-in study inside the checkout, else ``reports`` and ``reports/results`` in the current folder.
    force : bool
        Make also what is fresh.
    progress : callable, optional
        Called with a row, how many reports are finished and how many there are: when one begins (state
        ``running``) and when one ends.
    timeout : float, optional
        Seconds that one notebook may take.
    kernels : {"warm", "ordinary"}
        Warm kernels are forked from one process that has imported the libraries (Linux only; elsewhere ordinary
        ones are used). The reports are the same.

    Returns
    -------
    RunSummary

    Raises
    ------
    InputError
        If the study, a region, the notebook or a parameter is not there or not valid: before anything is run.
    RunInterrupted
        On Ctrl-C or SIGTERM, with the summary; the same call resumes.
    """
    start = time.perf_counter()
    if kernels not in KERNELS:
        raise InputError(f"There are no kernels '{kernels}'. Known: {', '.join(KERNELS)}.")
    plan = plan_reports(study, regions, group, notebook, parameters, out, results, timeout)
    for job in plan:
        _sweep(job)
    rows = {} if force else {job.name: _row(job, "fresh") for job in plan if stale_reason(job) is None}
    todo = [job for job in plan if job.name not in rows]
    notify = progress or (lambda *_: None)
    lock = threading.Lock()

    def tell(row: ReportRow) -> None:
        with lock:
            notify(row, len(rows), len(plan))

    for row in list(rows.values()):
        tell(row)
    summary = RunSummary()
    try:
        with _termination_as_interrupt():
            if todo:
                processes = jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
                for job, outcome in make_reports(todo, processes, lambda job: tell(_row(job, "running")), kernels):
                    rows[job.name] = _row(job, outcome.state, outcome)
                    tell(rows[job.name])
    except KeyboardInterrupt as stop:
        for job in todo:
            rows.setdefault(job.name, _row(job, "cancelled", Outcome("cancelled", 0.0, "the run was stopped")))
            _sweep(job)
        raise RunInterrupted(_summary(plan, rows, start), getattr(stop, "signum", signal.SIGINT)) from None
    summary = _summary(plan, rows, start)
    return summary


def plan_reports(
    study: str | Path | None = None,
    regions: Iterable[str] | None = None,
    group: str | None = None,
    notebook: str | Path = DEFAULT_NOTEBOOK,
    parameters: Mapping[str, list] | None = None,
    out: str | Path | None = None,
    results: str | Path | None = None,
    timeout: float | None = 600,
) -> list[Job]:
    """The jobs that `run_reports` would do with the same arguments; everything is checked, nothing is run."""
    from nqpkit.study import Study

    loaded = Study.load(study)
    template = find_notebook(notebook)
    content = read_notebook(template)
    declared = read_parameters(content, template.name)
    given = {name: list(values) for name, values in (parameters or {}).items()}
    regions = [*(regions or []), *given.pop(REGION, [])]
    check_names(given, declared, content, template.name)
    given = {name: [check_value(value, declared[name]) for value in values] for name, values in given.items()}
    _check_choices(given, loaded)
    slugs = _slugs(loaded, regions, group) if REGION in declared else _no_regions(regions, group, template)
    fixed = {"study": str(loaded.folder)} if study and "study" in declared else {}
    if "year" in declared and declared["year"].default not in (None, *loaded.years):
        fixed["year"] = loaded.default_year  # the notebook's own default belongs to another study
    combinations = [dict(zip(given, values, strict=True)) for values in itertools.product(*given.values())]
    named = {name for name, values in given.items() if len(values) > 1 or values != [declared[name].default]}
    plain = not study and not named and notebook == DEFAULT_NOTEBOOK
    out, results = _places(out, results, plain)
    shared = shared_key(study)
    plan = []
    for slug, chosen in itertools.product(slugs, combinations):
        name = _file_name(slug or template.stem, {key: value for key, value in chosen.items() if key in named})
        values = ({REGION: slug} if slug else {}) | fixed | chosen
        plan.append(Job(name=name, region=slug, template=template, parameters=values,
                        key=report_key(template, values, shared), path=out / f"{name}.ipynb",
                        results=results / f"{name}.json", time_limit=timeout))
    return plan


def stale_reason(job: Job) -> str | None:
    """Why a report must be made again, None if it is fresh. Lost results are taken from a fresh report again."""
    report = read_report(job.path)
    reason = why_stale(report, job.key)
    if reason is None:
        text = results_text(report)
        if text is not None and (not job.results.is_file() or job.results.read_text(encoding="utf-8") != text):
            write_whole(job.results, text)
    return reason


def find_notebook(name: str | Path) -> Path:
    """The path of a notebook: a file, or the name of one of the kit's.

    Raises
    ------
    InputError
        If there is neither; the message lists the kit's.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path.resolve()
    folder = kit_root() / "notebooks"
    known = sorted(file.stem for file in folder.glob("*.ipynb"))
    if path.parent == Path(".") and path.stem in known:
        return folder / f"{path.stem}.ipynb"
    near = get_close_matches(path.stem, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise InputError(f"There is no notebook '{name}'.{hint} Give a path to one, or a name: {', '.join(known)}.")


def _slugs(study, regions: list[str], group: str | None) -> list[str]:
    table = study.regions
    if group is not None and group not in set(table["group"]):
        raise InputError(f"There is no group '{group}' in this study. Known: {', '.join(sorted(set(table['group'])))}.")
    chosen = [study.resolve(name) for name in regions]
    if group is not None:
        chosen += list(table.index[table["group"] == group])
    return [table.loc[code, "slug"] for code in dict.fromkeys(chosen or table.index)]


def _no_regions(regions: list[str], group: str | None, template: Path) -> list[str]:
    if regions or group:
        raise InputError(f"{template.name} has no parameter '{REGION}', so it cannot be run for single regions.")
    return [""]


def _check_choices(given: Mapping[str, list], study) -> None:
    """Values that only the study or a method's mapping can judge."""
    from nqpkit.evaluation import Options, indicator_set

    for name in Options.__dataclass_fields__:
        for value in given.get(name, []):
            if isinstance(value, str | float):
                Options(**{name: value})
            if name == "indicators" and isinstance(value, str):
                indicator_set(study, value)
    for year in given.get("year", []):
        if isinstance(year, int):
            study.check_year(year)


def _places(out: str | Path | None, results: str | Path | None, plain: bool) -> tuple[Path, Path]:
    root = checkout_root() if plain and out is None else None
    if root is not None:
        return root / "book" / "provinces", Path(results or root / "results").resolve()
    out = Path(out or "reports").expanduser().resolve()
    return out, Path(results).expanduser().resolve() if results else out / "results"


def _file_name(stem: str, values: Mapping) -> str:
    """``gansu--weights=entropy``, safe on every file system; a long or altered value is told apart by a hash."""
    said = [f"{name}={value}" for name, value in values.items()]
    safe = [re.sub(r"[^\w.,+=\-\[\]]+", "-", text) for text in said]
    name = "--".join([stem, *safe])
    if safe == said and len(name) <= 120:
        return name
    return f"{name[:100]}--{sha256('--'.join(said).encode()).hexdigest()[:8]}"


def _sweep(job: Job) -> None:
    """Remove what an earlier run left half-written beside a report."""
    for place in (job.path, job.results, job.failed_path):
        for part in place.parent.glob(f".{place.name}.*.part"):
            part.unlink(missing_ok=True)


def _row(job: Job, state: str, outcome: Outcome | None = None) -> ReportRow:
    if outcome is None:
        return ReportRow(job.name, job.region, state, path=job.path)
    return ReportRow(job.name, job.region, state, outcome.seconds, outcome.reason, outcome.path)


def _summary(plan: list[Job], rows: Mapping[str, ReportRow], start: float) -> RunSummary:
    return RunSummary([rows[job.name] for job in plan], time.perf_counter() - start)


@contextmanager
def _termination_as_interrupt():
    """A SIGTERM ends a run like Ctrl-C does: workers stopped, parts removed, summary given."""
    def stop(signum, frame):
        error = KeyboardInterrupt()
        error.signum = signum
        raise error

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
