"""Six workshops: what stands in each copy, that no student copy holds an answer, and that the solutions are right."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from nqpkit import InputError
from nqpkit.chapters import index_building, scenarios
from nqpkit.chapters import one as chapter_one
from nqpkit.chapters import paper as paper_chapter
from nqpkit.chapters.case import follow
from nqpkit.claims import ledger
from nqpkit.classroom.answers import plain
from nqpkit.classroom.checking import Place
from nqpkit.classroom.desk import Desk, Unanswered
from nqpkit.classroom.exercises import exercise as read_exercise
from nqpkit.classroom.items import ITEMS
from nqpkit.classroom.workshops import (
    compose,
    make_workshop,
    parse_workshop,
    read_workshop,
    sources,
    variable,
    write_workshop,
)

ROOT = Path(__file__).parent.parent.parent
NAMES = list(sources())
EDITIONS = ("student", "solution", "teacher")
LONG = 12  # characters of a line from which on it would give something away
ROUNDED = ("{:.1f}", "{:.2f}", "{:.3f}", "{:.4f}", "{:,.1f}", "{:,.0f}", "{:.0f}")
IN_THE_PAPER = "21.5"  # its share of the West, on a claim card; E2.1 asks for two decimals
RUN = 8  # words in a row that nobody writes twice by chance
SMALL = """---
workshop:
  title: Small
  title_zh: 小
  about: Little.
  objectives: [add]
  needs: [nothing]
  chapters: []
  homework: []
---

```{code-cell} ipython3
:tags: [parameters]
province = "gansu"  # whose
year = 2023  # when
study = ""  # which
```

+++ {"step": "One", "zh": "一", "minutes": 5}

Look.

+++ {"exercise": "E8.1", "how": "by hand"}

+++ {"for": "hint"}

Think.

```{code-cell} ipython3
:tags: [solution]
total = 0.4711 + 0.0815
E8_1 = total
```

+++ {"for": "solution"}

The sum is known to everybody.

+++ {"for": "teacher"}

Let nobody use a telephone here.
"""


@pytest.fixture(scope="module")
def copies(result):
    """Every copy of every workshop, for one province."""
    return {(name, edition): compose(read_workshop(name), edition, result, "62", 2023)
            for name in NAMES for edition in EDITIONS}


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def written(notebook):
    return "\n".join(cell["source"] for cell in notebook["cells"])


def squeezed(text):
    """Text without what layout adds: Markdown's marks, blanks, line breaks."""
    return re.sub(r"[\s>*_`\\]+", " ", text).strip()


def pieces(text):
    """The sentences and lines of a text that are long enough to give something away."""
    parts = re.split(r"(?<=[.;:?!])\s+|\n{2,}|\n(?=[-|\d>])", text)
    return [piece for part in parts if len(piece := squeezed(part)) >= LONG]


def secrets(workshop, result):
    """What a student copy must not hold: lines of solutions, sentences of remarks and of worked answers.

    Imports, and what the exercise itself says, are no secrets.
    """
    found, given = [], squeezed(" ".join(read_exercise(name, result).task for name in workshop.exercises))
    for cell in workshop.cells:
        if "solution" in cell.metadata.get("tags", []):
            lines = [line for line in cell.source.split("\n") if not line.startswith(("import ", "from "))]
            found += [squeezed(line) for line in lines if len(line.strip()) >= LONG]
        elif cell.metadata.get("for") in ("solution", "teacher"):
            found += pieces(cell.source)
    found += [piece for name in workshop.exercises for piece in pieces(read_exercise(name, result).solution)]
    return [secret for secret in found if not holds(given, secret)]


def holds(text, secret):
    """Whether a text has a secret, or a run of words out of the middle of it."""
    words = secret.split()
    runs = [" ".join(words[start:start + RUN]) for start in range(len(words) - RUN + 1)]
    return any(run in text for run in [secret, *runs])


def leaks(notebook, hidden):
    """Those secrets that a notebook holds, whatever the layout."""
    text = squeezed(written(notebook))
    return [secret for secret in hidden if holds(text, secret)]


