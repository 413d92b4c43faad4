"""The files of a study, read into tables; everything wrong with their form comes back in one list.

Nothing here raises for bad content: :func:`read_tables` returns what could be read and one
:class:`~nqpkit.problems.Problem` for each fault, so that a study's author sees all of them in one pass.
"""

import csv
import io
import math
import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from nqpkit.problems import Problem
from nqpkit.references import check_claims, check_framework, check_names, check_notes, check_settings
from nqpkit.schema import CLAIMS, FRAMEWORK, NOTES, SETTINGS, all_optional, read_yaml

# Of each table: the columns it needs, those it may have, and which columns together are unique.
TABLES = {
    "regions": (["code", "slug", "name", "group"],
                ["name_zh", "name_full_zh", "iso", "capital", "tile_row", "tile_col"],
                [["code"], ["slug"], ["name"], ["tile_row", "tile_col"]]),
    "series": (["series", "name", "unit"], ["name_zh", "lower", "upper", "change", "decimals", "breaks", "notes"],
               [["series"]]),
    "sources": (["source", "publication", "publisher"], ["read_in", "licence", "notes"], [["source"]]),
    "figures": (["code", "year", "series", "value", "source"], [], [["code", "year", "series"]]),
    "neighbours": (["code", "neighbour"], ["note"], [["code", "neighbour"]]),
    "marks": (["code", "year", "series", "value", "kind", "explanation"], ["before"], [["code", "year", "series"]]),
}
OPTIONAL = ("neighbours", "marks")
# YAML files that a study may do without, and the shape of each.
EXTRAS = {"claims": ("claims.yml", CLAIMS), "notes": ("province_notes.yml", NOTES)}
STUDIES = Path(__file__).parent / "data"  # those that another study may extend
SAFE = re.compile(r"[a-z_]+")
NO_ROWS = "the table has no rows"
WHOLE, REAL, MAYBE = "a whole number", "a number", "a number or nothing"
NUMBERS = {"year": WHOLE, "tile_row": MAYBE, "tile_col": MAYBE, "value": REAL, "lower": MAYBE, "upper": MAYBE,
           "before": MAYBE, "decimals": MAYBE}
LARGEST = 1e9  # of a whole number: a year, a place on the tile map
# In a file that holds one of these a line may not be a row, or a cell not be what stands between two commas.
ODD = [mark.encode() for mark in '"\r\0\v\f\x1c\x1d\x1e\x85\u2028\u2029']
NEEDS_TEXT = {"code", "slug", "name", "group", "series", "unit", "source", "publication", "publisher", "neighbour",
              "kind", "explanation"}


def read_tables(folder: str | Path) -> tuple[dict, list[Problem]]:
    """Read the files of a study and check their form.

    Checked are: files present and UTF-8, columns, numbers, unique keys, known codes, groups, series and sources,
    years in range, the keys of the YAML files, and that every name used in the framework exists.

    Parameters
    ----------
    folder : path
        Folder with study.yml, regions.csv, series.csv, sources.csv, figures.csv, framework.yml and, if there are
        any, neighbours.csv, marks.csv, claims.yml and province_notes.yml.

    Returns
    -------
    tables : dict
        DataFrames ``regions``, ``series``, ``sources``, ``figures``, ``neighbours``, ``marks`` (codes as text, years
        whole, values as floats, and the line in the file as ``row``), dicts ``settings`` (study.yml), ``framework``
        (framework.yml), ``claims`` (claims.yml) and ``notes`` (province_notes.yml), and ``lines``: file → path of
        keys → line. A file that cannot be read leaves an empty table or dict.
    problems : list of Problem
        In the order of the files; empty if all is well.

    Examples
    --------
    >>> tables, problems = read_tables(Path(__file__).parent / "data" / "western_china")
    >>> len(tables["regions"]), len(problems)
    (31, 0)
    """
    folder = Path(folder)
    if base := extended_study(folder):
        tables, problems = _read_extension(folder, base)
    else:
        tables, problems = _read_files(folder)
    wrong = {problem.file for problem in problems if problem.severity == "error"}
    problems += check_names(tables)
    if "study.yml" not in wrong:
        problems += check_settings(tables)
    if "framework.yml" not in wrong:
        problems += check_framework(tables)
    for key, check in (("claims", check_claims), ("notes", check_notes)):
        if tables[key] and EXTRAS[key][0] not in wrong:
            problems += check(tables)
    return tables, problems


