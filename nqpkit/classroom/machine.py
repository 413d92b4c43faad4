"""What a machine lacks to run the kit, in plain words, before a class finds out.

Run it with ``python -m nqpkit.classroom.machine``, or open ``notebooks/check-machine.ipynb``. Only the standard library
is imported until the packages have been found, so that a bare Python, or one that is too old, gets an answer instead of
a traceback.
"""

from __future__ import annotations  # an old Python must be able to read this file, to be told that it is too old

import locale
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from nqpkit.kit_files import kit_root

GOOD, LOOK, LACKS = "good", "look", "missing"
MARKS = {GOOD: "good     正常", LOOK: "look     留意", LACKS: "MISSING  缺少"}
CHINESE = {"Python": "解释器", "One Python": "同一个解释器", "Packages": "软件包", "Folder": "文件夹", "Path": "路径",
           "UTF-8": "编码", "Chinese fonts": "中文字体", "Memory": "内存", "Disk": "磁盘", "Proxy": "代理",
           "Kernel": "内核", "Evaluation": "评价结果"}
OLDEST = (3, 11)
LITTLE_MEMORY, LITTLE_DISK = 1_000_000_000, 1_000_000_000
LONG_PATH = 180  # of the 260 characters that old Windows programs can open
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?:\s*;\s*(.+))?$")
CHINESE_FONTS = re.compile(
    r"noto(sans|serif)?.?(cjk|sc|hans)|sourcehan|msyh|simsun|simhei|dengxian|deng\.|wqy|wenquanyi|pingfang|hiragino.*gb"
    r"|stheiti|stsong|songti|heiti|ukai|uming|fandol|droidsansfallback", re.IGNORECASE)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts",
                "/System/Library/Fonts", "/System/Library/AssetsV2", "/Library/Fonts", "~/Library/Fonts",
                "C:/Windows/Fonts", "~/AppData/Local/Microsoft/Windows/Fonts")
