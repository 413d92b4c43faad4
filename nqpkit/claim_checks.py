"""What is computed for a paper's claims: one function a claim, from an evaluation to a verdict with a sentence.

A claim of ``claims.yml`` names its function by its key in `CHECKS`. A figure that a check needs and that the study
lacks is named in a `Gap`, never guessed.
"""

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from nqpkit.evaluation import Evaluation
from nqpkit.references import VERDICTS
from nqpkit.wording import counted, joined

UNCHECKED = "cannot be checked"
OUTCOMES = (*VERDICTS, UNCHECKED)
EAST = "east"  # the paper compares the West with the East
CLOSE, NEAR = 0.05, 0.15  # how far off a printed figure may be, relatively: a correction, partly
LARGE_GAP = 0.75  # a level below this share of the other region's is a large gap
CONCENTRATED = (2 / 3, 1 / 2)  # a part with more than this share of the whole: confirmed, partly


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes
    ----------
    verdict : str
        One of `OUTCOMES`.
    sentence : str
        What was found, with its numbers.
    value : float or None
        The figure to hold beside the paper's.
    """

    verdict: str
    sentence: str
    value: float | None = None


class Gap(Exception):
    """A figure that a check needs and the study does not have; the message names it."""


def against(printed: float, *values: float) -> str:
    """The verdict on a printed figure, from one or more ways to compute it.

    Confirmed if one of them rounds to what is printed; with a correction if the nearest is off by at most 5 %, partly
    if by at most 15 %, else contradicted.

    Examples
    --------
    >>> against(21.5, 21.53, 21.37), against(21.5, 22.1), against(0.9, 2.4)
    ('confirmed', 'confirmed with a correction', 'contradicted')
    """
    decimals = len(f"{printed:.10g}".partition(".")[2])
    if any(round(value, decimals) == printed for value in values):
        return "confirmed"
    off = min(abs(value - printed) for value in values) / abs(printed)
    return "confirmed with a correction" if off <= CLOSE else "partly" if off <= NEAR else "contradicted"


def share_of_gdp(result: Evaluation, claim: dict) -> Finding:
    """The focus group's share of GDP, on the regions' sum and on the published national figure."""
    year, nation, (focus, _) = int(claim["published"]["year"]), claim["published"]["national_gdp"], _focus(result)
    first, revised = (_totals(result, series, year) for series in ("gdp_pre5ec", "gdp"))
    of_sum, of_nation = 100 * first[focus] / first.sum(), 100 * first[focus] / nation
    return Finding(against(claim["paper_value"], of_sum, of_nation), (
        f"In {year} the share is {of_sum:.2f}% of the sum of all {_many(result)}, and {of_nation:.2f}% of the national "
        f"figure, both as first published. After the economic census it is {100 * revised[focus] / revised.sum():.2f}% "
        "of the sum."), of_sum)


def gap_per_head(result: Evaluation, claim: dict) -> Finding:
    """GDP per head of the focus group relative to the East."""
    year, (focus, west), east = int(claim["published"]["year"]), _focus(result), _east(result)
    head = 10_000 * _totals(result, "gdp_pre5ec", year) / _totals(result, "population", year)
    ratio, lowest = head[focus] / head[EAST], head.idxmin()
    last = ("is the lowest of the regions" if lowest == focus else
            f"lies above the {_label(result, lowest)} ({head.min():,.0f})")
    verdict = "confirmed" if ratio < LARGE_GAP else "partly" if ratio < 1 else "contradicted"
    return Finding(verdict, (
        f"In {year} GDP per head is {head[focus]:,.0f} yuan in the {west} and {head[EAST]:,.0f} in the {east}: "
        f"{ratio:.0%} of it. The {west} {last}."), 100 * ratio)


def gap_in_speed(result: Evaluation, claim: dict) -> Finding:
    """Published real growth of the focus group against the East, and how the two compared in earlier years."""
    published, (focus, west), east_label = claim["published"], _focus(result), _east(result)
    year, own, east = int(published["year"]), published[focus], published[EAST]
    verdict = "confirmed" if own < east else "contradicted"
    return Finding(verdict, (
        f"In {year} real growth was {own:.1f}% in the {west} and {east:.1f}% in the {east_label}. "
        f"{_earlier_speed(result, focus)}Quality is not a number in this claim."), own - east)


def hightech_firms(result: Evaluation, claim: dict) -> Finding:
    """Valid high-tech enterprises for 10,000 people: three years' recognitions over residents."""
    year, (focus, west) = int(claim["published"]["year"]), _focus(result)
    density, nation = _hightech_density(result, year)
    verdict = against(claim["paper_value"], density[focus])
    last, below = density.idxmin() == focus, density[focus] < nation / 2
    if not (last and below):
        verdict = "partly" if verdict != "contradicted" and (last or density[focus] < nation) else "contradicted"
    others = joined(f"{_label(result, group)} {density[group]:.2f}" for group in density.index if group != focus)
    place = "the fewest of all" if last else "not the fewest"
    return Finding(verdict, (
        f"Rebuilt from three years of certificates, the {west} had about {density[focus]:.2f} in {year}, {place} "
        f"({others}), against {nation:.2f} in all {_many(result)}."), density[focus])


