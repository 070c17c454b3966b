"""``$validate``: what intake would say of a resource, with nothing stored. Pure but for tables and clock.

Layers, each of which finds what the one before it lets pass: syntax, R4's structure, the profiles that are
claimed or asked for, and, for a Bundle, the reporting rules of each register.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from adapter.domain.finding import Finding, Findings
from adapter.fhir.parse import Limits, parse_object
from adapter.fhir.read import validate
from adapter.fhir.structure.validator import r4_validator
from adapter.mapping.context import MappingContext, Sender
from adapter.translation import Contact, Translator

Json = dict[str, Any]
Mode = Literal["create", "update", "delete", "profile"]

MODES: dict[str, Mode] = {"create": "create", "update": "update", "delete": "delete", "profile": "profile"}
_GRAVITY = {"information": 0, "warning": 1, "error": 2}
_BASE = "http://hl7.org/fhir/StructureDefinition/"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a resource beside whether it is right: that it be of a `type` and fulfil `profiles`,
    and may be used in a `mode`."""

    type: str | None = None
    profiles: tuple[str, ...] = ()
    mode: Mode | None = None


class Checker:
    """Judges as the translator does that is in use; `context` gives what is known of a sender."""

    def __init__(
        self,
        translator: Translator,
        context: Callable[[Sender], MappingContext],
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._translator = translator
        self._context = context
        self._limits = limits
        self._clock = clock

    def findings(self, raw: bytes, sender: Sender, asked: Asked) -> list[Finding]:
        """Everything there is to say, each once. Never raises for what the bytes hold."""
        catalogue = self._translator.catalogue
        findings = Findings(catalogue)
        resource, _ = parse_object(raw, self._limits, findings)
        if resource is None:
            return list(findings)
        kind = resource.get("resourceType")
        root = kind if isinstance(kind, str) and kind in r4_validator().resources else "Resource"
        if kind == "Bundle":
            findings = self._bundle(raw, sender)
        else:
            findings = Findings(catalogue)
            findings.extend(validate(raw, catalogue, self._limits, self._translator.profiles))
        _check_asked(resource, root, asked, findings)
        self._check_profiles(resource, root, asked.profiles, findings)
        return _each_once(findings)

    def _bundle(self, raw: bytes, sender: Sender) -> Findings:
        reading = self._translator.read(raw)
        translation = self._translator.translate(reading, self._context(sender), arrived=self._clock())
        findings = Findings(self._translator.catalogue)
        findings.extend(translation.all_findings)
        for contact in translation.contacts:
            _tell_fates(contact, findings)
        return findings

    def _check_profiles(self, resource: Json, root: str, profiles: Iterable[str], findings: Findings) -> None:
        known = self._translator.profiles
        for url in profiles:
            bare, _, version = url.partition("|")
            is_r4 = version in _R4
            if is_r4 and bare.startswith(_BASE) and bare.removeprefix(_BASE) in r4_validator().resources:
                if bare.removeprefix(_BASE) != root:
                    findings.add("FHIR-VALIDATE-TYPE", root, type=bare.removeprefix(_BASE))
            elif known is None:
                findings.add("FHIR-PROFILE-UNKNOWN", root)
            else:
                known.check(resource, url, root, findings)


_R4 = frozenset(("", "4.0", "4.0.1"))
"""The versions of R4's own profiles: none, or that of the standard."""


def _check_asked(resource: Json, root: str, asked: Asked, findings: Findings) -> None:
    if asked.type not in (None, root):
        findings.add("FHIR-VALIDATE-TYPE", root, type=asked.type or "")
    if asked.mode == "update" and not isinstance(resource.get("id"), str):
        findings.add("FHIR-VALIDATE-NO-ID", f"{root}.id")
    if asked.mode == "delete" and root != "Encounter":
        findings.add("FHIR-VALIDATE-DELETE", root)


def _tell_fates(contact: Contact, findings: Findings) -> None:
    """What would become of a contact at each register, as findings of severity information."""
    told = [verdict.register for verdict in contact.verdicts if verdict.fate == "message"]
    if told:
        findings.add("INTAKE-WOULD-REPORT", contact.mapped.encounter, registers=_listed(told))
    for verdict in contact.verdicts:
        if verdict.fate == "not-reported":
            rules = ", ".join(verdict.not_reported)
            findings.add(
                "INTAKE-WOULD-NOT-REPORT",
                contact.mapped.encounter,
                register=verdict.register,
                registers=verdict.register,
                rules=rules,
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """Of findings that say the same of the same place the gravest: a profile that is merely claimed warns of
    what one that was asked for forbids."""
    seen: dict[Any, Finding] = {}
    for finding in findings:
        said = (finding.rule, finding.register, finding.expression, tuple(finding.params.items()))
        other = seen.get(said)
        if other is None or _GRAVITY[finding.severity] > _GRAVITY[other.severity]:
            seen[said] = finding
    return list(seen.values())
