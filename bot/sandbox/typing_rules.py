"""What Slack's client makes of typed text: escaping, links, and names in commands."""

import re

from bot.sandbox.app import Json
from bot.sandbox.workspace import Workspace

_TOKEN = re.compile(r"<([@#])([A-Z0-9]+)>")
_URL = re.compile(r"https?://[^\s<>|]+")


def escape(text: str) -> str:
    """The three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message_text(workspace: Workspace, typed: str) -> str:
    """A typed message as stored: mentions of people and channels stay, links are marked, the rest is escaped."""
    parts: list[str] = []
    position = 0
    for match in _TOKEN.finditer(typed):
        if match[2] in workspace.people or match[2] in workspace.channels:
            parts += [_linked(typed[position : match.start()]), match[0]]
            position = match.end()
    parts.append(_linked(typed[position:]))
    return "".join(parts)


def links(typed: str) -> list[str]:
    """Web addresses in a typed message."""
    return _URL.findall(typed)


def command_text(workspace: Workspace, entry: Json, typed: str) -> str:
    """The text of a command: ids with names where the manifest asks to escape, else plain names."""

    def written(match: re.Match[str]) -> str:
        person, channel = workspace.people.get(match[2]), workspace.channels.get(match[2])
        name = person.handle if person else channel.name if channel else None
        if name is None:
            return match[0]
        return f"<{match[1]}{match[2]}|{name}>" if entry.get("should_escape") else f"{match[1]}{name}"

    return _TOKEN.sub(written, typed)


def _linked(text: str) -> str:
    parts: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        parts += [escape(text[position : match.start()]), f"<{escape(match[0])}>"]
        position = match.end()
    return "".join([*parts, escape(text[position:])])
