"""What a Web API method is: its function, the scopes it needs, its tier, and how it reads its arguments."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Channel
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.workspace import Workspace

Caller = Literal["bot", "app", "anyone"]
_FALSE = {"", "0", "false", "False", None, False}


@dataclass(frozen=True)
class Call:
    """One call: the workspace it acts on and the arguments as they came."""

    workspace: Workspace
    sockets: Sockets
    args: Json

    def text(self, name: str, default: str | None = None) -> str:
        """A string argument; without a default it is required."""
        value = self.args.get(name)
        if value is None or value == "":
            if default is None:
                raise SlackError("invalid_arguments", f"[ERROR] missing required field: {name}")
            return default
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes-or-no argument."""
        return self.args[name] not in _FALSE if name in self.args else default

    def number(self, name: str, default: int) -> int:
        """A whole-number argument."""
        try:
            return int(self.args.get(name, default))
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", f"[ERROR] must be an integer [json-pointer:/{name}]") from None

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """An object or list that may have come as JSON in a form field; None when absent."""
        value = self.args.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise SlackError(error, f"[ERROR] must be valid json [json-pointer:/{name}]") from None
        return value

    def words(self, name: str) -> list[str]:
        """A list of ids, comma-separated or as a list."""
        value = self.args.get(name)
        if isinstance(value, str):
            value = self.structure(name) if value.startswith("[") else value.split(",")
        return [str(each).strip() for each in value or () if str(each).strip()]

    def channel(self, name: str = "channel") -> Channel:
        """The conversation that the app may know of; private ones only as a member."""
        workspace = self.workspace
        channel = workspace.channel(self.text(name))
        if not workspace.sees(workspace.app.user_id, channel):
            raise SlackError("channel_not_found")
        return channel

    def needs(self, *scopes: str) -> None:
        """Refuse when the bot token carries none of these scopes."""
        provided = self.workspace.app.scopes
        if scopes and not provided.intersection(scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(provided)))


@dataclass(frozen=True)
class Method:
    """An entry of the registry; any one of `scopes` is enough."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    tier: str = "Tier3"
    caller: Caller = "bot"


def page_of(items: list[Json], call: Call, default: int = 100, most: int = 1000) -> tuple[list[Json], Json]:
    """One page of a list by `cursor` and `limit`, and the `response_metadata` to go on with."""
    limit = call.number("limit", default) or default
    if not 1 <= limit <= most:
        raise SlackError("invalid_limit")
    try:
        start = int(call.text("cursor", "next:0").removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None
    rest = start + limit
    return items[start:rest], {"next_cursor": f"next:{rest}" if rest < len(items) else ""}
