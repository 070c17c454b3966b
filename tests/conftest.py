"""What holds for every test."""

import logging
from collections.abc import Iterator

import pytest

from adapter.ledger import envelope


@pytest.fixture(scope="module", autouse=True)
def _ledger_keys_of_before_the_module() -> Iterator[None]:
    """A service that a whole module shares brings its keys before the first test; here they go again."""
    header, seals = envelope._Locks.header, envelope._Locks.seals
    yield
    envelope._Locks.header, envelope._Locks.seals = header, seals


@pytest.fixture(autouse=True)
def sealed_as_before() -> Iterator[None]:
    """Seal with the keys of before: a service that is built in a test's process brings its own."""
    header, seals = envelope._Locks.header, envelope._Locks.seals
    yield
    envelope._Locks.header, envelope._Locks.seals = header, seals


@pytest.fixture(autouse=True)
def levels_as_they_were() -> Iterator[None]:
    """Leave loggers as loud as they were: a service that is started in a test's process makes some quiet."""
    root = logging.getLogger()
    level = root.level
    levels = {name: logging.getLogger(name).level for name in list(root.manager.loggerDict)}
    yield
    root.setLevel(level)
    for name in list(root.manager.loggerDict):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
