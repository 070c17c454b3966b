"""When two values of a register's body say the same, however each system spells them."""

from collections.abc import Set
from typing import Any


def is_given(value: Any) -> bool:
    """Whether a member says something: empty is as good as absent."""
    return value is not None and value not in ("", [], {})


def same(sent: Any, held: Any, inner: Set[str] = frozenset()) -> bool:
    """Whether the register holds what was sent, up to spelling: number or text, hyphens, seconds, empty or
    absent, and an `ordning` that it leaves to the place in the list. `inner` are the members of groups that
    are compared also when only the register has them."""
    if isinstance(sent, dict) and isinstance(held, dict):
        names = {name for name in sent.keys() | held.keys() if name in sent or name in inner}
        return all(
            same(sent.get(name), held.get(name), inner) for name in names if not _is_implied(name, held)
        )
    if isinstance(sent, list) and isinstance(held, list):
        return len(sent) == len(held) and all(
            same(one, other, inner) for one, other in zip(sent, held, strict=True)
        )
    if not is_given(sent) or not is_given(held):
        return not is_given(sent) and not is_given(held)
    return _plain(sent) == _plain(held)


def _is_implied(name: str, held: dict[str, Any]) -> bool:
    return name == "ordning" and name not in held


def _plain(value: Any) -> str:
    text = str(value).strip().upper().replace("-", "").replace(".", "")
    if text[:8].isdigit() and text[8:9] == "T":
        return text[:8]
    return text[:5] if ":" in text else text
