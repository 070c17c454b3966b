"""Cases on a running adapter: what can be seen from a sender's side, and no more.

The outcome is the HTTP status, findings are the issues of OperationOutcomes (which do not say which register
they concern), and messages show where the adapter tells senders how their contacts stand at the registers
(``POST /api/sender/status``, docs/how-to/follow-up.md): that there is a message, not what is in it.
"""

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from adapter.conformance.freshen import contact_identifiers, freshened, is_message
from adapter.conformance.manifest import Case, Outcome
from adapter.conformance.observed import NotRun, Observed, Remark, SentMessage, Untold
from adapter.domain.text import Text
from adapter.submission.client import FHIR_JSON, Client, Reply
from adapter.submission.sources import Submission

Json = dict[str, Any]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_UNTOLD = frozenset({"not-reported", "pending"})
_NO_MESSAGE = _UNTOLD | {"held", "closed", "unchanged", "superseded"}
_ON_ITS_WAY = frozenset({"waiting", "sending"})
_LOOKS, _BETWEEN_LOOKS = 10, 0.2
_SETTINGS = Text(
    sv="fallet förutsätter egna inställningar hos mottagaren", en="the case presumes settings of its own"
)
_NO_ANSWER = Text(sv="inget svar från adaptern", en="no answer from the adapter")


