"""When a report may be reused: only if everything that it was made from is unchanged.

A report is made from five things: the template, its parameters, the package's source, the study's files and the
environment (the lock file and the installed versions). Each gives a hash; together they are the report's key, which
is stored in the report and shown on its page in plain words. Nothing here asks the clock.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nqpkit.kit_files import PACKAGE, kit_root
from nqpkit.tables import extended_study

BUILT_IN = PACKAGE / "data" / "western_china"
# The distributions whose version can change what a report shows.
SHAPING = ("altair", "ipykernel", "ipython", "jupyter_client", "matplotlib", "matplotlib-inline", "nbclient",
           "nbformat", "numpy", "pandas", "papermill", "pyyaml", "scipy", "seaborn")
PARTS = {"template": "the template", "parameters": "the parameters", "package": "the package",
         "study": "the study", "lock": "the environment"}


def shared_key(study: str | Path | None = None) -> dict[str, str]:
    """The hashes that all reports of a run share: package, study (nothing for the built-in one) and lock."""
    return {"package": package_hash(), "study": study_hash(study), "lock": lock_hash()}


def report_key(template: str | Path, parameters: Mapping, shared: Mapping[str, str]) -> dict[str, str]:
    """The hashes of everything that a report is made from, and the key over all of them.

    Parameters
    ----------
    template : path
        The notebook.
    parameters : mapping
        Name → value. The folder of the study is left out: its content counts, wherever it lies.
    shared : mapping
        From `shared_key`.

    Returns
    -------
    dict
        key, template, parameters, package, study, lock: the first twelve hexadecimal digits of SHA-256.
    """
    chosen = {name: value for name, value in sorted(parameters.items()) if name != "study"}
    parts = {"template": _hash(Path(template).read_bytes()),
             "parameters": _hash(json.dumps(chosen, sort_keys=True, ensure_ascii=False).encode()), **shared}
    return {"key": _hash(json.dumps(parts, sort_keys=True).encode()), **parts}


def why_stale(report: Mapping | None, key: Mapping[str, str]) -> str | None:
    """In plain words why a report must be made again, or None if it is fresh.

    Parameters
    ----------
    report : mapping or None
        The JSON of the report, None if there is none.
    key : mapping
        What `report_key` says now.

    Examples
    --------
    >>> why_stale(None, {})
    'it has not been made yet'
    """
    if report is None:
        return "it has not been made yet"
    stamp = report.get("metadata", {}).get("nqpkit")
    if not isinstance(stamp, dict):
        return "it carries no stamp"
    changed = [words for part, words in PARTS.items() if stamp.get(part) != key[part]]
    if changed:
        return f"{' and '.join([', '.join(changed[:-1]), changed[-1]] if changed[1:] else changed)} changed"
    if stamp.get("content") != content_hash(report):
        return "the report was edited after it was made"
    return None


def content_hash(report: Mapping) -> str:
    """Hash of a report's cells and metadata without the hash itself, so that an edited report is found out."""
    metadata = dict(report["metadata"])
    metadata["nqpkit"] = {name: value for name, value in metadata.get("nqpkit", {}).items() if name != "content"}
    return _hash(json.dumps({**report, "metadata": metadata}, sort_keys=True).encode())


def stamp_sentence(key: Mapping[str, str]) -> str:
    """The stamp that a page shows.

    Examples
    --------
    >>> stamp_sentence(dict.fromkeys(["template", "parameters", "package", "study", "lock"], "0a1b"))[:40]
    'Made from template `0a1b`, parameters `0'
    """
    return (f"Made from template `{key['template']}`, parameters `{key['parameters']}`, package `{key['package']}`, "
            f"study `{key['study']}` and environment `{key['lock']}`. The page is made again when one of them changes.")


def book_key(study: str | Path | None = None) -> str:
    """The hash under which executed chapters of the book may be kept: study, package and environment."""
    return _hash(" ".join(shared_key(study).values()).encode())


def workshops_hash() -> str:
    """Hash of the workshops' sources, from which pages and downloads of the book are made."""
    folder = kit_root() / "notebooks" / "workshops"
    return _hash_files(folder, folder.glob("*.md"))


def package_hash() -> str:
    """Hash of the package's own files: its source and what lies beside it, without studies and the wheel's book."""
    apart = (PACKAGE / "kit", PACKAGE / "data")
    files = (path for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts
             and not any(path.is_relative_to(folder) for folder in apart))
    return _hash_files(PACKAGE, files)


def study_hash(study: str | Path | None = None) -> str:
    """Hash of a study's files (.csv and .yml, nothing else that lies beside them), and of a study that it extends."""
    folder = Path(study) if study else BUILT_IN
    own = _hash_files(folder, (path for path in folder.iterdir() if path.suffix in {".csv", ".yml"}))
    base = extended_study(folder)
    return _hash(f"{own} {study_hash(base)}".encode()) if base else own


def lock_hash() -> str:
    """Hash of the environment: requirements.txt, Python, and the installed versions that shape a report."""
    lock = kit_root() / "requirements.txt"
    lines = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    for name in SHAPING:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} absent")
    return _hash("\n".join(lines).encode() + (lock.read_bytes() if lock.is_file() else b""))


def _hash_files(root: Path, files) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
