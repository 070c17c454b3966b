"""FHIR as XML: read into the same JSON object as its JSON twin, and written from it."""
