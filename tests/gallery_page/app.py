"""The gallery as an ASGI application: the exhibits as data, their pictures drawn when they are first looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import bot.sandbox
from bot.connectors.pictures import Pictures
from bot.sandbox.seeds import seeds
from handlers.surfaces.kit import Message, Picture
from tests import gallery
from tests.handlers.surfaces.situations import NOW

Json = dict[str, Any]

HERE = Path(__file__).parent
RENDERER = Path(bot.sandbox.__file__).parent / "page"
HARSH = ("hostile", "full", "endless", "extreme")
BAIT = "evil.example"
NO_STORE = {"Cache-Control": "no-store"}
# What stands where an example names a file that somebody else would have uploaded.
UPLOADED = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="240"><rect width="1200" height="240" fill="#e8ecea"/>'
    '<text x="600" y="130" text-anchor="middle" font-family="sans-serif" font-size="34" fill="#5c6b65">'
    "an uploaded picture</text></svg>"
)


class Exhibition:
    """Every exhibit by area, and the pictures that its messages still need."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self._numbers = count(1)
        self.areas = [
            {"name": name, "about": str(area.__doc__).strip(), "exhibits": list(self._exhibits(area))}
            for name, area in gallery.AREAS.items()
        ]

    def _exhibits(self, area: gallery.Area) -> Iterator[Json]:
        for name, message in area.messages():
            files = [self._hang(each) for each in message.pictures]
            shown: Message = message.with_files(files) if files else message
            alts = [each.alt for each in message.pictures]
            yield _exhibit(name, "message", text=message.text, blocks=shown.blocks, alts=alts)
        for name, view in area.views():
            yield _exhibit(name, view["type"], view=view)

    def _hang(self, picture: Picture) -> str:
        name = f"FDRAWN{next(self._numbers)}"
        self.pictures[name] = picture
        return name


def _exhibit(name: str, kind: str, **content: Any) -> Json:
    harsh = any(word in name for word in HARSH) or BAIT in str(content)
    return {"name": name, "kind": kind, "harsh": harsh, **content}


def create() -> Starlette:
    """The page, the data it shows, and the renderer of the sandbox beside it."""
    exhibition = Exhibition()
    draw = Pictures()
    drawn: dict[str, asyncio.Task[bytes]] = {}
    people, groups, channels = seeds()

    async def index(_: Request) -> Response:
        return FileResponse(HERE / "index.html", headers=NO_STORE)

    async def exhibits(_: Request) -> Response:
        state = {
            "team": {"name": "Bunsen Lab"},
            "app": {"name": "Bunsen", "user_id": "U0BUNSEN"},
            "users": [{**asdict(each), "name": each.handle} for each in people],
            "usergroups": [asdict(each) for each in groups],
            "channels": [{"id": each.id, "name": each.name, "members": each.members} for each in channels],
            "clock": {"now": NOW.isoformat(), "rate": 0},
        }
        return JSONResponse({"state": state, "areas": exhibition.areas}, headers=NO_STORE)

    async def picture(request: Request) -> Response:
        name = request.path_params["file"]
        if name not in exhibition.pictures:
            return Response(UPLOADED, media_type="image/svg+xml")
        if name not in drawn:
            asked = exhibition.pictures[name]
            drawn[name] = asyncio.create_task(draw(asked.chart, asked.data))
        return Response(await drawn[name], media_type="image/png")

    return Starlette(
        routes=[
            Route("/", index),
            Route("/exhibits", exhibits),
            Route("/files/{file}/{name}", picture),
            Mount("/page", StaticFiles(directory=RENDERER)),
            Mount("/gallery", StaticFiles(directory=HERE)),
        ]
    )
