"""The book's Sphinx extension: computed parts and numbers in pages, described figures, chapters that are never stale.

``_config.yml`` loads it. The study is the one that the environment variable ``NQP_STUDY`` names, else the built-in one.
"""

import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from nqpkit import chapters
from nqpkit.book import pages
from nqpkit.book.editions import BANNER, is_teacher
from nqpkit.book.numbering import (
    FigureReference,
    FigureRenderer,
    FigureRole,
    count_figures_by_page,
    numbered,
    offer_numbers,
    resolve_references,
    sized_images,
)
from nqpkit.book.roles import STUDY, Said, Verdict, link_verdicts
from nqpkit.book.surroundings import (
    PREVIEW,
    describe_page,
    drop_links,
    mark_chinese,
    offer_data,
    offer_notebook,
    set_addresses,
    write_site_files,
)
from nqpkit.classroom import courses, quiz
from nqpkit.classroom.workshop_pages import offer_student_copies
from nqpkit.errors import InputError
from nqpkit.evaluation import evaluate
from nqpkit.figures import tile_map
from nqpkit.reports import warm_kernels
from nqpkit.reports.freshness import book_key, workshops_hash
from nqpkit.reports.report import read_report, results_text
from nqpkit.study import Study

__all__ = ["STUDY", "FigureRenderer", "setup"]
VEGA = f"vega-{version('vl-convert-python')}.js"
WORKSHOPS = "book/classroom/workshops"
MATHJAX = {"tex-chtml.js", "core.js", "loader.js", "startup.js"}


def setup(app: Sphinx) -> dict:
    """Tell Sphinx what this extension adds."""
    warm_kernels.register()
    app.add_config_value("nqp_key", "", "env")
    app.add_config_value("nqp_workshops", "", "env")  # pages are read again when a workshop changes
    app.add_directive("nqp", Part)
    app.add_role("said", Said())
    app.add_role("verdict", Verdict())
    app.connect("config-inited", prepare)
    app.connect("doctree-resolved", link_verdicts)
    app.add_node(FigureReference)
    app.add_role("fig", FigureRole())
    app.connect("env-get-updated", count_figures_by_page, priority=900)
    app.connect("doctree-resolved", resolve_references)
    app.connect("doctree-resolved", offer_numbers)
    app.connect("html-page-context", offer_notebook, priority=400)  # before the theme looks for notebooks
    app.connect("html-page-context", offer_data, priority=900)
    app.connect("html-page-context", describe_page, priority=900)
    app.connect("html-page-context", mark_chinese, priority=900)
    app.connect("html-page-context", drop_links, priority=900)
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("build-finished", write_site_files)
    app.connect("build-finished", offer_workshops)
    app.connect("build-finished", serve_libraries, priority=900)
    return {"version": version("nqpkit"), "parallel_read_safe": True, "parallel_write_safe": True}


def prepare(app: Sphinx, config) -> None:
    """Give pages their numbers, search its words, and executed chapters a cache of their own for this data and code."""
    study = os.environ.get(STUDY) or None
    set_addresses(config)
    config.nqp_key, config.nqp_workshops = book_key(study), workshops_hash()
    config.nb_execution_cache_path = str(Path(app.outdir).parent / "chapters" / config.nqp_key)
    result = evaluate(Study.load(study))
    config.myst_substitutions = {**chapters.facts(result), "nqp": pages.facts(result), "classroom": courses.facts(),
                                 "quiz": quiz_sheets(), "regions": region_results(Path(app.srcdir))}
    if is_teacher():
        config.html_title = f"{config.project} · teacher edition"
        config.html_theme_options = config.html_theme_options | {"announcement": BANNER}
    words = Path(app.doctreedir) / "search-words.txt"
    words.parent.mkdir(parents=True, exist_ok=True)
    words.write_text("".join(f"{word}\n" for word in pages.search_words(result.study)), encoding="utf-8")
    config.html_search_options = {"dict": str(words)}


def region_results(root: Path) -> dict[str, dict]:
    """Slug → what the region's page found, read from the page itself, so that prose and page cannot differ."""
    found = {}
    for path in sorted((root / "book" / "provinces").glob("*.ipynb")):
        text = results_text(report) if (report := read_report(path)) else None
        if text:
            found[path.stem] = json.loads(text)
    return found


def quiz_sheets() -> dict[str, str]:
    """Name of a quiz → its sheet; in the teachers' edition ``key_`` and the name give it with its key."""
    names = quiz.quiz_names()
    sheets = {name: quiz.quiz_markdown(name, handout=True) for name in names}
    return sheets | ({f"key_{name}": quiz.quiz_markdown(name, key=True) for name in names} if is_teacher() else {})


class Part(SphinxDirective):
    """``{nqp} NAME [WORDS]`` puts a computed part of `pages.PARTS` into a page."""

    required_arguments = 1
    optional_arguments = 10_000  # names of regions, if only some have a page

    def run(self) -> list[nodes.Node]:
        name, *words = self.arguments
        if name not in pages.PARTS:
            raise self.error(f"There is no part '{name}'. Known: {', '.join(pages.PARTS)}.")
        up = "../" * (self.env.docname.count("/") - 1)
        try:
            part = pages.PARTS[name](evaluate(Study.load(os.environ.get(STUDY) or None)), up, *words)
        except (InputError, KeyError, TypeError) as error:
            raise self.error(f"The part '{name}' cannot be made: {error}") from error
        if isinstance(part, str):
            return [nodes.raw("", part, format="html")]
        if part.live:
            self.env.metadata[self.env.docname]["nqp-live"] = True
        return [numbered(nodes.raw("", part.body, format="html"), part.caption, part.name, part.classes)]


def choose_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Load the drawing library where a live figure needs it, and never thebe, which would ask other servers."""
    if app.env.metadata.get(pagename, {}).get("nqp-live"):
        app.add_js_file(VEGA, loading_method="defer")
        app.add_js_file("live.js", loading_method="defer")
    context["body"] = sized_images(app, context.get("body", ""))
    context["script_files"] = [script for script in context["script_files"] if "thebe" not in _described(script)]
    context["css_files"] = [style for style in context["css_files"] if "thebe" not in str(style.filename)]


def offer_workshops(app: Sphinx, exception: Exception | None) -> None:
    """Put the student copies of the workshops into the site, if its page on workshops offers them."""
    page = Path(app.outdir) / f"{WORKSHOPS}.html"
    if exception is None and app.builder.format == "html" and page.is_file():
        offer_student_copies(evaluate(Study.load(os.environ.get(STUDY) or None)), Path(app.outdir) / "_downloads",
                             page.read_text(encoding="utf-8"))


def serve_libraries(app: Sphinx, exception: Exception | None) -> None:
    """Put the drawing library into the site, once, and take out the builds of MathJax that no page uses."""
    static = Path(app.outdir) / "_static"
    if exception is not None or app.builder.format != "html":
        return
    if app.config.html_baseurl:
        (static / PREVIEW).write_bytes(tile_map(evaluate(Study.load(os.environ.get(STUDY) or None))).png())
    if not (static / VEGA).is_file():
        import vl_convert

        bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        (static / VEGA).write_text(f"(() => {{{bundle}\n}})();\n", encoding="utf-8")  # its names stay its own
    for path in (static / "mathjax").glob("*"):
        if path.is_file() and path.name not in MATHJAX:
            path.unlink()
    shutil.rmtree(static / "mathjax" / "output" / "svg", ignore_errors=True)


def _described(script) -> str:
    """File name and text of a script, whichever it has."""
    return f"{script.filename} {script.attributes.get('body', '')}".lower()
