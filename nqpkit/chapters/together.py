"""Mechanisms, chapter four: the three together. The graph, what goes with what, and what eight years can decide."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from nqpkit import theme
from nqpkit.analysis.audit import association_without
from nqpkit.analysis.panel import FixedEffects, two_way_fixed_effects
from nqpkit.book.markup import sortable
from nqpkit.chapters.dimension import as_text, chosen, focus_order, of_paper, region_link
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.table import Table
from nqpkit.drawing import Figure
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.wording import counted, joined, signed

NEEDS = {
    "gdp",
    "population",
    "rd_expenditure",
    "rd_personnel_fte",
    "patents_in_force_invention",
    "broadband_ports",
    "tech_market_contract_value_absorbed",
    "industrial_new_product_sales",
}
SHUFFLES = 2000
DRAWS = np.random.SeedSequence(2024).generate_state(1)[0]
WORLDS = {"forward": "NQP moves HQED", "backward": "HQED moves NQP", "income": "income moves both"}
# What a class can check of each arrow: the arrow, its ends as columns of `quantities`, and who drew it.
LINKS = {
    "likeness": ("technology → industry", "technology", "industry", "paper"),
    "yield": ("industry → innovation yield", "industry", "innovation_yield", "paper"),
    "diffusion": ("technology bought → new products sold", "contracts_absorbed", "new_product_sales", "paper"),
    "staff": ("research staff → patents", "rd_staff", "invention_patents", "paper"),
    "cable": ("broadband → GDP per head", "broadband_ports", "income", "paper"),
    "back": ("GDP per head → research intensity", "income", "rd_intensity", "missing in the paper"),
}
BOXES = {  # centre and half-width in the graph's own units
    "factors": (1.55, 1.6, "Production\nfactors"),
    "technology": (1.55, 4.0, "Technological\ninnovation"),
    "industry": (1.55, 6.4, "Industrial\nupgrading"),
    "hqed": (8.2, 4.0, "High-quality\ndevelopment"),
    "income": (5.0, -1.1, "income, prices, transfers, size, place"),
}


def quantities(result: Evaluation) -> pd.DataFrame:
    """Everything that the chapter sets against each other, (code, year) × name: scores, indicators, ln GDP per head."""
    frame = result.dimensions.join(result.systems).join(result.indicators)
    return frame.assign(income=np.log(result.indicators["gdp_per_head"]))


def simulated(world: str, regions: int = 31, seed: int = 1) -> pd.DataFrame:
    """Made-up provinces whose arrows are known: NQP moves HQED, HQED moves NQP, or income moves both and no more.

    Parameters
    ----------
    world : {"forward", "backward", "income"}
    regions : int
    seed : int

    Returns
    -------
    DataFrame with ``income``, ``nqp`` and ``hqed``, all standardised.

    Examples
    --------
    >>> worlds = {name: simulated(name, regions=5000) for name in WORLDS}
    >>> {name: f"{frame['nqp'].corr(frame['hqed']):.1f}" for name, frame in worlds.items()}
    {'forward': '0.9', 'backward': '0.9', 'income': '0.9'}
    """
    if world not in WORLDS:
        raise InputError(f"There is no world '{world}'. Known: {', '.join(WORLDS)}.")
    draws = np.random.default_rng(seed).standard_normal((3, regions))
    income = draws[0]
    if world == "income":
        first, second = (np.sqrt(0.9) * income + np.sqrt(0.1) * noise for noise in draws[1:])
    else:
        start = 0.7 * income + np.sqrt(1 - 0.7**2) * draws[1]
        end = 0.9 * start + np.sqrt(1 - 0.9**2) * draws[2]
        first, second = (start, end) if world == "forward" else (end, start)
    return pd.DataFrame({"income": income, "nqp": first, "hqed": second})


def partial_correlation(x: pd.Series, y: pd.Series, given: pd.Series) -> float:
    """Correlation of x and y after a straight line in a third is taken out of both.

    r = (r_xy − r_xz r_yz) / √[(1 − r_xz²)(1 − r_yz²)].

    Examples
    --------
    >>> z = pd.Series([1.0, 2, 3, 4])
    >>> print(round(partial_correlation(z + [0, 1, 1, 0], z + [0, 1, 1, 0], z), 6))
    1.0
    """
    xy, xz, yz = x.corr(y), x.corr(given), y.corr(given)
    rest = (1 - xz**2) * (1 - yz**2)
    return float((xy - xz * yz) / np.sqrt(rest)) if rest > 1e-12 else float("nan")


def worlds() -> Table:
    """The three made-up worlds: what a correlation sees of them, before and after income is taken out."""
    rows = {}
    for name, words in WORLDS.items():
        frame = simulated(name)
        rows[words] = {
            "r": frame["nqp"].corr(frame["hqed"]),
            "r given income": partial_correlation(frame["nqp"], frame["hqed"], frame["income"]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("World")
    return Table(table, "Correlation of NQP and HQED in three made-up worlds of 31 provinces each.")


def given_income(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """NQP and HQED of every province of a year less what a straight line in ln GDP per head gives, by code."""
    now = quantities(result).xs(result.year(year), level="year")
    return pd.DataFrame(
        {
            name: now[name] - np.polyval(np.polyfit(now["income"], now[name], 1), now["income"])
            for name in ("nqp", "hqed")
        }
    )


def table_of_all(result: Evaluation) -> str:
    """Every province with its scores, what is left of them given its income, and how its scores move together."""
    result = of_paper(result)
    study, year = result.study, result.year()
    now, left, alike = result.systems.xs(year, level="year"), given_income(result), own_correlations(result)
    head = [
        (study.unit["one"].capitalize(), ""),
        ("NQP", "number"),
        ("HQED", "number"),
        ("NQP given income", "number"),
        ("HQED given income", "number"),
        ("r over the years", "number"),
    ]
    rows = []
    for code in now["nqp"].sort_values(ascending=False).index:
        place = study.regions.loc[code]
        numbers = [(f"{now.loc[code, name]:.2f}", now.loc[code, name]) for name in ("nqp", "hqed")]
        numbers += [(_signed(left.loc[code, name]), left.loc[code, name]) for name in ("nqp", "hqed")]
        numbers.append((f"{alike[code]:.2f}".replace("-", "−"), alike[code]))
        rows.append((f"together-{place['slug']}", place["group"] == study.focus, [region_link(place), *numbers]))
    return sortable(
        head,
        rows,
        f"The two scores, {year}: as they are, less what a straight line in ln GDP per head "
        f"gives, and their correlation over {len(study.years)} years. The group "
        f"{study.groups[study.focus]['label']} is shaded.",
    )


def own_correlations(result: Evaluation) -> pd.Series:
    """Correlation of NQP and HQED over the years inside every province."""
    return result.systems.groupby(level="code").apply(lambda part: part["nqp"].corr(part["hqed"]))


def links(result: Evaluation, year: int | None = None) -> Table:
    """The arrows that a class can check: rank correlation of their ends, and what is left given GDP per head."""
    now = quantities(of_paper(result)).xs(result.year(year), level="year")
    ranks = now.rank()
    rows = {}
    for words, x, y, drawn in LINKS.values():
        given = float("nan") if "income" in (x, y) else partial_correlation(ranks[x], ranks[y], ranks["income"])
        rows[words] = {
            "Rank correlation": ranks[x].corr(ranks[y]),
            "Given GDP per head": given,
            "Drawn by": drawn,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Arrow")
    return Table(
        table,
        f"What goes with what over {len(now)} provinces, {result.year(year)}. A dash: GDP per head is one of the ends.",
    )


def variance_parts(result: Evaluation) -> pd.DataFrame:
    """Where the variance of each score lies: between provinces, in the years they share, and in what is left; "
    "per cent."""
    rows = {}
    for name in [*result.systems.columns, *result.mechanisms]:
        scores = quantities(result)[name].unstack("year").dropna()
        grand = scores.to_numpy().mean()
        between, common = scores.mean(axis=1) - grand, scores.mean(axis=0) - grand
        left = scores.sub(scores.mean(axis=1), axis=0).sub(scores.mean(axis=0), axis=1) + grand
        squares = np.array(
            [(between**2).sum() * scores.shape[1], (common**2).sum() * scores.shape[0], (left.to_numpy() ** 2).sum()]
        )
        rows[name] = squares / squares.sum() * 100
    return pd.DataFrame.from_dict(rows, orient="index", columns=["between provinces", "shared years", "left over"])


