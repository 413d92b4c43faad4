"""Everything a class needs on a USB stick: the book, the wheels, scripts that install them, the notebooks.

pip downloads the wheels of the locked requirements for the systems and Pythons that are asked for, and builds those
that are published as source only. Nothing of it is needed again once the stick is made: the scripts install from the
stick alone.
"""

import base64
import csv
import hashlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from nqpkit.check_report import STYLE
from nqpkit.errors import InputError
from nqpkit.kit_files import PACKAGE, kit_root

KIT, FIRST, SUMS = "kit.json", "READ-ME-FIRST.html", "SHA256SUMS.txt"
PATCHES = (0, 99)  # of a Python: a lock may want another version from some patch release on
FOLDER = "nqpkit"  # of the environment, in the user's home
MANYLINUX = tuple(f"manylinux_2_{minor}_x86_64" for minor in range(31, 16, -1))
VERSION = re.compile(r"3\.(1[1-9]|[2-9]\d)")
NO_WHEEL = re.compile(r"No matching distribution found for ([A-Za-z0-9][\w.\-]*)")
LINKS = "a { color: #0b5394 } @media (prefers-color-scheme: dark) { a { color: #8ab8ff } }"


class KitError(Exception):
    """The kit could not be made; the message says why, in plain words."""


@dataclass(frozen=True)
class System:
    """A kind of computer: its tags as pip wants them, and what markers of requirements ask about it."""

    label: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]


SYSTEMS = {
    "windows": System("Windows, 64 bit", ("win_amd64",),
                      {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
                       "platform_machine": "AMD64"}),
    "macos": System("macOS on Apple silicon", ("macosx_14_0_arm64",),
                    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix",
                     "platform_machine": "arm64"}),
    "macos-intel": System("macOS on Intel", ("macosx_14_0_x86_64",),
                          {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix",
                           "platform_machine": "x86_64"}),
    "linux": System("Linux, 64 bit", (*MANYLINUX, "manylinux2014_x86_64", "linux_x86_64"),
                    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
                     "platform_machine": "x86_64"}),
}
DEFAULT_SYSTEMS = ("windows", "macos", "linux")


