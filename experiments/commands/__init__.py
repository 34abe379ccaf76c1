"""Every change that can be made to an experiment, by name."""

from experiments.commands.archive import ArchiveExperiment
from experiments.commands.base import NEXT_STEPS, Command
from experiments.commands.create import CreateExperiment
from experiments.commands.decide import LogDecision
from experiments.commands.edit import EditExperiment
from experiments.commands.import_aggregates import ImportAggregates
from experiments.commands.note import AddNote
from experiments.commands.review import ApproveReview, RequestChanges, RequestReview
from experiments.commands.start import StartExperiment
from experiments.commands.stop import StopExperiment

COMMANDS: dict[str, type[Command]] = {
    command.__name__: command
    for command in (
        CreateExperiment,
        EditExperiment,
        RequestReview,
        ApproveReview,
        RequestChanges,
        StartExperiment,
        StopExperiment,
        ImportAggregates,
        AddNote,
        LogDecision,
        ArchiveExperiment,
    )
}

__all__ = [
    "COMMANDS",
    "NEXT_STEPS",
    "AddNote",
    "ApproveReview",
    "ArchiveExperiment",
    "Command",
    "CreateExperiment",
    "EditExperiment",
    "ImportAggregates",
    "LogDecision",
    "RequestChanges",
    "RequestReview",
    "StartExperiment",
    "StopExperiment",
]
