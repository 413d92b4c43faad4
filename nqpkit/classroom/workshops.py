"""Workshops: from one source each, the copies for students, with solutions, and for teachers.

A source is a MyST notebook in ``notebooks/workshops``. Its front matter has title, objectives and needs. The metadata
of a block say what it is, ``+++ {"step": "Title", "zh": "标题", "minutes": 8}``:

``step``, ``zh``, ``minutes``
    A heading; the steps number themselves and make up the timetable.
``exercise``, ``how``
    Title, task and form of the answer come from ``book/exercises`` and the item; the text of the block leads in.
``quiz``
    The exit quiz with that name.
``for``
    ``hint``: folded, in every copy; ``solution``: not for students; ``teacher``: in the teachers' copy alone.

After each exercise comes one code cell tagged ``solution``, whose last line assigns the answer to a variable named
after the exercise, ``E8_1``. In the student copy it becomes ``E8_1 = ...``. What students must not have is left out
before a copy is composed; nothing in it is hidden.
"""

import ast
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nqpkit.chapters.case import follow
from nqpkit.classroom.desk import find_item
from nqpkit.classroom.exercises import exercise as read_exercise
from nqpkit.classroom.quiz import quiz_markdown, read_quiz
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.kit_files import kit_root
from nqpkit.storage import write_whole
from nqpkit.study import Study
from nqpkit.wording import safe

EDITIONS = {"student": {"hint"}, "solution": {"hint", "solution"}, "teacher": {"hint", "solution", "teacher"}}
LETTERS = "**Answer:** the letters in the order of the questions, as a list: `[\"a\", \"b\", ...]`."
HOW_TO = ("Run the cells in their order (Shift and Enter). To answer an exercise, put your answer in the place of the "
          "three dots. The check below it says whether it is right for your province, and what a wrong answer looks "
          "like. Until then a run of the whole notebook stops there.")
LABELS = {"solution": "Solution", "teacher": "For the teacher"}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
          "language_info": {"name": "python"}}


@dataclass(frozen=True)
class Step:
    """One step of a workshop: its title in both languages, its minutes, the ids of its exercises."""

    title: str
    title_zh: str
    minutes: int
    exercises: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Workshop:
    """A source, read.

    Attributes
    ----------
    name : str
        File name without ending, ``w4-coupling``.
    about : dict
        The front matter: ``title``, ``title_zh``, ``about``, ``objectives``, ``needs``, ``chapters``, ``homework``.
    cells : tuple of notebook cells
        In the order of the source, with the metadata of their blocks.
    """

    name: str
    about: dict
    cells: tuple[NotebookNode, ...]

    @property
    def number(self) -> int:
        return int(re.match(r"w(\d+)", self.name)[1])

    @property
    def steps(self) -> list[Step]:
        """The steps in their order, each with the exercises that stand before the next one."""
        found = []
        for cell in self.cells:
            about = cell.metadata
            if "step" in about:
                found.append([about["step"], about.get("zh", ""), about["minutes"], []])
            elif "exercise" in about and found:
                found[-1][3].append(about["exercise"])
        return [Step(*parts, tuple(exercises)) for *parts, exercises in found]

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @property
    def exercises(self) -> list[str]:
        """The ids of its exercises, the exit quiz left out."""
        return [cell.metadata["exercise"] for cell in self.cells if "exercise" in cell.metadata]


def sources() -> dict[str, Path]:
    """The workshops' sources by name, in their order.

    Examples
    --------
    >>> list(sources())[0]
    'w1-claims'
    """
    return {path.stem: path for path in sorted((kit_root() / "notebooks" / "workshops").glob("w*.md"))}


@lru_cache(maxsize=16)
def read_workshop(name: str) -> Workshop:
    """A workshop by its name; InputError lists the names.

    Examples
    --------
    >>> workshop = read_workshop("w4-coupling")
    >>> workshop.number, workshop.exercises
    (4, ['E8.1', 'E8.2', 'E8.3'])
    """
    known = sources()
    if name not in known:
        raise InputError(f"There is no workshop '{name}'. Known: {', '.join(known)}.")
    return parse_workshop(name, known[name].read_text(encoding="utf-8"))


