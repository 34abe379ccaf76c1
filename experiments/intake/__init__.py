"""Files of aggregates: what a person or a system measured, checked row by row before any of it is believed."""

from experiments.intake.reading import read_aggregates
from experiments.intake.result import BadRow, BadRows, ImportReport, Intake

__all__ = ["BadRow", "BadRows", "ImportReport", "Intake", "read_aggregates"]
