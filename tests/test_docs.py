"""The examples in the docstrings run, and the README shows what the kit computes."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import matplotlib.image as image
import numpy as np
import pytest

import nqpkit
from nqpkit import figures

ROOT = Path(__file__).parent.parent
MODULES = sorted(m.name for m in pkgutil.walk_packages(nqpkit.__path__, "nqpkit.") if m.name != "nqpkit.__main__")


@pytest.mark.parametrize("name", ["nqpkit", *MODULES])
def test_examples_in_docstrings(name):
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_are_documented(name):
    module = importlib.import_module(name)
    public = [value for key, value in vars(module).items()
              if not key.startswith("_") and callable(value) and getattr(value, "__module__", "") == name]
    assert not [value.__qualname__ for value in public if not (value.__doc__ or "").strip()]


def test_the_readme_shows_the_present_figure(result, tmp_path):
    """Pixels, not bytes: fonts are drawn a little differently on other systems."""
    figure = figures.tile_map(result, year=2023)
    (tmp_path / "now.png").write_bytes(figure.png())
    shown, now = image.imread(ROOT / "docs" / "coordination-2023.png"), image.imread(tmp_path / "now.png")
    assert shown.shape == now.shape
    assert np.abs(shown - now).mean() < 0.02
    alt = re.search(r"!\[([^\]]+)\]\(docs/coordination-2023\.png\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert alt[1] == figure.alt


def test_the_lock_is_plain_pins():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins and all(re.match(r"^[A-Za-z0-9_.\[\]-]+==[^\s;]+( ; .+)?$", line) for line in pins)
