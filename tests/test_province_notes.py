"""What a province's page says of the paper's claims and of dated facts: from the study's files, or not at all."""

import re
import shutil
from dataclasses import replace

import pytest
import yaml

from nqpkit import evaluate, sentences
from nqpkit.check import check_study
from nqpkit.claims import ledger
from nqpkit.study import BUILT_IN


def with_notes(study, **note):
    sources = {"list": {"publication": "A list", "publisher": "An office", "date": "2024-01"}}
    return replace(study, notes={"sources": sources, "regions": {"gansu": note}})


def test_every_western_page_has_facts_and_a_caveat_of_its_own(study, result):
    caveats = set()
    for slug in study.regions.loc[study.regions["group"] == "west", "slug"]:
        assert str(sentences.local_facts(result, slug)).startswith("## ")
        caveat = study.notes["regions"][slug]["caveat"]
        assert str(sentences.caveats(result, slug)).startswith(f"- {caveat}")
        caveats.add(caveat)
    assert len(caveats) == 12


def test_national_lists_stand_apart_from_plans(result):
    text = str(sentences.local_facts(result, "chongqing"))
    national, plans = text.index("On a list of the national government"), text.index("In plans of its own")
    assert national < text.index("Biomedicine") < plans < text.index("33618")


def test_national_clusters_come_from_a_national_list(study):
    for note in study.notes["regions"].values():
        for fact in note.get("national", []):
            publisher = study.notes["sources"][fact["source"]]["publisher"]
            assert publisher == "Ministry of Industry and Information Technology"


def test_every_source_is_dated_and_used(study):
    used = {fact["source"] for note in study.notes["regions"].values()
            for part in ("national", "plans", "facts") for fact in note.get(part, [])}
    assert used == set(study.notes["sources"])
    assert all(re.search(r"\d{4}|undated", source["date"]) for source in study.notes["sources"].values())


def test_stamps_say_what_the_ledger_says(result):
    claims = ledger(result).set_index("id")
    text = str(sentences.paper_claims(result, "chongqing"))
    found = re.findall(r">(S\d+): ([a-z ]+)</a>", text)
    assert {name for name, _ in found} == set(claims.index[claims["regions"].str.contains("chongqing", na=False)])
    assert all(claims.loc[name, "verdict"] == verdict for name, verdict in found)
    assert "does not name Gansu" in str(sentences.paper_claims(result, "gansu"))


def test_a_verdict_that_turns_turns_on_the_province_page(study):
    claims = [claim | {"listed": [slug for slug in claim["listed"] if slug not in ("shaanxi", "sichuan")]}
              if claim["id"] == "S40" else claim for claim in study.claims["claims"]]
    result = evaluate(replace(study, claims=study.claims | {"claims": claims}))
    assert "S40: confirmed<" in str(sentences.paper_claims(result, "chongqing"))


def test_nothing_is_shown_where_there_is_nothing(study, result):
    assert sentences.paper_claims(result, "beijing") is None
    assert sentences.local_facts(result, "beijing") is None
    bare = evaluate(replace(study, claims={}, notes={}))
    assert sentences.paper_claims(bare, "chongqing") is None
    assert sentences.local_facts(bare, "chongqing") is None
    assert sentences.caveats(bare, "gansu")
    only_caveat = evaluate(with_notes(study, caveat="Small"))
    assert sentences.local_facts(only_caveat, "gansu") is None


def test_notes_are_escaped(study):
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) **b** `c`"
    result = evaluate(with_notes(study, facts=[{"text": evil, "source": "list"}], caveat=evil))
    for text in (str(sentences.local_facts(result, "gansu")), str(sentences.caveats(result, "gansu"))):
        assert "<script" not in text
        assert "\\[x\\]" in text and "\\*\\*b" in text and "\\`c" in text


@pytest.mark.parametrize(("spoil", "said"), [
    (lambda n: n["regions"].update(atlantis={}), "there is no region 'atlantis'"),
    (lambda n: n["regions"]["gansu"]["facts"].append({"text": "x", "source": "gossip"}), "there is no source 'gossip'"),
    (lambda n: n["regions"]["gansu"]["facts"].append({"text": "x"}), "the key 'source' is missing"),
    (lambda n: n["regions"]["gansu"].update(rumours=[]), "the key 'rumours' is not known"),
    (lambda n: n["sources"]["hubs"].pop("date"), "the key 'date' is missing"),
])
def test_faults_in_the_notes_are_named(tmp_path, spoil, said):
    folder = tmp_path / "study"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "province_notes.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    spoil(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    found = [problem for problem in check_study(folder) if problem.file == path.name]
    assert any(said in problem.message and problem.row > 0 for problem in found), [*map(str, found)]
