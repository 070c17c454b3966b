"""The last look before a message goes: whether its body has the form that its register takes.

Rules and renderers see to that already. This looks at the result, by the schemas of ``profiles/registers``,
so that what nobody foresaw (a code of a local map, a default of the configuration) is held here, with the
place that it came from, and not refused there.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from adapter.domain.finding import Finding
from adapter.domain.message import RegisterMessage

RULE = "REGISTER-FORM"
"""The rule that says so."""

_ONLY_ONE = 5
"""Faults of one message that are told; more would say the same."""


class Forms:
    """The schemas of the registers' bodies under our own names, compiled. Pure once it is made."""

    def __init__(self, schemas: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        self._validators = {key: jsonschema_rs.validator_for(dict(schema)) for key, schema in schemas.items()}

    @classmethod
    def load(cls, folder: Path) -> "Forms":
        """The schemas ``REGISTER/SERVICE.schema.json`` below `folder`."""
        files = sorted(folder.glob("*/*.schema.json"))
        named = {(file.parent.name, file.name.removesuffix(".schema.json")): file for file in files}
        return cls({key: orjson.loads(file.read_bytes()) for key, file in named.items()})

    def faults(self, register: str, service: str, body: dict[str, Any]) -> tuple[str, ...]:
        """The members at fault as paths in the body (``diagnoser[0].kod``, empty for the body as a whole)."""
        validator = self._validators.get((register, service))
        if validator is None or validator.is_valid(body):
            return ()
        places = [_shown(error.instance_path) for error in validator.iter_errors(body)]
        return tuple(dict.fromkeys(places))[:_ONLY_ONE]

    def findings(self, message: RegisterMessage, otherwise: str) -> Iterable[Finding]:
        """A finding for each member at fault, where its value came from, else at `otherwise`."""
        for field in self.faults(message.register, message.service, message.body):
            origin = next((line.source for line in message.trace if line.field == field), ())
            yield Finding(
                rule=RULE,
                severity="error",
                register=message.register,
                expression=origin or (otherwise,),
                params={"field": field or "-", "service": message.service},
            )


def _shown(place: Sequence[str | int]) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return steps.removeprefix(".")
