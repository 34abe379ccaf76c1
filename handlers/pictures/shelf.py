"""The pictures by name: the words for each, who gathers its data, how old it may be, and what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from charts import describe
from experiments.model import BEFORE_START, Experiment, Status
from experiments.permissions import Actor
from experiments.pictures.basis import rounded
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.active import active
from handlers.pictures.asked import Asked, Found, Source
from handlers.pictures.canary import canary
from handlers.pictures.comparison import comparison
from handlers.pictures.cost import cost
from handlers.pictures.factors import factors
from handlers.pictures.history import history
from handlers.pictures.hypotheses import hypotheses
from handlers.pictures.latency import latency
from handlers.pictures.leaderboard import leaderboard
from handlers.pictures.patterns import patterns
from handlers.pictures.portfolio import portfolio
from handlers.pictures.quality import quality
from handlers.pictures.roi import roi
from handlers.pictures.segments import segments
from handlers.pictures.significance import significance
from handlers.pictures.size import size
from handlers.pictures.timeline import timeline
from handlers.pictures.velocity import velocity
from handlers.surfaces.kit import Picture

STARTED = tuple(status for status in Status if status not in BEFORE_START)

SHELF: Mapping[str, Source] = {
    "active": Source("Everything that runs", active, timedelta(minutes=2)),
    "canary": Source("Canary beside stable", canary, timedelta(seconds=30), STARTED),
    "quality": Source("Every variant over time", quality, timedelta(minutes=10), STARTED),
    "cost": Source("What variants cost and would save", cost, timedelta(minutes=10), STARTED),
    "latency": Source("Quantiles and throughput", latency, timedelta(minutes=10), STARTED),
    "comparison": Source("Every metric against control", comparison, timedelta(minutes=5), STARTED),
    "significance": Source("Difference and p over time", significance, timedelta(minutes=3), STARTED),
    "segments": Source("The effect by segment", segments, timedelta(minutes=10), STARTED),
    "factors": Source("What each factor changes", factors, timedelta(minutes=10), STARTED),
    "timeline": Source("The way from draft to rollout", timeline, timedelta(minutes=10), tuple(Status)),
    "history": Source("Every attempt by direction", history, timedelta(minutes=30)),
    "leaderboard": Source("Models and prompts", leaderboard, timedelta(minutes=10)),
    "velocity": Source("What starts, ends and teaches", velocity, timedelta(minutes=30)),
    "roi": Source("Cost and benefit", roi, timedelta(minutes=30)),
    "size": Source("What a length of time can find", size, timedelta(minutes=30), tuple(Status)),
    "hypotheses": Source("Predictions and outcomes", hypotheses, timedelta(minutes=30)),
    "patterns": Source("What works, by direction", patterns, timedelta(minutes=30)),
    "portfolio": Source("Projects side by side", portfolio, timedelta(minutes=30)),
}


async def found_for(
    name: str, actor: Actor, world: World, subject: Experiment | None = None, chosen: Mapping[str, str] | None = None
) -> tuple[Found, Picture]:
    """What there is to show in this picture now, with what is chosen in its filters; still to be drawn."""
    source = SHELF[name]
    found = await source.gather(Asked(actor, rounded(world.now(), source.refresh), chosen or {}, subject), world)
    words = await aside(describe, name, found.data)
    return found, Picture(name, found.data, words)
