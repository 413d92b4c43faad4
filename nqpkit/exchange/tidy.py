"""A region's results as plain tables: one row a number, for other programs."""

import csv
import io

import pandas as pd

from nqpkit.evaluation import Evaluation

LEADS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a text that begins so for a formula


def everything(result: Evaluation, region: str) -> pd.DataFrame:
    """Every number of a region: scores, coupling, dimensions, indicators, obstacles, and the figures behind them.

    Returns
    -------
    DataFrame
        kind, name, label, year, value, unit, source; sorted by kind, name and year. A missing number has no row.
    """
    study, code = result.study, result.study.resolve(region)
    about = result.framework.indicators()
    labels = {**{name: parts["label"] for name, parts in result.framework.systems.items()},
              **result.framework.dimensions()["label"].to_dict(), **about["label"].to_dict()}
    frames = {"score": result.systems, "dimension": result.dimensions, "indicator": result.indicators,
              "normalised": result.normalised}
    if result.coupled:
        frames["coupling"] = result.coupling.select_dtypes("number")
    parts = [_long(kind, frame.xs(code, level="code")) for kind, frame in frames.items()]
    obstacles = result.obstacles.xs(code, level="code")
    parts += [_long(f"obstacle_{reading}", obstacles[reading].unstack("indicator")) for reading in obstacles]
    table = pd.concat(parts, ignore_index=True)
    table["label"] = table["name"].map(labels).where(table["kind"] != "coupling", table["name"]).fillna("")
    scaled = table["kind"].isin(["score", "dimension", "normalised"])
    table["unit"] = table["name"].map(about["unit"]).where(table["kind"] == "indicator", "").mask(scaled, "0 to 1")
    names = {series for name in about.index for series in result.framework.formulas()[name].series}
    own = study.figures[(study.figures["code"] == code) & study.figures["series"].isin(names)]
    facts = pd.DataFrame({"kind": "figure", "name": own["series"], "year": own["year"], "value": own["value"],
                          "label": own["series"].map(study.series["name"]),
                          "unit": own["series"].map(study.series["unit"]), "source": own["source"]})
    table = pd.concat([table.assign(source=""), facts], ignore_index=True)
    return table.sort_values(["kind", "name", "year"], ignore_index=True)[
        ["kind", "name", "label", "year", "value", "unit", "source"]]


def indicator_rows(result: Evaluation, code: str, year: int) -> pd.DataFrame:
    """One row an indicator of a region and year: value, unit, direction, normalised value, weight, rank, reference."""
    about, values = result.framework.indicators(), result.indicators.xs(year, level="year")
    ranks = (values * about["direction"]).rank(ascending=False, method="min")
    rows = about.loc[values.columns, ["system", "dimension", "label", "unit", "direction", "formula"]].assign(
        value=values.loc[code], rank=ranks.loc[code], of=values.notna().sum(),
        reference_median=result.reference(result.indicators).xs(year, level="year").iloc[0],
        normalised=result.normalised.loc[(code, year)], weight=result.weights["weight"],
        bridged=["yes" if flag else "" for flag in result.bridged.loc[(code, year), values.columns]])
    return rows.rename_axis("indicator").reset_index()


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV whose texts no spreadsheet takes for formulas: an apostrophe stands before what looks like one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_guarded(cell) for cell in row] for row in table.itertuples(index=False))
    return buffer.getvalue()


def _long(kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    stacked = frame.astype(float).stack().dropna().rename("value").rename_axis(["year", "name"]).reset_index()
    return stacked.assign(kind=kind)


def _guarded(cell):
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(LEADS) else cell
    return "" if cell != cell else cell
