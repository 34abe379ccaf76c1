"""`response_action`: what the app's answer to a submission does to the open modals."""

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.validation import check_view
from bot.sandbox.workspace import Workspace


def apply_response_action(workspace: Workspace, user: str, view: Json, answer: Json) -> dict[str, str]:
    """Carry the answer out; returns the field errors, if those are the answer."""
    views = workspace.views
    match answer.get("response_action"):
        case None:
            if view in views.stack(user):
                views.pop(user, view)
        case "clear":
            views.clear(user)
        case "errors":
            return _field_errors(view, answer.get("errors"))
        case "update":
            check_view(answer.get("view"), workspace.files, kind="modal")
            views.update(view["id"], answer["view"])
        case "push":
            check_view(answer.get("view"), workspace.files, kind="modal")
            views.push(user, answer["view"])
        case other:
            raise SlackError("invalid_response_action", detail=f"Slack does not know the response_action {other!r}.")
    return {}


def _field_errors(view: Json, errors: object) -> dict[str, str]:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not all(isinstance(words, str) for words in errors.values()):
        raise SlackError("invalid_response_action", detail="response_action errors needs block ids with words.")
    strangers = sorted(set(errors) - inputs)
    if strangers:
        detail = f"errors may only name input blocks of this view; these are not: {', '.join(strangers)}."
        raise SlackError("invalid_response_action", detail=detail)
    return errors
