"""Warm kernels: fresh processes that have their libraries already, forked from one parent.

Most of a short notebook's time is starting a kernel and importing libraries. On Linux one parent process imports
them once, and each kernel is a fork of it: a process of its own, with a state of its own, ready in a fraction of the
time. Elsewhere, and wherever the parent cannot help, an ordinary kernel is started instead; the outputs are the same.

Three ways in: ``nqp run`` uses warm kernels by itself; the papermill engine ``nqp`` inside `warm_kernels`, or inside
the command ``python -m nqpkit.reports.warm_kernels MODULE… -- COMMAND…``; and the provisioner ``nqp-warm`` for
anything else that starts kernels through jupyter_client.
"""

import ast
import asyncio
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

ADDRESS = "NQPKIT_KERNELS"
PROVISIONER = "nqp-warm"
PATIENCE = 120
SOON, LONG = 0.005, 2
LONGEST_ADDRESS = 100
REHEARSED = "warm"
REHEARSALS = 8


def available() -> bool:
    """Whether this system can fork warm kernels."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@contextlib.contextmanager
def warm_kernels(modules: Iterable[str] = (), rehearsals: Iterable[str] = ()) -> Iterator["KernelParent | None"]:
    """A parent for warm kernels while the block runs; the engine ``nqp`` and the provisioner find it by themselves.

    Parameters
    ----------
    modules : iterable of str
        What the parent imports beforehand.
    rehearsals : iterable of str
        Python source that the parent runs once, in a namespace that it throws away, so that caches are filled.

    Examples
    --------
    ::

        with warm_kernels(["pandas", "seaborn"]):
            for place in places:
                papermill.execute_notebook("report.ipynb", f"{place}.ipynb", {"place": place}, engine_name="nqp")
    """
    if not available():
        yield None
        return
    before = os.environ.get(ADDRESS)
    with KernelParent(modules, rehearsals) as parent:
        os.environ[ADDRESS] = parent.address
        try:
            yield parent
        finally:
            os.environ.pop(ADDRESS)
            if before is not None:
                os.environ[ADDRESS] = before


def imported_modules(notebook: Mapping) -> list[str]:
    """The modules that a notebook's code cells import, each once, in their order.

    Parameters
    ----------
    notebook : mapping
        The JSON of the notebook. Cells that are not plain Python are passed over.

    Examples
    --------
    >>> cells = [{"cell_type": "code", "source": "import pandas as pd\\nfrom matplotlib import pyplot, cm"}]
    >>> imported_modules({"cells": cells})
    ['pandas', 'matplotlib', 'matplotlib.pyplot', 'matplotlib.cm']
    """
    found = []
    for cell in notebook["cells"]:
        tree = _parsed("".join(cell["source"])) if cell["cell_type"] == "code" else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")]
    return list(dict.fromkeys(found))


def rehearsals(notebook: Mapping, chosen: Iterable[Mapping]) -> list[str]:
    """The cells tagged ``warm``, behind each set of parameters, as sources that the parent runs beforehand.

    Such a cell loads and computes what all reports of a run share and may run twice without harm; its variables are
    thrown away and what it caches is inherited. At most eight sets are rehearsed.

    Parameters
    ----------
    notebook : mapping
        The JSON of the notebook.
    chosen : iterable of mapping
        Name → value, one mapping for each set of parameters.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    tags = [set(cell.get("metadata", {}).get("tags", [])) for cell in cells]
    sources = ["".join(cell["source"]) for cell in cells]
    if not any(REHEARSED in tag for tag in tags):
        return []
    defaults = [source for source, tag in zip(sources, tags, strict=True) if "parameters" in tag]
    warm = [source for source, tag in zip(sources, tags, strict=True) if REHEARSED in tag and _parsed(source)]
    given = dict.fromkeys("".join(f"{name} = {value!r}\n" for name, value in values.items()) for values in chosen)
    return ["\n".join([*defaults, values, *warm]) for values in list(given)[:REHEARSALS]]


