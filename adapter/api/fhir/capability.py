"""GET /fhir/metadata: what is really there, made of the list of interactions when it is first asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from adapter.api.fhir.door import public
from adapter.api.fhir.interactions import Interaction
from adapter.api.fhir.media import FHIR_JSON, FHIR_XML
from adapter.domain.canonical import base
from adapter.version import VERSION

Json = dict[str, Any]

_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_FORMATS = [FHIR_JSON, FHIR_XML, "json", "xml"]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the statement says beside the interactions. `url` is the address of ``/fhir``, `token` that of the
    token endpoint where there is one; `profiles` are canonical urls by resource type."""

    url: str
    now: datetime
    is_open: bool = True
    token: str | None = None
    profiles: dict[str, list[str]] = {}


def capability_statement(interactions: Sequence[Interaction], about: About) -> bytes:
    """The CapabilityStatement of this version as FHIR JSON."""
    # imported here: the models take a good part of a second to load, and a service must be quick to restart
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement  # noqa: PLC0415

    return CapabilityStatement(**_content(interactions, about)).model_dump_json().encode()


class Metadata:
    """Answers the statement. What it says beside the interactions is asked when it is first wanted."""

    def __init__(self, interactions: Sequence[Interaction], about: Callable[[], About]) -> None:
        self._interactions, self._about = interactions, about

    async def __call__(self, request: Request) -> Response:
        """The statement."""
        return public(request, self._body)

    @cached_property
    def _body(self) -> bytes:
        return capability_statement(self._interactions, self._about())


def _content(interactions: Sequence[Interaction], about: About) -> Json:
    content: Json = {
        "id": "vardbro",
        "url": f"{base()}/CapabilityStatement/vardbro",
        "name": "vardbro",
        "title": "vardbro: FHIR adapter for Swedish care-contact reporting",
        "version": VERSION,
        "status": "active",
        "date": about.now.isoformat(),
        "publisher": "vardbro",
        "description": (
            "Takes bundles of care contacts and forwards register messages. No repository: resources cannot "
            "be read back, the location in an answer names the event's status resource."
        ),
        "kind": "instance",
        "software": {"name": "vardbro", "version": VERSION, "releaseDate": about.now.isoformat()},
        "implementation": {"description": "vardbro", "url": about.url},
        "fhirVersion": "4.0.1",
        "format": _FORMATS,
        "rest": [_rest(interactions, about)],
        "messaging": [_messaging(about)],
    }
    return content


def _rest(interactions: Sequence[Interaction], about: About) -> Json:
    kinds = {kind: one.about for one in interactions for kind in one.kinds if not one.types}
    rest: Json = {
        "mode": "server",
        "documentation": (
            "POST Bundle to the base: type transaction, batch, collection, document or message. "
            "Idempotency: of a message Bundle.id and MessageHeader.id, else Bundle.identifier, else the "
            "header Idempotency-Key, else the content."
        ),
        "security": _security(about),
        "resource": [_resource(kind, interactions, about) for kind in _types(interactions)],
        "interaction": [
            {"code": kind, "documentation": kinds[kind]} for kind in ("transaction", "batch") if kind in kinds
        ],
    }
    operations = _operations(one for one in interactions if not one.types)
    if operations:
        rest["operation"] = operations
    return rest


def _types(interactions: Sequence[Interaction]) -> list[str]:
    return sorted({kind for one in interactions for kind in one.types})


def _resource(kind: str, interactions: Sequence[Interaction], about: About) -> Json:
    own = [one for one in interactions if kind in one.types and not one.form]
    resource: Json = {"type": kind}
    if about.profiles.get(kind):
        resource["supportedProfile"] = about.profiles[kind]
    named = [
        {"code": one, "documentation": interaction.about}
        for interaction in own
        for one in interaction.kinds
        if one in ("read", "search-type")
    ]
    if named:
        resource["interaction"] = named
    search = [
        {"name": one.name, "type": one.type, "documentation": one.about}
        for interaction in own
        for one in interaction.search
    ]
    if search:
        resource["searchParam"] = search
    operations = _operations(own)
    if operations:
        resource["operation"] = operations
    return resource


def _operations(interactions: Any) -> list[Json]:
    """Each operation once, though it may be asked at several addresses."""
    found: dict[str, Json] = {}
    for one in interactions:
        if "operation" in one.kinds:
            said = f"Experimental. {one.about}" if one.experimental else one.about
            found.setdefault(
                one.name, {"name": one.name, "definition": one.definition, "documentation": said}
            )
    return list(found.values())


def _security(about: About) -> Json:
    if about.is_open:
        text = "No sender is configured: the door is open, and listens on loopback only."
        return {"cors": False, "description": text}
    security: Json = {
        "cors": False,
        "description": "Each sender proves itself: Authorization: Bearer, or a client certificate.",
    }
    if about.token is not None:
        security["service"] = [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}]
        security["extension"] = [
            {"url": _OAUTH, "extension": [{"url": "token", "valueUri": about.token}]},
        ]
    return security


def _messaging(about: About) -> Json:
    return {
        "endpoint": [
            {
                "protocol": {
                    "system": "http://terminology.hl7.org/CodeSystem/message-transport",
                    "code": "http",
                },
                "address": f"{about.url}/$process-message",
            }
        ],
        "reliableCache": _RELIABLE_MINUTES,
        "documentation": "Reliable messaging by sender, Bundle.id and MessageHeader.id.",
        "supportedMessage": [
            {
                "mode": "receiver",
                "definition": f"{base()}/MessageDefinition/rapportera-vardkontakt",
            }
        ],
    }


_RELIABLE_MINUTES = 400 * 24 * 60
"""Ids of messages are known as long as the ledger keeps them: not less than this."""
