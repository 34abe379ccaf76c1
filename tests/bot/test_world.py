"""The world is put together once, and taken apart whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.connectors.language_model import LanguageModel, NoLanguageModel
from bot.settings import Settings
from bot.world import assemble
from experiments.errors import Unavailable
from tests.worlds import MONDAY, RecordingSlack


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=SecretStr(f"sqlite:///{tmp_path / 'bunsen.db'}"))


@pytest.fixture
def slack() -> RecordingSlack:
    slack = RecordingSlack()
    slack.answer("auth.test", team_id="T0HERE")
    return slack


async def test_the_workspace_is_the_one_of_the_token(settings: Settings, slack: RecordingSlack) -> None:
    async with assemble(settings, slack=slack, now=lambda: MONDAY) as assembly:
        assert assembly.world.workspace == "T0HERE"
        assert assembly.world.now() == MONDAY
        assert assembly.world.wall() > MONDAY.replace(year=2025)
        async with assembly.world.reading("T0HERE") as uow:
            assert await uow.audit.all() == ()


async def test_a_nudge_wakes_the_dispatcher(settings: Settings, slack: RecordingSlack) -> None:
    async with assemble(settings, slack=slack) as assembly:
        assembly.world.nudge()
        assert assembly.wake.is_set()


def files_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_when_slack_does_not_answer_the_database_is_closed_again(settings: Settings, tmp_path: Path) -> None:
    slack = RecordingSlack()
    slack.refuse("auth.test", "timeout")
    with pytest.raises(Unavailable):
        async with assemble(settings, slack=slack):
            raise AssertionError("it must not get here")
    assert files_in(tmp_path) == ["bunsen.db"], "an open database has two more files"


async def test_slow_work_is_done_before_everything_closes(settings: Settings, slack: RecordingSlack) -> None:
    done: list[int] = []

    async def slow() -> None:
        async with assembly.world.reading("T0HERE") as uow:
            done.append(await uow.outbox.waiting())

    async with assemble(settings, slack=slack) as assembly:
        assembly.desk._turn({"team_id": "T0HERE"}, "U0ADA").later(slow())
    assert done == [0]


@pytest.mark.parametrize(
    ("chosen", "writer"),
    [
        ({}, NoLanguageModel),
        ({"llm_api_key": SecretStr("sk-1")}, LanguageModel),
        ({"llm_base_url": "http://127.0.0.1:9/v1"}, LanguageModel),
    ],
)
async def test_a_model_is_asked_only_where_one_is_set_up(
    chosen: dict[str, object], writer: type, settings: Settings, slack: RecordingSlack
) -> None:
    async with assemble(settings.model_copy(update=chosen), slack=slack) as assembly:
        assert isinstance(assembly.world.writer, writer)
