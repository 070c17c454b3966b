"""The spellings of systems that the invariants know: those of mappings/naming-systems."""

PERSONS = (
    "http://electronichealth.se/identifier/personnummer",
    "urn:oid:1.2.752.129.2.1.3.1",
    "http://electronichealth.se/identifier/samordningsnummer",
    "urn:oid:1.2.752.129.2.1.3.3",
    "http://electronichealth.se/identifier/nationelltReservnummer",
    "http://electronichealth.se/identifier/LMA-nummer",
    "https://uid.regionstockholm.se/reservnummer",
    "urn:oid:1.2.752.97.3.1.3",
    "urn:oid:1.2.752.113.11.0.2.1.1.1",
)
"""Identity numbers; the first four are those of twelve digits."""

HSA_IDS = ("urn:oid:1.2.752.29.4.19", "urn:oid:1.2.752.129.2.1.4.1")

KOMBIKAS = ("https://uid.regionstockholm.se/kombika", "urn:oid:1.2.752.129.2.1.2.1")

SNOMED = ("http://snomed.info/sct", "http://snomed.info/sct/45991000052106", "urn:oid:1.2.752.116.2.1.1")

ICD_10 = (
    "https://www.icd10.se/",
    "urn:oid:1.2.752.116.1.1.1.1.3",
    "urn:oid:1.2.752.116.1.1.1.1.8",
    "urn:oid:1.2.752.116.1.1.1",
    "https://terminologitjansten.inera.se/fhir/CodeSystem/icd-10-se",
    "https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/icd-10-se",
    "http://hl7.org/fhir/sid/icd-10-se",
    "http://hl7.org/fhir/sid/icd-10",
)
"""ICD-10-SE; the last is WHO's, which Swedish senders use for it."""

DIAGNOSES = (*ICD_10, "urn:oid:1.2.752.116.1.3.1.4.1", *SNOMED)
"""Systems that diagnoses are read from: ICD-10-SE, KSH97-P, SNOMED CT."""

KVA = (
    "http://electronichealth.se/id/kva",
    "urn:oid:1.2.752.116.1.3.2.1.4",
    "urn:oid:1.2.752.116.1.3.2.3.4",
    "urn:oid:1.2.752.116.1.3.2.3.5",
    "urn:oid:1.2.752.116.1.3.2.3.6",
    "https://www.socialstyrelsen.se/statistik-och-data/klassifikationer-och-koder/kva/",
    "http://klassifikationer.socialstyrelsen.se/kva",
)

PROFESSIONS = (
    "urn:oid:1.2.752.116.3.1.3",
    "urn:oid:1.2.752.116.1.3.6",
    "urn:oid:1.2.752.129.2.2.1.4",
    "urn:oid:1.2.759.129.2.2.1.4",
    *SNOMED,
)
"""HOSP, SOSNYK, HSA befattning (also as it is misspelt), SNOMED CT."""
