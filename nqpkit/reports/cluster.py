"""Reports on a Dask cluster: the same jobs, their inputs sent along, their outputs brought back.

Any cluster whose scheduler has an address will do: a local one, one over SSH, Kubernetes, or a batch system through
dask-jobqueue. A worker needs this package in the same version and environment; one that differs is refused, because
what it makes would not be what the stamp says. Nothing is read from a shared disk and nothing written to one: template
and study travel with the job, report, results and log come back, and this process puts them in their places.
"""

import atexit
import contextlib
import io
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.reports.freshness import content_hash, lock_hash, package_hash, study_hash
from nqpkit.reports.parameters import read_notebook
from nqpkit.reports.report import THREADS, Job, Outcome, Product, deliver, execute, results_text
from nqpkit.reports.warm_kernels import ADDRESS, KernelParent, available, imported_modules
from nqpkit.reports.workers import GRACE

PATIENCE = "30s"
RETRIES = 2
_parents: dict[str, KernelParent] = {}


def make_on_cluster(jobs: list[Job], address: str, started: Callable[[Job], None],
                    kernels: str = "warm") -> Iterator[tuple[Job, Outcome]]:
    """Make reports on the cluster whose scheduler has this address; yield each job with its outcome as it ends.

    Parameters
    ----------
    jobs : list of Job
    address : str
        Such as ``tcp://10.0.0.5:8786``.
    started : callable
        Called with each job that is handed to the cluster.
    kernels : {"warm", "ordinary"}

    Raises
    ------
    InputError
        If Dask is not installed, no scheduler answers, or a worker has another version of what makes a report.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise InputError("Running on a cluster needs Dask: pip install nqpkit[dask].") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"No Dask scheduler answers at '{address}': {error}.") from None
    with client:
        _check_workers(client)
        modules = {job.template: imported_modules(read_notebook(job.template)) for job in jobs}
        waiting = {}
        for job in jobs:
            future = client.submit(make_remotely, job, job.template.read_bytes(), _packed_study(job),
                                   modules[job.template] if kernels == "warm" else None, pure=False, retries=RETRIES,
                                   key=f"nqp-{job.name}-{job.key['key']}-{time.time_ns()}")
            waiting[future] = (job, time.perf_counter())
            started(job)
        try:
            for future in as_completed(list(waiting), loop=client.loop):
                job, start = waiting.pop(future)
                yield job, _collect(job, future, time.perf_counter() - start)
                future.release()
        finally:
            client.cancel(list(waiting), force=True)


def make_remotely(job: Job, template: bytes, study: bytes | None, modules: list[str] | None) -> tuple:
    """On a worker: execute a job with the inputs that came along; the product, the log and the seconds."""
    key = {"package": package_hash(), "lock": lock_hash()}
    if any(job.key[part] != own for part, own in key.items()):
        return Product(None, reason="a worker that joined the cluster has another version of nqpkit or its "
                                    "environment"), "", 0.0
    os.environ.update(THREADS, JUPYTER_RUNTIME_DIR=_scratch())
    if modules is not None and available():
        _stand_by(modules)
    else:
        os.environ.pop(ADDRESS, None)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="nqpkit-job-", ignore_cleanup_errors=True) as folder:
        local = Path(folder) / job.template.name
        local.write_bytes(template)
        log = Path(folder) / "log"
        parameters, here = dict(job.parameters), None
        if study is not None:
            here = str(Path(folder) / "study")
            with zipfile.ZipFile(io.BytesIO(study)) as archive:
                archive.extractall(here)
            if study_hash(here) != job.key["study"]:
                return Product(None, reason="the study changed while it was sent"), "", 0.0
            parameters["study"] = here
        product = execute(replace(job, template=local, parameters=parameters, log=log))
        if here is not None:
            product = _told_as(product, here, job.parameters["study"])
        words = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return product, words, time.perf_counter() - start


@cache
def _scratch() -> str:
    """A folder for connection files that goes with this worker."""
    folder = tempfile.mkdtemp(prefix="nqpkit-worker-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _stand_by(modules: list[str]) -> None:
    """A parent for warm kernels that stays as long as this worker; one for each set of modules."""
    name = json.dumps(modules)
    if name not in _parents:
        _parents[name] = KernelParent(modules)
    _parents[name].ensure()
    os.environ[ADDRESS] = _parents[name].address


def _check_workers(client) -> None:
    """Refuse a cluster without workers, or with one that would make another report."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        found = client.run(_own_key)
    except TimeoutError:
        raise InputError(f"The Dask cluster has no worker after {PATIENCE}.") from None
    except Exception as error:  # a worker without the package fails in a way of its own
        raise InputError(f"The cluster's workers cannot load nqpkit; install it there: {error}.") from None
    other = [worker for worker, key in found.items() if key != _own_key()]
    if other:
        raise InputError(f"{len(other)} of {len(found)} workers have another version of nqpkit or its environment "
                         f"({', '.join(other[:3])}); install requirements.txt and the same package there.")


def _own_key() -> tuple[str, str]:
    return package_hash(), lock_hash()


def _packed_study(job: Job) -> bytes | None:
    """The files of a study of one's own; None for the built-in one, which is part of the package."""
    folder = job.parameters.get("study")
    if not folder:
        return None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).iterdir()):
            if path.suffix in {".csv", ".yml"}:
                archive.write(path, path.name)
    return buffer.getvalue()


def _collect(job: Job, future, seconds: float) -> Outcome:
    limit = GRACE + (job.time_limit or 0)
    try:
        product, words, took = future.result(timeout=limit)
    except Exception as error:  # a lost worker, a cancelled task
        return Outcome("failed", seconds, f"the cluster lost it: {type(error).__name__}: {error}", job.path)
    if job.log is not None and words:
        with contextlib.suppress(OSError):  # the log matters less than the report
            job.log.parent.mkdir(parents=True, exist_ok=True)
            job.log.write_text(words, encoding="utf-8")
    return deliver(job, product, took)


def _told_as(product: Product, here: str, there: str) -> Product:
    """The product with the study's own folder in the place of the one on the worker, and the stamp to match."""
    def told(node):
        if isinstance(node, dict):
            return {name: told(value) for name, value in node.items()}
        if isinstance(node, list):
            return [told(value) for value in node]
        return node.replace(here, there) if isinstance(node, str) else node

    if product.notebook is None:
        return replace(product, reason=product.reason.replace(here, there))
    report = told(json.loads(product.notebook))
    if "content" in report["metadata"].get("nqpkit", {}):
        report["metadata"]["nqpkit"]["content"] = content_hash(report)
    text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Product(text, results_text(report), product.reason.replace(here, there))