class Live:
    """An adapter at a URL. `suffix` makes the contacts of this run other ones than those of the last."""

    def __init__(
        self,
        url: str,
        token: str | None,
        suffix: str,
        *,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        base = url.rstrip("/").removesuffix("/fhir")
        self.name = base
        self._suffix = suffix
        self._sender = Client(base, token, "en", verify=verify, transport=transport, sleep=sleep)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        own_machine = urlsplit(base).hostname in _LOOPBACK
        self._status = httpx.Client(
            base_url=base,
            headers=headers,
            timeout=60.0,
            verify=verify,
            trust_env=not own_machine,
            transport=transport,
        )

    def close(self) -> None:
        """Hang up."""
        self._sender.__exit__(None, None, None)
        self._status.close()

    def run(self, case: Case, inputs: Sequence[bytes]) -> list[Observed]:
        """What came of each input. Raises NotRun."""
        if case.settings.sender or case.settings.registers or case.settings.tables:
            raise NotRun(_SETTINGS)
        known: set[int] = set()
        return [self._hand_in(case, raw, known) for raw in inputs]

    def _hand_in(self, case: Case, raw: bytes, known: set[int]) -> Observed:
        """What came of one input. `known` are the messages that earlier inputs of the case gave."""
        fresh = freshened(raw, self._suffix)
        reply = self._process(fresh) if is_message(fresh) else self._sender.send(Submission(case.id, fresh))
        if reply.status is None or reply.status in (401, 403, 429) or reply.status >= 500:
            raise NotRun(_NO_ANSWER if reply.status is None else _refused(reply.status))
        remarks = tuple(_remarks(reply.body))
        outcome = outcome_of(reply)
        states = self._settled(contact_identifiers(fresh), known) if outcome != "refused" else {}
        if states is None:
            return Observed(outcome=outcome, findings=remarks, whole=False)
        return Observed(
            outcome=outcome,
            findings=remarks,
            messages=tuple(_messages(states, known)),
            not_reported=tuple(_with_rule(states, _UNTOLD)),
            held=tuple(_with_rule(states, frozenset({"held"}))),
            registers=frozenset(states),
            whole=False,
            sees_cancels=False,
        )

    def _process(self, raw: bytes) -> Reply:
        """Hand in a message."""
        headers = {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON}
        try:
            answer = self._status.post("/fhir/$process-message", content=raw, headers=headers)
            body = orjson.loads(answer.content)
        except (httpx.TransportError, orjson.JSONDecodeError):
            return Reply(status=None)
        return Reply(status=answer.status_code, body=body if isinstance(body, dict) else {})

    def _settled(self, identifiers: Sequence[str], known: set[int]) -> dict[str, list[Json]] | None:
        """How the contacts stand. After an earlier input a message that is on its way may turn out to be
        equal to what the register has: then wait a little for that to show."""
        states = self._states(identifiers)
        for _ in range(_LOOKS if known else 0):
            if states is None or not any(
                one.get("state") in _ON_ITS_WAY for on in states.values() for one in on
            ):
                break
            self._sleep(_BETWEEN_LOOKS)
            states = self._states(identifiers)
        return states

    def _states(self, identifiers: Sequence[str]) -> dict[str, list[Json]] | None:
        """By register, how the contacts stand there; None where the adapter does not say."""
        if not identifiers:
            return None
        try:
            answer = self._status.post("/api/sender/status", json={"identifiers": list(identifiers)})
            results = orjson.loads(answer.content)["results"] if answer.status_code == 200 else None
        except (httpx.TransportError, orjson.JSONDecodeError, KeyError, TypeError):
            return None
        if results is None:
            return None
        found: dict[str, list[Json]] = {}
        for event in (event for one in results for event in one.get("events", ())):
            for register, state in event.get("registers", {}).items():
                found.setdefault(register, []).extend(state.get("parts") or [state])
        return found


def outcome_of(reply: Reply) -> Outcome:
    """What an answer says of the whole. Of a batch each contact has its own status; entries that were not
    needed say nothing. The answer to a message says it in its header."""
    if not reply.taken or _message_code(reply.body) not in (None, "ok"):
        return "refused"
    if reply.body.get("type") != "batch-response":
        return "accepted"
    responses = [entry.get("response", {}) for entry in reply.body.get("entry", ())]
    taken = any("location" in one for one in responses)
    wrong = any(str(one.get("status", ""))[:1] == "4" for one in responses)
    if not taken:
        return "refused" if wrong else "accepted"
    return "partly" if wrong else "accepted"


def _message_code(body: Json) -> str | None:
    """What the answer to a message says of it: ok, transient-error, fatal-error."""
    headers = (entry.get("resource", {}) for entry in body.get("entry", ()))
    found = (one.get("response", {}) for one in headers if one.get("resourceType") == "MessageHeader")
    return next((one.get("code") for one in found), None)


def _refused(status: int) -> Text:
    return Text(sv=f"adaptern svarar {status}", en=f"the adapter answers {status}")


def _remarks(body: Json) -> Iterator[Remark]:
    outcomes = [(body, False)]
    for entry in body.get("entry", ()):
        response = entry.get("response", {})
        # R4: "hints and warnings" where the entry is a success, so an error is told as a warning there
        is_success = str(response.get("status", ""))[:1] == "2"
        outcomes += [(response.get("outcome", {}), is_success), (entry.get("resource", {}), False)]
    for issue, is_milder in ((issue, milder) for one, milder in outcomes for issue in one.get("issue", ())):
        codings = issue.get("details", {}).get("coding", ())
        rule = next((one["code"] for one in codings if "code" in one), "")
        severity = issue.get("severity")
        yield Remark(
            rule=rule,
            severity="error" if severity == "fatal" else severity,
            expression=tuple(issue.get("expression", ())),
            milder=is_milder,
        )


def _messages(states: dict[str, list[Json]], known: set[int]) -> Iterator[SentMessage]:
    """The messages that are not known yet; cancellations are passed over, since not all of them show."""
    for register, listed in states.items():
        for state in listed:
            number = state.get("message")
            new = number is None or number not in known
            if number is not None:
                known.add(number)
            if new and state.get("intent") != "cancel" and state.get("state") not in _NO_MESSAGE:
                yield SentMessage(register=register, service=state.get("service") or "")


def _with_rule(states: dict[str, list[Json]], kinds: frozenset[str]) -> Iterator[Untold]:
    """The registers in one of these states, with the rule that the adapter names."""
    for register, listed in states.items():
        for state in listed:
            if state.get("state") in kinds and state.get("rule"):
                yield Untold(register=register, rule=state["rule"])
