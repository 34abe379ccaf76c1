"""The design of an experiment: the three steps of a draft, its clone and its end, predictions and the calculator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments.checklist import Overlap, checklist
from experiments.design import Action, Design, Expectation, Limit, Metric, MetricKind, MetricRole
from experiments.knowledge.usual import Usual
from experiments.model import Experiment, Outcome, Precedent, Status
from experiments.running import Prediction
from experiments.sizing import sizing
from experiments.targeting import Exclusion
from experiments.templates import TEMPLATES, nearest
from handlers.surfaces import what_modal
from handlers.surfaces.card import card
from handlers.surfaces.delete_modal import delete_modal
from handlers.surfaces.design_modal import design_modal
from handlers.surfaces.kit import Message, View, redrawn
from handlers.surfaces.lists import show
from handlers.surfaces.past import past_modal
from handlers.surfaces.predict_modal import predict_modal, predicted_modal
from handlers.surfaces.safety_modal import safety_modal
from handlers.surfaces.size_modal import (
    TOLD,
    curve_block,
    drawing_block,
    remembering,
    size_modal,
    told_block,
    use_modal,
    used_modal,
)
from handlers.surfaces.sizing_block import SIZING, baseline_fields, sizing_block
from tests.handlers.surfaces.situations import ADA, BO, LONG, NOW, actor, bait, design, experiment, hostile

ABOUT = {"channel": "C0EXPERIMENTS", "template": ""}
TUNED = {"smallest_effect": 0.05, "planned_days": 28, "planned_units": 64_210, "method": "group_sequential"}
BELOW = [["V0SAFETY", "create_safety"], ["V0DESIGN", "create_design"]]


def messages() -> Iterator[tuple[str, Message]]:
    yield "unknown template", what_modal.unknown_template("promt-ab", nearest("promt-ab"))
    yield "card cloned", card(experiment(derived_from="old-button"))
    predicted = experiment(Status.RUNNING, predictions=predictions())
    yield "show predicted", show(predicted, (), (), actor())
    yield "show predicted hostile", show(hostile(Status.RUNNING, predictions=predictions() * 20), (), (), actor())
    yield "unknown template hostile", what_modal.unknown_template(bait(LONG), None)


def views() -> Iterator[tuple[str, View]]:
    yield from _steps()
    yield from _around()
    yield from _calculator()


def guarded(**changes: Any) -> Design:
    """A design with a guardrail that says all there is to say, and what the plan expects."""
    guardrail = Metric(
        key="latency-p95",
        role=MetricRole.GUARDRAIL,
        kind=MetricKind.QUANTILE,
        direction="down",
        unit="ms",
        limit=Limit(harm=0.02),
        action=Action.STOP,
        missing=Action.PAUSE,
        minimum_units=500,
    )
    metrics = (*design().metrics[:2], guardrail)
    expectation = Expectation(baseline=0.12, per_day=4_000)
    return design(metrics=metrics, expectation=expectation, smallest_effect=0.05, **changes)


def tried() -> tuple[Precedent, ...]:
    return (
        Precedent(
            key="red-button",
            title="Red checkout button",
            why="tag checkout, words button and checkout",
            outcome=Outcome.SHIP,
        ),
        Precedent(key="sticky-button", title="Sticky button", why="same metric conversion, word button"),
    )


def _steps() -> Iterator[tuple[str, View]]:
    draft, nasty = experiment(), hostile()
    yield "create what", what_modal.new_modal(what_modal.What(), ABOUT)
    for name in TEMPLATES:
        yield f"create what {name}", what_modal.new_modal(what_modal.proposed(TEMPLATES[name]), ABOUT)
    for name, each in (("", draft), (" hostile", nasty)):
        yield f"edit what{name}", what_modal.what_modal(each)
        yield f"create design{name}", design_modal(each)
        yield f"create safety{name}", safety_modal(each)
    for status in (Status.IN_REVIEW, Status.APPROVED):
        yield f"edit what {status.value}", what_modal.what_modal(experiment(status))
    yield "edit what returning", what_modal.what_modal(draft, BELOW)
    yield "edit too late", what_modal.what_modal(experiment(Status.RUNNING))
    yield "edit clone", what_modal.what_modal(experiment(derived_from="old-button"), cloned=True)
    yield "create design new", design_modal(experiment(design=Design()))
    odd = design(variants=({"key": "old", "weight": 5000, "is_control": True}, {"key": "control", "weight": 5000}))
    yield "create design odd", design_modal(experiment(design=odd))
    sized = experiment(design=guarded())
    found = sizing(sized.design, baseline=0.12, per_day=4_000)
    yield "create design sized", design_modal(sized, found, tried(), BELOW[:1])
    part = design(exclusion=Exclusion(group="checkout", first=0, share=2_500))
    free = "Free in checkout: 25 % to 50 % and 60 % to 100 %."
    yield (
        "create design in a group",
        design_modal(experiment(design=part, project="chekout"), free=free, meant="checkout"),
    )
    wide = hostile(design=nasty.design.model_copy(update={"exclusion": part.exclusion}))
    yield "create design in a group hostile", design_modal(wide, free=bait(900), meant=bait(60))
    yield "create design unreadable", design_modal(draft, "The weights sum to 110 %; make them sum to 100 %.", tried())
    precedents = tuple(
        Precedent(key=f"past-{n}", title=bait(120), why=bait(600), outcome=Outcome.ABANDON) for n in range(3)
    )
    yield "create design tried hostile", design_modal(nasty, bait(3000), precedents)
    overlap = Overlap("other-button", "Other button", "also measures conversion")
    items = checklist(sized.design, sizing=found, overlaps=[overlap], custom=["Legal has seen it"])
    yield "create safety sized", safety_modal(sized, found, items)
    crowd = [Overlap(f"other-{n}", bait(120), bait(300)) for n in range(9)]
    nasty_items = checklist(nasty.design, overlaps=crowd, custom=[bait(200)[n:] for n in range(10)])
    yield "create safety checked hostile", safety_modal(nasty, bait(3000), nasty_items)
    three = design(variants=[{"key": "control", "weight": 4000, "is_control": True}, *_more_variants()])
    yield "create safety several", safety_modal(experiment(design=three))
    guards = tuple(
        Metric(
            key=f"guard-{n}", role="guardrail", direction="down", unit=bait(60), limit=Limit(harm=1e-7), action="pause"
        )
        for n in range(60)
    )
    endless = nasty.design.model_copy(update={"metrics": (*nasty.design.metrics, *guards)})
    yield "create safety endless", safety_modal(hostile(design=endless))
    yield "create design endless", design_modal(hostile(design=endless))


def _more_variants() -> list[dict[str, Any]]:
    return [{"key": key, "weight": 3000} for key in ("blue", "red")]


def _around() -> Iterator[tuple[str, View]]:
    for name, make in (("", experiment), (" hostile", hostile)):
        yield f"delete{name}", delete_modal(make())
        yield f"delete too late{name}", delete_modal(make(Status.RUNNING))
        yield f"past{name}", past_modal(make(Status.DECIDED))
        yield f"predict{name}", predict_modal(make(), ADA)
        yield f"predict too late{name}", predict_modal(make(Status.RUNNING), ADA)
        yield f"predict again{name}", predict_modal(make(predictions=predictions()), ADA)
        yield f"predicted{name}", predicted_modal(make(predictions=predictions()), ADA)
    yield "predict never started", predict_modal(experiment(Status.ARCHIVED, started_at=None), ADA)


def predictions() -> tuple[Prediction, ...]:
    return (
        Prediction(by=ADA, at=NOW, probability=0.7, effect=0.03, reason="People look there first."),
        Prediction(by=BO, at=NOW, probability=0.4, effect=-0.01, reason=bait(3000)),
    )


def _calculator() -> Iterator[tuple[str, View]]:
    yield "size", size_modal()
    plan = guarded(method="fixed")
    answer = sizing_block(sizing(plan, baseline=0.12, per_day=4_000), plan)
    parts = {SIZING: [answer], "baseline__percent": baseline_fields(MetricKind.MEAN, Expectation(baseline=20, sd=4))}
    yield "size answered", redrawn(size_modal(), parts)
    usual = Usual(
        project="checkout",
        metric="conversion",
        kind="proportion",
        unit="user",
        baseline=0.124,
        per_day=3_800,
        experiments=4,
    )
    filled = size_modal(("checkout", "search"), "checkout", usual)
    yield "size projects", size_modal(("checkout", "search"))
    yield "size filled", filled
    waiting = redrawn(filled, {SIZING: [answer, drawing_block()]})
    yield "size drawing", remembering(waiting, drawn="")
    yield "size drawn", redrawn(filled, {SIZING: [answer, curve_block("The curve falls from 25 % to 4.5 %.", "F1")]})
    yield "size undrawn", redrawn(filled, {SIZING: [answer, curve_block("The curve falls.", None)]})
    nasty = Usual(
        project=bait(60),
        metric="revenue",
        kind="mean",
        unit="session",
        baseline=1e12,
        sd=1e-9,
        per_day=10**12,
        experiments=1,
    )
    crowd = tuple(f"{number} {bait(50)}" for number in range(120))
    filled = size_modal(crowd, nasty.project, nasty)
    yield "size hostile", redrawn(filled, {SIZING: [sizing_block(bait(3000), plan), curve_block(bait(3000), "F1")]})
    yield "size unmeasured hostile", redrawn(filled, {TOLD: [told_block(bait(60), None)]})
    drafts: tuple[Experiment, ...] = (experiment(), experiment(key="search-prompt", title="Shorter search prompt"))
    yield "size use", use_modal(drafts, TUNED)
    yield "size use hostile", use_modal([hostile(key=f"draft-{n}") for n in range(101)], TUNED)
    yield "size used", used_modal(experiment(), TUNED)
    yield "size used hostile", used_modal(hostile(), TUNED)