def few_innovators(result: Evaluation, claim: dict) -> Finding:
    """High-tech enterprises for 10,000 people relative to all regions."""
    density, nation = _hightech_density(result, int(claim["published"]["year"]))
    ratio = density[_focus(result)[0]] / nation
    verdict = "partly" if ratio < LARGE_GAP else "contradicted" if ratio >= 1 else "not confirmed"
    return Finding(verdict, (
        f"High-tech enterprises for 10,000 people reach {ratio:.0%} of the figure for all {_many(result)}. That is a "
        "count; how many would be enough, and what they do, it does not say."), 100 * ratio)


def economic_base(result: Evaluation, claim: dict) -> Finding:
    """GDP per head and broadband ports per head, relative to all regions."""
    year, (focus, west) = result.year(), _focus(result)
    people = _totals(result, "population", year)
    ratios = {}
    for series in ("gdp", "broadband_ports"):
        total = _totals(result, series, year)
        ratios[series] = (total[focus] / people[focus]) / (total.sum() / people.sum())
    low = sum(ratio < 1 - CLOSE for ratio in ratios.values())
    verdict = {2: "confirmed", 1: "partly", 0: "contradicted"}[low]
    return Finding(verdict, (
        f"In {year} the {west} has {ratios['gdp']:.0%} of the GDP per head of all {_many(result)}, and "
        f"{ratios['broadband_ports']:.0%} of their broadband ports per head, the one piece of infrastructure whose "
        "reach is read here."), 100 * ratios["gdp"])


def smaller_but_rising(result: Evaluation, claim: dict) -> Finding:
    """Total GDP relative to the East, and whether GDP per head rose every year."""
    (focus, west), east, years = _focus(result), _east(result), result.study.years
    total = {year: _totals(result, "gdp", year) for year in years}
    head = pd.Series({year: total[year][focus] / _totals(result, "population", year)[focus] for year in years})
    fell, ratio = int((head.diff().dropna() <= 0).sum()), total[years[-1]][focus] / total[years[-1]][EAST]
    verdict = "contradicted" if ratio >= 1 else "partly" if fell else "confirmed"
    moved = "rose every year" if not fell else f"failed to rise in {counted(fell)} of them"
    return Finding(verdict, (
        f"In {years[-1]} the GDP of the {west} is {ratio:.0%} of that of the {east}. "
        f"From {years[0]} to {years[-1]} its GDP per head, at current prices, {moved}."), 100 * ratio)


