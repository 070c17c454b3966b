"""A certificate in words, and the page that is made from those that are kept."""

from pathlib import Path

import msgspec

from adapter.verification.certificate import PROMISES, Certificate, Figures, Machine, certify, to_json
from adapter.verification.records import Break, Verdict
from adapter.verification.report import conclusion, page, rows, story
from adapter.verification.stretch import Recovery, Result

DOCS = Path(__file__).parents[2] / "docs" / "reference"
MACHINE = Machine(
    cores=2,
    system="Linux",
    python="cpython 3.11",
    file_system="ext4",
    fsync_ms=0.5,
    store="sqlite",
    durability="synchronous=FULL",
)


def made(*breaks: Break) -> Certificate:
    """The certificate of two stretches."""
    first = Verdict(
        contacts=2,
        accepted=5,
        effects=4,
        fates={"delivered": 4, "parked": 1},
        parked={"gvr:X": 1},
        breaks=breaks,
    )
    second = Verdict(contacts=1, accepted=2, effects=1, fates={"delivered": 1, "unknown": 1}, unknown=1)
    figures = Figures(
        runs=9,
        ledgers=2,
        seconds=12.34,
        recoveries=(
            Recovery(acknowledged=1.0, delivered=1.0),
            Recovery(acknowledged=2.0, delivered=2.0),
            Recovery(acknowledged=4.0),
        ),
        results=(
            Result(verdict=first, faults={"503": 2}, resends=3),
            Result(verdict=second, faults={"503": 1, "late": 1}, resends=1),
        ),
    )
    return certify(figures, scenario="kill", seed=1, senders=4, contacts=80, machine=MACHINE)


def test_stretches_are_summed_up() -> None:
    certificate = made()
    assert (certificate.runs, certificate.contacts, certificate.accepted, certificate.effects) == (9, 3, 7, 5)
    assert (certificate.delivered, certificate.parked, certificate.unknown, certificate.lost) == (5, 1, 1, 0)
    assert certificate.faults == {"503": 3, "late": 1}
    assert certificate.resends == 4
    times = certificate.until_acknowledged
    assert (times.count, times.median, times.longest) == (3, 2.0, 4.0)
    assert certificate.until_delivered.count == 2


def test_every_promise_is_named_and_a_broken_one_decides() -> None:
    assert set(made().promises) == set(PROMISES)
    assert made().held_all
    assert conclusion(made()) == "Every promise held."
    broken = made(Break("duplicated", "a second create took effect", "e1", ("effect 1",)))
    assert not broken.held_all
    assert (broken.duplicated, broken.promises["duplicated"]) == (1, False)
    assert PROMISES["duplicated"] in conclusion(broken)
    assert story(broken.breaks[0]) == ["duplicated: a second create took effect (event e1)", "    effect 1"]


def test_a_certificate_survives_being_kept() -> None:
    document = to_json(made())
    assert document["held_all"] is True
    assert msgspec.convert(document, Certificate) == made_at(document["made_at"])


def made_at(moment: str) -> Certificate:
    return msgspec.structs.replace(made(), made_at=moment)


def test_the_rows_say_all_that_counts() -> None:
    said = dict(rows(made()))
    assert said["**lost**"] == said["**reordered**"] == said["**duplicated without a flag**"] == "0"
    assert said["parked with cause"] == "1 (contacts: gvr:X 1)"
    assert said["until contacts are delivered again"].startswith("median 1.50 s, longest 2.00 s")


def test_the_page_of_results_is_made_from_the_kept_certificates() -> None:
    kept = sorted((DOCS / "certificates").glob("*.json"))
    certificates = [msgspec.json.decode(file.read_bytes(), type=Certificate) for file in kept]
    committed = (DOCS / "verify-results.md").read_text("utf-8")
    assert committed == page(certificates), "run `python -m adapter.verification.report`"
    assert all(certificate.held_all for certificate in certificates)
