"""What a returned notebook's code says before it is run: its cells, and what a teacher may want to look at.

The code is parsed, never run. A flag is a reason to look, no verdict: the points do not depend on it, because the truth
is computed from the teacher's record whatever a notebook says.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nqpkit.errors import InputError
from nqpkit.study import Study

MAGIC = re.compile(r"^\s*[%!?]")
# Names that no exercise wants; what the handed-out notebook itself says is not counted.
INTERNALS = re.compile(r"\bnqpkit\.classroom\b|\bclassroom\s+import\b|\b(?:checking|ITEMS|judge|Verdict|Mistake|"
                       r"grading|sitting|get_objects|_getframe|f_back|import_module|__import__)\b|\.truth\b|\.wrong\b")
OUTSIDE = re.compile(r"\b(?:os\.(?:system|remove|unlink|rename|replace|kill|popen|fork\w*|environ)|shutil|subprocess|"
                     r"socket|requests|urllib|httpx|__file__|expanduser|Path\.home)\b|\.write_text\(|\.write_bytes\(|"
                     r"\bopen\([^)]*['\"][wax+]")
FEWEST = 120  # characters of a student's own code before two notebooks are compared


@dataclass(frozen=True)
class Paper:
    """A returned notebook as far as grading needs it: the sources of its code cells, and of the text cells."""

    cells: tuple[str, ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flag:
    """Something for the teacher to look at: its name, a sentence, and the code cell, counted from 1 (0: none)."""

    name: str
    sentence: str
    cell: int = 0


def read_paper(content: bytes) -> Paper:
    """The cells of a notebook; its stored outputs are left out here and never looked at.

    Raises
    ------
    ValueError
        If the bytes are no notebook; the message is a sentence.
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("it is no notebook: not JSON in UTF-8") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it is no notebook of the current form: it has no list of cells")
    found = {"code": [], "markdown": []}
    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise ValueError("one of its cells is damaged")
        found.setdefault(str(cell.get("cell_type")), []).append(source)
    if not any(source.strip() for source in found["code"]):
        raise ValueError("it has no code cell")
    return Paper(tuple(found["code"]), tuple(found["markdown"]))


def answer_cells(content: bytes) -> tuple[tuple[str, str], ...]:
    """Exercise and variable of each answer cell of a notebook as it was handed out: ``("E8.1", "E8_1")``."""
    found = []
    for cell in json.loads(content)["cells"]:
        exercise = cell["metadata"].get("nqp", {}).get("exercise")
        tree = _parsed("".join(cell["source"])) if exercise else None
        names = [statement.targets[0].id for statement in (tree.body if tree else ())
                 if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
                 and isinstance(statement.value, ast.Constant) and statement.value.value is ...]
        if names:
            found.append((exercise, names[0]))
    return tuple(found)


def flags(paper: Paper, handed_out: Paper, province: str, year: int, study: Study) -> list[Flag]:
    """What in a notebook's code wants a look.

    Parameters
    ----------
    paper, handed_out : Paper
        As it came back, and as the student got it: lines that stand in both are nobody's doing.
    province, year : str, int
        From the teacher's record.
    study : Study
        Knows a province by any of its names.
    """
    known = {line.strip() for cell in handed_out.cells for line in cell.splitlines()}
    found = []
    for number, source in enumerate(paper.cells, 1):
        own = "\n".join(line for line in source.splitlines() if line.strip() not in known)
        if match := INTERNALS.search(own):
            found.append(Flag("checker internals", f"the code mentions '{match[0].strip()}'", number))
        if match := OUTSIDE.search(own):
            found.append(Flag("reaches outside", f"the code mentions '{match[0].strip()}'", number))
        tree = _parsed(source)
        for statement in tree.body if tree else ():
            found += _redefined(statement, number, known)
            found += _moved(statement, number, province, year, study)
    return list(dict.fromkeys(found))


def own_code(paper: Paper, handed_out: Paper) -> str:
    """A student's own code: the lines that were not handed out, without spaces at their ends; empty if there is little.

    Two students with the same one have the same notebook.
    """
    known = {line.strip() for cell in handed_out.cells for line in cell.splitlines()}
    lines = [line.rstrip() for cell in paper.cells for line in cell.splitlines()
             if line.strip() and line.strip() not in known and not _parameter(line)]
    text = "\n".join(lines)
    return text if len(text) >= FEWEST else ""


def alike(codes: Mapping[str, str]) -> dict[str, list[str]]:
    """For each student whose own code another has too: the ids of the others.

    Examples
    --------
    >>> alike({"1": "a = 1", "2": "a = 1", "3": "b = 1", "4": ""})
    {'1': ['2'], '2': ['1']}
    """
    groups: dict[str, list[str]] = {}
    for name, code in codes.items():
        if code:
            groups.setdefault(hashlib.sha256(code.encode()).hexdigest(), []).append(name)
    return {name: [other for other in group if other != name] for group in groups.values() if group[1:]
            for name in group}


def _redefined(statement: ast.stmt, number: int, known: Iterable[str]) -> list[Flag]:
    """``check`` given another meaning, or an attribute of it set."""
    if ast.unparse(statement).strip() in known:
        return []
    names = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        names = [statement.name]
    names += [alias.asname or alias.name for node in ast.walk(statement)
              if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    attributes = [node for node in ast.walk(statement) if isinstance(node, ast.Attribute)
                  and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == "check"]
    ours = (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
            and isinstance(statement.value.func, ast.Name) and statement.value.func.id == "begin")
    if attributes or ("check" in names and not ours):
        return [Flag("check redefined", "the notebook gives `check` another meaning", number)]
    return []


def _moved(statement: ast.stmt, number: int, province: str, year: int, study: Study) -> list[Flag]:
    """A parameter set to something else than the teacher's record says."""
    if not (isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant)):
        return []
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    value = statement.value.value
    for target in targets:
        name = target.id if isinstance(target, ast.Name) else ""
        if name == "province" and _slug(value, study) != province:
            return [Flag("another province", f"province is set to '{value}', the record says {province}", number)]
        if name == "year" and value != year:
            return [Flag("another year", f"year is set to {value!r}, the record says {year}", number)]
    return []


def _slug(value, study: Study) -> str:
    try:
        return study.regions.loc[study.resolve(value), "slug"]
    except InputError:
        return ""


def _parsed(source: str) -> ast.Module | None:
    """A cell as Python, its magics as nothing; None if it is no Python."""
    plain = "\n".join("pass" if MAGIC.match(line) else line for line in source.splitlines())
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parameter(line: str) -> bool:
    return bool(re.match(r"\s*(?:province|year|study)\s*(?::[^=]*)?=", line))
