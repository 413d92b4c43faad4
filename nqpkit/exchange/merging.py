"""What was read from spreadsheets, merged into a study: planned first, shown, then written whole or not at all."""

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

import pandas as pd

from nqpkit.errors import InputError
from nqpkit.exchange.layouts import COLUMNS, Hints, understand
from nqpkit.exchange.sheets import Sheet, read_sheets, tidy
from nqpkit.storage import write_together
from nqpkit.tables import read_tables

KEY = ["code", "year", "series"]
ODD_RATIO = 5  # a new figure this many times its neighbours in time looks like one in another unit
NATION = "00"


@dataclass(frozen=True)
class Source:
    """Where figures were published; becomes a row of sources.csv."""

    publication: str
    publisher: str
    date: str = ""
    licence: str = ""

    @property
    def key(self) -> str:
        """A short name made of the publication's and the date's letters and figures."""
        words = re.sub(r"[^\w]+", "-", f"{self.publication}-{self.date}".casefold()).strip("-_")
        return words[:60].strip("-") or "source"


@dataclass
class Plan:
    """What an import would change.

    Attributes
    ----------
    folder : Path
    understood : list of dict
        One entry a sheet: file, sheet, layout, figures, missing, regions, years, labels, guessed.
    skipped : list of str
    facts : DataFrame
        code, year, series, value, source: what is new or differs.
    unchanged : int
        Figures that the study holds already.
    conflicts : list of str
        Figures that differ from the study's, or from each other.
    unknown : dict
        Label without a series → how many figures carry it.
    odd : list of str
        Warnings about units and sizes.
    new_series : DataFrame
        Rows for series.csv.
    source : Source
    """

    folder: Path
    understood: list[dict]
    skipped: list[str]
    facts: pd.DataFrame
    unchanged: int
    conflicts: list[str]
    unknown: dict[str, int]
    odd: list[str]
    new_series: pd.DataFrame
    source: Source
    overwrite: bool = False
    differing: list[tuple] = field(default_factory=list)


def plan_import(files: Iterable[str | Path], folder: str | Path, source: Source,
                series: Mapping[str, str] | None = None, hints: Hints | None = None, sheet: str | None = None,
                region: str | None = None, overwrite: bool = False) -> Plan:
    """Read spreadsheets and work out what they would change in a study. Nothing is written.

    Parameters
    ----------
    files : iterable of path
    folder : path
        The study.
    source : Source
        The publication that the figures come from.
    series : mapping, optional
        Label in the files → series of the study. A label that equals the name, Chinese name or key of a series needs
        no entry; a series that the study does not have yet is added, with the label as its name.
    hints : Hints, optional
        What the tables do not say themselves.
    sheet : str, optional
        Only the sheet of that name.
    region : str, optional
        The region that all figures belong to, where the tables do not say.
    overwrite : bool
        Whether figures that differ replace the study's.

    Raises
    ------
    InputError
        If a file or the study cannot be read or understood.
    """
    tables = _study_tables(folder)
    names = region_names(tables)
    hints = hints or Hints()
    if region:
        if region not in names:
            raise InputError(f"There is no region '{region}' in this study. Known: {', '.join(sorted(names))}.")
        hints = Hints(hints.label, hints.year, names[region], hints.unit)
    given = {_plain(label): name for label, name in (series or {}).items()}
    for name in given.values():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise InputError(f"'{name}' cannot be the key of a series: use small Latin letters, figures and "
                             "underscores, beginning with a letter.")
    known = series_names(tables) | given
    understood, skipped, parts, sheets = [], [], [], []
    for path in files:
        for one in read_sheets(path, sheet):
            reading = understand(one, names, hints)
            found = reading.cells
            parts.append(found.assign(sheet=len(sheets)))
            sheets.append(one)
            skipped += reading.skipped
            understood.append({
                "file": one.file.name, "sheet": one.name, "layout": reading.layout, "figures": len(found),
                "missing": reading.missing, "regions": found["code"].nunique(),
                "years": sorted(found["year"].unique().tolist()), "guessed": dict(reading.guessed),
                "labels": sorted(found["label"].unique())})
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS, "sheet"])
    told["series"] = told["label"].map({label: known.get(_plain(label)) for label in told["label"].unique()})
    unknown = told[told["series"].isna()].groupby("label", sort=False).size().to_dict()
    told = told.dropna(subset="series")
    new_series, odd = _new_series(told, tables, sheets), _other_units(told, tables, sheets)
    facts, unchanged, conflicts, differing = _compare(told, tables, sheets, source, overwrite)
    odd += _other_sizes(facts, tables)
    return Plan(Path(folder), understood, skipped, facts, unchanged, conflicts, unknown, odd, new_series, source,
                overwrite, differing)


