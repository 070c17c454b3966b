"""When two values of a GVR body say the same, however each system spells them."""

from typing import Any

from adapter.registers.gvr.members import MEMBERS

_INNER_MEMBERS = frozenset(name.split(".")[1] for name in MEMBERS if "." in name)


def is_given(value: Any) -> bool:
    """Whether a member says something: empty is as good as absent."""
    return value is not None and value not in ("", [], {})


def same(sent: Any, held: Any) -> bool:
    """Whether the register holds what was sent, up to spelling: number or text, hyphens, seconds, empty or
    absent, and an `ordning` that it leaves to the place in the list."""
    if isinstance(sent, dict) and isinstance(held, dict):
        names = {name for name in sent.keys() | held.keys() if name in sent or name in _INNER_MEMBERS}
        return all(same(sent.get(name), held.get(name)) for name in names if not _is_implied(name, held))
    if isinstance(sent, list) and isinstance(held, list):
        return len(sent) == len(held) and all(map(same, sent, held))
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
