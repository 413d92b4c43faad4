"""The process from which warm kernels are forked: it imports once what every notebook wants, then waits.

``python -m nqpkit.reports.kernel_parent DESCRIPTOR WISHES`` (started by `warm_kernels`). It reads the file of wishes
(modules to import, cells to rehearse), then answers requests on the socket: each asks for one kernel and gets a process
identifier. The connection is the kernel's lease: when it closes, the kernel and whatever it started are killed. When
the standard input ends, everything is. The parent runs one thread and no cell of a notebook except those that its
author tagged ``warm``; so each kernel starts from the same clean state.

Whatever prints or warns while it is imported or rehearsed is left to the notebooks, where that belongs: the parent
starts again without it.
"""

import ast
import contextlib
import gc
import importlib
import io
import json
import logging
import os
import random
import selectors
import signal
import socket
import sys
from pathlib import Path

INLINE = "module://matplotlib_inline.backend_inline"
TASKS = Path("/proc/self/task")
KERNEL = ("ipykernel.debugger", "ipykernel.kernelapp", "IPython.core.debugger", "IPython.extensions.storemagic")


def main(listener: str, wishes: str) -> None:
    """Prepare, then fork a kernel for each request until the standard input ends.

    Parameters
    ----------
    listener : str
        The descriptor of the listening socket; requests may wait on it already.
    wishes : str
        The JSON file of the lists ``modules`` and ``rehearsals``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the runner decides
    os.environ.pop("JPY_PARENT_PID", None)
    wanted = json.loads(Path(wishes).read_text(encoding="utf-8"))
    shell = _make_shell()
    silent = prepare(wanted)
    if silent != wanted:
        Path(wishes).write_text(json.dumps(silent), encoding="utf-8")
        os.execv(sys.executable, [sys.executable, "-P", "-m", "nqpkit.reports.kernel_parent", listener, wishes])
    gc.collect()
    gc.freeze()
    _Parent(socket.socket(fileno=int(listener)), shell).serve()


def prepare(wishes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Import modules and rehearse cells; what was silent of them.

    What fails is left to the notebook, which will fail the same way and say so. A rehearsal runs in a namespace that
    is thrown away: what stays is what it loads and what it caches.
    """
    silent = {"modules": [name for name in wishes["modules"] if not _said(importlib.import_module, name)]}
    if "matplotlib.pyplot" in sys.modules:
        _said(_draw_once)
    silent["rehearsals"] = [source for source in wishes["rehearsals"] if not _said(_rehearse, source)]
    return silent


def _rehearse(source: str) -> None:
    """Run a source as a notebook would: what stands by itself in a line is made ready to be shown, a figure drawn."""
    from IPython import get_ipython

    names = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr):
            shown = eval(compile(ast.Expression(node.value), "rehearsal", "eval"), names)
            get_ipython().display_formatter.format(shown)
        else:
            exec(compile(ast.Module([node], []), "rehearsal", "exec"), names)


def _said(action, *arguments) -> str:
    """What an action prints and warns; an error in it says nothing."""
    words = io.StringIO()
    with (contextlib.redirect_stdout(words), contextlib.redirect_stderr(words),
          contextlib.suppress(Exception, SystemExit)):
        action(*arguments)
    return words.getvalue()


