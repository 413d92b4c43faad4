"""Names for folders that hold on Windows, macOS and Linux, whatever a student is called."""

import re
import unicodedata
from collections.abc import Iterable

RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$",
            *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³")}
FORBIDDEN = re.compile(r'[<>:"/\\|?*\s\x00-\x1f\x7f]+')
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # controls, direction marks, lone surrogates, private use
LONGEST, BYTES = 60, 180


def safe_name(text: str) -> str:
    """A text as the name of a folder: letters of every script stay, what a file system refuses becomes a hyphen.

    Examples
    --------
    >>> safe_name("李 华"), safe_name("a/b: c. "), safe_name("CON.x"), safe_name("..")
    ('李-华', 'a-b-c', '_CON.x', 'student')
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(character for character in text if unicodedata.category(character) not in INVISIBLE
                   or character in "\t\n\r")
    text = FORBIDDEN.sub("-", text)[:LONGEST]
    while len(text.encode()) > BYTES:
        text = text[:-1]
    text = re.sub(r"-{2,}", "-", text).strip("-. ")
    if not text:
        return "student"
    return f"_{text}" if text.split(".")[0].strip().casefold() in RESERVED else text


def own_names(texts: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """A safe name for each text, no two the same on a file system that ignores case; a number tells them apart.

    Examples
    --------
    >>> own_names(["7 Li", "7 LI", "7/li"])
    ['7-Li', '7-LI-2', '7-li-3']
    """
    used, names = {_folded(name) for name in taken}, []
    for text in texts:
        stem = name = safe_name(text)
        number = 2
        while _folded(name) in used:
            name, number = f"{stem}-{number}", number + 1
        used.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
