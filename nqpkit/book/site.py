"""The book as a site: run stale reports, build with Jupyter Book, look the result over, and only then publish it.

Building happens in a folder of drafts beside the site. The site itself is replaced as a whole, and only by a draft that
passed `faults`; whatever fails, the old site stays.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from nqpkit.book.editions import FOLDER, STUDENT, TEACHER, VARIABLE, add_teacher_part, check_edition, teachers_words
from nqpkit.book.extension import STUDY
from nqpkit.book.printed_book import NAME, print_book
from nqpkit.book.site_check import faults, heaviest, heavy_pages
from nqpkit.book.study_sources import already_out, failed_pages, fit, replace_page, write_contents
from nqpkit.book.surroundings import ADDRESSES
from nqpkit.errors import InputError
from nqpkit.evaluation import evaluate
from nqpkit.kit_files import checkout_root, kit_root
from nqpkit.reports import warm_kernels
from nqpkit.reports.freshness import PARTS, book_key, shared_key, workshops_hash
from nqpkit.reports.report import kernel_environment
from nqpkit.reports.runner import chosen_slugs, run_reports
from nqpkit.study import BUILT_IN, Study

SOURCES = ("_config.yml", "_toc.yml", "CITATION.cff", "CHANGELOG.md")
RECORD = "book.json"
INDEX = Path("book") / "index.html"
LINES = 12
CODE_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```", re.DOTALL | re.MULTILINE)


class BuildError(Exception):
    """The book could not be built or must not be published; the message says why, in plain words."""


def build_book(study: str | Path | None = None, out: str | Path | None = None, archive: bool = False,
               jobs: int | None = None, force: bool = False, echo: Callable[[str], None] = print,
               printable: bool = False, edition: str = STUDENT, regions: Iterable[str] = (),
               group: str | None = None) -> Path:
    """Make the book's site and say where it is.

    Reports that are stale are made first; if one fails, nothing is published. If nothing has changed since the site
    was built, nothing is executed and nothing is built.

    Parameters
    ----------
    study : path, optional
        Folder of a study; the built-in one by default.
    out : path, optional
        Where the site goes; ``_build/html`` in the checkout, or in the current folder, by default.
    archive : bool
        Also make a ZIP file of the site, for computers without a network.
    jobs : int, optional
        Reports at a time.
    force : bool
        Make every report and every page again.
    echo : callable
        Is told what is being done, line by line.
    printable : bool
        Also print the site as one PDF, if a browser that can do it is installed; if none is, that is said.
    edition : {"student", "teacher"}
        The teacher edition has one more part, with notes, keys and solutions. It is built in ``_build/teacher``, apart
        from the student book, and says on every page what it is.
    regions, group
        Names of regions, or of a group of them, that alone have a page in the book of a study of one's own; all unless
        given. The others still count in every score, rank and figure.

    Returns
    -------
    Path
        The site's ``index.html``.

    Raises
    ------
    BuildError
        If a report, the build or the check of the result fails. The old site stays as it was.
    InputError
        If the study or a region cannot be read, the built-in book is asked for pages of some regions only, or ``out``
        is a folder with something else in it.
    """
    check_edition(edition)
    loaded, regions = Study.load(study), list(regions)
    if (regions or group) and loaded.folder == BUILT_IN:
        raise InputError("The built-in book has a page for every province. Pages of some regions only are for a study "
                         "of your own: `nqp new DIR --extend` starts one, --study DIR takes it.")
    slugs = chosen_slugs(loaded, regions, group)
    root, gone = _source_root(study, loaded, edition, slugs)
    home = root if study or edition == STUDENT else checkout_root() or root
    work = root / "_build" if root == checkout_root() else root.parent
    site = Path(out).expanduser().resolve() if out else work / "html"
    if site.is_dir() and any(site.iterdir()) and not (site / RECORD).is_file():
        raise InputError(f"The folder '{site}' holds something that is not a book of this kit. Name another "
                         "with --out, or empty it.")
    for page, reason in gone.items():
        echo(f"Left out: {page}. {reason}")
    if without := len(loaded.regions) - len(slugs):
        echo(f"Pages for {len(slugs)} of {len(loaded.regions)} {loaded.unit['many']}; {without} have none, but count "
             "in every score, rank and figure.")
    _make_reports(study, home, jobs, force, echo, slugs)
    if edition == TEACHER:
        add_teacher_part(root, home / "book" / "provinces")
        _keep_chapters(home, work, study)
    record = {"key": site_key(root, study), "pages": sorted(slugs), **shared_key(study)}
    if force or _read_record(site) != record or not _complete(site, record):
        build_site(root, work, site, record, study, force, echo, edition)
    else:
        echo("Nothing has changed since the book was built.")
    index = site / "index.html"
    if printable and not (site / NAME).is_file():
        _print(site, (root / "_toc.yml").read_text(encoding="utf-8"), echo)
    if archive:
        echo(f"Archive: {make_archive(site, 'nqpkit-book' if edition == STUDENT else 'nqpkit-teacher')}")
    echo(f"Book: {index.as_uri()}")
    return index


def build_site(root: Path, work: Path, site: Path, record: dict, study: str | Path | None = None,
               force: bool = False, echo: Callable[[str], None] = print, edition: str = STUDENT) -> None:
    """Build the sources in ``root`` as a draft in ``work``, check it, and put it in the place of ``site``.

    Parameters
    ----------
    root, work, site : Path
    record : dict
        ``key``, stored in the site to tell whether it is fresh; ``pages``, the slugs that must have a page.
    edition : str
        A student site that holds anything of the teachers' pages is not published.
    """
    draft = work / "draft"
    html = draft / "_build" / "html"
    missing = [slug for slug in record["pages"] if not (root / "book" / "provinces" / f"{slug}.ipynb").is_file()]
    if missing:
        raise BuildError(f"{len(missing)} pages have no report: {_some(missing)}. `nqp run` makes them.")
    if force:
        shutil.rmtree(draft, ignore_errors=True)
    echo("Building the pages …")
    code, log = _jupyter_book(root, draft, study, edition)
    while failed := _left_out_too(root, failed_pages(log) if code else heavy_pages(html), record["pages"], study, echo):
        _forget(draft)
        echo(f"Building again without {_some(failed)} …")
        code, log = _jupyter_book(root, draft, study, edition)
    if code:
        _forget(draft)
        raise BuildError("Jupyter Book could not build the pages; the site is as it was. It said:\n"
                         + "\n".join(f"  {line}" for line in last_words(log, root)))
    found = faults(html, record["pages"]) + (teachers_words(html) if edition == STUDENT else [])
    if found:
        _forget(draft)
        more = f"\n  … and {len(found) - LINES} more" if len(found) > LINES else ""
        raise BuildError("The pages were built but must not be published; the site is as it was:\n"
                         + "\n".join(f"  {fault}" for fault in found[:LINES]) + more)
    drop_old_images(html)
    (html / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    replace_folder(html, site)
    echo("Heaviest pages, with images, before compression: " + "; ".join(
        f"{name} {weight / 1e3:,.0f} kB" for name, weight in heaviest(site)) + ".")
    for old in (draft / "_build" / "chapters").glob("*"):
        if old.name != book_key(study):
            shutil.rmtree(old, ignore_errors=True)


def drop_old_images(html: Path) -> None:
    """Take out the drawings of earlier builds that no page shows any more; Sphinx leaves them, and archives grow."""
    shown = {unquote(name) for page in html.rglob("*.html")
             for name in re.findall(r'_images/([^"?#]+)"', page.read_text(encoding="utf-8"))}
    for path in (html / "_images").glob("*"):
        if path.is_file() and path.name not in shown:
            path.unlink()


def site_key(root: Path, study: str | Path | None = None) -> str:
    """Hash of everything that the site is made from: its sources, the reports, the study, package and environment."""
    addresses = [os.environ.get(name, "") for name in ADDRESSES]
    digest = hashlib.sha256(json.dumps([book_key(study), workshops_hash(), *addresses]).encode())
    pages = (path for path in (root / "book").rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    for path in sorted([*pages, *(root / name for name in SOURCES)]):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def why_book_stale() -> str | None:
    """In plain words why the built-in study's site would be built again; None if it is fresh or was never built."""
    root = checkout_root() or Path("_build").resolve() / "source"
    site = (root / "_build" if root == checkout_root() else root.parent) / "html"
    record = _read_record(site)
    if record is None or record.get("key") == site_key(root):
        return None
    changed = [PARTS[part] for part, now in shared_key().items() if record.get(part) != now]
    return f"{' and '.join(changed) or 'a page or a report'} changed"


