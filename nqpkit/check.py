"""Whether the figures of a study can be right: bounds, jumps, sums, vintages, breaks, gaps.

:mod:`nqpkit.tables` sees to the form of the files; here their content is held against what the study itself states
in series.csv (bounds), marks.csv (cells with an explanation) and study.yml (units, vintages, sums, totals, gaps).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from nqpkit import formula
from nqpkit.claim_checks import CHECKS
from nqpkit.problems import Problem
from nqpkit.references import NATION, formulas, parse_breaks, parse_change
from nqpkit.schema import line_of
from nqpkit.tables import read_tables

KEY = ["series", "code", "year"]
KINDS = ("break", "small base", "contract swing", "revision", "suspect", "real event", "unexplained")
SLACK = 1e-9  # relative: a change of exactly x1.5 is within x1.5
COMPLETE = 0.6  # of a dimension's indicators must have figures, as in evaluation.COMPLETE
SAME_STEPS = 3  # as many equal steps in a row, in figures of five digits and more, look like a ruler's line


def check_study(folder: str | Path) -> list[Problem]:
    """Everything wrong with a study, in one pass.

    Parameters
    ----------
    folder : path
        A study's folder.

    Returns
    -------
    list of Problem
        Faults of form first (see :func:`nqpkit.tables.read_tables`), then of content. The content of rows and files
        whose form is wrong is left aside.

    Examples
    --------
    >>> check_study(Path(__file__).parent / "data" / "western_china")
    []
    """
    tables, problems = read_tables(folder)
    wrong = {(problem.file, problem.row) for problem in problems if problem.severity == "error"}
    for name, table in tables.items():
        if isinstance(table, pd.DataFrame):
            tables[name] = table[~table["row"].isin([row for file, row in wrong if file == f"{name}.csv"])]
    files = {file for file, _ in wrong}
    if "study.yml" in files:
        tables["settings"] = {}
    if "framework.yml" in files:
        tables["framework"] = {}
    if "claims.yml" not in files:
        problems += _computations(tables)
    return problems + check_tables(tables)


def check_tables(tables: dict) -> list[Problem]:
    """Check the content of tables whose form is right.

    Parameters
    ----------
    tables : dict
        As :func:`nqpkit.tables.read_tables` returns it. Empty settings or an empty framework switch off what
        depends on them.

    Returns
    -------
    list of Problem
    """
    cells = tables["figures"].astype({"year": int, "series": "category", "code": "category"})
    cells = cells.sort_values(KEY, ignore_index=True)
    goes_on = (cells["series"] == cells["series"].shift()) & (cells["code"] == cells["code"].shift())
    cells = cells.join(cells[["value", "year", "row"]].shift().where(goes_on).add_suffix("_before"))
    place = tables["regions"].set_index("code")["name"].to_dict() | {NATION: "the nation"}
    cells["place"] = cells["code"].map({code: f"{name} ({code})" for code, name in place.items()})
    if cells.empty:
        return [*_series(tables), *_formulas(tables)]
    wide = cells.pivot(index=["code", "year"], columns="series", values="value")
    wide.columns = wide.columns.astype(str)
    wide.index = wide.index.set_levels(wide.index.levels[0].astype(str), level="code")
    return [
        *_series(tables),
        *_bounds(cells, tables),
        *_changes(cells, tables),
        *_marks(cells, tables),
        *_patterns(cells, tables),
        *_sums(wide, cells, tables),
        *_formulas(tables),
        *_gaps(wide, tables),
        *_thin_dimensions(wide, tables),
    ]


def _computations(tables):
    """Claims that name a computation which does not exist."""
    lines = tables["lines"].get("claims.yml", {})
    for number, claim in enumerate(tables.get("claims", {}).get("claims", [])):
        name = claim.get("computed", "")
        if name and name not in CHECKS:
            where = ("claims", number, "computed")
            yield Problem("error", "claims.yml", line_of(lines, where), ".".join(map(str, where)), name,
                          f"there is no computation '{name}'", f"Known: {', '.join(CHECKS)}.")


def scored_series(framework: dict, companions: bool = True) -> list[str]:
    """The series that the framework's indicators read, and with ``companions`` those of its companions too."""
    names = set()
    for path, entry in formulas(framework) if framework else []:
        if companions or path[0] == "systems":
            names |= formula.parse(entry["formula"]).series
    return sorted(names)


