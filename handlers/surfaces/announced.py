"""Which surface draws which announcement: the payloads of the outbox as the values that surfaces take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.knowledge.digest import Digest
from experiments.model import Experiment
from experiments.readout import Readout
from handlers.surfaces.card import card
from handlers.surfaces.change import change
from handlers.surfaces.decision import decision
from handlers.surfaces.digest import weekly_digest
from handlers.surfaces.kit import Message
from handlers.surfaces.reminders import decision_reminder, review_reminder
from handlers.surfaces.results import significance_update
from handlers.surfaces.review_request import review_request, review_settled

Payload = dict[str, Any]


def _experiment(payload: Payload) -> Experiment:
    return Experiment.model_validate(payload["experiment"])


ANNOUNCED: dict[str, Callable[[Payload], Message]] = {
    "card": lambda payload: card(_experiment(payload), payload.get("verdict")),
    "change": lambda payload: change(_experiment(payload), payload["sentence"], payload["actor"]),
    "review_request": lambda payload: review_request(_experiment(payload)),
    "review_settled": lambda payload: review_settled(_experiment(payload), payload["sentence"], payload["actor"]),
    "decision": lambda payload: decision(_experiment(payload), payload["actor"]),
    "review_reminder": lambda payload: review_reminder(_experiment(payload), payload["which"]),
    "decision_reminder": lambda payload: decision_reminder(_experiment(payload)),
    "significance_update": lambda payload: significance_update(
        tuple(Readout.model_validate(each) for each in payload["readouts"])
    ),
    "weekly_digest": lambda payload: weekly_digest(Digest.model_validate(payload["digest"])),
}
