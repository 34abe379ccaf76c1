"""Time for a machine that is busy elsewhere: whoever waits in a test waits longer than people, Slack and locks do.

Such a machine may stand still for ten seconds; what the product does when its own time is over has tests that set it.
"""

from __future__ import annotations

from bot.sandbox.workspace import Workspace

LONG = 60.0


def unhurried(workspace: Workspace) -> Workspace:
    """The same workspace, which waits longer for acknowledgements, and whose triggers last."""
    workspace.ack_seconds = workspace.triggers.seconds = LONG
    return workspace
