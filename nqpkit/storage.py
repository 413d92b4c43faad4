"""Where reports go: a folder, or any location that papermill can write (``s3://…``, ``gs://…``, ``https://…``).

A local file appears under its name complete or not at all. What a remote location does in the middle of a write is
its own matter; object stores and HTTP servers keep the old object until the new one is complete.
"""

import contextlib
import glob
import logging
import os
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path

import psutil

from nqpkit.errors import InputError

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
    write_together({place: text.encode("utf-8")})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several local files, all of them or none.

    None takes its place before all are on the disk; if one cannot take it, those before it get back what they held.
    """
    parts = {place: place.with_name(f".{place.name}.{os.getpid()}.part") for place in contents}
    try:
        for place, part in parts.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(contents[place])
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                shutil.copymode(place, part)
        _take_places(parts)
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _take_places(parts: Mapping[Path, Path]) -> None:
    held = {}
    for place, part in parts.items():
        try:
            if len(held) < len(parts) - 1:  # after the last nothing can fail
                held[place] = place.read_bytes() if place.exists() else None
            os.replace(part, place)
        except OSError:
            held.pop(place, None)
            for moved, old in held.items():
                moved.unlink() if old is None else moved.write_bytes(old)
            raise


def hand_over(contents: Mapping[Path, bytes], remedy: str = "Name another place with --out.") -> list[Path]:
    """`write_together` for files that a person asked for; InputError if their place cannot be written."""
    places = list(contents)
    try:
        write_together(contents)
    except OSError as error:
        where = places[0] if len(places) == 1 else places[0].parent
        raise InputError(f"'{where}' cannot be written ({error.strerror}). {remedy}") from None
    return places


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
