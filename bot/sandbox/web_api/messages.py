"""The content of a message: reading it from arguments and refusing what Slack would refuse."""

import json
from typing import Any

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.validation import check_blocks
from bot.sandbox.view_stacks import with_ids
from bot.sandbox.workspace import Workspace


def checked_content(workspace: Workspace, raw: Json, *, partial: bool = False, text_most: int | None = None) -> Json:
    """Text, blocks, attachments and metadata of a message.

    `partial` allows that none is given; text over `text_most` is refused, without it cut where Slack cuts.
    """
    content: Json = {}
    text = raw.get("markdown_text") or raw.get("text")
    if raw.get("markdown_text") and (raw.get("text") or raw.get("blocks")):
        raise SlackError("markdown_text_conflict")
    if text is not None:
        if text_most is not None and len(str(text)) > text_most:
            raise SlackError("msg_too_long")
        content["text"] = str(text)[: limits.MESSAGE_TEXT]
    blocks = raw.get("blocks")
    if blocks is not None:
        check_blocks(blocks, workspace.files)
        if len(json.dumps(blocks, ensure_ascii=False)) > limits.MESSAGE_BLOCKS_CHARS:
            raise SlackError("msg_blocks_too_long")
        content["blocks"] = with_ids(blocks)
    attachments = raw.get("attachments")
    if attachments is not None:
        content["attachments"] = _attachments(workspace, attachments)
    if raw.get("metadata") is not None:
        content["metadata"] = _metadata(raw["metadata"])
    if not partial and not (content.get("text") or content.get("blocks") or content.get("attachments")):
        raise SlackError("no_text")
    return content


def _attachments(workspace: Workspace, attachments: Any) -> list[Json]:
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > limits.MESSAGE_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    checked = []
    for number, each in enumerate(attachments, start=1):
        attachment = {"id": number, **each}
        if "blocks" in each:
            check_blocks(each["blocks"], workspace.files, at=f"/attachments/{number - 1}/blocks")
            attachment["blocks"] = with_ids(each["blocks"])
        attachment.setdefault("fallback", each.get("text", "[no preview available]"))
        checked.append(attachment)
    return checked


def _metadata(metadata: Any) -> Json:
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return metadata
