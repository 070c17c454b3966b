"""The demo's run: children up, samples in, results out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from adapter.demo.children import child
from adapter.demo.manifest import Step
from adapter.demo.observe import Observer
from adapter.demo.verdict import Result
from adapter.submission.answer import event_ids, remarks
from adapter.submission.client import Client
from adapter.submission.sources import Submission

CONFIGURATION = """\
[http]
host = "127.0.0.1"
port = 0
[ledger]
url = "sqlite:///{ledger}"
[delivery]
schedule = ["0s", "200ms", "500ms", "1s", "2s"]
[registers.gvr]
enabled = true
url = "{simulator}/gvr"
timeout = "1s"
lookup = "/vardhandelse/besok"
default_besokstyp = "1"
default_taxa = "01"
"""


class Stage(msgspec.Struct, frozen=True):
    """The running demo: where the adapter and the simulator are."""

    adapter: str
    simulator: str
    folder: Path


@contextmanager
def stage() -> Iterator[Stage]:
    """A simulator and an adapter on free loopback ports with a ledger of their own, gone on leaving."""
    with tempfile.TemporaryDirectory(prefix="vardbro-demo-") as name:
        folder = Path(name)
        with child("simulate", ["simulate", "--port", "0"], folder) as simulator:
            settings = folder / "demo.toml"
            ledger = (folder / "demo.db").as_posix()
            settings.write_text(CONFIGURATION.format(simulator=simulator, ledger=ledger), "utf-8")
            with child("serve", ["serve", "--config", str(settings)], folder) as adapter:
                yield Stage(adapter, simulator, folder)


def play(there: Stage, samples: Path, steps: list[Step], others: list[Path]) -> Iterator[Result]:
    """Submit the steps in order, then the `others` of which nothing is promised; a result for each.

    Each step is waited for, so that a fault meets the message that it is meant for.
    """
    observer = Observer(there.adapter, there.simulator)
    seen: set[str] = set()
    try:
        with Client(there.adapter) as client:
            for step in steps:
                if step.fault is not None:
                    observer.set_fault(step.fault)
                yield _submit(client, observer, samples / step.file, step, again=step.file in seen)
                seen.add(step.file)
                if step.fault is not None:
                    observer.clear_faults()
            for path in others:
                yield _submit(client, observer, path, None, again=False)
    finally:
        observer.close()


def _submit(client: Client, observer: Observer, path: Path, step: Step | None, *, again: bool) -> Result:
    reply = client.send(Submission(path.name, path.read_bytes()))
    observer.settle()
    messages = observer.new_messages()
    events = dict.fromkeys([*(message.event for message in messages), *event_ids(reply.body)])
    return Result(
        name=path.name,
        step=step,
        reply=reply,
        remarks=remarks(reply.body),
        messages=messages,
        states=[state for event in events for state in observer.lane_states(event)],
        again=again,
    )
