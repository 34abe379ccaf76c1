"""Every picture on one sheet, on white and on dark, and each alone for the pages: `python -m tests.contact_sheet`."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from charts import CHARTS, NAMES
from tests.charts.pictures import EXAMPLES

IMAGES = Path(__file__).parents[1] / "docs" / "images"
GROUNDS = {"white": "#FFFFFF", "dark": "#1A1D21"}
WIDTH, GAP, COLUMNS = 560, 24, 4


def sheet(pictures: list[Image.Image], ground: str) -> Image.Image:
    """The pictures in columns of even height."""
    columns: list[list[Image.Image]] = [[] for _ in range(COLUMNS)]
    for each in pictures:
        small = each.resize((WIDTH, round(each.height * WIDTH / each.width)), Image.Resampling.LANCZOS)
        min(columns, key=_height).append(small)
    whole = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, max(map(_height, columns)) + GAP), ground)
    for place, column in enumerate(columns):
        top = GAP
        for each in column:
            whole.paste(each, (GAP + place * (WIDTH + GAP), top))
            top += each.height + GAP
    return whole


def _height(column: list[Image.Image]) -> int:
    return sum(each.height + GAP for each in column)


def main() -> None:
    (IMAGES / "charts").mkdir(parents=True, exist_ok=True)
    pictures = []
    for name in NAMES:
        png = CHARTS[name](next(iter(EXAMPLES[name].values()))())
        (IMAGES / "charts" / f"{name}.png").write_bytes(png)
        pictures.append(Image.open(io.BytesIO(png)).convert("RGB"))
    for name, ground in GROUNDS.items():
        whole = sheet(pictures, ground).quantize(200, Image.Quantize.FASTOCTREE)
        whole.save(IMAGES / f"charts-on-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
