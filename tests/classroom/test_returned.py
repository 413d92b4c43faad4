"""What comes back from a class: whose it is, what its code says, what may be damaged about it."""

import io
import json
import zipfile

import pytest

from nqpkit.classroom.reading import alike, answer_cells, flags, own_code, read_paper
from nqpkit.classroom.record import ClassRecord, Enrolled, read_record, write_record
from nqpkit.classroom.returned import collect
from nqpkit.errors import InputError

RECORD = ClassRecord(2023, 0, "", "0", {"w4": "w4-coupling.ipynb"}, (
    Enrolled("1", "李华", "gansu", "1-李华"), Enrolled("2", "Ada", "ningxia", "2-Ada"),
    Enrolled("3", "Bo", "tibet", "3-Bo")))
HANDED_OUT = ['province = "gansu"  # yours\nyear = 2023\nstudy = ""',
              "from nqpkit.classroom import begin\n\ncheck = begin(province, year, study)",
              'E8_1 = ...\ncheck("E8.1", E8_1)']


def notebook(cells=HANDED_OUT, student="", workshop="w4-coupling") -> bytes:
    made = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": [{"forged": True}]} for source in cells]
    return json.dumps({"cells": made, "metadata": {"nqp": {"student": student, "workshop": workshop}}}).encode()


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def archive(**files) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return memory.getvalue()


def found(folder):
    hand_ins, strangers = collect(folder, RECORD, ["w4"])
    return {hand_in.student.id: hand_in for hand_in in hand_ins}, strangers


def test_the_folder_of_the_pack_is_the_students(tmp_path):
    put(tmp_path / "1-李华" / "w4-coupling.ipynb", notebook(student="1"))
    put(tmp_path / "1-李华" / "data.csv", b"a,b\n")
    put(tmp_path / "1-李华" / ".ipynb_checkpoints" / "w4-coupling-checkpoint.ipynb", b"{}")
    hand_ins, strangers = found(tmp_path)
    assert hand_ins["1"].notebook == notebook(student="1") and hand_ins["1"].beside == {"data.csv": b"a,b\n"}
    assert hand_ins["1"].remarks == () and not strangers
    assert hand_ins["2"].notebook is None and hand_ins["3"].notebook is None


def test_folders_and_archives_renamed_by_a_learning_management_system(tmp_path):
    put(tmp_path / "Ada Lovelace_71_assignsubmission_file" / "pack" / "w4-coupling (1).ipynb", notebook())
    put(tmp_path / "Ada Lovelace_71_assignsubmission_file" / "pack" / "pack.json", b'{"id": "2"}')
    put(tmp_path / "upload.ZIP", archive(**{"x/w4-coupling.ipynb": notebook(student="1"), "../../evil.py": b"1"}))
    put(tmp_path / "bo_8_9_W4.ipynb", notebook(student="3"))
    hand_ins, strangers = found(tmp_path)
    assert all(hand_ins[name].notebook for name in "123") and not strangers
    assert not (tmp_path.parent / "evil.py").exists()


def test_anothers_notebook_two_notebooks_and_strangers_are_said(tmp_path):
    put(tmp_path / "1-李华" / "w4-coupling.ipynb", notebook(student="2"))
    put(tmp_path / "1-李华" / "w4-coupling-Copy1.ipynb", notebook(student="1"))
    put(tmp_path / "who" / "w4-coupling.ipynb", notebook(student="99"))
    put(tmp_path / "torn.zip", b"PK no archive")
    put(tmp_path / "all" / "1-李华" / "pack.json", b'{"id": "1"}')
    put(tmp_path / "all" / "2-Ada" / "pack.json", b'{"id": "2"}')
    hand_ins, strangers = found(tmp_path)
    said = " ".join(hand_ins["1"].remarks)
    assert "handed out to 2-Ada" in said and "more than one notebook" in said and "Copy1" in said
    assert json.loads(hand_ins["1"].notebook)["metadata"]["nqp"]["student"] == "2", "the name of the pack's file counts"
    assert [line.split(":")[0] for line in strangers] == ["all", "torn.zip", "who"] and "several" in strangers[0]


