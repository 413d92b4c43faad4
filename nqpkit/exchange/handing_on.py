"""One region's results as a file of the form that was asked for."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation

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
    return write_file(target, _content(result, code, form, year))


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
        return print_pdf(write_file(Path(place) / "brief.html", _content(result, code, "html", year)), target)


def write_file(target: Path, content: bytes) -> Path:
    """Write a file that a person asked for, whole or not at all; InputError if its place cannot be written."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        os.replace(part, target)
    except OSError as error:
        raise InputError(f"'{target}' cannot be written ({error.strerror}). Name another place with --out.") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target
