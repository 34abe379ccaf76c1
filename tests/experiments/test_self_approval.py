"""No self-approval through any door: who wrote, edited, tokens of the same person, and reviews that name people."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.commands import (
    ApproveReview,
    ChangeGuardrails,
    CloneExperiment,
    Command,
    EditExperiment,
    RequestChanges,
    RequestReview,
    StartExperiment,
)
from experiments.errors import BunsenError, Forbidden, IllegalTransition
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Role
from tests.experiments.stages import HYPOTHESIS, KEY, METRICS, VARIANTS, a_command, lead_to
from tests.worlds import ADA, BO, CHEN, DEE, WORKSPACE, MemoryWorld, delivered


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


PEOPLE = ("U0ADA", "U0BO", "U0CHEN", "U0DEE")


class Door(NamedTuple):
    """How somebody comes in: their role, where it is given, what asks in their name."""

    user: str
    role: Role
    by_project: bool
    via: str

    @property
    def actor(self) -> Actor:
        given = {"general": self.role} if self.by_project else {}
        role = Role.OUTSIDER if self.by_project else self.role
        return Actor(workspace=WORKSPACE, user=self.user, role=role, projects=given, via=self.via)


DOORS = st.builds(
    Door,
    st.sampled_from(PEOPLE),
    st.sampled_from([Role.EXPERIMENTER, Role.REVIEWER, Role.ADMIN]),
    st.booleans(),
    st.sampled_from(["", "api", "cli", "workflow"]),
)
WRITES = st.sampled_from(["hypothesis", "guardrails", "title", "clone"])


def written(what: str, turn: int, key: str, now: Experiment) -> Command:
    """One way to have a hand in a design; a title has none."""
    if what == "hypothesis":
        return EditExperiment(key=key, hypothesis=f"If {turn}, then more.")
    if what == "guardrails":
        return a_command(ChangeGuardrails, now, key=key, turn=turn)
    if what == "title":
        return EditExperiment(key=key, title=f"Button {turn}")
    copied = {"title": now.title, "design": now.design, "authors": now.authors, "derived_from": now.key}
    return CloneExperiment.model_validate({"key": f"copy-{turn}", **copied})


async def _life(hands: list[tuple[Door, str]], judges: list[Door]) -> None:
    bench = MemoryWorld()
    now, wrote = await lead_to(Status.DRAFT, bench), {"U0ADA"}
    for turn, (door, what) in enumerate(hands):
        now = await execute(written(what, turn, now.key, now), delivered(door.actor, f"d{turn}"), bench.world)
        if what != "title":
            wrote.add(door.user)
    asked = await execute(RequestReview(key=now.key), BO, bench.world)
    for judge in judges:
        if judge.role < Role.REVIEWER or judge.user in wrote:
            with pytest.raises(Forbidden):
                await execute(ApproveReview(key=now.key, design_hash=asked.design.hash), judge.actor, bench.world)
        else:
            after = await execute(ApproveReview(key=now.key, design_hash=asked.design.hash), judge.actor, bench.world)
            assert after.approval is not None
            assert after.approval.by == judge.user
            return


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(DOORS, WRITES), max_size=5), st.lists(DOORS, min_size=1, max_size=6))
def test_nobody_who_had_a_hand_in_a_design_approves_it_through_any_door(
    hands: list[tuple[Door, str]], judges: list[Door]
) -> None:
    with asyncio.Runner() as runner:
        runner.run(_life(hands, judges))


async def test_a_record_tells_what_asked_in_whose_name() -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    token = ADA.model_copy(update={"via": "api"})
    with pytest.raises(Forbidden, match="You wrote this design"):
        await execute(a_command(ApproveReview, asked), token, bench.world)
    await execute(a_command(ApproveReview, asked), BO.model_copy(update={"via": "api"}), bench.world)
    newest = bench.tables.records[len(bench.tables.records)]
    assert (newest.actor, newest.payload["via"]) == ("U0BO", "api")


async def test_a_move_into_a_project_takes_a_role_there() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    limited = CHEN.model_copy(update={"role": Role.VIEWER, "projects": {"general": Role.ADMIN}})
    with pytest.raises(Forbidden, match="in the project search") as refused:
        await execute(EditExperiment(key=KEY, project="search"), limited, bench.world)
    assert refused.value.field == "project"
    assert (await execute(EditExperiment(key=KEY, project="general", title="Button"), limited, bench.world)).title
    assert (await execute(EditExperiment(key=KEY, project="search"), CHEN, bench.world)).project == "search"
