"""Promotion: stages, holdback, the second person where the rule advised otherwise, next stage, rollback."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.errors import AlreadyDone, BadInput, Forbidden
from experiments.model import Status
from experiments.readout import VerdictStatus
from handlers import promote, rollback
from handlers.promote import stages_from
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import BO, CHEN, MemoryWorld


@pytest.fixture
async def bench() -> MemoryWorld:
    """Decided to ship by Ada, as the rule advised."""
    bench = MemoryWorld()
    await lead_to(Status.DECIDED, bench)
    advise(bench, VerdictStatus.SHIP)
    return bench


def advise(bench: MemoryWorld, advice: VerdictStatus) -> None:
    made = bench.tables.experiments[KEY]
    assert made.decision is not None
    decision = made.decision.model_copy(update={"advice": advice})
    bench.tables.experiments[KEY] = made.evolve(decision=decision)


def kept(bench: MemoryWorld) -> Any:
    return bench.tables.experiments[KEY]


async def promoted(bench: MemoryWorld, **answers: Any) -> Asking:
    ask = Asking(bench)
    await ask(promote.promote.by_command, KEY)
    await ask(promote.submit, view=submitted(ask.opened(), **answers))
    return ask


async def test_stage_by_stage_until_it_is_rolled_out(bench: MemoryWorld) -> None:
    ask = await promoted(bench)
    assert (kept(bench).status, kept(bench).rollout.stages) == (Status.ROLLING_OUT, (1_000, 2_500, 5_000, 10_000))
    assert kept(bench).rollout.watched == ("latency",)
    assert kept(bench).rollout.automatic_rollback
    shares = []
    while kept(bench).status is Status.ROLLING_OUT:
        await ask(promote.advance.by_button, value=f"{KEY}@1")
        await ask(promote.advance.submit, view=submitted(ask.opened()))
        shares.append(kept(bench).rollout.share)
    assert shares == [2_500, 5_000, 10_000]
    assert kept(bench).status is Status.ROLLED_OUT


async def test_everybody_now_or_all_but_those_held_back(bench: MemoryWorld) -> None:
    await promoted(bench, plan="now", holdback="5")
    assert (kept(bench).status, kept(bench).rollout.share) == (Status.ROLLED_OUT, 9_500)
    await Asking(bench, CHEN)(rollback.by_button, value=f"{KEY}@0")
    assert (kept(bench).status, kept(bench).withdrawal.share) == (Status.ROLLED_BACK, 9_500)


@pytest.mark.parametrize(
    ("text", "stages"),
    [("5, 20 %, 100", (500, 2_000, 10_000)), ("5 → 20", (500, 2_000, 10_000)), ("33.33", (3_333, 10_000))],
)
def test_stages_of_ones_own(text: str, stages: tuple[int, ...]) -> None:
    assert stages_from("custom", text, 0) == stages


@pytest.mark.parametrize("text", ["", "half", "50, 20", "5, 5, 100", "120"])
async def test_stages_that_make_no_sense_are_refused_at_their_field(bench: MemoryWorld, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        await promoted(bench, plan="custom", stages=text)
    assert caught.value.field == "stages"
    assert kept(bench).rollout is None


async def test_against_the_rule_a_second_person_confirms(bench: MemoryWorld) -> None:
    advise(bench, VerdictStatus.DAYS_LEFT)
    ask = Asking(bench)
    await ask(promote.promote.by_command, KEY)
    assert "needs a second person to confirm" in str(ask.opened())
    assert ask.opened()["submit"]["text"] == "Ask to promote"
    await ask(promote.submit, view=submitted(ask.opened()))
    asked = kept(bench)
    assert (asked.status, asked.rollout) == (Status.DECIDED, None)
    assert asked.promotion is not None
    with pytest.raises(Forbidden, match="somebody else has to confirm"):
        await ask(promote.confirm.agreed, value=f"{KEY}@{asked.revision}")
    await Asking(bench, BO)(promote.confirm.agreed, value=f"{KEY}@{asked.revision}")
    assert (kept(bench).status, kept(bench).rollout.confirmed_by) == (Status.ROLLING_OUT, BO.user)
    with pytest.raises(AlreadyDone):
        await Asking(bench, CHEN)(promote.confirm.agreed, value=f"{KEY}@{asked.revision}")


async def test_a_promotion_can_be_refused_and_asked_for_again(bench: MemoryWorld) -> None:
    advise(bench, VerdictStatus.REVIEW)
    await promoted(bench)
    second = Asking(bench, BO)
    await second(promote.confirm.by_command, KEY)
    assert "somebody has to weigh it" in str(second.opened())
    await second(promote.confirm.submit, view=submitted(second.opened(), answer="refuse"))
    assert (kept(bench).status, kept(bench).promotion, kept(bench).rollout) == (Status.DECIDED, None, None)
    await promoted(bench)
    await Asking(bench, BO)(promote.confirm.refused, value=f"{KEY}@{kept(bench).revision}")
    assert kept(bench).promotion is None


async def test_two_people_at_the_next_stage_move_it_once(bench: MemoryWorld) -> None:
    await promoted(bench)
    first, second = Asking(bench), Asking(bench, BO)
    for each in (first, second):
        await each(promote.advance.by_command, KEY)
    await first(promote.advance.submit, view=submitted(first.opened()))
    with pytest.raises(AlreadyDone, match="at another stage") as caught:
        await second(promote.advance.submit, view=submitted(second.opened()))
    assert caught.value.by == first.actor.user
    assert kept(bench).rollout.share == 2_500