@lru_cache(maxsize=4)
def regressions(result: Evaluation) -> dict[str, tuple[FixedEffects, str]]:
    """Seven regressions with province and year effects, and of each the variable to look at.

    Name → (regression, variable). Those of last year use the calendar year before; ``next`` sets next year's NQP
    against this year's HQED, which it cannot have moved.
    """
    panel = quantities(result)[["nqp", "hqed", "industry", "technology", "factors", "income"]]
    by = panel.groupby(level="code")
    panel = panel.assign(nqp_before=by["nqp"].shift(1), hqed_before=by["hqed"].shift(1), nqp_next=by["nqp"].shift(-1))
    groups = result.study.regions["group"].reindex(panel.index.get_level_values("code")).to_numpy()
    return {
        "forward": (two_way_fixed_effects(panel, "hqed", "nqp", lags=1), "nqp"),
        "income": (two_way_fixed_effects(panel, "hqed", ["nqp", "income"], lags=1), "nqp"),
        "backward": (two_way_fixed_effects(panel, "nqp", "hqed", lags=1), "hqed"),
        "next": (two_way_fixed_effects(panel, "hqed", "nqp_next"), "nqp_next"),
        "past": (two_way_fixed_effects(panel, "hqed", ["nqp_before", "hqed_before"]), "nqp_before"),
        "west": (two_way_fixed_effects(panel[groups == result.study.focus], "hqed", "nqp", lags=1), "nqp"),
        "three": (two_way_fixed_effects(panel, "hqed", ["industry", "technology", "factors"], lags=1), "technology"),
    }


