"""Writes a body and its trace together: there is no way to write a member without its trace line."""

from collections.abc import Sequence
from typing import Any

from adapter.domain.trace import Origin, Provenance, TraceLine, absent_key


class BodyBuilder:
    """Builds one register's body from an event's members.

    Each `write` puts a member and its trace line in one act. `member` is the event's path
    (``enhet.kombika.inr``), whose origin is that of the path itself or of the nearest group that has one
    (``enhet.kombika``). Each line ends with the map that made the field of it, by the field's place in the
    message's schema (``gvr-vardkontakt:diagnoser.kod``). A value of None is left out. Raises LookupError for
    a member that the mapping gave no origin: it must not be forwarded, and no sender can mend it.
    """

    def __init__(self, register: str, service: str, provenance: Provenance) -> None:
        self.body: dict[str, Any] = {}
        self._register = register
        self._map = f"{register}-{service}:"
        self._provenance = provenance
        self._trace: list[TraceLine] = []
        self._into: dict[str, Any] = self.body
        self._prefix = ""
        self._place = self._map

    @property
    def trace(self) -> tuple[TraceLine, ...]:
        """The trace lines of all that was written, in that order."""
        return tuple(self._trace)

    def write(self, name: str, value: Any, member: str, decided_by: Sequence[str] = ()) -> None:
        """Write member `name`, from the event's `member`; the members `decided_by` say that it is written."""
        if value is not None:
            origin = self._origin(member)
            for other in decided_by:
                origin = _joined(origin, self._provenance.get(other))
            self._line(self._prefix + name, self._place + name, value, origin)
            self._into[name] = value

    def write_configured(self, name: str, value: Any, setting: str) -> None:
        """Write member `name` from the configuration's `setting`; nothing in the bundle took part."""
        if value is not None:
            origin = Origin((), (f"config:{setting}",))
            self._line(self._prefix + name, self._place + name, value, origin)
            self._into[name] = value

    def write_null(self, name: str, member: str) -> None:
        """Write member `name` as null: the sender does not say `member`, and the register asks for it."""
        self._write_origin(name, None, self._provenance.get(absent_key(member)) or Origin())

    def write_decided(self, name: str, value: Any, member: str, rule: str) -> None:
        """Write what `rule` decided of the event's `member`, which need not be there; also null."""
        origin = self._provenance.get(member) or self._provenance.get(absent_key(member)) or Origin()
        self._write_origin(name, value, Origin(origin.paths, (*origin.by, rule)))

    def _write_origin(self, name: str, value: Any, origin: Origin) -> None:
        self._line(self._prefix + name, self._place + name, value, origin)
        self._into[name] = value

    def append(self, name: str, value: Any, member: str) -> None:
        """Append a plain value to the list `name`."""
        if value is not None:
            values = self._into.setdefault(name, [])
            field = f"{self._prefix}{name}[{len(values)}]"
            self._line(field, self._place + name, value, self._origin(member))
            values.append(value)

    def group(self, name: str) -> "BodyBuilder":
        """A builder for the members of the group `name`; call it only when there is something to write."""
        inner: dict[str, Any] = {}
        self._into[name] = inner
        return self._inside(inner, f"{self._prefix}{name}.", f"{self._place}{name}.")

    def item(self, name: str) -> "BodyBuilder":
        """A builder for the members of a new object in the list `name`."""
        items = self._into.setdefault(name, [])
        inner: dict[str, Any] = {}
        items.append(inner)
        return self._inside(inner, f"{self._prefix}{name}[{len(items) - 1}].", f"{self._place}{name}.")

    def _inside(self, into: dict[str, Any], prefix: str, place: str) -> "BodyBuilder":
        inner = BodyBuilder.__new__(BodyBuilder)
        inner.body = self.body
        inner._register = self._register
        inner._provenance = self._provenance
        inner._map = self._map
        inner._trace = self._trace
        inner._into = into
        inner._prefix = prefix
        inner._place = place
        return inner

    def _line(self, field: str, place: str, value: Any, origin: Origin) -> None:
        by = (*origin.by, place)
        self._trace.append(
            TraceLine(register=self._register, field=field, value=value, source=origin.paths, by=by)
        )

    def _origin(self, member: str) -> Origin:
        path = member
        while path:
            origin = self._provenance.get(path)
            if origin is not None:
                return origin
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        raise LookupError(f"the mapping gave no origin for {member}")


def _joined(origin: Origin, other: Origin | None) -> Origin:
    """Both origins as one, what they share once."""
    if other is None:
        return origin
    paths = dict.fromkeys((*origin.paths, *other.paths))
    return Origin(tuple(paths), tuple(dict.fromkeys((*origin.by, *other.by))))
