"""Where the patient is registered as living: Folkbokföringen's code of län, kommun and församling (LKF)."""

import re

from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft
from adapter.mapping.extensions import own_extensions

_FORM = re.compile(r"[A-Za-z0-9]{6}")


def residence(draft: Draft, patient: Node | None, *, protected: bool) -> str | None:
    """The LKF of our extension `lkf`, six characters; one of another form is left out with a finding.

    That of a protected patient is not read: where somebody lives is part of what is protected.
    """
    found = own_extensions(patient).get("lkf") if patient is not None else None
    if found is None or protected:
        return None
    value, paths = found.value("Code")
    if not found.agrees:
        draft.findings.add("KT-TILLAGG-FLERA", *found.places)
        return None
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return None
    draft.trace("patient.lkf", paths)
    return value
