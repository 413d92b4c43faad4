"""The parameters of a notebook: their names, types, defaults and help, read from the cell tagged ``parameters``.

papermill turns the text ``62`` into a number whatever the notebook expects, and only warns about a name that the
notebook does not have. Here the cell is read as Python (never run), a value is converted to the type that the cell
declares or refused, and a parameter that no later cell reads is refused too: it would change nothing.
"""

import ast
import csv
import io
import json
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from nqpkit.errors import InputError

TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "None": type(None)}
WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
         type(None): "none"}
TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name : str
    types : tuple of type
        What a value may be, out of str, int, float, bool, list and NoneType.
    default : object
    help : str
        The comment that follows the assignment.
    """

    name: str
    types: tuple[type, ...]
    default: object
    help: str = ""

    @property
    def type(self) -> str:
        """The types as the cell would write them, ``int | None``."""
        return " | ".join("None" if kind is type(None) else kind.__name__ for kind in self.types)


def read_notebook(path: str | Path) -> dict:
    """The JSON of a notebook; InputError if there is no such file or it is no notebook."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        notebook["cells"][:0]
    except FileNotFoundError:
        raise InputError(f"There is no notebook '{path}'.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"'{path}' cannot be read as a notebook: {error}.") from None
    return notebook


def read_parameters(notebook: dict, name: str = "the notebook") -> dict[str, Parameter]:
    """The parameters that a notebook declares, in their order.

    Parameters
    ----------
    notebook : dict
        From `read_notebook`. The cell tagged ``parameters`` holds assignments of literals, plain or annotated,
        each with a trailing comment: ``year: int | None = 2023  # the year to report``.
    name : str
        How to call the notebook in an error.

    Returns
    -------
    dict
        Name → `Parameter`; empty if no cell is tagged.

    Raises
    ------
    InputError
        If an assignment in the cell is not a literal, or the cell is not Python.

    Examples
    --------
    >>> cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "year: int | None = 2023  # which"}
    >>> read_parameters({"cells": [cell]})["year"]
    Parameter(name='year', types=(<class 'int'>, <class 'NoneType'>), default=2023, help='which')
    """
    index = _parameters_cell(notebook)
    if index is None:
        return {}
    source = _source(notebook["cells"][index])
    comments = _comments(source)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise InputError(f"The parameters cell of {name} is not Python: {error.msg}, line {error.lineno}.") from None
    found = {}
    for statement in tree.body:
        target, annotation = _target(statement)
        if target is None:
            continue
        try:
            default = ast.literal_eval(statement.value)
        except ValueError:
            raise InputError(f"The parameter '{target}' of {name} is not a literal: give it a plain text, number, "
                             "true, false, list or None, and compute from it in a later cell.") from None
        types = _types(annotation) or ((type(default),) if default is not None else (str, type(None)))
        found[target] = Parameter(target, types, default, comments.get(statement.end_lineno, ""))
    return found


def parse_value(text: str, parameter: Parameter) -> object:
    """The value that a text on the command line stands for, strictly in the parameter's own type.

    ``62`` stays text for a text parameter; ``none`` is None only where the parameter allows it; a list is written
    as JSON or with commas.

    Raises
    ------
    InputError
        If the text is not of the declared type.

    Examples
    --------
    >>> parse_value("62", Parameter("province", (str,), "gansu")), parse_value("62", Parameter("year", (int,), 2023))
    ('62', 62)
    """
    text = str(text)
    lowered = text.strip().lower()
    for kind in sorted(parameter.types, key=lambda kind: kind is str):
        if kind is type(None) and lowered == "none":
            return None
        if kind is bool and lowered in TRUTH:
            return TRUTH[lowered]
        if kind is int and re.fullmatch(r"[+-]?[0-9]+", lowered):
            return int(lowered)
        if kind is float and re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", lowered):
            return float(lowered)
        if kind is list:
            return _list(text)
        if kind is str:
            return text
    raise _wrong_type(text, parameter)


def check_value(value: object, parameter: Parameter) -> object:
    """The value itself if it has the parameter's type (a whole number may stand for a number), else an InputError.

    For values that come typed, from Python or from a YAML file.
    """
    if type(value) in parameter.types:
        return value
    if float in parameter.types and type(value) is int:
        return float(value)
    raise _wrong_type(value, parameter)


def read_rows(path: str | Path, parameters: Mapping[str, Parameter]) -> list[dict[str, object]]:
    """The rows of a parameter file, one report a row, each value of its declared type.

    Parameters
    ----------
    path : path
        A CSV file (UTF-8; the header names parameters, an empty cell leaves the notebook's default) or a YAML file
        with a list of mappings.
    parameters : mapping
        From `read_parameters`.

    Raises
    ------
    InputError
        Named with file and row, if the file cannot be read, a name is unknown or a value has the wrong type.
    """
    path = Path(path)
    read = {".csv": _csv_rows, ".yml": _yaml_rows, ".yaml": _yaml_rows}.get(path.suffix.lower())
    if read is None:
        raise InputError(f"'{path}' is no parameter file: it must end in .csv, .yml or .yaml.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read: {error}.") from None
    rows = []
    for number, row in read(path, text):
        check_declared(row, parameters, f"{path.name}, row {number}: the notebook")
        try:
            rows.append({name: parse_value(value, parameters[name]) if read is _csv_rows
                         else check_value(value, parameters[name]) for name, value in row.items()})
        except InputError as error:
            raise InputError(f"{path.name}, row {number}: {error}") from None
    if not rows:
        raise InputError(f"'{path}' has no rows, so there is nothing to run.")
    return rows


def _csv_rows(path: Path, text: str):
    lines = csv.DictReader(io.StringIO(text), strict=True)
    try:
        for row in lines:
            if None in row or None in row.values():
                raise InputError(f"{path.name}, row {lines.line_num}: the header has {len(lines.fieldnames)} columns, "
                                 "this row another number.")
            yield lines.line_num, {name.strip(): value for name, value in row.items() if value.strip()}
    except csv.Error as error:
        raise InputError(f"{path.name}, row {lines.line_num}: {error}.") from None


def _yaml_rows(path: Path, text: str):
    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"'{path}' is not YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"'{path}' must be a list of mappings: one '- province: gansu' with its parameters a report.")
    yield from ((number, {str(name): value for name, value in row.items()}) for number, row in enumerate(rows, 1))


def check_declared(names, parameters: Mapping[str, Parameter], where: str) -> None:
    """Refuse a parameter that the notebook does not have; the message lists the valid names and the nearest one."""
    for name in names:
        if name not in parameters:
            near = get_close_matches(name, list(parameters), n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            known = f"It has {', '.join(parameters)}." if parameters else "It has none: tag a cell 'parameters'."
            raise InputError(f"{where} has no parameter '{name}'.{hint} {known}")


def check_names(names, parameters: Mapping[str, Parameter], notebook: dict, where: str) -> None:
    """Refuse a parameter that the notebook does not have, or that none of its later cells reads.

    Raises
    ------
    InputError
        The message lists the valid names and the nearest one.
    """
    check_declared(names, parameters, where)
    for name in sorted(set(names) & unread_parameters(notebook, parameters)):
        raise InputError(f"{where} declares the parameter '{name}' but no later cell reads it, so a value for it "
                         "would change nothing.")


def unread_parameters(notebook: dict, parameters: Mapping[str, Parameter]) -> set[str]:
    """The parameters that no cell after the parameters cell reads, or that one overwrites before reading.

    The cells are parsed, not run. A cell that looks at all names (``locals()``, ``globals()``, ``vars()``) reads
    everything; a cell that is not plain Python is searched for the bare words.
    """
    start = _parameters_cell(notebook)
    waiting = set(parameters)
    dead = set()
    for cell in notebook["cells"][0 if start is None else start + 1:]:
        if cell["cell_type"] != "code" or "injected-parameters" in cell.get("metadata", {}).get("tags", []):
            continue
        for read, written in _uses(_source(cell)):
            waiting -= waiting if read is None else read
            dead |= waiting & written
            waiting -= written
    return waiting | dead


def _uses(source: str):
    """Names read and names certainly overwritten, statement by statement; None for 'reads everything'."""
    lines = source.splitlines()
    magic = [line.lstrip() for line in lines if line.lstrip()[:1] in {"%", "!", "?"}]
    plain = "\n".join(re.match(r"\s*", line)[0] + "pass" if line.lstrip()[:1] in {"%", "!", "?"} else line
                      for line in lines)
    yield {word for line in magic for word in re.findall(r"\w+", line)}, set()
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        yield set(re.findall(r"\w+", source)), set()
        return
    for statement in tree.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        everything = any(isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                         and node.func.id in {"locals", "globals", "vars"} for node in ast.walk(statement))
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            read.add(statement.target.id)
        certain = isinstance(statement, ast.Assign | ast.AnnAssign)
        written = {node.id for node in names if isinstance(node.ctx, ast.Store)} if certain else set()
        yield (None if everything else read), written


def _target(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        return statement.target.id, statement.annotation
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, None
    return None, None


def _types(annotation: ast.expr | None) -> tuple[type, ...]:
    """``int | None``, ``Optional[int]``, ``list[str]`` or a quoted annotation as types; empty if not understood."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _types(ast.parse(annotation.value, mode="eval").body)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return (type(None),)
    if isinstance(annotation, ast.Name):
        return (TYPES[annotation.id],) if annotation.id in TYPES else ()
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _types(annotation.left) + _types(annotation.right)
    if isinstance(annotation, ast.Subscript):
        name = getattr(annotation.value, "id", getattr(annotation.value, "attr", ""))
        if name == "Optional":
            return _types(annotation.slice) + (type(None),)
        return (list,) if name in {"list", "List"} else ()
    return ()


def _comments(source: str) -> dict[int, str]:
    """Line → the comment at its end. The tokenizer knows a ``#`` inside a text from a comment."""
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _list(text: str) -> list:
    if text.strip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            raise InputError(f"'{text}' is not a list: write it as JSON, [\"a\", \"b\"], or with commas.") from None
    return [item.strip() for item in text.split(",") if item.strip()]


def _wrong_type(value: object, parameter: Parameter) -> InputError:
    wanted = " or ".join(WORDS.get(kind, kind.__name__) for kind in parameter.types)
    return InputError(f"The parameter '{parameter.name}' takes {wanted}, not '{value}'.")


def _parameters_cell(notebook: dict) -> int | None:
    tagged = [i for i, cell in enumerate(notebook["cells"])
              if cell["cell_type"] == "code" and "parameters" in cell.get("metadata", {}).get("tags", [])]
    return tagged[0] if tagged else None


def _source(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
