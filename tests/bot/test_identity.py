"""Who somebody is: roles from Slack, asked once in a while, never guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot import identity
from bot.identity import NO_SUCH_GROUP, REMEMBERED_SECONDS, ROLES_REMEMBERED_SECONDS, Directory
from experiments.errors import Unavailable
from experiments.execute import change_policies
from experiments.permissions import Role
from experiments.policy import GiveRole, SetDefaultRole
from tests.worlds import ADA, WORKSPACE, MemoryWorld, RecordingSlack

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


async def test_slack_is_asked_once_a_minute(slack: RecordingSlack) -> None:
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
        assert len(directory._people) <= 2


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


BOSS = ADA.model_copy(update={"role": Role.ADMIN})


def directory_of(bench: MemoryWorld, ticks: Ticks | None = None) -> Directory:
    return Directory(bench.slack, bench.database.reading, ticks=ticks or Ticks())


@pytest.mark.parametrize(
    ("person", "given", "role"),
    [
        ({}, Role.VIEWER, Role.VIEWER),
        ({}, Role.ADMIN, Role.ADMIN),
        ({"is_admin": True}, Role.VIEWER, Role.ADMIN),
        ({"is_restricted": True}, Role.VIEWER, Role.VIEWER),
        ({"is_restricted": True}, Role.ADMIN, Role.VIEWER),
        ({"team_id": "T0FAR"}, Role.REVIEWER, Role.VIEWER),
        ({"is_stranger": True, "is_admin": True}, Role.ADMIN, Role.VIEWER),
        ({"deleted": True}, Role.ADMIN, Role.OUTSIDER),
        ({"deleted": True, "is_admin": True}, Role.ADMIN, Role.OUTSIDER),
    ],
)
async def test_a_role_given_by_name(person: dict[str, Any], given: Role, role: Role, bench: MemoryWorld) -> None:
    await change_policies(GiveRole(subjects=("U0ADA",), role=given), BOSS, bench.world)
    await change_policies(GiveRole(subjects=("U0ADA",), role=given, project="search"), BOSS, bench.world)
    answer(bench.slack, **person)
    actor = await directory_of(bench).actor(WORKSPACE, "U0ADA")
    assert (actor.role, actor.role_in("search")) == (role, role)


@pytest.mark.parametrize(
    ("person", "roles"),
    [({}, (Role.EXPERIMENTER, Role.ADMIN)), ({"is_restricted": True}, (Role.OUTSIDER, Role.OUTSIDER))],
)
async def test_a_role_by_a_user_group(person: dict[str, Any], roles: tuple[Role, Role], bench: MemoryWorld) -> None:
    for command in (
        SetDefaultRole(role=Role.VIEWER),
        GiveRole(subjects=("S0LAB",), role=Role.EXPERIMENTER),
        GiveRole(subjects=("S0OTHER",), role=Role.ADMIN),
        GiveRole(subjects=("S0LAB",), role=Role.ADMIN, project="search"),
    ):
        await change_policies(command, BOSS, bench.world)
    answer(bench.slack, **person)
    bench.slack.answer("usergroups.users.list", users=["U0ADA", "U0BO"])
    bench.slack.answer("usergroups.users.list", users=["U0BO"])
    actor = await directory_of(bench).actor(WORKSPACE, "U0ADA")
    assert (actor.role, actor.role_in("search")) == roles


async def test_a_name_counts_before_a_group_and_a_group_before_the_default(bench: MemoryWorld) -> None:
    await change_policies(GiveRole(subjects=("S0LAB",), role=Role.ADMIN), BOSS, bench.world)
    await change_policies(GiveRole(subjects=("U0ADA",), role=Role.VIEWER), BOSS, bench.world)
    directory = directory_of(bench)
    bench.slack.answer("usergroups.users.list", users=["U0ADA", "U0BO"])
    roles = {}
    for user in ("U0ADA", "U0BO", "U0CHEN"):
        bench.slack.answer("users.info", user={"id": user, "team_id": WORKSPACE})
        roles[user] = (await directory.actor(WORKSPACE, user)).role
    assert roles == {"U0ADA": Role.VIEWER, "U0BO": Role.ADMIN, "U0CHEN": Role.REVIEWER}


@pytest.mark.parametrize("reason", sorted(NO_SUCH_GROUP))
async def test_a_group_that_is_gone_locks_nobody_out(reason: str, bench: MemoryWorld) -> None:
    await change_policies(GiveRole(subjects=("S0GONE",), role=Role.ADMIN), BOSS, bench.world)
    answer(bench.slack)
    bench.slack.refuse("usergroups.users.list", reason)
    assert (await directory_of(bench).actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER


async def test_a_group_that_could_not_be_asked_for_is_not_guessed(bench: MemoryWorld) -> None:
    await change_policies(GiveRole(subjects=("S0LAB",), role=Role.VIEWER), BOSS, bench.world)
    answer(bench.slack)
    bench.slack.refuse("usergroups.users.list", "timeout")
    with pytest.raises(Unavailable):
        await directory_of(bench).actor(WORKSPACE, "U0ADA")


async def test_a_role_that_was_taken_away_elsewhere_is_gone_after_five_seconds(bench: MemoryWorld) -> None:
    ticks = Ticks()
    directory = directory_of(bench, ticks)
    answer(bench.slack)
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER
    await change_policies(GiveRole(subjects=("U0ADA",), role=Role.VIEWER), BOSS, bench.world)
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER
    ticks.time = ROLES_REMEMBERED_SECONDS + 0.1
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.VIEWER


async def test_what_was_changed_here_counts_at_once(bench: MemoryWorld) -> None:
    directory = directory_of(bench)
    world = replace(bench.world, people=directory)
    for person in ({}, {"is_restricted": True}):
        answer(bench.slack, **person)
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.REVIEWER
    await change_policies(SetDefaultRole(role=Role.VIEWER), BOSS, world)
    assert (await directory.actor(WORKSPACE, "U0ADA")).role is Role.OUTSIDER
