"""Plans of courses, milestones and rubric of the project, as the book prints them.

What a plan says for itself stands in ``courses.yml``. Titles of pages, exercises and workshops, minutes and sums are
read from where they belong, so that a plan cannot disagree with the book.
"""

import re
from functools import cache
from html import escape
from importlib.metadata import metadata
from itertools import accumulate
from pathlib import Path

import yaml

from nqpkit.book.markup import chinese
from nqpkit.classroom.quiz import TEST
from nqpkit.classroom.workshops import read_workshop, sources
from nqpkit.evaluation import Evaluation
from nqpkit.kit_files import kit_root
from nqpkit.reports.freshness import BUILT_IN

WORDS_A_MINUTE, MINUTES_AN_EXERCISE, SEMINAR = 100, 20, 90
INCLUDED = re.compile(r"^```\{include\}\s+\S*exercises/(e[\d-]+)\.md", re.MULTILINE)


@cache
def plans() -> dict:
    """What stands in ``courses.yml``: the plans ``one``, ``six`` and ``twelve``, ``milestones`` and ``rubric``.

    Examples
    --------
    >>> sum(step["minutes"] for step in plans()["one"]["steps"]), sum(row["points"] for row in plans()["rubric"])
    (90, 20)
    """
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


@cache
def homes() -> dict[str, str]:
    """Exercise → the page of the book that holds it.

    Examples
    --------
    >>> homes()["E8.1"]
    'evaluation/coupling'
    """
    book = kit_root() / "book"
    return {exercise_id(name): path.relative_to(book).with_suffix("").as_posix()
            for path in sorted(book.rglob("*.md")) if path.parts[-2] not in ("exercises", "teacher")
            for name in INCLUDED.findall(path.read_text(encoding="utf-8"))}


