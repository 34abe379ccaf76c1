"""An OpenAI-compatible server on a free port that answers as a test scripts it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.server import listening

Answer = Callable[[], Response]


def completion(content: Any, *, tokens: int = 120, refusal: str | None = None, finish: str = "stop") -> Answer:
    """A chat completion with this message."""
    return lambda: JSONResponse(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
            "choices": [{"index": 0, "finish_reason": finish,
                         "message": {"role": "assistant", "content": content, "refusal": refusal}}],
            "usage": {"prompt_tokens": tokens - 20, "completion_tokens": 20, "total_tokens": tokens},
        }
    )  # fmt: skip


def summary(text: str, **more: Any) -> Answer:
    """A well-formed answer."""
    return completion(json.dumps({"summary": text}), **more)


def failure(status: int, message: str = "no") -> Answer:
    """An error; a client that retries does so at once."""
    return lambda: JSONResponse({"error": {"message": message}}, status, headers={"retry-after-ms": "1"})


def raw(body: str, media_type: str = "application/json") -> Answer:
    return lambda: Response(body, media_type=media_type)


class ScriptedModel:
    """Answers with what is in `script`, the last answer again and again; None never answers."""

    def __init__(self) -> None:
        self.script: list[Answer | None] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.url = ""
        self.closing = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if answer is None:
            await self.closing.wait()
            return Response(status_code=503)
        return answer()


@asynccontextmanager
async def scripted_model(*script: Answer | None) -> AsyncIterator[ScriptedModel]:
    """The server, running; `url` is its base URL."""
    model = ScriptedModel()
    model.script = list(script)
    app = Starlette(routes=[Route("/v1/chat/completions", model.answer, methods=["POST"])])
    async with listening(app, "127.0.0.1", 0) as address:
        model.url = f"{address}/v1"
        try:
            yield model
        finally:
            model.closing.set()
