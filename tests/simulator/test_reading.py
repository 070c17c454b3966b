"""A call that cannot be read is refused before any check of its content; the register does not fall over."""

import json

import pytest

HUGE = b'{"handelseId": "' + b"a" * 1_000_001 + b'"}'


@pytest.mark.parametrize(
    ("raw", "status", "kod"),
    [
        (b"", 400, "JSON"),
        (b"{", 400, "JSON"),
        (b"\xff\xfe", 400, "JSON"),
        (b'{"tid": "\xe9"}', 400, "JSON"),
        (b'{"a": NaN}', 400, "JSON"),
        (b'{"a": "\\ud800"}', 400, "JSON"),
        (b"[" * 100_000, 400, "JSON"),
        (b'{"taxa": "01", "taxa": "02"}', 400, "JSON"),
        (b'{"enhet": {"inr": "1", "inr": "1"}}', 400, "JSON"),
        (b"[]", 400, "JSON-OBJEKT"),
        (b"null", 400, "JSON-OBJEKT"),
        (HUGE, 413, "FOR-STORT"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else None,
)
def test_an_unreadable_body_is_refused(counter, raw, status, kod):
    answer = counter.send("POST", raw=raw)
    assert (answer.status, counter.errors(answer)) == (status, [(kod, "")])
    json.dumps(list(counter.log.lines(full=True)))


def test_a_huge_number_is_an_error_of_type(counter, besok):
    raw = json.dumps(besok()).replace('"ordning": 1', '"ordning": 1' + "0" * 40).encode()
    answer = counter.send("POST", raw=raw)
    assert answer.status == 400
    assert {kod for kod, _ in counter.errors(answer)} == {"MEDLEM-TYP"}


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/fhir+json", "application/jsonp"])
def test_another_content_type_is_refused(counter, besok, content_type):
    answer = counter.send("POST", besok(), content_type=content_type)
    assert (answer.status, counter.errors(answer)) == (415, [("INNEHALLSTYP", "")])


def test_parameters_of_the_content_type_are_allowed(counter, besok):
    assert counter.send("POST", besok(), content_type="Application/JSON; charset=utf-8").status == 201


def test_a_write_takes_no_query(counter, besok):
    answer = counter.send("POST", besok(), query="dryRun=true")
    assert (answer.status, counter.errors(answer)) == (400, [("PARAMETER-OKAND", "")])


def test_a_cancel_takes_no_body(counter, besok, sokning):
    counter.send("POST", besok())
    answer = counter.send("DELETE", besok(), query=sokning())
    assert (answer.status, counter.errors(answer)) == (400, [("INNEHALL", "")])


@pytest.mark.parametrize("twice", ["handelseId=a&handelseId=b", "enhet=1&enhet.inr=2", "enhet.inr=2&enhet=1"])
def test_a_parameter_given_twice_is_refused(counter, twice):
    answer = counter.send("GET", query=twice)
    assert (answer.status, counter.errors(answer)) == (400, [("PARAMETER-DUBBEL", "")])


def test_encoded_parameters_are_decoded(counter, besok, sokning):
    counter.send("POST", besok())
    encoded = "&".join(f"{name.replace('.', '%2E')}={value}" for name, value in sokning().items())
    assert counter.send("GET", query=encoded).status == 200


def test_another_path_and_another_method_are_unknown(counter, besok):
    assert counter.send("POST", besok(), path="/vardhandelse/flytt").status == 404
    answer = counter.send("PATCH", besok())
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, POST, PUT")
