"""The sender or a connection fails: garbage, too much, too slowly, the wrong order, no answer."""

import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.deployment import Register, Service, contact, event_of, until
from tests.support.proxy import Proxy


def receipts(service: Service, status: int) -> float:
    """How many submissions were answered with a status."""
    return service.metric(f'vardbro_bundles_total{{status="{status}"}}')


@pytest.mark.failure(
    part="sender",
    fault="sends garbage",
    sender="400 with an OperationOutcome that names the rule, the element and what to do.",
    operator="Nothing to do.",
    kept="What could be read, as rejected; of what is no JSON only time, size and hash.",
    recovers="The sender mends and sends again; the key was not bound by the refusal.",
)
@pytest.mark.parametrize(
    ("content", "rule", "kept"),
    [
        (b"\x00\xffno json", "FHIR-JSON", False),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": 5}', "FHIR-", True),
    ],
)
def test_garbage_is_refused_with_its_rule_and_the_key_stays_free(
    service: Service, number: str, content: bytes, rule: str, kept: bool
) -> None:
    before = receipts(service, 400)
    answer = service.submit(content, idempotency_key=f"key-{number}")
    assert answer.status_code == 400
    assert rule in answer.json()["issue"][0]["details"]["coding"][0]["code"]
    assert receipts(service, 400) == before + 1
    assert service.newest_receipt() == (400, len(content), kept)
    bundle = contact(number)
    del bundle["identifier"]
    assert service.submit(bundle, idempotency_key=f"key-{number}").status_code == 200


@pytest.mark.failure(
    part="sender",
    fault="sends too much",
    sender="413 with rule `HTTP-SIZE` and the limit.",
    operator="Nothing to do. The memory does not grow: no more than the limit is read.",
    kept="Time, size and sender; no content.",
    recovers="The sender sends smaller bundles; `[intake] max_bytes` sets the limit.",
)
def test_a_body_beyond_the_limit_is_refused_without_being_read(service: Service) -> None:
    before = receipts(service, 413)
    answer = service.submit(b" " * 20_000_000)
    assert answer.status_code == 413
    assert "HTTP-SIZE" in answer.text
    assert receipts(service, 413) == before + 1
    assert service.newest_receipt() == (413, 20_000_000, False)
    assert service.failing() == []


