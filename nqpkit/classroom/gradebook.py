"""The grades of a class as tables for a learning-management system, and as a page for the lecturer."""

from collections import Counter
from html import escape
from pathlib import Path

import pandas as pd

from nqpkit.check_report import STYLE
from nqpkit.classroom.grading import ClassGrades, Graded
from nqpkit.classroom.packs import workshop_names
from nqpkit.exchange.tidy import as_csv
from nqpkit.storage import hand_over

SHOWN = 400  # characters of an answer on the page
OUR_STYLE = STYLE + """
th[scope=row] { font-weight: 600 } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.bad { font-weight: 600 } blockquote { margin: .2rem 0; padding-left: .7rem; border-left: 3px solid #8a949c;
  white-space: pre-wrap; overflow-wrap: anywhere } .scroll:focus { outline: 2px solid #1f6feb }
"""


def write_reports(grades: ClassGrades, out: str | Path) -> list[Path]:
    """Write the gradebook, its details, the table for Canvas and the page: all of them or none."""
    out = Path(out).expanduser().resolve()
    marked = {"gradebook.csv": gradebook(grades), "details.csv": details(grades)}
    files = {out / name: as_csv(table).encode("utf-8-sig") for name, table in marked.items()}
    files[out / "canvas.csv"] = as_csv(canvas(grades)).encode()  # Canvas reads the first cell as it is
    return hand_over(files | {out / "report.html": report_page(grades).encode()})


def gradebook(grades: ClassGrades) -> pd.DataFrame:
    """One row a student: points, state and the points of every exercise.

    Returns
    -------
    DataFrame
        name, id, province, points, out_of, percentage, state, remark, to_read, flags, runs, seconds; with several
        workshops the points of each; then a column an exercise. Points of what was never handed in, or cannot be read,
        are empty: whether that is a zero is the lecturer's to say.
    """
    rows = []
    for student in grades.record.students:
        own = [each for each in grades.graded if each.hand_in.student.id == student.id]
        judged = [each for each in own if each.verdicts]
        points, out_of = sum(each.points for each in judged), sum(each.out_of for each in own)
        row = {"name": student.name, "id": student.id, "province": student.province,
               "points": _number(points) if judged else "", "out_of": _number(out_of),
               "percentage": _number(100 * points / out_of, 1) if judged and out_of else "",
               "state": _joined(own, "state"), "remark": _joined(own, "remark"),
               "to_read": sum(each.to_read for each in own),
               "flags": "; ".join(dict.fromkeys(flag.name for each in own for flag in each.flags)),
               "runs": sum(each.runs for each in own), "seconds": round(sum(each.seconds for each in own), 1)}
        if len(grades.workshops) > 1:
            row |= {f"{each.hand_in.workshop} points": _number(each.points) if each.verdicts else "" for each in own}
        rows.append(row | {exercise.id: _cell(each, exercise.id) for each in own for exercise in each.exercises})
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame(rows, columns=columns).astype(object).fillna("")


def details(grades: ClassGrades) -> pd.DataFrame:
    """One row a student and exercise.

    Returns
    -------
    DataFrame
        name, id, province, workshop, exercise, outcome (right, partly right, wrong, not answered, to be read, not
        checkable), points, out_of, parts_right, parts, mistake, message, answer.
    """
    rows = []
    for each in grades.graded:
        student = each.hand_in.student
        for exercise in each.exercises if each.verdicts else ():
            verdict = each.verdicts.get(exercise.id)
            parts = verdict.parts if verdict else {}
            rows.append({
                "name": student.name, "id": student.id, "province": student.province,
                "workshop": each.hand_in.workshop, "exercise": exercise.id, "outcome": outcome(each, exercise.id),
                "points": _cell(each, exercise.id), "out_of": _number(exercise.item.points) if exercise.item else "",
                "parts_right": sum(map(bool, parts.values())), "parts": len(parts),
                "mistake": verdict.mistake if verdict else "",
                "message": verdict.message if verdict else exercise.reason,
                "answer": _shown(each.answers.get(exercise.id))})
    return pd.DataFrame(rows, columns=["name", "id", "province", "workshop", "exercise", "outcome", "points", "out_of",
                                       "parts_right", "parts", "mistake", "message", "answer"])


