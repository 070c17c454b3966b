"""What a look-up says about an attempt whose outcome is not known."""

from typing import Any

import orjson
import pytest

from adapter.domain.message import Found, Operation, Outcome
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Answer, RegisterSettings

CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL
RECEIVER = GvrReceiver(RegisterSettings())
SENT: dict[str, Any] = {
    "handelseId": "ev-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "tid": "10:15",
    "besokTyp": "1",
    "taxa": "01",
    "akut": "N",
    "vardgivare": ["01"],
    "diagnoser": [{"kod": "J189", "ordning": 1}],
    "atgarder": [{"kod": "XS012", "datum": "2025-03-03", "ordning": 1}],
}
NAMED = {"handelseId": "ev-1", "patientId": "191212121212", "datum": "2025-03-03"}


def held(
    document: Any, operation: Operation = CREATE, status: int = 200, receiver: GvrReceiver = RECEIVER
) -> Found:
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    found = receiver.read_lookup(operation, SENT, Answer(status=status, body=body))
    assert isinstance(found, Found)
    return found


@pytest.mark.parametrize(("operation", "found"), [(CREATE, "absent"), (UPDATE, "absent"), (CANCEL, "equal")])
@pytest.mark.parametrize("status", [404, 410, 204])
def test_not_found_is_absent_and_what_a_cancel_wanted(operation: Operation, found: str, status: int) -> None:
    assert held(b"", operation, status) == found


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        {"antal": 0, "handelser": []},
        {"total": 0},
        {"resourceType": "Bundle", "total": 0, "link": None},
        {"handelser": []},
        {"status": "OK", "Antal": "0", "meddelanden": ["Inga träffar"], "_links": {"self": {"href": "/"}}},
        {"data": {"sida": {"nummer": 1}, "besok": []}},
    ],
)
@pytest.mark.parametrize(("operation", "found"), [(CREATE, "absent"), (CANCEL, "equal")])
def test_an_empty_result_is_absent(document: Any, operation: Operation, found: str) -> None:
    assert held(document, operation) == found


@pytest.mark.parametrize(
    "document",
    [
        SENT,
        {**SENT, "makulerad": False, "version": 3},
        [SENT],
        {"besok": SENT},
        {"antal": 1, "handelser": [{"vardhandelse": SENT}]},
        {"handelseId": "ev-1", "status": "registrerad", "body": SENT},
        {"handelseId": "ev-1", "body": {k: v for k, v in SENT.items() if k != "handelseId"}},
        [{**SENT, "handelseId": "ev-2", "taxa": "99"}, SENT],
        [{**SENT, "makulerad": True, "taxa": "99"}, SENT],
        {**SENT, "besokTyp": 1, "tid": "10:15:00", "patientId": "19121212-1212"},
        {**SENT, "slutdatum": None, "remittent": {}},
        {**SENT, "diagnoser": [{"kod": "J18.9"}], "enhet": {**SENT["enhet"], "namn": "Vårdcentralen"}},
        {**SENT, "datum": "2025-03-03T00:00:00"},
    ],
)
@pytest.mark.parametrize("operation", [CREATE, UPDATE])
def test_the_content_is_found_equal_in_any_wrapping_and_spelling(document: Any, operation: Operation) -> None:
    assert held(document, operation) is Found.EQUAL


@pytest.mark.parametrize(
    "change",
    [
        {"taxa": "02"},
        {"patientId": "195009072553"},
        {"datum": "2025-03-04"},
        {"enhet": {"inr": "30216", "klin": "311", "avd": "003"}},
        {"vardgivare": ["70"]},
        {"vardgivare": ["01", "70"]},
        {"diagnoser": [{"kod": "J180", "ordning": 1}]},
        {"diagnoser": [{"kod": "J189", "ordning": 2}]},
        {"diagnoser": []},
        {"diagnoser": None},
        {"slutdatum": "2025-03-04"},
        {"remittent": {"inr": "17101", "klin": "011", "avd": "M04"}},
        {"atgarder": [{"kod": "XS012", "datum": "2025-03-03", "ordning": 1, "diagnos": 1}]},
        {"atgarder": "XS012"},
        {"tid": "10:16"},
    ],
)
@pytest.mark.parametrize("operation", [CREATE, UPDATE])
def test_other_content_is_different(change: dict[str, Any], operation: Operation) -> None:
    assert held({**SENT, **change}, operation) is Found.DIFFERENT


def test_an_older_version_without_a_member_is_different() -> None:
    older = {name: value for name, value in SENT.items() if name != "diagnoser"}
    assert held(older, UPDATE) is Found.DIFFERENT


