"""The items of chapters 7 to 14: numbers that somebody published or that a hand gets, and honest random draws."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nqpkit.chapters.one import leading_draws, weighted
from nqpkit.chapters.talent import measures
from nqpkit.classroom.checking import Place, judge
from nqpkit.classroom.items import ITEMS
from nqpkit.coupling import coordination_degree, coupling_degree
from nqpkit.uncertainty import rank_intervals

EXERCISES = Path(__file__).parents[2] / "book" / "exercises"
WRITTEN = {"E7.5", "E10.9", "E11.2", "E11.3"}
LATER = [name for name in ITEMS if name.startswith("E") and int(name[1:].split(".")[0]) >= 7]
CHECKED = [name for name, item in ITEMS.items() if item.truth and (name in LATER or not name.startswith("E"))]
YEAR = 2023


@pytest.fixture(scope="module")
def places(result):
    return [Place(result, slug, YEAR) for slug in result.study.regions["slug"]]


def test_every_exercise_of_the_later_chapters_is_an_item():
    files = {file.stem for file in EXERCISES.glob("e*.md")}
    assert set(LATER) == {f"E{name[1:].replace('-', '.')}" for name in files if int(name[1:].split("-")[0]) >= 7}
    assert {name for name in LATER if ITEMS[name].truth is None} == WRITTEN


@cache
def frozen(name, place):
    """An item's truth, and the item with its answers worked out once, for one place."""
    item = ITEMS[name]
    truth = item.truth(place)
    made = [(mistake, mistake.wrong(place)) for mistake in item.mistakes]
    return truth, replace(item, truth=lambda _: truth, mistakes=tuple(
        replace(mistake, wrong=lambda _, wrong=wrong: wrong) for mistake, wrong in made))


def with_mistake(truth, wrong):
    """The right answer with the parts that a mistake changes."""
    if isinstance(truth, dict) and isinstance(wrong, dict):
        return {name: with_mistake(value, wrong[name]) if name in wrong else value for name, value in truth.items()}
    return wrong


@pytest.mark.parametrize("name", CHECKED)
def test_the_right_answer_passes_and_three_mistakes_fail_with_a_hint_everywhere(name, places):
    few = {}
    for place in places if name.startswith("E") else places[:1]:  # a quiz is the same everywhere
        truth, item = frozen(name, place)
        hints = {mistake.name: mistake.hint for mistake in item.mistakes}
        assert judge(item, truth, place).right, (name, place.slug)
        seen = set()
        for mistake in item.mistakes:
            verdict = judge(item, with_mistake(truth, mistake.wrong(place)), place)
            if not verdict.right:
                assert verdict.mistake in hints, (name, place.slug, mistake.name, verdict.message)
                assert hints[verdict.mistake] in verdict.message and verdict.points < item.points
                seen.add(verdict.mistake)
        if len(seen) < 3:
            few[place.slug] = seen
    assert not few


@pytest.mark.parametrize("name", CHECKED)
def test_each_mistake_is_recognised_by_its_own_name_somewhere(name, places):
    missed = {mistake.name for mistake in ITEMS[name].mistakes}
    for place in places if missed else []:
        truth, item = frozen(name, place)
        for mistake in item.mistakes:
            if mistake.name in missed:
                verdict = judge(item, with_mistake(truth, mistake.wrong(place)), place)
                missed -= {verdict.mistake} if verdict.mistake == mistake.name else set()
        if not missed:
            break
    assert not missed


@pytest.mark.parametrize("name", LATER)
def test_an_item_says_what_it_wants(name):
    item = ITEMS[name]
    assert item.points > 0 and item.form and not item.form.endswith(".") and item.form[0].islower()
    assert (item.truth is None) == (not item.mistakes)


def test_migration_of_gansu_by_hand(places):
    """24.92 and 24.65 million residents, natural growth of −1.33 per thousand: 1000 · (24.65/24.92 − 1) + 1.33."""
    found = ITEMS["E7.1"].truth(places[0])
    assert found["change"] == pytest.approx(1000 * (24.65 / 24.92 - 1), abs=0.005)
    assert found["net"] == pytest.approx(1000 * (24.65 / 24.92 - 1) + 1.33, abs=0.005)


def test_experts_and_skilled_workers_by_hand(places):
    assert ITEMS["E7.2"].truth(places[0])["before"] == 546
    assert ITEMS["E7.3"].truth(places[0])["skilled"] == pytest.approx(1.58, abs=0.005)


def test_the_bath_doubles_with_the_newcomers(places):
    stock, joining = 1.0, ITEMS["E7.4"].truth(places[0])["newcomers"]
    for _ in range(10):
        stock = 0.95 * stock + joining
    assert stock == pytest.approx(2)


@pytest.mark.parametrize("seed", range(40))
def test_an_honest_draw_of_a_thousand_passes_whatever_its_seed(seed, places):
    """Forty seeds for every province: none is refused."""
    noise = np.random.default_rng(seed).random(1000)
    for place in places[seed % 4::4]:
        now = place.result.coupling.loc[(place.code, YEAR)]
        pairs = pd.DataFrame({"nqp": place.result.systems.loc[(place.code, YEAR), "nqp"], "noise": noise})
        answer = {"C standard": coupling_degree(pairs, "standard").median(), "C modified": coupling_degree(
            pairs).median(), "at least": (coordination_degree(pairs) >= now["coordination"]).mean()}
        assert judge(ITEMS["E8.2"], {key: round(value, 2) for key, value in answer.items()}, place).right, place.slug


