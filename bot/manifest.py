"""What Slack must know of the app, said once: `manifest.yml` and the local workspace are made from it."""

from __future__ import annotations

from typing import Any

from bot.app import COMMAND
from handlers.table import COMMANDS, EVENTS, WHO_IS_WHO

SCOPES = (
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "mpim:history",
    "usergroups:read",
    "users:read",
)


def manifest() -> dict[str, Any]:
    """The app manifest as a dictionary in Slack's schema."""
    return {
        "display_information": {
            "name": "Bunsen",
            "description": "Experiments from hypothesis to decision, where the team already talks.",
            "background_color": "#1f2a44",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Bunsen", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Create, review, start, read and decide experiments",
                    "usage_hint": f"[{'|'.join(word for word in COMMANDS if word)}]",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted({*EVENTS, *WHO_IS_WHO})},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