def make_kit(out: str | Path, systems: Sequence[str] = (), pythons: Sequence[str] = (), site: str | Path | None = None,
             requirements: str | Path | None = None, archive: bool = False,
             echo: Callable[[str], None] = lambda line: None) -> Path:
    """Make the folder for a USB stick.

    Parameters
    ----------
    out : path
        A new or empty folder, or one that holds an earlier kit, which is replaced when the new one is complete.
    systems : sequence of str
        Out of `SYSTEMS`; Windows, macOS and Linux by default.
    pythons : sequence of str
        Versions such as ``3.12``; that of this Python by default.
    site : path, optional
        A site that ``nqp book`` has built; it is built or brought up to date by default.
    requirements : path, optional
        The kit's own lock by default.
    archive : bool
        Also a ZIP file beside the folder.
    echo : callable
        Is told what is being done.

    Raises
    ------
    KitError
        If a wheel cannot be had.
    InputError
        For an unknown system or version, or a folder that holds something else.
    """
    out = Path(out).expanduser().resolve()
    systems, pythons = _asked(systems, pythons)
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / KIT).is_file())):
        raise InputError(f"'{out}' holds something that is no kit. Name another folder with --out, or empty it.")
    lock = Path(requirements).expanduser() if requirements else kit_root() / "requirements.txt"
    if not lock.is_file():
        raise InputError(f"There is no file '{lock}'.")
    draft = out.with_name(f".{out.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "wheels").mkdir(parents=True)
    try:
        lines = lock.read_text(encoding="utf-8")
        for name in systems:
            for python in pythons:
                echo(f"Wheels for {SYSTEMS[name].label}, Python {python} …")
                first, last = (wanted(lines, SYSTEMS[name], f"{python}.{patch}") for patch in PATCHES)
                download_wheels(first, SYSTEMS[name], python, draft / "wheels")
                download_wheels([line for line in last if line not in first], SYSTEMS[name], python, draft / "wheels")
        own_wheel(draft / "wheels")
        (draft / "requirements.txt").write_text(lines, encoding="utf-8", newline="\n")
        echo("The book …")
        shutil.copytree(_site(site, echo), draft / "book")
        _notebooks(draft / "notebooks")
        _scripts(draft, pythons)
        (draft / FIRST).write_text(first_page(systems, pythons), encoding="utf-8", newline="\n")
        (draft / KIT).write_text(json.dumps({"systems": systems, "pythons": pythons}) + "\n", encoding="utf-8")
        _sums(draft)
        if out.exists():
            shutil.rmtree(out)
        draft.rename(out)
    except OSError as error:
        raise KitError(f"The kit could not be written: {error.strerror or error} ({error.filename}).") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if archive:
        echo(f"Archive: {zip_kit(out)}")
    return out


def wanted(lines: str, system: System, full: str) -> list[str]:
    """The requirements that hold on a system and a Python such as 3.12.4, without their markers.

    pip reads markers as of the machine that it runs on, whatever platform it is asked to download for.

    Examples
    --------
    >>> lines = "colorama==0.4.6 ; sys_platform == 'win32'\\nclick==8.1  # a comment"
    >>> wanted(lines, SYSTEMS["windows"], "3.12.0"), wanted(lines, SYSTEMS["linux"], "3.12.0")
    (['colorama==0.4.6', 'click==8.1'], ['click==8.1'])
    """
    from packaging.requirements import InvalidRequirement, Requirement

    about = {**system.markers, "python_version": full.rpartition(".")[0], "python_full_version": full,
             "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
    found = []
    for number, line in enumerate(lines.splitlines(), 1):
        text = re.sub(r"(^|\s)#.*$", "", line).strip()
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            raise InputError(f"Line {number} of the requirements, '{text}', cannot be read.") from None
        if requirement.marker is None or requirement.marker.evaluate(about):
            requirement.marker = None
            found.append(str(requirement))
    return found


def download_wheels(requirements: Sequence[str], system: System, python: str, folder: Path) -> None:
    """Put the wheels of requirements into a folder; those that are published as source only are built here."""
    waiting = list(requirements)
    target = ["--implementation", "cp", "--python-version", python, "--abi", f"cp{python.replace('.', '')}", "--abi",
              "abi3", "--abi", "none"]
    for tag in system.tags:
        target += ["--platform", tag]
    while waiting:
        code, said = _pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *target, *waiting)
        if code == 0:
            return
        missing = NO_WHEEL.search(said)
        name = missing and missing[1].casefold()
        source = [line for line in waiting if re.split(r"[\s=<>!~\[;]", line)[0].casefold() == name]
        if not source:
            raise KitError(f"pip could not download the wheels for {system.label}, Python {python}. It said:\n"
                           + _last_words(said))
        _build(source[0], system, python, folder)
        waiting.remove(source[0])


def own_wheel(folder: Path) -> Path:
    """The package's own wheel: built in a checkout, else put together from what is installed."""
    root = PACKAGE.parent
    if (root / "pyproject.toml").is_file() and not (PACKAGE / "kit").is_dir():
        code, said = _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(root))
        if code:
            raise KitError("The package's own wheel could not be built; install the extra first: pip install hatchling "
                           f"editables. pip said:\n{_last_words(said)}")
        return next(folder.glob("nqpkit-*.whl"))
    return repack(folder)


def repack(folder: Path, name: str = "nqpkit") -> Path:
    """An installed pure package as a wheel again."""
    about = distribution(name)
    target = folder / f"{name}-{about.version}-py3-none-any.whl"
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        inside = ""
        for file in about.files or ():
            path = file.as_posix()
            if ".." in file.parts or "__pycache__" in file.parts or file.name in {"INSTALLER", "REQUESTED",
                                                                                  "direct_url.json"}:
                continue
            if file.name == "RECORD":
                inside = path
                continue
            content = Path(about.locate_file(file)).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.writerow([path, f"sha256={digest}", len(content)])
            wheel.writestr(path, content)
        if not inside:
            raise KitError(f"{name} is installed in a way that cannot be put into a wheel. Install it with pip.")
        lines.writerow([inside, "", ""])
        wheel.writestr(inside, record.getvalue())
    return target