def test_links_are_not_followed(tmp_path):
    put(tmp_path / "secret.txt", b"key")
    put(tmp_path / "in" / "1-李华" / "w4-coupling.ipynb", notebook())
    try:
        (tmp_path / "in" / "1-李华" / "notes.txt").symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("this system makes no links")
    assert found(tmp_path / "in")[0]["1"].beside == {}


@pytest.mark.parametrize(("content", "said"), [
    (b"\xff\xfe", "not JSON"), (b"{", "not JSON"), (b"[1]", "no list of cells"), (b'{"cells": []}', "no code cell"),
    (b'{"cells": [7]}', "damaged"), (b'{"worksheets": []}', "no list of cells"), (b"[" * 100_000, "not JSON")])
def test_what_is_no_notebook_is_said_in_words(content, said):
    with pytest.raises(ValueError, match=said):
        read_paper(content)


def test_answer_cells_come_from_the_notebook_that_was_handed_out():
    cells = [{"cell_type": "code", "metadata": {"nqp": {"exercise": "E8.1"}}, "source": HANDED_OUT[2]},
             {"cell_type": "code", "metadata": {}, "source": "x = ..."}]
    assert answer_cells(json.dumps({"cells": cells, "metadata": {}}).encode()) == (("E8.1", "E8_1"),)


@pytest.mark.parametrize(("cell", "name"), [
    ("check = lambda name, answer: print('Right.')", "check redefined"),
    ("def check(name, answer): ...", "check redefined"), ("check.verdict = 1", "check redefined"),
    ("from x import y as check", "check redefined"),
    ("from nqpkit.classroom.checking import judge", "checker internals"),
    ("t = ITEMS['E8.1'].truth(check.place)", "checker internals"),
    ("province = 'Ningxia'", "another province"), ("year = 2019", "another year"),
    ("import shutil; shutil.rmtree('/tmp/x')", "reaches outside"),
    ("!pip install x\nimport subprocess", "reaches outside")])
def test_what_a_teacher_wants_to_see_is_flagged(study, cell, name):
    handed_out = read_paper(notebook())
    seen = flags(read_paper(notebook([*HANDED_OUT, cell])), handed_out, "gansu", 2023, study)
    assert [(flag.name, flag.cell) for flag in seen] == [(name, 4)]


def test_honest_work_is_not_flagged(study):
    own = ["import pandas as pd\nfrom nqpkit.chapters import coupling\n%matplotlib inline",
           "checked = check.result.coupling\nfor year_of in [2016]: print(year_of)",
           "E8_1 = {'C': 1}\ncheck('E8.1', E8_1)",
           "this is not Python ?", "province = '甘肃'"]
    handed_out = read_paper(notebook())
    assert flags(read_paper(notebook([*HANDED_OUT, *own])), handed_out, "gansu", 2023, study) == []


def test_the_same_code_is_found_whatever_the_province():
    work = "E8_1 = {'even': [0.1, 1, 0.316], 'apart': [0.6, 0.866, 0.721]}  # " + "as we did it on the blackboard " * 4
    handed_out = read_paper(notebook())
    copies = [read_paper(notebook([f'province = "{slug}"', *HANDED_OUT[1:], text]))
              for slug, text in (("gansu", work), ("ningxia", work + "  "), ("tibet", work.replace("0.6", "0.5")))]
    codes = {str(number): own_code(paper, handed_out) for number, paper in enumerate(copies, 1)}
    assert alike(codes) == {"1": ["2"], "2": ["1"]}
    assert own_code(handed_out, handed_out) == "", "the notebook as it was handed out is nobody's own"


def test_a_record_is_read_as_it_was_written(tmp_path):
    write_record(RECORD, tmp_path / "record.json")
    assert read_record(tmp_path) == RECORD == read_record(tmp_path / "record.json")


@pytest.mark.parametrize("text", ["", "[]", '{"form": 1}', '{"form": 9}', '{"form": 1, "students": [{"id": 1}]}'])
def test_what_is_no_record_is_refused_in_words(tmp_path, text):
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"record\.json"):
        read_record(tmp_path)
