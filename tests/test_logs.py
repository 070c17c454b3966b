"""Logs hold no identity number, whoever writes the line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from adapter.logs import set_up_logging

IDENTITY = "191212121212"
SPELLINGS = (IDENTITY, "19121212-1212", "121212-1212", "121212+1212", "1912121212")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(form: str, level: str = "debug") -> io.StringIO:
    stream = io.StringIO()
    set_up_logging(level, form, stream)  # type: ignore[arg-type]
    return stream


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_identity_number_is_masked_wherever_it_stands(form: str, spelling: str) -> None:
    stream = logged(form)
    structlog.get_logger("a").warning(f"event {spelling}", field=spelling, nested={"list": [spelling]})
    logging.getLogger("some.library").warning("called with %s", spelling)
    logging.getLogger("httpx").warning("GET http://x/gvr?patientId=%s", spelling)
    try:
        raise ValueError(spelling)
    except ValueError:
        logging.getLogger("some.library").exception("failed")
        structlog.get_logger("a").exception("failed")
    text = stream.getvalue()
    assert text.count("\n") == 5
    assert spelling not in text
    assert IDENTITY not in text


def test_an_exception_is_named_without_its_text_or_traceback() -> None:
    stream = logged("json")
    try:
        raise KeyError("Anna Andersson")
    except KeyError:
        logging.getLogger("some.library").exception("failed")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["failure"], line["level"]) == ("failed", "KeyError", "error")
    assert "Anna" not in stream.getvalue()


def test_libraries_that_log_every_request_are_quiet() -> None:
    stream = logged("json", "info")
    for name in ("httpx", "httpcore", "uvicorn.error"):
        logging.getLogger(name).info("one more request")
    assert stream.getvalue() == ""


def test_the_level_is_kept() -> None:
    stream = logged("json", "warning")
    structlog.get_logger("b").info("not this")
    structlog.get_logger("b").warning("this")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["this"]


def test_without_a_terminal_auto_is_json() -> None:
    stream = logged("auto")
    structlog.get_logger("c").info("x", n=1)
    assert json.loads(stream.getvalue())["n"] == 1


@pytest.mark.parametrize("number", [1912121212, 191212121212, 1795315835.1103532, -1912121212])
def test_a_number_that_is_masked_leaves_the_line_json(number: float) -> None:
    stream = logged("json")
    structlog.get_logger("d").info("x", n=number, small=12345)
    line = json.loads(stream.getvalue())
    assert "1912121212" not in stream.getvalue()
    assert (type(line["n"]), line["small"]) == (str, 12345)
