"""Prescriptions of a contact: a drug put in, taken out or dosed anew is a decision, a renewal is none.

PMO, *Receptförnyelse med justerad dos, insättning eller utsättning av läkemedel* and *Receptförnyelse utan
justering*. A renewal whose code says that new or changed complaints were assessed is a decision too
(*Text/Chatt som ersätter besök*).
"""

from collections.abc import Iterator
from typing import Any

from adapter.fhir.bundle import Node
from adapter.mapping.codings import codings_of
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.dosage import Verdict, compare
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.guarantee_facts import GROUP
from adapter.mapping.measures import RENEWED_ANEW, measures, weightiest
from adapter.mapping.requests import intention
from adapter.mapping.signs import Belonging, Circle, Sign, concepts, leaf

_STATUSES = frozenset(("active", "completed", "stopped"))
_PRIOR = "priorPrescription"
_REPEAT = "recept"
"""The group of what the contact was about: a repeat prescription (ICD-10-SE Z76.0)."""


def prescribed(circle: Circle, diagnoses: Diagnoses) -> Iterator[Sign]:
    """What each MedicationRequest of the contact shows."""
    for own in circle.resources("MedicationRequest"):
        sign = _judge(circle, own)
        if sign.rule == "KVAL-LAKEMEDEL-NYTT" and (renewal := _for_renewal(circle.draft, diagnoses)):
            paths, by = renewal
            sign = Sign("KVAL-EJ-RECEPT-DIAGNOS", sign.node, paths + sign.paths, by, decides=False)
        yield sign


def _for_renewal(draft: Draft, diagnoses: Diagnoses) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Where it says that the contact was about a repeat prescription alone (Z76.0), and the maps."""
    paths: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    for index, one in enumerate(diagnoses.members):
        choice = draft.context.concept_maps.choose(one.system, one.kod, GROUP)
        if choice.code != _REPEAT:
            return None
        paths += draft.provenance[f"diagnoser[{index}].kod"].paths
        by += choice.map_ids
    return (paths, tuple(dict.fromkeys(by))) if paths else None


def _judge(circle: Circle, own: Belonging) -> Sign:
    node = own.node
    asked = intention(own, _STATUSES)
    if not asked.decides:
        return asked
    paths = asked.paths + leaf(node, "reportedBoolean")
    if node.resource.get("reportedBoolean") is True or "reportedReference" in node.resource:
        return Sign("KVAL-EJ-AVSIKT", node, paths + leaf(node, "reportedReference"), decides=False)
    said = weightiest(measures(circle.draft, concepts(circle.draft, node, "category", "reasonCode")))
    if said is not None and not said.decides:
        return Sign(said.rule, node, said.paths + paths, said.by, decides=False)
    is_later, dated = circle.time_of(node, "authoredOn", node.resource.get("authoredOn"))
    if is_later:
        return Sign("KVAL-EJ-SENARE", node, paths + dated, decides=False)
    if node.resource.get("status") == "stopped":
        return Sign("KVAL-LAKEMEDEL-UTSATT", node, paths + dated)
    if circle.is_earlier(node.resource.get("authoredOn")):
        return Sign("KVAL-EJ-TIDIGARE", node, paths + leaf(node, "authoredOn"), decides=False)
    paths += dated
    prior: dict[str, Any] | None = node.resource.get(_PRIOR)
    sign = _against(circle.draft, node, prior, paths) if prior else Sign("KVAL-LAKEMEDEL-NYTT", node, paths)
    if said is not None and said.rule == RENEWED_ANEW and sign.rule != "KVAL-LAKEMEDEL-ANDRAT":
        return Sign(said.rule, node, said.paths + sign.paths, said.by)
    return sign


def _against(draft: Draft, node: Node, prior: dict[str, Any], paths: tuple[str, ...]) -> Sign:
    """A prescription held against the one before it."""
    paths += reference_paths(prior, f"{node.path}.{_PRIOR}")
    earlier = draft.bundle.resolve(prior, node)
    if earlier is None or earlier.type != "MedicationRequest":
        return Sign("KVAL-EJ-RECEPT-OKANT", node, paths, decides=False)
    draft.entries.add(earlier.entry)
    drug = _same_drug(draft, node, earlier)
    dosage = compare(node.resource.get("dosageInstruction"), earlier.resource.get("dosageInstruction"))
    for one in (node, earlier):
        paths += leaf(one, "dosageInstruction")
        paths += leaf(one, "medicationCodeableConcept") + leaf(one, "medicationReference")
    if "changed" in (drug, dosage):
        return Sign("KVAL-LAKEMEDEL-ANDRAT", node, paths)
    rule = "KVAL-EJ-RECEPT" if dosage == "same" else "KVAL-EJ-RECEPT-OKANT"
    return Sign(rule, node, paths, decides=False)


def _same_drug(draft: Draft, one: Node, other: Node) -> Verdict:
    """Whether two prescriptions are of the same drug: any common code says so, codes of one system that
    differ say that they are not; what has no system in common cannot be compared."""
    own, theirs = _codes(draft, one), _codes(draft, other)
    if own & theirs:
        return "same"
    common = {system for system, _ in own} & {system for system, _ in theirs}
    return "changed" if common - {""} else "unknown"


def _codes(draft: Draft, request: Node) -> set[tuple[str, str]]:
    """The codes of the drug; a Medication of the bundle is read, and its reference is a code by itself."""
    found = {
        (coding.system, coding.code)
        for coding in codings_of(
            request.resource.get("medicationCodeableConcept"), request.path, draft.context.aliases
        )
    }
    reference = request.resource.get("medicationReference")
    if not reference:
        return found
    drug = draft.bundle.resolve(reference, request)
    if drug is None:
        return found | {("", draft.bundle.key(reference, request) or request.path)}
    found.add(("", drug.path))
    return found | {
        (coding.system, coding.code)
        for coding in codings_of(drug.resource.get("code"), drug.path, draft.context.aliases)
    }
