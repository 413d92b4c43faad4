"""The region that the chapters follow."""

from dataclasses import replace

from nqpkit import evaluate
from nqpkit.chapters import case


def test_words_and_scores_come_from_the_study(result, rivers):
    found = case.facts(result)
    assert (found["name"], found["many"], found["focus"], found["reference"]) == ("Gansu", "provinces", "West", "East")
    assert found["d"] == f"{result.coupling.loc[('62', 2023), 'coordination']:.2f}"
    other = case.facts(rivers)
    assert (other["name"], other["one"], other["focus"]) == ("Ford", "district", "Upper reach")
    assert other["year"] == 2022 and other["first"] == "water"


def test_a_region_without_scores_is_not_followed(study):
    result = evaluate(study, aggregate="arithmetic")  # a fresh evaluation, so that nothing kept is touched
    emptied = replace(result, systems=result.systems.copy())
    emptied.systems.loc[("62", 2023)] = float("nan")
    assert case.case_code(emptied) == study.regions.index[0]


def test_the_chapters_follow_another_region_without_touching_the_evaluation(result):
    other = case.follow(result, "云南")
    assert (case.facts(other)["name"], case.facts(result)["name"]) == ("Yunnan", "Gansu")
    assert other.systems is result.systems and case.follow(result, "yunnan").study.folder == result.study.folder
    assert case.follow(result, "gansu") is result
