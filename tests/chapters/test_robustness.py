"""The chapter on robustness: intervals, single changes and words agree with the evaluation, for any study."""


import pytest

from nqpkit.chapters import robustness as chapter
from nqpkit.sensitivity import rank_outputs, revise
from nqpkit.uncertainty import rank_intervals

FIGURES = ["intervals", "tornado", "alternatives", "sobol"]


@pytest.mark.parametrize("study_name", ["result", "rivers"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_words_and_values(request, study_name, name, complete):
    pytest.importorskip("SALib")
    complete(getattr(chapter, name)(request.getfixturevalue(study_name)))


def test_facts_are_those_of_the_intervals(result):
    found, table = chapter.facts(result), rank_intervals(result)
    assert (found["case_low"], found["case_high"]) == tuple(
        table.loc["62", ["rank_coordination_low", "rank_coordination_high"]])
    order = table.sort_values("rank_coordination")
    clear = sum(order["rank_coordination_high"].iloc[k] < order["rank_coordination_low"].iloc[k + 1] for k in range(30))
    assert found["clear_steps"] == (chapter.counted(clear) if clear else "none") and found["steps"] == 30


def test_facts_hold_for_another_study(rivers):
    found = chapter.facts(rivers)
    assert found["of"] == 9 and "no alternative list" in found["lists"] and "no GDP" in found["income_words"]
    assert "single changes" in str(chapter.variant_words(rivers))
    assert "combinations" in str(chapter.two_analysts(rivers))


def test_the_two_analysts_get_the_ranks_that_the_text_gives_them(result):
    ranks, words = rank_outputs(result, "62"), str(chapter.two_analysts(result))
    base = {choice: getattr(result.options, choice) for choice in chapter.CHOICES}
    for end, rank in (("min", ranks.min()), ("max", ranks.max())):
        choice = chapter._fewest_changes(ranks[ranks == getattr(ranks, end)()], chapter.pd.Series(base))
        found = revise(result, **choice.to_dict()).coupling.loc[("62", 2023), "rank_coordination"]
        assert found == rank and f"rank {rank:.0f}" in words


def test_the_tornado_shows_what_leaving_out_does(result):
    values = chapter.tornado(result).values
    other = revise(result, leave_out=["rd_staff"]).coupling.loc[("62", 2023)]
    label = result.framework.indicators().loc["rd_staff", "label"]
    base = result.coupling.loc[("62", 2023), "coordination"]
    assert values.loc[label, "change"] == pytest.approx(other["coordination"] - base)
    assert values.loc[label, "rank_coordination"] == other["rank_coordination"]


def test_the_list_of_the_book_stands_first_among_the_lists(result):
    ranks = chapter.alternative_ranks(result)
    assert ranks["as it stands"].tolist() == result.scores["rank_nqp"].xs(2023, level="year").tolist()
    assert ranks.shape[1] == 1 + len(result.framework.variants)
