"""The interactions of the FHIR face, each said once: what it answers to, who may ask, what the
CapabilityStatement and the OpenAPI document say of it. Routing, statement and document are made of this list.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

Answer = Callable[[Request], Awaitable[Response]]
Kind = Literal["transaction", "batch", "search-system", "read", "search-type", "operation", "metadata"]


class SearchParameter(msgspec.Struct, frozen=True):
    """A search parameter as a CapabilityStatement names it."""

    name: str
    type: Literal["string", "token", "uri", "date", "reference", "number"]
    about: str


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one path (Starlette's form).

    `types` are the resource types that it concerns, none for the whole system; `kinds` name it in R4's terms,
    `name` and `definition` an operation (its canonical url). `takes` are the media types of a body beside
    FHIR's. `right` is a SMART scope, None for what everybody may ask. A `form` is another way
    to ask a search: its parameters come as the body.
    """

    method: Literal["GET", "POST"]
    path: str
    answer: Answer
    kinds: tuple[Kind, ...]
    about: str
    types: tuple[str, ...] = ()
    name: str = ""
    definition: str = ""
    search: tuple[SearchParameter, ...] = ()
    takes: tuple[str, ...] = ()
    right: str | None = None
    experimental: bool = False
    form: bool = False
