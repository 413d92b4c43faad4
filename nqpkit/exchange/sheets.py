"""Files as people have them, read into grids of cells: CSV in the usual encodings, xls, xlsx, ods."""

import csv
import io
import math
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from nqpkit.errors import InputError

ENCODINGS = ("utf-8-sig", "gb18030")  # what is no UTF-8 comes from a Chinese office, or is refused below
WORKBOOKS = {".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"}
TEXTS = {".csv", ".txt", ".tsv"}
LARGEST = 200 * 2**20
MARKS = "-–—.·*/"  # a cell of nothing but these has no figure; "…" becomes three points
MISSING = {"", "na", "n/a", "nan", "null", "none", "无", "缺"}


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Attributes
    ----------
    file : Path
    name : str
        Of the sheet in a workbook, empty for CSV.
    rows : list of list
        Cells as text (tidied, see `tidy`) or numbers; every row has the same length.
    """

    file: Path
    name: str
    rows: list[list]

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, in words: file, sheet, row and column as a spreadsheet counts them."""
        sheet = f", sheet {self.name}" if self.name else ""
        return f"{self.file.name}{sheet}, row {row + 1}, column {letters(column)}"


def read_sheets(path: str | Path, sheet: str | None = None) -> list[Sheet]:
    """The sheets of a file that hold anything.

    Parameters
    ----------
    path : path
        A .csv, .txt or .tsv file (UTF-8, UTF-16 with a mark, or GB18030; commas, semicolons or tabs), or an .xls,
        .xlsx, .xlsm, .xlsb or .ods workbook. Formulas count with the values that the workbook stores.
    sheet : str, optional
        Only the sheet of that name.

    Raises
    ------
    InputError
        If the file is missing, too large, of another kind, or cannot be read.
    """
    path = Path(path).expanduser()
    kind = path.suffix.casefold()
    if not path.is_file():
        raise InputError(f"There is no file '{path}'.")
    if kind not in WORKBOOKS | TEXTS:
        raise InputError(f"'{path.name}' is of no kind that can be read here. Save it as .xlsx or .csv.")
    if path.stat().st_size > LARGEST:
        raise InputError(f"'{path.name}' is larger than {LARGEST // 2**20} MB. Split it.")
    try:
        content = path.read_bytes()
    except OSError as error:
        return _refuse(path, f"{error.strerror}. Check the file and its permissions")
    grids = _workbook(path, content) if kind in WORKBOOKS else {"": _text(path, content)}
    if sheet is not None and sheet not in grids:
        raise InputError(f"'{path.name}' has no sheet '{sheet}'. It has: {', '.join(map(repr, grids))}.")
    sheets = [Sheet(path, name, _squared(rows)) for name, rows in grids.items() if sheet in (None, name)]
    found = [one for one in sheets if any(cell != "" for row in one.rows for cell in row)]
    if not found:
        raise InputError(f"'{path.name}' holds no cells.")
    return found


def tidy(text) -> str:
    """Text with full-width characters made plain and its spaces and line breaks reduced to one.

    >>> tidy("２０２３\\u3000年 ")
    '2023 年'
    """
    text = str(text)
    return " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


def year_of(cell) -> int | None:
    """The year that a cell names, as a number, as text such as ``2023年``, or as a date; None if it names none.

    >>> year_of("2023年"), year_of(2019.0), year_of("12"), year_of(2019.5)
    (2023, 2019, None, None)
    """
    if isinstance(cell, str):
        cell = cell.replace(" ", "").removesuffix("年")
        cell = cell.removesuffix(".0")
        cell = int(cell) if len(cell) == 4 and cell.isascii() and cell.isdigit() else None
    if isinstance(cell, int | float) and cell == cell and cell == int(cell) and 1900 <= cell <= 2100:
        return int(cell)
    return None


def number_of(cell) -> float | None:
    """The number in a cell, None where a figure is missing.

    Thousands may be set off by commas or spaces, a per-cent sign may follow, and -, …, .. and the like mean that there
    is none.

    Raises
    ------
    ValueError
        If the cell holds something else.

    Examples
    --------
    >>> number_of("1,234.5"), number_of("…"), number_of("−3"), number_of("7.2 %")
    (1234.5, None, -3.0, 7.2)
    """
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            raise ValueError(cell)
        return float(cell)
    text = tidy(cell).replace("−", "-")
    if not text.strip(MARKS) or text.casefold() in MISSING:
        return None
    text = text.removesuffix("%").strip()
    whole, point, rest = text.partition(".")
    head, *groups = whole.replace(" ", ",").split(",")
    if groups and (not 1 <= len(head.lstrip("+-")) <= 3 or any(len(group) != 3 for group in groups)):
        raise ValueError(cell)
    value = head + "".join(groups) + point + rest
    if not value.isascii() or "_" in value or not any(character.isdigit() for character in value):
        raise ValueError(cell)
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(cell)
    return value


def numbers_of(cells: list) -> tuple[np.ndarray, list[int]]:
    """The numbers in a column of cells, NaN where a figure is missing, and the places of what is something else.

    >>> values, odd = numbers_of(["1,234", "…", "many"])
    >>> values.tolist(), odd
    ([1234.0, nan, nan], [2])
    """
    with suppress(ValueError):  # nearly always all is well, and this is the quick way to see it
        values = np.array(list(map(float, cells)))
        text = "".join(cell for cell in cells if isinstance(cell, str))
        if np.isfinite(values).all() and text.isascii() and "_" not in text:
            return values, []
    values, odd = np.full(len(cells), np.nan), []
    for place, cell in enumerate(cells):
        try:
            value = number_of(cell)
        except ValueError:
            odd.append(place)
        else:
            values[place] = np.nan if value is None else value
    return values, odd


def letters(column: int) -> str:
    """A column's name in a spreadsheet.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _workbook(path: Path, content: bytes) -> dict[str, list[list]]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except BaseException as error:  # the reader reports damaged files by several kinds, a Rust panic among them
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        if content[:512].lstrip()[:1] == b"<":
            return _refuse(path, "it is a web page under another name. Open it in a spreadsheet, save it as .xlsx")
        return _refuse(path, f"it is damaged, locked, or of another kind ({error}). Save it again as .xlsx")


def _text(path: Path, content: bytes) -> list[list]:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        return _refuse(path, "it is a workbook under the name of a text file. Give it the ending .xlsx or .xls")
    text = _decoded(path, content)
    first = [line for line in text.splitlines() if line.strip()][:50]
    delimiter = max(",\t;", key=lambda mark: sum(line.count(mark) for line in first))
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        return _refuse(path, f"a row cannot be read ({error}). Check the double quotes, or save it as .xlsx")


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return _refuse(path, "it is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8, or as .xlsx")


def _refuse(path: Path, why: str):
    raise InputError(f"'{path.name}' cannot be read: {why}.")


def _squared(rows: Iterable[Iterable]) -> list[list]:
    """Rows of one length, trailing empty rows and columns cut off, cells tidied."""
    grid = [[_cell(cell) for cell in row] for row in rows]
    while grid and all(cell == "" for cell in grid[-1]):
        grid.pop()
    width = max((place + 1 for row in grid for place, cell in enumerate(row) if cell != ""), default=0)
    return [(row + [""] * width)[:width] for row in grid]


def _cell(cell):
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        return cell
    if isinstance(cell, datetime | date):
        return cell.year if (cell.month, cell.day) in ((1, 1), (12, 31)) else cell.isoformat()
    return "" if cell is None else tidy(cell)
