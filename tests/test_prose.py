"""Numbers in the prose of pages and notebooks are computed, or stand in a place that declares where they come from.

Left out are: code, math, substitutions, roles (quotations with their source, citations, links to terms), toy examples,
exercises with their solutions, section numbers, years, ids of claims and of workshops, and names that happen to hold a
digit.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in (ROOT / "book").rglob("*.md")
               if "exercises" not in path.parts and ".ipynb_checkpoints" not in path.parts)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WORKSHOPS = sorted((ROOT / "notebooks" / "workshops").glob("*.md"))

NO_PROSE = {"code-cell", "code-block", "code", "math", "nqp", "bibliography", "include", "literalinclude", "raw",
            "toctree", "tableofcontents", "mermaid", "exercise", "exercise-start", "solution", "solution-start",
            "automodule", "autofunction", "eval-rst"}
FENCE = re.compile(r"^\s*(?P<marks>`{3,}|~{3,}|:{3,})(?P<info>.*)$")
OPTION = re.compile(r"^\s*:[\w-]+:( |$)")
NAMES = ("GB/T 2260", "CC BY 4.0", "PM2.5", "UTF-8", "SHA-256", "Jupyter Book 1", "33618", "64-bit")
INLINE = [
    r"<!--.*?-->", r"\{\{.*?\}\}", r"\$\$.*?\$\$", r"\$[^$\n]+\$", r"\{[\w:.-]+\}`[^`]*`", r"`[^`]*`",
    r"\]\([^)]*\)", r"<[^>\n]*>", r"https?://\S+", r"^\{[#.][^}]*\}", r"^\([\w-]+\)=\s*$",
    *map(re.escape, NAMES),
    r"\b[Ss]ections? \d(\.\d)?((, | and | to |–)\d(\.\d)?)*", r"\b(18|19|20)\d\d(–(18|19|20)\d\d)?s?\b",
    r"\b[SD]\d{1,2}\b", r"\bW[1-6]\b", r"^\s*\d+\. ",
]


def typed_numbers(text: str) -> list[str]:
    """The lines of a page that hold a typed number outside the declared places, as ``line: text``."""
    lines = text.split("\n")
    if lines[0] == "---" and "---" in lines[1:]:
        lines[: lines.index("---", 1) + 1] = [""] * (lines.index("---", 1) + 1)
    open_fences, prose = [], []
    for line in lines:
        fence = FENCE.match(line)
        marks = fence["marks"] if fence and not fence["info"].strip() else ""
        shut = open_fences and marks.startswith(open_fences[-1]["marks"])
        if shut:
            open_fences.pop()
        elif fence and not any(block["silent"] == "code" for block in open_fences):
            info = fence["info"].strip()
            name = re.match(r"\{([\w-]+)\}", info)
            code = name is None or name[1] in NO_PROSE - {"exercise", "solution"}
            silent = "code" if code else "apart" if name[1] in NO_PROSE else ""
            open_fences.append({"marks": fence["marks"], "silent": silent})
            prose.append("" if code or silent else re.sub(r"^\{[\w-]+\}", "", info))
            continue
        elif open_fences and re.match(r"^\s*:class:.*\btoy\b", line):
            open_fences[-1]["silent"] = "toy"
        quiet = shut or any(block["silent"] for block in open_fences) or (open_fences and OPTION.match(line))
        prose.append("" if quiet else line)
    text = "\n".join(prose)
    for pattern in INLINE:
        text = re.sub(pattern, lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE)
    numbered = enumerate(text.split("\n"), start=1)
    return [f"{number}: {line.strip()}" for number, line in numbered if re.search(r"\d", line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_holds_a_typed_number(page):
    assert typed_numbers(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_holds_a_typed_number(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert [found for text in prose for found in typed_numbers(text)] == []


@pytest.mark.parametrize("source", WORKSHOPS, ids=lambda path: path.stem)
def test_no_workshop_holds_a_typed_number(source):
    text = re.sub(r"^\+\+\+ .*$", "", source.read_text(encoding="utf-8"), flags=re.MULTILINE)  # minutes stand there
    assert typed_numbers(text) == []


SAID = re.compile(r"\{said\}`([^`|]*)\|([^`]*)`")
QUOTED = [*PAGES, *sorted((ROOT / "book" / "exercises").glob("*.md")), *WORKSHOPS]


@pytest.mark.parametrize("page", QUOTED, ids=lambda path: path.stem)
def test_quotations_are_a_few_words_with_their_place(page):
    """A page quotes the paper in a few words with the section, and everybody else with a date."""
    text = page.read_text(encoding="utf-8")
    for words, source in SAID.findall(text):
        assert len(words.split()) <= 12, words
        placed = r"title|abstract|section \d(\.\d)?" if source.strip().startswith("paper") else r"\b(19|20)\d\d\b"
        assert re.search(placed, source), f"{words}|{source}"
    long = [words for words in re.findall(r"“([^”]+)” \((?:paper, )?section", text) if len(words.split()) > 12]
    assert long == []


@pytest.mark.parametrize("line", [
    "The West makes 21.5% of GDP.",
    "Gansu ranks 26th, far behind.",
    "# The 12 western provinces",
    "It grew (see `table`) by 5 points in 2023.",
    "Text before\n\n```{note}\nAbout 2.4 firms.\n```",
    "::::{div} box\n:::{admonition} Ranks\nNine of 31.\n:::\n::::",
    ":::{admonition} Toy example\n:class: toy\nHalf of 10.\n:::\nAnd 3 more.",
    "```{code-cell}\nx = 1\n```\nIt is 1.",
    "- 40% of the weight",
    "It takes W40 minutes.",
])
def test_a_typed_number_is_found(line):
    assert typed_numbers(line)


@pytest.mark.parametrize("line", [
    "The share is {{ region.west_share }}%, which the paper puts at {said}`21.5%|paper, section 3.1`.",
    "See section 3.1 and sections 2.1 and 2.3; the verdict is {verdict}`S33`.",
    "In 2023, as in 2016–2022, the claim S33 held.",
    "# W4. Coupling, honestly",
    "The code `weights[0] = 0.5` and the formula $D = \\sqrt{C T} / 2$.",
    "$$\n0 \\ln 0 = 0\n$$",
    ":::{admonition} Toy example\n:class: toy\nThree firms out of 10.\n:::",
    "````{exercise} Own province\n:label: e5-1\nCompute 3 ratios.\n```{code}\n1 + 1\n```\n````",
    "```{code-cell} ipython3\n:tags: [hide-input]\nshare(21.5)\n```",
    "1. first\n2. second",
    "[a link](page-2.md) and <span title=\"4\">a tag</span>",
    "---\nkernelspec:\n  name: python3\n---\nText.",
])
def test_a_declared_place_is_left_alone(line):
    assert typed_numbers(line) == []
