"""Files of aggregates or of single units: checked row by row before any of it is believed."""

from experiments.intake.layouts import Default
from experiments.intake.reading import read_aggregates
from experiments.intake.result import BadRow, BadRows, Crossed, ImportReport, Intake

__all__ = ["BadRow", "BadRows", "Crossed", "Default", "ImportReport", "Intake", "read_aggregates"]
