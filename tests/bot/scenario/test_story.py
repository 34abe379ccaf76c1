"""The main job: one experiment from idea to decision and into the weekly digest."""

from __future__ import annotations

from experiments.audit import broken_links
from experiments.model import Outcome, Status
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, Lab, eventually


async def test_one_experiment_from_idea_to_digest(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    running = await lab.runs("Bigger button")
    assert running.status is Status.RUNNING
    assert running.approval is not None
    assert running.approval.by == BO

    await lab.types("subscribe")
    await lab.submits(events=["change", "decision", "digest", "significance"])
    await lab.days_pass(running.key, 12)
    update = await lab.message_with("Significance update")
    assert any(block["type"] == "image" for block in update["blocks"])

    await lab.types(f"results {running.key}")
    readout = await lab.message_with("Health of the data")
    assert sum(block["type"] == "image" for block in readout["blocks"]) == 2

    await lab.types(f"stop {running.key}")
    await lab.submits(reason="completed")
    await lab.types(f"decide {running.key}")
    await lab.submits(outcome="ship", reasoning="Conversion rose and nothing else moved.")
    await lab.settled()
    decided = await lab.experiment(running.key)
    assert decided.decision is not None
    assert decided.decision.outcome is Outcome.SHIP

    await lab.days_pass(running.key, 7)
    digests = [each for each in await lab.messages() if "The week in experiments" in str(each)]
    assert "Conversion rose and nothing else moved." in str(digests[-1])
    assert await verify(lab.database, lab.world.workspace) == []


async def test_every_change_left_its_record(lab: Lab) -> None:
    await lab.runs()
    async with lab.world.reading(lab.world.workspace) as uow:
        records = await uow.audit.all()
    commands = [record.command for record in records]
    assert commands == [
        "CreateExperiment",
        "EditExperiment",
        "EditExperiment",
        "RequestReview",
        "ApproveReview",
        "StartExperiment",
    ]
    assert broken_links(records) == []


async def test_the_story_over_signed_http(http_lab: Lab) -> None:
    assert (await http_lab.runs()).status is Status.RUNNING


async def test_the_card_is_one_message_edited_in_place(lab: Lab) -> None:
    running = await lab.runs("Bigger button")
    messages = await lab.messages()
    cards = [each for each in messages if each["blocks"][0].get("text", {}).get("text", "").endswith("Bigger button")]
    assert len([each for each in cards if not each.get("thread_ts") or each["thread_ts"] == each["ts"]]) == 1
    assert "running" in str(cards[0]).lower()
    assert running.version == 6


async def test_nobody_approves_their_own(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits(reviewers=[])
    request = await lab.message_with("please review")
    await lab.presses("approve", request, user=ADA)

    async def told() -> bool:
        return any("somebody else has to approve" in str(each) for each in await lab.messages(ADA))

    assert await eventually(told)
    assert (await lab.experiment(draft.key)).status is Status.IN_REVIEW


async def test_a_double_click_starts_once(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits()
    request = await lab.message_with("please review")
    await lab.presses("approve", request, user=BO)
    await lab.presses("approve", request, user=BO)
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        approvals = [each for each in await uow.audit.of(draft.key) if each.command == "ApproveReview"]
    assert len(approvals) == 1


async def test_a_redelivered_submission_creates_once(lab: Lab) -> None:
    await lab.types("create")
    await lab.submits(title="Only once")
    deliveries = lab.sandbox.courier.deliveries
    await lab.control("redeliver", index=len(deliveries) - 1)
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        assert len(await uow.audit.all()) == 1


async def test_the_home_shows_what_needs_me(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.control("home", user=BO)
    await lab.settled()

    async def home() -> bool:
        return "Bigger button" in str((await lab.state(BO))["home"])

    assert await eventually(home)
