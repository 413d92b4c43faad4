"""Live figures of places: a few regions side by side, and any indicator or score on the map through the years."""

import altair as alt
import numpy as np
import pandas as pd

from nqpkit.book.live import MUTED, PALETTE, SHAPES, WHITE, Live, View, choice, group, slider, styled
from nqpkit.book.markup import plain_table
from nqpkit.book.tiles import TILE, UNKNOWN, ramp, tile_list
from nqpkit.drawing import tile_places, tile_words
from nqpkit.evaluation import Evaluation

SOURCE = "Own computation on the study's official figures."


def compare(result: Evaluation, year: int | None = None) -> Live:
    """Two to four regions over the years and over the dimensions."""
    study, year, years = result.study, result.year(year), list(result.study.years)
    values, labels = _scores(result)
    systems, last = list(result.systems.columns), _last(result)
    shown = [name for name in values if name not in (*systems, last)]
    codes = [code for code in study.regions.index if code in result.systems.index.get_level_values("code")]
    chosen = _first_choice(result, codes, year)
    names = study.regions["name"]
    one, many = study.unit["one"], study.unit["many"]
    options = [(code, names[code]) for code in study.regions.loc[codes].sort_values("name").index]
    pickers = [choice("compare", key, f"{one.capitalize()} {place}",
                      options if place < 3 else [("", "none"), *options], code)
               for place, (key, code) in enumerate(zip("abcd", [*chosen, "", ""][:4], strict=True), start=1)]
    controls = group(f"Two to four {many}", *pickers)
    controls += group("What, and when",
                      choice("compare", "measure", "Over the years", [(name, labels[name]) for name in values], last),
                      slider("compare", "year", "Year of the dimensions", year, years[0], years[-1], 1, 0))
    wide = {name: values[name].reindex(index=codes, columns=years) for name in values}
    now = {name: frame[year] for name, frame in wide.items()}
    lines = [{"name": names[code], "year": when, "value": wide[last].at[code, when], "colour": PALETTE[n],
              "shape": SHAPES[n]} for n, code in enumerate(chosen) for when in years]
    ends = [{"name": names[code], "year": years[-1], "y": wide[last].at[code, years[-1]], "colour": PALETTE[n]}
            for n, code in enumerate(chosen)]
    dots = [{"label": labels[name], "name": names[code], "value": now[name][code], "colour": PALETTE[n],
             "shape": SHAPES[n]} for n, code in enumerate(chosen) for name in shown]
    spread = {labels[name]: (now[name][chosen].max() - now[name][chosen].min()) for name in shown}
    widest = max(spread, key=spread.get)
    over = " and ".join(names[chosen])
    views = {
        "lines": View(_lines(years), {"rows": lines, "ends": ends, "now": [{"year": year}]},
                      f"Line chart of the {study.said(labels[last])}, {years[0]} to {years[-1]}, 0 to 1: " + "; ".join(
                          f"{names[code]} from {wide[last].at[code, years[0]]:.2f} to "
                          f"{wide[last].at[code, years[-1]]:.2f}" for code in chosen) + ".",
                      "Line chart of one score over the years for the chosen places"),
        "profile": View(_profile([labels[name] for name in shown]), {"rows": dots},
                        f"Dots for {over} in {len(shown)} dimensions, {year}, 0 to 1. They are furthest apart in "
                        f"{widest}, by {spread[widest]:.2f}.", "Dot chart of all dimensions for the chosen places")}
    ranked = list(dict.fromkeys([*systems, last]))
    ranks = {name: now[name].rank(ascending=False, method="min") for name in ranked}
    table = plain_table(["Measure", *names[chosen]], [
        *([labels[name], *(now[name][code] for code in chosen)] for name in values),
        *([f"Rank: {labels[name]}", *(int(ranks[name][code]) for code in chosen)] for name in ranked)],
        "All scores of the chosen places in the chosen year.")
    says = f"{labels[last]}, {year}: " + ", ".join(
        f"{names[code]} {now[last][code]:.2f}" for code in now[last][chosen].sort_values(
            ascending=False).index) + "."
    if len(years) == 1:
        del views["lines"]
    lined = ("Above: one score over the years; the line marks the year of the dots. Below: all" if len(years) > 1 else
             "All")
    caption = (f"{many.capitalize()} of your choice side by side. {lined} {len(shown)} dimensions in one year. Each "
               f"place keeps its colour and its shape. Source: {SOURCE[0].lower()}{SOURCE[1:]}")
    data = {"years": years, "codes": codes, "names": names[codes].to_dict(), "labels": labels, "dimensions": shown,
            "ranked": ranked, "palette": PALETTE, "shapes": SHAPES,
            "values": {name: frame.to_numpy().tolist() for name, frame in wide.items()}}
    return Live("compare", controls, says, views, table, data, caption)


