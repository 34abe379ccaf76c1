"""While it runs: pause, resume, traffic, guardrails and rollback, from the form to what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.errors import AlreadyDone, BadInput, Forbidden, IllegalTransition, Stale
from experiments.model import Status
from experiments.permissions import BUNSEN, Role
from experiments.readout import VerdictStatus
from handlers import guardrails, more, pause, rollback, traffic
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, BO, CHEN, MemoryWorld

LOOSE = "latency mean down limit 5 % in ms"
STRICT = "latency mean down stop in ms"


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    return bench


def kept(bench: MemoryWorld) -> Any:
    return bench.tables.experiments[KEY]


def told(bench: MemoryWorld) -> str:
    """The sentence of the newest change by a person."""
    return [each for each in bench.tables.records.values() if each.actor != BUNSEN][-1].sentence


async def test_paused_and_resumed_with_a_reason(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(pause.pause.by_command, KEY)
    assert "Everybody gets control until" in str(ask.opened())
    await ask(pause.pause.submit, view=submitted(ask.opened(), comment="Errors in the log"))
    assert kept(bench).status is Status.PAUSED
    assert told(bench) == "paused it: Errors in the log"
    await ask(pause.resume.by_button, value=f"{KEY}@1")
    await ask(pause.resume.submit, view=submitted(ask.opened()))
    assert kept(bench).status is Status.RUNNING
    with pytest.raises(AlreadyDone):
        await ask(pause.resume.submit, view=submitted(ask.opened()))


async def test_other_weights_begin_a_phase_and_the_form_says_so_while_typing(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    bench.clock.advance(days=2)
    await ask(traffic.traffic.by_command, KEY)
    assert "stay as they are" in str(ask.opened())
    for typed, words in (
        ({"weights__control": "90"}, "The weights sum to 140 %; 40 % is too much."),
        ({"weights__control": "40"}, "The weights sum to 90 %; 10 % is missing."),
        ({"weights__control": "90", "weights__treatment": "10"}, "This begins phase 2"),
        ({"exposure__percent": "20"}, "exposure only, 100 % → 20 %"),
    ):
        await ask(traffic.recount, view=typed_into(ask.opened(), typed))
        await ask.afterwards()
        assert words in str(bench.slack.made("views.update")[-1]["view"])
    view = typed_into(ask.opened(), {"weights__control": "90", "weights__treatment": "10"})
    await ask(traffic.submit, view=view)
    await ask.afterwards()
    after = kept(bench)
    assert (after.phase.number, after.weights) == (2, {"control": 9_000, "treatment": 1_000})
    assert after.reading.status is VerdictStatus.NO_DATA, "what was read before is not of this phase"
    assert told(bench).startswith("changed the weights (control 50 % → 90 %, treatment 50 % → 10 %)")


def typed_into(view: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    """The form with these numbers in the blocks of these ids."""
    back = submitted(view)
    for block_id, text in numbers.items():
        back["state"]["values"][block_id] = {block_id: {"type": "number_input", "value": text}}
    return back


async def test_another_exposure_alone_stays_in_its_phase(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(traffic.traffic.by_button, value=f"{KEY}@1")
    await ask(traffic.submit, view=typed_into(ask.opened(), {"exposure__percent": "20"}))
    await ask.afterwards()
    assert (kept(bench).phase.number, kept(bench).phase.exposure) == (1, 2_000)
    assert "the weights stay, so its data go on" in told(bench)


async def test_weights_that_do_not_sum_up_change_nothing_and_blame_their_field(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(traffic.traffic.by_command, KEY)
    with pytest.raises(BadInput, match="sum to 140 %") as caught:
        await ask(traffic.submit, view=typed_into(ask.opened(), {"weights__control": "90"}))
    assert caught.value.field == "weights"
    assert kept(bench).phase.number == 1


async def test_a_form_of_old_traffic_is_stale(bench: MemoryWorld) -> None:
    ask, second = Asking(bench), Asking(bench, CHEN)
    await ask(traffic.traffic.by_command, KEY)
    first = ask.opened()
    await second(traffic.traffic.by_command, KEY)
    await second(traffic.submit, view=typed_into(second.opened(), {"exposure__percent": "20"}))
    await second.afterwards()
    with pytest.raises(Stale):
        await ask(traffic.submit, view=typed_into(first, {"exposure__percent": "30"}))


async def test_stricter_guardrails_apply_at_once(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(guardrails.guardrails.by_command, KEY)
    await ask(guardrails.submit, view=submitted(ask.opened(), guardrails=STRICT))
    [guarded] = kept(bench).design.guardrails
    assert guarded.action.value == "stop"
    assert kept(bench).loosening is None
    assert told(bench).startswith("tightened the guardrails")


async def test_looser_guardrails_wait_for_somebody_else(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(guardrails.guardrails.by_command, KEY)
    await ask(guardrails.submit, view=submitted(ask.opened(), guardrails=LOOSE, comment="It fires on noise."))
    asked = kept(bench)
    assert asked.loosening is not None
    assert asked.design.guardrails[0].limit is None
    with pytest.raises(Forbidden, match="somebody else has to agree"):
        await ask(guardrails.agree.agreed, value=f"{KEY}@{asked.revision}")
    second = Asking(bench, BO)
    await second(guardrails.agree.by_command, KEY)
    assert "none → 5 % of control" in str(second.opened())
    await second(guardrails.agree.submit, view=submitted(second.opened(), answer="agree"))
    assert kept(bench).design.guardrails[0].limit.harm == 0.05
    with pytest.raises((AlreadyDone, Stale)):
        await second(guardrails.agree.refused, value=f"{KEY}@{asked.revision}")


async def test_looser_guardrails_can_be_refused(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(guardrails.guardrails.by_command, KEY)
    await ask(guardrails.submit, view=submitted(ask.opened(), guardrails=LOOSE))
    await Asking(bench, BO)(guardrails.agree.refused, value=f"{KEY}@{kept(bench).revision}")
    assert kept(bench).loosening is None
    assert kept(bench).design.guardrails[0].limit is None
    assert "kept the guardrails" in told(bench)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (STRICT, "Stricter, so it applies at once"),
        (LOOSE, "Looser, so somebody else has to agree"),
        ("", "Looser, so somebody else has to agree"),
        ("latency mean sideways in ms", "Line 1"),
        ("latency mean down in ms", "These are the present guardrails."),
    ],
)
async def test_the_effect_of_the_lines_is_told_while_typing(bench: MemoryWorld, lines: str, words: str) -> None:
    ask = Asking(bench)
    await ask(guardrails.guardrails.by_command, KEY)
    await ask(guardrails.judge, view=submitted(ask.opened(), guardrails=lines))
    await ask.afterwards()
    assert words in str(bench.slack.made("views.update")[-1]["view"])


async def test_rolled_back_by_its_button_in_one_step(bench: MemoryWorld) -> None:
    bench.clock.advance(days=1)
    await Asking(bench)(rollback.by_button, value=f"{KEY}@0")
    after = kept(bench)
    assert after.status is Status.ROLLED_BACK
    assert after.withdrawal.share == 5_000
    with pytest.raises(AlreadyDone):
        await Asking(bench, BO)(rollback.by_button, value=f"{KEY}@0")


async def test_rolled_back_by_command_with_what_was_seen(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(rollback.rollback.by_command, KEY)
    assert "50 % of traffic returns to control at once" in str(ask.opened())
    await ask(rollback.rollback.submit, view=submitted(ask.opened(), comment="Orders fell."))
    assert kept(bench).withdrawal.comment == "Orders fell."
    await ask(rollback.rollback.by_command, KEY)
    assert "is rolled back already" in str(ask.opened())


async def test_rolling_back_needs_the_role_and_nobody_else(bench: MemoryWorld) -> None:
    viewer = CHEN.model_copy(update={"role": Role.VIEWER})
    with pytest.raises(Forbidden):
        await Asking(bench, viewer)(rollback.by_button, value=f"{KEY}@0")
    await Asking(bench, ADA.model_copy(update={"role": Role.VIEWER}))(rollback.by_button, value=f"{KEY}@0")
    assert kept(bench).status is Status.ROLLED_BACK, "its owner may, whatever the role"


async def test_what_is_open_too_long_is_asked_again_at_submit(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(pause.pause.by_command, KEY)
    form = submitted(ask.opened())
    await Asking(bench, BO)(rollback.by_button, value=f"{KEY}@0")
    with pytest.raises(IllegalTransition) as caught:
        await ask(pause.pause.submit, view=form)
    assert caught.value.by == BO.user


async def test_all_actions_are_those_the_person_may_do(bench: MemoryWorld) -> None:
    viewer = Asking(bench, CHEN.model_copy(update={"role": Role.VIEWER}))
    await viewer(more.by_command, KEY)
    assert "'action_id': 'stop'" not in str(viewer.opened())
    ask = Asking(bench)
    await ask(more.by_button, value=f"{KEY}@1")
    listed = ask.opened()
    assert "'action_id': 'stop'" in str(listed)
    await ask(pause.pause.by_button, value=f"{KEY}@1", view={**listed, "id": "V9"}, channel="")
    assert bench.slack.made("views.update")[-1]["view_id"] == "V9", "the list gives way to the form"
