"""Live figures of the scores: other weights, two scores of one's own, raised levers."""

import altair as alt
import numpy as np
import pandas as pd
from scipy.stats import qmc

from nqpkit import coupling as cpl
from nqpkit.book.live import (
    ACCENT,
    INK,
    MUTED,
    PALETTE,
    WHITE,
    Live,
    View,
    choice,
    group,
    legend,
    on_page,
    slider,
    styled,
    tick,
)
from nqpkit.book.markup import plain_table
from nqpkit.evaluation import FLOOR, Evaluation
from nqpkit.levers import chosen_levers, fastest_pace, lever_needs, targets
from nqpkit.overall import standing
from nqpkit.scenario import what_if
from nqpkit.uncertainty import rank_intervals

FULL, EQUAL = 10, 5
CELLS, CLOUD = 24, 400
OTHER, PLACE = on_page("#87929c"), on_page("#5d6b77")
FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1]
SOURCE = "Source: own computation on the study's official figures."


def weights_explorer(result: Evaluation, year: int | None = None) -> Live:
    """Sliders for the weights of all dimensions; scores, overall score, grade and rank of all regions follow.

    The browser computes what `scoring.aggregate` and `coupling.coordination_degree` do. The rank interval is the one
    of `uncertainty.rank_intervals`: how far random weights move the chosen region.
    """
    study, year, overall = result.study, result.year(year), result.overall
    systems, final, rank, coupled = _systems(result), overall.name, overall.rank, overall.coupled
    dimensions = [(name, label) for system in systems for name, label in system["dimensions"]]
    scores = result.dimensions.xs(year, level="year")[[name for name, _ in dimensions]].dropna()
    at_rest = standing(_aggregated(result, scores), result.options.coupling)
    spans = rank_intervals(result, year).reindex(at_rest.index)
    code = _default(result, at_rest.index)
    names = study.regions.loc[at_rest.index, "name"]
    rows = []
    low, high = spans.loc[code, [f"{rank}_low", f"{rank}_high"]]
    for place, (key, row) in enumerate(at_rest.sort_values(rank).iterrows()):
        rows.append({"name": names[key], "place": place, "d": row[final], "equal": row[final],
                     **{f"u{n}": row[system["name"]] for n, system in enumerate(systems)},
                     "inside": bool(low <= place + 1 <= high), "colour": _colour(study, key, code),
                     "words": f"{row[final]:.3f}", "rank": row[rank], **({"grade": row["grade"]} if coupled else {})})
    word, many = study.unit["one"], study.unit["many"]
    controls = "".join(group(system["label"], *(
        slider("weights", f"w{place}", label, EQUAL, 0, FULL, 1, 0) for place, (_, label) in enumerate(dimensions)
        if label in dict(map(reversed, system["dimensions"])))) for system in systems)
    controls += group("Show", _region_choice("weights", result, at_rest.index, code), choice(
        "weights", "order", "In the order of", list(({final: overall.label} | {
            system["name"]: system["label"] for system in systems}).items()), final))
    chosen = at_rest.loc[code]
    best, worst = rows[0], rows[-1]
    focus = study.groups[study.focus]["label"]
    alt_text = (f"Bar chart of {overall.title_phrase} in {year}, from 0 to 1, for {len(rows)} {many}, highest "
                f"first, "
                f"at equal weights: from {best['name']}, {best['d']:.2f}, to {worst['name']}, {worst['d']:.2f}. "
                f"{names[code]} has {chosen[final]:.2f}.")
    marks = "; " + ", ".join(f"{shape} {system['short']}" for shape, system in zip(
        ("ring", "filled dot"), systems, strict=False)) if coupled else ""
    caption = (f"{overall.label} of {len(rows)} {many}, {year}, with weights of your own. The bar is "
               f"{overall.short if coupled else 'the score'}{marks}. "
               f"The {word} that you chose has the colour of the letters, the group {focus} is red; the tick is "
               f"{'D' if coupled else 'the score'} at equal weights, the arrow the change of rank against it. The "
               f"shaded rows are the ranks that the chosen {word} takes in nine of ten random sets of weights. Only "
               f"the proportion of the weights within a score counts. {SOURCE}")
    columns = {system["name"]: system["short"] for system in systems}
    columns |= {final: "D", "grade": "Grade of D"} if coupled else {}
    table = plain_table([word.capitalize(), *columns.values(), "Rank", "Rank at equal weights"],
                        [[names[key], *(row[column] for column in columns), row[rank], row[rank]]
                         for key, row in at_rest.sort_values(rank).iterrows()],
                        f"The same, for every place: {'scores, coordination degree, grade' if coupled else 'score'} "
                        "and rank.")
    says = (f"{names[code]}: {overall.short} {chosen[final]:.3f}{_graded(chosen)}, rank {chosen[rank]} of "
            f"{len(rows)}; with random weights, rank {low:.0f} to {high:.0f}.")
    data = {
        "year": year, "floor": FLOOR, "aggregate": _mean(result), "form": result.options.coupling,
        "grades": cpl.GRADES if coupled else [],
        "systems": [{**system, "dimensions": [dimensions.index(pair) for pair in system["dimensions"]]}
                    for system in systems],
        "regions": [{"code": key, "name": names[key], "focus": bool(study.regions.at[key, "group"] == study.focus),
                     "dimensions": scores.loc[key].tolist(), "low": spans.at[key, f"{rank}_low"],
                     "high": spans.at[key, f"{rank}_high"]} for key in at_rest.index],
        "colours": _colours()}
    meaning = legend(
        ("bar", INK, f"{overall.short} of the chosen {word}"), ("bar", ACCENT, focus), ("bar", OTHER, "all others"),
        *((shape, INK, system["short"]) for shape, system in zip(("ring", "dot"), systems, strict=False) if coupled),
        ("tick", INK, "at equal weights"), ("band", ACCENT, "nine in ten random weights"))
    view = View(_ranking(systems, year, len(rows)), {"rows": rows}, alt_text,
                f"Bar chart of {overall.short}, highest first; the table below has its numbers", meaning)
    return Live("weights", controls, says, {"bars": view}, table, data, caption)


