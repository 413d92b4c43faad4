"""A study: regions, official figures, their sources, and the indicator systems that score them."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.reports.handed import handed
from nqpkit.tables import read_tables
from nqpkit.wording import lowered

BUILT_IN = Path(__file__).parent / "data" / "western_china"
NATION = "00"


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that a folder of study files says, as labelled tables.

    Attributes
    ----------
    folder : Path
    settings : dict
        Content of ``study.yml``.
    regions : DataFrame indexed by code
        slug, name, name_zh, name_full_zh, group, capital, tile_row, tile_col.
    figures : DataFrame
        One row a fact: code, year, series, value, source. Code ``00`` is the nation, for checks only.
    series, sources : DataFrame
        Indexed by series and by source.
    marks : DataFrame
        Cells that need a word: code, year, series, value, kind, explanation.
    neighbours : DataFrame
        code, neighbour, note; symmetric.
    framework : Framework
    claims : dict
        Content of ``claims.yml``: the claims of a paper and how each is checked; empty if the study has none.
    notes : dict
        Content of ``province_notes.yml``: dated facts about single regions; empty if the study has none.
    """

    folder: Path
    settings: dict
    regions: pd.DataFrame
    figures: pd.DataFrame
    series: pd.DataFrame
    sources: pd.DataFrame
    marks: pd.DataFrame
    neighbours: pd.DataFrame
    framework: Framework
    claims: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)

    @staticmethod
    def load(folder: str | Path | None = None) -> "Study":
        """Read a study.

        Parameters
        ----------
        folder : path, optional
            A folder with study.yml, regions.csv, figures.csv, series.csv, sources.csv and framework.yml; nothing
            or an empty text takes the built-in study of China's western provinces.

        Raises
        ------
        InputError
            With the first problems found, each with file, row and column. ``nqp check FOLDER`` lists all.

        Examples
        --------
        >>> study = Study.load()
        >>> study.regions.loc["62", "name"]
        'Gansu'
        """
        folder = Path(folder).expanduser().resolve() if folder else BUILT_IN
        if not folder.is_dir():
            raise InputError(f"There is no study folder '{folder}'. Give a folder that holds study.yml, or leave the "
                             "option out to use the built-in study.")
        return _load(folder, folder_stamp(folder))

    @property
    def title(self) -> str:
        return self.settings["title"]

    @property
    def unit(self) -> dict:
        """The noun for one region: ``{one: province, many: provinces, …}``."""
        return self.settings["unit"]

    @property
    def focus(self) -> str:
        """The group of regions that the study is about."""
        return self.settings["focus"]

    @property
    def groups(self) -> dict:
        """Group → ``{label, label_zh}``."""
        return self.settings["groups"]

    @property
    def years(self) -> list[int]:
        """The scored years."""
        first, last = self.framework.years
        return list(range(first, last + 1))

    @cached_property
    def alternatives(self) -> dict[str, Framework]:
        """The alternative indicator sets of the framework by name, each a framework that `evaluate` can score."""
        return {name: self.framework.variant(name) for name in self.framework.variants}

    def said(self, label: str) -> str:
        """A label of the study within a sentence: in English with a small first letter, else as the study writes it.

        Examples
        --------
        >>> Study.load().said("Research and development")
        'research and development'
        """
        return lowered(label) if self.settings.get("language", "en") == "en" else label

    def resolve(self, name: str) -> str:
        """The code of a region, from its code, slug, or name in either language.

        Raises
        ------
        InputError
            If no region is called that; the message lists the slugs and the nearest one.
        """
        text = str(name).strip()
        code = self._names.get(text.casefold())
        if code is None:
            near = get_close_matches(text.casefold(), list(self._names), n=1)
            hint = f" Did you mean '{self.regions.loc[self._names[near[0]], 'slug']}'?" if near else ""
            raise InputError(f"There is no {self.unit['one']} '{text}' in this study.{hint} Known: "
                             f"{', '.join(self.regions['slug'])}.")
        return code

    def check_year(self, year: int) -> int:
        """The year itself if it is scored, else an InputError that says which are."""
        if year not in self.years:
            raise InputError(f"The year {year} is not scored in this study: choose one from {self.years[0]} to "
                             f"{self.years[-1]}.")
        return year

    def panel(self) -> pd.DataFrame:
        """The figures as a panel: (code, year) × series, the nation left out, missing figures as NaN."""
        return self._panel.copy(deep=False)

    @cached_property
    def _panel(self) -> pd.DataFrame:
        facts = self.figures[self.figures["code"] != NATION]
        return facts.pivot(index=["code", "year"], columns="series", values="value")

    @cached_property
    def _names(self) -> dict[str, str]:
        columns = [c for c in ("slug", "name", "name_zh", "name_full_zh") if c in self.regions]
        names = {str(text).casefold(): code for c in columns for code, text in self.regions[c].items()}
        return names | {code.casefold(): code for code in self.regions.index}


def folder_stamp(folder: Path) -> tuple:
    """Names, times and sizes of a folder's files: whether what was read of it still holds."""
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(folder.iterdir()))


@lru_cache(maxsize=4)
@handed(lambda folder, stamp: (folder, stamp))
def _load(folder: Path, stamp: tuple) -> Study:
    tables, problems = read_tables(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        more = f"\n… and {len(errors) - 3} more; `nqp check {folder}` lists all." if len(errors) > 3 else ""
        raise InputError("\n".join(map(str, errors[:3])) + more)
    return Study(
        folder=folder,
        settings=tables["settings"],
        regions=tables["regions"].set_index("code"),
        figures=tables["figures"],
        series=tables["series"].set_index("series"),
        sources=tables["sources"].set_index("source"),
        marks=tables["marks"],
        neighbours=tables["neighbours"],
        framework=Framework.read(tables["framework"]),
        claims=tables["claims"],
        notes=tables["notes"],
    )
