"""One returned notebook, executed cell by cell in a process of its own; its answers go out as plain data.

``python -P -m nqpkit.classroom.sitting FOLDER`` (started by `invigilation`). FOLDER holds ``task.json``: the code cells
and the names of the variables that hold answers. After each cell a line of JSON goes to ``told.jsonl``: the cell, its
error if it had one, and the answers that are new. An error does not end the sitting: the cells after it are run, as a
patient reader would. This process knows no truth and judges nothing, so whatever the notebook does to it, it can only
change its own answers.
"""

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path

TASK, TOLD = "task.json", "told.jsonl"
LARGEST_ANSWER = 200_000  # characters of JSON
LARGEST_FILE = 512 * 2**20


def sit(folder: Path) -> None:
    """Run the cells of ``task.json`` and tell after each what became of it."""
    task = json.loads((folder / TASK).read_text(encoding="utf-8"))
    _end_with_parent()
    _limit(task["memory"])
    told = (folder / TOLD).open("w", encoding="utf-8")
    shell, plain = _shell(), _plain()
    _quieten()
    sys.path.insert(0, "")  # the notebook's own folder, as in JupyterLab

    def tell(**line) -> None:
        told.write(json.dumps(line, ensure_ascii=True) + "\n")
        told.flush()

    known: dict[str, str] = {}
    for number, source in enumerate(task["cells"]):
        tell(begin=number)
        start = time.monotonic()
        error = _run(shell, source)
        answers = {}
        for name in task["names"]:
            if name in shell.user_ns and (text := _as_json(plain, shell.user_ns[name])) != known.get(name):
                known[name] = answers[name] = text
        tell(end=number, seconds=round(time.monotonic() - start, 3), error=error, answers=answers)
    tell(done=True)
    told.close()


def _run(shell, source: str) -> dict | None:
    """Run a cell; its error as plain text, None if it had none."""
    try:
        result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as raised:  # what even the shell lets through
        error = raised
    if error is None or error is False:
        return None
    try:
        value = str(error)
    except BaseException:  # an exception of the notebook's own may not even have a text
        value = ""
    return {"name": type(error).__name__, "value": value[:500]}


def _as_json(plain, value) -> str:
    """An answer as JSON text; what is no answer is named as such."""
    try:
        if value is ...:
            return json.dumps({"unanswered": True})
        text = json.dumps({"value": plain(value)}, ensure_ascii=True)
    except BaseException as error:
        return json.dumps({"unreadable": type(error).__name__})
    return text if len(text) <= LARGEST_ANSWER else json.dumps({"too_large": len(text)})


def _quieten() -> None:
    """``check`` without its verdict, which nobody reads here: the exercises need not be loaded and judged twice."""
    from nqpkit.classroom import desk

    def check(self, name: str, answer=...) -> None:
        if answer is ...:
            raise desk.Unanswered(f"{name} is not answered.")

    desk.Desk.__call__ = check


def _plain():
    from nqpkit.classroom.answers import plain

    return plain


def _shell():
    """IPython's shell, which knows magics and ``display``, without history and without colour."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """``%matplotlib inline`` asks for it; there is no window here."""

    quiet = {"HistoryManager": {"enabled": False}, "DisplayFormatter": {"active_types": ["text/plain"]},
             "InteractiveShell": {"colors": "nocolor", "xmode": "Minimal", "cache_size": 0}}
    return Shell.instance(config=Config(quiet))


def _limit(memory: int) -> None:
    """The system's own limits where it has them: no core files, no huge files, a ceiling for addresses.

    The ceiling stands far above the limit that the invigilator watches, because libraries reserve more than they use.
    """
    try:
        import resource
    except ImportError:  # Windows: the invigilator's watch alone
        return
    for name, value in (("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", LARGEST_FILE), ("RLIMIT_AS", 4 * memory + 4 * 2**30)):
        with contextlib.suppress(ValueError, OSError, AttributeError):
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def _end_with_parent() -> None:
    """Standard input is the invigilator's: when it ends, so does this process. The notebook gets an empty one."""
    lease = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        lease.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    sit(Path(sys.argv[1]))
