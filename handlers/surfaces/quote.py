"""What is taken from a conversation in Slack: a message in plain words, or a whole thread."""

from __future__ import annotations

from experiments.numerals import counted
from experiments.texts import Frozen
from handlers.surfaces.taken_from import taken_from
from handlers.surfaces.words import said

WHY_NOT_READ = {
    "not_in_channel": "I am not a member of its channel. Type /invite @Bunsen there, then draft again.",
    "channel_not_found": "I cannot see its channel. Type /invite @Bunsen there, then draft again.",
    "missing_scope": "the app may not read there. An admin has to install it again.",
}


class Quote(Frozen):
    """A message: its words, its author's id, and the link to it where there is one; `is_gone` when it was deleted."""

    text: str
    by: str = ""
    link: str = ""
    is_gone: bool = False


class Thread(Frozen):
    """A conversation: where it is, the link to it, how many of how many messages were read, or why none could be."""

    channel: str
    ts: str
    link: str = ""
    read: int = 0
    of: int = 0
    refused: str = ""


def thread_line(thread: Thread) -> str:
    """What was read of the thread, or why it was not and how to mend that."""
    where = taken_from(thread.link, "this thread") or "the thread"
    if not thread.refused:
        most = f"the newest {thread.read} of {counted(thread.of, 'message')}" if thread.of > thread.read else ""
        return f"🧵 Taken from {where}" + (f": {most or counted(thread.read, 'message')} read." if thread.of else ".")
    if thread.refused in ("thread_not_found", "message_not_found"):
        return f"🧵 The messages of {where} were deleted, so the summary rests on the readout and the notes."
    why = WHY_NOT_READ.get(thread.refused, f"Slack answered “{said(thread.refused, 80)}”.")
    return f"🧵 I could not read {where}: {why}"
