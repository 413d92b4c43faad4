"""The kit's pages fitted to another study: what applies stays, what does not is said, links hold."""

import re
from pathlib import Path

import pytest
import yaml

from nqpkit import Study, evaluate
from nqpkit.book import pages, study_sources
from nqpkit.exchange.start import new_study

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "book").rglob("*.md"))


@pytest.fixture(scope="module")
def counties(tmp_path_factory):
    return evaluate(Study.load(new_study(tmp_path_factory.mktemp("c") / "counties", "counties")))


@pytest.fixture
def sources(tmp_path):
    """Three pages, contents and settings."""
    (tmp_path / "book" / "live").mkdir(parents=True)
    for name, text in (("index", "# Start\n\nSee [levers](live/a.md).\n"),
                       ("live/a", "# Talent of <i>province</i>s\n\nIt is {{ talent.count }}.\n"),
                       ("live/b", "# Every province\n\n% only paper\nThe paper.\n% end only\n\n"
                                  "A province in `province`.\n")):
        (tmp_path / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    contents = {"format": "jb-book", "root": "book/index", "parts": [
        {"caption": "Dilemmas", "chapters": [{"file": "book/live/a"}]},
        {"caption": "Provinces", "chapters": [{"file": "book/provinces/index"}, {"file": "book/live/b"}]}]}
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    (tmp_path / "_config.yml").write_text((ROOT / "_config.yml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_what_does_not_apply_becomes_a_sentence_and_moves_to_the_end_of_the_contents(sources, counties):
    gone = study_sources.fit(sources, counties)
    assert list(gone) == ["book/live/a"] and "built-in study" in gone["book/live/a"]
    left, kept = ((sources / "book" / "live" / f"{name}.md").read_text(encoding="utf-8") for name in "ab")
    assert left.startswith("# Talent of <i>province</i>s\n\nThis chapter")
    assert kept == "# Every county\n\n\nA county in `province`.\n"
    toc = yaml.safe_load((sources / "_toc.yml").read_text(encoding="utf-8"))
    assert [part["caption"] for part in toc["parts"]] == ["Counties", "Left out"]
    assert toc["parts"][1]["chapters"][0]["sections"] == [{"file": "book/live/a"}]
    assert study_sources.already_out(sources) == gone
    assert "live/a.md" in (sources / "book" / "left-out.md").read_text(encoding="utf-8")
    assert "Twelve invented counties" in (sources / "book" / "index.md").read_text(encoding="utf-8")
    settings = yaml.safe_load((sources / "_config.yml").read_text(encoding="utf-8"))
    assert settings["title"] == counties.study.title and "compare counties with" in str(settings)


def test_a_page_that_fails_while_building_joins_those_left_out(sources, counties):
    study_sources.fit(sources, counties)
    log = f"{sources}/book/live/b.md: WARNING: Executing notebook failed: CellExecutionError [mystnb.exec]\n"
    failed = study_sources.failed_pages(log + log)
    assert list(failed) == ["book/live/b"]
    page = sources / "book" / "live" / "b.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n```{include} ../exercises/e8-1.md\n```\n", encoding="utf-8")
    study_sources.replace_page(sources, "book/live/b", failed["book/live/b"])
    assert page.read_text(encoding="utf-8").startswith("(e8-1)=\n# "), "links to its exercise would be dead"
    study_sources.write_contents(sources, counties.study, study_sources.already_out(sources) | failed)
    assert list(study_sources.already_out(sources)) == ["book/live/a", "book/live/b"]


def test_the_built_in_study_keeps_every_page_and_passage(sources, result):
    assert study_sources.fit(sources, result) == {}
    assert "The paper." in (sources / "book" / "live" / "b.md").read_text(encoding="utf-8")
    assert "Left out" not in (sources / "_toc.yml").read_text(encoding="utf-8")


def test_a_book_with_pages_for_some_lists_and_links_these_alone(sources, counties):
    page = sources / "book" / "provinces" / "index.md"
    page.parent.mkdir()
    page.write_text("# All\n\n```{nqp} tile-map\n```\n\n```{nqp} page-list\n```\n\n% only pages\nEach.\n% end only\n",
                    encoding="utf-8")
    study_sources.fit(sources, counties, ["kestrel", "ashdale"])
    text = page.read_text(encoding="utf-8")
    assert "{nqp} tile-map kestrel ashdale\n" in text and "{nqp} page-list kestrel ashdale\n" in text
    assert "Each." not in text
    toc = yaml.safe_load((sources / "_toc.yml").read_text(encoding="utf-8"))
    (regions,) = (chapter for part in toc["parts"] for chapter in part["chapters"]
                  if chapter["file"] == "book/provinces/index")
    assert {entry["file"] for entry in regions["sections"]} == {"book/provinces/kestrel", "book/provinces/ashdale"}
    listed = pages.page_list(counties, "", "kestrel", "ashdale")
    assert "Kestrel" in listed and "Dunmere" not in listed and "10 of 12 counties have no page in this book" in listed
    assert "Dunmere" in pages.tile_map(counties, "", "kestrel").body and "Dunmere" in pages.region_table(counties)


def test_of_too_many_regions_the_overview_shows_the_ends_and_those_with_a_page(counties, monkeypatch):
    monkeypatch.setattr(pages, "ROWS", 5)
    monkeypatch.setattr(pages, "ENDS", 2)
    monkeypatch.setattr(pages, "TILES", 5)
    order = counties.table().sort_values(counties.overall.rank)["slug"].tolist()
    table = pages.region_table(counties, "", order[5])
    shown = [slug for slug in order if f'id="region-{slug}"' in table]
    assert shown == [*order[:2], order[5], *order[-2:]] and "ranks among 12 counties" in table
    drawn = pages.tile_map(counties, "", order[5])
    assert "nqp-tile" not in drawn.body and "of 12 counties" in drawn.caption
    monkeypatch.setattr(study_sources, "LIVE", 5)
    assert {"weights", "compare", "map-through-time"} <= study_sources.missing_parts(counties).keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_passages_of_the_book_are_closed_and_ask_for_what_is_known(page, result):
    text = page.read_text(encoding="utf-8")
    begun = re.findall(r"^% only (.*)$", text, re.MULTILINE)
    assert len(begun) == len(re.findall(r"^% end only$", text, re.MULTILINE))
    assert set(begun) <= study_sources.conditions(result).keys()
    assert "% only" not in study_sources.chosen(text, dict.fromkeys(begun, True))


def test_the_opening_of_another_study_speaks_of_no_paper():
    for path in study_sources.PAGES.glob("*.md"):
        assert not re.search(r"\bpaper\b|West|China|province\b", path.read_text(encoding="utf-8"))
