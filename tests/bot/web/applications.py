"""An application that asks Bunsen for variants, and the experiments that it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx

from bot.exposures import Exposures
from bot.traffic import Snapshot
from bot.web.ofrep import Ofrep
from bot.web.plane import Accept, Buckets, Plane
from bot.web.server import site
from experiments.assignment import Flag
from experiments.commands import (
    ApproveReview,
    ConfirmPromotion,
    CreateExperiment,
    EditExperiment,
    LogDecision,
    PromoteVariant,
    RequestReview,
    StartExperiment,
    StopExperiment,
)
from experiments.design import Metric, MetricRole, Variant
from experiments.execute import change_policies, execute
from experiments.model import Experiment, Outcome, StopReason
from experiments.permissions import Role
from experiments.policy_commands import IssueToken
from experiments.ports import World
from experiments.tokens import Scope, digest_of
from tests.worlds import ADA, BO

SECRET = "bun_" + "s" * 43
BOSS = ADA.model_copy(update={"role": Role.ADMIN})
FLAG = Flag("price", "T0SANDBOX", "general", "0" * 16, "split", "control", ("control", "treatment"), (5_000, 5_000))
METRICS = (Metric(key="conversion", role=MetricRole.PRIMARY),)
_ids = count(1)


def arms(control: Any = None, treatment: Any = None, weight: int = 5_000) -> tuple[Variant, ...]:
    """Two variants; with values they are what an application gets."""
    valued = control is not None
    return (
        Variant(key="control", weight=10_000 - weight, is_control=True, config={"value": control} if valued else {}),
        Variant(key="treatment", weight=weight, config={"value": treatment} if valued else {}),
    )


async def issue(
    world: World, secret: str = SECRET, project: str = "general", scopes: tuple[Scope, ...] = tuple(Scope), **more: Any
) -> str:
    """Give an application a token of a project; its id."""
    id = f"token-{next(_ids)}"
    command = IssueToken(
        id=id, name=id, project=project, scopes=scopes, digest=digest_of(secret), ending=secret[-4:], **more
    )
    await change_policies(command, BOSS, world)
    return id


async def approve(world: World, key: str, project: str = "general", **design: Any) -> Experiment:
    """An experiment that may be started."""
    title = key.replace("-", " ")
    await execute(CreateExperiment(key=key, title=title, project=project, hypothesis="If, then."), ADA, world)
    await execute(EditExperiment(key=key, **{"variants": arms(), "metrics": METRICS, **design}), ADA, world)
    asked = await execute(RequestReview(key=key), ADA, world)
    return await execute(ApproveReview(key=key, design_hash=asked.design.hash), BO, world)


async def begin(world: World, key: str, project: str = "general", **design: Any) -> Experiment:
    """An experiment that runs."""
    await approve(world, key, project, **design)
    return await execute(StartExperiment(key=key), ADA, world)


async def end(world: World, key: str) -> Experiment:
    return await execute(StopExperiment(key=key, reason=StopReason.COMPLETED), ADA, world)


async def roll_out(world: World, key: str, stages: tuple[int, ...]) -> Experiment:
    """End a running experiment, decide to ship the treatment and begin with it."""
    await end(world, key)
    await execute(LogDecision(key=key, outcome=Outcome.SHIP, reasoning="It is better."), ADA, world)
    await execute(PromoteVariant(key=key, variant="treatment", stages=stages), ADA, world)
    return await execute(ConfirmPromotion(key=key), BO, world)


class Recorded(NamedTuple):
    """One exposure as it was handed on."""

    project: str
    experiment: str
    phase: int
    variant: str
    unit: str
    attributes: dict[str, Any]
    time: Any


class Counter:
    """What applications were told they were exposed to."""

    def __init__(self) -> None:
        self.exposures: list[Recorded] = []

    def __call__(self, *exposure: Any) -> None:
        self.exposures.append(Recorded(*exposure))


def plane_of(
    snapshot: Snapshot,
    world: World,
    record: Counter | None = None,
    *,
    events: Accept | None = None,
    buckets: Buckets | None = None,
) -> Plane:
    """The data plane over a snapshot, in front of a site that only says that it is alive."""
    ofrep = Ofrep(snapshot, Exposures(record or Counter(), world.now))
    return Plane(snapshot, ofrep, site([]), world.now, events, buckets)


class Application:
    """Asks the data plane over HTTP, with a token."""

    def __init__(self, plane: Plane, secret: str = SECRET) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        transport = httpx.ASGITransport(app=plane)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://bunsen.test", headers=headers)

    async def asks(self, key: str, targeting_key: str | None = "ann", **attributes: Any) -> httpx.Response:
        """What somebody gets of one flag."""
        return await self.http.post(f"/ofrep/v1/evaluate/flags/{key}", json=asked(targeting_key, attributes))

    async def asks_all(
        self, targeting_key: str | None = "ann", etag: str | None = None, **attributes: Any
    ) -> httpx.Response:
        """What somebody gets of all flags."""
        headers = {"If-None-Match": etag} if etag else {}
        return await self.http.post("/ofrep/v1/evaluate/flags", json=asked(targeting_key, attributes), headers=headers)


def asked(targeting_key: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    key = {} if targeting_key is None else {"targetingKey": targeting_key}
    return {"context": {**key, **attributes}}


def people(prefix: str = "person") -> Iterator[str]:
    """One after the other."""
    return (f"{prefix}-{number}" for number in count())
