"""Sentences of a region's report: every number, rank and direction word is computed from the evaluation.

Each function takes an evaluation and a region (and a year where it speaks of one) and returns `Prose`, which a
notebook shows as Markdown. Text that comes from a study is escaped.
"""

import pandas as pd

from nqpkit.claims import ledger, stamp
from nqpkit.evaluation import Evaluation
from nqpkit.scenario import what_if
from nqpkit.uncertainty import rank_intervals
from nqpkit.wording import Prose, compare, counted, ended, joined, raised, safe, signed, verb

ALIKE = 0.25
FOLDED = 6  # a longer list of publications, or of marked figures, is folded


def headline(result: Evaluation, region: str, year: int | None = None) -> Prose:
    """Three sentences: where the region stands, how its systems go together, what holds it back."""
    year, (code, row) = result.year(year), _row(result, region)
    said = (_standing(result, code, row, year), _together(result, code, row, year), _leading(result, code, row, year))
    return Prose(" ".join(filter(None, said)))


def movement(result: Evaluation, region: str) -> Prose:
    """How the scores moved since the first scored year, and against the median of the region's group."""
    code, row = _row(result, region)
    if len(result.study.years) == 1:
        return Prose(f"The study scores one year, {result.year()}, so there is no course over the years to show.")
    own = result.systems.xs(code, level="code")
    group = result.systems[result.groups() == row["group"]].groupby(level="year").median()
    label, sentences = safe(result.study.groups[row["group"]]["label"]), []
    for system, parts in result.framework.systems.items():
        series, median = own[system].dropna(), group[system]
        if series.empty:
            sentences.append(f"{safe(parts['label'])} has no score in any year.")
            continue
        first, last = series.index[0], series.index[-1]
        change, typical = series.iloc[-1] - series.iloc[0], median[last] - median[first]
        faster = compare(change - typical, "more than", "less than", "about as much as")
        sentences.append(
            f"{safe(parts['label'])} {verb(change)} from {series.iloc[0]:.2f} in {first} to {series.iloc[-1]:.2f} in "
            f"{last}, {faster} the median of the group {label} ({signed(typical)}).")
    sentences.append("Scores compare with each other, not with a target: 0 and 1 are the lowest and highest values "
                     f"among all {result.study.unit['many']} and years. Where an indicator is a ratio to an amount "
                     "at current prices, part of its movement is the price level.")
    return Prose(" ".join(sentences))


def dimension(result: Evaluation, region: str, name: str, year: int | None = None) -> Prose:
    """One dimension: score, rank, the indicator nearest to and the one farthest from the reference group's median."""
    year, (code, row) = result.year(year), _row(result, region)
    scores = result.dimensions[name].xs(year, level="year")
    label = safe(result.framework.dimensions().loc[name, "label"])
    if pd.isna(scores[code]):
        return Prose(f"**{label}** has no score in {year}: too few of its indicators are published.")
    members = result.weights.index[result.weights["dimension"] == name]
    z = result.normalised[members]
    gap = (z.loc[(code, year)] - result.reference(z).loc[(code, year)]).dropna()
    labels = result.framework.indicators()["label"].map(safe).map(result.study.said)
    group = safe(result.study.groups[result.reference_group]["label"])
    rank = int(scores.rank(ascending=False, method="min")[code])
    text = f"**{label}** scores {scores[code]:.2f}, rank {rank} of {scores.notna().sum()}."
    reached = gap[gap >= 0]
    if row["group"] == result.reference_group:
        if len(gap) == 1:
            text += f" Its one indicator {'reaches' if len(reached) else 'does not reach'} the median of its own group."
        else:
            some = counted(len(reached)).capitalize() if len(reached) else "None"
            text += (f" {some} of its {counted(len(gap))} indicators {'reaches' if len(reached) < 2 else 'reach'} the "
                     "median of its own group.")
    elif len(gap) == 1:
        text += f" Its one indicator {'reaches' if len(reached) else 'does not reach'} the {group} median."
    elif len(reached) == len(gap):
        text += f" All {counted(len(gap))} indicators reach the {group} median."
    elif len(reached):
        text += (f" {counted(len(reached)).capitalize()} of {counted(len(gap))} indicators "
                 f"{'reaches' if len(reached) == 1 else 'reach'} the {group} median; farthest from it: "
                 f"{labels[gap.idxmin()]}.")
    else:
        text += (f" None of its {counted(len(gap))} indicators reaches the {group} median; nearest to it: "
                 f"{labels[gap.idxmax()]}; farthest: {labels[gap.idxmin()]}.")
    return Prose(text)


