"""Which members a register's body has, as far as the reading of its answers must know them."""

import msgspec


class BodyShape(msgspec.Struct, frozen=True, kw_only=True):
    """The members of one register's bodies, under our names (dotted paths for those within groups and lists).

    `event_id` names the member by which the register knows the event; `identification` are the members that
    name the event, `content` those that say what happened; `members` are all paths, `lists` those that are
    lists. `patient` is the member with the identity number.
    """

    event_id: str
    identification: tuple[str, ...]
    content: tuple[str, ...]
    members: tuple[str, ...]
    lists: tuple[str, ...] = ()
    patient: str = "patientId"

    @property
    def inner(self) -> frozenset[str]:
        """The names of members within groups and lists."""
        return frozenset(name.split(".")[1] for name in self.members if "." in name)

    @property
    def record(self) -> frozenset[str]:
        """The members by which an object is known to be a record of the register."""
        return frozenset((*self.identification, *self.content))
