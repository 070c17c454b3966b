"""Two senders with keys, a ledger, and a desk that gives them tokens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapter.access.doorkeeper import Doorkeeper, Proof
from adapter.access.roster import Roster
from adapter.access.token_desk import TokenDesk
from adapter.config import Config
from adapter.ledger.access import AccessLedger
from adapter.ledger.ledger import Ledger
from tests.support.smart_client import RSA_KEY, SmartClient
from tests.support.stores import SqliteStore

BASE = "https://vardbro.example"


class Door:
    """What a sender meets: the desk, and the door."""

    def __init__(self, folder: Path, ledger: Ledger, **senders: dict[str, Any]) -> None:
        self.folder, self.ledger = folder, ledger
        self.a = SmartClient("journal-a-client", f"{BASE}/auth/token")
        self.b = SmartClient("journal-b-client", f"{BASE}/auth/token", RSA_KEY)
        self.files = {"journal-a": folder / "a.json", "journal-b": folder / "b.json"}
        self.publish()
        self.extra = senders
        self.build()

    def publish(self) -> None:
        self.a.publish(self.files["journal-a"])
        self.b.publish(self.files["journal-b"])

    def build(self) -> None:
        """Start anew with the configuration as it is now: another node, or the same one later."""
        clients = {"journal-a": self.a, "journal-b": self.b}
        senders = {
            name: {"client_id": client.client_id, "jwks_file": self.files[name], **self.extra.get(name, {})}
            for name, client in clients.items()
        }
        self.config = Config(
            http={"public_url": BASE}, senders={**senders, "static": {"token": "0123456789abcdef"}}
        )
        roster, access = Roster(self.config), AccessLedger(self.ledger)
        self.desk = TokenDesk(self.config, roster, access)
        self.doorkeeper = Doorkeeper(self.config, access, roster=roster)

    async def token(self, form: bytes | None = None, certificate: bytes | None = None) -> str:
        return (await self.desk.issue(form or self.a.form(), certificate)).access_token

    async def enter(self, token: str, right: str = "system/Encounter.c", **proof: Any) -> str:
        """The name of the sender that a token proves."""
        found = await self.doorkeeper.admit(Proof(authorization=f"Bearer {token}", **proof), right)
        return found.name


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = SqliteStore(tmp_path).open()
    yield opened
    await opened.close()


@pytest.fixture
def door(tmp_path: Path, ledger: Ledger) -> Door:
    return Door(tmp_path, ledger)
