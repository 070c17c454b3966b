"""Whether a distance contact was qualified, and so replaces a visit: an assessment *and* a decision.

PMO, *Definition på kvalificerad sjukvård avseende distanskontakter*; SKR-FAQ, *Vad är en kvalificerad
brevkontakt*. The sender's word wins and is checked. Without it a contact replaces a visit only when resources
of the bundle show both; else the findings say what was missing, and what was looked at. A contact is paid for
when it replaces a visit: nothing is upgraded without evidence.
"""

import msgspec

from adapter.mapping.actions import Actions
from adapter.mapping.assessment import assessed
from adapter.mapping.decision import signs
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.draft import Draft
from adapter.mapping.signs import Circle, Sign

_Paths = tuple[str, ...]
_LINKED = ("MedicationRequest", "ServiceRequest", "DeviceRequest", "CarePlan")


class Qualified(msgspec.Struct, frozen=True):
    """What shows the assessment and what the decision; `others` look like decisions and are none.

    `loose` are prescriptions, orders and plans of the patient that say of no contact that it is theirs.
    """

    assessment: Sign | None
    decision: Sign | None
    others: tuple[Sign, ...] = ()
    loose: _Paths = ()

    @property
    def replaces(self) -> bool:
        """Whether there is evidence of both."""
        return self.assessment is not None and self.decision is not None

    @property
    def shown(self) -> tuple[Sign, ...]:
        """The evidence: the assessment first, then the decision, as far as they are there."""
        return tuple(sign for sign in (self.assessment, self.decision) if sign is not None)

    @property
    def paths(self) -> _Paths:
        """The leaves of the evidence, where there is evidence of both."""
        return tuple(path for sign in self.shown for path in sign.paths) if self.replaces else ()

    @property
    def rules(self) -> _Paths:
        """The rules and maps of the evidence, where there is evidence of both."""
        return tuple(rule for sign in self.shown for rule in sign.rules) if self.replaces else ()


def qualify(circle: Circle, diagnoses: Diagnoses, actions: Actions) -> Qualified:
    """Look for the evidence of a distance contact."""
    found = signs(circle, diagnoses, actions)
    decisions = [sign for sign in found if sign.decides]
    return Qualified(
        assessed(circle.draft, circle.encounters, diagnoses, actions),
        decisions[0] if decisions else None,
        tuple(sign for sign in found if not sign.decides),
        () if decisions else tuple(node.path for kind in _LINKED for node in circle.loose(kind)),
    )


def tell(draft: Draft, found: Qualified, contact: _Paths, *, triage: bool) -> None:
    """Say why a contact without the sender's word replaces a visit, or what was missing for it.

    `contact` are the leaves that made it a distance contact. Of triage it is clear why it does not.
    """
    if found.assessment is not None and found.decision is not None:
        draft.findings.add(
            "KT-KVALIFICERAD",
            found.assessment.paths[0],
            found.decision.paths[0],
            assessment=found.assessment.node.type,
            decision=found.decision.node.type,
        )
        return
    if triage:
        _tell_others(draft, found)
        return
    if found.decision is not None:
        draft.findings.add("KT-EJ-KVALIFICERAD-BEDOMNING", *found.decision.paths, *contact)
        return
    if found.assessment is not None:
        draft.findings.add("KT-EJ-KVALIFICERAD-BESLUT", found.assessment.paths[0], *contact)
    else:
        draft.findings.add("KT-EJ-KVALIFICERAD", *contact)
    _tell_others(draft, found)


def check(draft: Draft, found: Qualified, word: _Paths) -> None:
    """Hold the sender's word (at `word`) that a contact replaces a visit against the evidence."""
    if found.decision is not None:
        return
    if found.others:
        draft.findings.add("KT-ERSATTER-EJ-STYRKT", *word, *(sign.paths[0] for sign in found.others))
        _tell_others(draft, found)
    else:
        draft.findings.add("KT-ERSATTER-UTAN-UNDERLAG", *word)


def _tell_others(draft: Draft, found: Qualified) -> None:
    """Each resource that looks like a decision, and why it is none or does not count."""
    for sign in found.others:
        draft.findings.add(sign.rule, *sign.paths)
    for path in found.loose:
        draft.findings.add("KVAL-EJ-LANKAD", path)