@pytest.mark.failure(
    part="network",
    fault="the sender hangs up in the middle of the body",
    sender="Its own broken connection; there is no answer.",
    operator="Nothing: no metric moves, no lane is made.",
    kept="Nothing: what did not come whole was never taken.",
    recovers="The sender sends again.",
)
def test_a_sender_that_hangs_up_in_the_middle_leaves_nothing_behind(service: Service, number: str) -> None:
    messages = len(service.messages())
    with connected(service) as connection:
        connection.sendall(b"POST /fhir HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
        connection.sendall(b"content-length: 5000\r\n\r\n" + b'{"resourceType"')
    assert service.failing() == []
    assert len(service.messages()) == messages
    service.until_accepted(service.take(number))


@pytest.mark.failure(
    part="sender",
    fault="sends too slowly",
    sender="408 with rule `HTTP-SLOW` after `[intake] body_timeout` (60 s).",
    operator="Nothing to do; other senders are served meanwhile.",
    kept="Time, size and sender; no content.",
    recovers="The sender sends again.",
)
def test_a_body_that_trickles_is_given_up_and_holds_nobody_up(service: Service, number: str) -> None:
    before = receipts(service, 408)
    with connected(service) as connection:
        connection.sendall(b"POST /fhir HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
        connection.sendall(b"content-length: 5000\r\n\r\n{")
        service.until_accepted(service.take(number))
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert receipts(service, 408) == before + 1
    assert service.newest_receipt() == (408, 5000, False)


@pytest.mark.failure(
    part="sender",
    fault="uses a key again for other content",
    sender="409 with rule `INTAKE-KEY-REUSED`.",
    operator="Nothing to do.",
    kept="The first submission, and that there was a second one with another hash.",
    recovers="The sender takes a new key (Bundle.identifier or Idempotency-Key) for new content.",
)
def test_a_key_that_is_used_again_for_other_content_is_refused(service: Service, number: str) -> None:
    before = receipts(service, 409)
    event = service.take(number)
    other = contact(number, 2)
    other["identifier"]["value"] = f"{number}-1"
    answer = service.submit(other)
    assert answer.status_code == 409
    assert "INTAKE-KEY-REUSED" in answer.text
    assert receipts(service, 409) == before + 1
    assert service.newest_receipt()[0] == 409
    assert service.until_accepted(event)["states"] == ["accepted"]
    assert event_of(service.submit(contact(number, 2))) == event


@pytest.mark.failure(
    part="sender",
    fault="sends versions in the wrong order",
    sender="200 with finding `INTAKE-SUPERSEDED` for the older one (where the sender's versions are"
    " configured).",
    operator="The version in `/api/events/{id}` with disposition `superseded-on-arrival`.",
    kept="Both versions; the older one is never sent.",
    recovers="There is nothing to recover: the newest version stands.",
)
def test_an_older_version_that_comes_late_is_kept_and_not_sent(
    service: Service, register: Register, number: str
) -> None:
    def version(n: int) -> httpx.Response:
        bundle = contact(number, n, meta={"lastUpdated": f"2025-03-05T10:00:0{n}Z"})
        return service.submit(bundle)

    newer = version(2)
    event = event_of(newer)
    older = version(1)
    assert older.status_code == 200
    assert "INTAKE-SUPERSEDED" in older.text
    service.until_accepted(event)
    versions = service.http.get(f"/api/events/{event}").json()["versions"]
    assert [one["disposition"] for one in versions] == ["stored", "superseded-on-arrival"]
    assert register.calls(event) == ["POST"]


@pytest.mark.failure(
    part="network",
    fault="the sender's connection breaks before the answer",
    sender="No answer. It sends again and gets the first answer: the submission is stored once.",
    operator="Nothing: one receipt, one message.",
    kept="The submission, if it was committed before the connection broke.",
    recovers="The resend, by Bundle.identifier, Idempotency-Key or the body itself.",
)
def test_a_resend_after_a_lost_answer_gets_the_first_answer(
    service: Service, register: Register, number: str
) -> None:
    port = urlsplit(service.url).port
    assert port is not None
    before = len(service.messages())
    with Proxy(port) as wire, httpx.Client(trust_env=False, timeout=10) as client:
        wire.stall("back")
        lost = threading.Thread(target=submit_in_vain, args=(client, wire.port, contact(number)))
        lost.start()
        until(lambda: len(service.messages()) == before + 1)
        wire.cut()
        lost.join(10)
    first = service.submit(contact(number))
    second = service.submit(contact(number))
    assert first.status_code == 200
    assert first.content == second.content
    service.until_accepted(event_of(first))
    assert len(service.messages()) == before + 1
    assert register.calls(event_of(first)) == ["POST"]


@pytest.mark.failure(
    part="network",
    fault="the way to the register swallows packets",
    sender="200 with a receipt, as always.",
    operator="Log `attempted`: `unknown`, `read-timeout`; later `connect-timeout` or a look-up that"
    " was not answered. Intake does not slow down.",
    kept="The message and the frozen request of the attempt.",
    recovers="When packets get through: the look-up settles the doubt, then the lane flows.",
)
def test_packets_that_vanish_on_the_way_to_the_register_are_a_doubt_that_settles_itself(
    service: Service, line: Proxy, register: Register, number: str
) -> None:
    line.stall()
    event = service.take(number)
    until(lambda: service.logged("attempted", lane=service.lane(event)["id"], cause="read-timeout"))
    assert service.state(event) in ("unknown", "leased")
    service.take(f"{number}-other")
    line.carry()
    service.until_accepted(event)
    assert register.effects(event) == ["POST"]


def connected(service: Service) -> socket.socket:
    """A raw connection to the service."""
    parts = urlsplit(service.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=15)


def submit_in_vain(client: httpx.Client, port: int, bundle: object) -> None:
    """Send a bundle whose answer will not come."""
    with pytest.raises(httpx.HTTPError):
        client.post(f"http://127.0.0.1:{port}/fhir", json=bundle)
