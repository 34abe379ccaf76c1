"""The colours: readable on the card, and told apart by people who see colours differently."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from charts import style

# Machado, Oliveira & Fernandes 2009, full severity, on linear RGB.
SEEN = {
    "all colours": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    x, y, z = (TO_XYZ @ np.clip(rgb, 0, 1)) / [0.9505, 1.0, 1.089]
    x, y, z = (np.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", SEEN)
def test_series_are_told_apart(seen: str) -> None:
    colours = [lab(np.array(SEEN[seen]) @ linear(colour)) for colour in style.SERIES]
    assert min(np.linalg.norm(a - b) for a, b in combinations(colours, 2)) > 20


@pytest.mark.parametrize("colour", [*style.SERIES, style.INK, style.MUTED])
def test_text_in_it_is_readable_on_the_card(colour: str) -> None:
    light, dark = ((TO_XYZ @ linear(each))[1] + 0.05 for each in (style.CARD, colour))
    assert light / dark >= 4.5


def test_series_also_differ_in_dashes_and_markers() -> None:
    assert len(set(style.SERIES)) == len(set(style.DASHES)) == len(set(style.SERIES_MARKERS)) == style.MOST_SERIES
