"""Are the three dilemmas one? Obstacle degrees against their weights, leaders by reading, one factor behind many.

`returned` shows how obstacle degrees give back the weights, `leaders` which dilemma leads and how surely, `factor` how
far the indicators behind them are one thing; `dilemmas` has what all three use.
"""

from nqpkit.chapters.guards import without_gaps
from nqpkit.chapters.one.dilemmas import PLACE, members, weighted
from nqpkit.chapters.one.factor import (
    at_home,
    behind,
    correlations,
    dilemma_correlations,
    factor_facts,
    factors,
    homes,
    one_factor,
    without_income,
)
from nqpkit.chapters.one.leaders import (
    LeadersTable,
    chance,
    leader_facts,
    leaders_under,
    leading_draws,
    readings,
    weightings,
)
from nqpkit.chapters.one.returned import circle, circle_facts, circle_in_data, exercise_facts, toy, weights_returned
from nqpkit.evaluation import Evaluation

NEEDS_CLAIMS = True
NEEDS = {"gdp", "population", "rd_expenditure"}
__all__ = ["LeadersTable", "at_home", "behind", "chance", "circle", "circle_in_data", "correlations",
           "dilemma_correlations", "facts", "factors", "homes", "leaders_under", "leading_draws", "members",
           "one_factor", "readings", "toy", "weighted", "weightings", "weights_returned", "without_income"]


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """What the page says in numbers and in words that depend on numbers."""
    code = result.study.resolve(PLACE)
    return {"year": str(result.year()), "place": result.study.regions.loc[code, "name"],
            "regions": str(len(behind(result))), **exercise_facts(result, code), **circle_facts(result),
            **leader_facts(result, code), **factor_facts(result)}
