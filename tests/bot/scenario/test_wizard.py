"""Drafts written over the wire: forward, back, after a time-out, from a template, with numbers told while typing."""

from __future__ import annotations

from typing import Any

import pytest

from bot import desk as desk_module
from experiments.commands import EditExperiment
from experiments.design import Action, Kind
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from handlers import table
from tests.bot.scenario.form_hands import changes, goes_on, presses_in_modal, shown, value
from tests.bot.scenario.lab import ADA, BO, DESIGN, Lab, eventually
from tests.patience import LONG

KEY = "bigger-button"
TITLE = "Bigger button"
HYPOTHESIS = "If the button grows, then more people press it, because they see it."
GUARDRAIL = "latency-p95 quantile down limit 2 % from 500 units stop missing pause in ms"


async def everything(lab: Lab) -> tuple[Experiment, ...]:
    from experiments.repositories import Filter

    async with lab.world.reading(lab.world.workspace) as uow:
        return await uow.experiments.list(Filter())


async def test_three_steps_from_a_template_with_numbers_on_the_way(lab: Lab) -> None:
    await lab.types("create promt-ab")
    assert "Did you mean prompt-ab?" in str(await lab.answer())
    await lab.presses("create", await lab.answer())
    assert value(lab, "hypothesis").startswith("If the prompt … then")
    await goes_on(lab, title="Kinder prompt", hypothesis=HYPOTHESIS)
    assert value(lab, "variants") == "present-prompt 50\nnew-prompt 50"
    await changes(lab, "baseline", baseline="20", smallest_effect="10", per_day="1000")
    assert "find a change of 10.0 % with 80 % power" in shown(lab)
    await goes_on(lab)
    assert "latency-p95 quantile down limit 10 % in ms" in value(lab, "guardrails")
    assert "power" in shown(lab)
    before = shown(lab)
    await changes(lab, "planned_days", planned_days="10")
    assert "10 days are not whole weeks" in shown(lab)
    assert shown(lab) != before
    await presses_in_modal(lab, "create_fit")
    await lab.desk.drained()
    assert int(value(lab, "planned_days")) % 7 == 0
    assert int(value(lab, "planned_units")) != 5000
    assert "suit it better" not in shown(lab)
    await changes(lab, "method", method="fixed", planned_days="28", guardrails=f"{GUARDRAIL}\nerror-rate down")
    assert "It runs 4 whole weeks" in shown(lab)
    assert "latency-p95 and error-rate are guardrails" in shown(lab)
    await goes_on(lab, reviewers=[BO])
    await lab.settled()
    draft = await lab.experiment("kinder-prompt")
    assert draft.design.kind is Kind.PROMPT_AB
    assert draft.design.hypothesis == HYPOTHESIS
    assert draft.design.expectation is not None
    assert (draft.design.expectation.baseline, draft.design.expectation.per_day) == (0.2, 1000)
    guardrail = draft.design.guardrails[0]
    assert (guardrail.action, guardrail.missing, guardrail.minimum_units) == (Action.STOP, Action.PAUSE, 500)
    assert [metric.key for metric in draft.design.metrics] == ["success-rate", "latency-p95", "error-rate"]
    assert (draft.design.planned_days, draft.reviewers, draft.tags) == (28, (BO,), ("prompt",))


async def test_a_template_fills_what_is_empty_and_keeps_what_was_typed(lab: Lab) -> None:
    await lab.types("create")
    await changes(lab, "template", template="canary", title=TITLE, tags="mine")
    assert (value(lab, "title"), value(lab, "tags"), value(lab, "kind")) == (TITLE, "mine", "infrastructure")
    assert "stay as they are" in value(lab, "hypothesis")
    await changes(lab, "template", template="feature")
    assert (value(lab, "tags"), value(lab, "kind")) == ("mine", "feature")
    assert value(lab, "hypothesis").startswith("If … then more people")
    await changes(lab, "template", template="canary", hypothesis=HYPOTHESIS)
    await changes(lab, "template", template="blank")
    assert (value(lab, "hypothesis"), value(lab, "tags"), value(lab, "title")) == (HYPOTHESIS, "mine", TITLE)


