"""The extensions below our base in a resource, each with the path of elements that it stands on."""

from collections.abc import Iterator
from typing import Any

from adapter.domain.canonical import extension

Json = dict[str, Any]

_OTHERS = ("resource", "contained")
"""Elements that hold resources, which are checked by themselves."""


def own_extensions(value: Any, path: str, place: str) -> Iterator[tuple[Json, str, str]]:
    """Extension, its path in the resource (`Patient.name[0].extension[1]`), its place (`Patient.name`)."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "extension":
                yield from _ours(inner, path, place)
            elif name not in _OTHERS and isinstance(inner, dict | list):
                bare = name.removeprefix("_")
                yield from own_extensions(inner, f"{path}.{bare}", f"{place}.{bare}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from own_extensions(one, f"{path}[{index}]", place)


def _ours(extensions: Any, path: str, place: str) -> Iterator[tuple[Json, str, str]]:
    start = extension("")
    for index, one in enumerate(extensions if isinstance(extensions, list) else ()):
        url = one.get("url") if isinstance(one, dict) else None
        if isinstance(url, str) and url.startswith(start):
            yield one, f"{path}.extension[{index}]", place
