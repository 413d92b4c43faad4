"""The quizzes: complete, balanced, worked out, and without their key for students."""

import copy
import re
from collections import Counter

import pytest

from nqpkit.classroom import quiz as quizzes
from nqpkit.classroom.quiz import check_quizzes, key_line, quiz_markdown, quiz_names, read_quiz
from nqpkit.errors import InputError

ALL = ("W1", "W2", "W3", "W4", "W5", "W6", "pre", "post")


def test_six_exit_quizzes_and_two_forms_of_the_test():
    assert tuple(quiz_names()) == ALL
    assert [len(read_quiz(name).questions) for name in ALL] == [5] * 6 + [15] * 2
    assert Counter(q.kind for q in read_quiz("pre").questions) == {"definition": 4, "computing": 5, "criticism": 6}


@pytest.mark.parametrize("name", ALL)
def test_every_question_has_one_right_option_a_reason_and_a_slip_behind_each_wrong_one(name):
    for question in read_quiz(name).questions:
        letters = "abcdef"[: len(question.options)]
        assert question.right in letters and set(question.slips) == set(letters) - {question.right}
        assert len(set(question.options)) == len(question.options) >= 4
        assert all([question.why, question.objective, *question.slips.values()])
        assert "{{" not in question.text + "".join(question.options)


@pytest.mark.parametrize("name", ALL)
def test_no_letter_is_right_in_more_than_half_of_the_questions(name):
    key = read_quiz(name).key
    assert max(Counter(key).values()) <= len(key) // 2 + 1 and len(set(key)) >= 3


def test_the_length_of_an_option_does_not_give_the_answer_away():
    """Of four options the right one should be the longest, or the shortest, about as often as any other."""
    place = []
    for question in (q for name in ALL[:7] for q in read_quiz(name).questions
                     if not re.fullmatch(r"[\d,.]+( %)?", q.options[0])):
        lengths = sorted(question.options, key=len)
        place.append(lengths.index(question.options["abcdef".index(question.right)]))
    longest, shortest = place.count(3) / len(place), place.count(0) / len(place)
    assert 0.1 <= longest <= 0.4 and 0.1 <= shortest <= 0.4, (longest, shortest)


def test_no_option_stands_out_by_being_bilingual():
    for question in (q for name in ALL for q in read_quiz(name).questions):
        assert len({bool(re.search(r"[\u4e00-\u9fff]", option)) for option in question.options}) == 1, question.text


def test_each_workshop_defines_computes_and_criticises():
    for name in ALL[:6]:
        assert {q.kind for q in read_quiz(name).questions} == {"definition", "computing", "criticism"}, name


@pytest.mark.parametrize("name, number, answer", [
    ("W2", 2, "1.2"),  # 1,200 certificates, a thousand times ten thousand residents
    ("W2", 3, "600"),  # 5,400 / 9
    ("W3", 2, "0.75"),  # (6 − 3) / (6 − 2)
    ("W3", 3, "0.60"),  # √0.36
    ("W4", 2, "0.80"),  # 2 √0.16 / 1
    ("W4", 3, "0.40"),  # √0.16
    ("W5", 2, "0.48"),  # 0.30 / 0.62
    ("W5", 3, "1.50"),
    ("W6", 2, "40"),  # 2 % of 2,000
    ("W6", 3, "8.3"),  # 1.5 / 0.9 × 5
    ("pre", 5, "25.0 %"), ("post", 5, "28.0 %"),  # 300 / 1,200 and 420 / 1,500
    ("pre", 6, "0.60"), ("post", 6, "0.80"),  # 3 / 5 and 8 / 10
    ("pre", 7, "0.63"), ("post", 7, "0.45"),  # √(0.8 · 0.5) and √(0.8 · 0.25)
    ("pre", 8, "0.31"), ("post", 8, "0.25"),  # 0.20 / 0.65 and 0.12 / 0.48
    ("pre", 9, "20.0 %"), ("post", 9, "40.0 %"),  # 1.2² = 1.44 and 1.4² = 1.96
])
def test_made_up_numbers_come_to_what_a_hand_gets(name, number, answer):
    question = read_quiz(name).questions[number - 1]
    assert question.toy and question.options["abcdef".index(question.right)] == answer


def test_the_denominator_is_found_by_trying_both():
    question = read_quiz("W1").questions[2]
    assert question.toy and "22 %" in question.text
    assert question.options["abcdef".index(question.right)] == "the sum of all regions"  # 20 of 90, not of 100


