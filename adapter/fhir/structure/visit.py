"""What the fast walk carries along, and the values it sets aside to be tested together."""

import re
from collections.abc import Mapping
from typing import Any

from adapter.fhir.structure.primitives import MAX_STRING

_DAY = (
    r"[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_NOT_IN_WORDS = bytes(range(33))
_NOT_IN_TEXTS = bytes(set(range(32)) - set(b"\t\r\n"))
_TIMES = re.compile(rf"(?:{_DAY}(?:{_TIME})?\n)*", re.ASCII)


class LookCloser(Exception):
    """The fast walk does not know; the slow one will."""


class Visit:
    """The state of one fast walk.

    `types` tells the resource type behind each fullUrl of the bundle. `keys` counts the JSON properties
    seen, so that duplicates (which a parser swallows) can be told from the bytes. `depth` counts how often
    types that hold themselves are nested. `texts` (string), `words` (uri and code) and `times` (dateTime) are
    the values set aside: one test of all costs a tenth of a test of each.
    """

    __slots__ = ("depth", "keys", "texts", "times", "types", "words")

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self.keys = 0
        self.depth = 0
        self.texts: list[Any] = []
        self.words: list[Any] = []
        self.times: list[Any] = []

    def settle(self) -> bool:
        """Whether every value set aside is beyond doubt right. Raises TypeError when one is no string."""
        texts = " ".join(self.texts).encode(errors="surrogatepass")
        words = "".join(self.words).encode(errors="surrogatepass")
        return (
            all(self.words)
            and len(words.translate(None, _NOT_IN_WORDS)) == len(words)
            and len(texts.translate(None, _NOT_IN_TEXTS)) == len(texts) <= MAX_STRING
            and all(map(str.strip, self.texts))
            and (not self.times or _TIMES.fullmatch("\n".join(set(self.times)) + "\n") is not None)
        )
