"""On which line of a JSON text each value begins, so that a remark on a file can say where."""

import re

Place = tuple[str | int, ...]
"""The way to a value from the document's root: ``("group", 0, "element", 3)``."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class JsonLines:
    """The lines of one text, which must be valid JSON."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {(): 1}
        self._read(text)

    def line(self, place: Place) -> int:
        """The line (from 1) of the value at `place`, or of the nearest value around it."""
        while place not in self._lines:
            place = place[:-1]
        return self._lines[place]

    def _read(self, text: str) -> None:
        """Walk the tokens with the place of the current value; a key counts as the beginning of its value."""
        place: list[str | int] = []
        is_key = False
        line, last = 1, 0
        for token in _TOKEN.finditer(text):
            line += text.count("\n", last, token.start())
            last = token.start()
            word = token.group()
            if is_key and word[0] == '"':
                place[-1] = word[1:-1]
                is_key = False
            if word not in "]}:,":
                self._lines.setdefault(tuple(place), line)
            if word == "{":
                place.append("")
                is_key = True
            elif word == "[":
                place.append(0)
            elif word in "]}":
                place.pop()
                is_key = False
            elif word == ",":
                is_key = isinstance(place[-1], str)
                if isinstance(place[-1], int):
                    place[-1] += 1
