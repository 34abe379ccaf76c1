"""Decide: a summary is drafted on request, checked against the data, and posted only when a person submits it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.connectors.language_model import LanguageModel
from experiments.commands import AddNote
from experiments.errors import Stale
from experiments.execute import execute
from experiments.model import Outcome, Status
from handlers import decide
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.scripted_llm import ScriptedModel, failure, scripted_model, summary
from tests.worlds import BO, MemoryWorld

WORDS = {"outcome": "ship", "reasoning": "It sells more and is as quick as before."}


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.STOPPED, bench)
    return bench


@pytest.fixture
async def model() -> AsyncIterator[ScriptedModel]:
    async with scripted_model(summary("Nothing speaks against it.")) as model:
        yield model


async def form(bench: MemoryWorld, ask: Asking, **answers: Any) -> dict[str, Any]:
    await ask(decide.decide.by_command, KEY)
    return submitted(ask.opened(), **answers)


async def drafted(bench: MemoryWorld, **answers: Any) -> list[dict[str, Any]]:
    """What the modal shows while and after the summary is drafted."""
    ask = Asking(bench)
    view = await form(bench, ask, **answers)
    await ask(decide.draft_summary, view=view, value=f"{KEY}@1")
    await ask.afterwards()
    updates = bench.slack.made("views.update")
    assert [update["view_id"] for update in updates] == ["V1", "V1"]
    assert not bench.slack.made("chat.postMessage"), "nothing is posted before a person submits"
    assert bench.tables.experiments[KEY].decision is None
    return [update["view"] for update in updates]


def asking_model(bench: MemoryWorld, model: ScriptedModel, seconds: float = 5.0) -> None:
    writer = LanguageModel(base_url=model.url, api_key=SecretStr("sk-test"), model="scripted", seconds=seconds)
    bench.world = replace(bench.world, writer=writer)


async def test_without_a_model_the_template_says_why(bench: MemoryWorld) -> None:
    drafting, done = await drafted(bench, **WORDS)
    assert "Drafting a summary" in str(drafting)
    assert "no language model is set up" in str(done)
    assert WORDS["reasoning"] in str(done)


async def test_a_models_draft_is_offered_to_be_read(bench: MemoryWorld, model: ScriptedModel) -> None:
    asking_model(bench, model)
    _, done = await drafted(bench, **WORDS)
    assert "Nothing speaks against it." in str(done)
    assert "Drafted by a language model" in str(done)


async def test_a_model_that_does_not_answer_in_time_leaves_the_template(
    bench: MemoryWorld, model: ScriptedModel
) -> None:
    model.script = [None]
    asking_model(bench, model, seconds=0.3)
    _, done = await drafted(bench, **WORDS)
    assert "took too long" in str(done)
    assert "Written from a template" in str(done)


async def test_a_number_that_is_not_in_the_data_leaves_the_template(bench: MemoryWorld, model: ScriptedModel) -> None:
    model.script = [summary("Conversion rose by 47.3 %.")]
    asking_model(bench, model)
    _, done = await drafted(bench, **WORDS)
    assert "number that is not in the data" in str(done)
    assert "Conversion rose" not in str(done)


async def test_a_model_that_refuses_the_key_leaves_the_template_without_it(
    bench: MemoryWorld, model: ScriptedModel
) -> None:
    model.script = [failure(401, "Incorrect API key provided: sk-test")]
    asking_model(bench, model)
    _, done = await drafted(bench, **WORDS)
    assert "does not accept the key" in str(done)
    assert "sk-test" not in str(done)


async def test_the_model_is_told_notes_and_what_stands_in_the_form(bench: MemoryWorld) -> None:
    await execute(AddNote(key=KEY, text="The sale began on day one."), BO, bench.world)
    await drafted(bench, **WORDS, next_steps="Roll out.")
    [evidence] = bench.writer.asked
    assert evidence.outcome is Outcome.SHIP
    assert (evidence.reasoning, evidence.next_steps) == (WORDS["reasoning"], "Roll out.")
    assert [note.text for note in evidence.notes] == ["The sale began on day one."]
    assert evidence.readout is not None
    assert evidence.readout.number == 1


async def test_a_draft_can_be_asked_for_before_anything_is_filled_in(bench: MemoryWorld) -> None:
    await drafted(bench)
    [evidence] = bench.writer.asked
    assert (evidence.outcome, evidence.reasoning) == (None, "")


async def test_submitting_logs_the_decision_with_what_stands_there(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    view = await form(bench, ask, **WORDS, summary="In my own words.")
    await ask(decide.submit, view=view)
    decision = bench.tables.experiments[KEY].decision
    assert decision is not None
    assert (decision.outcome, decision.summary, decision.readout_number) == (Outcome.SHIP, "In my own words.", 1)


async def test_a_stale_form_decides_nothing(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    view = await form(bench, ask, **WORDS)
    changed = bench.tables.experiments[KEY]
    bench.tables.experiments[KEY] = changed.evolve(revision=changed.revision + 1)
    with pytest.raises(Stale):
        await ask(decide.submit, view=view)
    assert bench.tables.experiments[KEY].decision is None
