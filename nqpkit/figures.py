"""The figures of a region's report: one function a figure, each with caption, alt text and the values it shows."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.drawing import Figure, ink_on, label_ends, name_rows, tile_name, tile_places, tile_words, wrap, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.uncertainty import rank_intervals

TILES = 150  # regions without places on a map that can still be told apart as tiles
NEAR = 40  # rows of an interval chart
FEW, FULL = 5, 8  # dimensions: with fewer the rows want air, from so many on the legend keeps its place
TITLE = 44  # letters of a title that stand in one line


def trend(result: Evaluation, region: str) -> Figure | None:
    """System scores of a region over the years, against the median of every group; nothing with one scored year."""
    if len(result.study.years) == 1:
        return None
    code, study = result.study.resolve(region), result.study
    name, labels = study.regions.loc[code, "name"], _system_labels(result)
    own = result.systems.xs(code, level="code")
    medians = result.systems.groupby([result.groups(), result.systems.index.get_level_values("year")]).median()
    colours = theme.group_colours(study.groups, study.focus)
    with theme.applied():
        drawing, axes = plt.subplots(len(labels), 1, figsize=(theme.WIDTH, 2.5 * len(labels)), sharex=True,
                                     squeeze=False)
        for ax, (system, label) in zip(axes.flat, labels.items(), strict=True):
            ends = {}
            for group, words in study.groups.items():
                line = medians.loc[group, system]
                sns.lineplot(x=line.index, y=line.to_numpy(), ax=ax, color=colours[group], lw=1.3, alpha=0.75)
                ends[words["label"]] = (line.iloc[-1], colours[group], "normal")
            sns.lineplot(x=own.index, y=own[system], ax=ax, color=theme.INK, lw=2.6, marker="o", ms=5)
            ends[name] = (own[system].iloc[-1], theme.INK, "bold")
            label_ends(ax, own.index[-1], ends)
            ax.set(title=label, xlabel="", ylabel="score, 0 to 1")
            year_ticks(ax, own.index)
            ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    values = own.rename(columns=labels).join(medians.unstack(0).set_axis(
        [f"{labels[s]}, {study.groups[g]['label']} median" for s, g in medians.unstack(0).columns], axis=1))
    first, last = own.index[0], own.index[-1]
    ends = medians.xs(last, level="year")
    alt = f"Two line charts, {first} to {last}, scores from 0 to 1. " + " ".join(
        f"{label}: {name} moves from {own[s].iloc[0]:.2f} to {own[s].iloc[-1]:.2f}; in {last} the highest group median "
        f"is {_extreme(ends[s], study, 'max')}, the lowest {_extreme(ends[s], study, 'min')}."
        for s, label in labels.items())
    caption = (f"{' and '.join(labels.values())} of {name} (heavy line with dots) against the median of each group of "
               f"{study.unit['many']}, {first}–{last}. {_source(result)}")
    return Figure(drawing, caption, alt, values)


def profile(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Dimension scores of a region, its peers, and the median of the reference group."""
    code, study, year = result.study.resolve(region), result.study, result.year(year)
    name, dimensions = study.regions.loc[code, "name"], result.framework.dimensions()
    frame = result.dimensions.xs(year, level="year")[dimensions.index]
    peers = result.peers(region, year)
    reference = result.reference(result.dimensions).xs(year, level="year")[dimensions.index].iloc[0]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.42 * max(len(dimensions), FEW) + 1.3))
        rows = range(len(dimensions))
        ax.hlines(rows, 0, 1, color=theme.GRID, lw=1, zorder=0)
        for peer in peers.index:
            ax.scatter(frame.loc[peer], rows, s=28, color=theme.MUTED, alpha=0.7, linewidths=0)
        ax.scatter(reference, rows, marker="|", s=190, color=theme.GROUP_COLOURS[1], linewidths=2.4)
        ax.scatter(frame.loc[code], rows, s=85, color=theme.ACCENT, zorder=3)
        ax.set_yticks(rows, [wrap(label, 34) for label in dimensions["label"]])
        if len(dimensions) < FEW:
            ax.set_ylim(-0.6, len(dimensions) - 0.4)
        ax.invert_yaxis()
        ax.set(xlim=(-0.02, 1.02), xlabel="score, 0 to 1", title=wrap(f"{name} {year}", TITLE))
        group = study.groups[result.reference_group]["label"]
        handles = [plt.Line2D([], [], marker=m, ls="", color=c, ms=s, mew=w, label=text) for m, c, s, w, text in (
            ("o", theme.ACCENT, 8, 0, name), ("o", theme.MUTED, 5, 0, "peers"),
            ("|", theme.GROUP_COLOURS[1], 11, 2.4, f"{group} median"))]
        below = -0.16 * max(1, FULL / max(len(dimensions), FEW))
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.35, below), ncols=3, frameon=False,
                  fontsize=9, handletextpad=0.2, columnspacing=1.2)
        sns.despine(ax=ax, left=True)
        ax.tick_params(axis="y", length=0)
        drawing.tight_layout()
    plt.close(drawing)
    names = study.regions["name"]
    values = frame.loc[[code, *peers.index]].T.rename(columns=names).assign(**{f"{group} median": reference})
    values.index = dimensions["label"]
    best, worst = values[name].idxmax(), values[name].idxmin()
    ahead = int((values[name] >= values[f"{group} median"]).sum())
    alt = (f"Dot chart of {len(dimensions)} dimension scores from 0 to 1 for {name} in {year}. Highest: {best}, "
           f"{values[name].max():.2f}; lowest: {worst}, {values[name].min():.2f}. {name} reaches the {group} median in "
           f"{ahead} of {len(dimensions)} dimensions.")
    caption = (f"Dimension scores of {name}, {year}, with its peers ({', '.join(names[peers.index])}: nearest in these "
               f"scores) and the median of the group {group}. {_source(result)}")
    return Figure(drawing, caption, alt, values)


