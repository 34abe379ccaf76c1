"""What the page tests share: a sandbox, a small Bolt app that answers everything, and browser pages of people."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Locator, Page

from bot.sandbox.app import ALL_SCOPES
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Lab
from tests.browser import open_page
from tests.patience import unhurried

Json = dict[str, Any]
ANY = re.compile(".*")
HERE = "C0EXPERIMENTS"
ROWS: FilePayload = {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"n,mean\n1,2\n"}
MANIFEST: Json = {
    "features": {
        "slash_commands": [
            {
                "command": "/experiment",
                "description": "Run experiments from idea to decision",
                "usage_hint": "[create|edit|review|stop] [key]",
            },
            {"command": "/silent", "description": "Never answers"},
        ],
        "shortcuts": [
            {"name": "New experiment", "callback_id": "new_experiment", "type": "global", "description": "x"},
            {"name": "Add to experiment", "callback_id": "add_to", "type": "message", "description": "x"},
        ],
    },
    "oauth_config": {"scopes": {"bot": sorted(ALL_SCOPES)}},
    "functions": {
        "create": {
            "title": "Create experiment",
            "description": "Starts a draft",
            "input_parameters": {
                "title": {"type": "string", "title": "Title", "is_required": True},
                "owner": {"type": "slack#/types/user_id", "title": "Owner", "is_required": True},
                "days": {"type": "integer", "title": "Days", "is_required": False},
                "where": {"type": "slack#/types/channel_id", "title": "Where", "is_required": True},
            },
            "output_parameters": {"key": {"type": "string", "title": "Key", "is_required": True}},
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "function_executed"]}},
}


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str) -> Json:
    """An option object."""
    return {"text": plain(text), "value": value}


def field(name: str, kind: str, *, optional: bool = False, dispatch: bool = False, **element: Any) -> Json:
    """An input block whose block_id and action_id are its name."""
    block = {"type": "input", "block_id": name, "label": plain(name.capitalize()), "optional": optional}
    return {**block, "dispatch_action": dispatch, "element": {"type": kind, "action_id": name, **element}}


def modal(*blocks: Json, title: str = "A form", **rest: Any) -> Json:
    """A modal view."""
    view = {"type": "modal", "callback_id": "form", "title": plain(title), "submit": plain("Go"), "blocks": blocks}
    return {**view, **rest}


class Bench:
    """The sandbox, what the app heard, how it shall answer, and the pages of people."""

    def __init__(self, lab: Lab, browser: Browser, stack: AsyncExitStack) -> None:
        self.lab = lab
        self.client = lab.client
        self.workspace = lab.workspace
        self.modal: Json | None = None
        self.home: Json | None = None
        self.answers: list[Json] = []
        self.offered: list[Json] = []
        self.update: Json | None = None
        self.heard: dict[str, list[Json]] = {key: [] for key in ("action", "view", "closed", "options", "shortcut")}
        self._browser = browser
        self._stack = stack
        self._listen()

    async def page(self, person: str = "U0ADA", at: str = HERE, **context: Any) -> Page:
        """This person's browser at a channel."""
        url = f"{self.lab.sandbox.url}/?as={person}&at={at}"
        page = await self._stack.enter_async_context(open_page(self._browser, url, **context))
        await page.wait_for_selector(".channel-head")
        return page

    async def post(self, *blocks: Json, text: str = "text", **rest: Any) -> str:
        """A message of the app; returns its ts."""
        answer = await self.client.chat_postMessage(channel=HERE, text=text, blocks=blocks or None, **rest)
        return str(answer["ts"])

    async def open_modal(self, page: Page, view: Json) -> Locator:
        """Let the person type the command that opens this modal."""
        self.modal = view
        await send(page, "/experiment create")
        dialog = page.get_by_role("dialog")
        await dialog.wait_for()
        return dialog

    def values(self) -> Json:
        """`state.values` of the newest submission."""
        values: Json = self.heard["view"][-1]["view"]["state"]["values"]
        return values

    def _listen(self) -> None:
        app = self.lab.app

        @app.command("/experiment")
        async def command(ack: Any, body: Json, client: Any) -> None:
            if self.modal is None:
                await ack(f"You wrote *{body['text']}*")
                return
            await client.views_open(trigger_id=body["trigger_id"], view=self.modal)
            await ack()

        @app.command("/silent")
        async def silent() -> None:
            return

        @app.action(ANY)
        async def action(ack: Any, body: Json, client: Any) -> None:
            self.heard["action"].append(body)
            await ack()
            if self.update is not None:
                await client.views_update(view_id=body["view"]["id"], view=self.update)

        @app.options(ANY)
        async def options(ack: Any, body: Json) -> None:
            self.heard["options"].append(body)
            if self.offered:
                await ack(**self.offered.pop(0))
                return
            await ack(options=[option(f"{body['value']} {number}", str(number)) for number in range(3)])

        @app.view_submission(ANY)
        async def submission(ack: Any, body: Json) -> None:
            self.heard["view"].append(body)
            answer = self.answers.pop(0) if self.answers else {}
            if answer != {"silence": True}:
                await ack(**answer)

        @app.view_closed(ANY)
        async def closed(ack: Any, body: Json) -> None:
            self.heard["closed"].append(body)
            await ack()

        @app.shortcut(ANY)
        async def shortcut(ack: Any, body: Json) -> None:
            self.heard["shortcut"].append(body)
            await ack()

        @app.event("app_home_opened")
        async def home(event: Json, client: Any) -> None:
            if self.home is not None:
                await client.views_publish(user_id=event["user"], view=self.home)


async def send(page: Page, text: str) -> None:
    """Type into the composer and send."""
    await page.get_by_label("Message", exact=True).fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


@pytest_asyncio.fixture(loop_scope="session")
async def bench(browser: Browser) -> AsyncIterator[Bench]:
    """A fresh sandbox with a connected app."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(unhurried(Workspace(MANIFEST))))
        hands = await stack.enter_async_context(httpx.AsyncClient(base_url=sandbox.url, trust_env=False, verify=False))
        made = Bench(Lab(sandbox, hands), browser, stack)
        await stack.enter_async_context(made.lab.over_socket())
        yield made
