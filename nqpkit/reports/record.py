"""The record of a run: one JSON object a line, written as things happen, so that a crash leaves it readable.

``pandas.read_json(path, lines=True)`` reads it. The first line says what was asked (event ``begin``), the last how it
ended (``end``); between them each report has a line when it begins and when it ends (``report``). The clock may stand
here: records are no part of what must be the same from run to run.
"""

import contextlib
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

KEPT = 20


class RunRecord:
    """A file ``run-<time>.jsonl`` in a folder; the newest twenty are kept. A disk that is full spoils only the record.

    Parameters
    ----------
    folder : Path or None
        Nothing is written without one.
    """

    def __init__(self, folder: Path | None):
        self.path, self.start = None, time.monotonic()
        if folder is None:
            return
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            for old in sorted(folder.glob("run-*.jsonl"))[: 1 - KEPT]:
                old.unlink(missing_ok=True)
            self.path = folder / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.jsonl"

    def begin(self, **asked) -> None:
        """What is asked: notebook, reports, stale, kernels, dask."""
        self._write("begin", **asked)

    def row(self, row) -> None:
        """A report that begins or ends."""
        self._write("report", **{name: str(value) if isinstance(value, Path) else value
                                 for name, value in asdict(row).items()})

    def end(self, summary, interrupted: str | None = None) -> None:
        """How many reports ended in which state, and the signal that stopped the run, if one did."""
        states = [row.state for row in summary.rows]
        self._write("end", ok=summary.ok, took=round(summary.seconds, 3), interrupted=interrupted,
                    **{state: states.count(state) for state in dict.fromkeys(states)})

    def _write(self, event: str, **said) -> None:
        if self.path is None:
            return
        line = {"event": event, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), **said}
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
