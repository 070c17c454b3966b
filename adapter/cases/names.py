"""The short names of a case, as what FHIR calls them."""

from typing import Any

from adapter.domain.canonical import code_system, extension

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
SECURITY_LABEL = "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel"
HSA_ID = "urn:oid:1.2.752.29.4.19"
KOMBIKA = "https://uid.regionstockholm.se/kombika"
HOSP = "urn:oid:1.2.752.116.3.1.3"

SYSTEMS = {
    "icd-10-se": "https://www.icd10.se/",
    "kva": "urn:oid:1.2.752.116.1.3.2.1.4",
    "snomed-ct": "http://snomed.info/sct",
    "hosp": HOSP,
}
"""Systems that are not ours, by short name."""

PROFESSIONS = {
    "lakare": ("LK", "01"),
    "sjukskoterska": ("SJ", "70"),
    "distriktsskoterska": ("SJ", "70"),
    "barnmorska": ("BM", "74"),
    "fysioterapeut": ("FT", "75"),
    "arbetsterapeut": ("AT", "77"),
    "psykolog": ("PS", "78"),
    "kurator": ("HK", "96"),
    "dietist": ("DT", "79"),
    "biomedicinsk-analytiker": ("BA", "91"),
    "rontgensjukskoterska": ("RS", "92"),
}
"""Words for professions: Socialstyrelsen's code (HOSP), and a code of GVR's table VDG; beside the
physician's, which codes that table has is our reading."""

_CODED = {"boendeform": "boendeform", "taxa": "gvr-taxa", "avvikelseorsak": "avvikelseorsak"}
_DATES = ("beslutsdatum", "medicinskt-maldatum", "fast-lakarkontakt-fran")


def system(name: str) -> str:
    """The URI of a system's short name: ours, another's, or a URI as it stands."""
    if ":" in name:
        return name
    return SYSTEMS.get(name) or code_system(name)


def coding(text: str, default: str) -> dict[str, str]:
    """A Coding of ``code`` in the `default` system, or of ``system|code``."""
    name, bar, code = text.rpartition("|")
    return {"system": system(name if bar else default), "code": code}


def profession_codes(text: str) -> list[dict[str, str]]:
    """The codings of a profession by its word, or the one that ``system|code`` names."""
    known = PROFESSIONS.get(text)
    if known is None:
        return [coding(text, "hosp")]
    return [{"system": HOSP, "code": known[0]}, {"system": code_system("gvr-vdg"), "code": known[1]}]


def own_extension(name: str, value: Any) -> dict[str, Any]:
    """One of our extensions by its name, with the kind of value that it has."""
    known: dict[str, Any] = {"url": extension(name)}
    if name in _CODED:
        known["valueCoding"] = coding(str(value), _CODED[name])
    elif isinstance(value, bool):
        known["valueBoolean"] = value
    elif name in _DATES:
        known["valueDate"] = str(value)
    else:
        known["valueCode"] = str(value)
    return known


def identity_system(number: str) -> str:
    """The usual system of an identity number, by its form."""
    if len(number) == 12 and number.isdigit():
        if number.startswith("99"):
            return "urn:oid:1.2.752.97.3.1.3"
        if int(number[6:8]) > 60:
            return "http://electronichealth.se/identifier/samordningsnummer"
        return "http://electronichealth.se/identifier/personnummer"
    if len(number) == 12 and number[8:9] in "KMX":
        return "urn:oid:1.2.752.113.11.0.2.1.1.1"
    return "http://electronichealth.se/identifier/nationelltReservnummer"
