"""The demo's table and totals."""

from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from adapter.demo.verdict import Result
from adapter.output import table

_SHOWN_SEVERITIES = frozenset({"error", "warning"})
_NO_PROMISE = "Public Synthea bundle; any proper answer will do"
_MARK = {True: "yes", False: "NO"}


def results_table(results: Iterable[Result]) -> Table:
    """One row per submission: bundle, events, GVR's answer, findings with rule ids, as expected or not."""
    columns = ("#", "bundle", "what it shows", "HTTP", "events", "GVR", "lane", "rules named", "as expected")
    return table("vardbro demo", columns, (_row(number, one) for number, one in enumerate(results, start=1)))


def totals(results: list[Result], registers: dict[str, int]) -> list[str]:
    """The closing lines."""
    answers: Counter[str] = Counter(result.answer for result in results)
    messages = Counter(message.state for result in results for message in result.messages)
    rules = Counter(rule for result in results for rule in set(_rules(result)))
    lines = [
        f"{len(results)} submissions: {_counted(answers)}",
        f"{sum(messages.values())} messages: {_counted(messages)}",
        f"registers hold: {_counted(Counter(registers))}",
    ]
    if rules:
        lines.append(f"rules named: {_counted(rules)}")
    return lines


def differences(results: Iterable[Result]) -> list[str]:
    """What is otherwise than expected, one line each."""
    return [f"{result.name}: {found}" for result in results for found in result.differences]


def _row(number: int, result: Result) -> tuple[object, ...]:
    return (
        number,
        result.name,
        result.step.kind if result.step else _NO_PROMISE,
        result.reply.status or result.reply.failure,
        len({message.event for message in result.messages}) or "",
        _register_says(result),
        ", ".join(sorted(set(result.states))),
        "\n".join(dict.fromkeys(_rules(result))),
        _MARK[not result.differences],
    )


def _register_says(result: Result) -> str:
    causes = sorted({message.cause for message in result.messages if message.cause})
    return f"{result.answer} ({', '.join(causes)})" if causes else result.answer


def _rules(result: Result) -> list[str]:
    return [remark.rule for remark in result.remarks if remark.severity in _SHOWN_SEVERITIES]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