def coordination(result: Evaluation, region: str) -> Figure | None:
    """Coordination degree of a region over the years, inside the range that a random index would give.

    Nothing where there is one system, and so no coupling.
    """
    if not result.coupled:
        return None
    code, study = result.study.resolve(region), result.study
    name, own = study.regions.loc[code, "name"], result.coupling.xs(code, level="code")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.3))
        ax.fill_between(own.index, own["random_low"], own["random_high"], color=theme.MUTED, alpha=0.22, lw=0)
        ax.plot(own.index, own["random_median"], color=theme.MUTED, lw=1.3, ls="--")
        sns.lineplot(x=own.index, y=own["coordination"], ax=ax, color=theme.ACCENT, lw=2.6, marker="o", ms=5.5)
        top = max(own["random_high"].max(), own["coordination"].max())
        ax.set(ylim=(0, top + 0.04), ylabel="coordination degree D", xlabel="", title=f"{name}: D and a random index")
        ax.set_yticks([k / 10 for k in range(11) if k / 10 <= top + 0.04])
        ax.grid(axis="y")
        year_ticks(ax, own.index)
        label_ends(ax, own.index[-1], {
            name: (own["coordination"].iloc[-1], theme.ACCENT, "bold"),
            "random,\nmedian": (own["random_median"].iloc[-1], theme.MUTED, "normal")})
        drawing.tight_layout()
    plt.close(drawing)
    first, last = own.index[0], own.index[-1]
    inside = ((own["coordination"] >= own["random_low"]) & (own["coordination"] <= own["random_high"])).sum()
    end = own.iloc[-1]
    alt = (f"Line chart of the coordination degree D of {name}, {first} to {last}: from "
           f"{own['coordination'].iloc[0]:.2f} to {end['coordination']:.2f}, grade {end['grade']}. The grey band of D "
           f"with a random index runs from {end['random_low']:.2f} to {end['random_high']:.2f} in {last}; D lies "
           f"inside it in {inside} of {len(own)} years.")
    system = next(iter(_system_labels(result).values()))
    caption = (f"Coordination degree D of {name}, {first}–{last}. The band holds nine in ten of the D that its "
               f"{study.said(system)} would have with an index of random numbers; each step of 0.1 is a grade. "
               f"{_source(result)}")
    columns = ["coordination", "random_low", "random_median", "random_high", "grade"]
    return Figure(drawing, caption, alt, own[columns])


def intervals(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Rank on D, or on the only score, of the members of the region's group, with intervals under random weights."""
    code, study, year, overall = result.study.resolve(region), result.study, result.year(year), result.overall
    names, group = study.regions["name"], study.regions.loc[code, "group"]
    table = rank_intervals(result, year)
    table = table[study.regions["group"].reindex(table.index) == group].sort_values(overall.rank)
    members, table = len(table), _near(table, code)
    low, high, now = (table[f"{overall.rank}{end}"] for end in ("_low", "_high", ""))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.29 * len(table) + 1.1))
        rows = range(len(table))
        colours = [theme.ACCENT if key == code else theme.MUTED for key in table.index]
        ax.hlines(rows, low, high, color=colours, lw=5, alpha=0.45)
        ax.scatter(now, rows, color=colours, s=42, zorder=3)
        name_rows(ax, names[table.index], code)
        ax.set(xlim=(0, len(study.regions) + 1),
               xlabel=f"rank on {overall.short} among {len(study.regions)}, 1 is the highest",
               title=wrap(f"{study.groups[group]['label']} {year}: ranks under random weights", TITLE))
        ax.invert_yaxis()
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    width = (high - low).rename(index=names)
    held = f"{names[code]}: rank {now[code]}, interval {low[code]} to {high[code]}. " if code in table.index else (
        f"{names[code]} has no scores. ")
    some = f"{members}" if members == len(table) else f"the {len(table)} nearest to it of {members}"
    alt = (f"Interval chart of ranks on {overall.title_phrase}, {year}, {some} {study.unit['many']} of the "
           f"group {study.groups[group]['label']}. {held}Widest interval: {width.idxmax()}, {width.max()} places; "
           f"narrowest: {width.idxmin()}, {width.min()}.")
    caption = (f"Rank on {overall.short} with the default weights (dot) and in nine of ten draws of random weights "
               f"(bar), {year}; {names[code]} in colour"
               f"{'' if members == len(table) else f', with {some} of its group'}. {_source(result)}")
    return Figure(drawing, caption, alt, table[[overall.rank, low.name, high.name]].rename(index=names))


