"""Whatever changes an experiment, over the wire: two people at the same moment, then Slack that repeats both."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.answered import Answered
from experiments.audit import AuditRecord
from experiments.canary import CanaryPlan
from experiments.commands import AgreeToLoosening, Command, ConfirmPromotion, ResumeRollout
from experiments.design import Variant
from experiments.model import Status
from experiments.permissions import Permission
from handlers import table
from handlers.surfaces.steps import NEEDS
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, NOON, Lab, eventually
from tests.bot.scenario.test_running import card_of
from tests.bot.web.applications import begin
from tests.experiments.stages import KEY, lead_to
from tests.worlds import MemoryWorld

S = Status
SOON = int(NOON.timestamp()) + 86_400


@dataclass(frozen=True)
class Case:
    """Two people fill in the form of a verb in this state; so many changes come of it, by default the first one's."""

    stage: Status
    command: str
    answers: dict[str, Any] = field(default_factory=dict)
    people: tuple[str, str] = (ADA, BO)
    ready_for: type[Command] | None = None
    changes: int = 1


OTHERS = (BO, CHEN)
FORMS = {
    "edit": Case(S.DRAFT, "EditExperiment", {"title": "Bigger still"}),
    "review": Case(S.DRAFT, "RequestReview"),
    "approve": Case(S.IN_REVIEW, "ApproveReview", people=OTHERS),
    "request_changes": Case(S.IN_REVIEW, "RequestChanges", {"comment": "Say why."}, OTHERS),
    "withdraw": Case(S.IN_REVIEW, "CancelReview"),
    "predict": Case(S.DRAFT, "Predict", {"probability": "60"}, changes=2),
    "start": Case(S.APPROVED, "StartExperiment"),
    "schedule": Case(S.APPROVED, "ScheduleStart", {"start_at": SOON}),
    "unschedule": Case(S.SCHEDULED, "Unschedule"),
    "pause": Case(S.RUNNING, "PauseExperiment"),
    "resume": Case(S.PAUSED, "ResumeExperiment"),
    "stop": Case(S.RUNNING, "StopExperiment", {"reason": "completed"}),
    "traffic": Case(S.RUNNING, "ConfigureTraffic", {"exposure": "40"}),
    "guardrails": Case(S.RUNNING, "ChangeGuardrails", {"guardrails": "latency mean down stop in ms\nerrors mean down"}),
    "note": Case(S.RUNNING, "AddNote", {"text": "Looks fine."}, changes=2),
    "decide": Case(S.STOPPED, "LogDecision", {"outcome": "iterate", "reasoning": "Nothing moved."}),
    "agree": Case(S.RUNNING, "AgreeToLoosening", {"answer": "agree"}, OTHERS, AgreeToLoosening),
    "promote": Case(S.DECIDED, "PromoteVariant"),
    "confirm": Case(S.DECIDED, "ConfirmPromotion", {"answer": "confirm"}, OTHERS, ConfirmPromotion),
    "advance": Case(S.ROLLING_OUT, "AdvanceRollout"),
    "hold": Case(S.ROLLING_OUT, "PauseRollout", {"comment": "Latency first."}),
    "go_on": Case(S.ROLLING_OUT, "ResumeRollout", ready_for=ResumeRollout),
    "testers": Case(S.RUNNING, "SetTesters", {"overrides": "qa-1 = treatment"}),
    "rollback": Case(S.RUNNING, "RollBack"),
    "archive": Case(S.STOPPED, "ArchiveExperiment"),
    "delete": Case(S.DRAFT, "DeleteDraft"),
}
BUTTONS = {
    "approve": Case(S.IN_REVIEW, "ApproveReview", people=OTHERS),
    "rollback": Case(S.RUNNING, "RollBack"),
    "agree_loosening": Case(S.RUNNING, "AgreeToLoosening", people=OTHERS, ready_for=AgreeToLoosening),
    "keep_guardrails": Case(S.RUNNING, "AgreeToLoosening", people=OTHERS, ready_for=AgreeToLoosening),
    "confirm_promotion": Case(S.DECIDED, "ConfirmPromotion", people=OTHERS, ready_for=ConfirmPromotion),
    "refuse_promotion": Case(S.DECIDED, "ConfirmPromotion", people=OTHERS, ready_for=ConfirmPromotion),
}
ELSEWHERE = {
    "clone": "test_two_people_clone_at_once",
    "import": "test_two_people_import_the_same_file_at_once",
    "step": "test_two_people_take_the_next_step_at_once",
}


async def leads(lab: Lab, case: Case) -> list[AuditRecord]:
    """The experiment in its state, its messages posted; what was done until then."""
    bench = MemoryWorld()
    bench.world = lab.world
    await lead_to(case.stage, bench, ready_for=case.ready_for)

    async def is_read() -> bool:
        return not (await lab.experiment(KEY)).unread

    await eventually(is_read)
    await lab.settled()
    return await records(lab)


async def records(lab: Lab) -> list[AuditRecord]:
    async with lab.world.reading(lab.world.workspace) as uow:
        return list(await uow.audit.all())


