"""The people and channels a fresh sandbox begins with."""

from dataclasses import dataclass, field

from bot.sandbox.app import Json


@dataclass
class Person:
    """A member of the workspace."""

    id: str
    handle: str
    real_name: str
    title: str
    tz: str
    color: str
    tz_offset: int = 0
    is_admin: bool = False
    is_bot: bool = False

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{self.handle}@bunsen-lab.example"


@dataclass
class Channel:
    """A conversation: its members and its messages in the order they were posted."""

    id: str
    name: str
    members: list[str]
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    created: int = 0
    messages: list[Json] = field(default_factory=list)
    ephemerals: dict[str, list[Json]] = field(default_factory=dict)
    last_ts: int = 0

    def find(self, ts: str) -> Json | None:
        """The message with this `ts`, newest looked at first."""
        return next((each for each in reversed(self.messages) if each["ts"] == ts), None)


def seeds() -> tuple[list[Person], list[Channel]]:
    """Four people who build with models, the bot, and four channels; DMs are made by the workspace."""
    people = [
        Person("U0ADA", "ada", "Ada Meyer", "ML engineer", "Europe/Berlin", "#8c3f5d", 3600, is_admin=True),
        Person("U0BO", "bo", "Bo Lindqvist", "Data scientist", "Europe/Stockholm", "#2f6f4f", 3600),
        Person("U0CHEN", "chen", "Chen Wei", "Product manager", "Asia/Singapore", "#2d5f9a", 28800),
        Person("U0DEE", "dee", "Dee Okafor", "Platform architect", "America/New_York", "#a05a1c", -18000),
        Person("U0BUNSEN", "bunsen", "Bunsen", "", "Etc/UTC", "#4a4e69", is_bot=True),
    ]
    everyone = ["U0ADA", "U0BO", "U0CHEN", "U0DEE"]
    channels = [
        Channel("C0EXPERIMENTS", "experiments", [*everyone, "U0BUNSEN"]),
        Channel("C0GENERAL", "general", list(everyone)),
        Channel("C0ARCHIVE", "old-lab", [*everyone, "U0BUNSEN"], is_archived=True),
        Channel("G0SEARCH", "search-team", ["U0ADA", "U0BO", "U0BUNSEN"], is_private=True),
    ]
    return people, channels
