"""Who may do what, asked in one place: outsiders nothing, authors never their own approval."""

from __future__ import annotations

import pytest

from experiments.commands import (
    COMMANDS,
    ApproveReview,
    Command,
    CreateExperiment,
    EditExperiment,
    RequestChanges,
    RequestReview,
    StartExperiment,
)
from experiments.errors import BunsenError, Forbidden, IllegalTransition
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import LEAST_ROLE, Permission, Role, allows
from tests.experiments.stages import HYPOTHESIS, KEY, METRICS, VARIANTS, a_command, lead_to
from tests.worlds import ADA, BO, CHEN, DEE, MemoryWorld

GUEST = ADA.model_copy(update={"user": "U0GUEST", "role": Role.OUTSIDER})


def test_every_permission_is_in_the_table_and_every_command_needs_one() -> None:
    assert set(LEAST_ROLE) == set(Permission)
    assert {command.needs for command in COMMANDS.values()} == set(Permission)


@pytest.mark.parametrize("kind", COMMANDS.values())
async def test_an_outsider_changes_nothing(kind: type[Command]) -> None:
    bench = MemoryWorld()
    before = None if kind is CreateExperiment else await lead_to(Status.IN_REVIEW, bench)
    kept = bench.tables.copy()
    with pytest.raises(Forbidden, match="Only members of this workspace"):
        await execute(a_command(kind, before), GUEST, bench.world)
    assert bench.tables == kept


@pytest.mark.parametrize("permission", Permission)
def test_admins_may_all_that_members_may(permission: Permission) -> None:
    assert allows(permission, ADA, None) is None
    assert allows(permission, ADA.model_copy(update={"role": Role.ADMIN}), None) is None


@pytest.mark.parametrize("kind", [ApproveReview, RequestChanges])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
async def test_who_wrote_the_design_does_not_judge_it(kind: type[Command], role: Role) -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    with pytest.raises(Forbidden, match="You wrote this design"):
        await execute(a_command(kind, asked), ADA.model_copy(update={"role": role}), bench.world)


@pytest.mark.parametrize(
    "part",
    [
        {"hypothesis": "If smaller, then less."},
        {"planned_days": 3},
        {"alpha": 0.01},
        {"rule": "do_no_harm"},
        {"metrics": METRICS[:1]},
        {"variants": [{**VARIANTS[0], "description": "as it is"}, VARIANTS[1]]},
    ],
)
async def test_who_edited_any_part_of_the_design_does_not_approve_it(part: dict[str, object]) -> None:
    bench = MemoryWorld()
    await lead_to(Status.APPROVED, bench)
    edited = await execute(EditExperiment.model_validate({"key": KEY, **part}), CHEN, bench.world)
    assert (edited.status, edited.approval, edited.authors) == (Status.DRAFT, None, ("U0ADA", "U0CHEN"))
    asked = await execute(RequestReview(key=KEY), BO, bench.world)
    for author in (ADA, CHEN):
        with pytest.raises(Forbidden, match="somebody else has to approve it"):
            await execute(ApproveReview(key=KEY, design_hash=asked.design.hash), author, bench.world)
    after = await execute(ApproveReview(key=KEY, design_hash=asked.design.hash), BO, bench.world)
    assert after.status is Status.APPROVED


async def test_putting_the_design_back_leaves_its_writer_an_author() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    for text in ("Something else.", f"{HYPOTHESIS} (1)"):
        edited = await execute(EditExperiment(key=KEY, hypothesis=text), CHEN, bench.world)
    assert edited.authors == ("U0ADA", "U0CHEN")


async def test_an_approval_counts_for_the_design_that_was_shown_and_no_other() -> None:
    bench = MemoryWorld()
    first = await lead_to(Status.IN_REVIEW, bench)
    await execute(EditExperiment(key=KEY, planned_days=30), ADA, bench.world)
    with pytest.raises(IllegalTransition, match="is draft, so it cannot be approved"):
        await execute(ApproveReview(key=KEY, design_hash=first.design.hash), BO, bench.world)
    await execute(RequestReview(key=KEY), ADA, bench.world)
    for kind in (ApproveReview, RequestChanges):
        with pytest.raises(BunsenError, match="Look at the newest request") as refused:
            await execute(a_command(kind, first), BO, bench.world)
        assert refused.value.code == "stale"
    with pytest.raises(IllegalTransition):
        await execute(StartExperiment(key=KEY), ADA, bench.world)


async def test_a_review_that_names_people_is_theirs() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    asked = await execute(RequestReview(key=KEY, reviewers=("U0BO",)), ADA, bench.world)
    with pytest.raises(Forbidden, match="asks particular people"):
        await execute(a_command(ApproveReview, asked), CHEN, bench.world)
    assert (await execute(a_command(ApproveReview, asked), BO, bench.world)).status is Status.APPROVED


async def asked_of_bo(bench: MemoryWorld) -> Experiment:
    await lead_to(Status.DRAFT, bench)
    return await execute(RequestReview(key=KEY, reviewers=("U0BO",)), ADA, bench.world)


async def test_an_author_adds_a_reviewer_while_the_review_is_open() -> None:
    bench = MemoryWorld()
    asked = await asked_of_bo(bench)
    wider = await execute(EditExperiment(key=KEY, reviewers=("U0BO", "U0CHEN")), ADA, bench.world)
    assert (wider.status, wider.design.hash) == (Status.IN_REVIEW, asked.design.hash)
    assert (await execute(a_command(ApproveReview, wider), CHEN, bench.world)).status is Status.APPROVED


async def test_nobody_lets_themselves_in_as_a_reviewer() -> None:
    bench = MemoryWorld()
    await asked_of_bo(bench)
    with pytest.raises(Forbidden, match="choose who reviews it") as refused:
        await execute(EditExperiment(key=KEY, reviewers=("U0BO", "U0DEE")), DEE, bench.world)
    assert refused.value.field == "reviewers"
    same = await execute(EditExperiment(key=KEY, reviewers=("U0BO",), title="Big button"), DEE, bench.world)
    assert (same.title, same.review and same.review.reviewers) == ("Big button", ("U0BO",))


async def test_an_author_is_no_reviewer_of_an_open_review() -> None:
    bench = MemoryWorld()
    await asked_of_bo(bench)
    with pytest.raises(BunsenError, match="1 of these reviewers wrote the design") as refused:
        await execute(EditExperiment(key=KEY, reviewers=("U0BO", "U0ADA")), ADA, bench.world)
    assert (refused.value.code, refused.value.field) == ("bad_input", "reviewers")


async def test_an_experiment_of_another_workspace_is_out_of_reach() -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    stranger = BO.model_copy(update={"workspace": "T0OTHER"})
    with pytest.raises(BunsenError) as refused:
        await execute(a_command(ApproveReview, asked), stranger, bench.world)
    assert refused.value.code == "not_found"
    bench.database.tables("T0OTHER").experiments[KEY] = asked
    with pytest.raises(Forbidden, match="another workspace"):
        await execute(a_command(ApproveReview, asked), stranger, bench.world)
