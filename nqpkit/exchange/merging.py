"""What was read from spreadsheets, merged into a study: planned first, shown, then written whole or not at all."""

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from nqpkit.errors import InputError
from nqpkit.exchange.layouts import Cell, Hints, understand
from nqpkit.exchange.sheets import read_sheets, tidy
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
    understood, skipped, cells = [], [], []
    for path in files:
        for one in read_sheets(path, sheet):
            reading = understand(one, names, hints)
            cells += reading.cells
            skipped += reading.skipped
            understood.append({
                "file": one.file.name, "sheet": one.name, "layout": reading.layout, "figures": len(reading.cells),
                "missing": reading.missing, "regions": len({cell.code for cell in reading.cells}),
                "years": sorted({cell.year for cell in reading.cells}), "guessed": dict(reading.guessed),
                "labels": sorted({cell.label for cell in reading.cells})})
    unknown: dict[str, int] = {}
    for cell in cells:
        if _plain(cell.label) not in known:
            unknown[cell.label] = unknown.get(cell.label, 0) + 1
    told = [(cell, known[_plain(cell.label)]) for cell in cells if _plain(cell.label) in known]
    new_series, odd = _new_series(told, tables), _other_units(told, tables)
    facts, unchanged, conflicts, differing = _compare(told, tables, source, overwrite)
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
    texts = {"figures.csv": _with_figures(plan), "sources.csv": _with_source(plan), "series.csv": _with_series(plan)}
    _refuse_unreadable(plan.folder, texts)
    _write_all(plan.folder, texts)


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


def _new_series(told, tables) -> pd.DataFrame:
    rows, written = {}, {other: unit for unit, others in reversed(tables["settings"].get("unit_names", {}).items())
                         for other in others}
    held = set(tables["series"]["series"])
    for cell, name in told:
        if name not in held and name not in rows:
            latin = cell.label.isascii()
            rows[name] = {"series": name, "name": cell.label if latin else name.replace("_", " ").capitalize(),
                          "name_zh": "" if latin else cell.label, "unit": written.get(cell.unit, cell.unit)}
            if not cell.unit:
                raise InputError(f"{cell.place}: the unit of the new series '{name}' is not said. Give it with --unit.")
    return pd.DataFrame(list(rows.values()), columns=["series", "name", "name_zh", "unit"])


def _other_units(told, tables) -> list[str]:
    """Labels whose unit is not written like the series' own, each once."""
    own = tables["series"].set_index("series")["unit"].to_dict()
    same = tables["settings"].get("unit_names", {})
    odd = {}
    for cell, name in told:
        if cell.unit and name in own and cell.unit not in (own[name], *same.get(own[name], [])):
            odd.setdefault((name, cell.unit), f"{cell.place}: the unit of '{cell.label}' is '{cell.unit}', the study "
                           f"has '{own[name]}' for {name}. If both mean the same, add it to unit_names in study.yml.")
    return list(odd.values())


def _compare(told: list[tuple[Cell, str]], tables, source, overwrite):
    held = tables["figures"].set_index(KEY)["value"].to_dict()
    seen: dict[tuple, Cell] = {}
    rows, unchanged, conflicts, differing = [], 0, [], []
    for cell, name in told:
        key = (cell.code, cell.year, name)
        if key in seen:
            if seen[key].value != cell.value:
                conflicts.append(f"{cell.place}: {name} of {cell.code} in {cell.year} is {cell.value:.12g}, but "
                                 f"{seen[key].value:.12g} in {seen[key].place}")
            continue
        seen[key] = cell
        if key in held and held[key] == cell.value:
            unchanged += 1
            continue
        if key in held:
            differing.append(key)
            if not overwrite:
                conflicts.append(f"{cell.place}: {name} of {cell.code} in {cell.year} is {cell.value:.12g}, the study "
                                 f"has {held[key]:.12g}")
        rows.append((*key, cell.value, source.key))
    return (pd.DataFrame(rows, columns=[*KEY, "value", "source"]), unchanged, conflicts, differing)


