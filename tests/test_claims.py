"""The claims ledger: its verdicts come from figures or dated sources, and change with them."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nqpkit import Study, evaluate
from nqpkit.check import check_study
from nqpkit.claim_checks import CHECKS, OUTCOMES
from nqpkit.claims import find_claim, ledger, stamp, verdict_counts
from nqpkit.cli import main
from nqpkit.errors import InputError
from nqpkit.references import CLAIM_KINDS
from nqpkit.study import BUILT_IN

# Gross domestic product of 2023 in 100 million yuan, from the communiqué of 29 February 2024.
PUBLISHED = {"east": 652084, "central": 269898, "west": 269325, "northeast": 59624}
NATION = 1260582


@pytest.fixture(scope="module")
def claims(result):
    return ledger(result).set_index("id")


def changed(study, where, value=None, factor=None):
    """An evaluation of the study with some figures changed; without a value or factor they are deleted."""
    figures = study.figures.copy()
    assert where(figures).any()
    if factor is not None:
        figures.loc[where(figures), "value"] *= factor
    elif value is not None:
        figures.loc[where(figures), "value"] = value
    else:
        figures = figures[~where(figures)]
    return evaluate(replace(study, figures=figures))


def claim_of(study, name, **fields):
    """The study with one claim changed."""
    entries = [claim | fields if claim["id"] == name else claim for claim in study.claims["claims"]]
    return replace(study, claims=study.claims | {"claims": entries})


def numbers(text):
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\.?\d*", text)]


def test_every_claim_has_its_place_kind_and_verdict(claims):
    assert list(claims.index) == [f"S{number}" for number in range(1, 71)]
    assert set(claims["kind"]) <= set(CLAIM_KINDS)
    assert set(claims["verdict"]) <= set(OUTCOMES)
    assert claims["finding"].str.len().min() > 20
    reasoned = claims["finding"].str.startswith("Cannot be checked: ")
    assert reasoned.equals(claims["verdict"] == "cannot be checked")


def test_a_verdict_that_is_not_computed_has_a_dated_source(claims):
    judged = claims[(claims["verdict"] != "cannot be checked") & (claims["check"] != "computed")]
    assert judged["source"].str.contains(r"\(.+\)$").all()


def test_every_computation_is_used_and_every_used_one_exists(study):
    assert {claim["computed"] for claim in study.claims["claims"] if "computed" in claim} == set(CHECKS)


def test_defects_name_claims_that_exist(study, claims):
    assert [defect["id"] for defect in study.claims["defects"]] == [f"D{number}" for number in range(1, 23)]
    assert {name for defect in study.claims["defects"] for name in defect["claims"]} <= set(claims.index)


def test_the_share_of_gdp_on_both_denominators(claims):
    row = claims.loc["S33"]
    assert row["verdict"] == "confirmed"
    of_sum, of_nation = 100 * PUBLISHED["west"] / sum(PUBLISHED.values()), 100 * PUBLISHED["west"] / NATION
    assert (round(of_sum, 2), round(of_nation, 2)) == (21.53, 21.37)
    assert row["value"] == pytest.approx(of_sum, abs=0.005)
    assert {21.53, 21.37} <= set(numbers(row["finding"]))


def test_high_tech_enterprises_against_the_nation(claims):
    """Stocks at the end of 2021 as counted in the lists: 36,195 in the West, 336,012 in all."""
    row = claims.loc["S36"]
    assert row["verdict"] == "confirmed"
    assert row["value"] == pytest.approx(0.95, abs=0.01)
    assert numbers(row["finding"])[-1] == pytest.approx(2.4, abs=0.05)
    assert "the fewest of all" in row["finding"]


def test_chongqing_is_not_the_only_exception(claims):
    row = claims.loc["S40"]
    assert row["verdict"] == "confirmed with a correction"
    assert "Chongqing, Shaanxi and Sichuan" in row["finding"] and "nine of twelve" in row["finding"]


def test_the_gap_in_speed_is_contradicted(claims):
    row = claims.loc["S35"]
    assert row["verdict"] == "contradicted"
    assert "5.5% in the West and 5.4% in the East" in row["finding"]
    assert "National Bureau of Statistics of China" in row["source"]


def test_a_larger_west_contradicts_the_share(study):
    result = changed(study, lambda f: (f["series"] == "gdp_pre5ec") & (f["year"] == 2023) & (f["code"] == "51"),
                     factor=2)
    row = find_claim(ledger(result), "S33")
    assert row["verdict"] == "contradicted"
    assert row["value"] > 24


def test_a_slower_west_confirms_the_gap_in_speed(study):
    slower = claim_of(study, "S35", published={"year": 2023, "west": 5.3, "east": 5.4})
    assert find_claim(ledger(evaluate(slower)), "S35")["verdict"] == "confirmed"


def test_earlier_speed_is_counted_from_the_figures(study):
    west = study.regions.index[study.regions["group"] == "west"]
    result = changed(study, lambda f: (f["series"] == "gdp_index") & f["code"].isin(west), value=100)
    assert "faster than the East in no of seven years" in find_claim(ledger(result), "S35")["finding"]


def test_firms_elsewhere_decide_whether_the_west_is_last(study):
    others = study.regions.index[study.regions["group"] == "northeast"]
    result = changed(study, lambda f: (f["series"] == "hightech_enterprises_recognised") & f["code"].isin(others),
                     factor=0.5)
    row = find_claim(ledger(result), "S36")
    assert row["verdict"] == "partly"
    assert "not the fewest" in row["finding"]


def test_the_published_order_decides_about_the_exceptions(study):
    order = next(claim["listed"] for claim in study.claims["claims"] if claim["id"] == "S40")
    others = [slug for slug in order if slug not in ("shaanxi", "sichuan")]
    result = evaluate(claim_of(study, "S40", listed=others))
    assert find_claim(ledger(result), "S40")["verdict"] == "confirmed"
    last = [slug for slug in order if slug != "chongqing"]
    result = evaluate(claim_of(study, "S40", listed=last))
    assert find_claim(ledger(result), "S40")["verdict"] == "contradicted"


def test_a_city_with_half_of_the_money_makes_the_concentration_partly_true(study):
    published = {"year": 2022, "city_rd": 430}
    assert find_claim(ledger(evaluate(claim_of(study, "S42", published=published))), "S42")["verdict"] == "partly"


@pytest.mark.parametrize(("series", "name"), [
    ("gdp_pre5ec", "S33"), ("gdp_pre5ec", "S34"), ("rd_personnel_fte", "S46"), ("population", "S7"),
    ("broadband_ports", "S21"), ("tech_market_contract_value", "S16"), ("rd_expenditure", "S41")])
def test_a_deleted_figure_is_named_and_nothing_is_guessed(study, series, name):
    result = changed(study, lambda f: (f["series"] == series) & (f["year"] == 2023) & (f["code"] == "62"))
    row = find_claim(ledger(result), name)
    assert row["verdict"] == "cannot be checked"
    assert row["finding"] == f"Cannot be checked: there is no figure of {series} for Gansu in 2023."


def test_an_unknown_claim_or_computation_is_refused(study, result):
    with pytest.raises(InputError, match="There is no claim 'S99'"):
        find_claim(ledger(result), "S99")
    with pytest.raises(InputError, match="claim S33: there is no computation 'magic'"):
        ledger(evaluate(claim_of(study, "S33", computed="magic")))
    with pytest.raises(InputError, match="claim S33: the computation 'share_of_gdp' needs 'national_gdp'"):
        ledger(evaluate(claim_of(study, "S33", published={"year": 2023})))


def test_a_stamp_is_escaped_and_leads_to_the_ledger(result):
    row = find_claim(ledger(result), "S33").copy()
    row["text"] = '"><script>alert(1)</script>'
    assert "<script>" not in stamp(row, "../") and 'href="../reference/claims.html#s33"' in stamp(row, "../")


def test_counts_cover_every_claim(result):
    counts = verdict_counts(ledger(result))
    assert counts.sum() == 70 and list(counts.index) == list(OUTCOMES)


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(BUILT_IN, folder)
    return folder


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    out = capsys.readouterr()
    return end.value.code, out.out, out.err


def test_the_command_prints_every_claim(capsys, claims):
    code, out, err = run(capsys, "claims")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == list(claims.index)
    assert "70 claims" in err
    code, out, _ = run(capsys, "claims", "--format", "json")
    rows = json.loads(out)
    assert {"id", "section", "kind", "text", "paper_value", "value", "verdict"} <= set(rows[0])
    assert all(not isinstance(value, (dict, list)) for row in rows for value in row.values())
    share = next(row for row in rows if row["id"] == "S33")
    assert (share["paper_value"], share["value"], share["verdict"]) == (21.5, 21.53, "confirmed")


def test_a_study_without_claims_works_and_says_so(capsys, copy):
    (copy / "claims.yml").unlink()
    code, out, err = run(capsys, "claims", "--study", str(copy))
    assert (code, out) == (0, "") and "no claims.yml" in err
    assert run(capsys, "claims", "--study", str(copy), "--format", "json")[1] == "[]\n"
    assert ledger(evaluate(Study.load(copy))).empty


FAULTS = {
    "a claim without a way": (lambda c: c["claims"][0].pop("not_checkable"), "S1 has no way to be checked"),
    "two ways": (lambda c: c["claims"][32].update(not_checkable="no"), "S33 has more than one way to be checked"),
    "unknown kind": (lambda c: c["claims"][0].update(kind="wild"), "there is no kind of claim 'wild'"),
    "unknown verdict": (lambda c: c["claims"][2].update(verdict="true"), "there is no verdict 'true'"),
    "no source": (lambda c: c["claims"][2].pop("source"), "the verdict on S3 has no 'source'"),
    "no source of numbers": (lambda c: c["claims"][32].pop("source"), "the published numbers of S33 have no source"),
    "unknown region": (lambda c: c["claims"][25].update(regions=["atlantis"]), "there is no region 'atlantis'"),
    "the same id": (lambda c: c["claims"][1].update(id="S1"), "the id 'S1' is used twice"),
    "a dangerous id": (lambda c: c["claims"][0].update(id='"><b>'), "cannot stand in an address"),
    "unknown computation": (lambda c: c["claims"][32].update(computed="magic"), "there is no computation 'magic'"),
    "unknown key": (lambda c: c["claims"][0].update(verdikt="yes"), "the key 'verdikt' is not known here"),
    "text for a number": (lambda c: c["claims"][32].update(paper_value="21.5%"), "a number is expected here"),
    "a defect of nothing": (lambda c: c["defects"][0].update(claims=["S99"]), "there is no claim 'S99'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_the_file_are_named(copy, fault):
    path, (spoil, said) = copy / "claims.yml", FAULTS[fault]
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    spoil(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    found = [problem for problem in check_study(copy) if problem.file == "claims.yml"]
    assert any(said in problem.message and problem.row > 0 for problem in found), [*map(str, found)]


def test_the_ledger_names_no_study_of_its_own():
    """Texts of claims live in the study; the package holds computations only."""
    source = (Path(__file__).parent.parent / "nqpkit" / "claims.py").read_text(encoding="utf-8")
    assert not re.search(r"Sichuan|Gansu|Mou\b", source)
