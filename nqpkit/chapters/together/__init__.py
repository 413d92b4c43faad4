"""Mechanisms, chapter four: the three together. The graph, what goes with what, and what eight years can decide.

`made_up` shows worlds whose arrows are known, `arrows` what the paper draws, `scores` the two scores side by side with
and without income, `years` the regressions and how little eight years carry.
"""

from nqpkit.chapters.dimension import as_text, of_paper
from nqpkit.chapters.guards import without_gaps
from nqpkit.chapters.together.arrows import LINKS, arrow_facts, graph, links
from nqpkit.chapters.together.made_up import WORLDS, simulated, world_facts, worlds
from nqpkit.chapters.together.scores import (
    before_and_after,
    given_income,
    own_correlations,
    quantities,
    score_facts,
    table_of_all,
)
from nqpkit.chapters.together.years import (
    by_chance,
    carrying,
    directions,
    regressions,
    shuffled,
    variance_parts,
    year_facts,
)
from nqpkit.evaluation import Evaluation

NEEDS = {"gdp", "population", "rd_expenditure", "rd_personnel_fte", "patents_in_force_invention", "broadband_ports",
         "tech_market_contract_value_absorbed", "industrial_new_product_sales"}
__all__ = ["LINKS", "WORLDS", "before_and_after", "by_chance", "carrying", "directions", "facts", "given_income",
           "graph", "links", "own_correlations", "quantities", "regressions", "shuffled", "simulated", "table_of_all",
           "variance_parts", "worlds"]


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """Numbers and words of the chapter."""
    result = of_paper(result)
    return as_text(score_facts(result), arrow_facts(result), year_facts(result), world_facts())
