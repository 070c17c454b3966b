"""A sending system that asks what became of its events."""

from typing import Any
from urllib.parse import quote

import httpx

from tests.support.following import SYSTEM

TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"


class Asker:
    """One sender's client."""

    def __init__(self, client: httpx.AsyncClient, token: str = TOKEN, lang: str = "en") -> None:
        self._client = client
        self._headers = {"authorization": f"Bearer {token}", "accept-language": lang}

    async def status(self, value: str = "e1", system: str | None = SYSTEM) -> httpx.Response:
        identifier = value if system is None else f"{system}|{value}"
        return await self.get(f"status?identifier={quote(identifier, safe='')}")

    async def at(self, value: str = "e1", register: str = "gvr") -> Any:
        """Where the only event of an identifier stands at a register."""
        answer = await self.status(value)
        assert answer.status_code == 200, answer.text
        (event,) = answer.json()["events"]
        return event["registers"][register]

    async def get(self, path: str) -> httpx.Response:
        return await self._client.get(f"/api/sender/{path}", headers=self._headers)

    async def post(self, content: bytes, **headers: str) -> httpx.Response:
        return await self._client.post(
            "/api/sender/status", content=content, headers={**self._headers, **headers}
        )

    async def feed(self, **query: Any) -> Any:
        answer = await self.get("feed?" + "&".join(f"{name}={value}" for name, value in query.items()))
        assert answer.status_code == 200, answer.text
        return answer.json()