def shuffled(result: Evaluation, draws: int = SHUFFLES) -> tuple[float, np.ndarray]:
    """The coefficient of last year's NQP for HQED, and those when every province gets the history of another.

    Both are slopes after province and year means are taken out, as in `two_way_fixed_effects`.
    """
    wide = {name: result.systems[name].unstack("year").dropna() for name in result.systems.columns[:2]}
    first, second = list(wide)
    x, y = (_twice_centred(frame.to_numpy()) for frame in (wide[first].iloc[:, :-1], wide[second].iloc[:, 1:]))
    rng = np.random.default_rng(DRAWS)
    slopes = [(x[rng.permutation(len(x))] * y).sum() / (x**2).sum() for _ in range(draws)]
    return float((x * y).sum() / (x**2).sum()), np.array(slopes)


def graph(result: Evaluation) -> Figure:
    """The paper's arrows, the reverse path that it leaves out, and what may stand behind both."""
    result = of_paper(result)
    year, second = result.year(), result.systems.columns[1]
    now = quantities(result).xs(year, level="year")[["industry", "technology", "factors", second, "income"]]
    rho = now.rename(columns={second: "hqed"}).corr(method="spearman")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 5.0))
        for name, (x, y, words) in BOXES.items():
            wide, high = (4.4, 0.62) if name == "income" else (1.5, 0.85)
            ax.add_patch(
                FancyBboxPatch(
                    (x - wide, y - high),
                    2 * wide,
                    2 * high,
                    boxstyle="round,pad=0.08,rounding_size=0.25",
                    fc="#f3f5f7",
                    ec=theme.MUTED if name == "income" else theme.INK,
                    lw=1.2,
                    zorder=3,
                )
            )
            ax.text(
                x,
                y,
                words,
                ha="center",
                va="center",
                fontsize=9,
                zorder=4,
                fontweight="normal" if name == "income" else "bold",
            )
        for name in ("industry", "technology", "factors"):
            y = BOXES[name][1]
            _arrow(ax, (3.2, y + 0.2), (6.6, 4.13 + (y - 4) * 0.26), theme.INK, "-")
            _arrow(ax, (6.6, 3.87 + (y - 4) * 0.26), (3.2, y - 0.2), theme.ACCENT, "--")
            _number(ax, 4.5, 4 + (y - 4) * 0.72, rho.loc[name, "hqed"])
        for upper, lower in (("industry", "technology"), ("technology", "factors")):
            top, bottom = BOXES[upper][1] - 0.98, BOXES[lower][1] + 0.98
            _arrow(ax, (1.55, bottom), (1.55, top), theme.INK, "-")
            _number(ax, 1.0, (top + bottom) / 2, rho.loc[upper, lower])
        for x, y in ((1.55, 0.62), (8.2, 3.02)):
            _arrow(ax, (2.2 if x < 5 else 8.2, -0.38), (x, y), theme.MUTED, ":")
        ax.text(7.0, 6.75, "solid: the paper's arrows", fontsize=8.5, color=theme.INK)
        ax.text(7.0, 6.25, "dashed: the way back,\nnot in the paper", fontsize=8.5, color=theme.ACCENT, va="top")
        ax.text(4.5, 0.35, "dotted: what may\nstand behind both", fontsize=8.5, color="#66707a", va="center")
        ax.set(xlim=(-0.2, 10), ylim=(-2, 7.5))
        ax.axis("off")
        drawing.tight_layout(pad=0.3)
    plt.close(drawing)
    with_hqed = rho.loc[["industry", "technology", "factors"], "hqed"].rename(lambda n: BOXES[n][2].replace("\n", " "))
    alt = (
        f"Graph of arrows. Three boxes, production factors, technological innovation and industrial upgrading, "
        f"each point "
        f"to high-quality development; factors point to technology and technology to industry. Dashed arrows, "
        f"missing in "
        f"the paper, run back from development to each of the three. A box with income, prices, transfers, size and "
        f"place points to both sides. Rank correlations with development in {year}: "
        + ", ".join(f"{name} {value:.2f}" for name, value in with_hqed.items())
        + f"; highest {with_hqed.idxmax()}, lowest {with_hqed.idxmin()}."
    )
    caption = (
        f"The mechanisms as arrows: those of the paper, section 2 (solid), the way back that it leaves out "
        f"(dashed), and "
        f"what may stand behind both (dotted). Numbers: rank correlations over {len(now)} provinces, {year}, the same "
        f"in both directions. Source: own computation on the study's official figures; weights equal."
    )
    return Figure(drawing, caption, alt, rho.rename(index=str.capitalize, columns=str.capitalize), name="graph")