def obstacles(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """The dilemmas of a region in three readings: share of the obstacles, relative to weight, share of the gap."""
    code, study, year = result.study.resolve(region), result.study, result.year(year)
    name = study.regions.loc[code, "name"]
    own = result.dilemmas.xs((code, year))
    own = own.rename(index=result.dilemma_labels | {"outside": "Outside them"})
    group = study.groups[result.reference_group]["label"]
    heads = {"share": "share of\nobstacles, %", "relative": "relative to\nweight",
             "gap": f"share of gap\n{wrap(f'to {group}, %', 16)}"}
    with theme.applied():
        drawing, axes = plt.subplots(1, 3, figsize=(theme.WIDTH, 0.5 * len(own) + 1.2), sharey=True)
        for ax, (reading, head) in zip(axes, heads.items(), strict=True):
            scale = 1 if reading == "relative" else 100
            numbers = own[reading] * scale
            top = numbers.idxmax()
            ax.barh(range(len(own)), numbers, height=0.62,
                    color=[theme.ACCENT if label == top else theme.MUTED for label in own.index])
            if reading == "relative":
                ax.axvline(1, color=theme.INK, lw=1, ls=":")
            for row, number in enumerate(numbers):
                ax.annotate(f"{number:.2f}" if reading == "relative" else f"{number:.0f}", (number, row), xytext=(4, 0),
                            textcoords="offset points", va="center", fontsize=9,
                            bbox={"fc": "white", "ec": "none", "pad": 0.4})
            ax.set(title=head, xlim=(0, max(numbers.max() * 1.32, 0.01)), xticks=[])
            ax.title.set_fontsize(9)
            ax.tick_params(axis="y", length=0)
            sns.despine(ax=ax, left=True, bottom=True)
        axes[0].set_yticks(range(len(own)), [wrap(label) for label in own.index])
        axes[0].invert_yaxis()
        drawing.tight_layout()
    plt.close(drawing)
    leaders = [own[reading].idxmax() for reading in heads]
    agree = "All three readings name the same" if len(set(leaders)) == 1 else "The readings do not name the same"
    alt = (f"Three bar charts of what holds back {name} in {year}. Largest share of obstacles: {leaders[0]}, "
           f"{own['share'].max():.0%}. Largest relative to its weight: {leaders[1]}, {own['relative'].max():.2f}. "
           f"Largest share of the gap to the {group} median: {leaders[2]}, {own['gap'].max():.0%}.")
    caption = (f"What holds back {name}, {year}, in three readings. {agree} one. A bar of 1 in the middle obstructs as "
               f"much as its weight alone would make it. {_source(result)}")
    return Figure(drawing, caption, alt, own)


def ranking(result: Evaluation, regions: Iterable[str] = (), year: int | None = None) -> Figure:
    """Coordination degree, or the only score, of every region in order, highest first; some of them named."""
    study, year, overall = result.study, result.year(year), result.overall
    d = result.standing[overall.name].xs(year, level="year").dropna().sort_values(ascending=False, kind="stable")
    place, names = pd.Series(range(1, len(d) + 1), index=d.index), study.regions["name"]
    focus = (study.regions["group"].reindex(d.index) == study.focus).to_numpy()
    group = study.groups[study.focus]["label"]
    named = [code for code in map(study.resolve, regions) if code in d.index]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.2))
        ax.scatter(place, d, s=7, c=np.where(focus, theme.GROUP_COLOURS[1], theme.MUTED), linewidths=0)
        for code in named:
            right = place[code] > len(d) / 2  # a falling line leaves room above its left and below its right half
            ax.scatter([place[code]], [d[code]], s=60, color=theme.ACCENT, zorder=3)
            ax.annotate(wrap(names[code], 24), (place[code], d[code]), xytext=(-7, -5) if right else (7, 5),
                        textcoords="offset points", ha="right" if right else "left", va="top" if right else "bottom",
                        fontweight="bold", color=theme.ACCENT)
        ax.set(xlabel=f"rank among {len(d)} {study.unit['many']}, 1 is the highest", ylabel=f"{overall.short}, 0 to 1",
               title=wrap(f"{overall.label}, {year}", TITLE), xlim=(-len(d) * 0.02, len(d) * 1.02))
        ax.margins(y=0.15)
        ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    own = "".join(f" {names[code]} has {d[code]:.2f}, rank {place[code]}." for code in named)
    alt = (f"Dots of {overall.title_phrase} of {len(d)} {study.unit['many']} in {year} in falling order, 0 to 1. "
           f"Highest: {names[d.index[0]]}, {d.iloc[0]:.2f}; lowest: {names[d.index[-1]]}, {d.iloc[-1]:.2f}.{own}")
    caption = (f"{overall.label} of {len(d)} {study.unit['many']}, {year}, in order, the highest first. "
               f"{''.join(f'{names[code]} is named. ' for code in named)}Blue: the group {group}. {_source(result)}")
    return Figure(drawing, caption, alt, d.rename(index=names).rename(overall.short).to_frame())


