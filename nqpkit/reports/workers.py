"""Worker processes that make reports side by side, and outlive nothing.

Each worker is a Python process of its own that reads jobs from its standard input and answers on its standard
output. A thread in the parent waits for each. That holds on Linux, macOS and Windows, from a script without a
guard and from a notebook. If a worker is killed, its report fails and another worker takes its place; if the parent
is killed, the workers see their input end and take their kernels with them.
"""

import json
import os
import pickle
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nqpkit.reports.handed import ADDRESS as HANDED
from nqpkit.reports.parameters import read_notebook
from nqpkit.reports.report import REGION, THREADS, Job, Outcome, make_report
from nqpkit.reports.warm_kernels import ADDRESS, KernelParent, available, imported_modules, rehearsals

KERNELS = ("warm", "ordinary")
SCRATCH = "nqpkit-run-"
GRACE = 60
WORTH = 2  # a rehearsal takes about what it saves two reports


def make_reports(jobs: Iterable[Job], processes: int, started: Callable[[Job], None],
                 kernels: str = "warm") -> Iterator[tuple[Job, Outcome]]:
    """Make reports on several processes; yield each job with its outcome as it ends.

    Parameters
    ----------
    jobs : iterable of Job
    processes : int
        How many at a time.
    started : callable
        Called with each job that begins, from a thread of its own.
    kernels : {"warm", "ordinary"}
        Warm kernels are forked from one parent where the system can; ordinary ones import everything themselves.

    Closing the iterator (an interruption closes it too) kills the workers and their kernels.
    """
    waiting, finished = queue.SimpleQueue(), queue.SimpleQueue()
    jobs = list(jobs)
    for job in jobs:
        waiting.put(job)
    _sweep_scratch()
    scratch = tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-")
    parent = _parent(jobs, scratch) if kernels == "warm" and available() else None
    workers = [_Worker(scratch, parent) for _ in range(min(processes, len(jobs)))]
    for worker in workers:
        threading.Thread(target=_serve, args=(worker, waiting, finished, started), daemon=True).start()
    try:
        for _ in jobs:
            yield finished.get()
    finally:
        for worker in workers:
            worker.kill()
        if parent is not None:
            parent.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep_scratch() -> None:
    """Remove the scratch folders of runs that were killed."""
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        owner = folder.name.removeprefix(SCRATCH).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _parent(jobs: list[Job], scratch: str) -> KernelParent:
    """The parent of a run's kernels: it knows what the notebooks import and share."""
    modules, shared = [], []
    for template in dict.fromkeys(job.template for job in jobs):
        notebook = read_notebook(template)
        modules += imported_modules(notebook)
        mine = [job for job in jobs if job.template == template]
        alike = {}
        for job in mine:
            alike.setdefault(json.dumps({**job.parameters, REGION: ""}, sort_keys=True), []).append(job.parameters)
        shared += rehearsals(notebook, [first for first, *others in alike.values() if len(others) >= WORTH])
    return KernelParent(dict.fromkeys(modules), shared, scratch=scratch)


class _Worker:
    """A worker process, started when its first job comes and again after a death."""

    def __init__(self, scratch: str, parent: KernelParent | None = None):
        self.environment = os.environ | THREADS | {"TMPDIR": scratch, "TEMP": scratch, "JUPYTER_RUNTIME_DIR": scratch}
        self.environment.pop(ADDRESS, None)
        if parent is not None:
            self.environment[ADDRESS] = parent.address
        else:
            self.environment[HANDED] = scratch
        self.parent = parent
        self.process = None
        self.closed = False
        self.lock = threading.Lock()

    def make(self, job: Job) -> Outcome:
        """Make a report; once more if it was lost together with the parent of its kernel."""
        if self.parent is None:
            return self._make(job)
        self.parent.ensure()
        losses = self.parent.losses
        outcome = self._make(job)
        self.parent.ensure()
        if outcome.state == "failed" and self.parent.losses > losses:
            outcome = self._make(job)
        return outcome

    def _make(self, job: Job) -> Outcome:
        with self.lock:
            if self.closed:
                return Outcome("cancelled", 0.0, "the run was stopped", job.path)
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen([sys.executable, "-P", "-m", "nqpkit.reports.workers"],
                                                env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        late = threading.Event()
        watch = threading.Timer((job.time_limit or float("inf")) + GRACE, self._end_late, [self.process.pid, late])
        watch.daemon = True
        if job.time_limit:
            watch.start()
        start = time.perf_counter()
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # ended, or closed by `kill`
            code = self.process.wait()
            reason = (f"nothing ended it within {job.time_limit:g} seconds, so its process was killed" if late.is_set()
                      else f"the worker process ended (exit code {code}): killed, or out of memory")
            return Outcome("failed", time.perf_counter() - start, reason, job.path)
        finally:
            watch.cancel()

    @staticmethod
    def _end_late(pid: int, late: threading.Event) -> None:
        """The last resort: a notebook's own time limit has not ended it."""
        late.set()
        kill_tree(pid)

    def kill(self) -> None:
        with self.lock:
            self.closed = True
            if self.process is not None:
                kill_tree(self.process.pid)
                self.process.wait()
                self.process.stdin.close()
                self.process.stdout.close()


def kill_tree(pid: int) -> None:
    """End a process and everything that it started."""
    import psutil

    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _serve(worker: _Worker, waiting: queue.SimpleQueue, finished: queue.SimpleQueue, started) -> None:
    while not worker.closed:
        try:
            job = waiting.get_nowait()
        except queue.Empty:
            return
        started(job)
        finished.put((job, worker.make(job)))


def _work() -> None:
    """A worker's life: jobs in, outcomes out, until the input ends."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    sys.modules["rfc3987_syntax"] = None  # a grammar of web addresses, half a second to load; notebooks have none
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not look like an answer
    jobs = queue.SimpleQueue()

    def read() -> None:
        while True:
            try:
                jobs.put(pickle.load(sys.stdin.buffer))
            except (EOFError, OSError):
                import psutil

                for child in psutil.Process().children(recursive=True):
                    child.kill()
                os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    while True:
        pickle.dump(make_report(jobs.get()), answers)
        answers.flush()


if __name__ == "__main__":
    _work()
