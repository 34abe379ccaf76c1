"""What Slack sends: the fields that commands, interactions and events have in common."""

import secrets

from bot.sandbox.app import Json
from bot.sandbox.seeds import Channel
from bot.sandbox.tickets import Response
from bot.sandbox.workspace import Workspace

TOKEN = "sandbox-verification"  # noqa: S105  Slack's deprecated verification token, not a secret here


class Payloads:
    """Builds payloads for one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def response_url(self, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        """A new response URL."""
        response = Response(user, channel, self._workspace.clock.lived(), message_ts, thread_ts)
        return f"{self._workspace.url}/response/{self._workspace.responses.issue(response)}"

    def command(self, user: str, channel: Channel, command: str, text: str, thread_ts: str | None) -> Json:
        """A slash command."""
        workspace = self._workspace
        payload = {
            "token": TOKEN,
            "team_id": workspace.team["id"],
            "team_domain": workspace.team["domain"],
            "channel_id": channel.id,
            "channel_name": self.channel_name(channel),
            "user_id": user,
            "user_name": workspace.acting(user).handle,
            "command": command,
            "text": text,
            "api_app_id": workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(user, channel.id, thread_ts=thread_ts),
            "trigger_id": workspace.triggers.issue(user),
        }
        return payload | ({"thread_ts": thread_ts} if thread_ts else {})

    def interaction(self, kind: str, user: str) -> Json:
        """What every interactive payload begins with."""
        workspace, person = self._workspace, self._workspace.acting(user)
        return {
            "type": kind,
            "user": {
                "id": user,
                "username": person.handle,
                "name": person.handle,
                "team_id": person.team or workspace.team["id"],
            },
            "api_app_id": workspace.app.id,
            "token": TOKEN,
            "team": {"id": workspace.team["id"], "domain": workspace.team["domain"]},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def event(self, event: Json) -> Json:
        """An Events API envelope around one event."""
        workspace = self._workspace
        where = event.get("channel")
        channel = workspace.channels.get(where) if isinstance(where, str) else None
        now = workspace.clock.now().timestamp()
        team = workspace.team["id"]
        event.setdefault("event_ts", f"{now:.6f}")
        return {
            "token": TOKEN,
            "team_id": team,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{secrets.token_hex(5).upper()}",
            "event_time": int(now),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team,
                    "user_id": workspace.app.user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel is not None and workspace.is_shared(channel),
            "context_team_id": team,
            "context_enterprise_id": None,
            "event_context": secrets.token_urlsafe(24),
        }

    def channel(self, channel: Channel) -> Json:
        """The short form of a channel in interactive payloads."""
        return {"id": channel.id, "name": self.channel_name(channel)}

    def channel_name(self, channel: Channel) -> str:
        """The name as Slack sends it: DMs and private channels are not named."""
        if channel.is_im:
            return "directmessage"
        return "privategroup" if channel.is_private and not channel.is_mpim else channel.name
