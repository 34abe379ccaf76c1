"""Look: own work, lists, one experiment, and words that are no command."""

from __future__ import annotations

import pytest

from experiments.commands import AddNote, CreateExperiment
from experiments.errors import NotFound
from experiments.execute import execute
from experiments.model import Status
from handlers import look
from handlers.table import COMMANDS
from handlers.turn import Ack, Turn
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.storage.samples import draft, in_review
from tests.worlds import ADA, BO, CHEN, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def test_alone_it_shows_what_is_mine_and_what_waits_for_me(bench: MemoryWorld) -> None:
    await draft(bench.world, "mine")
    await in_review(bench.world, "asked", reviewers=("U0BO",))
    ada, bo = await Asking(bench)(look.own_work), await Asking(bench, BO)(look.own_work)
    assert "mine" in str(ada["blocks"])
    assert "Waits for your review" not in str(ada["blocks"])
    assert "Waits for your review" in str(bo["blocks"])
    assert "Nothing of yours" in (await Asking(bench, CHEN)(look.own_work))["text"]


async def test_what_is_over_is_no_longer_my_work(bench: MemoryWorld) -> None:
    await lead_to(Status.ARCHIVED, bench)
    assert "Nothing of yours" in (await Asking(bench)(look.own_work))["text"]


async def test_help_names_every_command(bench: MemoryWorld) -> None:
    shown = str((await Asking(bench)(look.help_))["blocks"])
    assert all(f"/experiment {word}" in shown for word in COMMANDS if word not in ("", "help"))


@pytest.mark.parametrize(
    ("word", "near"), [("creat", "create"), ("RESULT", "results"), ("desicde", "decide"), ("arhive", "archive")]
)
async def test_the_nearest_commands_are_offered(word: str, near: str, bench: MemoryWorld) -> None:
    said = await unknown(bench, word)
    assert f"/experiment {near}" in said


async def unknown(bench: MemoryWorld, word: str) -> str:
    async def handler(ack: Ack, turn: Turn, actor: object, world: object) -> None:
        await look.unknown(ack, turn, ADA, bench.world, tuple(each for each in COMMANDS if each))

    return str((await Asking(bench)(handler, word))["text"])


async def test_a_word_like_no_other_is_answered_with_help_and_pings_nobody(bench: MemoryWorld) -> None:
    said = await unknown(bench, "<!channel>")
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said
    assert "help" in said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), {"running-one", "draft-one"}),
        (("all",), {"running-one", "draft-one", "archived-one"}),
        (("running",), {"running-one"}),
        (("In", "Review"), set()),
        (("draft-o",), {"draft-one"}),
        (("sells",), {"running-one"}),
        (("<!channel>",), set()),
    ],
)
async def test_list_narrows_by_state_or_text(words: tuple[str, ...], found: set[str], bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    archived = running.evolve(key="archived-one", status=Status.ARCHIVED)
    about = running.design.model_copy(update={"hypothesis": "If blue, then it sells."})
    running = running.evolve(key="running-one", design=about, approval=None)
    bench.tables.experiments.clear()
    bench.tables.experiments |= {each.key: each for each in (running, archived)}
    await execute(CreateExperiment(key="draft-one", title="A draft"), ADA, bench.world)
    answer = str((await Asking(bench)(look.list_, *words))["blocks"])
    assert {key for key in bench.tables.experiments if f"'{key}@" in answer} == found


async def test_list_counts_what_it_does_not_show(bench: MemoryWorld) -> None:
    for number in range(look.PAGE + 3):
        await execute(CreateExperiment(key=f"number-{number}", title="One of many"), ADA, bench.world)
    answer = await Asking(bench)(look.list_)
    assert f"{look.PAGE + 3} experiments" in answer["text"]
    assert "and 3 more" in str(answer["blocks"])


async def test_the_list_button_answers_the_presser_alone(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    assert await ask(look.list_by_button, response_url="https://hooks/1") == {}
    [(url, said)] = bench.slack.responses
    assert (url, said["response_type"], said["replace_original"]) == ("https://hooks/1", "ephemeral", False)


async def test_show_tells_notes_and_history(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    await execute(AddNote(key=KEY, text="Traffic doubled on Tuesday."), BO, bench.world)
    shown = str((await Asking(bench)(look.show_by_command, KEY))["blocks"])
    assert "Traffic doubled on Tuesday." in shown
    assert "approved" in shown


async def test_show_without_a_key_lets_one_pick(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench)
    await ask(look.show_by_command)
    view = submitted(ask.opened(), key=KEY)
    answer = await ask(look.show_by_pick, view=view)
    assert answer == {"response_action": "clear"}
    [told] = bench.slack.made("chat.postEphemeral")
    assert KEY in str(told["blocks"])


async def test_show_of_nothing_says_so(bench: MemoryWorld) -> None:
    with pytest.raises(NotFound):
        await Asking(bench)(look.show_by_button, value="nothing@1")
