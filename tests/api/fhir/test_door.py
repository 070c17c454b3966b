"""Who is let through the door of the FHIR face."""

from collections.abc import Callable
from typing import Any

import pytest

from adapter.config import Config

TOKEN = "0123456789abcdef"
OTHER = "fedcba9876543210"


@pytest.fixture
def config() -> Config:
    return Config(
        senders={
            "acme": {"token": TOKEN, "version": "versionId", "default_unit": "SE1"},
            "beta": {"token": OTHER},
        }
    )


async def test_without_a_token_nobody_gets_in(post: Callable[..., Any], services: Any) -> None:
    response = await post()
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["issue"][0]["details"]["coding"][0]["code"] == "HTTP-SENDER"
    assert services.intake.submitted == []
    assert services.intake.refused[0]["sender"] == "unknown"


@pytest.mark.parametrize("header", ["Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"])
async def test_a_wrong_token_does_not_get_in(post: Callable[..., Any], header: str) -> None:
    assert (await post(authorization=header)).status_code == 401


@pytest.mark.parametrize(("token", "name"), [(TOKEN, "acme"), (OTHER, "beta")])
async def test_a_token_tells_which_sender_it_is(
    post: Callable[..., Any], services: Any, token: str, name: str
) -> None:
    assert (await post(authorization=f"bearer {token}")).status_code == 200
    assert services.intake.submitted[0]["sender"].name == name
