"""Chapter 8, coupling and coordination."""

import pandas as pd

from nqpkit.classroom.checking import Item, Mistake, Place, decimals
from nqpkit.coupling import FORMS, coordination_degree, coupling_degree, development, wrong_forms

SCORES = pd.DataFrame({"first": [0.1, 0.9], "second": [0.1, 0.3]}, index=["even", "apart"])


def two_places(place: Place) -> dict:
    """C and D of the two made-up places in the standard and the modified form, and T."""
    found = {"T": development(SCORES)}
    for form in ("standard", "modified"):
        found |= {f"C {form}": coupling_degree(SCORES, form), f"D {form}": coordination_degree(SCORES, form=form)}
    return {row: {name: column[row] for name, column in found.items()} for row in SCORES.index}


def _with(column: str, values: pd.Series) -> dict:
    return {row: {column: values[row]} for row in SCORES.index}


def _exchanged(place: Place) -> dict:
    other = {"standard": "modified", "modified": "standard"}
    return {row: {f"{kind} {form}": values[f"{kind} {other[form]}"] for kind in "CD" for form in other}
            for row, values in two_places(place).items()}


ITEMS = {"E8.1": Item(
    "E8.1", 2, "a mapping or frame with the rows even (0.1 and 0.1) and apart (0.9 and 0.3) and the columns T, "
    "C standard, D standard, C modified, D modified; two decimals or more",
    two_places, (
        Mistake("forms exchanged", "This looks as if the standard and the modified form changed places.", _exchanged),
        Mistake("factor lost", "This looks like a standard form without its factor 2: C then stops at one half.",
                lambda place: _with("C standard", wrong_forms(SCORES)["factor lost"])),
        Mistake("root lost", "This looks like C squared: a root was lost.",
                lambda place: _with("C standard", wrong_forms(SCORES)["root lost"])),
        Mistake("D without its root", "This looks like C times T without the square root.",
                lambda place: {row: {f"D {form}": values[f"C {form}"] * values["T"] for form in FORMS if form != "fan"}
                               for row, values in two_places(place).items()}),
        Mistake("T as geometric mean", "This looks like a geometric mean of the two scores; T is their plain mean.",
                lambda place: _with("T", SCORES.prod(axis=1) ** 0.5)),
    ), decimals(2))}
