"""Who somebody is: roles from Slack, asked once in a while, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from bot import identity
from bot.identity import REMEMBERED_SECONDS, Directory
from experiments.errors import Unavailable
from experiments.permissions import Role
from tests.worlds import WORKSPACE, MemoryWorld, RecordingSlack

NO_POLICIES = MemoryWorld().database.reading


class Ticks:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def slack() -> RecordingSlack:
    return RecordingSlack()


def answer(slack: RecordingSlack, **person: Any) -> None:
    slack.answer("users.info", user={"id": "U0ADA", "team_id": WORKSPACE, **person})


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ({}, Role.REVIEWER),
        ({"is_admin": True}, Role.ADMIN),
        ({"is_owner": True}, Role.ADMIN),
        ({"is_restricted": True}, Role.OUTSIDER),
        ({"is_ultra_restricted": True, "is_admin": True}, Role.OUTSIDER),
        ({"is_stranger": True}, Role.OUTSIDER),
        ({"team_id": "T0FAR", "is_admin": True}, Role.OUTSIDER),
    ],
)
async def test_the_role_is_slacks(person: dict[str, Any], role: Role, slack: RecordingSlack) -> None:
    answer(slack, **person)
    assert (await Directory(slack, NO_POLICIES).actor(WORKSPACE, "U0ADA")).role is role


async def test_who_is_named_in_the_settings_is_an_admin(slack: RecordingSlack) -> None:
    answer(slack)
    assert (await Directory(slack, NO_POLICIES, frozenset({"U0ADA"})).actor(WORKSPACE, "U0ADA")).role is Role.ADMIN


async def test_a_guest_named_in_the_settings_stays_a_guest(slack: RecordingSlack) -> None:
    answer(slack, is_restricted=True)
    assert (await Directory(slack, NO_POLICIES, frozenset({"U0ADA"})).actor(WORKSPACE, "U0ADA")).role is Role.OUTSIDER


async def test_name_zone_and_delivery_come_along(slack: RecordingSlack) -> None:
    answer(slack, real_name="Ada Meyer", tz="Europe/Berlin")
    actor = await Directory(slack, NO_POLICIES).actor(WORKSPACE, "U0ADA", "command 1")
    assert (actor.name, actor.tz, actor.delivery) == ("Ada Meyer", "Europe/Berlin", "command 1")


async def test_slack_is_asked_once_in_ten_minutes(slack: RecordingSlack) -> None:
    ticks = Ticks()
    directory = Directory(slack, NO_POLICIES, ticks=ticks)
    for _ in range(2):
        answer(slack)
    for moment in (0.0, REMEMBERED_SECONDS, REMEMBERED_SECONDS + 1):
        ticks.time = moment
        await directory.actor(WORKSPACE, "U0ADA", f"delivery {moment}")
    assert len(slack.made("users.info")) == 2


async def test_a_person_who_became_a_guest_is_one_after_that(slack: RecordingSlack) -> None:
    ticks = Ticks()
    directory = Directory(slack, NO_POLICIES, ticks=ticks)
    answer(slack)
    answer(slack, is_restricted=True)
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER
    ticks.time = REMEMBERED_SECONDS + 1
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.OUTSIDER


async def test_the_same_person_in_two_workspaces_is_two(slack: RecordingSlack) -> None:
    directory = Directory(slack, NO_POLICIES)
    for _ in range(2):
        answer(slack)
    roles = [(await directory.actor(workspace, "U0ADA")).role for workspace in (WORKSPACE, "T0OTHER")]
    assert roles == [Role.REVIEWER, Role.OUTSIDER]


async def test_a_refusal_is_not_remembered(slack: RecordingSlack) -> None:
    slack.refuse("users.info", "timeout")
    answer(slack)
    directory = Directory(slack, NO_POLICIES)
    with pytest.raises(Unavailable):
        await directory.actor(WORKSPACE, "U0ADA")
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER


async def test_memory_has_an_end(slack: RecordingSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "MOST_REMEMBERED", 2)
    directory = Directory(slack, NO_POLICIES)
    for number in range(5):
        answer(slack)
        await directory.actor(WORKSPACE, f"U{number}")
        assert len(directory._known) <= 2
