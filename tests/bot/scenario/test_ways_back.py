"""The ways back and the way out: a design sent back, a note in words, an ended experiment put away."""

from __future__ import annotations

from experiments.model import Status
from tests.bot.scenario.lab import BO, Lab


async def test_a_review_can_be_sent_back_with_what_is_missing(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("request_changes", await lab.message_with("Approve"), user=BO)
    await lab.modal_titled("Request changes", user=BO)
    await lab.submits(user=BO, comment="Name a guardrail first.")
    await lab.settled()
    after = await lab.experiment(draft.key)
    assert after.status is Status.DRAFT
    assert after.approval is None
    async with lab.world.reading(lab.world.workspace) as uow:
        assert [note.text for note in await uow.notes.of(draft.key)] == ["Name a guardrail first."]
    assert "Name a guardrail first." in str(await lab.message_with("asked for changes"))


async def test_a_note_is_kept_from_its_modal(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"note {draft.key}")
    await lab.submits(kind="learning", text="People look at the top first.")
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        [note] = await uow.notes.of(draft.key)
    assert (note.kind, note.text) == ("learning", "People look at the top first.")


async def test_an_ended_experiment_is_put_away_and_stays_readable(lab: Lab) -> None:
    running = await lab.runs()
    await lab.types(f"stop {running.key}")
    await lab.submits(reason="insufficient_data")
    await lab.types(f"archive {running.key}")
    await lab.submits()
    assert (await lab.experiment(running.key)).status is Status.ARCHIVED
    await lab.types("list")
    assert "Bigger button" not in str((await lab.answer())["blocks"])
    await lab.types(f"show {running.key}")
    assert "Bigger button" in str((await lab.answer())["blocks"])
    await lab.settled()
