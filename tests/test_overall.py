"""A study ranks by coordination if there are systems to couple, else by its one score; everything follows it."""

import pytest
import yaml

from nqpkit import InputError, Study, alternatives, comparison, coupling, evaluate, figures, results, sentences
from nqpkit.analysis.audit import audit, leave_one_out
from nqpkit.book import pages
from nqpkit.chapters import facts, left_out
from nqpkit.exchange.brief import brief
from nqpkit.exchange.start import new_study
from nqpkit.exchange.tidy import everything
from nqpkit.exchange.workbook import workbook
from nqpkit.overall import Overall, standing
from nqpkit.scenario import compare_paths, what_if
from nqpkit.sensitivity import rank_outputs, sobol_indices, variants
from nqpkit.uncertainty import rank_intervals, share_ahead

THREE = ["ashdale", "birchford", "kestrel"]


def counties(folder, change, years=(2019, 2023)):
    """The invented counties with another framework."""
    new_study(folder, "counties")
    content = yaml.safe_load((folder / "framework.yml").read_text(encoding="utf-8"))
    content["years"] = list(years)
    change(content)
    (folder / "framework.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    settings = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    settings["years"]["scored"] = list(years)
    (folder / "study.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return evaluate(Study.load(folder))


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """One system, one year, no levers, no dilemmas."""
    def change(content):
        del content["systems"]["life"], content["dilemmas"], content["paths"]
        del content["systems"]["capacity"]["dimensions"]["technology"]["indicators"]["research"]["lever"]

    return counties(tmp_path_factory.mktemp("one") / "study", change, (2023, 2023))


@pytest.fixture(scope="module")
def levered(tmp_path_factory):
    """One system over five years, with levers."""
    return counties(tmp_path_factory.mktemp("levered") / "study", lambda content: content["systems"].pop("life"))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three systems: the care of the second becomes a system of its own."""
    def change(content):
        care = content["systems"]["life"]["dimensions"].pop("care")
        content["systems"]["care"] = {"label": "Care", "dimensions": {"care": care}}

    return counties(tmp_path_factory.mktemp("three") / "study", change)


def test_one_system_is_ranked_by_its_own_score(one):
    table = one.table()
    assert not one.coupled and one.coupling.columns.empty and one.overall.rank == "rank_capacity"
    assert [c for c in table if c not in ("code", "slug", "name", "group", "year")] == ["capacity", "rank_capacity"]
    order = table.sort_values("rank_capacity")["capacity"]
    assert order.is_monotonic_decreasing
    intervals = rank_intervals(one, draws=200)
    assert (intervals["rank_capacity"] == table.set_index("code")["rank_capacity"]).all()
    assert "grade" not in intervals and "coordination" not in intervals
    ahead = share_ahead(one, THREE[:2], draws=200).to_numpy()
    assert ahead[0, 1] + ahead[1, 0] == 1


def test_every_sentence_of_one_system_and_one_year_says_what_is_not_there(one):
    said = {name: str(getattr(sentences, name)(one, "ashdale")) for name in
            ("headline", "movement", "trust", "chance", "dilemmas", "levers", "caveats", "sources")}
    assert "one year, 2023" in said["movement"] and "nothing to couple" in said["chance"]
    assert "no levers" in said["levers"]
    assert "technology" in said["dilemmas"] and "dilemma" not in said["dilemmas"]
    for name in ("headline", "trust", "dilemmas", "levers"):
        assert "coordination" not in said[name] and " D " not in said[name] and "nan" not in said[name]


def test_figures_that_need_coupling_or_years_are_left_out(one, levered):
    assert figures.trend(one, "ashdale") is None and figures.coordination(one, "ashdale") is None
    assert figures.trend(levered, "ashdale") is not None and figures.coordination(levered, "ashdale") is None
    for name in ("profile", "intervals", "obstacles", "tile_map"):
        figure = getattr(figures, name)(one, "ashdale")
        assert "coordination" not in figure.caption + figure.alt and len(figure.values)


def test_what_is_handed_on_of_one_system(one):
    content = results.page_results(one, "ashdale").content
    assert "random" not in content and content["trend"] == {"2023": {"capacity": pytest.approx(content["capacity"])}}
    assert "coordination" not in brief(one, "ashdale") and workbook(one, "ashdale").startswith(b"PK")
    assert "coupling" not in set(everything(one, "ashdale")["kind"])


@pytest.mark.parametrize("name", ["audit", "compare", "limits", "map-through-time", "opening", "page-list",
                                  "playground", "region-table", "scenario", "tile-map", "weights"])
def test_every_computed_part_of_a_page_for_one_and_three_systems(one, levered, three, name):
    for result in (one, levered, three):
        part = pages.PARTS[name](result, "../")
        text = part if isinstance(part, str) else part.body + part.caption
        assert text and "nan" not in text.replace("finance", "")
        if not result.coupled and name not in ("audit", "playground"):
            assert "oordination" not in text and "Grade of D" not in text


def test_scenarios_of_one_system(levered):
    found = what_if(levered, "ashdale")
    assert found.change["capacity"] > 0 and "grade" not in found.change
    assert "coordination_change" not in found.levers and "capacity_change" in found.levers
    assert compare_paths(levered, "ashdale").loc["all", "capacity_change"] == found.change["capacity"]
    assert " D " not in str(sentences.levers(levered, "ashdale"))


def test_other_choices_of_one_system_do_not_vary_the_coupling(levered):
    table = variants(levered, 2023)
    assert "coupling" not in table.index.get_level_values("choice") and "grade_changed" not in table
    ranks = rank_outputs(levered, "ashdale", 2023)
    assert "coupling" not in ranks.index.names
    base = ranks[("equal", "geometric", "pooled", levered.options.winsorise)]
    assert base == levered.scores.loc[("c01", 2023), "rank_capacity"]
    assert "coupling" not in sobol_indices(levered, year=2023, samples=64).index
    assert "capacity" in leave_one_out(levered, 2023) and audit(levered, 2023).random is None
    assert set(alternatives.compare_alternatives(levered.study).columns.unique("measure")) == {
        "capacity", "rank_capacity"}


def test_regions_of_one_system_side_by_side(one):
    assert "coordination" not in str(comparison.summary(one, THREE))
    table = comparison.standing_table(one, THREE).frame
    assert "Grade" not in table and "D by chance" not in table and "New capacities" in table
    assert comparison.course_chart(one, THREE).values.shape == (3, 1)


def test_chapters_that_couple_scores_are_left_out_of_a_study_of_one(one):
    out = left_out(one)
    assert "couples scores, and the study has one" in out["coupling"]
    assert {"case", "region", "reading"} <= facts(one).keys() and "d" not in facts(one)["case"]


def test_three_systems_are_coupled_and_have_no_lag(three):
    assert three.overall == Overall("coordination", "Coordination degree D", "D", "the coordination degree", True)
    assert "lag" not in three.table() and "grade" in three.table()
    d = coupling.coordination_degree(three.systems.xs(2023, level="year"))
    assert standing(three.systems.xs(2023, level="year"), "modified")["coordination"].equals(d)
    assert "lags" not in str(sentences.headline(three, "ashdale"))
    assert "three scores" in str(sentences.chance(three, "ashdale")) or "Chance alone" in str(
        sentences.chance(three, "ashdale"))
    assert "for the pair least alike" in pages.opening(three)


def test_coupling_itself_still_refuses_one_system(one):
    with pytest.raises(InputError, match="two or more systems"):
        coupling.coordination_degree(one.systems)
