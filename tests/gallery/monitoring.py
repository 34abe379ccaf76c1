"""What is watched: guardrail cards, live cards of canaries and rollouts, holding, testers, audience and data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from experiments.canary import CanaryPlan
from experiments.design import Action, Design, Direction, Limit, Metric, MetricKind, MetricRole, Scale
from experiments.model import Experiment, Status
from experiments.readout import GuardrailState
from experiments.running import Breach, Origin, Phase, Rollout, Withdrawal
from experiments.sources import DataSource, SourceOfData
from experiments.targeting import Exclusion
from experiments.targeting_lines import audience_from
from experiments.watch import Live, LiveRow
from handlers.surfaces.card import card
from handlers.surfaces.design_modal import design_modal
from handlers.surfaces.diff import review_diff_modal
from handlers.surfaces.guardrail import guardrail
from handlers.surfaces.hold_modal import go_on_modal, hold_modal, step_modal
from handlers.surfaces.kit import Message, View
from handlers.surfaces.live import canary_passed, live
from handlers.surfaces.news import news
from handlers.surfaces.promote_modal import advance_modal
from handlers.surfaces.review_request import review_request
from handlers.surfaces.safety_modal import safety_modal
from handlers.surfaces.start_modal import start_modal
from handlers.surfaces.testers_modal import testers_modal
from tests.charts.pictures import canary as canaries
from tests.handlers.surfaces.situations import ADA, NOW, bait, design, experiment, hostile

STARTED = NOW - timedelta(days=6)
ACTIONS = {
    Action.STOP: Status.STOPPED,
    Action.ROLL_BACK: Status.ROLLED_BACK,
    Action.PAUSE: Status.PAUSED,
    Action.WARN: Status.RUNNING,
}
Make = Callable[..., Experiment]


def watched(**changes: Any) -> Design:
    """A design that uses all that can be measured and routed."""
    guarded = Metric(
        key="error-rate",
        role=MetricRole.GUARDRAIL,
        kind=MetricKind.PROPORTION,
        direction=Direction.DOWN,
        unit="per user",
        limit=Limit(harm=0.005, scale=Scale.ABSOLUTE),
        action=Action.STOP,
        minimum_units=500,
    )
    query = 'sum(rate(errors_total{variant="{variant}"}[{window}])) / sum(rate(requests_total[{window}]))'
    metrics = (
        *design().metrics[:2],
        Metric(key="revenue-per-order", kind=MetricKind.RATIO, unit="EUR", denominator="orders", cap=0.99),
        Metric(key="orders", unit="per user", lookback_days=14),
        guarded,
        Metric(
            key="latency-p95",
            role=MetricRole.GUARDRAIL,
            kind=MetricKind.QUANTILE,
            direction=Direction.DOWN,
            unit="ms",
            quantile=0.95,
        ),
        Metric(key="server-errors", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, query=query),
    )
    made: dict[str, Any] = {
        "metrics": metrics,
        "audience": audience_from("country is DE, FR\nplan is not free\napp_version at least 2.10.0"),
        "exclusion": Exclusion(group="checkout", first=0, share=5_000),
    }
    return design(**{**made, **changes})


def in_canary(make: Make, status: Status = Status.RUNNING, share: int = 2_500) -> Experiment:
    """A canary at this share of its plan."""
    stage = make(status)
    plan = CanaryPlan(critical=("error-rate",) if make is experiment else (stage.design.metrics[0].key,))
    planned = watched(canary=plan) if make is experiment else stage.design.model_copy(update={"canary": plan})
    first, second, *others = [each.key for each in planned.variants]
    weights = {first: 10_000 - share, second: share} | dict.fromkeys(others, 0)
    phases = (
        Phase(number=1, started_at=STARTED, weights={**weights, first: 9_500, second: 500}),
        Phase(number=2, started_at=NOW - timedelta(minutes=18), day=5.9, weights=weights),
    )
    return make(status, design=planned, phases=phases)


def rolling(make: Make, status: Status = Status.ROLLING_OUT, stage: int = 1, **changes: Any) -> Experiment:
    """A rollout at this stage."""
    made = make(status, **({"design": watched()} if make is experiment else {}))
    plan = {
        "variant": made.design.treatments[0].key,
        "stages": (1_000, 2_500, 5_000, 9_500),
        "stage": stage,
        "holdback": 500,
        "watched": [each.key for each in made.design.metrics[:5]],
        "stage_hours": 4,
        "by": ADA,
        "at": NOW - timedelta(hours=6),
        "stage_at": NOW - timedelta(hours=1),
    }
    return made.evolve(rollout=Rollout.model_validate({**plan, **changes}))


def breached(made: Experiment, action: Action, words: str = "", **changes: Any) -> Experiment:
    """The monitor found harm, or nothing at all, and did this."""
    treated = made.design.treatments[0].key
    found = Breach(
        metric="error-rate", variant=treated, action=action, value=0.041, control=0.02, harm=0.021,
        limit="0.5 points", p=0.0004, look=37, units=10_412, phase=len(made.phases) or 1, at=NOW,
        words=words or f"error-rate is 4.1 % with {treated} and 2.0 % with control: 2.1 points worse, more than the "
        "0.5 points you allow (look 37, p 0.0004)",
    )  # fmt: skip
    gone = Withdrawal(by="guardrail", at=NOW, comment=words, share=2_500, since=STARTED)
    more = {"withdrawal": gone} if made.status is Status.ROLLED_BACK else {}
    return made.evolve(breach=found.model_copy(update=changes), **more)


def blind(made: Experiment, action: Action, metric: str = "error-rate", words: str = "") -> Experiment:
    told = words or (
        f"nobody knows whether {made.design.treatments[0].key} harms {metric}, for 31 minutes now: the newest data "
        "are 46 minutes old"
    )
    empty = {"value": None, "control": None, "harm": None, "p": None, "limit": "", "missing": True, "metric": metric}
    return breached(made, action, told, **empty)


def found(made: Experiment, words: str = "The step is judged in 12 minutes.", said: str = "", count: int = 3) -> Live:
    """What a look of a canary or a rollout found: one metric of each state, or many with these words."""
    treated, control = made.design.treatments[0].key, made.control.key
    told = [
        ("error-rate", GuardrailState.HEALTHY, f"error-rate is as good with {treated} as with {control}, +1.2 %"),
        ("latency-p95", GuardrailState.BREACHED, f"latency-p95 is higher with {treated} than with {control}, +31 %"),
        ("server-errors", GuardrailState.INCONCLUSIVE, "server-errors has too little data: 12 of 20 samples"),
    ]
    rows = [LiveRow(metric=metric, variant=treated, state=state, words=said or each) for metric, state, each in told]
    return Live(words=words, rows=tuple((rows * count)[: max(count, 3)]), look=37, at=NOW)


def warehouse(sql: str = "") -> DataSource:
    return DataSource(
        kind=SourceOfData.WAREHOUSE,
        connection="analytics",
        exposures=sql or "SELECT experiment, variant, user_id AS unit, seen_at AS time FROM exposures",
        observations=sql or "observations",
        prometheus="https://prometheus.example.com",
    )


def reviewed(made: Experiment, data: DataSource) -> Experiment:
    assert made.review is not None
    return made.evolve(review=made.review.model_copy(update={"data": data, "design_hash": made.design.hash}))


def messages() -> Iterator[tuple[str, Message]]:
    for name, make, words in (("", experiment, ""), (" hostile", hostile, bait(3000))):
        yield from _guardrails(name, make, words)
        yield from _live(name, make, words)
    in_review = reviewed(experiment(Status.IN_REVIEW, design=watched(canary=CanaryPlan())), warehouse())
    yield "review request watched", review_request(in_review)
    nasty = reviewed(hostile(Status.IN_REVIEW), warehouse(bait(3000)))
    audience = audience_from(
        "\n".join(f'attribute-{n} contains "{bait(150)[:150]}"'.replace("\n", " ") for n in range(9))
    )
    nasty = nasty.evolve(design=nasty.design.model_copy(update={"audience": audience}))
    yield "review request watched hostile", review_request(nasty)


def _guardrails(name: str, make: Make, words: str) -> Iterator[tuple[str, Message]]:
    known = {"value": 0.021, "control": 0.02, "harm": -0.001, "p": 1.0}
    stale = blind(make(Status.RUNNING), Action.WARN, words=words)
    assert stale.breach is not None
    yield f"guardrail stale{name}", guardrail(stale.evolve(breach=stale.breach.model_copy(update=known)))
    alone = words or (
        "nobody knows whether bigger-button harms error-rate, for 30 minutes now: nothing has come of error-rate for "
        "46 minutes, while 1,204 more users came; nor is it known of error-rate with two-columns"
    )
    silent = blind(make(Status.RUNNING), Action.WARN, words=alone)
    yield f"guardrail one metric silent{name}", guardrail(silent, routed=True)
    for action, status in ACTIONS.items():
        made = in_canary(make, status)
        plain = made.evolve(design=made.design.model_copy(update={"canary": None}), phases=made.phases[:1])
        yield f"guardrail {action.words}{name}", guardrail(breached(plain, action, words), routed=True)
        yield f"guardrail {action.words} in a canary{name}", guardrail(breached(made, action, words))
        yield f"guardrail {action.words} blind{name}", guardrail(blind(plain, action, words=words))
        yield f"guardrail {action.words} blind routed{name}", guardrail(blind(plain, action, words=words), routed=True)
    away = rolling(make)
    yield f"guardrail warn in a rollout{name}", guardrail(breached(away, Action.WARN, words))
    gone = rolling(make, Status.ROLLED_BACK)
    yield f"guardrail roll back of a rollout{name}", guardrail(breached(gone, Action.ROLL_BACK, words), routed=True)
    running = in_canary(make)
    yield f"guardrail blind prometheus{name}", guardrail(blind(running, Action.WARN, "server-errors", words))
    judged = (
        "Back to stable: error-rate failed, twice in a row. error-rate is higher with bigger-button than with control"
    )
    empty = {"harm": None, "p": None, "limit": "", "units": 0, "score": 62.5}
    back = breached(in_canary(make, Status.ROLLED_BACK), Action.ROLL_BACK, words or judged, **empty)
    yield f"guardrail judge{name}", guardrail(back, routed=True)
    told = {"actor": "guardrail", "sentence": words or "stopped it (harm)", "event": "alarm", "needed": True}
    yield f"news guardrail{name}", news(breached(make(Status.STOPPED), Action.STOP, words), told)
    warned = breached(running, Action.WARN, words).evolve(measured=Origin(until=NOW), overrides={"user-1": "control"})
    yield f"card watched{name}", card(warned, routed=True, readout_at=NOW + timedelta(minutes=40))
    yield f"card watched compact{name}", card(warned, routed=True, compact=True)


def _live(name: str, make: Make, words: str) -> Iterator[tuple[str, Message]]:
    canary = in_canary(make)
    yield f"live canary begins{name}", live(canary)
    yield f"live canary{name}", live(canary, found(canary, words or "The step is judged in 12 minutes.", words))
    pictured = canaries.experiment() if make is experiment else canary
    seen = canaries.EXAMPLES["ordinary" if make is experiment else "hostile"]()
    yield f"live canary pictured{name}", live(pictured, found(pictured, words or seen.standing, words), seen)
    ended = (
        canaries.experiment(2, status=Status.ROLLED_BACK, ended=17.5)
        if make is experiment
        else in_canary(make, Status.STOPPED)
    )
    over = canaries.EXAMPLES["rolled_back" if make is experiment else "hostile"]()
    yield f"live canary over pictured{name}", live(ended, None, over)
    last = in_canary(make, share=5_000)
    an_hour_ago = last.phases[1].model_copy(update={"started_at": NOW - timedelta(hours=1)})
    last = last.evolve(phases=(last.phases[0], an_hour_ago))
    passed = "It passed its last step at 50 %. Stop it and log the decision, then promote it."
    yield f"live canary passed{name}", live(last, found(last, words or passed, words))
    yield f"live canary beside its steps{name}", live(in_canary(make, share=3_000))
    yield f"live canary paused{name}", live(in_canary(make, Status.PAUSED))
    yield f"live canary stopped{name}", live(in_canary(make, Status.STOPPED))
    gone = breached(in_canary(make, Status.ROLLED_BACK), Action.ROLL_BACK, words)
    yield f"live canary rolled back{name}", live(gone)
    yield f"canary passed{name}", canary_passed(last)
    away = rolling(make)
    waits = words or "25 % has not lasted its 4 hours yet; 3 hours to go."
    yield f"live rollout{name}", live(away, found(away, waits, words, count=40 if words else 3))
    held = rolling(make, paused_at=NOW - timedelta(minutes=5))
    yield f"live rollout held{name}", live(held, found(held, words or "The rollout is paused at 25 %."))
    yield f"live rollout begins{name}", live(rolling(make, stage=0, watched=()))
    yield f"live rollout done{name}", live(rolling(make, Status.ROLLED_OUT, stage=3))
    yield f"live rollout rolled back{name}", live(breached(rolling(make, Status.ROLLED_BACK), Action.ROLL_BACK, words))


def views() -> Iterator[tuple[str, View]]:
    for name, make in (("", experiment), (" hostile", hostile)):
        yield f"hold{name}", hold_modal(rolling(make))
        held = rolling(make, paused_at=NOW)
        yield f"hold held refused{name}", hold_modal(held)
        yield f"go on{name}", go_on_modal(held)
        yield f"go on going refused{name}", go_on_modal(rolling(make))
        yield f"advance watched{name}", advance_modal(rolling(make))
        canary = in_canary(make)
        yield f"step{name}", step_modal(canary)
        yield f"step beside{name}", step_modal(in_canary(make, share=3_000))
        yield f"step last refused{name}", step_modal(in_canary(make, share=5_000))
        yield f"testers{name}", testers_modal(canary)
    running = in_canary(experiment)
    told = {"user-4711": "bigger-button", "<!channel> *x* :smile: \u202eyz": "control"}
    yield "testers some", testers_modal(running.evolve(overrides=told))
    many = {f"{'long-unit-id-' * 10}{n}": "control" for n in range(99)}
    yield "testers many refused", testers_modal(running.evolve(overrides=many))
    for make_view in (hold_modal, go_on_modal, step_modal, testers_modal):
        yield f"{make_view.__name__.removesuffix('_modal').replace('_', ' ')} refused", make_view(experiment())
    yield "step no canary refused", step_modal(experiment(Status.RUNNING))
    draft = experiment(design=watched(canary=CanaryPlan(critical=("error-rate",))))
    yield "create design watched", design_modal(draft)
    yield "create safety watched", safety_modal(draft)
    approved = experiment(Status.APPROVED, design=watched(canary=CanaryPlan(critical=("error-rate",))))
    yield "start watched", start_modal(approved, routed=True, data=warehouse())
    yield "start watched hostile", start_modal(hostile(Status.APPROVED), routed=True, data=warehouse(bait(3000)))
    yield (
        "whole design watched",
        review_diff_modal(reviewed(experiment(Status.IN_REVIEW, design=watched()), warehouse())),
    )
