"""Names and notations in a study that must hold together: codes, series, sources, groups, indicators, formulas."""

import re
from collections.abc import Iterator

from nqpkit import formula
from nqpkit.errors import InputError
from nqpkit.problems import Problem
from nqpkit.schema import line_of

SLUG = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = {"index", "compare", "con", "prn", "aux", "nul",  # pages of the book; names that Windows keeps
            *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
CLAIM_KINDS = ("descriptive", "figure", "causal", "normative", "prescriptive", "defect")
VERDICTS = ("confirmed", "confirmed with a correction", "partly", "not confirmed", "contradicted")
NATION = "00"  # the code of national rows, which serve checks only


def parse_change(text: str) -> tuple[str, float] | None:
    """Read a bound for the change between two years.

    ``x1.5`` allows a ratio between 1/1.5 and 1.5, ``+-3`` a difference of 3; an empty text sets no bound.

    Returns
    -------
    tuple of "x" or "+-" and a number, or None

    Raises
    ------
    ValueError
        If the text is none of these.

    Examples
    --------
    >>> parse_change("x1.5"), parse_change("+-3"), parse_change("")
    (('x', 1.5), ('+-', 3.0), None)
    """
    if not text:
        return None
    found = re.fullmatch(r"(x|\+-) ?(\d+(?:\.\d+)?)", text)
    if not found or float(found[2]) <= (1 if found[1] == "x" else 0):
        raise ValueError(text)
    return found[1], float(found[2])


def parse_breaks(text: str) -> dict[int, str]:
    """Read the breaks of a series, written ``YEAR: explanation; YEAR: explanation``.

    Raises
    ------
    ValueError
        If a part has no year or no explanation.

    Examples
    --------
    >>> parse_breaks("2016: Counted anew; 2021: Prices of 2020")
    {2016: 'Counted anew', 2021: 'Prices of 2020'}
    """
    parts = [part.partition(":") for part in re.split(r";\s*(?=\d{4}\s*:)", text.strip()) if part]
    if any(not (re.fullmatch(r"\d{4}", year.strip()) and why.strip()) for year, _, why in parts):
        raise ValueError(text)
    return {int(year): why.strip() for year, _, why in parts}


def formulas(framework: dict) -> list[tuple[tuple, dict]]:
    """Every indicator and companion of a framework: its path of keys and its entry."""
    indicators = [
        (("systems", system, "dimensions", dimension, "indicators", name), entry)
        for system, parts in framework["systems"].items()
        for dimension, block in parts["dimensions"].items()
        for name, entry in block["indicators"].items()
    ]
    return indicators + [(("companions", name), entry) for name, entry in framework.get("companions", {}).items()]


def check_names(tables: dict) -> Iterator[Problem]:
    """Cells that name a region, a group, a series or a source which does not exist, and notations that mean nothing.

    What would be looked up in a file that could not be read is not looked up.
    """
    settings, codes = tables["settings"], set(tables["regions"]["code"])
    groups = settings.get("groups")
    known = {
        "code": ("region", codes, "regions.csv"), "neighbour": ("region", codes, "regions.csv"),
        "group": ("group", set(groups) if isinstance(groups, dict) else set(), "study.yml"),
        "series": ("series", set(tables["series"]["series"]), "series.csv"),
        "source": ("source", set(tables["sources"]["source"]), "sources.csv"),
    }
    uses = {"regions": ["group"], "figures": ["code", "series", "source"], "neighbours": ["code", "neighbour"],
            "marks": ["code", "series"]}
    for name, columns in uses.items():
        table = tables[name]
        for column in columns:
            noun, names, home = known[column]
            if not names:
                continue
            if name in ("figures", "marks") and column == "code":
                names = names | {NATION}
            for value, rows in table.loc[~table[column].isin(names)].groupby(column)["row"]:
                more = f" (and in {len(rows) - 1} more rows)" if len(rows) > 1 else ""
                hint = " Codes are text: a leading zero may have been lost." if column == "code" else ""
                yield Problem("error", f"{name}.csv", int(rows.iloc[0]), column, value,
                              f"there is no {noun} '{value}'{more}", f"Correct it, or add it to {home}.{hint}")
    for row in tables["regions"].itertuples():
        if row.slug and (not SLUG.fullmatch(row.slug) or row.slug in RESERVED):
            yield Problem("error", "regions.csv", row.row, "slug", row.slug[:60],
                          f"'{row.slug[:60]}' cannot be the name of a page",
                          "Use at most 60 small Latin letters and figures with single hyphens, such as inner-mongolia.")
    pairs = set(zip(tables["neighbours"]["code"], tables["neighbours"]["neighbour"], strict=True))
    for row in tables["neighbours"].itertuples():
        if row.code == row.neighbour or (row.neighbour, row.code) not in pairs:
            yield Problem("error", "neighbours.csv", row.row, "neighbour", row.neighbour,
                          f"{row.code} has the neighbour {row.neighbour}, but not the other way round"
                          if row.code != row.neighbour else f"{row.code} is its own neighbour",
                          "Neighbours stand in two rows, one for each side.")
    for row in tables["series"].itertuples():
        for column, parse, form in (("change", parse_change, "x1.5 or +-3"),
                                    ("breaks", parse_breaks, "2016: what changed; 2021: what changed")):
            try:
                parse(getattr(row, column))
            except ValueError:
                yield Problem("error", "series.csv", row.row, column, getattr(row, column),
                              f"'{getattr(row, column)}' cannot be read", f"Write it like {form}.")


def check_settings(tables: dict) -> Iterator[Problem]:
    """Names in study.yml that do not exist, and years outside those that it sets."""
    settings, lines = tables["settings"], tables["lines"]["study.yml"]
    series, groups = set(tables["series"]["series"]), set(settings["groups"])

    def problem(path, value, message, remedy):
        return Problem("error", "study.yml", line_of(lines, path), ".".join(map(str, path)), str(value), message,
                       remedy)

    def unknown(path, values, names, noun, home):
        for value in values:
            if value not in names and (names or home == "study.yml"):
                yield problem(path, value, f"there is no {noun} '{value}'", f"Correct it, or add it to {home}.")

    yield from unknown(("focus",), [settings["focus"]], groups, "group", "study.yml")
    if "default_region" in settings:
        slugs = set(tables["regions"]["slug"])
        yield from unknown(("default_region",), [settings["default_region"]], slugs, "slug", "regions.csv")
    for key, years in settings["years"].items():
        if len(years) != 2 or years[0] > years[1]:
            yield problem(("years", key), years, "a first and a last year are expected", "Write [2016, 2023].")
    scored = tables["framework"].get("years", settings["years"]["scored"])
    if settings["years"]["scored"] != scored:
        yield problem(("years", "scored"), settings["years"]["scored"],
                      f"the scored years differ from those of framework.yml, {scored}",
                      "Write the same years in both files.")
    first, last = min(settings["years"]["figures"], default=0), max(settings["years"]["figures"], default=9999)
    for name in ("figures", "marks"):
        table = tables[name]
        for row in table[(table["year"] < first) | (table["year"] > last)].itertuples():
            yield Problem("error", f"{name}.csv", row.row, "year", f"{row.year:g}",
                          f"the year {row.year:g} lies outside {first}–{last}",
                          "Correct it, or widen years: figures in study.yml.")
    for family, members in settings.get("vintages", {}).items():
        yield from unknown(("vintages", family), members, series, "series", "series.csv")
    for number, total in enumerate(settings.get("totals", [])):
        yield from unknown(("totals", number, "series"), [total["series"]], series, "series", "series.csv")
        yield from unknown(("totals", number, "group"), [total["group"]], groups | {"all"}, "group", "study.yml")
    for number, total in enumerate(settings.get("sums", [])):
        yield from unknown(("sums", number), [total["total"], *total["parts"]], series, "series", "series.csv")
    for number, entry in enumerate(settings.get("nation", [])):
        yield from unknown(("nation", number, "series"), entry["series"], series, "series", "series.csv")
    for number, gap in enumerate(settings.get("gaps", [])):
        yield from unknown(("gaps", number, "series"), [gap["series"]], series, "series", "series.csv")
        codes = set(tables["regions"]["code"])
        yield from unknown(("gaps", number, "codes"), gap.get("codes", []), codes, "region", "regions.csv")


def check_framework(tables: dict) -> Iterator[Problem]:
    """Formulas that cannot be read, and names in framework.yml that do not exist."""
    framework, lines = tables["framework"], tables["lines"]["framework.yml"]
    series = set(tables["series"]["series"])

    def problem(path, value, message, remedy):
        return Problem("error", "framework.yml", line_of(lines, path), ".".join(map(str, path)), str(value), message,
                       remedy)

    def unknown(path, values, names, noun):
        for value in values:
            if value not in names and not (noun == "series" and not series):
                yield problem(path, value, f"there is no {noun} '{value}'", "Correct the name.")

    for path, years in [(("years",), framework["years"])] + [
            (("companions", name, "years"), entry["years"])
            for name, entry in framework.get("companions", {}).items() if "years" in entry]:
        if len(years) != 2 or years[0] > years[1]:
            yield problem(path, years, "a first and a last year are expected", "Write [2016, 2023].")
    yield from unknown(("breaks",), framework.get("breaks", {}), series, "series")

    seen, dimensions, entries = {}, set(), dict(formulas(framework))
    for path in entries:
        if path[-1] in seen:
            yield problem(path, path[-1], f"the name '{path[-1]}' is used twice", "Give one of them another name.")
        seen[path[-1]] = path
    for system, parts in framework["systems"].items():
        for dimension, block in parts["dimensions"].items():
            dimensions.add(f"{system}.{dimension}")
            if not block["indicators"]:
                yield problem(("systems", system, "dimensions", dimension), dimension, "the dimension has no indicator",
                              "Add one or remove the dimension.")
        if not parts["dimensions"]:
            yield problem(("systems", system), system, "the system has no dimension", "Add one.")
    for path, entry in entries.items():
        try:
            names = formula.parse(entry["formula"]).series
        except InputError as error:
            yield problem((*path, "formula"), entry["formula"], str(error).rstrip("."),
                          "A formula holds names of series.csv, numbers, + - * /, brackets, growth(s) and mean3(x).")
        else:
            if not names:
                yield problem((*path, "formula"), entry["formula"], "the formula reads no series",
                              "Name at least one series of series.csv in it.")
            yield from unknown((*path, "formula"), sorted(names), series, "series")
        if path[0] == "systems":
            yield from unknown((*path, "direction"), [entry["direction"]], (1, -1), "direction")
            yield from unknown((*path, "transform"), [entry.get("transform", "none")], ("none", "log"), "transform")
            if "lever" in entry:
                lever = entry["lever"]["path"]
                yield from unknown((*path, "lever", "path"), [lever], framework.get("paths", {}), "path")

    indicators = {path[-1] for path in entries if path[0] == "systems"}
    for block, key in (("dilemmas", "indicators"), ("paths", "levers")):
        for name, entry in framework.get(block, {}).items():
            yield from unknown((block, name, key), entry[key], indicators, "indicator")
    yield from unknown(("outside_dilemmas",), framework.get("outside_dilemmas", []), indicators, "indicator")
    for name, entry in framework.get("alternatives", {}).items():
        yield from unknown(("alternatives", name, "drops"), entry.get("drops", []), dimensions, "dimension")
        for dimension, members in entry["dimensions"].items():
            yield from unknown(("alternatives", name, "dimensions", dimension), members, indicators, "indicator")


def check_claims(tables: dict) -> Iterator[Problem]:
    """Claims without a way to be checked or with two, unknown kinds and verdicts, names that do not exist."""
    content, lines = tables["claims"], tables["lines"]["claims.yml"]
    slugs, seen, ids = set(tables["regions"]["slug"]), set(), {claim["id"] for claim in content["claims"]}

    def problem(path, value, message, remedy):
        return Problem("error", "claims.yml", line_of(lines, path), ".".join(map(str, path)), str(value), message,
                       remedy)

    def unknown(path, values, names, noun, remedy):
        for value in values:
            if value not in names:
                yield problem(path, value, f"there is no {noun} '{value}'", remedy)

    for number, claim in enumerate(content["claims"]):
        path, name = ("claims", number), claim["id"]
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
            yield problem((*path, "id"), name, f"the id '{name}' cannot stand in an address",
                          "Write a letter first, then letters, digits and hyphens, like S33.")
        if name in seen:
            yield problem((*path, "id"), name, f"the id '{name}' is used twice", "Give one of them another id.")
        seen.add(name)
        yield from unknown((*path, "kind"), [claim["kind"]], CLAIM_KINDS, "kind of claim",
                           f"Known: {', '.join(CLAIM_KINDS)}.")
        yield from unknown((*path, "regions"), claim.get("regions", []), slugs, "region", "Use slugs of regions.csv.")
        yield from unknown((*path, "listed"), claim.get("listed", []), slugs, "region", "Use slugs of regions.csv.")
        ways = [way for way in ("computed", "verdict", "not_checkable") if way in claim]
        if len(ways) != 1:
            how = "no way" if not ways else "more than one way"
            yield problem(path, name, f"the claim {name} has {how} to be checked", "Give one of: computed (a "
                          "computation), verdict (with source and found), not_checkable (why).")
        if "verdict" in claim:
            yield from unknown((*path, "verdict"), [claim["verdict"]], VERDICTS, "verdict",
                               f"Known: {', '.join(VERDICTS)}.")
            for key in ("source", "found"):
                if key not in claim:
                    yield problem((*path, key), "", f"the verdict on {name} has no '{key}'",
                                  "Name the dated publication, and say what it says.")
        if "published" in claim and claim["published"].keys() - {"year"} and "source" not in claim:
            yield problem((*path, "published"), "", f"the published numbers of {name} have no source",
                          "Name the publication and its date.")
    for number, defect in enumerate(content.get("defects", [])):
        yield from unknown(("defects", number, "claims"), defect.get("claims", []), ids, "claim", "Correct the id.")


def check_notes(tables: dict) -> Iterator[Problem]:
    """Notes on regions that do not exist, and facts whose source is not listed."""
    content, lines, slugs = tables["notes"], tables["lines"]["province_notes.yml"], set(tables["regions"]["slug"])

    def problem(path, value, message, remedy):
        return Problem("error", "province_notes.yml", line_of(lines, path), ".".join(map(str, path)), str(value),
                       message, remedy)

    for slug, note in content["regions"].items():
        if slug not in slugs:
            yield problem(("regions", slug), slug, f"there is no region '{slug}'", "Use a slug of regions.csv.")
        for part in ("national", "plans", "facts"):
            for number, fact in enumerate(note.get(part, [])):
                if fact["source"] not in content["sources"]:
                    yield problem(("regions", slug, part, number, "source"), fact["source"],
                                  f"there is no source '{fact['source']}' in this file", "Add it to sources.")