def jumps(cells: pd.DataFrame, series: pd.DataFrame) -> pd.Series:
    """Whether a figure differs from the one before by more than its series allows.

    A ratio bound x B allows 1/B to B and forbids to pass zero, a difference bound +-D allows D. Changes across a
    break are left aside.

    Parameters
    ----------
    cells : DataFrame
        series, code, year, value, and value_before, year_before of the region's last figure of that series.
    series : DataFrame
        series, change, breaks.

    Returns
    -------
    Series of bool, aligned with ``cells``
    """
    bounds = {row.series: parse_change(row.change) for row in series.itertuples()}
    kind = cells["series"].map({name: bound[0] for name, bound in bounds.items() if bound})
    bound = cells["series"].map({name: bound[1] for name, bound in bounds.items() if bound}).astype(float)
    now, before = cells["value"], cells["value_before"]
    ratio = (now / before).where((now > 0) & (before > 0), np.inf).where(now != before, 1.0)
    beyond = (ratio > bound * (1 + SLACK)) | (ratio * bound * (1 + SLACK) < 1)
    beyond = beyond.where(kind != "+-", (now - before).abs() > bound + SLACK)
    for row in series[series["breaks"] != ""].itertuples():
        for year in parse_breaks(row.breaks):
            across = (cells["series"] == row.series) & (cells["year_before"] < year) & (cells["year"] >= year)
            beyond &= ~across
    return beyond & before.notna() & bound.notna()


def _series(tables):
    """Units that the study does not list, rows that nothing uses, breaks that only one file knows."""
    units, used = tables["settings"].get("units"), set(tables["figures"]["series"].unique())
    for row in tables["series"].itertuples():
        if units and row.unit not in units:
            yield Problem("error", "series.csv", row.row, "unit", row.unit, f"the unit '{row.unit}' is not allowed",
                          "Correct it, or add it to units in study.yml.")
        if used and row.series not in used:
            yield Problem("warning", "series.csv", row.row, "series", row.series,
                          f"no figure belongs to the series '{row.series}'", "Add its figures or remove the row.")
    cited = set(tables["figures"]["source"].unique())
    for row in tables["sources"].itertuples():
        if cited and row.source not in cited:
            yield Problem("warning", "sources.csv", row.row, "source", row.source,
                          f"no figure cites the source '{row.source}'", "Remove the row, or correct its name.")
    if not tables["framework"]:
        return
    declared, scored = tables["framework"].get("breaks", {}), set(scored_series(tables["framework"]))
    lines = tables["lines"]["framework.yml"]
    for row in tables["series"].itertuples():
        explained = set(parse_breaks(row.breaks))
        for year in sorted(set(declared.get(row.series, [])) - explained):
            yield Problem("error", "framework.yml", line_of(lines, ("breaks", row.series)), f"breaks.{row.series}",
                          str(year), f"the break of {row.series} in {year} is not explained",
                          f"Add '{year}: what changed' to its breaks in series.csv, row {row.row}.")
        if row.series in scored:
            for year in sorted(explained - set(declared.get(row.series, []))):
                yield Problem("error", "series.csv", row.row, "breaks", row.breaks,
                              f"the break of {row.series} in {year} is missing in framework.yml",
                              "Add the year to its breaks there: growth must not be computed across it.")


def _bounds(cells, tables):
    series = tables["series"].set_index("series")
    lower, upper = (cells["series"].map(series[side]).astype(float) for side in ("lower", "upper"))
    for row in cells.assign(lower=lower, upper=upper)[(cells["value"] < lower) | (cells["value"] > upper)].itertuples():
        side, bound = ("below", row.lower) if row.value < row.lower else ("above", row.upper)
        yield _cell(row, f"{row.value:,.10g} lies {side} the bound {bound:,.10g} of the series",
                    "Compare it with the source; correct it, or the bound in series.csv.")
    published = cells["series"].map(series["decimals"]).astype(float)
    finer = pd.Series(False, index=cells.index)
    for decimals in published.dropna().unique():
        finer |= (published == decimals) & (cells["value"].round(int(decimals)) != cells["value"])
    for row in cells.assign(published=published)[finer].itertuples():
        if round(row.value, int(row.published)) != row.value:
            yield _cell(row, f"{row.value:.12g} has more than the {row.published:.0f} decimals of the publication",
                        "Compare it with the source; correct it, or the decimals in series.csv.")


