"""What a condition can know: the event, and what the register's settings say."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from adapter.domain.event import Vardhandelse


class RegisterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The variable `register` of conditions; a setting that is not made is absent.

    `services`: those of the register's services that the contract has, absent when nothing limits them.
    `report_not_replacing`: the contract wants distance contacts that do not replace a visit, too. `form`: how
    the register is told. `pseudonym_key`: where the key of pseudonyms comes from, absent when it is a fresh
    one.
    """

    default_besokstyp: str | None = None
    default_taxa: str | None = None
    report_not_replacing: bool = False
    services: tuple[str, ...] | None = None
    form: Literal["json", "xml"] = "json"
    pseudonym_key: Literal["configured"] | None = None


class Facts:
    """One event with the settings of one register. Settings that conditions do not know are ignored."""

    __slots__ = ("event", "register")

    def __init__(
        self, event: Vardhandelse, register: Mapping[str, Any] | RegisterFacts | None = None
    ) -> None:
        self.event = event
        if isinstance(register, RegisterFacts):
            self.register = register
        else:
            given = register or {}
            known = {name: given[name] for name in RegisterFacts.__struct_fields__ if name in given}
            self.register = RegisterFacts(**{name: one for name, one in known.items() if one is not None})
