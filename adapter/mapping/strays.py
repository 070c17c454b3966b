"""Conditions and Procedures of the bundle that belong to no contact: told, so that nothing goes silently."""

from collections.abc import Sequence

from adapter.domain.finding import Finding, Findings
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.subject import Subjects

_Paths = tuple[str, ...]
_Owner = tuple[Draft, Subjects]


def tell_strays(
    bundle: Bundle, strays: Sequence[Node], drafts: Sequence[_Owner]
) -> list[tuple[int, Finding]]:
    """What to say of each stray, with the number of the event to say it of.

    The event is that of its patient, among those of the Encounter that names it as its reason where one does;
    else the first.
    """
    if not drafts:
        return []
    read = frozenset().union(*[draft.entries for draft, _ in drafts])
    left = [node for node in strays if node.entry not in read]
    reasons = _reasons(bundle) if left else {}
    found = []
    for node in left:
        encounter, paths = reasons.get(node.path, (None, ()))
        owner = _owner(drafts, node, encounter)
        findings = Findings(drafts[owner][0].context.catalogue)
        findings.add("LINK-REASON" if paths else "LINK-STRAY", *paths, node.path + ".encounter", node.path)
        found += [(owner, finding) for finding in findings]
    return found


def _reasons(bundle: Bundle) -> dict[str, tuple[Node, _Paths]]:
    """What Encounters name as their reasons, by path, with the first Encounter that does and where."""
    found: dict[str, tuple[Node, _Paths]] = {}
    for encounter in bundle.of_type("Encounter"):
        for index, reference in enumerate(encounter.resource.get("reasonReference", ())):
            node = bundle.resolve(reference, encounter)
            if node is not None:
                path = f"{encounter.path}.reasonReference[{index}]"
                found.setdefault(node.path, (encounter, reference_paths(reference, path)))
    return found


def _owner(drafts: Sequence[_Owner], node: Node, encounter: Node | None) -> int:
    of_contact = [
        number
        for number, (draft, _) in enumerate(drafts)
        if encounter is None or encounter.entry in draft.entries
    ]
    for number in of_contact:
        draft, subjects = drafts[number]
        if subjects.owns(draft, node):
            return number
    return of_contact[0] if of_contact else 0
