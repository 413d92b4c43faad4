"""The tutorial on a study of one's own: the commands it shows are run when the page is made."""

import contextlib
import io
import os
import shutil
import tempfile
from html import escape
from pathlib import Path

import click
import pandas as pd

from nqpkit.cli import nqp
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.exchange.start import STARTER
from nqpkit.study import BUILT_IN, Study
from nqpkit.wording import Prose, counted

EXPORT = "gdp-first-published.csv"


class Shell:
    """A folder of its own in which ``nqp`` commands are run and shown with what they said."""

    def __init__(self):
        self._place = tempfile.TemporaryDirectory(prefix="nqpkit-")
        self.folder = Path(self._place.name)
        shutil.copyfile(STARTER / EXPORT, self.folder / EXPORT)

    def run(self, *arguments: str) -> "Said":
        """Run ``nqp`` with these arguments; standard output and standard error, in the order in which they came."""
        heard, before = io.StringIO(), Path.cwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
                try:
                    nqp.main(args=list(arguments), prog_name="nqp", standalone_mode=False)
                except (ValueError, click.ClickException) as error:
                    click.echo(f"nqp: {error}", err=True)
        finally:
            os.chdir(before)
        return Said(list(arguments), heard.getvalue().replace(str(self.folder.resolve()) + os.sep, ""))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in a file of the folder, as one would in an editor; the text must be there."""
        path = self.folder / name
        if not path.exists():
            shutil.copyfile(BUILT_IN / path.name, path)
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"'{old}' does not stand in {name}.")
        path.write_text(text.replace(old, new), encoding="utf-8")


    def evaluate(self, folder: str) -> Evaluation:
        """The evaluation of a study in the folder."""
        return evaluate(Study.load(self.folder / folder))


class Said:
    """A command and what it said; shows itself as a block of a terminal."""

    def __init__(self, arguments: list[str], text: str):
        self.command = " ".join(["nqp", *(f'"{word}"' if " " in word else word for word in arguments)])
        self.text = text

    def _repr_html_(self) -> str:
        return (f'<div class="highlight nqp-terminal" tabindex="0" role="region" aria-label="{escape(self.command)}">'
                f"<pre><b>$ {escape(self.command)}</b>\n{escape(self.text)}</pre></div>")

    def __repr__(self):
        return f"$ {self.command}\n{self.text}"


def rank_shifts(before: Evaluation, after: Evaluation) -> pd.DataFrame:
    """Every region's score and rank on the first system in two evaluations, those whose rank differs first."""
    first = before.systems.columns[0]
    held, own = (result.table().set_index("code") for result in (before, after))
    table = pd.DataFrame({"name": held["name"], "score before": held[first], "score after": own[first],
                          "rank before": held[f"rank_{first}"], "rank after": own[f"rank_{first}"]}).set_index("name")
    moved = (table["rank after"] - table["rank before"]).abs()
    return table.loc[moved.sort_values(ascending=False, kind="stable").index]


def shifted(before: Evaluation, after: Evaluation) -> Prose:
    """How many regions change their rank, in a sentence."""
    table, many = rank_shifts(before, after), before.study.unit["many"]
    moved = (table["rank after"] - table["rank before"]).abs()
    if not moved.any():
        return Prose(f"No rank changes: for the order of {len(table)} {many} the revision does not matter.")
    count, most = counted(int((moved > 0).sum())), counted(int(moved.max()))
    return Prose(f"{count.capitalize()} of {len(table)} {many} change their rank, none by more than {most}.")
