"""What a receiver is made of: render, transport and the reading of answers, replaceable one by one."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from adapter.domain.event import Kind, Vardhandelse
from adapter.domain.message import Found, Operation, Outcome, RegisterMessage
from adapter.domain.naming_key import NamingKey
from adapter.domain.trace import Provenance


class RegisterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One register's part of the configuration (docs/reference/configuration). Durations are in seconds.

    `folder` is where a file transport delivers, `format` the form of what it writes. `batch_at` (``HH:MM``,
    local) is when the day's batch is written; None: as soon as there is something to deliver. `receipts` is
    the folder in which the receiver answers; None: what is in place is accepted. `lookup` is the path of the
    look-up by GET, None when the register has none. `rename` maps our names of
    body members and query parameters to the register's (dotted paths), `paths` our services to its paths.
    `before_effect` lists the statuses (500, 503) that the register gives only before it has acted on a
    request; None takes what the receiver assumes. `production`: what is sent counts, and nothing of a test
    person may be. `pseudonym_key` is the region's key for registers that get no identity, None: a fresh one.
    `report_not_replacing`: the contract wants distance contacts that do not replace a visit, too. `services`
    limits what the register is told to these of its services, None: to those that every contract has. `grace`
    is how long after an attempt's end its request may still take effect at the register. `naming` is the key
    of lanes that stand for a person.
    """

    enabled: bool = True
    transport: Literal["rest", "file"] = "rest"
    url: str = ""
    folder: str | None = None
    format: Literal["json", "xml"] = "json"
    batch_at: str | None = None
    receipts: str | None = None
    pseudonym_key: bytes | None = None
    report_not_replacing: bool = False
    services: tuple[str, ...] | None = None
    timeout: float = 15.0
    grace: float = 10.0
    idempotency: bool = False
    lookup: str | None = None
    probe_by_write: bool = False
    shadow: bool = False
    production: bool = True
    default_taxa: str | None = None
    default_besokstyp: str | None = None
    policy: Literal["park", "skip-and-flag"] = "park"
    concurrency: int = 8
    rate: float | None = None
    schedule: tuple[float, ...] | None = None
    client_cert: str | None = None
    client_key: str | None = None
    ca: str | None = None
    rename: dict[str, str] = {}
    paths: dict[str, str] = {}
    before_effect: tuple[int, ...] | None = None
    naming: NamingKey = NamingKey(b"")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, frozen when the attempt is committed. `path` is relative to the register's url.

    `query` holds identity numbers: it is never logged, `shown` is what a log may say of the URL.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    key: str | None = None

    @property
    def shown(self) -> str:
        """Method and path, without the query."""
        return f"{self.method} {self.path}"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: a status with headers (lower-case names) and body, or the failure of the transport.

    `failure` is None or one of ``dns``, ``connect``, ``connect-timeout``, ``pool-timeout``, ``tls-refused``
    (hung up during the hello), ``tls`` (certificates or protocol), ``write``, ``write-timeout``, ``read``,
    ``read-timeout``, ``protocol``.
    """

    status: int | None = None
    headers: dict[str, str] = {}
    body: bytes = b""
    failure: str | None = None


NaturalKey = tuple[str, ...]
"""What a contact is, whoever reports it: patient, unit, date and time of day; the time is empty where it is
not known."""


class Difference(msgspec.Struct, frozen=True):
    """That two bodies of one contact differ in a member. The values are given where they are codes; they hold
    no patient data."""

    field: str
    ours: str | None = None
    theirs: str | None = None


class Receiver(Protocol):
    """One register, as the pipeline and the delivery see it. Everything here is pure."""

    name: str

    needs_identity: bool = True
    """Whether the register is told who the patient is: where it is not, a wrong number stops nothing."""

    kinds: frozenset[Kind]
    """The kinds of event that the register takes: what is wrong with others is no concern of it, its rules
    need only say that they are not reported."""

    def services(self, event: Vardhandelse) -> Sequence[str]:
        """The services of the register that an event of this kind belongs to; each judges it by rules of its
        own. Never empty: the rules of the first say when an event is for none."""
        ...

    def render(
        self, event: Vardhandelse, provenance: Provenance, edition: str, service: str
    ) -> Sequence[RegisterMessage]:
        """The messages to one service of an event that its rules let through; each body member has its trace
        line."""
        ...

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """The request for one attempt; for a cancel `body` is the body that the register has accepted."""
        ...

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        """The request that asks what the register holds for this body, None when it cannot be asked."""
        ...

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:
        """What the answer to an attempt means."""
        ...

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the answer to a look-up says about an attempt at `operation` with `body`.

        An Outcome when the look-up itself was refused or not sent: AUTH, FORBIDDEN_UNIT, THROTTLED, TRANSIENT
        or NOT_SENT; or the verdict of a register that judges later than it takes: REJECTED, or UNKNOWN (cause
        awaiting-receipt) while there is none yet.
        """
        ...

    def adopt(self, record: dict[str, Any]) -> dict[str, Any]:
        """A body as another system has sent it to the register, under our names."""
        ...

    def natural_key(self, service: str, body: dict[str, Any]) -> NaturalKey | None:
        """What names the contact of a body beside its event id; None when the body does not say it."""
        ...

    def reported(self, body: dict[str, Any], event_id: str) -> RegisterMessage:
        """The message that another system's body stands for, as the report of our event `event_id`, whose id
        it gets.

        Raises ValueError when the body does not name a contact.
        """
        ...

    def known_as(self, body: dict[str, Any]) -> dict[str, Any]:
        """The members by which the register knows the event of another system's body, where it gives them."""
        ...

    def differences(self, service: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Sequence[Difference]:
        """In which members two bodies of one contact differ, but for the event's id."""
        ...


class Transport(Protocol):
    """Carries requests to one register. The only part of a receiver with side effects."""

    async def send(self, request: Request) -> Answer:
        """Send once and answer; transport failures come back as an Answer, they are not raised."""
        ...

    async def close(self) -> None:
        """Release the connections."""
        ...