def map_through_time(result: Evaluation, up: str = "", year: int | None = None,
                     opens: str = "each opens its page") -> Live:
    """Every score and indicator on the tile map, year by year, with value, unit, rank and source of each tile."""
    study, year, years = result.study, result.year(year), list(result.study.years)
    last = _last(result)
    spots, mapped = tile_places(study.regions, result.standing[result.overall.name].xs(year, level="year"))
    codes, names = list(spots.index), study.regions["name"]
    measures = _measures(result, codes, years)
    first = measures[last]
    now = pd.Series([row[years.index(year)] for row in first["values"]], index=codes)
    everything = np.array(first["values"], float)
    span = (np.nanmin(everything), np.nanmax(everything))
    labels = {code: f"{names[code]}: {now[code]:.2f}" if pd.notna(now[code]) else f"{names[code]}: no score"
              for code in codes}
    body = (f'<div class="nqp-map">{tile_list(study, spots, now, span, labels, up)}</div>'
            '<p class="nqp-told" aria-hidden="true">Point at a tile for value, unit, rank and source.</p>')
    by_group: dict[str, list] = {}
    for name, measure in measures.items():
        by_group.setdefault(measure["group"], []).append((name, measure["label"]))
    controls = group("What, and when",
                     choice("map", "measure", "Score or indicator", list(by_group.items()), last),
                     slider("map", "year", "Year", year, years[0], years[-1], 1, 0))
    order = now.rank(ascending=False, method="min")
    best, worst = now.idxmax(), now.idxmin()
    says = (f"{first['label']}, {year}: rank 1 {names[best]} ({now[best]:.3f}), rank {int(order.max())} {names[worst]} "
            f"({now[worst]:.3f}).")
    table = plain_table([study.unit["one"].capitalize(), "Value", "Unit", "Rank", "Source"], [
        [names[code], now[code], "", int(order[code]) if pd.notna(order[code]) else "–", SOURCE]
        for code in now.sort_values(ascending=False).index], "The chosen measure in the chosen year.")
    focus = study.groups[study.focus]["label"]
    caption = (f"Any score or indicator of {len(codes)} {study.unit['many']}, {years[0]}–{years[-1]}. The colours keep "
                f"their meaning through the years: the stronger, the higher the value. The group {focus} is framed. "
                f"Tiles {tile_words(mapped, result.overall.short)}; {opens}. Source: for scores, own "
                "computation; for indicators, the publications named with each tile.")
    data = {"years": years, "codes": codes, "names": [names[code] for code in codes], "ramp": ramp(),
            "unknown": UNKNOWN, "tile": TILE,
            "measures": {name: {key: value for key, value in measure.items() if key != "group"}
                         for name, measure in measures.items()}}
    return Live("map", controls, says, {}, table, data, caption, body=body)


def _last(result) -> str:
    """The measure that a figure shows at rest: D, or the only score."""
    return result.overall.short if result.coupled else result.overall.name


def _scores(result) -> tuple[dict, dict]:
    """Measure → wide frame (code × year), and measure → label: scores, coordination degree, dimensions."""
    frames = {name: result.systems[name] for name in result.systems}
    labels = {name: parts["label"] for name, parts in result.framework.systems.items()}
    if result.coupled:
        frames["D"], labels["D"] = result.coupling["coordination"], result.overall.label
    for name, row in result.framework.dimensions().iterrows():
        frames[name], labels[name] = result.dimensions[name], row["label"]
    return {name: column.unstack("year") for name, column in frames.items()}, labels


