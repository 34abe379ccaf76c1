"""The pictures as they were looked at and found right; UPDATE_GOLDEN=1 draws them anew (then look at them)."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from charts import CHARTS
from tests.charts import readings, samples

FOLDER = Path(__file__).parent / "golden"
TOLERANCE = 2.0  # mean difference per channel of 255; letters set by another FreeType differ by less than one


@pytest.mark.parametrize(
    ("name", "sample"),
    [("comparison", "readout"), ("comparison", "several"), ("comparison", "broken"), ("comparison", "hostile"),
     ("significance", "readout"), ("significance", "several"), ("significance", "extreme"),
     ("significance", "crowded"), ("comparison", "guarded"), ("comparison", "families"), ("comparison", "monitoring"),
     ("comparison", "cuped"), ("significance", "fixed"), ("significance", "families")],
)  # fmt: skip
def test_picture(name: str, sample: str) -> None:
    png = CHARTS[name](readings.ALL[sample]() if sample in readings.ALL else getattr(samples, sample)())
    file = FOLDER / f"{name}-{sample}.png"
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