def before_and_after(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """NQP against HQED, as they are and after ln GDP per head is taken out of both."""
    result = of_paper(result)
    study, year, code = result.study, result.year(year), chosen(result, region)
    now = quantities(result).xs(year, level="year")[["nqp", "hqed", "income"]]
    left = given_income(result, year)
    names, groups = study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    found = association_without(result, year)
    with theme.applied():
        drawing, axes = plt.subplots(2, 1, figsize=(theme.WIDTH, 7.2))
        for ax, frame, r, title in (
            (axes[0], now, found.r, "as they are"),
            (axes[1], left, found.partial, "without ln GDP per head"),
        ):
            ax.scatter(
                frame["nqp"],
                frame["hqed"],
                s=[78 if key == code else 36 for key in frame.index],
                linewidths=0,
                color=[theme.INK if key == code else colours[groups[key]] for key in frame.index],
                alpha=0.85,
            )
            ax.annotate(
                names[code],
                frame.loc[code, ["nqp", "hqed"]],
                xytext=(8, -3),
                textcoords="offset points",
                fontsize=9,
                fontweight="bold",
            )
            ax.set(title=f"{title}: r = {r:.2f}", xlabel="NQP", ylabel="HQED")
            ax.grid()
        for place, (group, words) in enumerate(study.groups.items()):
            axes[0].annotate(
                words["label"], (0.03, 0.9 - 0.075 * place), xycoords="axes fraction", fontsize=9, color=colours[group]
            )
        drawing.tight_layout()
    plt.close(drawing)
    alt = (
        f"Two scatter charts of the scores NQP and HQED of {len(now)} provinces, {year}. As they are, their "
        f"correlation is "
        f"{found.r:.2f}; from {names[now['nqp'].idxmin()]}, NQP {now['nqp'].min():.2f}, to "
        f"{names[now['nqp'].idxmax()]}, "
        f"{now['nqp'].max():.2f}. After a straight line in the logarithm of GDP per head is taken out of both, it is "
        f"{found.partial:.2f}. {names[code]}: NQP {now.loc[code, 'nqp']:.2f}, HQED {now.loc[code, 'hqed']:.2f}; "
        f"given its income {_signed(left.loc[code, 'nqp'])} and {_signed(left.loc[code, 'hqed'])}."
    )
    caption = (
        f"NQP and HQED, {year}: the scores (top) and what is left of them after a straight line in ln GDP per "
        f"head is taken "
        f"out (bottom). Source: own computation on the study's official figures; weights equal."
    )
    values = now[["nqp", "hqed"]].join(left.add_suffix(" given income")).rename(index=names)
    return Figure(drawing, caption, alt, values, name="before-after")


def directions(result: Evaluation) -> Figure:
    """Six of the regressions side by side: coefficient and interval, forwards, backwards, and from the future."""
    result = of_paper(result)
    shown = {
        "forward": "last year's NQP → HQED",
        "income": "the same, given income",
        "west": "the same, West only",
        "past": "the same, given\nlast year's HQED",
        "backward": "last year's HQED → NQP",
        "next": "next year's NQP → HQED",
    }
    found = regressions(result)
    table = pd.DataFrame({words: found[name][0].table.loc[found[name][1]] for name, words in shown.items()}).T
    colours = [theme.INK] * 4 + [theme.ACCENT] * 2
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.5))
        rows = range(len(table))
        ax.hlines(rows, table["low"], table["high"], color=colours, lw=3, alpha=0.5)
        ax.scatter(table["coefficient"], rows, color=colours, s=50, zorder=3)
        ax.axvline(0, color=theme.MUTED, lw=1)
        ax.axhline(3.5, color=theme.MUTED, lw=0.9)
        ax.set_yticks(rows, table.index)
        ax.set(xlabel="change that goes with one unit more, 95% interval", ylim=(len(table) - 0.5, -0.5))
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    table.index = [words.replace("\n", " ") for words in table.index]
    alt = (
        "Interval chart of six regression coefficients with province and year effects. "
        + "; ".join(
            f"{words}: {row['coefficient']:.2f}, interval {row['low']:.2f} to {row['high']:.2f}"
            for words, row in table.iterrows()
        ).replace("-", "−")
        + f". Highest: {table['coefficient'].idxmax()}; lowest: {table['coefficient'].idxmin()}."
    )
    years = result.study.years
    caption = (
        f"Coefficients of six regressions with an effect for every province and every year, {years[0]}–{years[-1]}; "
        "errors clustered by province. Above the line what the paper would expect, below it what its arrow cannot "
        "produce. Source: own computation on the study's official figures; weights equal."
    )
    return Figure(drawing, caption, alt, table, name="directions")