FIRST = ("pandas", "numpy", "matplotlib", "jupyterlab", "ipykernel")  # named before all others if they are missing
UNTRIED = "The evaluation was not tried, because packages are missing."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What was looked at, one of `CHINESE`.
    state : str
        ``good``, ``look`` (it works, or works elsewhere; read it) or ``missing``.
    words : str
        What was found.
    remedy : str
        What to do; empty if nothing.
    """

    name: str
    state: str
    words: str
    remedy: str = ""

    @property
    def name_zh(self) -> str:
        """What was looked at, in Chinese."""
        return CHINESE[self.name]


def look(folder: str | Path = ".") -> list[Finding]:
    """Look at everything that the kit needs, from the interpreter to the first rank.

    Parameters
    ----------
    folder : path
        The folder that the class works in.

    Returns
    -------
    list of Finding
        In the order in which faults should be mended. What needs the packages is tried only if they are there.
    """
    folder = Path(folder).resolve()
    packages = _safely("Packages", lambda: packages_found(lock_lines()))
    findings = [
        _safely("Python", python_found), _safely("One Python", lambda: right_python(folder)), packages,
        _safely("Folder", lambda: folder_found(folder)), _safely("Path", lambda: path_found(folder)),
        _safely("UTF-8", encoding_found), _safely("Chinese fonts", fonts_found), _safely("Memory", memory_found),
        _safely("Disk", lambda: disk_found(folder)), _safely("Proxy", lambda: proxy_found(os.environ))]
    if packages.state == LACKS:
        return [*findings, Finding("Evaluation", LACKS, UNTRIED, "Install the packages, then run this check again.")]
    return [*findings, _safely("Kernel", kernel_found), _safely("Evaluation", evaluation_found)]


def told(findings: Iterable[Finding]) -> str:
    """The findings as text, one line each with its remedy below, and a last line that sums up.

    Examples
    --------
    >>> print(told([Finding("Disk", "missing", "0.1 GB are free.", "Make room.")]))
    MISSING  缺少  Disk 磁盘: 0.1 GB are free.
                   What to do 处理: Make room.
    <BLANKLINE>
    1 thing is missing. 有 1 项缺少。
    """
    findings = list(findings)
    lines = []
    for found in findings:
        lines.append(f"{MARKS[found.state]}  {found.name} {found.name_zh}: {found.words}")
        if found.remedy:
            lines.append(f"               What to do 处理: {found.remedy}")
    lacking = sum(found.state == LACKS for found in findings)
    verdict = ("This machine is ready. 可以上课。" if not lacking else
               f"{lacking} thing is missing. 有 1 项缺少。" if lacking == 1 else
               f"{lacking} things are missing. 有 {lacking} 项缺少。")
    return "\n".join([*lines, "", verdict])


def show(folder: str | Path = ".") -> bool:
    """Print what was found, and say whether the machine is ready."""
    findings = look(folder)
    print(told(findings))
    return all(found.state != LACKS for found in findings)


def python_found(release: tuple = sys.version_info, wide: bool = sys.maxsize > 2**32) -> Finding:
    """Whether this Python is new enough and has 64 bits.

    Examples
    --------
    >>> python_found((3, 9, 1)).state
    'missing'
    """
    named = ".".join(str(part) for part in release[:3])
    oldest = ".".join(str(part) for part in OLDEST)
    if tuple(release[:2]) < OLDEST:
        return Finding("Python", LACKS, f"This is Python {named}; the kit needs {oldest} or later.",
                       f"Install Python {oldest} or later from python.org and make the environment again with it.")
    if not wide:
        return Finding("Python", LACKS, f"This is Python {named} with 32 bits; the packages need 64.",
                       "Install the 64-bit Python and make the environment again with it.")
    return Finding("Python", GOOD, f"{named}, {sys.executable}")


def right_python(folder: Path, prefix: str | Path = sys.prefix) -> Finding:
    """Whether the Python that runs is the one of the environment that lies in the folder or above it."""
    for place in (folder, *folder.parents):
        own = place / ".venv"
        if (own / "pyvenv.cfg").is_file():
            if own.resolve() == Path(prefix).resolve():
                return Finding("One Python", GOOD, f"the environment {own}")
            return Finding("One Python", LACKS,
                           f"The environment of this folder is {own}, but this is another Python: {prefix}.",
                           "In JupyterLab choose Kernel, Change Kernel; in a terminal start the one in .venv "
                           "by its path.")
    return Finding("One Python", GOOD, f"no environment lies in or above {folder}; this one is {prefix}")


def lock_lines(lock: str | Path | None = None) -> list[str]:
    """The lines of the file that pins every package; none if it cannot be found."""
    path = Path(lock) if lock else kit_root() / "requirements.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def pinned(lines: Iterable[str]) -> dict[str, str]:
    """Package → pinned version, for this Python and this system.

    Examples
    --------
    >>> pinned(["# a remark", "numpy==2.4.6", "colorama==0.4.6 ; python_full_version < '3.0'"])
    {'numpy': '2.4.6'}
    """
    found = (PIN.match(line.strip()) for line in lines)
    return {pin[1].lower(): pin[2] for pin in found if pin and (not pin[3] or _holds(pin[3]))}


def packages_found(lines: Iterable[str], installed: Callable[[str], str] = version) -> Finding:
    """Whether what the kit needs is installed, in the versions of the lock.

    Parameters
    ----------
    lines : iterable of str
        Of the lock.
    installed : callable
        Name of a package → its version; raises PackageNotFoundError.
    """
    pins, absent, others = pinned(lines), [], []
    for name, wanted in pins.items():
        try:
            have = installed(name)
        except PackageNotFoundError:
            absent.append(name)
        else:
            if have != wanted:
                others.append(f"{name} {have} instead of {wanted}")
    needed = _needed()
    lacking = sorted(needed & set(absent) if needed else absent, key=lambda name: (name not in FIRST, name))
    install = ("In the kit's folder: python -m pip install -r requirements.txt (without a network: see the page "
               "'Without a network').")
    if lacking or not pins:
        words = (f"not installed: {_some(lacking)}." if pins else
                 "The kit's list of packages, requirements.txt, was not found.")
        return Finding("Packages", LACKS, words, install)
    if others or absent:
        words = "; ".join(part for part in [
            f"other versions: {_some(others)}" if others else "",
            f"not installed, and needed for some analyses only: {_some(sorted(absent))}" if absent else ""] if part)
        return Finding("Packages", LOOK, f"{len(pins)} looked at; {words}.",
                       f"Numbers may differ in the last digits. {install}")
    return Finding("Packages", GOOD, f"{len(pins)} packages, as in requirements.txt")


def folder_found(folder: Path) -> Finding:
    """Whether files with Chinese names and text can be written in the folder and read back."""
    text = "新质生产力"
    try:
        with tempfile.TemporaryDirectory(prefix="nqp-检查-", dir=folder) as place:
            path = Path(place) / "省.txt"
            path.write_text(text, encoding="utf-8")
            same = path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeError) as error:
        return Finding("Folder", LACKS, f"Nothing can be written in {folder}: {error}.",
                       "Move the folder to a place of your own, such as Documents, and unpack archives before you "
                       "open them.")
    if not same:
        return Finding("Folder", LACKS, f"A file written in {folder} reads differently.",
                       "Use another disk or folder.")
    return Finding("Folder", GOOD, f"{folder} can be written")


def path_found(folder: Path) -> Finding:
    """Whether the folder's own name is likely to make trouble."""
    text = str(folder)
    odd = [words for words, there in [
        ("spaces", " " in text), ("characters that are not ASCII", not text.isascii()),
        (f"{len(text)} characters", len(text) > LONG_PATH),
        ("a folder that OneDrive copies to a server", "onedrive" in text.lower())] if there]
    if odd:
        return Finding("Path", LOOK, f"The path has {' and '.join(odd)}: {text}.",
                       "The kit itself can live with it. If a command fails, move the folder to a short plain path "
                       "such as C:\\nqp or ~/nqp and make the environment again there.")
    return Finding("Path", GOOD, "short and plain")


