"""Rosters as schools have them, and provinces dealt fairly."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.classroom.folders import LONGEST, RESERVED, own_names, safe_name
from nqpkit.classroom.roster import Student, deal_provinces, read_roster
from nqpkit.errors import InputError

ENGLISH = "Name,Student ID,Province,Email\nAda Lovelace,007,Gansu,a@b\nЮлия Ким,b-2,,\n欧阳 夏,c,宁夏,\n"
CHINESE = "姓名,学号,省份\n李华,2024001,甘肃省\n王芳,2024002,\n"


def roster(folder, text, encoding="utf-8", name="roster.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_english_headers_in_any_order_names_in_any_script(tmp_path, study, encoding):
    students, problems = read_roster(roster(tmp_path, ENGLISH, encoding), study)
    assert students == [Student("007", "Ada Lovelace", "gansu"), Student("b-2", "Юлия Ким"),
                        Student("c", "欧阳 夏", "ningxia")]
    assert not problems


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_headers_in_the_encodings_of_offices(tmp_path, study, encoding):
    students, problems = read_roster(roster(tmp_path, CHINESE, encoding), study)
    assert students == [Student("2024001", "李华", "gansu"), Student("2024002", "王芳")]
    assert not problems


def test_title_above_first_and_last_name_apart(tmp_path, study):
    text = "Regional economics,,\nFirst name,Last name,ID number\nAda,Lovelace,7\n"
    assert read_roster(roster(tmp_path, text), study)[0] == [Student("7", "Ada Lovelace")]


def test_everything_wrong_is_said_in_one_pass_with_row_and_remedy(tmp_path, study):
    text = "name,id,province\nA,1,Ganzu\nB,1,\n,,\nC,,gansu\n,5,\nD,6,Atlantis\nE,7,\n"
    students, problems = read_roster(roster(tmp_path, text), study)
    assert [(problem.row, problem.column, problem.severity) for problem in problems] == [
        (2, "province", "error"), (3, "id", "error"), (4, "", "warning"), (5, "id", "error"), (6, "name", "error"),
        (7, "province", "error")]
    assert all(problem.remedy for problem in problems)
    assert "gansu" in str(problems[0]), "the nearest name is offered"
    assert students == [Student("7", "E")]


@pytest.mark.parametrize(("text", "said"), [
    ("who,what\nA,1\n", "no header"), ("name,id,ID number\nA,1,2\n", "more than one column"), ("\n\n", "no cells")])
def test_a_file_that_is_no_roster_is_refused(tmp_path, study, text, said):
    with pytest.raises(InputError, match=said):
        read_roster(roster(tmp_path, text), study)


def test_a_header_alone_has_no_students(tmp_path, study):
    students, problems = read_roster(roster(tmp_path, "name,id\n"), study)
    assert not students and problems[0].severity == "error"


@settings(max_examples=40, deadline=None)
@given(known=st.lists(st.sampled_from(["", "gansu", "qinghai", "beijing"]), max_size=60), seed=st.integers(0, 99))
def test_each_province_of_the_group_is_dealt_as_often_as_every_other(study, known, seed):
    students = [Student(str(number), "", slug) for number, slug in enumerate(known)]
    dealt = deal_provinces(students, study, seed)
    assert dealt == deal_provinces(students, study, seed), "the same seed deals the same"
    assert all(before.province in ("", after.province) for before, after in zip(students, dealt, strict=True))
    west = list(study.regions.loc[study.regions["group"] == "west", "slug"])
    counts, fixed = Counter(student.province for student in dealt), Counter(known)
    lowest = min(counts[slug] for slug in west)
    assert all(counts[slug] <= max(lowest + 1, fixed[slug]) for slug in west)
    assert {student.province for student in dealt} <= {*west, "beijing"}


def test_another_seed_deals_otherwise_and_an_earlier_dealing_stays(study):
    students = [Student(str(number), "") for number in range(12)]
    first, second = deal_provinces(students, study, 1), deal_provinces(students, study, 2)
    assert first != second
    kept = {student.id: student.province for student in first}
    more = deal_provinces([*students, Student("late", "")], study, 2, kept)
    assert more[:12] == first


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_every_text_gives_a_name_that_windows_takes(text):
    name = safe_name(text)
    assert 0 < len(name) <= LONGEST + 1 and len(name.encode()) <= 255
    assert not set(name) & set('<>:"/\\|?*\0\n') and name[-1] not in ". " and name[0] != "."
    assert name.split(".")[0].casefold() not in RESERVED
    assert safe_name(name) == name


def test_names_that_collide_without_case_are_told_apart():
    assert own_names(["1-Li", "1-LI", "1-li"], taken=["1-LI-2"]) == ["1-Li", "1-LI-3", "1-li-4"]