def carrying(result: Evaluation) -> Figure:
    """How little eight years carry: the parts of each score's variance."""
    result = of_paper(result)
    parts = variance_parts(result)
    labels = {
        **{name: name.upper() for name in result.systems.columns},
        **result.framework.dimensions().loc[result.mechanisms, "label"].to_dict(),
    }
    parts = parts.rename(index=labels)
    colours = ["#b9c2ca", "#0b6fa4", theme.ACCENT]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 2.9))
        start = pd.Series(0.0, index=parts.index)
        for column, colour in zip(parts, colours, strict=True):
            ax.barh(range(len(parts)), parts[column], left=start, color=colour, height=0.62)
            start = start + parts[column]
        for row, value in enumerate(parts["left over"]):
            ax.annotate(
                f"{value:.1f}%",
                (100, row),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=theme.ACCENT,
                fontweight="bold",
            )
        ax.set_yticks(range(len(parts)), [label.replace(" and ", "\nand ") for label in parts.index])
        ax.set(xlim=(0, 108), xlabel="share of variance, %", xticks=[0, 25, 50, 75, 100])
        ax.invert_yaxis()
        for x, words, colour in (
            (0, "between provinces", "#66707a"),
            (49, "shared years", "#0b6fa4"),
            (82, "left over", theme.ACCENT),
        ):
            ax.annotate(
                words, (x, -0.62), fontsize=8, color=colour, fontweight="bold", annotation_clip=False, va="bottom"
            )
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    left = parts["left over"]
    alt = (
        f"Stacked bars of the variance of {len(parts)} scores in per cent: between provinces, common to all in "
        f"a year, left "
        + "over. Left over: "
        + ", ".join(f"{name} {value:.1f}" for name, value in left.items())
        + f". Highest: {left.idxmax()}; lowest: {left.idxmin()}. NQP lies to {parts.loc['NQP'].iloc[0]:.0f} per cent "
        "between provinces."
    )
    years = result.study.years
    caption = (
        f"Where the variance of the scores lies, {years[0]}–{years[-1]}: between provinces, in years that all "
        f"share, and left "
        "over. Only the last part speaks in the regressions. Source: own computation on the study's official figures."
    )
    return Figure(drawing, caption, alt, parts, name="carrying")


