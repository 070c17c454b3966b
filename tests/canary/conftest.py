"""A service with a planted patient: a number and a name that must come up nowhere but at the register."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from adapter.api.app import create_app
from adapter.composition import Application
from adapter.config import Config
from adapter.logs import set_up_logging
from adapter.simulator.server import running
from tests.canary.planted import ADDRESS, tell


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logging("debug", "json", stream)
    for name in ("httpx", "httpcore", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
async def application(tmp_path: Path, simulator: str, logs: io.StringIO) -> AsyncIterator[Application]:
    tell(simulator, "reset")
    application = Application.build(
        Config(
            ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
            registers={
                "gvr": {"url": f"{simulator}/gvr", "timeout": "500ms", "lookup": "/vardhandelse/besok"}
            },
            delivery={"schedule": ["0s", "50ms"]},
        )
    )
    await application.start()
    yield application
    await application.stop()


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(application))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client
