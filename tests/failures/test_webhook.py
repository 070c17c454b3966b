"""The receiver of webhooks is down, answers with an error, or is too slow: nobody else notices."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.deployment import Register, Service, until
from tests.support.proxy import Proxy

SECRET = "whsec_dmFyZGJybyBmYWlsdXJlIHRlc3RzIDAxMjM0NQ=="
AGAIN = "Again, by itself."
UNTOUCHED = "200 as always; meanwhile the status and the feed tell what became of its contacts."


class Receiver:
    """A sender's own server. `status` is what it answers, `slow` how many seconds that takes."""

    def __init__(self) -> None:
        self.status, self.slow = 200, 0.0
        self.got: list[tuple[str, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.headers["webhook-id"], body))
                time.sleep(receiver.slow)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def told(self, event: str) -> list[tuple[str, str]]:
        """What was said of an event: (webhook-id, state), in order."""
        return [
            (number, change["state"])
            for number, body in self.got
            for change in json.loads(body)["data"]["changes"]
            if change["event_id"] == event
        ]

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class Hooked:
    """A service that tells its sender, and the way to that sender's server."""

    def __init__(self, service: Service, receiver: Receiver, wire: Proxy) -> None:
        self.service, self.receiver, self.wire = service, receiver, wire


@pytest.fixture(scope="module")
def shared(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    receiver = Receiver()
    with Proxy(receiver.port) as wire:
        hook = f'webhook = "http://127.0.0.1:{wire.port}/hook"\nwebhook_secret = "{SECRET}"'
        with Service(
            tmp_path_factory.mktemp("hooked"),
            f"{simulator.address}/gvr",
            changes={"hook_wait": 0.3, "hook_timeout": 2.0},
            more=f"[senders.default]\n{hook}",
        ) as service:
            # A new hook tells what happens after it has begun.
            until(lambda: service.take("VK-HOOK") and receiver.got)
            yield Hooked(service, receiver, wire)
    receiver.close()


@pytest.fixture
def hooked(shared: Hooked, register: Register) -> Iterator[Hooked]:
    """Everything works, before and after."""
    yield shared
    shared.receiver.status, shared.receiver.slow = 200, 0.0
    shared.wire.accept()


def recovered(hooked: Hooked, event: str, times: int) -> list[dict[str, Any]]:
    """Wait until the event's change was told so often at least; then the log's word that all is well."""
    until(lambda: len(hooked.receiver.told(event)) >= times)
    return until(lambda: hooked.service.logged("hook.recovered"))


@pytest.mark.failure(
    part="webhook",
    fault="down",
    sender=UNTOUCHED,
    operator="Log `hook.failing` once, with the cause, and `hook.recovered` once.",
    kept="Every change, in order, with how far the hook has come.",
    recovers=AGAIN,
)
def test_a_hook_that_is_down_is_told_everything_in_order_when_it_is_up(
    hooked: Hooked, register: Register, number: str
) -> None:
    service = hooked.service
    hooked.wire.refuse()
    failures = len(service.logged("hook.failing"))
    event = service.take(number)
    service.until_accepted(event)
    until(lambda: len(service.logged("hook.failing", cause="connect")) == failures + 1)
    service.take(number, version=2)
    service.until_accepted(event)
    assert service.failing() == []
    assert hooked.receiver.told(event) == []
    hooked.wire.accept()
    recovered(hooked, event, times=2)
    assert [state for _, state in hooked.receiver.told(event)] == ["accepted", "accepted"]
    assert len(service.logged("hook.failing")) == failures + 1


@pytest.mark.failure(
    part="webhook",
    fault="answers with an error",
    sender=f"{UNTOUCHED} A `Retry-After` is kept to; after a 410 nothing is sent until the next start.",
    operator="Log `hook.failing` once, with the status, and `hook.recovered` once.",
    kept="Every change, in order, with how far the hook has come.",
    recovers=AGAIN,
)
def test_a_hook_that_answers_with_an_error_is_told_the_same_again(
    hooked: Hooked, register: Register, number: str
) -> None:
    hooked.receiver.status = 500
    event = hooked.service.take(number)
    until(lambda: hooked.service.logged("hook.failing", cause="http-500"))
    until(lambda: len(hooked.receiver.told(event)) >= 2)
    hooked.receiver.status = 200
    recovered(hooked, event, times=3)
    assert {state for _, state in hooked.receiver.told(event)} == {"accepted"}
    assert len({number for number, _ in hooked.receiver.told(event)}) == 1


@pytest.mark.failure(
    part="webhook",
    fault="too slow",
    sender=f"{UNTOUCHED} What it took and answered too late (10 s) it gets again, under the same id.",
    operator="Log `hook.failing` once, with cause `timeout`, and `hook.recovered` once.",
    kept="Every change, in order, with how far the hook has come.",
    recovers=AGAIN,
)
def test_a_hook_that_is_too_slow_holds_nobody_up_and_is_told_again(
    hooked: Hooked, register: Register, number: str
) -> None:
    service = hooked.service
    hooked.receiver.slow = 3.0
    event = service.take(number)
    until(lambda: hooked.receiver.told(event))
    other = service.take(f"{number}-other")
    service.until_accepted(other)
    until(lambda: service.logged("hook.failing", cause="timeout"))
    hooked.receiver.slow = 0.0
    until(lambda: hooked.receiver.told(other))
    assert len({number for number, _ in hooked.receiver.told(event)}) == 1
    assert len(hooked.receiver.told(event)) >= 2
