"""A student's desk in a notebook: ``check = begin(province, year)``, then ``check("E8.1", answer)``."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from html import escape

import pandas as pd

from nqpkit.chapters.case import follow
from nqpkit.classroom.checking import Item, Place, Verdict, judge
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.study import Study

SIGNS = {True: "✓", False: "✗"}


class Unanswered(Exception):
    """An exercise without an answer. It stops a run of the whole notebook; Jupyter shows its sentence alone."""

    def _render_traceback_(self):
        return [str(self)]


@dataclass(frozen=True, eq=False)
class Desk:
    """What a notebook works with: the place of a student, and the check of an answer.

    Calling it, ``check("E8.1", answer)``, shows which parts are right, the points, and what a wrong answer looks like;
    ``check("E8.1", ...)`` raises `Unanswered`.

    Attributes
    ----------
    place : Place
    """

    place: Place

    def __call__(self, name: str, answer=...) -> None:
        _show(Reply(find_item(name), self.verdict(name, answer)))

    def __repr__(self):
        return f"{self.region['name']}, {self.year}"

    def verdict(self, name: str, answer) -> Verdict:
        """The verdict on an answer, without showing it."""
        item = find_item(name)
        if answer is ...:
            raise Unanswered(f"{item.id} is not answered yet. Put your answer in the place of the three dots, then run "
                             "the cell again.")
        return judge(item, answer, self.place)

    @cached_property
    def result(self) -> Evaluation:
        """The evaluation; the chapters' figures and facts that are made of it follow the student's province."""
        return follow(self.place.result, self.slug)

    @property
    def slug(self) -> str:
        return self.place.slug

    @property
    def code(self) -> str:
        return self.place.code

    @property
    def year(self) -> int:
        return self.place.year

    @property
    def region(self) -> pd.Series:
        return self.place.region


@dataclass(frozen=True)
class Reply:
    """A verdict as a student sees it: text anywhere, a small box in a notebook.

    Attributes
    ----------
    item : Item
    verdict : Verdict
    """

    item: Item
    verdict: Verdict

    @property
    def score(self) -> str:
        """The points in words, or that somebody has to read the answer."""
        if self.verdict.right is None:
            return f"to be read, up to {self.item.points:g} points"
        return f"{self.verdict.points:g} of {self.item.points:g} points"

    @property
    def parts(self) -> dict[str, bool]:
        """The parts that are worth showing: all of them, if there are several and not all are right."""
        return {} if self.verdict.right or len(self.verdict.parts) < 2 else self.verdict.parts

    def __repr__(self):
        lines = [f"  {SIGNS[right]} {name}" for name, right in self.parts.items()]
        return "\n".join([f"{self.item.id}: {self.score}. {self.verdict.message}", *lines])

    def _repr_html_(self):
        marks = "".join(f'<span style="display:inline-block;margin:0 1em 0.2em 0">{SIGNS[right]} {escape(name)}'
                        f'<span style="position:absolute;left:-99em"> {"right" if right else "not right"}</span></span>'
                        for name, right in self.parts.items())
        edge = {True: "#2e7d32", False: "#b4450f", None: "#0b6fa4"}[self.verdict.right]
        return (f'<div role="status" style="border-left:0.3em solid {edge};padding:0.4em 0.9em;max-width:46em">'
                f"<strong>{escape(self.item.id)}</strong> · {escape(self.score)}<br>{escape(self.verdict.message)}"
                f'{f"<div>{marks}</div>" if marks else ""}</div>')


def begin(province: str, year: int | None = None, study: str = "", **options) -> Desk:
    """Sit down with a province: the one call of a workshop, which gives back ``check``.

    Parameters
    ----------
    province : str
        Code, slug, or name in either language.
    year : int, optional
        The last scored year unless given.
    study : str
        The folder of another study.
    options
        Choices of method, as for `nqpkit.evaluate`.

    Raises
    ------
    InputError
        For a province or year that the study does not have, with the nearest name.

    Examples
    --------
    >>> check = begin("甘肃", 2022)
    Gansu (甘肃), 2022.
    >>> check("E8.1", 0.5)
    E8.1: 0 of 2 points. An answer with 10 parts is asked for, each under its name. Expected: ...
    """
    result = evaluate(Study.load(study or None), **options)
    regions, code = result.study.regions, result.study.resolve(str(province))
    desk = Desk(Place(result, regions.loc[code, "slug"], result.year(year)))
    chinese = desk.region.get("name_zh")
    _show(Greeting(f"{desk.region['name']}{f' ({chinese})' if isinstance(chinese, str) else ''}, {desk.year}."))
    return desk


@dataclass(frozen=True)
class Greeting:
    """A line that says what is being worked with."""

    words: str

    def __repr__(self):
        return self.words


def find_item(name: str) -> Item:
    """An exercise by its id, however it is written; InputError with the nearest ids if there is none."""
    from nqpkit.classroom.items import ITEMS  # the chapters behind them take a second to load

    wanted, known = item_id(name), {item_id(key): key for key in ITEMS}
    if wanted not in known:
        near = get_close_matches(wanted, list(known), n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else f" Known: {', '.join(ITEMS)}."
        raise InputError(f"There is no exercise '{name}' that is checked.{hint}")
    return ITEMS[known[wanted]]


def item_id(name: str) -> str:
    """The usual form of an id.

    >>> item_id("e8-1"), item_id("E10_2"), item_id("8.1"), item_id("q4"), item_id("Pre")
    ('E8.1', 'E10.2', 'E8.1', 'Q4', 'pre')
    """
    text = str(name).strip().lower()
    found = re.fullmatch(r"e?\s*(\d+)[._-](\d+)", text)
    return f"E{found[1]}.{found[2]}" if found else re.sub(r"^q(?=\d)", "Q", text)


def _show(thing):
    from IPython.display import display

    display(thing)
