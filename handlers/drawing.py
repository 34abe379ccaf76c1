"""Drawing: the pictures of a message → files in Slack, each drawn and uploaded once, on whichever replica."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import structlog

from charts import edition
from experiments.errors import Unavailable
from experiments.ports import World
from handlers.aside import aside
from handlers.surfaces.kit import Message, Picture

LEASE = timedelta(seconds=30)
PATIENCE = 0.2
LONGEST = 40.0
"""Seconds; whoever delivers a message has a little more, and no message waits for its picture for ever."""
GONE = ("file_not_found", "file_deleted", "file_access_denied")

log = structlog.get_logger(__name__)


async def illustrated(message: Message, world: World) -> Message:
    """The message with its pictures drawn and uploaded; a picture that fails leaves words in its place."""
    return message.with_files(await files_of(message.pictures, world))


async def files_of(pictures: Sequence[Picture], world: World) -> list[str | None]:
    """The file of each picture, or None where it could not be had."""
    drawn = await asyncio.gather(*(_in_time(each, world) for each in pictures), return_exceptions=True)
    return [_unless_failed(each) for each in drawn]


def digest_of(picture: Picture) -> str:
    """What decides whether a picture is a new one: the chart, what it shows, and the edition it is drawn by."""
    shown = "\n".join((picture.chart, edition(), picture.data.model_dump_json()))
    return hashlib.sha256(shown.encode()).hexdigest()


async def _in_time(picture: Picture, world: World) -> str:
    async with asyncio.timeout(LONGEST):
        return await _file_of(picture, world)


async def _file_of(picture: Picture, world: World) -> str:
    """The file that was uploaded already, else a new one; while another replica draws it, its file is waited for."""
    digest = await aside(digest_of, picture)
    async with world.reading(world.workspace) as uow:
        file = await uow.pictures.get(digest)
    while True:
        if file and await _is_there(file, world):
            return file
        async with world.uow(world.workspace) as uow:
            if file:
                await uow.pictures.forget(digest, file)
            claimed = await uow.pictures.claim(digest, world.wall(), world.wall() + LEASE)
        if claimed.yours:
            return await _drawn(picture, digest, world)
        file = claimed.file
        if not file:
            await asyncio.sleep(PATIENCE)


async def _drawn(picture: Picture, digest: str, world: World) -> str:
    file = ""
    try:
        png = await world.draw(picture.chart, picture.data)
        file = await world.slack.upload(png, f"{picture.chart}.png", picture.alt)
    finally:
        async with world.uow(world.workspace) as uow:
            if file:
                await uow.pictures.keep(digest, file, world.wall())
            else:
                await uow.pictures.forget(digest)
    return file


async def _is_there(file: str, world: World) -> bool:
    """Whether Slack still has it: people and retention rules delete files."""
    try:
        found = await world.slack.call("files.info", file=file)
    except Unavailable as error:
        return error.reason not in GONE
    return (found.get("file") or {}).get("mode") != "tombstone"


def _unless_failed(file: str | BaseException) -> str | None:
    if isinstance(file, str):
        return file
    is_expected = isinstance(file, Unavailable | TimeoutError)
    log.warning("picture left out", exc_info=None if is_expected else file, reason=str(file) or "it took too long")
    return None
