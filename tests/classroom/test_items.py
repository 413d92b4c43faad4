"""The exercises of chapters 0 to 6 for every province: the truth passes, each mistake fails with its own hint."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from nqpkit.chapters.dimension import wide
from nqpkit.chapters.industry import location_quotient
from nqpkit.classroom.checking import Place, judge
from nqpkit.classroom.exercises import exercise_ids
from nqpkit.classroom.items import ITEMS

CHECKED = {name: item for name, item in ITEMS.items() if item.truth and re.match(r"E[0-6]\.", name)}
NEEDED = 3
# Shares so small that several ways to compute them agree within the tolerance.
FEWER = {("E2.4", "qinghai"): 1, ("E2.4", "ningxia"): 2}


@pytest.fixture(scope="module")
def places(result):
    return [Place(result, slug, 2023) for slug in result.study.regions["slug"]]


def merged(truth, wrong):
    """The answer of somebody who made one mistake and nothing else wrong."""
    if isinstance(truth, Mapping) and isinstance(wrong, Mapping):
        return {**truth, **{key: merged(truth.get(key), value) for key, value in wrong.items()}}
    return wrong


def frozen(item, truth, made):
    """The item with everything computed once, as grading has it too."""
    mistakes = tuple(replace(mistake, wrong=lambda place, wrong=wrong: wrong) for mistake, wrong in made)
    return replace(item, truth=lambda place: truth, mistakes=mistakes)


@pytest.mark.parametrize("name", CHECKED)
def test_the_truth_passes_and_mistakes_fail_with_their_hint(name, places):
    asked, known = CHECKED[name], []
    hints = {mistake.name: mistake.hint for mistake in asked.mistakes}
    assert len(hints) == len(asked.mistakes) >= NEEDED
    for place in places:
        truth, seen, made = asked.truth(place), set(), [(mistake, mistake.wrong(place)) for mistake in asked.mistakes]
        item = frozen(asked, truth, made)
        assert judge(item, truth, place).right, place.slug
        assert judge(item, truth, place).points == item.points
        for mistake, wrong in made:
            answer = merged(truth, wrong)
            verdict = judge(item, answer, place)
            if verdict.right:
                continue  # at this place the mistake changes nothing
            assert verdict.points < item.points, (place.slug, mistake.name)
            assert hints[verdict.mistake] in verdict.message, (place.slug, mistake.name)
            if verdict.mistake != mistake.name:  # two mistakes may lead to one answer
                other = next(wrong for mistake, wrong in made if mistake.name == verdict.mistake)
                answered = replace(item, truth=lambda place, answer=answer: answer)
                assert judge(answered, merged(answer, other), place).right, (place.slug, mistake.name, verdict.mistake)
            seen.add(verdict.mistake)
        if len(seen) < FEWER.get((name, place.slug), NEEDED):
            known.append((len(seen), place.slug))
    assert not known, f"{name}: too few mistakes differ: {known}"


@pytest.mark.parametrize("name", CHECKED)
def test_an_answer_as_text_or_far_off_never_crashes_and_never_passes(name, places):
    for answer in ("", "I do not know", None, -987.654, [], {}, {"nothing": 1}, [None] * 3):
        verdict = judge(CHECKED[name], answer, places[0])
        assert not verdict.right and verdict.points < CHECKED[name].points, answer


def test_every_exercise_of_the_book_has_an_item():
    assert [name for name in ITEMS if name.startswith("E")] == exercise_ids()


def test_every_item_says_what_it_expects():
    for item in ITEMS.values():
        assert item.form and item.points > 0 and "{" not in item.form


def test_no_hint_is_written_twice():
    hints = Counter(mistake.hint for item in ITEMS.values() for mistake in item.mistakes)
    names = Counter((mistake.name, mistake.hint) for item in ITEMS.values() for mistake in item.mistakes)
    assert all(names[pair] == hints[pair[1]] for pair in names), "one hint under two names"
    assert all(hint[0].isupper() and hint.endswith((".", "?", "!")) for hint in hints)


@pytest.fixture
def truth(result):
    def of(name, slug="gansu", year=2023):
        return ITEMS[name].truth(Place(result, slug, year))
    return of


def test_published_numbers(truth):
    """What the communiqué of 2023, papers and yearbooks print."""
    share = truth("E2.1")
    assert (round(share["sum"], 2), round(share["nation"], 2)) == (21.53, 21.37)
    head = truth("E2.2")
    assert round(head["ratio"], 3) == 0.612 and head["lowest"] == "northeast"
    speed = truth("E2.3")
    assert round(speed["difference"], 1) == 0.1 and speed["verdict"] == "contradicted"
    assert round(truth("E3.1")["west"], 2) == 0.95
    growth = truth("E4.3")
    assert (round(growth["simple"]), round(growth["compound"], 1)) == (21, 12.5)
    assert round(truth("E6.1")["share"]) == 78


def test_published_quotients(truth, study):
    """Location quotients of 2023 by the GDP first published, worked out apart from this package."""
    series = wide(study)
    lq = location_quotient(series["hightech_manufacturing_revenue"].loc[2023], series["gdp_pre5ec"].loc[2023])
    found = {slug: round(lq[study.resolve(slug)], 2) for slug in (
        "chongqing", "sichuan", "qinghai", "shaanxi", "xinjiang")}
    assert found == {"chongqing": 1.28, "sichuan": 1.14, "qinghai": 1.14, "shaanxi": 0.74, "xinjiang": 0.06}
    assert truth("E5.1")["above"] == {"chongqing", "sichuan", "qinghai"}


def test_by_hand(truth):
    """Two industries inverted on paper: determinant 0.6."""
    by_hand = truth("E5.2")
    assert (by_hand["machines"], by_hand["steel"]) == pytest.approx((1.2 / 0.6, 0.9 / 0.6))
    assert by_hand["half"] == pytest.approx((0.9 + 0.2) / (0.9 * 0.9 - 0.05 * 0.2))
    deviation = truth("E5.3")
    assert deviation["A"] == pytest.approx(0.1 * math.log(0.5) + 0.9 * math.log(1.125))
    assert truth("E6.1")["intensity"] == pytest.approx(2.4 * (1 - truth("E6.1")["share"] / 100) * 2)


def test_a_basic_research_share_of_tibet_is_first(truth):
    assert truth("E3.3")["first"] == "tibet"


def test_the_planted_error_can_be_found(truth, result):
    found = truth("E3.2")
    codes = result.study.regions.index[result.study.regions["group"] == "west"]
    column = result.study.panel()["gdp_pre5ec"].xs(2023, level="year")[codes]
    spoilt = column.mask(column.index == result.study.resolve(found["province"]), column * 10)
    assert (spoilt.sum() - 269_325) / 9 == pytest.approx(found["right"], rel=1e-3)


def test_the_answer_depends_on_the_province(places):
    alike = {"E1.1", "E3.2", "E5.2", "E5.3", "E6.1", "E8.1"}
    own = [name for name in CHECKED if name.startswith(("E0", "E2", "E3", "E4", "E5", "E6")) and name not in alike]
    for name in own:
        answers = {str(CHECKED[name].truth(place)) for place in places[::6]}
        assert len(answers) > 1, name


@pytest.mark.parametrize("year", [2016, 2020])
def test_other_years_can_be_asked_for(year, result):
    for name in ("E0.1", "E3.4", "E5.4", "E6.3"):
        place = Place(result, "yunnan", year)
        assert judge(ITEMS[name], ITEMS[name].truth(place), place).right