def _read_files(folder):
    tables, problems = {"lines": {}}, []
    for key, name, shape in (("settings", "study.yml", SETTINGS), ("framework", "framework.yml", FRAMEWORK)):
        content, lines, found = read_yaml(folder / name, shape)
        tables[key], tables["lines"][name] = content or {}, lines
        problems += found
    for key, (name, shape) in EXTRAS.items():
        tables[key], tables["lines"][name] = {}, {}
        if (folder / name).exists():
            content, tables["lines"][name], found = read_yaml(folder / name, shape)
            tables[key] = content or {}
            problems += found
    for name in TABLES:
        tables[name] = _read_table(folder / f"{name}.csv", name, problems)
    if "extends" in tables["settings"]:
        known = ", ".join(sorted(path.parent.name for path in STUDIES.glob("*/study.yml")))
        problems.insert(0, Problem("error", "study.yml", tables["lines"]["study.yml"].get(("extends",), 0), "extends",
                                   str(tables["settings"]["extends"]), "there is no such study to extend",
                                   f"Known: {known}."))
    return tables, problems


def extended_study(folder) -> Path | None:
    """The folder of the study that study.yml says it extends; None if it extends none, or one that is not there."""
    content, _, _ = read_yaml(folder / "study.yml", all_optional(SETTINGS))
    name = (content or {}).get("extends")
    return STUDIES / name if isinstance(name, str) and SAFE.fullmatch(name) and (STUDIES / name).is_dir() else None


def _read_extension(folder, base):
    """A study that adds rows and keys to another: the other's rows carry no line number."""
    tables, _ = _read_files(base)
    settings, lines, problems = read_yaml(folder / "study.yml", all_optional(SETTINGS))
    tables["settings"] = tables["settings"] | (settings or {})
    tables["lines"]["study.yml"] = lines
    for key, (name, shape) in {"framework": ("framework.yml", FRAMEWORK), **EXTRAS}.items():
        if (folder / name).exists():
            content, tables["lines"][name], found = read_yaml(folder / name, shape)
            tables[key] = content or {}
            problems += found
    for name, (_, _, unique) in TABLES.items():
        path, under = folder / f"{name}.csv", tables[name].assign(row=0)
        found = []
        own = _read_table(path, name, found) if path.exists() else under.iloc[:0]
        problems += [problem for problem in found if problem.message != NO_ROWS]
        for key in unique:
            held = pd.MultiIndex.from_frame(under[key])
            for row in own[pd.MultiIndex.from_frame(own[key]).isin(held) & own[key].notna().all(axis=1)].itertuples():
                said = ", ".join(f"{c} {_plain(getattr(row, c))}" for c in key)
                problems.append(Problem("error", path.name, row.row, key[0], str(getattr(row, key[0])),
                                        f"{said} stands in the extended study already",
                                        "Remove the row; to change a figure, copy the study instead of extending it."))
        tables[name] = pd.concat([under, own], ignore_index=True) if len(own) else under
    return tables, problems


def _read_table(path, name, problems):
    needed, optional, unique = TABLES[name]
    columns = needed + optional

    def problem(row, column, value, message, remedy, severity="error"):
        problems.append(Problem(severity, path.name, row, column, str(value), message, remedy))

    nothing = pd.DataFrame({c: pd.Series(dtype=float if c in NUMBERS else object) for c in columns})
    nothing["row"] = pd.Series(dtype=int)
    if name in OPTIONAL and not path.exists():
        return nothing
    frame = _read_plain(path, columns)
    if frame is None:
        frame = _read_carefully(path, name, problem)
    if frame is None:
        return nothing
    for key in unique:
        again = frame[frame.duplicated(key)]
        again = again[again[key].notna().all(axis=1)]
        if len(again):
            firsts = frame.drop_duplicates(key)[[*key, "row"]]
            for row in again.merge(firsts, on=key, how="left", suffixes=("", "_first")).itertuples():
                said = ", ".join(f"{c} {_plain(getattr(row, c))}" for c in key)
                problem(row.row, key[0], getattr(row, key[0]), f"{said} stands in row {row.row_first} already",
                        "Keep one of the two rows.")
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "category"], str))


