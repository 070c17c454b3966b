"""The canonical base of our own FHIR artefacts; one setting changes it everywhere."""

BASE = "https://vardbro.example/fhir"


def code_system(name: str) -> str:
    """The URL of one of our code systems."""
    return f"{BASE}/CodeSystem/{name}"


def extension(name: str) -> str:
    """The URL of one of our extensions."""
    return f"{BASE}/StructureDefinition/{name}"
