"""How far a source has been read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.errors import ConfigurationError
from adapter.pull.checkpoint import Checkpoint, last_updated

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("Encounter", "Condition")


def test_the_first_run_must_be_told_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Checkpoint.load(tmp_path / "none", None, KINDS)


def test_a_mark_is_kept_for_each_type_and_searched_from_a_little_before(tmp_path: Path) -> None:
    Checkpoint.load(tmp_path / "c", JANUARY, KINDS).advance(
        "Encounter", datetime.fromisoformat("2026-03-01T10:00:00+01:00"), tmp_path / "c"
    )
    again = Checkpoint.load(tmp_path / "c", None, KINDS)
    assert again.searched_from("Encounter") == "2026-03-01T08:55:00Z"
    assert again.searched_from("Condition") == "2025-12-31T23:55:00Z"


def test_a_mark_never_goes_back(tmp_path: Path) -> None:
    state = Checkpoint.load(tmp_path / "c", JANUARY, KINDS)
    state.advance("Encounter", datetime(2025, 1, 1, tzinfo=UTC), tmp_path / "c")
    assert state.marks["Encounter"] == JANUARY


def test_a_damaged_checkpoint_is_said_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("{")
    with pytest.raises(ConfigurationError):
        Checkpoint.load(tmp_path / "c", JANUARY, KINDS)
    assert (tmp_path / "c").read_text() == "{"


@pytest.mark.parametrize(
    "meta", [None, {}, {"lastUpdated": "soon"}, {"lastUpdated": 5}, {"lastUpdated": "2026-01-01T00:00:00"}]
)
def test_a_change_without_a_clear_moment_moves_no_mark(meta: object) -> None:
    assert last_updated({"meta": meta}) is None
