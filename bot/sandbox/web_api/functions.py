"""functions.*: the app says how a step of a workflow ended."""

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.web_api.method import Call, Method


def complete_success(call: Call) -> Json:
    """functions.completeSuccess"""
    outputs = call.structure("outputs")
    if not isinstance(outputs, dict):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: outputs")
    call.workspace.workflows.complete(call.text("function_execution_id"), outputs)
    return {"ok": True}


def complete_error(call: Call) -> Json:
    """functions.completeError"""
    call.workspace.workflows.fail(call.text("function_execution_id"), call.text("error"))
    return {"ok": True}


METHODS = {
    "functions.completeSuccess": Method(complete_success),
    "functions.completeError": Method(complete_error),
}
