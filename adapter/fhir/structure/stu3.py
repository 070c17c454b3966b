"""Elements that STU3 had and R4 has not: a sender of these speaks the older version."""

_GONE: dict[str, frozenset[str]] = {
    "Encounter": frozenset({"reason", "incomingReferral"}),
    "Encounter.diagnosis": frozenset({"role"}),
    "Condition": frozenset({"context", "assertedDate"}),
    "Procedure": frozenset({"context", "definition", "notDone", "notDoneReason"}),
    "Procedure.performer": frozenset({"role"}),
    "Patient": frozenset({"animal"}),
    "Observation": frozenset({"context", "comment", "related"}),
    "MedicationRequest": frozenset({"context", "definition"}),
    "Appointment": frozenset({"incomingReferral", "indication"}),
    "CarePlan": frozenset({"context", "definition"}),
    "Provenance": frozenset({"reason"}),
    "Provenance.agent": frozenset({"whoUri", "whoReference"}),
    "MessageHeader": frozenset({"event", "receiver", "timestamp"}),
}

STU3_NAMES = frozenset(name for names in _GONE.values() for name in names)
"""The names of these elements: known words, which a finding may show."""


def is_stu3(type_name: str, element: str) -> bool:
    """Whether the unknown `element` of this type is one of STU3's."""
    return element in _GONE.get(type_name, ())
