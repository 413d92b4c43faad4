"""Grading what a class hands in: run each notebook afresh, read its answers, judge them against the teacher's record.

Nothing that a notebook says is believed. Its stored outputs are dropped; its province is the record's; the truth of
every exercise is computed here, in this process, before any returned code runs, and the answers come out of the
notebook's own process as plain data.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from nqpkit.classroom.checking import Item, Place, Verdict, judge
from nqpkit.classroom.invigilation import (
    CANCELLED,
    ENDED,
    FINISHED,
    OUT_OF_MEMORY,
    TIMED_OUT,
    Limits,
    Sitting,
    changes,
    fingerprint,
    invigilate,
)
from nqpkit.classroom.packs import STUDENTS, STUDY, find_workshops, notebook_bytes, study_files
from nqpkit.classroom.reading import Flag, Paper, alike, answer_cells, flags, own_code, read_paper
from nqpkit.classroom.record import ClassRecord, read_record
from nqpkit.classroom.returned import HandIn, collect
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.kit_files import PACKAGE
from nqpkit.reports.freshness import package_hash, study_hash
from nqpkit.storage import read_text, write_whole
from nqpkit.study import Study

GRADED, STOPPED, UNREADABLE, MISSING = "graded", "stopped", "unreadable", "missing"
UNGRADED = (STOPPED, TIMED_OUT, OUT_OF_MEMORY, UNREADABLE, CANCELLED)
AGAIN = (TIMED_OUT, OUT_OF_MEMORY, ENDED)
SITTINGS = "sittings"
UNANSWERED = "Unanswered"


@dataclass(frozen=True)
class Exercise:
    """One exercise of a workshop: its id, the variable that takes the answer, its item with the truth of one province.

    ``item`` is None, with a ``reason``, where the study lacks what the exercise needs.
    """

    id: str
    variable: str
    item: Item | None
    reason: str = ""


@dataclass(frozen=True)
class Graded:
    """What became of one student's notebook of one workshop.

    Attributes
    ----------
    hand_in : HandIn
    exercises : tuple of Exercise
        With the truths of the student's province.
    verdicts : dict
        Exercise → Verdict.
    answers : dict
        Exercise → what was answered, as plain data.
    state : str
        ``graded``, ``stopped at cell N``, ``timed out``, ``out of memory``, ``unreadable`` or ``missing``.
    remark : str
        A sentence about the state, or the first error of a cell.
    flags : tuple of Flag
    runs : int
        How often the notebook was run for this; 0 if an earlier run of the same notebook was used.
    seconds : float
    """

    hand_in: HandIn
    exercises: tuple[Exercise, ...]
    verdicts: dict[str, Verdict]
    answers: dict[str, object]
    state: str
    remark: str = ""
    flags: tuple[Flag, ...] = ()
    runs: int = 0
    seconds: float = 0.0

    @property
    def points(self) -> float:
        return round(sum(verdict.points for verdict in self.verdicts.values()), 2)

    @property
    def out_of(self) -> float:
        """Points of the exercises that can be checked; those that a person reads are left out."""
        return sum(each.item.points for each in self.exercises if each.item and each.item.truth)

    @property
    def to_read(self) -> int:
        """How many texts wait for a reader."""
        return sum(verdict.right is None for verdict in self.verdicts.values())

    @property
    def ok(self) -> bool:
        """Whether it was graded, or was never handed in."""
        return not self.state.startswith(UNGRADED)


@dataclass(frozen=True)
class ClassGrades:
    """The grades of a class: one `Graded` a student and workshop, and what belongs to nobody or to all."""

    record: ClassRecord
    study: Study
    workshops: tuple[str, ...]
    graded: list[Graded]
    strangers: list[str]
    warnings: list[str]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether everything that came back could be graded, and nothing on the disk was tampered with."""
        return not self.warnings and all(each.ok for each in self.graded)