def first_page(systems: Sequence[str], pythons: Sequence[str]) -> str:
    """The page to open first: what is here, and three steps for each system."""
    versions = " or ".join(pythons)
    listed = ", ".join(html.escape(SYSTEMS[name].label) for name in systems)
    steps = {"windows": ("Windows", "install-windows.bat", "start-windows.bat",
                         "If Windows warns of an unknown publisher: More info, Run anyway."),
             "macos": ("macOS", "install-macos.command", "start-macos.command",
                       "The first time: right click, Open, Open. A double click is refused."),
             "linux": ("Linux", "install-linux.sh", "start-linux.sh",
                       "In a terminal: <code>bash install-linux.sh</code>, later <code>bash start-linux.sh</code>.")}
    rows = "".join(f'<tr><th scope="row">{name}</th><td><code>{install}</code></td><td><code>{start}</code></td>'
                   f"<td>{note}</td></tr>" for system, (name, install, start, note) in steps.items()
                   if any(each.startswith(system) for each in systems))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>nqpkit without a network</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}{LINKS}</style></head>
<body><main>
<h1>nqpkit without a network</h1>
<p><a href="book/index.html">Read the book</a>: it opens in any browser, no installation needed.</p>
<p lang="zh">直接打开 <a href="book/index.html">book/index.html</a> 即可阅读，无需安装。
要运行笔记本：先装 Python {html.escape(versions)}，再运行本机系统的 install 文件，之后用 start 文件启动。</p>
<h2>To run the notebooks</h2>
<p>This stick has what is needed for {listed}, with Python {html.escape(versions)}. Python itself is not on it: install
it from python.org beforehand, or copy its installer onto the stick.</p>
<ol><li>Once: run the file in the column <em>once</em>. It makes a folder <code>{FOLDER}</code> in your home, installs
from this stick and copies the notebooks there. It needs some minutes and 2 GB.</li>
<li>Then: run the file in the column <em>to work</em>. JupyterLab opens in the browser. Begin with the notebook
<code>check-machine</code>: it tells what is missing.</li></ol>
<div class="scroll"><table><caption>Which file on which system</caption>
<thead><tr><th scope="col">system</th><th scope="col">once</th><th scope="col">to work</th>
<th scope="col">mind</th></tr></thead><tbody>{rows}</tbody></table></div>
<p><code>{SUMS}</code> holds a sum for every file, to find out whether a copy of the stick is complete.</p>
</main></body></html>
"""


def zip_kit(folder: Path) -> Path:
    """The kit as one archive beside its folder; scripts stay executable, wheels are not packed twice."""
    target = folder.with_name(f"{folder.name}.zip")
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", allowZip64=True) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in {".whl", ".png"} else zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if path.suffix in {".sh", ".command"} else 0o644) << 16
            with archive.open(entry, "w", force_zip64=True) as file, path.open("rb") as content:
                shutil.copyfileobj(content, file)
    part.replace(target)
    return target


def _asked(systems, pythons):
    systems = list(dict.fromkeys(systems)) or list(DEFAULT_SYSTEMS)
    pythons = list(dict.fromkeys(pythons)) or [f"{sys.version_info.major}.{sys.version_info.minor}"]
    for name in systems:
        if name not in SYSTEMS:
            raise InputError(f"There is no system '{name}'. Known: {', '.join(SYSTEMS)}.")
    for python in pythons:
        if not VERSION.fullmatch(python):
            raise InputError(f"'{python}' is no Python that the kit runs on: write 3.11 or later, such as 3.12.")
    return systems, pythons


def _build(requirement: str, system: System, python: str, folder: Path) -> None:
    """A wheel from source; only one that runs everywhere may go onto the stick."""
    drafts = folder / "built"
    drafts.mkdir(exist_ok=True)
    try:
        code, said = _pip("wheel", "--no-deps", "--wheel-dir", str(drafts), requirement)
        made = list(drafts.glob("*.whl"))
        if code or not made or not all(path.name.endswith("-none-any.whl") for path in made):
            raise KitError(f"There is no wheel of {requirement} for {system.label}, Python {python}, and none that "
                           f"runs there could be built. Ask for another --python or --system.\n{_last_words(said)}")
        for path in made:
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(drafts, ignore_errors=True)


def _pip(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
                          env=os.environ | {"PYTHONUTF8": "1"})
    return done.returncode, done.stdout + done.stderr


def _last_words(said: str) -> str:
    return "\n".join(f"  {line}" for line in [line for line in said.splitlines() if line.strip()][-6:])


def _site(site, echo) -> Path:
    if site:
        site = Path(site).expanduser().resolve()
        if not (site / "index.html").is_file():
            raise InputError(f"'{site}' holds no site: there is no index.html. `nqp book` builds one.")
        return site
    from nqpkit.book.site import BuildError, build_book

    try:
        return Path(build_book(echo=echo)).resolve().parent
    except BuildError as error:
        raise KitError(str(error)) from None


def _notebooks(folder: Path) -> None:
    """The kit's notebooks, and the students' copies of the workshops."""
    from nqpkit.classroom.workshops import make_workshop, sources, write_workshop

    folder.mkdir()
    for path in sorted((kit_root() / "notebooks").glob("*.ipynb")):
        shutil.copy(path, folder)
    for name in sources():
        write_workshop(make_workshop(name), folder / f"{name}.ipynb")


def _scripts(folder: Path, pythons: Sequence[str]) -> None:
    newest = sorted(pythons, key=lambda version: int(version.split(".")[1]), reverse=True)
    for name, text in {"install-windows.bat": _windows_install(newest), "start-windows.bat": WINDOWS_START}.items():
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("ascii"))
    for name, text in {"install-linux.sh": _posix_install(newest), "install-macos.command": _posix_install(newest),
                       "start-linux.sh": POSIX_START, "start-macos.command": POSIX_START}.items():
        (folder / name).write_bytes(text.encode("ascii"))
        (folder / name).chmod(0o755)


def _windows_install(pythons: Sequence[str]) -> str:
    return f"""@echo off
