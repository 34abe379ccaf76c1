"""Which handler answers what: the one place that names every command, button, view and event."""

from __future__ import annotations

from handlers import (
    archive,
    create,
    decide,
    home,
    import_data,
    look,
    note,
    results,
    review,
    schedule,
    start,
    stop,
    versions,
)
from handlers.turn import Handler

COMMANDS: dict[str, Handler] = {
    "": look.own_work,
    "help": look.help_,
    "create": create.create,
    "edit": create.edit.by_command,
    "review": review.review.by_command,
    "approve": review.approval.by_command,
    "request_changes": review.changes.by_command,
    "withdraw": review.withdraw.by_command,
    "start": start.start.by_command,
    "schedule": schedule.schedule.by_command,
    "unschedule": schedule.unschedule.by_command,
    "diff": versions.diff.by_command,
    "history": versions.history.by_command,
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
    "withdraw": review.withdraw.by_button,
    "review_diff": review.whole_diff.by_button,
    "schedule": schedule.schedule.by_button,
    "unschedule": schedule.unschedule.by_button,
    "diff": versions.diff.by_button,
    "compare": versions.compare,
    "history": versions.history.by_button,
    "history_page": versions.turn_page,
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
    "approve": review.submit_approval,
    "withdraw": review.submit_withdrawal,
    "schedule": schedule.submit,
    "unschedule": schedule.submit_unschedule,
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
    "approve": review.approval.by_pick,
    "request_changes": review.changes.by_pick,
    "withdraw": review.withdraw.by_pick,
    "schedule": schedule.schedule.by_pick,
    "unschedule": schedule.unschedule.by_pick,
    "diff": versions.diff.by_pick,
    "history": versions.history.by_pick,
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
