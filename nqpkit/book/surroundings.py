"""What surrounds a page of the book: downloads, words for link previews, the way to a hub, and the site's own files.

Nothing here knows an address by itself. Where the site will stand, where its sources are and which hub may run them is
said by environment variables; what they do not name is left out, so that no button and no link leads nowhere.
"""

import io
import json
import os
import re
import zipfile
from collections.abc import Container
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from nqpkit.book.editions import is_teacher
from nqpkit.reports.freshness import BUILT_IN

ADDRESSES = {
    "NQP_SITE_URL": "where the site will stand: canonical links, previews with a picture, sitemap.xml",
    "NQP_REPOSITORY_URL": "where the sources are, for the hubs",
    "NQP_HUB_URL": "a JupyterHub with nbgitpuller, for launch buttons",
    "NQP_BINDER_URL": "a BinderHub, for launch buttons",
}
STUDY_FILE = "study.zip"
PREVIEW = "preview.png"
LONGEST, TELLING = 200, 40
# Before the theme's own script: it complains about a reader who has not chosen between light and dark yet.
FIRST_VISIT = '<script>try { localStorage.mode ||= "auto"; } catch { /* no storage, no choice to keep */ }</script>'
CHINESE = re.compile(r"[\u4e00-\u9fff]+(?:[\u3000-\u303f\uff00-\uffef]*[\u4e00-\u9fff]+)*")
TERM = re.compile(r'<span lang="zh">(?=[^<]{1,8}</span>)')  # short enough never to be broken
REGION_LINK = re.compile(r'<a\b([^>]*?) href="[^":]*\bprovinces/([\w-]+)\.html[^"]*"([^>]*)>(.*?)</a>', re.DOTALL)
WITHOUT_SPANS = {"script", "style", "svg", "select", "textarea", "title"}
APART = re.compile(r"<(pre|code|script|style|textarea)\b.*?</\1>|<[^>]*>|(?<=\d)\s(?=[%‰])", re.DOTALL)
FORMULA = re.compile(r'(<span class="math notranslate nohighlight">\\\([^<]*\\\)</span>)([.,;:!?)”’]+)')
SOLUTION = re.compile(r"(Solution to)(<a [^>]*>) ")
PRINTED_TITLE = re.compile(r'(<div id="jb-print-docs-body"[^>]*>\s*<h1>)(.*?)(</h1>)', re.DOTALL)
LOST = "This page is not here. The address may be old, or mistyped."
LOST_ZH = "没有找到这个页面。"


def set_addresses(config) -> None:
    """Hand the addresses that the environment names to Sphinx and to the theme."""
    given = {name: os.environ.get(name, "").rstrip("/") for name in ADDRESSES}
    config.html_baseurl = f"{given['NQP_SITE_URL']}/" if given["NQP_SITE_URL"] else ""
    hubs = {"jupyterhub_url": given["NQP_HUB_URL"], "binderhub_url": given["NQP_BINDER_URL"]}
    if given["NQP_REPOSITORY_URL"] and any(hubs.values()):
        config.html_theme_options |= {
            "repository_url": given["NQP_REPOSITORY_URL"], "repository_branch": "main", "path_to_docs": "",
            "launch_buttons": {**hubs, "notebook_interface": "jupyterlab"}}


