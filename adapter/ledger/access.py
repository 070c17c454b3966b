"""What the door keeps in the ledger, so that all nodes share it: keys of tokens, and used assertions."""

from adapter.ledger.ledger import Ledger
from adapter.ledger.sql.assertions import Assertions
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.token_keys import TokenKey, TokenKeys

NEW_KEY_EVERY = 86_400.0
"""Seconds after which tokens are signed with a new key. The one before it verifies as long again, which is
longer than any token lives."""


class AccessLedger:
    """The ledger as the door sees it. Raises LedgerBusy and LedgerUnavailable."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def use(self, assertion: str, until: float) -> TokenKey | None:
        """Note that an assertion (by a name that tells nothing of it) has been used, for good when this
        returns, and answer the key that signs tokens now. None: it has been used before.

        `until` is when nothing takes the assertion any more, in seconds since 1970.
        """
        return await self._ledger.write(lambda tx: _use(tx, assertion, until))

    async def keys(self) -> tuple[TokenKey, ...]:
        """The keys that verify tokens."""
        return await self._ledger.peek(lambda db: TokenKeys(db).all())


def _use(tx: SqlSession, assertion: str, until: float) -> TokenKey | None:
    if not Assertions(tx.db).use(assertion, until, tx.now):
        return None
    keys = TokenKeys(tx.db)
    known = keys.all()
    if known and tx.now - known[0].made_at < NEW_KEY_EVERY:
        return known[0]
    for older in known[1:]:
        keys.drop(older)
    return keys.make(tx.now)
