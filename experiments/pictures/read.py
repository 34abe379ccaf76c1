"""What pictures of one readout have in common: what they rest on, up to when its data reach, and its parts by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from experiments.design import Method
from experiments.model import Experiment
from experiments.pictures.basis import Basis
from experiments.readout import Comparison, Readout, Severity

METHODS = {Method.FIXED.words: "fixed-horizon", Method.WELCH.words: "Welch"}
MOST_COUNTED = 10**9
TOO_EARLY = "minimum_run_time"


def basis_of(readout: Readout) -> Basis:
    """Title and footer of a picture of this readout."""
    total = sum(readout.units.values())
    return Basis(
        title=readout.title,
        as_of=readout.as_of,
        facts=(
            f"readout {readout.number:,}",
            day_of(readout),
            f"n = {total:,}" if total < MOST_COUNTED else f"n = {total:.2e}",
            method_of(readout),
            f"α {readout.alpha:g}",
            f"design {readout.design_hash[:8]}",
        ),
    )


def day_of(readout: Readout) -> str:
    """“day 6 of 14”, “day 0.5 of 14”, past its planned end “day 20 (14 planned)”."""
    day = f"day {math.floor(readout.day * 10 + 1e-6) / 10:,g}"
    planned = f"{readout.planned_days:,}"
    return f"{day} of {planned}" if readout.day < readout.planned_days + 1 else f"{day} ({planned} planned)"


def method_of(readout: Readout) -> str:
    """The name of the method before “p” or “intervals”: “always-valid”, “fixed-horizon”."""
    return METHODS.get(readout.method, readout.method)


def clock_of(experiment: Experiment) -> datetime | None:
    """When the days of its readouts began to count: at the start, or with the newest change of weights."""
    if experiment.started_at is None:
        return None
    since = experiment.phase.day if experiment.phase else 0.0
    return experiment.started_at + timedelta(days=since)


def planned_end(experiment: Experiment) -> datetime | None:
    """When its days of now have been as many as planned; None where it was not started here."""
    clock = clock_of(experiment)
    return clock and clock + timedelta(days=experiment.design.planned_days)


def narrowed(readout: Readout, metric: str, treatment: str = "") -> Readout:
    """The readout with the comparisons of one metric, in one treatment or all, without trails and segments."""
    kept = tuple(
        each for each in readout.comparisons if each.metric == metric and treatment in ("", each.treatment.variant)
    )
    return readout.model_copy(update={"comparisons": kept, "trails": (), "segments": ()})


def warnings_of(readout: Readout) -> tuple[str, ...]:
    """Findings that do not block the lift but must be seen beside it."""
    return tuple(each.words for each in readout.findings if each.severity is Severity.WARNING)


def compared_in(readout: Readout, metric: str, treatments: Sequence[str]) -> tuple[Comparison, ...]:
    """The comparisons of one metric, in the order of these treatments."""
    found = {each.treatment.variant: each for each in readout.comparisons if each.metric == metric}
    return tuple(found[key] for key in treatments if key in found)


def refusal_of(readout: Readout) -> tuple[str, str] | None:
    """Why no effect may be shown at all, as a headline and in words."""
    if readout.blocked:
        return "⚠ No lift is shown", readout.blocked.words
    if early := why_early(readout):
        return "Too early to read", early
    return None if sum(readout.units.values()) else ("No data yet", readout.verdict.sentence)


def why_early(readout: Readout) -> str:
    """Why nothing may be said about significance yet; empty when it may."""
    return next((each.words for each in readout.findings if each.code == TOO_EARLY), "")
