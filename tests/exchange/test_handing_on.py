"""What is handed on: numbers as they are, text as text, sources with every figure."""

import io
import json
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from nqpkit import InputError, Study, evaluate
from nqpkit.book.printing import find_browser
from nqpkit.cli import main
from nqpkit.exchange.brief import brief
from nqpkit.exchange.handing_on import export_region
from nqpkit.exchange.start import new_study
from nqpkit.exchange.tidy import as_csv, everything
from nqpkit.exchange.workbook import workbook

EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


@pytest.fixture(scope="module")
def result():
    return evaluate(Study.load())


@pytest.fixture
def evil(tmp_path):
    """The invented counties, one of them with a name that is a formula and a script."""
    folder = new_study(tmp_path / "evil", "counties")
    regions = (folder / "regions.csv").read_text(encoding="utf-8")
    quoted = EVIL.replace('"', '""')
    (folder / "regions.csv").write_text(regions.replace(",Ashdale,", f',"{quoted}",'), encoding="utf-8")
    return evaluate(Study.load(folder))


def sheets(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_holds_the_evaluation_and_every_source(result):
    found = sheets(workbook(result, "gansu", 2023))
    head, *rows = found["Scores"]
    own = dict(zip(head, next(row for row in rows if row[1] == "gansu"), strict=True))
    assert own["nqp"] == result.systems.loc[("62", 2023), "nqp"] and own["rank nqp"] == 26
    head, *rows = found["Figures"]
    facts = {(row[0], int(row[2])): (row[3], row[5]) for row in rows}
    held = result.study.figures.set_index(["code", "series", "year"])
    assert len(facts) > 400
    for (series, year), (value, source) in facts.items():
        assert (value, source) == tuple(held.loc[("62", series, year), ["value", "source"]])
    assert {row[0] for row in found["Sources"][1:]} == {source for _, source in facts.values()}


def test_no_text_of_a_study_becomes_a_formula_or_a_script(evil):
    content = workbook(evil, "ashdale")
    assert any(EVIL in row for row in sheets(content)["Scores"])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        pages = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(pages) == 8 and not any(mark in page for page in pages for mark in (b"<f>", b"<hyperlink"))
    page = brief(evil, "ashdale")
    assert "<script" not in page and "&lt;script&gt;" in page
    lines = as_csv(everything(evil, "ashdale").assign(label=EVIL)).splitlines()
    assert all(f"'{EVIL[:10]}" in line for line in lines[1:])


def test_the_brief_asks_nobody_for_anything(result):
    page = brief(result, "宁夏", 2022)
    assert not re.search(r'(?:src|href)="(?!data:)', page) and "url(" not in page
    assert page.count("<img alt=") == 2 and "Ningxia" in page and "rank in nine of ten" in page


@pytest.mark.parametrize("form", ["xlsx", "html", "csv", "json"])
def test_the_command_writes_the_form_asked_for(tmp_path, monkeypatch, capsys, form):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["export", "gansu", "--to", form])
    assert stop.value.code == 0
    (path,) = tmp_path.iterdir()
    assert path.name == f"gansu-2023.{form}" and capsys.readouterr().out.strip() == str(path.resolve())
    if form == "json":
        rows = json.loads(path.read_text(encoding="utf-8"))
        assert {"kind", "name", "label", "year", "value", "unit", "source"} == set(rows[0])


def test_a_place_that_cannot_be_written_and_unknown_names_are_said(result, tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        export_region(result, "gansu", "json", out=tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        export_region(result, "gansu", "json", out=tmp_path / "file" / "x.json")
    with pytest.raises(InputError, match="Did you mean 'gansu'"):
        export_region(result, "gansuu", "json", out=tmp_path / "x.json")
    with pytest.raises(InputError, match="There is no form 'doc'"):
        export_region(result, "gansu", "doc", out=tmp_path / "x.doc")
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


def test_a_pdf_without_a_browser_says_what_to_install(result, tmp_path, monkeypatch):
    monkeypatch.setenv("NQP_BROWSER", str(tmp_path / "no browser"))
    with pytest.raises(InputError, match="printed by Chromium, Chrome or Edge, and none was found"):
        export_region(result, "gansu", "pdf", out=tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.slow
@pytest.mark.skipif(find_browser() is None, reason="prints with an installed Chromium, Chrome or Edge")
def test_the_printed_brief_has_two_pages(result, tmp_path):
    content = export_region(result, "gansu", "pdf", out=tmp_path / "x.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2
