"""The score over time as a drawing (SVG) that stands in the page. Pure."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

Json = dict[str, Any]

_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 14, 34
_MOST_LABELS = 6


def chart(history: Sequence[Json], title: str) -> str:
    """A line of the scores that there are, 0 to 100 %; empty for fewer than two. A hollow point is the first
    with other rules than the point before."""
    points = [one for one in history if one["score"] is not None]
    if len(points) < 2:
        return ""
    at = [(_x(number, len(points)), _y(one["score"])) for number, one in enumerate(points)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_attribute(title)}" ',
            f'width="{_WIDTH}" height="{_HEIGHT}" font-size="11" font-family="system-ui,sans-serif">',
            *(_ruler(percent) for percent in (0, 25, 50, 75, 100)),
            f'<polyline points="{line}" fill="none" stroke="#1f4e79" stroke-width="2"/>',
            *(
                _mark(
                    x,
                    y,
                    points[number],
                    number > 0 and points[number - 1]["rules"] != points[number]["rules"],
                )
                for number, (x, y) in enumerate(at)
            ),
            *_labels(points),
            "</svg>",
        )
    )


def _x(number: int, count: int) -> float:
    return _LEFT + number * (_WIDTH - _LEFT - _RIGHT) / (count - 1)


def _y(score: float) -> float:
    return _TOP + (100 - score) * (_HEIGHT - _TOP - _BOTTOM) / 100


def _ruler(percent: int) -> str:
    y = _y(percent)
    return (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ccc"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{percent} %</text>'
    )


def _mark(x: float, y: float, one: Json, other_rules: bool) -> str:
    fill = "#fff" if other_rules else "#1f4e79"
    told = escape(f"{one['at'][:10]}: {one['score']} % ({one['bundles']})")
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="#1f4e79" stroke-width="2">'
        f"<title>{told}</title></circle>"
    )


def _labels(points: Sequence[Json]) -> list[str]:
    """The days below some of the points, the last one always."""
    step = max(1, -(-len(points) // _MOST_LABELS))
    last = len(points) - 1
    shown = [number for number in range(len(points)) if (last - number) % step == 0]
    return [
        f'<text x="{_x(number, len(points)):.1f}" y="{_HEIGHT - 12}" '
        f'text-anchor="{_anchor(number, last)}" fill="#444">{escape(points[number]["at"][:10])}</text>'
        for number in shown
    ]


def _anchor(number: int, last: int) -> str:
    return "end" if number == last else "start" if number == 0 else "middle"


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
