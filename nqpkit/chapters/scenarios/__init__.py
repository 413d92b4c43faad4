"""Scenarios with their bills: levers one after another, twelve provinces, years at the fastest pace.

`raising` has the arithmetic and the whole group, `stairs` one province lever by lever and under other marks and
weights, `bill` what R&D would cost, `pace` how long it would take.
"""

from nqpkit.chapters.gaps import focus_codes
from nqpkit.chapters.guards import without_gaps
from nqpkit.chapters.scenarios.bill import bill_facts, rd_bars, rd_bill
from nqpkit.chapters.scenarios.pace import doubtful_paces, pace_facts, pace_map, pace_table, years_needed
from nqpkit.chapters.scenarios.raising import SHORT, everybody, grade_changes, peak, raised, raising_facts
from nqpkit.chapters.scenarios.stairs import aims, brief, mark_facts, steps, waterfall, weightings
from nqpkit.evaluation import Evaluation
from nqpkit.levers import chosen_levers
from nqpkit.wording import counted

PLACE = "guizhou"
NEEDS_CLAIMS = True
NEEDS = {"rd_expenditure", "gdp", "local_fiscal_science_technology_expenditure"}
__all__ = ["SHORT", "aims", "brief", "doubtful_paces", "everybody", "facts", "grade_changes", "pace_map", "pace_table",
           "peak", "raised", "rd_bars", "rd_bill", "steps", "waterfall", "weightings", "years_needed"]


@without_gaps
def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter."""
    code = result.study.resolve(PLACE)
    return {"year": result.year(), "count": counted(len(focus_codes(result))),
            "levers": counted(len(chosen_levers(result, "all"))), **raising_facts(result, code),
            **bill_facts(result, code), **mark_facts(result, PLACE), **pace_facts(result, code)}
