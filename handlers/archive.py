"""Archive: confirmation → ArchiveExperiment → card."""

from __future__ import annotations

from experiments.commands import ArchiveExperiment
from handlers.opening import Confirmation, showing
from handlers.surfaces.archive_modal import archive_modal

archive = Confirmation("archive", showing(archive_modal), ArchiveExperiment)
