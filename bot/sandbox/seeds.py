"""The people, user groups and channels a fresh sandbox begins with."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.app import Json


@dataclass
class Person:
    """Somebody in the workspace; `team` names the connected workspace of a person who comes from outside."""

    id: str
    handle: str
    real_name: str
    title: str
    tz: str
    color: str
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    deleted: bool = False
    team: str = ""

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{self.handle}@bunsen-lab.example"

    @property
    def is_outsider(self) -> bool:
        """Guests and people of other workspaces see nothing but the conversations they are in."""
        return self.is_restricted or bool(self.team)

    def tz_offset(self, at: datetime) -> int:
        """Seconds east of UTC at a moment."""
        offset = at.astimezone(ZoneInfo(self.tz)).utcoffset()
        return int(offset.total_seconds()) if offset else 0


@dataclass
class UserGroup:
    """People who are addressed together."""

    id: str
    handle: str
    name: str
    users: list[str]
    disabled: bool = False


@dataclass
class Channel:
    """A conversation: its members and its messages in the order they were posted."""

    id: str
    name: str
    members: list[str]
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_archived: bool = False
    created: int = 0
    messages: list[Json] = field(default_factory=list)
    ephemerals: dict[str, list[Json]] = field(default_factory=dict)
    last_ts: int = 0

    @property
    def kind(self) -> str:
        """Slack's `channel_type` of messages in it."""
        if self.is_im:
            return "im"
        return "mpim" if self.is_mpim else "group" if self.is_private else "channel"

    def find(self, ts: str) -> Json | None:
        """The message with this `ts`, newest looked at first."""
        return next((each for each in reversed(self.messages) if each["ts"] == ts), None)


def seeds() -> tuple[list[Person], list[UserGroup], list[Channel]]:
    """People who build with models, a guest, one from outside, one who left, the bot; reviewers; four channels."""
    people = [
        Person("U0ADA", "ada", "Ada Meyer", "ML engineer", "Europe/Berlin", "#8c3f5d", is_admin=True),
        Person("U0BO", "bo", "Bo Lindqvist", "Data scientist", "Europe/Stockholm", "#2f6f4f"),
        Person("U0CHEN", "chen", "Chen Wei", "Product manager", "Asia/Singapore", "#2d5f9a"),
        Person("U0DEE", "dee", "Dee Okafor", "Platform architect", "America/New_York", "#a05a1c"),
        Person("U0ESHA", "esha", "Esha Rao", "Guest, analyst", "Asia/Kolkata", "#6a4c93", is_restricted=True),
        Person("U0FINN", "finn", "Finn Walsh", "From Harbour Labs", "Australia/Adelaide", "#3b6e75", team="T0HARBOUR"),
        Person("U0GUS", "gus", "Gus Novak", "Left the company", "Europe/Prague", "#77706a", deleted=True),
        Person("U0BUNSEN", "bunsen", "Bunsen", "", "Etc/UTC", "#4a4e69", is_bot=True),
    ]
    groups = [UserGroup("S0REVIEWERS", "experiment-reviewers", "Experiment reviewers", ["U0BO", "U0DEE"])]
    everyone = ["U0ADA", "U0BO", "U0CHEN", "U0DEE"]
    channels = [
        Channel("C0EXPERIMENTS", "experiments", [*everyone, "U0ESHA", "U0FINN", "U0BUNSEN"]),
        Channel("C0GENERAL", "general", list(everyone)),
        Channel("C0ARCHIVE", "old-lab", [*everyone, "U0BUNSEN"], is_archived=True),
        Channel("G0SEARCH", "search-team", ["U0ADA", "U0BO", "U0BUNSEN"], is_private=True),
    ]
    return people, groups, channels
