"""Plans of courses: what they name exists, minutes and marks add up, and nothing is asked twice."""

import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup

from nqpkit.classroom import courses
from nqpkit.classroom.workshops import read_workshop, sources
from nqpkit.kit_files import kit_root

COURSES = ("six", "twelve")
WEEK = {"workshop", "title", "title_zh", "what", "read", "seminar", "homework", "choose", "due", "due_zh"}


def weeks(name):
    return courses.plans()[name]["weeks"]


def in_class(week):
    return read_workshop(week["workshop"]).exercises if "workshop" in week else week.get("seminar", [])


def at_home(week):
    return [*week.get("homework", []), *week.get("choose", [])]


@pytest.mark.parametrize("name", COURSES)
def test_a_course_has_its_weeks_and_its_marks_add_up(name):
    assert len(weeks(name)) == {"six": 6, "twelve": 12}[name]
    assert sum(courses.plans()[name]["marks"].values()) == 100
    assert [week["workshop"] for week in weeks(name) if "workshop" in week] == list(sources())
    assert all(set(week) <= WEEK and ("workshop" in week) != ("title" in week) for week in weeks(name))


@pytest.mark.parametrize("name", COURSES)
def test_no_exercise_is_asked_twice_in_a_course(name):
    asked = Counter(one for week in weeks(name) for one in [*in_class(week), *at_home(week)])
    assert [one for one, times in asked.items() if times > 1] == []
    assert set(asked) <= set(courses.homes())


def test_twelve_weeks_have_a_place_for_every_exercise_of_the_book():
    asked = {one for week in weeks("twelve") for one in [*in_class(week), *at_home(week)]}
    written = {courses.exercise_id(path.stem) for path in (kit_root() / "book" / "exercises").glob("e*.md")}
    assert sorted(written - asked) == []


def test_an_exercise_is_asked_in_or_after_the_week_in_which_its_chapter_is_read():
    for name in COURSES:
        read = set()
        for week in weeks(name):
            read |= set(week["read"])
            chapters = {courses.homes()[one] for one in at_home(week)}
            assert chapters <= read, f"{name}: {chapters - read} is not read yet"


def test_one_session_fills_its_ninety_minutes():
    assert courses.facts()["session"] == 90


def test_the_steps_of_the_project_come_in_order_and_in_the_weeks_that_name_them():
    rows = courses.plans()["milestones"]
    for name in COURSES:
        due = [row[name] for row in rows]
        assert due == sorted(due) and due[-1] == len(weeks(name))
        for row in rows:
            assert row["name"].lower() in weeks(name)[row[name] - 1].get("due", "").lower(), (name, row["name"])


def test_the_rubric_has_the_points_that_were_ordered():
    points = [row["points"] for row in courses.plans()["rubric"]]
    assert points == [3, 5, 5, 5, 2]
    for row in courses.plans()["rubric"]:
        assert len({row["full"], row["half"], row["none"]}) == 3 and re.search(r"[\u4e00-\u9fff]", row["name_zh"])


@pytest.mark.parametrize("part", [
    lambda result: courses.session(result, "../"), lambda result: courses.course(result, "../", "six"),
    lambda result: courses.course(result, "../", "twelve"), lambda result: courses.marks(result, "../", "twelve"),
    lambda result: courses.milestones(result, "../"), lambda result: courses.rubric(result, "../"),
    lambda result: courses.marking_sheet(result, "../"), lambda result: courses.timetable(result, "../", "w4-coupling"),
])
def test_a_table_can_be_read_on_a_phone_and_its_links_lead_somewhere(part, result):
    soup = BeautifulSoup(part(result), "html.parser")
    assert soup.table.caption.get_text(strip=True)
    columns = len(soup.select("thead th"))
    for row in soup.select("tbody tr"):
        assert len(row.find_all(["th", "td"], recursive=False)) == columns
        cells = row.find_all(["th", "td"], recursive=False)
        assert all(cell.get("data-label") for cell in cells if cell.get_text(strip=True))
    for link in soup.find_all("a"):
        page, _, anchor = link["href"].partition("#")
        source = kit_root() / "book" / page.removeprefix("../").replace(".html", ".md")
        text = source.read_text(encoding="utf-8")
        assert not anchor or f"exercises/{anchor}.md" in text, link["href"]


def test_a_timetable_shows_the_workshops_own_minutes(result):
    workshop = read_workshop("w4-coupling")
    soup = BeautifulSoup(courses.timetable(result, "../", "w4-coupling"), "html.parser")
    clock = [row.th.get_text() for row in soup.select("tbody tr")]
    assert clock[0].startswith("0–") and clock[-1].endswith(f"–{workshop.minutes}")


def test_anchors_are_left_out_where_a_study_leaves_chapters_out(result, monkeypatch):
    assert "#e8-1" in courses.session(result)
    monkeypatch.setattr(courses, "BUILT_IN", "elsewhere")
    assert "#e" not in courses.session(result)
