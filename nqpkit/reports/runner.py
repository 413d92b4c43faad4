"""Many reports from one notebook: plan them, skip what is fresh, make the rest side by side, say what happened."""

import itertools
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.kit_files import checkout_root, kit_root
from nqpkit.reports.freshness import report_key, shared_key, why_stale
from nqpkit.reports.parameters import check_names, check_value, read_notebook, read_parameters
from nqpkit.reports.record import RunRecord
from nqpkit.reports.report import REGION, Job, Outcome, read_report, results_text
from nqpkit.reports.workers import KERNELS, make_reports
from nqpkit.storage import Place, as_place, is_remote, read_text, sweep, within, write_whole

DEFAULT_NOTEBOOK = "province_report"
MEMORY_OF_A_REPORT = 400_000_000


@dataclass(frozen=True)
class ReportRow:
    """One line of a run's summary. ``state`` is running, done, fresh, failed or cancelled."""

    report: str
    region: str
    state: str
    seconds: float = 0.0
    reason: str = ""
    path: Place | None = None
    log: Path | None = None


@dataclass
class RunSummary:
    """What a run did: its rows in the order of the plan, the seconds it took, and where its record is."""

    rows: list[ReportRow] = field(default_factory=list)
    seconds: float = 0.0
    record: Path | None = None

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
    rows: Iterable[Mapping] | None = None,
    dask: str | None = None,
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
        How many reports at a time; by default as many as there are cores, and fewer where memory is short.
    out, results : path or address, optional
        Where reports and their results go: a folder, or any location that papermill can write. By default
        ``book/provinces`` and ``results`` for the plain reports of the built-in study inside the checkout, else
        ``reports`` and ``reports/results`` in the current folder.
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
    rows : iterable of mapping, optional
        One mapping of parameters a report, as `parameters.read_rows` reads them from a file; a grid multiplies them.
    dask : str, optional
        Address of the scheduler of a Dask cluster that is to make the reports.

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
    plan = plan_reports(study, regions, group, notebook, parameters, out, results, timeout, rows)
    for job in plan:
        for place in (job.path, job.results, job.failed_path):
            sweep(place)
    known = {} if force else {job.name: _row(job, "fresh") for job in plan if stale_reason(job) is None}
    todo = [job for job in plan if job.name not in known]
    record = RunRecord(plan[0].log.parent if plan else None)
    notify = progress or (lambda *_: None)
    lock = threading.Lock()

    def tell(row: ReportRow) -> None:
        with lock:
            record.row(row)
            notify(row, len(known), len(plan))

    def begin(job: Job) -> None:
        tell(_row(job, "running"))

    record.begin(notebook=plan[0].template.name if plan else str(notebook), reports=len(plan), stale=len(todo),
                 kernels=kernels, dask=dask)
    for row in list(known.values()):
        tell(row)
    try:
        with _termination_as_interrupt():
            if todo and dask:
                from nqpkit.reports.cluster import make_on_cluster

                outcomes = make_on_cluster(todo, dask, begin, kernels)
            else:
                outcomes = make_reports(todo, jobs or _processes(), begin, kernels) if todo else ()
            for job, outcome in outcomes:
                known[job.name] = _row(job, outcome.state, outcome)
                tell(known[job.name])
    except KeyboardInterrupt as stop:
        for job in todo:
            known.setdefault(job.name, _row(job, "cancelled", Outcome("cancelled", 0.0, "the run was stopped")))
            for place in (job.path, job.results, job.failed_path):
                sweep(place)
        signum = getattr(stop, "signum", signal.SIGINT)
        summary = _summary(plan, known, start, record)
        record.end(summary, interrupted=signal.Signals(signum).name)
        raise RunInterrupted(summary, signum) from None
    summary = _summary(plan, known, start, record)
    record.end(summary)
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
    rows: Iterable[Mapping] | None = None,
) -> list[Job]:
    """The jobs that `run_reports` would do with the same arguments; everything is checked, nothing is run."""
    from nqpkit.study import Study

    loaded = Study.load(study)
    template = find_notebook(notebook)
    content = read_notebook(template)
    declared = read_parameters(content, template.name)
    given = {name: list(values) for name, values in (parameters or {}).items()}
    regions = [*(regions or []), *given.pop(REGION, [])]
    rows = [{}] if rows is None else _checked_rows(rows, given, declared, regions or group)
    check_names({*given, *(name for row in rows for name in row), *({REGION} & set(declared))}, declared, content,
                template.name)
    given = {name: [check_value(value, declared[name]) for value in values] for name, values in given.items()}
    _check_choices(given, loaded)
    for row in rows:
        _check_choices({name: [value] for name, value in row.items()}, loaded)
    everywhere = chosen_slugs(loaded, regions, group) if REGION in declared else _no_regions(regions, group, template)
    fixed = {"study": str(loaded.folder)} if study and "study" in declared else {}
    if "year" in declared and declared["year"].default not in (None, *loaded.years):
        fixed["year"] = loaded.years[-1]  # the notebook's own default belongs to another study
    combinations = [dict(zip(given, values, strict=True)) for values in itertools.product(*given.values())]
    grid = {name for name, values in given.items() if len(values) > 1}
    chosen = [(slug, {name: value for name, value in row.items() if name != REGION} | values) for row in rows
              for slug in (chosen_slugs(loaded, [row[REGION]], None) if REGION in row else everywhere)
              for values in combinations]

    def named(values: Mapping) -> dict:
        """What a report's name says: the values of a grid, and whatever differs from the notebook's default."""
        return {name: value for name, value in values.items() if name in grid or value != declared[name].default}

    plain = not study and notebook == DEFAULT_NOTEBOOK and not any(named(values) for _, values in chosen)
    out, results, logs = _places(out, results, plain)
    shared = shared_key(study)
    plan = {}
    for slug, values in chosen:
        name = _file_name(slug or template.stem, named(values))
        if name in plan:
            raise InputError(f"Two reports would have the name '{name}': the rows repeat each other.")
        values = ({REGION: slug} if slug else {}) | fixed | values
        plan[name] = Job(name=name, region=slug, template=template, parameters=values,
                         key=report_key(template, values, shared), path=within(out, f"{name}.ipynb"),
                         results=within(results, f"{name}.json"), time_limit=timeout, log=logs / f"{name}.log")
    return list(plan.values())