def canvas(grades: ClassGrades) -> pd.DataFrame:
    """The points as Canvas imports them: its five columns, one column a workshop, and the row of points possible.

    Students are found by their id, as SIS user id or as login. An empty cell changes nothing there.
    """
    names = {short: f"Workshop {short.upper()} {long.partition('-')[2]}".strip()
             for short, long in workshop_names().items() if short in grades.workshops}
    possible = {name: _number(max((each.out_of for each in grades.graded if each.hand_in.workshop == short), default=0))
                for short, name in names.items()}
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [{**dict.fromkeys(head, ""), "Student": "    Points Possible", **possible}]
    for student in grades.record.students:
        row = {"Student": student.name, "ID": "", "SIS User ID": student.id, "SIS Login ID": student.id, "Section": ""}
        for each in grades.graded:
            if each.hand_in.student.id == student.id:
                row[names[each.hand_in.workshop]] = _number(each.points) if each.verdicts else ""
        rows.append(row)
    return pd.DataFrame(rows, columns=[*head, *names.values()])


def outcome(graded: Graded, exercise: str) -> str:
    """What became of one exercise, in words."""
    verdict = graded.verdicts.get(exercise)
    if verdict is None:
        return "not checkable"
    if graded.answers.get(exercise, ...) is ...:
        return "not answered"
    if verdict.right is None:
        return "to be read"
    if verdict.right:
        return "right"
    return "partly right" if verdict.points else "wrong"


def report_page(grades: ClassGrades) -> str:
    """The page for the lecturer: the class at a glance, each student, each exercise with its usual mistakes.

    Everything that comes from a roster or a notebook is escaped. The page has no script and loads nothing.
    """
    table = gradebook(grades)
    states = Counter(each.state.partition(" at cell")[0] for each in grades.graded)
    counted = ", ".join(f"{count} {state}" for state, count in states.most_common())
    title = f"Grades: {', '.join(name.upper() for name in grades.workshops)}"
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{len(grades.record.students)} students; notebooks: {escape(counted)}. "
             f"Year {grades.record.year}. Each notebook was run afresh; the truth is that of the province in the "
             "teacher's record.</p>"]
    if spread := _spread(table):
        parts.append(f"<p>{spread}</p>")
    parts += [f'<p class="bad">{escape(warning)}</p>' for warning in grades.warnings]
    parts += [_students(table), _exercises(grades), _flags(grades), _to_read(grades), _strangers(grades)]
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{OUR_STYLE}</style></head>'
            f"<body><main>{''.join(parts)}</main></body></html>\n")


def _spread(table: pd.DataFrame) -> str:
    shares = pd.to_numeric(table["percentage"], errors="coerce").dropna()
    if shares.empty:
        return ""
    return (f"Of {len(shares)} students with points, half have {shares.median():.0f} % or more; the lowest has "
            f"{shares.min():.0f} %, the highest {shares.max():.0f} %.")


def _students(table: pd.DataFrame) -> str:
    head = [("student", ""), ("id", ""), ("province", ""), ("points", "number"), ("of", "number"),
            ("per cent", "number"), ("state", ""), ("flags", ""), ("runs", "number"), ("seconds", "number")]
    rows = []
    for row in table.to_dict("records"):
        remark = f"<br><small>{escape(str(row['remark']))}</small>" if row["remark"] else ""
        rows.append([*(escape(str(row[name])) for name in ("name", "id", "province")),
                     *(row[name] for name in ("points", "out_of", "percentage")), escape(str(row["state"])) + remark,
                     escape(str(row["flags"])), row["runs"], row["seconds"]])
    return "<h2>Students</h2>" + _html_table(head, rows, "Points of each student; empty where nothing was graded")


