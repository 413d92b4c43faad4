"""What the analyses ask of their input, and what they say when a package is missing."""

import builtins

import pytest

from nqpkit.analysis import checks
from nqpkit.errors import InputError


def test_a_missing_extra_is_a_sentence():
    with pytest.raises(InputError, match=r'package no_such_package.*pip install "nqpkit\[analysis\]"'):
        checks.extra("no_such_package.part")
    assert checks.extra("builtins") is builtins