def stale_reason(job: Job) -> str | None:
    """Why a report must be made again, None if it is fresh. Lost results are taken from a fresh report again."""
    report = read_report(job.path)
    reason = why_stale(report, job.key)
    if reason is None:
        text = results_text(report)
        if text is not None and not _same(read_text(job.results), text):
            write_whole(job.results, text)
    return reason


def made_reports(folder: Path) -> Iterator[tuple[str, str | None]]:
    """The reports in a folder, each with the reason why it is stale, None if it is fresh.

    A report says which notebook and parameters it was made from; here they are looked up again. Notebooks that no run
    made are passed over.
    """
    shared = {}
    for path in sorted(folder.glob("*.ipynb")):
        report = read_report(path)
        made_from = report["metadata"].get("papermill", {}) if report else {}
        if not report or "nqpkit" not in report["metadata"] or "notebook" not in made_from:
            continue
        values = made_from.get("parameters", {})
        study = values.get("study") or None
        try:
            if study not in shared:
                shared[study] = shared_key(study)
            key = report_key(find_notebook(made_from["notebook"]), values, shared[study])
        except (InputError, OSError) as error:
            yield path.stem, f"what it was made from is not here: {error}"
            continue
        yield path.stem, why_stale(report, key)


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


def chosen_slugs(study, regions: Iterable[str] = (), group: str | None = None) -> list[str]:
    """The slugs of named regions and of a group's members, each once; of all regions if neither is named.

    Raises
    ------
    InputError
        For a region or a group that the study does not have.

    Examples
    --------
    >>> from nqpkit import Study
    >>> chosen_slugs(Study.load(), ["宁夏", "62", "gansu"])
    ['ningxia', 'gansu']
    """
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


def _checked_rows(rows: Iterable[Mapping], given: Mapping, declared: Mapping, regions) -> list[Mapping]:
    """The rows with values of the declared types; a name that is also given otherwise is refused."""
    rows = [dict(row) for row in rows]
    if not rows:
        raise InputError("The parameter file has no rows, so there is nothing to run.")
    for row in rows:
        for name in row:
            if name in given or (name == REGION and regions):
                raise InputError(f"The parameter '{name}' is given twice: in the parameter file and beside it.")
            if name in declared:
                row[name] = check_value(row[name], declared[name])
    return rows


def _same(text: str | None, other: str) -> bool:
    """Whether two files say the same JSON: some locations write it their own way."""
    try:
        return text is not None and (text == other or json.loads(text) == json.loads(other))
    except ValueError:
        return False


def _processes() -> int:
    """As many reports at a time as there are cores, and fewer where memory is short."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // MEMORY_OF_A_REPORT))


def _places(out: Place | None, results: Place | None, plain: bool) -> tuple[Place, Place, Path]:
    """Where reports, results and logs go. Records and logs of a remote run stay on this machine."""
    root = checkout_root() if plain and out is None else None
    if root is not None:
        results = as_place(results or root / "results")
        return root / "book" / "provinces", results, root / "_build" / "runs"
    out = as_place(out or "reports")
    results = as_place(results) if results else within(out, "results")
    return out, results, as_place("reports") / "runs" if is_remote(out) else out / "runs"


def _file_name(stem: str, values: Mapping) -> str:
    """``gansu--weights=entropy``, safe on every file system; a long or altered value is told apart by a hash."""
    said = [f"{name}={value}" for name, value in values.items()]
    safe = [re.sub(r"[^\w.,+=\-\[\]]+", "-", text) for text in said]
    name = "--".join([stem, *safe])
    if safe == said and len(name) <= 120:
        return name
    return f"{name[:100]}--{sha256('--'.join(said).encode()).hexdigest()[:8]}"


def _row(job: Job, state: str, outcome: Outcome | None = None) -> ReportRow:
    if outcome is None:
        return ReportRow(job.name, job.region, state, path=job.path)
    log = job.log if job.log is not None and job.log.is_file() else None
    return ReportRow(job.name, job.region, state, outcome.seconds, outcome.reason, outcome.path, log)


def _summary(plan: list[Job], known: Mapping[str, ReportRow], start: float, record: RunRecord) -> RunSummary:
    return RunSummary([known[job.name] for job in plan], time.perf_counter() - start, record.path)


@contextmanager
def _termination_as_interrupt():
    """A SIGTERM, or a terminal that closes, ends a run like Ctrl-C does: workers stopped, summary given."""
    def stop(signum, frame):
        error = KeyboardInterrupt()
        error.signum = signum
        raise error

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    endings = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {signum: signal.signal(signum, stop) for signum in endings}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