def _changes(cells, tables):
    beyond = _unmarked(cells[jumps(cells, tables["series"])], tables)
    bounds = tables["series"].set_index("series")["change"]
    back = None
    for row in beyond.itertuples():
        up = row.value > row.value_before
        if back == (row.series, row.code, row.year_before, not up):
            continue  # the way back from a cell that was just named
        back = (row.series, row.code, row.year, up)
        yield _cell(row, f"{row.value:,.10g} after {row.value_before:,.10g} in {row.year_before:.0f} (row "
                    f"{row.row_before:.0f}) is a change beyond the bound {bounds[row.series]}",
                    "Compare both with the source; correct the wrong one, or add the cell to marks.csv with an "
                    "explanation.")


def _marks(cells, tables):
    marks = tables["marks"].rename(columns={"value": "noted", "before": "noted_before", "row": "mark"})
    columns = [*KEY, "noted", "noted_before", "kind", "mark"]
    near = cells[cells["series"].isin(marks["series"]) & cells["code"].isin(marks["code"])]
    for row in marks[columns].merge(near.astype({"series": str, "code": str}), on=KEY, how="left").itertuples():
        if row.kind not in KINDS:
            yield Problem("error", "marks.csv", row.mark, "kind", row.kind, f"the kind '{row.kind}' is not known",
                          f"Known: {', '.join(KINDS)}.")
        if pd.isna(row.value):
            yield Problem("error", "marks.csv", row.mark, "code", row.code,
                          f"{row.series} of {row.code} in {row.year} is marked, but figures.csv has no such figure",
                          "Remove the mark, or bring the figure back.")
            continue
        mend = f"If figures.csv is right, correct marks.csv, row {row.mark}; otherwise restore the figure."
        if row.value != row.noted:
            yield _cell(row, f"{row.value:,.10g} stands here, but its mark was made for {row.noted:,.10g}", mend)
        if pd.isna(row.noted_before) or row.value_before == row.noted_before:
            continue
        if pd.isna(row.value_before):
            yield Problem("error", "marks.csv", row.mark, "before", f"{row.noted_before:,.10g}",
                          f"the change of {row.series} of {row.code} in {row.year} is marked, but figures.csv has no "
                          "earlier figure to change from", "Remove the mark, or bring the earlier figure back.")
        else:
            before = row._replace(year=row.year_before, row=row.row_before, value=row.value_before)
            yield _cell(before, f"{row.value_before:,.10g} stands here, but the mark of {row.year} explains a change "
                        f"from {row.noted_before:,.10g}", mend)


def _patterns(cells, tables):
    """Figures that look carried over or drawn with a ruler."""
    values, starts = cells["value"].to_numpy(), np.flatnonzero(cells["year_before"].isna())
    still = np.minimum.reduceat(values, starts) == np.maximum.reduceat(values, starts)
    size = np.diff(starts, append=len(values))
    for row in cells.iloc[starts[still & (size >= 3)]].itertuples():
        yield _cell(row, f"{row.value:,.10g} stands here in every year", "Check that it was not filled in.", "warning")
    step = cells["value"] - cells["value_before"]  # none in a region's first year, so that no run goes on into the next
    same = ((step - step.shift()).abs() <= 1e-9 * cells["value"].abs()) & (step != 0)
    run = np.logical_and.reduce([same.shift(steps, fill_value=False) for steps in range(SAME_STEPS - 1)])
    ruled = _unmarked(cells[run], tables)
    for row in ruled.itertuples():
        if len(f"{row.value:.12g}".replace(".", "").strip("0")) >= 5:
            yield _cell(row, f"{row.value:,.10g} continues {SAME_STEPS} equal steps, as an interpolated figure would",
                        "Compare it with the source; a figure that was filled in has no place here.", "warning")


