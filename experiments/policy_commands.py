"""IssueToken, RevokeToken, AllowHosts: who gets in from outside, and where Bunsen may go; and every such command."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from ipaddress import ip_network

from pydantic import Field, field_validator

from experiments.errors import AlreadyDone, BadInput
from experiments.permissions import Actor
from experiments.policy import MOST_HOSTS, MOST_TOKENS, GiveRole, Policies, PolicyCommand, SetDefaultRole, SetProject
from experiments.texts import Name
from experiments.tokens import Scope, Token

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?")


class IssueToken(PolicyCommand):
    """Let an application in with a new secret, of which only the digest is given here."""

    id: str = Field(min_length=4, max_length=20, pattern=r"^[A-Za-z0-9_-]+$")
    name: Name
    project: Name = "general"
    scopes: tuple[Scope, ...] = Field(default=tuple(Scope), min_length=1)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    ending: str = Field(min_length=4, max_length=4)
    days: int | None = Field(default=None, ge=1, le=3_650)

    @property
    def scope(self) -> str:
        return self.project

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        if any(self.id == each.id or self.digest == each.digest for each in before.tokens):
            raise AlreadyDone("This token was made already.")
        held = tuple(each for each in before.tokens if each.holds(now) or each.project != self.project)
        if len(held) >= MOST_TOKENS:
            raise BadInput(f"There are {MOST_TOKENS:,} tokens; revoke one that nobody uses any more.", field="name")
        if any(each.name == self.name and each.holds(now) for each in held if each.project == self.project):
            raise BadInput(f"{self.project} has a token called “{self.name}”; choose another name.", field="name")
        token = Token(
            **self.model_dump(include={"id", "name", "project", "scopes", "digest", "ending"}),
            by=actor.user,
            at=now,
            expires_at=now + timedelta(days=self.days) if self.days else None,
        )
        return before.model_copy(update={"tokens": (*held, token)})

    def sentence(self, before: Policies, after: Policies) -> str:
        may = " and ".join(each.words for each in self.scopes)
        return f"issued the token “{self.name}” (…{self.ending}) for {self.project}: {may}"


class RevokeToken(PolicyCommand):
    """Shut out whoever has this secret, at once and for good."""

    id: str
    project: Name = "general"

    @property
    def scope(self) -> str:
        return self.project

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        token = next((each for each in before.tokens if (each.id, each.project) == (self.id, self.project)), None)
        if token is None:
            raise BadInput(f"{self.project} has no token “{self.id[:40]}”. Look at the list of tokens.", field="id")
        if token.revoked_at:
            raise AlreadyDone(f"The token “{token.name}” was revoked already.", at=token.revoked_at)
        revoked = token.model_copy(update={"revoked_at": now})
        return before.model_copy(update={"tokens": tuple(revoked if each is token else each for each in before.tokens)})

    def sentence(self, before: Policies, after: Policies) -> str:
        token = next(each for each in after.tokens if each.id == self.id)
        return f"revoked the token “{token.name}” (…{token.ending}) of {token.project}"


class AllowHosts(PolicyCommand):
    """Which addresses inside the own network Bunsen may ask, instead of those it was allowed before."""

    hosts: tuple[str, ...] = Field(default=(), max_length=MOST_HOSTS)

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = tuple(dict.fromkeys(each.strip().lower() for each in hosts if each.strip()))
        for host in cleaned:
            if not (_is_network(host) if "/" in host else HOST.fullmatch(host) or _is_network(host)):
                raise ValueError(f"“{host[:60]}” is no host like metrics.internal:9090 and no network like 10.1.0.0/16")
        return cleaned

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        if self.hosts == before.allowed_hosts:
            raise AlreadyDone("These are the allowed addresses already; nothing was changed.")
        return before.model_copy(update={"allowed_hosts": self.hosts})

    def sentence(self, before: Policies, after: Policies) -> str:
        was, now = (", ".join(each.allowed_hosts) or "none" for each in (before, after))
        return f"changed the allowed addresses inside the network: {was} → {now}"


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


POLICY_COMMANDS: dict[str, type[PolicyCommand]] = {
    command.__name__: command for command in (GiveRole, SetDefaultRole, SetProject, IssueToken, RevokeToken, AllowHosts)
}
