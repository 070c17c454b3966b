"""Whether two resources speak of the same patient: care of one person never lands on another."""

from collections.abc import Iterable
from typing import Any

import msgspec

from adapter.domain.identity import KINDS, Identity, IdentitySystem, parse_identity
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.aliases import AliasTable
from adapter.mapping.draft import Draft, reference_paths

_KINDS: dict[str | None, IdentitySystem] = {kind: kind for kind in KINDS}


class Subject(msgspec.Struct, frozen=True):
    """A patient as a reference names it: `reference` stands in `base` at `path`, reached by `via`."""

    reference: dict[str, Any]
    base: Node
    path: str
    via: tuple[str, ...] = ()


class Subjects(msgspec.Struct):
    """The event's patient among those of its Encounter: `others` are the other members of a group.

    `again` are further memberships of the same patient.
    """

    own: Subject | None
    others: tuple[Subject, ...] = ()
    is_group: bool = False
    again: tuple[Subject, ...] = ()

    def owns(self, draft: Draft, node: Node) -> bool:
        """Whether `node` (a Condition or Procedure) has the event's patient as its subject."""
        return self.own is not None and _is_of(draft, node, self.own)

    def is_others(self, draft: Draft, node: Node) -> bool:
        """Whether `node` belongs to another member of the group."""
        return any(_is_of(draft, node, other) for other in self.others)

    def paths(self, node: Node) -> tuple[str, ...]:
        """Where a Condition or Procedure names its patient, else the resource."""
        return reference_paths(node.resource.get("subject", {}), node.path + ".subject") or (node.path,)


def person(bundle: Bundle, aliases: AliasTable, subject: Subject) -> str:
    """A text that is equal for subjects who are the same person: by number, else by what they lead to."""
    number = _number(bundle, aliases, subject.reference, subject.base)
    return number or bundle.key(subject.reference, subject.base) or subject.path


def person_of(aliases: AliasTable, patient: Node) -> str:
    """The same text for a Patient resource itself."""
    return _number_in(aliases, patient.resource.get("identifier", ())) or patient.path


def _is_of(draft: Draft, node: Node, subject: Subject) -> bool:
    theirs = node.resource.get("subject")
    if not theirs:
        return False
    bundle = draft.bundle
    key = bundle.key(theirs, node)
    if key is not None and key == bundle.key(subject.reference, subject.base):
        return True
    aliases = draft.context.aliases
    number = _number(bundle, aliases, theirs, node)
    return number is not None and number == _number(bundle, aliases, subject.reference, subject.base)


def _number(bundle: Bundle, aliases: AliasTable, reference: dict[str, Any], base: Node) -> str | None:
    """The identity number behind a reference, whatever resource or spelling of the system carries it."""
    node = bundle.resolve(reference, base)
    if node is not None:
        return _number_in(aliases, node.resource.get("identifier", ()))
    return _number_in(aliases, (reference["identifier"],) if "identifier" in reference else ())


def _number_in(aliases: AliasTable, identifiers: Iterable[dict[str, Any]]) -> str | None:
    for identifier in identifiers:
        system = _KINDS.get(aliases.name(identifier.get("system", "")))
        if system is None or identifier.get("use") == "old":
            continue
        found = parse_identity(identifier.get("value", ""), system)
        if isinstance(found, Identity):
            return found.id
    return None