def write_import(plan: Plan) -> None:
    """Write what a plan would change: sources.csv, series.csv and figures.csv, all of them or none.

    Raises
    ------
    InputError
        If figures differ and the plan does not overwrite, if the study would no longer be readable afterwards, or if
        the disk refuses.
    """
    if plan.conflicts:
        raise InputError("Nothing was written. These figures differ from what the study holds:\n"
                         + "\n".join(f"  {text}" for text in plan.conflicts[:10])
                         + (f"\n  … and {len(plan.conflicts) - 10} more" if len(plan.conflicts) > 10 else "")
                         + "\nLook at both; --overwrite takes the new ones.")
    if plan.facts.empty:
        return
    files = {"sources.csv": _with_source(plan), "series.csv": _with_series(plan), "figures.csv": _with_figures(plan)}
    _refuse_unreadable(plan.folder, files)
    try:
        write_together({plan.folder / name: content for name, content in files.items()})
    except OSError as error:
        raise InputError(f"'{plan.folder}' cannot be written ({error.strerror}). Check disk and permissions.") from None


def region_names(tables: dict) -> dict[str, str]:
    """Every name, slug and code of a study's regions, and the names that study.yml gives the nation → code."""
    regions = tables["regions"]
    columns = [c for c in ("code", "slug", "name", "name_zh", "name_full_zh") if c in regions]
    names = {tidy(text): code for c in columns for text, code in zip(regions[c], regions["code"], strict=True) if text}
    return {tidy(name): NATION for name in tables["settings"].get("nation_names", [])} | names


def series_names(tables: dict) -> dict[str, str]:
    """Every key, name and Chinese name of a study's series, bare of spaces and letter case → series."""
    series, found = tables["series"], {}
    for column in ("name_zh", "name", "series"):
        found |= {_plain(text): key for text, key in zip(series[column], series["series"], strict=True) if text}
    return found


def _study_tables(folder) -> dict:
    if not Path(folder).is_dir():
        raise InputError(f"There is no study folder '{folder}'. `nqp new {folder}` starts one.")
    tables, problems = read_tables(folder)
    broken = [p for p in problems if p.severity == "error" and p.file in ("regions.csv", "series.csv", "sources.csv",
                                                                          "figures.csv", "study.yml")
              and not p.message.startswith("the table has no rows")]
    if broken:
        raise InputError("The study must be readable before figures can be added to it:\n"
                         + "\n".join(map(str, broken[:3])))
    return tables


def _new_series(told: pd.DataFrame, tables: dict, sheets: list[Sheet]) -> pd.DataFrame:
    written = {other: unit for unit, others in reversed(tables["settings"].get("unit_names", {}).items())
               for other in others}
    rows = []
    for cell in told[~told["series"].isin(tables["series"]["series"])].drop_duplicates("series").itertuples():
        if not cell.unit:
            raise InputError(f"{_place(cell, sheets)}: the unit of the new series '{cell.series}' is not said. Give it "
                             "with --unit.")
        latin = cell.label.isascii()
        rows.append({"series": cell.series,
                     "name": cell.label if latin else cell.series.replace("_", " ").capitalize(),
                     "name_zh": "" if latin else cell.label, "unit": written.get(cell.unit, cell.unit)})
    return pd.DataFrame(rows, columns=["series", "name", "name_zh", "unit"])


def _other_units(told: pd.DataFrame, tables: dict, sheets: list[Sheet]) -> list[str]:
    """Labels whose unit is not written like the series' own, each once."""
    own = tables["series"].set_index("series")["unit"].to_dict()
    same = tables["settings"].get("unit_names", {})
    return [f"{_place(cell, sheets)}: the unit of '{cell.label}' is '{cell.unit}', the study has '{own[cell.series]}' "
            f"for {cell.series}. If both mean the same, add it to unit_names in study.yml."
            for cell in told.drop_duplicates(["series", "unit"]).itertuples()
            if cell.unit and cell.series in own and cell.unit not in (own[cell.series],
                                                                      *same.get(own[cell.series], []))]


