"""What PASiS calls the contact types and the forms of housing (PMO, *Vårdkontakter 2025*).

Names follow the edition that judges the contact. Edition 2025 gave the video and text types new names, and
brought *Video som inte ersätter besök*.
"""

from collections.abc import Mapping

NAMES_2025: Mapping[str, str] = {
    "mottagningsbesok": "Mottagningsbesök",
    "hembesok": "Hembesök",
    "gruppbesok": "Gruppbesök",
    "teambesok": "Teambesök",
    "triage": "Triage före annat besök",
    "video-ersatter-besok": "Video som ersätter besök",
    "video-ersatter-ej-besok": "Video som inte ersätter besök",
    "telefon-ersatter-besok": "Telefonkontakt som ersätter besök",
    "telefonsamtal": "Telefonsamtal",
    "text-ersatter-besok": "Text/Chatt som ersätter besök",
    "text-ersatter-ej-besok": "Text/chatt som inte ersätter besök",
    "kontakt-om-patient": "Kontakt med personal om patient",
    "kommentar": "Kommentar",
}

NAMES_2024: Mapping[str, str] = {
    **{code: name for code, name in NAMES_2025.items() if code != "video-ersatter-ej-besok"},
    "video-ersatter-besok": "Distanskontakt realtid bild/ljud/chatt",
    "text-ersatter-besok": "Text som ersätter besök",
    "text-ersatter-ej-besok": "Text som inte ersätter besök",
}

ATTRIBUTES: Mapping[str, str] = {
    "sarskilt-boende": "Särskilt boende",
    "ordinart-boende": "Ordinärt boende",
}
"""Boendeform -> attribute of a home visit (PMO, *Hembesök*)."""

_EDITIONS = {"pasis-vardkontakt-2024": NAMES_2024, "pasis-vardkontakt-2025": NAMES_2025}
_NEW_NAMES = "2025-01-01"


def type_name(typ: str, edition: str, date: str | None) -> str | None:
    """The name of a contact type in `edition` (a pack's name, with what extends it after a plus sign).

    An edition that we do not know takes the names of the date.

    None when the edition has no such type.
    """
    names = _EDITIONS.get(edition.partition("+")[0])
    if names is None:
        names = NAMES_2024 if date is not None and date < _NEW_NAMES else NAMES_2025
    return names.get(typ)
