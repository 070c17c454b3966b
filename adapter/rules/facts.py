"""What a condition can know: the event, and what the register's settings say."""

from collections.abc import Mapping

import msgspec

from adapter.domain.event import Vardhandelse


class RegisterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The variable `register` of conditions; a setting that is not made is absent."""

    default_besokstyp: str | None = None
    default_taxa: str | None = None


class Facts:
    """One event with the settings of one register. Settings that conditions do not know are ignored."""

    __slots__ = ("event", "register")

    def __init__(
        self, event: Vardhandelse, register: Mapping[str, str | None] | RegisterFacts | None = None
    ) -> None:
        self.event = event
        if isinstance(register, RegisterFacts):
            self.register = register
        else:
            given = register or {}
            self.register = RegisterFacts(
                default_besokstyp=given.get("default_besokstyp"), default_taxa=given.get("default_taxa")
            )