def offer_notebook(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Put a chapter's cells beside it as a notebook, with its computed words filled in and without outputs."""
    made = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    if doctree is None or not context.get("sourcename", "").endswith(".md") or not made.is_file():
        return
    notebook = json.loads(made.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        elif cell["cell_type"] == "markdown":
            cell["source"] = filled("".join(cell["source"]), app.config.myst_substitutions)
    place = Path(app.outdir) / "_sources" / f"{page}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    context["ipynb_source"] = f"{page}.ipynb"


def filled(text: str, substitutions: dict) -> str:
    """A page's text with ``{{ chapter.name }}`` replaced by what it stands for; unknown names stay.

    >>> filled("of {{ nqp.regions }} places", {"nqp": {"regions": 31}})
    'of 31 places'
    """
    def word(match):
        found = substitutions
        for part in match[1].split("."):
            if not isinstance(found, dict) or part not in found:
                return match[0]
            found = found[part]
        return str(found)

    return re.sub(r"\{\{\s*([\w.-]+)\s*\}\}", word, text)


def offer_data(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Add the study's tables to the downloads of a page, and lead a province's launch button to its template."""
    for button in context.get("header_buttons", []):
        if button.get("label") == "download-buttons":
            button["buttons"].append({
                "type": "link", "url": context["pathto"](f"_downloads/{STUDY_FILE}", 1), "text": "data (.zip)",
                "tooltip": "Download the study's tables", "icon": "fas fa-table", "label": "download-data-button"})
        for one in button.get("buttons", []) if button.get("label") == "launch-buttons" else []:
            one["url"] = re.sub(r"book(/|%2F)provinces(/|%2F)[\w-]+\.ipynb", r"notebooks\1province_report.ipynb",
                                one["url"])


def describe_page(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Words for search engines and link previews: title, first sentence, picture."""
    words = opening_words(doctree)
    title = re.sub(r"<[^>]+>", "", context.get("title", "")) or app.config.project
    tags = {"og:type": "article", "og:site_name": app.config.html_title or app.config.project, "og:title": title,
            "og:locale": "en"}
    lines = [FIRST_VISIT, *(['<meta name="robots" content="noindex, nofollow" />'] if is_teacher() else [])]
    if words:
        lines.append(f'<meta name="description" content="{escape(words)}" />')
        tags["og:description"] = words
    if app.config.html_baseurl:
        tags["og:url"] = f"{app.config.html_baseurl}{page}.html"
        tags["og:image"] = f"{app.config.html_baseurl}_static/{PREVIEW}"
        tags["og:image:alt"] = "Tile map of China's provinces, darker where the coordination degree is higher"
        lines.append('<meta name="twitter:card" content="summary_large_image" />')
    lines += [f'<meta property="{name}" content="{escape(value)}" />' for name, value in tags.items()]
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def opening_words(doctree: nodes.document | None) -> str:
    """The first telling paragraph of a page, cut at the end of a word."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else []:
        words = " ".join(paragraph.astext().split())
        if len(words) >= TELLING:
            return words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def write_site_files(app: Sphinx, exception: Exception | None) -> None:
    """Put into the site what belongs to no page: the study's tables, the 404 page, the sitemap."""
    if exception is not None or app.builder.format != "html":
        return
    site, base = Path(app.outdir), app.config.html_baseurl
    downloads = site / "_downloads"
    downloads.mkdir(exist_ok=True)
    (downloads / STUDY_FILE).write_bytes(study_archive(Path(os.environ.get("NQP_STUDY") or BUILT_IN)))
    (site / "404.html").write_text(lost_page(app.config.project, base), encoding="utf-8")
    for path in {*(site / f"{page}.html" for page in app.env.found_docs), *site.glob("*.html")}:  # index and search too
        name_toggles(path)
    if is_teacher():
        (site / "robots.txt").write_text("User-agent: *\nDisallow: /\n", encoding="utf-8")
    elif base:
        (site / "sitemap.xml").write_text(sitemap(base, app.env.found_docs), encoding="utf-8")


def name_toggles(path: Path) -> None:
    """Give the arrows that unfold the contents a name for those who hear the page; the theme gives them none.

    The theme also writes a page's title for printing without escaping it: a region's name may hold anything.
    """
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    named = text.replace('<summary><span class="toctree-toggle"',
                         '<summary aria-label="Pages below this one"><span class="toctree-toggle"')
    named = named.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    named = PRINTED_TITLE.sub(lambda title: f"{title[1]}{escape(unescape(title[2]), quote=False)}{title[3]}", named)
    if named != text:
        path.write_text(named, encoding="utf-8")


def mark_chinese(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Tell browsers and screen readers which words of a page are Chinese, and write every per cent sign alike."""
    body = chinese_marked(signs_joined(context.get("body", "")))
    context["body"] = TERM.sub('<span lang="zh" class="nqp-term">', body)


def signs_joined(body: str) -> str:
    """HTML in which no line begins with a sign: per cent follows its number, a comma its formula; code stays as it is.

    >>> signs_joined("<p>from 1.27 to 3.15 %, not <code>7 % 2</code></p>")
    '<p>from 1.27 to 3.15%, not <code>7 % 2</code></p>'
    """
    body = FORMULA.sub(r'<span class="nqp-glued">\1\2</span>', body)
    body = SOLUTION.sub(r"\1 \2", body)  # the theme's underline would begin under a space
    return APART.sub(lambda found: "" if found[0].isspace() else found[0], body)


def chinese_marked(body: str) -> str:
    """HTML with every run of Chinese in a span of that language, save where one stands already or none may stand.

    >>> chinese_marked('<p>Yearbook (年鉴)</p><span lang="zh">甘肃</span>')
    '<p>Yearbook (<span lang="zh">年鉴</span>)</p><span lang="zh">甘肃</span>'
    """
    parts, closed_by, depth = [], "", 0
    for part in re.split(r"(<[^>]*>)", body):
        tag = re.match(r"<(/?)(\w+)", part)
        if tag and not closed_by and not tag[1] and not part.endswith("/>") and (
                tag[2] in WITHOUT_SPANS or 'lang="zh"' in part):
            closed_by, depth = tag[2], 1
        elif tag and tag[2] == closed_by:
            depth += -1 if tag[1] else 1
            closed_by = closed_by if depth else ""
        elif not tag and not closed_by:
            part = CHINESE.sub(r'<span lang="zh">\g<0></span>', part)
        parts.append(part)
    return "".join(parts)


def drop_links(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Make text of the links to regions that have no page in this book."""
    context["body"] = without_links(context.get("body", ""), app.env.found_docs)


def without_links(body: str, pages: Container[str]) -> str:
    """HTML in which the pages of regions are linked only if they are there.

    >>> text = '<a href="../provinces/gansu.html">Gansu</a> <a class="x" href="../provinces/hebei.html">Hebei</a>'
    >>> without_links(text, {"book/provinces/gansu"})
    '<a href="../provinces/gansu.html">Gansu</a> <span class="x">Hebei</span>'
    """
    def kept(link):
        if f"book/provinces/{link[2]}" in pages:
            return link[0]
        role = ' role="img"' if "aria-label=" in link[0] else ""
        return f"<span{role}{link[1]}{link[3]}>{link[4]}</span>"

    return REGION_LINK.sub(kept, body)


def study_archive(folder: Path) -> bytes:
    """A study's tables as a ZIP file, the same bytes for the same study."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".yml"}):
            entry = zipfile.ZipInfo(f"study/{path.name}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def lost_page(title: str, base: str) -> str:
    """The page for addresses that lead nowhere; it stands by itself, because it is shown at any depth."""
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Not found: {escape(title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="robots" content="noindex"><style>:root { color-scheme: light dark; } '
            "body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; "
            "padding: 0 1.2rem; } a { color: LinkText; }</style></head><body><main><h1>Not found</h1>"
            f'<p>{LOST}</p><p lang="zh">{LOST_ZH}</p><p><a href="{escape(base)}index.html">To the start of the book</a>'
            "</p></main></body></html>\n")


def sitemap(base: str, pages) -> str:
    """All pages in the sitemaps protocol, for search engines.

    >>> sitemap("https://example.org/", ["book/index"]).count("<loc>https://example.org/book/index.html</loc>")
    1
    """
    lines = "".join(f"<url><loc>{escape(base)}{escape(page)}.html</loc></url>\n" for page in sorted(pages))
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{lines}</urlset>\n")
