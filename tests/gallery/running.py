"""While it runs and afterwards: cards, traffic, guardrails, promotion, rollback, alarms, and the variant level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from experiments.design import Action, Limit
from experiments.model import Experiment, Outcome, Status
from experiments.readout import Finding, Readout, Severity, Verdict, VerdictStatus
from experiments.running import Booking, Loosening, Phase, Prediction, Reading, Rollout, Significance, Withdrawal
from handlers.surfaces import variant
from handlers.surfaces.alarm import alarm, rolled_back, suspended
from handlers.surfaces.all_actions import all_actions
from handlers.surfaces.card import card
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.decision import decision
from handlers.surfaces.guardrails_modal import agree_modal, guardrails_modal
from handlers.surfaces.kit import Message, View
from handlers.surfaces.pause_modal import pause_modal, resume_modal
from handlers.surfaces.promote_modal import advance_modal, confirm_modal, promote_modal
from handlers.surfaces.requests import loosening_request, loosening_settled, promotion_request, promotion_settled
from handlers.surfaces.results import results
from handlers.surfaces.rollback_modal import rollback_modal
from handlers.surfaces.traffic_modal import traffic_modal
from tests.charts import readings, samples
from tests.handlers.surfaces.situations import ADA, BO, CHEN, NOW, actor, bait, experiment, hostile

STARTED = NOW - timedelta(days=6)


def phased(made: Experiment, number: int = 1, exposure: int = 10_000) -> Experiment:
    """The experiment with the traffic of its design, or moved once."""
    weights = {each.key: each.weight for each in made.design.variants}
    phases = [Phase(number=1, started_at=STARTED, weights=weights, exposure=exposure)]
    if number == 2:
        first, second, *rest = weights
        moved = {first: weights[first] + 1, second: weights[second] - 1, **{key: weights[key] for key in rest}}
        phases.append(Phase(number=2, started_at=NOW - timedelta(days=1), day=5.0, weights=moved, exposure=exposure))
    return made.evolve(phases=tuple(phases))


def read(made: Experiment, status: VerdictStatus = VerdictStatus.DAYS_LEFT, words: str = "") -> Experiment:
    """The experiment with its newest reading."""
    sentence = words or "bigger-button shows no clear difference in conversion. About 8 days left of 14."
    return made.evolve(
        reading=Reading(
            number=made.data_version, day=6.0, status=status, sentence=sentence,
            significance=Significance.NOT_SIGNIFICANT, at=NOW,
        )
    )  # fmt: skip


def promoted(made: Experiment, status: Status, stage: int = 0, holdback: int = 0) -> Experiment:
    """A rollout at one of its stages."""
    return made.evolve(status=status, rollout=rollout(made, stage, holdback))


def rollout(made: Experiment, stage: int = 0, holdback: int = 0, advice: VerdictStatus | None = None) -> Rollout:
    winner = made.design.treatments[0].key
    stages = (1_000, 2_500, 5_000, 10_000 - holdback)
    return Rollout(
        variant=winner, stages=stages, stage=stage, holdback=holdback, watched=(), by=ADA, at=NOW, stage_at=NOW,
        advice=advice,
    )  # fmt: skip


def asking(made: Experiment) -> Experiment:
    """Somebody wants to ship it against the rule's advice."""
    return made.evolve(promotion=rollout(made, advice=VerdictStatus.DAYS_LEFT))


def loosening(made: Experiment, comment: str = "The limit fires on noise.") -> Experiment:
    """Somebody wants its guardrails to be looser."""
    looser = tuple(
        each.model_copy(update={"limit": Limit(harm=0.05), "action": Action.WARN}) for each in made.design.guardrails
    )
    return made.evolve(loosening=Loosening(guardrails=looser, by=ADA, at=NOW, comment=comment))


def withdrawn(made: Experiment, comment: str = "Errors doubled.") -> Experiment:
    gone = Withdrawal(by=BO, at=NOW, comment=comment, share=5_000, since=NOW - timedelta(days=3, hours=4))
    return made.evolve(status=Status.ROLLED_BACK, decision=None, withdrawal=gone)


def predicted(made: Experiment) -> Experiment:
    told = (
        Prediction(by=ADA, at=NOW, probability=0.7, effect=0.03, reason=bait(300)),
        Prediction(by=CHEN, at=NOW, probability=0.2),
    )
    return made.evolve(predictions=told)


def booked(made: Experiment, status: Status = Status.SCHEDULED) -> Experiment:
    when = Booking(start_at=NOW + timedelta(days=2), stop_at=NOW + timedelta(days=16), by=ADA, at=NOW)
    return made.evolve(status=status, booking=when)


