"""The form of care in GVR's sense: a contact of home care is one only when the sender says so.

A visit in the patient's home is a contact type (hembesök) and open care; *hemsjukvård* is a form of care,
which no other fact of a contact tells.
"""

from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in
from adapter.mapping.draft import Draft

SYSTEM = "gvr-handelseform"
"""Short name of our code system with the forms that GVR's event document names."""
_HOME = "hemsjukvardskontakt"
_KV = "4"
"""Hemsjukvård of kv_vardkontakttyp, in the reading *sluten-oppen*."""


def says_form(draft: Draft, coding: Coding) -> bool:
    """Whether a coding, as sent or through a map, tells the form of care."""
    return coding.system == SYSTEM or bool(_mapped(draft, coding))


def home_care(draft: Draft, encounters: tuple[Node, ...]) -> bool:
    """Whether a coding of Encounter.type says that the contact is one of home care."""
    for encounter in encounters:
        concepts = encounter.resource.get("type")
        if not concepts:
            continue
        for coding in codings_in(concepts, encounter.path + ".type", draft.context.aliases):
            by = _maps(draft, coding)
            if by is not None:
                draft.trace("kontakt.hemsjukvard", coding.paths, ("KT-HEMSJUKVARD", *by))
                return True
    return False


def _maps(draft: Draft, coding: Coding) -> tuple[str, ...] | None:
    """The maps by which a coding means home care; None when it does not."""
    if coding.system == SYSTEM:
        return () if coding.code == _HOME else None
    if coding.system == "kv_vardkontakttyp":
        reading = draft.context.sender.vardkontakttyp_reading
        return ("KT-KANAL-KV",) if (reading, coding.code) == ("sluten-oppen", _KV) else None
    choice = draft.context.concept_maps.choose(coding.system, coding.code, SYSTEM)
    return choice.map_ids if choice.code == _HOME else None


def _mapped(draft: Draft, coding: Coding) -> str | None:
    return draft.context.concept_maps.choose(coding.system, coding.code, SYSTEM).code
