"""What students hand in: folders, archives, or loose notebooks, as a learning-management system gives them out.

Everything is read into memory before any of it is run, so that what a notebook changes on the disk while it is graded
changes nothing of another's. Links are not followed, and nothing is unpacked by name.
"""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nqpkit.classroom.packs import MANIFEST, STUDY
from nqpkit.classroom.record import ClassRecord, Enrolled
from nqpkit.errors import InputError

LARGEST, MANY = 50 * 2**20, 300  # bytes and files of one hand-in
TOO_MUCH = f"more than {MANY} files or {LARGEST // 2**20} MB: the rest was not read"
WORKSHOP = re.compile(r"(?:^|[\s_-])(w[1-9])(?=[\s_.\-(]|$)", re.IGNORECASE)
PASSED_OVER = {".ipynb_checkpoints", "__macosx", ".git", "__pycache__", ".ds_store", "thumbs.db"}


@dataclass(frozen=True)
class HandIn:
    """What one student handed in for one workshop.

    Attributes
    ----------
    student : Enrolled
    workshop : str
    place : str
        Where it was found, empty if it was not.
    notebook : bytes or None
    beside : mapping
        Path → content of the other files.
    remarks : tuple of str
        What the teacher should know about how it was found.
    """

    student: Enrolled
    workshop: str
    place: str = ""
    notebook: bytes | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """One folder, archive or loose notebook: its name, its files, and what was wrong with reading it."""

    name: str
    files: dict[str, bytes]
    fault: str = ""


def collect(folder: str | Path, record: ClassRecord, workshops: Iterable[str],
            passed_over: Iterable[Path] = ()) -> tuple[list[HandIn], list[str]]:
    """Find every student's notebook of the workshops.

    A hand-in belongs to the student whose folder name it has; else to the one whose id its ``pack.json`` or its
    notebook names; else nobody knows whose it is, and that is said.

    Parameters
    ----------
    folder : path
        Holds a folder, a ZIP file or a notebook for each student.
    record : ClassRecord
    workshops : iterable of str
    passed_over : iterable of Path
        Folders in it that are nobody's, such as that of earlier grades.

    Returns
    -------
    hand_ins : list of HandIn
        One for each student and workshop, in the record's order; without a notebook where there is none.
    strangers : list of str
        What belongs to nobody in the record.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise InputError(f"There is no folder '{folder}'. Name the one that holds what the students handed in.")
    found: dict[str, list[_Entry]] = {}
    remarks: dict[str, list[str]] = {}
    strangers = []
    for entry in _entries(folder, set(passed_over)):
        owner, said = _owner(entry, record)
        if owner is None:
            several = len(_claimed(entry.files) & set(record.by_id)) > 1
            why = "it holds packs of several students: name this folder in the command" if several else (
                entry.fault or "no pack.json, folder name or notebook says whose it is")
            strangers.append(f"{entry.name}: {why}")
            continue
        found.setdefault(owner.id, []).append(entry)
        remarks.setdefault(owner.id, []).extend(said)
    workshops = list(workshops)
    return [_hand_in(student, workshop, record.workshops[workshop], found.get(student.id, []),
                     remarks.get(student.id, [])) for student in record.students for workshop in workshops], strangers


def _entries(folder: Path, passed_over: set[Path]) -> list[_Entry]:
    entries = []
    for path in sorted(folder.iterdir()):
        if (path.is_symlink() or path.name.startswith(".") or path.name.casefold() in PASSED_OVER
                or path.resolve() in passed_over):
            continue
        if path.is_dir():
            entries.append(_read_folder(path))
        elif path.stat().st_size > LARGEST:
            entries.append(_Entry(path.name, {}, TOO_MUCH))
        elif path.suffix.casefold() == ".zip":
            entries.append(_read_archive(path.name, path.read_bytes()))
        elif path.suffix.casefold() == ".ipynb":
            entries.append(_Entry(path.name, {path.name: path.read_bytes()}))
    return entries


def _read_folder(folder: Path) -> _Entry:
    files, size, fault = {}, 0, ""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or _passed_over(name):
            continue
        size += path.stat().st_size
        if size > LARGEST or len(files) >= MANY:
            fault = TOO_MUCH
            break
        try:
            content = path.read_bytes()
        except OSError as error:
            fault = f"'{name}' cannot be read ({error.strerror})"
            continue
        if path.suffix.casefold() == ".zip":
            inner = _read_archive(name, content)
            files |= inner.files
            fault = fault or inner.fault
        else:
            files[name] = content
    return _Entry(folder.name, files, fault)


def _read_archive(name: str, content: bytes) -> _Entry:
    """The files of a ZIP archive; names that lead out of it are cut to their last part."""
    files, size = {}, 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                path = PurePosixPath(info.filename.replace("\\", "/"))
                inside = path.name if path.is_absolute() or ".." in path.parts or ":" in info.filename else str(path)
                if info.is_dir() or _passed_over(inside) or (info.external_attr >> 28) == 0o12:
                    continue
                size += info.file_size
                if size > LARGEST or len(files) >= MANY:
                    return _Entry(name, files, TOO_MUCH)
                with archive.open(info) as member:
                    files[inside] = member.read(LARGEST)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError) as error:
        return _Entry(name, files, f"the archive cannot be read ({error})")
    return _Entry(name, files)


def _owner(entry: _Entry, record: ClassRecord) -> tuple[Enrolled | None, list[str]]:
    """Whose a hand-in is, and what speaks against it."""
    stem = _folded(re.sub(r"\.zip$", "", entry.name, flags=re.IGNORECASE))
    by_folder = next((student for student in record.students if _folded(student.folder) == stem), None)
    claimed = _claimed(entry.files)
    known = record.by_id
    remarks = [entry.fault] if entry.fault else []
    if by_folder is not None:
        others = sorted(claimed - {by_folder.id})
        if others:
            names = ", ".join(known[other].folder if other in known else other for other in others)
            remarks.append(f"what lies in the folder was handed out to {names}")
        return by_folder, remarks
    owners = [known[name] for name in sorted(claimed) if name in known]
    if len(owners) > 1:
        return None, remarks
    return (owners[0] if owners else None), remarks


def _folded(name: str) -> str:
    """A folder's name as every system agrees on: macOS takes letters and accents apart, Windows ignores case."""
    return unicodedata.normalize("NFC", name).casefold()


