"""Reading the register's log as it grows."""

from pathlib import Path

import msgspec

from adapter.verification.records import Effect

_decode = msgspec.json.Decoder(Effect).decode


class EffectLog:
    """The log's lines so far, read on from where the last look ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.effects: list[Effect] = []

    def read_on(self) -> list[Effect]:
        """The effects that have come since the last look."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        found = [_decode(line) for line in whole.splitlines()]
        self.effects += found
        return found