def upper_half(result: Evaluation, claim: dict) -> Finding:
    """Which regions of the focus group stand in the upper half of a published order, beside those on R&D intensity."""
    regions, listed, year = result.study.regions, claim["listed"], int(claim["published"]["year"])
    own, half = regions.loc[regions["group"] == _focus(result)[0], "slug"], len(regions) // 2
    upper = [slug for slug in listed[:half] if slug in set(own)]
    rank = _figures(result, "rd_intensity_first_published", year).rank(ascending=False, method="min")
    check = list(own[rank.reindex(own.index) <= half])
    verdict = "confirmed" if upper == claim["regions"][:1] else "confirmed with a correction"
    if len(upper) > len(own) / 2 or claim["regions"][0] not in upper:
        verdict = "contradicted"
    names = regions.set_index("slug")["name"]
    agrees = "the same ones" if set(check) == set(upper) else joined(names[check]) if check else "none of them"
    rest = len(own) - len(upper)
    return Finding(verdict, (
        f"In the upper half stand {joined(names[upper]) if upper else 'none of them'}; the other {counted(rest)} of "
        f"{counted(len(own))} stand in the lower half. On R&D intensity in {year} the upper half holds {agrees}."),
        len(upper))


def uneven_resources(result: Evaluation, claim: dict) -> Finding:
    """Share of the focus group's R&D in its three regions with the most, beside their share of people."""
    year, regions = int(claim["published"]["year"]), result.study.regions
    own = regions.index[regions["group"] == _focus(result)[0]]
    money, people = (_figures(result, series, year)[own] for series in ("rd_expenditure", "population"))
    top = money.nlargest(3).index
    share, residents = money[top].sum() / money.sum(), people[top].sum() / people.sum()
    verdict = "partly" if share > residents * (1 + NEAR) else "contradicted"
    return Finding(verdict, (
        f"In {year}, {joined(regions.loc[top, 'name'])} spent {share:.0%} of the region's R&D money and held "
        f"{residents:.0%} of its people. That is between {_many(result)}; cities and universities are not in the "
        "study."), 100 * share)


def capital_share(result: Evaluation, claim: dict) -> Finding:
    """A city's R&D, from a dated source, over its province's."""
    year, slug = int(claim["published"]["year"]), claim["regions"][0]
    whole = _figures(result, "rd_expenditure", year)[result.study.resolve(slug)] / 10_000
    city = claim["published"]["city_rd"]
    share = city / whole
    verdict = "confirmed" if share > CONCENTRATED[0] else "partly" if share > CONCENTRATED[1] else "contradicted"
    return Finding(verdict, (
        f"In {year} the city spent {city / 10:.1f} of the province's {whole / 10:.1f} billion yuan on R&D: "
        f"{share:.0%}."), 100 * share)


def contracts_across_borders(result: Evaluation, claim: dict) -> Finding:
    """Technology contracts that the focus group buys and sells."""
    year, (focus, west) = result.year(), _focus(result)
    sold = _totals(result, "tech_market_contract_value", year)[focus]
    bought = _totals(result, "tech_market_contract_value_absorbed", year)[focus] / 10_000
    verdict = "partly" if bought > sold else "not confirmed"
    more = "more than" if bought > sold else "no more than"
    return Finding(verdict, (
        f"In {year} the {west} bought technology contracts worth {bought:,.0f} hundred million yuan, {more} the "
        f"{sold:,.0f} that it sold. Some technology crosses borders as a contract; who sold to whom, and what spreads "
        "without a contract, is not counted."), 100 * (bought / sold - 1))


def patents_for_research_money(result: Evaluation, claim: dict) -> Finding:
    """Invention patents granted for a hundred million yuan of R&D, first and last scored year."""
    (focus, west), years = _focus(result), (result.study.years[0], result.year())
    first, last = (_totals(result, "patents_granted_invention", year)[focus]
                   / (_totals(result, "rd_expenditure", year)[focus] / 10_000) for year in years)
    verdict = "partly" if last > first else "contradicted"
    return Finding(verdict, (
        f"In the {west}, invention patents granted for a hundred million yuan of R&D went from {first:.1f} in "
        f"{years[0]} to {last:.1f} in {years[1]}. Patents follow money with years of delay and answer to rules of "
        "granting: a hint about allocation, not its measure."), last)