class _Parent:
    """The loop: requests in, kernels out, leases watched, children reaped."""

    def __init__(self, listener: socket.socket, shell):
        self.listener, self.shell = listener, shell
        self.kernels: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        self.wake, alarm = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(alarm, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        self.selector.register(self.wake, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.selector.register(self.listener.accept()[0], selectors.EVENT_READ)
                elif key.fileobj is sys.stdin.buffer:
                    return self.end()
                elif key.fileobj == self.wake:
                    self.reap()
                else:
                    self.answer(key.fileobj)

    def answer(self, lease: socket.socket) -> None:
        """A request for a kernel, or the end of a lease."""
        try:
            message, descriptors, *_ = socket.recv_fds(lease, 1 << 20, 2)
            while message and not message.endswith(b"\n"):
                message += lease.recv(1 << 20) or b"\n"
        except OSError:
            message, descriptors = b"", []
        pid = next((pid for pid, other in self.kernels.items() if other is lease), None)
        if not message.strip() or pid is not None:
            self.selector.unregister(lease)
            if pid is None:
                lease.close()
            else:
                _kill_session(pid)
            return
        request = json.loads(message)
        if len(os.listdir(TASKS)) > 1:
            self.selector.unregister(lease)
            lease.sendall(b'{"refused": "a module that was imported beforehand has started threads"}\n')
            lease.close()
        else:
            pid = os.fork()
            if pid == 0:
                self.become_kernel(lease, request, descriptors)
            self.kernels[pid] = lease
            handle = os.pidfd_open(pid)
            with contextlib.suppress(OSError):
                socket.send_fds(lease, [json.dumps({"pid": pid}).encode() + b"\n"], [handle])
            os.close(handle)
        for descriptor in descriptors:
            os.close(descriptor)

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake, 4096)
        for pid in list(self.kernels):
            with contextlib.suppress(ChildProcessError):
                gone, status = os.waitpid(pid, os.WNOHANG)
                if not gone:
                    continue
                lease = self.kernels.pop(pid)
                with contextlib.suppress(KeyError):
                    self.selector.unregister(lease)
                with contextlib.suppress(OSError):
                    lease.sendall(json.dumps({"code": os.waitstatus_to_exitcode(status)}).encode() + b"\n")
                lease.close()
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)  # what the kernel started does not outlive it

    def end(self) -> None:
        for pid in self.kernels:
            _kill_session(pid)
        os._exit(0)

    def become_kernel(self, lease: socket.socket, request: dict, descriptors: list[int]) -> None:
        """The child's life. Nothing of the parent's loop is left in it."""
        code = 1
        try:
            os.setsid()
            _die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.selector.close()
            self.listener.close()
            for other in self.kernels.values():
                other.close()
            lease.close()
            _point_standard_streams(descriptors)
            os.environ.clear()
            os.environ.update(request["environment"])
            os.chdir(request["folder"])
            random.seed()
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed()
            code = _run_kernel(self.shell, request["arguments"])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # nothing may return into the parent's loop
            import traceback

            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)


def _make_shell():
    """IPython's shell as a kernel makes it, so that a module that asks at import whether it is in a notebook is right.

    History is kept in memory: a file shared by many kernels is locked more often than read.
    """
    sys.modules["debugpy"] = None  # nobody debugs a report, and every kernel would load the debugger anew
    for name in KERNEL:
        importlib.import_module(name)
    del sys.modules["debugpy"]
    from ipykernel.compiler import XCachingCompiler
    from ipykernel.zmqshell import ZMQInteractiveShell
    from traitlets.config import Config

    os.environ["MPLBACKEND"] = INLINE
    return ZMQInteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}), user_ns={},
                                        compiler_class=XCachingCompiler)


def _run_kernel(shell, arguments: list[str]) -> int:
    from ipykernel.kernelapp import IPKernelApp

    class WarmKernelApp(IPKernelApp):
        """An ordinary kernel that takes over the shell of its parent."""

        name = "ipython-kernel"

        def init_kernel(self):
            super().init_kernel()
            shell.kernel = self.kernel
            shell.parent = self.kernel
            shell.profile_dir = self.kernel.profile_dir

    sys.argv = ["ipykernel_launcher.py", *arguments]
    # what a kernel says of its own start, such as which transport it was given, is nothing that a reader of a run wants
    app = WarmKernelApp.instance(parent_handle=os.getppid(), log_level=logging.ERROR)
    app.initialize(arguments)
    app.start()
    return 0


def _draw_once() -> None:
    """Let matplotlib read its fonts and load its writer of PNG, which the first figure would otherwise wait for."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1])
    axes.set_title("Title", fontweight="bold")
    figure.savefig(io.BytesIO(), format="png")


def _point_standard_streams(descriptors: list[int]) -> None:
    """Standard input empty; output and errors where the request said, else where the parent's errors go."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    targets = descriptors if len(descriptors) == 2 else [2, 2]
    for place, target in zip((1, 2), targets, strict=True):
        os.dup2(target, place)


def _die_with_parent() -> None:
    """Ask the kernel of the operating system to end this process when its parent ends, however that happens."""
    import ctypes

    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _kill_session(pid: int) -> None:
    """Kill a kernel and the processes that share its group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
