"""The command ``nqp``. Results go to standard output, everything said about them to standard error.

Exit codes: 0 done; 1 work failed or problems were found; 2 the request cannot be understood or met as asked; 130 and
143 interrupted. Heavy libraries are imported inside the commands, so that help is instant.
"""

import json
import os
import sys
from pathlib import Path
from textwrap import shorten

import click

from nqpkit.classroom.commands import class_
from nqpkit.errors import InputError
from nqpkit.exchange.commands import export, import_, new

DONE, FAILED, WRONG_REQUEST = 0, 1, 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; the one place that turns errors into codes."""
    if arguments is None:
        _read_utf8()
    _speak_utf8()
    try:
        code = nqp.main(args=arguments, prog_name="nqp", standalone_mode=False) or DONE
    except InputError as error:
        click.echo(f"nqp: {error}", err=True)
        code = WRONG_REQUEST
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        code = _interrupted(stop)
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nqpkit", prog_name="nqp")
def nqp() -> None:
    """Teach and evaluate how new quality productivity goes together with high-quality development."""


study_option = click.option("--study", metavar="DIR", help="Folder of a study; the built-in one if left out.")
jobs_option = click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N",
                           help="Reports at a time; as many as there are cores if left out.")


@nqp.command()
@click.argument("regions", nargs=-1, metavar="[REGION]...")
@click.option("--group", metavar="NAME", help="All regions of a group, such as west.")
@click.option("--notebook", "-n", default="province_report", show_default=True, metavar="N",
              help="A notebook, or the name of one of the kit's.")
@click.option("--parameter", "-p", "given", nargs=2, multiple=True, metavar="NAME VALUE",
              help="Value of a parameter. Given more than once for one name, it makes a grid of reports.")
@click.option("--rows", metavar="FILE", help="A CSV or YAML file of parameters, one row a report.")
@click.option("--parameters", "listing", is_flag=True, help="List the notebook's parameters and leave.")
@study_option
@jobs_option
@click.option("--dask", metavar="ADDRESS", help="Make the reports on the Dask cluster with this scheduler.")
@click.option("--out", metavar="DIR", help="Where the reports go: a folder, or an address that papermill can write.")
@click.option("--timeout", type=click.FloatRange(min=1), default=600, show_default=True, metavar="SECONDS",
              help="Time limit of one report.")
@click.option("--kernels", default="warm", show_default=True, metavar="KIND",
              help="warm: forked from one process that has the libraries (Linux); ordinary: one start each.")
@click.option("--force", is_flag=True, help="Make also what is fresh.")
def run(regions, group, notebook, given, rows, listing, study, jobs, dask, out, timeout, kernels, force) -> int:
    """Execute a parameterised notebook for regions: names, slugs or codes, all if none is named.

    A report whose notebook, parameters, package, study and environment are unchanged is not made again. One that
    fails is kept as NAME.failed.ipynb and does not stop the others; the same command makes what is missing.

    \b
    nqp run                                        every region of the built-in study
    nqp run gansu 宁夏                              two of them
    nqp run --group west -p year 2022              another year, in files of their own
    nqp run gansu -p weights equal -p weights entropy
    nqp run --rows reports.csv                     one report a row, its columns are parameters
    nqp run --parameters                           what -p can set
    """
    from nqpkit.reports.parameters import parse_value, read_rows
    from nqpkit.reports.progress import print_summary, run_progress
    from nqpkit.reports.runner import RunInterrupted, find_notebook, run_reports

    declared = _declared(find_notebook(notebook))
    if listing:
        return _list_parameters(declared)
    parameters: dict[str, list] = {}
    for name, text in given:
        value = parse_value(text, declared[name]) if name in declared else text
        if value not in parameters.setdefault(name, []):
            parameters[name].append(value)
    rows = read_rows(rows, declared) if rows else None
    try:
        with run_progress() as progress:
            summary = run_reports(study, regions, group, notebook, parameters, jobs, out, force=force, rows=rows,
                                  progress=progress, timeout=timeout, kernels=kernels, dask=dask)
    except RunInterrupted as stop:
        print_summary(stop.summary)
        raise
    print_summary(summary)
    return DONE if summary.ok else FAILED


@nqp.command()
@study_option
@click.option("--year", type=int, metavar="Y", help="A scored year; the last one if left out.")
@click.option("--indicators", default="default", show_default=True, metavar="SET",
              help="Which indicators: default, or one of the study's alternative sets (nqp_attributes and nqp_factors "
              "in the built-in one).")
@click.option("--winsorise", metavar="SHARE",
              help="Share of all values pulled in at either end, from 0 to below 0.5; or moments, the rule on skewness "
              "and kurtosis. The study's own if left out.")
@click.option("--normalise", default="pooled", show_default=True, metavar="N",
              help="How indicators come to 0…1: pooled, year, rank or zscore.")
@click.option("--weights", default="equal", show_default=True, metavar="W",
              help="How indicators are weighted: equal, entropy, critic, cv, pca, one of pymcdm's (gini, merec, …), or "
              "a CSV file of labels and weights or of pairwise comparisons.")
@click.option("--aggregate", default="geometric", show_default=True, metavar="A",
              help="How dimensions are joined: geometric, arithmetic, harmonic or topsis.")
@click.option("--coupling", default="modified", show_default=True, metavar="C",
              help="Form of the coupling degree: modified, standard or fan.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def score(study, year, indicators, winsorise, normalise, weights, aggregate, coupling, form) -> None:
    """Scores, coupling, grades and ranks of every region, without a notebook.

    \b
    nqp score --year 2023                                  as in the book
    nqp score --weights entropy --aggregate arithmetic     what if these had been used?
    nqp score --indicators nqp_factors --format csv        another idea of what belongs together
    nqp score --weights judged.csv                         labels and weights, or pairwise comparisons

    What stands in judged.csv names all indicators or all dimensions.
    """
    from nqpkit.evaluation import evaluate
    from nqpkit.study import Study

    loaded = Study.load(study)
    year = loaded.years[-1] if year is None else loaded.check_year(year)
    options = {"indicators": indicators, "winsorise": _share(winsorise), "normalise": normalise,
               "weights": _weights(weights), "aggregate": aggregate, "coupling": coupling}
    result = evaluate(loaded, **options)
    _print_table(result.table(year), form, sort=result.overall.rank)


@nqp.command()
@study_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def claims(study, form) -> None:
    """The claims of the paper that the study starts from, each with its verdict, computed where figures allow."""
    from nqpkit.claims import ledger, verdict_counts
    from nqpkit.evaluation import evaluate
    from nqpkit.study import Study

    loaded = Study.load(study)
    if not loaded.claims:
        click.echo("This study has no claims.yml: there are no claims to check.", err=True)
        if form == "json":
            click.echo("[]")
        return
    table = ledger(evaluate(loaded))
    if form == "json":
        _print_table(table, form, sort="id")
        return
    columns = ["id", "section", "kind", "verdict", "paper_value", "value", "text"]
    rows = [columns, *([_cell(value) for value in row] for row in table[columns].itertuples(index=False))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns) - 1)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        click.echo("  ".join([*cells, shorten(row[-1], 90, placeholder=" …")]))
    counts = verdict_counts(table)
    click.echo(f"{len(table)} claims: {', '.join(f'{count} {name}' for name, count in counts.items())}.", err=True)


@nqp.command()
@click.argument("folder", required=False, metavar="[DIR]")
@click.option("--html", "page", metavar="FILE", help="Also write the problems as a page.")
def check(folder, page) -> int:
    """Check a study: every problem with file, row and column. Without DIR, also list the reports that are stale."""
    from nqpkit.check import check_study
    from nqpkit.study import BUILT_IN

    if folder and not Path(folder).is_dir():
        raise InputError(f"There is no study folder '{folder}'.")
    problems = check_study(folder or BUILT_IN)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    if page:
        from nqpkit.check_report import problems_page
        from nqpkit.storage import hand_over

        hand_over({Path(page): problems_page(problems, folder or "the built-in study").encode()})
    counted = {"error": errors, "warning": len(problems) - errors}
    counts = [f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in counted.items()]
    click.echo(f"{', '.join(counts)} in {folder or 'the built-in study'}.", err=True)
    stale = 0 if folder or errors else _print_stale()
    return FAILED if errors or stale else DONE


@nqp.command()
@click.argument("regions", nargs=-1, metavar="[REGION]...")
@click.option("--group", metavar="NAME", help="Pages of all regions of a group.")
@study_option
@click.option("--out", metavar="DIR", help="Where the site goes; _build/html if left out.")
@click.option("--zip", "archive", is_flag=True, help="Also make the archive for computers without a network.")
@jobs_option
@click.option("--force", is_flag=True, help="Make every report again.")
@click.option("--edition", default="student", show_default=True, metavar="E",
              help="student, or teacher: with notes, keys and solutions, in a folder of its own that must not be "
              "published.")
@click.option("--pdf/--no-pdf", "printable", default=True, show_default=True,
              help="Also print the book as one PDF, where Chromium, Chrome or Edge is installed.")
def book(regions, group, study, out, archive, jobs, force, edition, printable) -> int:
    """Run what is stale, build the site, check it and print where it is.

    In the book of a study of your own, named regions alone can have pages; scores, ranks and the overview are still of
    all. What is left out is said.

    \b
    nqp book                                     the built-in book
    nqp book --study my-study                    a page for every region
    nqp book --study my-study ashdale kestrel    pages for two of them
    nqp book --study my-study --group hills      pages for a group
    """
    from nqpkit.book.site import BuildError, build_book

    try:
        index = build_book(study=study, out=out, archive=archive, jobs=jobs, force=force,
                           echo=lambda text="": click.echo(text, err=True), printable=printable, edition=edition,
                           regions=regions, group=group)
    except BuildError as error:
        click.echo(f"nqp: {error}", err=True)
        return FAILED
    click.echo(Path(index).resolve())
    return DONE


for command in (new, import_, export, class_):
    nqp.add_command(command)


def _declared(template: Path) -> dict:
    from nqpkit.reports.parameters import read_notebook, read_parameters

    return read_parameters(read_notebook(template), template.name)


def _list_parameters(declared: dict) -> int:
    rows = [(p.name, p.type, "none" if p.default is None else str(p.default), p.help) for p in declared.values()]
    rows = [("parameter", "type", "default", "meaning"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo("  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]).rstrip())
    return DONE


def _share(text: str | None) -> float | str | None:
    """A share to winsorise as a number; a name stays a name, for the evaluation to know or to refuse."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _weights(text: str):
    """The name of a weighting, or the weights that a CSV file holds."""
    if not text.lower().endswith(".csv"):
        return text
    from nqpkit.scoring import read_weights

    return read_weights(text)


