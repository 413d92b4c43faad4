"""Figures in the book's pages: described, numbered page by page, and referred to by name.

A computed figure with a name (`drawing.Figure.name`) is referred to as ``{fig}`NAME``` on its own page and as
``{fig}`evaluation/coupling#NAME``` from another one. What cannot be found fails the build.
"""

import re
import struct
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from nqpkit.indexed_png import SIGNATURE, dark_twin

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
logger = logging.getLogger(__name__)


class FigureReference(nodes.Inline, nodes.TextElement):
    """``{fig}`NAME``` until all figures have their numbers."""


class FigureRole(SphinxRole):
    """``{fig}`NAME``` becomes “Figure 2”, linked; ``{fig}`folder/page#NAME``` names the page too."""

    def run(self):
        page, _, name = self.text.strip().rpartition("#")
        page = f"book/{page}" if page else self.env.docname
        if page != self.env.docname:
            self.env.metadata[self.env.docname]["nqp-refers"] = True
        place = self.inliner.document.current_source, self.lineno
        return [FigureReference("", page=page, name=name, place=place)], []


class FigureRenderer:
    """Shows a computed figure with the alt text, caption and name that travel in its output metadata.

    A plug-in of myst-nb, found by the entry point ``myst_nb.mime_renderers``.
    """

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Element] | None:
        words = data.output_metadata.get(data.mime_type, {})
        if inline or data.mime_type != "image/png" or "alt" not in words:
            return None
        (image,) = renderer.render_image(data)
        image["alt"] = words["alt"]
        name = words.get("name") or f"{data.cell_index}-{data.output_index}"
        figure = numbered(image, words.get("caption", ""), name)
        figure["nqp-csv"] = words.get("csv", "")
        return [figure]


def numbered(content: nodes.Node, caption: str, name: str, classes: tuple[str, ...] = ()) -> nodes.figure:
    """A figure of the page that counts, and whose name pages can refer to."""
    if not NAME.fullmatch(name):
        raise ValueError(f"A figure's name is made of small letters, digits and hyphens; '{name}' is not.")
    figure = nodes.figure("", content, classes=["nqp-figure", *classes], ids=[f"figure-{name}"])
    if caption:
        figure += nodes.caption("", caption)
    return figure


def count_figures_by_page(app: Sphinx, env) -> list[str]:
    """Let the figures of every page count from one: a page of the book is read, cited and printed by itself.

    Exercises have the number of their file, ``E8.1`` for ``e8-1``, which notebooks and checks use too.

    Returns the pages that refer to figures of others: they are written again, because a number may have changed.
    """
    for numbers in env.toc_fignumbers.values():
        for figures in numbers.values():
            figures.update({name: exercise_number(name) or (place,) for place, name in enumerate(figures, start=1)})
    return [page for page, words in env.metadata.items() if words.get("nqp-refers")]


def exercise_number(label: str) -> tuple[str, str] | None:
    """The two parts of an exercise's number; None if the label is not one.

    >>> exercise_number("e8-1"), exercise_number("figure-plane")
    (('E8', '1'), None)
    """
    found = re.fullmatch(r"e(\d+)-(\d+)", label)
    return (f"E{found[1]}", found[2]) if found else None


def resolve_references(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the number and the link in the place of every reference to a figure, and find names that stand twice."""
    seen = [name for figure in doctree.findall(nodes.figure) for name in figure["ids"][:1]]
    for name in sorted({name for name in seen if seen.count(name) > 1}):
        logger.warning("Two figures of this page have the name '%s'.", name.removeprefix("figure-"), location=page)
    for node in list(doctree.findall(FigureReference)):
        anchor = f"figure-{node['name']}"
        number = app.env.toc_fignumbers.get(node["page"], {}).get("figure", {}).get(anchor)
        if number is None:
            known = app.env.toc_fignumbers.get(node["page"], {}).get("figure", {})
            names = ", ".join(known).replace("figure-", "") or "none"
            logger.warning("There is no figure '%s' on the page %s. Known: %s.", node["name"], node["page"], names,
                           location=tuple(node["place"]))
            node.replace_self(nodes.problematic("", node["name"]))
            continue
        text = f"Figure {number[0]}"
        way = "" if node["page"] == page else app.builder.get_relative_uri(page, node["page"])
        link = nodes.reference("", text, internal=True, refuri=f"{way}#{anchor}", classes=["nqp-fig"])
        node.replace_self(link)
        if way:
            title = app.env.titles[node["page"]].astext()
            link.parent.insert(link.parent.index(link) + 1, nodes.Text(f" of “{title}”"))


def offer_numbers(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the numbers behind every figure into the site as a CSV file, and a link to it into the caption."""
    if app.builder.format != "html":
        return
    for figure in doctree.findall(nodes.figure):
        caption = figure.next_node(nodes.caption)
        if not figure.get("nqp-csv") or caption is None:
            continue
        file = f"_downloads/{page}/{figure['ids'][0]}.csv"
        place = Path(app.outdir) / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(figure["nqp-csv"], encoding="utf-8", newline="\n")
        way = "../" * page.count("/") + file
        caption += nodes.raw("", f' <a class="nqp-numbers" href="{way}" download>Numbers (CSV)</a>', format="html")


def sized_images(app: Sphinx, body: str) -> str:
    """Tell the browser every computed image's size, so that the text does not jump when it arrives.

    Beside each stands its twin for dark pages. The stylesheet shows one of the two, and a browser loads only that one.
    """
    sources = {name: Path(app.srcdir) / path for path, name in getattr(app.builder, "images", {}).items()}

    def sized(tag: re.Match) -> str:
        source = sources.get(tag["file"], Path())
        size = png_size(source)
        if size is None:
            return tag[0]
        image = tag[0] if " width=" in tag[0] else f'<img width="{size[0]}" height="{size[1]}"{tag[0][4:]}'
        image = image if " loading=" in image else f'<img loading="lazy" decoding="async"{image[4:]}'
        dark = f"{Path(tag['file']).stem}-dark.png"
        place = Path(app.outdir) / "_images" / dark
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(dark_twin(source.read_bytes()))
        return _classed(image, "nqp-light") + _classed(image.replace(f"/{tag['file']}", f"/{dark}"), "nqp-dark")

    return re.sub(r'<img [^>]*src="[^"]*_images/(?P<file>[^"/]+\.png)"[^>]*>', sized, body)


def _classed(tag: str, name: str) -> str:
    """A tag with one more class."""
    return tag.replace('class="', f'class="{name} ', 1) if 'class="' in tag else f'<img class="{name}"{tag[4:]}'


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG file, None if it is not one.

    >>> png_size(Path("no such file")) is None
    True
    """
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError:
        return None
    return struct.unpack(">II", head[16:24]) if head.startswith(SIGNATURE) and len(head) == 24 else None
