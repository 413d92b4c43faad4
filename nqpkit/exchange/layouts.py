"""What a sheet says: which regions, series, years and units its cells belong to, in the layouts that bureaus use.

Three arrangements cover what is met: years across (regions or indicators down), regions across (years or indicators
down), and one column for each thing (region, year, indicator, value; or one column an indicator). Title lines above
the header give what the table itself does not: the indicator, the region, the year, the unit.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from nqpkit.errors import InputError
from nqpkit.exchange.sheets import Sheet, number_of, numbers_of, tidy, year_of

CROWDED = 0.6  # of a header's cells must be years or regions for it to be a header of years or regions
TRUST = 0.5  # of a column's cells must be regions or years for the column to hold them
TOP = 100  # rows in which a header is looked for
SAMPLE = 1000  # cells of a column that are looked at to see what it holds
BEGINNING = 24  # letters that may follow a region's name, such as "Uygur Autonomous Region"
UNIT = re.compile(r"^(?P<label>.*\S)\s*\((?P<unit>[^()]*)\)$")
UNIT_LINE = re.compile(r"(?:单位|unit)\s*:\s*(?P<unit>[^()\s,;]+(?: [^()\s,;:]+)*)", re.IGNORECASE)
TITLE_LINE = re.compile(r"^(?:指标|indicator|series|地区|region|时间|year)\s*:\s*(?P<said>.+)$", re.IGNORECASE)
UNIT_CELL = re.compile(r"^\(.*\)$")
COLUMN_NAMES = {"unit": {"unit", "单位", "计量单位"},
                "series": {"series", "indicator", "指标", "variable", "item", "项目"},
                "value": {"value", "数值", "值", "figure", "data"}}


COLUMNS = ["code", "label", "year", "value", "unit", "row", "column"]


@dataclass(frozen=True)
class Reading:
    """What was understood of a sheet.

    Attributes
    ----------
    layout : str
        The arrangement, in words.
    cells : DataFrame
        One row a figure, in the order of the sheet: code, label, year, value, unit, and the row and column in which it
        stands, from 0.
    missing : int
        Cells that say that there is no figure.
    skipped : list of str
        What was left out, where it stands and why.
    guessed : dict
        Name as written → code, where only the beginning of the name fits.
    """

    layout: str
    cells: pd.DataFrame
    missing: int
    skipped: list[str]
    guessed: dict[str, str]


@dataclass
class _Draft:
    """A reading in the making: figures column by column, what was left out with its row and column."""

    layout: str
    blocks: list[pd.DataFrame] = field(default_factory=list)
    left: list[tuple[int, int, str]] = field(default_factory=list)
    missing: int = 0


@dataclass(frozen=True)
class Hints:
    """What a person adds to a sheet that does not say it: the indicator's label, the year, the region, the unit."""

    label: str = ""
    year: int | None = None
    code: str = ""
    unit: str = ""


class Names:
    """The names that a study's regions go by, spaces and letter case aside."""

    def __init__(self, names: dict[str, str]):
        self.exact = {_bare(name): code for name, code in names.items() if _bare(name)}
        self.guessed: dict[str, str] = {}
        self._known: dict = {}  # a sheet asks for the same few names again and again

    def code(self, cell) -> str | None:
        """The code of the region that a cell names, None if it names none."""
        if cell not in self._known:
            self._known[cell] = self._find(cell)
        return self._known[cell]

    def _find(self, cell) -> str | None:
        if isinstance(cell, float) and cell == int(cell):
            cell = int(cell)
        text = _bare(str(cell))
        if not text:
            return None
        if text in self.exact:
            return self.exact[text]
        if not any(letter.isalpha() for letter in text):  # a number names a region by its whole code or not at all
            return None
        begun = {code for name, code in self.exact.items() if len(name) > 1 and not name.isdigit()
                 and text.startswith(name) and len(text) - len(name) <= BEGINNING}
        longest = max((name for name in self.exact if text.startswith(name)), key=len, default="")
        if len(begun) > 1:
            begun &= {self.exact.get(longest)}
        if len(begun) != 1 or _runs_on(text, longest):
            return None
        (code,) = begun
        self.guessed[tidy(cell)] = code
        return code


