"""A real application, its register the test's own: what interactions of the FHIR face do with it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.composition import Application
from adapter.config import load_config

FHIR = "application/fhir+json"


@pytest.fixture
def settings() -> str:
    """What the configuration says beside the ledger."""
    return ""


@pytest.fixture
async def application(tmp_path: Path, settings: str) -> AsyncIterator[Application]:
    file = tmp_path / "vardbro.toml"
    file.write_text(f'[ledger]\nurl = "sqlite:///{tmp_path / "ledger.db"}"\n{settings}')
    made = Application.build(load_config(file))
    yield made
    await made.stop()


@pytest.fixture
async def face(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application; faults come through."""
    transport = httpx.ASGITransport(application.create_app())
    headers = {"content-type": FHIR, "accept-language": "en"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8080", headers=headers
    ) as client:
        yield client


Ask = Callable[..., Any]


def rules(answer: httpx.Response | dict[str, Any]) -> list[str]:
    """The rule ids of an OperationOutcome."""
    body = answer.json() if isinstance(answer, httpx.Response) else answer
    assert body["resourceType"] == "OperationOutcome", body
    codings = [issue["details"].get("coding") for issue in body["issue"]]
    return [coding[0]["code"] for coding in codings if coding]
