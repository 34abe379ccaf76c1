"""Where traffic is sent: by Bunsen's own evaluation where an application asks it, else by hand, as the card says."""

from __future__ import annotations

from bot.traffic import Snapshot
from experiments.tokens import Scope


class NotConnected:
    """Whoever routes the traffic does so by hand."""

    def connects(self, project: str) -> bool:
        return False


class Served:
    """A project is connected once it has a token with which applications evaluate its flags."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def connects(self, project: str) -> bool:
        return any(each.project == project and Scope.EVALUATE in each.scopes for each in self._snapshot.tokens.values())
