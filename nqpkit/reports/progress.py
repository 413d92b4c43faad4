"""What a run shows while it goes and when it ends, on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nqpkit.reports.runner import ReportRow, RunSummary

STYLES = {"done": "green", "fresh": "cyan", "failed": "bold red", "cancelled": "yellow"}


@contextmanager
def run_progress(console: Console | None = None) -> Iterator[Callable[[ReportRow, int, int], None]]:
    """A progress bar for `runner.run_reports`: pass what this yields as its ``progress``.

    Without a terminal, a line for each failed report is all that is printed.
    """
    console = console or Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn(),
               TimeElapsedColumn(), TextColumn("{task.fields[running]}", style="dim", markup=False))
    running: list[str] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reports", total=None, running="")

        def show(row: ReportRow, finished: int, total: int) -> None:
            if row.state == "running":
                running.append(row.report)
            elif row.report in running:
                running.remove(row.report)
            if row.state == "failed":
                console.print(f"{row.report}: {row.reason}", style=STYLES["failed"], markup=False, highlight=False)
            bar.update(task, completed=finished, total=total, running=", ".join(running))

        yield show


def print_summary(summary: RunSummary, console: Console | None = None) -> None:
    """The table of a run, report by report, then one line of totals. What was fresh is only counted."""
    console = console or Console(stderr=True)
    worth = [row for row in summary.rows if row.state != "fresh"]
    if worth:
        table = Table("report", "state", "seconds", "reason", box=None, pad_edge=False, header_style="bold")
        table.columns[2].justify = "right"
        for row in worth:
            style = STYLES.get(row.state, "")
            table.add_row(row.report, f"[{style}]{row.state}[/]", f"{row.seconds:.1f}", _escaped(row.reason))
        console.print(table)
    counts = [f"{summary.count(state)} {state}" for state in STYLES if summary.count(state)]
    console.print(f"{len(summary.rows)} reports: {', '.join(counts)}, in {summary.seconds:.1f} s.", highlight=False)
    if summary.record is not None and worth:
        console.print(f"Record and logs: {summary.record}", highlight=False, markup=False, soft_wrap=True)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
