"""A web page printed to PDF by a Chromium browser that is installed already."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nqpkit.errors import InputError

BROWSER = "NQP_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome")
PLACES = {
    "darwin": ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
               "/Applications/Chromium.app/Contents/MacOS/Chromium",
               "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"],
    "win32": ["Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe"],
}
TIME_LIMIT = 300


def find_browser() -> str | None:
    """The program of a Chromium, Chrome or Edge that is installed; the variable NQP_BROWSER names another."""
    named = os.environ.get(BROWSER)
    if named:
        return named if Path(named).is_file() else shutil.which(named)
    folders = [Path(place) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)") if (place := os.environ.get(name))]
    known = [str(place) for place in PLACES.get(sys.platform, [])] if sys.platform != "win32" else [
        str(folder / place) for folder in folders for place in PLACES["win32"]]
    return next((found for name in NAMES if (found := shutil.which(name))), None) or next(
        (place for place in known if Path(place).is_file()), None)


def print_pdf(page: str | Path, target: str | Path) -> Path:
    """Print an HTML file as PDF, in the page size and margins of its own print rules.

    Parameters
    ----------
    page : path
        An HTML file.
    target : path
        Where the PDF goes; it appears there whole or not at all.

    Raises
    ------
    InputError
        If no browser is installed, or the browser could not print the page.
    """
    browser, page, target = find_browser(), Path(page).resolve(), Path(target).expanduser().resolve()
    if browser is None:
        raise InputError("A PDF is printed by Chromium, Chrome or Edge, and none was found. Install one, or name it in "
                         f"the variable {BROWSER}; HTML needs none.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nqpkit-", ignore_cleanup_errors=True) as place:
        draft = Path(place) / "page.pdf"
        command = [browser, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", f"--user-data-dir={Path(place) / 'profile'}",
                   "--no-pdf-header-footer", "--virtual-time-budget=20000", f"--print-to-pdf={draft}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # as root, Chromium starts only without it
        try:
            done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, encoding="utf-8",
                                  errors="replace", timeout=TIME_LIMIT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{browser} could not print {page.name}: {error}.") from None
        if done.returncode or not draft.is_file() or draft.read_bytes()[:5] != b"%PDF-":
            said = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise InputError(f"{browser} could not print {page.name}. It said: {said[:300]}")
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(draft, part)
        os.replace(part, target)
    return target
