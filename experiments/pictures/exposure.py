"""The share of everybody who sees a treatment, from the start over pauses and phases to the last stage of a rollout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from experiments.audit import AuditRecord
from experiments.design import FULL_WEIGHT
from experiments.model import Experiment, Status
from experiments.pictures.read import planned_end
from experiments.running import Rollout
from experiments.texts import Frozen

ROLLED = (Status.ROLLING_OUT, Status.ROLLED_OUT)


class Level(Frozen):
    """From this moment on so many see a treatment, in hundredths of a percent."""

    at: datetime
    share: int


def exposure_of(experiment: Experiment, records: Sequence[AuditRecord]) -> tuple[Level, ...]:
    """Every change of the share by the log, oldest first; empty before the start."""
    levels: list[Level] = []
    for at, share in _shares(experiment, records):
        if not levels or levels[-1].share != share:
            levels.append(Level(at=at, share=share))
    return tuple(levels)


def projected(experiment: Experiment, now: datetime) -> tuple[Level, ...]:
    """What is to come unless somebody or a guardrail decides otherwise, beginning with the present share; empty where
    nothing is planned."""
    rollout, booking, phase = experiment.rollout, experiment.booking, experiment.phase
    days = timedelta(days=experiment.design.planned_days)
    if experiment.status is Status.ROLLING_OUT and rollout:
        return _stages(rollout, now)
    if experiment.status is Status.SCHEDULED and booking:
        first = _treated(experiment, experiment.design.first_weights, experiment.design.exposure)
        end = booking.stop_at or booking.start_at + days
        return Level(at=booking.start_at, share=first), Level(at=end, share=0)
    if experiment.status is Status.RUNNING and phase:
        stop = booking.stop_at if booking else None
        present = _treated(experiment, phase.weights, phase.exposure)
        end = min(filter(None, (stop, planned_end(experiment))))
        return (Level(at=now, share=present), Level(at=end, share=0)) if end > now else ()
    return ()


def _shares(experiment: Experiment, records: Sequence[AuditRecord]) -> Iterator[tuple[datetime, int]]:
    weights: Mapping[str, int] = {}
    exposure, stages = FULL_WEIGHT, (FULL_WEIGHT,)
    for record in records:
        told = record.payload
        match record.command:
            case "StartExperiment":
                weights, exposure = experiment.design.first_weights, experiment.design.exposure
                yield record.at, _treated(experiment, weights, exposure)
            case "ConfigureTraffic":
                weights, exposure = told.get("weights") or weights, told.get("exposure") or exposure
                if record.status_after is Status.RUNNING:
                    yield record.at, _treated(experiment, weights, exposure)
            case "ResumeExperiment":
                yield record.at, _treated(experiment, weights, exposure)
            case "PauseExperiment" | "StopExperiment" | "RollBack":
                yield record.at, 0
            case "PromoteVariant" | "ConfirmPromotion":
                if record.command == "PromoteVariant":
                    stages = tuple(told.get("stages", (FULL_WEIGHT,)))
                if record.status_after in ROLLED:
                    yield record.at, stages[0]
            case "AdvanceRollout":
                yield record.at, stages[min(told["stage"] + 1, len(stages) - 1)]


def _treated(experiment: Experiment, weights: Mapping[str, int], exposure: int) -> int:
    treated = sum(weight for key, weight in weights.items() if key != experiment.control.key)
    return treated * exposure // FULL_WEIGHT


def _stages(rollout: Rollout, now: datetime) -> tuple[Level, ...]:
    """The stages after the present one, each as soon as the one before has lasted its time."""
    if rollout.paused_at is not None:
        return ()
    hours = timedelta(hours=rollout.stage_hours)
    levels, at = [Level(at=now, share=rollout.share)], rollout.stage_at
    for share in rollout.stages[rollout.stage + 1 :]:
        at = max(at + hours, now)
        levels.append(Level(at=at, share=share))
    return tuple(levels) if levels[-1].at > now else ()
