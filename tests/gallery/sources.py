"""Tokens, where data are, and where Bunsen may go, in all states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from experiments.policy import Policies, Project
from experiments.sources import DataSource, Probe, SourceOfData
from experiments.tokens import Scope, Token, kept_of
from handlers.surfaces.kit import Message, View
from handlers.surfaces.source_modal import data_modal, hosts_modal, source_modal
from handlers.surfaces.tokens_modal import new_token_modal, secret_modal, tokens_modal
from tests.gallery.settings import ADMIN, CHECKOUT, NASTY_ADMIN, OF_CHECKOUT
from tests.handlers.surfaces.situations import ADA, BO, NOW, bait

SECRET = "bun_" + "example-secret_" * 2 + "0123456789abc"


def token(number: int, name: str, project: str = "checkout", **more: object) -> Token:
    """A token that Ada made ten days ago."""
    made = {"by": ADA, "at": NOW - timedelta(days=10), "expires_at": NOW + timedelta(days=80), "scopes": tuple(Scope)}
    return Token.model_validate(kept_of(f"bun_{number:0>43}") | {"name": name, "project": project} | made | more)


TOKENS = (
    token(1, "shop backend"),
    token(2, "search page", "search", scopes=(Scope.EVALUATE,), expires_at=None, by=BO),
    token(3, "old importer", scopes=(Scope.EVENTS,), revoked_at=NOW - timedelta(days=1)),
    token(4, "trial of March", expires_at=NOW - timedelta(days=2)),
)
SHOP = Project(
    name="shop",
    holdout=500,
    source=DataSource(
        kind=SourceOfData.WAREHOUSE,
        connection="analytics",
        exposures="analytics.exposures",
        observations="SELECT metric, unit, value, time FROM analytics.orders WHERE time > now() - interval '90 days'",
        prometheus="http://prometheus.internal:9090",
    ),
)
NASTY_SOURCE = Project(
    name=bait(60),
    holdout=5_000,
    source=DataSource(
        kind=SourceOfData.WAREHOUSE, connection="a" * 40, exposures=bait(3_000), observations=bait(2_990)
    ),
)
FOUND = Probe(
    {
        "Exposures": "experiment (text), phase (number), time (time), unit (text) and variant (text); "
        "newest 2026-03-02 08:59 UTC",
        "Observations": "metric (text), time (time), unit (text) and value (number); newest 2026-03-02 08:59 UTC",
        "Units": "checkout-button: bigger-button 50,512, control 50,230; search-order: control 812, new 799",
        "Cost": "One reading looks at about 1,204,331 rows, at a cost of 48,210 in its own unit.",
        "Prometheus": "it answers.",
    }
)
WRONG = Probe(
    problems={
        "observations": "The observations have no column value; they have amount, metric, time and unit.",
        "prometheus": "http://prometheus.internal:9090 is inside your network; an admin can allow it in "
        "/experiment settings.",
    }
)
NASTY_PROBE = Probe({bait(30): bait(4_000)} | {f"n{n}": bait(4_000) for n in range(9)})
NASTY_WRONG = Probe(problems={"exposures": bait(4_000), "connection": bait(4_000), "nowhere": bait(4_000)})
POLICIES = Policies(version=4, projects=(CHECKOUT, SHOP), tokens=TOKENS, allowed_hosts=("prometheus.internal:9090",))
CROWD = Policies(
    version=900,
    projects=tuple(NASTY_SOURCE.model_copy(update={"name": f"{n} {bait(50)}"}) for n in range(150)),
    allowed_hosts=tuple(f"{n}.{'a' * 240}" for n in range(50)),
    tokens=tuple(token(n, f"{n} {bait(50)}", bait(60) if n % 2 else "checkout", by=bait(40)) for n in range(300)),
)


def messages() -> Iterator[tuple[str, Message]]:
    """Everything here is a modal."""
    return iter(())


def views() -> Iterator[tuple[str, View]]:
    yield "tokens", tokens_modal(POLICIES, ADMIN, NOW)
    yield "tokens changed", tokens_modal(POLICIES, ADMIN, NOW, "revoked the token “old importer” (…0003) of checkout")
    yield "tokens of a project's admin", tokens_modal(POLICIES, OF_CHECKOUT, NOW)
    yield "tokens at first", tokens_modal(Policies(), ADMIN, NOW)
    yield "tokens full", tokens_modal(CROWD, NASTY_ADMIN, NOW)
    yield "new token", new_token_modal(POLICIES, ADMIN)
    yield "new token of a project's admin", new_token_modal(POLICIES, OF_CHECKOUT)
    yield "new token hostile", new_token_modal(CROWD, NASTY_ADMIN)
    yield "secret", secret_modal(TOKENS[0], SECRET)
    yield "secret that never ends", secret_modal(TOKENS[1], SECRET)
    yield "secret hostile", secret_modal(CROWD.tokens[1], SECRET)
    yield "data", data_modal(POLICIES, ADMIN)
    yield "data changed", data_modal(POLICIES, ADMIN, "changed the settings of shop: holdout 0 % → 5 %")
    yield "data of a project's admin", data_modal(POLICIES, OF_CHECKOUT)
    yield "data at first", data_modal(Policies(), ADMIN)
    yield "data full", data_modal(CROWD, NASTY_ADMIN)
    here, names = {"version": 4, "name": "shop"}, ("analytics", "lake")
    yield "source", source_modal(SHOP, names, here)
    yield "source of Bunsen", source_modal(CHECKOUT, (), {"version": 4, "name": "checkout"})
    yield "source new", source_modal(None, names, {"version": 4})
    yield "source trying", source_modal(SHOP, names, here, trying=True)
    yield "source found", source_modal(SHOP, names, here, FOUND)
    yield "source wrong", source_modal(SHOP, names, here, WRONG)
    nasty = {"version": 900, "name": bait(60)}
    yield "source hostile", source_modal(NASTY_SOURCE, [f"{'a' * 38}{n}" for n in range(150)], nasty)
    yield "source found hostile", source_modal(NASTY_SOURCE, ("a" * 40,), nasty, NASTY_PROBE)
    yield "source wrong hostile", source_modal(NASTY_SOURCE, (), nasty, NASTY_WRONG)
    yield "hosts", hosts_modal(POLICIES)
    yield "hosts none", hosts_modal(Policies())
    yield "hosts full", hosts_modal(CROWD)