def grade_class(folder: str | Path, record: str | Path | None = None, out: str | Path = "grades",
                workshops: Iterable[str] = (), limits: Limits | None = None, jobs: int | None = None,
                force: bool = False, progress: Callable[[str, str, int, int], None] = lambda *said: None
                ) -> ClassGrades:
    """Run and judge what a class handed in.

    Parameters
    ----------
    folder : path
        Holds what came back, see `returned.collect`; or the folder that `nqp class pack` made.
    record : path, optional
        The teacher's record; ``record.json`` in ``folder`` if left out.
    out : path
        Where sittings are kept, so that a notebook that has not changed is not run again.
    workshops : iterable of str
        Short or long names; all of the record if none is named.
    limits : Limits, optional
    jobs : int, optional
        Notebooks at a time.
    force : bool
        Run also what has been run.
    progress : callable
        Is told student, state, how many are done and how many there are.
    """
    start = time.monotonic()
    folder, out = Path(folder).expanduser().resolve(), Path(out).expanduser().resolve()
    at = Path(record).expanduser().resolve() if record else folder
    known = read_record(at)
    chosen = _chosen(known, workshops)
    result, warnings = _evaluation(known)
    returned = folder / STUDENTS if (folder / STUDENTS).is_dir() else folder
    hand_ins, strangers = collect(returned, known, chosen, [out])
    desk = _Desk(known, result)
    for hand_in in hand_ins:  # every truth, before any returned code runs
        desk.exercises(hand_in.workshop, hand_in.student.province)
    watch = Watch([returned, at if at.is_file() else at / "record.json", PACKAGE], [out])
    sat = _sit_all(hand_ins, desk, out / SITTINGS, limits or Limits(), jobs or _processes(), force, watch, progress)
    graded = [_judged(hand_in, desk, *sat[place]) for place, hand_in in enumerate(hand_ins)]
    if watch.kit:
        warnings.append("Returned code changed the installed kit: " + "; ".join(watch.kit[:6])
                        + ". Install it again before you go on, and look at the flags.")
    return ClassGrades(known, result.study, tuple(chosen), _compared(graded, desk), strangers, warnings,
                       time.monotonic() - start)


class Watch:
    """Files that no returned notebook has any business with; each look tells what changed since the last one."""

    def __init__(self, places: Iterable[Path], passed_over: Iterable[Path] = ()):
        self.places, self.passed_over = [Path(place) for place in places], list(passed_over)
        self.kit: list[str] = []
        self.lock = threading.Lock()
        self.before = {place: fingerprint(place, self.passed_over) for place in self.places}

    def look(self) -> list[str]:
        """What changed, with the folder's name before each file."""
        said = []
        with self.lock:
            for place in self.places:
                now = fingerprint(place, self.passed_over)
                found = changes(self.before[place], now)
                self.before[place] = now
                self.kit += found if place == PACKAGE else []
                said += [f"{place.name}/{line}" if place.is_dir() else line for line in found]
        return said


@dataclass(frozen=True)
class _Kept:
    """A sitting as it is kept between two gradings, with what was seen around it."""

    sitting: Sitting
    runs: int
    outside: list[str] = field(default_factory=list)


class _Desk:
    """What the grader knows: for each workshop and province the notebook handed out and the exercises with truths."""

    def __init__(self, record: ClassRecord, result: Evaluation):
        self.record, self.result = record, result
        self.kit = package_hash()
        self._handed: dict[tuple[str, str], tuple[Paper, tuple[tuple[str, str], ...]]] = {}
        self._exercises: dict[tuple[str, str], tuple[Exercise, ...]] = {}
        self.files = study_files(record.study)

    def handed_out(self, workshop: str, province: str) -> Paper:
        return self._notebook(workshop, province)[0]

    def exercises(self, workshop: str, province: str) -> tuple[Exercise, ...]:
        key = workshop, province
        if key not in self._exercises:
            place = Place(self.result, province, self.record.year)
            self._exercises[key] = tuple(frozen_exercise(name, variable, place)
                                         for name, variable in self._notebook(workshop, province)[1])
        return self._exercises[key]

    def _notebook(self, workshop, province):
        key = workshop, province
        if key not in self._handed:
            given = STUDY if self.record.study else ""
            content = notebook_bytes(workshop, self.result, province, self.record.year, given)
            self._handed[key] = read_paper(content), answer_cells(content)
        return self._handed[key]


def frozen_exercise(name: str, variable: str, place: Place) -> Exercise:
    """An exercise whose truth and mistakes are computed now, for one place, and never again."""
    from nqpkit.classroom.items import ITEMS

    item = ITEMS.get(name)
    if item is None:
        return Exercise(name, variable, None, "the kit has no check for it")
    if item.truth is None:
        return Exercise(name, variable, item)
    try:
        truth = item.truth(place)
    except (InputError, KeyError) as error:
        return Exercise(name, variable, None, str(error))
    mistakes = []
    for mistake in item.mistakes:
        with suppress(Exception):  # a mistake that makes no sense for this place explains nothing
            mistakes.append(replace(mistake, wrong=_always(mistake.wrong(place))))
    return Exercise(name, variable, replace(item, truth=_always(truth), mistakes=tuple(mistakes)))


def _always(value):
    return lambda place: value


def _chosen(record: ClassRecord, workshops: Iterable[str]) -> list[str]:
    names = list(find_workshops(list(workshops))) if workshops else list(record.workshops)
    absent = [name for name in names if name not in record.workshops]
    if absent:
        raise InputError(f"The record has no workshop {absent[0]}; it has {', '.join(record.workshops)}.")
    return names