def by_chance(result: Evaluation) -> Figure:
    """The coefficient against those with shuffled histories: could it be luck?"""
    result = of_paper(result)
    real, slopes = shuffled(result)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 2.8))
        ax.hist(slopes, bins=40, color="#b9c2ca")
        ax.axvline(real, color=theme.ACCENT, lw=2.4)
        top = ax.get_ylim()[1]
        ax.annotate(
            f"as it is: {real:.2f}",
            (real, top * 0.9),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            color=theme.ACCENT,
            fontweight="bold",
        )
        ax.annotate(f"{len(slopes):,} shuffles", (slopes.min(), top * 0.9), color="#66707a")
        ax.set(xlabel="coefficient of last year's NQP for HQED", yticks=[])
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    reached = int((np.abs(slopes) >= abs(real)).sum())
    alt = (
        f"Histogram of the coefficient in {len(slopes):,} shuffles in which provinces exchange their histories "
        f"of NQP: from "
        f"{slopes.min():.2f} to {slopes.max():.2f}. The coefficient as it is, {real:.2f}, is reached in {reached}."
    ).replace("-", "−")
    caption = (
        f"The coefficient of last year's NQP for HQED (line), and {len(slopes):,} coefficients after the "
        f"histories of NQP were "
        "dealt out to provinces at random. Source: own computation on the study's official figures."
    )
    return Figure(drawing, caption, alt, pd.DataFrame({"coefficient": slopes}), name="chance")


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """Numbers and words of the chapter."""
    result = of_paper(result)
    study, year, code = result.study, result.year(), chosen(result)
    names = study.regions["name"]
    found = association_without(result, year)
    own = result.systems.xs(code, level="code")
    alike, left = own_correlations(result), given_income(result)
    must_hold("The same few provinces stand near the top of all three.", _alike_at_the_top(result),
              "the first four western provinces in each mechanism")
    parts, checked = variance_parts(result), links(result).values
    table = {name: fit.table.loc[variable] for name, (fit, variable) in regressions(result).items()}
    clear = {name: row["low"] > 0 for name, row in table.items()}
    must_hold("The three coefficients lie above nought.", clear["forward"] and clear["backward"] and clear["next"],
              "the intervals of the panel regressions forward, backward and one year on")
    must_hold("Given its own past, or in the West alone, the interval holds nought.",
              not clear["past"] and not clear["west"], "the intervals of the panel regressions past and west")
    must_hold("Buying technology hardly goes with new products.",
              abs(checked.loc[LINKS["diffusion"][0], "Rank correlation"]) < 0.3,
              "the rank correlation of contracts bought and new products")
    must_hold("What all share in a year takes most of the rest.", (parts["shared years"] > parts["left over"]).all(),
              "the parts of the variance of NQP and HQED")
    real, slopes = shuffled(result)
    must_hold("The line stands where the shuffles do not reach.", (np.abs(slopes) >= abs(real)).mean() < 0.005,
              "the coefficient beside those of shuffled panels")
    words = {
        f"{name}_{part}": f"{row[column]:.2f}".replace("-", "−")
        for name, row in table.items()
        for part, column in (("b", "coefficient"), ("low", "low"), ("high", "high"))
    }
    three = regressions(result)["three"][0].table
    held = [name for name in three.index if three.loc[name, "low"] > 0]
    return as_text(
        words,
        {
            "region": names[code],
            "year": year,
            "first_year": study.years[0],
            "regions": len(names),
            "r": f"{found.r:.2f}",
            "partial": f"{found.partial:.2f}",
            "partial_bare": f"{_without_income(result):.2f}",
            "nqp": f"{own['nqp'].iloc[-1]:.2f}",
            "nqp_before": f"{own['nqp'].iloc[0]:.2f}",
            "hqed": f"{own['hqed'].iloc[-1]:.2f}",
            "hqed_before": f"{own['hqed'].iloc[0]:.2f}",
            "left_own_nqp": _signed(left.loc[code, "nqp"]),
            "left_own_hqed": _signed(left.loc[code, "hqed"]),
            "own_r": f"{alike[code]:.2f}",
            "alike": int((alike > 0.9).sum()),
            "rank_nqp": int(result.scores.loc[(code, year), "rank_nqp"]),
            "rank_hqed": int(result.scores.loc[(code, year), "rank_hqed"]),
            "page": f'<a href="../provinces/{study.regions.loc[code, "slug"]}.html">{names[code]}</a>',
            "years": counted(len(study.years)),
            "n": regressions(result)["forward"][0].n,
            "left_nqp": f"{parts.loc['nqp', 'left over']:.1f}",
            "left_hqed": f"{parts.loc['hqed', 'left over']:.1f}",
            "between_nqp": f"{parts.loc['nqp', 'between provinces']:.0f}",
            **{
                f"link_{name}{short}": f"{checked.loc[words, column]:.2f}".replace("-", "−")
                for name, (words, *ends, _) in LINKS.items()
                for short, column in (("", "Rank correlation"), ("_given", "Given GDP per head"))
                if not (short and "income" in ends)
            },
            "held": _held(held),
            **_simulated_words(),
        },
    )


