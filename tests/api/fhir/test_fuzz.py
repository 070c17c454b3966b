"""Whatever is asked of the FHIR face and of the operations API, no answer is a fault of ours."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapter.composition import Application
from adapter.config import load_config
from tests.test_intake import sample

EXAMPLES = 6
_FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


_MAY_BE_AWAY = frozenset({"/health/ready"})
"""Here 503 is an answer: no courier is at work."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server process's face on a port of its own, in a thread."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    file = folder / "vardbro.toml"
    file.write_text(f'[ledger]\nurl = "sqlite:///{folder / "ledger.db"}"\n[registers.gvr]\nenabled = true\n')
    application = Application.build(load_config(file))
    server = uvicorn.Server(uvicorn.Config(application.create_app(), port=0, log_level="critical"))

    async def serve() -> None:
        await server.serve()
        await application.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with closing(httpx.Client(base_url=address, trust_env=False, timeout=30.0)) as made:
        yield made


def is_fhir(answer: httpx.Response) -> bool:
    return answer.status_code < 500 and (
        not answer.content or "resourceType" in answer.json() or answer.status_code == 304
    )


@pytest.mark.parametrize("document", ["/fhir/openapi.json", "/api/openapi.json"])
def test_no_question_of_the_described_form_is_a_fault(client: httpx.Client, document: str) -> None:
    schema = schemathesis.openapi.from_dict(client.get(document).json())
    for found in schema.get_all_operations():
        _holds(found.ok(), client)


def _holds(operation: Any, client: httpx.Client) -> None:
    """Ask a few questions of one operation."""

    @_FEW
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
        (asked.get("params") or {}).pop("wait", None)
        answer = client.request(
            asked["method"],
            asked["url"],
            params=asked.get("params"),
            headers={k: v for k, v in dict(asked.get("headers") or {}).items() if v.isascii()},
            content=asked.get("data") if isinstance(asked.get("data"), bytes | str) else None,
            json=asked.get("json"),
        )
        assert answer.status_code < 500 or operation.path in _MAY_BE_AWAY, (operation.label, answer.text)

    holds()


OPERATIONS = (
    "$process-message",
    "$validate",
    "Bundle/$validate",
    "ConceptMap/$translate",
    "$import-ndjson",
    "",
)

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_names = st.sampled_from(
    ["resourceType", "type", "entry", "resource", "id", "parameter", "name", "valueCode", "coding", "focus"]
) | st.sampled_from(
    ["response", "source", "eventCoding", "request", "method", "fullUrl", "identifier", "meta", "profile"]
)
_json = st.recursive(
    _scalars | st.sampled_from(["Bundle", "Parameters", "MessageHeader", "Encounter", "message", "code"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(_FEW, max_examples=25)
@given(body=_json)
def test_no_json_is_a_fault(client: httpx.Client, operation: str, body: Any) -> None:
    kind = "application/fhir+ndjson" if operation == "$import-ndjson" else "application/fhir+json"
    raw = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS) if _fits(body) else b"{"
    answer = client.post(f"/fhir/{operation}", content=raw, headers={"content-type": kind})
    assert is_fhir(answer), answer.text


def _fits(body: Any) -> bool:
    try:
        orjson.dumps(body)
    except (TypeError, ValueError):
        return False
    return True


def _message() -> dict[str, Any]:
    entries = [
        {name: entry[name] for name in ("fullUrl", "resource")}
        for entry in sample("mottagningsbesok-sjukskoterska")["entry"]
    ]
    header = {
        "resourceType": "MessageHeader",
        "id": "m",
        "source": {"endpoint": "urn:x"},
        "eventUri": "urn:y",
    }
    return {"resourceType": "Bundle", "id": "b", "type": "message", "entry": [{"resource": header}, *entries]}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


_PLACES = [place for place in _places(_message()) if place]


@pytest.mark.parametrize("operation", ["$process-message", "Bundle/$validate"])
@settings(_FEW, max_examples=60)
@given(place=st.sampled_from(_PLACES), value=_json, number=st.integers(0, 3))
def test_no_message_with_one_thing_wrong_is_a_fault(
    client: httpx.Client, operation: str, place: tuple[Any, ...], value: Any, number: int
) -> None:
    body = _message()
    body["entry"][0]["resource"]["id"] = f"m{number}"
    owner: Any = body
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value if _fits(value) else None
    answer = client.post(
        f"/fhir/{operation}", content=orjson.dumps(body), headers={"content-type": "application/fhir+json"}
    )
    assert is_fhir(answer), answer.text