def test_the_hand_gets_the_three_obstacles(places):
    """w (1 − z) = 0.48, 0.18, 0.18 of 0.84; the first over its weight 0.6."""
    found = ITEMS["E9.2"].truth(places[0])
    assert found["O"] == pytest.approx([0.48 / 0.84, 0.18 / 0.84, 0.18 / 0.84])
    assert found["R"][0] == pytest.approx(0.8 / 0.84)


def test_an_honest_share_of_random_weightings_passes_whatever_its_seed(places):
    for seed in range(2, 8):
        draws = leading_draws(places[0].result, draws=1000, seed=seed)
        for place in places:
            answer = draws.loc[place.code].round(2)
            assert judge(ITEMS["E9.7"], answer, place).right, (seed, place.slug)


def test_the_bill_of_the_eastern_median_with_first_published_gdp(places):
    """438 billion yuan a year more, against 436 billion spent, before GDP of 2023 was revised."""
    item = ITEMS["E10.1"]
    first = next(mistake for mistake in item.mistakes if mistake.name == "first published").wrong(places[0])
    assert first["extra"] == pytest.approx(438, abs=1.5) and first["now"] == pytest.approx(436, abs=1.5)
    assert item.truth(places[0])["now"] == pytest.approx(436, abs=1.5)  # spending was not revised with GDP
    assert judge(item, first, places[0]).mistake == "first published"


def test_the_science_bill_of_three_provinces(places):
    """Sichuan 271 and Gansu 124 times 100 million yuan a year, as computed apart from the kit."""
    found = ITEMS["E10.2"].truth(places[0])["extra"]
    assert found["sichuan"] == pytest.approx(271, abs=1.5) and found["gansu"] == pytest.approx(124, abs=1.5)


def test_cut_or_grow_by_hand(places):
    """2.7 % of 600; 1.03^n = 1.1286 at n = 4.1, so in the fifth year."""
    found = ITEMS["E10.8"].truth(places[0])
    assert found == {"moved": pytest.approx(16.2), "year": 5}


def test_smelting_touches_two_indicators_of_which_less_is_better(places):
    about = places[0].result.framework.indicators().loc[list(ITEMS["E10.6"].truth(places[0])["indicators"])]
    assert (about["direction"] == -1).all() and (about["dimension"] == "green").all()


def test_an_honest_interval_of_a_thousand_draws_passes_whatever_its_seed(places):
    for seed in range(2, 8):
        wide, narrow = (rank_intervals(places[0].result, YEAR, draws=1000, seed=seed, concentration=c) for c in (1, 10))
        for place in places:
            answer = {f"{before}{end}": table.loc[place.code, f"rank_coordination_{end}"]
                      for before, table in (("", wide), ("narrow ", narrow)) for end in ("low", "high")}
            assert judge(ITEMS["E12.1"], answer, place).right, (seed, place.slug)


def test_income_is_taken_out_as_a_line_by_hand(places):
    """Residuals of two least-squares lines, correlated: another way to the partial correlation."""
    result = places[0].result
    now = result.systems.xs(YEAR, level="year")
    line = np.column_stack([np.ones(len(now)), np.log(result.indicators["gdp_per_head"].xs(YEAR, level="year"))])
    left = [now[name] - line @ np.linalg.lstsq(line, now[name], rcond=None)[0] for name in now]
    assert ITEMS["E12.3"].truth(places[0])["after"] == pytest.approx(np.corrcoef(left)[0, 1], abs=0.005)


def test_the_corner_and_the_mean_of_the_neighbours(places):
    """A province with two neighbours hangs on each with half a weight."""
    place = next(place for place in places if place.slug == "hainan")
    found, table = ITEMS["E14.3"].truth(place), places[0].result.systems["nqp"].xs(YEAR, level="year")
    near = place.study.neighbours.loc[place.study.neighbours["code"] == place.code, "neighbour"]
    assert found["neighbours"] == pytest.approx(((table - table.mean()) / table.std(ddof=0))[near].mean())
    signs = ["high" if found[name] >= 0 else "low" for name in ("own", "neighbours")]
    assert found["corner"].split(" among ") == signs


def test_tables_that_the_chapters_print_are_taken_as_they_are(places):
    """A student hands in what a cell shows: Series, rows of frames, names in either language."""
    place = next(place for place in places if place.slug == "yunnan")
    top = {name: weighted(place.result, name).obstacles["share"].loc[(place.code, YEAR)].nlargest(3)
           for name in ("equal", "entropy")}
    kept = len(top["equal"].index.intersection(top["entropy"].index))
    assert judge(ITEMS["E9.1"], top | {"kept": kept}, place).right
    listed = {name: list(rows.index) for name, rows in top.items()}
    assert judge(ITEMS["E9.1"], listed | {"kept": kept}, place).right
    near = place.result.peers("yunnan", YEAR, count=99)["distance"]
    names = place.study.regions["name_zh"]
    answer = {"peers": near.head(3), "third": near.iloc[2], "farthest": names[near.index[-1]],
              "distance": near.iloc[-1]}
    assert judge(ITEMS["E11.1"], answer, place).right
    ranks = measures(place.result).loc[place.code]
    assert judge(ITEMS["E9.6"], {**ranks, "apart": abs(ranks["undergraduates"] - ranks["rd_staff"])}, place).right
