"""Sending a pile: in order, on from where it stopped, and not for ever in vain."""

from collections.abc import Sequence
from pathlib import Path

import httpx

from adapter.submission.client import TRIES, Client
from adapter.submission.journal import Journal
from adapter.submission.run import GIVES_UP, send_all
from adapter.submission.sources import Submission


class Adapter:
    """Answers each status in turn (None: does not answer), the last for ever; keeps what it got."""

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses)
        self.got: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request.content)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        if status is None:
            raise httpx.ConnectError("")
        return httpx.Response(status, json={"resourceType": "OperationOutcome"})

    def client(self) -> Client:
        return Client("http://127.0.0.1:1", transport=httpx.MockTransport(self), sleep=lambda _: None)


def pile(*contents: bytes) -> list[Submission]:
    return [Submission(f"{number}.json", raw) for number, raw in enumerate(contents)]


def statuses(
    adapter: Adapter, items: Sequence[Submission], journal: Journal | None = None
) -> list[int | None]:
    return [outcome.status for outcome in send_all(adapter.client(), items, journal)]


def test_what_was_answered_for_good_is_not_sent_again(tmp_path: Path) -> None:
    items = pile(b"a", b"b", b"c")
    with Journal(tmp_path / "j") as journal:
        first = Adapter(200, 422, 503)
        assert statuses(first, items, journal) == [200, 422, 503]
    with Journal(tmp_path / "j") as journal:
        second = Adapter(200)
        assert statuses(second, items, journal) == [200, 422, 200]
    assert second.got == [b"c"]


def test_a_refusal_of_who_we_are_is_not_taken_for_a_refusal_of_the_content(tmp_path: Path) -> None:
    items = pile(b"a", b"b")
    with Journal(tmp_path / "j") as journal:
        assert statuses(Adapter(401), items, journal) == [401]
    with Journal(tmp_path / "j") as journal:
        assert statuses(Adapter(200), items, journal) == [200, 200]


def test_a_contact_that_is_changed_and_changed_back_is_sent_three_times(tmp_path: Path) -> None:
    adapter = Adapter(200)
    with Journal(tmp_path / "j") as journal:
        statuses(adapter, pile(b"a", b"b", b"a"), journal)
    assert adapter.got == [b"a", b"b", b"a"]


def test_it_gives_up_when_nobody_answers() -> None:
    adapter = Adapter(None)
    assert statuses(adapter, pile(*[b"%d" % number for number in range(10)])) == [None] * GIVES_UP
    assert len(adapter.got) == GIVES_UP * TRIES


def test_one_that_is_not_answered_does_not_stop_the_others() -> None:
    adapter = Adapter(*[None] * TRIES, 200)
    assert statuses(adapter, pile(b"a", b"b", b"c")) == [None, 200, 200]


def test_a_journal_whose_last_line_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    items = pile(b"a", b"b")
    with Journal(tmp_path / "j") as journal:
        statuses(Adapter(200), items, journal)
    kept = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(kept[:-20])
    with Journal(tmp_path / "j") as journal:
        adapter = Adapter(200)
        statuses(adapter, items, journal)
    assert adapter.got == [b"b"]
    with Journal(tmp_path / "j") as journal:
        again = Adapter(200)
        statuses(again, items, journal)
    assert again.got == []


def test_a_journal_is_for_its_owner_alone_and_masks_identity_numbers_in_file_names(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        list(send_all(Adapter(200).client(), [Submission("191212121212.json", b"a")], journal))
    assert (tmp_path / "j").stat().st_mode & 0o077 == 0
    assert b"1212121212" not in (tmp_path / "j").read_bytes()
