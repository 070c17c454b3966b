"""What each register of the simulator says to a message: its checks as they stand in the tables."""

from datetime import date
from typing import Any

import msgspec

from adapter.domain.message import Operation, RegisterMessage
from adapter.registers.files.batch import HANDELSER, Record, line_of
from adapter.registers.files.receiver import FileReceiver
from adapter.registers.listning.layout import ListningLayout
from adapter.registers.protocol import Receiver
from adapter.simulator.files import listning, signe
from adapter.simulator.gvr.checks import SERVICES
from adapter.simulator.pasis import checks as pasis
from adapter.simulator.pasis.shape import VARDKONTAKT
from adapter.simulator.table import Check, Surroundings

TODAY = date(2026, 11, 22)
GVR = {service.name: service for service in SERVICES.values()}

Table = dict[str, Check]


def tables() -> dict[str, list[Check]]:
    """Every check of the registers that answer at once, by register and service."""
    found = {
        f"gvr {name}": [one for stage in service.stages for one in stage] for name, service in GVR.items()
    }
    return found | {"pasis vardkontakt": [one for stage in pasis.STAGES for one in stage]}


def rejections(
    receiver: Receiver, message: RegisterMessage, extra: dict[str, Check] | None = None
) -> list[str]:
    """The checks that strike at a report, each with its register; `extra` replaces checks by their id."""
    body = message.body
    if message.register in ("gvr", "pasis"):
        return _struck(message, body, extra or {})
    assert isinstance(receiver, FileReceiver)
    return [f"{message.register}: {problem}" for problem in _problems(receiver, message)]


def _struck(message: RegisterMessage, body: dict[str, Any], extra: dict[str, Check]) -> list[str]:
    if message.register == "gvr":
        service = GVR[message.service]
        stages, shape = service.stages, service.shape
    else:
        stages, shape = pasis.STAGES, VARDKONTAKT
    around = Surroundings(TODAY, None, shape)
    for stage in stages:
        struck = [
            f"{one.id} {falt}".rstrip() for one in stage for falt in extra.get(one.id, one).find(body, around)
        ]
        if struck:
            return [f"{message.register}: {one}" for one in struck]
    return []


def _problems(receiver: FileReceiver, message: RegisterMessage) -> list[str]:
    line = receiver.line(Operation.CREATE, message.body)
    key = receiver.record(message.body)
    record = Record(key=key, handelse=HANDELSER["POST"], body=msgspec.json.encode(line))
    if message.register == "signe":
        return list(signe.problems_of(line_of(record), key))
    try:
        rows = listning.rows_of(ListningLayout().encode([record], "b"))
    except ValueError as error:
        return [str(error)]
    return [problem for row in rows for problem in listning.problems_of(row)]