def numbers(value):
    """All numbers in an answer, however nested."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) and value == value else []


def told(text, truth):
    """The numbers of a truth that a text prints with three figures or more, rounded in any usual way."""
    found = []
    for number in numbers(plain(truth)):
        forms = {form.format(abs(number)) for form in ROUNDED}
        telling = [form for form in forms if len(re.sub(r"\D", "", form).lstrip("0")) >= 3]
        found += [form for form in telling if re.search(rf"(?<![\d.,]){re.escape(form)}(?![\d%]*\d)", text)]
    return found


def test_there_are_six_of_sixty_to_ninety_minutes():
    found = [read_workshop(name) for name in NAMES]
    assert [workshop.number for workshop in found] == [1, 2, 3, 4, 5, 6]
    assert all(60 <= workshop.minutes <= 90 for workshop in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_workshop_has_all_its_parts(name):
    workshop = read_workshop(name)
    assert {"title", "title_zh", "about", "objectives", "needs", "chapters", "homework"} == set(workshop.about)
    kinds = {cell.metadata["how"] for cell in workshop.cells if "exercise" in cell.metadata}
    for kind in ("by hand", "with code", "your province"):
        assert any(kind in how for how in kinds), kind
    assert workshop.steps[-2].title == "Discuss" and workshop.steps[-1].title == "Exit quiz"
    assert [cell.metadata["quiz"] for cell in workshop.cells if "quiz" in cell.metadata] == [f"W{workshop.number}"]
    assert not set(workshop.exercises) & set(workshop.about["homework"])
    for page in workshop.about["chapters"]:
        assert (ROOT / "book" / f"{page}.md").is_file(), page


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_a_remark_and_every_exercise_a_hint(name):
    step, remarks, hints = None, {}, {}
    for cell in read_workshop(name).cells:
        if "step" in cell.metadata:
            step = cell.metadata["step"]
            assert cell.metadata["zh"], step
            remarks[step] = 0
        elif "exercise" in cell.metadata:
            exercise = cell.metadata["exercise"]
            hints[exercise] = 0
        elif cell.metadata.get("for") == "teacher":
            remarks[step] += 1
        elif cell.metadata.get("for") == "hint":
            hints[exercise] += 1
    assert all(remarks.values()) and all(count == 1 for count in hints.values())


@pytest.mark.parametrize("name", NAMES)
def test_no_notebook_defines_a_function_and_cells_are_short(name, copies):
    for edition in EDITIONS:
        for cell in code_cells(copies[name, edition]):
            assert cell["outputs"] == [] and cell["execution_count"] is None
            assert len(cell["source"].split("\n")) <= 10, cell["source"]
            assert not [node for node in ast.walk(ast.parse(cell["source"]))
                        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef)]


def test_the_same_request_gives_the_same_bytes(tmp_path):
    for number in (1, 2):
        write_workshop(make_workshop("w4-coupling", "student", "云南", 2022), tmp_path / f"{number}.ipynb")
    first, second = ((tmp_path / f"{number}.ipynb").read_bytes() for number in (1, 2))
    assert first == second
    notebook = nbformat.reads(first.decode("utf-8"), as_version=4)
    parameters = next(cell["source"] for cell in notebook["cells"] if cell["id"] == "parameters")
    assert parameters.startswith('province = "yunnan"  # your province') and "year = 2022  # " in parameters
    assert notebook["metadata"]["nqp"] == {"workshop": "w4-coupling", "edition": "student", "province": "yunnan",
                                           "year": 2022, "study": ""}


def test_a_folder_with_odd_letters_stays_text():
    odd = 'C:\\class "one"\\甘肃'
    text = SMALL.replace('study = ""', f"study = {json.dumps(odd)}")
    from nqpkit.classroom.workshops import _filled

    cell = _filled(parse_workshop("w9-small", text).cells[0].source, {"province": "gansu", "year": 2023, "study": odd})
    assert ast.literal_eval(ast.parse(cell).body[2].value) == odd


@pytest.mark.parametrize("name", NAMES)
def test_cells_keep_their_ids_in_all_copies(name, copies):
    ids = {edition: [cell["id"] for cell in copies[name, edition]["cells"]] for edition in EDITIONS}
    assert all(len(set(found)) == len(found) for found in ids.values())
    assert [i for i in ids["solution"] if i in ids["student"]] == ids["student"]
    assert [i for i in ids["teacher"] if i in ids["solution"]] == ids["solution"]


@pytest.mark.parametrize("name", NAMES)
def test_a_student_copy_asks_and_holds_no_answer(name, copies, result):
    workshop, student = read_workshop(name), copies[name, "student"]
    hidden = secrets(workshop, follow(result, "gansu")) + secrets(workshop, result)
    assert len(hidden) > 50 and leaks(student, hidden) == []
    assert leaks(copies[name, "teacher"], hidden) == hidden, "the teacher has all of it"
    answers = [cell for cell in code_cells(student) if "answer" in cell["metadata"].get("tags", [])]
    asked = [*workshop.exercises, f"Q{workshop.number}"]
    assert [cell["metadata"]["nqp"]["exercise"] for cell in answers] == asked
    assert [cell["source"] for cell in answers] == [
        f'{variable(exercise)} = ...\ncheck("{exercise}", {variable(exercise)})' for exercise in asked]


@pytest.mark.parametrize("name", NAMES)
def test_a_student_copy_prints_no_number_that_is_asked_for(name, copies, result):
    place, student = Place(result, "gansu", 2023), copies[name, "student"]
    for exercise in read_workshop(name).exercises:
        if (item := ITEMS[exercise]).truth:
            truth = item.truth(place)
            printed = set(told(written(student), truth))
            assert printed - {IN_THE_PAPER} == set(), exercise


def test_a_number_that_is_told_is_found():
    assert told("It makes 21.53% of the sum.", {"sum": 21.5299}) == ["21.53"]
    assert told("Of 24,627 and 2.1537 in 2153.", [24627.0, 21.53]) == ["24,627"]
    assert told("Half, 0.5, in 2023.", [0.5, 20.23]) == []


@pytest.mark.parametrize("planted", [
    "total = 0.4711 + 0.0815", "The sum is known\nto everybody.", "> Let nobody use a\n> telephone here.",
    "Both scores of the second place are higher.", "so the distance between the two places depends on the choice"])
def test_a_planted_leak_is_found(planted, result):
    workshop = parse_workshop("w9-small", SMALL)
    student = compose(workshop, "student", result, "62", 2023)
    assert leaks(student, secrets(workshop, result)) == []
    student["cells"][3]["source"] += f"\n\n{planted}"
    assert leaks(student, secrets(workshop, result))


@pytest.mark.parametrize("old, new, message", [
    ("E8_1 = total", "answer = total", "must end by assigning E8_1"),
    (":tags: [solution]\n", "", "has no cell tagged 'solution'"),
    ('+++ {"exercise": "E8.1", "how": "by hand"}', "+++", "belongs to no exercise"),
    (":tags: [parameters]\n", "", "exactly one cell"),
    ("E8_1 = total\n```", "E8_1 = total", "not closed"),
])
def test_a_faulty_source_is_refused(old, new, message):
    with pytest.raises(InputError, match=message):
        parse_workshop("w9-small", SMALL.replace(old, new))


@pytest.mark.parametrize("arguments, message", [
    (("w7-nothing",), "no workshop"), (("w4-coupling", "cheat"), "no edition"),
    (("w4-coupling", "student", "atlantis"), "no province"), (("w4-coupling", "student", "gansu", 1999), "not scored"),
])
def test_a_request_that_cannot_be_met_is_refused_in_words(arguments, message):
    with pytest.raises(InputError, match=message):
        make_workshop(*arguments)


def run(notebook):
    """Execute a notebook's cells in this process, without drawing them; every verdict by the id of its exercise."""
    names, verdicts = {}, {}
    for cell in code_cells(notebook):
        exec(compile(cell["source"], cell["id"], "exec"), names)
        desk = names.get("check")
        if isinstance(desk, Desk):
            names["check"] = Recorder(desk, verdicts)
    return verdicts


