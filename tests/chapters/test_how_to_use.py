"""One indicator traced to its publications, and what moved on the map."""

from nqpkit.chapters import how_to_use


def test_the_indicator_is_its_numerator_over_its_denominator(result, study):
    panel = study.panel().loc[("62", 2023)]
    numerator, denominator = how_to_use.traced_series(result)
    found = how_to_use.facts(result)
    assert found["value"] == f"{panel[numerator] / panel[denominator] * 0.01:.2f}"
    assert str(found["first_year"]) == str(study.panel()[numerator].xs("62", level="code").dropna().index[0])


def test_the_move_of_the_region_is_said_with_its_ranks(result):
    found, score = how_to_use.facts(result), result.scores.xs("62", level="code")
    assert (found["rank_before"], found["rank_after"]) == tuple(score["rank_nqp"].iloc[[0, -1]])
    assert found["own_after"] == f"{score['nqp'].iloc[-1]:.2f}"
    moves = how_to_use.rank_moves(result)
    assert (moves["after"] - moves["before"]).abs().max() == abs(found["mover_after"] - found["mover_before"])


def test_another_study_has_an_indicator_to_trace(rivers):
    found = how_to_use.facts(rivers)
    assert found["first_year"] == 2019 and found["publications"] == "*Gauge book*" and found["members"] == "three"
    assert found["label"] == "oxygen" and found["numerator"] == "`oxygen`"
