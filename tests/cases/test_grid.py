"""Type by channel by edition by receiver: what comes out is what the experts say (grid.yaml)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from adapter.cases.grid import CHANNELS, Row, grid
from adapter.cases.run import Translators

BOOK: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "grid.yaml").read_text("utf-8"))
EDITIONS = ("2024", "2025")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(grid(Translators()))


def _row(rows: list[Row], typ: str, channel: str, edition: str) -> Row:
    (row,) = [row for row in rows if (row.typ, row.channel, row.edition) == (typ, channel, edition)]
    return row


def _answer(receiver: str, typ: str, channel: str, edition: str) -> str:
    said = BOOK["receivers"][receiver]
    if edition == "2024" and typ in BOOK["from 2025"] and said["told"]:
        return "refused"  # but where no contact is told, what is wrong with one is no concern
    named = {typ, f"{typ} ({channel})"}
    (answer,) = [answer for answer in ("told", "not told") if named & set(said[answer])]
    return answer


def _came_out(row: Row, receiver: str) -> str:
    cell = row.cells[receiver]
    if cell.services:
        return "told"
    return "not told" if cell.not_reported and not cell.errors else "refused"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("receiver", BOOK["receivers"])
@pytest.mark.parametrize("typ", BOOK["channels"])
def test_a_receiver_is_told_what_the_experts_say(
    rows: list[Row], typ: str, receiver: str, edition: str
) -> None:
    for channel in BOOK["channels"][typ]:
        row = _row(rows, typ, channel, edition)
        assert _came_out(row, receiver) == _answer(receiver, typ, channel, edition), channel


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("typ", [typ for typ, channels in BOOK["channels"].items() if channels != ["-"]])
def test_a_channel_that_contradicts_the_type_is_refused_by_everybody_who_takes_contacts(
    rows: list[Row], typ: str, edition: str
) -> None:
    if typ == "triage":
        return
    for channel in CHANNELS.keys() - {*BOOK["channels"][typ], "not shown"}:
        cells = {
            receiver: cell
            for receiver, cell in _row(rows, typ, channel, edition).cells.items()
            if BOOK["receivers"][receiver]["told"]
        }
        assert all("KT-KANAL-MOTSAGD" in cell.errors and not cell.services for cell in cells.values()), (
            channel
        )


def test_the_experts_name_every_type_and_every_receiver(rows: list[Row]) -> None:
    assert {row.typ for row in rows} == set(BOOK["channels"])
    assert {receiver for row in rows for receiver in row.cells} == set(BOOK["receivers"])
