"""The items of chapters 7 to 14: right for every province, and wrong in the ways that they know."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from nqpkit.classroom.checking import Place, judge
from nqpkit.classroom.items import ITEMS
from nqpkit.coupling import coordination_degree, coupling_degree

LATER = [name for name in ITEMS if name.startswith("E") and int(name[1:].split(".")[0]) >= 7]
CHECKED = [name for name in LATER if ITEMS[name].truth]
YEAR = 2023
FEW = {}  # (exercise, province): why fewer than three mistakes show there


@pytest.fixture(scope="module")
def places(result):
    return [Place(result, slug, YEAR) for slug in result.study.regions["slug"]]


@cache
def frozen(name, place):
    """An item's truth and the item with its answers worked out once, for one place."""
    item = ITEMS[name]
    truth = item.truth(place)
    made = [(mistake, mistake.wrong(place)) for mistake in item.mistakes]
    return truth, replace(item, truth=lambda _: truth, mistakes=tuple(
        replace(mistake, wrong=lambda _, wrong=wrong: wrong) for mistake, wrong in made))


def with_mistake(truth, wrong):
    """The right answer with the parts that a mistake changes."""
    if isinstance(truth, dict) and isinstance(wrong, dict):
        return {name: with_mistake(value, wrong[name]) if name in wrong else value for name, value in truth.items()}
    if isinstance(truth, list) and isinstance(wrong, dict):
        return [wrong.get(str(place), value) for place, value in enumerate(truth, start=1)]
    return wrong


@pytest.mark.parametrize("name", CHECKED)
def test_the_right_answer_passes_and_three_mistakes_are_told_apart_from_it_everywhere(name, places):
    few = {}
    for place in places:
        truth, item = frozen(name, place)
        assert judge(item, truth, place).right, (name, place.slug)
        shown = []
        for mistake in item.mistakes:
            verdict = judge(item, with_mistake(truth, mistake.wrong(place)), place)
            if not verdict.right:
                assert verdict.mistake in {other.name for other in item.mistakes}, (name, place.slug, mistake.name)
                assert verdict.points < item.points
                shown.append((mistake.name, verdict.mistake))
        if len(shown) < 3:
            few[place.slug] = shown
    assert set(few) == {slug for exercise, slug in FEW if exercise == name}, few


@pytest.mark.parametrize("name", CHECKED)
def test_each_mistake_is_recognised_by_its_own_name_somewhere(name, places):
    missed = {mistake.name for mistake in ITEMS[name].mistakes}
    for place in places:
        truth, item = frozen(name, place)
        for mistake in item.mistakes:
            if mistake.name in missed:
                verdict = judge(item, with_mistake(truth, mistake.wrong(place)), place)
                missed -= {verdict.mistake} if verdict.mistake == mistake.name else set()
        if not missed:
            return
    assert not missed


@pytest.mark.parametrize("name", LATER)
def test_an_item_says_what_it_wants(name):
    item = ITEMS[name]
    assert item.id == name and item.points > 0 and item.form and not item.form.endswith(".")
    assert (item.truth is None) == (not item.mistakes)
    assert len({mistake.name for mistake in item.mistakes}) == len(item.mistakes)


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
