"""Modals and Home tabs: the open stack of each person, hashes, and the values typed so far."""

import copy
import secrets
from typing import TYPE_CHECKING

from bot.sandbox import limits
from bot.sandbox.answers import initial_state
from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

_COPIED = (
    "title",
    "submit",
    "close",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)
_TEXTS = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
}


_UNTITLED = {"type": "plain_text", "text": "View Title", "emoji": True}


class ViewStacks:
    """Every open view of every person."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[Json]] = {}
        self._homes: dict[str, Json] = {}

    def stack(self, user: str) -> list[Json]:
        """The open modals of this person, bottom first."""
        return self._stacks.setdefault(user, [])

    def home(self, user: str) -> Json | None:
        """The published Home tab of this person."""
        return self._homes.get(user)

    def find(self, view_id: str) -> tuple[str, Json]:
        """Whose it is and the view itself, looked up by id or external id."""
        for user, stack in self._stacks.items():
            for view in stack:
                if view_id in (view["id"], view["external_id"] or None):
                    return user, view
        for user, view in self._homes.items():
            if view_id in (view["id"], view["external_id"] or None):
                return user, view
        raise SlackError("not_found")

    def open(self, user: str, source: Json) -> Json:
        """Open a first modal; what was open before is gone."""
        view = self._new(source)
        self._stacks[user] = [view]
        self.tell(user, "open", view)
        return view

    def push(self, user: str, source: Json) -> Json:
        """Put a modal on top of the open ones, at most three."""
        stack = self.stack(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= limits.VIEW_STACK:
            raise SlackError("push_limit_reached")
        view = self._new(source)
        view["previous_view_id"], view["root_view_id"] = stack[-1]["id"], stack[0]["id"]
        stack.append(view)
        self.tell(user, "push", view)
        return view

    def update(self, view_id: str, source: Json, view_hash: str | None = None) -> Json:
        """Replace a view in place; what was typed into unchanged fields stays."""
        user, view = self.find(view_id)
        if view_hash and view_hash != view["hash"]:
            raise SlackError("hash_conflict")
        fresh = self._new(source, replacing=view)
        typed = view["state"]["values"]
        values = fresh["state"]["values"]
        for block_id, actions in values.items():
            for action_id, value in actions.items():
                old = typed.get(block_id, {}).get(action_id)
                if old is not None and old.get("type") == value.get("type"):
                    actions[action_id] = old
        for key in ("id", "root_view_id", "previous_view_id"):
            fresh[key] = view[key]
        view.clear()
        view.update(fresh)
        if view["type"] == "home":
            self._workspace.live.tell([user], {"type": "home", "view": copy.deepcopy(view)})
        else:
            self.tell(user, "update", view)
        return view

    def publish(self, user: str, source: Json, view_hash: str | None = None) -> Json:
        """Set this person's Home tab."""
        if user in self._homes:
            return self.update(self._homes[user]["id"], source, view_hash)
        self._homes[user] = view = self._new(source)
        self._workspace.live.tell([user], {"type": "home", "view": copy.deepcopy(view)})
        return view

    def pop(self, user: str, view: Json) -> None:
        """Close one modal and what lies above it; the one below shows again."""
        stack = self.stack(user)
        del stack[stack.index(view) :]
        self.tell(user, "close", view)

    def clear(self, user: str) -> list[Json]:
        """Close everything; returns what was open."""
        gone, self._stacks[user] = self.stack(user), []
        self.tell(user, "clear", None)
        return gone

    def remember(self, view: Json, values: Json) -> None:
        """Keep what was typed, filled up with initial values and empty fields as Slack does."""
        view["state"] = {"values": initial_state(view["blocks"], view["state"]["values"])}
        for block_id, actions in view["state"]["values"].items():
            for action_id, empty in actions.items():
                given = values.get(block_id, {}).get(action_id)
                if given is not None:
                    actions[action_id] = {"type": empty["type"], **given}

    def tell(self, user: str, action: str, view: Json | None) -> None:
        """Tell this person's pages what became of their modals."""
        event = {
            "type": "view",
            "action": action,
            "view": copy.deepcopy(view),
            "stack": copy.deepcopy(self.stack(user)),
        }
        self._workspace.live.tell([user], event)

    def _new(self, source: Json, replacing: Json | None = None) -> Json:
        workspace = self._workspace
        external_id = source.get("external_id")
        if external_id and (replacing is None or replacing["external_id"] != external_id) and self._taken(external_id):
            raise SlackError("duplicate_external_id")
        view_id = f"V0{secrets.token_hex(5).upper()}"
        view: Json = {
            "id": view_id,
            "team_id": workspace.team["id"],
            "app_id": workspace.app.id,
            "app_installed_team_id": workspace.team["id"],
            "bot_id": workspace.app.bot_id,
            "type": source["type"],
            "hash": f"{int(workspace.clock.now().timestamp())}.{secrets.token_hex(4)}",
            "root_view_id": view_id,
            "previous_view_id": None,
            "title": dict(_UNTITLED) if source["type"] == "home" else None,
            "submit": None,
            "close": None,
            **_TEXTS,
            **{key: copy.deepcopy(source[key]) for key in _COPIED if source.get(key) is not None},
            "blocks": with_ids(source["blocks"]),
        }
        view["state"] = {"values": initial_state(view["blocks"])}
        return view

    def _taken(self, external_id: str) -> bool:
        try:
            self.find(external_id)
        except SlackError:
            return False
        return True


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a `block_id` and every element that acts an `action_id`."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in [*block.get("elements", ()), block.get("element"), block.get("accessory")]:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return blocks


INTERACTIVE = frozenset(
    "button workflow_button overflow checkboxes radio_buttons datepicker timepicker datetimepicker plain_text_input "
    "number_input email_text_input url_text_input file_input rich_text_input static_select external_select "
    "users_select conversations_select channels_select multi_static_select multi_external_select multi_users_select "
    "multi_conversations_select multi_channels_select feedback_buttons icon_button".split()
)
