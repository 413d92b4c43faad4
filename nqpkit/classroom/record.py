"""The teacher's record of a class: who has which province, what was handed out. Grading trusts this and no other."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.storage import write_whole

FILE = "record.json"
FORM = 1


@dataclass(frozen=True)
class Enrolled:
    """A student of the record: who, which province, which folder, and the hash of every file handed out."""

    id: str
    name: str
    province: str
    folder: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassRecord:
    """What a pack was made of.

    Attributes
    ----------
    year : int
    seed : int
    study : str
        Folder of the study, empty for the built-in one.
    study_hash : str
        Of the study's files when the packs were made.
    workshops : mapping
        Name → file that the students got.
    students : tuple of Enrolled
    """

    year: int
    seed: int
    study: str
    study_hash: str
    workshops: Mapping[str, str]
    students: tuple[Enrolled, ...]

    @property
    def by_id(self) -> dict[str, Enrolled]:
        return {student.id: student for student in self.students}


def write_record(record: ClassRecord, path: Path) -> None:
    """Write a record, whole or not at all."""
    content = {"form": FORM, "about": "The teacher's record of a class. Keep it; do not hand it out.", **asdict(record)}
    try:
        write_whole(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise InputError(f"'{path}' cannot be written ({error.strerror}).") from None


def read_record(path: str | Path) -> ClassRecord:
    """Read a record.

    Parameters
    ----------
    path : path
        The file, or the folder that holds ``record.json``.

    Raises
    ------
    InputError
        If there is none, or it is no record of this kit.
    """
    path = Path(path).expanduser()
    path = path / FILE if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["form"] != FORM:
            raise InputError(f"'{path}' was written by another version of the kit (form {content['form']}, this one "
                             f"reads {FORM}).")
        students = tuple(Enrolled(**{name: kind(entry[name]) for name, kind in
                                     (("id", str), ("name", str), ("province", str), ("folder", str), ("files", dict))})
                         for entry in content["students"])
        return ClassRecord(int(content["year"]), int(content["seed"]), str(content["study"]),
                           str(content["study_hash"]), dict(content["workshops"]), students)
    except FileNotFoundError:
        raise InputError(f"There is no record '{path}'. `nqp class pack` writes it as {FILE}; name it with --record."
                         ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"'{path}' cannot be read as the record of a class ({type(error).__name__}: {error}). Take "
                         f"the {FILE} that `nqp class pack` wrote.") from None