class KernelParent:
    """The parent process: started at once, started again if it was lost, ended with the block or with this process."""

    def __init__(self, modules: Iterable[str] = (), rehearsals: Iterable[str] = (),
                 environment: Mapping[str, str] | None = None, scratch: str | Path | None = None):
        from nqpkit.reports.report import kernel_environment

        self.wishes = {"modules": list(modules), "rehearsals": list(rehearsals)}
        self.environment = dict(kernel_environment() if environment is None else environment)
        self.folder = Path(tempfile.mkdtemp(prefix="nqpkit-", dir=scratch))
        self.address = str(self.folder / "kernels")
        self.process, self.losses, self.closed = None, 0, False
        self.lock = threading.Lock()
        self.ensure()

    def ensure(self) -> None:
        """Start the parent if it is not there. One that was lost three times is not tried again."""
        with self.lock:
            if self.closed or self.losses > 3 or len(self.address) > LONGEST_ADDRESS:
                return
            if self.process is not None:
                if self.process.poll() is None:
                    return
                self.losses += 1
                self.process.stdin.close()
                Path(self.address).unlink(missing_ok=True)
            wishes = self.folder / "wishes.json"
            wishes.write_text(json.dumps(self.wishes), encoding="utf-8")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:  # requests wait on it from now on
                listener.bind(self.address)
                listener.listen(64)
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "nqpkit.reports.kernel_parent", str(listener.fileno()), wishes],
                    env=self.environment, stdin=subprocess.PIPE, stdout=2, pass_fds=[listener.fileno()])

    def close(self) -> None:
        with self.lock:
            self.closed = True
            if self.process is not None:
                self.process.stdin.close()
                try:
                    self.process.wait(5)
                except subprocess.TimeoutExpired:  # in the middle of an import, say; its kernels die with it
                    self.process.kill()
                    self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "KernelParent":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class WarmProvisioner(LocalProvisioner):
    """jupyter_client's provisioner ``nqp-warm``: a kernel forked from the parent, or an ordinary one.

    It takes part for ipykernel on this very interpreter, while the environment variable ``NQPKIT_KERNELS`` names a
    parent's socket.
    """

    exit_code: int | None = None

    async def poll(self) -> int | None:
        code = await super().poll()
        self.exit_code = code if self.has_process else self.exit_code
        return code

    async def kill(self, restart: bool = False) -> None:
        """As the local one, and wait for the end, which its caller looks for only every tenth of a second."""
        await super().kill(restart)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONG):
                while await self.poll() is None:
                    await asyncio.sleep(SOON)

    async def launch_kernel(self, cmd: list[str], **kwargs):
        arguments = _ipykernel_arguments(cmd)
        address = kwargs.get("env", os.environ).get(ADDRESS) or os.environ.get(ADDRESS)
        kernel = _fork_kernel(address, arguments, kwargs) if address and arguments else None
        if kernel is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


class ForkedKernel:
    """A kernel that the parent forked, with the methods of `subprocess.Popen` that jupyter_client calls."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int, lease: socket.socket):
        self.pid, self.returncode = pid, None
        self._handle, self._lease = handle, lease

    def poll(self) -> int | None:
        return self._code(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("kernel", timeout)
        return code

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _code(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            watch = select.poll()
            watch.register(self._handle, select.POLLIN)
            if watch.poll(None if timeout is None else timeout * 1000):
                self.returncode = self._told_code()
                os.close(self._handle)
                self._lease.close()
        return self.returncode

    def _told_code(self) -> int:
        """The exit code as the parent tells it; that of a killed process if the parent is gone too."""
        try:
            self._lease.settimeout(2)
            return json.loads(self._lease.makefile("rb").readline())["code"]
        except (OSError, ValueError, KeyError):
            return -signal.SIGKILL


def register() -> None:
    """Make the provisioner known also where the package was installed before it had one."""
    KernelProvisionerFactory.provisioners.setdefault(PROVISIONER, EntryPoint(
        PROVISIONER, "nqpkit.reports.warm_kernels:WarmProvisioner", KernelProvisionerFactory.GROUP_NAME))


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, say
        return None


def _ipykernel_arguments(command: list[str]) -> list[str] | None:
    """The arguments of ``python -m ipykernel_launcher …`` on this interpreter; None for any other kernel."""
    if "ipykernel_launcher" not in command or shutil.which(command[0]) != shutil.which(sys.executable):
        return None
    return command[command.index("ipykernel_launcher") + 1:]


def _fork_kernel(address: str, arguments: list[str], given: Mapping) -> ForkedKernel | None:
    """Ask the parent for a kernel; None if it cannot give one."""
    request = {"arguments": arguments, "environment": dict(given.get("env") or os.environ),
               "folder": str(given.get("cwd") or Path.cwd())}
    errors = given.get("stderr")
    streams = [errors, errors] if isinstance(errors, int) and errors >= 0 else []
    lease = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lease.settimeout(PATIENCE)
        lease.connect(address)
        socket.send_fds(lease, [json.dumps(request).encode() + b"\n"], streams)
        message, handles, *_ = socket.recv_fds(lease, 4096, 1)
        return ForkedKernel(json.loads(message)["pid"], handles[0], lease)
    except (OSError, ValueError, KeyError, IndexError):
        lease.close()
        return None


def _command(arguments: list[str]) -> int:
    """``MODULE… -- COMMAND…``: run a command while a parent stands by."""
    if "--" not in arguments or arguments[-1] == "--":
        print("Usage: python -m nqpkit.reports.warm_kernels MODULE... -- COMMAND...", file=sys.stderr)
        return 2
    cut = arguments.index("--")
    with warm_kernels(arguments[:cut]):
        return subprocess.run(arguments[cut + 1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(_command(sys.argv[1:]))
