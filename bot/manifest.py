"""What Slack must know of the app, said once: `manifest.yml` and the local workspace are made from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.app import COMMAND, LINK_SHARED, STEP_RUN
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
LINK_SCOPES = ("channels:read", "groups:read", "im:read", "links:read", "links:write", "mpim:read")
"""What it takes besides to show something below links: who is there to see it, and the links."""
SHORTCUTS = (
    ("global", "new_experiment", "New experiment", "Write down an idea in three short steps"),
    ("message", "add_to_experiment", "Add to experiment", "Keep the message with an experiment, as a note"),
    ("message", "decision_from_thread", "Log decision from thread", "Draft a decision from what was said in a thread"),
)
PERSON = {
    "type": "slack#/types/user_context",
    "title": "Person",
    "description": "Whoever runs the workflow; what they may not do, the step does not do either",
    "is_required": True,
}
STEPS: dict[str, dict[str, Any]] = {
    "create_experiment": {
        "title": "Create experiment",
        "description": "Writes down an idea as a draft",
        "input_parameters": {
            "title": {"type": "string", "title": "Title", "is_required": True},
            "hypothesis": {
                "type": "string",
                "title": "Hypothesis",
                "description": "If …, then …, because …",
                "is_required": False,
            },
            "project": {"type": "string", "title": "Project", "is_required": False},
            "channel": {
                "type": "slack#/types/channel_id",
                "title": "Channel",
                "description": "Where its card stands; Bunsen has to be a member",
                "is_required": False,
            },
            "person": PERSON,
        },
        "output_parameters": {
            "key": {"type": "string", "title": "Key", "is_required": True},
            "link": {"type": "string", "title": "Link", "is_required": True},
        },
    },
    "post_results": {
        "title": "Post results",
        "description": "Posts what the data say so far, in words and pictures",
        "input_parameters": {
            "key": {"type": "string", "title": "Key of the experiment", "is_required": True},
            "channel": {
                "type": "slack#/types/channel_id",
                "title": "Channel",
                "description": "Bunsen has to be a member",
                "is_required": True,
            },
            "person": PERSON,
        },
        "output_parameters": {"verdict": {"type": "string", "title": "Verdict", "is_required": True}},
    },
}


def scopes(public_url: str = "") -> tuple[str, ...]:
    """What the bot token has to allow; more where links have an address to lead to."""
    return tuple(sorted({*SCOPES, *(LINK_SCOPES if public_url else ())}))


def manifest(public_url: str = "") -> dict[str, Any]:
    """The app manifest as a dictionary in Slack's schema; with an address, Slack tells of links that lead there."""
    links = {"unfurl_domains": [urlsplit(public_url).hostname]} if public_url else {}
    events = {*EVENTS, *WHO_IS_WHO, STEP_RUN, *([LINK_SHARED] if public_url else [])}
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
            "shortcuts": [
                {"type": kind, "callback_id": callback, "name": name, "description": does}
                for kind, callback, name, does in SHORTCUTS
            ],
            **links,
        },
        "functions": STEPS,
        "oauth_config": {"scopes": {"bot": list(scopes(public_url))}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(events)},
            "function_runtime": "remote",
            "interactivity": {"is_enabled": True},
            # Slack offers steps of workflows only of apps that a whole organisation could install.
            "org_deploy_enabled": True,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