def messages() -> Iterator[tuple[str, Message]]:
    for name, make, words in (("", experiment, ""), (" hostile", hostile, bait(3000))):
        running = phased(make(Status.RUNNING))
        yield f"card read{name}", card(read(running, words=words))
        yield f"card compact{name}", card(read(running, words=words), compact=True)
        yield f"card second phase{name}", card(phased(make(Status.PAUSED), 2, exposure=2_000))
        yield f"card routed{name}", card(running, routed=True)
        yield f"card booked{name}", card(booked(make(Status.APPROVED)))
        yield f"card predicted before{name}", card(predicted(make(Status.APPROVED)))
        yield f"card predicted{name}", card(predicted(running))
        decided = make(Status.DECIDED)
        yield f"card promotion asked for{name}", card(asking(decided))
        yield f"card rolling out tenth{name}", card(promoted(decided, Status.ROLLING_OUT, holdback=500))
        yield f"card rolled out all{name}", card(promoted(decided, Status.ROLLED_OUT, stage=3))
        yield f"card withdrawn{name}", card(withdrawn(make(Status.STOPPED), words))
        yield f"card loosening{name}", card(loosening(running, words))
        yield f"promotion request{name}", promotion_request(read(asking(decided), words=words))
        yield f"promotion settled{name}", promotion_settled(decided, words or "refused to ship it", BO)
        yield f"loosening request{name}", loosening_request(loosening(running, words))
        yield f"loosening settled{name}", loosening_settled(running, words or "kept the guardrails", BO)
        yield f"suspended{name}", suspended(make(Status.APPROVED), words or "suspended its start: its approval is void")
        harmful = "Roll back: bigger-button lowers conversion by 4.1 % (95 % interval 1.2 % to 7.0 %)."
        yield f"alarm{name}", alarm(read(running, VerdictStatus.ROLL_BACK, words or harmful))
        yield f"alarm paused{name}", alarm(read(phased(make(Status.PAUSED)), VerdictStatus.UNHEALTHY, words))
        yield f"rolled back{name}", rolled_back(withdrawn(make(Status.STOPPED), words), BO)
        yield f"rolled back routed{name}", rolled_back(withdrawn(make(Status.STOPPED), words), BO, routed=True)
    against = experiment(Status.DECIDED)
    yield "decision by the rule", decision(_advised(against, VerdictStatus.SHIP), ADA)
    yield "decision to abandon", decision(_decided(against, Outcome.ABANDON), ADA)
    yield from _levels()


def _levels() -> Iterator[tuple[str, Message]]:
    running = experiment(Status.RUNNING)
    found = {
        "": samples.readout(),
        " early": early(),
        " blocked": samples.broken(),
        " empty": samples.empty(),
        " by country": readings.by_country(),
    }
    yield "results early", results(early())
    for name, readout in found.items():
        yield f"variants{name}", variant.variants(running, readout)
        yield f"variant{name}", variant.variant(running, readout, "bigger-button")
        yield f"variant control{name}", variant.variant(running, readout, "control")
        yield f"health{name}", variant.health(running, readout)
        yield f"segments{name}", variant.segments(running, readout)
    nasty, odd = hostile(Status.RUNNING), samples.hostile()
    yield "variants hostile", variant.variants(nasty, odd)
    yield "variant hostile", variant.variant(nasty, odd, nasty.design.treatments[0].key)
    yield "health hostile", variant.health(nasty, odd)
    yield "segments hostile", variant.segments(nasty, odd)


def early() -> Readout:
    """Day 2: nothing may be said about significance yet."""
    words = "Too early for a verdict: the data cover 2 days and a verdict needs 3."
    finding = Finding(code="minimum_run_time", severity=Severity.INFORMATION, words=words)
    verdict = Verdict(status=VerdictStatus.DAYS_LEFT, sentence=f"{words} About 12 days left of 14.", days_left=12)
    return samples.readout(day=2.0, findings=(finding,), verdict=verdict)


def _advised(made: Experiment, advice: VerdictStatus) -> Experiment:
    assert made.decision is not None
    return made.evolve(decision=made.decision.model_copy(update={"advice": advice}))


def _decided(made: Experiment, outcome: Outcome) -> Experiment:
    assert made.decision is not None
    return made.evolve(decision=made.decision.model_copy(update={"outcome": outcome}))


def views() -> Iterator[tuple[str, View]]:
    for name, make, words in (("", experiment, ""), (" hostile", hostile, bait(3000))):
        running, decided = phased(make(Status.RUNNING)), make(Status.DECIDED)
        keys = list(running.weights)
        yield f"pause{name}", pause_modal(running)
        yield f"resume{name}", resume_modal(phased(make(Status.PAUSED)))
        yield f"traffic{name}", traffic_modal(running, NOW)
        yield f"traffic missing{name}", traffic_modal(running, NOW, {keys[0]: 20.0})
        yield f"traffic exposure{name}", traffic_modal(running, NOW, running_typed(running), 20.0)
        moved = {**running_typed(running), keys[0]: 0.5, keys[1]: running_typed(running)[keys[0]] * 2 - 0.5}
        yield f"traffic new phase{name}", traffic_modal(running, NOW, moved if name == "" else None)
        yield f"guardrails{name}", guardrails_modal(running, words)
        yield f"agree{name}", agree_modal(loosening(running, words))
        yield f"promote{name}", promote_modal(_advised(decided, VerdictStatus.SHIP))
        yield f"promote against advice{name}", promote_modal(decided)
        yield f"confirm{name}", confirm_modal(read(asking(decided), words=words))
        yield f"advance{name}", advance_modal(read(promoted(decided, Status.ROLLING_OUT), words=words))
        yield f"rollback{name}", rollback_modal(running)
        yield f"decide after rollback{name}", decide_modal(withdrawn(make(Status.STOPPED)), samples.readout())
        yield f"all actions{name}", all_actions(running, actor(BO))
    yield "guardrails before start", guardrails_modal(experiment(Status.APPROVED))
    yield (
        "guardrails looser",
        guardrails_modal(
            phased(experiment(Status.RUNNING)),
            "⚖️ Looser, so somebody else has to agree: limit of latency-p95: 2 % → 5 %.",
        ),
    )
    yield "promote nothing", promote_modal(_decided(experiment(Status.DECIDED), Outcome.ITERATE))
    for make in (pause_modal, resume_modal, promote_modal, advance_modal, confirm_modal, rollback_modal):
        yield f"{make.__name__.removesuffix('_modal')} refused", make(experiment(Status.ARCHIVED))
    yield "traffic refused", traffic_modal(experiment(Status.DRAFT), NOW)


def running_typed(made: Experiment) -> dict[str, float]:
    return {key: weight / 100 for key, weight in made.weights.items()}
