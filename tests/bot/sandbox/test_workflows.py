"""Steps of workflows: what the app is told, how it says that it is done, and what people read of it."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Connect, Lab

MANIFEST = {
    "features": {"slash_commands": [{"command": "/experiment", "description": "Experiments"}]},
    "functions": {
        "create": {
            "title": "Create <b> experiment",
            "description": "Starts a draft",
            "input_parameters": {
                "title": {"type": "string", "title": "Title", "is_required": True},
                "owner": {"type": "slack#/types/user_id", "title": "Owner"},
                "days": {"type": "integer"},
            },
            "output_parameters": {
                "key": {"type": "string", "is_required": True},
                "by": {"type": "slack#/types/user_id"},
            },
        },
        "older": {
            "title": "Post results",
            "description": "",
            "input_parameters": {"properties": {"key": {"type": "string"}}, "required": ["key"]},
            "output_parameters": {"properties": {}, "required": []},
        },
        "personal": {
            "title": "Personal",
            "description": "",
            "input_parameters": {"person": {"type": "slack#/types/user_context", "is_required": True}},
            "output_parameters": {},
        },
    },
    "oauth_config": {"scopes": {"bot": ["chat:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["function_executed"]}},
}
HERE = "C0EXPERIMENTS"


@pytest.fixture
async def workspace() -> Workspace:
    return Workspace(MANIFEST)


async def begun(lab: Lab, callback_id: str = "create", **inputs: Any) -> str:
    """Ada runs the step; the id of the run."""
    answer = await lab.do("step", channel=HERE, callback_id=callback_id, inputs=inputs)
    assert answer["ok"], answer
    return str(answer["function_execution_id"])


async def refused(call: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_a_step_reaches_the_app_which_answers_with_its_own_token(lab: Lab, connect: Connect) -> None:
    @lab.app.function("create")
    async def create(inputs: dict[str, Any], complete: Any, context: Any) -> None:
        assert context.function_bot_access_token.startswith("xwfp-")
        await complete(outputs={"key": f"{inputs['title'].lower()}<!channel>", "by": inputs["owner"]})

    await connect(lab)
    await begun(lab, title="Ranking", owner="U0BO")
    await lab.sandbox.courier.settled()
    assert await lab.texts() == [
        "ran the step *Create &lt;b&gt; experiment*\nkey: ranking&lt;!channel&gt;\nby: <@U0BO>",
    ]
    (event,) = [each.payload["event"] for each in lab.sandbox.courier.deliveries]
    parameters = {each["name"]: each["is_required"] for each in event["function"]["input_parameters"]}
    assert parameters == {"title": True, "owner": False, "days": False}


async def test_a_failure_is_told_in_the_apps_words(lab: Lab) -> None:
    run = await begun(lab, "older", key="ranking")
    assert await lab.texts() == ["runs the step *Post results* …"]
    await lab.client.functions_completeError(function_execution_id=run, error="no such <experiment>")
    assert await lab.texts() == ["ran the step *Post results*, which failed: no such &lt;experiment&gt;"]


async def test_a_run_ends_once_and_unknown_runs_are_refused(lab: Lab) -> None:
    run = await begun(lab, title="x")
    wrong = await refused(lab.client.functions_completeSuccess(function_execution_id=run, outputs={"by": 7}))
    assert wrong["error"] == "parameter_validation_failed"
    assert wrong["response_metadata"]["messages"] == [
        "[ERROR] missing required field: key",
        "[ERROR] must be of type slack#/types/user_id [json-pointer:/by]",
    ]
    await lab.client.functions_completeSuccess(function_execution_id=run, outputs={"key": "x"})
    again = await refused(lab.client.functions_completeError(function_execution_id=run, error="late"))
    assert again["error"] == "execution_not_in_running_state"
    unknown = await refused(lab.client.functions_completeSuccess(function_execution_id="Fx0NONE", outputs={}))
    assert unknown["error"] == "function_execution_not_found"


@pytest.mark.parametrize(
    ("callback_id", "inputs", "words"),
    [
        ("create", {}, "missing required field: title"),
        ("create", {"title": "x", "days": "7"}, "must be of type integer"),
        ("create", {"title": "x", "days": True}, "must be of type integer"),
        ("create", {"title": "x", "nonsense": 1}, "unknown parameter"),
        ("older", {}, "missing required field: key"),
        ("elsewhere", {}, "function not found"),
    ],
)
async def test_inputs_that_do_not_fit_are_refused(
    lab: Lab, callback_id: str, inputs: dict[str, Any], words: str
) -> None:
    answer = await lab.do("step", channel=HERE, callback_id=callback_id, inputs=inputs)
    assert answer["ok"] is False
    assert words in answer["detail"]
    assert await lab.texts() == []


async def test_who_runs_it_is_filled_in_and_cannot_be_named(lab: Lab) -> None:
    for given in ({}, {"person": {"id": "U0BO", "secret": "x"}}):
        await begun(lab, "personal", **given)
        context = lab.sandbox.courier.deliveries[-1].payload["event"]["inputs"]["person"]
        assert context["id"] == "U0ADA"
        assert context["secret"] != "x"


async def test_steps_are_offered_to_our_people_alone(lab: Lab) -> None:
    titles = [each["title"] for each in (await lab.look("state", user="U0ADA"))["app"]["functions"]]
    assert titles == ["Create <b> experiment", "Post results", "Personal"]
    assert (await lab.look("state", user="U0FINN"))["app"]["functions"] == []
    answer = await lab.do("step", user="U0FINN", channel=HERE, callback_id="create", inputs={"title": "x"})
    assert answer["error"] == "not_allowed_for_external_people"
