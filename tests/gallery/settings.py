"""Settings: roles, projects, defaults, and what was changed of them."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.audit import AuditRecord
from experiments.permissions import Actor, Role
from experiments.policy import GiveRole, Grant, Policies, PolicyCommand, Project, SetDefaultRole, SetProject
from handlers.surfaces.kit import Message, View
from handlers.surfaces.project_modal import project_modal
from handlers.surfaces.roles_modal import default_role_modal, give_role_modal, roles_modal
from handlers.surfaces.settings_modal import change_line, settings_history_modal, settings_modal
from tests.handlers.surfaces.situations import ADA, BO, CHEN, NOW, bait

GROUPS = (("S0REVIEWERS", "Experiment reviewers (@experiment-reviewers)"),)
CHECKOUT = Project(
    name="checkout",
    department="Shop",
    required_approvals=2,
    reviewers=(BO, CHEN),
    checklist=("The legal team has seen the wording.", "Support knows what will change."),
    worth={"conversion": 12.5, "api-calls": -0.002},
    currency="EUR",
    day_cost=450,
)
NASTY = Project(
    name=bait(60),
    department=bait(60),
    reviewers=("<!channel>", "<@U1>", *(f"U0PERSON{n}" for n in range(30))),
    checklist=tuple(bait(200) + str(n) for n in range(9)) if len(bait(200)) < 199 else (bait(200),),
    worth={f"{'a' * 56}-{n}": -999_999_999_999.123 for n in range(10, 40)},
    currency=bait(10),
    day_cost=1e12,
)
POLICIES = Policies(
    version=4,
    default_role=Role.EXPERIMENTER,
    grants=(
        Grant(subject="S0REVIEWERS", role=Role.REVIEWER),
        Grant(subject=CHEN, role=Role.ADMIN, project="checkout"),
        Grant(subject="U0ESHA", role=Role.VIEWER, project="checkout"),
    ),
    projects=(CHECKOUT, Project(name="search", department="Discovery")),
)
CROWD = Policies(
    version=900,
    default_role=Role.OUTSIDER,
    grants=tuple(
        Grant(subject=f"U0PERSON{n}", role=Role(1 + n % 4), project=bait(60) if n % 2 else "") for n in range(400)
    ),
    projects=(NASTY, *(NASTY.model_copy(update={"name": f"{n} {bait(50)}"}) for n in range(150))),
)
ADMIN = Actor(workspace="T0SANDBOX", user=ADA, name="Ada Meyer", role=Role.ADMIN)
OF_CHECKOUT = Actor(workspace="T0SANDBOX", user=CHEN, role=Role.EXPERIMENTER, projects={"checkout": Role.ADMIN})
VIEWER = Actor(workspace="T0SANDBOX", user=BO, role=Role.VIEWER)
NASTY_ADMIN = ADMIN.model_copy(update={"projects": {bait(60) + str(n): Role.ADMIN for n in range(60)}})


def changed(number: int, command: PolicyCommand, before: Policies) -> AuditRecord:
    """The record that a change of settings leaves."""
    return AuditRecord(
        workspace="T0SANDBOX",
        number=number,
        key="@policies",
        command=type(command).__name__,
        payload=command.payload(),
        actor=ADA,
        delivery=None,
        at=NOW,
        version_before=number - 1,
        version_after=number,
        status_before=None,
        status_after=None,
        state_hash="0" * 64,
        sentence=command.sentence(before, command.apply(before, ADMIN, NOW)),
    )


RECORDS = tuple(
    changed(number, command, Policies())
    for number, command in enumerate(
        (
            SetDefaultRole(role=Role.EXPERIMENTER),
            GiveRole(subjects=("S0REVIEWERS", BO), role=Role.REVIEWER),
            SetProject(project=CHECKOUT),
        ),
        start=1,
    )
)
NASTY_RECORDS = tuple(changed(number, SetProject(project=NASTY), Policies()) for number in range(1, 90))


def messages() -> Iterator[tuple[str, Message]]:
    """Everything here is a modal."""
    return iter(())


def views() -> Iterator[tuple[str, View]]:
    newest = change_line(RECORDS[1], RECORDS)
    yield "roles", roles_modal(POLICIES, ADMIN)
    yield "roles changed", roles_modal(POLICIES, ADMIN, newest)
    yield "roles of a viewer", roles_modal(POLICIES, VIEWER)
    yield "roles of a project's admin", roles_modal(POLICIES, OF_CHECKOUT)
    yield "roles nobody has", roles_modal(Policies(), ADMIN)
    yield "roles full", roles_modal(CROWD, NASTY_ADMIN, change_line(NASTY_RECORDS[0], NASTY_RECORDS))
    yield "give role", give_role_modal(POLICIES, GROUPS)
    yield "give role without groups", give_role_modal(Policies(), ())
    yield "give role full", give_role_modal(CROWD, [(f"S0{n}", bait(200)) for n in range(150)])
    yield "change role", give_role_modal(POLICIES, GROUPS, POLICIES.grants[1])
    yield "change role hostile", give_role_modal(CROWD, (), CROWD.grants[1])
    yield "default role", default_role_modal(POLICIES)
    yield "settings", settings_modal(POLICIES, ADMIN)
    yield "settings changed", settings_modal(POLICIES, ADMIN, change_line(RECORDS[2], RECORDS))
    yield "settings of a viewer", settings_modal(POLICIES, VIEWER)
    yield "settings of a project's admin", settings_modal(POLICIES, OF_CHECKOUT)
    yield "settings at first", settings_modal(Policies(), ADMIN)
    yield "settings full", settings_modal(CROWD, NASTY_ADMIN, change_line(NASTY_RECORDS[0], NASTY_RECORDS))
    yield "settings history", settings_history_modal(RECORDS)
    yield "settings history empty", settings_history_modal(())
    yield "settings history hostile", settings_history_modal(NASTY_RECORDS, 1)
    yield "project", project_modal(POLICIES, CHECKOUT)
    yield "project new", project_modal(POLICIES)
    yield "project hostile", project_modal(CROWD, NASTY)
