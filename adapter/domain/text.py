"""Texts in the two languages that vardbro speaks."""

from typing import Literal

import msgspec

Lang = Literal["sv", "en"]


class Text(msgspec.Struct, frozen=True):
    """One sentence in Swedish and in English; ``{name}`` marks a parameter of a finding."""

    sv: str
    en: str

    def to(self, lang: Lang, **params: str) -> str:
        """The text in `lang`, with its parameters filled in; an unknown parameter stays as it is written."""
        text = self.sv if lang == "sv" else self.en
        for name, value in params.items():
            text = text.replace("{" + name + "}", value)
        return text
