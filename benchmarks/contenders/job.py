"""The job that all contenders do, and the process that one contender does it in.

    python -m benchmarks.contenders.job CONTENDER JOB-AS-JSON

`senders` tasks hand over messages at once, each those of its own keys, one after the other: the next
message of a key is handed over when the one before it has been accepted. A message is accepted by one call,
which returns when it is on disk. Meanwhile the contender delivers, at most `concurrency` requests at a
time, and never two of one key. Lines of JSON on standard output tell the times; lines on standard input say
when to go on.
"""

import asyncio
import gc
import importlib
import resource
import sys
import time
from typing import Any, Protocol

import msgspec
import orjson
import uvloop

from adapter.registers.protocol import RegisterSettings, Request
from adapter.registers.rest import RestTransport

CONTENDERS = {
    "vardbro": "benchmarks.contenders.with_vardbro",
    "dbos": "benchmarks.contenders.with_dbos",
    "dbos-bare": "benchmarks.contenders.with_dbos_bare",
    "procrastinate": "benchmarks.contenders.with_procrastinate",
}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`store` is a path of a file that does not exist yet, or the URL of an empty PostgreSQL database.

    Message n has key n % keys and sequence n // keys. With `backlog` delivery begins when all are accepted.
    """

    store: str
    register: str
    messages: int = 3000
    keys: int = 500
    senders: int = 32
    concurrency: int = 8
    backlog: bool = False


class Contender(Protocol):
    """Somebody who does the job."""

    settings: dict[str, Any]
    """What was set otherwise than it comes, to be printed."""

    async def open(self) -> None:
        """Make the tables and connect."""
        ...

    async def deliver(self) -> None:
        """Begin to deliver."""
        ...

    async def accept(self, key: str, sequence: int, body: bytes) -> None:
        """Return when the message is on disk."""
        ...

    async def unfinished(self) -> int:
        """How many messages the store does not know to be delivered."""
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...


def body(key: str, sequence: int) -> bytes:
    """A vårdkontakt of ordinary size (about 600 bytes)."""
    return orjson.dumps(
        {
            "handelseId": f"{key}/{sequence}",
            "patientId": "191212121212",
            "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
            "datum": "2025-03-03",
            "tid": "10:15",
            "slutdatum": "2025-03-03",
            "besokTyp": "1",
            "taxa": "01",
            "akut": "N",
            "vardgivare": ["01", "70"],
            "diagnoser": [{"kod": f"J18{n}", "ordning": n + 1} for n in range(6)],
            "atgarder": [
                {"kod": "XS012", "datum": "2025-03-03", "ordning": n + 1, "diagnos": 1} for n in range(4)
            ],
        }
    )


class Post:
    """The same HTTP client for every contender: the service's own, at most `concurrency` requests at once."""

    def __init__(self, job: Job) -> None:
        settings = RegisterSettings(url=job.register, concurrency=job.concurrency)
        self._transport = RestTransport(settings)
        self._free = asyncio.Semaphore(job.concurrency)

    async def __call__(self, content: str) -> int:
        """Post a body (JSON) and return the status. Raises OSError when no answer came."""
        path = "/besok/" + orjson.loads(content)["handelseId"]
        async with self._free:
            answer = await self._transport.send(Request(method="POST", path=path, body=content.encode()))
        if answer.status != 201:
            raise OSError(answer.failure or answer.status)
        return answer.status


async def hand_over(job: Job, contender: Contender, sender: int) -> None:
    """The work of one sender."""
    rounds = -(-job.messages // job.keys)
    for sequence in range(rounds):
        for key in range(sender, job.keys, job.senders):
            if sequence * job.keys + key < job.messages:
                await contender.accept(str(key), sequence, body(str(key), sequence))


async def run(job: Job, contender: Contender) -> None:
    """Do the job; see the module."""
    await contender.open()
    if not job.backlog:
        await contender.deliver()
    gc.collect()
    gc.freeze()
    _say({"settings": contender.settings})
    await told()
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    began = time.monotonic()
    await asyncio.gather(*(hand_over(job, contender, sender) for sender in range(job.senders)))
    accepted = time.monotonic()
    if job.backlog:
        await contender.deliver()
    _say({"began": began, "accepted": accepted})
    await told()
    while await contender.unfinished():
        await asyncio.sleep(0.02)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _say({"settled": time.monotonic(), "cpu": used.ru_utime + used.ru_stime - spent})
    await contender.close()


def _say(facts: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(facts).decode() + "\n")
    sys.stdout.flush()


async def told() -> None:
    """Wait for a line of standard input."""
    if not await asyncio.to_thread(sys.stdin.readline):
        raise SystemExit("left alone")


def main(name: str, encoded: str) -> None:
    """Run one contender in this process."""
    job = msgspec.json.decode(encoded, type=Job)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        contender: Contender = importlib.import_module(CONTENDERS[name]).Contestant(job)
        runner.run(run(job, contender))


if __name__ == "__main__":
    main(*sys.argv[1:])