def last_words(log: str, root: Path) -> list[str]:
    """The lines of a build's log that say what went wrong, each once, with paths as seen from the sources."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log).replace(f"{root}{os.sep}", "")
    said = [line.strip() for line in plain.splitlines() if re.search(r"WARNING|ERROR|Error\b|error:", line)]
    said = [re.sub(r"\b(WARNING|ERROR|CRITICAL): ", "", line) for line in said if "treated as errors" not in line]
    return list(dict.fromkeys(said))[-LINES:] or [line for line in plain.splitlines() if line.strip()][-LINES:]


def replace_folder(new: Path, place: Path) -> None:
    """Put a copy of a folder in the place of another: the place never shows a mixture of the two."""
    fresh, old = place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(new, fresh, ignore=shutil.ignore_patterns(".buildinfo*", "objects.inv.tmp"))
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def make_archive(site: Path, name: str = "nqpkit-book") -> Path:
    """A ZIP file of the site beside it, the same bytes for the same site."""
    target = site.with_name(f"{name}.zip")
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(site).as_posix()}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    part.replace(target)
    return target


def _source_root(study, loaded: Study, edition: str = STUDENT,
                 slugs: Iterable[str] | None = None) -> tuple[Path, dict[str, str]]:
    """The checkout for its own study's student book, else a copy of the kit's sources fitted to the study.

    A copy for students holds no teachers' page at all. Also: which pages are left out, and why.
    """
    root = checkout_root()
    if root is not None and study is None and edition == STUDENT:
        return root, {}
    kit, root = kit_root(), Path("_build").resolve() / ("source" if edition == STUDENT else "teacher/source")
    if root.is_relative_to(kit / "book"):
        raise InputError("The book cannot be built inside its own sources. Go to another folder.")
    slugs = list(loaded.regions["slug"] if slugs is None else slugs)
    keep = {f"{slug}.ipynb" for slug in slugs}
    for old in (root / "book" / "provinces").glob("*.ipynb"):
        if old.name not in keep:
            old.unlink()
    wanted = {path.relative_to(kit) for path in (kit / "book").rglob("*")
              if path.is_file() and not (path.parent.name == "provinces" and path.suffix == ".ipynb")
              and (edition == TEACHER or not path.relative_to(kit).is_relative_to(FOLDER))}
    for path in (root / "book").rglob("*"):
        if path.is_file() and path.relative_to(root) not in wanted and path.parent.name != "provinces":
            path.unlink()
    for name in [*wanted, *map(Path, SOURCES)]:
        if (kit / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kit / name, root / name)
    return root, {} if loaded.folder == BUILT_IN else fit(root, evaluate(loaded), slugs)


def _left_out_too(root: Path, unfit: Mapping[str, str], slugs: Iterable[str], study, echo) -> list[str]:
    """Take pages out of another study's book that it cannot hold; the built-in book may have none."""
    if root == checkout_root() or not study:
        return []
    failed = {page: reason for page, reason in unfit.items() if (root / f"{page}.md").is_file()}
    for page, reason in failed.items():
        echo(f"Left out: {page}. {reason}")
        replace_page(root, page, reason)
    if failed:
        write_contents(root, Study.load(study), already_out(root) | failed, slugs)
    return list(failed)


