"""The ledger's SQLite file: somebody else has it, it is something else, it lies in the wrong place."""

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.deployment import Register, Service, contact, event_of, until

NO_START = "No connection: the service does not start."


@pytest.mark.failure(
    part="ledger-sqlite",
    fault="it is no ledger",
    sender=NO_START,
    operator="Exit code 1; one line says that the ledger cannot be opened, and why.",
    kept="The file as it is.",
    recovers="Name the right file in `[ledger] url`, or put the ledger back from its copy.",
)
def test_a_file_that_is_no_ledger_refuses_the_start_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "vardbro.db"
    path.write_bytes(b"this is something else entirely, and long enough to be read as a header" * 20)
    before = path.read_bytes()
    code, said = Service(tmp_path, "http://127.0.0.1:9/gvr").refuse_to_start()
    assert code == 1
    assert "The ledger cannot be opened (file is not a database)" in said
    assert "Traceback" not in said
    assert path.read_bytes() == before


@pytest.fixture(scope="module")
def narrow(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service before whose ledger four submissions may wait at most."""
    folder = tmp_path_factory.mktemp("narrow")
    changes = {"max_waiting": 4, "lock_wait": 1.0}
    with Service(folder, f"{simulator.address}/gvr", changes=changes) as service:
        yield service


@pytest.mark.failure(
    part="ledger-sqlite",
    fault="another program locks it for long",
    sender="The answer waits 5 to 10 s; then 503 with Retry-After and rule `INTAKE-UNAVAILABLE`.",
    operator="Log `ledger cannot write` (SQLITE_BUSY); `/health/ready` 503 with part `ledger`. Copy a"
    " running ledger"
    " with SQLite's backup, not with a program that locks it.",
    kept="Everything that was acknowledged.",
    recovers="By itself, when the lock is gone; the sender sends again.",
)
@pytest.mark.failure(
    part="sender",
    fault="sends more than the ledger can keep up with",
    sender="429 with Retry-After and rule `INTAKE-BUSY`, at once.",
    operator='`vardbro_bundles_total{status="429"}` and the histogram `vardbro_bundle_seconds`.',
    kept="Everything that was acknowledged; of what was answered 429 nothing.",
    recovers="The sender sends again after Retry-After.",
)
def test_a_ledger_that_cannot_write_answers_429_or_503_and_goes_on_afterwards(
    narrow: Service, register: Register, number: str
) -> None:
    narrow.until_accepted(narrow.take(number))
    with contextlib.closing(sqlite3.connect(narrow.folder / "vardbro.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(16) as senders:
            numbers = [f"{number}-{n}" for n in range(16)]
            answers = list(senders.map(lambda one: narrow.submit(contact(one)), numbers))
        assert narrow.logged("ledger cannot write", error="SQLITE_BUSY")
        other.execute("ROLLBACK")
    rules = {429: "INTAKE-BUSY", 503: "INTAKE-UNAVAILABLE"}
    assert {answer.status_code for answer in answers} == rules.keys()
    for answer in answers:
        assert int(answer.headers["retry-after"]) > 0
        assert rules[answer.status_code] in answer.text
    assert narrow.metric('vardbro_bundles_total{status="429"}') > 0
    until(lambda: narrow.failing() == [])
    assert len(narrow.messages()) == 1
    for one in numbers:
        event = event_of(until(lambda one=one: taken(narrow.submit(contact(one)))))  # type: ignore[misc]
        narrow.until_accepted(event)
        assert register.calls(event) == ["POST"]


def taken(answer: httpx.Response) -> httpx.Response | None:
    """The answer if it is a success."""
    return answer if answer.status_code == 200 else None
