"""GET /fhir/metadata: what is really there, written when it is first asked for."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from adapter.api.fhir.media import FHIR_JSON
from adapter.domain.canonical import BASE
from adapter.version import VERSION


def capability_statement(url: str, *, is_open: bool, now: datetime) -> bytes:
    """The CapabilityStatement of this version as FHIR JSON; `url` is the address of ``/fhir``."""
    # imported here: the models take a good part of a second to load, and a service must be quick to restart
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement  # noqa: PLC0415

    return CapabilityStatement(**_content(url, is_open=is_open, now=now)).model_dump_json().encode()


class Metadata:
    """Answers the statement; its date is that of the start."""

    def __init__(self, url: str, *, is_open: bool) -> None:
        self._url, self._is_open, self._started = url, is_open, datetime.now(UTC)

    async def __call__(self, _: Request) -> Response:
        """The statement."""
        return Response(self._body, media_type=FHIR_JSON)

    @cached_property
    def _body(self) -> bytes:
        return capability_statement(self._url, is_open=self._is_open, now=self._started)


def _content(url: str, *, is_open: bool, now: datetime) -> dict[str, Any]:
    return {
        "url": f"{BASE}/CapabilityStatement/vardbro",
        "name": "vardbro",
        "title": "vardbro: FHIR adapter for Swedish care-contact reporting",
        "version": VERSION,
        "status": "active",
        "date": now.replace(microsecond=0).isoformat(),
        "publisher": "vardbro",
        "description": (
            "Takes bundles of care contacts and forwards register messages. No repository: resources cannot "
            "be read back, the location in an answer names the event's status resource."
        ),
        "kind": "instance",
        "software": {"name": "vardbro", "version": VERSION},
        "implementation": {"description": "vardbro", "url": url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "POST Bundle to the base: type transaction, batch, collection or document. "
                    "Idempotency: Bundle.identifier, else the header Idempotency-Key, else the content."
                ),
                "security": {"description": _security(is_open)},
                "interaction": [
                    {"code": "transaction", "documentation": "All events are taken or none."},
                    {"code": "batch", "documentation": "One wrong contact does not hold back the others."},
                ],
            }
        ],
    }


def _security(is_open: bool) -> str:
    if is_open:
        return "No sender is configured: the door is open, and listens on loopback only."
    return "Each sender proves itself with its own token: Authorization: Bearer."