def _measures(result, codes, years) -> dict:
    frames, labels = _scores(result)
    one, dimensions = result.study, result.framework.dimensions()
    found = {}
    for name, frame in frames.items():
        kind = "Dimensions, 0 to 1" if name in dimensions.index else "Scores, 0 to 1"
        found[name] = {"label": labels[name], "unit": "", "group": kind, "direction": 1, "log": False, "digits": 2,
                       "source": f"Source: {SOURCE[0].lower()}{SOURCE[1:]}", "bridged": [],
                       "values": frame.reindex(index=codes, columns=years).to_numpy().tolist()}
    formulas = result.framework.formulas()
    origins = one.figures[one.figures["year"].isin(years)].groupby("series")["source"].unique()
    for name, entry in result.framework.indicators().iterrows():
        frame = result.indicators[name].unstack("year").reindex(index=codes, columns=years)
        filled = result.bridged[name]
        sources = dict.fromkeys(one.sources.at[key, "publication"] for series in sorted(formulas[name].series)
                                for key in origins.get(series, []))
        positive = bool(frame.min(axis=None) > 0)
        found[name] = {"label": entry["label"], "unit": entry["unit"], "direction": entry["direction"], "digits": 3,
                       "group": dimensions.at[entry["dimension"], "label"],
                       "log": bool(entry["transform"] == "log" and positive),
                       "source": "Sources: " + "; ".join(sources) + ".",
                       "bridged": [f"{code}:{year}" for code, year in filled[filled].index],
                       "values": frame.to_numpy().tolist()}
    return found


def _first_choice(result, codes, year) -> list[str]:
    """The study's default region and the one nearest to it."""
    wanted = result.study.settings.get("default_region")
    code = result.study.resolve(wanted) if wanted else codes[0]
    return [code, result.peers(code, year, 1).index[0]]


def _lines(years):
    x = alt.X("year:Q", title=None, scale=alt.Scale(domain=[years[0], years[-1]], nice=False),
              axis=alt.Axis(format="d", values=years[:: max(1, len(years) // 4)], grid=False))
    y = alt.Y("value:Q", title="0 to 1", scale=alt.Scale(domain=[0, 1], nice=False))
    rows, colour = alt.Chart(alt.NamedData(name="rows")), alt.Color("colour:N", scale=None)
    tips = [alt.Tooltip("name:N", title="place"), "year:Q", alt.Tooltip("value:Q", format=".4f")]
    line = rows.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour)
    dots = rows.mark_point(filled=True, size=48, opacity=1).encode(
        x=x, y=y, color=colour, shape=alt.Shape("shape:N", scale=None), tooltip=tips)
    words = alt.Chart(alt.NamedData(name="ends")).mark_text(align="left", dx=9, fontSize=12, fontWeight="bold").encode(
        x=x, y="y:Q", text="name:N", color=colour)
    now = alt.Chart(alt.NamedData(name="now")).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(x=x)
    chart = styled((now + line + dots + words).properties(width="container", height=260))
    return chart.properties(padding={"left": 5, "top": 5, "bottom": 5, "right": 105})


def _profile(order):
    rows, colour = alt.Chart(alt.NamedData(name="rows")), alt.Color("colour:N", scale=None)
    y = alt.Y("label:N", sort=order, title=None, scale=alt.Scale(domain=order),
              axis=alt.Axis(ticks=False, domain=False, grid=True, labelPadding=8, labelLimit=170))
    x = alt.X("value:Q", title="0 to 1", scale=alt.Scale(domain=[0, 1], nice=False),
              axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f"))
    tips = [alt.Tooltip("name:N", title="place"), alt.Tooltip("label:N", title="dimension"),
            alt.Tooltip("value:Q", format=".4f")]
    return styled(rows.mark_point(filled=True, size=120, opacity=0.9, stroke=WHITE, strokeWidth=0.8).encode(
        x=x, y=y, color=colour, shape=alt.Shape("shape:N", scale=None), tooltip=tips).properties(
        width="container", height=34 * len(order)))