def understand(sheet: Sheet, names: dict[str, str], hints: Hints | None = None) -> Reading:
    """Read a sheet's figures, whatever its arrangement.

    Parameters
    ----------
    sheet : Sheet
    names : dict
        Every name, slug and code of every region → its code.
    hints : Hints, optional

    Returns
    -------
    Reading

    Raises
    ------
    InputError
        If no arrangement fits, or the table does not say, and no hint says, to which region, year or indicator its
        figures belong.
    """
    hints, known = hints or Hints(), Names(names)
    for place in range(min(TOP, len(sheet.rows))):
        if _heads_years(sheet, place, known):
            return _settled(_years_across(sheet, place, known, hints), sheet, place, known)
        if _heads_regions(sheet, place, known):
            return _settled(_regions_across(sheet, place, known, hints), sheet, place, known)
    place = _heads_columns(sheet, known)
    if place is None:
        raise InputError(f"{sheet.place(0, 0)}: no header was found. A table needs a row with years, a row with "
                         "regions of this study, or columns headed by words with regions below them.")
    return _settled(_by_columns(sheet, place, known, hints), sheet, place, known)


def split_unit(label: str) -> tuple[str, str]:
    """A label and the unit in brackets at its end.

    >>> split_unit("Gross regional product (100 million yuan)")
    ('Gross regional product', '100 million yuan')
    """
    found = UNIT.match(label)
    return (found["label"], found["unit"].strip()) if found else (label, "")


def _heads_years(sheet, place, known) -> bool:
    """Whether a row is a header of years: nearly all its cells from the first on, in order, no region before them."""
    row = sheet.rows[place]
    years = {column: year for column, cell in enumerate(row) if (year := year_of(cell)) is not None}
    if not years or min(years) == 0 or any(known.code(cell) is not None for cell in row[: min(years)]):
        return False
    if len(years) < CROWDED * sum(cell != "" for cell in row[min(years):]):
        return False
    told = list(dict.fromkeys(years.values()))
    return told in (sorted(told), sorted(told, reverse=True)) and _figures_below(sheet, place, years)


def _heads_regions(sheet, place, known) -> bool:
    """Whether a row is a header of regions: nearly all its cells from the first region on, some of them in words."""
    row = sheet.rows[place]
    told = [column for column, cell in enumerate(row) if known.code(cell) is not None and _number(cell) is None]
    if len(told) < 2 or told[0] == 0 or any(year_of(cell) is not None for cell in row[: told[0]]):
        return False
    return len(told) >= CROWDED * sum(cell != "" for cell in row[told[0]:]) and _figures_below(sheet, place, told)


def _figures_below(sheet, place, columns) -> bool:
    return any(_number(line[column]) is not None for _, line in _lines(sheet, place) for column in columns)


def _heads_columns(sheet, known) -> int | None:
    """The row that heads columns: the last one of words above the first row with a region."""
    for number, line in _lines(sheet, -1):
        if any(known.code(cell) is not None for cell in line) and sum(cell != "" for cell in line) > 1:
            heads = [place for place, above in _lines(sheet, -1) if place < number and _words_only(above)
                     and not all(UNIT_CELL.match(str(cell)) for cell in above if cell != "")]
            return heads[-1] if heads else None
    return None


def _words_only(line) -> bool:
    filled = [cell for cell in line if cell != ""]
    return len(filled) > 1 and all(isinstance(cell, str) and _number(cell) is None for cell in filled)


def _years_across(sheet, place, known, hints) -> _Draft:
    years = {column: year for column, cell in enumerate(sheet.rows[place]) if (year := year_of(cell)) is not None}
    first, above = min(years), _above(sheet, place, known)
    grouped = _spread(sheet.rows[place - 1], years) if place and len(set(years.values())) < len(years) else {}
    draft = _Draft("years across" + (", indicators above them" if grouped else ""))
    code, label, kept = None, None, []
    for number, line in _lines(sheet, place):
        keys = [cell for cell in line[:first] if cell != ""]
        own = next((found for cell in keys if (found := known.code(cell)) is not None), None)
        words = [str(cell) for cell in keys if known.code(cell) is None and _number(cell) is None]
        if first > 1:  # with two key columns, the one that is empty goes on from above
            code, label = own or code, words[0] if words else label
        else:
            code, label = own, words[0] if words else None
        whose = code or above.code or hints.code
        if not whose or all(line[column] == "" for column in years):
            _skip(draft, number, line)
            continue
        kept.append((number, whose, label or hints.label or above.label))
    rows, codes, labels = _turned(kept, 3)
    for column, year in years.items():
        _take(draft, sheet, column, rows, codes, grouped.get(column) or labels, year, hints.unit or above.unit)
    return draft


