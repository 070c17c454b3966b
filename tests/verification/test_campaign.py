"""Plans that do not fit together are refused before anything is started."""

from pathlib import Path

import pytest

from adapter.errors import ConfigurationError
from adapter.verification.campaign import Plan, verify
from adapter.verification.scenarios import NAMES, ON_POSTGRES


@pytest.mark.parametrize("scenario", sorted(ON_POSTGRES))
def test_scenarios_of_several_nodes_need_postgresql(scenario: str) -> None:
    with pytest.raises(ConfigurationError, match="needs PostgreSQL"):
        verify(Plan(scenario=scenario))


@pytest.mark.parametrize("scenario", ["restart-db", "failover"])
def test_a_server_that_the_user_named_is_not_killed(scenario: str) -> None:
    with pytest.raises(ConfigurationError, match="one of its own"):
        verify(Plan(scenario=scenario, store="postgres", postgres="postgresql://127.0.0.1:1/x"))


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        verify(Plan(scenario="flood"))
    assert all(name in caught.value.hint for name in NAMES)


def test_a_folder_to_keep_must_be_new(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="File exists"):
        verify(Plan(keep=tmp_path))