def _evaluation(record: ClassRecord) -> tuple[Evaluation, list[str]]:
    """The evaluation that the truths come from; a study that has changed since the packs were made is said."""
    try:
        study = Study.load(record.study)
    except InputError as error:
        raise InputError(f"The record's study cannot be read. {error}") from None
    study.check_year(record.year)
    changed = study_hash(record.study or None) != record.study_hash
    return evaluate(study), (["The study's files have changed since the packs were made: students worked on other "
                              "figures."] if changed else [])


def _sit_all(hand_ins, desk, kept_in, limits, jobs, force, watch, progress
             ) -> dict[int, tuple[Paper | str, _Kept | None]]:
    """Run every notebook that is there and was not run before; those that died by a limit once more, alone."""
    done, waiting = {}, []
    for place, hand_in in enumerate(hand_ins):
        if hand_in.notebook is None:
            done[place] = "", None
            continue
        try:
            paper = read_paper(hand_in.notebook)
        except ValueError as error:
            done[place] = str(error), None
            continue
        task = _Task(place, hand_in, paper, desk.exercises(hand_in.workshop, hand_in.student.province), desk,
                     kept_in / f"{hand_in.student.folder}-{hand_in.workshop}.json")
        kept = None if force else _earlier(task, limits)
        if kept is None:
            waiting.append(task)
        else:
            done[place] = paper, kept
    total = len(hand_ins)
    for place, (paper, _) in done.items():
        progress(hand_ins[place].student.folder, "kept" if isinstance(paper, Paper) else "", len(done), total)
    stop, alone = threading.Event(), []
    with ThreadPoolExecutor(max(1, min(jobs, len(waiting) or 1))) as pool:
        try:
            for task, kept in _as_they_end(pool, waiting, limits, stop, watch, progress, len(done), total):
                if kept.sitting.state in AGAIN:
                    alone.append((task, kept))
                else:
                    done[task.place] = task.paper, _keep(task, kept, limits)
                    progress(task.hand_in.student.folder, kept.sitting.state, len(done), total)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for task, first in alone:
        progress(task.hand_in.student.folder, "running", len(done), total)
        second = _sit(task, limits, stop, watch)
        again = _Kept(second.sitting, 2, [*first.outside, *second.outside])
        done[task.place] = task.paper, _keep(task, again, limits)
        progress(task.hand_in.student.folder, again.sitting.state, len(done), total)
    return done


@dataclass(frozen=True)
class _Task:
    place: int
    hand_in: HandIn
    paper: Paper
    exercises: tuple[Exercise, ...]
    desk: _Desk
    file: Path

    @property
    def key(self) -> str:
        """Hash of all that a sitting depends on: notebook, what lies beside it, record and kit."""
        digest = hashlib.sha256()
        said = [self.hand_in.student.id, self.hand_in.student.province, self.hand_in.workshop, self.desk.record.year,
                self.desk.record.study_hash, self.desk.kit, [each.variable for each in self.exercises]]
        digest.update(json.dumps(said, ensure_ascii=False).encode())
        for name, content in [("", self.hand_in.notebook), *sorted(self.hand_in.beside.items())]:
            digest.update(f"{name} {len(content)}\n".encode(errors="replace"))
            digest.update(content)
        return digest.hexdigest()


def _as_they_end(pool, tasks, limits, stop, watch, progress, done, total):
    waiting = {}
    for task in tasks:
        waiting[pool.submit(_sit, task, limits, stop, watch, progress, done, total)] = task
    while waiting:
        ended, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)  # a wait without an end hears no Ctrl-C
        for future in ended:
            yield waiting.pop(future), future.result()


def _sit(task: _Task, limits, stop, watch, progress=None, done=0, total=0) -> _Kept:
    if progress and not stop.is_set():
        progress(task.hand_in.student.folder, "running", done, total)
    beside = {**task.hand_in.beside, **task.desk.files}
    sitting = invigilate(task.paper.cells, [each.variable for each in task.exercises], beside, limits, stop)
    return _Kept(sitting, 1, watch.look())


def _earlier(task: _Task, limits: Limits) -> _Kept | None:
    """The sitting of the same notebook, record and kit, if there is one that other limits would not change."""
    try:
        said = json.loads(read_text(task.file) or "")
        if said["key"] != task.key:
            return None
        sitting = Sitting(**said["sitting"])
        roomier = limits.seconds > said["seconds"] or limits.memory > said["memory"]
        if sitting.state == CANCELLED or (sitting.state != FINISHED and roomier):
            return None
        return _Kept(sitting, 0, list(said["outside"]))
    except (ValueError, KeyError, TypeError):
        return None


