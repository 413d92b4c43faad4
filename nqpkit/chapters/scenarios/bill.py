"""The bill: what R&D to the eastern median would cost each province in a year, and the points that it buys."""

from functools import lru_cache

import pandas as pd

from nqpkit import theme
from nqpkit.chapters.gaps import bill_drawing, focus_codes, indicator_source
from nqpkit.chapters.guards import must_hold
from nqpkit.chapters.scenarios.raising import raised
from nqpkit.drawing import Figure
from nqpkit.evaluation import Evaluation
from nqpkit.levers import targets


@lru_cache(maxsize=8)
def rd_bill(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """R&D spending of the focus group now and what is missing to the reference median, with the change in scores.

    ``extra`` = (median intensity − own intensity) × GDP, nothing where the intensity is there already.

    Returns
    -------
    DataFrame by code: ``now`` and ``extra`` in 100 million yuan a year; the change in the first system and in
    ``coordination``.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> bill = rd_bill(evaluate(Study.load()))
    >>> bool(0.8 < bill["extra"].sum() / bill["now"].sum() < 1.2)
    True
    """
    year, own, first = result.year(year), focus_codes(result), result.systems.columns[0]
    intensity = result.indicators["rd_intensity"].xs(year, level="year")
    panel = result.study.panel().xs(year, level="year").loc[own]
    aim = targets(result, ["rd_intensity"], result.reference_group, year).iloc[0]
    after = raised(result, "rd_intensity", year)
    return pd.DataFrame({
        "now": panel["rd_expenditure"] / 10_000, "extra": (aim - intensity[own]).clip(lower=0) / 100 * panel["gdp"],
        first: after[first] - result.systems[first].xs(year, level="year")[own],
        "coordination": after["coordination"] - result.coupling["coordination"].xs(year, level="year")[own]})


def rd_bars(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """The bill of the R&D median beside the points it buys."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, first = study.regions["name"], result.systems.columns[0]
    bill = rd_bill(result, year).sort_values("extra", ascending=False)
    drawing = bill_drawing(
        bill, bill[first], names, code, colour=theme.GROUP_COLOURS[1], forms=("+{:.0f}", "+{:.3f}"),
        titles=("R&D now and missing,\n100 million yuan a year", f"what it adds\nto {first.upper()}"))
    gain = bill[first]
    alt = (f"Two bar charts, {len(bill)} {study.unit['many']}, {year}. R&D spending missing to the reference median, "
           f"in 100 million yuan a year: most in {names[bill.index[0]]}, {bill['extra'].iloc[0]:.0f}, least in "
           f"{names[bill.index[-1]]}, {bill['extra'].iloc[-1]:.0f}; together {bill['extra'].sum():,.0f} beside "
           f"{bill['now'].sum():,.0f} spent now. What it adds to {first.upper()}: from {gain.min():.3f} in "
           f"{names[gain.idxmin()]} to {gain.max():.3f} in {names[gain.idxmax()]}.")
    caption = (f"R&D to the {study.groups[result.reference_group]['label']} median, {year}: the yearly bill, and the "
               f"points on a scale from 0 to 1 that it buys. {indicator_source(result, 'rd_intensity')}")
    return Figure(drawing, caption, alt, bill.rename(index=names), name="rd-bill")


def bill_facts(result: Evaluation, code: str) -> dict:
    """The bill of the whole group, of one region, of the dearest, the cheapest, and of Tibet."""
    study, first, bill = result.study, result.systems.columns[0], rd_bill(result)
    names, tibet = study.regions["name"], study.resolve("tibet")
    extra, now = bill["extra"], bill["now"]
    gdp = study.panel()["gdp"].xs(result.year(), level="year")
    must_hold("The West would have to spend about twice what it spends on R&D.",
              0.8 < extra.sum() / now.sum() < 1.2, "the bill for R&D")
    return {
        "bill": f"{extra.sum() / 10:.0f}", "spent": f"{now.sum() / 10:.0f}",
        "bill_ratio": f"{extra.sum() / now.sum():.2f}",
        "bill_gdp": f"{extra.sum() / gdp[bill.index].sum() * 100:.1f}",
        "guizhou_bill": f"{extra[code] / 10:.1f}", "guizhou_spent": f"{now[code] / 10:.1f}",
        "guizhou_points": f"{bill.loc[code, first]:.3f}",
        "dearest": names[extra.idxmax()], "dearest_bill": f"{extra.max() / 10:.0f}",
        "cheapest": names[extra.idxmin()], "cheapest_bill": f"{extra.min() / 10:.1f}",
        "tibet_points": f"{bill.loc[tibet, first]:.3f}", "tibet_bill": f"{extra[tibet] / 10:.1f}",
    }
