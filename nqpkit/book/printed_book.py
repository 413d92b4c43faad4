"""The whole book as one PDF: the finished pages of the site put together, in the order of the contents, and printed.

No second build is needed and nothing is executed again: what is printed is what the site shows.
"""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from nqpkit.book.pdf_images import with_palettes
from nqpkit.book.printing import find_browser, print_pdf
from nqpkit.errors import InputError

NAME = "nqpkit-book.pdf"
START = Path("book") / "index.html"
PLACE = re.compile(r'<p class="nqp-printed"[^>]*>.*?</p>', re.DOTALL)
LINKED = f'<p class="nqp-printed"><a href="../{NAME}">The whole book as one PDF, for printing</a></p>'
LEFT_OUT = ["script", "noscript", "button", "form", ".headerlink", ".nqp-filter", ".nqp-view", ".nqp-dark",
            ".prev-next-area", "details.hide", ".nqp-printed", ".nqp-numbers", ".nqp-take", ".copybtn"]
REFERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def print_book(site: Path, contents: str) -> Path:
    """Print a built site as one PDF, and link it from the start page.

    Parameters
    ----------
    site : Path
        The folder of the site; the PDF goes there. Its start page holds an empty, hidden paragraph ``nqp-printed``.
    contents : str
        Text of ``_toc.yml``.

    Returns
    -------
    Path
        The PDF.

    Raises
    ------
    InputError
        If no browser is installed, or it cannot print the book: the start page then stays without a link.
    """
    target, start, page = site / NAME, site / START, site / ".printed-book.html"
    if not find_browser():
        raise InputError("No Chromium, Chrome or Edge was found that could print it.")
    try:
        page.write_text(one_page(site, page_order(contents)), encoding="utf-8")
        print_pdf(page, target)
        _put(target, with_palettes(target.read_bytes()))
    finally:
        page.unlink(missing_ok=True)
    _put(start, PLACE.sub(LINKED, start.read_text(encoding="utf-8")).encode())
    return target


def page_order(contents: str) -> list[tuple[str, list[str]]]:
    """The pages of a table of contents in their order: pairs of a part's caption and its documents.

    Examples
    --------
    >>> page_order("{root: book/index, parts: [{caption: Start, chapters: [{file: a, sections: [{file: b}]}]}]}")
    [('', ['book/index']), ('Start', ['a', 'b'])]
    """
    def below(entry):
        yield entry["file"]
        for section in entry.get("sections", []):
            yield from below(section)

    toc = yaml.safe_load(contents)
    parts = [(part.get("caption", ""), [name for chapter in part["chapters"] for name in below(chapter)])
             for part in toc.get("parts", [])]
    return [("", [toc["root"]]), *parts]


def one_page(site: Path, order: list[tuple[str, list[str]]]) -> str:
    """The articles of a site as one HTML page, for the folder of the site, with links that lead inside it.

    Parameters
    ----------
    site : Path
    order : list of (caption, documents)
        From `page_order`.
    """
    known = {document: _anchor(document) for _, documents in order for document in documents}
    articles, lines, head, math = [], [], None, ""
    for caption, documents in order:
        titles = []
        for document in documents:
            path = site / f"{document}.html"
            if not path.is_file():
                raise InputError(f"The site has no page {document}.html, so it cannot be printed whole.")
            soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            article = soup.select_one("article.bd-article")
            if article is None:
                raise InputError(f"The page {document}.html has no article, so it cannot be printed.")
            _clean(article)
            _rebase(article, document, known)
            title = article.find("h1")
            titles.append((known[document], title.get_text(strip=True) if title else document))
            math = math or _mathjax(soup, document)
            articles.append(f'<article class="bd-article nqp-page" id="{known[document]}">'
                            f"{article.decode_contents()}</article>")
            head = head or soup
        items = "".join(f'<li><a href="#{anchor}">{_text(title)}</a></li>' for anchor, title in titles)
        lines.append(f"<h2>{_text(caption)}</h2><ul>{items}</ul>" if caption else f"<ul>{items}</ul>")
    title = _text(head.title.get_text().split("—")[-1].strip())
    styles = "".join(f'<link rel="stylesheet" href="{_from_root(link["href"], order[0][1][0])}">'
                     for link in head.find_all("link", rel="stylesheet"))
    return (f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
            f"<title>{title}</title>{styles}{math}</head><body class=\"nqp-book\"><main class=\"bd-content\">"
            f'<section class="nqp-cover"><h1>{title}</h1><nav aria-label="Contents">{"".join(lines)}</nav></section>'
            f"{''.join(articles)}</main></body></html>\n")


def _put(place: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = place.with_name(f".{place.name}.part")
    part.write_bytes(content)
    part.replace(place)


def _mathjax(soup: BeautifulSoup, document: str) -> str:
    """The scripts that set a page's formulas; nothing if it has none."""
    scripts = [script for script in soup.find_all("script")
               if "mathjax" in script.get("src", "") or "window.MathJax" in script.get_text()]
    return "".join(f'<script src="{_from_root(script["src"], document)}"></script>' if script.get("src") else
                   f"<script>{script.get_text()}</script>" for script in scripts)


def _clean(article: Tag) -> None:
    """Take out what a sheet of paper cannot do, and open what is folded."""
    for part in article.select(", ".join(LEFT_OUT)):
        if not part.decomposed:
            part.decompose()
    for folded in article.find_all("details"):
        folded["open"] = ""
    for hidden in article.select(".nqp-still[hidden]"):
        del hidden["hidden"]
    for image in article.find_all("img"):
        image.attrs.pop("loading", None)


def _rebase(article: Tag, document: str, known: dict[str, str]) -> None:
    """Make ids unique, let links lead to places in the same page, and files count from the site's folder."""
    prefix = f"{known[document]}--"
    for tag in article.find_all(True):
        if "id" in tag.attrs:
            tag["id"] = prefix + tag["id"]
        for name in REFERS:
            if name in tag.attrs:
                value = tag[name]
                tag[name] = " ".join(prefix + part for part in (value if isinstance(value, list) else value.split()))
        for name, value in list(tag.attrs.items()):
            if isinstance(value, str) and "url(#" in value:
                tag[name] = value.replace("url(#", f"url(#{prefix}")
            elif name == "src":
                tag[name] = _from_root(value, document)
            elif name in ("href", "xlink:href"):
                tag[name] = _inside(value, document, known)


def _inside(target: str, document: str, known: dict[str, str]) -> str:
    """Where a link of a page leads in the one page: to an anchor, if its page is part of the book."""
    split = urlsplit(target)
    if split.scheme or split.netloc:
        return target
    if not split.path:
        return f"#{known[document]}--{split.fragment}" if split.fragment else f"#{known[document]}"
    place = _from_root(split.path, document).removesuffix(".html")
    if place in known:
        return f"#{known[place]}--{split.fragment}" if split.fragment else f"#{known[place]}"
    return _from_root(target, document)


def _from_root(path: str, document: str) -> str:
    """A path that counts from a page's folder, counted from the site's folder."""
    if urlsplit(path).scheme or path.startswith(("data:", "#", "/")):
        return path
    parts: list[str] = list(PurePosixPath(document).parent.parts)
    for part in unquote(path).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _anchor(document: str) -> str:
    return "page-" + re.sub(r"[^a-z0-9]+", "-", document.lower()).strip("-")


def _text(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").removesuffix("#")
