"""Reading a FHIR server that is busy, wrong, or hostile."""

from collections.abc import Callable

import httpx
import pytest

from adapter.pull.source import NotOffered, Source, SourceError
from adapter.submission.client import TRIES


def source(answer: Callable[[httpx.Request], httpx.Response], waits: list[float] | None = None) -> Source:
    sleep = (lambda _: None) if waits is None else waits.append
    return Source("https://ehr.example/r4/", "t", transport=httpx.MockTransport(answer), sleep=sleep)


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(200, json=_bundle())]
    waits: list[float] = []
    assert list(source(lambda _: answers.pop(0), waits).pages("Encounter", {})) == [[]]
    assert waits == [3.0]


def test_it_gives_up_in_the_end() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        raise httpx.ReadTimeout("")

    with pytest.raises(SourceError, match="ReadTimeout"):
        list(source(answer).pages("Encounter", {}))
    assert len(asked) == TRIES


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"resourceType":"Patient"}', b"\xff\xfe"])
def test_an_answer_that_is_no_bundle_is_an_error_that_quotes_nothing(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        list(source(lambda _: httpx.Response(200, content=content)).pages("Encounter", {}))
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 401])
def test_a_redirect_or_refusal_is_not_followed(status: int) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"Location": "https://elsewhere.example"})

    with pytest.raises(SourceError) as caught:
        list(source(answer).pages("Encounter", {}))
    assert not isinstance(caught.value, NotOffered)


def test_pages_that_go_round_in_a_circle_end() -> None:
    link = [{"relation": "next", "url": "https://ehr.example/r4/Encounter?page=2"}]
    with pytest.raises(SourceError, match="circle"):
        list(source(lambda _: httpx.Response(200, json=_bundle(link=link))).pages("Encounter", {}))


@pytest.mark.parametrize(
    "url",
    ["http://ehr.example/r4/Encounter?page=2", "https://ehr.example:8443/r4?p=2", "//elsewhere.example/r4"],
)
def test_a_next_page_at_another_origin_is_refused(url: str) -> None:
    link = [{"relation": "next", "url": url}]
    with pytest.raises(SourceError, match="another server"):
        list(source(lambda _: httpx.Response(200, json=_bundle(link=link))).pages("Encounter", {}))


def test_a_relative_next_page_is_read_from_the_base() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        link = [{"relation": "next", "url": "Encounter?page=2"}] if len(asked) == 1 else []
        return httpx.Response(200, json=_bundle(link=link))

    list(source(answer).pages("Encounter", {}))
    assert asked[1] == "https://ehr.example/r4/Encounter?page=2"


def _bundle(**members: object) -> dict[str, object]:
    return {"resourceType": "Bundle", "type": "searchset", **members}