def dilemmas(result: Evaluation, region: str, year: int | None = None) -> Prose:
    """What the three readings of the obstacles say, and why they can differ."""
    year, (code, _) = result.year(year), _row(result, region)
    own, group = result.dilemmas.xs((code, year)), safe(result.study.groups[result.reference_group]["label"])
    names = {key: result.study.said(safe(label)) for key, label in result.dilemma_labels.items()}
    share, relative, gap = (own[reading].idxmax() for reading in ("share", "relative", "gap"))
    text = (f"By its share of all obstacles, {names[share]} comes first ({own['share'].max():.0%}); relative to its "
            f"weight, {names[relative]} ({own['relative'].max():.2f}); by the gap to the {group} median, ")
    text += f"{names[gap]} ({own['gap'].max():.0%})." if own["gap"].sum() > 0 else "none, because there is no gap."
    spread = own["relative"].max() - own["relative"].min()
    text += (f" The first reading leans on the weights: a {safe(result.study.unit['one'])} far from the best on "
             f"everything gets little else back. Relative to their weights the lines lie {spread:.2f} apart")
    return Prose(text + (", so here it says little more than the weights do." if spread < ALIKE else "."))


def chance(result: Evaluation, region: str, year: int | None = None) -> Prose:
    """Coordination against a random index, and what it does not mean."""
    year, (code, row) = result.year(year), _row(result, region)
    if not result.coupled:
        return Prose("This study has one score, so there is nothing to couple and no degree to hold against chance.")
    now = result.coupling.loc[(code, year)]
    if pd.isna(now["coordination"]):
        return Prose(f"In {year}, {safe(row['name'])} has no complete scores, so there is no degree to hold against "
                     "chance.")
    where = _against_chance(now)
    text = (f"Coupled with an index of random numbers, the first score would give a D between {now['random_low']:.2f} "
            f"and {now['random_high']:.2f} in nine cases of ten. The actual D, {now['coordination']:.2f}, lies {where} "
            "that range. ")
    these = f"The {counted(result.systems.shape[1])} scores are"
    text += {"above": f"{these} more alike than chance would make them; a third thing behind both, such as "
                      "income, would do that too.",
             "inside": "Chance alone would do as well.",
             "below": f"{these} less alike than chance would make them."}[where]
    return Prose(text + " A high D says that two scores are high and alike. It does not say that one moves the other.")


def trust(result: Evaluation, region: str, year: int | None = None) -> Prose:
    """How far rank and grade hold when the weights are drawn at random."""
    year, (code, row), overall = result.year(year), _row(result, region), result.overall
    table = rank_intervals(result, year)
    if code not in table.index:
        return Prose("Without scores there is no rank to trust or doubt.")
    now, low, high = table.loc[code], f"{overall.rank}_low", f"{overall.rank}_high"
    width, grades = (table[high] - table[low]).median(), ""
    if overall.coupled:
        kept = (f"'{now['grade']}' in every case that counts" if now["grade_low"] == now["grade_high"] else
                f"'{now['grade']}' in {now['grade_kept']:.0%} of them, from '{now['grade_low']}' to "
                f"'{now['grade_high']}'")
        grades = f"Its grade is {kept}. "
    return Prose(
        f"With weights drawn at random, the rank of {safe(row['name'])} on "
        f"{safe(result.study.said(overall.short))} lies between {now[low]:.0f} and {now[high]:.0f} in nine of ten "
        f"draws; half of all {safe(result.study.unit['many'])} have an interval at least {width:.0f} places wide. "
        f"{grades}"
        "Where intervals overlap, the order is a matter of taste about weights, not a finding.")


def levers(result: Evaluation, region: str, year: int | None = None) -> Prose:
    """One lever a path: the one that would raise the first system's score most, with its cost line."""
    year, (code, row) = result.year(year), _row(result, region)
    if not result.framework.paths:
        return Prose("The study names no levers, so there is nothing to raise.")
    if result.systems.loc[(code, year)].isna().any():
        return Prose("Without scores there is nothing to raise.")
    scenario, first = what_if(result, region, year=year), result.systems.columns[0]
    system, items = result.study.said(safe(result.framework.systems[first]["label"])), []
    change, coupled = scenario.change, result.coupled
    for path, entry in result.framework.paths.items():
        rows = scenario.levers[scenario.levers["path"] == path]
        gain = rows[f"{first}_change"]
        if gain.empty or gain.max() <= 0:
            items.append(f"- **{safe(entry['label'])}**: every lever stands at its mark already.")
            continue
        best = rows.loc[gain.idxmax()]
        degree = f", D {signed(best['coordination_change'])}" if coupled else ""
        items.append(f"- **{safe(entry['label'])}**: {ended(safe(best['line']))} {raised(system)} "
                     f"{signed(gain.max())}{degree}.")
    group = safe(result.study.groups[result.reference_group]["label"])
    mark = "its own group's median" if row["group"] == result.reference_group else f"the {group} median"
    degree = ""
    if coupled:
        degree = f" and D by {signed(change['coordination'])}"
        if change["coordination"] <= 0 < change[first]:
            degree += ": one system far ahead of the other lowers the coupling"
    note = f"{ended(safe(scenario.note).partition('. ')[0])} " if scenario.note else ""
    return Prose("\n\n".join([
        f"If one lever of each path stood at {mark}, all else equal:", "\n".join(items),
        f"This is arithmetic of the index, not a forecast. {note}Raised all together, the levers would move {system} "
        f"by {signed(change[first])}{degree}."]))


