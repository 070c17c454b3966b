"""Requests to PASiS, its answers, and the bodies of another system."""

from typing import Any

import orjson
import pytest

from adapter.domain.message import Found, Operation, OutcomeClass
from adapter.errors import ConfigurationError
from adapter.registers.pasis import PasisReceiver
from adapter.registers.protocol import Answer, RegisterSettings

CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL
BODY: dict[str, Any] = {
    "kontaktId": "ev-1",
    "patientId": "191212121212",
    "enhet": "SE2321000016-1HZ3",
    "datum": "2025-03-03",
    "tid": "10:15",
    "vardkontakt": "Mottagningsbesök",
    "vardkontaktKod": "mottagningsbesok",
    "diagnoser": [{"kod": "J189", "ordning": 1}],
}


def receiver(**settings: Any) -> PasisReceiver:
    return PasisReceiver(RegisterSettings(**settings))


def answer(status: int, document: Any = None) -> Answer:
    return Answer(status=status, body=b"" if document is None else orjson.dumps(document))


@pytest.mark.parametrize(("operation", "method"), [(CREATE, "POST"), (UPDATE, "PUT")])
def test_a_report_goes_to_the_contacts_own_address(operation: Operation, method: str) -> None:
    request = receiver().request(operation, "vardkontakt", BODY, "key-1")
    assert (request.method, request.path, request.query) == (method, "/vardkontakter/ev-1", ())
    assert orjson.loads(request.body or b"") == BODY
    assert request.key == "key-1"


def test_a_cancel_deletes_the_address_and_carries_nothing_else() -> None:
    request = receiver().request(CANCEL, "vardkontakt", BODY, None)
    assert (request.method, request.path, request.query, request.body) == (
        "DELETE", "/vardkontakter/ev-1", (), None,
    )  # fmt: skip


def test_an_id_of_another_system_cannot_leave_its_place_in_the_address() -> None:
    request = receiver().request(CANCEL, "vardkontakt", {**BODY, "kontaktId": "a/../b?c"}, None)
    assert request.path == "/vardkontakter/a%2F..%2Fb%3Fc"


def test_paths_and_names_can_be_the_registers_own() -> None:
    own = receiver(paths={"vardkontakt": "/contacts"}, rename={"kontaktId": "id", "kva": "atgarder"})
    request = own.request(CREATE, "vardkontakt", {**BODY, "kva": [{"kod": "AV034", "ordning": 1}]}, None)
    assert request.path == "/contacts/ev-1"
    sent = orjson.loads(request.body or b"")
    assert sent["id"] == "ev-1"
    assert sent["atgarder"] == [{"kod": "AV034", "ordning": 1}]
    assert own.adopt(sent)["kontaktId"] == "ev-1"


@pytest.mark.parametrize("settings", [{"paths": {"besok": "/"}}, {"rename": {"taxa": "avgift"}}])
def test_a_path_or_name_of_what_does_not_exist_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"registers\.pasis"):
        receiver(**settings)


def test_a_look_up_asks_the_address_below_the_setting_and_without_it_there_is_none() -> None:
    assert receiver().lookup("vardkontakt", BODY) is None
    request = receiver(lookup="/vardkontakter").lookup("vardkontakt", BODY)
    assert request is not None
    assert (request.method, request.path) == ("GET", "/vardkontakter/ev-1")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(201, {"kontaktId": "ev-1", "status": "registrerad"}), OutcomeClass.ACCEPTED),
        (answer(200), OutcomeClass.ACCEPTED),
        (answer(200, {"kontaktId": "another"}), OutcomeClass.UNKNOWN),
        (answer(200, {"fel": [{"kod": "X", "text": "Nej."}]}), OutcomeClass.REJECTED),
        (answer(409), OutcomeClass.ELSEWHERE),
        (answer(503), OutcomeClass.TRANSIENT),
        (answer(500), OutcomeClass.UNKNOWN),
        (Answer(failure="connect"), OutcomeClass.NOT_SENT),
    ],
)
def test_answers_are_read_as_other_registers_are(given: Answer, kind: OutcomeClass) -> None:
    assert receiver().read(CREATE, BODY, given).kind is kind


def test_a_refusal_names_the_code_and_our_field_and_hides_the_patient() -> None:
    refusal = {"fel": [{"kod": "DIAGNOS", "falt": "dx[0].kod", "text": "19121212-1212 saknar diagnos"}]}
    outcome = receiver(rename={"diagnoser": "dx"}).read(CREATE, BODY, answer(400, refusal))
    assert (outcome.cause, outcome.field) == ("pasis:DIAGNOS", "diagnoser[0].kod")
    assert outcome.reason is not None
    assert "1212-1212" not in outcome.reason.sv


@pytest.mark.parametrize(
    ("operation", "given", "found"),
    [
        (CREATE, answer(200, BODY), Found.EQUAL),
        (CREATE, answer(200, {**BODY, "tid": "11:00"}), Found.DIFFERENT),
        (CREATE, answer(404), Found.ABSENT),
        (CANCEL, answer(404), Found.EQUAL),
        (CANCEL, answer(200, BODY), Found.DIFFERENT),
        (CREATE, answer(200, {"odd": 1}), Found.UNREADABLE),
    ],
)
def test_a_look_up_says_what_pasis_holds(operation: Operation, given: Answer, found: Found) -> None:
    assert receiver().read_lookup(operation, BODY, given) is found


def test_a_contact_of_another_system_is_known_by_patient_unit_and_time() -> None:
    theirs = {**BODY, "kontaktId": "their-7", "enhet": "se2321000016-1hz3", "datum": "20250303"}
    own = receiver()
    assert own.natural_key("vardkontakt", theirs) == own.natural_key("vardkontakt", BODY)
    assert own.known_as(theirs) == {"kontaktId": "their-7"}
    message = own.reported(theirs, "ev-1")
    assert (message.body["kontaktId"], message.unit, message.care_date) == (
        "ev-1", "SE2321000016-1HZ3", "2025-03-03",
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["patientId", "enhet", "datum"])
def test_a_body_that_names_no_contact_is_none(missing: str) -> None:
    bare = {name: value for name, value in BODY.items() if name != missing}
    assert receiver().natural_key("vardkontakt", bare) is None
    with pytest.raises(ValueError, match="are needed"):
        receiver().reported(bare, "ev-1")


def test_differences_show_codes_and_hide_the_rest() -> None:
    theirs = {
        **BODY,
        "kontaktId": "their-7",
        "patientId": "195009072553",
        "diagnoser": [{"kod": "J180", "ordning": 1}],
        "fritext": "195009072553",
    }
    found = [(one.field, one.ours, one.theirs) for one in receiver().differences("vardkontakt", BODY, theirs)]
    assert found == [
        ("patientId", None, None),
        ("diagnoser", "J189", "J180"),
        ("(other members)", None, None),
    ]
