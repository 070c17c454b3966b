"""The HTTP faces: FHIR for senders, the operations API, and what the platform asks for."""
