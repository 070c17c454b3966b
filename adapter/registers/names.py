"""Our names of body members and a register's own: so that its real specification needs no code."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.errors import ConfigurationError


class MemberNames:
    """Translates bodies, records and field names between our names and a register's.

    `members` are the dotted paths of all members of a body, groups and lists included; members of the
    objects in a list are named without an index (``diagnoser.kod``). `rename` maps such paths to the
    register's, also across levels (``{"tid": "besok.tid"}``); what stands below a renamed group moves along.
    Raises ConfigurationError for an unknown member, a target used twice, or a list's member renamed out of
    its list.
    """

    def __init__(self, members: Sequence[str], rename: Mapping[str, str], setting: str = "rename") -> None:
        self._theirs = dict(rename)
        self._ours = {theirs: ours for ours, theirs in rename.items()}
        for ours in rename:
            if ours not in members:
                raise ConfigurationError(f"{setting}: there is no member {ours!r}")
        if len(self._ours) < len(rename):
            raise ConfigurationError(f"{setting}: two members have the same target")
        self._setting = setting

    def check_lists(self, lists: Sequence[str]) -> None:
        """Refuse a rename that moves a member out of one of `lists`, where it would have no place."""
        for ours, theirs in self._theirs.items():
            for name in lists:
                if ours.startswith(name + ".") and not theirs.startswith(self._theirs.get(name, name) + "."):
                    raise ConfigurationError(f"{self._setting}: {ours!r} cannot leave its list")

    def to_register(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` under the register's names; the same object when nothing is renamed."""
        return _moved(body, self._theirs) if self._theirs else body

    def to_ours(self, record: dict[str, Any]) -> dict[str, Any]:
        """A register's `record` under our names; members that we do not know keep theirs."""
        return _moved(record, self._ours) if self._ours else record

    def field_to_ours(self, tokens: Sequence[str | int]) -> str:
        """A register's path, split into names and indexes, as a path in our body (``diagnoser[0].kod``)."""
        theirs = ours = text = ""
        for token in tokens:
            if isinstance(token, int):
                text += f"[{token}]"
                continue
            theirs = _join(theirs, token)
            here = self._ours.get(theirs, _join(ours, token))
            text = text + here[len(ours) :] if ours and here.startswith(ours + ".") else here
            ours = here
        return text


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _moved(source: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    target: dict[str, Any] = {}
    _move(source, names, "", "", target, 0)
    return target


def _move(
    source: dict[str, Any],
    names: Mapping[str, str],
    path: str,
    new_path: str,
    target: dict[str, Any],
    cut: int,
) -> None:
    """Put the members of `source` into `target` at their new paths, of which the first `cut` characters
    lead to `target` itself."""
    for name, value in source.items():
        old = _join(path, name)
        new = names.get(old, _join(new_path, name))
        if isinstance(value, dict):
            _move(value, names, old, new, target, cut)
            continue
        if isinstance(value, list):
            value = [_moved_item(item, names, old, new) for item in value]
        _put(target, new[cut:], value)


def _moved_item(item: Any, names: Mapping[str, str], path: str, new_path: str) -> Any:
    if not isinstance(item, dict):
        return item
    moved: dict[str, Any] = {}
    _move(item, names, path, new_path, moved, len(new_path) + 1)
    return moved


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *groups, name = path.split(".")
    for group in groups:
        inner = target.setdefault(group, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target[name] = value
