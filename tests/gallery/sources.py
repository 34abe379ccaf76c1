"""Tokens, where data are, and where Bunsen may go, in all states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from experiments.policy import Policies
from experiments.tokens import Scope, Token, kept_of
from handlers.surfaces.kit import Message, View
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
POLICIES = Policies(version=4, projects=(CHECKOUT,), tokens=TOKENS, allowed_hosts=("prometheus.internal:9090",))
CROWD = Policies(
    version=900,
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