def paper_claims(result: Evaluation, region: str) -> Prose | None:
    """What the paper says of this region, each claim with its verdict; with its heading, or nothing at all."""
    _, row = _row(result, region)
    claims, study = ledger(result), result.study
    if claims.empty or row["group"] != study.focus:
        return None
    own = claims[[row["slug"] in slugs.split(", ") for slugs in claims["regions"].fillna("")]]
    name, group = safe(row["name"]), safe(study.groups[study.focus]["label"])
    if own.empty:
        text = (f"The text of the paper does not name {name}. What it says of the {group} as a whole stands in the "
                "[claims ledger](../reference/claims.html); it need not hold here.")
    else:
        text = "\n".join(f"- {safe(claim['text'])} (section {safe(claim['section'])}) {stamp(claim, '../')}\\\n"
                         f"  {ended(raised(safe(claim['finding'])))}" for _, claim in own.iterrows())
        text += ("\n\nThe paper's sentences are put in our words. A stamp leads to the "
                 "[ledger](../reference/claims.html), which names the source.")
    return Prose(f"## What the paper says of it\n\n{text}")


def local_facts(result: Evaluation, region: str) -> Prose | None:
    """What dated sources say of this region, national lists apart from its own plans; with its heading, or nothing."""
    _, row = _row(result, region)
    note, sources = _note(result, row), result.study.notes.get("sources", {})
    parts, cited = [], {}
    for key, words in (("national", "On a list of the national government"), ("plans", "In plans of its own"),
                       ("facts", "Also on record")):
        lines = [f"- {ended(safe(fact['text']))} \\[{cited.setdefault(fact['source'], len(cited) + 1)}\\]"
                 for fact in note.get(key, [])]
        parts += [f"**{words}**", "\n".join(lines)] if lines else []
    if not parts:
        return None
    named = [f"\\[{number}\\] {safe(s['publisher'])}: {safe(s['publication'])} ({safe(s['date'])})"
             for number, s in ((number, sources[key]) for key, number in cited.items())]
    return Prose("\n\n".join(["## Clusters and facts on record", *parts, f"<small>{'; '.join(named)}.</small>"]))


def caveats(result: Evaluation, region: str) -> Prose:
    """What to keep in mind for this region: its own caveat; bridged, partial, marked, clipped and missing values."""
    code, row = _row(result, region)
    labels, items = result.framework.indicators()["label"], []
    if own := _note(result, row).get("caveat"):
        items.append(ended(safe(own)))
    for flags, words in ((result.raw.bridged, "bridges a year without a figure"),
                         (result.raw.partial, "rests on two years instead of three"),
                         (result.indicators.isna(), "is missing")):
        own = flags.xs(code, level="code")
        for indicator in own.columns[own.any()]:
            years = joined(map(str, own.index[own[indicator]]))
            items.append(f"{safe(labels[indicator])} {words} in {years}.")
    clipped = _clipped(result, code)
    if clipped:
        items.append(f"{clipped} of {result.normalised.xs(code, level='code').size} indicator values lie at or beyond "
                     f"the goalposts and count as 0 or 1: the score understates how far {safe(row['name'])} is out.")
    items.append("A rank is a place among scores that often lie close together; small differences mean nothing.")
    marks = _marks(result, code)
    if len(marks) <= FOLDED:
        return Prose(_listed([*items, *marks]))
    return Prose(f"{_listed(items)}\n\n" + _folded(
        f"{len(marks)} figures behind the scores that the study marks", _listed(marks)))


