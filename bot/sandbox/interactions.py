"""What a person does in the client and what becomes of the app's answer."""

import copy
from collections.abc import Sequence
from typing import Any

from bot.sandbox.answers import initial_state, wrong_answers
from bot.sandbox.app import Json
from bot.sandbox.delivery import Attempt, Courier
from bot.sandbox.errors import SlackError
from bot.sandbox.events import Events
from bot.sandbox.payloads import Payloads
from bot.sandbox.seeds import Channel
from bot.sandbox.typing_rules import command_text, escape
from bot.sandbox.validation import check_options
from bot.sandbox.view_answers import apply_response_action
from bot.sandbox.web_api.messages import checked_content
from bot.sandbox.workflows import Run
from bot.sandbox.workspace import Workspace

_PROBLEMS = {
    "timeout": "operation_timeout",
    "http_timeout": "operation_timeout",
    "connection_failed": "dispatch_failed",
}


class Interactions:
    """Commands, actions, options, submissions, closing and shortcuts of one workspace."""

    def __init__(self, workspace: Workspace, courier: Courier, events: Events) -> None:
        self._workspace = workspace
        self._courier = courier
        self._events = events
        self._payloads = Payloads(workspace)

    async def command(self, user: str, channel_id: str, text: str, thread_ts: str | None = None) -> Json:
        """A slash command; the acknowledgement's text or blocks are shown as a message."""
        channel = self._seen(user, channel_id)
        name, _, rest = text.strip().partition(" ")
        self._only_for_our_people(user, name)
        entry = self._workspace.app.command(name)
        if entry is None:
            words = f"{name} is not a valid command. In Slack, all messages that start with the “/” are commands."
            raise SlackError("unknown_command", detail=words)
        words = command_text(self._workspace, entry, rest.strip())
        attempt = await self._courier.send(
            "slash_commands", self._payloads.command(user, channel, name, words, thread_ts)
        )
        if not attempt.acked:
            return self._failed(user, "command", attempt, f'{name} failed with the error "{_code(attempt)}"')
        if any(attempt.answer.get(key) for key in ("text", "blocks", "attachments")):
            self._show(user, channel, attempt.answer, thread_ts)
        return {"ok": True}

    async def action(self, user: str, container: Json, action: Json, state: Json | None = None) -> Json:
        """A press or a choice in a message, a modal or the Home tab."""
        payload = self._payloads.interaction("block_actions", user)
        view_id = self._add_container(payload, user, container, state)
        payload["trigger_id"] = self._workspace.triggers.issue(user, view_id)
        blocks = (payload.get("view") or payload.get("message") or {}).get("blocks", ())
        payload["actions"] = [
            {**_element_of(blocks, action), **action, "action_ts": f"{self._workspace.clock.now().timestamp():.6f}"}
        ]
        attempt = await self._courier.send("interactive", payload)
        if not attempt.acked:
            return self._failed(user, "action", attempt, "This app did not respond. Try again, or tell its makers.")
        return {"ok": True}

    async def options(self, user: str, container: Json, block_id: str, action_id: str, value: str) -> Json:
        """The choices of an external select for what was typed so far."""
        payload = self._payloads.interaction("block_suggestion", user)
        self._add_container(payload, user, container, None)
        payload |= {"block_id": block_id, "action_id": action_id, "value": value}
        attempt = await self._courier.send("interactive", payload)
        if not attempt.acked:
            return self._failed(user, "options", attempt, "The choices could not be loaded.")
        check_options(attempt.answer)
        return {
            "ok": True,
            **{key: attempt.answer[key] for key in ("options", "option_groups") if key in attempt.answer},
        }

    async def submit(self, user: str, view_id: str, values: Json) -> Json:
        """Submit a modal; impossible answers are refused before the app sees them."""
        view = self._open_view(user, view_id)
        self._workspace.views.remember(view, self._with_files(values))
        errors = wrong_answers(view["blocks"], view["state"]["values"])
        if errors:
            return self._field_errors(user, view, errors)
        payload = self._payloads.interaction("view_submission", user)
        payload |= {
            "trigger_id": self._workspace.triggers.issue(user, view["id"]),
            "view": copy.deepcopy(view),
            "response_urls": self._response_urls(user, view),
        }
        attempt = await self._courier.send("interactive", payload)
        if not attempt.acked:
            return self._failed(user, "view", attempt, "We had some trouble connecting. Try again?")
        refusal = apply_response_action(self._workspace, user, view, attempt.answer)
        return self._field_errors(user, view, refusal) if refusal else {"ok": True}

    async def close(self, user: str, view_id: str, *, clear: bool = False) -> Json:
        """Close a modal or all of them; the app hears of it when it asked to."""
        view = self._open_view(user, view_id)
        cleared = clear or bool(view["clear_on_close"])
        gone = self._workspace.views.clear(user) if cleared else [view]
        if not cleared:
            self._workspace.views.pop(user, view)
        for each in reversed(gone):
            if each["notify_on_close"]:
                payload = self._payloads.interaction("view_closed", user)
                payload |= {"view": copy.deepcopy(each), "is_cleared": cleared}
                await self._courier.send("interactive", payload, accepts_answer=False)
        return {"ok": True}

    async def shortcut(self, user: str, callback_id: str, channel_id: str | None, message_ts: str | None) -> Json:
        """A global shortcut, or a message shortcut when a message is named."""
        self._only_for_our_people(user, "This shortcut")
        payload = self._payloads.interaction("message_action" if message_ts else "shortcut", user)
        payload |= {
            "callback_id": callback_id,
            "trigger_id": self._workspace.triggers.issue(user),
            "action_ts": f"{self._workspace.clock.now().timestamp():.6f}",
        }
        if message_ts:
            channel = self._seen(user, channel_id or "")
            payload |= {
                "channel": self._payloads.channel(channel),
                "message_ts": message_ts,
                "message": copy.deepcopy(self._message(channel, message_ts)),
                "response_url": self._payloads.response_url(user, channel.id, message_ts),
            }
        attempt = await self._courier.send("interactive", payload)
        if not attempt.acked:
            return self._failed(user, "action", attempt, "The shortcut did not work: the app did not respond.")
        return {"ok": True}

    def home(self, user: str, tab: str = "home") -> Json:
        """Open the app: its Home tab, or its messages."""
        self._workspace.acting(user)
        self._events.home_opened(user, tab)
        return {"ok": True}

    async def step(self, user: str, channel_id: str, callback_id: str, inputs: Json) -> Json:
        """Run a step that the app offers to workflows; a line of the conversation tells how it goes."""
        workspace, channel = self._workspace, self._seen(user, channel_id)
        self._only_for_our_people(user, "This step")
        function = next((each for each in workspace.workflows.functions if each["callback_id"] == callback_id), None)
        if function is None:
            raise SlackError("function_not_found")

        def told(run: Run) -> None:
            workspace.change(channel, line, {"text": _how_it_went(run)})

        run, event = workspace.workflows.begin(function, user, inputs, told)
        line = workspace.post(channel, user, {"text": _how_it_went(run), "subtype": "workflow_step"})
        self._events.send("function_executed", event)
        return {"ok": True, "function_execution_id": run.id}

    def _add_container(self, payload: Json, user: str, container: Json, state: Json | None) -> str | None:
        if container["type"] == "message":
            self._add_message(payload, user, container, state)
            return None
        if container["type"] == "home":
            view = self._workspace.views.home(user)
        else:
            view = self._open_view(user, container["view_id"])
        if view is None:
            raise SlackError("not_found", detail="This person has no Home tab yet.")
        if state is not None:
            self._workspace.views.remember(view, state.get("values", {}))
        payload |= {"container": {"type": "view", "view_id": view["id"]}, "view": copy.deepcopy(view)}
        return str(view["id"]) if view["type"] == "modal" else None

    def _add_message(self, payload: Json, user: str, container: Json, state: Json | None) -> None:
        channel = self._seen(user, container["channel"])
        ts = container["message_ts"]
        ephemeral = self._workspace.find_ephemeral(channel, user, ts)
        message = ephemeral or self._message(channel, ts)
        described = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral is not None,
        }
        thread_ts = message.get("thread_ts")
        payload |= {
            "container": {**described, **({"thread_ts": thread_ts} if thread_ts else {})},
            "channel": self._payloads.channel(channel),
            "state": {"values": initial_state(message.get("blocks", []), (state or {}).get("values"))},
            "response_url": self._payloads.response_url(user, channel.id, ts, thread_ts),
        }
        if ephemeral is None:
            payload["message"] = copy.deepcopy(message)

    def _response_urls(self, user: str, view: Json) -> list[Json]:
        urls = []
        for block in view["blocks"]:
            element = block.get("element", {})
            if element.get("response_url_enabled"):
                answer = view["state"]["values"][block["block_id"]][element["action_id"]]
                channel_id = answer.get("selected_conversation") or answer.get("selected_channel")
                if channel_id:
                    url = self._payloads.response_url(user, channel_id)
                    ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                    urls.append({**ids, "channel_id": channel_id, "response_url": url})
        return urls

    def _show(self, user: str, channel: Channel, answer: Json, thread_ts: str | None) -> None:
        content = checked_content(self._workspace, answer)
        if answer.get("response_type") == "in_channel":
            self._workspace.post(channel, self._workspace.app.user_id, content, thread_ts)
        else:
            self._workspace.post_ephemeral(channel, user, content, thread_ts)

    def _with_files(self, values: Json) -> Json:
        """The values with whole file objects where the page named ids."""
        whole = copy.deepcopy(values)
        for answer in [each for actions in whole.values() for each in actions.values() if each.get("files")]:
            files = [self._workspace.files.get(str(each["id"])) for each in answer["files"]]
            answer["files"] = [each.describe(self._workspace.url) for each in files]
        return whole

    def _failed(self, user: str, what: str, attempt: Attempt, words: str) -> Json:
        self._workspace.live.tell([user], {"type": "timeout", "what": what, "words": words})
        return {"ok": False, "error": _code(attempt), "detail": words}

    def _field_errors(self, user: str, view: Json, errors: dict[str, str]) -> Json:
        self._workspace.live.tell([user], {"type": "view_errors", "view_id": view["id"], "errors": errors})
        return {"ok": True, "errors": errors}

    def _open_view(self, user: str, view_id: str) -> Json:
        view = next((each for each in self._workspace.views.stack(user) if each["id"] == view_id), None)
        if view is None:
            raise SlackError("view_not_found", detail="This modal is not open for this person.")
        return view

    def _only_for_our_people(self, user: str, what: str) -> None:
        if self._workspace.person(user).team:
            words = f"{what} works only for people of {self._workspace.team['name']}, where the app is installed."
            raise SlackError("not_allowed_for_external_people", detail=words)

    def _seen(self, user: str, channel_id: str) -> Channel:
        self._workspace.acting(user)
        channel = self._workspace.channel(channel_id)
        if not self._workspace.sees(user, channel):
            raise SlackError("channel_not_found")
        return channel

    def _message(self, channel: Channel, ts: str) -> Json:
        message = channel.find(ts)
        if message is None:
            raise SlackError("message_not_found")
        return message


