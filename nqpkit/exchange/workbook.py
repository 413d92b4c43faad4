"""A region's results as a workbook: numbers as numbers, with units, formulas in words and sources; nothing executes."""

import io

import pandas as pd
import xlsxwriter

from nqpkit.book.catalogue import formula_in_words
from nqpkit.evaluation import Evaluation
from nqpkit.exchange.tidy import everything, indicator_rows
from nqpkit.reports.freshness import shared_key
from nqpkit.scenario import what_if
from nqpkit.uncertainty import rank_intervals

WIDEST = 60


def workbook(result: Evaluation, region: str, year: int | None = None) -> bytes:
    """An .xlsx file with everything about one region.

    Sheets: About, Scores (all regions of the year with rank intervals), By year, Indicators (values, units, formulas in
    words, normalised values, ranks), Obstacles, Levers, Figures (every official figure behind the indicators, with its
    source), Sources. Text is written as text: a name that begins with = stays a name.

    Raises
    ------
    InputError
        If the region or the year is not in the study.
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "strings_to_numbers": False, "nan_inf_to_errors": False})
    book.set_properties({"title": f"{study.regions.loc[code, 'name']}, {year}", "comments": study.title,
                         "created": pd.Timestamp("2000-01-01").to_pydatetime()})
    styles = {"head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
              "number": book.add_format({"num_format": "#,##0.####"}), "title": book.add_format({"bold": True}),
              "whole": book.add_format({"num_format": "0"})}
    _about(book, styles, result, code, year)
    _sheet(book, styles, "Scores", _all_regions(result, year))
    _sheet(book, styles, "By year", _by_year(result, code))
    _sheet(book, styles, "Indicators", indicator_rows(result, code, year).assign(
        formula_in_words=lambda rows: [formula_in_words(study, name) for name in rows["indicator"]]))
    own = result.obstacles.xs((code, year), level=("code", "year")).reset_index()
    labels = result.framework.indicators()["label"]
    _sheet(book, styles, "Obstacles", own.assign(label=own["indicator"].map(labels)))
    _sheet(book, styles, "Levers", _levers(result, code, year))
    facts = everything(result, code)
    figures = facts[facts["kind"] == "figure"].drop(columns="kind")
    _sheet(book, styles, "Figures", figures)
    _sheet(book, styles, "Sources", study.sources.loc[sorted(set(figures["source"]))].reset_index().drop(
        columns="row"))
    book.close()
    return buffer.getvalue()


def _about(book, styles, result, code, year) -> None:
    study, key = result.study, shared_key(result.study.folder)
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    lines = [(study.regions.loc[code, "name"], ""), ("Study", study.title), ("Year", year),
             *((name.capitalize(), value if isinstance(value, str | float | int) else "as given")
               for name, value in vars(result.options).items()),
             ("Reference group", study.groups[result.reference_group]["label"]),
             ("Scores", "0 and 1 are the lowest and highest values among all regions and scored years after the "
              "extremes are pulled in. A score is a place between others, not a share of a target."),
             ("Rank intervals", "The ranks that nine of ten draws of random weights leave."),
             ("Obstacles", "share: part of all obstacles; relative: share over weight; gap: weighted distance to the "
              "reference group's median."),
             ("Levers", "Arithmetic of the index if a lever stood at the reference median. No forecast."),
             ("Missing", "An empty cell is a figure that was not published or not computed."),
             *((f"Hash of the {part}", value) for part, value in key.items())]
    for number, (name, value) in enumerate(lines):
        sheet.write_string(number, 0, str(name), styles["title"])
        if isinstance(value, str):
            sheet.write_string(number, 1, value)
        else:
            sheet.write_number(number, 1, value, styles["whole" if isinstance(value, int) else "number"])


def _all_regions(result, year) -> pd.DataFrame:
    now, table = rank_intervals(result, year), result.table(year)
    return table.set_index("code").join(now[now.columns.difference(table.columns)]).reset_index()


def _by_year(result, code) -> pd.DataFrame:
    frames = [result.standing.xs(code, level="code"), result.dimensions.xs(code, level="code").add_prefix("dimension_")]
    return pd.concat(frames, axis=1).reset_index()


def _levers(result, code, year) -> pd.DataFrame:
    if not result.framework.paths or result.systems.loc[(code, year)].isna().any():
        return pd.DataFrame({"levers": ["The study declares no levers, or the region has no scores."]})
    return what_if(result, code, year=year).levers.reset_index()


def _sheet(book, styles, name, frame: pd.DataFrame) -> None:
    """One table on one sheet: header frozen and filtered, numbers as numbers, text as text, missing cells empty."""
    sheet = book.add_worksheet(name)
    for column, label in enumerate(frame.columns):
        sheet.write_string(0, column, str(label).replace("_", " "), styles["head"])
        values = frame[label].tolist()
        for row, value in enumerate(values, start=1):
            if value is None or value is pd.NA or value != value:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                sheet.write_string(row, column, str(value))
            else:
                sheet.write_number(row, column, value, styles["whole" if label == "year" else "number"])
        longest = max([len(str(label)), *(len(str(value)) for value in values[:200])])
        sheet.set_column(column, column, min(longest + 2, WIDEST))
    sheet.freeze_panes(1, 0)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
