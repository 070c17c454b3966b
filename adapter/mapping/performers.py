"""The profession of those of the staff who sent none: by a KVÅ code of profession that they performed.

SKR-FAQ, *Vilka yrkesgruppers medicinska bedömningar ingår i den förstärkta vårdgarantin?*: professions are
told apart by KVÅ codes. A Procedure with such a code and a performer says who that is. Which codes those are
is our reading: the ConceptMap kva-yrkesgrupp, and XS922 for other professions.
"""

from collections.abc import Iterable, Iterator

from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_of
from adapter.mapping.concept_maps import PROFESSION
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.links import Linked, Links
from adapter.mapping.professional import Participant, Profession, read_professional
from adapter.mapping.professions import OTHER

_COUNTS = frozenset(("completed", "in-progress"))
_KVA = "kva"
_BY = ("STAFF-BY-ATGARD",)


def add_professions(
    draft: Draft, links: Links, encounters: Iterable[Node], people: dict[str, Participant]
) -> None:
    """Give the `people` (by their keys) who have no profession the one by which they performed an action."""
    unknown = {key: person for key, person in people.items() if not person.professions}
    if not unknown:
        return
    for encounter in encounters:
        for linked in links.procedures(encounter):
            for coding in _told(draft, linked.node):
                _give(draft, linked, coding, unknown)


def _told(draft: Draft, node: Node) -> Iterator[Coding]:
    """The codes of profession of a Procedure that was carried out."""
    if node.resource.get("status") not in _COUNTS or "performer" not in node.resource:
        return
    maps = draft.context.concept_maps
    for coding in codings_of(node.resource.get("code"), node.path + ".code", draft.context.aliases):
        if coding.system == _KVA and (
            coding.code == OTHER or maps.choose(_KVA, coding.code, PROFESSION).code is not None
        ):
            yield coding


def _give(draft: Draft, linked: Linked, coding: Coding, unknown: dict[str, Participant]) -> None:
    node = linked.node
    for index, performer in enumerate(node.resource["performer"]):
        reference = performer.get("actor")
        if not reference:
            continue
        path = f"{node.path}.performer[{index}].actor"
        link = reference_paths(reference, path)
        apart = Draft(draft.bundle, draft.context)  # what is amiss with a performer is told by the staff
        found = read_professional(apart, node, reference, path, link)
        person = unknown.get(found.key) if found is not None else None
        if found is not None and person is not None:
            led = (*link, *found.via, *found.hsa_paths, node.path + ".status", *linked.paths)
            person.professions.append(Profession(coding, tuple(dict.fromkeys(led)), _BY))
            draft.entries |= {node.entry}