def firms_with_research(result: Evaluation, claim: dict) -> Finding:
    """Industrial firms with R&D, first and last year with a figure."""
    (focus, west), years = _focus(result), _years(result, "industrial_enterprises_with_rd")
    first, last = (_totals(result, "industrial_enterprises_with_rd", year)[focus] for year in (years[0], years[-1]))
    verdict = "partly" if last > first else "contradicted"
    return Finding(verdict, (
        f"In the {west} the number of industrial firms with R&D went from {first:,.0f} in {years[0]} to "
        f"{last:,.0f} in {years[-1]}. That spillovers made them, and not money or a wider count, is not shown."), last)


def digital_access(result: Evaluation, claim: dict) -> Finding:
    """Broadband ports for 100 people, first and last scored year."""
    (focus, west), years = _focus(result), (result.study.years[0], result.year())
    first, last = (100 * _totals(result, "broadband_ports", year)[focus] / _totals(result, "population", year)[focus]
                   for year in years)
    verdict = "partly" if last > first else "contradicted"
    return Finding(verdict, (
        f"Broadband ports for 100 people in the {west} went from {first:.0f} in {years[0]} to {last:.0f} in "
        f"{years[1]}. Ports show access to digital tools, not what is done with them."), last)


def schooling(result: Evaluation, claim: dict) -> Finding:
    """Mean years of schooling in the regions of the focus group, at the two censuses."""
    regions, years = result.study.regions, _years(result, "avg_years_schooling_15plus")
    own = regions.index[regions["group"] == _focus(result)[0]]
    first, last = (_figures(result, "avg_years_schooling_15plus", year)[own] for year in (years[0], years[-1]))
    rose = int((last > first).sum())
    verdict = "confirmed" if rose == len(own) else "partly" if rose > len(own) / 2 else "contradicted"
    return Finding(verdict, (
        f"Mean years of schooling rose in {counted(rose)} of {counted(len(own))} {_many(result)} between the censuses "
        f"of {years[0]} and {years[-1]}; the median went from {first.median():.2f} to {last.median():.2f} years."),
        last.median())


def three_gaps(result: Evaluation, claim: dict) -> Finding:
    """In how many regions of the focus group each dilemma shows a gap to the reference group."""
    year, (focus, _), east = result.year(), _focus(result), _label(result, result.reference_group)
    regions, labels = result.study.regions, result.framework.dilemmas
    if not labels:
        raise Gap("the framework names no dilemmas.")
    gaps = result.dilemmas["gap"].xs(year, level="year").unstack("dilemma")
    own = gaps[regions["group"].reindex(gaps.index) == focus]
    behind = {name: int((own[name] > 0).sum()) for name in labels}
    lag = sum(number > len(own) / 2 for number in behind.values())
    verdict = "partly" if lag == len(behind) else "not confirmed" if lag else "contradicted"
    said = joined(f"{counted(behind[name])} on {entry['label'].lower()}" for name, entry in labels.items())
    return Finding(verdict, (
        f"Of {counted(len(own))} {_many(result)}, so many lie behind the median of the {east} in {year}: {said}. The "
        "gaps are there; that they hold development back is more than a gap can show."), lag)


def balance_of_people(result: Evaluation, claim: dict) -> Finding:
    """Net movement of people into the focus group over the scored years: change of residents minus natural growth."""
    (focus, west), years = _focus(result), result.study.years
    people, natural = (pd.DataFrame({year: _figures(result, series, year) for year in years})
                       for series in ("population", "natural_population_growth_rate"))
    own = result.study.regions["group"].reindex(people.index) == focus
    moved = (people.diff(axis=1) - natural * people.shift(axis=1) / 1000).loc[own, years[1:]].sum().sum()
    verdict = "partly" if moved < 0 else "not confirmed"
    way = "out of" if moved < 0 else "into"
    return Finding(verdict, (
        f"Residents less births over deaths show a net movement of {abs(moved) / 100:.1f} million people {way} the "
        f"{west} from {years[0]} to {years[-1]}. They are people of all ages and trades, not talent."),
        moved / 100)


