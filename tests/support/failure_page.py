"""The page *What happens when ... fails*, made from the tests that prove it.

A test carries ``@pytest.mark.failure(part=, fault=, sender=, operator=, kept=, recovers=)``: what fails and
how, what the sender and the operator see, what is kept, how it recovers. A second test of the same fault
carries part and fault alone. ``python -m tests.support.failure_page`` collects them, running none, and writes
docs/explanation/failures.md; tests/test_failure_page.py fails when that is not what stands there.
"""

import contextlib
import io
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "failures.md"
TEXTS = ("sender", "operator", "kept", "recovers")

PARTS = {
    "ledger-sqlite": ("The ledger's SQLite file", ""),
    "ledger-postgresql": (
        "The ledger's PostgreSQL",
        "*503*: with Retry-After and rule `INTAKE-UNAVAILABLE`, within `[ledger] confirm_within` (5 s)."
        " Sent again, a"
        " submission is stored once; one that had been committed gets its first answer.",
    ),
    "disk": (
        "The disk under the SQLite file",
        "*503*: with Retry-After and rule `INTAKE-UNAVAILABLE`; what is sent again later is taken.",
    ),
    "register": (
        "The register",
        "The sender always gets *200* with its receipt: no register is asked before the answer. What"
        " became of the"
        " contact is told by `/api/sender/status`, the feed and the webhook.\n\n"
        "*Log*: the line `attempted` with `outcome` and `cause`. *Looked up*: the register is asked (GET)"
        " before"
        " anything else is sent for the contact. *By the schedule*: after 5 s, 5 min, 30 min, 2 h, 5 h, 10"
        " h, 10 h.",
    ),
    "network": ("The network", ""),
    "worker": ("A worker that delivers", ""),
    "service": ("The service itself", ""),
    "clock": ("The clock", ""),
    "tables-and-rules": ("Tables and rules", ""),
    "webhook": (
        "The receiver of webhooks",
        "*Again*: after 5 s, 30 s, 5 min, 30 min, then every 2 h, for ever; in order, the same bytes under"
        " the same id.",
    ),
    "sender": (
        "The sender",
        "Nothing here needs an operator: `vardbro_bundles_total` counts answers by status.",
    ),
}
"""Title and introduction of each part."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "ledger-sqlite": (
        "a second process opens it",
        "it lies on a network file system",
        "it is no ledger",
        "another program locks it for long",
    ),
    "ledger-postgresql": (
        "killed and restarted",
        "the primary dies, its synchronous standby is promoted",
        "the synchronous standby is down",
        "the connection is cut in the middle of a commit",
        "two nodes write the same rows at once",
        "the network swallows packets",
        "it is down when the service starts",
    ),
    "disk": (
        "nearly full",
        "full to the last byte",
        "takes no more writes",
        "read-only at start",
    ),
    "register": (
        "down: connection refused",
        "its name does not resolve",
        "slow past the time-out, no effect",
        "slow past the time-out, after the effect",
        "resets the connection before the effect",
        "resets the connection after the effect",
        "500",
        "502",
        "503",
        "429 or 503 with Retry-After",
        "401 for days",
        "403 for one unit",
        "403 for several units",
        "its certificate has expired",
        "hangs up during the TLS hello",
        "rejects a message (400 with a reason)",
        "409 to a create",
        "404 to an update",
        "an answer that cannot be read",
        "202: received, not confirmed",
        "a redirect",
        "down longer than the schedule",
        "most attempts fail",
        "an outcome that nothing can settle",
    ),
    "network": (
        "the sender's connection breaks before the answer",
        "the sender hangs up in the middle of the body",
        "the way to the register swallows packets",
    ),
    "worker": (
        "paused past its lease",
        "killed while it sends",
        "one of several nodes is killed",
    ),
    "service": (
        "killed during intake",
        "killed while it sends",
        "SIGTERM under load",
        "its port is taken",
        "a courier ends",
    ),
    "clock": (
        "jumps ahead while the service runs",
        "jumps back while the service runs",
        "was ahead at the last run and is right now",
        "is ahead of the last run by a day",
    ),
    "tables-and-rules": (
        "a unit code that no table knows",
        "a pack that does not load",
        "no edition for the date of care",
        "the edition changes before delivery",
    ),
    "webhook": (
        "down",
        "answers with an error",
        "too slow",
    ),
    "sender": (
        "sends garbage",
        "sends too much",
        "sends too slowly",
        "uses a key again for other content",
        "sends more than the ledger can keep up with",
        "sends versions in the wrong order",
        "does not prove itself",
    ),
}
"""Every fault that the page must name: one that no test proves fails the build."""

_HEAD = """# What happens when ... fails

