"""Events API: what happens in the workspace and the app subscribed to."""

import copy

from bot.sandbox.app import Json
from bot.sandbox.delivery import Courier
from bot.sandbox.errors import SlackError
from bot.sandbox.payloads import Payloads
from bot.sandbox.seeds import Channel
from bot.sandbox.typing_rules import links, message_text
from bot.sandbox.workspace import Workspace

_MESSAGES = {
    "im": "message.im",
    "mpim": "message.mpim",
    "group": "message.groups",
    "channel": "message.channels",
}


class Events:
    """Turns what people do into events; the app's own messages are not sent back to it."""

    def __init__(self, workspace: Workspace, courier: Courier) -> None:
        self._workspace = workspace
        self._courier = courier
        self._payloads = Payloads(workspace)

    def message(self, user: str, channel: Channel, typed: str, thread_ts: str | None, file_ids: list[str]) -> Json:
        """A person posts; the app hears of it where it is a member."""
        workspace = self._workspace
        if channel.is_archived:
            raise SlackError("is_archived", detail="This channel is archived.")
        if user not in channel.members:
            raise SlackError("not_in_channel", detail="Join the channel first.")
        content: Json = {"text": message_text(workspace, typed)}
        if file_ids:
            files = [workspace.files.get(each) for each in file_ids]
            for stored in files:
                stored.channels.append(channel.id)
            content["files"] = [stored.describe(workspace.url) for stored in files]
        message = workspace.post(channel, user, content, thread_ts)
        self._announce(channel, message, typed)
        for each in message.get("files", ()) if self._workspace.app.user_id in channel.members else ():
            shared = {"file_id": each["id"], "file": {"id": each["id"]}, "user_id": user, "channel_id": channel.id}
            self.send("file_shared", {"type": "file_shared", **shared})
        return message

    def home_opened(self, user: str, tab: str = "home") -> None:
        """A person looks at the app: at its Home tab, or at the messages it wrote."""
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._workspace.im_with(user).id,
            "tab": tab,
        }
        view = self._workspace.views.home(user)
        if view is not None and tab == "home":
            event["view"] = copy.deepcopy(view)
        self.send("app_home_opened", event)

    def joined(self, user: str, channel: Channel, inviter: str | None = None) -> None:
        """Someone became a member."""
        event = {"type": "member_joined_channel", "user": user, "channel": channel.id}
        event |= {"channel_type": "G" if channel.is_private else "C", "team": self._workspace.team["id"]}
        if inviter:
            event["inviter"] = inviter
        if self._workspace.app.user_id in channel.members:
            self.send("member_joined_channel", event)

    def left(self, user: str, channel: Channel) -> None:
        """Someone is no member any more; the app hears of its own leaving too."""
        event = {"user": user, "channel": channel.id, "channel_type": "G" if channel.is_private else "C"}
        if user == self._workspace.app.user_id:
            kind = "group_left" if channel.is_private else "channel_left"
            self.send(kind, {"type": kind, "channel": channel.id})
        elif self._workspace.app.user_id in channel.members:
            self.send("member_left_channel", {"type": "member_left_channel", **event})

    def archived(self, user: str, channel: Channel) -> None:
        """A channel was archived, or opened again."""
        if self._workspace.app.user_id in channel.members:
            word = "archive" if channel.is_archived else "unarchive"
            kind = f"{'group' if channel.is_private else 'channel'}_{word}"
            self.send(kind, {"type": kind, "channel": channel.id, "user": user})

    def deleted(self, channel: Channel, message: Json) -> None:
        """A message is gone."""
        if self._workspace.app.user_id in channel.members:
            event = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": message["ts"]}
            event |= {"channel": channel.id, "channel_type": channel.kind, "ts": self._workspace.next_ts(channel)}
            self.send(_MESSAGES[channel.kind], {**event, "previous_message": copy.deepcopy(message)})

    def send(self, subscription: str, event: Json) -> None:
        """Deliver if the app subscribed."""
        if self._workspace.app.subscribes(subscription):
            self._courier.send_event(self._payloads.event(event))

    def _announce(self, channel: Channel, message: Json, typed: str) -> None:
        app = self._workspace.app
        where = {"channel": channel.id, "channel_type": channel.kind}
        if app.user_id in channel.members:
            subtype = {"subtype": "file_share"} if "files" in message else {}
            told = {**copy.deepcopy(message), **where, **subtype, "event_ts": message["ts"]}
            self.send(_MESSAGES[channel.kind], told)
            if f"<@{app.user_id}>" in message["text"] and not channel.is_im:
                mention = {key: value for key, value in told.items() if key not in ("channel_type", "subtype")}
                self.send("app_mention", {**mention, "type": "app_mention"})
        self._announce_links(channel, message, typed)

    def _announce_links(self, channel: Channel, message: Json, typed: str) -> None:
        domains = ((url, self._workspace.app.unfurl_domain(url)) for url in dict.fromkeys(links(typed)))
        shared = [{"domain": domain, "url": url} for url, domain in domains if domain]
        if not shared:
            return
        event = {
            "type": "link_shared",
            "channel": channel.id,
            "is_bot_user_member": self._workspace.app.user_id in channel.members,
            "user": message["user"],
            "message_ts": message["ts"],
            "unfurl_id": f"{channel.id}.{message['ts']}",
            "source": "conversations_history",
            "links": shared,
            "event_ts": message["ts"],
        }
        if "thread_ts" in message:
            event["thread_ts"] = message["thread_ts"]
        self.send("link_shared", event)
