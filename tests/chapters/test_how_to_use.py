"""One indicator traced to its publications, and what moved on the map."""

import pytest

from nqpkit import Study, evaluate
from nqpkit.chapters import how_to_use
from nqpkit.kit_files import PACKAGE


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


@pytest.mark.parametrize("folder", sorted((PACKAGE / "data").glob("*/study.yml")), ids=lambda path: path.parent.name)
def test_it_can_be_said_of_every_study_in_the_kit(folder):
    found = how_to_use.facts(evaluate(Study.load(folder.parent)))
    assert "nan" not in " ".join(map(str, found.values())).lower().split()
