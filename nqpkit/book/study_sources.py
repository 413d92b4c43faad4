"""The kit's pages made into the book of another study: its title, its regions, its noun, and only what applies to it.

The pages are written for the built-in study. A copy of them is fitted here: chapters that cannot be written for the
study become a sentence that says why, and move to the end of the contents; passages between ``% only WHAT`` and
``% end only`` stay where WHAT is true (see `conditions`); a study without a paper gets an opening page of its own.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

import yaml

from nqpkit.chapters import left_out, speaks
from nqpkit.chapters.case import case_code
from nqpkit.classroom.courses import INCLUDED
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.kit_files import PACKAGE
from nqpkit.study import Study
from nqpkit.wording import safe

PAGES = PACKAGE / "data" / "starter" / "book"
LIST = "book/left-out"
LIVE = 400  # regions that a live figure can hold within the weight of a page
PASSAGE = re.compile(r"^% only ([\w-]+)\n(.*?)^% end only\n", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
WITH_PAGES = re.compile(r"^```\{nqp\} (?:page-list|tile-map|map-through-time|region-table)$", re.MULTILINE)
PART = re.compile(r"^```\{nqp\} ([\w-]+)", re.MULTILINE)
CODE = re.compile(r"(^```.*?^```[^\n]*$|^:::.*?$|`[^`\n]+`|\]\([^)]*\)|\{\{.*?\}\})", re.DOTALL | re.MULTILINE)
FAILED = re.compile(r"(?:^|[\s/\\])(book[/\\][\w/\\.-]+?)\.(?:md|ipynb):?\d*:? WARNING: "
                    r"(Executing notebook failed|Substitution error)[: ]*([^\n\[]*)")
MISSING_PAPER = "This page is about a paper's claims, and the study has no claims.yml, so it is left out here."


def fit(root: Path, result: Evaluation, slugs: Iterable[str] | None = None) -> dict[str, str]:
    """Fit the pages in ``root`` to a study.

    Parameters
    ----------
    root : Path
    result : Evaluation
    slugs : iterable of str, optional
        The regions that have a page; all unless given.

    Returns
    -------
    dict from page (``book/paths/talent``) to the sentence that stands in its place
    """
    study, reasons, parts = result.study, left_out(result), missing_parts(result)
    if not study.claims:
        for path in PAGES.glob("*.md"):
            (root / "book" / path.name).write_text(path.read_text(encoding="utf-8").replace("TITLE", safe(study.title)),
                                                   encoding="utf-8")
    gone = {}
    for path in sorted((root / "book").rglob("*.md")):
        if "exercises" in path.parts:
            continue
        text, page = path.read_text(encoding="utf-8"), path.relative_to(root).with_suffix("").as_posix()
        module, part = speaks(text, reasons), next((name for name in PART.findall(text) if name in parts), None)
        if module or part:
            gone[page] = reasons[module] if module else parts[part]
            replace_page(root, page, gone[page])
        else:
            text = worded(chosen(text, conditions(result, slugs)), study)
            path.write_text(told_pages(text, study, slugs), encoding="utf-8")
    _set_title(root / "_config.yml", study)
    write_contents(root, study, gone, slugs)
    return gone


def conditions(result: Evaluation, slugs: Iterable[str] | None = None) -> dict[str, bool]:
    """What passages can ask for: a paper, two systems or more, levers, two scored years or more, pages for all."""
    study = result.study
    return {"paper": bool(study.claims), "coupled": result.coupled, "levers": bool(result.framework.paths),
            "years": len(study.years) > 1, "pages": slugs is None or set(slugs) == set(study.regions["slug"])}


def chosen(text: str, true: dict[str, bool]) -> str:
    """A page's text with the passages that apply.

    Examples
    --------
    >>> chosen("a\\n% only paper\\nb\\n% end only\\nc\\n", {"paper": False})
    'a\\nc\\n'
    """
    return PASSAGE.sub(lambda match: match[2] if true[match[1]] else "", text)


def missing_parts(result: Evaluation) -> dict[str, str]:
    """Computed part of a page (see `pages.PARTS`) → why a page that is about it does not apply."""
    found = {} if result.study.claims else dict.fromkeys(("claims", "claim-cards", "defects"), MISSING_PAPER)
    if len(result.framework.systems) != 2:
        found["playground"] = "This page couples two scores, and the study has another number, so it is left out here."
    if (many := len(result.study.regions)) > LIVE:
        found |= dict.fromkeys(("weights", "scenario", "compare", "map-through-time"), (
            f"This page would hold the figures of all {many:,} {result.study.unit['many']} for the browser to compute "
            "with, which is too much for a page, so it is left out here."))
    if reason := _unfit_workshop(result):
        found["workshop"] = reason
    if not result.framework.paths:
        found["scenario"] = "The study names no levers, so there is nothing to raise, and the page is left out here."
    return found


def _unfit_workshop(result: Evaluation) -> str:
    """Why the workshops cannot be given with this study; empty if they can."""
    from nqpkit.classroom.workshops import compose, read_workshop, sources

    for name in sources():
        try:
            compose(read_workshop(name), "student", result, case_code(result), result.year())
        except InputError as error:
            return f"The workshop {name} does not fit this study, so the workshops are left out here. {error}"
    return ""


def worded(text: str, study: Study) -> str:
    """A page's prose with the study's noun in the place of "province"; code, links and computed words stay.

    Examples
    --------
    >>> study = Study(None, {"unit": {"one": "county", "many": "counties"}}, *[None] * 7)
    >>> worded("A province, or [two provinces](provinces/x.md).", study)
    'A county, or [two counties](provinces/x.md).'
    """
    one, many = (safe(study.unit[name]) for name in ("one", "many"))
    if one == "province":
        return text
    words = {"province": one, "provinces": many, "Province": _large(one), "Provinces": _large(many)}
    pieces = CODE.split(text)
    pieces[::2] = [re.sub(r"\b[Pp]rovinces?\b", lambda match: words[match[0]], piece) for piece in pieces[::2]]
    return "".join(pieces)


def replace_page(root: Path, page: str, reason: str) -> None:
    """Put a sentence in the place of a page, under its title, so that links to it and its exercises hold."""
    path = root / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    title, places = TITLE.search(text), "".join(f"({name})=\n" for name in dict.fromkeys(INCLUDED.findall(text)))
    path.write_text(f"{places}# {title[1] if title else path.stem}\n\n{safe(reason)}\n", encoding="utf-8")


def failed_pages(log: str) -> dict[str, str]:
    """The pages that a build's log says could not be executed or filled in, each with a sentence on why.

    Examples
    --------
    >>> failed_pages("/x/book/live/map.md: WARNING: Executing notebook failed: CellExecutionError [mystnb.exec]")
    {'book/live/map': 'This page is left out here, because it cannot be computed from this study (CellExecutionError).'}
    """
    return {page.replace("\\", "/"): "This page is left out here, because it cannot be computed from this study "
                                     f"({what.strip() or 'see the log'})."
            for page, _, what in FAILED.findall(re.sub(r"\x1b\[[0-9;]*m", "", log))}


def already_out(root: Path) -> dict[str, str]:
    """The pages that the contents list as left out, each with the sentence that stands in its place."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [section["file"] for part in toc["parts"] for chapter in part["chapters"] if chapter["file"] == LIST
             for section in chapter["sections"]]
    return {page: (root / f"{page}.md").read_text(encoding="utf-8").split("\n\n", 1)[1].strip() for page in pages}


