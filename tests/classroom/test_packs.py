"""Packs for a class: complete, the same twice, and never over a student's work."""

import json
import zipfile

import pytest
import toy_class

from nqpkit.classroom.packs import make_packs
from nqpkit.classroom.record import read_record
from nqpkit.cli import main
from nqpkit.errors import InputError

ROSTER = "姓名,学号,省份\n李华,001,宁夏\nAda Lovelace,2,\n<b>=x</b>,CON.1,\n李华,001 B,\n"


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy_class.use(monkeypatch)


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes(ROSTER.encode("gb18030"))
    return path


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_for_each_student_and_a_record_for_the_teacher(tmp_path, roster):
    packed = make_packs(roster, tmp_path / "class", archives=True, seed=3)
    record = read_record(tmp_path / "class")
    assert record == packed.record and record.seed == 3 and record.workshops == {"w9": "w9-toy.ipynb"}
    assert [student.folder for student in record.students] == ["001-李华", "2-Ada-Lovelace", "_CON.1-b-=x-b",
                                                               "001-B-李华"]
    assert record.students[0].province == "ningxia"
    for student in record.students:
        folder = tmp_path / "class" / "students" / student.folder
        assert {path.name for path in folder.iterdir()} == {"w9-toy.ipynb", "pack.json", "README.md"}
        manifest = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        assert manifest == {"id": student.id, "province": student.province, "year": 2023, "workshops": ["w9"]}
        notebook = json.loads((folder / "w9-toy.ipynb").read_text(encoding="utf-8"))
        assert f'province = "{student.province}"' in "".join(map(str, notebook["cells"][1]["source"]))
        assert notebook["metadata"]["nqp"]["student"] == student.id
        with zipfile.ZipFile(tmp_path / "class" / "archives" / f"{student.folder}.zip") as archive:
            assert {name.split("/")[0] for name in archive.namelist()} == {student.folder}
            assert archive.read(f"{student.folder}/w9-toy.ipynb") == (folder / "w9-toy.ipynb").read_bytes()
    page = (tmp_path / "class" / "students" / "_CON.1-b-=x-b" / "README.md").read_text(encoding="utf-8")
    assert "<b>" not in page and "\\<b\\>" in page


def test_the_same_twice_and_the_dealing_can_be_repeated_from_its_table(tmp_path, roster):
    make_packs(roster, tmp_path / "one", seed=5, archives=True)
    make_packs(roster, tmp_path / "two", seed=5, archives=True)
    make_packs(tmp_path / "one" / "provinces.csv", tmp_path / "three", seed=9, archives=True)
    one, two, three = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert {**one, "record.json": b""} == {**three, "record.json": b""}


def test_a_students_work_is_never_written_over_and_latecomers_leave_provinces_as_they_are(tmp_path, roster):
    first = make_packs(roster, tmp_path / "class").record
    work = tmp_path / "class" / "students" / "2-Ada-Lovelace" / "w9-toy.ipynb"
    work.write_text("her work", encoding="utf-8")
    longer = tmp_path / "longer.csv"
    longer.write_text("name,id\nNew,9\nAda Lovelace,2\n", encoding="utf-8")
    packed = make_packs(longer, tmp_path / "class")
    assert packed.kept == ["2-Ada-Lovelace/w9-toy.ipynb"] and work.read_text(encoding="utf-8") == "her work"
    provinces = {student.id: student.province for student in packed.record.students}
    assert {student.id: student.province for student in first.students}.items() <= provinces.items()
    assert "9" in provinces and len(packed.record.students) == 5


def test_other_packs_are_refused_instead_of_mixed(tmp_path, roster):
    make_packs(roster, tmp_path / "class")
    for options, said in (({"year": 2020}, "year 2023, not 2020"), ({"seed": 8}, "seed 0, not 8")):
        with pytest.raises(InputError, match=said):
            make_packs(roster, tmp_path / "class", **options)
    moved = tmp_path / "moved.csv"
    moved.write_text("name,id,province\nLi,001,gansu\n", encoding="utf-8")
    with pytest.raises(InputError, match="another province"):
        make_packs(moved, tmp_path / "class")
    (tmp_path / "class" / "record.json").unlink()
    with pytest.raises(InputError, match="without a record"):
        make_packs(roster, tmp_path / "class")


def test_a_study_of_ones_own_travels_with_the_pack(tmp_path, roster):
    from nqpkit.exchange.start import new_study

    mine = new_study(tmp_path / "mine", "counties")
    roster.write_text("name,id\nLi,1\n", encoding="utf-8")
    record = make_packs(roster, tmp_path / "class", study=mine).record
    folder = tmp_path / "class" / "students" / record.students[0].folder
    assert (folder / "study" / "figures.csv").read_bytes() == (mine / "figures.csv").read_bytes()
    assert 'study = "study"' in (folder / "w9-toy.ipynb").read_text(encoding="utf-8").replace('\\"', '"')
    assert record.study == str(mine) and record.year == 2023


def test_mistakes_of_a_roster_reach_the_person_who_typed_it(tmp_path, roster, capsys):
    roster.write_text("name,id,province\nA,1,Ganzu\nB,1,\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["class", "pack", "--roster", str(roster), "--out", str(tmp_path / "class")])
    said = capsys.readouterr()
    assert left.value.code == 2 and not (tmp_path / "class").exists()
    assert "row 2" in said.err and "row 3" in said.err and not said.out
    with pytest.raises(SystemExit) as left:
        main(["class", "pack", "--roster", str(roster), "--out", str(tmp_path / "class"), "-w", "w7"])
    assert left.value.code == 2 and "no workshop 'w7'" in capsys.readouterr().err