def _claimed(files: Mapping[str, bytes]) -> set[str]:
    """The ids that manifests and notebooks carry."""
    ids = set()
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.name == MANIFEST:
            said = _json(content).get("id")
        elif path.suffix.casefold() == ".ipynb":
            said = _stamp(content).get("student")
        else:
            continue
        if isinstance(said, str) and said:
            ids.add(said)
    return ids


def _hand_in(student: Enrolled, workshop: str, file: str, entries: list[_Entry], remarks: list[str]) -> HandIn:
    notebooks = [(entry, name) for entry in entries for name in entry.files
                 if name.casefold().endswith(".ipynb") and _workshop(name, entry.files[name]) == workshop]
    if not notebooks:
        place = ", ".join(entry.name for entry in entries)
        return HandIn(student, workshop, place, remarks=tuple(remarks))
    notebooks.sort(key=lambda found: (found[0].name != student.folder, PurePosixPath(found[1]).name != file, found[1]))
    entry, name = notebooks[0]
    said = list(remarks)
    if len(notebooks) > 1:
        others = ", ".join(f"{other.name}/{path}" for other, path in notebooks[1:4])
        said.append(f"more than one notebook of {workshop}: {name} was graded, not {others}")
    root = str(PurePosixPath(name).parent)
    prefix = "" if root == "." else f"{root}/"
    beside = {path.removeprefix(prefix): content for path, content in entry.files.items()
              if path.startswith(prefix) and path != name and not path.removeprefix(prefix).startswith(f"{STUDY}/")}
    return HandIn(student, workshop, f"{entry.name}/{name}", entry.files[name], beside, tuple(said))


def _workshop(name: str, content: bytes) -> str:
    """Which workshop a notebook is of: what its file is called, else what it says itself."""
    found = WORKSHOP.search(PurePosixPath(name).name)
    return found[1].casefold() if found else str(_stamp(content).get("workshop", ""))


def _stamp(content: bytes) -> dict:
    metadata = _json(content).get("metadata")
    stamp = metadata.get("nqp") if isinstance(metadata, dict) else None
    return stamp if isinstance(stamp, dict) else {}


def _json(content: bytes) -> dict:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _passed_over(name: str) -> bool:
    return bool(PASSED_OVER & {part.casefold() for part in PurePosixPath(name).parts})
