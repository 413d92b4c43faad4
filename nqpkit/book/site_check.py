"""What a reader must never meet on the site: missing pages, tracebacks, silent images, foreign requests, dead links."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
          "embed": "src", "object": "data", "link": "href"}
LINKS_LOADED = {"stylesheet", "preload", "icon", "shortcut", "modulepreload", "prefetch", "manifest"}
TELLING = 12
NOT_TELLING = re.compile(r"(^|/)[\w-]+\.(png|svg|jpe?g|gif|webp)$", re.IGNORECASE)


VERBATIM = {"pre", "script", "style", "textarea"}
MATH = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
MARKUP = re.compile(r"\{\{|\}\}|\{[a-z]+\}`|\*\*\S[^*\n]*\S\*\*|:::")
LIMIT = 2_000_000  # bytes of a page with the images that it shows, before compression


class Page(HTMLParser):
    """What one page holds: images with their words, addresses that it loads, links that it offers, its anchors, and
    text in which markup was left standing, the levels of its headings."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.images: list[tuple[str, str]] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.traceback = False
        self.markup: list[str] = []
        self.levels: list[int] = []
        self._article = self._verbatim = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        words = {name: value or "" for name, value in attributes}
        if tag == "article":
            self._article += 1
        self._verbatim += tag in VERBATIM
        if self._article and re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if "id" in words:
            self.anchors.add(words["id"])
        if tag == "a" and words.get("href"):
            self.links.append(words["href"])
        if tag == "a" and "name" in words:
            self.anchors.add(words["name"])
        twin = "nqp-dark" in words.get("class", "").split()  # loaded instead of the image beside it, with its words
        if tag == "img" and self._article and not twin:
            self.images.append((words.get("src", ""), words.get("alt", "")))
        address = words.get(LOADED.get(tag, ""), "")
        if address and (tag != "link" or LINKS_LOADED & set(words.get("rel", "").split())):
            self.loaded.append(address)
        if "traceback" in words.get("class", "").split():
            self.traceback = True

    def handle_endtag(self, tag):
        if tag == "article":
            self._article -= 1
        self._verbatim -= tag in VERBATIM

    def handle_data(self, data):
        if "Traceback (most recent call last)" in data:
            self.traceback = True
        if self._article and not self._verbatim and (left := MARKUP.search(text := MATH.sub("", data))):
            self.markup.append(text[max(left.start() - 30, 0):left.end() + 30].strip())


def faults(html: Path, slugs: Iterable[str]) -> list[str]:
    """Everything that forbids publishing a site, one sentence each.

    Parameters
    ----------
    html : Path
        The built site.
    slugs : iterable of str
        The regions that must have a page.
    """
    found = [f"The page of '{slug}' is missing." for slug in slugs
             if not (html / "book" / "provinces" / f"{slug}.html").is_file()]
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(html.rglob("*.html"))
             if "_static" not in path.parts}
    for path, page in pages.items():
        name = path.relative_to(html).as_posix()
        if page.traceback:
            found.append(f"{name} shows a traceback.")
        found += [f"{name} goes from a heading of level {high} to one of level {low}; a level is left out."
                  for high, low in pairwise(page.levels) if low > high + 1]
        found += [f"{name} shows markup instead of what it stands for: {text}" for text in page.markup]
        for source, words in page.images:
            if len(words.strip()) < TELLING or NOT_TELLING.search(words.strip()):
                found.append(f"{name}: the image {source[-60:]} has no telling alternative text ('{words[:40]}').")
        if (weight := page_weight(path, page)) > LIMIT:
            found.append(f"{name} weighs {weight / 1e6:.1f} MB with its images; {LIMIT / 1e6:.0f} MB is the most.")
        found += [f"{name} asks another server for {address}." for address in page.loaded if _elsewhere(address)]
        found += [f"{name} links to {link}, which is not there." for link in page.links if _dead(link, path, pages)]
    for path in sorted(html.rglob("*.css")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for address in re.findall(r"(?:url\(\s*|@import\s+)['\"]?(https?:)?//([^'\")\s]+)", text):
            found.append(f"{path.relative_to(html).as_posix()} asks another server for {address[1]}.")
    return list(dict.fromkeys(found))


def page_weight(path: Path, page: Page | None = None) -> int:
    """Bytes of a page and of its images, before compression; scripts and styles come once for the whole site."""
    page = page or Page(path.read_text(encoding="utf-8"))
    images = {(path.parent / unquote(urlsplit(source).path)).resolve() for source, _ in page.images
              if not urlsplit(source).scheme}
    return path.stat().st_size + sum(image.stat().st_size for image in images if image.is_file())


def heavy_pages(html: Path) -> dict[str, str]:
    """The pages above the limit (``book/live/map``), each with a sentence that says why it is left out."""
    return {page.removesuffix(".html"): f"This page is left out here, because it would weigh {weight / 1e6:.1f} MB; "
                                        f"{LIMIT / 1e6:.0f} MB is the most."
            for page, weight in heaviest(html, count=None) if weight > LIMIT}


def heaviest(html: Path, count: int | None = 10) -> list[tuple[str, int]]:
    """The pages with the most bytes, the heaviest first: address and weight."""
    weights = {path.relative_to(html).as_posix(): page_weight(path) for path in html.rglob("*.html")
               if "_static" not in path.parts}
    return sorted(weights.items(), key=lambda item: -item[1])[:count]


def _elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _dead(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return True
    page = pages.get(target)
    return bool(parts.fragment and page and unquote(parts.fragment) not in page.anchors)
