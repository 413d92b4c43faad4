"""The commands ``nqp new``, ``nqp import`` and ``nqp export``: into a study, and out of it."""

import sys
from pathlib import Path

import click

from nqpkit.errors import InputError

SHOWN = 12  # lines of a list before the rest is counted


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--empty", "kind", flag_value="empty", help="Headers and comments only.")
@click.option("--extend", "kind", flag_value="extend", help="Only what you add to the built-in study.")
@click.option("--example", "example", type=click.Choice(["counties"]), help="Twelve invented counties, for practice.")
def new(folder, kind, example) -> None:
    """Start a study of your own in a new folder: a full copy of the built-in one unless told otherwise.

    \b
    nqp new my-study                     a copy to change
    nqp new my-study --extend            one more province, or more series, on top of the built-in study
    nqp new my-study --empty             tables with headers, files with comments
    nqp new practice --example counties  small, invented, runs in a second
    """
    from nqpkit.exchange.start import new_study

    if kind and example:
        raise InputError("--example makes a study of its own: leave --empty and --extend out.")
    made = new_study(folder, example or kind or "built-in")
    click.echo(f"{made} is there. README.md in it says what each file is for.", err=True)
    steps = "Fill in its tables, then `nqp check" if kind == "empty" else "Try `nqp score --study"
    click.echo(f"{steps} {made}`.", err=True)
    click.echo(made)


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--study", metavar="DIR", help="Folder of the study; the current folder if left out.")
@click.option("--publication", metavar="TEXT", help="What the figures were published in.")
@click.option("--publisher", metavar="TEXT", help="Who published it.")
@click.option("--date", default="", metavar="TEXT", help="When it was published.")
@click.option("--series", "given", multiple=True, metavar="LABEL=SERIES",
              help="The series that a label in the files belongs to; a new one is added to series.csv.")
@click.option("--label", default="", metavar="TEXT", help="The indicator, where a table does not name it.")
@click.option("--unit", default="", metavar="TEXT", help="The unit of measure, where a table does not name it.")
@click.option("--year", type=click.IntRange(1900, 2100), metavar="Y", help="The year, where a table does not name it.")
@click.option("--region", metavar="NAME", help="The region, where a table does not name it.")
@click.option("--sheet", metavar="NAME", help="Only the sheet of that name.")
@click.option("--overwrite", is_flag=True, help="Replace figures of the study that differ.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and leave.")
def import_(files, study, publication, publisher, date, given, label, unit, year, region, sheet, overwrite, yes,
            dry_run) -> int:
    """Read the statistics bureau's Excel and CSV exports into a study.

    Tables may have years across, regions across, or a column for each thing; title lines above and notes below; names
    in any language of the study, short or full; numbers with commas; -, … or nothing for a missing figure; GB18030 or
    UTF-8. What was understood is shown before anything is written.

    \b
    nqp import 分省年度数据.xls --study my-study
    nqp import gdp.csv --study my-study --dry-run
    nqp import gdp.csv --study my-study --series "地区生产总值=gdp" --publication "Yearbook 2024" --publisher "Bureau"
    """
    from nqpkit.exchange.layouts import Hints
    from nqpkit.exchange.merging import Source, plan_import, write_import

    folder = Path(study or ".").expanduser()
    asked = {"publication": publication, "publisher": publisher}
    for name, said in asked.items():
        if not said and sys.stdin.isatty() and not yes and not dry_run:
            asked[name] = click.prompt(f"The {name} of these figures", err=True).strip()
    if not all(asked.values()) and not dry_run:
        missing = " and ".join(f"--{name}" for name, said in asked.items() if not said)
        raise InputError(f"Every figure needs a source: give {missing}, or look first with --dry-run.")
    source = Source(asked["publication"] or "not said", asked["publisher"] or "not said", date)
    plan = plan_import(files, folder, source, _pairs(given), Hints(label, year, "", unit), sheet, region, overwrite)
    _show(plan)
    if dry_run:
        return 0
    if plan.conflicts:
        write_import(plan)
    if plan.facts.empty:
        click.echo("There is nothing to write.", err=True)
        return 0
    if not yes and not (sys.stdin.isatty() and click.confirm("Write this into the study?", err=True)):
        click.echo("Nothing was written. --yes writes without asking.", err=True)
        return 0
    write_import(plan)
    click.echo(f"{len(plan.facts)} figures were written. `nqp check {folder}` looks at the whole study.", err=True)
    return 0


