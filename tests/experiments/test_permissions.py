"""The permission matrix: every role × permission × state × person through `execute`, held against the table."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.permissions_page import page
from experiments.commands import COMMANDS, CloneExperiment, Command, CreateExperiment
from experiments.errors import AlreadyDone, Forbidden, IllegalTransition, KeyTaken, NotFound
from experiments.execute import change_policies, execute
from experiments.model import Experiment, Status
from experiments.permissions import TABLE, Actor, Permission, Role, bunsen, may
from experiments.policy import GiveRole, PolicyCommand, Project, SetDefaultRole, SetProject
from experiments.policy_commands import POLICY_COMMANDS
from handlers.reading import experiment_of
from tests.experiments.commands.test_transitions import LEADS_TO
from tests.experiments.stages import KEY, a_command, lead_to
from tests.memory import Tables
from tests.worlds import WORKSPACE, MemoryWorld

PROBE = "U0PROBE"
REFUSED = (IllegalTransition, AlreadyDone, KeyTaken)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


class Person(NamedTuple):
    """Who asks: their role, where they have it, and what they are to the experiment."""

    role: Role
    place: str
    owner: bool
    author: bool
    named: bool

    @property
    def actor(self) -> Actor:
        given = {} if self.place == "everywhere" else {self.place: self.role}
        role = self.role if self.place == "everywhere" else Role.OUTSIDER
        return Actor(workspace=WORKSPACE, user=PROBE, role=role, projects=given)

    def facing(self, experiment: Experiment) -> Experiment:
        """The experiment with this person in its parts."""
        review = experiment.review
        named = review and review.model_copy(update={"reviewers": (PROBE,) if self.named else ("U0BO",)})
        return experiment.evolve(
            owner=PROBE if self.owner else "U0ADA",
            authors=(*experiment.authors, *([PROBE] if self.author else [])),
            note_authors=tuple(PROBE for _ in experiment.note_authors),
            review=named,
        )


PEOPLE = [Person(*each) for each in itertools.product(Role, ("everywhere", "general"), *[(False, True)] * 3)]
PEOPLE += [Person(role, "elsewhere", owner, False, False) for role in Role for owner in (False, True)]


def expected(permission: Permission, status: Status, person: Person) -> str:
    """What the table says, read without the code that asks it."""
    rule = TABLE[permission]
    role = Role.OUTSIDER if person.place == "elsewhere" else person.role
    enough = role >= rule.least or (rule.owner and person.owner)
    shut_out = (rule.not_authors and person.author) or (rule.named and status is Status.IN_REVIEW and not person.named)
    if rule.by_bunsen or role is Role.OUTSIDER or not enough or shut_out:
        return "forbidden"
    return "done" if status in rule.states else "not now"


async def outcome(command: Command, actor: Actor, bench: MemoryWorld, start: Tables) -> str:
    """What became of it; whatever was refused must have left nothing."""
    try:
        await execute(command, actor, bench.world)
    except Forbidden:
        answer = "forbidden"
    except REFUSED:
        answer = "not now"
    else:
        return "done"
    assert bench.tables == start
    return answer


CHANGES = [kind for kind in COMMANDS.values() if kind not in {CreateExperiment, CloneExperiment}]


@pytest.mark.parametrize("kind", CHANGES)
async def test_every_role_in_every_state(kind: type[Command]) -> None:
    for status in Status:
        bench = MemoryWorld()
        reached = await lead_to(status, bench, ready_for=kind)
        base = bench.tables.copy()
        for person in PEOPLE:
            bench.database._committed[WORKSPACE] = base.copy()
            bench.tables.experiments[KEY] = before = person.facing(reached)
            start = bench.tables.copy()
            said = await outcome(a_command(kind, before, turn=7), person.actor, bench, start)
            assert said == expected(kind.needs, status, person), (status, person)
            assert may(kind.needs, person.actor, before) == (said == "done"), (status, person)


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind.needs is Permission.RECORD])
async def test_what_bunsen_does_by_itself_it_may(kind: type[Command]) -> None:
    for status in Status:
        bench = MemoryWorld()
        before = await lead_to(status, bench, ready_for=kind)
        said = await outcome(a_command(kind, before, turn=7), bunsen(WORKSPACE), bench, bench.tables.copy())
        assert said == ("done" if status in LEADS_TO[kind] else "not now")


@pytest.mark.parametrize("kind", [CreateExperiment, CloneExperiment])
@pytest.mark.parametrize("role", Role)
async def test_who_begins_something_new(kind: type[Command], role: Role) -> None:
    for project, everywhere, wanted in [
        ("", role, role >= TABLE[kind.needs].least),
        ("general", Role.OUTSIDER, role >= TABLE[kind.needs].least),
        ("elsewhere", Role.VIEWER, False),
    ]:
        actor = Actor(workspace=WORKSPACE, user=PROBE, role=everywhere, projects={project: role} if project else {})
        bench = MemoryWorld()
        said = await outcome(a_command(kind, None), actor, bench, bench.tables.copy())
        assert said == ("done" if wanted else "forbidden"), project


@pytest.mark.parametrize("role", Role)
async def test_who_reads(role: Role) -> None:
    for status, place in itertools.product(Status, ("everywhere", "general", "elsewhere")):
        bench = MemoryWorld()
        await lead_to(status, bench)
        person = Person(role, place, owner=False, author=False, named=False)
        if expected(Permission.READ, status, person) == "done":
            assert (await experiment_of(KEY, person.actor, bench.world)).status is status
        else:
            with pytest.raises(NotFound):
                await experiment_of(KEY, person.actor, bench.world)


SETTINGS: list[PolicyCommand] = [
    GiveRole(subjects=("U0CHEN",), role=Role.VIEWER),
    GiveRole(subjects=("U0CHEN",), role=Role.ADMIN, project="search"),
    SetDefaultRole(role=Role.VIEWER),
    SetProject(project=Project(name="search", required_approvals=2)),
]


@pytest.mark.parametrize("command", SETTINGS, ids=lambda each: f"{type(each).__name__}-{each.scope}")
@pytest.mark.parametrize("role", Role)
async def test_who_changes_settings(command: PolicyCommand, role: Role) -> None:
    for project in ("", "search", "elsewhere"):
        bench = MemoryWorld()
        given = {project: role} if project else {}
        actor = Actor(workspace=WORKSPACE, user=PROBE, role=Role.VIEWER if project else role, projects=given)
        if role is Role.ADMIN and project in {"", command.scope}:
            assert (await change_policies(command, actor, bench.world)).version == 1
        else:
            with pytest.raises(Forbidden):
                await change_policies(command, actor, bench.world)
            assert not bench.tables.records


def test_the_table_names_every_permission_and_every_change_needs_one() -> None:
    assert set(TABLE) == set(Permission)
    needed = {command.needs for command in [*COMMANDS.values(), *POLICY_COMMANDS.values()]}
    assert needed == set(Permission) - {Permission.READ}


@pytest.mark.parametrize("status", Status)
async def test_a_guest_who_owns_it_may_no_more_than_a_viewer(status: Status) -> None:
    experiment = await lead_to(status, MemoryWorld())
    for permission in Permission:
        owner = Actor(workspace=WORKSPACE, user=experiment.owner, role=Role.VIEWER, is_guest=True)
        stranger = owner.model_copy(update={"user": "U0ESHA"})
        assert may(permission, owner, experiment) == may(permission, stranger, experiment), permission
        assert not may(permission, owner, experiment) or TABLE[permission].least <= Role.VIEWER


async def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "run: python -m bot.permissions_page > docs/permissions.md"
