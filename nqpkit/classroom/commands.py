"""The commands ``nqp class pack | grade | kit``."""

from contextlib import contextmanager

import click


@click.group("class")
def class_() -> None:
    """Packs for a class, grades for what comes back, a kit for rooms without a network.

    \b
    nqp class pack --roster roster.csv --out class     a folder for each student, with a province of their own
    nqp class grade returned --record class/record.json
    nqp class kit --out stick                          everything on a USB stick

    The page "Teach" of the book goes through all three.
    """


@class_.command()
@click.option("--roster", required=True, metavar="FILE",
              help="CSV or workbook with columns name, id and, if given, province (姓名, 学号, 省份).")
@click.option("--out", required=True, metavar="DIR", help="Folder of the class.")
@click.option("--workshop", "-w", "workshops", multiple=True, metavar="W",
              help="w1 to w6; more than once for several, all if left out.")
@click.option("--seed", type=int, metavar="N", help="Of the dealing of provinces; 0 if left out.")
@click.option("--zip", "archives", is_flag=True, help="Also an archive of each folder.")
@click.option("--study", metavar="DIR", help="Folder of a study; the built-in one if left out.")
@click.option("--year", type=int, metavar="Y", help="A scored year; the last one if left out.")
def pack(roster, out, workshops, seed, archives, study, year) -> None:
    """Write a folder for each student of a roster.

    A student without a province gets one of the study's focus group, each as often as every other. A mistake in the
    roster stops it before anything is written; all mistakes are listed. In DIR, students/ is to hand out; record.json
    and provinces.csv are yours: grading trusts the record and nothing else. The same command again, with another
    workshop or a longer roster, keeps every province and never writes over what a student has changed.

    \b
    nqp class pack --roster roster.csv --out class --workshop w4 --zip
    nqp class pack --roster class/provinces.csv --out again      the same provinces in another folder
    """
    from nqpkit.classroom.packs import STUDENTS, make_packs

    with _progress("Packs") as show:
        packed = make_packs(roster, out, workshops, seed, archives, study, year,
                            progress=lambda name, done, total: show(name, "running", done, total))
    for warning in packed.warnings:
        click.echo(str(warning), err=True)
    for name in packed.kept:
        click.echo(f"{name}: left as it is, because it was changed after it was handed out.", err=True)
    dealt = {}
    for student in packed.record.students:
        dealt[student.province] = dealt.get(student.province, 0) + 1
    click.echo(f"{len(packed.record.students)} students, {len(dealt)} provinces, {packed.written} files written.",
               err=True)
    click.echo(f"Hand out {packed.folder / STUDENTS}" + (" or the archives beside it" if packed.archives else "")
               + f". Keep {packed.folder / 'record.json'} to yourself.", err=True)
    click.echo(packed.folder)


@class_.command()
@click.argument("folder", metavar="DIR")
@click.option("--record", metavar="FILE", help="The record that pack wrote; DIR/record.json if left out.")
@click.option("--workshop", "-w", "workshops", multiple=True, metavar="W", help="All of the record if left out.")
@click.option("--out", default="grades", show_default=True, metavar="DIR", help="Where the gradebook goes.")
@click.option("--timeout", type=click.FloatRange(min=1), default=120, show_default=True, metavar="SECONDS",
              help="Of the processor, for one notebook; three times as many on the clock.")
@click.option("--memory", type=click.IntRange(min=256), default=2048, show_default=True, metavar="MB",
              help="Memory limit of one notebook.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Notebooks at a time.")
@click.option("--force", is_flag=True, help="Run also the notebooks that have not changed since the last grading.")
def grade(folder, record, workshops, out, timeout, memory, jobs, force) -> int:
    """Run what a class handed in, judge the answers, write the gradebook.

    DIR holds a folder, an archive or a notebook for each student, as a learning-management system gives them out. Each
    notebook runs afresh in a process and folder of its own; a failing cell does not stop the cells after it. Its stored
    outputs, its copy of the checker and its province count for nothing: the truth is that of the record.

    Students' code runs under your account. The page "Teach" says what that means, and how to grade in a container.

    \b
    nqp class grade returned --record class/record.json --workshop w4
    nqp class grade class                              packs that were filled in where they lie

    Writes gradebook.csv, details.csv, canvas.csv and report.html. Exit code 1 if a notebook could not be graded to its
    end; one that was never handed in is no failure.
    """
    from nqpkit.classroom.gradebook import write_reports
    from nqpkit.classroom.grading import grade_class
    from nqpkit.classroom.invigilation import Limits

    with _progress("Notebooks") as show:
        grades = grade_class(folder, record, out, workshops, Limits(timeout, memory * 2**20), jobs, force, show)
    for each in grades.graded:
        if each.state != "graded":
            click.echo(f"{each.hand_in.student.folder}, {each.hand_in.workshop}: {each.state}"
                       + (f" ({each.remark})" if each.remark else ""), err=True)
    for line in [*grades.strangers, *grades.warnings]:
        click.echo(line, err=True)
    flagged = sum(bool(each.flags) for each in grades.graded)
    done = sum(each.state == "graded" for each in grades.graded)
    click.echo(f"{done} of {len(grades.graded)} notebooks graded in {grades.seconds:.0f} s; {flagged} with something "
               "to look at.", err=True)
    for path in write_reports(grades, out):
        click.echo(path)
    return 0 if grades.ok else 1


@class_.command()
@click.option("--out", required=True, metavar="DIR", help="A new or empty folder, such as one on the stick.")
@click.option("--system", "systems", multiple=True, metavar="S",
              help="windows, macos, macos-intel or linux, more than once for several; all but macos-intel if left out.")
@click.option("--python", "pythons", multiple=True, metavar="V",
              help="Version of Python on the class's machines, such as 3.12, more than once for several; that of this "
              "one if left out.")
@click.option("--book", "site", metavar="DIR", help="A site that `nqp book` has built; built now if left out.")
@click.option("--zip", "archive", is_flag=True, help="Also one archive of it all.")
def kit(out, systems, pythons, site, archive) -> int:
    """Make a USB stick for a room without a network.

    It holds the book, the wheels of the exact environment for the systems that you name, scripts for Windows, macOS and
    Linux that install them, the workshops, and a page to open first. Making it needs a network and some minutes; using
    it needs none. Python itself is not on it.

    \b
    nqp class kit --out stick --system windows --python 3.12
    nqp class kit --out stick --zip
    """
    from nqpkit.classroom.kit import FIRST, KitError, make_kit

    try:
        made = make_kit(out, systems, pythons, site, archive=archive, echo=lambda line: click.echo(line, err=True))
    except KitError as error:
        click.echo(f"nqp: {error}", err=True)
        return 1
    click.echo(f"Open {made / FIRST} first.", err=True)
    click.echo(made)
    return 0


@contextmanager
def _progress(title: str):
    """A progress bar on a terminal: what runs now, how much is done; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[running]}", style="dim", markup=False))
    running: list[str] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None, running="")

        def show(name: str, state: str, done: int, total: int) -> None:
            if state == "running":
                running.append(name)
            elif name in running:
                running.remove(name)
            bar.update(task, completed=done, total=total, running=", ".join(running[-2:]))

        yield show


