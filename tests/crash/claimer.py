"""A process that claims what waits in the outbox, says the ids and keeps them.

It says "ready" and begins when a line comes in.
"""

from datetime import UTC, datetime

from storage import Database
from tests.mortal import say, when_told

AN_HOUR = 3600.0


async def main(url: str, workspace: str) -> None:
    database = await Database.open(url)
    when_told()
    claimed: tuple[object, ...] = (None,)
    while claimed:
        async with database.uow(workspace) as uow:
            postings = await uow.outbox.claim(datetime.now(UTC), AN_HOUR, 3)
        for posting in postings:
            say(posting.id)
        claimed = postings
    await database.close()
