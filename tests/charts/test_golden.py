"""The pictures as they were looked at and found right; UPDATE_GOLDEN=1 draws them anew (then look at them)."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from charts import CHARTS
from tests.charts.pictures import EXAMPLES, GOLDEN

FOLDER = Path(__file__).parent / "golden"
TOLERANCE = 2.0  # mean difference per channel of 255; letters set by another FreeType differ by less than one


@pytest.mark.parametrize(("name", "example"), [(name, each) for name, some in GOLDEN.items() for each in some])
def test_picture(name: str, example: str) -> None:
    png = CHARTS[name](EXAMPLES[name][example]())
    file = FOLDER / f"{name}-{example}.png"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(png)
    drawn, golden = (
        np.asarray(Image.open(io.BytesIO(each)).convert("RGB"), float) for each in (png, file.read_bytes())
    )
    assert drawn.shape == golden.shape
    assert np.abs(drawn - golden).mean() < TOLERANCE
    # A line or a word that moved is a small mean but a large difference in its own corner.
    tall, wide = (size // 50 * 50 for size in drawn.shape[:2])
    blocks = np.abs(drawn - golden)[:tall, :wide].reshape(tall // 50, 50, wide // 50, 50, 3).mean(axis=(1, 3, 4))
    assert blocks.max() < 12


def test_no_golden_is_left_over() -> None:
    known = {f"{name}-{example}.png" for name, some in GOLDEN.items() for example in some}
    assert {file.name for file in FOLDER.glob("*.png")} == known
