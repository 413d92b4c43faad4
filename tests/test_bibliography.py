"""Every work in the bibliography is complete and cited, and every citation has its work."""

import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).parent.parent
WORKS = parse_file(ROOT / "book" / "references.bib", "bibtex").entries
NEEDED = {
    "article": ["title", "journal", "year", "pages"],
    "book": ["title", "publisher", "year"],
    "misc": ["title", "howpublished"],
    "techreport": ["title", "institution", "year"],
    "incollection": ["title", "booktitle", "publisher", "year", "pages"],
}
PAGES = [*(ROOT / "book").rglob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
ROLE = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
CITED = {key.strip() for path in PAGES for keys in ROLE.findall(path.read_text(encoding="utf-8"))
         for key in keys.split(",")}


@pytest.mark.parametrize("key", list(WORKS))
def test_a_work_is_complete(key):
    work = WORKS[key]
    assert work.type in NEEDED, f"{key} is of an unknown kind"
    assert work.persons.get("author") or work.persons.get("editor"), f"{key} has no author"
    missing = [field for field in NEEDED[work.type] if not work.fields.get(field, "").strip()]
    assert not missing, f"{key} lacks {missing}"
    assert work.type != "article" or {"volume", "number"} & set(work.fields), f"{key} has neither volume nor number"
    year = work.fields.get("year", "")
    assert not year or re.fullmatch(r"(16|17|18|19|20)\d\d", year)
    assert re.fullmatch(r"10\.\d{4,}/\S+", work.fields.get("doi", "10.1000/x"))


def test_every_citation_has_its_work():
    assert sorted(CITED - set(WORKS)) == []


def test_every_work_is_cited():
    assert sorted(set(WORKS) - CITED) == []


def test_only_the_paper_itself_has_no_date():
    assert [key for key, work in WORKS.items() if not work.fields.get("year")] == ["mou-western"]
