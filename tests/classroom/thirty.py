"""A class of thirty that hands in workshop 4: all right, wrong, broken, hanging, greedy, tampering, copied, missing."""

import json
from dataclasses import dataclass
from pathlib import Path

from nqpkit import Study, evaluate
from nqpkit.classroom.checking import Place
from nqpkit.classroom.items import ITEMS
from nqpkit.classroom.packs import make_packs, notebook_bytes
from nqpkit.classroom.record import ClassRecord

WORKSHOP, FILE = "w4", "w4-coupling.ipynb"
BROKEN, HANGING, GREEDY, TAMPERING, COPIED, MISSING, EMPTY, TORN, DYING = 22, 23, 24, 25, 26, 27, 28, 29, 30
WRONG = (19, 20, 21)  # the others, 1 to 18, are all right
TAMPER = """import nqpkit.classroom.checking as kit, pathlib
kit.judge = lambda *said: kit.Verdict(True, 99, {}, "Right.")
place = pathlib.Path(kit.__file__)
text = place.read_text(encoding="utf-8")
place.write_text(text.replace("return Verdict(False", "return Verdict(True"), encoding="utf-8")
check = lambda name, answer=None: print("Right.")"""


@dataclass(frozen=True)
class Thirty:
    """Where the class lies, its record, and the name of the mistake that each of the wrong ones made."""

    folder: Path
    record: ClassRecord
    slips: dict[str, str]


def hand_in(folder: Path) -> Thirty:
    """Make the packs of thirty students and fill them in."""
    roster = folder / "roster.csv"
    lines = [f"学生{number},{number:03d}" for number in range(1, 31)]
    roster.write_text("\n".join(["姓名,学号", *lines]), encoding="utf-8")
    record = make_packs(roster, folder / "class", [WORKSHOP], seed=4).record
    result = evaluate(Study.load())
    places = {student.id: folder / "class" / "students" / student.folder / FILE for student in record.students}
    slips = {}
    for number, student in enumerate(record.students, 1):
        if number not in (EMPTY, MISSING):
            solved = notebook_bytes(WORKSHOP, result, student.province, record.year, "", student.id, "solution")
            places[student.id].write_bytes(solved)
        if number in WRONG:
            slips[student.id] = _slip(places[student.id], Place(result, student.province, record.year), number)
    ids = {number: student.id for number, student in enumerate(record.students, 1)}
    _insert(places[ids[BROKEN]], 2, "share = 1 / 0")
    _insert(places[ids[HANGING]], -1, "while True:\n    pass")
    _insert(places[ids[GREEDY]], -1, "hoard = []\nwhile True:\n    hoard.append(bytearray(20_000_000))")
    _answer(places[ids[TAMPERING]], "E8.1", "0.5")
    _insert(places[ids[TAMPERING]], 2, TAMPER)
    mine = record.by_id[ids[COPIED]].province
    other = next(student for student in record.students[:18] if student.province != mine)
    places[ids[COPIED]].write_bytes(places[other.id].read_bytes())
    for path in places[ids[MISSING]].parent.iterdir():
        path.unlink()
    places[ids[MISSING]].parent.rmdir()
    places[ids[TORN]].write_bytes(places[ids[TORN]].read_bytes()[:2000])
    _insert(places[ids[DYING]], -1, "import os\nos._exit(3)")
    return Thirty(folder / "class", record, slips)


def _slip(path: Path, place: Place, number: int) -> str:
    """Answer E8.1 with a known mistake in place of the truth."""
    item = ITEMS["E8.1"]
    mistake = item.mistakes[number % len(item.mistakes)]
    answer = {row: dict(parts) for row, parts in item.truth(place).items()}
    for row, parts in mistake.wrong(place).items():
        answer[row] |= parts
    _answer(path, "E8.1", repr({row: {name: float(value) for name, value in parts.items()}
                                for row, parts in answer.items()}))
    return mistake.name


def _answer(path: Path, exercise: str, text: str) -> None:
    """Another answer in place of the one that the cell has worked out, which later cells may still read."""
    notebook = _read(path)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nqp", {}).get("exercise") == exercise:
            asked = f'check("{exercise}"'
            cell["source"] = "".join(cell["source"]).replace(asked, f"{exercise.replace('.', '_')} = {text}\n{asked}")
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _insert(path: Path, place: int, source: str) -> None:
    """A code cell more, before the code cell with this number, and outputs in every cell that say all is right."""
    notebook = _read(path)
    code = [index for index, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    for index in code:
        notebook["cells"][index]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2 of 2 points."}]
    notebook["cells"].insert(code[place], {"cell_type": "code", "id": "more", "metadata": {}, "outputs": [],
                                           "execution_count": None, "source": source})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
