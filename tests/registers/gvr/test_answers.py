"""The reading of answers: each row of the table of outcomes, and what a refusal tells."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Answer, RegisterSettings

CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL
PATIENT = "191212121212"
BODY = {"handelseId": "ev-1", "patientId": PATIENT, "datum": "2025-03-03"}
RECEIVER = GvrReceiver(RegisterSettings())


def read(
    status: int | None = None,
    body: Any = b"",
    operation: Operation = CREATE,
    failure: str | None = None,
    receiver: GvrReceiver = RECEIVER,
    sent: dict[str, Any] = BODY,
    **headers: str,
) -> Outcome:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return receiver.read(operation, sent, Answer(status=status, body=content, failure=failure, headers=named))


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("operation", list(Operation))
def test_an_empty_2xx_is_a_confirmation(status: int, operation: Operation) -> None:
    outcome = read(status, operation=operation)
    assert (outcome.kind, outcome.cause, outcome.status) == (OutcomeClass.ACCEPTED, "accepted", status)


@pytest.mark.parametrize(
    "body",
    [
        {"handelseId": "ev-1", "status": "registrerad"},
        {"status": "OK", "errors": [], "felkod": None},
        {"kvittens": "A17", "fel": ""},
        {"data": {"handelseId": "ev-1"}},
        {"varningar": ["Taxan är gammal"]},
        {"success": True, "status": 201},
        {},
        b" \r\n",
        b"OK",
    ],
)
def test_a_2xx_without_complaint_is_a_confirmation(body: Any) -> None:
    assert read(200, body).kind is OutcomeClass.ACCEPTED


@pytest.mark.parametrize("body", [b"", b" \r\n", b"OK", {}, {"status": "mottagen"}, {"jobb": "/jobb/17"}])
@pytest.mark.parametrize("operation", list(Operation))
def test_a_202_alone_says_only_that_the_request_was_received(body: Any, operation: Operation) -> None:
    outcome = read(202, body, operation)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.UNKNOWN, "answer-received")


def test_a_202_that_names_our_event_is_a_confirmation() -> None:
    assert read(202, {"handelseId": "ev-1"}).kind is OutcomeClass.ACCEPTED
    assert read(202, {"data": {"handelseId": "ev-1"}}).kind is OutcomeClass.ACCEPTED
    assert read(202, {"fel": "ogiltig"}).kind is OutcomeClass.REJECTED


@pytest.mark.parametrize(
    "body",
    [
        {"handelseId": "ev-2"},
        {"data": {"handelseId": "ev-2", "status": "registrerad"}},
    ],
)
def test_a_2xx_about_another_event_is_unknown(body: Any) -> None:
    outcome = read(200, body)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.UNKNOWN, "answer-mismatch")


@pytest.mark.parametrize(
    "body",
    [
        b'{"handelseId": "ev-',
        b"<html><body>Log in</body></html>",
        b"\xff\xfe\x00",
        [],
        ["ev-1"],
        "registrerad",
        17,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
    ],
)
def test_a_2xx_that_cannot_be_read_is_unknown(body: Any) -> None:
    outcome = read(200, body)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.UNKNOWN, "answer-unreadable")


@pytest.mark.parametrize(
    "body",
    [
        {"fel": [{"kod": "K123", "text": "Okänd besökstyp"}]},
        {"error": "invalid"},
        {"errors": {"besokTyp": ["unknown"]}},
        {"felkod": 17},
        {"handelseId": "ev-1", "status": "avvisad"},
        {"resultCode": "ERROR"},
        {"status": 400, "title": "Bad"},
        {"ok": False},
    ],
)
def test_a_2xx_with_an_error_body_is_a_rejection(body: Any) -> None:
    assert read(200, body).kind is OutcomeClass.REJECTED


def test_a_problem_document_is_a_rejection_whatever_the_status() -> None:
    assert read(200, {"title": "x"}, content_type="application/problem+json").kind is OutcomeClass.REJECTED


@pytest.mark.parametrize("failure", ["dns", "connect", "connect-timeout", "pool-timeout", "tls-refused"])
def test_what_never_left_is_not_sent(failure: str) -> None:
    outcome = read(failure=failure)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.NOT_SENT, failure)


@pytest.mark.parametrize(
    "failure", ["write", "write-timeout", "read", "read-timeout", "protocol", "never-heard-of"]
)
def test_what_broke_after_sending_began_is_unknown(failure: str) -> None:
    outcome = read(failure=failure)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.UNKNOWN, failure)


def test_a_failure_outweighs_a_status() -> None:
    assert read(201, failure="read").kind is OutcomeClass.UNKNOWN


def test_a_certificate_failure_is_auth() -> None:
    assert read(failure="tls").kind is OutcomeClass.AUTH


@pytest.mark.parametrize("status", [401, 407, 511, 301, 302, 307, 308])
@pytest.mark.parametrize("operation", list(Operation))
def test_who_we_are_or_where_we_ask_pauses_the_register(status: int, operation: Operation) -> None:
    outcome = read(status, operation=operation)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.AUTH, f"http-{status}")


def test_403_is_about_the_unit() -> None:
    outcome = read(403, {"kod": "BEHORIGHET", "text": "Enheten saknar avtal"})
    assert (outcome.kind, outcome.cause) == (OutcomeClass.FORBIDDEN_UNIT, "gvr:BEHORIGHET")


@pytest.mark.parametrize("status", [408, 425, 503])
def test_what_had_no_effect_is_transient(status: int) -> None:
    outcome = read(status)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.TRANSIENT, f"http-{status}")


@pytest.mark.parametrize("status", [500, 501, 502, 504, 507, 599, 100, 303, 304, 600])
def test_what_may_have_had_an_effect_is_unknown(status: int) -> None:
    assert read(status).kind is OutcomeClass.UNKNOWN


@pytest.mark.parametrize(
    ("before_effect", "of_500", "of_503"),
    [
        ((500, 503), OutcomeClass.TRANSIENT, OutcomeClass.TRANSIENT),
        ((), OutcomeClass.UNKNOWN, OutcomeClass.UNKNOWN),
        (None, OutcomeClass.UNKNOWN, OutcomeClass.TRANSIENT),
    ],
)
def test_the_settings_say_which_statuses_come_before_the_effect(
    before_effect: tuple[int, ...] | None, of_500: OutcomeClass, of_503: OutcomeClass
) -> None:
    receiver = GvrReceiver(RegisterSettings(before_effect=before_effect))
    assert read(500, receiver=receiver).kind is of_500
    assert read(503, receiver=receiver).kind is of_503


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("7", "", 7.0),
        ("0.5", "", 0.5),
        ("-3", "", 0.0),
        ("999999999999", "", 86_400.0),
        ("Fri, 21 Nov 2025 10:00:30 GMT", "Fri, 21 Nov 2025 10:00:00 GMT", 30.0),
        ("Fri, 21 Nov 2025 09:00:00 GMT", "Fri, 21 Nov 2025 10:00:00 GMT", 0.0),
        ("Fri, 21 Nov 2025 10:00:30 GMT", "", None),
        ("Fri, 21 Nov 2025 10:00:30 GMT", "Fri, 21 Nov 2025 10:00:00", None),
        ("soon", "", None),
        ("nan", "", None),
        ("inf", "", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    status: int, header: str, date: str, seconds: float | None
) -> None:
    outcome = read(status, retry_after=header, date=date)
    assert (outcome.kind, outcome.retry_after) == (OutcomeClass.THROTTLED, seconds)


def test_429_without_retry_after_is_throttled_too() -> None:
    outcome = read(429)
    assert (outcome.kind, outcome.retry_after) == (OutcomeClass.THROTTLED, None)


@pytest.mark.parametrize("status", [400, 402, 405, 406, 412, 413, 415, 422, 451])
@pytest.mark.parametrize("operation", list(Operation))
def test_other_4xx_are_rejections(status: int, operation: Operation) -> None:
    outcome = read(status, operation=operation)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.REJECTED, f"http-{status}")


@pytest.mark.parametrize(
    ("status", "operation", "kind"),
    [
        (409, CREATE, OutcomeClass.ELSEWHERE),
        (409, UPDATE, OutcomeClass.REJECTED),
        (409, CANCEL, OutcomeClass.REJECTED),
        (404, CREATE, OutcomeClass.REJECTED),
        (404, UPDATE, OutcomeClass.ELSEWHERE),
        (404, CANCEL, OutcomeClass.ELSEWHERE),
        (410, CANCEL, OutcomeClass.ELSEWHERE),
    ],
)
def test_a_state_that_is_not_ours_was_settled_elsewhere(
    status: int, operation: Operation, kind: OutcomeClass
) -> None:
    assert read(status, {"fel": "x"}, operation).kind is kind


@pytest.mark.parametrize(
    ("body", "cause", "reason", "field"),
    [
        (
            {"fel": [{"kod": "TAXA-SAKNAS", "falt": "taxa", "text": "taxa är obligatorisk."}]},
            "gvr:TAXA-SAKNAS",
            "taxa är obligatorisk.",
            "taxa",
        ),
        (
            {"felkod": 1042, "felmeddelande": "Okänd kod", "fält": "diagnoser[0].kod"},
            "gvr:1042",
            "Okänd kod",
            "diagnoser[0].kod",
        ),
        (
            {"type": "about:blank", "title": "Invalid", "detail": "avd unknown", "pointer": "#/enhet/avd"},
            "http-422",
            "avd unknown",
            "enhet.avd",
        ),
        (
            {"detail": [{"loc": ["body", "atgarder", 1, "datum"], "msg": "invalid date"}]},
            "http-422",
            "invalid date",
            "atgarder[1].datum",
        ),
        (
            {"errors": {"besokTyp": ["unknown code"]}, "title": "Bad"},
            "http-422",
            "unknown code; Bad",
            "besokTyp",
        ),
        (
            {"errors": [{"code": "E1", "source": {"pointer": "/vardgivare/0"}, "detail": "no such code"}]},
            "gvr:E1",
            "no such code",
            "vardgivare[0]",
        ),
        ([{"message": "one"}, {"message": "two"}], "http-422", "one; two", None),
        ({"error": {"message": "no", "path": "$.taxa"}}, "http-422", "no", "taxa"),
    ],
)
def test_a_refusal_shows_code_reason_and_field(body: Any, cause: str, reason: str, field: str | None) -> None:
    outcome = read(422, body)
    assert outcome.reason is not None
    assert (outcome.cause, outcome.field) == (cause, field)
    assert outcome.reason.sv == f"Registret svarade: {reason}"
    assert outcome.reason.en == f"The register answered: {reason}"


def test_a_plain_line_is_a_reason() -> None:
    outcome = read(400, "Besökstyp saknas".encode(), content_type="text/plain; charset=utf-8")
    assert outcome.reason is not None
    assert outcome.reason.sv == "Registret svarade: Besökstyp saknas"


def test_a_page_is_no_reason() -> None:
    outcome = read(400, b"<h1>Bad Request</h1>", content_type="text/html")
    assert outcome.reason is not None
    assert outcome.reason.en == "The register answered HTTP 400."


def test_a_renamed_field_is_shown_under_our_name() -> None:
    names = {"diagnoser": "diagnosLista", "diagnoser.kod": "diagnosLista.diagnosKod", "taxa": "avgift.taxa"}
    receiver = GvrReceiver(RegisterSettings(rename=names))
    assert read(400, {"falt": "diagnosLista[2].diagnosKod"}, receiver=receiver).field == "diagnoser[2].kod"
    assert read(400, {"falt": "avgift.taxa"}, receiver=receiver).field == "taxa"
    assert read(400, {"falt": "avtal"}, receiver=receiver).field == "avtal"


ECHOES = [
    f"patientId {PATIENT} är okänd",
    "patient 19121212-1212 saknas",
    "patient 121212-1212",
    "patient 121212+1212",
    "patient 19121212 1212",
    "1212121212",
    "19%31212121212",
    "kort nummer 121212",
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("form", ["text", "list", "plain", "code", "field", "key"])
def test_an_echoed_identity_number_is_nowhere_in_the_outcome(echo: str, form: str) -> None:
    body: Any = {
        "text": {"felmeddelande": echo},
        "list": {"errors": [{"code": echo, "message": echo, "field": echo}]},
        "plain": echo.encode(),
        "code": {"kod": echo, "text": "fel"},
        "field": {"falt": f"patient.{echo}", "text": "fel"},
        "key": {"errors": {echo: ["okänd"]}},
    }[form]
    outcome = read(400, body, content_type="text/plain" if form == "plain" else "application/json")
    shown = json.dumps([outcome.cause, outcome.field, repr(outcome.reason)])
    assert not any(part in shown for part in ("121212", "191212", "1212-", "%31"))


@pytest.mark.parametrize("echo", ["19810829M071", "19810829m071", "810829M071", "19810829-M071"])
def test_an_identity_with_letters_is_masked_too(echo: str) -> None:
    outcome = read(400, {"text": f"okänd patient {echo}"}, sent={**BODY, "patientId": "19810829M071"})
    assert outcome.reason is not None
    assert outcome.reason.sv == "Registret svarade: okänd patient ***"


def test_a_reason_is_one_short_line() -> None:
    outcome = read(400, {"text": "rad\r\nrad\x00\x1b[31m " + "x" * 5000})
    assert outcome.reason is not None
    assert outcome.reason.sv.startswith("Registret svarade: rad rad [31m x")
    assert len(outcome.reason.sv) <= 200 + len("Registret svarade: ")


@pytest.mark.parametrize(
    "path", [[{}], [[]], [None], [True], [1.5], {}, 5, "a" * 81, "0.a", "a.b c", [-1, "a"]]
)
def test_a_path_that_is_none_names_no_field(path: Any) -> None:
    outcome = read(400, {"falt": path, "text": "fel"})
    assert (outcome.kind, outcome.field) == (OutcomeClass.REJECTED, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["fel", "errors", "kod", "text", "falt", "status", "detail", "handelseId", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    status=st.integers(100, 599),
    body=json_values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20),
    operation=st.sampled_from(list(Operation)),
)
def test_any_answer_has_an_outcome(status: int, body: bytes, operation: Operation) -> None:
    outcome = read(status, body, operation)
    assert outcome.status == status
    assert outcome.kind is not OutcomeClass.ACCEPTED or 200 <= status < 300
