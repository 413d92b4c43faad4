"""Where reports go: a folder, or any location that papermill can write (``s3://…``, ``gs://…``, ``https://…``).

A local file appears under its name complete or not at all. What a remote location does in the middle of a write is
its own matter; object stores and HTTP servers keep the old object until the new one is complete.
"""

import contextlib
import glob
import logging
import os
import warnings
from pathlib import Path

import psutil

Place = Path | str


def is_remote(place: Place) -> bool:
    """Whether a place is an address rather than a path.

    Examples
    --------
    >>> is_remote("s3://bucket/reports"), is_remote("reports"), is_remote(Path("reports"))
    (True, False, False)
    """
    return isinstance(place, str) and "://" in place


def as_place(text: str | Path) -> Place:
    """An address as it is, a path absolute."""
    return str(text).rstrip("/") if is_remote(text) else Path(text).expanduser().resolve()


def within(folder: Place, name: str) -> Place:
    """A file or folder in a place."""
    return f"{folder}/{name}" if is_remote(folder) else folder / name


def read_text(place: Place) -> str | None:
    """The text of a file, None if there is none or it cannot be read."""
    try:
        if is_remote(place):
            return _read_remote(place)
        return place.read_text(encoding="utf-8")
    except Exception as error:  # every remote location has errors of its own
        if is_remote(place) or isinstance(error, OSError | ValueError):
            return None
        raise


def write_whole(place: Place, text: str) -> None:
    """Write a file so that its name never shows a half: beside its place first, then moved there."""
    if is_remote(place):
        with quiet_papermill():
            _registry().write(text, place)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)


def remove(place: Place) -> None:
    """Remove a local file if it is there. Remote locations offer no such thing."""
    if not is_remote(place):
        place.unlink(missing_ok=True)


def sweep(place: Place) -> None:
    """Remove what an earlier run left half-written beside a file; another run that is at it now keeps its own."""
    if is_remote(place):
        return
    for part in place.parent.glob(f".{glob.escape(place.name)}.*.part"):
        owner = part.name.removesuffix(".part").rsplit(".", 1)[1]
        if not owner.isdigit() or not psutil.pid_exists(int(owner)):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def quiet_papermill():
    """papermill warns about names without a suffix that it likes and parameters that it does not understand."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.setLevel(level)


def _registry():
    from papermill.iorw import papermill_io

    return papermill_io


def _read_remote(place: str) -> str:
    with quiet_papermill():
        text = _registry().read(place)
    return text.decode() if isinstance(text, bytes) else text
