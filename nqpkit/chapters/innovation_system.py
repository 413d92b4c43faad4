"""The innovation system: what a province's budget would have to give, and which way contracts run."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.chapters.gaps import bill_drawing, focus_codes, indicator_source, named_dots, source_line
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.drawing import Figure, name_rows
from nqpkit.evaluation import Evaluation
from nqpkit.wording import compare, counted, joined

OUTLAYS = ["local_fiscal_science_technology_expenditure", "local_fiscal_education_expenditure",
           "local_fiscal_expenditure_total"]
NEEDS_CLAIMS = True
NEEDS = {*OUTLAYS, "fiscal_revenue", "rd_expenditure", "rd_expenditure_government_funds",
         "rd_expenditure_enterprise_funds", "tech_market_contract_value", "tech_market_contract_value_absorbed", "gdp"}
EXAMPLES = ("guizhou", "sichuan", "gansu")
SHARE = "the share of science in budget outlays"


@lru_cache(maxsize=8)
def science_bill(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """What the reference median of the science share would cost every region of the focus group in a year.

    ``extra`` = (median share − own share) × budget outlays, nothing where the share is there already. Outlays as a
    whole stay as they are, so the same sum is taken from something else.

    Returns
    -------
    DataFrame by code: ``now`` and ``extra`` in 100 million yuan, ``of_education`` and ``of_budget`` (extra in per cent
    of the outlays on education and of all outlays).

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> bill = science_bill(evaluate(Study.load()))
    >>> bool(bill.loc["52", "extra"] > bill.loc["52", "now"])
    True
    """
    year = result.year(year)
    share = result.indicators["fiscal_science_share"].xs(year, level="year")
    aim = share[result.study.regions["group"].reindex(share.index) == result.reference_group].median()
    own = focus_codes(result)
    science, education, total = (result.study.panel().xs(year, level="year").loc[own, name] for name in OUTLAYS)
    extra = (aim - share[own]).clip(lower=0) / 100 * total
    return pd.DataFrame({"now": science, "extra": extra, "of_education": extra / education * 100,
                         "of_budget": extra / total * 100})


@lru_cache(maxsize=8)
def growing_way(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """What the budget would have to grow by, if no line loses and all that is new goes to science until the median.

    The growth g of outlays solves (science + g) / (outlays + g) = median share.

    Returns
    -------
    DataFrame by code, the focus group: ``needed``, g in per cent of outlays; ``a_year``, the mean growth of outlays
    since the first scored year in per cent; ``years``, how many years of that growth g is; ``part``, g in per cent of
    all that outlays have grown by since the first year.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> table = growing_way(evaluate(Study.load()))
    >>> bool((table["years"] > 0).all())
    True
    """
    year, first = result.year(year), result.study.years[0]
    share = result.indicators["fiscal_science_share"].xs(year, level="year")
    aim = share[result.study.regions["group"].reindex(share.index) == result.reference_group].median() / 100
    outlays = result.study.panel()[OUTLAYS[2]].unstack("year").loc[focus_codes(result)]
    science = result.study.panel()[OUTLAYS[0]].unstack("year").loc[outlays.index, year]
    needed = ((aim * outlays[year] - science) / (1 - aim)).clip(lower=0)
    pace = (outlays[year] / outlays[first]) ** (1 / (year - first)) - 1
    return pd.DataFrame({"needed": needed / outlays[year] * 100, "a_year": pace * 100,
                         "years": np.log1p(needed / outlays[year]) / np.log1p(pace),
                         "part": needed / (outlays[year] - outlays[first]) * 100})


def moved_together(result: Evaluation) -> pd.DataFrame:
    """Change of the science share and of R&D intensity since the first scored year, in points, all regions."""
    wide = result.indicators[["fiscal_science_share", "rd_intensity"]].unstack("year")
    first, last = result.study.years[0], result.year()
    return pd.DataFrame({"share": wide["fiscal_science_share"][last] - wide["fiscal_science_share"][first],
                         "research": wide["rd_intensity"][last] - wide["rd_intensity"][first]}).dropna()


def share_and_research(result: Evaluation, region: str) -> Figure:
    """Change of the science share in budgets against the change of R&D intensity; the focus group is named."""
    study, code = result.study, result.study.resolve(region)
    names, focus, table = study.regions["name"], focus_codes(result), moved_together(result)
    first, last = study.years[0], result.year()
    own = table[table.index.isin(focus)]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.8))
        ax.axhline(0, color=theme.MUTED, lw=0.8)
        ax.axvline(0, color=theme.MUTED, lw=0.8)
        ax.set(xlabel="science in budget outlays, change in points", ylabel="R&D over GDP, change in points")
        ax.margins(x=0.12, y=0.1)
        named_dots(ax, result, table, code)
        drawing.tight_layout()
    plt.close(drawing)
    rho, west = (frame.corr(method="spearman").iloc[0, 1] for frame in (table, own))
    here = f"{names[code]}: {_points(table, code)}. " if code in table.index else ""
    alt = (f"Scatter chart, {len(table)} {study.unit['many']}: change of the science share in budget outlays against "
           f"change of R&D intensity, in points, {first} to {last}. {here}Largest rise of the share: "
           f"{names[table['share'].idxmax()]}, {_points(table, table['share'].idxmax())}; deepest fall: "
           f"{names[table['share'].idxmin()]}, {_points(table, table['share'].idxmin())}. Rank correlation {rho:.2f}, "
           f"{west:.2f} within the named group.")
    caption = (f"What the science share and R&D intensity did from {first} to {last}: rank correlation {rho:.2f} over "
               f"{len(table)} {study.unit['many']}, {west:.2f} over the {len(own)} named ones. "
               f"{indicator_source(result, 'fiscal_science_share', 'rd_intensity')}")
    return Figure(drawing, caption, alt, table.rename(index=names), name="moved")


def _points(table, code):
    """Both changes of a region in words."""
    share, research = table.loc[code]
    return f"{share:+.2f} points of share with {research:+.2f} of R&D"


@lru_cache(maxsize=8)
def contract_balance(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Technology contracts sold and bought relative to GDP, in per cent, and sold minus bought, all regions."""
    now = result.indicators.xs(result.year(year), level="year")[["contracts_sold", "contracts_absorbed"]]
    table = now.rename(columns={"contracts_sold": "sold", "contracts_absorbed": "bought"})
    return table.assign(balance=table["sold"] - table["bought"])