def parse_workshop(name: str, text: str) -> Workshop:
    """Read a source.

    Raises
    ------
    InputError
        If an exercise and its solution do not come in pairs, if a solution does not end by assigning its variable, or
        if there is not exactly one parameters cell.
    """
    about, cells = _read_source(name, text)
    workshop = Workshop(name, about, cells)
    waiting = None
    for cell in workshop.cells:
        if "exercise" in cell.metadata or "step" in cell.metadata:
            _must(waiting is None, f"{name}: the exercise {waiting} has no cell tagged 'solution'.")
            waiting = cell.metadata.get("exercise")
        elif _tagged(cell, "solution"):
            _must(waiting is not None, f"{name}: a cell tagged 'solution' belongs to no exercise:\n{cell.source}")
            _must(_last_target(cell.source) == variable(waiting),
                  f"{name}: the solution of {waiting} must end by assigning {variable(waiting)}.")
            waiting = None
    _must(waiting is None, f"{name}: the exercise {waiting} has no cell tagged 'solution'.")
    _must(sum(_tagged(cell, "parameters") for cell in workshop.cells) == 1,
          f"{name}: exactly one cell must be tagged 'parameters'.")
    return workshop


def _read_source(name: str, text: str) -> tuple[dict, tuple[NotebookNode, ...]]:
    """Front matter and cells. Unlike the reader of myst-nb this one keeps a block that is all metadata and no text."""
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    _must(head is not None, f"{name}: there is no front matter.")
    cells, metadata, lines, code = [], {}, [], None
    for line in [*text[head.end():].split("\n"), "+++"]:
        if code is not None:
            if line.strip() == "```":
                cells.append(_code_cell(code))
                code = None
            else:
                code.append(line)
        elif line.startswith("```{code-cell}") or line == "+++" or line.startswith("+++ {"):
            if (source := "\n".join(lines).strip()) or metadata:
                cells.append(new_markdown_cell(source, metadata=metadata, id="read"))
            lines, code = [], [] if line.startswith("```") else None
            metadata = json.loads(line[4:]) if line.startswith("+++ {") else {}
        else:
            lines.append(line)
    _must(code is None, f"{name}: a code cell is not closed.")
    return yaml.safe_load(head[1])["workshop"], tuple(cells)


def _code_cell(lines):
    tags = []
    if lines and (found := re.fullmatch(r":tags: \[(.*)\]", lines[0])):
        tags, lines = [tag.strip() for tag in found[1].split(",")], lines[1:]
    return new_code_cell("\n".join(lines).strip(), metadata={"tags": tags}, id="read")


def variable(exercise: str) -> str:
    """The name of the variable that takes an answer.

    Examples
    --------
    >>> variable("E8.1")
    'E8_1'
    """
    return exercise.replace(".", "_")


def make_workshop(name: str, edition: str = "student", province: str = "gansu", year: int | None = None,
                  study: str = "") -> NotebookNode:
    """One copy of a workshop: the same notebook, byte for byte, for the same source, study and parameters.

    Parameters
    ----------
    name : str
        One of `sources`.
    edition : {"student", "solution", "teacher"}
    province : str
        Whose copy it is: slug, code, or name in either language.
    year : int, optional
        The last scored year unless given.
    study : str
        Folder of a study; empty for the built-in one.

    Raises
    ------
    InputError
        For an unknown workshop, edition, province, year or study.

    Examples
    --------
    >>> notebook = make_workshop("w4-coupling", "student", "yunnan")
    >>> [cell["source"].splitlines()[0] for cell in notebook["cells"] if cell["id"] == "e8-1-answer"]
    ['E8_1 = ...']
    """
    workshop = read_workshop(name)
    result = evaluate(Study.load(study))
    code = result.study.resolve(province)
    return compose(workshop, edition, result, code, result.year(year), study)


def compose(workshop: Workshop, edition: str, result: Evaluation, code: str, year: int,
            study: str = "") -> NotebookNode:
    """A copy of a workshop that is read already, for a region of an evaluation."""
    if edition not in EDITIONS:
        raise InputError(f"There is no edition '{edition}'. Known: {', '.join(EDITIONS)}.")
    region = result.study.regions.loc[code]
    values = {"province": region["slug"], "year": year, "study": study}
    own, cells, number, exercise = follow(result, code), [_title(workshop, region, year)], 0, None
    for place, cell in enumerate(workshop.cells):
        about, name = cell.metadata, f"cell-{place:02d}"
        if cell.cell_type == "code":
            if _tagged(cell, "solution"):
                cells.append(_answer(exercise, variable(exercise), cell.source, edition))
                cells += _worked(exercise, edition, own)
            elif _tagged(cell, "parameters"):
                cells.append(new_code_cell(_filled(cell.source, values), id="parameters",
                                           metadata={"tags": ["parameters"]}))
            else:
                cells.append(new_code_cell(cell.source, id=name))
        elif "step" in about:
            number += 1
            cells.append(_heading(number, about, cell.source))
        elif "exercise" in about:
            exercise = about["exercise"]
            cells.append(_task(exercise, about["how"], cell.source, own))
        elif "quiz" in about:
            cells += _quiz(about["quiz"], cell.source, edition)
        elif about.get("for") is None or about["for"] in EDITIONS[edition]:
            cells.append(new_markdown_cell(_aside(about.get("for"), cell.source), id=name))
    about = {"workshop": workshop.name, "edition": edition, **values}
    return new_notebook(cells=cells, metadata={**KERNEL, "nqp": about})


