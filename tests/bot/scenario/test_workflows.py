"""Workflow steps over the wire: in the name of whoever runs the workflow, and always with an end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, Lab, eventually

NOT_A_MEMBER = "C0GENERAL"


async def runs(lab: Lab, step: str, user: str = BO, **inputs: Any) -> str:
    """The line of the conversation that tells how the step ended."""
    begun = await lab.control("step", user=user, channel=CHANNEL, callback_id=step, inputs=inputs)
    assert begun["ok"], begun

    async def ended() -> str | None:
        lines = [each["text"] for each in await lab.messages() if each.get("subtype") == "workflow_step"]
        return lines[-1] if "ran the step" in lines[-1] else None

    return str(await eventually(ended))


async def test_a_workflow_creates_an_experiment_in_the_name_of_its_runner(lab: Lab) -> None:
    line = await runs(lab, "create_experiment", title="Shorter answers", hypothesis="If …", channel=CHANNEL)
    assert "key: shorter-answers" in line
    assert "link: https://slack.com/app_redirect?app=A0BUNSEN" in line.replace("&amp;", "&")
    made = await lab.experiment("shorter-answers")
    assert (made.owner, made.authors, made.channel) == (BO, (BO,), CHANNEL)
    assert await lab.message_with("shorter-answers · design")


async def test_a_taken_key_makes_another_attempt_and_a_repeated_run_none(lab: Lab) -> None:
    await runs(lab, "create_experiment", title="Shorter answers")
    index = lab.sandbox.courier.deliveries[-1].index
    assert "key: shorter-answers-2nd" in await runs(lab, "create_experiment", title="Shorter answers")
    await lab.control("redeliver", index=index)
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        assert len(await uow.audit.all()) == 2


async def test_nobody_can_run_it_in_anothers_name(lab: Lab) -> None:
    await runs(lab, "create_experiment", CHEN, title="Mine", person={"id": ADA, "secret": "made up"})
    assert (await lab.experiment("mine")).owner == CHEN


async def test_results_are_posted_where_the_workflow_says(lab: Lab) -> None:
    running = await lab.runs()
    await lab.days_pass(running.key, 2)
    line = await runs(lab, "post_results", key=running.key, channel=CHANNEL)
    assert "verdict: " in line
    assert "Posted by a workflow that <@U0BO> ran." in str(await lab.message_with("Posted by a workflow"))


@pytest.mark.parametrize(
    ("step", "inputs", "words"),
    [
        ("create_experiment", {"title": "x" * 200}, "at most 120 fit"),
        ("post_results", {"key": "nothing", "channel": CHANNEL}, "no experiment “nothing”"),
        ("post_results", {"key": "bigger-button", "channel": CHANNEL}, "no results to post yet"),
    ],
)
async def test_what_cannot_be_done_ends_in_kind_words(lab: Lab, step: str, inputs: dict[str, str], words: str) -> None:
    await lab.drafts()
    line = await runs(lab, step, **inputs)
    assert "which failed" in line
    assert words in line


async def test_a_channel_without_the_bot_is_said_with_what_to_do(lab: Lab) -> None:
    running = await lab.runs()
    line = await runs(lab, "post_results", key=running.key, channel=NOT_A_MEMBER)
    assert "Type /invite @Bunsen there and run the workflow again" in line


async def test_a_guest_may_not_through_a_workflow_either(lab: Lab) -> None:
    await lab.control("person", id=CHEN, is_restricted=True)
    lab.world.people.forget()
    assert "given a role" in await runs(lab, "create_experiment", CHEN, title="Mine")


async def test_a_fault_of_ours_ends_the_step_with_a_reference(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from handlers import table

    async def broken(*_: Any) -> dict[str, str]:
        raise ZeroDivisionError

    monkeypatch.setitem(table.STEPS, "create_experiment", broken)
    line = await runs(lab, "create_experiment", title="x")
    assert "tell an admin the reference" in line
    assert "ZeroDivision" not in line
