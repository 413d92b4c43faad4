"""The texts of the exercises: read where the book has them, as plain Markdown for a notebook."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from nqpkit.book.surroundings import filled
from nqpkit.chapters import facts_of
from nqpkit.claims import find_claim, ledger, stamp_words
from nqpkit.classroom.desk import item_id
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.kit_files import kit_root
from nqpkit.study import Study

BLOCK = re.compile(r"^(?P<fence>`{4,})\{(?P<kind>exercise|solution)\}(?P<title>[^\n]*)\n(?P<body>.*?)"
                   r"^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^(?P<fence>`{3})(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
NOTE = re.compile(r"^(?P<fence>:{3,})\{(?P<kind>[\w-]+)\}(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
                  re.DOTALL | re.MULTILINE)
OPTIONS = re.compile(r"\A(?:[ \t]*:[\w-]+:[^\n]*\n)+")
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
TARGET = re.compile(r"\s*<[^<>]+>$")
NAMED = re.compile(r"\{\{\s*([\w-]+)\.")


@dataclass(frozen=True)
class Exercise:
    """An exercise as a notebook shows it.

    Attributes
    ----------
    id : str
        ``E8.1`` for ``book/exercises/e8-1.md``.
    title, task, solution : str
        Plain Markdown: no directive, no role, no substitution left.
    """

    id: str
    title: str
    task: str
    solution: str


def exercise_ids() -> list[str]:
    """The ids of all exercises of the book, by number.

    >>> exercise_ids()[:2], "E10.12" in exercise_ids()
    (['E0.1', 'E0.2'], True)
    """
    found = [item_id(path.stem[1:]) for path in _folder().glob("e*-*.md")]
    return sorted(found, key=lambda name: [int(part) for part in name[1:].split(".")])


def exercise(name: str, result: Evaluation | None = None) -> Exercise:
    """One exercise of the book as plain Markdown.

    Parameters
    ----------
    name : str
        Its id, such as ``E8.1``.
    result : Evaluation, optional
        What the numbers of the solution are computed from; the book's own unless given.

    Raises
    ------
    InputError
        If there is no such exercise, or its text holds something that a notebook cannot show.

    Examples
    --------
    >>> exercise("E8.1").title
    'Two places, two forms'
    """
    name = item_id(name)
    title, task, solution = source(name)
    result = result or evaluate(Study.load())
    return Exercise(name, title, to_markdown(task, result), to_markdown(solution, result))


@lru_cache(maxsize=128)
def source(name: str) -> tuple[str, str, str]:
    """Title, task and solution of an exercise as they stand in its file."""
    path = _folder() / f"{name.lower().replace('.', '-')}.md"
    if not path.is_file():
        raise InputError(f"The book has no exercise {name}. It has {', '.join(exercise_ids())}.")
    blocks = {block["kind"]: block for block in BLOCK.finditer(path.read_text(encoding="utf-8"))}
    if set(blocks) != {"exercise", "solution"}:
        raise InputError(f"{path.name} must hold one exercise and its solution, each fenced by four backticks.")
    task, solution = (OPTIONS.sub("", blocks[kind]["body"]).strip() for kind in ("exercise", "solution"))
    return blocks["exercise"]["title"].strip(), task, solution


def to_markdown(text: str, result: Evaluation) -> str:
    """MyST as the book's exercises use it, turned into Markdown that any notebook shows.

    Examples
    --------
    >>> text = "The {term}`coupling degree`, {said}`a bridge|paper, section 1`; {{ case.name }}."
    >>> to_markdown(text, evaluate(Study.load()))
    'The coupling degree, “a bridge” (paper, section 1); Gansu.'
    """
    blocks, prose = [], []
    end = 0
    for block in CODE.finditer(text):
        prose.append(_prose(text[end:block.start()], result))
        blocks.append(_block(block, result))
        end = block.end()
    prose.append(_prose(text[end:], result))
    parts = [part for pair in zip(prose, [*blocks, ""], strict=True) for part in pair]
    return "".join(parts).strip()


def _prose(text, result):
    text = NOTE.sub(_note, text)
    text = ROLE.sub(lambda role: _role(role[1], role[2], result), text)
    modules = dict.fromkeys(NAMED.findall(text))
    text = filled(text, {name: _facts(name, result) for name in modules})
    if "{{" in text:
        raise InputError(f"An exercise names a fact that no chapter has: {text[text.index('{{'):][:60]}")
    return text


@lru_cache(maxsize=256)
def _facts(name, result):
    return facts_of(name, result)


def _role(name, text, result):
    if name == "said":
        words, _, origin = (part.strip() for part in text.partition("|"))
        return f"“{words}” ({origin})"
    if name == "verdict":
        return stamp_words(find_claim(ledger(result), text.strip())) if result.study.claims else ""
    if name == "math":
        return f"${text}$"
    if name.split(":")[0] == "cite":
        return " and ".join(_cited(key.strip()) for key in text.split(","))
    if name == "fig":
        return "the figure"
    if name in ("term", "doc", "ref", "numref", "nqp"):
        return TARGET.sub("", text) if TARGET.search(text) else text
    raise InputError(f"A notebook cannot show the role {{{name}}} of an exercise; known are said, verdict, math, cite, "
                     "fig, term, doc, ref.")


def _cited(key):
    """First author and year of a work in the bibliography."""
    text = (kit_root() / "book" / "references.bib").read_text(encoding="utf-8")
    entry = re.search(rf"@\w+\{{{re.escape(key)},(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    found = {name: re.search(rf"^\s*{name}\s*=\s*[{{\"]+(.*?)[}}\"]+,?\s*$", entry[1], re.MULTILINE)
             for name in ("author", "year")} if entry else {}
    if not all(found.values()) or not found:
        raise InputError(f"references.bib has no author and year for '{key}'.")
    authors = found["author"][1].replace("{", "").replace("}", "").split(" and ")
    return f"{authors[0].split(',')[0]}{' and others' if len(authors) > 1 else ''} ({found['year'][1]})"


def _note(block):
    title, lines = block["title"].strip() or block["kind"].capitalize(), OPTIONS.sub("", block["body"]).strip()
    return "\n".join([f"> **{title}**", ">", *(f"> {line}" for line in lines.splitlines())])


def _block(block, result):
    info = block["info"].strip()
    directive = re.match(r"\{([\w-]+)\}\s*(.*)", info)
    if not directive:
        return block[0]
    name, words = directive.groups()
    if name == "nqp":
        return _computed(words.split(), result)
    if name == "math":
        return f"$$\n{OPTIONS.sub('', block['body']).strip()}\n$$"
    if name in ("code", "code-block", "code-cell"):
        return f"```{words or 'python'}\n{OPTIONS.sub('', block['body'])}```"
    raise InputError(f"A notebook cannot show the directive {{{name}}} of an exercise.")


def _computed(words, result):
    from nqpkit.book import pages  # the whole book hangs on it

    part = pages.PARTS[words[0]](result, "", *words[1:])
    return part if isinstance(part, str) else f"{part.body}\n\n*{escape(part.caption)}*"


def _folder() -> Path:
    return kit_root() / "book" / "exercises"