def _exercises(grades: ClassGrades) -> str:
    counts: dict[str, Counter] = {}
    usual: dict[str, Counter] = {}
    hints: dict[tuple[str, str], str] = {}
    for each in grades.graded:
        for exercise in each.exercises if each.verdicts else ():
            counts.setdefault(exercise.id, Counter())[outcome(each, exercise.id)] += 1
            verdict = each.verdicts.get(exercise.id)
            if verdict and verdict.mistake:
                usual.setdefault(exercise.id, Counter())[verdict.mistake] += 1
                hints |= {(exercise.id, mistake.name): mistake.hint for mistake in exercise.item.mistakes}
    outcomes = ["right", "partly right", "wrong", "not answered", "to be read", "not checkable"]
    shown = [name for name in outcomes if any(count[name] for count in counts.values())]
    head = [("exercise", ""), *((name, "number") for name in shown), ("what wrong answers look like", "")]
    rows = []
    for name, count in counts.items():
        said = "<br>".join(escape(f"{number} × {mistake}: {hints.get((name, mistake), '')}".removesuffix(": "))
                           for mistake, number in usual.get(name, Counter()).most_common(4))
        rows.append([escape(name), *(count[which] or "" for which in shown), said])
    return "<h2>Exercises</h2>" + (_html_table(head, rows, "Outcomes of each exercise, and the mistakes that wrong "
                                               "answers look like, the most frequent first") if rows else
                                   "<p>Nothing was graded.</p>")


def _flags(grades: ClassGrades) -> str:
    rows = [[escape(each.hand_in.student.name), escape(each.hand_in.student.id), escape(each.hand_in.workshop),
             escape(flag.name), flag.cell or "", escape(flag.sentence)]
            for each in grades.graded for flag in each.flags]
    if not rows:
        return "<h2>To look at</h2><p>Nothing.</p>"
    head = [("student", ""), ("id", ""), ("workshop", ""), ("flag", ""), ("code cell", "number"), ("what was seen", "")]
    return ("<h2>To look at</h2><p>A flag is a reason to look, no verdict; the points do not depend on it.</p>"
            + _html_table(head, rows, "Flags by student"))


def _to_read(grades: ClassGrades) -> str:
    rows = [[escape(each.hand_in.student.name), escape(each.hand_in.student.id), escape(exercise.id),
             f"<blockquote>{escape(str(each.answers[exercise.id]))}</blockquote>"]
            for each in grades.graded for exercise in each.exercises
            if outcome(each, exercise.id) == "to be read"]
    if not rows:
        return ""
    head = [("student", ""), ("id", ""), ("exercise", ""), ("answer", "")]
    caption = "Written answers, which a person reads; they carry no points here"
    return f"<h2>To be read</h2>{_html_table(head, rows, caption)}"


def _strangers(grades: ClassGrades) -> str:
    if not grades.strangers:
        return ""
    return ("<h2>Belongs to nobody in the record</h2><ul>"
            + "".join(f"<li>{escape(line)}</li>" for line in grades.strangers) + "</ul>")


def _html_table(head, rows, caption: str) -> str:
    heads = "".join(f'<th scope="col"{f" class={kind}" if kind else ""}>{escape(name)}</th>' for name, kind in head)
    body = []
    for row in rows:
        cells = [f'<th scope="row">{row[0]}</th>']
        cells += [f"<td{f' class={kind}' if kind else ''}>{cell}</td>" for cell, (_, kind) in zip(row[1:], head[1:],
                                                                                               strict=True)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
            f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"
            "</div>")


def _cell(graded: Graded, exercise: str):
    """The points of an exercise in the gradebook; empty where nothing was judged or a person has to read."""
    verdict = graded.verdicts.get(exercise)
    return "" if verdict is None or verdict.right is None else _number(verdict.points)


def _joined(own: list[Graded], name: str) -> str:
    """One state for a student: plain for one workshop, by workshop for several."""
    said = [(each.hand_in.workshop, getattr(each, name)) for each in own]
    if len(said) == 1 or len({value for _, value in said}) == 1:
        return said[0][1] if said else ""
    return "; ".join(f"{workshop}: {value}" for workshop, value in said if value)


def _number(value: float, decimals: int = 2):
    """A whole number without a point, any other with what it needs: LMSs read both."""
    rounded = round(float(value), decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def _shown(answer) -> str:
    if answer is ...:
        return ""
    text = answer if isinstance(answer, str) else repr(answer)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


