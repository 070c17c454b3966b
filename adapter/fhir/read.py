"""Reads what a sender posted: syntax, limits, R4 structure, and the index of references. Pure."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec

from adapter.domain.finding import Finding, Findings, has_error
from adapter.domain.rule import Catalogue
from adapter.fhir.bundle import Bundle
from adapter.fhir.parse import Limits, count_keys, duplicates, is_xml, may_have_duplicates, parse_object
from adapter.fhir.profile import Profiles, claim_remarks, intake_remarks
from adapter.fhir.structure.bundle_rules import is_usual
from adapter.fhir.structure.explain import MAX_FINDINGS, EnoughSaid, Explanation
from adapter.fhir.structure.validator import r4_validator

__all__ = ["Limits", "Reading", "read", "validate", "validate_resource"]

Json = dict[str, Any]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read.

    `bundle` is None when nothing could be read; `status` then says what to answer (400, or 413 for size).
    `bad_entries` are the indexes of the entries with structural errors. Errors of the bundle itself stand
    in `findings` only and concern every entry.
    """

    bundle: Bundle | None
    findings: list[Finding]
    bad_entries: frozenset[int] = frozenset()
    status: int | None = None


_MODIFIER = (b"modifierExtension", b"implicitRules", b"\\u")
"""A bundle without any of these in its bytes has no modifier extension and no implicit rules: names can be
written with escapes."""


def read(
    raw: bytes, catalogue: Catalogue, limits: Limits | None = None, profiles: Profiles | None = None
) -> Reading:
    """Read a Bundle (FHIR R4, JSON or XML, UTF-8). Never raises for what the bytes hold.

    What resources claim in ``meta.profile`` is checked against `profiles` (adapter.fhir.profile.claims).
    """
    findings, limits = Findings(catalogue), limits or Limits()
    parsed, status = parse_object(raw, limits, findings)
    if parsed is not None and parsed.get("resourceType") != "Bundle":
        _not_a_bundle(parsed, findings)
        parsed, status = None, 400
    if parsed is None:
        _tell_of_more(findings)
        return Reading(bundle=None, findings=list(findings), status=status)
    if len(_entries(parsed)) > limits.entries:
        findings.add("FHIR-ENTRIES", "Bundle.entry", limit=str(limits.entries))
        return Reading(bundle=None, findings=list(findings), status=413)
    bundle = Bundle(parsed)
    bundle.may_modify = any(sign in raw for sign in _MODIFIER)
    badly_written = _entries_named(findings)
    bad, keys = _check_bundle(bundle, findings)
    bad |= badly_written
    if raw[:1] != b"{" and is_xml(raw):
        pass  # XML's repetitions are lists
    elif may_have_duplicates(raw, keys):
        bad |= _tell_duplicates(raw, "Bundle", findings)
    _tell_of_more(findings)
    if profiles is not None:
        findings.extend(intake_remarks(bundle, bad, profiles, catalogue))
    return Reading(bundle=bundle, findings=list(findings), bad_entries=frozenset(bad))


def validate(
    raw: bytes, catalogue: Catalogue, limits: Limits | None = None, profiles: Profiles | None = None
) -> list[Finding]:
    """What is wrong with a resource of any type, given as bytes; paths begin at its type.

    Where it claims one of `profiles`, what it breaks of it is wrong, too.
    """
    findings = Findings(catalogue)
    parsed, _ = parse_object(raw, limits or Limits(), findings)
    if parsed is None:
        return list(findings)
    findings.extend(validate_resource(parsed, catalogue))
    if not is_xml(raw) and may_have_duplicates(raw, count_keys(parsed)):
        _tell_duplicates(raw, _root(parsed), findings)
    if profiles is not None and not has_error(findings):
        findings.extend(claim_remarks([(parsed, _root(parsed))], profiles, catalogue))
    return list(findings)


def validate_resource(resource: Json, catalogue: Catalogue) -> list[Finding]:
    """What is wrong with a parsed resource of any type by R4's structure; paths begin at its type."""
    findings = Findings(catalogue)
    name = _root(resource)
    if name == "Bundle":
        _check_bundle(Bundle(resource), findings)
    else:
        with suppress(EnoughSaid):
            r4_validator().explanation(findings, {}).resource(resource, name)
    _tell_of_more(findings)
    return list(findings)


def _check_bundle(bundle: Bundle, findings: Findings) -> tuple[set[int], int]:
    """Object to what is wrong with the bundle; its bad entries, and the number of properties in it."""
    raw, validator = bundle.raw, r4_validator()
    entries = _entries(raw)
    head = {name: value for name, value in raw.items() if name != "entry" or not entries}
    sound, suspects, keys = validator.suspects(head, entries, bundle.types)
    keys += bool(entries)
    if sound and not suspects and is_usual(raw, entries, bundle.types):
        return set(), keys
    explanation = validator.explanation(findings, bundle.types)
    bad: set[int] = set()
    try:
        if not sound:
            explanation.object("Bundle", head, "Bundle")
        bad.update(index for index in suspects if _explain(explanation, entries[index], index, findings))
        bad |= _bundle_rules(raw, explanation, findings)
    except EnoughSaid:
        bad.update(suspects)
    return bad, keys + sum(count_keys(entries[index]) for index in suspects)


def _entries(bundle: Json) -> list[Any]:
    entries = bundle.get("entry")
    return entries if isinstance(entries, list) else []


def _tell_duplicates(raw: bytes, root: str, findings: Findings) -> set[int]:
    """Object to properties that are named twice; the entries that they stand in."""
    bad = set()
    known = r4_validator().known
    for place in duplicates(raw)[:MAX_FINDINGS]:
        path = root
        for step in place:
            if isinstance(step, int):
                path += f"[{step}]"
            elif step in known:
                path += f".{step}"
        findings.add("FHIR-DUPLICATE-KEY", path)
        if len(place) > 1 and place[0] == "entry" and isinstance(place[1], int):
            bad.add(place[1])
    return bad


def _explain(explanation: Explanation, entry: Any, index: int, findings: Findings) -> bool:
    before = len(findings)
    explanation.object("Bundle.entry", entry, f"Bundle.entry[{index}]")
    return has_error(list(findings)[before:])


def _bundle_rules(bundle: Json, explanation: Explanation, findings: Findings) -> set[int]:
    before = len(findings)
    explanation.bundle_rules(bundle, "Bundle")
    return _entries_named(list(findings)[before:])


def _entries_named(findings: Iterable[Finding]) -> set[int]:
    """The indexes of the entries that findings point into."""
    return {
        int(path[13 : path.index("]")])
        for finding in findings
        for path in finding.expression
        if path.startswith("Bundle.entry[")
    }


def _root(resource: Json) -> str:
    """Where paths begin: the type, when it is one of R4's (anything else is not repeated)."""
    name = resource.get("resourceType")
    return name if isinstance(name, str) and name in r4_validator().resources else "Resource"


def _not_a_bundle(parsed: Json, findings: Findings) -> None:
    name = _root(parsed)
    if "resourceType" not in parsed:
        findings.add("FHIR-RESOURCE-TYPE-MISSING", name)
    elif name == "Resource":
        findings.add("FHIR-RESOURCE-TYPE", name)
    else:
        findings.add("FHIR-NOT-BUNDLE", name, type=name)


def _tell_of_more(findings: Findings) -> None:
    if len(findings) >= MAX_FINDINGS and has_error(findings):
        findings.add("FHIR-MORE", limit=str(MAX_FINDINGS))
