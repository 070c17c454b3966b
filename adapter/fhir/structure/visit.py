"""What the walks over one bundle carry along."""

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, "Visit"], bool]
"""Whether a value is beyond doubt right. False means only: look closer."""


class Visit:
    """The state of one fast walk.

    `types` tells the resource type behind each fullUrl of the bundle. `keys` counts the JSON properties
    seen, so that duplicates (which a parser swallows) can be told from the bytes. `depth` counts how often
    types that hold themselves are nested.
    """

    __slots__ = ("depth", "keys", "types")

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self.keys = 0
        self.depth = 0
