"""The embedded event store: exposures and observations as Parquet on this machine's disk.

A batch is accepted by `EventStore.accept` and lasts from then on; evaluation leaves its exposures with `record`.
Whoever aggregates asks `files` for everything, or `since` for what is new, and reads Parquet.
"""

from bot.connectors.events.store import Counts, EventStore, Limits
from bot.connectors.events.wire import Exposure, Observation

__all__ = ["Counts", "EventStore", "Exposure", "Limits", "Observation"]
