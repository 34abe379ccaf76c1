"""Slack's Web API as the `Slack` port: one call, pictures up, files down, with the right kind of retry."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from experiments.errors import BadInput, Unavailable

SECONDS = 10
POSTS_ONCE = frozenset({"chat.postMessage", "views.open", "views.push"})
TAKES_JSON = ("chat.", "functions.", "views.")
"""Families of methods that take a JSON body; those that only read take no such thing."""
ONLY_READS = frozenset({"chat.getPermalink"})
UNTIL_TAKEN_IN = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 2.0, 2.0, 2.0, 0.0)
"""The pauses, in seconds, between looks at a file that was uploaded."""
UNREACHABLE = (SlackClientError, aiohttp.ClientError, TimeoutError, asyncio.TimeoutError)


def web_client(token: str, api_url: str) -> AsyncWebClient:
    """A client that waits out rate limits and tries again after connection and server errors."""
    return AsyncWebClient(token=token, base_url=api_url, timeout=SECONDS, retry_handlers=_patient())


def _patient() -> list[AsyncRetryHandler]:
    return [
        AsyncRateLimitErrorRetryHandler(max_retry_count=1),
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]


class SlackConnector:
    """The `Slack` port over slack_sdk.

    What must not happen twice is sent once: after a lost answer or a server error nobody knows whether a message was
    posted, so the outbox looks for it before it tries again, and a trigger is spent anyway.
    """

    def __init__(self, token: str, api_url: str) -> None:
        self._patient = web_client(token, api_url)
        self._once = AsyncWebClient(token=token, base_url=api_url, timeout=SECONDS, retry_handlers=[])
        self._token = token

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        client = self._once if method in POSTS_ONCE else self._patient
        try:
            if method.startswith(TAKES_JSON) and method not in ONLY_READS:
                answer = await client.api_call(method, json=arguments)
            else:
                answer = await client.api_call(method, http_verb="GET", params=arguments)
        except SlackApiError as error:
            raise _refused(method, error) from error
        except UNREACHABLE as error:
            raise _unreachable(error) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def respond(self, response_url: str, **message: Any) -> None:
        webhook = AsyncWebhookClient(response_url, timeout=SECONDS, retry_handlers=_patient())
        try:
            answer = await webhook.send_dict(message)
        except UNREACHABLE as error:
            raise _unreachable(error) from error
        if answer.status_code != 200:
            raise Unavailable(
                "Slack did not take the answer. Ask again.", reason=answer.body.strip()[:80] or "no_answer"
            )

    async def upload(self, png: bytes, filename: str, alt: str) -> str:
        """Slack takes a file in after it has said that it has it; until then it refuses every message that shows it."""
        file = await self._upload(content=png, filename=filename, title=filename, alt_txt=alt)
        for pause in UNTIL_TAKEN_IN:
            if file.get("mimetype"):
                return str(file["id"])
            await asyncio.sleep(pause)
            file = (await self.call("files.info", file=file["id"]))["file"]
        raise Unavailable("Slack has not taken the picture in yet. Ask again.", reason="file_not_processed")

    async def share(self, content: bytes, filename: str, channel: str, thread_ts: str) -> None:
        await self._upload(content=content, filename=filename, title=filename, channel=channel, thread_ts=thread_ts)

    async def _upload(self, **file: Any) -> dict[str, Any]:
        try:
            answer = await self._patient.files_upload_v2(**file)
        except SlackApiError as error:
            raise _refused("files.upload", error) from error
        except UNREACHABLE as error:
            raise _unreachable(error) from error
        return dict(answer["files"][0])

    async def download(self, file_id: str, most_bytes: int) -> tuple[str, bytes]:
        file = (await self.call("files.info", file=file_id))["file"]
        name = str(file.get("name") or "the file")
        too_large = BadInput(
            f"{name} is larger than {most_bytes // 2**20} MB. Split it, or use `bunsen import` on the server.",
            field="files",
        )
        if int(file.get("size") or 0) > most_bytes:
            raise too_large
        if file.get("is_external"):
            raise BadInput(f"{name} is only a link; download it and upload the file itself.", field="files")
        headers = {"Authorization": f"Bearer {self._token}"}
        content = bytearray()
        timeout = aiohttp.ClientTimeout(total=120, sock_read=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.get(file["url_private_download"]) as response,
            ):
                response.raise_for_status()
                async for chunk in response.content.iter_chunked(2**16):
                    content += chunk
                    if len(content) > most_bytes:
                        raise too_large
        except UNREACHABLE as error:
            raise _unreachable(error) from error
        return name, bytes(content)


def _refused(method: str, error: SlackApiError) -> Unavailable:
    answer = error.response
    if answer.status_code == 429:
        wait = float(answer.headers.get("Retry-After", 1))
        return Unavailable("Slack asks us to slow down. Try again in a minute.", reason="ratelimited", retry_after=wait)
    reason = str(answer.get("error") or f"http_{answer.status_code}") if isinstance(answer.data, dict) else "no_answer"
    if reason in ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"):
        return Unavailable("That took longer than Slack allows. Press or type it once more.", reason=reason)
    return Unavailable(f"Slack refused this ({method}: {reason}).", reason=reason)


def _unreachable(error: Exception) -> Unavailable:
    return Unavailable("Slack did not answer. Try again in a moment.", reason=type(error).__name__)
