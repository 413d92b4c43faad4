"""Alternative indicator sets beside the study's own."""

import pytest

from nqpkit import evaluate
from nqpkit.alternatives import agreement, compare_alternatives, evaluate_alternatives


def test_every_set_is_evaluated_under_the_same_options(study):
    found = evaluate_alternatives(study, weights="entropy", aggregate="arithmetic")
    assert list(found) == ["default", *study.alternatives] and len(found) == 3
    assert {(r.options.weights, r.options.aggregate) for r in found.values()} == {("entropy", "arithmetic")}
    assert found["default"] is evaluate(study, weights="entropy", aggregate="arithmetic")


def test_what_a_set_moves_leaves_the_other_system(study):
    """Technology, green and digital takes the green indicators, and drops the dimension that held them."""
    systems = study.alternatives["nqp_attributes"].systems
    assert list(systems["nqp"]["dimensions"]) == ["technology", "green", "digital"]
    assert "green" in study.framework.systems["hqed"]["dimensions"] and "green" not in systems["hqed"]["dimensions"]
    owner = study.alternatives["nqp_attributes"].indicators()["system"]
    assert owner["so2_intensity"] == "nqp" and not owner.index.has_duplicates


def test_side_by_side_holds_the_numbers_of_each_evaluation(study):
    table = compare_alternatives(study, 2022)
    for name, result in evaluate_alternatives(study).items():
        own = result.table(2022).set_index("code")
        assert table["nqp", name].tolist() == own["nqp"].tolist()
        assert table["grade", name].tolist() == own["grade"].tolist()


def test_agreement_by_counting(study):
    table = compare_alternatives(study)
    found = agreement(table)
    gap = (table["rank_nqp", "default"] - table["rank_nqp", "nqp_factors"]).abs()
    n = len(table)
    assert found.loc["nqp_factors", "nqp_moved"] == gap.max()
    assert found.loc["nqp_factors", "nqp"] == pytest.approx(1 - 6 * (gap.astype(float) ** 2).sum() / (n * (n**2 - 1)))
    assert found.loc["nqp_factors", "grades_changed"] == sum(
        one != other for one, other in zip(table["grade", "default"], table["grade", "nqp_factors"], strict=True))
