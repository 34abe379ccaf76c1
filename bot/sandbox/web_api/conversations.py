"""conversations.* and users.conversations: what the app may know of channels and their messages."""

from collections.abc import Callable

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Channel
from bot.sandbox.web_api.method import Call, Method, page_of

_KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(call: Call) -> Json:
    """conversations.info"""
    channel = _allowed(call, "read")
    about = describe(call, channel)
    if call.flag("include_num_members"):
        about["num_members"] = len(channel.members)
    return {"ok": True, "channel": about}


def listing(call: Call) -> Json:
    """conversations.list"""
    return _list(call, lambda channel: call.workspace.sees(call.workspace.app.user_id, channel))


def of_user(call: Call) -> Json:
    """users.conversations"""
    user = call.text("user", call.workspace.app.user_id)
    call.workspace.person(user)
    return _list(call, lambda channel: user in channel.members)


def members(call: Call) -> Json:
    """conversations.members"""
    channel = _allowed(call, "read")
    page, metadata = page_of([{"id": each} for each in channel.members], call)
    return {"ok": True, "members": [each["id"] for each in page], "response_metadata": metadata}


def history(call: Call) -> Json:
    """conversations.history"""
    channel = _readable(call)
    roots = [
        each
        for each in channel.messages
        if each.get("thread_ts") in (None, each["ts"]) or each.get("subtype") == "thread_broadcast"
    ]
    return _messages(call, roots[::-1])


def replies(call: Call) -> Json:
    """conversations.replies"""
    channel = _readable(call)
    asked = channel.find(call.text("ts"))
    if asked is None:
        raise SlackError("thread_not_found")
    root = asked.get("thread_ts", asked["ts"])
    return _messages(call, [each for each in channel.messages if root in (each["ts"], each.get("thread_ts"))])


def open_(call: Call) -> Json:
    """conversations.open"""
    users = call.words("users")
    if call.text("channel", ""):
        channel = call.channel()
    elif users:
        channel = call.workspace.conversation_of([*users, call.workspace.app.user_id])
    else:
        raise SlackError("users_list_not_supplied")
    return {"ok": True, "channel": describe(call, channel) if call.flag("return_im") else {"id": channel.id}}


def join(call: Call) -> Json:
    """conversations.join"""
    channel = call.channel()
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    bot = call.workspace.app.user_id
    already = {"warning": "already_in_channel"} if bot in channel.members else {}
    call.workspace.add_member(channel, bot)
    return {"ok": True, "channel": describe(call, channel), **already}


def describe(call: Call, channel: Channel) -> Json:
    """Slack's conversation object."""
    about: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.is_im,
        "is_archived": channel.is_archived,
        "context_team_id": call.workspace.team["id"],
    }
    if channel.is_im:
        return {**about, "user": next(each for each in channel.members if each != call.workspace.app.user_id)}
    return {
        **about,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_member": call.workspace.app.user_id in channel.members,
        "is_shared": call.workspace.is_shared(channel),
        "is_ext_shared": call.workspace.is_shared(channel),
        "is_org_shared": False,
        "creator": channel.members[0],
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "private_channel" if channel.is_private else "public_channel"


def _allowed(call: Call, what: str) -> Channel:
    channel = call.channel()
    call.needs(f"{_KINDS[_kind(channel)]}:{what}")
    return channel


def _readable(call: Call) -> Channel:
    channel = _allowed(call, "history")
    if call.workspace.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _list(call: Call, wanted: Callable[[Channel], bool]) -> Json:
    kinds = call.words("types") or ["public_channel"]
    for kind in kinds:
        if kind not in _KINDS:
            raise SlackError("invalid_types")
        call.needs(f"{_KINDS[kind]}:read")
    found = [
        describe(call, each)
        for each in call.workspace.channels.values()
        if _kind(each) in kinds and wanted(each) and not (each.is_archived and call.flag("exclude_archived"))
    ]
    page, metadata = page_of(found, call)
    return {"ok": True, "channels": page, "response_metadata": metadata}


def _messages(call: Call, messages: list[Json]) -> Json:
    oldest, latest = call.text("oldest", ""), call.text("latest", "")
    inclusive = call.flag("inclusive")
    chosen = [each for each in messages if _between(float(each["ts"]), oldest, latest, inclusive=inclusive)]
    page, metadata = page_of(chosen, call, most=999)
    hidden = () if call.flag("include_all_metadata") else ("metadata",)
    shown = [{key: value for key, value in each.items() if key not in hidden} for each in page]
    more = bool(metadata["next_cursor"])
    return {"ok": True, "messages": shown, "has_more": more, **({"response_metadata": metadata} if more else {})}


def _between(ts: float, oldest: str, latest: str, *, inclusive: bool) -> bool:
    try:
        low = float(oldest) if oldest else float("-inf")
        high = float(latest) if latest else float("inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    return low <= ts <= high if inclusive else low < ts < high


_ANY_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_ANY_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
METHODS = {
    "conversations.info": Method(info, _ANY_READ),
    "conversations.list": Method(listing, _ANY_READ, "Tier2"),
    "conversations.members": Method(members, _ANY_READ, "Tier4"),
    "conversations.history": Method(history, _ANY_HISTORY),
    "conversations.replies": Method(replies, _ANY_HISTORY),
    "conversations.open": Method(open_, ("channels:manage", "groups:write", "im:write", "mpim:write")),
    "conversations.join": Method(join, ("channels:join",)),
    "users.conversations": Method(of_user, _ANY_READ),
}
