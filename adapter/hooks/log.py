"""Operators' notices as lines of the log: one when a cause begins to block, one when it no longer does."""

import structlog

from adapter.hooks.bodies import notice
from adapter.hooks.telling import Heard
from adapter.ledger.hooks import Batch

_log = structlog.get_logger("vardbro.notices")


class NoticeLog:
    """Implements Listener."""

    async def tell(self, batch: Batch) -> Heard:
        """Write a line for each change."""
        for change in batch.changes:
            said = notice(change)
            if said.pop("state") == "started":
                _log.warning("notice.started", **said)
            else:
                _log.info("notice.cleared", **said)
        return Heard(taken=True)

    async def close(self) -> None:
        """Nothing is held."""
