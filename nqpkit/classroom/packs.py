"""A folder for each student of a roster: the workshops with the student's province in, a page of plain words.

What a student has changed is never written over. Whatever was handed out before keeps its province, so that a
second workshop, or a student who comes late, is the same command again.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nqpkit.classroom.folders import own_names
from nqpkit.classroom.record import FILE, ClassRecord, Enrolled, read_record, write_record
from nqpkit.classroom.roster import Student, deal_provinces, read_roster
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.exchange.tidy import as_csv
from nqpkit.problems import Problem
from nqpkit.reports.freshness import study_hash
from nqpkit.storage import hand_over
from nqpkit.study import Study

STUDENTS, ARCHIVES, DEALT = "students", "archives", "provinces.csv"
MANIFEST, README, STUDY = "pack.json", "README.md", "study"
STUDY_FILES = {".csv", ".yml"}


@dataclass(frozen=True)
class Packed:
    """What `make_packs` did: the record, where everything is, what was left alone, what to look at."""

    record: ClassRecord
    folder: Path
    written: int
    kept: list[str]
    warnings: list[Problem]
    archives: list[Path]


def make_packs(roster: str | Path, out: str | Path, workshops: Sequence[str] = (), seed: int | None = None,
               archives: bool = False, study: str | Path | None = None, year: int | None = None,
               progress: Callable[[str, int, int], None] = lambda name, done, total: None) -> Packed:
    """Write the packs of a class.

    Parameters
    ----------
    roster : path
        See `roster.read_roster`.
    out : path
        Folder of the class. Gets ``students/`` (to hand out), ``archives/`` if asked for, and for the teacher alone
        ``record.json`` and ``provinces.csv``.
    workshops : sequence of str
        Names such as ``w4``; all if none is named.
    seed : int, optional
        Of the dealing of provinces; 0, or that of the record that is there.
    archives : bool
        Also a ZIP file of each folder.
    study, year : optional
        The study and the year that the notebooks work on; the built-in one and its last scored year by default.
    progress : callable
        Is told the folder, how many are done and how many there are.

    Returns
    -------
    Packed

    Raises
    ------
    InputError
        If the roster has errors (all of them are listed), a workshop is unknown, or ``out`` holds the packs of another
        study, year or seed.
    """
    loaded = Study.load(study)
    year = loaded.years[-1] if year is None else loaded.check_year(year)
    files = find_workshops(workshops)
    students, problems = read_roster(roster, loaded)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError("\n  ".join(["The roster needs a look; nothing was written.", *map(str, errors)]))
    out = Path(out).expanduser().resolve()
    before = _earlier(out, study, year, seed)
    seed = before.seed if before else seed or 0
    students = deal_provinces(students, loaded, seed, _kept(before, students))
    enrolled = _enrol(before, students)
    result = evaluate(loaded)
    packs, writes, kept, finished = [], [], [], []
    for number, student in enumerate(enrolled):
        progress(student.folder, number, len(enrolled))
        pack, hashes = pack_files(student, files, result, year, study), dict(student.files)
        for name, content in pack.items():
            place = out / STUDENTS / student.folder / name
            if _may_write(place, content, hashes.get(name)):
                writes.append((place, content))
                hashes[name] = _hash(content)
            elif _hash(place.read_bytes()) != _hash(content):
                kept.append(f"{student.folder}/{name}")
        packs.append((student.folder, pack))
        finished.append(replace(student, files=hashes))
    absent = [entry for entry in before.students if entry.id not in {s.id for s in students}] if before else []
    record = ClassRecord(year, seed, str(Path(study).expanduser().resolve()) if study else "", study_hash(study),
                         {**(before.workshops if before else {}), **files}, (*finished, *absent))
    write_record(record, out / FILE)  # before the folders: whatever happens now, the dealing is known
    hand_over({**dict(writes), out / DEALT: _dealt(record).encode("utf-8-sig")})
    made = [_archive(out / ARCHIVES / f"{folder}.zip", folder, pack) for folder, pack in packs] if archives else []
    warnings = [problem for problem in problems if problem.severity != "error"]
    return Packed(record, out, len(writes), kept, warnings, made)


def pack_files(student: Enrolled, workshops: dict[str, str], result: Evaluation, year: int,
               study: str | Path | None = None) -> dict[str, bytes]:
    """The files of one student's folder, path → content; the same bytes for the same student."""
    given = STUDY if study else ""
    files = {file: notebook_bytes(name, result, student.province, year, given, student.id)
             for name, file in workshops.items()}
    manifest = {"id": student.id, "province": student.province, "year": year, "workshops": list(workshops)}
    files[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    files[README] = readme(student, workshops.values(), year, result.study).encode()
    return files | study_files(study)


def study_files(study: str | Path | None) -> dict[str, bytes]:
    """The files of a study as they lie in a pack; nothing for the built-in one, which every kit has."""
    if not study:
        return {}
    folder = Path(study).expanduser()
    return {f"{STUDY}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())
            if path.is_file() and path.suffix in STUDY_FILES}


def notebook_bytes(workshop: str, result: Evaluation, province: str, year: int, given: str = "", student: str = "",
                   edition: str = "student") -> bytes:
    """A workshop's notebook for one student, as the bytes of its file.

    Parameters
    ----------
    workshop : str
        Its short name, ``w4``.
    result : Evaluation
        Of the class's study.
    province, year, student : str, int, str
        Whose notebook it is.
    given : str
        What the notebook's ``study`` parameter says: the folder of a study that lies beside the notebook.
    edition : {"student", "solution", "teacher"}
    """
    import nbformat

    from nqpkit.classroom.workshops import compose, read_workshop

    source = read_workshop(workshop_names()[workshop])
    notebook = compose(source, edition, result, result.study.resolve(province), year, given)
    if student:
        notebook.metadata["nqp"]["student"] = student
    return (nbformat.writes(notebook) + "\n").encode()


def workshop_names() -> dict[str, str]:
    """Short name → name of the source, which is also that of the notebook: ``w4`` → ``w4-coupling``."""
    from nqpkit.classroom.workshops import sources

    return {name.split("-")[0]: name for name in sources()}


def find_workshops(names: Sequence[str]) -> dict[str, str]:
    """The workshops of these names, short or long, as short name → file of the notebook; all if none is named."""
    known = workshop_names()
    long = {name: short for short, name in known.items()}
    unknown = [name for name in names if name not in known and name not in long]
    if unknown:
        raise InputError(f"There is no workshop '{unknown[0]}'. Known: {', '.join(known.values())}.")
    chosen = dict.fromkeys(long.get(name, name) for name in names) or known
    return {name: f"{known[name]}.ipynb" for name in chosen}


def readme(student: Enrolled, notebooks: Iterable[str], year: int, study: Study) -> str:
    """The page of plain words in a student's folder."""
    region, noun = study.regions.loc[study.resolve(student.province)], study.unit["one"]
    chinese = region.get("name_zh", "")
    place = f"{region['name']} ({chinese})" if isinstance(chinese, str) and chinese else region["name"]
    listed = "\n".join(f"- `{name}`" for name in notebooks)
    return f"""# {_plain(student.name)}: {place}, {year}

Your {noun} in this class is **{place}**. Every number that you compute is about it, in the year {year}.

{listed}

1. Open JupyterLab in this folder and open a notebook. If JupyterLab is not there, ask for the page "getting started".
2. Run the cells from the top. Leave the cell with `province`, `year` and `study` as it is: your answers are compared
   with the answers for {region['name']}.
3. Where a cell says `...`, put your answer there and run it. `check` says whether it is right and, if not, what kind of
   mistake it looks like. Try as often as you like.
4. Before you hand in: Kernel, Restart Kernel and Run All Cells. What is graded is a fresh run from top to bottom, not
   the numbers that stand in the file.
5. Save, and hand in the whole folder, with `pack.json` in it.

Help each other, and say so in the notebook. Most answers differ from {noun} to {noun}.

<div lang="zh">

你的{'省份' if noun == 'province' else '地区'}是**{chinese or region['name']}**，年份是 {year}。
请从上到下运行每个单元格，不要改动 `province`、`year`、`study` 三个参数；
在 `...` 处填写答案，`check` 会告诉你对不对、可能错在哪里。
交作业前请“重启内核并运行全部”，保存后把整个文件夹交回。评分以重新运行的结果为准。

</div>
"""


def _earlier(out: Path, study, year: int, seed: int | None) -> ClassRecord | None:
    """The record of packs that are there already, if they are of the same class."""
    if not (out / FILE).exists():
        if (out / STUDENTS).is_dir() and any((out / STUDENTS).iterdir()):
            raise InputError(f"'{out / STUDENTS}' holds folders without a record beside them. Name another folder with "
                             f"--out, or put the {FILE} back.")
        return None
    before = read_record(out)
    differs = [f"{what} {was}, not {now}" for what, was, now in
               (("year", before.year, year), ("seed", before.seed, before.seed if seed is None else seed),
                ("study", before.study or "built in", str(Path(study).expanduser().resolve()) if study else "built in"))
               if was != now]
    if differs:
        raise InputError(f"'{out}' holds packs of {' and '.join(differs)}. Name another folder with --out.")
    return before


def _kept(before: ClassRecord | None, students: Sequence[Student]) -> dict[str, str]:
    """Provinces of an earlier dealing. A roster that now says something else is refused: the pack is out already."""
    kept = {entry.id: entry.province for entry in before.students} if before else {}
    moved = [student for student in students if student.province and kept.get(student.id, student.province)
             != student.province]
    if moved:
        told = "\n  ".join(f"{student.id} {student.name}: {kept[student.id]} in the record, {student.province} in the "
                           "roster" for student in moved)
        raise InputError("These students have a pack with another province already. Write that province in the roster, "
                         f"or make the packs in a new folder with --out.\n  {told}")
    return kept


def _enrol(before: ClassRecord | None, students: Sequence[Student]) -> list[Enrolled]:
    """Students with their folders; those of an earlier record keep theirs."""
    known = before.by_id if before else {}
    new = [student for student in students if student.id not in known]
    names = dict(zip((student.id for student in new),
                     own_names((f"{student.id}-{student.name}" for student in new),
                               [entry.folder for entry in known.values()]), strict=True))
    return [replace(known[student.id], name=student.name) if student.id in known
            else Enrolled(student.id, student.name, student.province, names[student.id]) for student in students]


def _may_write(place: Path, content: bytes, handed_out: str | None) -> bool:
    """Whether a file is new, or still as it was handed out and now to be renewed."""
    if not place.exists():
        return True
    there = _hash(place.read_bytes())
    return there == handed_out and there != _hash(content)


def _archive(target: Path, folder: str, files: dict[str, bytes]) -> Path:
    """A ZIP file of one pack, the same bytes for the same files."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(str(PurePosixPath(folder) / name))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    hand_over({target: memory.getvalue()})
    return target


def _dealt(record: ClassRecord) -> str:
    """Who has which province, as a roster that deals the same again."""
    import pandas as pd

    rows = [(student.name, student.id, student.province) for student in record.students]
    return as_csv(pd.DataFrame(rows, columns=["name", "id", "province"]))


def _plain(text: str) -> str:
    """A name as text in Markdown: what Markdown or HTML would read is escaped."""
    return "".join(f"\\{mark}" if mark in "\\`*_{}[]()<>#+-.!|&" else mark for mark in text)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

