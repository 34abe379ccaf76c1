"""chat.*: posting, changing and deleting messages, permalinks and unfurls."""

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Channel
from bot.sandbox.web_api.messages import checked_content
from bot.sandbox.web_api.method import Call, Method


def post_message(call: Call) -> Json:
    """chat.postMessage"""
    channel = _target(call)
    content = checked_content(call.workspace, _content(call))
    message = call.workspace.post(channel, call.workspace.app.user_id, content, call.text("thread_ts", "") or None)
    if call.flag("reply_broadcast") and "thread_ts" in message:
        call.workspace.change(channel, message, {"subtype": "thread_broadcast"})
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral"""
    channel = _target(call)
    user = call.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = checked_content(call.workspace, _content(call), text_most=limits.MESSAGE_TEXT)
    message = call.workspace.post_ephemeral(channel, user, content, call.text("thread_ts", "") or None)
    return {"ok": True, "message_ts": message["ts"]}


def update(call: Call) -> Json:
    """chat.update"""
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    raw = _content(call)
    forget_metadata = raw.get("metadata") == {}
    if forget_metadata:
        del raw["metadata"]
    content = checked_content(call.workspace, raw, text_most=limits.UPDATE_TEXT)
    # With text alone Slack drops the old blocks and marks the message as edited; with blocks it does neither.
    only_text = "text" in content and "blocks" not in content
    dropped = [key for key, gone in (("blocks", only_text), ("metadata", forget_metadata)) if gone and key in message]
    content |= dict.fromkeys(dropped)
    call.workspace.change(channel, message, content, edited_by=call.workspace.app.user_id if only_text else None)
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


def delete(call: Call) -> Json:
    """chat.delete"""
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    call.workspace.delete(channel, message)
    return {"ok": True, "channel": channel.id, "ts": message["ts"]}


def permalink(call: Call) -> Json:
    """chat.getPermalink"""
    channel = call.channel()
    message = _find(call, channel, "message_ts")
    link = f"{call.workspace.url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    if message.get("thread_ts") not in (None, message["ts"]):
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def unfurl(call: Call) -> Json:
    """chat.unfurl"""
    unfurls = call.structure("unfurls", "invalid_unfurls_format")
    if not isinstance(unfurls, dict) or not unfurls:
        raise SlackError("missing_unfurls" if not unfurls else "invalid_unfurls_format")
    channel, message = _unfurled(call)
    text = message["text"].replace("&amp;", "&")
    if not all(url in text and _may_unfurl(call, url) for url in unfurls):
        raise SlackError("cannot_unfurl_url")
    attachments = list(message.get("attachments", ()))
    for url, unfurled in unfurls.items():
        checked = checked_content(call.workspace, {"attachments": [unfurled]})["attachments"][0]
        about = {"from_url": url, "is_app_unfurl": True, "app_unfurl_url": url, "app_id": call.workspace.app.id}
        attachments = [each for each in attachments if each.get("from_url") != url]
        attachments.append({**checked, **about, "id": len(attachments) + 1})
    call.workspace.change(channel, message, {"attachments": attachments})
    return {"ok": True}


def _may_unfurl(call: Call, url: str) -> bool:
    app = call.workspace.app
    return app.manifest is None or app.unfurl_domain(url) is not None


def _unfurled(call: Call) -> tuple[Channel, Json]:
    channel_id, ts = call.text("channel", ""), call.text("ts", "")
    unfurl_id = call.text("unfurl_id", "")
    if unfurl_id:
        channel_id, _, ts = unfurl_id.partition(".")
    channel = call.workspace.channels.get(channel_id)
    if channel is None:
        raise SlackError("cannot_find_channel" if channel_id else "missing_channel")
    message = channel.find(ts)
    if message is None:
        raise SlackError("cannot_find_message" if ts else "missing_ts")
    return channel, message


def _content(call: Call) -> Json:
    raw = {key: call.args[key] for key in ("text", "markdown_text") if call.args.get(key)}
    for key, error in (
        ("blocks", "invalid_blocks_format"),
        ("attachments", "invalid_attachments"),
        ("metadata", "invalid_metadata_format"),
    ):
        value = call.structure(key, error)
        if value is not None:
            raw[key] = value
    return raw


def _target(call: Call) -> Channel:
    """Where to post: a channel the bot is in, a person (their DM), or a channel by its #name."""
    workspace = call.workspace
    name = call.text("channel")
    if name in workspace.people:
        return workspace.im_with(name)
    for each in workspace.channels.values():
        if each.name and name == f"#{each.name}":
            name = each.id
    channel = workspace.channel(name)
    bot = workspace.app.user_id
    if not workspace.sees(bot, channel):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if bot not in channel.members and "chat:write.public" not in workspace.app.scopes:
        raise SlackError("not_in_channel")
    return channel


def _find(call: Call, channel: Channel, name: str = "ts") -> Json:
    message = channel.find(call.text(name))
    if message is None:
        raise SlackError("message_not_found")
    return message


def _own(call: Call, channel: Channel, refusal: str) -> Json:
    message = _find(call, channel)
    if message["user"] != call.workspace.app.user_id:
        raise SlackError(refusal)
    if channel.is_archived:
        raise SlackError("is_archived" if refusal == "cant_update_message" else refusal)
    return message


_WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(post_message, _WRITE, "Special"),
    "chat.postEphemeral": Method(post_ephemeral, _WRITE, "Tier4"),
    "chat.update": Method(update, _WRITE),
    "chat.delete": Method(delete, _WRITE),
    "chat.getPermalink": Method(permalink, tier="Special"),
    "chat.unfurl": Method(unfurl, ("links:write",)),
}