def _other_sizes(facts, tables) -> list[str]:
    """Series whose new figures are several times the figures of the same regions in neighbouring years."""
    held = tables["figures"]
    near = facts.merge(held, on=["code", "series"], suffixes=("", "_held"))
    near = near[((near["year"] - near["year_held"]).abs() <= 1) & (near["value_held"] > 0) & (near["value"] > 0)]
    ratio = (near["value"] / near["value_held"]).groupby(near["series"]).median()
    return [f"{name}: the new figures are {ratio[name]:.3g} times those of the years beside them, in the median. "
            "Another unit?" for name in ratio.index if not 1 / ODD_RATIO <= ratio[name] <= ODD_RATIO]


def _with_figures(plan) -> str:
    header, rows = _raw(plan.folder / "figures.csv")
    place = {name: header.index(name) for name in (*KEY, "value", "source")}
    replaced = set(plan.differing)
    kept = [row for row in rows if not replaced or
            (row[place["code"]].strip(), int(float(row[place["year"]])), row[place["series"]].strip()) not in replaced]
    for fact in plan.facts.itertuples(index=False):
        row = [""] * len(header)
        for name, value in (("code", fact.code), ("year", fact.year), ("series", fact.series),
                            ("value", _written(fact.value)), ("source", fact.source)):
            row[place[name]] = str(value)
        kept.append(row)
    return _csv(header, kept)


def _with_source(plan) -> str:
    header, rows = _raw(plan.folder / "sources.csv")
    key = header.index("source")
    if any(row[key].strip() == plan.source.key for row in rows):
        return _csv(header, rows)
    said = {"source": plan.source.key, "publication": plan.source.publication, "publisher": plan.source.publisher,
            "licence": plan.source.licence, "notes": f"Published {plan.source.date}." if plan.source.date else ""}
    return _csv(header, [*rows, [said.get(name, "") for name in header]])


def _with_series(plan) -> str:
    header, rows = _raw(plan.folder / "series.csv")
    new = [[row.get(name, "") for name in header] for row in plan.new_series.to_dict("records")]
    return _csv(header, rows + new)


def _raw(path: Path) -> tuple[list[str], list[list[str]]]:
    rows = [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")) if any(row)]
    return [cell.strip() for cell in rows[0]], rows[1:]


def _csv(header, rows) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue()


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _refuse_unreadable(folder: Path, texts: Mapping[str, str]) -> None:
    """Try the changed study in a copy: faults of form that it did not have before are the import's."""
    before = {(problem.file, problem.message) for problem in read_tables(folder)[1]}
    with tempfile.TemporaryDirectory(prefix="nqpkit-") as place:
        copy = Path(place) / "study"
        copy.mkdir()
        for path in folder.iterdir():
            if path.is_file() and path.suffix in (".csv", ".yml"):
                shutil.copyfile(path, copy / path.name)
        for name, text in texts.items():
            (copy / name).write_text(text, encoding="utf-8", newline="\n")
        faults = [p for p in read_tables(copy)[1] if p.severity == "error" and (p.file, p.message) not in before]
    if faults:
        raise InputError("Nothing was written, because the study could not be read afterwards:\n"
                         + "\n".join(f"  {fault}" for fault in faults[:5]))


def _write_all(folder: Path, texts: Mapping[str, str]) -> None:
    parts = {folder / name: folder / f".{name}.{os.getpid()}.part" for name in texts}
    try:
        for (path, part), text in zip(parts.items(), texts.values(), strict=True):
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, part)
        for path in reversed(parts):  # figures last: they name series and sources
            os.replace(parts[path], path)
    except OSError as error:
        raise InputError(f"'{folder}' cannot be written ({error.strerror}). Check disk and permissions.") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _plain(label: str) -> str:
    return "".join(tidy(label).split()).casefold()
