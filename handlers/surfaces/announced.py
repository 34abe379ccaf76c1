"""Which surface draws which announcement: the payloads of the outbox as the values that surfaces take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.knowledge.digest import Digest
from experiments.model import Experiment
from experiments.pictures.canary import Canary
from experiments.pictures.patterns import Patterns
from experiments.readout import Readout
from experiments.watch import Live
from handlers.surfaces.alarm import alarm, rolled_back, suspended
from handlers.surfaces.card import card
from handlers.surfaces.change import changes
from handlers.surfaces.decision import decision
from handlers.surfaces.digest import weekly_digest
from handlers.surfaces.guardrail import guardrail
from handlers.surfaces.kit import Message
from handlers.surfaces.live import canary_passed, live
from handlers.surfaces.news import news
from handlers.surfaces.reminders import decision_reminder, review_expired, review_reminder
from handlers.surfaces.requests import (
    loosening_request,
    loosening_settled,
    promotion_request,
    promotion_settled,
)
from handlers.surfaces.results import significance_update
from handlers.surfaces.review_request import review_request, review_settled
from handlers.surfaces.schedule_modal import countdown

Payload = dict[str, Any]


def _experiment(payload: Payload) -> Experiment:
    return Experiment.model_validate(payload["experiment"])


def _live(payload: Payload) -> Live | None:
    return Live.model_validate(payload["live"]) if payload.get("live") else None


def _directions(payload: Payload) -> Patterns | None:
    return Patterns.model_validate(payload["directions"]) if payload.get("directions") else None


def _canary(payload: Payload) -> Canary | None:
    return Canary.model_validate(payload["canary"]) if payload.get("canary") else None


def _told(payload: Payload) -> list[dict[str, Any]]:
    return payload.get("changes") or [{"actor": payload["actor"], "sentence": payload["sentence"]}]


ANNOUNCED: dict[str, Callable[[Payload], Message]] = {
    "card": lambda payload: card(
        _experiment(payload), routed=payload.get("routed", False), compact=payload.get("style") == "compact"
    ),
    "promotion_request": lambda payload: promotion_request(_experiment(payload)),
    "promotion_settled": lambda payload: promotion_settled(_experiment(payload), payload["sentence"], payload["actor"]),
    "loosening_request": lambda payload: loosening_request(_experiment(payload)),
    "loosening_settled": lambda payload: loosening_settled(_experiment(payload), payload["sentence"], payload["actor"]),
    "suspended": lambda payload: suspended(_experiment(payload), payload["sentence"]),
    "alarm": lambda payload: alarm(_experiment(payload), routed=payload.get("routed", False)),
    "guardrail": lambda payload: guardrail(_experiment(payload), routed=payload.get("routed", False)),
    "live": lambda payload: live(_experiment(payload), _live(payload), _canary(payload)),
    "canary_passed": lambda payload: canary_passed(_experiment(payload)),
    "rolled_back": lambda payload: rolled_back(
        _experiment(payload), payload["actor"], routed=payload.get("routed", False)
    ),
    "change": lambda payload: changes(_experiment(payload), _told(payload), payload.get("earlier", 0)),
    "news": lambda payload: news(_experiment(payload), payload),
    "review_request": lambda payload: review_request(_experiment(payload)),
    "review_settled": lambda payload: review_settled(_experiment(payload), payload["sentence"], payload["actor"]),
    "review_expired": lambda payload: review_expired(_experiment(payload), payload["asked_by"]),
    "countdown": lambda payload: countdown(_experiment(payload), payload["which"]),
    "decision": lambda payload: decision(_experiment(payload), payload["actor"]),
    "review_reminder": lambda payload: review_reminder(_experiment(payload), payload["which"], payload.get("to", "")),
    "decision_reminder": lambda payload: decision_reminder(_experiment(payload)),
    "significance_update": lambda payload: significance_update(
        tuple(Readout.model_validate(each) for each in payload["readouts"])
    ),
    "weekly_digest": lambda payload: weekly_digest(Digest.model_validate(payload["digest"]), _directions(payload)),
}
