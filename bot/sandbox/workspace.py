"""The workspace in memory: people, channels, messages, and who may see what."""

import asyncio
import copy
import itertools
from collections import deque
from typing import Any

from bot.sandbox import limits
from bot.sandbox.app import App, Json
from bot.sandbox.clock import Clock
from bot.sandbox.errors import SlackError
from bot.sandbox.faults import Faults
from bot.sandbox.file_store import FileStore
from bot.sandbox.live import Live
from bot.sandbox.seeds import Channel, Person, UserGroup, seeds
from bot.sandbox.tickets import Responses, Triggers
from bot.sandbox.view_stacks import ViewStacks
from bot.sandbox.workflows import Workflows


class Workspace:
    """One team with one installed app; every change is told to the pages that may see it."""

    def __init__(self, manifest: Json | None = None, clock: Clock | None = None, app: App | None = None) -> None:
        self.team = {"id": "T0SANDBOX", "name": "Bunsen Lab", "domain": "bunsen-lab"}
        self.app = app or App(manifest)
        self.clock = clock or Clock()
        self.url = "http://127.0.0.1:8321"
        self.ack_seconds: float = limits.ACK_SECONDS
        self.retry_delays: tuple[float, ...] = (0, 60, 300)
        self.enforce_rate_limits = False
        self.live = Live()
        self.triggers = Triggers()
        self.responses = Responses()
        self.files = FileStore()
        self.faults = Faults()
        self.views = ViewStacks(self)
        self.calls: deque[Json] = deque(maxlen=limits.REMEMBERED)
        self.oauth_codes: set[str] = set()
        self.workflows = Workflows(self.app)
        self.closing = asyncio.Event()
        people, groups, channels = seeds()
        self.people = {each.id: each for each in people}
        self.usergroups: dict[str, UserGroup] = {each.id: each for each in groups}
        self.channels = {each.id: each for each in channels}
        self._numbers = itertools.count(1)
        for each in self.channels.values():
            each.created = int(self.clock.now().timestamp())
        for person in people:
            if not (person.is_bot or person.team or person.deleted):
                self.im_with(person.id)
        self.clock.on_change = self._clock_moved

    def number(self) -> int:
        """A number nobody else has."""
        return next(self._numbers)

    def person(self, user: str) -> Person:
        """The member with this id."""
        if user not in self.people:
            raise SlackError("user_not_found")
        return self.people[user]

    def acting(self, user: str) -> Person:
        """The member with this id, who must be able to sign in."""
        person = self.person(user)
        if person.deleted:
            raise SlackError("account_inactive", detail=f"{person.real_name} is deactivated and cannot sign in.")
        return person

    def channel(self, channel: str) -> Channel:
        """The conversation with this id."""
        if channel not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel]

    def im_with(self, user: str) -> Channel:
        """The conversation between the app and this person, made when it does not exist."""
        im_id = "D" + self.person(user).id[1:]
        if im_id not in self.channels:
            created = int(self.clock.now().timestamp())
            self.channels[im_id] = Channel(im_id, "", [user, self.app.user_id], is_im=True, created=created)
        return self.channels[im_id]

    def conversation_of(self, users: list[str]) -> Channel:
        """The direct conversation of exactly these people, made when it does not exist."""
        members = sorted({self.person(each).id for each in users})
        others = [each for each in members if each != self.app.user_id]
        if any(self.people[each].deleted for each in members):
            raise SlackError("user_disabled")
        if len(members) == 2 and len(others) == 1:
            return self.im_with(others[0])
        known = (each for each in self.channels.values() if each.is_im or each.is_mpim)
        for each in known:
            if sorted(each.members) == members:
                return each
        if len(members) < 2 or len(members) > limits.DIRECT_MEMBERS:
            raise SlackError("not_enough_users" if len(members) < 2 else "too_many_users")
        several = len(members) > 2
        name = f"mpdm-{'--'.join(self.people[each].handle for each in members)}-1" if several else ""
        made = Channel(f"{'G' if several else 'D'}0{self.number():04}", name, members)
        made.is_im, made.is_mpim, made.is_private = not several, several, several
        made.created = int(self.clock.now().timestamp())
        self.channels[made.id] = made
        self.tell_channel(made)
        return made

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether this person may look into the conversation."""
        person = self.people.get(user)
        closed = channel.is_private or channel.is_im or person is None or person.is_outsider
        return user in channel.members or not closed

    def is_shared(self, channel: Channel) -> bool:
        """Whether people of another workspace are in it."""
        return any(self.people[each].team for each in channel.members)

    def audience(self, channel: Channel) -> list[str]:
        """The people whose pages show this conversation."""
        return [each.id for each in self.people.values() if not each.is_bot and self.sees(each.id, channel)]

    def next_ts(self, channel: Channel) -> str:
        """A `ts` later than every other of the channel, at the sandbox's time."""
        micros = int(self.clock.now().timestamp() * 1_000_000)
        channel.last_ts = max(micros, channel.last_ts + 1)
        return f"{channel.last_ts // 1_000_000}.{channel.last_ts % 1_000_000:06d}"

    def post(self, channel: Channel, user: str, content: Json, thread_ts: str | None = None) -> Json:
        """Append a message; `content` is text, blocks, attachments, files, metadata."""
        message = self._message(channel, user, content)
        parent = self._thread_parent(channel, thread_ts)
        if parent is not None:
            message["thread_ts"] = parent["ts"]
            message["parent_user_id"] = parent["user"]
        channel.messages.append(message)
        self._tell(channel, "message", message)
        if parent is not None:
            self._count_reply(channel, parent, message)
        return message

    def post_ephemeral(self, channel: Channel, to: str, content: Json, thread_ts: str | None = None) -> Json:
        """Show a message to one person only."""
        message = {**self._message(channel, self.app.user_id, content), "ephemeral": True}
        if thread_ts:
            message["thread_ts"] = thread_ts
        channel.ephemerals.setdefault(to, []).append(message)
        self.live.tell([to], {"type": "ephemeral", "channel": channel.id, "message": copy.deepcopy(message)})
        return message

    def change(self, channel: Channel, message: Json, content: Json, edited_by: str | None = None) -> Json:
        """Replace parts of a message; an editor leaves the edited mark."""
        message.update(content)
        for key in [key for key, value in content.items() if value is None]:
            del message[key]
        if edited_by:
            message["edited"] = {"user": edited_by, "ts": self.next_ts(channel)}
        self._tell(channel, "message_changed", message)
        return message

    def delete(self, channel: Channel, message: Json) -> None:
        """Take a message away; a parent with replies stays as a tombstone in Slack, here it goes too."""
        channel.messages.remove(message)
        gone = {"type": "message_deleted", "channel": channel.id, "ts": message["ts"]}
        self.live.tell(self.audience(channel), gone)
        parent = channel.find(message.get("thread_ts", ""))
        if parent is not None:
            parent["reply_count"] = sum(1 for each in channel.messages if _is_reply_to(each, parent))
            self._tell(channel, "message_changed", parent)

    def find_ephemeral(self, channel: Channel, user: str, ts: str) -> Json | None:
        """The ephemeral message of this person with this `ts`."""
        return next((each for each in channel.ephemerals.get(user, ()) if each["ts"] == ts), None)

    def change_ephemeral(self, channel: Channel, user: str, message: Json, content: Json | None) -> None:
        """Replace an ephemeral message, or take it away when there is no content."""
        if content is None:
            channel.ephemerals[user].remove(message)
            self.live.tell([user], {"type": "message_deleted", "channel": channel.id, "ts": message["ts"]})
            return
        message.pop("blocks", None)
        message.update({key: value for key, value in content.items() if value is not None})
        changed = {"type": "message_changed", "channel": channel.id, "message": copy.deepcopy(message)}
        self.live.tell([user], changed)

    def visible(self, channel: Channel, user: str) -> list[Json]:
        """Everything this person sees in the channel, oldest first."""
        mine = [*channel.messages, *channel.ephemerals.get(user, ())]
        return sorted((copy.deepcopy(each) for each in mine), key=lambda each: float(each["ts"]))

    def add_member(self, channel: Channel, user: str) -> None:
        """Let someone in."""
        if user not in channel.members:
            channel.members.append(user)
            self.tell_channel(channel)

    def remove_member(self, channel: Channel, user: str) -> None:
        """Let someone go; a page that may not look any more forgets the channel."""
        if user in channel.members:
            channel.members.remove(user)
            self.tell_channel(channel)
            if not self.sees(user, channel):
                self.live.tell([user], {"type": "channel_gone", "channel": channel.id})

    def tell_channel(self, channel: Channel) -> None:
        """Tell pages that the channel itself changed."""
        self.live.tell(self.audience(channel), {"type": "channel", "channel": self.describe(channel)})

    def describe(self, channel: Channel) -> Json:
        """The channel as the page knows it."""
        about: Json = {
            "id": channel.id,
            "name": channel.name,
            "is_im": channel.is_im,
            "is_mpim": channel.is_mpim,
            "is_private": channel.is_private,
            "is_archived": channel.is_archived,
            "members": list(channel.members),
        }
        if channel.is_im:
            about["user"] = next((each for each in channel.members if each != self.app.user_id), self.app.user_id)
        return about

    def _message(self, channel: Channel, user: str, content: Json) -> Json:
        message: Json = {
            "type": "message",
            "user": user,
            "team": self.team["id"],
            "text": "",
            "ts": self.next_ts(channel),
        }
        if (author := self.people.get(user)) and author.team:
            message |= dict.fromkeys(("team", "user_team", "source_team"), author.team)
        if user == self.app.user_id:
            icons: dict[str, Any] = {}
            profile = {"id": self.app.bot_id, "app_id": self.app.id, "user_id": user, "name": self.app.name}
            message |= {"bot_id": self.app.bot_id, "app_id": self.app.id, "bot_profile": {**profile, "icons": icons}}
        message |= {key: copy.deepcopy(value) for key, value in content.items() if value is not None}
        return message

    def _thread_parent(self, channel: Channel, thread_ts: str | None) -> Json | None:
        if not thread_ts:
            return None
        parent = channel.find(thread_ts)
        if parent is None:
            raise SlackError("thread_not_found")
        root = parent.get("thread_ts")
        return parent if root in (None, parent["ts"]) else channel.find(root) or parent

    def _count_reply(self, channel: Channel, parent: Json, reply: Json) -> None:
        parent["thread_ts"] = parent["ts"]
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent["latest_reply"] = reply["ts"]
        parent["reply_users"] = sorted({*parent.get("reply_users", ()), reply["user"]})
        self._tell(channel, "message_changed", parent)

    def _tell(self, channel: Channel, kind: str, message: Json) -> None:
        event = {"type": kind, "channel": channel.id, "message": copy.deepcopy(message)}
        self.live.tell(self.audience(channel), event)

    def _clock_moved(self) -> None:
        self.live.tell_all({"type": "clock", "now": self.clock.now().isoformat(), "rate": self.clock.rate})


def _is_reply_to(message: Json, parent: Json) -> bool:
    return bool(message.get("thread_ts") == parent["ts"] and message["ts"] != parent["ts"])