def _sums(wide, cells, tables):
    settings, marked = tables["settings"], set(tables["marks"][KEY].itertuples(index=False, name=None))
    for entry in settings.get("sums", []):
        if not {entry["total"], *entry["parts"]} <= set(wide.columns):
            continue
        parts = wide[entry["parts"]].sum(axis=1, min_count=len(entry["parts"]))
        for code, year in wide.index[(wide[entry["total"]] - parts).abs() > entry["tolerance"] * (1 + SLACK)]:
            if (entry["total"], code, year) not in marked:
                row = _row_of(cells, entry["total"], code, year)
                yield _cell(row, f"{row.value:,.10g} differs from {parts[code, year]:,.10g}, the sum of "
                            f"{', '.join(entry['parts'])}, by more than {entry['tolerance']}",
                            "Compare the total and its parts with the source.")
    regions = tables["regions"]
    inside = wide[wide.index.get_level_values("code") != NATION]
    complete = inside.groupby("year").count() == len(regions)
    for number, entry in enumerate(settings.get("totals", [])):
        codes = regions.loc[(regions["group"] == entry["group"]) | (entry["group"] == "all"), "code"]
        own = cells[(cells["series"] == entry["series"]) & (cells["year"] == entry["year"])]
        found = own.loc[own["code"].isin(codes), "value"].sum()
        if len(codes) and abs(found - entry["value"]) > entry["tolerance"]:
            yield Problem("error", "study.yml", line_of(tables["lines"]["study.yml"], ("totals", number)),
                          f"totals.{number}", str(entry["value"]),
                          f"{entry['name']}: the figures of {entry['series']} in {entry['year']} sum to {found:,.10g}, "
                          f"{entry['value']:,.10g} is published",
                          "Compare these figures with the source.")
    for entry in settings.get("nation", []):
        for name in (name for name in entry["series"] if name in wide):
            nation = wide[name].xs(NATION, level="code") if NATION in wide.index.get_level_values("code") else None
            if nation is None:
                continue
            share = (inside[name].groupby("year").sum() / nation)[complete[name]]
            for year in share.index[(share < entry["least"]) | (share > entry["most"])]:
                if (name, NATION, year) not in marked:
                    row = _row_of(cells, name, NATION, year)
                    yield _cell(row, f"the regions sum to {share[year]:.4f} of the national {row.value:,.10g}, allowed "
                                f"are {entry['least']} to {entry['most']}",
                                "Compare the largest figures of that year with the source.")


def _formulas(tables):
    """Formulas that read figures of two vintages."""
    families = tables["settings"].get("vintages", {})
    for path, entry in formulas(tables["framework"]) if tables["framework"] else []:
        names = formula.parse(entry["formula"]).series
        met = {family: sorted(names & set(members)) for family, members in families.items() if names & set(members)}
        if len(met) > 1:
            said = " and ".join(f"{', '.join(members)} ({family})" for family, members in met.items())
            line = line_of(tables["lines"]["framework.yml"], (*path, "formula"))
            yield Problem("error", "framework.yml", line, ".".join((*path, "formula")), entry["formula"],
                          f"the formula of {path[-1]} mixes vintages: {said}", "Take all its series from one family.")


    yield from _counted_twice(tables)


def _counted_twice(tables):
    """Series that build an indicator in two systems: their scores then go together by construction."""
    builds = {}
    for path, entry in formulas(tables["framework"]) if tables["framework"] else []:
        if path[0] == "systems":
            for name in formula.parse(entry["formula"]).numerator:
                builds.setdefault(name, {}).setdefault(path[1], path)
    for name, systems in builds.items():
        if len(systems) > 1:
            (first, one), (second, other) = list(systems.items())[:2]
            line = line_of(tables["lines"]["framework.yml"], (*other, "formula"))
            yield Problem("warning", "framework.yml", line, ".".join((*other, "formula")), name,
                          f"{name} stands in the numerator of {one[-1]} ({first}) and of {other[-1]} ({second}): the "
                          "two systems go together by construction", "Build one of the two from another series.")