async def repeated(lab: Lab, since: int) -> None:
    """Slack sends everything since then three times more, each time to a replica that has not seen it."""
    again = [each.index for each in lab.sandbox.courier.deliveries if each.index >= since]
    for index in again * 3:
        lab.desk.answered = Answered()
        await lab.control("redeliver", index=index)
    await lab.settled()


async def done_once(lab: Lab, case: Case, before: list[AuditRecord], act: Callable[[str], Awaitable[Any]]) -> None:
    """Both act at once, Slack repeats it, and there is one change, one record, one card; who was late hears of whom."""
    since = lab.sandbox.courier.deliveries[-1].index + 1 if lab.sandbox.courier.deliveries else 0
    read = {user: len(await lab.messages(user)) for user in case.people}
    await asyncio.gather(*(act(user) for user in case.people))
    await lab.settled()
    done = (await records(lab))[len(before) :]
    assert Counter(each.command for each in done)[case.command] == case.changes
    if case.changes == 1:
        first = next(each.actor for each in done if each.command == case.command)
        [second] = [user for user in case.people if user != first]

        async def knows() -> bool:
            return f"<@{first}>" in f"{lab.modals(second)} {(await lab.messages(second))[read[second] :]}"

        assert await eventually(knows)
    await repeated(lab, since)
    assert [each.number for each in await records(lab)] == [each.number for each in (*before, *done)]
    assert await verify(lab.database, lab.world.workspace) == []
    if (await lab.experiment(KEY)).channel:
        await card_of(lab, KEY)


def test_everything_that_changes_an_experiment_is_here() -> None:
    """Of all that stands on cards and in menus, and of all forms."""
    assert {verb for verb, needs in NEEDS.items() if needs is not Permission.READ} == {*FORMS, *ELSEWHERE}
    about_settings = {"notifications", "subscribe", "give_role", "default_role", "project_settings"}
    about_settings |= {"new_token", "source", "hosts"}
    asks_only = {"search", "size"}
    steps = {"create_what", "create_design", "create_safety", "note_edit", "note_delete"}
    of_a_message = {"note_from_message", "decide_from_thread"}
    assert set(table.VIEWS) == {*FORMS, "import", "step"} - {"edit"} | about_settings | asks_only | steps | of_a_message


@pytest.mark.parametrize("verb", FORMS)
async def test_two_people_send_the_same_form_at_once(verb: str, lab: Lab) -> None:
    case = FORMS[verb]
    before = await leads(lab, case)
    for user in case.people:
        await lab.types(f"{verb} {KEY}", user)

    async def submit(user: str) -> None:
        assert (await lab.submits(user, **case.answers))["ok"]

    await done_once(lab, case, before, submit)


@pytest.mark.parametrize("verb", BUTTONS)
async def test_two_people_press_the_same_button_at_once(verb: str, lab: Lab) -> None:
    case = BUTTONS[verb]
    before = await leads(lab, case)
    message = await lab.message_with("please review" if verb == "approve" else f"'{verb}'")

    async def press(user: str) -> None:
        await lab.presses(verb, message, user)

    await done_once(lab, case, before, press)


async def test_two_people_clone_at_once(lab: Lab) -> None:
    case = Case(S.RUNNING, "CloneExperiment", changes=2)
    before = await leads(lab, case)

    async def clone(user: str) -> None:
        await lab.types(f"clone {KEY}", user)

    await done_once(lab, case, before, clone)
    assert {(await lab.experiment(f"{KEY}-{ending}")).owner for ending in ("2nd", "3rd")} == {ADA, BO}


async def test_two_people_take_the_next_step_at_once(lab: Lab) -> None:
    case = Case(S.RUNNING, "ConfigureTraffic")
    arms = (Variant(key="stable", weight=9_500, is_control=True), Variant(key="canary", weight=500))
    await begin(lab.world, KEY, variants=arms, canary=CanaryPlan(steps=(500, 2_500, 5_000)))
    await lab.settled()
    before = await records(lab)
    for user in case.people:
        await lab.types(f"step {KEY}", user)

    async def submit(user: str) -> None:
        assert (await lab.submits(user))["ok"]

    await done_once(lab, case, before, submit)
    assert (await lab.experiment(KEY)).weights == {"stable": 7_500, "canary": 2_500}


async def test_two_people_import_the_same_file_at_once(lab: Lab) -> None:
    case = Case(S.RUNNING, "ImportAggregates", changes=1)
    before = await leads(lab, case)
    content = "experiment,variant,metric,time,n,mean,variance\n" + "".join(
        f"{KEY},{variant},conversion,3,3000,0.1,0.09\n" for variant in ("control", "treatment")
    )
    stored = lab.workspace.files.add("shop.csv", content.encode(), ADA, NOON)
    for user in case.people:
        await lab.types("import", user, CHANNEL)

    async def submit(user: str) -> None:
        assert (await lab.submits(user, files=[stored.id]))["ok"]

    since = lab.sandbox.courier.deliveries[-1].index + 1
    await asyncio.gather(*(submit(user) for user in case.people))
    await lab.settled()
    await repeated(lab, since)
    done = (await records(lab))[len(before) :]
    assert Counter(each.command for each in done)["ImportAggregates"] == 1