@cache
def page_title(page: str) -> str:
    """The heading of a page of the book, without markup.

    Examples
    --------
    >>> page_title("evaluation/coupling")
    'Coupling and its saturation'
    """
    text = (kit_root() / "book" / f"{page}.md").read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>|[*`]", "", re.search(r"^# (.+)$", text, re.MULTILINE)[1]).strip()


@cache
def exercise_title(exercise: str) -> str:
    """The title of an exercise.

    Examples
    --------
    >>> exercise_title("E8.1")
    'Two places, two forms'
    """
    text = (kit_root() / "book" / "exercises" / f"{anchor(exercise)}.md").read_text(encoding="utf-8")
    return re.search(r"\{exercise\} (.+)$", text, re.MULTILINE)[1].strip()


def exercise_id(name: str) -> str:
    """The id of an exercise from its file's name or anchor.

    >>> exercise_id("e10-12")
    'E10.12'
    """
    return name.upper().replace("-", ".")


def anchor(exercise: str) -> str:
    """The anchor of an exercise on its page.

    >>> anchor("E10.12")
    'e10-12'
    """
    return exercise.lower().replace(".", "-")


def reading_minutes(pages) -> int:
    """Minutes that pages take to read, to the next five, figures included; code does not count.

    Examples
    --------
    >>> reading_minutes([]) == 0 < reading_minutes(["evaluation/coupling"])
    True
    """
    words = 0
    for page in pages:
        text = (kit_root() / "book" / f"{page}.md").read_text(encoding="utf-8")
        text = re.sub(r"^---\n.*?\n---\n|^```\{code-cell\}.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        words += len(text.split())
    return -(-words // (5 * WORDS_A_MINUTE)) * 5


def week_homework(week: dict) -> list[str]:
    """The exercises of a week that are done at home, one of those that may be chosen included."""
    return [*week.get("homework", []), *week.get("choose", [])[:1]]


def facts() -> dict:
    """Numbers that the classroom's pages state: ``{{ classroom.exercises }}`` and so on."""
    workshops = [read_workshop(name) for name in sources()]
    minutes = [workshop.minutes for workshop in workshops]
    oldest = re.search(r"\d[\d.]*", metadata("nqpkit")["Requires-Python"])[0]
    return {
        "exercises": len(homes()), "workshops": len(workshops), "shortest": min(minutes), "longest": max(minutes),
        "points": sum(row["points"] for row in plans()["rubric"]),
        "session": sum(step["minutes"] for step in plans()["one"]["steps"]), "python": oldest,
        "words_a_minute": WORDS_A_MINUTE, "exercise_minutes": MINUTES_AN_EXERCISE, "test_items": sum(TEST.values()),
        "test_kinds": ", ".join(f"{count} of {kind}" for kind, count in TEST.items())}


def session(result: Evaluation, up: str = "") -> str:
    """The plan of one session as a table: clock, what happens, pages and exercises."""
    plan = plans()["one"]
    minutes = [step["minutes"] for step in plan["steps"]]
    begins = [0, *accumulate(minutes)]
    rows = [[f"{begin}–{end}", f'{_text(step["what"])}{chinese(step["zh"])}',
             _pages(step["pages"], up), _exercises(result, step.get("exercises", []), up)]
            for step, begin, end in zip(plan["steps"], begins, begins[1:], strict=False)]
    return _table(["Minutes", "What happens", "On the screen", "Exercise"], rows,
                  f"{plan['title']} of {sum(minutes)} minutes", "nqp-clock")


def course(result: Evaluation, up: str = "", name: str = "six") -> str:
    """A course as a table: a row a week."""
    plan = plans()[name]
    rows = [[f"{number}", _topic(week), _reading(week, up), _class(result, week, up), _homework(result, week, up),
             f'{_text(week["due"])}{chinese(week["due_zh"])}' if "due" in week else ""]
            for number, week in enumerate(plan["weeks"], start=1)]
    return _table(["Week", "Topic", "Read before", "In class", "Homework", "Due"], rows, plan["title"],
                  "nqp-long nqp-clock")


def marks(result: Evaluation, up: str = "", name: str = "six") -> str:
    """How a course is marked, in per cent."""
    given = plans()[name]["marks"]
    rows = [[_text(what[0].upper() + what[1:]), f"{share} %"] for what, share in given.items()]
    return _table(["Part", "Share of the mark"], [*rows, ["Together", f"{sum(given.values())} %"]],
                  f"Marks, {plans()[name]['title'].lower()}")


def milestones(result: Evaluation, up: str = "") -> str:
    """The steps of the project, with the week in which each is due in either course."""
    rows = [[f'{_text(row["name"])}{chinese(row["name_zh"])}', str(row["six"]), str(row["twelve"]),
             _text(row["hand_in"])] for row in plans()["milestones"]]
    return _table(["Step", "Week of six", "Week of twelve", "Hand in"], rows, "Steps of the project")


def rubric(result: Evaluation, up: str = "") -> str:
    """The rubric: what full, half and no marks look like."""
    rows = [[f'{_text(row["name"])}{chinese(row["name_zh"])}', str(row["points"]),
             *(_text(row[level]) for level in ("full", "half", "none"))] for row in plans()["rubric"]]
    return _table(["Part", "Points", "Full marks", "Half", "None"], rows,
                  f"Rubric of {sum(row['points'] for row in plans()['rubric'])} points")


def marking_sheet(result: Evaluation, up: str = "") -> str:
    """The rubric as a sheet to fill in by hand, one for each project."""
    rows = [[f'{_text(row["name"])}{chinese(row["name_zh"])}', f'&nbsp;&nbsp;&nbsp; / {row["points"]}', "&nbsp;"]
            for row in plans()["rubric"]]
    together = sum(row["points"] for row in plans()["rubric"])
    return ('<p class="nqp-blanks">Name <span></span> Province <span></span> Marked by <span></span></p>'
            + _table(["Part", "Points", "Because"], [*rows, ["Together", f"&nbsp;&nbsp;&nbsp; / {together}", "&nbsp;"]],
                     "Marking sheet", "nqp-sheet"))


def timetable(result: Evaluation, up: str = "", name: str = "w1-claims") -> str:
    """The steps of a workshop with their clock, from the workshop's own source."""
    steps = read_workshop(name).steps
    begins = [0, *accumulate(step.minutes for step in steps)]
    rows = [[f"{begin}–{end}", f"{_text(step.title)}{chinese(step.title_zh)}", str(step.minutes),
             _exercises(result, step.exercises, up)]
            for step, begin, end in zip(steps, begins, begins[1:], strict=False)]
    return _table(["Clock", "Step", "Minutes", "Exercises"], rows, f"{begins[-1]} minutes", "nqp-clock")


def _topic(week):
    if "workshop" in week:
        about = read_workshop(week["workshop"]).about
        return f"<strong>{_text(about['title'])}</strong>{chinese(about['title_zh'])}"
    return f"<strong>{_text(week['title'])}</strong>{chinese(week['title_zh'])}"


def _reading(week, up):
    return f"{_pages(week['read'], up)} <small>about {reading_minutes(week['read'])} minutes</small>"


def _class(result, week, up):
    if "workshop" in week:
        workshop = read_workshop(week["workshop"])
        return f"Workshop {workshop.number}, with exit quiz <small>{workshop.minutes} minutes</small>"
    named = _exercises(result, week.get("seminar", []), up)
    return f"{_text(week['what'])} {named} <small>{SEMINAR} minutes</small>"


def _homework(result, week, up):
    fixed, chosen = week.get("homework", []), week.get("choose", [])
    if not fixed and not chosen:
        return ""
    choice = f"<p>One of:</p>{_exercises(result, chosen, up)}" if chosen else ""
    minutes = MINUTES_AN_EXERCISE * len(week_homework(week))
    return f"{_exercises(result, fixed, up)}{choice} <small>about {minutes} minutes</small>"


def _pages(pages, up):
    links = [f'<a href="{up}{escape(page)}.html">{escape(page_title(page))}</a>' for page in pages]
    return f"<ul>{''.join(f'<li>{link}</li>' for link in links)}</ul>" if len(links) > 1 else "".join(links)


def _exercises(result, ids, up):
    """Links to exercises; without their anchors for another study, whose book may leave chapters out."""
    whole = result.study.folder == BUILT_IN
    links = [f'<a href="{up}{homes()[one]}.html{f"#{anchor(one)}" if whole else ""}">{one}</a> '
             f"{escape(exercise_title(one))}" for one in ids]
    return f"<ul>{''.join(f'<li>{link}</li>' for link in links)}</ul>" if len(links) > 1 else "".join(links)


def _table(head, rows, caption, classes=""):
    """A table that stacks on a phone; its cells are HTML."""
    heads = "".join(f'<th scope="col">{escape(label)}</th>' for label in head)
    body = "".join(
        "<tr>" + "".join(
            f'<th scope="row" data-label="{escape(label)}">{cell}</th>' if place == 0 else
            f'<td data-label="{escape(label)}">{cell}</td>' if cell else '<td class="nqp-nothing"></td>'
            for place, (label, cell) in enumerate(zip(head, row, strict=True))) + "</tr>" for row in rows)
    return (f'<div class="nqp-table nqp-plan" tabindex="0" role="region" aria-label="{escape(caption)}">'
            f'<table class="nqp-stack {classes}"><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")


def _text(words):
    """Plain words as HTML; `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))
