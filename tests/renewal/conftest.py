"""A bureau: an office whose rules, maps and tables lie in an overlay that tests write into."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapter.config.model import Config, Mappings
from adapter.edits import Edits
from adapter.intake import Intake
from adapter.ledger.editing import Editing
from adapter.ledger.sql.recorded import Chosen
from adapter.offline import build_translator, contexts_by_name
from adapter.overlay import mapping_folders
from adapter.recording import Recorder
from adapter.renewal import Corrections, Rules, Trials
from adapter.replay import Remaker
from adapter.translation import Translator
from tests.replay.conftest import UNIT, Office
from tests.support.stores import Store, store

Json = dict[str, Any]

RULE = """\
pack: region-gvr
edition: region-1
extends: [gvr-vardkontakt-2025]
rules:
  - id: REGION-AKUT
    severity: error
    hold: {hold}
    source: {{document: REGION-ANVISNING, section: "Jour"}}
    when: 'has(event.enhet.vardenhet) && event.enhet.vardenhet == "{unit}"'
    require: 'event.kontakt.akut'
    at: [kontakt.akut]
    text: {{sv: "Kontakten är inte akut.", en: "The contact is not acute."}}
    todo: {{sv: "Sätt prioritet.", en: "Set the priority."}}
"""
"""A user's own rule, which breaks for every contact of a unit that is not acute."""

KNOWN_UNIT = "SE2321000016-1HZ3"
"""A unit that the shipped table knows."""


class Bureau(Office):
    """One node with everything that renews its rules. `work` is what a service starts."""

    def __init__(self, folder: Path, place: Store) -> None:
        self.overlay = folder / "overlay"
        (self.overlay / "tables").mkdir(parents=True)
        (self.overlay / "rules").mkdir()
        self.config = Config(mappings=Mappings(overlay=self.overlay))
        super().__init__(folder, place)

    def _set_up(self) -> None:
        receivers = {"gvr": self.receiver}
        translator, senders = build_translator(self.config, receivers)
        contexts = contexts_by_name(self.config, senders)
        self.translator = translator
        self.intake = Intake(translator, self.ledger, senders.context, clock=self.clock)
        recorder = Recorder(("gvr",), frozenset(), translator.names_contact)
        self.remaker = Remaker(translator, recorder, contexts)
        self.edits = Edits(translator, Editing(self.ledger), contexts, clock=self.clock)
        self.desk = self.new_desk()
        self.rules = Rules(
            self.ledger, translator, senders, lambda: build_translator(self.config, receivers), self.desk
        )

        def recorder_of(tried: Translator) -> Recorder:
            return Recorder(("gvr",), frozenset(), tried.names_contact)

        self.trials = Trials(
            self.ledger,
            lambda more: build_translator(self.config, receivers, mapping_folders(self.config, *more)),
            lambda tried: contexts_by_name(self.config, tried),
            recorder_of,
        )
        self.corrections = Corrections(self.ledger, translator, recorder, contexts, clock=self.clock)

    async def close(self) -> None:
        await self.rules.stop()
        await super().close()

    def write(self, name: str, text: str) -> None:
        """Write a file of the overlay."""
        (self.overlay / name).write_text(text, "utf-8")

    def know_unit(self, unit: str = UNIT) -> None:
        """Let the overlay's table know a unit."""
        self.write("tables/kombika@later.csv", f"kombika;hsaId;from;to\n30220315001;{unit};2015-01-01;\n")

    def own_rule(self, *, unit: str = KNOWN_UNIT, hold: bool = True) -> str:
        """The text of the user's own rule."""
        return RULE.format(unit=unit, hold="true" if hold else "false")

    async def tried(self, files: dict[str, str], **chosen: Any) -> list[Json]:
        """The changes that a trial finds, in pages of two."""
        trial = await self.trials.begin(files)
        found: list[Json] = []
        after: str | None = ""
        while after is not None:
            page = json.loads(json.dumps(await self.trials.compare(trial, Chosen(**chosen), None, after, 2)))
            found += page["changes"]
            after = page["next"]
        return found


@pytest.fixture(params=["sqlite", "postgres"])
async def bureau(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bureau]:
    """A bureau on each store there is."""
    made = Bureau(tmp_path, store(request.param, tmp_path))
    yield made
    await made.close()


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Bureau]:
    """A bureau on SQLite, where the store does not matter."""
    made = Bureau(tmp_path, store("sqlite", tmp_path))
    yield made
    await made.close()
