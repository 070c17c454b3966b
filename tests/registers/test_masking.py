"""Nothing that is logged names a patient."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.registers.masking import MASK, install_masking, mask_event, mask_reason, mask_text, mask_value


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger writes, at every level, after masking was installed."""
    before = logging.getLogRecordFactory()
    install_masking()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("patient 191212121212 is unknown", "patient *** is unknown"),
        ("19121212-1212", "***"),
        ("121212-1212", "***"),
        ("121212+1212", "***"),
        ("1212121212", "***"),
        ("19121212 1212", "***"),
        ("19121212\u20131212", "***"),
        ("19121212%2D1212", "***"),
        ("19121212%2b1212", "***"),
        ("%31%39%31%32%31%32%31%32%31%32%31%32", "***"),
        ("patientId=191212121212&datum=2025-03-03", "patientId=***&datum=2025-03-03"),
        ('{"patientId":"191212121212"}', '{"patientId":"***"}'),
        ("ID191212121212X", "ID***X"),
        ("reservnummer 991981000010", "reservnummer ***"),
        ("reservnummer 19810829M071", "reservnummer ***"),
    ],
)
def test_identity_numbers_are_masked_in_every_spelling(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "DELETE http://reg.example/gvr/besok?handelseId=e&patientId=x HTTP/1.1",
            "DELETE http://reg.example/gvr/besok?*** HTTP/1.1",
        ),
        ('"GET /gvr/besok?a=1&b=%C3%A5 HTTP/1.1" 200', '"GET /gvr/besok?*** HTTP/1.1" 200'),
        ("why? because", "why? because"),
    ],
)
def test_queries_are_cut_from_urls(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T22:31:00.123456+01:00",
        "date 20250303 at 10:15",
        "lane 81723 message 99123 after 30000 ms",
        "7f3c1234567890123456789a00112233",
        "GVR-DIAGNOS-LAKARE J189 XS012",
    ],
)
def test_times_counts_and_opaque_ids_stay_readable(text: str) -> None:
    assert mask_text(text) == text


@given(
    before=st.text(max_size=5),
    number=st.text("0123456789", min_size=10, max_size=12),
    after=st.text(max_size=5),
)
def test_no_run_of_ten_digits_survives_in_any_text(before: str, number: str, after: str) -> None:
    assert number not in mask_text(f"{before}{number}{after}")


def test_values_are_masked_wherever_they_hide() -> None:
    value = {
        "a": ["191212121212", ("x", 191212121212)],
        "191212121212": 1,
        "b": 1763765432,
        "c": 1.5,
        "d": None,
    }
    assert mask_value(value) == {"a": ["***", ("x", 0)], "***": 1, "b": 1763765432, "c": 1.5, "d": None}


def test_an_object_is_masked_when_its_text_names_somebody() -> None:
    harmless = Path("harmless")  # not object(): an address in memory can look like a number
    assert mask_value(harmless) is harmless
    assert mask_value(ValueError("no 191212121212")) == "no ***"


def test_the_structlog_processor_masks_the_whole_event() -> None:
    event: dict[str, Any] = {"event": "sent", "url": "http://r/x?patientId=1", "exception": "…191212121212…"}
    assert mask_event(None, "info", event) == {"event": "sent", "url": "http://r/x?***", "exception": "…***…"}


@pytest.mark.parametrize(
    ("template", "arguments"),
    [
        ("patient 191212121212", ()),
        ("patient %s", ("191212121212",)),
        ("patient %(id)s", ({"id": "191212121212"},)),
        ("patient %r", (ValueError("191212121212"),)),
        ("patient %d", (191212121212,)),
        ("patient 19%s", ("1212121212",)),
        ("patient %s%s", ("191212", "121212")),
        ("%d%% of 191212121212", (5,)),
    ],
)
def test_every_record_of_every_logger_is_masked(
    template: str, arguments: tuple[Any, ...], logged: io.StringIO
) -> None:
    logging.getLogger("any.library").debug(template, *arguments)
    assert logged.getvalue().strip()
    assert "121212" not in logged.getvalue()


def test_a_traceback_is_masked(logged: io.StringIO) -> None:
    try:
        raise ValueError("191212121212")
    except ValueError:
        logging.getLogger("any").exception("it broke")
    assert "ValueError: ***" in logged.getvalue()
    assert "191212121212" not in logged.getvalue()


def test_arguments_stay_for_formatters_that_read_them(logged: io.StringIO) -> None:
    kept: list[Any] = []
    catcher = logging.Handler()
    catcher.emit = lambda record: kept.append(record.args)  # type: ignore[method-assign]
    # a name of its own: a server that ran in this process has set up that of its access log
    logger = logging.getLogger("a.server.access")
    logger.addHandler(catcher)
    logger.info('%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "DELETE", "/x?patientId=191212121212", "1.1", 200)
    logger.removeHandler(catcher)
    assert kept == [("1.2.3.4:5", "DELETE", "/x?***", "1.1", 200)]
    assert '"DELETE /x?*** HTTP/1.1" 200' in logged.getvalue()


def test_a_broken_log_call_is_as_broken_as_before(logged: io.StringIO) -> None:
    record = logging.getLogger("any").makeRecord("any", 10, "f", 1, "%d", ("word",), None)
    with pytest.raises(TypeError):
        record.getMessage()


def test_installing_twice_masks_once(logged: io.StringIO) -> None:
    factory = logging.getLogRecordFactory()
    install_masking()
    assert logging.getLogRecordFactory() is factory


@pytest.mark.parametrize(
    "written",
    [
        "1944-08-07-9475", "1944 08 07 9475", "1944.08.07-9475", "19 44 08 07 94 75", "440807.9475",
        "440807_9475", "440807 - 9475", "född 440807 nr 9475", "194408 07 9475",
    ],
)  # fmt: skip
def test_a_register_that_spells_the_number_in_its_own_way_gives_nothing_away(written):
    masked = mask_reason(f"fel: {written}!", "194408079475")
    assert MASK in masked
    assert not any(character.isdigit() for character in masked)