def _regions_across(sheet, place, known, hints) -> _Draft:
    codes = {column: code for column, cell in enumerate(sheet.rows[place]) if (code := known.code(cell)) is not None}
    first, above = min(codes), _above(sheet, place, known)
    draft, label, year, kept = _Draft("regions across"), None, None, []
    for number, line in _lines(sheet, place):
        keys = [cell for cell in line[:first] if cell != ""]
        own = next((found for cell in keys if (found := year_of(cell)) is not None), None)
        words = [str(cell) for cell in keys if year_of(cell) is None and _number(cell) is None]
        label, year = words[0] if words else label, own or (year if first > 1 else None)
        when = year or hints.year or above.year
        if when is None or not keys or all(line[column] == "" for column in codes):
            _skip(draft, number, line)
            continue
        kept.append((number, label or hints.label or above.label, when))
    rows, labels, years = _turned(kept, 3)
    for column, code in codes.items():
        _take(draft, sheet, column, rows, code, labels, years, hints.unit or above.unit)
    return draft


def _by_columns(sheet, place, known, hints) -> _Draft:
    header, above = [str(cell) for cell in sheet.rows[place]], _above(sheet, place, known)
    body = [line for _, line in _lines(sheet, place)]
    units = next(([str(cell) for cell in line] for line in body[:1]
                  if all(cell == "" or UNIT_CELL.match(str(cell)) for cell in line)), None)
    columns = range(len(header))
    regions = max(columns, key=lambda column: _share(body, column, known.code))
    years = max((c for c in columns if c != regions), key=lambda c: _share(body, c, year_of), default=None)
    years = years if years is not None and _share(body, years, year_of) > TRUST else None
    named = {what: next((c for c in columns if header[c].casefold() in words and c not in (regions, years)), None)
             for what, words in COLUMN_NAMES.items()}
    long = named["value"] is not None and named["series"] is not None
    others = [c for c in columns if header[c] and c not in (regions, years, named["unit"], named["series"])]
    figures = [named["value"]] if long else [c for c in others if _share(body, c, _number) >= TRUST]
    draft = _Draft("one row a figure" if long else "one column an indicator")
    draft.left += [(place, c, f"the column '{header[c][:40]}' holds no figures")
                   for c in others if c not in figures and not long]
    kept = []
    for number, line in _lines(sheet, place):
        code = known.code(line[regions])
        year = year_of(line[years]) if years is not None else hints.year or above.year
        if code is None or (year is None and years is not None):
            _skip(draft, number, line)
            continue
        if year is None:
            raise InputError(f"{sheet.place(number, regions)}: neither the table nor a line above it names the year. "
                             "Give it with --year.")
        kept.append((number, code, year))
    rows, codes, told = _turned(kept, 3)
    for column in figures:
        label = header[column]
        if long:
            label = [str(sheet.rows[row][named["series"]]) for row in rows]
        elif column == named["value"]:
            label = hints.label or above.label or label
        unit = (units[column].strip("()") if units else "") or hints.unit or above.unit
        if named["unit"] is not None:
            unit = [str(sheet.rows[row][named["unit"]]) or unit for row in rows]
        _take(draft, sheet, column, rows, codes, label, told, unit)
    return draft


def _take(draft, sheet, column, rows, code, label, year, unit) -> None:
    """Add the figures in some rows of a column; code, label, year and unit are one for all, or a list by row."""
    values, odd = numbers_of([sheet.rows[row][column] for row in rows])
    draft.left += [(rows[place], column, f"'{str(sheet.rows[rows[place]][column])[:40]}' is not a number")
                   for place in odd]
    block = pd.DataFrame({"code": code, "label": label, "year": year, "value": values, "unit": unit, "row": rows,
                          "column": column}, index=range(len(rows))).dropna(subset="value")
    draft.missing += len(rows) - len(odd) - len(block)
    draft.blocks += [block] if len(block) else []