def bill_bars(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Science outlays now and what is missing to the reference median, beside the share of education that equals."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names = study.regions["name"]
    bill = science_bill(result, year).sort_values("extra", ascending=False)
    group = study.groups[result.reference_group]["label"]
    drawing = bill_drawing(
        bill[["now", "extra"]] / 10, bill["of_education"], names, code, colour=(theme.ACCENT, 0.75),
        forms=("+{:.1f}", "{:.0f}"),
        titles=("science: now and missing,\nbillion yuan a year", "missing, in %\nof education"))
    heavy = bill["of_education"]
    focus = study.groups[study.focus]["label"]
    alt = (f"Two bar charts, {len(bill)} {study.unit['many']} of the group {focus}, {year}. Budget outlays on science "
           f"that are missing to the {group} median share, in billion yuan a year: most in {names[bill.index[0]]}, "
           f"{bill['extra'].iloc[0] / 10:.1f}, least in {names[bill.index[-1]]}, "
           f"{bill['extra'].iloc[-1] / 10:.1f}; all together {bill['extra'].sum() / 10:.0f} beside "
           f"{bill['now'].sum() / 10:.0f} spent now. In per cent of education: from {heavy.min():.0f} in "
           f"{names[heavy.idxmin()]} to {heavy.max():.0f} in {names[heavy.idxmax()]}.")
    caption = (f"Local budget outlays on science, {year}: spent (grey) and missing to the {group} median share "
               f"(red), and what is missing in per cent of the outlays on education. "
               f"{source_line(result, OUTLAYS)}")
    return Figure(drawing, caption, alt, bill.rename(index=names), name="bill")


def contract_chart(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Contracts sold and bought relative to GDP, one line a region of the focus group, ordered by the balance."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names = study.regions["name"]
    own = contract_balance(result, year).loc[focus_codes(result)].dropna().sort_values("balance", ascending=False)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.3 * len(own) + 1.2))
        rows = range(len(own))
        ax.hlines(rows, own["sold"], own["bought"], color=theme.GRID, lw=4, zorder=0)
        ax.scatter(own["sold"], rows, color=theme.ACCENT, s=58, zorder=3)
        ax.scatter(own["bought"], rows, facecolors="white", edgecolors=theme.GROUP_COLOURS[1], linewidths=2, s=52,
                   zorder=3)
        ax.annotate("sold", (own["sold"].iloc[0], 0), xytext=(0, 9), textcoords="offset points", ha="center",
                    color=theme.ACCENT, fontweight="bold")
        ax.annotate("bought", (own["bought"].iloc[0], 0), xytext=(0, 9), textcoords="offset points", ha="center",
                    color=theme.GROUP_COLOURS[1], fontweight="bold")
        name_rows(ax, names[own.index], code)
        ax.set(xlim=(0, own[["sold", "bought"]].max().max() * 1.06), ylim=(len(own) - 0.5, -1.1),
               xlabel="technology contracts, % of GDP, three-year mean")
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    sellers = names[own.index[own["balance"] > 0]]
    alt = (f"Dumbbell chart of technology contracts sold and bought in per cent of GDP, three-year mean to {year}, "
           f"{len(own)} {study.unit['many']}. {len(sellers)} sell more than they buy"
           f"{': ' + joined(sellers) if len(sellers) else ''}. Largest surplus: {names[own.index[0]]}, "
           f"{own['balance'].iloc[0]:.1f} points; largest deficit: {names[own.index[-1]]}, "
           f"{-own['balance'].iloc[-1]:.1f} points. {names[code]} sells {_of(own, code, 'sold')} and buys "
           f"{_of(own, code, 'bought')}.")
    caption = (f"Technology contracts sold (full dots) and bought (rings), in per cent of GDP, mean of three years to "
               f"{year}; a contract within the {study.unit['one']} counts on both sides. "
               f"{indicator_source(result, 'contracts_sold', 'contracts_absorbed')}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="contracts")


@without_gaps
def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter."""
    study, year = result.study, result.year()
    names, focus = study.regions["name"], focus_codes(result)
    first = study.years[0]
    group = study.regions["group"]
    shares = result.indicators["fiscal_science_share"].unstack("year")
    medians = shares.groupby(group.reindex(shares.index)).median()
    guizhou, panel = study.resolve("guizhou"), study.panel()
    own = panel.xs(guizhou, level="code")
    line, outlay = shares.loc[guizhou], own[OUTLAYS[0]] / 10
    peak, bill = int(line.idxmax()), science_bill(result)
    change = shares[year] - shares[first]
    gone = (medians.loc["central", year] - medians.loc["central", first]) / (
        medians.loc["east", year] - medians.loc["central", first])
    must_hold("No western province is at the eastern median.", (bill["extra"] > 0).all(), SHARE)
    must_hold("The central median has gone most of the way to the eastern one.", gone > 0.5, SHARE)
    must_hold("In the first year the central median was nearer to the western than to the eastern one.",
              medians.loc["central", first] < (medians.loc["west", first] + medians.loc["east", first]) / 2, SHARE)
    must_hold("Guizhou turned the lever back.", line[year] < line[peak] and outlay[year] < outlay[peak],
              "Guizhou's outlay on science, its share and its sum")
    must_hold("The sum for science is larger than the R&D that governments pay.",
              outlay[year] > own["rd_expenditure_government_funds"][year] / 1e5,
              "Guizhou's outlay on science and its R&D paid by governments")
    must_hold("The largest sum and the deepest cut are not in one province.",
              bill["extra"].idxmax() != bill["of_education"].idxmax(), "the bill for science by province")
    grow, moved = growing_way(result), moved_together(result)
    level = result.indicators[["fiscal_science_share", "rd_intensity"]].xs(year, level="year")
    rho, rho_west = (frame.corr(method="spearman").iloc[0, 1] for frame in (moved, moved.loc[focus]))
    must_hold("No western province would need a whole year of its budget's growth.", (grow["years"] < 1).all(),
              "the growth of outlays that the median share takes")
    must_hold("Share and research moved together over all provinces, within the West hardly.",
              rho > 0.4 and abs(rho_west) < 0.4, "changes of the science share and of R&D intensity")
    must_hold("Guizhou's share fell and its R&D intensity rose.", moved.loc[guizhou, "share"] < 0 < moved.loc[
        guizhou, "research"], "changes of the science share and of R&D intensity in Guizhou")
    rose = change.loc[focus] > 0
    found = {
        "year": year, "first_year": first, "peak_year": peak, "peak": f"{line.max():.2f}", "now": f"{line[year]:.2f}",
        "start": f"{line[first]:.2f}", "since_start": compare(line[year] - line[first], "above", "below", "about at"),
        "peak_rank": str(int(shares[peak].loc[focus].rank(ascending=False)[guizhou])),
        "now_rank": str(int(shares[year].loc[focus].rank(ascending=False)[guizhou])),
        "outlay_peak_year": int(outlay.loc[first:].idxmax()), "outlay_peak": f"{outlay.loc[first:].max():.1f}",
        "outlay_now": f"{outlay[year]:.1f}", "east": f"{medians.loc['east', year]:.2f}",
        "east_first": f"{medians.loc['east', first]:.2f}", "west": f"{medians.loc['west', year]:.2f}",
        "west_first": f"{medians.loc['west', first]:.2f}", "central": f"{medians.loc['central', year]:.2f}",
        "central_first": f"{medians.loc['central', first]:.2f}",
        "leader": names[shares[year].idxmax()], "leader_share": f"{shares[year].max():.2f}",
        "climber": names[change.idxmax()], "climber_first": f"{shares.loc[change.idxmax(), first]:.2f}",
        "climber_now": f"{shares.loc[change.idxmax(), year]:.2f}",
        "rose": counted(int(rose.sum())), "fell": counted(int((~rose).sum())), "count": counted(len(focus)),
        "bill_all": f"{bill['extra'].sum() / 10:.0f}", "spent_all": f"{bill['now'].sum() / 10:.0f}",
        "bill_ratio": f"{bill['extra'].sum() / bill['now'].sum():.1f}",
        "self_sufficiency": f"{result.indicators.loc[(guizhou, year), 'fiscal_self_sufficiency']:.0f}",
        "grow_needed": f"{grow.loc[guizhou, 'needed']:.1f}", "grow_year": f"{grow.loc[guizhou, 'a_year']:.1f}",
        "grow_years": f"{grow.loc[guizhou, 'years']:.1f}",
        "grow_part": f"{grow.loc[guizhou, 'part']:.0f}", "grow_least": f"{grow['years'].min():.1f}",
        "grow_most": f"{grow['years'].max():.1f}", "grow_most_name": names[grow["years"].idxmax()],
        "rho_moved": f"{rho:.2f}", "rho_moved_west": f"{rho_west:.2f}",
        "rho_level": f"{level.corr(method='spearman').iloc[0, 1]:.2f}",
        "guizhou_share_moved": f"{abs(moved.loc[guizhou, 'share']):.2f}",
        "guizhou_rd_moved": f"{moved.loc[guizhou, 'research']:.2f}",
        "rd": f"{own.loc[year, 'rd_expenditure'] / 1e5:.1f}",
        "rd_government": f"{own.loc[year, 'rd_expenditure_government_funds'] / 1e5:.1f}",
        "rd_firms_share": f"{own['rd_expenditure_enterprise_funds'][year] / own['rd_expenditure'][year] * 100:.0f}",
        "heaviest": names[bill["of_education"].idxmax()], "heaviest_share": f"{bill['of_education'].max():.0f}",
        "lightest": names[bill["of_education"].idxmin()], "lightest_share": f"{bill['of_education'].min():.0f}",
    }
    for slug in EXAMPLES:
        row = bill.loc[study.resolve(slug)]
        found |= {f"{slug}_extra": f"{row['extra'] / 10:.1f}", f"{slug}_extra_100m": f"{row['extra']:.0f}",
                  f"{slug}_education": f"{row['of_education']:.0f}", f"{slug}_budget": f"{row['of_budget']:.1f}"}
    return found | _contract_facts(result, names, focus, guizhou) | _intensity_facts(result, names, focus, guizhou)


def _contract_facts(result, names, focus, guizhou):
    everywhere = contract_balance(result).dropna()
    own = everywhere.loc[focus]
    sellers = own.index[own["balance"] > 0]
    past = contract_balance(result, result.study.years[0]).loc[guizhou]
    return {"sellers": joined(names[sellers]) if len(sellers) else "none",
            "seller_count": counted(len(sellers)).capitalize(),
            "buyer_count": counted(len(own) - len(sellers)), "top_seller": names[own["sold"].idxmax()],
            "top_sold": f"{own['sold'].max():.1f}", "top_bought": f"{own.loc[own['sold'].idxmax(), 'bought']:.1f}",
            "top_seller_rank": str(int(everywhere["sold"].rank(ascending=False)[own["sold"].idxmax()])),
            "guizhou_sold": f"{own.loc[guizhou, 'sold']:.1f}", "guizhou_bought": f"{own.loc[guizhou, 'bought']:.1f}",
            "guizhou_sold_first": f"{past['sold']:.1f}", "guizhou_bought_first": f"{past['bought']:.1f}",
            "top_buyer": names[own["bought"].idxmax()], "top_buyer_bought": f"{own['bought'].max():.1f}",
            "top_buyer_sold": f"{own.loc[own['bought'].idxmax(), 'sold']:.1f}"}


def _intensity_facts(result, names, focus, guizhou):
    now = result.indicators["rd_intensity"].xs(result.year(), level="year")
    east = now[result.study.regions["group"].reindex(now.index) == result.reference_group].median()
    own = now.loc[focus]
    return {"intensity_east": f"{east:.2f}", "intensity_top": names[own.idxmax()], "intensity_high": f"{own.max():.2f}",
            "intensity_guizhou": f"{own[guizhou]:.2f}", "intensity_bottom": names[own.idxmin()],
            "intensity_low": f"{own.min():.2f}", "intensity_reach": _reach(int((own >= east).sum()))}


def _reach(number):
    if number == 0:
        return "none of them reaches"
    return f"{counted(number)} of them {'reaches' if number == 1 else 'reach'}"


def _of(table, code, column):
    return f"{table.loc[code, column]:.1f}" if code in table.index else "an unknown sum"
