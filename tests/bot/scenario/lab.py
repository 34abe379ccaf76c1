"""A whole Bunsen at work in a sandbox, and the hands of the people in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from bot.demo import demo_settings
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot
from bot.world import Assembly
from experiments.model import Experiment
from handlers.jobs import run_due
from handlers.readings import read_new
from tests.bot.arrivals import let_arrive
from tests.databases import migrated_sqlite
from tests.patience import unhurried

ADA, BO, CHEN, DEE = "U0ADA", "U0BO", "U0CHEN", "U0DEE"
CHANNEL = "C0EXPERIMENTS"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESIGN = {
    "variants": "control 50, treatment 50",
    "primary_metric": "conversion",
    "primary_kind": "proportion",
}


class Lab:
    """What a scenario holds: the sandbox, Bunsen's parts, and one method per thing a person does."""

    def __init__(self, sandbox: Sandbox, assembly: Assembly, hands: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.workspace = sandbox.workspace
        self.clock = sandbox.clock
        self.world = assembly.world
        self.desk = assembly.desk
        self.database = assembly.database
        self.address = assembly.address
        self.events = assembly.events
        self.snapshot = assembly.snapshot
        self._hands = hands

    async def control(self, what: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._hands.post(f"/_sandbox/{what}", json=body)).json()
        return answer

    async def types(self, text: str, user: str = ADA, channel: str = CHANNEL) -> dict[str, Any]:
        """The person types a slash command."""
        return await self.control("command", user=user, channel=channel, text=f"/experiment {text}".strip())

    def modal(self, user: str = ADA) -> dict[str, Any]:
        """The topmost modal in front of the person."""
        return self.workspace.views.stack(user)[-1]

    def modals(self, user: str = ADA) -> list[dict[str, Any]]:
        return self.workspace.views.stack(user)

    async def modal_titled(self, title: str, user: str = ADA) -> dict[str, Any]:
        """Wait for the modal with this title to be on top."""

        async def on_top() -> dict[str, Any] | None:
            stack = self.modals(user)
            return stack[-1] if stack and stack[-1]["title"]["text"] == title else None

        return await eventually(on_top)

    async def submits(self, user: str = ADA, **answers: Any) -> dict[str, Any]:
        """The person fills fields of the topmost modal (the others keep their initial values) and submits it."""
        view = self.modal(user)
        return await self.control("submit", user=user, view_id=view["id"], state={"values": filled(view, answers)})

    async def presses(self, verb: str, message: dict[str, Any], user: str = ADA, channel: str = CHANNEL) -> Any:
        """The person presses a button of a message."""
        action = button(message["blocks"], verb)
        container = {"type": "message", "channel": channel, "message_ts": message["ts"]}
        return await self.control("action", user=user, container=container, action=action)

    async def messages(self, user: str = ADA, channel: str = CHANNEL) -> list[dict[str, Any]]:
        query = {"user": user, "channel": channel}
        found: list[dict[str, Any]] = (await self._hands.get("/_sandbox/messages", params=query)).json()["messages"]
        return found

    async def answer(self, user: str = ADA, channel: str = CHANNEL) -> dict[str, Any]:
        """The newest message that only this person sees; what is posted to all in the meantime is none."""
        return [each for each in await self.messages(user, channel) if each.get("ephemeral")][-1]

    async def message_with(self, text: str, user: str = ADA, channel: str = CHANNEL) -> dict[str, Any]:
        """Wait for a message in which this text stands."""

        async def found() -> dict[str, Any] | None:
            return next((each for each in await self.messages(user, channel) if text in str(each)), None)

        return await eventually(found)

    async def state(self, user: str = ADA) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._hands.get("/_sandbox/state", params={"user": user})).json()
        return answer

    async def experiment(self, key: str) -> Experiment:
        async with self.world.reading(self.world.workspace) as uow:
            return await uow.experiments.find(key)

    async def settled(self) -> None:
        """Wait until nothing waits in the outbox and no slow work is under way."""
        await self.desk.drained()

        async def empty() -> bool:
            async with self.world.reading(self.world.workspace) as uow:
                return await uow.outbox.waiting() == 0

        await eventually(empty)

    async def days_pass(self, key: str, days: int) -> None:
        """Day after day people visit, what they did is read, and the morning's messages are posted, whoever does it."""
        for _ in range(days):
            self.clock.advance(timedelta(days=1).total_seconds())
            experiment = await self.experiment(key)
            if experiment.is_live:
                await let_arrive(experiment, self.world)
            await eventually(partial(self._is_up_to_date, key))
        await self.settled()

    async def _is_up_to_date(self, key: str) -> bool:
        await read_new(self.world)
        await run_due(self.world, "Europe/Berlin")
        async with self.world.reading(self.world.workspace) as uow:
            due = await uow.schedules.due(self.clock.now())
            return not due and not (await uow.experiments.find(key)).unread

    async def drafts(self, title: str = "Bigger button", user: str = ADA, **fields: Any) -> Experiment:
        """The person writes a whole draft through the three steps."""
        await self.types("create", user)
        await self.submits(user, title=title, hypothesis="If the button grows, then more people press it.", **fields)
        await self.submits(user, **DESIGN)
        await self.submits(user, reviewers=[BO])
        await self.settled()
        async with self.world.reading(self.world.workspace) as uow:
            from experiments.repositories import Filter

            return (await uow.experiments.list(Filter(limit=1)))[0]

    async def runs(self, title: str = "Bigger button") -> Experiment:
        """An experiment goes from idea to running: Ada writes and starts it, Bo approves it."""
        draft = await self.drafts(title)
        await self.types(f"review {draft.key}")
        await self.submits()
        await self.presses("approve", await self.message_with("please review"), user=BO)
        await self.types(f"start {draft.key}")
        await self.submits()
        await self.settled()
        return await self.experiment(draft.key)


