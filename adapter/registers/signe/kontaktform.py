"""In which form a contact counts for SIGN-e, or that it does not (SKR-FAQ, chat, letter and phone)."""

from typing import Literal

from adapter.domain.event import Atgard, Vardhandelse

Kontaktform = Literal["besok", "distansbesok", "telefonkontakt", "brevkontakt"]

LETTER, DIGITAL = "XS003", "ZV051"

_FORMS: dict[str, Kontaktform] = {
    "mottagningsbesok": "besok",
    "hembesok": "besok",
    "gruppbesok": "besok",
    "teambesok": "besok",
    "video-ersatter-besok": "distansbesok",
    "telefon-ersatter-besok": "telefonkontakt",
    "text-ersatter-besok": "distansbesok",
}


def kontaktform(event: Vardhandelse) -> Kontaktform | None:
    """The form; None for a contact type that is not reported.

    Text is a chat or another e-service, unless the sender says letter: XS003, the technique code for letters,
    without ZV051. The two together mean either, and count as a distance visit (assumed).
    """
    if event.kontakt.typ is None:
        return None
    if event.kontakt.typ == "text-ersatter-besok" and _is_letter(event.atgarder):
        return "brevkontakt"
    return _FORMS.get(event.kontakt.typ)


def technique(event: Vardhandelse) -> tuple[str, ...]:
    """The members that say which technique was used, where it decides the form."""
    if event.kontakt.typ != "text-ersatter-besok":
        return ()
    return tuple(
        f"atgarder[{index}].kod"
        for index, atgard in enumerate(event.atgarder)
        if atgard.kod in (LETTER, DIGITAL)
    )


def _is_letter(atgarder: tuple[Atgard, ...]) -> bool:
    codes = {atgard.kod for atgard in atgarder}
    return LETTER in codes and DIGITAL not in codes
