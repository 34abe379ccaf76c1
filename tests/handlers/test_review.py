"""Review: who is asked, what they see, how they answer, and what is refused in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import EXPECTED
from experiments.commands import ApproveReview, EditExperiment, RequestReview
from experiments.errors import BadInput, Forbidden, Incomplete
from experiments.execute import change_policies, execute
from experiments.model import Experiment, Review, Status
from experiments.permissions import Actor, Role
from experiments.policy import Project, SetProject
from handlers import review
from handlers.reminders import all_of, remind
from handlers.surfaces.announced import ANNOUNCED
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.storage.samples import draft
from tests.worlds import ADA, BO, CHEN, DEE, MemoryWorld

ADMIN = DEE.model_copy(update={"role": Role.ADMIN})
POINTS = ("Legal has seen it", "The on-call team knows the date")


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def ask(bench: MemoryWorld) -> Asking:
    return Asking(bench)


def now(bench: MemoryWorld) -> Experiment:
    return bench.tables.experiments[KEY]


def request(bench: MemoryWorld) -> Review:
    asked = now(bench).review
    assert asked is not None
    return asked


async def policy(bench: MemoryWorld, **fields: Any) -> None:
    await change_policies(SetProject(project=Project(name="general", **fields)), ADMIN, bench.world)


async def test_the_form_says_what_the_project_asks_and_what_reviewers_will_see(bench: MemoryWorld, ask: Asking) -> None:
    await policy(bench, required_approvals=2, reviewers=(CHEN.user,), review_days=3)
    await lead_to(Status.DRAFT, bench)
    await ask(review.review.by_command, KEY)
    form = ask.opened()
    assert "asks for 2 approvals" in str(form)
    assert "It runs 2 whole weeks." in str(form)
    fields = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert fields["reviewers"]["initial_users"] == [CHEN.user]
    assert fields["due_at"]["initial_date_time"] == int((bench.clock.time + timedelta(days=3)).timestamp())
    assert "groups" not in fields


async def test_a_user_group_is_asked_without_those_who_wrote_the_design(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.DRAFT, bench)
    bench.people.groups["S0TEAM"] = (ADA.user, BO.user, CHEN.user)
    bench.slack.answer("usergroups.list", usergroups=[{"id": "S0TEAM", "name": "Team", "handle": "team"}])
    await ask(review.review.by_command, KEY)
    values = submitted(ask.opened(), question="Long enough?")
    values["state"]["values"]["groups"]["groups"]["selected_options"] = [{"value": "S0TEAM"}]
    await ask(review.submit, view=values)
    await ask.afterwards()
    assert (request(bench).reviewers, request(bench).groups) == ((BO.user, CHEN.user), ("S0TEAM",))
    told = bench.slack.made("chat.postEphemeral")[-1]["text"]
    assert "<@U0ADA> wrote the design, so is not asked" in told


async def test_a_group_of_authors_alone_is_refused_at_its_field(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.DRAFT, bench)
    bench.people.groups["S0TEAM"] = (ADA.user,)
    bench.slack.answer("usergroups.list", usergroups=[{"id": "S0TEAM", "name": "Team", "handle": "team"}])
    await ask(review.review.by_command, KEY)
    values = submitted(ask.opened())
    values["state"]["values"]["groups"]["groups"]["selected_options"] = [{"value": "S0TEAM"}]
    with pytest.raises(BadInput) as refused:
        await ask(review.submit, view=values)
    assert refused.value.field == "groups"
    assert now(bench).status is Status.DRAFT


async def test_a_form_does_not_wait_for_slacks_groups(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.DRAFT, bench)
    bench.slack.refuse("usergroups.list", "missing_scope")
    await ask(review.review.by_command, KEY)
    assert ask.opened()["callback_id"] == "review"


async def test_the_request_keeps_what_was_known_of_the_design(bench: MemoryWorld, ask: Asking) -> None:
    served = await lead_to(Status.ROLLING_OUT, bench)
    bench.tables.experiments["green-button"] = served.evolve(key="green-button", title="Green button, bigger")
    past = served.evolve(status=Status.DECIDED, rollout=None)
    bench.tables.experiments["red-button"] = past.evolve(key="red-button", title="Red button, bigger")
    deleted = past.evolve(key="never-ran", title="Red button, never run", status=Status.ARCHIVED, started_at=None)
    bench.tables.experiments["never-ran"] = deleted
    running = past.evolve(key="live-one", title="Live one", status=Status.RUNNING)
    bench.tables.experiments["live-one"] = running
    del bench.tables.experiments[KEY]
    await lead_to(Status.DRAFT, bench)
    await ask(review.review.by_command, KEY)
    await ask(review.submit, view=submitted(ask.opened()))
    asked = request(bench)
    assert [each.key for each in asked.precedents] == ["green-button", "red-button"]
    assert {each.outcome for each in asked.precedents} == {"ship"}
    overlap = next(check for check in asked.checks if check.code == "overlap")
    assert overlap.passed is False
    assert "Live one" in overlap.words


async def test_approve_is_direct_where_the_design_stands_in_full(bench: MemoryWorld) -> None:
    asked = await lead_to(Status.IN_REVIEW, bench)
    await Asking(bench, BO)(review.approve, value=f"{KEY}@{asked.design.hash}")
    assert now(bench).status is Status.APPROVED


async def test_approve_from_elsewhere_shows_the_design_first(bench: MemoryWorld) -> None:
    asked, ask = await lead_to(Status.IN_REVIEW, bench), Asking(bench, BO)
    await ask(review.approve, value=f"{KEY}@{asked.revision}")
    form = ask.opened()
    assert form["callback_id"] == "approve"
    assert now(bench).status is Status.IN_REVIEW
    await ask(review.submit_approval, view=submitted(form, comment="Sound."))
    approval = now(bench).approval
    assert approval is not None
    assert (approval.by, approval.comment) == (BO.user, "Sound.")


async def test_the_projects_own_points_have_to_be_ticked(bench: MemoryWorld) -> None:
    await policy(bench, checklist=POINTS)
    asked, ask = await lead_to(Status.DRAFT, bench), Asking(bench, BO)
    asked = await execute(RequestReview(key=KEY), ADA, bench.world)
    await ask(review.approve, value=f"{KEY}@{asked.design.hash}")
    form = ask.opened()
    with pytest.raises(Incomplete) as refused:
        await ask(review.submit_approval, view=submitted(form, ticked=["0"]))
    assert refused.value.field == "ticked"
    assert "The on-call team knows the date" in refused.value.words
    await ask(review.submit_approval, view=submitted(form, ticked=["0", "1"]))
    approval = now(bench).approval
    assert approval is not None
    assert approval.ticked == POINTS


async def test_more_points_than_a_block_of_boxes_holds(bench: MemoryWorld) -> None:
    points = tuple(f"Point {number}" for number in range(14))
    await lead_to(Status.DRAFT, bench)
    await execute(RequestReview(key=KEY, checklist=points), ADA, bench.world)
    ask = Asking(bench, BO)
    await ask(review.approval.by_command, KEY)
    view = submitted(ask.opened())
    for name, values in view["state"]["values"].items():
        if name.startswith("ticked"):
            block = next(each for each in view["blocks"] if each.get("block_id") == name)
            values[name]["selected_options"] = block["element"]["options"]
    await ask(review.submit_approval, view=view)
    assert now(bench).status is Status.APPROVED


async def test_a_partial_approval_redraws_the_request_in_place(bench: MemoryWorld) -> None:
    await policy(bench, required_approvals=2)
    asked = await lead_to(Status.DRAFT, bench)
    asked = await execute(RequestReview(key=KEY, reviewers=(BO.user, CHEN.user)), ADA, bench.world)
    await Asking(bench, BO)(review.approve, value=f"{KEY}@{asked.design.hash}")
    assert request(bench).awaited == (CHEN.user,)
    drawn = [row.announcement for row in bench.tables.outbox.values() if row.announcement.surface == "review_request"]
    assert len({(each.channel, each.slot) for each in drawn}) == 1
    assert len(drawn) == 2
    await Asking(bench, CHEN)(review.approve, value=f"{KEY}@{asked.design.hash}")
    assert now(bench).status is Status.APPROVED


async def test_it_is_withdrawn_after_a_question(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.IN_REVIEW, bench)
    await ask(review.withdraw.by_command, KEY)
    await ask(review.withdraw.submit, view=submitted(ask.opened()))
    assert (now(bench).status, now(bench).review) == (Status.DRAFT, None)
    assert [row.announcement.surface for row in bench.tables.outbox.values()][-1] == "review_settled"


async def test_the_whole_diff_names_what_is_new_since_last_time(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.IN_REVIEW, bench)
    await execute(EditExperiment(key=KEY, planned_days=28), ADA, bench.world)
    again = await execute(RequestReview(key=KEY), ADA, bench.world)
    await ask(review.whole_diff.by_button, value=f"{KEY}@{again.revision}")
    assert "*Planned days* 14 → 28" in str(ask.opened())


async def test_a_review_nobody_answers_ends_and_who_asked_is_told(bench: MemoryWorld) -> None:
    await lead_to(Status.IN_REVIEW, bench)
    expires = request(bench).expires_at
    assert expires is not None
    bench.clock.time = expires - timedelta(seconds=1)
    await remind(bench.world)
    assert now(bench).status is Status.IN_REVIEW
    bench.clock.time = expires
    assert [await remind(bench.world), await remind(bench.world)] == [1, 0]
    assert now(bench).status is Status.DRAFT
    last = [row.announcement for row in bench.tables.outbox.values()][-1]
    assert (last.surface, last.payload["asked_by"]) == ("review_expired", ADA.user)


async def test_an_answer_at_the_last_moment_counts(bench: MemoryWorld) -> None:
    asked = await lead_to(Status.IN_REVIEW, bench)
    expires = request(bench).expires_at
    assert expires is not None
    bench.clock.time = expires
    await execute(ApproveReview(key=KEY, design_hash=asked.design.hash), BO, bench.world)
    assert await remind(bench.world) == 0
    assert now(bench).status is Status.APPROVED


async def test_reminders_look_at_all_however_many_there_are(
    bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.reminders.A_PAGE", 3)
    for number in range(8):
        await draft(bench.world, f"draft-{number}")
        await execute(RequestReview(key=f"draft-{number}"), ADA, bench.world)
    assert len(await all_of(bench.world, statuses=(Status.IN_REVIEW,))) == 8
    bench.clock.advance(days=2)
    assert await remind(bench.world) == 8


async def refused_words(actor: Actor, bench: MemoryWorld) -> str:
    with pytest.raises(EXPECTED) as refused:
        await Asking(bench, actor)(review.approve, value=f"{KEY}@{now(bench).design.hash}")
    return str(refused.value)


async def test_who_may_not_approve_hears_why(bench: MemoryWorld) -> None:
    await policy(bench, required_approvals=2)
    await lead_to(Status.DRAFT, bench)
    await execute(EditExperiment(key=KEY, planned_days=28), CHEN, bench.world)
    await execute(RequestReview(key=KEY, reviewers=(BO.user, "U0EVE")), ADA, bench.world)
    await execute(ApproveReview(key=KEY, design_hash=now(bench).design.hash), BO, bench.world)
    assert "You have approved this already" in await refused_words(BO, bench)
    assert "You wrote this design" in await refused_words(ADA, bench)
    assert "You wrote this design" in await refused_words(CHEN, bench)
    assert "This review asks particular people" in await refused_words(DEE, bench)
    viewer = Actor(workspace=ADA.workspace, user="U0EVE", role=Role.VIEWER)
    assert "This needs the role" in await refused_words(viewer, bench)
    assert len(request(bench).approvals) == 1


async def test_what_bunsen_ended_is_told_by_its_name(bench: MemoryWorld) -> None:
    await lead_to(Status.IN_REVIEW, bench)
    bench.clock.advance(days=30)
    await remind(bench.world)
    settled = next(
        row.announcement for row in bench.tables.outbox.values() if row.announcement.surface == "review_settled"
    )
    assert "is over: Bunsen ended the request" in ANNOUNCED["review_settled"](settled.payload).text


async def test_who_wrote_the_design_is_told_before_the_form(bench: MemoryWorld, ask: Asking) -> None:
    await policy(bench, checklist=POINTS)
    asked = await lead_to(Status.IN_REVIEW, bench)
    with pytest.raises(Forbidden, match="You wrote this design"):
        await ask(review.approve, value=f"{KEY}@{asked.revision}@{asked.design.hash}")
    assert not ask.slow
