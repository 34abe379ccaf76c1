"""Reports to print: one as a team would have it at the end, others at each stage, and one full of nasty words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta

from experiments.audit import FIRST, AuditRecord
from experiments.design import Action, Design, Limit, Metric, Variant
from experiments.model import Approval, Experiment, Note, NoteKind, NoteState, Status
from experiments.readout import Readout, Segments, VerdictStatus
from experiments.report import Report
from experiments.running import Phase, Prediction, Rollout
from tests.charts import readings, samples
from tests.handlers.surfaces import situations
from tests.handlers.surfaces.situations import ADA, BO, CHEN, NOW

NAMES = {ADA: "Ada Lovelace", BO: "Bo Jensen", CHEN: "Chen Wei"}
SENTENCES = (
    "created the draft",
    "wrote down a prediction, which is private until the start",
    "asked for a review",
    "asked for changes: What happens to the error rate? It is the reason why we rolled the last one back, so please "
    "watch it and say which limit you would accept before anything starts.",
    "edited the design, which voids the request for review",
    "approved the design (4f1c22aa)",
    "started it (control 50 %, bigger-button 50 %; planned for 14 days)",
    *(f"imported {240 + 12 * day:,} aggregates from checkout-{day:02d}.csv up to day {day}" for day in range(120)),
    "noted (observation): Traffic was low on Sunday.",
    "decided to ship: Conversion rose and nothing else moved.",
)  # fmt: skip
NASTY = (
    "<!channel> <@U1> `code` **bold** {nb} =cmd() $x$ :smile: \\ (unmatched ⟨ \u202eeert\u202c \u200b\ufeff 中文字 "
    "👩\u200d💻 ⚠️ ﷽ \ue000 \U000e0041 tab\there "
)


def records(sentences: tuple[str, ...] = SENTENCES) -> tuple[AuditRecord, ...]:
    """A chain of records that say this."""
    made, previous = [], FIRST
    for place, sentence in enumerate(sentences):
        record = situations.record(place, sentence).model_copy(
            update={"at": NOW - timedelta(hours=len(sentences) - place), "actor": (ADA, BO, CHEN)[place % 3]}
        )
        made.append(record.sealed(137 + place * 3, previous))
        previous = made[-1].hash
    return tuple(made)


def a_report(experiment: Experiment, readout: Readout | None = None, **parts: object) -> Report:
    made = {"notes": (), "records": (), "made_at": NOW, "version": "1.2.3", "names": NAMES, **parts}
    return Report(experiment, readout, **made)  # type: ignore[arg-type]


def predictions() -> tuple[Prediction, ...]:
    return (
        Prediction(by=ADA, at=NOW - timedelta(days=8), probability=0.71, effect=0.083, reason="They look for it."),
        Prediction(by=CHEN, at=NOW - timedelta(days=7), probability=0.23, reason="We tried it in 2022."),
    )  # fmt: skip


def design_of(readout: Readout) -> Design:
    """A design that this readout could be of."""
    metrics = {
        each.metric: Metric(
            key=each.metric, role=each.role, kind=each.kind, direction=each.direction, unit=each.unit, limit=each.limit
        )
        for each in readout.comparisons
    }
    variants = tuple(
        Variant(key=name, weight=weight, is_control=name == "control") for name, weight in readout.weights.items()
    )
    return situations.design(metrics=tuple(metrics.values()), variants=variants, planned_units=20_000)


@functools.cache
def whole() -> Report:
    """Decided and rolled out, with everything a report can have."""
    readout = readings.guarded()
    planned = design_of(readout)
    planned = planned.model_copy(
        update={
            "metrics": tuple(
                metric.model_copy(update={"action": action})
                for metric, action in zip(planned.metrics, Action, strict=True)
            ),
            "variants": (
                planned.variants[0].model_copy(update={"description": "The button as it has been"}),
                planned.variants[1].model_copy(update={"config": {"button": {"height": 48}, "colour": "grün"}}),
            ),
        }
    )
    made = situations.experiment(Status.DECIDED, design=planned)
    assert made.review is not None
    assert made.decision is not None
    approval = Approval(
        design_hash=planned.hash, by=BO, at=NOW, comment="Watch refunds.", ticked=("Events are logged",)
    )
    experiment = made.evolve(
        predictions=predictions(),
        phases=(
            Phase(number=1, started_at=NOW, weights={"control": 9_000, "bigger-button": 1_000}, exposure=2_000),
            Phase(number=2, started_at=NOW, day=2, weights={"control": 5_000, "bigger-button": 5_000}),
        ),
        review=made.review.model_copy(update={"approvals": (approval,)}),
        decision=made.decision.model_copy(update={"advice": VerdictStatus.REVIEW, "source": "https://slack/thread"}),
        status=Status.ROLLING_OUT,
        rollout=Rollout(
            variant="bigger-button", stages=(1_000, 5_000, 9_500), stage=1, holdback=500, by=ADA, at=NOW, stage_at=NOW,
            confirmed_by=CHEN,
        ),
    )  # fmt: skip
    segments = readings.by_country().segments
    notes = (
        situations.note(30),
        situations.note(20, "Refunds moved on one day only: a batch booked late by finance.\n\nNothing else."),
        Note(kind=NoteKind.LEARNING, text="Width matters more than height.", by=CHEN, at=NOW, source="https://note"),
        Note(kind=NoteKind.INCIDENT, text="Corrected words.", by=BO, at=NOW, state=NoteState.EDITED),
        Note(kind=NoteKind.OBSERVATION, text="(forgotten)", by=BO, at=NOW, state=NoteState.DELETED),
    )  # fmt: skip
    readout = readout.model_copy(update={"segments": segments})
    return a_report(experiment, readout, notes=notes, records=records())


def at(status: Status, make: Callable[[], Readout] = readings.families) -> Report:
    """The report at a stage of life."""
    readout = make()
    return a_report(situations.experiment(status, design=design_of(readout), title=readout.title), readout)


def blank() -> Report:
    """An empty draft."""
    return a_report(situations.experiment(Status.DRAFT, design=Design(), source={}, tags=()))


def blocked() -> Report:
    """Data of which no lift may be shown."""

    return a_report(situations.experiment(Status.RUNNING), samples.broken())


@functools.cache
def nasty() -> Report:
    """The longest and nastiest words in every place that takes words."""
    readout = readings.guarded().model_copy(update={"title": situations.bait(120)})
    limit = Limit(harm=0.02)
    crowd = tuple(
        each.model_copy(update={"metric": f"{'metric-' * 7}{place}", "unit": situations.bait(60), "limit": limit})
        for place in range(30)
        for each in readout.comparisons
    )
    level = Segments(
        dimension=NASTY[:60],
        metric=crowd[0].metric,
        treatment="t" * 60,
        levels={NASTY * 2: crowd[0], "x" * 300: crowd[1]},
    )  # fmt: skip
    texts = (
        (NASTY * 30)[:3000],
        "x" * 3000,
        "中" * 3000,
        situations.bait(3000),
        "مرحبا بالعالم، " * 100,
        "שלום\nAda: שלום a\u0301\u0323",
    )
    notes = tuple(Note(kind=NoteKind.INCIDENT, text=text, by="<!here>", at=NOW) for text in texts)
    names = {ADA: situations.bait(80), BO: "\u202e" * 40}
    return a_report(
        situations.hostile(Status.DECIDED),
        readout.model_copy(update={"comparisons": crowd, "segments": (level,)}),
        notes=notes,
        records=records(tuple(f"noted: {text}" for text in texts)),
        names=names,
    )