def encoding_found(files: str = "", preferred: str = "") -> Finding:
    """Whether file names and text are taken for UTF-8."""
    files, preferred = files or sys.getfilesystemencoding(), preferred or locale.getpreferredencoding(False)
    if _plain(files) != "utf8":
        return Finding("UTF-8", LACKS, f"File names are taken for {files}.",
                       "Set the variable PYTHONUTF8 to 1 and start again.")
    if _plain(preferred) != "utf8":
        return Finding("UTF-8", LOOK, f"Text without a stated encoding is taken for {preferred}.",
                       "The kit states UTF-8 everywhere. For scripts of your own, set the variable PYTHONUTF8 to 1.")
    return Finding("UTF-8", GOOD, "file names and text")


def fonts_found(folders: Iterable[str | Path] = FONT_FOLDERS, ask: str | None = "fc-list") -> Finding:
    """Whether a font with Chinese characters is installed, for browsers and for figures of one's own."""
    program = shutil.which(ask) if ask else None
    if program:
        said = subprocess.run([program, ":lang=zh", "family"], capture_output=True, text=True, encoding="utf-8",
                              errors="replace", timeout=30, check=False).stdout.splitlines()
        if said:
            return Finding("Chinese fonts", GOOD, sorted(said)[0].split(",")[0])
    for folder in folders:
        for path in Path(folder).expanduser().rglob("*.[tToO][tT][fFcC]"):
            if CHINESE_FONTS.search(path.name):
                return Finding("Chinese fonts", GOOD, path.name)
    return Finding("Chinese fonts", LOOK, "No font with Chinese characters was found.",
                   "Chinese terms may show as empty boxes. Install Noto Sans CJK SC (Debian, Ubuntu: fonts-noto-cjk). "
                   "Figures are in English and need none.")


def memory_found(free: int | None = None) -> Finding:
    """Whether enough memory is free for a kernel, JupyterLab and a browser."""
    free = _free_memory() if free is None else free
    if free is None:
        return Finding("Memory", LOOK, "How much memory is free could not be found out.")
    words = f"{free / 1e9:.1f} GB are free"
    if free < LITTLE_MEMORY:
        return Finding("Memory", LACKS, f"{words}; {LITTLE_MEMORY / 1e9:.0f} GB should be.",
                       "Close other programs and browser tabs, and shut down kernels that are not used.")
    return Finding("Memory", GOOD, words)


def disk_found(folder: Path, free: int | None = None) -> Finding:
    """Whether the disk has room."""
    free = shutil.disk_usage(folder).free if free is None else free
    words = f"{free / 1e9:.1f} GB are free"
    if free < LITTLE_DISK:
        return Finding("Disk", LACKS, f"{words}; {LITTLE_DISK / 1e9:.0f} GB should be.",
                       "Empty the bin and the downloads, or work on another disk.")
    return Finding("Disk", GOOD, words)


