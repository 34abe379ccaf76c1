"""Steps of workflows that the app offers: their parameters, and each run until the app says how it ended."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import limits
from bot.sandbox.app import App, Json
from bot.sandbox.errors import SlackError

CONTEXT = "slack#/types/user_context"
_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    CONTEXT: dict,
    "slack#/types/timestamp": int,
    "slack#/types/rich_text": (list, dict),
    "slack#/types/blocks": list,
}


@dataclass
class Run:
    """One execution of a step, in somebody's name; `told` is called once with how it ended."""

    id: str
    function: Json
    user: str
    told: Callable[["Run"], None]
    state: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""


class Workflows:
    """Every run of a step, and the token that was handed out for it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._runs: dict[str, Run] = {}
        self._tokens: set[str] = set()

    @property
    def functions(self) -> list[Json]:
        """The steps that the manifest offers, as Slack describes them in events."""
        declared = (self._app.manifest or {}).get("functions") or {}
        return [_function(self._app.id, *each) for each in enumerate(declared.items(), start=1)]

    def begin(self, function: Json, user: str, inputs: Json, told: Callable[[Run], None]) -> tuple[Run, Json]:
        """A new run and its `function_executed` event; refuses inputs that do not fit the parameters. Who runs it is
        filled in, as Slack does, and cannot be named."""
        contexts = [each["name"] for each in function["input_parameters"] if each["type"] == CONTEXT]
        inputs = {**inputs, **{name: {"id": user, "secret": secrets.token_hex(8)} for name in contexts}}
        problems = mismatches(function["input_parameters"], inputs)
        if problems:
            raise SlackError("parameter_validation_failed", *problems)
        run = Run(f"Fx0{secrets.token_hex(5).upper()}", function, user, told)
        token = f"xwfp-sandbox-{secrets.token_hex(8)}"
        if len(self._runs) >= limits.REMEMBERED:
            del self._runs[next(iter(self._runs))]
        self._runs[run.id] = run
        self._tokens.add(token)
        event = {
            "type": "function_executed",
            "function": function,
            "inputs": inputs,
            "function_execution_id": run.id,
            "workflow_execution_id": f"Wx0{secrets.token_hex(5).upper()}",
            "bot_access_token": token,
        }
        return run, event

    def complete(self, run_id: str, outputs: Json) -> None:
        """The app says that it worked."""
        run = self._running(run_id)
        problems = mismatches(run.function["output_parameters"], outputs)
        if problems:
            raise SlackError("parameter_validation_failed", *problems)
        run.state, run.outputs = "completed", outputs
        run.told(run)

    def fail(self, run_id: str, error: str) -> None:
        """The app says that it did not work, and why."""
        run = self._running(run_id)
        run.state, run.error = "failed", error
        run.told(run)

    def knows(self, token: str | None) -> bool:
        """Whether this token was handed out with a run."""
        return token in self._tokens

    def _running(self, run_id: str) -> Run:
        run = self._runs.get(run_id)
        if run is None:
            raise SlackError("function_execution_not_found")
        if run.state != "running":
            raise SlackError("execution_not_in_running_state")
        return run


def _function(app_id: str, number: int, declared: tuple[str, Json]) -> Json:
    callback_id, each = declared
    return {
        "id": f"Fn{number:04}",
        "callback_id": callback_id,
        "title": each["title"],
        "description": each.get("description", ""),
        "type": "app",
        "input_parameters": _parameters(each.get("input_parameters")),
        "output_parameters": _parameters(each.get("output_parameters")),
        "app_id": app_id,
        **dict.fromkeys(("date_created", "date_updated", "date_deleted"), 0),
    }


def _parameters(declared: Json | None) -> list[Json]:
    """Parameters of a manifest, named directly or in the older form with `properties` and `required`."""
    named = declared or {}
    required: list[str] = []
    if isinstance(named.get("properties"), dict) and "type" not in named["properties"]:
        named, required = named["properties"], named.get("required", [])
    words = ("title", "description")
    return [
        {
            "type": each["type"],
            "name": name,
            "is_required": bool(each.get("is_required", name in required)),
            **{key: each[key] for key in words if each.get(key)},
        }
        for name, each in named.items()
    ]


def mismatches(parameters: list[Json], given: Json) -> list[str]:
    """What is missing, unknown or of the wrong type, in words with its place."""
    problems = []
    for each in parameters:
        name, value = each["name"], given.get(each["name"])
        if value is None or value == "":
            if each["is_required"]:
                problems.append(f"[ERROR] missing required field: {name}")
        elif not _fits(each["type"], value):
            problems.append(f"[ERROR] must be of type {each['type']} [json-pointer:/{name}]")
    known = {each["name"] for each in parameters}
    return problems + [f"[ERROR] unknown parameter [json-pointer:/{name}]" for name in given if name not in known]


def _fits(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _KINDS.get(kind, str))
