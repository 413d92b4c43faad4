"""Reading a region: peers by the stated rule, neighbours from the study, words for any study."""

from nqpkit.chapters import reading
from nqpkit.chapters.case import case_code


def test_peers_are_the_nearest_and_neighbours_the_study_s_own(result):
    found, code = reading.facts(result), case_code(result)
    scores = result.dimensions.xs(2023, level="year")
    distance = (((scores - scores.loc[code]) ** 2).sum(axis=1) ** 0.5).drop(code).sort_values()
    names = result.study.regions["name"]
    assert found["nearest"] == names[distance.index[0]] and found["farthest"] == names[distance.index[-1]]
    assert all(names[key] in found["peers"] for key in distance.index[:4])
    beside = result.study.neighbours.loc[result.study.neighbours["code"] == code, "neighbour"]
    assert all(names[key] in found["neighbours"] for key in beside)


def test_another_study_without_neighbours_has_words_too(rivers):
    found = reading.facts(rivers)
    assert found["neighbours"].endswith(".") and found["peers"] and "nan" not in found["farthest_distance"]
