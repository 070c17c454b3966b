"""Who sends."""

from adapter.access.doorkeeper import Doorkeeper, Proof
from adapter.config import Config

TOKEN = "0123456789abcdef"


async def test_a_sender_carries_its_own_settings() -> None:
    config = Config(senders={"acme": {"token": TOKEN, "version": "versionId", "default_unit": "SE1"}})
    sender = await Doorkeeper(config).admit(Proof(authorization=f"Bearer {TOKEN}"), "system/Encounter.c")
    assert (sender.version_source, sender.default_unit) == ("versionId", "SE1")


async def test_with_no_token_configured_everybody_is_the_default_sender() -> None:
    doorkeeper = Doorkeeper(Config(senders={"default": {"version": "lastUpdated"}}))
    sender = await doorkeeper.admit(Proof(), "system/Encounter.c")
    assert doorkeeper.is_open
    assert (sender.name, sender.version_source) == ("default", "lastUpdated")