def _held(names):
    """Which of the three keep an interval above nought, as the end of a sentence."""
    if len(names) == 1:
        return f"only {names[0]} keeps an interval above nought"
    if not names:
        return "none keeps an interval above nought"
    return f"{joined(names)} keep an interval above nought"


def _alike_at_the_top(result):
    """Whether at least three of the first four provinces in focus are the same in every mechanism."""
    scores = result.dimensions.xs(result.year(), level="year")
    return len(set.intersection(*(set(focus_order(result, scores[name])[:4]) for name in result.mechanisms))) >= 3


def _without_income(result):
    """The partial correlation when GDP per head is no part of HQED either."""
    weights = result.weights["weight"].copy()
    block = result.weights.index[result.weights["dimension"] == result.weights.loc["gdp_per_head", "dimension"]]
    rest = block.drop("gdp_per_head")
    weights[rest] *= weights[block].sum() / weights[rest].sum()
    weights["gdp_per_head"] = 0.0
    other = evaluate(result.study, weights=weights)
    return association_without(other, result.year()).partial


def _simulated_words():
    table = worlds().values
    return {
        f"toy_{name}_{short}": f"{table.loc[words, column]:.2f}".replace("-", "−")
        for name, words in WORLDS.items()
        for short, column in (("r", "r"), ("given", "r given income"))
    }


def _twice_centred(values):
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()


def _arrow(ax, start, end, colour, style):
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=13,
            color=colour,
            lw=1.7,
            linestyle=style,
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def _number(ax, x, y, value):
    ax.text(
        x,
        y,
        f"{value:.2f}",
        fontsize=8.5,
        ha="center",
        va="center",
        zorder=5,
        bbox={"fc": "white", "ec": "none", "pad": 1.2},
    )


def _signed(value):
    return signed(value).replace("-", "−")
