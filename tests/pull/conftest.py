"""A clinic with two visits."""

import pytest

from tests.pull.world import Adapter, FhirServer, resource, to


@pytest.fixture
def adapter() -> Adapter:
    return Adapter()


@pytest.fixture
def clinic() -> FhirServer:
    return FhirServer(
        resource("Patient", "p", managingOrganization=to("Organization/o")),
        resource("Organization", "o"),
        resource("Practitioner", "d"),
        resource("PractitionerRole", "r", practitioner=to("Practitioner/d")),
        resource(
            "Encounter",
            "a",
            day=2,
            subject=to("Patient/p"),
            participant=[{"individual": to(f"http://127.0.0.1:1/r4/{'Practitioner/d'}")}],
        ),
        resource("Encounter", "b", day=3, subject=to("Patient/p")),
        resource("Condition", "c", day=2, encounter=to("Encounter/a"), subject=to("Patient/p")),
        resource("Procedure", "q", day=3, encounter=to("Encounter/b")),
        resource("Condition", "elsewhere", day=2, subject=to("Patient/p")),
    )
