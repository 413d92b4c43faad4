"""The exercises that the kit checks, one module a chapter. A new one is an `Item` in its chapter's ``ITEMS``."""

import pkgutil
from importlib import import_module

from nqpkit.classroom.checking import Item
from nqpkit.errors import InputError


def merged(*tables: dict[str, Item]) -> dict[str, Item]:
    """All exercises by id, in order of their numbers; InputError if an id stands twice or is not its item's.

    >>> list(merged({"E10.1": Item("E10.1", 1, "")}, {"E2.1": Item("E2.1", 1, "")}))
    ['E2.1', 'E10.1']
    """
    found = {}
    for name, item in (pair for table in tables for pair in table.items()):
        if name in found or item.id != name:
            raise InputError(f"The exercise {name} stands twice, or its item is called '{item.id}'.")
        found[name] = item
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0])))


def _order(name):
    chapter, _, number = name[1:].partition(".")
    return (name[0], int(chapter) if chapter.isdigit() else 99, int(number) if number.isdigit() else 0, name)


ITEMS = merged(*(getattr(import_module(f"{__name__}.{found.name}"), "ITEMS", {})
                 for found in pkgutil.iter_modules(__path__)))
