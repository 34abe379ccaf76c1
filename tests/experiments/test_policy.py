"""The rules of a workspace: who is what by name, group and default, what projects ask, and what a change says."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.errors import AlreadyDone, BadInput, BunsenError, Forbidden, Stale
from experiments.execute import change_policies
from experiments.permissions import Role
from experiments.policy import (
    AUDITED_AS,
    MOST_GRANTS,
    GiveRole,
    Grant,
    Policies,
    PolicyCommand,
    Project,
    SetDefaultRole,
    SetProject,
)
from experiments.policy_commands import POLICY_COMMANDS
from tests.worlds import ADA, MONDAY, MemoryWorld, delivered

BO_READS = GiveRole(subjects=("U0BO",), role=Role.VIEWER)
BOSS = ADA.model_copy(update={"role": Role.ADMIN})
SUBJECTS = ("U0BO", "U0CHEN", "S0LAB", "S0SHOP")
GRANTS = st.lists(
    st.builds(
        Grant,
        subject=st.sampled_from(SUBJECTS),
        role=st.sampled_from([role for role in Role if role]),
        project=st.sampled_from(["", "shop", "search"]),
    ),
    max_size=8,
    unique_by=lambda each: (each.subject, each.project),
)


@given(GRANTS, st.sampled_from([role for role in Role if role is not Role.ADMIN]), st.sets(st.sampled_from(SUBJECTS)))
def test_a_guest_is_a_viewer_by_name_at_most(grants: list[Grant], default: Role, subjects: set[str]) -> None:
    policies = Policies(default_role=default, grants=tuple(grants))
    everywhere, projects = policies.roles(subjects, is_guest=True, is_admin=True)
    assert {everywhere, *projects.values()} <= {Role.OUTSIDER, Role.VIEWER}
    by_name = {each.project for each in grants if each.subject in subjects and each.subject.startswith("U")}
    assert (everywhere is Role.VIEWER) == ("" in by_name)
    assert set(projects) <= by_name


@given(GRANTS, st.sampled_from(list(Role)), st.sets(st.sampled_from(SUBJECTS)))
def test_projects_only_add_to_what_somebody_is(grants: list[Grant], default: Role, subjects: set[str]) -> None:
    policies = Policies(default_role=default, grants=tuple(grants))
    everywhere, projects = policies.roles(subjects, is_guest=False, is_admin=False)
    assert all(role > everywhere for role in projects.values())
    given_here = [each.role for each in grants if each.subject in subjects and not each.project]
    assert everywhere in given_here if given_here else everywhere is default
    assert policies.roles(subjects, is_guest=False, is_admin=True) == (Role.ADMIN, {})


@given(GRANTS, st.sampled_from([role for role in Role if role is not Role.ADMIN]))
def test_they_read_back_as_they_were_kept(grants: list[Grant], default: Role) -> None:
    policies = Policies(version=3, default_role=default, grants=tuple(grants))
    kept = policies.model_dump_json()
    assert Policies.model_validate_json(kept) == policies
    assert f'"default_role":"{default.words}"' in kept


async def say(command: PolicyCommand, bench: MemoryWorld) -> str:
    await change_policies(command, BOSS, bench.world)
    return bench.tables.records[len(bench.tables.records)].sentence


async def test_a_change_says_old_and_new() -> None:
    bench = MemoryWorld()
    assert await say(GiveRole(subjects=("U0BO", "S0LAB", "U0BO"), role=Role.VIEWER), bench) == (
        "changed roles everywhere: U0BO none given → viewer, S0LAB none given → viewer"
    )
    assert await say(GiveRole(subjects=("U0BO",), role=Role.ADMIN, project="shop"), bench) == (
        "changed roles in shop: U0BO none given → admin"
    )
    assert await say(GiveRole(subjects=("U0BO", "S0LAB")), bench) == (
        "changed roles everywhere: U0BO viewer → none given, S0LAB viewer → none given"
    )
    assert await say(SetDefaultRole(role=Role.VIEWER), bench) == "set the default role: reviewer → viewer"
    shop = Project(name="shop", required_approvals=2, reviewers=("U0BO",), checklist=("Legal looked.",))
    assert await say(SetProject(project=shop), bench) == (
        "changed the settings of shop: required approvals 1 → 2; reviewers none → U0BO; checklist none → Legal looked"
    )
    worth = {"conversion": 12.5, "calls": -1234.5}
    money = shop.model_copy(update={"worth": worth, "currency": "EUR", "day_cost": 0.0})
    assert await say(SetProject(project=money), bench) == (
        "changed the settings of shop: worth none → calls −1,234.5, conversion 12.5; currency none → EUR; "
        "day cost none → 0"
    )
    policies = bench.tables.policies[""]
    assert (policies.version, policies.grants) == (6, (Grant(subject="U0BO", role=Role.ADMIN, project="shop"),))
    assert {record.key for record in bench.tables.records.values()} == {AUDITED_AS}
    assert bench.people.forgotten == 6


@pytest.mark.parametrize(
    ("before", "command", "error", "words"),
    [
        ((), GiveRole(subjects=("U0BO",)), BadInput, "no role there"),
        ((BO_READS,), BO_READS, AlreadyDone, "already"),
        ((), SetDefaultRole(role=Role.ADMIN), BadInput, "Not everybody"),
        ((), SetDefaultRole(role=Role.REVIEWER), AlreadyDone, "already"),
        ((SetProject(project=Project(name="shop")),), SetProject(project=Project(name="shop")), AlreadyDone, "already"),
        ((SetDefaultRole(role=Role.VIEWER),), SetDefaultRole(role=Role.REVIEWER, version=0), Stale, "in the meantime"),
    ],
)  # fmt: skip
async def test_what_changes_nothing_is_told(
    before: tuple[PolicyCommand, ...], command: PolicyCommand, error: type[BunsenError], words: str
) -> None:
    bench = MemoryWorld()
    for each in before:
        await change_policies(each, BOSS, bench.world)
    kept = bench.tables.copy()
    with pytest.raises(error, match=words):
        await change_policies(command, BOSS, bench.world)
    assert bench.tables == kept


@pytest.mark.parametrize(
    "fields",
    [
        {"subjects": []},
        {"subjects": ["bob"], "role": "viewer"},
        {"subjects": ["<!channel>"], "role": "viewer"},
        {"subjects": ["U0BO"], "role": "outsider"},
        {"subjects": ["U0BO"], "role": "emperor"},
        {"subjects": ["U0BO"], "role": "viewer", "project": "x" * 61},
    ],
)
def test_a_role_for_nobody_or_of_no_kind_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GiveRole.model_validate(fields)


async def test_there_is_an_end_to_roles_given() -> None:
    bench = MemoryWorld()
    full = Policies(grants=tuple(Grant(subject=f"U0P{n}", role=Role.VIEWER) for n in range(MOST_GRANTS)))
    bench.tables.policies[""] = full
    with pytest.raises(BadInput, match="use a user group"):
        await change_policies(GiveRole(subjects=("U0BO",), role=Role.VIEWER), BOSS, bench.world)
    await change_policies(GiveRole(subjects=("U0P1",), role=Role.ADMIN), BOSS, bench.world)


async def test_a_repeated_delivery_changes_settings_once() -> None:
    bench = MemoryWorld()
    boss = delivered(BOSS, "Ev1")
    for role in (Role.VIEWER, Role.EXPERIMENTER):
        await change_policies(SetDefaultRole(role=role), boss, bench.world)
    assert bench.tables.policies[""].default_role is Role.VIEWER
    assert len(bench.tables.records) == 1


def test_the_admin_of_a_project_is_told_which_is_theirs() -> None:
    limited = ADA.model_copy(update={"role": Role.VIEWER, "projects": {"shop": Role.ADMIN}})
    for command in (SetDefaultRole(role=Role.VIEWER), GiveRole(subjects=("U0ADA",), role=Role.ADMIN)):
        with pytest.raises(Forbidden, match="admin of shop alone"):
            command.decided(Policies(), limited, MONDAY)


@pytest.mark.parametrize(
    "fields",
    [
        {"worth": {"conversion": float("nan")}},
        {"worth": {"conversion": 1e13}},
        {"worth": {"Not a key": 1.0}},
        {"worth": {f"metric-{number}": 1.0 for number in range(31)}},
        {"currency": "Pieces of eight"},
        {"day_cost": -1},
        {"day_cost": float("inf")},
    ],
)
def test_money_that_nobody_can_count_with_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Project.model_validate({"name": "shop", **fields})


def test_departments_are_those_of_the_projects() -> None:
    placed = product(("shop", "search"), ("Shop",))
    policies = Policies(projects=tuple(Project(name=name, department=department) for name, department in placed))
    assert policies.departments() == ("Shop",)
    assert policies.projects_of("Shop") == ("search", "shop")
    assert set(POLICY_COMMANDS) == {
        *("GiveRole", "SetDefaultRole", "SetProject"),
        *("IssueToken", "RevokeToken", "AllowHosts"),
    }
