"""The tutorial's commands do what the page says they do."""

import pytest

from nqpkit.chapters.own_study import EXPORT, Shell, rank_shifts, shifted


@pytest.fixture
def shell():
    return Shell()


def test_the_tutorial_runs_from_export_to_finding(shell):
    assert "my-study is there" in shell.run("new", "my-study", "--extend").text
    assert "地区生产总值 (93 figures)" in shell.run("import", EXPORT, "--study", "my-study", "--dry-run").text
    arguments = ("import", EXPORT, "--study", "my-study", "--series", "地区生产总值=gdp_first", "--publication", "P",
                 "--publisher", "B", "--yes")
    assert "93 figures were written" in shell.run(*arguments).text
    assert "There is nothing to write" in shell.run(*arguments).text
    shell.edit("my-study/framework.yml", "years: [2016, 2023]", "years: [2021, 2023]")
    shell.edit("my-study/study.yml", "nation: []", "nation: []\nyears: {figures: [2008, 2024], scored: [2021, 2023]}")
    before = shell.evaluate("my-study")
    shell.edit("my-study/framework.yml", "rd_expenditure / gdp *", "rd_expenditure / gdp_first *")
    after = shell.evaluate("my-study")
    assert "0 errors" in shell.run("check", "my-study").text
    own = after.study.panel().loc[("62", 2023)]
    assert after.indicators.loc[("62", 2023), "rd_intensity"] == pytest.approx(
        0.01 * own["rd_expenditure"] / own["gdp_pre5ec"]), "the file holds GDP as first published"
    table = rank_shifts(before, after)
    moved = int((table["rank before"] != table["rank after"]).sum())
    assert ("No rank changes" in str(shifted(before, after))) == (moved == 0)


def test_a_fault_is_shown_as_the_command_says_it(shell):
    said = shell.run("import", "no-such-file.csv", "--study", "nowhere", "--dry-run")
    assert said.text.startswith("nqp: There is no study folder 'nowhere'")
    shell.run("new", "my-study", "--extend")
    with pytest.raises(ValueError, match="does not stand in"):
        shell.edit("my-study/framework.yml", "no such text", "")