def told_pages(text: str, study: Study, slugs: Iterable[str] | None) -> str:
    """A page whose parts on regions are told which of these have a page, if not all have.

    Examples
    --------
    >>> print(told_pages("```{nqp} page-list\\n```", Study.load(), ["gansu", "ningxia"]))
    ```{nqp} page-list gansu ningxia
    ```
    """
    if slugs is None or set(slugs) == set(study.regions["slug"]):
        return text
    return WITH_PAGES.sub(lambda part: f"{part[0]} {' '.join(slugs)}", text)


def write_contents(root: Path, study: Study, gone: dict[str, str], slugs: Iterable[str] | None = None) -> None:
    """Write ``_toc.yml`` for a study, and the page that lists what is left out, if anything is."""
    path = root / "_toc.yml"
    path.write_text(contents_for(path.read_text(encoding="utf-8"), study, gone, slugs), encoding="utf-8")
    lines = []
    for page, reason in gone.items():
        title = TITLE.search((root / f"{page}.md").read_text(encoding="utf-8"))[1]
        lines.append(f"[{title}]({page.removeprefix('book/')}.md)\n: {safe(reason)}\n")
    if lines:
        (root / f"{LIST}.md").write_text(
            "# Left out\n\nThese pages of the kit do not apply to this study. Links to them lead to a sentence that "
            "says so.\n\n" + "\n".join(lines), encoding="utf-8")


def contents_for(contents: str, study: Study, gone: Iterable[str] = (), slugs: Iterable[str] | None = None) -> str:
    """The table of contents with a study's regions, the group in focus first, and what is left out at its end."""
    toc, gone = yaml.safe_load(contents), set(gone)
    regions = study.regions if slugs is None else study.regions[study.regions["slug"].isin(list(slugs))]
    focus = regions["group"] == study.focus
    slugs = [*regions.loc[focus, "slug"], *regions.loc[~focus, "slug"]]
    many, parts = study.unit["many"], []
    for part in toc["parts"]:
        if part.get("caption") == "Provinces":
            part["caption"] = _large(many)
        for chapter in part["chapters"]:
            if chapter["file"] == "book/provinces/index":
                chapter["title"] = f"All {many}" if len(slugs) == len(study.regions) else f"{_large(many)} compared"
                chapter["sections"] = [{"file": f"book/provinces/{slug}"} for slug in slugs]
        part["chapters"] = [chapter for chapter in part["chapters"]
                            if chapter["file"] not in gone and chapter["file"] != LIST]
        if part["chapters"]:
            parts.append(part)
    if gone:
        parts.append({"caption": "Left out", "chapters": [
            {"file": LIST, "title": "Pages that do not apply", "sections": [{"file": page} for page in sorted(gone)]}]})
    return yaml.safe_dump(toc | {"parts": parts}, sort_keys=False, allow_unicode=True)


def _set_title(path: Path, study: Study) -> None:
    """The study's title and noun in the settings of the book."""
    if not path.is_file():
        return
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["title"] = study.title
    theme = settings["sphinx"]["config"]["html_theme_options"]
    theme["logo"]["text"] = escape(study.title)
    theme["extra_footer"] = theme["extra_footer"].replace("provinces", escape(study.unit["many"]))
    path.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]
