"""What several test modules share: published cases, the built-in study, its evaluation."""

import json
from pathlib import Path

import pytest

from nqpkit import Study, evaluate

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def case():
    """A published or peer-computed case by its name."""
    known = {}
    for file in CASES.glob("*.json"):
        known |= json.loads(file.read_text(encoding="utf-8"))
    return known.__getitem__


@pytest.fixture(scope="session")
def study():
    return Study.load()


@pytest.fixture(scope="session")
def result(study):
    return evaluate(study)
