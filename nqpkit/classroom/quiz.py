"""The exit quizzes of the workshops and the test before and after the course, from ``quiz.yml``.

The order of the options is fixed by the quiz and the question: numbers by size, words by a shuffle that is the same on
every machine. ``pre`` and ``post`` are two forms of one test: the same skills, other numbers, another order.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from nqpkit.book.markup import chinese
from nqpkit.classroom.toys import TOYS
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.problems import Problem
from nqpkit.schema import TEXT, line_of, read_yaml
from nqpkit.study import Study
from nqpkit.wording import lowered

FILE = Path(__file__).with_name("quiz.yml")
KINDS = ("definition", "computing", "criticism")
FORMS = ("pre", "post")
LETTERS = "abcdef"
EXIT, TEST = 5, {"definition": 4, "computing": 5, "criticism": 6}
NUMBERS = {"*": (int, float, list)}
QUESTION = {"kind": TEXT, "objective": TEXT, "text": TEXT, "right": TEXT, "why": TEXT,
            "wrong": [{"text": TEXT, "slip": TEXT}], "compute?": TEXT, "given?": NUMBERS,
            "forms?": {"*": NUMBERS}}
SET = {"title": TEXT, "title_zh": TEXT, "questions": [QUESTION]}
SHAPE = {"quizzes": {"*": SET}, "test": SET}
HAN = re.compile(r"[\u3400-\u9fff][\u3400-\u9fff：，、；（）·]*[\u3400-\u9fff]|[\u3400-\u9fff]")
NAME = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True)
class Question:
    """One question, its options in order.

    Attributes
    ----------
    kind : {"definition", "computing", "criticism"}
    objective, text, why : str
        What it measures, what it asks, and why the right option is right.
    options : tuple of str
    right : str
        Letter of the right option.
    slips : dict
        Letter of a wrong option → the slip behind it.
    toy : bool
        Whether its numbers are made up.
    """

    kind: str
    objective: str
    text: str
    options: tuple[str, ...]
    right: str
    why: str
    slips: dict[str, str]
    toy: bool = False


@dataclass(frozen=True)
class Quiz:
    """A quiz: its name (``W1`` to ``W6``, ``pre``, ``post``), titles and questions."""

    name: str
    title: str
    title_zh: str
    questions: tuple[Question, ...]

    @property
    def key(self) -> list[str]:
        """The letters of the right options, in order."""
        return [question.right for question in self.questions]


def quiz_names() -> list[str]:
    """The exit quizzes in order, then the two forms of the test.

    >>> quiz_names()[-2:]
    ['pre', 'post']
    """
    return [*_content()["quizzes"], *FORMS]


@lru_cache(maxsize=32)
def read_quiz(name: str) -> Quiz:
    """A quiz by its name, its numbers worked out.

    Parameters
    ----------
    name : str
        ``W1`` to ``W6``, ``pre`` or ``post``.

    Raises
    ------
    InputError
        For another name, or for the first thing wrong in the file, with its line.

    Examples
    --------
    >>> quiz = read_quiz("W4")
    >>> quiz.title, len(quiz.questions)
    ('Coupling, honestly', 5)
    """
    entry = _entry(name)
    questions = tuple(_question(name, place, line) for place, line in enumerate(entry["questions"], start=1))
    return Quiz(name, entry["title"], entry["title_zh"], questions)


def quiz_slips(name: str) -> list[list[str]]:
    """The slips behind the wrong options of each question, without working out a number.

    >>> quiz_slips("W4")[1]
    ['the factor 2 is lost', 'the root is lost', 'modified for standard form']
    """
    return [[option["slip"] for option in entry["wrong"]] for entry in _entry(name)["questions"]]


def quiz_markdown(name: str, key: bool = False, handout: bool = False) -> str:
    """A quiz as Markdown.

    Parameters
    ----------
    name : str
        ``W1`` to ``W6``, ``pre`` or ``post``.
    key : bool
        For the teacher: with the right options, the reasons, the slips and the objectives.
    handout : bool
        For paper: a line for the name, and a box before every option.

    Examples
    --------
    >>> print(quiz_markdown("W4").splitlines()[0])
    **Coupling, honestly** <span lang="zh">耦合协调度：诚实地算</span>
    >>> "Right:" in quiz_markdown("W4"), "Right:" in quiz_markdown("W4", key=True)
    (False, True)
    """
    quiz = read_quiz(name)
    lines = [f"**{quiz.title}**{chinese(quiz.title_zh)}"]
    if handout:
        blanks = ((f"Name{chinese('姓名')}", 24), (f"Number{chinese('学号')}", 20), (f"Date{chinese('日期')}", 12))
        lines.append(" ".join(f"{word} {'_' * width}" for word, width in blanks))
    for number, question in enumerate(quiz.questions, start=1):
        toy = " *(made-up numbers)*" if question.toy else ""
        mark = "☐ " if handout else ""
        options = [f"- {mark}**{letter}** {marked(option)}"
                   for letter, option in zip(LETTERS, question.options, strict=False)]
        lines.append(f"**{number}.** {marked(question.text)}{toy}")
        lines.append("\n".join(options))
        if key:
            slips = "; ".join(f"**{letter}** {marked(slip)}" for letter, slip in sorted(question.slips.items()))
            lines.append(f"Right: **{question.right}**. {marked(question.why)}\n\n"
                         f"Slips: {slips}. Measures: {lowered(question.objective)} ({question.kind}).")
    return "\n\n".join(lines) + "\n"


def key_line(name: str) -> str:
    """The key in one line.

    >>> key_line("W4").startswith("1 ")
    True
    """
    return ", ".join(f"{number} {letter}" for number, letter in enumerate(read_quiz(name).key, start=1))


def marked(text: str) -> str:
    """Markdown with its Chinese words marked as such, for readers that speak and for hyphenation.

    >>> marked("coupling degree 耦合度")
    'coupling degree <span lang="zh">耦合度</span>'
    """
    return HAN.sub(lambda found: chinese(found.group(), before=""), text)


def check_quizzes(content: dict, lines: dict, file: str = FILE.name) -> list[Problem]:
    """What is wrong beyond the shape: counts, kinds, doubled options, unknown names."""
    problems = []

    def problem(path, message, remedy):
        problems.append(Problem("error", file, line_of(lines, path), ".".join(map(str, path)), "", message, remedy))

    for name, entry in content["quizzes"].items():
        if not re.fullmatch(r"W\d", name):
            problem(("quizzes", name), f"'{name}' is no name of a workshop", "Write W1, W2 and so on.")
        if len(entry["questions"]) != EXIT:
            problem(("quizzes", name, "questions"), f"an exit quiz has {EXIT} questions, not {len(entry['questions'])}",
                    "Add or remove one.")
    kinds = [question["kind"] for question in content["test"]["questions"]]
    for kind, wanted in TEST.items():
        if kinds.count(kind) != wanted:
            problem(("test", "questions"), f"the test has {wanted} questions of the kind '{kind}', not "
                    f"{kinds.count(kind)}", "Change their kinds, or add or remove some.")
    sets = [(("quizzes", name), entry) for name, entry in content["quizzes"].items()] + [(("test",), content["test"])]
    for where, entry in sets:
        for place, question in enumerate(entry["questions"]):
            path = (*where, "questions", place)
            for message, remedy in _faults(question, FORMS if where == ("test",) else ()):
                problem(path, message, remedy)
    return problems


def _faults(question, forms):
    if question["kind"] not in KINDS:
        yield f"there is no kind '{question['kind']}'", f"Known: {', '.join(KINDS)}."
    options = [question["right"], *(option["text"] for option in question["wrong"])]
    if not 3 <= len(options) <= len(LETTERS):
        yield f"a question has 3 to {len(LETTERS)} options, not {len(options)}", "Add or remove some."
    if len({option.casefold() for option in options}) < len(options):
        yield "two options are the same", "Change one."
    if len({option["slip"] for option in question["wrong"]}) < len(question["wrong"]):
        yield "two wrong options have the same slip", "Say what tells them apart."
    if not question["why"].endswith(".") or len(re.findall(r"[.!?](?=\s|$)", question["why"])) != 1:
        yield "the reason is not one sentence", "Write one sentence with a full stop."
    names = set(NAME.findall(" ".join([question["text"], *options])))
    own = {name for name in names if "." not in name}
    if "compute" not in question:
        if own:
            yield f"nothing computes '{sorted(own)[0]}'", "Name a function under `compute`."
        return
    if question["compute"] not in TOYS:
        yield f"there is no function '{question['compute']}'", f"Known: {', '.join(TOYS)}."
        return
    given = question.get("forms", {}) if forms else {"": question.get("given")}
    if (set(given) != set(forms)) if forms else (given[""] is None):
        yield ("the two forms `pre` and `post` are missing" if forms else "`given` is missing",
               "Write the numbers of the question.")
        return
    for form, numbers in given.items():
        try:
            found = TOYS[question["compute"]](**numbers)
        except (TypeError, ValueError, ZeroDivisionError) as error:
            yield f"'{question['compute']}' cannot be worked out{f' for {form}' if form else ''} ({error})", \
                "Check the names and the numbers."
            continue
        lacking = sorted(own - found.keys())
        if lacking:
            yield f"'{question['compute']}' has no '{lacking[0]}'", f"Known: {', '.join(found)}."
        elif len({NAME.sub(lambda hit, known=found: known.get(hit[1], hit[0]), option) for option in options}) < len(
                options):
            yield f"two options come to the same number{f' in {form}' if form else ''}", "Give other numbers."


@lru_cache(maxsize=1)
def _content() -> dict:
    content, lines, problems = read_yaml(FILE, SHAPE)
    problems = problems or check_quizzes(content, lines)
    if problems:
        raise InputError("\n".join(map(str, problems[:3])))
    return content


def _entry(name) -> dict:
    if name not in quiz_names():
        raise InputError(f"There is no quiz '{name}'. Known: {', '.join(quiz_names())}.")
    return _content()["test"] if name in FORMS else _content()["quizzes"][name]


def _question(name, place, entry) -> Question:
    numbers = {}
    if "compute" in entry:
        given = entry["forms"][name] if "forms" in entry else entry["given"]
        numbers = TOYS[entry["compute"]](**given)

    def fill(text):
        return NAME.sub(lambda hit: numbers[hit[1]] if hit[1] in numbers else _fact(hit[1]), text.strip())

    right = fill(entry["right"])
    slips = {fill(option["text"]): option["slip"] for option in entry["wrong"]}
    options = _ordered(right, list(slips), name, place)
    letters = dict(zip(options, LETTERS, strict=False))
    return Question(entry["kind"], entry["objective"], fill(entry["text"]), tuple(options), letters[right],
                    entry["why"], {letters[text]: slip for text, slip in slips.items()}, "compute" in entry)


def _ordered(right, wrong, name, place):
    """Numbers by size; words shuffled by the question's place alone, the right one going round all letters."""
    options = [right, *wrong]
    if all(re.fullmatch(r"-?[\d,]*\.?\d+( %)?", option) for option in options):
        return sorted(options, key=lambda option: float(option.removesuffix(" %").replace(",", "")))
    turn, step = divmod(place - 1, len(options))
    seat = _shuffled(range(len(options)), f"{name} {turn}")[step]
    order = [wrong[old] for old in _shuffled(range(len(wrong)), f"{name} {place}")]
    return [*order[:seat], right, *order[seat:]]


def _shuffled(places, seed):
    return sorted(places, key=lambda place: hashlib.sha256(f"{seed} {place}".encode()).digest())


def _fact(name) -> str:
    module, _, fact = name.partition(".")
    try:
        return str(_facts(module)[fact])
    except (ImportError, KeyError):
        raise InputError(f"quiz.yml uses {{{{ {name} }}}}, and no chapter states it.") from None


@lru_cache(maxsize=16)
def _facts(module) -> dict:
    return import_module(f"nqpkit.chapters.{module}").facts(_built_in())


@lru_cache(maxsize=1)
def _built_in() -> Evaluation:
    return evaluate(Study.load())