def test_the_two_forms_ask_the_same_skills_with_other_numbers_and_another_order():
    pre, post = (read_quiz(name).questions for name in ("pre", "post"))
    assert [(q.kind, q.objective) for q in pre] == [(q.kind, q.objective) for q in post]
    for one, other in zip(pre, post, strict=True):
        if one.kind == "computing":
            assert one.text != other.text
            assert one.options["abcdef".index(one.right)] != other.options["abcdef".index(other.right)]
        else:
            assert set(one.options) == set(other.options)
    assert sum(a != b for a, b in zip(read_quiz("pre").key, read_quiz("post").key, strict=True)) >= 5


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("handout", [False, True])
def test_a_students_copy_holds_neither_key_nor_reasons_nor_slips(name, handout):
    text, teacher = quiz_markdown(name, handout=handout), quiz_markdown(name, key=True)
    assert "Right:" not in text and teacher.count("Right:") == len(read_quiz(name).questions)
    for question in read_quiz(name).questions:
        assert question.why not in text and question.why in re.sub("<[^>]+>", "", teacher)
        assert all(option in re.sub("<[^>]+>", "", text) for option in question.options)
    assert ("☐" in text) == handout


@pytest.mark.parametrize("name", ALL)
def test_chinese_stands_beside_the_terms_and_is_marked(name):
    text = quiz_markdown(name)
    assert len(re.findall(r'<span lang="zh">[^<]+</span>', text)) >= 4
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'<span lang="zh">[^<]+</span>', "", text))


def test_the_key_in_one_line():
    assert key_line("W4").split(", ")[1] == f"2 {read_quiz('W4').key[1]}"


def test_an_unknown_quiz_is_named_with_the_known_ones():
    with pytest.raises(InputError, match="There is no quiz 'W9'. Known: W1, .*pre, post"):
        read_quiz("W9")


@pytest.mark.parametrize("damage, sentence", [
    (lambda c: c["quizzes"]["W1"]["questions"].pop(), "an exit quiz has 5 questions, not 4"),
    (lambda c: c["quizzes"]["W1"]["questions"][0].update(kind="riddle"), "there is no kind 'riddle'"),
    (lambda c: c["quizzes"]["W1"]["questions"][0]["wrong"][0].update(text="Causal"), "two options are the same"),
    (lambda c: c["quizzes"]["W1"]["questions"][0].update(why="One. Two."), "the reason is not one sentence"),
    (lambda c: c["quizzes"]["W4"]["questions"][1].update(compute="magic"), "there is no function 'magic'"),
    (lambda c: c["quizzes"]["W4"]["questions"][1].pop("compute"), "nothing computes"),
    (lambda c: c["quizzes"]["W4"]["questions"][1].pop("given"), "`given` is missing"),
    (lambda c: c["quizzes"]["W4"]["questions"][1]["given"].pop("u"), "cannot be worked out"),
    (lambda c: c["quizzes"]["W4"]["questions"][1]["given"].update(u=0.5, v=0.5), "come to the same number"),
    (lambda c: c["quizzes"]["W4"]["questions"][1].update(right="{{ left }}"), "has no 'left'"),
    (lambda c: c["test"]["questions"].pop(), "the test has 6 questions of the kind 'criticism', not 5"),
    (lambda c: c["test"]["questions"][4]["forms"].pop("post"), "the two forms `pre` and `post` are missing"),
])
def test_a_fault_in_the_file_is_a_sentence(damage, sentence):
    content = copy.deepcopy(quizzes._content())
    assert check_quizzes(content, {}) == []
    damage(content)
    assert any(sentence in str(problem) for problem in check_quizzes(content, {}))


def test_a_fault_of_the_shape_names_its_line(tmp_path, monkeypatch):
    broken = tmp_path / "quiz.yml"
    broken.write_text(quizzes.FILE.read_text(encoding="utf-8").replace("    title: A paper and its claims\n", "", 1),
                      encoding="utf-8")
    monkeypatch.setattr(quizzes, "FILE", broken)
    quizzes._content.cache_clear()
    try:
        with pytest.raises(InputError, match=r"quiz.yml, row \d+.*the key 'title' is missing"):
            quiz_names()
    finally:
        monkeypatch.undo()
        quizzes._content.cache_clear()
