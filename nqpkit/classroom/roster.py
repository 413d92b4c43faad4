"""The roster of a class, and a province for each of its students."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.exchange.sheets import read_sheets
from nqpkit.exchange.tidy import LEADS
from nqpkit.problems import Problem
from nqpkit.study import Study

# Headers as schools and learning-management systems write them, compared without case, spaces and punctuation.
HEADERS = {
    "name": {"name", "fullname", "student", "studentname", "姓名", "名字", "学生", "学生姓名"},
    "id": {"id", "studentid", "idnumber", "studentnumber", "studentno", "number", "sisuserid", "学号", "编号", "证号",
           "学生号", "学籍号"},
    "province": {"province", "region", "省", "省份", "省区", "省市", "地区", "省区市"},
    "first": {"firstname", "givenname", "名"},
    "last": {"lastname", "surname", "familyname", "姓"},
}
LOOKED_AT = 6  # rows in which the header may stand
LONGEST = 200


@dataclass(frozen=True)
class Student:
    """One line of a roster.

    Attributes
    ----------
    id, name : str
    province : str
        Slug, empty until one is dealt.
    """

    id: str
    name: str
    province: str = ""


def read_roster(path: str | Path, study: Study) -> tuple[list[Student], list[Problem]]:
    """Read a roster and say everything that is wrong with it in one pass.

    Parameters
    ----------
    path : path
        CSV (UTF-8 with or without mark, UTF-16 or GB18030) or a workbook, with a column for the name (or one for the
        first and one for the last name), one for the id and, if provinces are given, one for the province. Headers in
        English or Chinese, in any order; other columns are passed over.
    study : Study
        Knows the provinces by any of their names.

    Returns
    -------
    students : list of Student
        In the roster's order; only rows without an error.
    problems : list of Problem
        Each with row and remedy. An empty row is a warning, all else an error.
    """
    sheet = read_sheets(path)[0]
    name = sheet.file.name
    start, columns = _header(sheet.rows, name)
    students, problems, seen = [], [], {}
    for number, row in enumerate(sheet.rows[start + 1:], start + 2):
        cell = {column: _text(row[place]) for column, place in columns.items()}
        if not any(_text(value) for value in row):
            problems.append(Problem("warning", name, number, "", "", "the row is empty and was passed over",
                                    "Delete it."))
            continue
        called = cell.get("name") or " ".join(filter(None, (cell.get("first"), cell.get("last"))))
        found = _row_problems(name, number, cell, called, seen)
        province = ""
        if cell.get("province"):
            try:
                province = study.regions.loc[study.resolve(cell["province"]), "slug"]
            except InputError as error:
                said = str(error).split(" Known:")[0]
                found.append(Problem("error", name, number, "province", cell["province"], said.removesuffix("."),
                                     "Write a name, slug or code of the study, or leave the cell empty to have one "
                                     "dealt."))
        problems += found
        if not found:
            students.append(Student(cell["id"], called, province))
    if not students and not problems:
        problems.append(Problem("error", name, 0, "", "", "the roster has a header and no students",
                                "Write one student a row."))
    return students, problems


def deal_provinces(students: Sequence[Student], study: Study, seed: int = 0,
                   kept: Mapping[str, str] | None = None) -> list[Student]:
    """Give each student without a province one of the focus group's, each as often as every other.

    The next student always gets one of the provinces that the fewest have, drawn by lot. Provinces that the roster
    gives are counted, so the numbers differ by one at most unless the given ones already differ by more.

    Parameters
    ----------
    students : sequence of Student
    study : Study
    seed : int
        The same seed, roster and study deal the same provinces.
    kept : mapping, optional
        Id → slug from an earlier dealing, which stays.

    Examples
    --------
    >>> study = Study.load()
    >>> dealt = deal_provinces([Student(str(number), "") for number in range(24)], study)
    >>> sorted(Counter(student.province for student in dealt).values()) == [2] * 12
    True
    """
    kept = kept or {}
    focus = list(study.regions.loc[study.regions["group"] == study.focus, "slug"])
    draw = random.Random(seed)
    known = [student.province or kept.get(student.id, "") for student in students]
    counts = Counter(slug for slug in known if slug)
    dealt = []
    for student, slug in zip(students, known, strict=True):
        if not slug:
            fewest = min(counts[name] for name in focus)
            slug = draw.choice([name for name in focus if counts[name] == fewest])
            counts[slug] += 1
        dealt.append(Student(student.id, student.name, slug))
    return dealt


def _header(rows, name: str) -> tuple[int, dict[str, int]]:
    """The row of the headers and the column of each; the first rows may be titles."""
    for number, row in enumerate(rows[:LOOKED_AT]):
        found: dict[str, list[int]] = {}
        for place, cell in enumerate(row):
            for column, words in HEADERS.items():
                if _key(cell) in words:
                    found.setdefault(column, []).append(place)
        if "id" in found and ("name" in found or {"first", "last"} & set(found)):
            twice = [column for column, places in found.items() if len(places) > 1]
            if twice:
                raise InputError(f"{name}, row {number + 1}: more than one column is headed {twice[0]}. Rename the "
                                 "ones that are not meant.")
            return number, {column: places[0] for column, places in found.items()}
    raise InputError(f"{name} has no header that names the columns: write name, id and, if you give provinces, "
                     "province (or 姓名, 学号, 省份) in its first row.")


def _row_problems(file, number, cell, called, seen) -> list[Problem]:
    found = []
    for column, value in (("name", called), ("id", cell["id"])):
        if not value:
            found.append(Problem("error", file, number, column, "", f"the student has no {column}",
                                 "Fill it in, or delete the row."))
        elif len(value) > LONGEST:
            found.append(Problem("error", file, number, column, value[:40], f"the {column} has {len(value)} characters",
                                 f"Shorten it to {LONGEST}."))
    if cell["id"] in seen:
        found.append(Problem("error", file, number, "id", cell["id"],
                             f"the id '{cell['id']}' stands in row {seen[cell['id']]} already",
                             "Give each student an id of their own, or delete one of the rows."))
    elif cell["id"]:
        seen[cell["id"]] = number
    return found


def _text(cell) -> str:
    """A cell as text; a workbook's number 20240001.0 is the id 20240001, and '=x is what the kit writes for =x."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(LEADS) else text


def _key(cell) -> str:
    return "".join(character for character in str(cell).casefold() if character.isalnum())
