"""What a bundle or a resource claims in ``meta.profile``, and what follows from it.

A claim of one of our profiles is checked. The Swedish base profiles and Inera's EHDS profiles are recognised:
a finding says that they are not checked, and so it does of another version of one of ours. Any other claim is
left alone.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from adapter.domain.finding import Finding, Findings
from adapter.domain.rule import Catalogue
from adapter.fhir.bundle import Bundle
from adapter.fhir.profile.check import MOST_FINDINGS
from adapter.fhir.profile.profiles import Profiles, claims_of

Json = dict[str, Any]

RECOGNISED = ("SEBase", "inera-ehds-")
"""How the names of profiles begin that are recognised, whatever stands before the name in the url."""

_MOST_PLACES = 10

RULE_UNKNOWN = "FHIR-PROFILE-UNKNOWN"


def intake_remarks(
    bundle: Bundle, bad: Collection[int], profiles: Profiles, catalogue: Catalogue
) -> list[Finding]:
    """What is to say of the claims of a bundle and of its resources, when it is taken in.

    A broken claim is a warning here: the rules of reporting decide what is held or refused. The entries in
    `bad` are broken already; with any of them the bundle as a whole is not held to its own claim.
    """
    own = [(bundle.raw, "Bundle")] if "meta" in bundle.raw and not bad else []
    inner = [
        (entry.resource, f"{entry.path}.resource")
        for entry in bundle.entries
        if entry.resource is not None and "meta" in entry.resource and entry.index not in bad
    ]
    if not own and not inner:
        return []
    return [_milder(finding) for finding in claim_remarks([*own, *inner], profiles, catalogue)]


def claim_remarks(
    resources: Iterable[tuple[Json, str]], profiles: Profiles, catalogue: Catalogue
) -> list[Finding]:
    """What is to say of the claims of these resources, each with its path.

    No further resource is checked once so much has been found as is told of one: hostile input must not buy
    work with errors.
    """
    findings, other_version = Findings(catalogue), Findings(catalogue)
    seen: dict[str, list[str]] = {}
    for resource, path in resources:
        if len(findings) >= MOST_FINDINGS:
            findings.add("FHIR-MORE", limit=str(MOST_FINDINGS))
            break
        for url in claims_of(resource):
            bare = url.partition("|")[0]
            if profiles.has(url):
                profiles.check(resource, bare, path, findings)
            elif bare in profiles.urls:
                other_version.add(RULE_UNKNOWN, f"{path}.meta.profile")
            else:
                for family in _families(bare):
                    seen.setdefault(family, []).append(f"{path}.meta.profile")
    for family, places in seen.items():
        findings.add("FHIR-PROFILE-RECOGNISED", *places[:_MOST_PLACES], family=family)
    # a claim is no request: the resource is not judged by a version that nobody here has
    findings.extend(replace(finding, severity="information") for finding in other_version)
    return list(_once(findings))


def _families(url: str) -> Iterator[str]:
    name = url.rpartition("/")[2]
    return (f"{start}*" for start in RECOGNISED if name.startswith(start))


def _once(findings: Findings) -> Iterator[Finding]:
    """Each finding once: a bundle's profile and the claim of a resource in it may ask for the same."""
    seen = set()
    for finding in findings:
        key = (finding.rule, finding.expression, *finding.params.values())
        if key not in seen:
            seen.add(key)
            yield finding


def _milder(finding: Finding) -> Finding:
    return replace(finding, severity="warning") if finding.severity == "error" else finding
