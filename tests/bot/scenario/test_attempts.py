"""Around a draft: cloned under a free key, deleted, sized with the calculator, predicted in private."""

from __future__ import annotations

from typing import Any

from experiments.model import Status
from tests.bot.scenario.form_hands import changes, goes_on, shown, value
from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, Lab, eventually

REASON = "zebra crossings look alike"


async def test_a_clone_is_an_instant_draft_with_the_design_and_a_key_of_its_own(lab: Lab) -> None:
    draft = await lab.drafts(tags="checkout", project="shop")
    card = await lab.message_with("Request review")
    for ending in ("2nd", "3rd"):
        await lab.types(f"clone {draft.key}", user=CHEN)
        assert f"{draft.key}-{ending}" in shown(lab, CHEN)
    clone = await lab.experiment(f"{draft.key}-2nd")
    assert (clone.derived_from, clone.owner, clone.status) == (draft.key, CHEN, Status.DRAFT)
    assert (clone.design, clone.project, clone.tags) == (draft.design, "shop", ("checkout",))
    assert clone.title == "Bigger button (attempt 2)"
    await goes_on(lab, user=CHEN, title="Larger button")
    assert lab.modal(CHEN)["callback_id"] == "create_design"
    await lab.settled()
    assert "Derived from bigger-button" in str(await lab.message_with("Larger button"))
    await lab.types(f"clone {draft.key}-3rd")
    assert (await lab.experiment(f"{draft.key}-4th")).derived_from == f"{draft.key}-3rd"
    assert card["ts"]


async def test_a_delivery_that_comes_again_clones_once(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"clone {draft.key}")
    await lab.control("redeliver", index=len(lab.sandbox.courier.deliveries) - 1)
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        assert await uow.experiments.get(f"{draft.key}-3rd") is None


async def test_without_a_key_one_picks_what_to_clone(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types("clone")
    await lab.submits(key=draft.key)
    assert f"{draft.key}-2nd" in shown(lab)
    assert (await lab.experiment(f"{draft.key}-2nd")).channel == CHANNEL


async def test_a_draft_is_deleted_after_one_question_and_its_mark_stays(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"delete {draft.key}")
    assert "leaves all lists" in shown(lab)
    await lab.submits()
    await lab.settled()
    assert lab.modals() == []
    assert (await lab.experiment(draft.key)).status is Status.ARCHIVED
    await lab.types(f"delete {draft.key}")
    assert "archived, so it cannot be deleted" in shown(lab)
    await lab.types("list")
    assert "Bigger button" not in str((await lab.answer())["blocks"])


async def test_only_drafts_can_be_deleted(lab: Lab) -> None:
    running = await lab.runs()
    await lab.types(f"delete {running.key}")
    assert "so it cannot be deleted" in shown(lab)
    assert not lab.modal().get("submit")


async def test_the_calculator_answers_while_one_types_and_fills_a_draft(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types("size")
    assert (await goes_on(lab))["errors"]["baseline__percent"].startswith("Say where")
    await changes(lab, "baseline", baseline="20", smallest_effect="10")
    alone = shown(lab)
    assert "find a change of 10.0 % with 80 % power" in alone
    await changes(lab, "project", project=draft.project)
    assert f"Nobody has measured a rate or a mean in {draft.project} yet." in shown(lab)
    assert "slack_file" not in shown(lab)
    await changes(lab, "per_day", per_day="1000", method="fixed")
    assert "slack_file" in shown(lab)
    assert "days" in shown(lab)
    await changes(lab, "treatments", treatments="3")
    assert shown(lab) != alone
    await changes(lab, "primary_kind", primary_kind="mean", treatments="1")
    assert value(lab, "baseline") is None
    await changes(lab, "baseline", baseline="50")
    assert "standard deviation" in shown(lab)
    await changes(lab, "sd", sd="20")
    assert "find a change of 10.0 %" in shown(lab)
    await goes_on(lab)
    said = shown(lab)
    await goes_on(lab, key=draft.key)
    assert "says now" in shown(lab)
    design = (await lab.experiment(draft.key)).design
    assert (design.smallest_effect, design.method) == (0.1, "fixed")
    assert f"{design.planned_units:,} units" in said
    assert f"{design.planned_days} planned days" in said
    assert design.planned_days % 7 == 0


async def test_a_prediction_is_the_persons_alone_until_the_start(lab: Lab) -> None:
    draft = await lab.drafts()
    for user, odds in ((ADA, "37.77"), (BO, "61.61")):
        await lab.types(f"predict {draft.key}", user=user)
        await lab.submits(user=user, probability=odds, effect="4.444", reason=REASON)
        assert f"{odds} % likely" in shown(lab, user)
    await lab.types(f"predict {draft.key}")
    assert (value(lab, "probability"), value(lab, "reason")) == ("37.77", REASON)
    await lab.settled()
    for words in ("list", f"show {draft.key}", "", f"history {draft.key}", f"diff {draft.key}", f"edit {draft.key}"):
        await lab.types(words, user=CHEN)
    await lab.control("home", user=CHEN)
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    await lab.types(f"start {draft.key}")
    await lab.settled()
    seen_by_others = [await _everything_shown(lab, CHEN), str(await lab.messages(CHEN)), str(lab.modal())]
    assert "2 predictions" in "".join(seen_by_others)
    assert not [secret for secret in ("37.77", "61.61", "4.44", "zebra") if secret in "".join(seen_by_others)]
    assert not [call for call in _told(lab) if "zebra" in call or "37.77" in call]
    await lab.submits()
    await lab.settled()
    assert (await lab.experiment(draft.key)).status is Status.RUNNING
    await lab.types(f"show {draft.key}", user=CHEN)
    told = str((await lab.answer(CHEN))["blocks"])
    assert "37.77" in told
    assert "61.61" in told
    await lab.types(f"predict {draft.key}")
    assert "predictions are locked" in shown(lab)


async def _everything_shown(lab: Lab, user: str) -> str:
    return str([await lab.state(user), lab.modals(user)])


def _told(lab: Lab) -> list[str]:
    """Every call to Slack that did not open the form of the person who predicts."""
    return [str(call) for call in lab.workspace.calls if '"predict"' not in str(call) and "'predict'" not in str(call)]


async def test_the_odds_have_bounds(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"predict {draft.key}")
    wrong: dict[str, Any] = await goes_on(lab, probability="101")
    assert list(wrong["errors"]) == ["probability__percent"]
    await goes_on(lab, probability="0")
    assert (await lab.experiment(draft.key)).predictions[0].probability == 0


async def test_a_draft_from_the_home_tab_is_answered_in_person(lab: Lab) -> None:
    await lab.control("home", user=ADA)

    async def there() -> Any:
        return (await lab.state(ADA))["home"]

    blocks = (await eventually(there))["blocks"]
    rows = [block for block in blocks for each in block.get("elements", ()) if each.get("action_id") == "create"]
    action = {"block_id": rows[0]["block_id"], "action_id": "create", "type": "button"}
    await lab.control("action", user=ADA, container={"type": "home"}, action=action)
    await goes_on(lab, title="From home")
    await goes_on(lab, primary_metric="conversion")
    await goes_on(lab)
    assert "From home" in str(await lab.message_with("From home", channel="D0ADA"))
