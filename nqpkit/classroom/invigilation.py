"""Returned notebooks under watch: a process, a folder, a home and a copy of the kit for each; time and memory counted.

The notebook runs in `sitting`. Here is what stands around it: the limits, the kill, and the look afterwards at what it
touched. A process of the same account can do whatever the account can; see the page on grading for what that means.
"""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nqpkit.classroom.sitting import TASK, TOLD
from nqpkit.kit_files import PACKAGE, kit_root
from nqpkit.reports.report import THREADS, kernel_environment
from nqpkit.reports.workers import kill_tree

SCRATCH = "nqpkit-class-"
MARK = "NQPKIT_SITTING"
PATIENCE = 3  # seconds on the clock for one of the processor
TICK = 0.1  # seconds between two looks at a process
LARGEST_TOLD = 32 * 2**20
# What a notebook's process is told of the teacher's environment: where programs are, and the language. No more.
PASSED_ON = ("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS", "PYTHONPATH",
             "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "CONDA_PREFIX", "VIRTUAL_ENV", "TZ")
FINISHED, TIMED_OUT, OUT_OF_MEMORY, ENDED, CANCELLED = "finished", "timed out", "out of memory", "ended", "cancelled"


@dataclass(frozen=True)
class Limits:
    """What one notebook may take, its child processes included.

    Attributes
    ----------
    seconds : float
        Of the processor, so that a busy machine ends nobody early; three times as many on the clock.
    memory : int
        Bytes.
    """

    seconds: float = 120.0
    memory: int = 2 * 2**30


@dataclass(frozen=True)
class Sitting:
    """What became of one notebook.

    Attributes
    ----------
    state : str
        ``finished``, ``timed out``, ``out of memory``, ``ended`` (the process ended by itself, or was killed by
        somebody else) or ``cancelled``.
    cell : int or None
        The code cell, counted from 0, in which it ended; None if it finished.
    answers : dict
        Variable → what it held last: ``{"value": …}``, ``{"unanswered": true}``, ``{"too_large": characters}`` or
        ``{"unreadable": error}``.
    errors : list of dict
        cell, name and value of each error that a cell raised.
    seconds : float
    memory : int
        The most bytes seen.
    touched : list of str
        Files of the kit's copy that it changed.
    """

    state: str
    cell: int | None
    answers: dict[str, dict]
    errors: list[dict]
    seconds: float
    memory: int = 0
    touched: list[str] = field(default_factory=list)


def invigilate(cells: Sequence[str], names: Iterable[str], files: Mapping[str, bytes] | None = None,
               limits: Limits | None = None, stop: threading.Event | None = None) -> Sitting:
    """Execute the code cells of a notebook under watch and collect what the named variables hold.

    Parameters
    ----------
    cells : sequence of str
        Sources, in order. A cell that fails does not keep the next ones from running.
    names : iterable of str
        Variables whose values are answers.
    files : mapping, optional
        Path → content of what lies beside the notebook.
    limits : Limits, optional
    stop : threading.Event, optional
        When set, the notebook is ended and its state is ``cancelled``.
    """
    limits = limits or Limits()
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
    try:
        for name in ("work", "home", "tmp"):
            (folder / name).mkdir()
        _lay(folder / "work", files or {})
        before = _copy_kit(folder / "kit")
        task = {"cells": list(cells), "names": list(names), "memory": limits.memory}
        (folder / TASK).write_text(json.dumps(task), encoding="utf-8")
        state, seconds, memory = _watch(folder, limits, stop or threading.Event())
        return _read(folder, state, seconds, memory, changes(before, fingerprint(folder / "kit")))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(root: Path, passed_over: Iterable[Path] = ()) -> dict[str, str]:
    """Path → hash of every file under a folder (or of the one file), links as what they point to by name only."""
    root, found = Path(root), {}
    away = [Path(path).resolve() for path in passed_over]
    paths = [root] if root.is_file() else sorted(root.rglob("*"))
    for path in paths:
        name = path.relative_to(root).as_posix() if path != root else path.name
        if any(path.resolve().is_relative_to(other) for other in away):
            continue
        try:
            if path.is_symlink():
                found[name] = f"link to {os.readlink(path)}"
            elif path.is_file():
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            found[name] = "unreadable"
    return found


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is new, changed or gone between two fingerprints, in words; compiled files that are new are nobody's doing.

    Examples
    --------
    >>> changes({"a": "1", "b": "1"}, {"a": "2", "c": "1", "__pycache__/x.pyc": "1"})
    ['a changed', 'b removed', 'c added']
    """
    said = []
    for name in sorted({*before, *after}):
        if name not in after:
            said.append(f"{name} removed")
        elif name not in before:
            if "__pycache__" not in PurePosixPath(name).parts:
                said.append(f"{name} added")
        elif before[name] != after[name]:
            said.append(f"{name} changed")
    return said


def _watch(folder: Path, limits: Limits, stop: threading.Event) -> tuple[str, float, int]:
    """Start the sitting and look at it until it ends, or end it."""
    import psutil

    mark = secrets.token_hex(8)
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "nqpkit.classroom.sitting", str(folder)], cwd=folder / "work",
        env=_environment(folder, mark), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    state, most = FINISHED, 0
    try:
        watched = psutil.Process(process.pid)
        while True:
            try:
                process.wait(TICK)
                break
            except subprocess.TimeoutExpired:
                used, worked = _taken(watched)
                most = max(most, used)
                late = worked > limits.seconds or time.monotonic() - start > PATIENCE * limits.seconds
                state = (CANCELLED if stop.is_set() else OUT_OF_MEMORY if used > limits.memory
                         else TIMED_OUT if late else FINISHED)
                if state != FINISHED:
                    break
    except psutil.NoSuchProcess:
        pass
    finally:
        kill_tree(process.pid)
        _kill_marked(mark)
        process.wait()
        process.stdin.close()
    return state, time.monotonic() - start, most


def _taken(process) -> tuple[int, float]:
    """Bytes that a process and its children hold, and seconds of the processor that they have taken."""
    import psutil

    held, worked = 0, 0.0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return held, worked
    for member in family:
        try:
            held += member.memory_info().rss
            times = member.cpu_times()
        except psutil.Error:
            continue
        worked += times.user + times.system
    return held, worked


def _kill_marked(mark: str) -> None:
    """End what the notebook started and let go of: such processes have its mark in their environment."""
    import psutil

    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                process.kill()
        except (psutil.Error, OSError):
            continue


def _read(folder: Path, state: str, seconds: float, memory: int, touched: list[str]) -> Sitting:
    """What the sitting told; a line that is no such line ends the reading."""
    answers, errors, begun, ended, done = {}, [], None, None, False
    try:
        with (folder / TOLD).open("rb") as file:
            text = file.read(LARGEST_TOLD)
    except OSError:
        text = b""
    for line in text.splitlines():
        try:
            said = json.loads(line)
            begun = int(said.get("begin", -1 if begun is None else begun))
            if "end" in said:
                ended = int(said["end"])
                answers |= {str(name): dict(json.loads(value)) for name, value in said["answers"].items()}
                if said["error"]:
                    errors.append({"cell": ended, "name": str(said["error"]["name"])[:200],
                                   "value": str(said["error"]["value"])[:500]})
            done = done or bool(said.get("done"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            break
    if state == FINISHED and not done:
        state = ENDED
    cell = None if state == FINISHED else max(begun or 0, 0)
    return Sitting(state, cell, answers, errors, round(seconds, 2), memory, touched)


def _environment(folder: Path, mark: str) -> dict[str, str]:
    """The environment of a sitting: a home and temporary folder of its own, none of the teacher's settings or keys."""
    home, temporary = str(folder / "home"), str(folder / "tmp")
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    paths = [str(folder / "kit"), *filter(None, [passed.get("PYTHONPATH")])]
    homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
                           "XDG_DATA_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"), home)
    return passed | homes | THREADS | {
        "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary, "MPLCONFIGDIR": str(folder / "home" / "matplotlib"),
        "MPLBACKEND": "Agg", "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", MARK: mark}


def _lay(work: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        place = work / PurePosixPath(name)
        if not place.resolve().is_relative_to(work.resolve()):
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _copy_kit(place: Path) -> dict[str, str]:
    """A copy of the package for one notebook, with the exercises' texts and matplotlib's list of fonts beside it."""
    shutil.copytree(PACKAGE, place / "nqpkit", ignore=_without_book)
    texts = kit_root() / "book" / "exercises"
    if texts.is_dir():
        root = place / "nqpkit" / "kit" if (PACKAGE / "kit").is_dir() else place
        shutil.copytree(texts, root / "book" / "exercises")
    fonts = Path(kernel_environment()["MPLCONFIGDIR"])
    if fonts.is_dir():
        shutil.copytree(fonts, place.parent / "home" / "matplotlib", dirs_exist_ok=True)
    return fingerprint(place)


def _without_book(folder: str, names: list[str]) -> list[str]:
    """The wheel's book and notebooks stay behind: a notebook needs neither."""
    return ["kit"] if Path(folder) == PACKAGE and "kit" in names else []