def _print_table(table, form: str, sort: str) -> None:
    """A frame as an aligned table for people, as CSV, or as JSON: a list of flat objects."""
    if form == "json":
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False))
    elif form == "csv":
        click.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        click.echo(table.sort_values(sort).to_string(index=False, float_format=lambda number: f"{number:.3f}"))


def _cell(value) -> str:
    """A value in a table for people: nothing for a missing one, a number without needless digits."""
    if value is None or value != value:  # not a number
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _print_stale() -> int:
    """List what would be made again, with the reason: pages' reports, other reports here, the book; how many exist."""
    from nqpkit.book.site import why_book_stale
    from nqpkit.reports.runner import DEFAULT_NOTEBOOK, made_reports, plan_reports, stale_reason

    plan = plan_reports(notebook=DEFAULT_NOTEBOOK)
    stale = [(job, reason) for job in plan if (reason := stale_reason(job))]
    found = {str(job.path): (job.name, reason) for job, reason in stale if job.path.is_file()}
    planned = {str(job.path) for job in plan}
    for folder in dict.fromkeys([plan[0].path.parent, Path("reports").resolve()]):
        for name, reason in made_reports(folder):
            path = str(folder / f"{name}.ipynb")
            if reason and path not in planned:
                found[path] = (name, reason)
    if reason := why_book_stale():
        found["book"] = ("the book", reason)
    for name, reason in found.values():
        click.echo(f"{name}: {reason}")
    if missing := sum(not job.path.is_file() for job, _ in stale):
        click.echo(f"{missing} reports have not been made here yet; `nqp run` makes them.", err=True)
    click.echo(f"Stale: {len(found)}. `nqp book` makes pages again, `nqp run` reports." if found else
               "Nothing is stale.", err=True)
    return len(found)


def _interrupted(stop: BaseException) -> int:
    """The exit code that the shell expects: 128 and the signal's number."""
    cause = stop.__cause__ if isinstance(stop, click.Abort) and stop.__cause__ else stop
    click.echo("nqp: interrupted. What is finished stays; the same command does the rest.", err=True)
    return 128 + int(getattr(cause, "signum", 2))


def _read_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale would take names in UTF-8 for names in another encoding."""
    if os.name != "posix" or sys.getfilesystemencoding() == "utf-8":
        return
    try:
        for text in (*sys.argv[1:], str(Path.cwd())):
            os.fsencode(text).decode("utf-8")
    except UnicodeDecodeError:
        return  # the names are the locale's own
    os.execve(sys.executable, [sys.executable, "-m", "nqpkit", *sys.argv[1:]], os.environ | {"PYTHONUTF8": "1"})


def _speak_utf8() -> None:
    """UTF-8 into files and pipes; a terminal keeps its own encoding and shows what it can."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="replace")
