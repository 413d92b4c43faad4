"""The indicator systems of a study: systems made of dimensions made of indicators, each with a formula."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import pandas as pd

from nqpkit import formula
from nqpkit.errors import InputError

INDICATOR_KEYS = {"label", "label_zh", "unit", "direction", "formula", "transform", "note", "claims", "lever", "years"}


@dataclass(frozen=True, eq=False)
class Framework:
    """What is scored, from which series, in which direction.

    Attributes
    ----------
    years : tuple of int
        First and last scored year.
    breaks : dict
        Series → years in which its definition changes.
    systems : dict
        System → ``{label, label_zh, dimensions: {dimension: {label, …, indicators: {name: {…}}}}}``.
    dilemmas, paths, companions, variants : dict
        As written in ``framework.yml`` (``variants`` is its key ``alternatives``).
    outside_dilemmas : tuple of str
        Indicators of the first system that belong to no dilemma.
    """

    years: tuple[int, int]
    breaks: dict
    systems: dict
    dilemmas: dict = field(default_factory=dict)
    outside_dilemmas: tuple = ()
    paths: dict = field(default_factory=dict)
    variants: dict = field(default_factory=dict)
    companions: dict = field(default_factory=dict)

    @classmethod
    def read(cls, content: Mapping) -> "Framework":
        """Make a framework from the checked content of ``framework.yml``; InputError if a formula cannot be read."""
        framework = cls(
            years=tuple(content["years"]),
            breaks=content.get("breaks") or {},
            systems=content["systems"],
            dilemmas=content.get("dilemmas") or {},
            outside_dilemmas=tuple(content.get("outside_dilemmas") or ()),
            paths=content.get("paths") or {},
            variants=content.get("alternatives") or {},
            companions=content.get("companions") or {},
        )
        framework.formulas()
        return framework

    def indicators(self) -> pd.DataFrame:
        """One row an indicator: system, dimension, labels, unit, direction, formula, transform, note, claims, lever."""
        return _indicators(self).copy(deep=False)

    def dimensions(self) -> pd.DataFrame:
        """One row a dimension: its system and labels."""
        rows = {
            dimension: {"system": system, "label": block["label"], "label_zh": block.get("label_zh", "")}
            for system, parts in self.systems.items()
            for dimension, block in parts["dimensions"].items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension")

    def formulas(self) -> dict[str, formula.Formula]:
        """Every indicator's and companion's formula, read and checked."""
        entries = self.indicators()["formula"].to_dict() | {n: e["formula"] for n, e in self.companions.items()}
        parsed = {}
        for name, text in entries.items():
            try:
                parsed[name] = formula.parse(text)
            except InputError as error:
                raise InputError(f"framework.yml, indicator '{name}': {error}") from None
        return parsed

    def variant(self, name: str) -> "Framework":
        """The same framework with the first system rebuilt as an alternative set says.

        The named dimensions replace those of the first system; indicators that the set takes from another system
        leave it, and dimensions listed under ``drops`` (``system.dimension``) go.
        """
        if name not in self.variants:
            raise InputError(f"There is no alternative indicator set '{name}'. Known: {', '.join(self.variants)}.")
        entry, first = self.variants[name], next(iter(self.systems))
        known = {
            indicator: values
            for parts in self.systems.values()
            for block in parts["dimensions"].values()
            for indicator, values in block["indicators"].items()
        }
        rebuilt = {
            dimension: {"label": dimension.replace("_", " ").capitalize(), "label_zh": "",
                        "indicators": {i: known[i] for i in members}}
            for dimension, members in entry["dimensions"].items()
        }
        dropped = {tuple(drop.split(".")) for drop in entry.get("drops", [])}
        systems = {
            system: parts | {"dimensions": rebuilt if system == first else {
                dimension: block for dimension, block in parts["dimensions"].items()
                if (system, dimension) not in dropped}}
            for system, parts in self.systems.items()
        }
        return replace(self, systems=systems)


@lru_cache(maxsize=16)
def _indicators(framework: Framework) -> pd.DataFrame:
    """The table of indicators, made once: every step of an evaluation asks for it."""
    rows = {
        name: {"system": system, "dimension": dimension} | dict.fromkeys(INDICATOR_KEYS) | entry
        for system, parts in framework.systems.items()
        for dimension, block in parts["dimensions"].items()
        for name, entry in block["indicators"].items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")
    return table.assign(transform=table["transform"].fillna("none"))