def sources(result: Evaluation, region: str) -> Prose:
    """The official publications behind this region's scored figures."""
    code, _ = _row(result, region)
    figures, study = result.study.figures, result.study
    used = figures[(figures["code"] == code) & figures["series"].isin(_scored_series(result))]
    cited = study.sources.loc[used["source"].unique()].groupby(["publisher", "publication"], sort=True)
    lines = [f"- {safe(publisher)}: {safe(publication)}" for (publisher, publication), _ in cited]
    tables = f"{len(lines)} {'table' if len(lines) == 1 else 'tables'}"
    listed = "\n".join(lines)
    if len(lines) > FOLDED:
        listed = _folded("The publications", listed)
    return Prose(f"{len(used):,} figures of {used['series'].nunique()} series, read from {tables} of official "
                 f"publications.\n\n{listed}")


def _standing(result, code, row, year):
    now, study, trust = result.scores.loc[(code, year)], result.study, rank_intervals(result, year)
    if code not in trust.index:
        return f"In {year}, {safe(row['name'])} has no score: too few figures are published."
    parts = []
    for system, words in result.framework.systems.items():
        rank, low, high = (int(trust.loc[code, f"rank_{system}{end}"]) for end in ("", "_low", "_high"))
        drawn = "" if parts else " in nine of ten random weightings"
        parts.append(f"{now[system]:.2f} for {result.study.said(safe(words['label']))} "
                     f"(rank {rank} of {len(trust)}, {low} to {high}{drawn})")
    first = next(iter(result.framework.systems))
    same = result.systems[result.groups() == row["group"]].xs(year, level="year")[first]
    rank, label = int(same.rank(ascending=False, method="min")[code]), safe(study.groups[row["group"]]["label"])
    first = " on the first" * result.coupled
    return (f"In {year}, {safe(row['name'])} scores {joined(parts)}; within the group {label} it is number {rank} of "
            f"{len(same)}{first}.")


def _together(result, code, row, year):
    if not result.coupled:
        return ""
    now = result.coupling.loc[(code, year)]
    if pd.isna(now["coordination"]):
        return f"Without {'both' if result.systems.shape[1] == 2 else 'all'} scores there is no coupling."
    lag = f"{_lag(result, now)} " if "lag" in now else ""
    return (f"{lag}Their coordination degree is {now['coordination']:.2f} ('{now['grade']}', rank "
            f"{now['rank_coordination']}), {_against_chance(now)} the range that a random partner would give.")


def _leading(result, code, row, year):
    own = result.dilemmas.xs((code, year))
    names = {key: result.study.said(safe(label)) for key, label in result.dilemma_labels.items()}
    readings = ("share", "relative", "gap") if own["gap"].sum() > 0 else ("share", "relative")
    leaders = [own[reading].idxmax() for reading in readings]
    if len(set(leaders)) == 1:
        return f"What holds it back most, in every reading, is {names[leaders[0]]}."
    said = {"share": "by share", "relative": "relative to weight", "gap": "by the gap to "
            + safe(result.study.groups[result.reference_group]["label"])}
    parts = [f"{names[who]} {said[reading]}" for reading, who in zip(readings, leaders, strict=True)]
    return f"The readings of what holds it back differ: {'; '.join(parts)}."


def _lag(result, now):
    labels = [result.study.said(safe(parts["label"])) for parts in result.framework.systems.values()]
    if now["lag"] == "in step":
        return f"The two are in step (ratio {now['ratio']:.2f})."
    lagging = labels[0] if str(now["lag"]).startswith(next(iter(result.framework.systems))) else labels[1]
    return f"{raised(lagging)} lags (ratio {now['ratio']:.2f})."


def _against_chance(now):
    if now["coordination"] > now["random_high"]:
        return "above"
    return "below" if now["coordination"] < now["random_low"] else "inside"


def _scored_series(result):
    formulas = result.framework.formulas()
    return sorted(set().union(*(formulas[name].series for name in result.weights.index)))


def _marks(result, code):
    """What the study says of the marked figures behind a region's scores, a sentence each."""
    marked = result.study.marks
    if len(marked):
        marked = marked[(marked["code"] == code) & marked["series"].isin(_scored_series(result))
                        & marked["year"].isin(result.study.years)]
    names = result.study.series["name"]
    return [f"{safe(names[mark.series])}, {mark.year} ({safe(mark.kind)}): {ended(safe(mark.explanation))}"
            for mark in marked.itertuples()]


def _listed(items):
    return "\n".join(f"- {item}" for item in items)


def _folded(head, text):
    return f'<details class="nqp-behind"><summary>{head}</summary>\n\n{text}\n\n</details>'


def _clipped(result, code):
    z = result.normalised.xs(code, level="code")
    return int(((z <= 0) | (z >= 1)).to_numpy().sum())


def _note(result, row):
    """What the study's notes say of a region; nothing if they say nothing."""
    return result.study.notes.get("regions", {}).get(row["slug"], {})


def _row(result, region):
    code = result.study.resolve(region)
    return code, result.study.regions.loc[code]
