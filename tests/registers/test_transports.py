"""Which way each register's messages go, and which settings lead nowhere."""

import pytest

from adapter.domain.message import OutcomeClass
from adapter.errors import ConfigurationError
from adapter.registers.files import FileTransport
from adapter.registers.protocol import RegisterSettings
from adapter.registers.rest import RestTransport
from adapter.registers.transports import (
    RECEIPT_WAITS,
    layout_for,
    schedules_for,
    transport_for,
    window_for,
)


def files(**more) -> RegisterSettings:
    return RegisterSettings(transport="file", **{"folder": "out", **more})


async def test_a_register_with_an_address_is_called():
    transport = transport_for("gvr", RegisterSettings(url="http://127.0.0.1:8090/gvr"))
    assert isinstance(transport, RestTransport)
    await transport.close()


@pytest.mark.parametrize(
    ("register", "settings", "form"),
    [
        ("signe", files(), "ndjson"),
        ("listning", files(), "csv"),
        ("gvr", files(format="xml"), "ERSMOIndata2.2"),
    ],
)
def test_a_register_with_a_folder_gets_files_in_its_own_form(register, settings, form):
    assert isinstance(transport_for(register, settings), FileTransport)
    assert layout_for(register, settings).name == form


@pytest.mark.parametrize(
    ("register", "settings"),
    [
        ("gvr", files()),
        ("pasis", files()),
        ("pasis", files(format="xml")),
        ("signe", files(folder=None)),
        ("signe", RegisterSettings(url="http://127.0.0.1:8090/signe")),
        ("listning", RegisterSettings(url="http://127.0.0.1:8090/listning")),
    ],
)
def test_what_a_register_does_not_take_is_refused_before_anything_is_sent(register, settings):
    with pytest.raises(ConfigurationError):
        transport_for(register, settings)


def test_only_a_time_of_day_makes_a_window():
    assert window_for("signe", files()) is None
    assert window_for("signe", files(batch_at="02:30")) is not None
    assert window_for("gvr", RegisterSettings(url="http://127.0.0.1:8090/gvr", batch_at="02:30")) is None


def test_receipts_have_a_schedule_of_their_own_and_are_overdue_after_two_days():
    assert schedules_for(files()) == {}
    assert schedules_for(files(receipts="in")) == {OutcomeClass.UNKNOWN: RECEIPT_WAITS}
    assert 2 <= sum(RECEIPT_WAITS) / 86_400 < 2.2
