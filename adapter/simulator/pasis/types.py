"""PASiS's own list of contact types, written down from the PMO guide and apart from the adapter's.

The guide's first page says which went over by another name before 2025, and which came with that edition.
"""

from dataclasses import dataclass
from typing import Literal

NEW_NAMES = "2025-01-01"
"""Contacts of this day and later carry the names of edition 2025."""

Diagnosis = Literal["demanded", "free"]


@dataclass(frozen=True, slots=True)
class ContactType:
    """A type that PASiS takes: its name since 2025 (None: unknown then), the one before, its diagnosis."""

    name: str | None
    before: str | None
    diagnosis: Diagnosis

    def named(self, day: str) -> str | None:
        """The name that a contact of `day` carries, None when there was no such type."""
        return self.name if day >= NEW_NAMES else self.before


TYPES = {
    "mottagningsbesok": ContactType("Mottagningsbesök", "Mottagningsbesök", "demanded"),
    "hembesok": ContactType("Hembesök", "Hembesök", "demanded"),
    "gruppbesok": ContactType("Gruppbesök", "Gruppbesök", "demanded"),
    "teambesok": ContactType("Teambesök", "Teambesök", "demanded"),
    "triage": ContactType("Triage före annat besök", "Triage före annat besök", "free"),
    "video-ersatter-besok": ContactType(
        "Video som ersätter besök", "Distanskontakt realtid bild/ljud/chatt", "demanded"
    ),
    "video-ersatter-ej-besok": ContactType("Video som inte ersätter besök", None, "free"),
    "telefon-ersatter-besok": ContactType(
        "Telefonkontakt som ersätter besök", "Telefonkontakt som ersätter besök", "demanded"
    ),
    "telefonsamtal": ContactType("Telefonsamtal", "Telefonsamtal", "free"),
    "text-ersatter-besok": ContactType(
        "Text/Chatt som ersätter besök", "Text som ersätter besök", "demanded"
    ),
    "text-ersatter-ej-besok": ContactType(
        "Text/chatt som inte ersätter besök", "Text som inte ersätter besök", "free"
    ),
    "kontakt-om-patient": ContactType(
        "Kontakt med personal om patient", "Kontakt med personal om patient", "free"
    ),
}
"""Kommentar is not among them: it does not go over to PASiS."""

HOUSING = ("Särskilt boende", "Ordinärt boende")