def most_talent(result: Evaluation, claim: dict) -> Finding:
    """Rank of the claim's regions in R&D personnel within the focus group."""
    year, regions = int(claim["published"]["year"]), result.study.regions
    own = regions.index[regions["group"] == _focus(result)[0]]
    rank = _figures(result, "rd_personnel_fte", year)[own].rank(ascending=False).astype(int)
    places = {slug: rank[result.study.resolve(slug)] for slug in claim["regions"]}
    front = sum(place <= len(places) for place in places.values())
    verdict = "confirmed" if front == len(places) else "partly" if front else "contradicted"
    names = regions.set_index("slug")["name"]
    return Finding(verdict, (
        f"Counted as R&D personnel in {year}, "
        + joined(f"{names[slug]} is number {place}" for slug, place in places.items())
        + f" of {len(own)}. Other definitions of talent are not published for all of them, and none for cities."))


def budget_for_science(result: Evaluation, claim: dict) -> Finding:
    """Science and technology in budget outlays, the focus group beside the East. Advice has no verdict."""
    year, (focus, west), east = result.year(), _focus(result), _east(result)
    share = (100 * _totals(result, "local_fiscal_science_technology_expenditure", year)
             / _totals(result, "local_fiscal_expenditure_total", year))
    return Finding(UNCHECKED, (
        f"Cannot be checked: it is advice. In {year} science and technology take {share[focus]:.2f}% of budget outlays "
        f"in the {west} and {share[EAST]:.2f}% in the {east}."), share[focus])


CHECKS = {check.__name__: check for check in (
    balance_of_people, budget_for_science, capital_share, contracts_across_borders, digital_access, economic_base,
    few_innovators, firms_with_research, gap_in_speed, gap_per_head, hightech_firms, most_talent,
    patents_for_research_money, schooling, share_of_gdp, smaller_but_rising, three_gaps, uneven_resources, upper_half)}


def _hightech_density(result, year):
    """By group and for all regions."""
    stock = sum(_totals(result, "hightech_enterprises_recognised", y) for y in (year - 2, year - 1, year))
    people = _totals(result, "population", year)
    return stock / people, stock.sum() / people.sum()


def _earlier_speed(result, focus):
    """In how many earlier years the focus group outgrew the East, or nothing if the study cannot tell."""
    east, faster, years = _east(result), 0, []
    for year in result.study.years:
        try:
            size, index = _figures(result, "gdp", year - 1), _figures(result, "gdp_index", year)
        except Gap:
            continue
        groups = result.study.regions["group"]
        growth = (size * index).groupby(groups).sum() / size.groupby(groups).sum()
        years.append(year)
        faster += growth[focus] > growth[EAST]
    if not years:
        return ""
    return (f"Weighting {_many(result)} by their GDP, it grew faster than the {east} in {counted(faster)} of "
            f"{counted(len(years))} years from {years[0]} to {years[-1]}. ")


def _years(result, series):
    """The years in which every region has a figure."""
    panel = _column(result, series).unstack("year")
    complete = panel.reindex(result.study.regions.index).notna().all()
    years = list(complete.index[complete])
    if len(years) < 2:
        raise Gap(f"{series} has figures for every region in fewer than two years.")
    return years


def _totals(result, series, year):
    return _figures(result, series, year).groupby(result.study.regions["group"]).sum()


def _figures(result, series, year):
    """A year's figures of all regions; a gap is named."""
    regions = result.study.regions
    column = _column(result, series)
    column = column[column.index.get_level_values("year") == year].droplevel("year").reindex(regions.index)
    if column.isna().any():
        missing = regions.loc[column.index[column.isna()], "name"]
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise Gap(f"there is no figure of {series} for {', '.join(missing[:3])}{more} in {year}.")
    return column


def _column(result, series):
    panel = _panel(result.study)
    if series not in panel:
        raise Gap(f"the study has no series {series}.")
    return panel[series].dropna()


@lru_cache(maxsize=8)
def _panel(study):
    return study.panel()


def _focus(result):
    """The group in focus, and its label."""
    return result.study.focus, _label(result, result.study.focus)


def _east(result):
    """The label of the East; a study without one cannot answer."""
    if EAST not in result.study.groups:
        raise Gap(f"the study has no group '{EAST}'.")
    return _label(result, EAST)


def _label(result, group):
    return result.study.groups[group]["label"]


def _many(result):
    return result.study.unit["many"]