rem Installs nqpkit from this folder; no network is needed.
setlocal
cd /d "%~dp0"
set "PLACE=%USERPROFILE%\\{FOLDER}"
set "FOUND="
for %%v in ({' '.join(pythons)}) do if not defined FOUND py -%%v -c "" >nul 2>nul && set "FOUND=%%v"
if not defined FOUND goto nopython
echo Installing into %PLACE% with Python %FOUND%. This takes some minutes.
py -%FOUND% -m venv "%PLACE%\\env" || goto failed
"%PLACE%\\env\\Scripts\\python" -m pip install --no-index --find-links wheels -r requirements.txt || goto failed
"%PLACE%\\env\\Scripts\\python" -m pip install --no-index --find-links wheels --no-deps nqpkit || goto failed
if not exist "%PLACE%\\notebooks" mkdir "%PLACE%\\notebooks"
for %%f in (notebooks\\*) do if not exist "%PLACE%\\notebooks\\%%~nxf" copy "%%f" "%PLACE%\\notebooks" >nul
echo Done. Run start-windows.bat to work.
pause
exit /b 0
:nopython
echo Python {' or '.join(pythons)} is not installed. Install it from python.org, then run this file again.
pause
exit /b 1
:failed
echo The installation stopped; the lines above say why.
pause
exit /b 1
"""


WINDOWS_START = f"""@echo off
set "PLACE=%USERPROFILE%\\{FOLDER}"
if not exist "%PLACE%\\env" (echo Run install-windows.bat first. & pause & exit /b 1)
cd /d "%PLACE%\\notebooks"
"%PLACE%\\env\\Scripts\\python" -m jupyterlab
"""

POSIX_START = f"""#!/bin/sh
place="$HOME/{FOLDER}"
[ -d "$place/env" ] || {{ echo "Run the install file first."; exit 1; }}
cd "$place/notebooks" && exec "$place/env/bin/python" -m jupyterlab
"""


def _posix_install(pythons: Sequence[str]) -> str:
    return f"""#!/bin/sh
# Installs nqpkit from this folder; no network is needed.
cd "$(dirname "$0")" || exit 1
place="$HOME/{FOLDER}"
found=""
for version in {' '.join(pythons)}; do
    for python in "python$version" python3 python; do
        [ -n "$found" ] && break
        "$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null && found="$python"
    done
done
if [ -z "$found" ]; then
    echo "Python {' or '.join(pythons)} is not installed. Install it from python.org, then run this file again."
    exit 1
fi
echo "Installing into $place. This takes some minutes."
set -e
"$found" -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --no-index --find-links wheels -r requirements.txt
"$place/env/bin/python" -m pip install --quiet --no-index --find-links wheels --no-deps nqpkit
mkdir -p "$place/notebooks"
for file in notebooks/*; do
    [ -e "$place/notebooks/$(basename "$file")" ] || cp "$file" "$place/notebooks/"
done
echo "Done. Run the start file to work."
"""


def _sums(folder: Path) -> None:
    """A sum for every file, in the form that ``sha256sum --check`` reads."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
