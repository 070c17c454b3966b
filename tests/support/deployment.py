"""A whole service for tests of failures: the process, its sender, its operator, and its register."""

import base64
import contextlib
import copy
import json
import os
import re
import resource
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

ROOT = Path(__file__).parents[2]
SAMPLE = json.loads((ROOT / "tests/samples/mottagningsbesok-lakare.json").read_text("utf-8"))
IDENTIFIERS = "https://journal.example/vardkontakt"
UNIT, OTHER_UNIT = "30216311002", "30216311003"
PACE = {"margin": 0.3, "probe_every": 0.3, "breaker": {"pause": 0.3, "window": 3.0}}
"""Changes of tests.support.launch that every service gets."""

PATIENCE = 40.0
"""Seconds that are waited at most for what takes a moment on a machine that is not busy."""

T = TypeVar("T")


def until(found: Callable[[], T], what: str = "it did not come to that", seconds: float = PATIENCE) -> T:
    """Ask until the answer is true; gives it. `what` is said when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what}; the last answer was {answer!r}"
        time.sleep(0.03)


def contact(number: str, version: int = 1, *, unit: str = UNIT, **members: Any) -> dict[str, Any]:
    """A bundle with one visit that every register takes. Each `version` ends a day later.

    `members` are put into the Encounter.
    """
    bundle: dict[str, Any] = copy.deepcopy(SAMPLE)
    bundle["identifier"]["value"] = f"{number}-{version}"
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    encounter = resources["Encounter"]
    encounter["identifier"][0]["value"] = number
    encounter["period"]["end"] = f"2025-03-{version + 2:02}T10:35:00+01:00"
    encounter.update(members)
    resources["Organization"]["identifier"][1]["value"] = unit
    return bundle


class Register:
    """The controls of a simulated register at `address`."""

    def __init__(self, address: str, verify: Any = True) -> None:
        self.address = address
        self.port = int(address.rpartition(":")[2])
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=10, verify=verify)

    def fault(self, kind: str, **members: Any) -> None:
        """Play a fault (docs/how-to/simulator)."""
        assert self._http.post("/_control/faults", json={"kind": kind, **members}).status_code == 201

    def calm(self) -> None:
        """End all faults."""
        self._http.delete("/_control/faults")

    def calls(self, event: str | None = None, *, effect: bool = False) -> list[str]:
        """The methods of the calls that came, of one event or of all; `effect`: only those that had one."""
        return [
            line["method"]
            for line in self._http.get("/_control/log").json()["log"]
            if event in (None, line["handelseId"]) and (line["effect"] or not effect)
        ]

    def effects(self, event: str) -> list[str]:
        """The calls that changed something, in their order."""
        return self.calls(event, effect=True)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


KEY = base64.b64encode(b"a key of tests, good for nothing").decode()
"""Nodes of one ledger share their keys."""


class Service:
    """``vardbro serve`` in a process of its own, in `folder`.

    `changes` are those of tests.support.launch, `before` a command that the service is started by (it must
    end by executing it).
    """

    def __init__(
        self,
        folder: Path,
        register_url: str,
        *,
        ledger: str | None = None,
        changes: dict[str, Any] | None = None,
        before: Sequence[str] = (),
        command: str = "serve",
        more: str = "",
        ledger_more: str = "",
        **register: Any,
    ) -> None:
        self.folder = folder
        self.ledger = ledger or f"sqlite:///{folder}/vardbro.db"
        self.changes = {**PACE, **(changes or {})}
        self.before = tuple(before)
        self._ledger_more = ledger_more
        self.url = ""
        self._command = command
        self._log = folder / f"{command}.log"
        self._process: subprocess.Popen[str] | None = None
        self._http: httpx.Client | None = None
        self.configure(register_url, more=more, **register)

    def configure(self, register_url: str, *, more: str = "", **register: Any) -> None:
        """Write the configuration; it counts from the next start. A setting that is None is left out."""
        settings = {
            "url": register_url,
            "timeout": "2s",
            "grace": "200ms",
            "lookup": "/vardhandelse/besok",
            "schedule": ["0s", "100ms", "200ms", "300ms", "300ms"],
            **register,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items() if value is not None]
        ledger = f'[http]\nport = 0\n[ledger]\nurl = "{self.ledger}"\n{self._ledger_more}\n'
        text = "\n".join([ledger, "[registers.gvr]", *lines, more])
        (self.folder / "vardbro.toml").write_text(f"{text}\n", "utf-8")

    # The process

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it says that it answers."""
        self._spawn()
        process = self._process
        assert process is not None
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], 90)
        line = process.stdout.readline() if ready else ""
        assert line.startswith(f"vardbro {self._command}: "), self._log.read_text("utf-8")
        if self._command == "serve":
            self.url = line.split()[2]
            self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE)

    def refuse_to_start(self) -> tuple[int, str]:
        """Start what must not start: the exit code, and what it said."""
        self._spawn()
        assert self._process is not None
        code = self._process.wait(90)
        self._let_go()
        return code, self._log.read_text("utf-8")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._let_go()

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(30)
        self._let_go()
        return code

    def restart(self) -> None:
        """Kill and start."""
        self.kill()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def limit_files(self, size: int | None) -> None:
        """Let the kernel refuse to write beyond `size` bytes of any file; None: no such limit."""
        hard = resource.RLIM_INFINITY
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def _spawn(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VARDBRO_")}
        command = [sys.executable, "-m", "tests.support.launch", json.dumps(self.changes)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.before, *command, self._command, "--config", str(self.folder / "vardbro.toml")],
                cwd=self.folder,
                env=kept | {"PYTHONPATH": str(ROOT), "VARDBRO_LEDGER__KEY": KEY},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def _let_go(self) -> None:
        if self._http is not None:
            self._http.close()
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = self._http = None

    # The sender

    @property
    def http(self) -> httpx.Client:
        """A client of the service."""
        assert self._http is not None
        return self._http

    def submit(self, bundle: dict[str, Any] | bytes, **headers: str) -> httpx.Response:
        """POST a bundle."""
        content = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(
            "/fhir", content=content, headers={"content-type": "application/fhir+json", **given}
        )

    def is_unavailable(self, number: str) -> bool:
        """Submit a contact: whether the answer is 503, as promised."""
        return is_unavailable(self.submit(contact(number)))

    def retake(self, number: str, version: int = 1) -> str:
        """Submit a contact until it is taken, as a sender does; gives the event."""
        bundle = contact(number, version)
        return until(lambda: event_if_taken(self.submit(bundle)), "it is not taken again") or ""

    def take(self, number: str, version: int = 1, **members: Any) -> str:
        """Submit a contact, which must be taken; gives the event's id."""
        answer = self.submit(contact(number, version, **members))
        assert answer.status_code == 200, answer.text
        return event_of(answer)

    def verdict(self, number: str) -> dict[str, Any]:
        """What the sender is told of a contact at the register."""
        identifier = f"{IDENTIFIERS}|{number}"
        told = self.http.get("/api/sender/status", params={"identifier": identifier})
        found: dict[str, Any] = told.json()["events"][0]["registers"]["gvr"]
        return found

    # The operator

    def lane(self, event: str) -> dict[str, Any]:
        """The event's lane, with its messages, attempts and causes; `states` are its messages' states."""
        found = self.http.get("/api/lanes", params={"lane": event}).json()["lanes"]
        lane: dict[str, Any] = self.http.get(f"/api/lanes/{found[0]['id']}").json()
        lane["states"] = [message["state"] for message in lane["messages"]]
        return lane

    def state(self, event: str) -> str:
        """The state of the event's lane."""
        found: str = self.lane(event)["state"]
        return found

    def until_accepted(self, event: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Wait until the newest message of the event is accepted; gives the lane."""
        return self._until_lane(event, lambda lane: lane["states"][-1] == "accepted", seconds)

    def until_state(self, event: str, state: str) -> dict[str, Any]:
        """Wait until the event's lane is in `state`; gives the lane."""
        return self._until_lane(event, lambda lane: lane["state"] == state)

    def until_cause(self, event: str) -> dict[str, Any]:
        """Wait until an attempt at the event has failed; gives the lane."""
        return self._until_lane(event, lambda lane: lane["cause"] is not None)

    def _until_lane(
        self, event: str, is_there: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE
    ) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not is_there(lane := self.lane(event)):
            assert time.monotonic() < deadline, json.dumps(lane, indent=1)
            time.sleep(0.03)
        return lane

    def notices(self) -> list[tuple[str, str]]:
        """The standing notices: (kind, cause)."""
        registers = self.http.get("/api/summary").json()["registers"]
        return [(one["kind"], one["cause"]) for one in registers.get("gvr", {}).get("notices", [])]

    def is_noticed(self, kind: str, cause: str) -> bool:
        """Whether this is the one notice that stands, and the log has told that it began."""
        began = lambda: self.logged("notice.started", kind=kind, cause=cause)  # noqa: E731
        return self.notices() == [(kind, cause)] and bool(until(began, "the log does not tell of the notice"))

    def is_cleared(self, kind: str, cause: str) -> bool:
        """Whether no notice stands, and the log has told that this one ended."""
        ended = lambda: self.logged("notice.cleared", kind=kind, cause=cause)  # noqa: E731
        return self.notices() == [] and bool(until(ended, "the log does not tell that the notice ended"))

    def paused(self) -> str | None:
        """What has paused the register."""
        found: str | None = self.http.get("/api/summary").json()["registers"]["gvr"]["paused"]
        return found

    def failing(self) -> list[str]:
        """What /health/ready says: the parts that do not work, none when it answers 200."""
        answer = self.http.get("/health/ready")
        assert (answer.status_code == 200) == (answer.json()["status"] == "ok")
        return list(answer.json().get("parts", []))

    def metric(self, name: str) -> float:
        """A figure of /metrics, with its labels in `name`; 0 when it is not there."""
        page = self.http.get("/metrics").text
        match = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
        return float(match[1]) if match else 0.0

    def logged(self, event: str, **members: Any) -> list[dict[str, Any]]:
        """The log lines of that event that have these members."""
        lines = [json.loads(line) for line in self._log.read_text("utf-8").splitlines() if line[:1] == "{"]
        return [
            line
            for line in lines
            if line["event"] == event and all(line.get(name) == value for name, value in members.items())
        ]

    def has_each_at(self, register: Register, events: Sequence[str]) -> bool:
        """Whether each event gets to the register, once and by a create, and the audit trail is whole."""
        for event in events:
            self.until_accepted(event)
            assert register.effects(event) == ["POST"]
        return self.audit_is_whole()

    def audit_is_whole(self) -> bool:
        """Whether the audit trail's chain holds."""
        return self.http.get("/api/audit").json()["broken_at"] is None

    def newest_receipt(self) -> tuple[int, int, bool]:
        """Of the newest submission (SQLite): the status, the size, and whether its content was kept."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/vardbro.db?mode=ro", uri=True)) as db:
            status, size, kept = db.execute(
                "SELECT status, size, payload IS NOT NULL FROM receipts ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return status, size, bool(kept)

    def messages(self) -> list[str]:
        """The states of all messages."""
        return [one["state"] for one in self.http.get("/api/messages?limit=1000").json()["messages"]]


def is_unavailable(answer: httpx.Response) -> bool:
    """Whether a submission was answered 503, with what the sender needs to know."""
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
        assert "INTAKE-UNAVAILABLE" in answer.text
    return answer.status_code == 503


def event_if_taken(answer: httpx.Response) -> str | None:
    """The event of a bundle that was taken."""
    return event_of(answer) if answer.status_code == 200 else None


def event_of(answer: httpx.Response) -> str:
    """The event that a taken bundle was stored as."""
    locations = [entry["response"].get("location", "") for entry in answer.json()["entry"]]
    return next(location.rpartition("/")[2] for location in locations if "/api/events/" in location)