async def eventually(look: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> Any:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.01)


def button(blocks: list[dict[str, Any]], verb: str) -> dict[str, Any]:
    """The action a press of this button sends."""
    for block in blocks:
        elements = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
        for element in elements:
            if str(element.get("action_id", "")).split("__")[0] == verb:
                return {name: element[name] for name in ("action_id", "type", "value") if name in element} | {
                    "block_id": block["block_id"]
                }
    raise AssertionError(f"no button {verb} in {blocks}")


def forged(view: dict[str, Any], action: dict[str, Any], user: str) -> dict[str, Any]:
    """A press that no honest client sends."""
    return {
        "type": "block_actions",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": user},
        "trigger_id": f"forged-{action['action_id']}-{action.get('value', '')}",
        "view": view,
        "actions": [action],
    }


def filled(view: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """Slack's view state: the answers where given, else what the fields begin with."""
    values: dict[str, Any] = {}
    unused = set(answers)
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        name = block["block_id"].split("__")[0]
        element = block["element"]
        unused.discard(name)
        state = _state(element, answers[name]) if name in answers else _initial(element)
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"], **state}}
    assert not unused, f"the form has no field {unused}"
    return values


def _state(element: dict[str, Any], answer: Any) -> dict[str, Any]:
    match element["type"]:
        case "static_select" | "radio_buttons":
            options = element.get("options") or [
                each for group in element["option_groups"] for each in group["options"]
            ]
            return {"selected_option": next(each for each in options if each["value"] == answer)}
        case "checkboxes" | "multi_static_select":
            return {"selected_options": [each for each in element["options"] if each["value"] in answer]}
        case "multi_users_select":
            return {"selected_users": answer}
        case "datetimepicker":
            return {"selected_date_time": answer}
        case "file_input":
            return {"files": [{"id": each} for each in answer]}
    return {"value": answer}


def _initial(element: dict[str, Any]) -> dict[str, Any]:
    names = {
        "initial_value": "value",
        "initial_option": "selected_option",
        "initial_options": "selected_options",
        "initial_users": "selected_users",
        "initial_date_time": "selected_date_time",
    }
    return {state: element[initial] for initial, state in names.items() if initial in element}


@asynccontextmanager
async def lab_at(
    folder: Path, *, database_url: str = "", socket: bool = True, public_url: str = "", tick_seconds: float = 0.1
) -> AsyncIterator[Lab]:
    """Bunsen in a fresh sandbox, over Socket Mode or signed HTTP; its clock stands still unless it is moved."""
    workspace = unhurried(Workspace(app=App(manifest=manifest(public_url))))
    workspace.clock.rate = 0
    workspace.clock.set(NOON)
    async with Sandbox(workspace) as sandbox:
        settings = demo_settings(sandbox, folder)
        if database_url:
            settings = settings.model_copy(update={"database_url": SecretStr(database_url)})
        else:
            (folder / "bunsen.db").write_bytes(migrated_sqlite())
        settings = settings.model_copy(update={"port": 0, "public_url": public_url})
        async with (
            bot(settings, socket=socket, now=sandbox.clock.now, tick_seconds=tick_seconds) as assembly,
            httpx.AsyncClient(base_url=sandbox.url, trust_env=False, verify=False) as hands,
        ):
            if not socket:
                workspace.app.request_url = f"{assembly.address}/slack/events"
            else:
                await sandbox.sockets.connected()
            yield Lab(sandbox, assembly, hands)
