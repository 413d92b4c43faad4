"""Chapter 1, a paper and its claims."""

from nqpkit.chapters.paper import CARDS
from nqpkit.claim_checks import UNCHECKED
from nqpkit.claims import ledger
from nqpkit.classroom.checking import Item, Mistake, Place


def kinds(place: Place) -> dict:
    """Card → kind of claim, from the study's claims."""
    claims = ledger(place.result).set_index("id")["kind"]
    return {name: claims[name] for name in CARDS}


def named(place: Place) -> int:
    """How many claims name the province."""
    return len(_about(place))


def _about(place):
    claims = ledger(place.result)
    return claims[claims["regions"].str.split(", ").map(lambda slugs: place.slug in slugs, na_action="ignore").eq(True)]


def _read_as(kind: str, taken_for: str):
    return lambda place: {name: taken_for for name, true in kinds(place).items() if true == kind}


ITEMS = {
    "E1.1": Item(
        "E1.1", 4, "a mapping from each card's id to its kind: descriptive, figure, causal, normative or "
                   "prescriptive", kinds, (
            Mistake("norms as descriptions", "Some cards say what should be in the form of what is. Ask whether a "
                    "figure could ever refute them.", _read_as("normative", "descriptive")),
            Mistake("causes as descriptions", "Some cards tell what happens because of something. Look for verbs that "
                    "push, pull, lead or promote.", _read_as("causal", "descriptive")),
            Mistake("advice as norms", "Some cards tell somebody to do something. That is more than calling it good.",
                    _read_as("prescriptive", "normative")),
            Mistake("figures as descriptions", "Some cards stand or fall with one number.",
                    _read_as("figure", "descriptive")),
        )),
    "E1.2": Item("E1.2", 2, "the erratum in one sentence, and two sentences on what the slip does to a count of words"),
    "E1.3": Item("E1.3", 2, "both sentences rewritten, each with its date of record, and what each tense claims"),
    "E1.4": Item(
        "E1.4", 1, "the number of claims about your province by name; the second question is for the class", named, (
            Mistake("all places", "This looks like all claims that name any place.",
                    lambda place: int(ledger(place.result)["regions"].notna().sum())),
            Mistake("the West too", "Claims about the West as a whole seem to be counted too.",
                    lambda place: named(place) + int(ledger(place.result)["regions"].isna().sum())),
            Mistake("all claims", "This looks like the number of all claims.", lambda place: len(ledger(place.result))),
            Mistake("only checked ones", "Only claims that can be checked seem to be counted.",
                    lambda place: int((_about(place)["verdict"] != UNCHECKED).sum())),
        ), tolerance=0),
}