def _code(attempt: Attempt) -> str:
    status: Any = attempt.answer.get("status", 0)
    return _PROBLEMS.get(attempt.problem) or ("http_service_error" if status >= 500 else "http_client_error")


def _element_of(blocks: Sequence[Json], action: Json) -> Json:
    """What Slack adds to an action from the element it belongs to."""
    for block in blocks:
        elements = [*block.get("elements", ()), block.get("element"), block.get("accessory")]
        for element in elements:
            same_block = block.get("block_id") == action.get("block_id")
            if isinstance(element, dict) and same_block and element.get("action_id") == action.get("action_id"):
                return {
                    key: element[key] for key in ("type", "text", "value", "style", "placeholder") if key in element
                }
    return {}


def _how_it_went(run: Run) -> str:
    """A run of a step in mrkdwn, with what came out of it."""
    title = escape(run.function["title"])
    match run.state:
        case "running":
            return f"runs the step *{title}* …"
        case "failed":
            return f"ran the step *{title}*, which failed: {escape(run.error)}"
    kinds = {each["name"]: each["type"] for each in run.function["output_parameters"]}
    marks = {"slack#/types/user_id": "<@{}>", "slack#/types/channel_id": "<#{}>"}
    values = (f"{name}: {marks.get(kinds[name], '{}').format(escape(str(each)))}" for name, each in run.outputs.items())
    return "\n".join([f"ran the step *{title}*", *values])
