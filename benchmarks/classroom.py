"""A class of thirty: packs, then grading, with the class that the slow test of grading uses.

Run ``python benchmarks/classroom.py`` (minutes, on two idle cores). One notebook hangs until its time limit, twice;
one eats memory, one ends its own process, one rewrites the checker. Beside the seconds of the clock stand those of the
processor, summed over all processes: on a machine that is busy with other work they are the ones to compare.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from nqpkit.classroom.gradebook import write_reports
from nqpkit.classroom.grading import grade_class
from nqpkit.classroom.invigilation import Limits

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "classroom"))
LIMITS = Limits(20, 800 * 2**20)


def main() -> None:
    import thirty

    with tempfile.TemporaryDirectory() as folder:
        start, worked = time.perf_counter(), _processor()
        hand_in = thirty.hand_in(Path(folder))
        packed = time.perf_counter()
        grades = grade_class(hand_in.folder, out=Path(folder) / "grades", limits=LIMITS, jobs=2)
        write_reports(grades, Path(folder) / "grades")
        graded = time.perf_counter()
        grade_class(hand_in.folder, out=Path(folder) / "grades", limits=LIMITS, jobs=2)
        again, worked = time.perf_counter(), _processor() - worked
    states = Counter(each.state.partition(" at cell")[0] for each in grades.graded)
    print(f"packs for {len(grades.graded)} students    {packed - start:6.1f} s")
    print(f"grading, two at a time   {graded - packed:6.1f} s")
    print(f"grading again, unchanged {again - graded:6.1f} s")
    print(f"processor, all together  {worked:6.1f} s")
    print(", ".join(f"{count} {state}" for state, count in states.most_common()))


def _processor() -> float:
    """Seconds of the processor that this process and those that it has ended took."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
