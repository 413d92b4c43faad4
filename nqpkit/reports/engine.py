"""The papermill engine behind ``nqp run``: one time limit a notebook, and no fault that leaves nothing behind.

papermill's own engine stops with a bare exception when a kernel dies or a cell hangs, and the notebook with its
error is lost. This one writes the fault into the cell where it happened, so that papermill keeps the notebook like
any other failed one. Its kernels are warm where a parent stands by (see `warm_kernels`), ordinary ones elsewhere.
Use it with ``papermill --engine nqp`` for any notebook.
"""

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import ClassVar
from uuid import uuid4

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.paths import jupyter_runtime_dir
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from traitlets import default
from traitlets.config import Config

from nqpkit.reports import warm_kernels

KNOCK = 5  # milliseconds
SILENT = logging.getLogger("nqpkit.reports.engine")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


class PromptClient(AsyncKernelClient):
    """jupyter_client's client, ready as soon as the kernel has answered on both channels.

    jupyter_client's own goes on listening for a fifth of a second, to throw away what nobody asked for; nbclient passes
    over that by itself. And while a kernel has not yet opened its sockets, this one knocks every few milliseconds; the
    usual tenth of a second would let it miss the first word.
    """

    def __init__(self, **given):
        super().__init__(**given)
        self.context.reconnect_ivl = KNOCK

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        start = time.monotonic()
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if timeout is not None and time.monotonic() - start > timeout:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answers(self) -> bool:
        """Ask the kernel for itself; whether it replied and then said that it is idle, so no output will be missed."""
        self.kernel_info()
        with suppress(Empty):
            reply = await self.get_shell_msg(timeout=1)
            self._handle_kernel_info_reply(reply)
            while (await self.get_iopub_msg(timeout=0.2))["content"].get("execution_state") != "idle":
                pass
            return True
        return False


class WarmKernelManager(AsyncKernelManager):
    """jupyter_client's kernel manager, with the provisioner ``nqp-warm`` for kernels that name none."""

    @default("client_factory")
    def _client_factory_default(self) -> type:
        return PromptClient

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None and "provisioner_name" not in spec.metadata.get("kernel_provisioner", {}):
            spec.metadata = spec.metadata | {"kernel_provisioner": {"provisioner_name": warm_kernels.PROVISIONER}}
        return spec


class ReportEngine(NBClientEngine):
    """Execute a notebook on a kernel of its own, within a time limit.

    Options, as keyword arguments of ``papermill.execute_notebook``: ``time_limit`` (seconds for the whole notebook,
    none by default), ``kernel_env`` and ``kernel_cwd`` (the kernel's environment and working folder), ``log_path`` (a
    file that gets a line a cell, errors, and what the kernel's process itself prints).
    """

    name: ClassVar[str] = "nqp"

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, start_timeout=60, time_limit=None, kernel_env=None,
                                 kernel_cwd=None, log_path=None, **_):
        warm_kernels.register()
        run = {}

        def time_left(cell) -> float | None:
            run.setdefault("began", time.monotonic())
            run["manager"] = client.km  # forgotten by the client when the kernel has died
            return max(0.1, run["began"] + time_limit - time.monotonic()) if time_limit else None

        with ExitStack() as stack:
            log = stack.enter_context(_open_log(log_path)) if log_path else None
            hooks = {"on_cell_executed": log.cell} if log else {}
            client = PapermillNotebookClient(
                nb_man, kernel_name=kernel_name, startup_timeout=start_timeout, log=SILENT, record_timing=False,
                coalesce_streams=True, shutdown_kernel="immediate", config=Config({"KernelManager": _transport()}),
                kernel_manager_class=WarmKernelManager, timeout_func=time_left, **hooks)
            given = {"env": kernel_env, "cwd": kernel_cwd, "stderr": log and log.file.fileno()}
            try:
                client.execute(**{name: value for name, value in given.items() if value is not None})
            except CellTimeoutError:
                _blame(nb_man, "TimeLimit", f"the notebook did not finish within {time_limit:g} seconds", log)
            except DeadKernelError:
                _blame(nb_man, "DeadKernel", f"the kernel ended without a word ({_cause(run.get('manager'))})", log)


def _transport() -> dict[str, str]:
    """Files instead of ports where they work: two kernels that start at once can be given the same port."""
    place = Path(jupyter_runtime_dir()) / f"k{uuid4().hex[:12]}"
    if sys.platform != "linux" or len(str(place)) > 90:
        return {}
    place.parent.mkdir(parents=True, exist_ok=True)
    return {"transport": "ipc", "ip": str(place)}


def _cause(manager: AsyncKernelManager | None) -> str:
    """How a kernel ended, as far as its exit code tells."""
    code = getattr(getattr(manager, "provisioner", None), "exit_code", None)
    if code is None or code >= 0:
        return "killed, or out of memory" if code is None else f"exit code {code}"
    return f"signal {-code}: killed, or out of memory" if code == -9 else f"signal {-code}"


def _blame(nb_man: NotebookExecutionManager, name: str, sentence: str, log: "_Log | None") -> None:
    """Write a fault that the kernel could not report itself into the cell that was running."""
    running = [cell for cell in nb_man.nb.cells if cell.metadata.papermill["status"] != nb_man.PENDING][-1]
    running.setdefault("outputs", []).append(new_output("error", ename=name, evalue=sentence,
                                                        traceback=[f"{name}: {sentence}"]))
    nb_man.cell_exception(running)
    if log:
        log.line(f"{name}: {sentence}")


class _Log:
    """The log of one notebook: a line a cell with its seconds, and the traceback of an error."""

    def __init__(self, file):
        self.file, self.last = file, time.monotonic()
        self.line("started")

    def line(self, text: str) -> None:
        with suppress(OSError):  # a full disk spoils the log, not the report
            self.file.write(f"{time.strftime('%H:%M:%S')} {text}\n".encode(errors="replace"))

    async def cell(self, cell, cell_index: int, execute_reply: dict) -> None:
        now, before = time.monotonic(), self.last
        self.last = now
        first = next((line for line in cell.source.splitlines() if line.strip()), "")
        self.line(f"cell {cell_index + 1}: {now - before:.2f} s  {first[:80]}")
        if execute_reply["content"].get("status") == "error":
            self.line(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(execute_reply["content"].get("traceback", []))))


@contextmanager
def _open_log(path: Path) -> Iterator[_Log | None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb", buffering=0)
    except OSError:
        yield None
        return
    with file:
        log = _Log(file)
        yield log
        log.line("ended")


papermill_engines.register(ReportEngine.name, ReportEngine)
