"""What the reports of a run share when each has a process of its own: the first that needs it makes it, the rest read.

Forked kernels inherit it. Where kernels cannot be forked, the run names a folder in ``NQPKIT_HANDED``: its own, open to
nobody else, gone with the run. So nothing old can be found in it, and nothing is read that another user wrote.
Outside a run the variable is not set and everything is made where it is needed.
"""

import contextlib
import os
import pickle
import time
from collections.abc import Callable, Iterator
from functools import wraps
from hashlib import sha256
from pathlib import Path

import psutil

ADDRESS = "NQPKIT_HANDED"
PAUSE = 0.02


def handed(key: Callable[..., tuple]):
    """Decorate a function whose result the reports of a run share.

    Parameters
    ----------
    key : callable
        Called with the function's arguments; gives what the result depends on, as values with a telling `repr`, or
        None if it cannot be shared.
    """
    def decorate(function):
        @wraps(function)
        def shared(*arguments):
            folder = os.environ.get(ADDRESS)
            rests_on = key(*arguments) if folder else None
            if rests_on is None:
                return function(*arguments)
            name = sha256(repr((function.__module__, function.__qualname__, *rests_on)).encode()).hexdigest()
            return _first_makes(Path(folder) / name[:24], lambda: function(*arguments))
        return shared
    return decorate


def _first_makes(path: Path, make: Callable):
    """What the file holds; made and written first by the one process that has the turn."""
    with _turn(path.with_suffix(".turn")):
        if path.exists():
            return pickle.loads(path.read_bytes())
        value = make()
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        os.replace(part, path)
        return value


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process at a time; the turn of one that was killed is taken over."""
    while True:
        try:
            with path.open("x", encoding="ascii") as file:
                file.write(str(os.getpid()))
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                owner = path.read_text(encoding="ascii")
                if owner and not psutil.pid_exists(int(owner)):
                    path.unlink()
            time.sleep(PAUSE)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
