"""Tokens: `/experiment settings`, a button → who is let in → making one → its secret, once; or revoking one."""

from __future__ import annotations

from experiments.errors import AlreadyDone
from experiments.execute import change_policies
from experiments.permissions import Actor
from experiments.policy_commands import IssueToken, RevokeToken
from experiments.ports import World
from experiments.tokens import kept_of
from handlers.forms import answers, target
from handlers.roles import newest_change, policies_of, require_admin
from handlers.surfaces.tokens_modal import new_token_modal, secret_modal, tokens_modal
from handlers.turn import Ack, Turn, redraw, show


async def look(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    await show(turn, world, tokens_modal(await policies_of(world), actor, world.now()))
    await ack()


async def new(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    await show(turn, world, new_token_modal(await policies_of(world), actor))
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The secret stands in the answer to this form and nowhere else."""
    secret = world.secret()
    command = IssueToken.model_validate({"scopes": (), **answers(turn.view), **kept_of(secret)})
    policies = await change_policies(command, actor, world)
    token = next((each for each in policies.tokens if each.digest == command.digest), None)
    if token is None:
        raise AlreadyDone("This token was made a moment ago and its secret shown. Lost it? Revoke it and make another.")
    await ack(response_action="update", view=secret_modal(token, secret))
    if below := turn.view.get("previous_view_id"):
        changed = await newest_change(world)
        turn.later(redraw(below, tokens_modal(policies, actor, world.now(), changed), world))


async def revoke(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    id, project = target(turn.value)
    policies = await change_policies(RevokeToken(id=id, project=project), actor, world)
    await ack()
    turn.later(redraw(turn.view["id"], tokens_modal(policies, actor, world.now(), await newest_change(world)), world))
