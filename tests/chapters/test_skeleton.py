"""Every chapter keeps to the same skeleton: short cells without functions, limits, exercises, take-away, sources."""

import re
import statistics
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
PARTS = ("mechanisms", "dilemmas", "paths", "evaluation")
CHAPTERS = sorted(path for part in PARTS for path in (BOOK / part).glob("*.md")
                  if path.stem not in ("index", "weights"))
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```", re.DOTALL | re.MULTILINE)
INCLUDE = re.compile(r"```\{include\} (\S+)")


def whole(path: Path) -> str:
    """A page with the exercises that it includes."""
    text = path.read_text(encoding="utf-8")
    return INCLUDE.sub(lambda found: (path.parent / found[1]).read_text(encoding="utf-8"), text)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_cells_are_few_short_and_define_nothing(path):
    cells = CELL.findall(path.read_text(encoding="utf-8"))
    lengths = [len(cell.strip().splitlines()) for cell in cells]
    assert 4 <= len(cells) <= 16 and statistics.median(lengths) <= 5 and max(lengths) <= 20
    assert not any(re.search(r"^\s*(def|class) |lambda", cell, re.MULTILINE) for cell in cells)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_all_its_parts(path):
    text = whole(path)
    heads = " | ".join(re.findall(r"^## (.+)$", text, re.MULTILINE)).lower()
    for part in ("not show", "exercises", "take-away", "sources"):
        assert part in heads, part
    assert heads.index("not show") < heads.index("exercises") < heads.index("take-away") < heads.index("sources")
    assert re.search(r"^:class: toy|^## A toy", text, re.MULTILINE), "no toy example"
    assert 2 <= len(re.findall(r"^`{3,}\{exercise\}", text, re.MULTILINE)) == len(
        re.findall(r"^`{3,}\{solution\}", text, re.MULTILINE))
