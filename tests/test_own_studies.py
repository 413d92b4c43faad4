"""Two studies that have nothing to do with the built-in one, from the first command to what is handed on.

Every command runs in a process of its own, in a folder whose name is not ASCII, in a locale that is not UTF-8.
"""

import csv
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import xlsxwriter

from nqpkit import Study, evaluate
from nqpkit.chapters import left_out
from nqpkit.storage import write_whole

SOURCE = ["--publication", "Yearbook (invented) 年鉴", "--publisher", "Invented bureau", "--yes"]
LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # ASCII, and Python told not to mend it
XINTIAN = "Xintian Autonomous Region of the Very Long Name 新天"
KREISE = {"nordmark": "Nordmark", "suederland": "Süderland", "aalby": "Ålby", "izmirkoy": "İzmirköy",
          "cote": "Côte d'Or-Sud", "laki": "Łąki <b>Dolne</b>"}
SERIES = {"einwohner": ("Einwohner", "Tausend"), "einkommen": ("Verfügbares Einkommen", "Tausend Taler"),
          "arbeitslose": ("Arbeitslose", "Tausend"), "wasser": ("Wasserverbrauch", "Tausend m3")}
STUDY = """title: "Erfundenes Land: Lebenslage der Kreise"
language: de
unit: {one: Kreis, many: Kreise}
focus: nord
groups: {nord: {label: Nördliche Kreise}, sued: {label: Südliche Kreise}}
years: {figures: [2022, 2022], scored: [2022, 2022]}
"""
FRAMEWORK = """years: [2022, 2022]
systems:
  lage:
    label: Lebenslage
    dimensions:
      arbeit:
        label: Arbeit und Einkommen
        indicators:
          einkommen: {label: Einkommen je Kopf, unit: Taler, direction: 1, formula: einkommen / einwohner}
          arbeitslos: {label: Arbeitslose, unit: "%", direction: -1, formula: arbeitslose / einwohner * 100}
      umwelt:
        label: Umwelt
        indicators:
          wasser: {label: Wasserverbrauch je Kopf, unit: m3, direction: -1, formula: wasser / einwohner}
"""


