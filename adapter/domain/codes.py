"""Codes of diagnoses and actions: one spelling of each, the shapes they have, and the few that mean something
to a rule by themselves.

Shapes are what is left to judge by when no complete table is loaded. They are our reading of
Socialstyrelsen's classifications, on the generous side: a wrong shape is surely no code, a right one may be.
"""

import re

DIAGNOSIS_SYSTEMS = frozenset(("icd-10-se", "ksh97-p"))
"""Short names (alias table) of the systems whose codes are diagnoses."""

TECHNIQUE_CODES = frozenset(("XS012", "UX007", "XS003", "ZV051"))
"""KVÅ codes that tell how a contact was held (phone, video, letter, with ZV051 digital letter or chat) and
nothing of what was done (HLM-REHAB, *Typ av digital teknik*)."""

CONFERENCE_ABOUT_PATIENT = "XS008"
"""KVÅ: konferens om patient (HLM-REHAB, *Övriga KVÅ:er*)."""

CONFERENCES = frozenset(("XS007", CONFERENCE_ABOUT_PATIENT))
"""KVÅ: conference with and about the patient: people met, which tells of no assessment."""

REHAB_COORDINATION = "GC001"
"""KVÅ: rehabiliteringskoordinering, on every contact of a rehabkoordinator (HLM-REHAB, *Övriga KVÅ:er*)."""

_ICD_MARKS = "*†+ "
_SHAPES = {
    # letter, two digits, fourth digit, fifth (sometimes sixth) digit or letter: J18, J189, B341A
    "icd-10-se": re.compile(r"[A-Z][0-9]{2}(?:[0-9][0-9A-Z]{0,2})?"),
    # the primary-care edition joins categories: J069P, K29-, A09-P
    "ksh97-p": re.compile(r"[A-Z][0-9]{2}(?:[0-9-][0-9A-Z]?)?P?"),
    # two letters and three digits (XS012), three letters and two digits (NHP09), and longer ones
    "kva": re.compile(r"(?:[A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})[0-9A-Z]{0,3}"),
    # seven levels: C09AA02
    "atc": re.compile(r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?"),
    "snomed-ct": re.compile(r"[1-9][0-9]{5,17}"),
}


def normalise(code: str) -> str:
    """The spelling in which codes compare: upper case, no dot, no dagger or asterisk, no space around."""
    return code.upper().replace(".", "").rstrip(_ICD_MARKS).lstrip()


def has_shape(system: str, code: str) -> bool | None:
    """Whether a normalised `code` looks like one of `system` (short name); None: a system without a shape."""
    shape = _SHAPES.get(system)
    return None if shape is None else shape.fullmatch(code) is not None
