"""Which handler answers what: the one place that names every command, button, view and event."""

from __future__ import annotations

from handlers import archive, create, decide, home, import_data, look, note, results, review, start, stop
from handlers.turn import Handler

COMMANDS: dict[str, Handler] = {
    "": look.own_work,
    "help": look.help_,
    "create": create.create,
    "edit": create.edit.by_command,
    "review": review.review.by_command,
    "start": start.start.by_command,
    "stop": stop.stop.by_command,
    "results": results.by_command,
    "note": note.by_command,
    "decide": decide.decide.by_command,
    "import": import_data.open_form,
    "list": look.list_,
    "show": look.show_by_command,
    "archive": archive.archive.by_command,
}

ACTIONS: dict[str, Handler] = {
    "create": create.create,
    "edit": create.edit.by_button,
    "review": review.review.by_button,
    "approve": review.approve,
    "request_changes": review.changes.by_button,
    "start": start.start.by_button,
    "stop": stop.stop.by_button,
    "results": results.by_button,
    "note": note.note.by_button,
    "decide": decide.decide.by_button,
    "draft_summary": decide.draft_summary,
    "import": import_data.open_form,
    "list": look.list_by_button,
    "show": look.show_by_button,
    "archive": archive.archive.by_button,
}

VIEWS: dict[str, Handler] = {
    "create_what": create.submit_what,
    "create_design": create.submit_design,
    "create_safety": create.submit_safety,
    "review": review.submit,
    "request_changes": review.submit_changes,
    "start": start.submit,
    "stop": stop.submit,
    "note": note.submit,
    "decide": decide.submit,
    "import": import_data.submit,
    "archive": archive.submit,
}

PICKS: dict[str, Handler] = {
    "edit": create.edit.by_pick,
    "review": review.review.by_pick,
    "start": start.start.by_pick,
    "stop": stop.stop.by_pick,
    "results": results.by_pick,
    "note": note.note.by_pick,
    "decide": decide.decide.by_pick,
    "show": look.show_by_pick,
    "archive": archive.archive.by_pick,
}

CHANGES: dict[str, Handler] = {}
"""What answers the change of a field, by the form it is in."""

EVENTS: dict[str, Handler] = {"app_home_opened": home.opened}
