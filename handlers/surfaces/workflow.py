"""Workflow steps: results that a workflow posts, and why it could not."""

from __future__ import annotations

from dataclasses import replace

from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.words import person

WHY_NOT_POSTED = {
    "not_in_channel": "Bunsen is not a member of that channel. Type /invite @Bunsen there and run the workflow again.",
    "channel_not_found": "Bunsen cannot see that channel. Type /invite @Bunsen there and run the workflow again.",
    "is_archived": "That channel is archived. Choose another one in the workflow.",
}


def posted_by(message: Message, user: str) -> Message:
    """The message, with who had it posted."""
    origin = kit.context(f"Posted by a workflow that {person(user)} ran.")
    return replace(message, blocks=[*message.blocks[: kit.MESSAGE_BLOCKS - 1], origin])
