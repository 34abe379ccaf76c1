"""views.*: modals and the Home tab."""

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.validation import check_view
from bot.sandbox.web_api.method import Call, Method


def open_(call: Call) -> Json:
    """views.open"""
    view = _view(call, "modal")
    trigger = call.workspace.triggers.exchange(call.text("trigger_id"))
    return _answer(call.workspace.views.open(trigger.user, view))


def push(call: Call) -> Json:
    """views.push"""
    view = _view(call, "modal")
    trigger = call.workspace.triggers.exchange(call.text("trigger_id"))
    if trigger.view_id is None:
        raise SlackError("not_found")
    return _answer(call.workspace.views.push(trigger.user, view))


def update(call: Call) -> Json:
    """views.update"""
    view_id = call.text("view_id", "") or call.text("external_id")
    current = call.workspace.views.find(view_id)[1]
    view = _view(call, current["type"])
    return _answer(call.workspace.views.update(view_id, view, call.text("hash", "") or None))


def publish(call: Call) -> Json:
    """views.publish"""
    user = call.text("user_id")
    if user not in call.workspace.people:
        raise SlackError("invalid_arguments", "[ERROR] invalid user id [json-pointer:/user_id]")
    view = _view(call, "home")
    return _answer(call.workspace.views.publish(user, view, call.text("hash", "") or None))


def _view(call: Call, kind: str) -> Json:
    view = call.structure("view")
    check_view(view, call.workspace.files, kind=kind)
    checked: Json = view
    return checked


def _answer(view: Json) -> Json:
    return {"ok": True, "view": view}


METHODS = {
    "views.open": Method(open_, tier="Tier4"),
    "views.push": Method(push, tier="Tier4"),
    "views.update": Method(update, tier="Tier4"),
    "views.publish": Method(publish, tier="Tier4"),
}
