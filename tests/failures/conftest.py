"""A whole service and a register behind a network of its own, for the tests that leave both running."""

import itertools
from collections.abc import Iterator

import pytest

from adapter.simulator.server import running
from tests.support.deployment import Register, Service
from tests.support.proxy import Proxy

_numbers = itertools.count(1)


@pytest.fixture
def number() -> str:
    """A contact's number that nobody has used."""
    return f"VK-F{next(_numbers)}"


@pytest.fixture(scope="session")
def simulator() -> Iterator[Register]:
    """The register's controls, whatever happens to the way there."""
    with running() as address:
        controls = Register(address)
        yield controls
        controls.close()


@pytest.fixture
def register(simulator: Register) -> Iterator[Register]:
    """The register without faults, before and after."""
    simulator.calm()
    yield simulator
    simulator.calm()


@pytest.fixture(scope="session")
def shared_line(simulator: Register) -> Iterator[Proxy]:
    """The way from the shared service to the register."""
    with Proxy(simulator.port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def shared_service(shared_line: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The shared service; it is never killed."""
    folder = tmp_path_factory.mktemp("service")
    more = '[intake]\nbody_timeout = "1500ms"\n[senders.default]\nversion = "lastUpdated"'
    with Service(folder, f"http://127.0.0.1:{shared_line.port}/gvr", more=more) as service:
        yield service


@pytest.fixture
def line(shared_line: Proxy) -> Iterator[Proxy]:
    """The way to the register; it carries again afterwards."""
    yield shared_line
    shared_line.accept()
    shared_line.carry()


@pytest.fixture
def service(shared_service: Service, line: Proxy, register: Register) -> Iterator[Service]:
    """The shared service; nothing keeps it from its register afterwards."""
    yield shared_service
    register.calm()
    shared_service.http.post("/api/registers/gvr/resume", json={})