def _thin_dimensions(wide, tables):
    """Dimensions that no score can be made of, because too few of their indicators have figures."""
    settings, framework = tables["settings"], tables["framework"]
    if not (settings and framework):
        return
    first, last = settings["years"]["scored"]
    names = tables["regions"].set_index("code")["name"]
    years = range(first, last + 1)
    known = wide.notna().reindex(pd.MultiIndex.from_product([names.index, years]), fill_value=False)
    for gap in settings.get("gaps", []):  # what is stated needs no second word
        if gap["series"] in known:
            stated = pd.MultiIndex.from_product([gap.get("codes", names.index), gap["years"]])
            known.loc[known.index.intersection(stated), gap["series"]] = True
    cube = known.to_numpy(copy=True).reshape(len(names), len(years), known.shape[1])
    cube[:, 1:-1] |= cube[:, :-2] & cube[:, 2:]  # a single year between two others is bridged
    known = pd.DataFrame(cube.reshape(known.shape), index=known.index, columns=known.columns)
    for system, parts in framework["systems"].items():
        for dimension, block in parts["dimensions"].items():
            needs = [sorted(formula.parse(entry["formula"]).series) for entry in block["indicators"].values()]
            share = pd.concat([known.reindex(columns=series, fill_value=False).all(axis=1) for series in needs],
                              axis=1).mean(axis=1)
            thin = share.index[share < COMPLETE]
            if len(thin):
                line = line_of(tables["lines"]["framework.yml"], ("systems", system, "dimensions", dimension))
                listed = "; ".join(f"{names[code]} ({code}) {year}" for code, year in thin[:5])
                more = f"; and {len(thin) - 5} more" if len(thin) > 5 else ""
                yield Problem("warning", "framework.yml", line, f"systems.{system}.dimensions.{dimension}", "",
                              f"fewer than {COMPLETE:.0%} of the indicators of '{dimension}' have figures for "
                              f"{listed}{more}: no score there", "Add the figures, or take other indicators.")


def _gaps(wide, tables):
    """Scored series without a figure in a scored year, and stated gaps that are none."""
    settings = tables["settings"]
    if not (settings and tables["framework"]):
        return
    first, last = settings["years"]["scored"]
    names = tables["regions"].set_index("code")["name"]
    stated = {}
    for number, gap in enumerate(settings.get("gaps", [])):
        for cell in pd.MultiIndex.from_product([[gap["series"]], gap.get("codes", names.index), gap["years"]]):
            stated[cell] = number
    scored = scored_series(tables["framework"], companions=False)
    wanted = pd.MultiIndex.from_product([names.index, range(first, last + 1)], names=["code", "year"])
    inside = wide.reindex(index=wanted, columns=scored)
    for name in scored:
        series = inside[name]
        missing = [(name, code, year) for code, year in series.index[series.isna()] if (name, code, year) not in stated]
        if missing:
            row = tables["series"].set_index("series")["row"][name]
            listed = "; ".join(f"{names[code]} ({code}) {year}" for _, code, year in missing[:5])
            more = f"; and {len(missing) - 5} more" if len(missing) > 5 else ""
            yield Problem("warning", "series.csv", row, "series", name,
                          f"{name} is scored but has no figure for {listed}{more}",
                          "Add the figures, or state the gap with its reason under gaps in study.yml.")
    for (name, code, year), number in stated.items():
        if name in wide and not pd.isna(wide[name].get((code, year))):
            yield Problem("warning", "study.yml", line_of(tables["lines"]["study.yml"], ("gaps", number)),
                          f"gaps.{number}", name, f"{name} of {names[code]} ({code}) in {year} is stated as a gap, but "
                          "figures.csv has it", "Correct the gap.")


def _unmarked(cells, tables):
    """Those of some cells that marks.csv does not explain."""
    marked = set(tables["marks"][KEY].itertuples(index=False, name=None))
    return cells[[key not in marked for key in cells[KEY].itertuples(index=False, name=None)]]


def _row_of(cells, series, code, year):
    return next(cells[(cells["series"] == series) & (cells["code"] == code) & (cells["year"] == year)].itertuples())


def _cell(row, message, remedy, severity="error"):
    return Problem(severity, "figures.csv", int(row.row), "value", f"{row.value:.15g}",
                   f"{row.place}, {row.series} {row.year:.0f}: {message}", remedy)
