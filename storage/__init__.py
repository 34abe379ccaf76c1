"""Where Bunsen keeps its state: one SQL database, reached through units of work."""

from storage.database import Database

__all__ = ["Database"]
