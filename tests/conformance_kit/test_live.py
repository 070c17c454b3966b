"""What can be seen of a running adapter from the sender's side: status, issues, how contacts stand."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from adapter.conformance.live import Live
from adapter.conformance.loading import Kit
from adapter.conformance.running import CaseResult, run_kit
from tests.conformance_kit.conftest import bundle

Json = dict[str, Any]

ISSUE = {"severity": "warning", "details": {"coding": [{"code": "A-B"}]}, "expression": ["Bundle.entry[4]"]}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [ISSUE]}
GVR = {"register": "gvr", "service": "vardkontakt", "body": {"tid": "10:15"}}


class Answers:
    """An adapter that answers the hand-in with one thing and the question for status with another."""

    def __init__(self, status: int = 200, body: Json | None = None, registers: Json | None = None) -> None:
        self.status, self.body, self.registers = status, OUTCOME if body is None else body, registers
        self.paths: list[str] = []
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        self.headers.append(request.headers)
        if request.url.path == "/api/sender/status":
            if self.registers is None:
                return httpx.Response(404)
            named = orjson.loads(request.content)["identifiers"]
            events = [{"event_id": "v1", "registers": self.registers}]
            return httpx.Response(
                200, json={"results": [{"identifier": one, "events": events} for one in named]}
            )
        return httpx.Response(self.status, json=self.body)


def _state(state: str, **more: Any) -> Json:
    return {"state": state, "service": "vardkontakt", "message": 1, "intent": "report", **more}


def _try(
    kit: Kit, answers: Callable[[httpx.Request], httpx.Response], token: str | None = None
) -> CaseResult:
    live = Live(
        "http://adapter.example/fhir",
        token,
        "-r7",
        transport=httpx.MockTransport(answers),
        sleep=lambda _: None,
    )
    (result,) = run_kit(kit, live).cases
    live.close()
    return result


def _said(result: CaseResult) -> list[str]:
    return [text.en for text in result.complaints]


def test_an_adapter_that_tells_how_contacts_stand_is_judged_by_it(made) -> None:
    kit = made({"outcome": "accepted", "messages": [GVR], "findings": [{"rule": "A-B", "register": "gvr"}]})
    result = _try(kit, Answers(registers={"gvr": _state("accepted")}))
    assert result.verdict == "passed"
    assert result.unseen == ["bodies", "operations"]


@pytest.mark.parametrize(
    ("registers", "complaint"),
    [
        ({"gvr": _state("not-reported", rule="R")}, "no message gvr/vardkontakt create"),
        ({"gvr": _state("held", rule="R")}, "no message gvr/vardkontakt create: held by R"),
        ({"gvr": _state("accepted"), "pasis": _state("waiting", message=2)},
         "a message that is not expected: pasis/vardkontakt"),
    ],
)  # fmt: skip
def test_a_message_that_is_missing_or_needless_fails_the_case(made, registers: Json, complaint: str) -> None:
    kit = made({"outcome": "accepted", "messages": [GVR]})
    assert _said(_try(kit, Answers(registers=registers))) == [complaint]


def test_of_several_messages_of_a_register_each_counts(made) -> None:
    kit = made({"outcome": "accepted", "messages": [GVR, GVR]})
    parts = [_state("accepted"), _state("waiting", message=2)]
    assert _try(kit, Answers(registers={"gvr": {"state": "waiting", "parts": parts}})).verdict == "passed"


def test_a_rule_that_keeps_a_register_untold_is_seen(made) -> None:
    kit = made({"outcome": "accepted", "not_reported": [{"register": "gvr", "rule": "R"}]})
    assert _try(kit, Answers(registers={"gvr": _state("not-reported", rule="R")})).verdict == "passed"
    said = _said(_try(kit, Answers(registers={"gvr": _state("not-reported", rule="Q")})))
    assert said == ["gvr is not left untold by R"]


def test_an_adapter_without_the_question_for_status_is_judged_by_its_answer_alone(made) -> None:
    result = _try(made({"outcome": "accepted", "messages": [GVR]}), Answers())
    assert result.verdict == "passed"
    assert "messages" in result.unseen


@pytest.mark.parametrize("status", [400, 404, 409, 413, 415, 422])
def test_a_refusal_is_seen_by_its_status(made, status: int) -> None:
    kit = made(
        {
            "outcome": "refused",
            "messages": [],
            "findings": [{"rule": "A-B", "expression": ["Bundle.entry[4]"]}],
        }
    )
    assert _try(kit, Answers(status)).verdict == "passed"
    assert _said(_try(made({"outcome": "accepted"}), Answers(status))) == [
        "the outcome is refused, not accepted"
    ]


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ([{"status": "201 Created", "location": "/x"}, {"status": "200 OK"}], "accepted"),
        ([{"status": "201 Created", "location": "/x"}, {"status": "422 Unprocessable Entity"}], "partly"),
        ([{"status": "422 Unprocessable Entity"}, {"status": "200 OK"}], "refused"),
    ],
)
def test_of_a_batch_each_contact_has_its_own_status(made, entries: list[Json], outcome: str) -> None:
    body = {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [{"response": one} for one in entries],
    }
    assert _try(made({"outcome": outcome}), Answers(body=body)).verdict == "passed"


@pytest.mark.parametrize(("status", "verdict"), [("201 Created", "passed"), ("422 Unprocessable", "failed")])
def test_an_error_is_told_as_a_warning_in_an_entry_that_is_taken(made, status: str, verdict: str) -> None:
    taken = {"status": "201 Created", "location": "/x"}
    told = {"status": status, "outcome": OUTCOME}
    body = {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [{"response": taken}, {"response": told}],
    }
    wanted = {"outcome": "accepted", "findings": [{"rule": "A-B", "severity": "error"}]}
    assert _try(made(wanted), Answers(body=body)).verdict == verdict


@pytest.mark.parametrize("status", [401, 403, 500])
def test_what_the_adapter_does_not_answer_is_not_judged(made, status: int) -> None:
    result = _try(made({"outcome": "accepted"}), Answers(status))
    assert result.verdict == "not-run"
    assert result.why.en == f"the adapter answers {status}"


def test_an_adapter_that_is_not_there_is_told(made) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    result = _try(made({"outcome": "accepted"}), away)
    assert (result.verdict, result.why.en) == ("not-run", "no answer from the adapter")


def test_a_case_with_settings_of_its_own_is_not_tried(made) -> None:
    answers = Answers()
    result = _try(
        made({"outcome": "accepted"}, settings={"registers": {"gvr": {"default_taxa": "01"}}}), answers
    )
    assert result.verdict == "not-run"
    assert answers.paths == []


def test_a_message_goes_to_its_own_door_and_its_answer_is_read(made) -> None:
    message = {**bundle(), "type": "message", "id": "transport-1"}
    answers = Answers(body=_response("ok"), registers={"gvr": _state("accepted")})
    kit = made({"outcome": "accepted", "findings": [{"rule": "A-B"}]}, inputs={"a.json": message})
    assert _try(kit, answers).verdict == "passed"
    assert answers.paths == ["/fhir/$process-message", "/api/sender/status"]
    assert _try(
        made({"outcome": "refused"}, inputs={"a.json": message}), Answers(body=_response("fatal-error"))
    ).verdict == ("passed")


def _response(code: str) -> Json:
    header = {"resourceType": "MessageHeader", "response": {"identifier": "x", "code": code}}
    return {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [{"resource": header}, {"resource": OUTCOME}],
    }


def test_a_message_known_from_an_earlier_input_does_not_count_again(made) -> None:
    steps = [
        {"input": "a.json", "expect": {"outcome": "accepted", "messages": [GVR]}},
        {"input": "a.json", "expect": {"outcome": "accepted", "messages": []}},
    ]
    assert _try(made(steps=steps), Answers(registers={"gvr": _state("accepted")})).verdict == "passed"


def test_the_token_proves_the_sender_at_both_doors(made) -> None:
    answers = Answers(registers={})
    _try(made({"outcome": "accepted"}), answers, "secret")
    assert [one["authorization"] for one in answers.headers] == ["Bearer secret"] * 2
