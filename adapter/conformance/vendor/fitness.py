"""How fit a bundle is to be reported, register by register. Pure."""

from collections.abc import Container, Iterable
from typing import Literal

from adapter.conformance.offline import outcome_of
from adapter.domain.event import ENCOUNTER_KINDS
from adapter.translation import Translation, Translator, Verdict

Fitness = Literal["fit", "remarks", "held", "refused", "not-told"]
"""``fit``: sent as it is; ``remarks``: sent, with warnings; ``held``: a table or configuration is missing on
the receiving side; ``refused``: something in the bundle must change; ``not-told``: a rule says that the
register is not told."""

DEGREES: tuple[Fitness, ...] = ("fit", "remarks", "held", "refused", "not-told")
REPORTED: frozenset[Fitness] = frozenset({"fit", "remarks"})


def told_of_contacts(translator: Translator) -> frozenset[str]:
    """The registers that are told of care contacts; the listing service is told of named physicians only."""
    receivers = translator.receivers.items()
    return frozenset(name for name, one in receivers if not one.kinds.isdisjoint(ENCOUNTER_KINDS))


def fitness(
    translation: Translation, registers: Iterable[str], clinical: Container[str]
) -> dict[str, Fitness]:
    """The bundle's fitness at each of these registers: that of its worst contact.

    A bundle of which nothing is taken is refused everywhere but where a rule says that nothing is to be told.
    One in which no contact can be read is refused at the `clinical` registers, which are told of contacts.
    """
    refused = outcome_of(translation) == "refused"
    return {name: _at(translation, name, refused, name in clinical) for name in registers}


def _at(translation: Translation, register: str, refused: bool, clinical: bool) -> Fitness:
    verdicts = [
        one for contact in translation.contacts for one in contact.verdicts if one.register == register
    ]
    fates = {one.fate for one in verdicts}
    if (translation.contacts or not clinical) and not fates - {"not-reported"}:
        return "not-told"
    if refused or "refused" in fates:
        return "refused"
    if "held" in fates:
        return "held"
    return "remarks" if _warned(translation, register, verdicts) else "fit"


def _warned(translation: Translation, register: str, verdicts: Iterable[Verdict]) -> bool:
    """Whether a warning concerns the register: one of its own, or one of all."""
    found = [*translation.findings, *(one for verdict in verdicts for one in verdict.findings)]
    found += [one for contact in translation.contacts for one in contact.findings]
    return any(one.severity == "warning" and one.register in (None, register) for one in found)