def _read_plain(path, columns):
    """A table that has all columns and nothing to be said about, quickly; None if it must be read carefully."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    except OSError:
        return None
    header, _, rest = content.partition(b"\n")
    if sorted(header.decode("utf-8", "replace").split(",")) != sorted(columns) or not rest or any(
            mark in content for mark in ODD):
        return None
    letters = np.frombuffer(rest, np.uint8)
    ends, commas = np.flatnonzero(letters == ord("\n")), np.flatnonzero(letters == ord(","))
    ends = ends if rest.endswith(b"\n") else np.append(ends, len(rest))
    if (np.diff(np.searchsorted(commas, ends), prepend=0) != len(columns) - 1).any():
        return None
    del letters, commas
    names = header.decode().split(",")
    try:
        frame = pd.read_csv(io.BytesIO(rest), names=names, na_filter=False, quoting=csv.QUOTE_NONE, low_memory=False,
                            skip_blank_lines=False, dtype=object)
    except UnicodeDecodeError:
        return None
    frame = frame.astype(dict.fromkeys((c for c in columns if c != "value"), "category"))
    for column in columns:
        cells = frame[column] if column == "value" else frame[column].cat.categories
        if column in NUMBERS:
            values = _plain_numbers(list(cells), NUMBERS[column])
            if values is None:
                return None
            frame[column] = values if column == "value" else values[frame[column].cat.codes]
        elif any(cell != cell.strip() or (not cell and column in NEEDS_TEXT) for cell in cells):
            return None
    return frame[columns].assign(row=np.arange(2, len(frame) + 2))


def _read_carefully(path, name, problem):
    """A table cell by cell, with everything that is wrong with it; None if there is nothing in it to go on with."""
    needed, optional, _ = TABLES[name]
    columns = needed + optional
    header, rows, numbers = _read_csv(path, problem)
    if header is None:
        return None
    missing = [c for c in needed if c not in header]
    for column in missing:
        problem(1, column, "", f"the column '{column}' is missing", f"The columns are: {', '.join(columns)}.")
    for column in sorted({c for c in header if header.count(c) > 1}):
        problem(1, column, column, f"the column '{column}' stands here twice", "Remove one of them.")
        missing.append(column)
    for column in header:
        if column not in columns:
            problem(1, column, column, f"the column '{column}' is not known and not used",
                    f"The columns are: {', '.join(columns)}.", "warning")
    if not rows and name not in OPTIONAL:
        problem(1, "", "", NO_ROWS, "Add them below the header.")
    if missing or not rows:
        return None
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    table = {column: [cell.strip() for cell in cells.get(column, [""] * len(rows))] for column in columns}
    for column, cells in table.items():
        if column in NEEDS_TEXT and "" in cells:
            for row, cell in zip(numbers, cells, strict=True):
                if not cell:
                    problem(row, column, "", f"the {column} is empty", "Fill it in.")
        if column in NUMBERS:
            table[column] = _numbers(cells, NUMBERS[column], column, numbers, problem)
    return pd.DataFrame(table).assign(row=numbers)


def _read_csv(path, problem):
    """Header, rows and their line numbers; the header is None if there is nothing to read."""
    again = "Save it again as CSV with commas and the encoding UTF-8."
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problem(0, "", "", "the file is missing", "Add it to the study's folder.")
        return None, [], []
    except OSError as error:
        problem(0, "", "", f"the file cannot be read ({error.strerror})", "Check the file and its permissions.")
        return None, [], []
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem(line, "", "", "the file is not UTF-8 text", again)
        return None, [], []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    header, rows, numbers, line = None, [], [], 0
    try:
        for cells in reader:
            start, line = line + 1, reader.line_num
            if not any(cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
            elif len(cells) != len(header):
                problem(start, "", cells[0], f"the row has {len(cells)} cells, the header has {len(header)}",
                        "Put text that holds a comma in double quotes; check for a missing or extra comma.")
            else:
                rows.append(cells)
                numbers.append(start)
    except csv.Error as error:
        problem(line + 1, "", "", f"the row cannot be read ({error})", "Check the double quotes. " + again)
    if header is None:
        problem(0, "", "", "the file is empty", "Add the header and the rows.")
    return header, rows, numbers


def _plain_numbers(cells, kind):
    """The numbers in cells that hold nothing else; None if one of them wants a closer look."""
    with suppress(ValueError):
        values = np.array(list(map(float, cells)))
        if np.isfinite(values).all() and "_" not in (text := "".join(cells)) and text.isascii():
            if kind is not WHOLE:
                return values
            if (values == values.round()).all() and np.abs(values).max() < LARGEST:
                return values.astype(int)
    return None


def _numbers(cells, kind, column, numbers, problem):
    quick = _plain_numbers(cells, kind)  # nearly always all is well
    if quick is not None:
        return quick
    values = []
    for row, cell in zip(numbers, cells, strict=True):
        value = math.nan
        with suppress(ValueError):
            value = float(cell) if "_" not in cell and cell.isascii() else math.nan
        if not math.isfinite(value) or (kind is WHOLE and (value != int(value) or abs(value) >= LARGEST)):
            if cell or kind is not MAYBE:
                remedy = "Write digits with a point, such as 12.5, without spaces or thousands separators."
                if not cell and column == "value":
                    remedy = "Leave the whole row out if the figure is not known."
                problem(row, column, cell, f"'{cell}' is not {kind}" if cell else f"the {column} is empty", remedy)
            value = math.nan
        values.append(value)
    return values


def _plain(value):
    return int(value) if isinstance(value, float) and value == int(value) else value
