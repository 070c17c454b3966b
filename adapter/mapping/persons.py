"""Who one of the staff is, whatever resource names the person: a role, the person, or an identifier alone."""

from typing import Any

from adapter.domain.hsa import parse_hsa_id
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.aliases import AliasTable
from adapter.mapping.draft import reference_paths

_Paths = tuple[str, ...]


def person_key(
    bundle: Bundle, aliases: AliasTable, reference: dict[str, Any], base: Node
) -> tuple[str | None, _Paths]:
    """The HSA-id behind a reference, else a text that is equal for equal targets; and what led there."""
    node = bundle.resolve(reference, base)
    if node is None:
        own = reference.get("identifier")
        return (_hsa_id(aliases, [own]) if own else None) or bundle.key(reference, base), ()
    practitioner = node
    via: _Paths = ()
    if node.type == "PractitionerRole" and "practitioner" in node.resource:
        further = node.resource["practitioner"]
        via = reference_paths(further, node.path + ".practitioner")
        found = bundle.resolve(further, node)
        if found is None:
            own = further.get("identifier")
            return (_hsa_id(aliases, [own]) if own else None) or bundle.key(further, node), via
        practitioner = found
    for one in (practitioner, node):
        hsa_id = _hsa_id(aliases, one.resource.get("identifier", ()))
        if hsa_id is not None:
            leaves = (
                f"{one.path}.identifier[{index}].value" for index in range(len(one.resource["identifier"]))
            )
            return hsa_id, (*via, *leaves)
    return practitioner.path, via


def _hsa_id(aliases: AliasTable, identifiers: Any) -> str | None:
    for identifier in identifiers:
        value = identifier.get("value")
        if value and aliases.name(identifier.get("system", "")) == "hsa-id":
            found = parse_hsa_id(value)
            if found is not None:
                return found
    return None
