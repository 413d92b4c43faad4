"""Luminance and contrast of colours, and what a colour becomes on a dark page.

Luminance and contrast are those of the Web Content Accessibility Guidelines 2.1; hue is the one of Oklab (Ottosson,
“A perceptual color space for image processing”, 2020).
"""

import numpy as np

DARK_GROUND = 0x12 / 255  # the red, green and blue of a dark page: --pst-color-background of the theme
FLARE = 0.05  # what a screen reflects, in the contrast ratio of WCAG
STEPS = 24  # of halving an interval: finer than a step of eight bits
TO_CONE = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                    [0.0883024619, 0.2817188376, 0.6299787005]])
TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                   [0.0259040371, 0.7827717662, -0.8086757660]])
SHARE = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue in the luminance


def luminance(colours) -> np.ndarray:
    """Relative luminance of colours, from 0 (black) to 1 (white).

    Parameters
    ----------
    colours : array of n × 3, or of 3
        Red, green and blue in sRGB, from 0 to 1.

    Examples
    --------
    >>> luminance([[0, 0, 0], [1, 1, 1]]).round(6).tolist()
    [0.0, 1.0]
    """
    return _linear(np.asarray(colours, float)) @ SHARE


def contrast(one, other) -> np.ndarray:
    """Contrast ratio of two colours, from 1 (alike) to 21 (black and white). Text wants 4.5, a mark 3.

    >>> round(float(contrast((1, 1, 1), (0, 0, 0))), 6)
    21.0
    """
    light = np.stack(np.broadcast_arrays(luminance(one), luminance(other)))
    return (light.max(axis=0) + FLARE) / (light.min(axis=0) + FLARE)


def in_the_dark(colours) -> np.ndarray:
    """What colours of a white page become on a dark one: the same hue, and the same contrast with each other.

    White becomes the ground of the dark page and black becomes white. In between, the luminance :math:`Y` of a colour
    becomes

    .. math:: Y' = \\frac{1.05\\,(Y_0 + 0.05)}{Y + 0.05} - 0.05,

    where :math:`Y_0` is that of the dark ground. So the contrast ratio of any two colours stays what it was, save
    among colours so dark that they all become white; what can be read on white can be read in the dark. Hue and chroma
    stay, in Oklab, as far as the screen has the colour.

    Parameters
    ----------
    colours : array of n × 3, or of 3
        Red, green and blue in sRGB, from 0 to 1.

    Examples
    --------
    >>> (255 * in_the_dark([[1, 1, 1], [0, 0, 0]])).round().astype(int).tolist()
    [[18, 18, 18], [255, 255, 255]]
    """
    given = np.asarray(colours, float)
    flat = given.reshape(-1, 3)
    ground = luminance([DARK_GROUND] * 3)
    wanted = np.minimum((1 + FLARE) * (ground + FLARE) / (luminance(flat) + FLARE) - FLARE, 1)
    hue = (np.cbrt(_linear(flat) @ TO_CONE.T) @ TO_LAB.T)[:, 1:]
    shown = _of_luminance(wanted, hue)
    without = np.flatnonzero(~_shows(shown))
    shown[without] = _with_less_chroma(wanted[without], hue[without])
    return _coded(np.clip(shown, 0, 1)).reshape(given.shape)


def hexed(colour) -> str:
    """A colour as CSS writes it.

    >>> hexed((1, 0.5, 0))
    '#ff8000'
    """
    return "#" + "".join(f"{round(float(part) * 255):02x}" for part in colour[:3])


def parsed(colour: str) -> tuple[float, float, float]:
    """Red, green and blue, from 0 to 1, of a colour as CSS writes it.

    >>> parsed("#ff0000")
    (1.0, 0.0, 0.0)
    """
    return tuple(int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5))


def _with_less_chroma(wanted, hue) -> np.ndarray:
    """Colours that a screen cannot show, with as much of their chroma as it can."""
    low, high = np.zeros(len(wanted)), np.ones(len(wanted))
    for _ in range(STEPS // 2):
        share = (low + high) / 2
        inside = _shows(_of_luminance(wanted, hue * share[:, None]))
        low, high = np.where(inside, share, low), np.where(inside, high, share)
    return _of_luminance(wanted, hue * low[:, None])


def _shows(linear: np.ndarray) -> np.ndarray:
    """Whether a screen can show a colour, to half a step of eight bits."""
    return ((linear > -1e-4) & (linear < 1.001)).all(axis=1)


def _of_luminance(wanted, hue) -> np.ndarray:
    """Linear red, green and blue of the colours with this luminance and these a and b of Oklab."""
    low, high = np.zeros(len(wanted)), np.full(len(wanted), 1.1)
    for _ in range(STEPS):
        light = (low + high) / 2
        brighter = _from_lab(light, hue) @ SHARE > wanted
        low, high = np.where(brighter, low, light), np.where(brighter, light, high)
    return _from_lab((low + high) / 2, hue)


def _from_lab(light, hue) -> np.ndarray:
    return (np.column_stack([light, hue]) @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_CONE).T


def _linear(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.04045, colours / 12.92, ((np.maximum(colours, 0) + 0.055) / 1.055) ** 2.4)


def _coded(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.0031308, colours * 12.92, 1.055 * np.maximum(colours, 0) ** (1 / 2.4) - 0.055)
