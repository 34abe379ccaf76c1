"""files.*: upload in three steps, look-up and delete."""

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.web_api.messages import checked_content
from bot.sandbox.web_api.method import Call, Method


def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal"""
    workspace = call.workspace
    name, length = call.text("filename"), call.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", "[ERROR] must be greater than 0 [json-pointer:/length]")
    alt_text = call.text("alt_txt", "")
    stored, ticket = workspace.files.announce(name, length, workspace.app.user_id, workspace.clock.now(), alt_text)
    return {"ok": True, "upload_url": f"{workspace.url}/upload/{ticket}", "file_id": stored.id}


def complete(call: Call) -> Json:
    """files.completeUploadExternal"""
    workspace = call.workspace
    asked = call.structure("files")
    if not isinstance(asked, list) or not asked or not all(isinstance(each, dict) and "id" in each for each in asked):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: files")
    stored = [workspace.files.uploaded(str(each["id"])) for each in asked]
    targets = [
        workspace.im_with(each) if each in workspace.people else workspace.channel(each)
        for each in call.words("channels") or call.words("channel_id")
    ]
    for channel in targets:
        if not workspace.sees(workspace.app.user_id, channel):
            raise SlackError("channel_not_found")
        if workspace.app.user_id not in channel.members:
            raise SlackError("not_in_channel")
    raw = {"text": call.text("initial_comment", "")}
    blocks = call.structure("blocks", "invalid_blocks")
    content = checked_content(workspace, raw if blocks is None else {**raw, "blocks": blocks}, partial=True)
    for each, one in zip(stored, asked, strict=True):
        each.complete = True
        each.title = str(one.get("title") or each.title or each.name)
        each.channels += [channel.id for channel in targets]
    described = [each.describe(workspace.url) for each in stored]
    for channel in targets:
        shared = {**content, "files": described, "upload": True}
        workspace.post(channel, workspace.app.user_id, shared, call.text("thread_ts", "") or None)
    return {"ok": True, "files": described}


def info(call: Call) -> Json:
    """files.info"""
    stored = call.workspace.files.get(call.text("file"))
    stored.looks = max(0, stored.looks - 1)
    return {"ok": True, "file": stored.describe(call.workspace.url)}


def delete(call: Call) -> Json:
    """files.delete"""
    call.workspace.files.delete(call.text("file"))
    return {"ok": True}


METHODS = {
    "files.getUploadURLExternal": Method(upload_url, ("files:write",), "Tier4"),
    "files.completeUploadExternal": Method(complete, ("files:write",), "Tier4"),
    "files.info": Method(info, ("files:read",), "Tier4"),
    "files.delete": Method(delete, ("files:write",)),
}
