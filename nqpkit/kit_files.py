"""Where the notebooks and the book's sources are: in the checkout, or inside the installed package."""

from __future__ import annotations  # read by the check of a machine, also under a Python that is too old for the rest

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def kit_root() -> Path:
    """The folder that holds ``notebooks/``, ``book/``, ``_config.yml`` and ``_toc.yml``.

    An installed wheel carries them in ``nqpkit/kit``; a checkout has them beside the package.
    """
    installed = PACKAGE / "kit"
    return installed if installed.is_dir() else PACKAGE.parent


def checkout_root(folder: str | Path | None = None) -> Path | None:
    """The checkout that the package runs from, if ``folder`` (default: the current one) lies inside it, else None."""
    root = PACKAGE.parent
    if (PACKAGE / "kit").is_dir() or not (root / "pyproject.toml").is_file():
        return None
    return root if Path(folder or ".").resolve().is_relative_to(root) else None