def playground(result: Evaluation, year: int | None = None) -> Live:
    """Two scores by slider: the degrees of coupling and coordination, and what chance would give.

    The benchmark in the browser is the one of `coupling.random_benchmark`, on the same 1,024 points.
    """
    study, year = result.study, result.year(year)
    systems = _systems(result)
    if len(systems) != 2:
        raise KeyError("the coupling playground needs a study of two systems")
    form = result.options.coupling
    first, second = (system["short"] for system in systems)
    now = result.systems.xs(year, level="year").dropna().set_axis(["x", "y"], axis=1)
    code = _default(result, now.index)
    names, own = study.regions.loc[now.index, "name"], now.loc[code]
    degrees = _degrees(now)
    edges = np.linspace(0, 1, CELLS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    grid = pd.DataFrame([(x, y) for x in middles for y in middles], columns=["x", "y"])
    cells = grid.assign(x2=grid["x"] + 0.5 / CELLS, x=grid["x"] - 0.5 / CELLS, y2=grid["y"] + 0.5 / CELLS,
                        y=grid["y"] - 0.5 / CELLS, d=cpl.coordination_degree(grid, form=form)).round(4)
    pairs = pd.DataFrame(qmc.Sobol(d=2, scramble=False).random(512)[1:CLOUD + 1], columns=["x", "y"])
    cloud = pairs.assign(d=cpl.coordination_degree(pairs, form=form)).round(4)
    steps = pd.Series(np.linspace(0, 1, 41))
    band = cpl.random_benchmark(steps, form).assign(x=steps).round(4)
    focus = study.groups[study.focus]["label"]
    places = [{"name": names[key], "x": row["x"], "y": row["y"], "d": degrees.at[key, f"D {form}"],
               "colour": ACCENT if study.regions.at[key, "group"] == study.focus else PLACE}
              for key, row in now.iterrows()]
    you = [{"x": own["x"], "y": own["y"], "d": degrees.at[code, f"D {form}"], "name": "your point"}]
    chance = cpl.random_benchmark(pd.Series([own["x"]]), form).iloc[0]
    inside = int(((result.coupling.xs(year, level="year")["coordination"] <=
                   result.coupling.xs(year, level="year")["random_high"])).sum())
    plane = View(_plane(first, second), {"cells": cells.to_dict("records"), "places": places, "you": you},
                 f"Plane of two scores, {first} across and {second} upwards, 0 to 1; the stronger the background, the "
                 f"higher D. {len(places)} {study.unit['many']} as points, from {names[now['x'].idxmin()]}, {first} "
                 f"{now['x'].min():.2f}, to {names[now['x'].idxmax()]}, {now['x'].max():.2f}.",
                 "Plane of the two scores with every region and your point",
                 legend(("diamond", INK, "your point"), ("dot", ACCENT, focus), ("dot", PLACE, "all others")))
    chances = View(_chances(first), {"band": band.to_dict("records"), "cloud": cloud.to_dict("records"),
                                     "places": places, "you": you},
                   f"D against {first}, 0 to 1. A cloud of {CLOUD} random pairs of scores; a band holds nine in ten "
                   f"of the "
                   f"D that a random second score gives. In {inside} of {len(places)} {study.unit['many']} D does not "
                   "lie above the band.", "D against the first score, with the cloud of random pairs",
                   legend(("band", MUTED, "nine in ten random partners"), ("cloud", MUTED, "random pairs")))
    options = [("", "a point of your own"), *_region_options(result, now.index)]
    controls = group("Two scores", slider("playground", "x", systems[0]["label"], round(own["x"], 3), 0, 1, 0.001, 3),
                     slider("playground", "y", systems[1]["label"], round(own["y"], 3), 0, 1, 0.001, 3),
                     choice("playground", "region", "Put the point where this one lies", options, code))
    own_degrees = degrees.loc[code]
    table = plain_table(["Quantity", "Value"], [
        [first, own["x"]], [second, own["y"]], ["C, standard form", own_degrees["C standard"]],
        ["C, modified form", own_degrees["C modified"]], ["T, mean of the two", own_degrees["T"]],
        ["D, standard form", own_degrees["D standard"]], ["D, modified form", own_degrees["D modified"]],
        ["Grade of D, modified form", own_degrees["grade"]],
        ["D with a random second score, 5th percentile", chance["low"]],
        ["D with a random second score, median", chance["median"]],
        ["D with a random second score, 95th percentile", chance["high"]]], "Your point.")
    head = [study.unit["one"].capitalize(), first, second, "C standard", "C modified", "T", "D standard", "D modified",
            "Grade"]
    everywhere = plain_table(head, [[names[key], *row, *degrees.loc[key, ["C standard", "C modified", "T", "D standard",
                                                                          "D modified", "grade"]]]
                                    for key, row in now.iterrows()], f"Where each {study.unit['one']} lies, {year}.")
    says = (f"C is {own_degrees['C standard']:.2f} in the standard form and {own_degrees['C modified']:.2f} in the "
            f"modified form; T {own_degrees['T']:.2f}; D {own_degrees[f'D {form}']:.2f}, "
            f"{cpl.coordination_grade(own_degrees[[f'D {form}']]).iloc[0]}. With a random second score D would lie "
            f"between {chance['low']:.2f} and {chance['high']:.2f} in nine cases of ten.")
    caption = (f"A playground for C, T and D. Above: {first} and {second}; the stronger the ground, the higher D. "
               f"Below: D against {first}; the grey cloud are random pairs, the band holds nine in ten of the D that a "
               f"random partner gives. Small points: {study.unit['many']} in {year}, "
               f"{focus} in red. Diamond: your point. D in the {form} form. {SOURCE}")
    data = {"form": form, "grades": cpl.GRADES, "first": first, "second": second,
            "places": {key: [row["x"], row["y"]] for key, row in now.iterrows()}}
    return Live("playground", controls, says, {"plane": plane, "chances": chances}, table + everywhere, data, caption)


def scenario_levers(result: Evaluation, year: int | None = None) -> Live:
    """Levers of one region raised by slider toward a group's median or a peer; the browser does what `what_if` does."""
    study, year, overall = result.study, result.year(year), result.overall
    names = chosen_levers(result, "all")
    about = result.framework.indicators()
    values = result.indicators.xs(year, level="year")
    now = standing(result.systems.xs(year, level="year"), result.options.coupling)
    code = _default(result, now.index)
    found = what_if(result, code, "all", target=code, year=year)  # nothing moves: the state of rest
    paths = {path: entry for path, entry in result.framework.paths.items() if set(entry["levers"]) & set(names)}
    pace = fastest_pace(result)["pace"].reindex(names)
    panel, needs = study.panel(), {name: lever_needs(result, name) for name in names}
    behind = {name: panel[need["series"]] if need["series"] else {} for name, need in needs.items()}
    system_rows = [(name, label) for system in _systems(result) for name, label in system["dimensions"]]
    moving = sorted({about.at[name, "dimension"] for name in names}, key=[n for n, _ in system_rows].index)
    labels = dict(system_rows)
    aims = {f"group:{key}": {"label": f"{words['label']}: median", "values": targets(result, names, key, year).tolist()}
            for key, words in study.groups.items()}
    controls = group(
        "Who, and how far",
        _region_choice("scenario", result, now.index, code),
        choice("scenario", "target", "Toward", [
            ("Group", [(key, aim["label"]) for key, aim in aims.items()]),
            (study.unit["one"].capitalize(), _region_options(result, now.index))], f"group:{result.reference_group}"),
        tick("scenario", "feasible", "No faster than anyone moved in five years"))
    controls += group("How much of the way", *(
        slider("scenario", f"path-{path}", entry["label"], 0, 0, 100, 1, 0, " %") for path, entry in paths.items()))
    single = group("Levers", *(
        slider("scenario", f"lever-{name}", about.at[name, "label"], 0, 0, 100, 1, 0, " %") for name in names))
    controls += f'<details class="nqp-single"><summary>Each lever by itself</summary>{single}</details>'
    before = found.before
    systems = _systems(result)
    scores = {**{name: result.dimensions.at[(code, year), name] for name in moving},
              **{system["name"]: before[system["name"]] for system in systems},
              **({"D": before["coordination"]} if overall.coupled else {})}
    called = {**{name: labels[name] for name in moving}, **{s["name"]: s["short"] for s in systems},
              **({"D": overall.label} if overall.coupled else {})}
    rows = [{"label": called[key], "place": place, "before": value, "after": value, "words": f"{value:.3f}"}
            for place, (key, value) in enumerate(scores.items())]
    region = study.regions.at[code, "name"]
    drawing = View(_dumbbells(list(called.values())), {"rows": rows},
                   f"Scores of {region} in {year}, from 0 to 1, before a lever is raised: " + ", ".join(
                       f"{row['label']} {row['before']:.2f}" for row in rows) + ".",
                   "Scores before and after; the table below has the numbers",
                   legend(("ring", INK, "before"), ("dot", ACCENT, "after")))
    first = systems[0]["short"]
    moves = [f"Change of {short} alone" for short in dict.fromkeys([first, "D" if overall.coupled else first])]
    table = plain_table(["Lever", "Path", "Now", "Raised to", "Unit", *moves, "In words"],
                        [[row["label"], (paths.get(row["path"]) or {"label": "–"})["label"], row["value"],
                          row["reached"], row["unit"], *[0.0] * len(moves),
                          row["line"].replace("already at or beyond the target", "not raised")]  # as the script says it
                         for _, row in found.levers.iterrows()], "The levers one by one.")
    ranked = {s["name"]: s["short"] for s in systems} | ({"coordination": "D"} if overall.coupled else {})
    outcome = plain_table(["Quantity", "Before", "After", "Change"], [
        *([called[key], value, value, 0.0] for key, value in scores.items()),
        *([f"Rank of {words}", before[f"rank_{key}"], before[f"rank_{key}"], 0] for key, words in ranked.items()),
        *([["Grade of D", before["grade"], before["grade"], "none"]] if overall.coupled else [])],
        "Scores, ranks and grade." if overall.coupled else "Scores and ranks.")
    degree = f", D {before['coordination']:.3f}" if overall.coupled else ""
    says = (f"{region}, {year}: {first} {before[systems[0]['name']]:.3f}{degree}{_graded(before)}, rank "
            f"{before[overall.rank]} of {len(now)}. No lever is raised.")
    caption = (f"What if: levers of one {study.unit['one']} raised toward a target, all else equal, {year}. Ring: "
               f"before. "
               f"Dot: after. Goalposts, weights and all other {study.unit['many']} stay where they are. Arithmetic, "
               f"not a "
               f"forecast. {found.note} {SOURCE}")
    data = {
        "floor": FLOOR, "aggregate": _mean(result), "form": result.options.coupling,
        "grades": cpl.GRADES if overall.coupled else [],
        "year": year, "first": first, "note": found.note, "shown": list(scores), "called": called, "complete": 0.6,
        "indicators": [{"name": name, "dimension": row["dimension"], "within": row["within"]}
                       for name, row in result.weights.iterrows()],
        "systems": [{"name": s["name"], "short": s["short"], "dimensions": [
            {"name": name, "weight": result.weights.loc[result.weights["dimension"] == name, "weight"].sum()}
            for name, _ in s["dimensions"]]} for s in systems],
        "levers": [{"name": name, "label": about.at[name, "label"], "unit": about.at[name, "unit"],
                    "direction": about.at[name, "direction"], "log": about.at[name, "transform"] == "log",
                    "low": result.goalposts.at["low", name], "high": result.goalposts.at["high", name],
                    "pace": pace[name], "path": (about.at[name, "lever"] or {}).get("path"),
                    "pathLabel": (paths.get((about.at[name, "lever"] or {}).get("path")) or {"label": "–"})["label"],
                    **needs[name]} for name in names],
        "regions": {key: {"name": study.regions.at[key, "name"], "values": values.loc[key, names].tolist(),
                          "normalised": result.normalised.loc[(key, year), result.weights.index].tolist(),
                          "amounts": [behind[name].get((key, year)) for name in names]} for key in now.index},
        "targets": {**{key: aim["values"] for key, aim in aims.items()},
                    **{key: values.loc[key, names].tolist() for key in now.index}},
        "scores": {key: [now.at[key, s["name"]] for s in systems] for key in now.index}}
    return Live("scenario", controls, says, {"scores": drawing}, outcome + table, data, caption)


def _systems(result):
    labels = result.framework.dimensions()["label"]
    return [{"name": name, "label": parts["label"], "short": name.upper(),
             "dimensions": [(dimension, labels[dimension]) for dimension in parts["dimensions"]]}
            for name, parts in result.framework.systems.items()]


def _aggregated(result, dimensions) -> pd.DataFrame:
    """System scores with equal weights of the dimensions."""
    from nqpkit.scoring import aggregate

    method = _mean(result)
    floor = None if method == "arithmetic" else FLOOR
    return pd.DataFrame({s["name"]: aggregate(dimensions[[n for n, _ in s["dimensions"]]], method=method, floor=floor)
                         for s in _systems(result)})


def _graded(standing) -> str:
    """A comma and the grade, where there is one."""
    return f", {standing['grade']}" if "grade" in standing else ""


def _mean(result):
    method = result.options.aggregate
    if method == "topsis":
        raise KeyError("live figures know means across dimensions, not TOPSIS")
    return method


def _default(result, codes):
    wanted = result.study.settings.get("default_region")
    code = result.study.resolve(wanted) if wanted else codes[0]
    return code if code in codes else codes[0]


def _region_options(result, codes):
    regions = result.study.regions.loc[codes].sort_values("name")
    return [(code, name) for code, name in regions["name"].items()]


def _region_choice(figure, result, codes, chosen, name="region", label=None):
    return choice(figure, name, label or result.study.unit["one"].capitalize(), _region_options(result, codes), chosen)


def _colours():
    return {"chosen": INK, "focus": ACCENT, "other": OTHER}


def _colour(study, key, chosen):
    in_focus = study.regions.at[key, "group"] == study.focus
    return _colours()["chosen" if key == chosen else "focus" if in_focus else "other"]


def _degrees(u) -> pd.DataFrame:
    frame = pd.DataFrame({"T": cpl.development(u)})
    for form in ("standard", "modified", "fan"):
        frame[f"C {form}"] = cpl.coupling_degree(u, form)
        frame[f"D {form}"] = cpl.coordination_degree(u, form=form)
    return frame.assign(grade=cpl.coordination_grade(frame["D modified"]).astype(object))


def _ranking(systems, year, count):
    chart = alt.Chart(alt.NamedData(name="rows"))
    place = alt.Y("name:N", sort=alt.EncodingSortField("place", op="min"), title=None,
                  axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
    scale = alt.Scale(domain=[0, 1.17], nice=False)
    across = alt.X("d:Q", stack=None, scale=scale, title=f"0 to 1, {year}", axis=_fifths(grid=True))
    coupled = len(systems) > 1
    tips = [alt.Tooltip("name:N", title="place"),
            alt.Tooltip("d:Q", title="D" if coupled else systems[0]["short"], format=".4f"),
            *(["grade:N"] if coupled else []), "rank:Q",
            *(alt.Tooltip(f"u{n}:Q", title=system["short"], format=".4f")
              for n, system in enumerate(systems if coupled else []))]
    inside = chart.mark_bar(color=ACCENT, height={"band": 1}).encode(
        y=place, x=alt.X(datum=0), x2=alt.X2(datum=1.17),
        opacity=alt.condition("datum.inside", alt.value(0.13), alt.value(0)))
    bars = chart.mark_bar(height={"band": 0.62}).encode(
        y=place, x=across, tooltip=tips, color=alt.Color("colour:N", scale=None))
    ticks = chart.mark_tick(color=INK, thickness=2, height={"band": 0.9}).encode(y=place, x=alt.X("equal:Q"))
    dots = [chart.mark_point(size=42, filled=True, fill=INK if filled else WHITE,
                             stroke=WHITE if filled else INK, opacity=1,
                             strokeWidth=1.2).encode(y=place, x=alt.X(f"u{n}:Q"), tooltip=tips)
            for n, filled in zip(range(len(systems) if coupled else 0), (False, True), strict=False)]
    words = chart.mark_text(align="left", dx=4, color=INK, fontSize=11).encode(
        y=place, x=alt.X(datum=1.01), text="words:N")
    return styled(alt.layer(inside, bars, ticks, *dots, words).properties(width="container", height=19 * count))


def _fifths(grid: bool = False):
    return alt.Axis(grid=grid, values=FIFTHS, format=".1f")


def _plane(first, second):
    x = alt.X("x:Q", title=first, scale=alt.Scale(domain=[0, 1], nice=False), axis=_fifths())
    y = alt.Y("y:Q", title=second, scale=alt.Scale(domain=[0, 1], nice=False), axis=_fifths())
    cells = alt.Chart(alt.NamedData(name="cells")).mark_rect(color=PALETTE[1]).encode(
        x=x, x2="x2:Q", y=y, y2="y2:Q", tooltip=[alt.Tooltip("d:Q", title="D here", format=".2f")],
        opacity=alt.Opacity("d:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 0.6]), legend=alt.Legend(
            title="D", values=FIFTHS, format=".1f", symbolType="square", symbolSize=220, symbolStrokeWidth=0,
            symbolFillColor=PALETTE[1])))
    return styled((cells + _points("x", "y")).properties(width="container", height=330))


def _chances(first):
    x = alt.X("x:Q", title=first, scale=alt.Scale(domain=[0, 1], nice=False), axis=_fifths())
    y = alt.Y("d:Q", title="D", scale=alt.Scale(domain=[0, 1], nice=False), axis=_fifths(grid=True))
    band = alt.Chart(alt.NamedData(name="band")).mark_area(color=MUTED, opacity=0.22).encode(
        x=x, y=alt.Y("low:Q", title="D"), y2="high:Q")
    cloud = alt.Chart(alt.NamedData(name="cloud")).mark_circle(color=MUTED, size=9, opacity=0.55).encode(x=x, y=y)
    return styled((band + cloud + _points("x", "d")).properties(width="container", height=300))


def _points(x, y):
    tips = [alt.Tooltip("name:N", title="place"), *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("x", "y", "d"))]
    places = alt.Chart(alt.NamedData(name="places")).mark_circle(
        size=46, opacity=0.9, stroke=WHITE, strokeWidth=0.7).encode(
        x=f"{x}:Q", y=f"{y}:Q", color=alt.Color("colour:N", scale=None), tooltip=tips)
    you = alt.Chart(alt.NamedData(name="you")).mark_point(
        shape="diamond", size=190, filled=True, fill=INK, stroke=WHITE, strokeWidth=1.5, opacity=1).encode(
        x=f"{x}:Q", y=f"{y}:Q", tooltip=tips)
    return places + you


def _dumbbells(order):
    chart = alt.Chart(alt.NamedData(name="rows"))
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(
        ticks=False, domain=False, labelPadding=8, labelLimit=180))
    scale = alt.Scale(domain=[0, 1], nice=False)
    line = chart.mark_rule(strokeWidth=4, color=ACCENT, opacity=0.5).encode(
        y=y, x=alt.X("before:Q", scale=scale, title="0 to 1", axis=_fifths(grid=True)), x2="after:Q")
    ring = chart.mark_point(size=90, filled=True, fill=WHITE, stroke=INK, strokeWidth=2, opacity=1).encode(
        y=y, x="before:Q")
    dot = chart.mark_circle(size=90, color=ACCENT, opacity=1).encode(y=y, x="after:Q")
    side = "datum.after > 0.75 ? 'right' : datum.after < 0.2 ? 'left' : 'center'"
    words = chart.mark_text(align=alt.expr(side), dy=-13, fontSize=12, color=INK).encode(
        y=y, x="after:Q", text="words:N")
    return styled((line + dot + ring + words).properties(width="container", height=40 * len(order)))