def proxy_found(variables: Mapping[str, str]) -> Finding:
    """Whether a proxy stands between the browser and the kernel on the same machine."""
    given = {name.lower(): value for name, value in variables.items() if value}
    proxy = given.get("http_proxy") or given.get("all_proxy")
    spared = given.get("no_proxy", "")
    if proxy and not {"localhost", "127.0.0.1", "*"} & {part.strip() for part in spared.split(",")}:
        return Finding("Proxy", LOOK, "A proxy is set, also for this machine itself.",
                       "If JupyterLab opens but kernels do not connect, set NO_PROXY to localhost,127.0.0.1 and "
                       "start again.")
    return Finding("Proxy", GOOD, "none in the way")


def kernel_found(start: Callable | None = None) -> Finding:
    """Whether a notebook's kernel starts, answers, and is the Python that asks."""
    answer = (start or _ask_kernel)()
    if Path(answer).resolve() != Path(sys.executable).resolve():
        return Finding("Kernel", LACKS, f"Notebooks would run in another Python: {answer}.",
                       "Start JupyterLab from this environment: its path is the one of this Python, with jupyter-lab.")
    return Finding("Kernel", GOOD, "starts and answers")


def evaluation_found(first: Callable[[], tuple[str, int]] | None = None, expected: str = "beijing") -> Finding:
    """Whether the built-in study gives the first rank that it must."""
    slug, year = (first or _first)()
    if slug != expected:
        return Finding("Evaluation", LACKS, f"Rank 1 in {year} came out as {slug}; it must be {expected}.",
                       "The study's tables were changed, or the package was. Unpack the kit again.")
    return Finding("Evaluation", GOOD, f"rank 1 of {year} is {slug}, as it must be")


def main() -> int:
    """The command: print what was found; 0 if nothing is missing, 1 otherwise."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return 0 if show() else 1


def _safely(name: str, check: Callable[[], Finding]) -> Finding:
    """A finding in any case: what cannot be looked at is said to be missing."""
    try:
        return check()
    except Exception as error:
        return Finding(name, LACKS, f"It failed: {type(error).__name__}: {error}".split("\n")[0],
                       "Show this line to whoever teaches the class.")


def _holds(marker: str) -> bool:
    """Whether a condition of the lock holds here: Python's version and the system, joined by and, or."""
    facts = {"sys_platform": sys.platform, "os_name": os.name, "implementation_name": sys.implementation.name}

    def one(text: str) -> bool:
        found = re.fullmatch(r"\(?\s*(\w+)\s*(==|!=|<=|>=|<|>)\s*'([^']*)'\s*\)?", text.strip())
        if not found:
            return True
        name, sign, value = found.groups()
        if name in ("python_full_version", "python_version"):
            parts = tuple(int(part) for part in re.findall(r"\d+", value))
            here = sys.version_info[:len(parts)]
            return {"==": here == parts, "!=": here != parts, "<": here < parts, ">=": here >= parts,
                    ">": here > parts, "<=": here <= parts}[sign]
        return (facts.get(name) == value) is (sign == "==")

    return any(all(one(part) for part in re.split(r"\s+and\s+", side)) for side in re.split(r"\s+or\s+", marker))


def _needed() -> set[str]:
    """The packages that the kit names itself, without those of its extras; nothing if the kit is not installed."""
    try:
        lines = requires("nqpkit") or []
    except PackageNotFoundError:
        return set()
    return {re.match(r"[\w.-]+", line)[0].lower() for line in lines if "extra ==" not in line}


def _free_memory() -> int | None:
    if find_spec("psutil"):
        import psutil

        return psutil.virtual_memory().available
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _ask_kernel() -> str:
    """The interpreter that a fresh kernel runs in."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
    try:
        reply = client.execute("import sys", user_expressions={"where": "sys.executable"}, reply=True, timeout=60)
        text = reply["content"]["user_expressions"]["where"]["data"]["text/plain"]
        return text.strip("'\"").replace("\\\\", "\\")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _first() -> tuple[str, int]:
    """Slug of the region with the first coordination rank in the built-in study's last year, and the year."""
    from nqpkit import Study, evaluate

    result = evaluate(Study.load())
    table = result.table(result.year())
    return table.loc[table["rank_coordination"].idxmin(), "slug"], result.year()


def _plain(encoding: str) -> str:
    return encoding.lower().replace("-", "").replace("_", "")


def _some(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


if __name__ == "__main__":
    sys.exit(main())
