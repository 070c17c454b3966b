"""Faults on request: which there are, when one strikes, and in which order they are tried."""

import random
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

WRITES = frozenset({"POST", "PUT", "DELETE"})


class Kind(StrEnum):
    """What can go wrong. What happens to the register's state is in the name or in the docstring."""

    LATENCY = "latency"
    """The register takes `seconds`, then works as usual, also when the caller has hung up."""
    TIMEOUT_BEFORE = "timeout-before-effect"
    """No answer, for at most `seconds` (default: an hour); the call is never worked on."""
    TIMEOUT_AFTER = "timeout-after-effect"
    """The call takes effect; no answer, for at most `seconds`."""
    RESET_BEFORE = "reset-before-effect"
    """The connection is reset (TCP RST); no effect."""
    RESET_AFTER = "reset-after-effect"
    """The call takes effect; then the connection is reset."""
    THROTTLE = "throttle"
    """429 with Retry-After (`retry_after`, whole seconds); no effect."""
    ERROR_500 = "500"
    """500; no effect."""
    ERROR_502 = "502"
    """502 of a gateway after the call took effect, so that the answer tells nothing."""
    ERROR_503 = "503"
    """503; no effect. Retry-After only when `retry_after` is given."""
    ERROR_503_AFTER = "503-after-effect"
    """The call takes effect; 503."""
    REJECT = "reject"
    """400 with the register's error body (`kod`, `falt`, `text`); no effect."""
    MALFORMED_GARBAGE = "malformed-garbage"
    """The call takes effect; 200 with bytes that are no JSON."""
    MALFORMED_TRUNCATED = "malformed-truncated"
    """The call takes effect; the answer breaks off in the middle and the connection closes."""
    MALFORMED_HTML = "malformed-html"
    """The call takes effect; 200 with a proxy's HTML page."""
    MALFORMED_HTTP = "malformed-http"
    """The call takes effect; the answer is no HTTP."""
    MALFORMED_WRONG_ID = "malformed-wrong-id"
    """The call takes effect; the confirmation names another event."""
    EMPTY_200 = "empty-200"
    """The call takes effect; 200 without a body."""
    ERROR_BODY_200 = "error-body-200"
    """200 with the register's error body (`kod`, `falt`, `text`); no effect."""
    AUTH = "auth"
    """401; no effect."""
    FORBIDDEN_UNIT = "forbidden-unit"
    """403; no effect. `match.enhet` names the unit."""
    DUPLICATE = "duplicate"
    """The call reaches the register twice; the answer is the second one's."""
    TLS_FAILURE = "tls-failure"
    """New connections fail: with TLS in the handshake, without TLS they are closed before any byte."""


class Match(BaseModel):
    """Which calls a fault concerns. Without `method` these are the writes; look-ups must be named (GET)."""

    model_config = ConfigDict(extra="forbid")

    method: frozenset[str] = WRITES
    handelseId: str = Field("", description="prefix of handelseId")  # noqa: N815 - the register's name
    enhet: str = Field("", description="prefix of the unit's kombika: inr, klin and avd joined")
    nth: int | None = Field(None, ge=1, description="only the nth matching call since the fault was set")

    @field_validator("method", mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    def fits(self, method: str, handelse_id: str | None, unit: str) -> bool:
        """Whether a call is meant, `nth` aside."""
        return (
            method in self.method
            and (handelse_id or "").startswith(self.handelseId)
            and unit.startswith(self.enhet)
        )


class Fault(BaseModel):
    """One fault as it is set. It strikes `count` times (None: until it is removed), by `probability`.

    `effect` overrides whether the call takes effect. Chance comes from `seed`, so a run can be repeated.
    """

    model_config = ConfigDict(extra="forbid")

    target: str = Field("gvr", alias="register")
    kind: Kind
    count: int | None = Field(None, ge=1)
    match: Match = Field(default_factory=lambda: Match.model_validate({}))
    probability: float = Field(1.0, ge=0.0, le=1.0)
    seed: int = 0
    seconds: float | None = Field(None, ge=0.0)
    retry_after: int | None = Field(None, ge=0)
    effect: bool | None = None
    kod: str = "AVVISAD"
    falt: str = ""
    text: str = "Avvisad av simulatorn."

    _seen: int = PrivateAttr(default=0)
    _struck: int = PrivateAttr(default=0)
    _chance: random.Random = PrivateAttr(default_factory=random.Random)

    def model_post_init(self, _: Any) -> None:
        """Start the fault's own chance."""
        self._chance.seed(self.seed)

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.count is not None and self._struck >= self.count

    def strikes(self) -> bool:
        """Decide for one matching call, and count."""
        self._seen += 1
        if self.spent or (self.match.nth is not None and self._seen != self.match.nth):
            return False
        if self._chance.random() >= self.probability:
            return False
        self._struck += 1
        return True

    def shown(self) -> dict[str, Any]:
        """The fault as it was set, with how many calls it met and how many it struck."""
        return {**self.model_dump(mode="json", by_alias=True), "seen": self._seen, "struck": self._struck}


class FaultTable:
    """The faults that are set, tried in the order of setting; the first that strikes is played."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._last = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> int:
        """Set a fault; gives its number."""
        self._last += 1
        self._faults[self._last] = fault
        return self._last

    def remove(self, number: int) -> bool:
        """Remove one fault; False when there is none of that number."""
        return self._faults.pop(number, None) is not None

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def shown(self) -> list[dict[str, Any]]:
        """All faults that were set and not removed, spent ones included."""
        return [{"id": number, **fault.shown()} for number, fault in self._faults.items()]

    def for_call(self, register: str, method: str, handelse_id: str | None, unit: str) -> Fault | None:
        """The fault that strikes this call, if any."""
        for fault in self._faults.values():
            if (
                fault.kind is not Kind.TLS_FAILURE
                and fault.target == register
                and fault.match.fits(method, handelse_id, unit)
                and fault.strikes()
            ):
                return fault
        return None

    def for_connection(self) -> Fault | None:
        """The fault that strikes a new connection, if any."""
        for fault in self._faults.values():
            if fault.kind is Kind.TLS_FAILURE and fault.strikes():
                return fault
        return None
