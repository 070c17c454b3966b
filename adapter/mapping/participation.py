"""Encounter.participant.type: who took part in the care, and who only had to do with the contact."""

from collections.abc import Iterable, Sequence

from adapter.mapping.codings import Coding, leaves_that_decide

MAIN = "PPRF"
_V3 = ("v3-participationtype", "")
_HL7 = ("participant-type", "")

_TAKES_PART = frozenset(("PPRF", "SPRF", "ATND", "CON", "PART"))
_DOES_NOT = {
    # v3 ParticipationType: referrer, callback contact, escort, admitter, discharger
    **dict.fromkeys(("REF", "CALLBCK", "ESC", "ADM", "DIS"), _V3),
    # HL7 participant-type: translator, emergency contact
    **dict.fromkeys(("translator", "emergency"), _HL7),
}
_SYSTEMS = frozenset((*_V3, *_HL7))
"""The value set of Encounter.participant.type is made of both: a code of the one under the address of the
other is told, and means what it says, for neither has the other's codes."""


def is_main(roles: Iterable[Coding]) -> bool:
    """Whether one of the type codings marks the main responsible."""
    return any(map(_leads, roles))


def takes_part(roles: Sequence[Coding]) -> bool:
    """Whether a participant with these type codings is of the staff of the contact.

    Some types say that the person does not give the care; one that does counts more. No type, or a type that
    says neither, is taking part.
    """
    return not roles or any(map(_participates, roles)) or not any(map(_stands_aside, roles))


def main_paths(roles: Iterable[Coding]) -> tuple[str, ...]:
    """The leaves on which it depends whether the participant is the main responsible."""
    leading = [role for role in roles if _leads(role)]
    if not leading:
        return leaves_that_decide(roles, MAIN, _V3)
    return leading[0].paths if len(leading) == 1 else ()


def part_paths(roles: Sequence[Coding]) -> tuple[str, ...]:
    """The leaves on which it depends whether the participant takes part, for one that does."""
    taking = [role for role in roles if _participates(role)]
    if len(taking) > 1:
        return ()
    if taking and any(map(_stands_aside, roles)):
        return taking[0].paths
    found: tuple[str, ...] = ()
    for role in taking or roles:
        if role.system in _SYSTEMS:
            found += role.paths[:1]
        if role.code in _DOES_NOT:
            found += role.paths[1:]
    return found


def misplaced(roles: Iterable[Coding]) -> list[Coding]:
    """Codes of who does not take part that stand under the address of HL7's other system."""
    return [role for role in roles if _stands_aside(role) and role.system not in _DOES_NOT[role.code]]


def foreign(roles: Iterable[Coding]) -> list[Coding]:
    """Codings that have the code of one who does not take part, of a system that nobody can read."""
    return [role for role in roles if role.code in _DOES_NOT and role.system not in _SYSTEMS]


def _leads(role: Coding) -> bool:
    return role.code == MAIN and role.system in _V3


def _participates(role: Coding) -> bool:
    return role.code in _TAKES_PART and role.system in _V3


def _stands_aside(role: Coding) -> bool:
    return role.code in _DOES_NOT and role.system in _SYSTEMS
