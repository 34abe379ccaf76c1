"""Every change that can be made to an experiment, by name."""

from experiments.commands.alarm import RaiseAlarm
from experiments.commands.archive import ArchiveExperiment
from experiments.commands.base import NEXT_STEPS, Command
from experiments.commands.clone import CloneExperiment
from experiments.commands.create import CreateExperiment
from experiments.commands.decide import LogDecision
from experiments.commands.delete import DeleteDraft
from experiments.commands.edit import EditExperiment
from experiments.commands.guardrails import AgreeToLoosening, ChangeGuardrails
from experiments.commands.import_aggregates import ImportAggregates
from experiments.commands.note import AddNote, DeleteNote, EditNote
from experiments.commands.pause import PauseExperiment, ResumeExperiment
from experiments.commands.predict import Predict
from experiments.commands.promote import AdvanceRollout, ConfirmPromotion, PromoteVariant
from experiments.commands.record_measurements import RecordMeasurements
from experiments.commands.record_reading import RecordReading
from experiments.commands.review import ApproveReview, CancelReview, ExpireReview, RequestChanges, RequestReview
from experiments.commands.roll_back import RollBack
from experiments.commands.rollout import PauseRollout, ResumeRollout
from experiments.commands.schedule import ScheduleStart, SuspendSchedule, Unschedule
from experiments.commands.start import StartExperiment
from experiments.commands.stop import StopExperiment
from experiments.commands.testers import SetTesters
from experiments.commands.traffic import ConfigureTraffic

COMMANDS: dict[str, type[Command]] = {
    command.__name__: command
    for command in (
        CreateExperiment,
        CloneExperiment,
        EditExperiment,
        DeleteDraft,
        Predict,
        RequestReview,
        ApproveReview,
        RequestChanges,
        CancelReview,
        ExpireReview,
        ScheduleStart,
        Unschedule,
        SuspendSchedule,
        StartExperiment,
        PauseExperiment,
        ResumeExperiment,
        ConfigureTraffic,
        SetTesters,
        RaiseAlarm,
        ChangeGuardrails,
        AgreeToLoosening,
        StopExperiment,
        ImportAggregates,
        RecordMeasurements,
        RecordReading,
        AddNote,
        EditNote,
        DeleteNote,
        LogDecision,
        PromoteVariant,
        ConfirmPromotion,
        AdvanceRollout,
        PauseRollout,
        ResumeRollout,
        RollBack,
        ArchiveExperiment,
    )
}

__all__ = [
    "COMMANDS",
    "NEXT_STEPS",
    "AddNote",
    "AdvanceRollout",
    "AgreeToLoosening",
    "ApproveReview",
    "ArchiveExperiment",
    "CancelReview",
    "ChangeGuardrails",
    "CloneExperiment",
    "Command",
    "ConfigureTraffic",
    "ConfirmPromotion",
    "CreateExperiment",
    "DeleteDraft",
    "DeleteNote",
    "EditExperiment",
    "EditNote",
    "ExpireReview",
    "ImportAggregates",
    "LogDecision",
    "PauseExperiment",
    "PauseRollout",
    "Predict",
    "PromoteVariant",
    "RaiseAlarm",
    "RecordMeasurements",
    "RecordReading",
    "RequestChanges",
    "RequestReview",
    "ResumeExperiment",
    "ResumeRollout",
    "RollBack",
    "ScheduleStart",
    "SetTesters",
    "StartExperiment",
    "StopExperiment",
    "SuspendSchedule",
    "Unschedule",
]
