"""The parameters of an operation, given in the address or in a Parameters resource (FHIR R4, Operations)."""

from typing import Any

import orjson

from adapter.api.fhir.door import Call, Refused
from adapter.domain.finding import Findings, has_error
from adapter.domain.rule import Catalogue
from adapter.fhir.parse import Limits, parse_object
from adapter.fhir.read import validate_resource

Json = dict[str, Any]
_TRUTHS = {"true": True, "false": False}
_MOST = 200
"""Parameters that an operation takes at most."""


class Unreadable(Exception):
    """The body is no Parameters resource; `findings` say why."""

    def __init__(self, findings: Findings) -> None:
        super().__init__("unreadable parameters")
        self.findings = findings


class Given:
    """Parameters by name. Refused (400, HTTP-PARAMETER) is raised for one whose value cannot be used."""

    def __init__(self, values: list[tuple[str, Any]]) -> None:
        self._values = values
        if len(values) > _MOST:
            raise wrong("parameter")

    def all(self, name: str) -> list[Any]:
        """The values of a name: texts from the address, values of any type from a body."""
        return [value for own, value in self._values if own == name]

    def text(self, *names: str) -> str | None:
        """The one text of a parameter that is written with any of these names."""
        found = [(name, value) for name in names for value in self.all(name)]
        if not found:
            return None
        name, value = found[0]
        if len(found) > 1 or not isinstance(value, str) or not value or "\0" in value:
            raise wrong(name)
        return value

    def flag(self, name: str) -> bool:
        """A truth value; false when it is not given."""
        found = self.all(name)
        if not found:
            return False
        value = _TRUTHS.get(found[0]) if isinstance(found[0], str) else found[0]
        if len(found) > 1 or not isinstance(value, bool):
            raise wrong(name)
        return value

    def resource(self, name: str) -> Json | None:
        """A resource."""
        found = self.all(name)
        if not found:
            return None
        if len(found) > 1 or not isinstance(found[0], dict) or "resourceType" not in found[0]:
            raise wrong(name)
        return dict(found[0])


def wrong(name: str, size: int = 0) -> Refused:
    """The refusal of a parameter. It is not recorded: who asks a wrong question has sent nothing."""
    return Refused(400, "HTTP-PARAMETER", size, {"name": name}, kept=False)


def asked_in_address(call: Call) -> Given:
    """The parameters of a query."""
    return Given(list(call.request.query_params.multi_items()))


def asked_in_body(call: Call, catalogue: Catalogue, limits: Limits) -> Given:
    """The parameters of a Parameters resource. Raises Unreadable."""
    findings = Findings(catalogue)
    resource, _ = parse_object(call.raw, limits, findings)
    if resource is None:
        raise Unreadable(findings)
    if resource.get("resourceType") != "Parameters":
        raise wrong("Parameters", len(call.raw))
    findings.extend(validate_resource(resource, catalogue))
    if has_error(findings):
        raise Unreadable(findings)
    return Given(values_of(resource))


def values_of(parameters: Json) -> list[tuple[str, Any]]:
    """Name and value (or resource) of each parameter of a Parameters resource; those without are left out."""
    found = []
    for parameter in _objects(parameters.get("parameter")):
        name = parameter.get("name")
        value = parameter.get("resource", next((v for k, v in parameter.items() if k[:5] == "value"), None))
        if isinstance(name, str) and value is not None:
            found.append((name, value))
    return found


def as_bytes(resource: Json) -> bytes:
    """A resource of a parameter as it would have come alone."""
    return orjson.dumps(resource)


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
