"""POST /fhir/{type}/$validate: 200 with an OperationOutcome, whatever is wrong with the resource."""

from typing import Any

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import Call, Refused
from adapter.api.fhir.parameters import Given, as_bytes, asked_in_address, values_of, wrong
from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.fhir.parse import Limits, parse_object
from adapter.fhir.structure.validator import r4_validator
from adapter.validation import MODES, Asked, Checker

RIGHT = "system/Encounter.c"
"""Who may send may ask whether it would be right."""


class ValidateDoor:
    """Asks the checker; nothing is stored."""

    def __init__(self, checker: Checker, catalogue: Catalogue, limits: Limits) -> None:
        self._checker = checker
        self._catalogue = catalogue
        self._answers = Answers(catalogue)
        self._limits = limits

    async def validate(self, call: Call) -> IntakeAnswer:
        """Answer one question: the resource is the body, or the parameter ``resource`` of Parameters."""
        kind = call.request.path_params.get("type")
        if kind is not None and kind not in r4_validator().resources:
            raise Refused(404, "HTTP-NOT-FOUND", len(call.raw), kept=False)
        raw, given = self._unwrapped(call, kind)
        if raw is None:
            return self._would_delete(call, kind)
        findings = self._checker.findings(raw, call.sender, _asked(kind, given))
        return IntakeAnswer(status=200, body=self._answers.outcome(findings, call.lang))

    def _would_delete(self, call: Call, kind: str | None) -> IntakeAnswer:
        """What a DELETE would do at an address: R4 wants no resource to be sent for that."""
        findings = Findings(self._catalogue)
        rule = "FHIR-VALIDATE-WOULD-CANCEL" if kind == "Encounter" else "FHIR-VALIDATE-DELETE"
        findings.add(rule, kind or "")
        return IntakeAnswer(status=200, body=self._answers.outcome(findings, call.lang))

    def _unwrapped(self, call: Call, kind: str | None) -> tuple[bytes | None, Given]:
        """The resource as bytes (None: none is needed), and the parameters of address and body together."""
        asked = asked_in_address(call)
        body = self._parameters(call.raw) if kind != "Parameters" and b"Parameters" in call.raw else None
        if body is None:
            return call.raw, asked
        inner = Given(values_of(body))
        resource = inner.resource("resource")
        both = Given(
            [(name, value) for given in (asked, inner) for name in _NAMES for value in given.all(name)]
        )
        if resource is None and _asked(kind, both).mode != "delete":
            raise wrong("resource", len(call.raw))
        return None if resource is None else as_bytes(resource), both

    def _parameters(self, raw: bytes) -> dict[str, Any] | None:
        """The body as Parameters, None when it is another resource or cannot be read."""
        found, _ = parse_object(raw, self._limits, Findings(self._catalogue))
        return found if found is not None and found.get("resourceType") == "Parameters" else None


_NAMES = ("profile", "mode")


def _asked(kind: str | None, given: Given) -> Asked:
    written = given.text("mode")
    if written is not None and written not in MODES:
        raise wrong("mode")
    profiles = [one for one in given.all("profile") if isinstance(one, str) and one]
    if len(profiles) != len(given.all("profile")):
        raise wrong("profile")
    mode = None if written is None else MODES[written]
    return Asked(type=kind, profiles=tuple(profiles), mode=mode)
