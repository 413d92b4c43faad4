"""A new study's folder: a copy of the built-in one, an extension of it, an empty one, or a small invented example."""

import csv
import io
import os
import tempfile
from pathlib import Path

import numpy as np

from nqpkit.errors import InputError
from nqpkit.kit_files import PACKAGE
from nqpkit.study import BUILT_IN
from nqpkit.tables import TABLES

STARTER = PACKAGE / "data" / "starter"
KINDS = ("built-in", "extend", "empty", "counties")
COUNTIES = ["Ashdale", "Birchford", "Cedar Falls", "Dunmere", "Elmwick", "Fernley", "Granton", "Hazelby", "Ivy Hill",
            "Juniper", "Kestrel", "Larkfield"]
COUNTY_YEARS = range(2019, 2024)
# Series of the invented example: name, unit, its value in the first year, yearly growth, spread between counties.
COUNTY_SERIES = {
    "output": ("Gross output", "million", 900.0, 0.05, 0.5),
    "residents": ("Residents at year-end", "thousand", 120.0, 0.005, 0.4),
    "research_spending": ("Research spending", "million", 12.0, 0.09, 0.7),
    "patents": ("Patents in force", "items", 60.0, 0.08, 0.6),
    "technicians": ("Technicians employed", "persons", 900.0, 0.04, 0.5),
    "broadband": ("Broadband connections", "thousand", 40.0, 0.07, 0.4),
    "income": ("Disposable income", "million", 500.0, 0.05, 0.45),
    "doctors": ("Licensed doctors", "persons", 260.0, 0.03, 0.4),
    "water": ("Water use", "million m3", 30.0, 0.01, 0.4),
}


def new_study(folder: str | Path, kind: str = "built-in") -> Path:
    """Make a study's folder that can be run at once (an empty one: filled in).

    Parameters
    ----------
    folder : path
        Must not exist, or be empty.
    kind : {"built-in", "extend", "empty", "counties"}
        ``built-in``: a full copy. ``extend``: only what is added to the built-in study, whose files are read beneath.
        ``empty``: headers and comments. ``counties``: twelve invented counties, five years, random numbers with a fixed
        seed; it says so in its title.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something already, cannot be written, or the kind is not known.
    """
    folder = Path(folder).expanduser()
    if kind not in KINDS:
        raise InputError(f"There is no kind of new study '{kind}'. Known: {', '.join(KINDS)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"'{folder}' is there already and holds something. Name a new folder.")
    files = {"built-in": _copy, "extend": _extension, "empty": _empty, "counties": _counties}[kind]()
    files["README.md"] = (STARTER / "README.md").read_text(encoding="utf-8")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".nqp-", dir=folder.parent) as place:
            draft = Path(place) / "study"
            draft.mkdir()
            for name, text in files.items():
                (draft / name).write_text(text, encoding="utf-8", newline="\n")
            if folder.exists():
                folder.rmdir()
            os.replace(draft, folder)
    except OSError as error:
        raise InputError(f"'{folder}' cannot be written ({error.strerror}). Name another folder.") from None
    return folder


def _copy() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(BUILT_IN.iterdir())
            if path.suffix in (".csv", ".yml")}


def _extension() -> dict[str, str]:
    tables = {f"{name}.csv": _table(TABLES[name][0] + TABLES[name][1]) for name in ("regions", "series", "sources",
                                                                                   "figures", "neighbours", "marks")}
    return {"study.yml": (STARTER / "extend.yml").read_text(encoding="utf-8"), **tables}


def _empty() -> dict[str, str]:
    tables = {f"{name}.csv": _table(needed + optional) for name, (needed, optional, _) in TABLES.items()}
    return {name: (STARTER / f"empty-{name}").read_text(encoding="utf-8") for name in ("study.yml", "framework.yml")
            } | tables


def _counties() -> dict[str, str]:
    rng = np.random.default_rng(2024)
    groups = ["valley", "hills", "coast"]
    slugs = [name.casefold().replace(" ", "-") for name in COUNTIES]
    regions = [(f"c{number:02d}", slug, name, groups[number % 3])
               for number, (slug, name) in enumerate(zip(slugs, COUNTIES, strict=True), start=1)]
    figures = []
    for code, *_ in regions:
        for series, (_, _, start, growth, spread) in COUNTY_SERIES.items():
            level = start * np.exp(rng.normal(0, spread))
            for year in COUNTY_YEARS:
                figures.append((code, year, series, round(level, 1), "invented"))
                level *= 1 + growth + rng.normal(0, 0.02)
    return {
        "study.yml": (STARTER / "counties-study.yml").read_text(encoding="utf-8"),
        "framework.yml": (STARTER / "counties-framework.yml").read_text(encoding="utf-8"),
        "regions.csv": _table(["code", "slug", "name", "group"], regions),
        "series.csv": _table(["series", "name", "unit", "lower", "change"],
                             [(key, name, unit, 0, "x1.5") for key, (name, unit, *_) in COUNTY_SERIES.items()]),
        "sources.csv": _table(["source", "publication", "publisher", "notes"], [
            ("invented", "Invented figures for practice", "nqpkit", "Random numbers with a fixed seed.")]),
        "figures.csv": _table(["code", "year", "series", "value", "source"], figures),
    }


def _table(header, rows=()) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue()
