"""Reports as files, made off the event loop."""

from __future__ import annotations

from experiments.errors import Unavailable
from experiments.report import File, Report


class Printing:
    """The `Publish` port."""

    async def __call__(self, report: Report) -> tuple[File, ...]:
        raise Unavailable("Reports cannot be made yet.", reason="no_press")
