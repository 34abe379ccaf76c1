"""The `Publish` port: three files, made beside the event loop, with the pictures that have something to show."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

from bot.connectors.pictures import Pictures
from bot.connectors.printing import Printing
from experiments.model import Status
from experiments.report import Publish
from tests.bot.reports import samples
from tests.bot.reports.pdf.sheets import opened
from tests.charts import readings


class Drawn:
    """Draws, and remembers what."""

    def __init__(self) -> None:
        self.charts: list[str] = []

    async def __call__(self, chart: str, data: Any) -> bytes:
        self.charts.append(chart)
        return await Pictures()(chart, data)


async def test_three_files_with_their_names_and_kinds() -> None:
    publish: Publish = Printing(Pictures())
    files = await publish(samples.at(Status.RUNNING, readings.cuped))
    assert [(file.name, file.kind) for file in files] == [
        ("checkout-button-report.pdf", "application/pdf"),
        ("checkout-button-report.json", "application/json"),
        ("checkout-button-comparisons.csv", "text/csv"),
    ]
    assert sum(len(page.images) for page in opened(files[0].content).pages) == 2


async def test_only_pictures_with_something_to_show_are_drawn() -> None:
    draw = Drawn()
    publish = Printing(draw)
    for report in (samples.blank(), samples.blocked()):
        await publish(report)
    assert draw.charts == ["comparison"]


async def test_the_loop_goes_on_while_it_prints() -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(turn())
    await Printing(Pictures())(samples.blank())
    other.cancel()
    assert turns > 10


def test_nothing_heavy_loads_before_the_first_report() -> None:
    command = "import sys, bot.connectors.printing; print({'fpdf', 'fontTools', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()"
