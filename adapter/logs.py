"""Logging: one stream on standard error, as lines for people or as JSON, without identity numbers.

Everything goes through the standard library's root logger, so that libraries' records take the same way.
Records are masked when they are made (adapter.registers.masking) and the finished line once more, whoever
wrote it: a forgotten field cannot leak.
"""

import logging
import sys
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapter.registers.masking import install_masking, mask_text

_QUIET = ("httpx", "httpcore", "uvicorn.error", "uvicorn.access", "asyncio")
_LONG = 10**9
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class MaskedRenderer:
    """Renders an event with another renderer and masks what looks like an identity number in the line."""

    def __init__(self, renderer: Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        """The line."""
        quoted: EventDict = {member: _quoted(value) for member, value in event.items()}
        return mask_text(str(self._renderer(logger, name, quoted)))


def set_up_logging(
    level: str = "info", form: Literal["auto", "console", "json"] = "auto", stream: TextIO | None = None
) -> None:
    """Route all logging to `stream` (standard error). ``auto``: lines on a terminal, else JSON.

    Of an exception only the class is shown: its text and traceback may quote the input.
    """
    install_masking()
    target = stream or sys.stderr
    on_terminal = form == "console" or (form == "auto" and target.isatty())
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=target.isatty())
        if on_terminal
        else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, _exception_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, MaskedRenderer(renderer)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            _exception_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _quoted(value: Any) -> Any:
    """A number that is long enough to be masked, as text: a mask in a number's place would be no JSON."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and abs(value) >= _LONG else value


def _exception_name(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace exception information by the exception's class: its text may quote what was sent."""
    info = event.pop("exc_info", None)
    record = event.get("_record")
    if record is not None and record.exc_info:
        info, record.exc_info, record.exc_text = record.exc_info, None, None
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        event["failure"] = type(info).__name__
    elif isinstance(info, tuple) and info[0] is not None:
        event["failure"] = info[0].__name__
    return event
