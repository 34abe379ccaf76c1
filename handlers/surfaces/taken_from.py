"""Where a note or a decision was taken from: a link to the message in Slack, and to nowhere else."""

from __future__ import annotations

import re

from handlers.surfaces.words import said

MESSAGE_IN_SLACK = re.compile(
    r"(https://[a-z0-9-]+(\.enterprise)?\.slack(-gov)?\.com|http://127\.0\.0\.1:\d+)"
    r"/archives/[A-Z0-9]+/p\d+(\?thread_ts=[\d.]+&cid=[A-Z0-9]+)?"
)


def taken_from(source: str, words: str = "the message") -> str:
    """A link when it leads to a message in Slack, else the source as it was typed; empty without one."""
    if MESSAGE_IN_SLACK.fullmatch(source):
        return f"<{source.replace('&', '&amp;')}|{words}>"
    return said(source) if source else ""
