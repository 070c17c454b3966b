"""Which way a register's messages travel, by its settings."""

from pathlib import Path

from adapter.domain.message import OutcomeClass
from adapter.errors import ConfigurationError
from adapter.registers.files.batch import BatchFormat, Ndjson
from adapter.registers.files.desk import BatchDesk
from adapter.registers.files.transport import FileTransport
from adapter.registers.files.window import BatchWindow
from adapter.registers.gvr.documents import EventDocuments
from adapter.registers.listning.layout import ListningLayout
from adapter.registers.protocol import RegisterSettings, Transport
from adapter.registers.rest import RestTransport

RECEIPT_WAITS = (60.0, 240.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, *([10_800.0] * 15))
"""Seconds between the questions whether a receipt has come: after 1, 5, 15 and 30 minutes, 1, 2 and 4 hours,
then each third hour. When all are used up, after two days, the receipt is overdue and operators are told."""

FILES_ONLY = frozenset({"signe", "listning"})
"""Registers that take no calls."""


def transport_for(register: str, settings: RegisterSettings) -> Transport:
    """The way to a register. Raises ConfigurationError for settings that lead nowhere."""
    if settings.transport == "rest":
        if register in FILES_ONLY:
            raise ConfigurationError(f'registers.{register}: it gets files, set transport = "file"')
        return RestTransport(settings)
    return FileTransport(desk_for(register, settings), most=settings.concurrency)


def desk_for(register: str, settings: RegisterSettings) -> BatchDesk:
    """The desk of a register that gets files. Raises ConfigurationError without a folder."""
    if not settings.folder:
        raise ConfigurationError(f'registers.{register}.folder is needed for transport "file"')
    return BatchDesk(
        register,
        Path(settings.folder),
        layout_for(register, settings),
        Path(settings.receipts) if settings.receipts else None,
    )


def layout_for(register: str, settings: RegisterSettings) -> BatchFormat:
    """How a register's batches are written. Raises ConfigurationError for what has no form as a file."""
    if register == "signe":
        return Ndjson()
    if register == "listning":
        return ListningLayout(settings.rename)
    if register == "gvr" and settings.format == "xml":
        return EventDocuments()
    raise ConfigurationError(
        f'registers.{register}: it gets no files in format "{settings.format}"',
        'Set transport = "rest"; GVR also gets files with format = "xml".',
    )


def window_for(register: str, settings: RegisterSettings) -> BatchWindow | None:
    """When a register gets its daily batch, None when there is none and messages go as they come."""
    if settings.transport != "file" or settings.batch_at is None:
        return None
    return BatchWindow(desk_for(register, settings).session, settings.batch_at)


def schedules_for(settings: RegisterSettings) -> dict[OutcomeClass, tuple[float, ...]]:
    """Schedules of their own for some outcomes: receipts are asked for at leisure."""
    if settings.transport != "file" or settings.receipts is None:
        return {}
    return {OutcomeClass.UNKNOWN: RECEIPT_WAITS}
