"""GET /fhir/metadata: what is really there, written once at start."""

from datetime import UTC, datetime
from typing import Any

from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from starlette.requests import Request
from starlette.responses import Response

from adapter.api.media import FHIR_JSON
from adapter.domain.canonical import BASE
from adapter.version import VERSION


def capability_statement(url: str, *, is_open: bool, now: datetime) -> bytes:
    """The CapabilityStatement of this version as FHIR JSON; `url` is the address of ``/fhir``."""
    return CapabilityStatement(**_content(url, is_open=is_open, now=now)).model_dump_json().encode()


class Metadata:
    """Answers the statement that was written at start."""

    def __init__(self, url: str, *, is_open: bool) -> None:
        self._body = capability_statement(url, is_open=is_open, now=datetime.now(UTC))

    async def __call__(self, _: Request) -> Response:
        """The statement."""
        return Response(self._body, media_type=FHIR_JSON)


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
