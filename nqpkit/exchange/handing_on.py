"""One region's results as a file of the form that was asked for."""

import tempfile
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.storage import hand_over

FORMS = ("xlsx", "html", "pdf", "csv", "json")


def export_region(result: Evaluation, region: str, form: str, year: int | None = None,
                  out: str | Path | None = None) -> Path:
    """Write a region's workbook, brief, or plain numbers.

    Parameters
    ----------
    form : {"xlsx", "html", "pdf", "csv", "json"}
    out : path, optional
        ``<slug>-<year>.<form>`` in the current folder by default. The file appears whole or not at all.

    Raises
    ------
    InputError
        For an unknown region, year or form, a place that cannot be written, or a PDF without a browser to print it.
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    if form not in FORMS:
        raise InputError(f"There is no form '{form}'. Known: {', '.join(FORMS)}.")
    target = Path(out or f"{study.regions.loc[code, 'slug']}-{year}.{form}").expanduser().resolve()
    if target.is_dir():
        raise InputError(f"'{target}' is a folder. Name a file.")
    if form == "pdf":
        return _print(result, code, year, target)
    hand_over({target: _content(result, code, form, year)})
    return target


def _content(result, code, form, year) -> bytes:
    from nqpkit.exchange.brief import brief
    from nqpkit.exchange.tidy import as_csv, everything
    from nqpkit.exchange.workbook import workbook

    if form == "xlsx":
        return workbook(result, code, year)
    if form == "html":
        return brief(result, code, year).encode()
    table = everything(result, code)
    if form == "csv":
        return as_csv(table).encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8
    return (table.to_json(orient="records", force_ascii=False, indent=1) + "\n").encode()


def _print(result, code, year, target) -> Path:
    from nqpkit.book.printing import print_pdf

    with tempfile.TemporaryDirectory(prefix="nqpkit-") as place:
        page = Path(place) / "brief.html"
        hand_over({page: _content(result, code, "html", year)})
        return print_pdf(page, target)
