"""The structure of FHIR R4: the table of its types, and the validator that is made from it."""
