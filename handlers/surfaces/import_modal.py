"""Import: a file of aggregates and how strictly to take it."""

from __future__ import annotations

from typing import Any

from handlers.surfaces import kit
from handlers.surfaces.fields import files_field, ticks_field
from handlers.surfaces.kit import View


def import_modal(about: dict[str, Any]) -> View:
    """A file and two choices."""
    return kit.modal(
        "import",
        "Import data",
        kit.section(
            "CSV or Parquet with aggregates over time: experiment, variant, metric, time, n, mean, variance. "
            "One bad row, and nothing of the file is kept; you are told which rows and why."
        ),
        files_field("files", "File", ("csv", "tsv", "txt", "parquet")),
        ticks_field(
            "choices",
            "Choices",
            (
                ("skip_bad_rows", "Leave bad rows out", "Keeps the rest and says what was left out."),
                ("create", "Create experiments that are not here yet", "As ended ones, known only by their data."),
            ),
        ),
        submit="Import",
        about=about,
    )
