"""Words around computed numbers: direction words with stated thresholds, lists, and text made safe for a page."""

import html
import re
from dataclasses import dataclass

STEADY = 0.02
SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
                 "twelve")


@dataclass(frozen=True)
class Prose:
    """A few sentences; shows itself as Markdown, ``str()`` gives the text."""

    text: str

    def __str__(self):
        return self.text

    def _repr_markdown_(self):
        return self.text

    def __repr__(self):
        return self.text


def verb(change: float) -> str:
    """Rose, fell, or hardly moved (a change below 0.02)."""
    return compare(change, "rose", "fell", "hardly moved,")


def compare(difference: float, more: str, less: str, same: str) -> str:
    """One of three words; a difference below 0.02 counts as none."""
    return same if abs(difference) < STEADY else more if difference > 0 else less


def counted(number: int) -> str:
    """A count in words up to twelve."""
    return SMALL_NUMBERS[number] if number < len(SMALL_NUMBERS) else str(number)


def number(value: float, form: str = ".2f") -> str:
    """A number in a format of Python's, with a real minus sign.

    >>> number(-0.2), number(0.0125, "+.3f")
    ('−0.20', '+0.013')
    """
    return f"{value:{form}}".replace("-", "−")


def signed(change: float) -> str:
    """A change with its sign and two decimals; 0.00 has none.

    >>> signed(0.034), signed(-0.001), signed(-0.2)
    ('+0.03', '0.00', '-0.20')
    """
    text = f"{change:+.2f}"
    return text[1:] if float(text) == 0 else text


def joined(items) -> str:
    """One, two and three."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def lowered(text: str) -> str:
    """The first letter small, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() or text[1:2] in "&-" else text[:1].lower() + text[1:]


def raised(text: str) -> str:
    """The first letter large."""
    return text[0].upper() + text[1:]


def ended(text: str) -> str:
    """With a full stop at its end."""
    return text if text.endswith((".", "?", "!")) else text + "."


def safe(text) -> str:
    """A study's text for a Markdown page: no HTML, no Markdown."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(str(text), quote=False))