def _keep(task: _Task, kept: _Kept, limits: Limits) -> _Kept:
    said = {"key": task.key, "seconds": limits.seconds, "memory": limits.memory, "outside": kept.outside,
            "sitting": asdict(kept.sitting)}
    with suppress(OSError):  # a full disk costs a second run, no grade
        write_whole(task.file, json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    return kept


def _judged(hand_in: HandIn, desk: _Desk, paper: Paper | str, kept: _Kept | None) -> Graded:
    """One student's notebook, judged in this process."""
    province = hand_in.student.province
    exercises = desk.exercises(hand_in.workshop, province)
    remarks = tuple(Flag("hand-in", sentence) for sentence in hand_in.remarks)
    if not isinstance(paper, Paper):
        state = UNREADABLE if paper else MISSING
        return Graded(hand_in, exercises, {}, {}, state, paper, remarks)
    sitting = kept.sitting
    place = Place(desk.result, province, desk.record.year)
    said = {each.id: sitting.answers.get(each.variable) or {"unanswered": True} for each in exercises}
    answers = {name: _answer(held) for name, held in said.items()}
    verdicts = {each.id: _verdict(each, said[each.id], place) for each in exercises if each.item}
    state, remark = _state(sitting)
    found = flags(paper, desk.handed_out(hand_in.workshop, province), province, desk.record.year, desk.result.study)
    found += [Flag("changed the kit", f"its copy of the kit was changed: {_some(sitting.touched)}")
              ] if sitting.touched else []
    found += [Flag("wrote outside", "files that are not its own changed while it ran (two notebooks may have run "
                   f"side by side): {_some(kept.outside)}")] if kept.outside else []
    return Graded(hand_in, exercises, verdicts, answers, state, remark, (*remarks, *found), kept.runs, sitting.seconds)


def _answer(said: Mapping):
    """What a variable held: its value, Ellipsis for nothing, a word for what is no answer."""
    if "value" in said:
        return said["value"]
    if "too_large" in said:
        return "(too large)"
    return "(not readable)" if "unreadable" in said else ...


def _verdict(exercise: Exercise, said: Mapping, place: Place) -> Verdict:
    """The verdict, whatever the answer is. One that is no data, or that breaks the judge, is wrong and says so."""
    answer = _answer(said)
    if "value" not in said and answer is not ...:
        return Verdict(False, 0, message=f"The variable holds no answer {answer}. Expected: {exercise.item.form}")
    try:
        return judge(exercise.item, answer, place)
    except Exception as error:
        return Verdict(False, 0, message=f"The answer cannot be read: {type(error).__name__}.")


def _state(sitting: Sitting) -> tuple[str, str]:
    """State and remark of a sitting in the words of the gradebook. Cells are counted as a fresh run numbers them."""
    cell = None if sitting.cell is None else sitting.cell + 1
    errors = [error for error in sitting.errors if error["name"] != UNANSWERED]
    first = (f"cell {errors[0]['cell'] + 1}: {errors[0]['name']}: {errors[0]['value']}"[:300] if errors else "")
    if len(errors) > 1:
        first += f" ({len(errors)} cells failed)"
    if sitting.state == FINISHED:
        memory = next((error for error in errors if error["name"] == "MemoryError"), None)
        return (OUT_OF_MEMORY, f"in cell {memory['cell'] + 1}") if memory else (GRADED, first)
    if sitting.state == ENDED:
        return f"{STOPPED} at cell {cell}", "its process ended there"
    return sitting.state, f"in cell {cell}, after {sitting.seconds:.0f} s"


def _compared(graded: list[Graded], desk: _Desk) -> list[Graded]:
    """The same with a flag on notebooks that two students share."""
    found = list(graded)
    for workshop in {each.hand_in.workshop for each in graded}:
        codes = {}
        for each in graded:
            if each.hand_in.workshop == workshop and each.hand_in.notebook is not None:
                with suppress(ValueError):
                    paper = read_paper(each.hand_in.notebook)
                    codes[each.hand_in.student.id] = own_code(paper, desk.handed_out(workshop,
                                                                                     each.hand_in.student.province))
        same = alike(codes)
        for place, each in enumerate(found):
            if each.hand_in.workshop == workshop and (others := same.get(each.hand_in.student.id)):
                flag = Flag("same as another", f"its code is that of {_some(others, 6, ', ')}")
                found[place] = replace(each, flags=(*each.flags, flag))
    return found


def _some(lines: list[str], most: int = 4, between: str = "; ") -> str:
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return between.join(lines[:most]) + more


def _processes() -> int:
    """As many notebooks at a time as there are cores, fewer where memory is short."""
    import os

    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // (700 * 2**20)))