class Recorder:
    """A check that keeps its verdicts instead of showing them; in all else the desk itself."""

    def __init__(self, desk, verdicts):
        self.desk, self.verdicts = desk, verdicts

    def __call__(self, name, answer=...):
        self.verdicts[name] = self.desk.verdict(name, answer)

    def __getattr__(self, name):
        return getattr(self.desk, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_student_copy_stops_at_its_first_exercise(name, copies):
    first = read_workshop(name).exercises[0]
    with pytest.raises(Unanswered, match=rf"{re.escape(first)} is not answered yet. Put your answer"):
        run(copies[name, "student"])


def test_what_the_remarks_take_for_granted_holds(result):
    """Remarks for teachers say in words what these figures show; if one changes, a remark must."""
    open_claims = paper_chapter.kind_by_verdict(ledger(result))["cannot be checked"]
    assert list(open_claims.nlargest(2).index) == ["prescriptive", "causal"], "w1, step 2"
    tables = index_building.entropy_with_and_without_leader(result)
    raw, treated = ((table["without"] - table["all"]).abs().sum() for table in (tables["raw"], tables["treated"]))
    assert raw > 2 * treated, "w3: the leader moves the weights a great deal on raw values, much less on treated ones"
    single = [index_building.entropy_without(result, code, False) for code in result.study.regions.index]
    moved = sorted((table["without"] - table["all"]).abs().sum() for table in single)
    assert moved[len(moved) // 2] < raw / 3, "w3: most single provinces hardly move the weights"
    back = chapter_one.weights_returned(result)
    assert (back["focus"] - back["weight"]).abs().mean() < 0.02, "w5: in the West the degrees lie close to the weights"
    path = scenarios.steps(result, "gansu", "all", result.year())["coordination"].astype(float)
    assert 0 < path.argmax() < len(path) - 1, "w6: D turns before the last lever"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_solution_is_right_for_every_western_province_and_one_from_elsewhere(name, result):
    workshop, regions = read_workshop(name), result.study.regions
    asked = [*workshop.exercises, f"Q{workshop.number}"]
    for code in [*regions.index[regions["group"] == "west"], "11"]:
        verdicts = run(compose(workshop, "solution", result, code, 2023))
        assert list(verdicts) == asked, code
        wrong = {exercise: verdict.message for exercise, verdict in verdicts.items()
                 if verdict.right is not True and ITEMS[exercise].truth}
        assert wrong == {}, regions.loc[code, "name"]


@pytest.mark.slow
def test_a_teacher_copy_runs_in_a_kernel_and_shows_what_it_says(copies):
    from nbclient import NotebookClient

    notebook = nbformat.from_dict(json.loads(json.dumps(copies["w4-coupling", "teacher"])))
    NotebookClient(notebook, timeout=300).execute()
    shown = [output for cell in code_cells(notebook) for output in cell["outputs"]]
    assert sum("image/png" in output.get("data", {}) for output in shown) == 3
    assert all(output["output_type"] in ("display_data", "execute_result") for output in shown)
    assert sum("points. Right." in output.get("data", {}).get("text/plain", "") for output in shown) >= 3
