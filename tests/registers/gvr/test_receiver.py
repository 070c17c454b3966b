"""Requests to GVR: methods, paths, queries, names."""

from typing import Any

import orjson
import pytest

from adapter.domain.message import Operation
from adapter.errors import ConfigurationError
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import RegisterSettings

BODY: dict[str, Any] = {
    "handelseId": "ev-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "taxa": "01",
    "diagnoser": [{"kod": "J189", "ordning": 1}],
}
QUERY = (
    ("handelseId", "ev-1"),
    ("patientId", "191212121212"),
    ("enhet.inr", "30216"),
    ("enhet.klin", "311"),
    ("enhet.avd", "002"),
    ("datum", "2025-03-03"),
)


def receiver(**settings: Any) -> GvrReceiver:
    return GvrReceiver(RegisterSettings(**settings))


@pytest.mark.parametrize(("operation", "method"), [(Operation.CREATE, "POST"), (Operation.UPDATE, "PUT")])
def test_create_posts_and_update_puts_the_body(operation: Operation, method: str) -> None:
    request = receiver().request(operation, "vardkontakt", BODY, "key-1")
    assert (request.method, request.path, request.query) == (method, "/vardhandelse/besok", ())
    assert orjson.loads(request.body or b"") == BODY
    assert request.key == "key-1"


def test_cancel_deletes_with_dotted_query_parameters_and_no_body() -> None:
    request = receiver().request(Operation.CANCEL, "vardkontakt", BODY, "key-2")
    assert (request.method, request.path, request.body, request.key) == (
        "DELETE",
        "/vardhandelse/besok",
        None,
        "key-2",
    )
    assert request.query == QUERY


def test_a_cancel_of_little_names_what_is_known() -> None:
    request = receiver().request(Operation.CANCEL, "vardkontakt", {"handelseId": "ev-1"}, None)
    assert request.query == (("handelseId", "ev-1"),)


def test_a_look_up_asks_with_the_query_of_a_cancel() -> None:
    request = receiver(lookup="/vardhandelse/sok").lookup("vardkontakt", BODY)
    assert request is not None
    assert (request.method, request.path, request.query, request.body) == (
        "GET",
        "/vardhandelse/sok",
        QUERY,
        None,
    )


def test_without_a_look_up_nothing_is_asked() -> None:
    assert receiver().lookup("vardkontakt", BODY) is None
    assert receiver().lookup("inskrivning", BODY) is None


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("koordinering", "/koordineringsinsats"),
        ("inskrivning", "/vardhandelse/inskrivning"),
        ("utskrivning", "/vardhandelse/utskrivning"),
        ("tillganglighet", "/tillganglighet"),
    ],
)
def test_each_service_is_told_and_asked_at_its_own_path(service: str, path: str) -> None:
    gvr = receiver(lookup="/vardhandelse/sok")
    request = gvr.lookup(service, BODY)
    assert request is not None
    assert (request.method, request.path, request.query) == ("GET", path, QUERY)
    assert gvr.request(Operation.CREATE, service, BODY, None).path == path
    assert gvr.request(Operation.CANCEL, service, BODY, None).query == QUERY
    assert receiver(paths={service: "/v2"}).request(Operation.UPDATE, service, BODY, None).path == "/v2"


def test_a_name_is_renamed_in_every_service() -> None:
    gvr = receiver(rename={"visteFore": "ikod", "utskrivandeEnhet.inr": "utskrivandeEnhet.inrattning"})
    admission = gvr.request(Operation.CREATE, "inskrivning", {"visteFore": "1"}, None)
    assert orjson.loads(admission.body or b"") == {"ikod": "1"}
    discharge = gvr.request(Operation.CREATE, "utskrivning", {"utskrivandeEnhet": {"inr": "30216"}}, None)
    assert orjson.loads(discharge.body or b"") == {"utskrivandeEnhet": {"inrattning": "30216"}}


def test_what_may_be_logged_of_a_request_has_no_query() -> None:
    assert (
        receiver().request(Operation.CANCEL, "vardkontakt", BODY, None).shown == "DELETE /vardhandelse/besok"
    )


def test_renamed_members_go_out_under_the_registers_names_and_the_body_stays() -> None:
    before = orjson.dumps(BODY)
    gvr = receiver(
        rename={
            "patientId": "personId",
            "enhet.inr": "enhet.inrattning",
            "diagnoser.kod": "diagnoser.diagnosKod",
        }
    )
    request = gvr.request(Operation.CREATE, "vardkontakt", BODY, None)
    assert orjson.loads(request.body or b"") == {
        "handelseId": "ev-1",
        "personId": "191212121212",
        "enhet": {"inrattning": "30216", "klin": "311", "avd": "002"},
        "datum": "2025-03-03",
        "taxa": "01",
        "diagnoser": [{"diagnosKod": "J189", "ordning": 1}],
    }
    assert orjson.dumps(BODY) == before


def test_renamed_members_are_renamed_in_the_query() -> None:
    gvr = receiver(rename={"patientId": "personId", "enhet": "vardenhet", "datum": "start.datum"})
    assert gvr.request(Operation.CANCEL, "vardkontakt", BODY, None).query == (
        ("handelseId", "ev-1"),
        ("personId", "191212121212"),
        ("vardenhet.inr", "30216"),
        ("vardenhet.klin", "311"),
        ("vardenhet.avd", "002"),
        ("start.datum", "2025-03-03"),
    )


def test_a_path_can_be_configured() -> None:
    gvr = receiver(paths={"vardkontakt": "/v2/besok"})
    assert gvr.request(Operation.CREATE, "vardkontakt", BODY, None).path == "/v2/besok"


@pytest.mark.parametrize(
    "settings",
    [
        {"rename": {"patient": "personId"}},
        {"rename": {"patientId": "id", "handelseId": "id"}},
        {"rename": {"diagnoser.kod": "huvuddiagnos"}},
        {"rename": {"diagnoser": "lista", "diagnoser.kod": "diagnoser.diagnosKod"}},
        {"paths": {"besok": "/x"}},
        {"services": ("vardkontakt", "samverkan")},
    ],
)
def test_a_configuration_that_names_nothing_stops_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        receiver(**settings)
