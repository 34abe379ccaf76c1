"""Tokens with which applications ask for variants and send events: kept as a digest, shown once, revocable."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pydantic import Field, field_validator

from experiments.texts import Frozen, Name, Words

PREFIX = "bun_"


class Scope(Words):
    EVALUATE = "evaluate"
    EVENTS = "events"


def digest_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so one round of SHA-256 cannot be turned back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def kept_of(secret: str) -> dict[str, str]:
    """All that is kept of a new secret: the id, the digest and the ending of its token."""
    digest = digest_of(secret)
    return {"id": digest[:12], "digest": digest, "ending": secret[-4:]}


class Token(Frozen):
    """What may be done with a secret in one project, until it ends or is revoked. `ending` are its last characters."""

    id: str = Field(min_length=4, max_length=20)
    name: Name
    project: Name
    scopes: tuple[Scope, ...] = Field(min_length=1)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    ending: str = Field(max_length=4)
    by: str = ""
    at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @field_validator("scopes")
    @classmethod
    def _once_each(cls, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
        return tuple(dict.fromkeys(scopes))

    def holds(self, now: datetime) -> bool:
        """Whether it lets anybody in now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