def _keep_chapters(home: Path, work: Path, study) -> None:
    """Take over the chapters that were executed for the student book with the same study, package and environment."""
    place = Path("_build") / "chapters" / book_key(study)
    done, kept = home / "_build" / "draft" / place, work / "draft" / place
    if done.is_dir() and not kept.exists():
        shutil.copytree(done, kept)


def _make_reports(study, root, jobs, force, echo, slugs=()) -> None:
    from nqpkit.reports.progress import print_summary, run_progress

    echo("Reports …")
    own = root == checkout_root()
    places = {} if own else {"out": root / "book" / "provinces", "results": root / "results"}
    with run_progress() as progress:
        summary = run_reports(study, slugs, jobs=jobs, force=force, progress=progress, **places)
    print_summary(summary)
    if not summary.ok:
        failed = [row for row in summary.rows if row.state not in ("done", "fresh")]
        lines = "\n".join(f"  {row.report}: {row.reason or row.state}" for row in failed[:LINES])
        raise BuildError(f"{len(failed)} of {len(summary.rows)} reports failed, so the book is not built:\n{lines}")


def _jupyter_book(root: Path, draft: Path, study, edition: str = STUDENT) -> tuple[int, str]:
    """Exit code and log of a build in a process of its own."""
    draft.mkdir(parents=True, exist_ok=True)
    environment = kernel_environment() | {"NO_COLOR": "1", VARIABLE: edition}
    environment.pop(STUDY, None)
    if study:
        environment[STUDY] = str(Path(study).expanduser().resolve())
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(root),
               "--path-output", str(draft), "--warningiserror", "--keep-going"]
    with _chapter_kernels(root, environment) as kernels:
        done = subprocess.run(command, env=environment | kernels, cwd=root, capture_output=True, text=True,
                              encoding="utf-8", errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def _chapter_kernels(root: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Warm kernels for the chapters: they import what the pages do, and inherit the evaluation."""
    if not warm_kernels.available():
        yield {}
        return
    pages = [path.read_text(encoding="utf-8") for path in sorted((root / "book").rglob("*.md"))]
    cells = [{"cell_type": "code", "source": cell} for page in pages for cell in CODE_CELL.findall(page)]
    shared = f"import os\nfrom nqpkit import Study, evaluate\nevaluate(Study.load(os.environ.get({STUDY!r})))"
    modules = warm_kernels.imported_modules({"cells": cells})
    with warm_kernels.KernelParent(modules, [shared], environment) as parent:
        yield {warm_kernels.ADDRESS: parent.address, "JUPYTER_DEFAULT_PROVISIONER_NAME": warm_kernels.PROVISIONER}


def _print(site: Path, contents: str, echo) -> None:
    """Print the book, or say why there is no PDF: the site is good without it."""
    echo("Printing the book …")
    try:
        echo(f"PDF: {print_book(site, contents)}")
    except InputError as error:
        echo(f"There is no PDF of the book: {error}")


def _forget(draft: Path) -> None:
    """Forget a failed build: Sphinx would take the pages with faults for finished and succeed the next time."""
    for name in (".doctrees", "html"):
        shutil.rmtree(draft / "_build" / name, ignore_errors=True)


def _read_record(site: Path) -> dict | None:
    try:
        return json.loads((site / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _complete(site: Path, record: dict) -> bool:
    pages = [site / "book" / "provinces" / f"{slug}.html" for slug in record["pages"]]
    return all(path.is_file() for path in [site / "index.html", site / INDEX, *pages])


def _some(names: Iterable[str], most: int = 8) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