@pytest.mark.parametrize(
    ("operation", "found"), [(CREATE, "equal"), (UPDATE, "unreadable"), (CANCEL, "different")]
)
def test_a_record_that_only_names_the_event_settles_a_create_alone(operation: Operation, found: str) -> None:
    assert held(NAMED, operation) == found
    assert held({"handelseId": "ev-1"}, operation) == found


@pytest.mark.parametrize(
    "mark",
    [
        {"makulerad": True},
        {"Makulerad": "true"},
        {"makulerad": "J"},
        {"status": "Makulerad"},
        {"state": "cancelled"},
        {"makuleradTid": "2025-03-04T10:00:00"},
    ],
)
@pytest.mark.parametrize(("operation", "found"), [(CREATE, "absent"), (UPDATE, "absent"), (CANCEL, "equal")])
def test_a_cancelled_record_is_as_good_as_none(
    mark: dict[str, Any], operation: Operation, found: str
) -> None:
    assert held({**SENT, **mark}, operation) == found
    assert held({**mark, "besok": SENT}, operation) == found
    assert held({"handelseId": "ev-1", "body": SENT, **mark}, operation) == found


def test_a_record_that_stands_means_that_the_cancel_had_no_effect() -> None:
    assert held(SENT, CANCEL) is Found.DIFFERENT
    assert held({**SENT, "makulerad": False}, CANCEL) is Found.DIFFERENT


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"<html/>",
        {},
        17,
        "ev-1",
        {**SENT, "handelseId": "ev-2"},
        [{**SENT, "handelseId": "ev-2"}],
        [SENT, {**SENT, "taxa": "02"}],
        {"error": "internal"},
        {"a": {"b": {"c": {"d": {"e": SENT}}}}},
        b"[" * 5000 + b"]" * 5000,
    ],
)
@pytest.mark.parametrize("operation", list(Operation))
def test_what_cannot_be_read_with_certainty_is_unreadable(document: Any, operation: Operation) -> None:
    expected = Found.UNREADABLE
    if operation is CANCEL and isinstance(document, list) and len(document) == 2:
        expected = Found.DIFFERENT
    assert held(document, operation) is expected


@pytest.mark.parametrize(
    "document",
    [
        {"antal": 1, "handelser": []},
        {"antal": 0, "handelser": [{"handelseId": "ev-2"}]},
        {"handelser": [], "besok": [{"id": 17}]},
        {"handelser": ["ev-1"], "makulerade": []},
        {"id": "ev-1", "lista": []},
        {"patientId": "191212121212", "diagnoser": []},
        {"antal": None},
        {"errors": []},
        {"fel": [], "varningar": []},
        {"error": "internal", "antal": 0},
        {"antal": False},
    ],
)
@pytest.mark.parametrize("operation", list(Operation))
def test_an_empty_list_beside_signs_of_something_is_unreadable(document: Any, operation: Operation) -> None:
    assert held(document, operation) is Found.UNREADABLE


@pytest.mark.parametrize("status", [201, 301, 302, 307, 400, 409, 500, 502, 504])
def test_any_other_status_says_nothing(status: int) -> None:
    assert held(SENT, CREATE, status) is Found.UNREADABLE


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401), "auth"),
        (Answer(status=403), "forbidden-unit"),
        (Answer(status=429, headers={"retry-after": "7"}), "throttled"),
        (Answer(status=503, headers={"retry-after": "7"}), "throttled"),
        (Answer(status=503), "transient"),
        (Answer(status=408), "transient"),
        (Answer(failure="connect"), "not-sent"),
        (Answer(failure="tls"), "auth"),
    ],
)
@pytest.mark.parametrize("operation", list(Operation))
def test_a_look_up_that_is_refused_or_not_sent_is_an_outcome(
    answer: Answer, kind: str, operation: Operation
) -> None:
    outcome = RECEIVER.read_lookup(operation, SENT, answer)
    assert isinstance(outcome, Outcome)
    assert outcome.kind == kind
    assert outcome.retry_after == (7 if kind == "throttled" else None)


def test_a_failed_look_up_says_nothing() -> None:
    answer = Answer(failure="read-timeout")
    assert RECEIVER.read_lookup(CREATE, SENT, answer) is Found.UNREADABLE


def test_a_record_under_the_registers_own_names_is_understood() -> None:
    rename = {
        "handelseId": "id",
        "enhet.inr": "enhet.inrattning",
        "tid": "nar.tid",
        "datum": "nar.datum",
        "diagnoser": "diagnosLista",
        "diagnoser.kod": "diagnosLista.diagnosKod",
    }
    receiver = GvrReceiver(RegisterSettings(rename=rename))
    request = receiver.request(UPDATE, "vardkontakt", SENT, None)
    assert request.body is not None
    assert held(request.body, UPDATE, receiver=receiver) is Found.EQUAL
    assert held(request.body.replace(b"J189", b"J180"), UPDATE, receiver=receiver) is Found.DIFFERENT
