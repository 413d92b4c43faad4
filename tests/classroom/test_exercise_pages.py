"""The index of exercises, and the example of how to add one."""

import inspect
import re
from types import SimpleNamespace

from bs4 import BeautifulSoup

from nqpkit.book.numbering import count_figures_by_page
from nqpkit.chapters import facts_of
from nqpkit.classroom.exercise_pages import exercise_index
from nqpkit.classroom.exercises import exercise, exercise_ids
from nqpkit.classroom.items import ITEMS, paper
from nqpkit.kit_files import kit_root

PAGE = kit_root() / "book" / "classroom" / "exercises.md"


def test_every_exercise_is_listed_with_its_place_and_points(result):
    table = BeautifulSoup(exercise_index(result, "../"), "html.parser")
    rows = {row.th.get_text(): row for row in table.tbody.find_all("tr")}
    assert list(rows) == exercise_ids()
    row = rows["E8.1"]
    assert row.th.a["href"] == "../evaluation/coupling.html#e8-1"
    words = [cell.get_text() for cell in row.find_all("td")]
    assert words[0] == "Two places, two forms" and words[2] == "4" and words[4] == f"{ITEMS['E8.1'].points:g}"
    assert words[3].startswith("Checked.") and rows["E1.2"].find_all("td")[3].get_text().startswith("Read by a person.")


def test_links_lead_to_pages_of_the_book(result):
    table = BeautifulSoup(exercise_index(result, "../"), "html.parser")
    pages = {link["href"].split("#")[0].removeprefix("../").removesuffix(".html") for link in table.find_all("a")}
    assert all((kit_root() / "book" / f"{page}.md").is_file() for page in pages)


def test_the_numbers_of_the_page_are_those_of_the_items(result):
    found = facts_of("exercises", result)
    assert found["count"] == len(exercise_ids()) == found["checked"] + found["read"]


def test_the_example_of_the_page_is_the_item_itself():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    shown = [code for code in blocks if "begin" not in code]
    assert len(shown) == 2 and all(code in inspect.getsource(paper) for code in shown)
    assert exercise("E1.4").title in text


def test_an_exercise_has_one_number_in_book_and_notebook():
    env = SimpleNamespace(metadata={}, toc_fignumbers={"page": {
        "figure": {"figure-a": (3,), "figure-b": (4,)}, "exercise": {"e5-1": (1,), "e5-12": (2,)}}})
    count_figures_by_page(None, env)
    assert env.toc_fignumbers["page"]["figure"] == {"figure-a": (1,), "figure-b": (2,)}
    shown = [".".join(map(str, number)) for number in env.toc_fignumbers["page"]["exercise"].values()]
    assert shown == ["E5.1", "E5.12"] and set(shown) & set(exercise_ids()) == {"E5.1"}