def shell(folder):
    """Run ``nqp`` in a folder as somebody without a UTF-8 locale would; the exit code must be the one expected."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}

    def run(*arguments, code=0):
        done = subprocess.run([sys.executable, "-m", "nqpkit", *arguments], cwd=folder, env=kept | LOCALE,
                              capture_output=True, timeout=600, check=False)
        said, complained = (text.decode("utf-8") for text in (done.stdout, done.stderr))
        assert done.returncode == code, complained
        assert "Traceback" not in complained
        return said, complained

    return run


def write_table(path, rows, mode="w"):
    with path.open(mode, encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.fixture
def kreise(tmp_path):
    """The tables of another country: one system, one year, no map, no neighbours; and a spreadsheet for its figures."""
    def fill(folder):
        write_whole(folder / "study.yml", STUDY)
        write_whole(folder / "framework.yml", FRAMEWORK)
        write_table(folder / "regions.csv", [("code", "slug", "name", "group"), *(
            (f"k{n}", slug, name, "nord" if n < 3 else "sued") for n, (slug, name) in enumerate(KREISE.items()))])
        write_table(folder / "series.csv", [("series", "name", "unit"), *((k, *words) for k, words in SERIES.items())])
        rng = np.random.default_rng(5)
        book = xlsxwriter.Workbook(str(folder.parent / "Zahlen für 2022.xlsx"))
        sheet = book.add_worksheet("Tabelle 3")
        sheet.write_row(0, 0, ["Statistisches Jahrbuch (erfunden)"])
        sheet.write_row(1, 0, ["Kreis", "Jahr", *(name for name, _ in SERIES.values())])
        for row, name in enumerate(KREISE.values(), start=2):
            people = rng.uniform(50, 400)
            sheet.write_row(row, 0, [name, 2022, *(round(people * share, 2) for share in (
                1, rng.uniform(18, 40), rng.uniform(0.02, 0.09), rng.uniform(40, 90)))])
        book.close()

    return fill


@pytest.mark.slow
def test_another_country_with_one_system_and_one_year(tmp_path, kreise):
    place = tmp_path / "Länder é 国"
    place.mkdir()
    nqp = shell(place)
    nqp("new", "die Kreise", "--empty")
    kreise(place / "die Kreise")
    assert "24 figures were written" in nqp("import", "Zahlen für 2022.xlsx", "--study", "die Kreise", *SOURCE)[1]
    assert "0 errors, 0 warnings" in nqp("check", "die Kreise")[1]
    rows = json.loads(nqp("score", "--study", "die Kreise", "--format", "json")[0])
    assert {row["name"] for row in rows} == set(KREISE.values())
    assert sorted(row["rank_lage"] for row in rows) == [1, 2, 3, 4, 5, 6] and "coordination" not in rows[0]
    nqp("run", "laki", "--study", "die Kreise")
    assert "no claims.yml" in nqp("claims", "--study", "die Kreise")[1]
    page = place / nqp("export", "İzmirköy", "--to", "html", "--study", "die Kreise")[0].strip()
    assert "Lebenslage" in page.read_text(encoding="utf-8")
    nqp("export", "Łąki <b>Dolne</b>", "--to", "xlsx", "--study", "die Kreise")
    said = nqp("book", "--study", "die Kreise", "--no-pdf")[1]
    assert "Left out: book/evaluation/coupling. This chapter couples scores" in said
    site = place / "_build" / "html" / "book"
    opening = (site / "index.html").read_text(encoding="utf-8")
    assert "Erfundenes Land" in opening and "western" not in opening and "Kreise" in opening
    assert "in Lebenslage" in opening, "labels in German keep their capitals"
    assert "official" not in opening.split("<article", 1)[1].split("nqp-map", 1)[0]
    listed = (site / "left-out.html").read_text(encoding="utf-8")
    assert "Coupling and its saturation" in listed and "built-in study" in listed
    for slug, name in KREISE.items():  # a name with HTML in it is text everywhere
        text = (site / "provinces" / f"{slug}.html").read_text(encoding="utf-8")
        assert "nothing to couple" in text and "<b>Dolne" not in text and re.sub("<.*", "", name) in text
    overview = (site / "provinces" / "index.html").read_text(encoding="utf-8")
    assert "coordination degree of the scores" not in overview and "LAGE rank" in overview


@pytest.mark.slow
def test_a_thirteenth_province_on_top_of_the_built_in_study(tmp_path, study):
    place = tmp_path / "研究 é"
    place.mkdir()
    nqp, folder = shell(place), place / "第十三 province"
    nqp("new", folder.name, "--extend")
    for file, figures in extend(folder, study).items():
        assert f"{figures} figures were written" in nqp("import", file, "--study", folder.name, *SOURCE)[1]
    said, counted = nqp("check", folder.name)
    assert "0 errors, 1 warning" in counted and "rd_expenditure" in said and f"{XINTIAN} (66) 2019" in said
    rows = {row["slug"]: row for row in json.loads(nqp("score", "--study", folder.name, "--format", "json")[0])}
    assert len(rows) == 32 and rows["xintian"]["name"] == XINTIAN and 1 <= rows["xintian"]["rank_coordination"] <= 32
    report = nqp("run", "新天", "--study", folder.name)[0], place / "reports" / "xintian.ipynb"
    assert "bridges a year without a figure in 2019" in report[1].read_text(encoding="utf-8")
    assert "Two counties joined" in report[1].read_text(encoding="utf-8")
    claims = json.loads(nqp("claims", "--study", folder.name, "--format", "json")[0])
    assert {"id", "verdict"} <= claims[0].keys()
    page = place / nqp("export", "xintian", "--to", "html", "--study", folder.name)[0].strip()
    assert "Xintian Autonomous Region" in page.read_text(encoding="utf-8")
    result = evaluate(Study.load(folder))
    assert result.bridged.loc[("66", 2019), "rd_intensity"]
    assert result.indicators.loc[("66", 2017), "new_product_spending"] == 0
    assert not set(left_out(result)) & {"case", "region", "coupling", "robustness", "data_traps", "index_building"}
    said = nqp("book", "xintian", "62", "--study", folder.name, "--no-pdf")[1]
    assert "Left out: book/evaluation" not in said, "a province without neighbours takes no chapter away"
    assert "Pages for 2 of 32 provinces; 30 have none, but count in every score, rank and figure." in said
    site = place / "_build" / "html" / "book"
    assert {path.stem for path in (site / "provinces").glob("*.html")} == {"xintian", "gansu", "index", "compare"}
    page = (site / "provinces" / "xintian.html").read_text(encoding="utf-8")
    for words in (XINTIAN[:-3], "新天", "bridges a year without a figure in 2019", "Two counties joined"):
        assert words in page
    overview = (site / "provinces" / "index.html").read_text(encoding="utf-8")
    assert 'id="region-xintian"' in overview and 'id="region-hebei"' in overview
    assert "provinces/xintian.html" in overview and "hebei.html" not in overview
    assert "30 of 32 provinces have no page in this book" in overview
    assert (site / "reference" / "claims.html").is_file() and "Coordination" in overview


def extend(folder, study):
    """One more province: Gansu's figures with a missing year, a nought and a boundary change.

    Returns its two files, each with the number of figures in it.
    """
    def add(name, row):
        head = next(csv.reader((folder / name).open(encoding="utf-8")))
        write_table(folder / name, [[row.get(column, "") for column in head]], "a")

    def mark(year, series, value, kind, explanation, before):
        add("marks.csv", {"code": "66", "year": year, "series": series, "value": repr(float(value)), "kind": kind,
                          "explanation": explanation, "before": repr(float(before))})

    add("regions.csv", {"code": "66", "slug": "xintian", "name": XINTIAN, "name_zh": "新天", "group": "west"})
    wide = study.figures[study.figures["code"] == "62"].pivot(index="year", columns="series", values="value")
    nought, people = "industrial_new_product_expenditure", "population"
    for own in study.marks[study.marks["code"] == "62"].itertuples():
        if own.series != nought:
            mark(own.year, own.series, own.value, own.kind, own.explanation, own.before)
    mark(2017, nought, 0, "suspect", "Published as nought.", wide.loc[2016, nought])
    mark(2018, nought, wide.loc[2018, nought], "suspect", "The year after nought.", 0)
    wide.loc[2017, nought] = 0.0
    wide.loc[2020:, people] = (wide.loc[2020:, people] * 1.25).round()
    mark(2020, people, wide.loc[2020, people], "break", "Two counties joined the region.", wide.loc[2019, people])
    wide.loc[2019, [name for name in wide if name.startswith("rd_expenditure")]] = np.nan
    years = wide[people].dropna()[::-1]
    lines = ["数据库：分省年度数据", "指标：年末常住人口(万人)",
             ",".join(["地区", *(f"{year}年" for year in years.index)]),
             "新 天," + ",".join(f'"{value:,.0f}"' for value in years), "注：虚构数据。"]
    (folder.parent / "分省年度数据.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    rest = wide.drop(columns=people).unstack().dropna()
    write_table(folder.parent / "其余 data.csv", [("地区", "年份", "指标", "数值"), *(
        (XINTIAN, year, series, repr(value)) for (series, year), value in rest.items())])
    return {"分省年度数据.csv": len(years), "其余 data.csv": len(rest)}
