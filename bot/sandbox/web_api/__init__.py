"""Slack's Web API: one registry of methods, filled by one file per family."""

from bot.sandbox.web_api import auth, chat, conversations, files, functions, users, views
from bot.sandbox.web_api.method import Call, Method

METHODS: dict[str, Method] = {
    **auth.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **functions.METHODS,
    **users.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Call", "Method"]
