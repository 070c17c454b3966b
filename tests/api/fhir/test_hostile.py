"""What no store can hold is refused with its reason, on a real application and either store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.composition import Application
from adapter.config import load_config
from tests.support.stores import STORES, new_database

TOO_LARGE = str(2**63)


@pytest.fixture(params=STORES)
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}" if request.param == "sqlite" else new_database()
    file = tmp_path / "vardbro.toml"
    file.write_text(f'[ledger]\nurl = "{url}"\n')
    application = Application.build(load_config(file))
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    await application.stop()


async def test_numbers_and_texts_that_no_store_can_hold_are_no_faults_of_ours(
    client: httpx.AsyncClient,
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/api/replays", {"before": TOO_LARGE}),
        (f"/api/replays/{TOO_LARGE}", {}),
        (f"/api/replays/{TOO_LARGE}/items", {}),
        (f"/api/lanes/{TOO_LARGE}", {}),
        (f"/api/edits/{TOO_LARGE}", {}),
        ("/api/lanes", {"after": TOO_LARGE}),
        ("/api/messages", {"after": TOO_LARGE}),
        ("/api/lanes", {"lane": "a\0b"}),
        ("/api/messages", {"cause": "a\0b"}),
        ("/api/events/a%00b", {}),
        ("/api/cutovers", {"sender": "a\0b"}),
        *(("/api/cutovers", {"after": after}) for after in ("0", "1.5", "true", "NaN", "x", "[1]")),
    ]
    for path, params in asked:
        answer = await client.get(path, params=params)
        assert answer.status_code < 500, (path, params, answer.text)
        assert answer.status_code < 400 or answer.json()["error"]["status"] == answer.status_code