async def test_the_step_back_keeps_what_was_typed_and_goes_on_from_what_is_saved(lab: Lab) -> None:
    await lab.types("create")
    await goes_on(lab, title=TITLE)
    await presses_in_modal(lab, "create_back", variants="old 60, new 40", primary_metric="orders", baseline="7")
    await lab.modal_titled("Step 1 of 3: what, why")
    assert len(lab.modals()) == 2
    await goes_on(lab, title="Larger button", tags="checkout")
    await lab.desk.drained()
    assert len(lab.modals()) == 1
    assert "Larger button" in shown(lab)
    assert (value(lab, "variants"), value(lab, "primary_metric"), value(lab, "baseline")) == (
        "old 60, new 40",
        "orders",
        "7",
    )
    await goes_on(lab)
    after = await lab.experiment(KEY)
    assert (after.title, after.tags, after.design.variants[0].weight) == ("Larger button", ("checkout",), 6000)


async def test_two_steps_back_and_both_forms_below_still_go_on(lab: Lab) -> None:
    await lab.types("create")
    await goes_on(lab, title=TITLE)
    await goes_on(lab, **DESIGN)
    await presses_in_modal(lab, "create_back", planned_days="21", guardrails="latency down stop")
    await lab.modal_titled("Step 2 of 3: design")
    await presses_in_modal(lab, "create_back", other_metrics="revenue up in EUR")
    await lab.modal_titled("Step 1 of 3: what, why")
    await goes_on(lab, hypothesis=HYPOTHESIS)
    await lab.desk.drained()
    assert value(lab, "other_metrics") == "revenue up in EUR"
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])
    assert (value(lab, "planned_days"), value(lab, "guardrails")) == ("21", "latency down stop")
    await goes_on(lab)
    after = await lab.experiment(KEY)
    assert lab.modals() == []
    assert (after.design.hypothesis, after.design.planned_days) == (HYPOTHESIS, 21)
    assert [metric.key for metric in after.design.metrics] == ["conversion", "latency"]


async def test_an_error_keeps_what_was_typed_and_names_its_field(lab: Lab) -> None:
    await lab.types("create")
    await goes_on(lab, title=TITLE)
    wrong = await goes_on(lab, **DESIGN, per_day="100")
    assert list(wrong["errors"]) == ["baseline__percent"]
    assert (value(lab, "primary_metric"), value(lab, "per_day")) == ("conversion", "100")
    await goes_on(lab, baseline="5")
    for text, words in (
        ("latency stop", "up or down"),
        ("latency down limit 1,000", "two ways"),
        ("conversion down", "named twice"),
        ("Latency P95 down", "“P95”"),
    ):
        wrong = await goes_on(lab, guardrails=text)
        assert words in wrong["errors"]["guardrails"]
        assert value(lab, "guardrails") == text
    await goes_on(lab, guardrails="latency down rollback")
    assert (await lab.experiment(KEY)).design.guardrails[0].action is Action.ROLL_BACK


async def test_a_first_step_that_slack_gave_up_waiting_for_goes_on_when_it_is_sent_again(lab: Lab) -> None:
    await lab.types("create")
    lab.workspace.ack_seconds = 0.0
    assert not (await goes_on(lab, title=TITLE, key=KEY))["ok"]
    lab.workspace.ack_seconds = LONG
    await _saved(lab)
    await goes_on(lab)
    assert lab.modal()["callback_id"] == "create_design"
    assert len(await everything(lab)) == 1


async def _saved(lab: Lab) -> None:
    async def there() -> bool:
        return bool(await everything(lab))

    await eventually(there)


