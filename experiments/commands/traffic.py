"""ConfigureTraffic: other weights, which begin a new phase, or another exposure within the present one."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from experiments.commands.base import Command
from experiments.design import FULL_WEIGHT
from experiments.errors import AlreadyDone, BadInput
from experiments.model import Experiment
from experiments.numerals import share
from experiments.permissions import Actor, Permission
from experiments.running import Phase


class ConfigureTraffic(Command):
    """New weights of all variants, a new exposure, or both; in hundredths of a percent."""

    needs = Permission.TRAFFIC

    weights: dict[str, int] | None = None
    exposure: int | None = Field(default=None, ge=1, le=FULL_WEIGHT)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given other traffic")
        phase = before.phase
        if phase is None or before.started_at is None:
            raise BadInput(f"“{before.title}” was not started here, so it has no traffic to change.")
        weights = phase.weights if self.weights is None else self._fitting(before)
        exposure = self.exposure or phase.exposure
        if (weights, exposure) == (phase.weights, phase.exposure):
            raise AlreadyDone("This is the present traffic; nothing was changed.")
        if weights == phase.weights:
            return before.evolve(phases=(*before.phases[:-1], phase.model_copy(update={"exposure": exposure})))
        following = Phase(
            number=phase.number + 1,
            started_at=now,
            day=(now - before.started_at) / timedelta(days=1),
            weights=weights,
            exposure=exposure,
        )
        return before.evolve(phases=(*before.phases, following))

    def _fitting(self, before: Experiment) -> dict[str, int]:
        weights = self.weights or {}
        known = [variant.key for variant in before.design.variants]
        if set(weights) != set(known):
            raise BadInput(f"Give a weight to each of {', '.join(known)}, and to nothing else.", field="weights")
        if min(weights.values()) < 0 or weights[before.control.key] == 0:
            raise BadInput("Control needs some traffic, and no weight is negative.", field="weights")
        if (total := sum(weights.values())) != FULL_WEIGHT:
            raise BadInput(f"The weights sum to {share(total)}; make them sum to 100 %.", field="weights")
        return {key: weights[key] for key in known}

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        was, now = before.phase if before else None, after.phase
        if was is None or now is None:
            return "changed the traffic"
        exposure = f"exposure {share(was.exposure)} → {share(now.exposure)}"
        if was.number == now.number:
            return f"changed the {exposure}; the weights stay, so its data go on"
        moved = [
            f"{key} {share(was.weights[key])} → {share(weight)}"
            for key, weight in now.weights.items()
            if weight != was.weights[key]
        ]
        moved += [exposure] if was.exposure != now.exposure else []
        return f"changed the weights ({', '.join(moved)}); phase {now.number} begins and is read by itself"
