"""What the mapping passes over on purpose, and why: the honest table beside what it reads.

An element that stands in neither table, and that no event and no finding was made from, is unused: perhaps it
is silent loss (adapter.mapping.unused). Patterns are FHIRPaths without indexes; one that begins with ``*.``
holds for an element of that name in any place.
"""

from adapter.domain.text import Text

_IDENTITY = Text(
    "Namn, adress och telefon lämnas aldrig vidare till ett register.",
    "Name, address and phone are never forwarded to a register.",
)
_NOT_ASKED = Text("Inget register frågar efter det.", "No register asks for it.")
_DETAIL = Text(
    "Klinisk detalj som inget register har en plats för; diagnosens eller åtgärdens kod rapporteras.",
    "Clinical detail that no register has a place for; the code of the diagnosis or action is reported.",
)
_SHOWN = Text(
    "Text för visning: koden eller referensen är det som läses.",
    "Text for display: the code or the reference is what is read.",
)
_FREE = Text("Fritext lämnas aldrig vidare.", "Free text is never forwarded.")
_TECHNICAL = Text(
    "Teknisk uppgift om resursen, inte om vården.", "A technical fact of the resource, not of the care."
)
_HISTORY = Text(
    "Förlopp: det som gäller nu rapporteras, tidigare lägen inte.",
    "History: what holds now is reported, earlier states are not.",
)
_ACTORS = Text(
    "Vem som skrev in uppgiften; kontaktens personal kommer ur Encounter.participant.",
    "Who wrote the fact down; the staff of the contact comes from Encounter.participant.",
)
_CLINICAL_STATUS = Text(
    "En diagnos vid kontakten rapporteras oavsett om den är aktiv eller läkt.",
    "A diagnosis at the contact is reported whether it is active or resolved.",
)

LEFT_OUT: dict[str, Text] = {
    **dict.fromkeys(("Patient.name", "Patient.telecom", "Patient.address", "Patient.photo"), _IDENTITY),
    **dict.fromkeys(("Patient.contact", "Patient.link"), _IDENTITY),
    **dict.fromkeys(
        ("Procedure.performedPeriod.end", "Patient.maritalStatus", "Patient.communication",
         "Patient.multipleBirthBoolean", "Patient.multipleBirthInteger", "Patient.active",
         "Patient.deceasedBoolean", "Patient.deceasedDateTime", "Patient.managingOrganization",
         "Encounter.account", "Encounter.episodeOfCare", "Encounter.length"),
        _NOT_ASKED,
    ),
    **dict.fromkeys(("Encounter.statusHistory", "Encounter.classHistory"), _HISTORY),
    **dict.fromkeys(
        ("Condition.severity", "Condition.bodySite", "Condition.stage", "Condition.evidence",
         "Condition.onsetDateTime", "Condition.onsetPeriod", "Condition.onsetAge", "Condition.onsetString",
         "Condition.onsetRange", "Condition.abatementDateTime", "Condition.abatementPeriod",
         "Condition.abatementAge", "Condition.abatementString", "Condition.abatementRange",
         "Condition.recordedDate", "Procedure.bodySite", "Procedure.outcome", "Procedure.complication",
         "Procedure.followUp", "Procedure.focalDevice"),
        _DETAIL,
    ),
    **dict.fromkeys(
        ("Condition.recorder", "Condition.asserter", "Procedure.recorder", "Procedure.asserter"), _ACTORS
    ),
    "Condition.clinicalStatus": _CLINICAL_STATUS,
    **dict.fromkeys(("*.note", "*.text"), _FREE),
    **dict.fromkeys(("*.display", "*.userSelected", "*.version"), _SHOWN),
    **dict.fromkeys(("*.language", "*.profile", "*.lastUpdated", "*.versionId", "*.source"), _TECHNICAL),
}  # fmt: skip
"""Patterns with the reason why they are passed over."""

READ: frozenset[str] = frozenset(
    (
        "*.resourceType",  # how resources are found, not what they say
        "*.id",
        "Patient.meta.security",  # looked at for protected identity and test data, whatever it says
        "Encounter.meta.security",
        "*.tag",
        "Encounter.appointment",  # links that are followed; what lies there is read where it says something
        "Encounter.basedOn",
        "Encounter.partOf",
        "Encounter.participant.type",
        "Encounter.class",
        "Encounter.priority",
        "Encounter.status",
        "Encounter.diagnosis.use",
        "Encounter.diagnosis.rank",
        "Condition.encounter",
        "Condition.subject",
        "Condition.category",
        "Condition.verificationStatus",
        "Procedure.status",
        "Procedure.performedDateTime",
        "Procedure.performedPeriod.start",
        "Procedure.encounter",
        "Procedure.subject",
        "Procedure.partOf",
        "Procedure.category",
        "Procedure.reasonReference",
        "*.identifier.use",
        "*.identifier.type",
        "*.individual.type",  # Reference.type: what a reference that leads nowhere names
        "*.condition.type",
        "*.serviceProvider.type",
    )
)
"""Patterns that are looked at in every contact, though not always something comes of them."""


def reason(pattern: str) -> Text | None:
    """Why an element is passed over, None for one that is not in the table."""
    return LEFT_OUT.get(pattern) or LEFT_OUT.get(f"*.{pattern.rpartition('.')[2]}")


def is_read(pattern: str) -> bool:
    """Whether an element is looked at in every contact."""
    if pattern in READ:
        return True
    steps = pattern.split(".")
    return f"*.{steps[-1]}" in READ or f"*.{'.'.join(steps[-2:])}" in READ