@pytest.mark.parametrize("later", [{}, {"title": "Larger button", "hypothesis": HYPOTHESIS}])
async def test_each_step_that_took_too_long_is_kept_and_goes_on_when_it_is_sent_again(
    later: dict[str, str], lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.types("create")
    await _too_slow(lab, monkeypatch, title=TITLE)
    await goes_on(lab, **later)
    assert lab.modal()["callback_id"] == "create_design"
    [draft] = await everything(lab)
    assert draft.title == later.get("title", TITLE)
    assert draft.design.hypothesis == later.get("hypothesis", "")
    await _too_slow(lab, monkeypatch, **DESIGN)
    await goes_on(lab, variants="control 90, treatment 10")
    assert lab.modal()["callback_id"] == "create_safety"
    assert (await lab.experiment(KEY)).design.control.weight == 9000
    await _too_slow(lab, monkeypatch, planned_days="21")
    await goes_on(lab, rule="do_no_harm")
    assert lab.modals() == []
    design = (await lab.experiment(KEY)).design
    assert (design.planned_days, design.rule) == (21, "do_no_harm")


async def _too_slow(lab: Lab, monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
    """The step is saved, but its answer does not come in time."""
    callback = lab.modal()["callback_id"]
    handler = table.VIEWS[callback]

    async def late(ack: Any, turn: Any, actor: Any, world: Any) -> None:
        async def unheard(**_: Any) -> None:
            raise TimeoutError

        try:
            await handler(unheard, turn, actor, world)
        except TimeoutError:
            raise desk_module.TooSlow from None

    with monkeypatch.context() as patch:
        patch.setitem(table.VIEWS, callback, late)
        await goes_on(lab, **answers)
    assert lab.modal()["callback_id"] == "problem"
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])


async def test_numbers_that_come_late_do_not_bring_a_finished_step_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.types("create")
    await goes_on(lab, title=TITLE)
    held: list[Any] = []
    view = lab.modal()

    async def holding(ack: Any, turn: Any, actor: Any, world: Any) -> None:
        held.append((turn, actor, world))
        await ack()

    with monkeypatch.context() as patch:
        patch.setitem(table.CHANGES, "create_design", holding)
        await changes(lab, "baseline", baseline="20", **DESIGN)
    await goes_on(lab)
    assert lab.modal()["callback_id"] == "create_safety"
    [(turn, actor, world)] = held

    async def ack(**_: Any) -> None: ...

    await table.CHANGES["create_design"](ack, turn, actor, world)
    await lab.desk.drained()
    assert lab.modal()["id"] == view["id"]
    assert lab.modal()["callback_id"] == "create_safety"


async def test_somebody_else_was_quicker_and_what_was_typed_goes_on_after_a_look(lab: Lab) -> None:
    await lab.types("create")
    await goes_on(lab, title=TITLE)
    other = Actor(workspace="T0SANDBOX", user=BO)
    await execute(EditExperiment(key=KEY, title="Larger button"), other, lab.world)
    await goes_on(lab, variants="old 60, new 40", primary_metric="orders")
    assert "changed in the meantime" in shown(lab)
    assert f"<@{BO}>" in shown(lab)
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])
    await presses_in_modal(lab, "create_back")
    await lab.modal_titled("Step 1 of 3: what, why")
    assert value(lab, "title") == "Larger button"
    await goes_on(lab)
    await lab.desk.drained()
    assert value(lab, "variants") == "old 60, new 40"
    await goes_on(lab)
    after = await lab.experiment(KEY)
    assert (after.title, after.design.control.weight) == ("Larger button", 6000)


async def test_similar_experiments_are_shown_before_anything_is_spent(lab: Lab) -> None:
    running = await lab.runs("Bigger checkout button")
    await lab.types(f"stop {running.key}")
    await lab.submits(reason="completed")
    await lab.types(f"decide {running.key}")
    await lab.modal_titled("Log the decision")
    await lab.submits(outcome="abandon", reasoning="Nobody saw it.")
    await lab.settled()
    await lab.types("create")
    await goes_on(lab, title="Another checkout button", hypothesis="If the button grows, then more people press it.")
    assert "Bigger checkout button" in shown(lab)
    assert "decided to abandon" in shown(lab)
    await presses_in_modal(lab, "look_back", variants="old 60, new 40")
    await lab.modal_titled("Tried before")
    assert "Nobody saw it." in shown(lab)
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])
    assert value(lab, "variants") == "old 60, new 40"
    await lab.types("create")
    await goes_on(lab, title="Cache embeddings")
    assert "Tried before" not in shown(lab)


async def test_an_edit_of_an_approved_design_warns_and_voids(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    await lab.types(f"edit {draft.key}")
    assert "voids the approval" in shown(lab)
    await goes_on(lab)
    await goes_on(lab)
    await goes_on(lab)
    assert (await lab.experiment(draft.key)).status is Status.APPROVED
    await lab.types(f"edit {draft.key}")
    await goes_on(lab)
    await goes_on(lab, exposure="50")
    after = await lab.experiment(draft.key)
    assert (after.status, after.design.exposure) == (Status.DRAFT, 5000)
