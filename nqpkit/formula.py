"""The formula language of a framework: read and checked, then computed on a panel, never executed as code.

Numbers, series names, ``+ - * /``, parentheses, ``growth(series)`` and ``mean3(expression)``; usual precedence.
"""

import ast
import operator
from dataclasses import dataclass, field
from functools import lru_cache

import pandas as pd

from nqpkit.errors import InputError

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
FUNCTIONS = ("growth", "mean3")
LONGEST = 500


@dataclass(frozen=True)
class Formula:
    """A checked formula: its text, and the series it reads.

    ``numerator`` holds the series that raise or build the quantity (everything outside a divisor): the audit of
    double counting compares these between systems.
    """

    text: str
    series: frozenset[str] = field(repr=False)
    numerator: frozenset[str] = field(repr=False)
    tree: ast.expr = field(repr=False, compare=False)


def parse(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        For example ``"rd_expenditure / gdp * 0.01"`` or ``"mean3(growth(population) * 1000 - natural)"``.

    Raises
    ------
    InputError
        If the text is not in the formula language; the message names the piece that is not.

    Examples
    --------
    >>> sorted(parse("mean3(contracts / gdp) * 100").series)
    ['contracts', 'gdp']
    """
    text = str(text).strip()
    if len(text) > LONGEST:
        raise InputError(f"A formula may have {LONGEST} characters; this one has {len(text)}.")
    return _parsed(text)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Formula:
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"The formula '{text}' cannot be read. Use numbers, series names, + - * / ( ), "
                         "growth(series) and mean3(expression).") from None
    _check(tree, text)
    return Formula(text, frozenset(_names(tree)), frozenset(_numerator(tree)), tree)


def compute(formula: Formula, wide: dict[str, pd.DataFrame], breaks: dict[str, list[int]]):
    """Compute a formula for every region and year.

    Parameters
    ----------
    formula : Formula
    wide : dict of DataFrame
        For each series a frame of calendar years without holes (rows) × regions (columns), missing as NaN.
    breaks : dict
        Years in which the definition of a series changes: no growth is computed across them.

    Returns
    -------
    values : DataFrame, years × regions
        Missing where an operand is missing or a divisor is zero.
    partial : DataFrame of bool
        True where a ``mean3`` rests on two years instead of three.
    """
    return _walk(formula.tree, wide, breaks)


def _walk(node, wide, breaks):
    if isinstance(node, ast.Constant):
        return float(node.value), False
    if isinstance(node, ast.Name):
        return wide[node.id], False
    if isinstance(node, ast.UnaryOp):
        value, partial = _walk(node.operand, wide, breaks)
        return -value, partial
    if isinstance(node, ast.BinOp):
        left, left_partial = _walk(node.left, wide, breaks)
        right, right_partial = _walk(node.right, wide, breaks)
        if isinstance(node.op, ast.Div):
            right = right.where(right != 0) if isinstance(right, pd.DataFrame) else (right or float("nan"))
        return OPERATORS[type(node.op)](left, right), left_partial | right_partial
    if node.func.id == "growth":
        name = node.args[0].id
        now, before = wide[name], wide[name].shift(1)
        change = (now - before) / before.where(before > 0)
        change.loc[change.index.isin(breaks.get(name, []))] = float("nan")
        return change, False
    inner, partial = _walk(node.args[0], wide, breaks)
    three = [inner, inner.shift(1), inner.shift(2)]
    known = sum(x.notna().astype(int) for x in three)
    mean = sum(x.fillna(0) for x in three) / known.where(known > 0)
    return mean.where(inner.notna() & (known >= 2)), partial | (inner.notna() & (known == 2))


def _check(node, text):
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        _check(node.left, text)
        _check(node.right, text)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _check(node.operand, text)
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in FUNCTIONS or len(node.args) != 1 or node.keywords:
            raise InputError(f"'{ast.unparse(node)}' in the formula '{text}' is not known: the functions are "
                             "growth(series) and mean3(expression).")
        if name == "growth" and not isinstance(node.args[0], ast.Name):
            raise InputError(f"growth() in the formula '{text}' takes the name of one series.")
        if name == "mean3" and not _names(node.args[0]):
            raise InputError(f"mean3() in the formula '{text}' needs a series.")
        _check(node.args[0], text)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        pass
    elif not isinstance(node, ast.Name):
        raise InputError(f"'{ast.unparse(node)}' in the formula '{text}' is not part of the formula language: use "
                         "numbers, series names, + - * / ( ), growth(series) and mean3(expression).")


def _names(node) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Call):
        return _names(node.args[0])
    return set().union(*(_names(child) for child in ast.iter_child_nodes(node)), set())


def _numerator(node) -> set[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _numerator(node.left)
    if isinstance(node, ast.BinOp):
        return _numerator(node.left) | _numerator(node.right)
    if isinstance(node, ast.UnaryOp):
        return _numerator(node.operand)
    if isinstance(node, ast.Call):
        return _numerator(node.args[0])
    return _names(node)