For each part and each fault: what the sender sees, what the operator sees, what is kept, how it recovers, and
the test that proves it, with the real fault: a killed process, a full file system, a broken connection.
Where an operator looks: `GET /health/ready`, the log, the lanes and notices of `/api`, `/metrics`
([Operate](../how-to/operate.md)). *One notice* is told once when a cause begins to block lanes, however many,
and once when it ends: log `notice.started` and `notice.cleared`, `/api/summary`, the operators' webhook. The
states of lanes are explained in [Lanes](lanes.md), the classes of outcomes in [Outcomes](outcomes.md).

*Made by `python -m tests.support.failure_page` from the marked tests. Do not edit.*
"""

_COLUMNS = "| fault | the sender sees | the operator sees | what is kept | how it recovers | proved by |"


class Proof(NamedTuple):
    """One test and what it proves. `texts` are empty for a further test of a fault."""

    part: str
    fault: str
    test: str
    texts: tuple[str, ...]


class Gatherer:
    """A plugin that notes the marked tests of a collection."""

    def __init__(self) -> None:
        self.proofs: list[Proof] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what each mark says."""
        for item in session.items:
            name = item.nodeid.partition("[")[0]
            for mark in item.iter_markers("failure"):
                proof = proof_of(name, mark.kwargs)
                if proof not in self.proofs:
                    self.proofs.append(proof)


def proof_of(test: str, said: dict[str, Any]) -> Proof:
    """The proof that a mark's members describe. Raises ValueError for a mark that is not whole."""
    unknown = set(said) - {"part", "fault", *TEXTS}
    given = [name for name in TEXTS if said.get(name)]
    if unknown or said.get("part") not in PARTS or not said.get("fault") or len(given) not in (0, len(TEXTS)):
        raise ValueError(f"{test}: failure() needs part, fault and, of the texts, all or none: {said}")
    return Proof(said["part"], said["fault"], test, tuple(said[name] for name in given))


def missing(proofs: Iterable[Proof]) -> list[str]:
    """The required faults that no test proves, or that no test describes."""
    described = {(proof.part, proof.fault) for proof in proofs if proof.texts}
    return [
        f"{part}: {fault}"
        for part, faults in REQUIRED.items()
        for fault in faults
        if (part, fault) not in described
    ]


def doubled(proofs: Iterable[Proof]) -> list[str]:
    """Faults that more than one test describes: the page could say two things of them."""
    described = [f"{proof.part}: {proof.fault}" for proof in proofs if proof.texts]
    return sorted({fault for fault in described if described.count(fault) > 1})


def page(proofs: Sequence[Proof]) -> str:
    """The page (Markdown)."""
    parts = [_HEAD]
    for part, (title, introduction) in PARTS.items():
        of_part = [proof for proof in proofs if proof.part == part]
        if not of_part:
            continue
        parts += [f"## {title}\n", *([f"{introduction}\n"] if introduction else [])]
        parts += [_COLUMNS, "|---|---|---|---|---|---|"]
        order = {fault: place for place, fault in enumerate(REQUIRED.get(part, ()))}
        faults = sorted({proof.fault for proof in of_part}, key=lambda one: (order.get(one, len(order)), one))
        parts += [_row(fault, [proof for proof in of_part if proof.fault == fault]) for fault in faults]
        parts.append("")
    return "\n".join(parts)


def _row(fault: str, proofs: Sequence[Proof]) -> str:
    texts = next((proof.texts for proof in proofs if proof.texts), ("",) * len(TEXTS))
    tests = "<br>".join(f"`{proof.test}`" for proof in sorted(proofs, key=lambda proof: not proof.texts))
    return " | ".join(["| " + _cell(fault), *map(_cell, texts), tests + " |"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def marked_files() -> list[Path]:
    """The files that have marked tests, by their text: only they need to be collected."""
    return sorted(
        file for file in (ROOT / "tests").rglob("test_*.py") if "mark.failure(" in file.read_text("utf-8")
    )


def gather() -> list[Proof]:
    """Collect the marked tests, in a process where pytest does not run yet. Raises RuntimeError."""
    gatherer = Gatherer()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(
            [
                "--collect-only",
                "-q",
                "-p",
                "no:cacheprovider",
                "--rootdir",
                str(ROOT),
                *map(str, marked_files()),
            ],
            plugins=[gatherer],
        )
    if code != 0:
        raise RuntimeError(said.getvalue())
    return gatherer.proofs


def main() -> None:
    """Write the page; with ``--json`` print the proofs instead."""
    proofs = gather()
    if "--json" in sys.argv:
        print(json.dumps(proofs))
    else:
        PAGE.write_text(page(proofs), "utf-8")


if __name__ == "__main__":
    main()