def _compare(told: pd.DataFrame, tables: dict, sheets: list[Sheet], source: Source, overwrite: bool):
    keys = pd.MultiIndex.from_frame(told[KEY])
    held = tables["figures"].set_index(KEY)["value"]
    held = pd.Series(held.reindex(keys).to_numpy() if len(held) else float("nan"), index=told.index)
    again = pd.Series(keys.duplicated(), index=told.index)
    same = ~again & (told["value"] == held)
    other = ~again & ~same & held.notna()
    conflicts = {}
    if again.any():
        before = told[~again].set_index(KEY)[["value", "row", "column", "sheet"]]
        for cell in told[again].itertuples():
            first = before.loc[(cell.code, cell.year, cell.series)]
            if first.value != cell.value:
                conflicts[cell.Index] = f"but {first.value:.12g} in {_place(first, sheets)}"
    if not overwrite:
        conflicts |= {place: f"the study has {value:.12g}" for place, value in held[other].items()}
    said = [f"{_place(cell, sheets)}: {cell.series} of {cell.code} in {cell.year} is {cell.value:.12g}, "
            f"{conflicts[cell.Index]}" for cell in told.loc[sorted(conflicts)].itertuples()]
    facts = told.loc[~again & ~same, [*KEY, "value"]].reset_index(drop=True).assign(source=source.key)
    return facts, int(same.sum()), said, list(keys[other])


def _place(cell, sheets: list[Sheet]) -> str:
    """File, sheet, row and column of a figure; put together only where it is told."""
    return sheets[int(cell.sheet)].place(int(cell.row), int(cell.column))


def _other_sizes(facts: pd.DataFrame, tables: dict) -> list[str]:
    """Series whose new figures are several times the figures of the same regions in neighbouring years."""
    if facts.empty:
        return []
    held = tables["figures"].loc[tables["figures"]["value"] > 0, [*KEY, "value"]]
    near = pd.concat([facts[facts["value"] > 0].merge(held.assign(year=held["year"] + step), on=KEY,
                                                      suffixes=("", "_held")) for step in (-1, 0, 1)])
    ratio = (near["value"] / near["value_held"]).groupby(near["series"]).median()
    return [f"{name}: the new figures are {ratio[name]:.3g} times those of the years beside them, in the median. "
            "Another unit?" for name in ratio.index if not 1 / ODD_RATIO <= ratio[name] <= ODD_RATIO]


def _with_figures(plan: Plan) -> bytes:
    header, rows = _raw(plan.folder / "figures.csv")
    if plan.differing:
        code, year, series = (header.index(name) for name in KEY)
        replaced = set(plan.differing)
        rows = (row for row in rows
                if (row[code].strip(), int(float(row[year])), row[series].strip()) not in replaced)
    facts = plan.facts.assign(value=plan.facts["value"].map(_written))
    return _csv(header, chain(rows, zip(*(facts[name] if name in facts else repeat("") for name in header),
                                        strict=False)))


def _with_source(plan: Plan) -> bytes:
    header, rows = _raw(plan.folder / "sources.csv")
    rows, key = list(rows), header.index("source")
    if any(row[key].strip() == plan.source.key for row in rows):
        return _csv(header, rows)
    said = {"source": plan.source.key, "publication": plan.source.publication, "publisher": plan.source.publisher,
            "licence": plan.source.licence, "notes": f"Published {plan.source.date}." if plan.source.date else ""}
    return _csv(header, [*rows, [said.get(name, "") for name in header]])


def _with_series(plan: Plan) -> bytes:
    header, rows = _raw(plan.folder / "series.csv")
    new = [[row.get(name, "") for name in header] for row in plan.new_series.to_dict("records")]
    return _csv(header, chain(rows, new))


def _raw(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The header of a table and its rows as they stand, read one by one."""
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    rows = (row for row in rows if any(row))
    return [cell.strip() for cell in next(rows)], rows


def _csv(header: list[str], rows: Iterable) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(chain([header], rows))
    return buffer.getvalue().encode("utf-8")


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _refuse_unreadable(folder: Path, files: Mapping[str, bytes]) -> None:
    """Try the changed study in a copy: faults of form that it did not have before are the import's."""
    before = {(problem.file, problem.message) for problem in read_tables(folder)[1]}
    with tempfile.TemporaryDirectory(prefix="nqpkit-") as place:
        copy = Path(place) / "study"
        copy.mkdir()
        for path in folder.iterdir():
            if path.is_file() and path.suffix in (".csv", ".yml") and path.name not in files:
                shutil.copyfile(path, copy / path.name)
        for name, content in files.items():
            (copy / name).write_bytes(content)
        faults = [p for p in read_tables(copy)[1] if p.severity == "error" and (p.file, p.message) not in before]
    if faults:
        raise InputError("Nothing was written, because the study could not be read afterwards:\n"
                         + "\n".join(f"  {fault}" for fault in faults[:5]))


def _plain(label: str) -> str:
    return "".join(tidy(label).split()).casefold()
