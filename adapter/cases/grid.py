"""The grid: what each receiver is told of each contact type, by channel, in each edition.

Every cell is the outcome of a bundle that goes the whole way; nothing here says what should come out.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import orjson

from adapter.cases.bundle import build_bundle
from adapter.cases.form import Contact
from adapter.cases.run import Translators
from adapter.translation import Translation

DATES = {"2024": "2024-12-31", "2025": "2025-01-01"}
"""The editions, by a day of care at their boundary."""

CHANNELS: dict[str, dict[str, Any]] = {
    "physical": {"class": "AMB"},
    "video": {"class": "VR", "kva": ["UX007"]},
    "phone": {"class": "VR", "kva": ["XS012"]},
    "text": {"class": "VR", "kva": ["XS003"]},
    "not shown": {"class": "VR"},
}
"""How the bundle shows the channel."""

_DIAGNOSED: dict[str, Any] = {"diagnoses": ["J18.9"]}
_TYPES: dict[str, dict[str, Any]] = {
    "mottagningsbesok": _DIAGNOSED,
    "hembesok": {**_DIAGNOSED, "extensions": {"boendeform": "ordinart-boende"}},
    "gruppbesok": {
        "patient": ["191212121212", "195009072553"],
        "diagnoses": [{"code": "J18.9", "patient": 1}, {"code": "J18.9", "patient": 2}],
    },
    "teambesok": {**_DIAGNOSED, "staff": ["lakare", "sjukskoterska"]},
    "triage": {"staff": ["sjukskoterska"]},
    "video-ersatter-besok": _DIAGNOSED,
    "video-ersatter-ej-besok": {},
    "telefon-ersatter-besok": _DIAGNOSED,
    "telefonsamtal": {},
    "text-ersatter-besok": _DIAGNOSED,
    "text-ersatter-ej-besok": {},
    "kontakt-om-patient": {},
    "kommentar": {},
}
_ALONE = ("kontakt-om-patient", "kommentar")
_OTHERS: dict[str, dict[str, Any]] = {
    "koordineringsinsats": {"kva": ["GC001"], **_DIAGNOSED},
    "vardtillfalle": {"class": "IMP", **_DIAGNOSED},
    "mottagningsbesok, medical service alone": {"staff": ["biomedicinsk-analytiker"]},
}


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is told: the services that get a message, the names of the contact in it, the rules
    by which it is not told, the errors that stop it."""

    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    not_reported: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One type by one channel, in one edition. `cells` are by receiver."""

    typ: str
    channel: str
    edition: str
    cells: dict[str, Cell]


def grid(translators: Translators) -> Iterator[Row]:
    """Every row: all types as the sender's own statement, by all channels, and what has no type."""
    for edition, date in DATES.items():
        for typ, usual in _TYPES.items():
            for channel, shown in CHANNELS.items():
                if typ in _ALONE and channel != "not shown":
                    continue
                given = {**shown, "type": [typ], **usual}
                if typ == "hembesok" and channel == "physical":
                    given["class"] = "HH"
                yield _row(translators, typ, "-" if typ in _ALONE else channel, edition, date, given)
        for typ, given in _OTHERS.items():
            yield _row(translators, typ, "-", edition, date, given)


def _row(
    translators: Translators, typ: str, channel: str, edition: str, date: str, given: dict[str, Any]
) -> Row:
    translator = translators.for_settings({})
    bundle = build_bundle([msgspec.convert(given, Contact)], date)
    translation = translator.translate(translator.read(orjson.dumps(bundle)))
    cells = {register: _cell(translation, register) for register in translator.receivers}
    return Row(typ=typ, channel=channel, edition=edition, cells=cells)


def _cell(translation: Translation, register: str) -> Cell:
    verdicts = [
        verdict
        for contact in translation.contacts
        for verdict in contact.verdicts
        if verdict.register == register
    ]
    messages = [message for verdict in verdicts for message in verdict.messages]
    names = (message.body.get("vardkontakt") or message.body.get("kontaktform") for message in messages)
    errors = (
        finding.rule for verdict in verdicts for finding in verdict.findings if finding.severity == "error"
    )
    told = [rule for verdict in verdicts for rule in verdict.not_reported]
    return Cell(
        services=_once(message.service for message in messages),
        names=_once(str(name) for name in names if name),
        not_reported=_once(told) if not messages else (),
        errors=_once(errors),
    )


def _once(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
