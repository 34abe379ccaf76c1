"""One replica of the data plane in a process of its own.

python -m tests.bot.web.replica DATABASE_URL

It prints its address when it answers, and runs until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys

from bot.traffic import Snapshot, fresh
from bot.web.server import listening
from storage import Database
from tests.bot.web.applications import plane_of
from tests.storage.samples import world_on


async def main(database_url: str) -> None:
    database = await Database.open(database_url)
    try:
        world = world_on(database)
        async with (
            fresh(Snapshot(), world) as snapshot,
            listening(plane_of(snapshot, world), "127.0.0.1", 0) as address,
        ):
            sys.stdout.write(f"{address}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
