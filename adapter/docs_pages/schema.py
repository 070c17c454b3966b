"""The members of a register's message, as its JSON schema describes them."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Member(NamedTuple):
    """One member of a register's message: its path in the body (``diagnoser[].kod``) and its schema."""

    path: str
    schema: dict[str, Any]

    @property
    def said(self) -> str:
        """Title and description as one text."""
        return ": ".join(text for text in (self.schema.get("title"), self.schema.get("description")) if text)

    @property
    def assumed(self) -> bool:
        """Whether the schema marks it as our assumption (``x-assumed``)."""
        return self.schema.get("x-assumed") is True


def assumed_members(schema: dict[str, Any]) -> Iterator[Member]:
    """The members of a register's message that the schema marks with ``x-assumed``, in their order."""
    return (member for member in all_members(schema) if member.assumed)


def all_members(schema: dict[str, Any]) -> Iterator[Member]:
    """Every member of a register's message at every depth, in their order."""
    return _members(schema, schema, "")


def _members(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[Member]:
    for name, below in schema.get("properties", {}).items():
        yield from _member(below, root, f"{path}.{name}" if path else name)


def _member(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[Member]:
    yield Member(path, schema)
    whole = {**_target(schema, root), **schema}
    yield from _members(whole, root, path)
    items = whole.get("items")
    if isinstance(items, dict):
        yield from _members({**_target(items, root), **items}, root, f"{path}[]")


def _target(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """What a ``$ref`` within the file points at; nothing for a schema without one."""
    reference = schema.get("$ref", "")
    found: Any = root if reference.startswith("#/") else {}
    for step in reference.removeprefix("#/").split("/") if found else ():
        found = found.get(step, {})
    return dict(found) if reference else {}
