"""The app as Slack knows it: tokens, secret, manifest and what the manifest subscribes to and allows."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

ALL_SCOPES = frozenset(
    "app_mentions:read channels:history channels:join channels:manage channels:read chat:write commands files:read "
    "files:write groups:history groups:read groups:write im:history im:read im:write links:read links:write "
    "mpim:history mpim:read mpim:write "
    "reactions:read reactions:write team:read usergroups:read users:read users:read.email".split()
)


@dataclass
class App:
    """One installed app; without a manifest it may use every method, command and event."""

    manifest: Json | None = None
    request_url: str | None = None
    id: str = "A0BUNSEN"
    user_id: str = "U0BUNSEN"
    bot_id: str = "B0BUNSEN"
    name: str = "Bunsen"
    client_id: str = "1000000000.2000000000"
    client_secret: str = field(default="sandbox-client-secret", repr=False)
    bot_token: str = field(default="xoxb-sandbox", repr=False)
    app_token: str = field(default="xapp-sandbox", repr=False)
    signing_secret: str = field(default="sandbox-secret", repr=False)

    @property
    def socket_mode(self) -> bool:
        """Whether deliveries go over Socket Mode: they do until a request URL is set."""
        return self.request_url is None

    @property
    def scopes(self) -> frozenset[str]:
        """Scopes of the bot token."""
        if self.manifest is None:
            return ALL_SCOPES
        return frozenset(_at(self.manifest, "oauth_config", "scopes").get("bot", ()))

    @property
    def commands(self) -> list[Json]:
        """Slash commands of the manifest, in its order."""
        return list(_at(self.manifest, "features").get("slash_commands", ()))

    @property
    def shortcuts(self) -> list[Json]:
        """Global and message shortcuts of the manifest."""
        return list(_at(self.manifest, "features").get("shortcuts", ()))

    @property
    def unfurl_domains(self) -> list[str]:
        """Domains whose links are announced as `link_shared`."""
        return list(_at(self.manifest, "features").get("unfurl_domains", ()))

    def unfurl_domain(self, url: str) -> str | None:
        """The domain of the manifest under which this address lies."""
        host = (urlsplit(url).hostname or "").lower()
        return next((each for each in self.unfurl_domains if host == each or host.endswith("." + each)), None)

    def subscribes(self, event: str) -> bool:
        """Whether the app asked for this bot event."""
        if self.manifest is None:
            return True
        return event in _at(self.manifest, "settings", "event_subscriptions").get("bot_events", ())

    def command(self, name: str) -> Json | None:
        """The manifest's entry of a slash command; without a manifest every command is the app's."""
        if self.manifest is None:
            return {"command": name}
        return next((each for each in self.commands if each["command"] == name), None)


def _at(manifest: Json | None, *path: str) -> Json:
    here: Json = manifest or {}
    for part in path:
        here = here.get(part) or {}
    return here
