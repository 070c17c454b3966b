"""An independent FHIR client (fhir-py) drives a real server process."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome

from adapter.verification.ports import free_port
from tests.test_intake import resource, sample
from tests.test_messages import message


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncFHIRClient]:
    port = free_port()
    (tmp_path / "vardbro.toml").write_text(f"[http]\nport = {port}\n[registers.gvr]\nenabled = true\n")
    log = (tmp_path / "log").open("wb")
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(  # noqa: ASYNC220 - it runs as long as the test
        [sys.executable, "-m", "adapter", "serve"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        stdout=log,
        stderr=log,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/health/live")
        yield AsyncFHIRClient(f"http://127.0.0.1:{port}/fhir")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError("the service does not answer")


async def test_the_whole_conversation(client: AsyncFHIRClient) -> None:
    statement = await client.execute("metadata", method="get")
    assert statement["resourceType"] == "CapabilityStatement"

    answer = await client.execute("", method="post", data=sample("mottagningsbesok-lakare"))
    assert answer["type"] == "transaction-response"

    said = await client.execute("$process-message", method="post", data=message())
    assert said["entry"][0]["resource"]["response"]["code"] == "ok"

    encounter = client.resource("Encounter", **_without_type(resource(sample("gruppbesok"), "Encounter")))
    outcome = await encounter.execute("$validate", method="post", data=encounter.serialize())
    assert outcome["resourceType"] == "OperationOutcome"

    found = await client.resources("NamingSystem").limit(10).fetch_all()
    assert len(found) > 50
    teamroll = await client.reference("CodeSystem", "teamroll").to_resource()
    assert teamroll["content"] == "complete"

    with pytest.raises(OperationOutcome):
        await client.execute("", method="post", data={"resourceType": "Bundle", "type": "searchset"})
    for _ in range(100):
        if await client.resources("AuditEvent").fetch():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("no AuditEvent")


def _without_type(found: dict[str, Any]) -> dict[str, Any]:
    return {"id": "x", **{name: value for name, value in found.items() if name != "resourceType"}}
