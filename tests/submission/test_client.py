"""Sending to an adapter that is busy, away, or of another opinion."""

from collections.abc import Callable

import httpx
import pytest

from adapter.submission.client import TRIES, Client
from adapter.submission.sources import Submission

BUNDLE = Submission("x.json", b'{"resourceType": "Bundle"}')


class Script:
    """Plays prepared answers and notes what was asked and how long was waited."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, url: str = "http://127.0.0.1:1") -> Client:
        return Client(url, "secret", "en", transport=httpx.MockTransport(self), sleep=self.waits.append)


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, json={"resourceType": "OperationOutcome"}, headers=headers)


def test_the_bytes_go_as_they_are_with_type_language_and_token() -> None:
    script = Script(status(200))
    assert script.client("http://127.0.0.1:1/fhir/").send(BUNDLE).taken
    (request,) = script.requests
    assert (request.method, request.url.path, request.content) == ("POST", "/fhir", BUNDLE.raw)
    assert request.headers["content-type"] == "application/fhir+json"
    assert request.headers["accept-language"] == "en"
    assert request.headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize("code", [400, 409, 413, 415, 422])
def test_a_refusal_is_final(code: int) -> None:
    script = Script(status(code))
    reply = script.client().send(BUNDLE)
    assert (reply.status, reply.taken, len(script.requests)) == (code, False, 1)


@pytest.mark.parametrize(
    "away", [lambda: status(429, **{"Retry-After": "3"}), lambda: status(503), lambda: httpx.ConnectError("")]
)
def test_a_busy_or_absent_adapter_gets_the_same_bytes_again(
    away: Callable[[], httpx.Response | Exception],
) -> None:
    script = Script(away(), status(200))
    assert script.client().send(BUNDLE).taken
    assert [request.content for request in script.requests] == [BUNDLE.raw] * 2
    assert len(script.waits) == 1


def test_the_wait_is_the_one_that_is_asked_for_but_bounded() -> None:
    script = Script(status(429, **{"Retry-After": "3"}), status(429, **{"Retry-After": "900"}), status(200))
    script.client().send(BUNDLE)
    assert script.waits == [3.0, 10.0]


def test_it_gives_up_in_the_end_and_says_why() -> None:
    script = Script(httpx.ConnectError(""))
    reply = script.client().send(BUNDLE)
    assert (reply.status, reply.failure) == (None, "ConnectError")
    assert len(script.requests) == TRIES


def message_answer(code: str) -> httpx.Response:
    header = {"resourceType": "MessageHeader", "response": {"identifier": "m", "code": code}}
    return httpx.Response(200, json={"type": "message", "entry": [{"resource": header}]})


def test_a_message_that_is_answered_fatal_is_not_taken() -> None:
    script = Script(message_answer("fatal-error"))
    reply = script.client().send(BUNDLE)
    assert (reply.status, reply.taken, len(script.requests)) == (422, False, 1)


def test_a_message_that_could_not_be_taken_now_is_sent_again() -> None:
    script = Script(message_answer("transient-error"), message_answer("ok"))
    assert script.client().send(BUNDLE).taken
    assert len(script.requests) == 2