def _skip(draft, row, line) -> None:
    """Note a row that belongs to nothing known; a line of words, such as a note below the table, is noted as such."""
    first = next(((column, cell) for column, cell in enumerate(line) if cell != ""), None)
    if first is not None:
        figures = sum(_number(cell) is not None for cell in line)
        why = "no region or year of this study" if figures else "a line of text"
        draft.left.append((row, first[0], f"'{str(first[1])[:40]}' is {why}"))


def _settled(draft, sheet, place, known) -> Reading:
    """The reading that a draft amounts to, everything in the order of the sheet."""
    skipped = [f"{sheet.place(row, column)}: {why}" for row, column, why in sorted(draft.left)]
    cells = pd.concat(draft.blocks, ignore_index=True) if draft.blocks else pd.DataFrame(columns=COLUMNS)
    if cells.empty and not draft.missing:
        first = f" First: {skipped[0]}." if skipped else ""
        raise InputError(f"{sheet.place(place, 0)}: the header was found, but no row below it belongs to a region of "
                         f"this study.{first}")
    cells = cells.sort_values(["row", "column"], ignore_index=True)
    for cell in cells[cells["label"].isna() | (cells["label"] == "")].head(1).itertuples():
        raise InputError(f"{sheet.place(cell.row, cell.column)}: neither the table nor a line above it names the "
                         "indicator. Give it with --label.")
    parts = {label: split_unit(tidy(label)) for label in cells["label"].unique()}
    own = cells["label"].map({label: unit for label, (_, unit) in parts.items()})
    cells = cells.assign(label=cells["label"].map({label: name for label, (name, _) in parts.items()}),
                         unit=own.where(own != "", cells["unit"]))
    return Reading(draft.layout, cells, draft.missing, skipped, known.guessed)


def _turned(rows: list[tuple], width: int) -> list[list]:
    """Rows as columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _above(sheet, place, known) -> Hints:
    """What the lines above a header say of the whole table."""
    label, year, code, unit = "", None, "", ""
    for line in sheet.rows[:place]:
        for cell in (cell for cell in line if cell != ""):
            text = tidy(cell)
            if found := UNIT_LINE.search(text):
                unit = unit or found["unit"]
                text = text.replace(found[0], "").strip(" ()")
            said = TITLE_LINE.match(text)
            said = said["said"].strip() if said else text
            code = code or known.code(said) or ""
            whole = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
            year = year or (int(whole[0]) if len(set(whole)) == 1 else None)
            if re.match(r"(?:指标|indicator|series)\s*:", text, re.IGNORECASE):
                label = said
            elif not label and not re.match(r"[^:]{1,6}:", text) and known.code(said) is None and year_of(text) is None:
                label = _without_number(text)
    return Hints(label, year, code, unit)


def _without_number(text: str) -> str:
    """A table's title without its number and its year."""
    text = re.sub(r"^(?:表|table)?\s*\d+[-–.]\d+(?:[-–.]\d+)*\s*", "", text, flags=re.IGNORECASE)
    return tidy(re.sub(r"\(?(?<!\d)(?:19|20)\d\d\s*年?\)?", "", text))


def _spread(row, columns) -> dict[int, str]:
    """Labels that stand over several columns, carried to the right."""
    spread, last = {}, ""
    for column in range(min(columns), len(row)):
        last = str(row[column]) if row[column] != "" else last
        if column in columns and last:
            spread[column] = last
    return spread


def _lines(sheet, place):
    return [(number, line) for number, line in enumerate(sheet.rows) if number > place and any(c != "" for c in line)]


def _share(lines, column, meaning) -> float:
    """How many of a column's filled cells mean something."""
    filled = [line[column] for line in lines if line[column] != ""]
    filled = filled[:: len(filled) // SAMPLE + 1]
    return Counter(meaning(cell) is not None for cell in filled)[True] / len(filled) if filled else 0.0


def _number(cell) -> float | None:
    try:
        return number_of(cell)
    except ValueError:
        return None


def _bare(text: str) -> str:
    return "".join(tidy(text).split()).casefold()


def _runs_on(text: str, name: str) -> bool:
    """Whether a Latin name merely begins another word, as Henan would begin Henania."""
    rest = text[len(name):]
    return bool(name) and name.isascii() and rest[:1].isascii() and not rest.startswith(
        ("autonomous", "province", "municipality", "prefecture", "county", "district", "city", "region", "state", "("))
