"""A real browser on the classroom archive of the built site, unpacked and opened from disk, as a reader without a
network would.

The browser is the system's Chromium (Debian: `apt-get install chromium`), or the one that the environment variable
CHROMIUM names. Where there is none the tests are skipped and say so; under CI that is an error. The archive is made as
`nqp book --zip` makes it, from the site that `make book` left in _build/html.
"""

import os
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nqpkit.book.site import make_archive

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if "_static" not in path.parts and path != SITE / "index.html")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc):
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGES or ["book/index.html"])


@dataclass
class Visit:
    """An open page, what its console complained about, and the addresses outside the site that it asked for."""

    page: object
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder that unpacking the archive leaves: nothing of it lies where the site was built."""
    if not (SITE / "book.json").is_file():
        pytest.fail(f"There is no built site in {SITE}. `make book` makes it; then run the tests again.")
    place = tmp_path_factory.mktemp("classroom")
    shutil.copytree(SITE, place / "html")
    packed = make_archive(place / "html")
    shutil.rmtree(place / "html")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(place)
    return place / "nqpkit-book"


@pytest.fixture(scope="session")
def browser(site):
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        absent("There is no Chromium here. Debian: apt-get install chromium; elsewhere name one in CHROMIUM.")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("Playwright is not installed: pip install -r tests/browser/requirements.txt.")
    with sync_playwright() as playwright:
        alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=[*alone, "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """Open a page of the site: ``visit("book/index.html", width=360, dark=True)``."""
    contexts = []

    def open_page(name, width=1400, dark=False, height=900, chosen=True, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        mode = "dark" if dark else "light"
        if chosen:  # a reader who comes back; the others are shown what their system prefers
            context.add_init_script(f"localStorage.setItem('mode', '{mode}'); localStorage.setItem('theme', '{mode}');")
        seen = Visit(context.new_page())
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("console", lambda said: said.type in ("error", "warning") and seen.complaints.append(said.text))
        seen.page.on("request", lambda request: inside(request.url, site) or seen.elsewhere.append(request.url))
        seen.page.on("requestfailed", lambda request: seen.complaints.append(f"could not load {request.url}"))
        seen.page.goto((site / name).as_uri() if "://" not in name else name)
        return seen

    yield open_page
    for context in contexts:
        context.close()


def inside(address, site):
    return address.startswith((site.as_uri() + "/", "data:", "blob:"))


def absent(reason):
    """Skip with the reason, but never where a skipped test would pass unnoticed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
