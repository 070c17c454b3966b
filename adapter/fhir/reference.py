"""The text of a literal reference: which form it has, which type and id it names."""

import re
from typing import Literal

import msgspec

Form = Literal["contained", "relative", "conditional", "absolute", "malformed"]

_RELATIVE = re.compile(
    r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?", re.ASCII
)
_TAIL = re.compile(r".*/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+", re.ASCII)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?[^\s=]+=\S*", re.ASCII)


class Literally(msgspec.Struct, frozen=True):
    """A reference taken apart.

    `type` and `id` are empty when the text does not tell them. `url` is the text without its version
    (``/_history/n``), which is how entries are found; `query` is what follows the ``?`` of a conditional
    reference.
    """

    form: Form
    type: str = ""
    id: str = ""
    url: str = ""
    query: str = ""


def take_apart(reference: str) -> Literally:
    """Which form the text has: ``#id``, ``Type/id``, ``Type?query``, an absolute URI, or none of them."""
    if reference[:1] == "#":
        return Literally("contained", id=reference[1:], url=reference)
    relative = _RELATIVE.fullmatch(reference)
    if relative is not None:
        return Literally("relative", relative[1], relative[2], f"{relative[1]}/{relative[2]}")
    conditional = _CONDITIONAL.fullmatch(reference)
    if conditional is not None:
        return Literally("conditional", conditional[1], url=reference, query=reference.partition("?")[2])
    if _SCHEME.fullmatch(reference) is None:
        return Literally("malformed")
    url = reference.partition("/_history/")[0]
    tail = _TAIL.fullmatch(url) if url[:4].lower() == "http" else None
    return (
        Literally("absolute", tail[1], tail[2], url) if tail is not None else Literally("absolute", url=url)
    )
