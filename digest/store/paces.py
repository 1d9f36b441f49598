"""The shelf of paces: when the next mail may go, by a way out or to a domain."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from digest.batches import batches
from digest.store.schema import pace


class Paces:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def next_at(self, keys: Collection[str]) -> dict[str, datetime]:
        """When the next mail may go; what has no limit yet is left out."""
        found: dict[str, datetime] = {}
        for some in batches(keys):
            query = select(pace.c.key, pace.c.next_at).where(pace.c.key.in_(some))
            found |= {row.key: row.next_at for row in self._connection.execute(query)}
        return found

    def keep(self, next_at: Mapping[str, datetime]) -> None:
        for some in batches(next_at.items()):
            keys = [key for key, _ in some]
            self._connection.execute(delete(pace).where(pace.c.key.in_(keys)))
            rows = [{"key": key, "next_at": time} for key, time in some]
            self._connection.execute(insert(pace), rows)
