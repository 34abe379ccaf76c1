"""What happens to the workspace itself: who is in it and what they may do, and where conversations begin and end."""

from typing import Any

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.events import Events
from bot.sandbox.seeds import Channel, Person, UserGroup
from bot.sandbox.web_api.users import describe_group, describe_person
from bot.sandbox.workspace import Workspace

_OF_A_PERSON = ("handle", "real_name", "title", "tz", "color", "team")
_FLAGS = ("is_admin", "is_restricted", "deleted")
_OF_A_GROUP = ("handle", "name")


class Administration:
    """Changes of people, user groups, channels and their members, for the page and for tests."""

    def __init__(self, workspace: Workspace, events: Events) -> None:
        self._workspace = workspace
        self._events = events

    async def person(self, body: Json) -> Json:
        """Add somebody, or change who an existing person is; whoever is deactivated leaves every channel."""
        workspace = self._workspace
        known = workspace.people.get(str(body["id"]))
        person = known or Person(str(body["id"]), "", "", "", "Europe/London", "#6b7f99")
        _take(person, body, _OF_A_PERSON, str)
        _take(person, body, _FLAGS, bool)
        person.handle = person.handle or person.id.lower()
        person.real_name = person.real_name or person.handle
        try:
            person.tz_offset(workspace.clock.now())
        except (ValueError, LookupError):
            raise SlackError("invalid_arguments", detail=f"There is no time zone {person.tz!r}.") from None
        workspace.people[person.id] = person
        if person.deleted:
            for channel in workspace.channels.values():
                if not channel.is_im:
                    workspace.remove_member(channel, person.id)
        elif not person.team:
            workspace.im_with(person.id)
        kind = "user_change" if known else "team_join"
        about = describe_person(workspace, person)
        self._events.send(kind, {"type": kind, "user": about})
        workspace.live.tell_all({"type": "people"})
        return {"ok": True, "user": about}

    async def usergroup(self, body: Json) -> Json:
        """Make a user group, or change its name, its people, or whether it is in use."""
        workspace = self._workspace
        known = workspace.usergroups.get(str(body["id"]))
        group = known or UserGroup(str(body["id"]), "", "", [])
        _take(group, body, _OF_A_GROUP, str)
        _take(group, body, ("disabled",), bool)
        if "users" in body:
            group.users = [workspace.person(str(each)).id for each in body["users"]]
        group.handle = group.handle or group.id.lower()
        group.name = group.name or group.handle
        workspace.usergroups[group.id] = group
        kind = "subteam_updated" if known else "subteam_created"
        about = {**describe_group(workspace, group), "users": list(group.users)}
        self._events.send(kind, {"type": kind, "subteam": about})
        workspace.live.tell_all({"type": "people"})
        return {"ok": True, "usergroup": about}

    async def converse(self, body: Json) -> Json:
        """Open the direct conversation of the person with one or several others."""
        channel = self._workspace.conversation_of([body["user"], *body["users"]])
        return {"ok": True, "channel": self._workspace.describe(channel)}

    async def join(self, body: Json) -> Json:
        """The person enters a public channel."""
        channel = self._workspace.channel(body["channel"])
        self._workspace.add_member(channel, self._workspace.person(body["user"]).id)
        self._events.joined(body["user"], channel)
        return {"ok": True, "channel": self._workspace.describe(channel)}

    async def invite(self, body: Json) -> Json:
        """Somebody, or the app, is brought in."""
        channel = self._workspace.channel(body["channel"])
        guest = self._workspace.person(body["user"])
        if guest.deleted:
            raise SlackError("user_disabled", detail=f"{guest.real_name} is deactivated.")
        self._workspace.add_member(channel, guest.id)
        self._events.joined(guest.id, channel, inviter=body.get("inviter"))
        return {"ok": True, "channel": self._workspace.describe(channel)}

    async def remove(self, body: Json) -> Json:
        """Somebody, or the app, is taken out of a channel."""
        channel = self._workspace.channel(body["channel"])
        if channel.is_im or body["user"] not in channel.members:
            raise SlackError("not_in_channel", detail="Nobody of that name can be removed from here.")
        self._workspace.remove_member(channel, body["user"])
        self._events.left(body["user"], channel)
        return {"ok": True, "channel": self._workspace.describe(channel)}

    async def archive(self, body: Json) -> Json:
        """Close a channel to new messages."""
        return self._set_archived(body, archived=True)

    async def unarchive(self, body: Json) -> Json:
        """Open an archived channel again."""
        return self._set_archived(body, archived=False)

    async def delete(self, body: Json) -> Json:
        """Take any message away, whoever wrote it."""
        channel = self._workspace.channel(body["channel"])
        message = channel.find(body["ts"])
        if message is None:
            raise SlackError("message_not_found")
        self._workspace.delete(channel, message)
        self._events.deleted(channel, message)
        return {"ok": True}

    def _set_archived(self, body: Json, *, archived: bool) -> Json:
        channel: Channel = self._workspace.channel(body["channel"])
        channel.is_archived = archived
        self._workspace.tell_channel(channel)
        self._events.archived(body["user"], channel)
        return {"ok": True, "channel": self._workspace.describe(channel)}


def _take(record: Person | UserGroup, body: Json, names: tuple[str, ...], kind: type[Any]) -> None:
    for name in names:
        if name in body:
            setattr(record, name, kind(body[name]))
