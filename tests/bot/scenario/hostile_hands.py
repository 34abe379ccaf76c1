"""Hands that type the nastiest words into everything that takes words, and press everything that can be pressed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.bot.scenario.lab import ADA, BO, CHANNEL, DESIGN, Lab, filled

BAIT = (
    "=cmd() $x$ <!channel> <!here> <@U1> <@U0BO> <https://evil.example|Approve> <!date^0^{date}|x> <#C0GENERAL> `code` "
    "*bold* _italic_ ~gone~ :smile: :tada: \u202eesrever\u202c \u200b\u200f שלום & &lt;!here&gt; @here "
    "https://evil.example\n> quote\n```block```\n"
)
TEN_KILOBYTES = (BAIT * 40)[:10_000]
CHOSEN = {"rule": "do_no_harm", "outcome": "ship", "reason": "harm", "template": ""}
CSV = b"experiment,variant,metric,day,n,mean,variance\nbait,control,conversion,1,100,0.1,0.09\n"


class HostileHands:
    """One person's hands in a lab; `silent` is what nothing was answered to."""

    def __init__(self, lab: Lab, user: str = ADA) -> None:
        self.lab = lab
        self.user = user
        self.silent: list[str] = []
        self._printed = False

    async def types(self, text: str) -> None:
        """Type a command, and answer every modal that it opens."""
        before = self._shown()
        await self.lab.types(text, self.user)
        if self._shown() == before:
            await self.lab.settled()
        if self._shown() == before:
            self.silent.append(f"/experiment {text[:60]}")
        await self.answers()

    async def answers(self) -> None:
        """Fill in what is asked, the nastiest words first and, where these are refused at a field, plain ones."""
        for _ in range(8):
            views = self.lab.modals(self.user)
            if not views or not views[-1].get("submit"):
                break
            view, plain = views[-1], set[str]()
            for _ in range(3):
                values = filled(view, await self._given(view, plain))
                sent = await self.lab.control("submit", user=self.user, view_id=view["id"], state={"values": values})
                plain |= {each.split("__")[0] for each in sent.get("errors", {})}
                if not sent.get("errors"):
                    break
            else:
                break
        await self.lab.settled()
        while views := self.lab.modals(self.user):
            await self.lab.control("close", user=self.user, view_id=views[-1]["id"], clear=True)

    async def presses(self, container: dict[str, Any], block: dict[str, Any], element: dict[str, Any]) -> None:
        """Press a button, or choose the entries of a menu in turn: all of those that act, two of those that filter.

        A report takes seconds to print: one button for it is enough, of all that there are.
        """
        ids = {"action_id": element["action_id"], "type": element["type"], "block_id": block["block_id"]}
        choices: list[dict[str, Any]] = [
            {"selected_option": each} for each in element.get("options", ())[: SINGLE.get(element["type"], 0)]
        ] or [{name: element[name] for name in ("value",) if name in element}]
        for chosen in choices:
            if "report:" in str(chosen) or element["action_id"] == "report":
                if self._printed:
                    continue
                self._printed = True
            before = self._shown()
            await self.lab.control("action", user=self.user, container=container, action=ids | chosen)
            await self.lab.settled()
            if self._shown() == before:
                self.silent.append(f"{ids['action_id']} {chosen}")
            await self.answers()

    async def presses_all(self, container: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
        for block in blocks:
            elements = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
            for element in elements:
                if element.get("type") in ("button", *SINGLE):
                    await self.presses(container, block, element)

    async def presses_messages(self, channel: str = CHANNEL) -> None:
        """Everything on every message of the channel that the app wrote, however old."""
        app = self.lab.workspace.app.user_id
        seen: set[str] = set()
        for message in await self.lab.messages(self.user, channel):
            looks = str([each for block in message.get("blocks", ()) for each in block.get("elements", ())])
            if message["user"] == app and looks not in seen:
                seen.add(looks)
                place = {"type": "message", "channel": channel, "message_ts": message["ts"]}
                await self.presses_all(place, message.get("blocks", []))

    async def presses_home(self) -> None:
        await self.lab.control("home", user=self.user)
        await self.lab.sandbox.courier.settled()
        await self.lab.settled()
        home = self.lab.workspace.views.home(self.user)
        assert home
        await self.presses_all({"type": "home"}, home["blocks"])

    async def calls_up(self, shortcut: str, ts: str = "") -> None:
        place = {"channel": CHANNEL, "message_ts": ts} if ts else {}
        before = self._shown()
        await self.lab.control("shortcut", user=self.user, callback_id=shortcut, **place)
        await self.lab.settled()
        if self._shown() == before:
            self.silent.append(shortcut)
        await self.answers()

    def _shown(self) -> tuple[int, int]:
        """What grows when anything is answered: views that are opened or drawn anew, and messages, to all or to one."""
        views = sum(each["method"].startswith(("chat.update", "views.")) for each in self.lab.workspace.calls)
        channels = self.lab.workspace.channels.values()
        whispers = sum(len(some) for each in channels for some in each.ephemerals.values())
        return views, whispers + sum(len(each.messages) for each in channels)

    async def _given(self, view: dict[str, Any], plain: set[str]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                name = block["block_id"].split("__")[0]
                answer = await self._answer(name, block["element"], name in plain)
                if answer is not None:
                    given[name] = answer
        return given

    async def _answer(self, name: str, element: dict[str, Any], plain: bool) -> Any:
        match element["type"]:
            case "plain_text_input" if not plain:
                return (BAIT * 20)[: min(element["max_length"], 3_000)].strip()
            case "plain_text_input":
                return element.get("initial_value") or DESIGN.get(name, "control" if element["multiline"] else "plain")
            case "number_input":
                return element.get("initial_value") or str(element.get("min_value") or 1)
            case "static_select" | "radio_buttons" if "initial_option" not in element:
                options = [each["value"] for each in element.get("options", ())]
                return CHOSEN[name] if CHOSEN.get(name) in options else next(iter(options), None)
            case "checkboxes":
                return [each["value"] for each in element["options"]]
            case "multi_users_select" if name == "reviewers":
                return [BO]
            case "datetimepicker" if "initial_date_time" not in element:
                return int((self.lab.clock.now() + timedelta(days=1)).timestamp())
            case "file_input":
                return [await self._upload()]
        return None

    async def _upload(self) -> str:
        async with httpx.AsyncClient(base_url=self.lab.sandbox.url, trust_env=False, verify=False) as hands:
            sent = await hands.post("/_sandbox/upload", data={"user": self.user}, files={"file": ("=bait.csv", CSV)})
        return str(sent.json()["file"]["id"])


SINGLE = {"overflow": 5, "static_select": 2}