def write_workshop(notebook: NotebookNode, path: Path) -> Path:
    """Write a copy, whole or not at all."""
    nbformat.validate(notebook)
    write_whole(path, nbformat.writes(notebook) + "\n")
    return path


def _title(workshop, region, year):
    about = workshop.about
    zh = f" {_zh(region.get('name_zh'))}" if _zh(region.get("name_zh")) else ""
    rows = "\n".join(f"| {number}. {step.title} {_zh(step.title_zh)} | {step.minutes} | {', '.join(step.exercises)} |"
                     for number, step in enumerate(workshop.steps, start=1))
    parts = [f"# Workshop {workshop.number}. {about['title']} {_zh(about['title_zh'])}",
             f"**{safe(region['name'])}**{zh} · {year} · {workshop.minutes} minutes",
             "**After this workshop you can**", "\n".join(f"- {line}" for line in about["objectives"]),
             "**You need**", "\n".join(f"- {line}" for line in about["needs"]),
             f"| step | minutes | exercises |\n|---|---|---|\n{rows}",
             HOW_TO]
    return new_markdown_cell("\n\n".join(parts), id="title")


def _heading(number, about, text):
    return new_markdown_cell(f"## Step {number}. {about['step']} {_zh(about.get('zh'))}\n\n*{about['minutes']} minutes*"
                             f"\n\n{text}".rstrip(), id=f"step-{number}")


def _task(name, how, lead, own):
    """Title, task and form of the answer, as the book has them; only the lead-in is the workshop's own."""
    found, item = read_exercise(name, own), find_item(name)
    worth = f"{item.points:g} {'point' if item.points == 1 else 'points'}"
    worth += ", read by your teacher" if item.truth is None else ""
    parts = [f"### Exercise {name}. {found.title}", f"*{how}, {worth}*", lead, found.task,
             f"**Answer:** {item.form}"]
    return new_markdown_cell("\n\n".join(filter(None, parts)), id=f"{_slug(name)}-task")


def _answer(name, target, solution, edition):
    """The cell that takes the answer and checks it."""
    shown = solution if "solution" in EDITIONS[edition] else f"{target} = ..."
    return new_code_cell(f'{shown}\ncheck("{name}", {target})', id=f"{_slug(name)}-answer",
                         metadata={"tags": ["answer"], "nqp": {"exercise": name}})


def _worked(name, edition, own):
    """The answer as the book works it out, in the copies that may have it."""
    if "solution" not in EDITIONS[edition]:
        return []
    text = _aside("solution", read_exercise(name, own).solution)
    return [new_markdown_cell(text, id=f"{_slug(name)}-worked")]


def _quiz(name, lead, edition):
    """The exit quiz and the cell that takes its letters."""
    target, key = name.replace("W", "Q"), json.dumps(read_quiz(name).key)
    parts = [lead, quiz_markdown(name, key="teacher" in EDITIONS[edition]).strip(), LETTERS]
    return [new_markdown_cell("\n\n".join(filter(None, parts)), id=f"{_slug(name)}-quiz"),
            _answer(target, target, f"{target} = {key}", edition)]


def _aside(kind, text):
    """A hint folds; a solution or a remark stands out as a quotation with its label."""
    if kind == "hint":
        return f"<details>\n<summary>Hint</summary>\n\n{text}\n\n</details>"
    if kind in LABELS:
        return "\n".join(f"> {line}".rstrip() for line in [f"**{LABELS[kind]}**", "", *text.split("\n")])
    return text


def _filled(source: str, values: dict) -> str:
    """The parameters cell with other values; the comments stay."""
    lines = source.split("\n")
    for place, line in enumerate(lines):
        name, _, rest = line.partition(" = ")
        if name in values:
            comment = re.search(r"\s*#.*$", rest)
            lines[place] = f"{name} = {_literal(values[name])}{comment[0] if comment else ''}"
    return "\n".join(lines)


def _literal(value):
    """As Python, with double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _slug(exercise):
    return exercise.lower().replace(".", "-")


def _zh(text):
    return f'<span lang="zh">{escape(text)}</span>' if isinstance(text, str) and text else ""


def _tagged(cell, tag):
    return cell.cell_type == "code" and tag in cell.metadata.get("tags", [])


def _last_target(source):
    statement = ast.parse(source).body[-1]
    target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else None


def _must(condition, sentence):
    if not condition:
        raise InputError(sentence)