def tile_map(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """Coordination degree, or the only score, of every region on a map of equal tiles; one region can be framed."""
    study, year, overall = result.study, result.year(year), result.overall
    d = result.standing[overall.name].xs(year, level="year")
    spots, mapped = tile_places(study.regions, d)
    if not mapped and len(spots) > TILES:
        return ranking(result, [region] if region else [], year)
    d, places = d.reindex(spots.index), study.regions.loc[spots.index]
    code = study.resolve(region) if region else None
    colours = sns.color_palette(theme.SEQUENCE, as_cmap=True)
    low, high = d.min(), d.max()
    with theme.applied():
        columns, rows = spots["tile_col"].max() + 1, spots["tile_row"].max() + 1
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, theme.WIDTH * rows / columns + 0.5))
        for key, place in places.iterrows():
            known = pd.notna(d[key])
            colour = colours((d[key] - low) / ((high - low) or 1)) if known else (1, 1, 1)
            ink = ink_on(colour)
            x, y = spots.loc[key, "tile_col"], spots.loc[key, "tile_row"]
            focus = place["group"] == study.focus
            ax.add_patch(plt.Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, fc=colour, lw=3,
                                       zorder=3 if key == code else 1,
                                       ec=theme.ACCENT if key == code else "none"))
            ax.text(x + 0.5, y + 0.4, tile_name(place), ha="center", va="center", color=ink, fontsize=9, zorder=4,
                    fontweight="bold" if focus else "normal")
            ax.text(x + 0.5, y + 0.72, f"{d[key]:.2f}".lstrip("0") if known else "no data", ha="center", va="center",
                    color=ink, fontsize=8.5, zorder=4)
        ax.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")
        ax.axis("off")
        ax.set_title(f"{overall.label}, {year}")
        drawing.tight_layout()
    plt.close(drawing)
    names = study.regions["name"]
    where = ""
    if code:
        rank = result.standing[overall.rank][(code, year)]
        where = f" {names[code]}, framed, has {d[code]:.2f}, rank {rank} of {d.notna().sum()}."
    alt = (f"{'Tile map' if mapped else 'Tiles in order'} of {overall.title_phrase} in {year}, the stronger the "
           f"colour, the higher. Highest: {names[d.idxmax()]}, {high:.2f}; lowest: {names[d.idxmin()]}, "
           f"{low:.2f}.{where}")
    framed = f"{names[code]} is framed; " if code else ""
    focus = study.groups[study.focus]["label"]
    caption = (f"{overall.label} of {len(places)} {study.unit['many']}, {year}. {framed}{focus} in bold letters. "
               f"Tiles {tile_words(mapped, overall.short)}. {_source(result)}")
    return Figure(drawing, caption, alt, d.rename(index=names).rename(overall.short).to_frame())


def _near(table: pd.DataFrame, code: str) -> pd.DataFrame:
    """At most as many rows as a chart can hold, around the row of a region."""
    own = table.index.get_loc(code) if code in table.index else 0
    start = max(0, min(own - NEAR // 2, len(table) - NEAR))
    return table.iloc[start:start + NEAR]


def _system_labels(result):
    return {system: parts["label"] for system, parts in result.framework.systems.items()}


def _source(result):
    return f"Source: own computation on the study's official figures; weights {_weights_name(result)}."


def _weights_name(result):
    return result.options.weights if isinstance(result.options.weights, str) else "as given"


def _extreme(medians, study, how):
    group = getattr(medians, f"idx{how}")()
    return f"{study.groups[group]['label']}, {medians[group]:.2f}"
