"""The roles for quotations and verdicts, in a small book of their own."""

import io
import re

import pytest
from docutils import nodes
from sphinx.application import Sphinx

from nqpkit.book.roles import Said, Verdict, link_verdicts

CONFIG = "extensions = ['myst_parser']\nhtml_theme = 'basic'\n"


def build(folder, text, more="", builder="html"):
    """The page's HTML and what Sphinx had to say."""
    source = folder / "source"
    (source / "book" / "reference").mkdir(parents=True, exist_ok=True)
    (source / "conf.py").write_text(CONFIG + more, encoding="utf-8")
    start = "# Start\n\n```{toctree}\nbook/page\nbook/reference/claims\n```\n"
    (source / "index.md").write_text(start, encoding="utf-8")
    (source / "book" / "page.md").write_text(f"# Page\n\n{text}\n", encoding="utf-8")
    (source / "book" / "reference" / "claims.md").write_text("# Ledger\n", encoding="utf-8")
    warnings = io.StringIO()
    app = Sphinx(source, source, folder / builder, folder / "trees", builder, status=None, warning=warnings,
                 freshenv=True)
    app.add_role("said", Said(), override=True)
    app.add_role("verdict", Verdict(), override=True)
    app.connect("doctree-resolved", link_verdicts)
    app.build(force_all=True)
    page = folder / builder / ("book/page.html" if builder == "html" else "index.html")
    said = [line for line in warnings.getvalue().splitlines() if "while setting up extension" not in line]
    return page.read_text(encoding="utf-8"), "\n".join(said)


def test_a_quotation_shows_its_words_and_its_source(tmp_path):
    page, warnings = build(tmp_path, "It says {said}`21.5% <b>|paper, section 3.1`.")
    assert '<span class="nqp-said">“21.5% &lt;b&gt;”</span>' in page
    assert '<span class="nqp-source"> (paper, section 3.1)</span>' in page
    assert not warnings


@pytest.mark.parametrize("words", ["21.5%", "21.5%|", "|paper"])
def test_a_quotation_without_words_or_source_is_refused(tmp_path, words):
    _, warnings = build(tmp_path, f"It says {{said}}`{words}`.")
    assert "is no quotation with a source" in warnings


def test_a_verdict_is_computed_and_leads_to_the_ledger(tmp_path):
    page, warnings = build(tmp_path, "The speed {verdict}`S35`.")
    link = re.search(r'<a class="([^"]*)" href="([^"]*)"[^>]*>([^<]*)</a>', page[page.index("The speed"):])
    assert "nqp-verdict" in link[1] and "nqp-contradicted" in link[1]
    assert link[2] == "reference/claims.html#s35" and link[3] == "S35: contradicted"
    assert not warnings


def test_an_unknown_claim_is_refused(tmp_path):
    _, warnings = build(tmp_path, "The speed {verdict}`S99`.")
    assert "There is no claim 'S99'" in warnings


def test_a_study_without_claims_shows_no_stamp(tmp_path, monkeypatch):
    import shutil

    from nqpkit.study import BUILT_IN

    folder = tmp_path / "study"
    shutil.copytree(BUILT_IN, folder)
    (folder / "claims.yml").unlink()
    monkeypatch.setenv("NQP_STUDY", str(folder))
    page, warnings = build(tmp_path, "The speed {verdict}`S35`.")
    assert "nqp-verdict" not in page and not warnings


def test_only_stamps_are_linked():
    link = nodes.reference("", "text", refuri="https://example.org")
    document = nodes.section("", nodes.paragraph("", "", link))
    link_verdicts(None, document, "book/page")
    assert link["refuri"] == "https://example.org"


@pytest.mark.parametrize(("words", "ok"), [("{{ region.share }}", True), ("{{ region.sahre }}", False),
                                           ("{{ west.share }}", False)])
def test_a_sentence_without_its_number_stops_the_book(tmp_path, words, ok):
    facts = "myst_enable_extensions = ['substitution']\nmyst_substitutions = {'region': {'share': '21.53'}}\n"
    page, warnings = build(tmp_path, f"The share is {words}%.", facts)
    assert ("21.53" in page) == ok
    assert bool(warnings) != ok  # warnings are errors in the book's build
