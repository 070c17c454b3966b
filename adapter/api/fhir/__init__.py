"""The FHIR face: one module an interaction, one door before them all."""
