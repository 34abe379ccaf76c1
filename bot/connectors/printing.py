"""Reports printed off the event loop, one at a time, as the `Publish` port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from experiments.ports import Draw
from experiments.report import File, Report


class Printing:
    """The `Publish` port: the pictures come from `draw`, the rest is set in a thread."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._one_at_a_time = asyncio.Semaphore(1)

    async def __call__(self, report: Report) -> tuple[File, ...]:
        from bot.reports.pdf.figures import shown_in  # fpdf and fonts load with the first report

        async with self._one_at_a_time:
            shown = await asyncio.to_thread(shown_in, report)
            drawn = {name: await self._draw(name, data) for name, data in shown.items()}
            return await asyncio.to_thread(_files, report, shown, drawn)


def _files(report: Report, shown: Mapping[str, Any], drawn: Mapping[str, bytes]) -> tuple[File, ...]:
    from bot.reports.dossier import as_csv, as_json
    from bot.reports.pdf.document import pdf
    from bot.reports.pdf.figures import Figure
    from charts import describe

    figures = {name: Figure(drawn[name], describe(name, data)) for name, data in shown.items()}
    key = report.experiment.key
    return (
        File(f"{key}-report.pdf", pdf(report, figures), "application/pdf"),
        File(f"{key}-report.json", as_json(report), "application/json"),
        File(f"{key}-comparisons.csv", as_csv(report), "text/csv"),
    )