@click.command()
@click.argument("region", metavar="REGION")
@click.option("--to", "form", type=click.Choice(["xlsx", "html", "pdf", "csv", "json"]), default="xlsx",
              show_default=True, help="Workbook, brief to read or to print, or every number for other programs.")
@click.option("--study", metavar="DIR", help="Folder of a study; the built-in one if left out.")
@click.option("--year", type=int, metavar="Y", help="A scored year; the last one if left out.")
@click.option("--weights", default="equal", show_default=True, metavar="W", help="How indicators are weighted.")
@click.option("--out", metavar="FILE", help="Where it goes; REGION-YEAR.FORM in the current folder if left out.")
def export(region, form, study, year, weights, out) -> None:
    """Hand on the results of one region.

    The brief (html, pdf) has two pages: scores with intervals, trend, dilemmas, levers with what they would take,
    caveats, sources. The workbook has numbers as numbers, units, formulas in words, and the source of every figure. A
    PDF is printed by an installed Chromium, Chrome or Edge.

    \b
    nqp export gansu --to pdf
    nqp export 宁夏 --to xlsx --year 2022 --out ningxia.xlsx
    """
    from nqpkit.evaluation import evaluate
    from nqpkit.exchange.handing_on import export_region
    from nqpkit.study import Study

    result = evaluate(Study.load(study), weights=weights)
    click.echo(export_region(result, region, form, year, out))


def _pairs(given) -> dict[str, str]:
    pairs = {}
    for text in given:
        label, mark, name = text.rpartition("=")
        if not mark or not label.strip() or not name.strip():
            raise InputError(f"--series wants LABEL=SERIES, such as \"地区生产总值=gdp\", not '{text}'.")
        pairs[label.strip()] = name.strip()
    return pairs


def _show(plan) -> None:
    """What was understood, what is new, what was left out; on standard error."""
    def say(text):
        click.echo(text, err=True)

    for entry in plan.understood:
        years = f"{entry['years'][0]}–{entry['years'][-1]}" if entry["years"] else "no years"
        place = f"{entry['file']}{', sheet ' + entry['sheet'] if entry['sheet'] else ''}"
        say(f"{place}: {entry['layout']}; {entry['figures']} figures of {entry['regions']} regions, {years}; "
            f"{entry['missing']} cells without a figure.")
        _list(say, "Indicators:", entry["labels"])
        _list(say, "Taken by the beginning of the name:",
              [f"{name} → {code}" for name, code in entry["guessed"].items()])
    _list(say, "Left out:", plan.skipped)
    _list(say, "No series of the study has this name; left out. Name one with --series \"LABEL=SERIES\":",
          [f"{label} ({count} figures)" for label, count in plan.unknown.items()])
    _list(say, "New series:", [f"{row['series']}: {row['name_zh'] or row['name']} ({row['unit']})"
                               for row in plan.new_series.to_dict("records")])
    _list(say, "Look at this:", plan.odd)
    replaced = f", {len(plan.differing)} of them in place of another value" if plan.overwrite and plan.differing else ""
    say(f"To write: {len(plan.facts)} figures{replaced}; {plan.unchanged} stand in the study already.")


def _list(say, title, lines) -> None:
    lines = list(lines)
    if lines:
        say(title)
        for line in lines[:SHOWN]:
            say(f"  {line}")
        if len(lines) > SHOWN:
            say(f"  … and {len(lines) - SHOWN} more")
