"""Figures for Prometheus. Labels are states, statuses, rules, registers and senders: never of a patient."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The counters of one running service, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._bundles = Counter(
            "vardbro_bundles", "Submissions answered, by HTTP status.", ["status"], registry=self._registry
        )
        self._seconds = Histogram(
            "vardbro_bundle_seconds",
            "Time from the request's headers to the answer.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._faults = Counter(
            "vardbro_faults", "Requests that ended in an unforeseen fault.", registry=self._registry
        )
        self._refused = Counter(
            "vardbro_refused",
            "Requests that were refused at the door, by rule and sender as far as it is known.",
            ["rule", "sender"],
            registry=self._registry,
        )
        self._lanes = Gauge(
            "vardbro_lanes", "Lanes by register and state.", ["register", "state"], registry=self._registry
        )
        self._messages = Gauge("vardbro_messages", "Messages by state.", ["state"], registry=self._registry)

    def bundle(self, status: int, seconds: float) -> None:
        """Count one submission."""
        self._bundles.labels(str(status)).inc()
        self._seconds.observe(seconds)

    def refused(self, rule: str, sender: str) -> None:
        """Count one request whose sender was not admitted."""
        self._refused.labels(rule, sender).inc()

    def fault(self) -> None:
        """Count one request that ended in an unforeseen fault."""
        self._faults.inc()

    def page(self, lanes: Mapping[tuple[str, str], int], messages: Mapping[str, int]) -> bytes:
        """The exposition text, with the ledger's counts (lanes by register and state, messages by state)."""
        self._lanes.clear()
        for (register, state), count in lanes.items():
            self._lanes.labels(register, state).set(count)
        self._messages.clear()
        for state, count in messages.items():
            self._messages.labels(state).set(count)
        return generate_latest(self._registry)


def lane_counts(registers: Mapping[str, object]) -> Iterator[tuple[tuple[str, str], int]]:
    """``((register, state), count)`` from the ``registers`` member of the ledger's summary."""
    for register, facts in registers.items():
        states = facts.get("lanes", {}) if isinstance(facts, Mapping) else {}
        for state, count in states.items():
            yield (register, state), int(count)
