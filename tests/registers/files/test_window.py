"""The time of the daily batch: once a day, late rather than never, and right when the clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from adapter.domain.message import OutcomeClass
from adapter.registers.files.window import LONGEST, BatchWindow
from tests.registers.files.conftest import Folder

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=fold).timestamp()


class Days:
    """A window on a folder, with a clock that is set by hand."""

    def __init__(self, folder: Folder, time: str = "02:30", now: str = "2025-11-22T12:00") -> None:
        self.folder, self.time = folder, time
        self.set(now)
        self.restart()

    def set(self, now: str, fold: int = 0) -> None:
        self.folder.now = at(now, fold)

    def restart(self) -> None:
        self.window = BatchWindow(self.folder.desk.session, self.time, lambda: self.folder.now)

    async def is_open(self) -> bool:
        return await self.window.wait() == 0.0

    async def run(self) -> None:
        """A run that has delivered all there was."""
        assert await self.is_open()
        self.window.note(OutcomeClass.ACCEPTED)
        await self.window.left(nothing=True)


@pytest.fixture
async def days(folder: Folder) -> Days:
    """A window that was looked at for the first time at noon on 22 November."""
    made = Days(folder)
    assert not await made.is_open()
    return made


async def test_in_a_new_folder_the_first_batch_is_the_next_one(days: Days):
    assert await days.window.wait() == at("2025-11-23T02:30") - at("2025-11-22T12:00")


async def test_it_opens_at_the_time_and_closes_when_all_is_delivered(days: Days):
    days.set("2025-11-23T02:29")
    assert not await days.is_open()
    days.set("2025-11-23T02:30")
    await days.run()
    assert not await days.is_open()
    days.set("2025-11-24T02:30")
    assert await days.is_open()


async def test_a_restart_after_the_days_batch_does_not_repeat_it(days: Days):
    days.set("2025-11-23T02:31")
    await days.run()
    days.restart()
    assert not await days.is_open()


async def test_a_restart_in_the_middle_of_the_days_batch_goes_on_with_it(days: Days):
    days.set("2025-11-23T02:31")
    assert await days.is_open()
    days.restart()
    assert await days.is_open()


async def test_a_missed_day_is_made_up_for_at_once(days: Days):
    days.set("2025-11-25T17:00")
    days.restart()
    await days.run()
    assert await days.window.wait() == at("2025-11-26T02:30") - at("2025-11-25T17:00")


async def test_while_the_folder_fails_the_day_is_not_done(days: Days):
    days.set("2025-11-23T02:30")
    assert await days.is_open()
    days.window.note(OutcomeClass.NOT_SENT)
    await days.window.left(nothing=True)
    assert await days.is_open()
    days.window.note(OutcomeClass.ACCEPTED)
    await days.window.left(nothing=True)
    assert not await days.is_open()


async def test_with_something_under_way_the_day_is_not_done(days: Days):
    days.set("2025-11-23T02:30")
    assert await days.is_open()
    await days.window.left(nothing=False)
    assert await days.is_open()


async def test_steady_traffic_does_not_keep_it_open_all_day(days: Days):
    days.set("2025-11-23T02:30")
    assert await days.is_open()
    days.folder.now += LONGEST + 1
    await days.window.left(nothing=False)
    assert not await days.is_open()


async def test_another_process_that_has_done_the_day_is_noticed(days: Days):
    days.set("2025-11-23T02:30")
    other = Days(days.folder, now="2025-11-23T02:30")
    await other.run()
    assert not await days.is_open()


async def test_in_the_hour_that_spring_skips_it_opens_an_hour_later_on_the_clock(folder: Folder):
    days = Days(folder, now="2026-03-28T12:00")
    assert not await days.is_open()
    days.set("2026-03-29T01:59")
    assert not await days.is_open()
    days.set("2026-03-29T03:30")
    await days.run()
    assert await days.window.wait() == at("2026-03-30T02:30") - at("2026-03-29T03:30")


async def test_in_the_hour_that_autumn_repeats_it_opens_once(folder: Folder):
    days = Days(folder, now="2026-10-24T12:00")
    assert not await days.is_open()
    days.set("2026-10-25T02:30", fold=0)
    await days.run()
    days.set("2026-10-25T02:30", fold=1)
    assert not await days.is_open()
    days.set("2026-10-26T02:30")
    assert await days.is_open()


async def test_a_clock_that_jumps_back_repeats_no_day(days: Days):
    days.set("2025-11-23T02:30")
    await days.run()
    days.set("2025-11-22T01:00")
    assert not await days.is_open()


async def test_a_folder_that_cannot_be_read_leaves_it_open_so_that_delivery_shows_the_fault(
    folder: Folder, tmp_path
):
    days = Days(folder)
    folder.path.rename(tmp_path / "away")
    assert await days.is_open()
    days.window.note(OutcomeClass.NOT_SENT)
    await days.window.left(nothing=True)
    assert await days.is_open()
