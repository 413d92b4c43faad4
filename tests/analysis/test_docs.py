"""The examples in the docstrings run, and the heavy packages stay optional."""

import builtins
import doctest
import importlib

import pytest

from nqpkit.analysis import checks
from nqpkit.errors import InputError

MODULES = ["inequality", "convergence", "neighbours", "space", "transitions", "panel"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(f"nqpkit.analysis.{name}")
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_a_missing_extra_is_a_sentence():
    with pytest.raises(InputError, match=r'package no_such_package.*pip install "nqpkit\[analysis\]"'):
        checks.extra("no_such_package.part")
    assert checks.extra("builtins") is builtins
