"""A register in memory with a receiver to match: it keeps state, counts effects and fails as it is told."""

from collections import deque
from typing import Any

import orjson

from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.registers.protocol import Answer, Request

METHODS = {Operation.CREATE: "POST", Operation.UPDATE: "PUT", Operation.CANCEL: "DELETE"}
_CLASSES = {
    400: OutcomeClass.REJECTED,
    401: OutcomeClass.AUTH,
    403: OutcomeClass.FORBIDDEN_UNIT,
    404: OutcomeClass.ELSEWHERE,
    409: OutcomeClass.ELSEWHERE,
    429: OutcomeClass.THROTTLED,
    503: OutcomeClass.TRANSIENT,
}
_NOT_ASKED = frozenset(
    {
        OutcomeClass.AUTH,
        OutcomeClass.FORBIDDEN_UNIT,
        OutcomeClass.THROTTLED,
        OutcomeClass.TRANSIENT,
        OutcomeClass.NOT_SENT,
    }
)


class FakeReceiver:
    """Reads and writes the fake register's language: the body is JSON with a member ``id``."""

    name = "gvr"

    def __init__(self, *, looks_up: bool = False) -> None:
        self._looks_up = looks_up

    def service(self, event: Any) -> str:
        return "vardkontakt"

    def render(self, event: Any, provenance: Any, edition: str) -> list[Any]:
        raise NotImplementedError

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        return Request(method=METHODS[operation], path="/besok", body=orjson.dumps(body), key=key)  # type: ignore[arg-type]

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        return Request(method="GET", path="/besok", body=orjson.dumps(body)) if self._looks_up else None

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:
        if answer.failure is not None:
            kind = OutcomeClass.NOT_SENT if answer.failure == "connect" else OutcomeClass.UNKNOWN
            return Outcome(kind=kind, cause=answer.failure)
        status = answer.status or 0
        kind = OutcomeClass.ACCEPTED if status < 300 else _CLASSES.get(status, OutcomeClass.UNKNOWN)
        retry_after = answer.headers.get("retry-after")
        return Outcome(
            kind=kind,
            cause=f"http-{status}",
            status=status,
            retry_after=float(retry_after) if retry_after else None,
        )

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        refused = self.read(operation, body, answer)
        if refused.kind in _NOT_ASKED:
            return refused
        if answer.status == 404:
            return Found.EQUAL if operation is Operation.CANCEL else Found.ABSENT
        if answer.status != 200:
            return Found.UNREADABLE
        if operation is Operation.CANCEL:
            return Found.DIFFERENT
        return Found.EQUAL if orjson.loads(answer.body) == body else Found.DIFFERENT


class FakeRegister:
    """The register's side. `faults` strike one request each, in order; None lets one through.

    A fault is a status (refused without effect), ``timeout-before``, ``timeout-after`` (the effect),
    ``refused`` (no connection), or ``late``: the answer times out and the effect comes with `arrive_late`.
    `holds` is what stands there by id, `effects` what happened, in order: (operation, body). A `naive` one
    creates what is there already a second time, and counts it in `created_twice`. `lookup_faults` strike
    look-ups, which find what has the id and the members `found_by` of the body that they ask for.
    """

    def __init__(self, *, honours_keys: bool = False, naive: bool = False) -> None:
        self.naive = naive
        self.created_twice = 0
        self.holds: dict[str, dict[str, Any]] = {}
        self.effects: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[Request] = []
        self.faults: deque[int | str | None] = deque()
        self.lookup_faults: deque[int | str | None] = deque()
        self.forbidden_units: set[str] = set()
        self.down: int | str | None = None
        self.retry_after = "30"
        self.found_by: tuple[str, ...] = ()
        self._honours_keys = honours_keys
        self._answers: dict[str, Answer] = {}
        self._late: list[Request] = []

    async def send(self, request: Request) -> Answer:
        return self.answer(request)

    async def close(self) -> None:
        pass

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.method == "GET":
            return self._look_up(request)
        fault = self.faults.popleft() if self.faults else self.down
        body = orjson.loads(request.body or b"{}")
        if body.get("unit") in self.forbidden_units:
            fault = 403
        if fault == 400 and request.key in self._answers:
            fault = None  # to honour a key is to give its first answer again
        if fault is None:
            return self.work(request)
        if isinstance(fault, int):
            return self._refusal(fault)
        if fault == "refused":
            return Answer(failure="connect")
        if fault == "timeout-after":
            self.work(request)
        elif fault == "late":
            self._late.append(request)
        return Answer(failure="read-timeout")

    def arrive_late(self) -> list[Answer]:
        """Let requests arrive whose answers were given up."""
        late, self._late = self._late, []
        return [self.work(request) for request in late]

    def work(self, request: Request) -> Answer:
        """Do what is asked, once for each key where keys are honoured."""
        if self._honours_keys and request.key in self._answers:
            return self._answers[request.key]
        answer = self._work(request)
        if self._honours_keys and request.key is not None:
            self._answers[request.key] = answer
        return answer

    def _work(self, request: Request) -> Answer:
        body = orjson.loads(request.body or b"{}")
        there = body["id"] in self.holds
        if request.method == "POST" and there:
            if not self.naive:
                return Answer(status=409)
            self.created_twice += 1
        if request.method in ("PUT", "DELETE") and not there:
            return Answer(status=404)
        self.effects.append((request.method, body))
        if request.method == "DELETE":
            del self.holds[body["id"]]
        else:
            self.holds[body["id"]] = body
        return Answer(status=201 if request.method == "POST" else 200)

    def _look_up(self, request: Request) -> Answer:
        fault = self.lookup_faults.popleft() if self.lookup_faults else None
        if isinstance(fault, int):
            return self._refusal(fault)
        if fault is not None:
            return Answer(failure="connect" if fault == "refused" else "read-timeout")
        body = orjson.loads(request.body or b"{}")
        held = self.holds.get(body["id"])
        if held is None or any(held[name] != body[name] for name in self.found_by):
            return Answer(status=404)
        return Answer(status=200, body=orjson.dumps(held))

    def _refusal(self, status: int) -> Answer:
        return Answer(status=status, headers={"retry-after": self.retry_after} if status == 429 else {})
